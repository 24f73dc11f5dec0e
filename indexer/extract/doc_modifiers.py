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


_TABLE_DEFINITION, _TABS = 0xD608, 0xC615
_OPERANDS = (1, 1, 2, 4, 2, 2, 0, 3)  # bytes by the three highest bits of a code; 0 where the operand tells
_CODES = {int(code): code for code in Code}
_OF_OLD = {0x0C: Code.LEVEL, 0x18: Code.IN_TABLE, 0x19: Code.ROW_END, 0x41: Code.DELETED, 0x5C: Code.HIDDEN, 0x75: Code.SPECIAL}

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


def single_modifier(number: int, value: int) -> Modifiers:
    """Return the one modifier that a piece of text names by its old code; none where it doesn't matter."""
    return ((_OF_OLD[number], bytes([value])),) if number in _OF_OLD else ()


def _variable(code: int, data: bytes, place: int) -> int:
    """Return the length of an operand that begins with it."""
    length = data[place]
    if code == _TABLE_DEFINITION:
        return int.from_bytes(data[place : place + 2], "little") + 1
    if code == _TABS and length == 0xFF:  # too long for a byte: two counted lists follow
        deleted = int.from_bytes(data[place + 1 : place + 2])
        added = int.from_bytes(data[place + 2 + 4 * deleted : place + 3 + 4 * deleted])
        return 3 + 4 * deleted + 3 * added
    return 1 + length
