"""The names in an OLE compound file's directory, which tell .doc, .xls and encrypted OOXML apart.

Source: [MS-CFB], sections 2.2 (header) and 2.6 (directory entries).
"""

import struct
from pathlib import Path
from typing import BinaryIO

_HEADER = 512
_ENTRY = 128
_DIRECTORY_SECTORS = 64  # far more than an Office file's streams need; a hostile chain ends here
_FAT_START = 76  # offset of the header's first 109 FAT sector numbers


def stream_names(path: Path) -> frozenset[str]:
    """Return the directory's entry names; none where the structure is damaged."""
    with path.open("rb") as file:
        try:
            return frozenset(_names(file))
        except (struct.error, IndexError, ValueError, OverflowError):
            return frozenset()


def _names(file: BinaryIO) -> list[str]:
    header = file.read(_HEADER)
    shift = struct.unpack_from("<H", header, 30)[0]
    if shift not in (9, 12):
        raise ValueError(shift)
    size = 1 << shift
    sector = struct.unpack_from("<I", header, 48)[0]
    names = []
    for _ in range(_DIRECTORY_SECTORS):
        data = _read_sector(file, sector, size)
        names += [name for start in range(0, len(data) - _ENTRY + 1, _ENTRY) if (name := _entry_name(data, start))]
        sector = _next_sector(file, header, sector, size)
        if sector is None:
            break
    return names


def _entry_name(data: bytes, start: int) -> str:
    length = struct.unpack_from("<H", data, start + 64)[0]  # in bytes, with the final zero
    return data[start : start + max(min(length, 64) - 2, 0)].decode("utf-16-le", errors="replace")


def _next_sector(file: BinaryIO, header: bytes, sector: int, size: int) -> int | None:
    per_sector = size // 4
    block, place = divmod(sector, per_sector)
    if block >= 109:
        return None
    fat_sector = struct.unpack_from("<I", header, _FAT_START + 4 * block)[0]
    follows: int = struct.unpack_from("<I", _read_sector(file, fat_sector, size), 4 * place)[0]
    return follows if follows < 0xFFFFFFFA else None


def _read_sector(file: BinaryIO, sector: int, size: int) -> bytes:
    file.seek((sector + 1) * size)
    return file.read(size)
