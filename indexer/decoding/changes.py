"""What was changed on the way to the canonical text, counted by kind with one example each."""

import re
from collections.abc import Callable

from indexer.model import Step

_EXAMPLE_LENGTH = 24


class Changes:
    """A tally of changes in the order in which each kind was first made."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._examples: dict[str, str] = {}

    def note(self, name: str, count: int, before: str, after: str) -> None:
        """Add `count` changes of kind `name`; the first one seen is the example."""
        if count:
            self._counts[name] = self._counts.get(name, 0) + count
            self._examples.setdefault(name, f"{_shown(before)} → {_shown(after)}")

    def substitute(self, name: str, pattern: re.Pattern[str], replacement: str | Callable[[str], str], text: str) -> str:
        """Return `text` with each match of `pattern` replaced, noting those that change; a string differs from each."""
        first = pattern.search(text)
        if first is None:
            return text
        if isinstance(replacement, str):  # without a call for each
            replaced_text, count = pattern.subn(replacement, text)
            self.note(name, count, first[0], replacement)
            return replaced_text

        def replaced(match: re.Match[str]) -> str:
            after = replacement(match[0])
            if after != match[0]:
                self.note(name, 1, match[0], after)
            return after

        return pattern.sub(replaced, text)

    def steps(self) -> tuple[Step, ...]:
        """Return the tally."""
        return tuple(Step(name, count, self._examples[name]) for name, count in self._counts.items())


def _shown(text: str) -> str:
    """Make invisible characters visible, and keep an example short."""
    shown = "".join(letter if letter.isprintable() else f"U+{ord(letter):04X}" for letter in text[:_EXAMPLE_LENGTH])
    return shown or "∅"
