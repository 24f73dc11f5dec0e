"""XLS (Excel 5.0 to 2003): the workbook's sheets as text, with the font of each cell and of each run in one.

Source: [MS-XLS], 2.4 (records); OpenOffice.org's documentation of BIFF5.
"""

import struct
from typing import BinaryIO

from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract.ole import CompoundFile
from indexer.extract.sheets.biff import Reader, Record, Text, records
from indexer.extract.sheets.cells import Sheet, printed_text, write_sheets
from indexer.extract.sheets.xls_globals import Globals, packed_real, real
from indexer.model import RawText, Run

_BEGIN, _END = 0x0809, 0x000A
_GLOBALS = 0x0005  # what begins
_BIFF5, _BIFF8 = 0x0500, 0x0600
_STRING_FOLLOWS, _BOOLEAN, _ERROR = 0, 1, 2  # kinds of a formula's result that is no number
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_COMMENT = 0x19  # the kind of object that shows one


def read_xls(file: BinaryIO, limits: Limits) -> RawText:
    """Read the workbook as one page. Raises UnreadableFile (empty, encrypted, damaged, unsupported, too_large)."""
    compound = CompoundFile(file)
    workbook = _Workbook()
    for record in records(compound.read("Workbook" if "Workbook" in compound.names else "Book")):
        workbook.take(record)
    return write_sheets(workbook.sheets(), "xls", limits)


class _Workbook:
    """Follows the records: first what all sheets share, then sheet after sheet."""

    def __init__(self) -> None:
        self._globals = Globals()
        self._unlisted: list[Sheet] = []
        self._sheet: _SheetReader | None = None
        self._depth = 0  # charts are sheets within a sheet

    def take(self, record: Record) -> None:
        """Take one record."""
        if record.kind == _BEGIN:
            self._depth += 1
            if self._depth == 1:
                self._begin(record)
        elif record.kind == _END:
            self._depth = max(self._depth - 1, 0)
        elif self._depth == 1:
            if self._sheet is None:
                self._globals.take(record)
            else:
                self._sheet.take(record)

    def sheets(self) -> list[Sheet]:
        """Return the sheets in the workbook's order."""
        return [*self._globals.listed.values(), *self._unlisted]

    def _begin(self, record: Record) -> None:
        reader = Reader(record)
        version, kind = reader.number(2), reader.number(2)
        if version not in (_BIFF5, _BIFF8):
            raise UnreadableFile("extract", "unsupported", "Tệp Excel trước bản 5.0 chưa được hỗ trợ; hãy lưu lại dạng .xls mới.")
        if kind == _GLOBALS:
            self._globals.biff8 = version == _BIFF8
            self._sheet = None
            return
        sheet = self._globals.listed.get(record.offset)
        if sheet is None:
            sheet = Sheet()
            self._unlisted.append(sheet)
        self._sheet = _SheetReader(sheet, self._globals)


class _SheetReader:
    """Follows the records of one sheet."""

    def __init__(self, sheet: Sheet, shared: Globals) -> None:
        self._sheet, self._shared = sheet, shared
        self._waiting: tuple[int, int, int] | None = None  # row, column and style of a formula whose text follows
        self._object = 0  # the kind of the last one

    def take(self, record: Record) -> None:
        """Take one record; one that says nothing of what the sheet shows is passed over."""
        reader = Reader(record)
        match record.kind:
            case 0x00FD:
                row, column, style = self._place(reader)
                self._add(row, column, self._shared.runs(self._shared.string(reader.number(4)), style))
            case 0x0204 | 0x00D6:
                row, column, style = self._place(reader)
                self._add(row, column, self._shared.runs(self._label(reader, rich=record.kind == 0x00D6), style))
            case 0x0203:
                row, column, style = self._place(reader)
                self._add_number(row, column, style, real(reader.bytes(8)))
            case 0x027E:
                row, column, style = self._place(reader)
                self._add_number(row, column, style, packed_real(reader.number(4)))
            case 0x00BD:
                row, column = reader.number(2), reader.number(2)
                for at in range((len(record.data) - 6) // 6):
                    style = reader.number(2)
                    self._add_number(row, column + at, style, packed_real(reader.number(4)))
            case 0x0006:
                self._take_formula(*self._place(reader), reader.bytes(8))
            case 0x0207 if self._waiting:
                row, column, style = self._waiting
                self._add(row, column, self._shared.runs(self._shared.text(reader), style))
                self._waiting = None
            case 0x0205:
                row, column, style = self._place(reader)
                value, is_error = reader.number(1), reader.number(1)
                self._add(row, column, self._shared.runs(_constant(value, is_error=is_error != 0), style))
            case _:
                self._take_text(record.kind, reader)

    def _take_text(self, kind: int, reader: Reader) -> None:
        """Take text that stands in no cell."""
        match kind:
            case 0x005D:
                reader.bytes(4)
                self._object = reader.number(2)
            case 0x01B6:
                reader.bytes(10)
                length, size = reader.number(2), reader.number(2)
                text = reader.more_characters(length)
                fonts = tuple(struct.iter_unpack("<HH4x", reader.bytes(size // 8 * 8).ljust(size // 8 * 8, b"\0")))
                place = self._sheet.beside if self._object == _COMMENT else self._sheet.boxes
                place.append(self._shared.runs(Text(text, fonts)))
            case 0x001C if not self._shared.biff8:
                reader.bytes(4)
                self._sheet.beside.append(self._shared.runs(self._shared.text(reader)))
            case 0x0014 | 0x0015:
                printed = self._shared.text(reader, 2 if self._shared.biff8 else 1)
                self._sheet.beside.append(self._shared.runs(Text(printed_text(printed.text))))

    def _place(self, reader: Reader) -> tuple[int, int, int]:
        return reader.number(2), reader.number(2), reader.number(2)

    def _label(self, reader: Reader, *, rich: bool) -> Text:
        text = self._shared.text(reader)
        if not rich:
            return text
        size = 2 if self._shared.biff8 else 1
        return Text(text.text, tuple((reader.number(size), reader.number(size)) for _ in range(reader.number(size))))

    def _take_formula(self, row: int, column: int, style: int, result: bytes) -> None:
        self._waiting = None
        if result[6:] != b"\xff\xff":
            self._add_number(row, column, style, real(result))
        elif result[0] == _STRING_FOLLOWS:
            self._waiting = row, column, style
        elif result[0] in (_BOOLEAN, _ERROR):
            self._add(row, column, self._shared.runs(_constant(result[2], is_error=result[0] == _ERROR), style))

    def _add_number(self, row: int, column: int, style: int, value: float) -> None:
        self._add(row, column, self._shared.runs(Text(self._shared.number(value, style)), style))

    def _add(self, row: int, column: int, text: tuple[Run, ...]) -> None:
        if text:
            self._sheet.cells.append((row, column, text))


def _constant(value: int, *, is_error: bool) -> Text:
    return Text(_ERRORS.get(value, "#") if is_error else "TRUE" if value else "FALSE")
