"""What all sheets of an XLS workbook share: fonts, styles of cells, formats of numbers, strings, and which sheets there are.

Source: [MS-XLS], 2.4.122 (Font), 2.4.353 (XF), 2.4.126 (Format), 2.4.265 (SST) and 2.4.28 (BoundSheet8).
"""

import struct
from typing import NamedTuple

from indexer.errors import UnreadableFile
from indexer.extract.codepages import ANSI, SYMBOLS, decode_bytes, page_of
from indexer.extract.sheets.biff import Reader, Record, Text
from indexer.extract.sheets.cell_values import shown
from indexer.extract.sheets.cells import Sheet
from indexer.model import Run

_CODE_PAGES = {0x8000: 10000, 0x8001: ANSI, 1200: ANSI}
_NO_FONT = 4  # Excel skips this number


class _Font(NamedTuple):
    name: str
    page: int


class _Style(NamedTuple):
    font: int
    number_format: int


class Globals:
    """Filled from the first records of the workbook, then asked for what a cell shows."""

    def __init__(self) -> None:
        self.biff8 = True
        self.listed: dict[int, Sheet] = {}  # by the place of its first record, in the workbook's order
        self._page = ANSI
        self._from_1904 = False
        self._fonts: list[_Font] = []
        self._styles: list[_Style] = []
        self._formats: dict[int, str] = {}
        self._strings: list[Text] = []

    def take(self, record: Record) -> None:
        """Take one record. Raises UnreadableFile (encrypted)."""
        reader = Reader(record)
        match record.kind:
            case 0x002F:
                raise UnreadableFile("extract", "encrypted", "Tệp Excel có mật khẩu.")
            case 0x0042:
                page = reader.number(2)
                self._page = _CODE_PAGES.get(page, page)
            case 0x0022:
                self._from_1904 = reader.number(2) == 1
            case 0x0031:
                reader.bytes(12)
                charset = reader.number(2) & 0xFF
                name = self.text(reader, 1).text
                self._fonts.append(_Font(name, page_of(name, charset, self._page)))
            case 0x00E0:
                self._styles.append(_Style(reader.number(2), reader.number(2)))
            case 0x041E:
                number = reader.number(2)
                self._formats[number] = self.text(reader, 2 if self.biff8 else 1).text
            case 0x00FC:
                reader.bytes(4)
                count = reader.number(4)
                while len(self._strings) < count and not reader.ended:
                    self._strings.append(reader.rich_text())
            case 0x0085:
                place, hidden, _ = reader.number(4), reader.number(1), reader.number(1)
                self.listed.setdefault(place, Sheet(self.text(reader, 1).text, hidden != 0))

    def text(self, reader: Reader, length_size: int = 2) -> Text:
        """Read a string; one of BIFF5 is still bytes, each shown as the character of its number."""
        return reader.rich_text(length_size) if self.biff8 else Text(reader.bytes(reader.number(length_size)).decode("latin-1"))

    def string(self, number: int) -> Text:
        """Return a shared string. Raises UnreadableFile (damaged) where it is missing."""
        if number >= len(self._strings):
            raise UnreadableFile("extract", "damaged", "Tệp Excel bị hỏng: một ô trỏ tới chuỗi chữ không có trong tệp.")
        return self._strings[number]

    def number(self, value: float, style: int) -> str:
        """Return what a number shows in a cell of this style."""
        number_format = self._styles[style].number_format if style < len(self._styles) else 0
        return shown(value, number_format, self._formats.get(number_format), from_1904=self._from_1904)

    def runs(self, text: Text, style: int | None = None) -> tuple[Run, ...]:
        """Return a string in its fonts, where the first is that of the cell's style."""
        first = self._styles[style].font if style is not None and style < len(self._styles) else 0
        starts = [(0, first), *((at, font) for at, font in text.fonts if at < len(text.text))]
        ends = [at for at, _ in starts[1:]] + [len(text.text)]
        return tuple(self._run(text.text[at:end], font) for (at, font), end in zip(starts, ends, strict=True) if at < end)

    def _run(self, text: str, number: int) -> Run:
        index = number if number < _NO_FONT else number - 1
        font = self._fonts[index] if index < len(self._fonts) else _Font("", self._page)
        if not self.biff8 or (font.page <= SYMBOLS and max(text) <= "\xff"):
            text = decode_bytes(text.encode("latin-1"), font.page)
        return Run(text.replace("\r\n", "\n").replace("\r", "\n"), font.name)


def real(data: bytes) -> float:
    """Return the number that eight bytes hold."""
    return float(struct.unpack("<d", data.ljust(8, b"\0")[:8])[0])


def packed_real(value: int) -> float:
    """Return the number that an RK value packs into four bytes."""
    if value & 2:
        number = float((value >> 2) - (1 << 30 if value & 1 << 31 else 0))
    else:
        number = real(bytes(4) + (value & ~3).to_bytes(4, "little"))
    return number / 100 if value & 1 else number
