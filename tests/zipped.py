"""ZIP files for tests: ordinary ones, and ones whose records say what no program would write."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


def zip_of(files: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive of these files, as a program writes it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class Record:
    """One member, written by hand: what is None is as it should be."""

    name: bytes
    data: bytes = b"x"
    size: int | None = None
    packed: int | None = None
    method: int = 8
    flags: int = 0
    crc: int | None = None
    shares: int | None = None  # the number of the record whose data it has as its own


def written(records: Sequence[Record], count: int | None = None) -> bytes:
    """Return an archive of these records."""
    body, directory, places = bytearray(), bytearray(), []
    for record in records:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = packer.compress(record.data) + packer.flush() if record.method == 8 else record.data
        sizes = (
            zlib.crc32(record.data) if record.crc is None else record.crc,
            len(packed) if record.packed is None else record.packed,
            len(record.data) if record.size is None else record.size,
        )
        place = len(body) if record.shares is None else places[record.shares]
        places.append(place)
        fields = (record.flags, record.method, 0, 33, *sizes, len(record.name), 0)
        if record.shares is None:
            body += struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, *fields) + record.name + packed
        directory += struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, *fields, 0, 0, 0, 0, place) + record.name
    number = min(len(records), 0xFFFF) if count is None else count
    return bytes(body + directory) + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, number, number, len(directory), len(body), 0)
