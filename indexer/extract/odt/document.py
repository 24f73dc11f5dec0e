"""OpenDocument text and spreadsheets: headers, body, notes and footers in reading order, with the font of each run.

Source: OASIS OpenDocument 1.3, part 3 (schema).
"""

import re
import zipfile
from typing import BinaryIO, NamedTuple

from lxml import etree

from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract.odt.numbering import Numbering
from indexer.extract.odt.styles import STYLE, TEXT, StyleTable
from indexer.extract.runs import RunCollector
from indexer.extract.zipped_xml import ZippedXml, damage_told
from indexer.model import RawPage, RawText

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_DESCRIPTIONS = tuple(f"{{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}}{name}" for name in ("title", "desc"))
_KINDS = {_OFFICE + "text": "odt", _OFFICE + "spreadsheet": "ods"}
_SKIPPED = frozenset(
    (
        _OFFICE + "forms",
        _OFFICE + "scripts",
        TEXT + "tracked-changes",
        TEXT + "note-citation",
        TEXT + "number",
        TEXT + "ruby-text",
        TEXT + "sequence-decls",
        TEXT + "variable-decls",
        TEXT + "user-field-decls",
        TEXT + "table-of-content-source",
        TEXT + "illustration-index-source",
        TEXT + "table-index-source",
        TEXT + "object-index-source",
        TEXT + "user-index-source",
        TEXT + "alphabetical-index-source",
        TEXT + "bibliography-source",
    )
)
_PARAGRAPHS = frozenset((TEXT + "p", TEXT + "h"))
_CELLS = frozenset((_TABLE + "table-cell", _TABLE + "covered-table-cell"))
_FAMILIES = {
    TEXT + "p": "paragraph",
    TEXT + "h": "paragraph",
    TEXT + "span": "text",
    _TABLE + "table": "table",
    _TABLE + "table-cell": "table-cell",
}
_SPACES = re.compile(r"[ \t\r\n]+")
_MOST = 100  # spaces in a row; a hostile count ends here


def read_odt(file: BinaryIO, limits: Limits) -> RawText:
    """Read the document as one page. Raises UnreadableFile (empty, encrypted, damaged, unsupported, too_large)."""
    collector, beside = RunCollector(), RunCollector()
    with damage_told("OpenDocument"):
        kind = _read_parts(ZippedXml(zipfile.ZipFile(file), limits, "OpenDocument"), collector, beside)
    runs = collector.runs()
    if not any(run.text.strip() for run in runs):
        raise UnreadableFile("extract", "empty", "Tệp OpenDocument không có chữ nào.")
    return RawText(kind, (RawPage(runs),), beside.runs())


def _read_parts(package: ZippedXml, collector: RunCollector, beside: RunCollector) -> str:
    """Collect the document's text and what stands beside it; return its format."""
    if b":encryption-data" in package.raw("META-INF/manifest.xml"):
        raise UnreadableFile("extract", "encrypted", "Tệp OpenDocument có mật khẩu.")
    content = package.part("content.xml")
    styles = package.part("styles.xml") if "styles.xml" in package.names else etree.Element("none")
    body = next((child for child in content.iterfind(f"{_OFFICE}body/*") if child.tag in _KINDS), None)
    if body is None:
        raise UnreadableFile("extract", "unsupported", "Tệp OpenDocument không phải văn bản hay bảng tính: chưa được hỗ trợ.")
    common = [child for child in styles if child.tag != _OFFICE + "automatic-styles"]
    running = _Writer(StyleTable([styles]), Numbering([styles]), collector, beside)
    main = _Writer(StyleTable([*common, content]), Numbering([*common, content]), collector, beside)
    pages = [part for page in styles.iter(STYLE + "master-page") for part in page]
    for part in pages:
        if part.tag.startswith(STYLE + "header"):
            running.write_running(part)
    main.write(body)
    main.write_notes()
    for part in pages:
        if part.tag.startswith(STYLE + "footer"):
            running.write_running(part)
    return _KINDS[body.tag]


class _Setting(NamedTuple):
    """How text is set."""

    font: str = ""
    hidden: bool = False
    capitals: bool = False


class _Writer:
    """Walks parts of one document and writes their text, with the labels of numbered paragraphs."""

    def __init__(self, styles: StyleTable, numbering: Numbering, collector: RunCollector, beside: RunCollector) -> None:
        self._styles, self._numbering = styles, numbering
        self._collector, self._beside = collector, beside
        self._settings: list[_Setting] = [_Setting()]  # of each open element
        self._notes: list[etree._Element] = []

    def write_running(self, root: etree._Element) -> None:
        """Write a header or footer unless it holds only a page number."""
        if any(map(str.isalpha, _text_of(root))):
            self.write(root)

    def write_notes(self) -> None:
        """Write the notes that were referred to so far."""
        for note in self._notes:
            self.write(note)

    def write(self, root: etree._Element) -> None:
        """Write the text below `root`; text boxes come after the paragraph that anchors them."""
        boxes: list[etree._Element] = []
        paragraph: etree._Element | None = None  # the open one: text elsewhere is only space between elements
        passed: etree._Element | None = None
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            if event == "start":
                if paragraph is not None and element.tag.startswith(_DRAW):
                    boxes.append(element)
                elif element.tag not in _SKIPPED and not self._is_set_apart(element):
                    self._open(element)
                    paragraph = element if element.tag in _PARAGRAPHS else paragraph
                    self._write(element.text if paragraph is not None else "")
                    continue
                passed = element
                walk.skip_subtree()
                continue
            if element is not passed:
                self._close(element)
            if element is paragraph:
                paragraph = None
                waiting, boxes = boxes, []
                for box in waiting:
                    self.write(box)
            elif paragraph is not None:
                self._write(element.tail)

    def _is_set_apart(self, element: etree._Element) -> bool:
        """Keep a note for later, and what stands beside the text."""
        if element.tag == TEXT + "note":
            self._notes += element.iterchildren(TEXT + "note-body")
            return True
        if element.tag in _DESCRIPTIONS or element.tag == _OFFICE + "annotation":
            for line in list(element.iter(*_PARAGRAPHS)) or [element]:
                self._beside.line()
                self._beside.add(_text_of(line))
            self._beside.line()
            return True
        return False

    def _open(self, element: etree._Element) -> None:
        tag = element.tag
        self._settings.append(self._setting(element))
        if tag in _PARAGRAPHS:
            self._line()
            self._write_label(element)
        elif tag == TEXT + "list":
            self._numbering.open_list(element)
        elif tag == TEXT + "list-item":
            self._numbering.open_item(element)
        elif tag == _TABLE + "table" and _is_sheet(element):
            self._write(element.get(_TABLE + "name"))
            self._line()
        elif tag in (_TABLE + "table", _TABLE + "table-row"):
            self._place().start_row()
        elif tag in _CELLS:
            self._place().cell()
        elif tag == TEXT + "tab":
            self._write("\t", spaces_count=True)
        elif tag == TEXT + "s":
            self._write(" " * min(_count(element, TEXT + "c"), _MOST), spaces_count=True)
        elif tag == TEXT + "line-break":
            self._line()

    def _close(self, element: etree._Element) -> None:
        tag = element.tag
        if tag in _PARAGRAPHS:
            self._line()
        elif tag == TEXT + "list":
            self._numbering.close_list()
        elif tag in (_TABLE + "table", _TABLE + "table-row"):
            self._place().row()
        self._settings.pop()

    def _setting(self, element: etree._Element) -> "_Setting":
        """Return how the text in `element` is set."""
        font, hidden, capitals = self._settings[-1]
        tag = element.tag
        if tag in _FAMILIES:
            family, name = _FAMILIES[tag], element.get((_TABLE if tag.startswith(_TABLE) else TEXT) + "style-name", "")
            font = self._styles.font(family, name) or font
            hidden = hidden or self._styles.hides(family, name)
            said = self._styles.capitals(family, name)
            capitals = capitals if said is None else said
        elif tag == TEXT + "section":
            hidden = hidden or element.get(TEXT + "display") == "none"
        return _Setting(font, hidden, capitals)

    def _line(self) -> None:
        self._collector.line()
        self._beside.line()

    def _write(self, text: str | None, *, spaces_count: bool = False) -> None:
        """Write `text`, in which spaces in a row are one unless they count."""
        text = text or ""
        setting = self._settings[-1]
        self._place().add(text if spaces_count else _SPACES.sub(" ", text), setting.font, capitals=setting.capitals)

    def _place(self) -> RunCollector:
        """Return where the text of the open element belongs."""
        return self._beside if self._settings[-1].hidden else self._collector

    def _write_label(self, paragraph: etree._Element) -> None:
        """Write the number before a paragraph: as the program that wrote the file showed it, if it says so, or counted."""
        font = self._settings[-1].font
        counted = self._numbering.label(paragraph, self._styles.list_of(paragraph.get(TEXT + "style-name", "")))
        text = "" if counted is None else counted.text
        if (shown := paragraph.find(TEXT + "number")) is not None:
            spelt = _text_of(shown).strip()
            text = spelt if any(map(str.isalnum, spelt)) else ""  # a bullet says nothing
        elif counted is not None:
            font = self._styles.font("text", counted.style) or font
        self._place().add(text, font)
        if text:
            self._place().space()


def _is_sheet(element: etree._Element) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag == _OFFICE + "spreadsheet"


def _count(element: etree._Element, name: str) -> int:
    """Return a number of repetitions, at least one."""
    text = element.get(name, "")
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _text_of(element: etree._Element) -> str:
    return "".join(map(str, element.itertext()))
