"""BIFF: the records of an Excel 5.0 to 2003 workbook, and the strings in them, which may go on in the records that follow.

Source: [MS-XLS], 2.1.4 (record) and 2.5.293 (XLUnicodeRichExtendedString); OpenOffice.org's documentation of BIFF5.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

CONTINUE = 0x003C
_WIDE, _PHONETIC, _RICH = 1, 4, 8  # what a string's options say of it


class Record(NamedTuple):
    """A record with those that continue it."""

    kind: int
    offset: int  # in the stream
    segments: tuple[bytes, ...]

    @property
    def data(self) -> bytes:
        """The bytes of the record itself."""
        return self.segments[0]


class Text(NamedTuple):
    """A string and where its fonts change: offsets in characters and fonts by number, from the first change on."""

    text: str
    fonts: tuple[tuple[int, int], ...] = ()


def records(stream: bytes) -> Iterator[Record]:
    """Yield the records of a workbook's stream; of the last one what is there."""
    at = 0
    while at + 4 <= len(stream):
        start = at
        kind, length = struct.unpack_from("<HH", stream, at)
        segments = [stream[at + 4 : at + 4 + length]]
        at += 4 + length
        while at + 4 <= len(stream) and stream[at : at + 2] == b"\x3c\0":
            length = struct.unpack_from("<H", stream, at + 2)[0]
            segments.append(stream[at + 4 : at + 4 + length])
            at += 4 + length
        yield Record(kind, start, tuple(segments))


class Reader:
    """Reads numbers and strings from a record on into those that continue it; past its end there are zeros."""

    def __init__(self, record: Record, at: int = 0) -> None:
        self._segments = record.segments
        self._segment = 0
        self._at = at

    @property
    def ended(self) -> bool:
        """Whether nothing is left to read."""
        self._turn_over()
        return self._segment >= len(self._segments)

    def number(self, size: int) -> int:
        """Read an unsigned number of so many bytes."""
        return int.from_bytes(self.bytes(size), "little")

    def bytes(self, size: int) -> bytes:
        """Read bytes, fewer where the record ends before."""
        pieces = []
        while size > 0 and not self.ended:
            piece = self._segments[self._segment][self._at : self._at + size]
            self._at += len(piece)
            size -= len(piece)
            pieces.append(piece)
        return b"".join(pieces)

    def rich_text(self, length_size: int = 2) -> Text:
        """Read a Unicode string of BIFF8, whose length in characters takes one or two bytes."""
        length = self.number(length_size)
        options = self.number(1)
        changes = self.number(2) if options & _RICH else 0
        phonetic = self.number(4) if options & _PHONETIC else 0
        text = self._characters(length, wide=bool(options & _WIDE))
        fonts = self.bytes(4 * changes)
        self.bytes(phonetic)
        return Text(text, tuple(struct.iter_unpack("<HH", fonts[: len(fonts) // 4 * 4])))

    def more_characters(self, length: int) -> str:
        """Read so many characters from the next record on, which says how they are written."""
        self._segment, self._at = self._segment + 1, 0
        return self._characters(length, wide=bool(self.number(1) & _WIDE))

    def _characters(self, length: int, *, wide: bool) -> str:
        """Read characters; where they go on in the next record, it says anew whether they take two bytes each."""
        pieces = []
        while length > 0 and self._segment < len(self._segments):
            size = 2 if wide else 1
            segment = self._segments[self._segment]
            piece = segment[self._at : self._at + size * length]
            self._at += len(piece)
            length -= len(piece) // size
            pieces.append(piece.decode("utf-16-le" if wide else "latin-1", errors="replace"))
            if length > 0:
                self._segment, self._at = self._segment + 1, 0
                wide = bool(self.number(1) & _WIDE)
        return "".join(pieces)

    def _turn_over(self) -> None:
        while self._segment < len(self._segments) and self._at >= len(self._segments[self._segment]):
            self._segment, self._at = self._segment + 1, 0
