"""Writes small OLE compound files, with the streams at the root."""

import struct

_SECTOR, _MINI, _MINI_BELOW = 512, 64, 4096
_END, _NONE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_STREAM, _ROOT = 2, 5


def compound_file(streams: dict[str, bytes]) -> bytes:
    """A compound file of these streams; those below 4096 bytes lie in the mini stream."""
    sectors: list[bytes] = []
    fat: list[int] = []
    mini, mini_fat = b"", list[int]()

    def chained(data: bytes) -> int:
        """Put data into new sectors and return the first."""
        pieces = [data[place : place + _SECTOR].ljust(_SECTOR, b"\0") for place in range(0, len(data), _SECTOR)]
        first = len(sectors)
        sectors.extend(pieces)
        fat.extend([*range(first + 1, first + len(pieces)), _END][: len(pieces)])
        return first if pieces else _END

    extents = []
    for data in streams.values():
        if len(data) < _MINI_BELOW:
            extents.append((len(mini_fat) if data else _END, len(data)))
            count = -(-len(data) // _MINI)
            mini_fat += [*range(len(mini_fat) + 1, len(mini_fat) + count), _END][:count]
            mini += data.ljust(count * _MINI, b"\0")
        else:
            extents.append((chained(data), len(data)))
    entries = [_entry("Root Entry", _ROOT, _NONE, 1 if streams else _NONE, chained(mini), len(mini))]
    for number, (name, extent) in enumerate(zip(streams, extents, strict=True), 1):
        entries.append(_entry(name, _STREAM, number + 1 if number < len(streams) else _NONE, _NONE, *extent))
    directory = chained(b"".join(entries))
    first_mini_fat = chained(struct.pack(f"<{len(mini_fat)}I", *mini_fat).ljust(-(-len(mini_fat) // 128) * _SECTOR, b"\xff"))
    of_fat = next(count for count in range(1, 110) if count * 128 >= len(fat) + count)
    places = [len(fat) + number for number in range(of_fat)]
    numbers = struct.pack(f"<{len(fat) + of_fat}I", *fat, *[_FAT] * of_fat).ljust(of_fat * _SECTOR, b"\xff")
    header = struct.pack(
        "<8s16xHHHHH10xIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        0x3E,
        3,
        0xFFFE,
        9,
        6,
        of_fat,
        directory,
        0,
        _MINI_BELOW,
        first_mini_fat,
        1,
        _END,
        0,
        places[0],
    )
    return (
        header + struct.pack(f"<{of_fat - 1}I", *places[1:]).ljust(_SECTOR - len(header), b"\xff") + b"".join(sectors) + numbers
    )


def _entry(name: str, kind: int, right: int, child: int, first: int, size: int) -> bytes:
    """A directory entry; each names the next one as the one right of it."""
    encoded = name.encode("utf-16-le")
    return encoded.ljust(64, b"\0") + struct.pack("<HBBIII36xIQ", len(encoded) + 2, kind, 1, _NONE, right, child, first, size)
