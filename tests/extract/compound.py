"""Writes OLE compound files, with the streams at the root."""

import struct

_MINI, _MINI_BELOW, _IN_HEADER = 64, 4096, 109
_END, _NONE, _FAT, _DIFAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFC
_STREAM, _ROOT = 2, 5


def compound_file(streams: dict[str, bytes], sector: int = 512) -> bytes:
    """A compound file of these streams, with sectors of 512 (version 3) or 4096 bytes; small ones lie in the mini stream."""
    sectors: list[bytes] = []
    fat: list[int] = []
    mini, mini_fat = b"", list[int]()

    def chained(data: bytes) -> int:
        """Put data into new sectors and return the first."""
        pieces = [data[place : place + sector].ljust(sector, b"\0") for place in range(0, len(data), sector)]
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
    first_mini_fat = chained(_padded(mini_fat, sector))
    numbers = sector // 4
    of_fat = of_difat = 0  # sectors of the FAT, and of the list of those beyond the header's
    while of_fat * numbers < len(fat) + of_fat + of_difat:
        of_fat += 1
        of_difat = -(-max(of_fat - _IN_HEADER, 0) // (numbers - 1))
    places = [len(fat) + number for number in range(of_fat)]
    lists = [places[start : start + numbers - 1] for start in range(_IN_HEADER, of_fat, numbers - 1)]
    difat = [len(fat) + of_fat + number for number in range(of_difat)]
    further = [
        _padded(some, sector - 4) + struct.pack("<I", after) for some, after in zip(lists, [*difat[1:], _END], strict=False)
    ]
    head = struct.pack(
        "<8s16xHHHHH10xIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        *(0x3E, 3 if sector == 512 else 4, 0xFFFE, sector.bit_length() - 1, 6),
        *(of_fat, directory, 0, _MINI_BELOW, first_mini_fat, 1),
        *((difat[0], of_difat) if difat else (_END, 0)),
        *places[:1],
    )
    head = (head + struct.pack(f"<{len(places[1:_IN_HEADER])}I", *places[1:_IN_HEADER])).ljust(512, b"\xff").ljust(sector, b"\0")
    return head + b"".join(sectors) + _padded([*fat, *[_FAT] * of_fat, *[_DIFAT] * of_difat], sector) + b"".join(further)


def _padded(numbers: list[int], sector: int) -> bytes:
    """Numbers in whole sectors, the rest free."""
    data = struct.pack(f"<{len(numbers)}I", *numbers)
    return data.ljust(-(-len(data) // sector) * sector, b"\xff")


def _entry(name: str, kind: int, right: int, child: int, first: int, size: int) -> bytes:
    """A directory entry; each names the next one as the one right of it."""
    encoded = name.encode("utf-16-le")
    head = struct.pack("<HBBIII36x", len(encoded) + 2, kind, 1, _NONE, right, child)
    return encoded.ljust(64, b"\0") + head + struct.pack("<IQ", first, size)
