"""DOCX: headers, body, notes and footers of a WordprocessingML package, in reading order, with the font of each run.

A package is a ZIP of XML parts; every part is read through `_Package`, which counts what unpacking really yields.
Source: ISO/IEC 29500-1 (WordprocessingML), part 3 for mc:AlternateContent.
"""

import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract.docx_fonts import FontTable, W
from indexer.extract.docx_numbering import Numbering
from indexer.extract.runs import RunCollector
from indexer.model import RawPage, RawText

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MEMBERS = 10_000  # parts in one package; Word's own have some dozens
_CHUNK = 1 << 16
_MAIN = "word/document.xml"
_SKIPPED = frozenset(
    W + name for name in ("del", "moveFrom", "delText", "instrText", "rPr", "pPr", "sectPr", "tblPr", "tcPr", "trPr")
)
_MARKS = {W + "tab": "\t", W + "noBreakHyphen": "-", W + "softHyphen": "\u00ad"}  # in TCVN3 fonts the soft hyphen is ư


def read_docx(file: BinaryIO, limits: Limits) -> RawText:
    """Read the document as one page. Raises UnreadableFile (empty, encrypted, damaged, too_large)."""
    try:
        package = _Package(zipfile.ZipFile(file), limits)
        collector = RunCollector()
        _read_parts(package, collector)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, KeyError) as error:
        raise UnreadableFile("extract", "damaged", "Tệp DOCX bị hỏng hoặc bị cắt ngang.") from error
    runs = collector.runs()
    if not any(run.text.strip() for run in runs):
        raise UnreadableFile("extract", "empty", "Tệp DOCX không có chữ nào.")
    return RawText("docx", (RawPage(runs),))


def _read_parts(package: "_Package", collector: RunCollector) -> None:
    main = package.part(_MAIN)
    if main.tag != W + "document":
        raise UnreadableFile("extract", "unsupported", "DOCX theo chuẩn Strict chưa được hỗ trợ; hãy lưu lại dạng DOCX thường.")
    styles = package.optional("word/styles.xml")
    numbering = Numbering(package.optional("word/numbering.xml"), styles)
    writer = _Writer(FontTable(styles), numbering, collector)
    for name in package.matching("word/header"):
        _write_running(package.part(name), writer)
    writer.write(main)
    for name in (*package.matching("word/footnotes"), *package.matching("word/endnotes")):
        writer.write(package.part(name))
    for name in package.matching("word/footer"):
        _write_running(package.part(name), writer)


def _write_running(root: etree._Element, writer: "_Writer") -> None:
    """Write a header or footer unless it holds only a page number."""
    if any(any(map(str.isalpha, text.text or "")) for text in root.iter(W + "t")):
        writer.write(root)


class _Package:
    """The parts of one file; unpacking all that is asked for may yield no more than the limit."""

    def __init__(self, archive: zipfile.ZipFile, limits: Limits) -> None:
        self._archive = archive
        self._limit = limits.unpacked_mb
        self._left = limits.unpacked_mb * 2**20
        self.names = [info.filename for info in archive.infolist()]
        if len(self.names) > _MEMBERS:
            raise UnreadableFile("extract", "too_large", f"Tệp DOCX chứa hơn {_MEMBERS} thành phần.")

    def matching(self, prefix: str) -> list[str]:
        """Return the names of the XML parts that begin with `prefix`."""
        return sorted(name for name in self.names if name.startswith(prefix) and name.endswith(".xml"))

    def optional(self, name: str) -> etree._Element | None:
        """Parse the part `name` if there is one."""
        return self.part(name) if name in self.names else None

    def part(self, name: str) -> etree._Element:
        """Parse the part `name`. Raises UnreadableFile (encrypted, damaged, too_large)."""
        info = self._archive.getinfo(name)
        if info.flag_bits & 1:
            raise UnreadableFile("extract", "encrypted", "Tệp DOCX nén có mật khẩu.")
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True)
        try:
            for chunk in self._chunks(info):
                parser.feed(chunk)
            root = parser.close()
        except etree.XMLSyntaxError as error:
            if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
                raise MemoryError from error
            raise UnreadableFile("extract", "damaged", f"XML trong tệp DOCX bị hỏng ({name}).") from error
        if root.getroottree().docinfo.internalDTD is not None:
            raise UnreadableFile("extract", "damaged", f"Tệp DOCX khai báo DTD ({name}), Word không bao giờ làm vậy.")
        return root

    def _chunks(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        if info.file_size > self._left:
            raise self._too_large()
        with self._archive.open(info) as member:
            while chunk := member.read(_CHUNK):
                self._left -= len(chunk)
                if self._left < 0:
                    raise self._too_large()
                yield chunk

    def _too_large(self) -> UnreadableFile:
        return UnreadableFile("extract", "too_large", f"Tệp DOCX giải nén ra hơn {self._limit} MB.")


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
            elif element.tag in _SKIPPED or _is_unread_alternative(element):
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
            self._collector.line()
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
            self._collector.add(element.text or "", self._fonts.font_of(run))
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


def _is_unread_alternative(element: etree._Element) -> bool:
    """Of mc:AlternateContent only the first branch that holds text is read: the others repeat it for older programs."""
    parent = element.getparent()
    if parent is None or parent.tag != _MC + "AlternateContent":
        return False
    with_text = next((branch for branch in parent if branch.find(".//" + W + "t") is not None), parent[0])
    return element is not with_text
