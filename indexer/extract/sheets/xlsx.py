"""XLSX: the workbook's sheets as text, with the font of each cell and of each run in one.

Source: ISO/IEC 29500-1, 18 (SpreadsheetML).
"""

import re
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract.office_package import Package
from indexer.extract.sheets.cell_values import shown
from indexer.extract.sheets.cells import Sheet, printed_text, write_sheets
from indexer.extract.zipped_xml import damage_told
from indexer.model import RawText, Run

_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_PICTURE = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}cNvPr"
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # characters that XML cannot hold


def read_xlsx(file: BinaryIO, limits: Limits) -> RawText:
    """Read the workbook as one page. Raises UnreadableFile (empty, encrypted, damaged, unsupported, too_large)."""
    with damage_told("XLSX"):
        workbook = _Workbook(Package(zipfile.ZipFile(file), limits, "XLSX", "xl/workbook.xml"))
        return write_sheets(workbook.sheets(), "xlsx", limits)


class _Styles:
    """What the styles of cells say of fonts and numbers."""

    def __init__(self, styles: etree._Element | None) -> None:
        self._formats: dict[int, str] = {}
        self._cells: list[tuple[str, int]] = []  # font and format of a number
        if styles is None:
            return
        fonts = [_value(font.find(_S + "name")) for font in styles.iterfind(f"{_S}fonts/{_S}font")]
        for code in styles.iter(_S + "numFmt"):
            self._formats[_number(code.get("numFmtId"))] = code.get("formatCode", "")
        for style in styles.iterfind(f"{_S}cellXfs/{_S}xf"):
            font = _number(style.get("fontId"))
            self._cells.append((fonts[font] if font < len(fonts) else "", _number(style.get("numFmtId"))))

    def font(self, style: int) -> str:
        """Return the font of a cell."""
        return self._cells[style][0] if style < len(self._cells) else ""

    def number(self, text: str, style: int, *, from_1904: bool) -> str:
        """Return what a number shows in a cell."""
        number_format = self._cells[style][1] if style < len(self._cells) else 0
        try:
            return shown(float(text), number_format, self._formats.get(number_format), from_1904=from_1904)
        except ValueError:  # not written as a number
            return text


class _Workbook:
    """Reads one workbook's parts."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._main = package.part(package.main)
        if self._main.tag != _S + "workbook":
            raise UnreadableFile(
                "extract", "unsupported", "XLSX theo chuẩn Strict chưa được hỗ trợ; hãy lưu lại dạng XLSX thường."
            )
        self._styles = _Styles(package.single("styles"))
        strings = package.name_of("sharedStrings")
        self._strings = [] if strings is None else [tuple(_pieces(item)) for item in package.elements(strings, _S + "si")]
        properties = self._main.find(_S + "workbookPr")
        self._from_1904 = properties is not None and properties.get("date1904") in ("1", "true")

    def sheets(self) -> Iterator[Sheet]:
        """Yield the sheets in the workbook's order."""
        targets = {relation.id: relation.target for relation in self._package.relations(self._package.main)}
        for element in self._main.iterfind(f"{_S}sheets/{_S}sheet"):
            sheet = Sheet(element.get("name", ""), element.get("state", "visible") != "visible")
            if (target := targets.get(element.get(_ID, ""))) is None:
                raise UnreadableFile("extract", "damaged", "Tệp XLSX bị hỏng: thiếu một trang tính.")
            self._read_cells(target, sheet)
            self._read_beside(target, sheet)
            yield sheet

    def _read_cells(self, part: str, sheet: Sheet) -> None:
        row = column = -1
        at_row_start = True
        for element in self._package.elements(part, _S + "c", _S + "row", _S + "headerFooter"):
            if element.tag == _S + "row":
                at_row_start = True
            elif element.tag == _S + "headerFooter":
                sheet.beside += [(Run(printed_text(text.text or "")),) for text in element]
            else:
                row, column = (row + 1, 0) if at_row_start else (row, column + 1)
                at_row_start = False
                if place := _CELL.fullmatch(element.get("r", "")):
                    row, column = int(place[2]) - 1, _column(place[1])
                if text := self._text(element):
                    sheet.cells.append((row, column, text))

    def _read_beside(self, part: str, sheet: Sheet) -> None:
        """Read comments and what is drawn on a sheet."""
        for relation in self._package.relations(part):
            if relation.kind == "comments":
                for comment in self._package.elements(relation.target, _S + "text"):
                    sheet.beside.append(tuple(Run(text, font or "") for text, font in _pieces(comment)))
            elif relation.kind == "drawing":
                for element in self._package.elements(relation.target, _DRAWING + "p", _PICTURE):
                    if element.tag == _PICTURE:
                        sheet.beside += [(Run(element.get(name, "")),) for name in ("descr", "title")]
                    else:
                        sheet.boxes.append((Run("".join(text.text or "" for text in element.iter(_DRAWING + "t"))),))

    def _text(self, cell: etree._Element) -> tuple[Run, ...]:
        """Return what a cell shows."""
        if not len(cell):
            return ()  # only formatted
        style = _number(cell.get("s"))
        font = self._styles.font(style)
        value = cell.find(_S + "v")
        text = "" if value is None else value.text or ""
        match cell.get("t", "n"):
            case "s":
                number = _number(text)
                if number >= len(self._strings):
                    raise UnreadableFile("extract", "damaged", "Tệp XLSX bị hỏng: một ô trỏ tới chuỗi chữ không có trong tệp.")
                pieces = list(self._strings[number])
            case "inlineStr":
                pieces = [piece for item in cell.iterfind(_S + "is") for piece in _pieces(item)]
            case "b":
                pieces = [("TRUE" if text == "1" else "FALSE", None)]
            case "n":
                pieces = [(self._styles.number(text, style, from_1904=self._from_1904) if text else "", None)]
            case _:
                pieces = [(_unescaped(text), None)]
        return tuple(Run(piece, font if own is None else own) for piece, own in pieces if piece)


def _pieces(item: etree._Element) -> Iterator[tuple[str, str | None]]:
    """Yield the runs of a string, each with the font that it names itself; how Japanese is pronounced is left out."""
    for element in item:
        if element.tag == _S + "t":
            yield _unescaped(element.text or ""), None
        elif element.tag == _S + "r":
            text = element.find(_S + "t")
            yield _unescaped("" if text is None else text.text or ""), _value(element.find(f"{_S}rPr/{_S}rFont")) or None


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: "" if match[1][0] in "dD" else chr(int(match[1], 16)), text).replace("\r", "")


def _value(element: etree._Element | None) -> str:
    return "" if element is None else element.get("val", "")


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _column(letters: str) -> int:
    """Return the number of a column called A, B ... AA, from 0."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1
