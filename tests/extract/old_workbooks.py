"""Writes Excel workbooks of 1993 to 2003, only as much of them as the tests need."""

import struct
from collections.abc import Iterable, Sequence

from compound import compound_file

MOST = 8224  # bytes in one record; what is longer continues in others


def record(kind: int, data: bytes = b"", *more: bytes) -> bytes:
    """A record, and those that continue it."""
    parts = [(kind, data), *((0x3C, piece) for piece in more)]
    return b"".join(struct.pack("<HH", number, len(piece)) + piece for number, piece in parts)


def string(text: str, length_format: str = "<H", fonts: Sequence[tuple[int, int]] = ()) -> bytes:
    """A string of BIFF8, of one byte a character where that is enough."""
    wide = any(character > "\xff" for character in text)
    options = wide | 8 * bool(fonts)
    head = struct.pack(length_format, len(text)) + bytes([options]) + (struct.pack("<H", len(fonts)) if fonts else b"")
    return head + text.encode("utf-16-le" if wide else "latin-1") + b"".join(struct.pack("<HH", *font) for font in fonts)


def begin(kind: int, version: int = 0x0600) -> bytes:
    """What begins the globals (5) or a sheet (16)."""
    return record(0x0809, struct.pack("<HH", version, kind).ljust(16, b"\0"))


def font(name: str, charset: int = 0) -> bytes:
    """A font."""
    return record(0x31, bytes(12) + bytes([charset, 0]) + string(name, "<B"))


def style(font_number: int, number_format: int = 0) -> bytes:
    """A style of cells."""
    return record(0xE0, struct.pack("<HH", font_number, number_format).ljust(20, b"\0"))


def number_format(number: int, code: str) -> bytes:
    """A format of numbers."""
    return record(0x41E, struct.pack("<H", number) + string(code))


def shared_strings(*strings: bytes) -> bytes:
    """The strings that cells refer to, cut into records where one ends."""
    parts = [struct.pack("<II", len(strings), len(strings))]
    for item in strings:
        if len(parts[-1]) + len(item) > MOST:
            parts.append(b"")
        parts[-1] += item
    return record(0xFC, *parts)


def cell(kind: int, row: int, column: int, data: bytes, style_number: int = 0) -> bytes:
    """A cell."""
    return record(kind, struct.pack("<HHH", row, column, style_number) + data)


def text_cell(row: int, column: int, number: int, style_number: int = 0) -> bytes:
    """A cell with a shared string."""
    return cell(0xFD, row, column, struct.pack("<I", number), style_number)


def number_cell(row: int, column: int, value: float, style_number: int = 0) -> bytes:
    """A cell with a number."""
    return cell(0x203, row, column, struct.pack("<d", value), style_number)


def workbook(shared: Iterable[bytes], sheets: Sequence[tuple[str, int, bytes]]) -> bytes:
    """A workbook of BIFF8: what its sheets share, and of each its name, whether it is hidden, and its records."""
    head = begin(5) + b"".join(shared)
    listed = sum(len(_listed(0, hidden, name)) for name, hidden, _ in sheets)
    place = len(head) + listed + 4
    directory, bodies = b"", b""
    for name, hidden, body in sheets:
        directory += _listed(place + len(bodies), hidden, name)
        bodies += begin(16) + body + record(0x0A)
    return compound_file({"Workbook": head + directory + record(0x0A) + bodies})


def _listed(place: int, hidden: int, name: str) -> bytes:
    return record(0x85, struct.pack("<IBB", place, hidden, 0) + string(name, "<B"))
