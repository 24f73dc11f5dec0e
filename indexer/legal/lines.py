"""Lines of the canonical text with their places."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its LF and without spaces at either end; `start` and `end` are offsets of `text` in the canonical text."""

    text: str
    start: int
    end: int


def lines_of(text: str) -> Iterator[Line]:
    """Yield the lines of `text` (LF-ended) that hold something."""
    offset = 0
    for raw in text.split("\n"):
        stripped = raw.strip()
        if stripped:
            start = offset + len(raw) - len(raw.lstrip())
            yield Line(stripped, start, start + len(stripped))
        offset += len(raw) + 1
