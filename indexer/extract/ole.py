"""OLE compound files: which streams lie at their root, and the bytes of each.

No number in the file is trusted: sectors outside it, chains that end early or go round, and sizes beyond it are damage.
Source: [MS-CFB], sections 2.2 (header), 2.3 (FAT), 2.4 (mini FAT), 2.5 (DIFAT) and 2.6 (directory).
"""

import io
import struct
from collections.abc import Iterable
from typing import BinaryIO

from indexer.errors import UnreadableFile

_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADER = 512
_ENTRY = 128
_MINI_SECTOR = 64
_SPECIAL = 0xFFFFFFFA  # from here on a number names no sector
_STORAGE, _STREAM = 1, 2


class CompoundFile:
    """The streams at the root of one file; those of embedded objects, deeper in, are left alone."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._length = file.seek(0, 2)
        header = self._bytes_at(0, _HEADER)
        if len(header) < _HEADER or header[:8] != _MAGIC or header[30] not in (9, 12):
            raise _damaged()
        self._sector = 1 << header[30]
        directory, self._mini_below, mini_fat = struct.unpack_from("<I4xII", header, 48)
        self._fat = self._numbers(self._fat_sectors(header))
        self._streams: dict[str, tuple[int, int]] = {}  # first sector and size in bytes
        self._mini_stream = b""
        self._read_directory(self._joined(self._whole_chain(directory)))
        in_use = -(-len(self._mini_stream) // (_MINI_SECTOR * self._sector // 4))  # sectors of the mini FAT
        self._mini_fat = self._numbers(self._chain(self._fat, mini_fat, in_use))

    @property
    def names(self) -> frozenset[str]:
        """The names of the streams and storages at the root."""
        return frozenset(self._streams)

    def read(self, name: str) -> bytes:
        """Return the stream `name`. Raises UnreadableFile (damaged) where there is none, or not all of it."""
        if name not in self._streams:
            raise _damaged()
        first, size = self._streams[name]
        if size < self._mini_below:
            if size > len(self._mini_stream):
                raise _damaged()
            starts = self._chain(self._mini_fat, first, -(-size // _MINI_SECTOR))
            data = b"".join(self._mini_stream[_MINI_SECTOR * start : _MINI_SECTOR * (start + 1)] for start in starts)
        else:
            data = self._stream(first, size)
        if len(data) < size:
            raise _damaged()
        return data[:size]

    def _stream(self, first: int, size: int) -> bytes:
        if size > self._length:
            raise _damaged()
        return self._joined(self._chain(self._fat, first, -(-size // self._sector)))

    def _read_directory(self, data: bytes) -> None:
        """Find the streams of the root: a tree whose nodes name the next ones left and right of them."""
        if len(data) < _ENTRY:
            raise _damaged()
        child, first, size = _tree_of(data, 0)[2], *self._extent(data, 0)
        self._mini_stream = self._stream(first, size)[:size] if size else b""
        waiting, seen = [child], {0}
        while waiting:
            number = waiting.pop()
            if number in seen or (number + 1) * _ENTRY > len(data):
                continue
            seen.add(number)
            if data[number * _ENTRY + 66] in (_STORAGE, _STREAM):
                self._streams[_name_of(data, number)] = self._extent(data, number)
            waiting += _tree_of(data, number)[:2]

    def _extent(self, data: bytes, number: int) -> tuple[int, int]:
        first, low, high = struct.unpack_from("<III", data, number * _ENTRY + 116)
        return first, low if self._sector == _HEADER else low | high << 32  # version 3 leaves the upper half undefined

    def _fat_sectors(self, header: bytes) -> list[int]:
        """Return where the FAT itself lies: 109 places in the header, the others in sectors that are chained by their end."""
        most = self._length // self._sector
        sectors = list(struct.unpack_from("<109I", header, 76))
        further = struct.unpack_from("<I", header, 68)[0]
        while further < _SPECIAL and len(sectors) < most + 109:
            *more, further = self._numbers([further])
            sectors += more
        return [sector for sector in sectors if sector < _SPECIAL][: most // (self._sector // 4) + 1]

    def _numbers(self, sectors: list[int]) -> tuple[int, ...]:
        data = self._joined(sectors)
        return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])

    def _chain(self, table: tuple[int, ...], first: int, count: int) -> list[int]:
        """Return `count` sectors of a chain; so a circle ends, too."""
        if count > len(table):
            raise _damaged()
        chain = []
        for _ in range(count):
            if first >= len(table):
                raise _damaged()
            chain.append(first)
            first = table[first]
        return chain

    def _whole_chain(self, first: int) -> list[int]:
        """Return a chain of unknown length."""
        chain: dict[int, None] = {}
        while first < _SPECIAL:
            if first in chain or first >= len(self._fat):
                raise _damaged()
            chain[first] = None
            first = self._fat[first]
        return list(chain)

    def _joined(self, sectors: Iterable[int]) -> bytes:
        """Return sectors joined, without a second copy of them in memory."""
        joined = io.BytesIO()
        for sector in sectors:
            joined.write(self._sector_bytes(sector))
        return joined.getvalue()

    def _sector_bytes(self, number: int) -> bytes:
        return self._bytes_at((number + 1) * self._sector, self._sector)

    def _bytes_at(self, offset: int, length: int) -> bytes:
        """Return bytes of the file; its last sector may be cut short."""
        if offset >= self._length:
            raise _damaged()
        self._file.seek(offset)
        return self._file.read(length)


def _tree_of(data: bytes, number: int) -> tuple[int, int, int]:
    """Return the entries left of, right of and below the entry `number`."""
    left, right, below = struct.unpack_from("<III", data, number * _ENTRY + 68)
    return left, right, below


def _name_of(data: bytes, number: int) -> str:
    start = number * _ENTRY
    length = struct.unpack_from("<H", data, start + 64)[0]  # in bytes, with the final zero
    return data[start : start + max(min(length, 64) - 2, 0)].decode("utf-16-le", errors="replace")


def _damaged() -> UnreadableFile:
    return UnreadableFile("extract", "damaged", "Tệp Office 97-2003 bị hỏng hoặc bị cắt ngang.")
