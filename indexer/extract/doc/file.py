"""A Word binary file's streams: what its header (FIB) says of them, and the pieces that its text lies in.

Source: [MS-DOC], 2.5 (FIB), 2.8 (PLCs), Clx and Pcd.
"""

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from itertools import pairwise
from typing import BinaryIO

from indexer.errors import UnreadableFile
from indexer.extract.doc.modifiers import Modifiers, read_modifiers, read_old_modifiers, single_modifier
from indexer.extract.ole import CompoundFile
from indexer.extract.text import decode_single_byte

_ENCRYPTED, _TABLE_1 = 0x0100, 0x0200
_MODIFIERS, _PIECES = 1, 2  # what stands in a Clx
_COMPRESSED = 1 << 30
_TEXT_STARTS = 0x18  # where the FIB says so, for a text in one piece


@dataclass(frozen=True, slots=True)
class Layout:
    """In what the versions differ; offsets and lengths in bytes."""

    lengths: int  # where the FIB tells the lengths of the stories
    parts: int  # and where it tells where the tables lie
    page_number: int
    paragraph_entry: int  # on a page of properties
    font_name: int  # where it begins in an entry of the font table
    wide: bool  # names in UTF-16, text in UTF-16 or bytes; else bytes
    read_modifiers: Callable[[bytes], Modifiers]

    def decode(self, name: bytes) -> str:
        """Return a name that ends at a zero."""
        return (name.decode("utf-16-le", errors="replace") if self.wide else decode_single_byte(name)).partition("\0")[0]


_LAYOUTS = {  # by the FIB's first number; Word 95 is as Word 6
    0xA5EC: Layout(76, 154, 4, 13, 39, True, read_modifiers),
    0xA5DC: Layout(0x34, 0x58, 2, 7, 5, False, read_old_modifiers),
}


class Part(IntEnum):
    """A table of the file, by its place in the FIB: in all versions the same, but Word 6 has none behind PIECES."""

    STYLES = 1
    HEADERS = 11
    CHARACTERS = 12
    PARAGRAPHS = 13
    FONTS = 15
    PIECES = 33
    ANCHORS = 40
    HEADER_ANCHORS = 41
    DRAWINGS = 50
    BOXES = 56
    HEADER_BOXES = 58
    LISTS = 73
    LIST_USES = 74


class Story(IntEnum):
    """A text of its own among those that lie one after the other in the file."""

    MAIN = 0
    FOOTNOTES = 1
    HEADERS = 2
    MACROS = 3
    COMMENTS = 4
    ENDNOTES = 5
    BOXES = 6
    HEADER_BOXES = 7


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters that lie side by side in the stream; `modifiers` change the properties of all of them."""

    start: int  # of the first character, counted over all stories
    end: int
    offset: int  # in bytes
    width: int  # bytes a character: 1 or 2
    modifiers: Modifiers

    @property
    def length(self) -> int:
        """How many bytes they take."""
        return self.width * (self.end - self.start)


class WordFile:
    """The streams of one file. Raises UnreadableFile (encrypted, damaged), and struct.error where a table is cut short."""

    def __init__(self, file: BinaryIO) -> None:
        self._streams = CompoundFile(file)
        self.text = self._streams.read("WordDocument")
        version, flags = struct.unpack_from("<H8xH", self.text)
        if version not in _LAYOUTS:
            raise damaged()
        self.layout = _LAYOUTS[version]
        if flags & _ENCRYPTED:
            raise UnreadableFile("extract", "encrypted", "Tệp Word (.doc) có mật khẩu.")
        if self.layout.wide:
            self._table = self._streams.read("1Table" if flags & _TABLE_1 else "0Table")
            self._part_count = struct.unpack_from("<H", self.text, 152)[0]
        else:
            self._table, self._part_count = self.text, Part.PIECES + 1
        self._lengths = struct.unpack_from("<8I", self.text, self.layout.lengths)
        self._pieces = tuple(self._read_pieces())

    def part(self, part: Part) -> bytes:
        """Return a table of the file; b"" where it has none."""
        if part >= self._part_count:
            return b""
        offset, length = struct.unpack_from("<II", self.text, self.layout.parts + 8 * part)
        if length and offset + length > len(self._table):
            raise damaged()
        return self._table[offset : offset + length]

    def after(self, part: Part) -> bytes:
        """Return what follows a table: some say less of their own length than they hold."""
        offset = struct.unpack_from("<I", self.text, self.layout.parts + 8 * part)[0]
        return self._table[offset:] if self.part(part) else b""

    @cached_property
    def data(self) -> bytes:
        """The stream of pictures and of properties that are too long for their place."""
        return self._streams.read("Data") if "Data" in self._streams.names else b""

    def story(self, story: Story) -> tuple[int, int]:
        """Return where a story begins and ends, in characters."""
        start = sum(self._lengths[:story])
        return start, start + self._lengths[story]

    def spans(self, story: Story, positions: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Yield the spans of characters that positions cut a story into; they never overlap."""
        start, end = self.story(story)
        last = start
        for first, second in pairwise(positions):
            last, begins = min(max(start + second, last), end), max(start + first, last)
            yield min(begins, last), last

    def pieces(self, start: int, end: int) -> Iterator[Piece]:
        """Yield what the characters from `start` to `end` lie in, cut to them."""
        place = max(bisect_right(self._pieces, start, key=lambda piece: piece.start) - 1, 0)
        while place < len(self._pieces) and (piece := self._pieces[place]).start < end:
            first, last = max(start, piece.start), min(end, piece.end)
            if first < last:
                yield Piece(first, last, piece.offset + piece.width * (first - piece.start), piece.width, piece.modifiers)
            place += 1

    def characters(self, offset: int, end: int, width: int) -> str:
        """Return the text that lies between two places of the stream; a character that is no letter of Unicode stays one."""
        data = self.text[offset:end]
        return decode_single_byte(data) if width == 1 else data.decode("utf-16-le", errors="replace")

    def _read_pieces(self) -> Iterator[Piece]:
        total = sum(self._lengths)
        data = self.part(Part.PIECES)
        if not data:
            start = struct.unpack_from("<I", self.text, _TEXT_STARTS)[0]
            if self.layout.wide or start + total > len(self.text):
                raise damaged()
            yield Piece(0, total, start, 1, ())
            return
        lists, place = [], 0
        while data[place] == _MODIFIERS:
            length = struct.unpack_from("<H", data, place + 1)[0]
            lists.append(self.layout.read_modifiers(data[place + 3 : place + 3 + length]))
            place += 3 + length
        if data[place] != _PIECES:
            raise damaged()
        bytes_left = len(self.text)  # no two pieces share their text, so that a small file cannot hold a large one
        positions, pieces = plc(data[place + 5 :], 8)
        if max(positions, default=0) < total:
            raise damaged()
        for (start, end), piece in zip(pairwise(positions), pieces, strict=True):
            code, modifier = struct.unpack_from("<IH", piece, 2)
            width = 1 if code & _COMPRESSED or not self.layout.wide else 2
            offset = (code & ~_COMPRESSED) // 2 if code & _COMPRESSED else code
            length = width * (min(end, total) - start)
            bytes_left -= max(length, 0)
            if end < start or bytes_left < 0 or offset + length > len(self.text):
                raise damaged()
            yield Piece(start, end, offset, width, _modifiers_of(modifier, lists))


def plc(data: bytes, size: int) -> tuple[tuple[int, ...], list[bytes]]:
    """Return the positions of a PLC and the entries (of `size` bytes) that stand between them, one less."""
    count = max(len(data) - 4, 0) // (4 + size)
    first = 4 * (count + 1)
    positions = struct.unpack_from(f"<{count + 1}I", data) if data else ()
    return positions, [data[first + size * place : first + size * (place + 1)] for place in range(count)]


def damaged() -> UnreadableFile:
    """Return the error that says so."""
    return UnreadableFile("extract", "damaged", "Tệp Word (.doc) bị hỏng hoặc bị cắt ngang.")


def _modifiers_of(modifier: int, lists: list[Modifiers]) -> Modifiers:
    """Return what a piece names: a list by its number (Prm1), or a single modifier with its value (Prm0)."""
    return lists[modifier >> 1] if modifier & 1 else single_modifier(modifier >> 1 & 0x7F, modifier >> 8)
