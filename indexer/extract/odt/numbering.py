"""The numbers that OpenDocument lists and headings are shown with; they are not in the document's text.

Source: OASIS OpenDocument 1.3, part 3, 5.3 (lists), 5.1.2 (headings) and 16.30-16.34 (list styles).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from indexer.extract.numerals import write_number
from indexer.extract.odt.styles import STYLE, TEXT

_LEVELS = 10
_FORMATS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_PLACE = re.compile(r"%(10|[1-9])%")  # loext:num-list-format="Điều %1%."
_PATTERN = "{urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0}num-list-format"
_ID = "{http://www.w3.org/XML/1998/namespace}id"
_OUTLINE = ""  # the list style of numbered headings that are in no list


@dataclass(frozen=True, slots=True)
class Label:
    """What stands before a paragraph, and the style of its text ("" for the paragraph's own)."""

    text: str
    style: str


@dataclass(frozen=True, slots=True)
class _Level:
    """One level of a list style."""

    number_format: str  # "" shows no number
    pattern: str  # with %1% for the number of the first level
    start: int
    style: str


_Counts = dict[str, list[int | None]]  # how far the numbers of one list have come, by list style and level


class Numbering:
    """Counts the numbered paragraphs of one document: tell it of each list, item and paragraph, in order."""

    def __init__(self, roots: Iterable[etree._Element]) -> None:
        self._levels: dict[tuple[str, int], _Level] = {}
        self._lists: list[tuple[str, _Counts]] = []  # the open ones, outermost first
        self._last: dict[str, _Counts] = {}  # by list style
        self._named: dict[str, _Counts] = {}  # by identifier
        self._headings: _Counts = {}
        self._waits = False  # the open item has no label yet
        self._restart: int | None = None
        for root in roots:
            for style in root.iter(TEXT + "list-style"):
                self._read(style, style.get(STYLE + "name", ""))
            for style in root.iter(TEXT + "outline-style"):
                self._read(style, _OUTLINE)
                self._read(style, style.get(STYLE + "name", ""))

    def open_list(self, element: etree._Element) -> None:
        """Enter a text:list."""
        style = element.get(TEXT + "style-name") or (self._lists[-1][0] if self._lists else "")
        if self._lists:
            counts = self._lists[-1][1]
        else:
            continued = self._last.get(style) if element.get(TEXT + "continue-numbering") == "true" else None
            continued = self._named.get(element.get(TEXT + "continue-list", ""), continued)
            counts = {} if continued is None else continued
            self._last[style] = counts
            if name := element.get(_ID):
                self._named[name] = counts
        self._lists.append((style, counts))

    def close_list(self) -> None:
        """Leave the last list."""
        self._lists.pop()
        self._waits = False

    def open_item(self, element: etree._Element) -> None:
        """Enter a text:list-item; the first paragraph in it bears its number."""
        self._waits = True
        start = _number(element.get(TEXT + "start-value"), -1)
        self._restart = start if start >= 0 else None

    def label(self, paragraph: etree._Element, list_style: str) -> Label | None:
        """Return what is shown before `paragraph`, whose own style names `list_style`; None for nothing, or a bullet."""
        if self._lists:
            if not self._waits:
                return None
            self._waits = False
            style, counts = self._lists[-1]
            return self._count(counts, style or list_style, len(self._lists) - 1)
        if paragraph.tag == TEXT + "h" and paragraph.get(TEXT + "is-list-header") != "true":
            start = _number(paragraph.get(TEXT + "start-value"), -1)
            self._restart = start if start >= 0 else None
            return self._count(self._headings, _OUTLINE, _number(paragraph.get(TEXT + "outline-level"), 1) - 1)
        return None

    def _read(self, style: etree._Element, name: str) -> None:
        for element in style.iterchildren(TEXT + "list-level-style-number", TEXT + "outline-level-style"):
            place = _number(element.get(TEXT + "level"), 1) - 1
            first = max(place - _number(element.get(TEXT + "display-levels"), 1) + 1, 0)
            pattern = element.get(_PATTERN)
            if pattern is None:
                numbers = ".".join(f"%{level + 1}%" for level in range(first, place + 1))
                pattern = f"{element.get(STYLE + 'num-prefix', '')}{numbers}{element.get(STYLE + 'num-suffix', '')}"
            self._levels[name, place] = _Level(
                element.get(STYLE + "num-format", ""),
                pattern,
                _number(element.get(TEXT + "start-value"), 1),
                element.get(TEXT + "style-name", ""),
            )

    def _count(self, counts: _Counts, style: str, place: int) -> Label | None:
        place = min(max(place, 0), _LEVELS - 1)
        level = self._levels.get((style, place))
        if level is None or not level.number_format:
            return None
        numbers = counts.setdefault(style, [None] * _LEVELS)
        last, restart = numbers[place], self._restart
        self._restart = None
        numbers[place] = restart if restart is not None else level.start if last is None else last + 1
        numbers[place + 1 :] = [None] * (_LEVELS - place - 1)
        text = _PLACE.sub(lambda match: self._written(style, int(match[1]) - 1, numbers), level.pattern)
        return Label(text.strip(), level.style)

    def _written(self, style: str, place: int, numbers: list[int | None]) -> str:
        level = self._levels.get((style, place))
        if level is None or not level.number_format:
            return ""
        number = numbers[place]
        return write_number(level.start if number is None else number, _FORMATS.get(level.number_format, "decimal"))


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else default
