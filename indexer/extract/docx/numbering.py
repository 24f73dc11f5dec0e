"""Which lists a DOCX defines, and to which of them a paragraph belongs.

Source: ISO/IEC 29500-1, 17.9 (numbering).
"""

from lxml import etree

from indexer.extract.docx.fonts import W, named_font, value_of
from indexer.extract.numbering import LEVELS, Counter, Label, Level, Lists


class Numbering:
    """Labels of one document's paragraphs; ask for each once, in order."""

    def __init__(self, numbering: etree._Element | None, styles: etree._Element | None) -> None:
        self._counter = Counter(Lists() if numbering is None else _read(numbering))
        self._styles: dict[str, tuple[str, int]] = {}  # paragraph style → list and level
        for style in () if styles is None else styles.iter(W + "style"):
            if (reference := _reference(style.find(W + "pPr"))) is not None:
                self._styles[style.get(W + "styleId", "")] = reference

    def label(self, paragraph: etree._Element) -> Label | None:
        """Return what Word writes before `paragraph` (w:p); None where it writes nothing, or a bullet."""
        properties = paragraph.find(W + "pPr")
        reference = _reference(properties) or self._styles.get(value_of(properties, "pStyle"))
        return None if reference is None else self._counter.label(*reference)


def _read(numbering: etree._Element) -> Lists:
    lists = Lists()
    for abstract in numbering.iter(W + "abstractNum"):
        for element in abstract.iter(W + "lvl"):
            place = _number(element.get(W + "ilvl", ""), 0)
            lists.levels[abstract.get(W + "abstractNumId", ""), place] = _level(element)
    for num in numbering.iter(W + "num"):
        name = num.get(W + "numId", "")
        lists.definitions[name] = value_of(num, "abstractNumId")
        for override in num.iter(W + "lvlOverride"):
            at = name, _number(override.get(W + "ilvl", ""), 0)
            if (instead := override.find(W + "lvl")) is not None:
                lists.overrides[at] = _level(instead)
            if start := value_of(override, "startOverride"):
                lists.restarts[at] = _number(start, 1)
    return lists


def _level(element: etree._Element) -> Level:
    return Level(
        value_of(element, "numFmt") or "decimal",
        value_of(element, "lvlText"),
        _number(value_of(element, "start"), 1),
        named_font(element.find(W + "rPr")),
        _number(value_of(element, "lvlRestart"), LEVELS),
        element.find(W + "isLgl") is not None and value_of(element, "isLgl") not in ("0", "false", "off"),
    )


def _reference(properties: etree._Element | None) -> tuple[str, int] | None:
    element = None if properties is None else properties.find(W + "numPr")
    if element is None or not (number := value_of(element, "numId")):
        return None
    return number, min(_number(value_of(element, "ilvl"), 0), LEVELS - 1)


def _number(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else default
