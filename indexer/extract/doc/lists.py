"""The lists of a Word binary file, as the counter of numbered paragraphs takes them.

Source: [MS-DOC], PlfLst, LSTF and LVL; PlfLfo, LFO and LFOLVL.
"""

import struct

from indexer.extract.doc.file import Part, WordFile
from indexer.extract.doc.modifiers import Code, read_modifiers
from indexer.extract.doc.properties import Properties
from indexer.extract.doc.styles import number
from indexer.extract.numbering import LEVELS, Level, Lists

_LIST, _USE, _LEVEL, _OVERRIDE = 28, 16, 28, 8  # bytes of an entry, before what follows it
_LONGEST = 64  # characters of a pattern; Word's own have half of that at most
_SIMPLE = 1  # a list of one level
_STYLES = {  # MSONFC, [MS-OSHARED]; the others are written as plain numbers
    1: "upperRoman",
    2: "lowerRoman",
    3: "upperLetter",
    4: "lowerLetter",
    22: "decimalZero",
    23: "bullet",
    255: "none",
}
_LEGAL, _RESTARTS_BELOW = 0x04, 0x08  # flags of a level
_STARTS, _FORMATS = 0x10, 0x20  # what a use of a list overrides at a level


def read_lists(file: WordFile, properties: Properties) -> Lists:
    """Return the document's lists; a use of one is named by its number in the file (from 1)."""
    lists = Lists()
    definitions = file.part(Part.LISTS)
    if definitions:
        _read_definitions(definitions, file.after(Part.LISTS), properties, lists)
        _read_uses(file.part(Part.LIST_USES), properties, lists)
    return lists


def _read_definitions(data: bytes, with_levels: bytes, properties: Properties, lists: Lists) -> None:
    count = number(data[:2])
    place = 2 + _LIST * count
    for start in range(2, place, _LIST):
        name, simple = struct.unpack_from("<I22xB", data, start)
        for level in range(1 if simple & _SIMPLE else LEVELS):
            place, lists.levels[str(name), level] = _read_level(with_levels, place, properties)


def _read_level(data: bytes, place: int, properties: Properties) -> tuple[int, Level]:
    """Return where the next level begins, and the level."""
    start, style, flags, characters, paragraph, below = struct.unpack_from("<iBB18xBBB", data, place)
    place += _LEVEL + paragraph
    modifiers = dict(read_modifiers(data[place : place + characters]))
    place += characters
    length = struct.unpack_from("<H", data, place)[0]
    text = data[place + 2 : place + 2 + 2 * length].decode("utf-16-le", errors="replace")[:_LONGEST]
    pattern = "".join(f"%{ord(letter) + 1}" if ord(letter) < LEVELS else letter for letter in text)
    font = modifiers.get(Code.FONT_OTHER) or modifiers.get(Code.FONT_ASCII)
    level = Level(
        _STYLES.get(style, "decimal"),
        pattern,
        start,
        properties.font(number(font)) if font else "",
        below if flags & _RESTARTS_BELOW else LEVELS,
        bool(flags & _LEGAL),
    )
    return place + 2 + 2 * length, level


def _read_uses(data: bytes, properties: Properties, lists: Lists) -> None:
    count = number(data[:4])
    place = 4 + _USE * count
    for use, start in enumerate(range(4, place, _USE), 1):
        name, overrides = struct.unpack_from("<I8xB", data, start)
        lists.definitions[str(use)] = str(name)
        place += 4
        for _ in range(overrides):
            first, what = struct.unpack_from("<iB", data, place)
            place += _OVERRIDE
            at = str(use), what & 0xF
            if what & _FORMATS:
                place, lists.overrides[at] = _read_level(data, place, properties)
                first = lists.overrides[at].start
            if what & _STARTS:
                lists.restarts[at] = first
