"""The labels that a word processor writes before numbered paragraphs: `Điều 5.`, `1.`, `a)`; they are not in the text.

Each format's reader tells what lists there are; how they count is the same in all. Styles of numbers have the names of
ISO/IEC 29500-1, 17.18.59; patterns hold %1 to %9 for the numbers of the levels.
"""

import re
from dataclasses import dataclass, field

from indexer.extract.numerals import write_number

LEVELS = 9
_PLACE = re.compile(r"%([1-9])")


@dataclass(frozen=True, slots=True)
class Label:
    """What stands before a paragraph, and the font that the list sets it in ("" for the paragraph's own)."""

    text: str
    font: str


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: how its number is written and from where it counts."""

    style: str
    pattern: str
    start: int
    font: str
    restarts_below: int = LEVELS  # a level above this one, and of a lower place than that, makes it count from anew
    legal: bool = False  # the numbers of all levels are written as decimals: 1.1 below Chương I


@dataclass(slots=True)
class Lists:
    """The lists of one document: definitions by name, and lists that count along one of them."""

    levels: dict[tuple[str, int], Level] = field(default_factory=dict)  # by definition and level
    definitions: dict[str, str] = field(default_factory=dict)  # list → its definition
    overrides: dict[tuple[str, int], Level] = field(default_factory=dict)  # by list and level: what replaces the definition's
    restarts: dict[tuple[str, int], int] = field(default_factory=dict)  # by list and level: where it counts from anew


class Counter:
    """Counts the numbered paragraphs of one document; ask for each paragraph once, in order."""

    def __init__(self, lists: Lists) -> None:
        self._lists = lists
        self._restarts = dict(lists.restarts)  # taken out once used
        self._counts: dict[str, list[int | None]] = {}  # by definition

    def label(self, number: str, place: int) -> Label | None:
        """Return what stands before the next paragraph of list `number` at level `place`; None for nothing, or a bullet."""
        level = self._level(number, place)
        if level is None:
            return None
        counts = self._count(number, place, level.start)
        if level.style == "bullet":
            return None
        text = _PLACE.sub(lambda match: self._written(number, int(match[1]) - 1, counts, level.legal), level.pattern).strip()
        return Label(text, level.font) if text else None

    def _level(self, number: str, place: int) -> Level | None:
        definition = self._lists.definitions.get(number, "")
        return self._lists.overrides.get((number, place)) or self._lists.levels.get((definition, place))

    def _count(self, number: str, place: int, start: int) -> list[int | None]:
        counts = self._counts.setdefault(self._lists.definitions[number], [None] * LEVELS)
        restart = self._restarts.pop((number, place), None)
        last = counts[place]
        counts[place] = restart if restart is not None else start if last is None else last + 1
        for lower in range(place + 1, LEVELS):
            level = self._level(number, lower)
            if level is None or place < level.restarts_below:  # else Điều goes on counting in the next Chương
                counts[lower] = None
        return counts

    def _written(self, number: str, place: int, counts: list[int | None], legal: bool) -> str:
        level = self._level(number, place)
        if level is None or level.style == "none":
            return ""
        count = counts[place]
        return write_number(level.start if count is None else count, "decimal" if legal else level.style)
