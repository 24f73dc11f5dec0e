"""DOCX: headers, body, notes and footers of a WordprocessingML package, in reading order, with the font of each run.

Source: ISO/IEC 29500-1 (WordprocessingML).
"""

import zipfile
from typing import BinaryIO

from lxml import etree

from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract.docx.aside import aside_of, is_unread_alternative
from indexer.extract.docx.fonts import FontTable, W
from indexer.extract.docx.numbering import Numbering
from indexer.extract.office_package import Package
from indexer.extract.runs import RunCollector
from indexer.extract.zipped_xml import damage_told
from indexer.model import RawPage, RawText, Run

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_STRICT_DOCUMENT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}document"
_SKIPPED = frozenset(
    W + name for name in ("del", "moveFrom", "delText", "instrText", "rPr", "pPr", "sectPr", "tblPr", "tcPr", "trPr")
)
_MARKS = {W + "tab": "\t", W + "noBreakHyphen": "-", W + "softHyphen": "\u00ad"}  # in TCVN3 fonts the soft hyphen is ư


def read_docx(file: BinaryIO, limits: Limits) -> RawText:
    """Read the document as one page. Raises UnreadableFile (empty, encrypted, damaged, too_large)."""
    collector = RunCollector()
    with damage_told("DOCX"):
        aside = _read_parts(Package(zipfile.ZipFile(file), limits, "DOCX", "word/document.xml"), collector)
    runs = collector.runs()
    if not any(run.text.strip() for run in runs):
        raise UnreadableFile("extract", "empty", "Tệp DOCX không có chữ nào.")
    return RawText("docx", (RawPage(runs),), aside)


def _read_parts(package: Package, collector: RunCollector) -> tuple[Run, ...]:
    """Collect the document's text; return what stands beside it."""
    main = package.part(package.main)
    if main.tag == _STRICT_DOCUMENT:
        raise UnreadableFile("extract", "unsupported", "DOCX theo chuẩn Strict chưa được hỗ trợ; hãy lưu lại dạng DOCX thường.")
    if main.tag != W + "document":
        raise UnreadableFile("extract", "damaged", "Tệp DOCX bị hỏng: phần chính không phải văn bản Word.")
    styles = package.single("styles")
    numbering = Numbering(package.single("numbering"), styles)
    writer = _Writer(FontTable(styles), numbering, collector)
    headers, footers = package.parts("header"), package.parts("footer")
    notes = [*package.parts("footnotes"), *package.parts("endnotes")]
    for header in headers:
        _write_running(header, writer)
    for part in (main, *notes):
        writer.write(part)
    for footer in footers:
        _write_running(footer, writer)
    return aside_of((*headers, *footers, main, *notes, *package.parts("diagrams/data")))


def _write_running(root: etree._Element, writer: "_Writer") -> None:
    """Write a header or footer unless it holds only a page number."""
    if any(any(map(str.isalpha, text.text or "")) for text in root.iter(W + "t")):
        writer.write(root)


class _Writer:
    """Walks parts of one document and writes their text, with the labels that Word numbers paragraphs with."""

    def __init__(self, fonts: FontTable, numbering: Numbering, collector: RunCollector) -> None:
        self._fonts, self._numbering, self._collector = fonts, numbering, collector
        self._at_row_start = False

    def write(self, root: etree._Element) -> None:
        """Write the text below `root`; text boxes come after the paragraph that anchors them."""
        boxes: list[etree._Element] = []
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            if event == "end":
                self._close(element.tag)
                if element.tag == W + "p" and boxes:
                    waiting, boxes = boxes, []
                    for box in waiting:
                        self.write(box)
            elif element.tag in _SKIPPED or is_unread_alternative(element):
                walk.skip_subtree()
            elif element.tag == W + "txbxContent" and element is not root:
                boxes.append(element)
                walk.skip_subtree()
            else:
                self._open(element)

    def _open(self, element: etree._Element) -> None:
        tag = element.tag
        if tag == W + "p":
            self._collector.line()
            self._write_label(element)
        elif tag in (W + "br", W + "cr"):
            self._collector.line()
        elif tag in (W + "tbl", W + "tr"):
            self._collector.start_row()
            self._at_row_start = True
        elif tag == W + "tc":
            if not self._at_row_start:
                self._collector.cell()
            self._at_row_start = False
        else:
            self._write_text(element)

    def _close(self, tag: str) -> None:
        if tag == W + "p":
            self._collector.line()
        elif tag in (W + "tr", W + "tbl"):
            self._collector.row()

    def _write_text(self, element: etree._Element) -> None:
        run = element.getparent()
        if run is None or run.tag != W + "r":
            if element.tag == _MATH + "t":
                self._collector.add(element.text or "")
        elif element.tag == W + "t":
            self._collector.add(element.text or "", self._fonts.font_of(run), capitals=self._fonts.shows_capitals(run))
        elif element.tag in _MARKS:
            self._collector.add(_MARKS[element.tag], self._fonts.font_of(run))
        elif element.tag == W + "sym":
            self._collector.add(_symbol(element), element.get(W + "font", ""))

    def _write_label(self, paragraph: etree._Element) -> None:
        label = self._numbering.label(paragraph)
        if label is not None:
            self._collector.add(label.text, label.font or self._fonts.font_of_paragraph(paragraph))
            self._collector.space()


def _symbol(element: etree._Element) -> str:
    try:
        character = chr(int(element.get(W + "char", ""), 16))
    except (ValueError, OverflowError):
        return ""  # names no character
    return "" if "\ud800" <= character <= "\udfff" else character
