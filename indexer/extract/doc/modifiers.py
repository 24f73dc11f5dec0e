"""Property modifiers (sprms) of a Word binary file: a code, and an operand whose length the code tells.

Word 6 and 95 have codes of one byte; those that matter are given as their successors.
Source: [MS-DOC], Sprm, 2.6 (the codes) and Prm0 (whose numbers are the codes of older versions).
"""

from enum import IntEnum


class Code(IntEnum):
    """The modifiers on which a text depends."""

    DELETED = 0x0800
    PICTURE = 0x6A03
    SYMBOL = 0x6A09
    SMALL_CAPITALS = 0x083A
    CAPITALS = 0x083B
    HIDDEN = 0x083C
    SPECIAL = 0x0855
    BACK_TO_STYLE = 0x2A33
    CHARACTER_STYLE = 0x4A30
    FONT_ASCII = 0x4A4F
    FONT_OTHER = 0x4A51
    PARAGRAPH_STYLE = 0x4600
    IN_TABLE = 0x2416
    TABLE_DEPTH = 0x6649
    ROW_END = 0x2417
    INNER_CELL = 0x244B
    INNER_ROW_END = 0x244C
    LEVEL = 0x260A
    LIST = 0x460B
    FROM_DATA = 0x6646
    TABLE_FROM_DATA = 0x646B


_CODES = {int(code): code for code in Code}
_OPERANDS = (1, 1, 2, 4, 2, 2, 0, 3)  # bytes by the three highest bits of a code; 0 where the operand tells
_TABLE_DEFINITION, _TABS = (0xD608, 190), (0xC615, 23)

_OLD_FONT, _OLD_SYMBOL = 93, 74
_OF_OLD = {
    2: Code.PARAGRAPH_STYLE,
    24: Code.IN_TABLE,
    25: Code.ROW_END,
    65: Code.DELETED,
    80: Code.CHARACTER_STYLE,
    83: Code.BACK_TO_STYLE,
    90: Code.SMALL_CAPITALS,
    91: Code.CAPITALS,
    92: Code.HIDDEN,
    117: Code.SPECIAL,
}
_OF_PIECES = {12: Code.LEVEL, 24: Code.IN_TABLE, 25: Code.ROW_END, 65: Code.DELETED, 117: Code.SPECIAL}
_OF_PIECES |= {90: Code.SMALL_CAPITALS, 91: Code.CAPITALS, 92: Code.HIDDEN}
_OLD_OPERANDS: dict[int, int] = {  # bytes by code; the operand of any other tells
    **dict.fromkeys((0, 52, 83), 0),
    **dict.fromkeys((*range(4, 12), 13, 14, 24, 25, 29, 37, 44, 50, 51, 65, 66, 67, 71, 75, *range(85, 93)), 1),
    **dict.fromkeys((94, 98, 100, 102, 104, 117, 118, 119, 185, 186), 1),
    **dict.fromkeys((2, *range(16, 20), 21, 22, 26, 27, 28, *range(30, 37), *range(38, 44), *range(45, 50), 69, 72), 2),
    **dict.fromkeys((80, 93, 96, 97, 99, 101, 107, 109, 110, *range(121, 125), 182, 183, 184, 189, 195, 197, 198), 2),
    **dict.fromkeys((73, 95), 3),
    **dict.fromkeys((20, 70, 192, 194, 196, 200), 4),
    **dict.fromkeys((193, 199), 5),
    187: 12,
}

Modifiers = tuple[tuple[Code, bytes], ...]  # codes and their operands


def read_modifiers(data: bytes) -> Modifiers:
    """Return the modifiers of a list that matter, of each code the last one; the list ends at the first that is cut short."""
    found: dict[Code, bytes] = {}
    place = 0
    while place + 2 < len(data):
        code = data[place] | data[place + 1] << 8
        place += 2
        end = place + (_OPERANDS[code >> 13] or _variable(code, data, place))
        if end > len(data):
            break
        if code in _CODES:
            found.pop(_CODES[code], None)
            found[_CODES[code]] = data[place:end]
        place = end
    return tuple(found.items())


def read_old_modifiers(data: bytes) -> Modifiers:
    """Return the modifiers of a list of Word 6 or 95 that matter, as those of later versions."""
    found: dict[Code, bytes] = {}
    place = 0
    while place < len(data):
        code = data[place]
        place += 1
        end = place + (_OLD_OPERANDS[code] if code in _OLD_OPERANDS else _variable(code, data, place))
        value = data[place:end]
        if end > len(data):
            break
        if code == _OLD_FONT:
            found[Code.FONT_ASCII] = found[Code.FONT_OTHER] = value
        elif code == _OLD_SYMBOL:
            found[Code.SYMBOL] = value[1:4] + b"\xf0"  # the byte of a symbol font, as later versions show it
        elif code in _OF_OLD:
            found.pop(_OF_OLD[code], None)
            found[_OF_OLD[code]] = value
        place = end
    return tuple(found.items())


def single_modifier(number: int, value: int) -> Modifiers:
    """Return the one modifier that a piece of text names by a number of its own; none where it doesn't matter."""
    return ((_OF_PIECES[number], bytes([value])),) if number in _OF_PIECES else ()


def _variable(code: int, data: bytes, place: int) -> int:
    """Return the length of an operand that begins with it."""
    length = int.from_bytes(data[place : place + 1])  # 0 where the list is cut short, and 1 byte is too many
    if code in _TABLE_DEFINITION:
        return int.from_bytes(data[place : place + 2], "little") + 1
    if code in _TABS and length == 0xFF:  # too long for a byte: two counted lists follow
        deleted = int.from_bytes(data[place + 1 : place + 2])
        added = int.from_bytes(data[place + 2 + 4 * deleted : place + 3 + 4 * deleted])
        return 3 + 4 * deleted + 3 * added
    return 1 + length
