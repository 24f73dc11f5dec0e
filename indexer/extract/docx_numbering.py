"""The labels that Word writes before numbered paragraphs: `Điều 5.`, `1.`, `a)`; they are not in the document's text.

Source: ISO/IEC 29500-1, 17.9 (numbering).
"""

import re
from dataclasses import dataclass

from lxml import etree

from indexer.extract.docx_fonts import W, named_font, value_of
from indexer.extract.numerals import write_number

_LEVELS = 9
_PLACE = re.compile(r"%([1-9])")


@dataclass(frozen=True, slots=True)
class Label:
    """What stands before a paragraph, and the font that the list sets it in ("" for the paragraph's own)."""

    text: str
    font: str


@dataclass(frozen=True, slots=True)
class _Level:
    """One level of a list: how its number is written and from where it counts."""

    style: str
    pattern: str
    start: int
    font: str


class Numbering:
    """Counts the numbered paragraphs of one document; ask for each paragraph once, in order."""

    def __init__(self, numbering: etree._Element | None, styles: etree._Element | None) -> None:
        self._levels: dict[tuple[str, int], _Level] = {}  # by list definition and level
        self._definitions: dict[str, str] = {}  # list → its definition
        self._restarts: dict[tuple[str, int], int] = {}  # by list and level; taken out once used
        self._styles: dict[str, tuple[str, int]] = {}  # paragraph style → list and level
        self._counts: dict[str, list[int | None]] = {}  # by definition
        if numbering is not None:
            self._read(numbering)
        for style in () if styles is None else styles.iter(W + "style"):
            if (reference := _reference(style.find(W + "pPr"))) is not None:
                self._styles[style.get(W + "styleId", "")] = reference

    def label(self, paragraph: etree._Element) -> Label | None:
        """Return what Word writes before `paragraph` (w:p); None where it writes nothing, or a bullet."""
        properties = paragraph.find(W + "pPr")
        reference = _reference(properties) or self._styles.get(value_of(properties, "pStyle"))
        if reference is None:
            return None
        number, place = reference
        definition = self._definitions.get(number, "")
        level = self._levels.get((definition, place))
        if level is None:
            return None
        counts = self._count(number, definition, place)
        if level.style in ("bullet", "none"):
            return None
        text = _PLACE.sub(lambda match: self._written(definition, int(match[1]) - 1, counts), level.pattern).strip()
        return Label(text, level.font) if text else None

    def _read(self, numbering: etree._Element) -> None:
        for abstract in numbering.iter(W + "abstractNum"):
            for element in abstract.iter(W + "lvl"):
                level = _Level(
                    value_of(element, "numFmt") or "decimal",
                    value_of(element, "lvlText"),
                    _number(value_of(element, "start"), 1),
                    named_font(element.find(W + "rPr")),
                )
                self._levels[abstract.get(W + "abstractNumId", ""), _number(element.get(W + "ilvl", ""), 0)] = level
        for num in numbering.iter(W + "num"):
            name = num.get(W + "numId", "")
            self._definitions[name] = value_of(num, "abstractNumId")
            for override in num.iter(W + "lvlOverride"):
                if start := value_of(override, "startOverride"):
                    self._restarts[name, _number(override.get(W + "ilvl", ""), 0)] = _number(start, 1)

    def _count(self, number: str, definition: str, place: int) -> list[int | None]:
        counts = self._counts.setdefault(definition, [None] * _LEVELS)
        restart = self._restarts.pop((number, place), None)
        last = counts[place]
        counts[place] = restart if restart is not None else self._levels[definition, place].start if last is None else last + 1
        counts[place + 1 :] = [None] * (_LEVELS - place - 1)
        return counts

    def _written(self, definition: str, place: int, counts: list[int | None]) -> str:
        level = self._levels.get((definition, place))
        if level is None:
            return ""
        count = counts[place]
        return write_number(level.start if count is None else count, level.style)


def _reference(properties: etree._Element | None) -> tuple[str, int] | None:
    element = None if properties is None else properties.find(W + "numPr")
    if element is None or not (number := value_of(element, "numId")):
        return None
    return number, min(_number(value_of(element, "ilvl"), 0), _LEVELS - 1)


def _number(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else default
