"""Writes small Word binary files: paragraphs with their properties, fonts, styles and lists, in as many stories as needed."""

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from compound import compound_file

from indexer.extract.doc.file import Part, Story

_TEXT, _PAGE = 2048, 512  # where the text begins; bytes of a page of properties
_ON_A_PAGE = 4  # runs or paragraphs; few, so that several pages are needed
# name in a case → code of the modifier, and what its operand is packed as
_MODIFIERS = {
    "font": (0x4A4F, "H"),
    "font_other": (0x4A51, "H"),
    "deleted": (0x0800, "B"),
    "hidden": (0x083C, "B"),
    "capitals": (0x083B, "B"),
    "small_capitals": (0x083A, "B"),
    "special": (0x0855, "B"),
    "symbol": (0x6A09, "HH"),
    "picture": (0x6A03, "I"),
    "character_style": (0x4A30, "H"),
    "plain": (0x2A33, "B"),
    "bold": (0x0835, "B"),
    "in_table": (0x2416, "B"),
    "depth": (0x6649, "I"),
    "row_end": (0x2417, "B"),
    "inner_cell": (0x244B, "B"),
    "inner_row_end": (0x244C, "B"),
    "level": (0x260A, "B"),
    "list": (0x460B, "H"),
    "paragraph_style": (0x4600, "H"),
    "from_data": (0x6646, "I"),
    "tabs": (0xC615, "BBB"),
}


_OLD_MODIFIERS = {
    "font": (93, "H"),
    "deleted": (65, "B"),
    "hidden": (92, "B"),
    "special": (117, "B"),
    "symbol": (74, "BHB"),
    "character_style": (80, "H"),
    "plain": (83, ""),
    "bold": (85, "B"),
    "size": (99, "H"),
    "in_table": (24, "B"),
    "row_end": (25, "B"),
    "row": (190, "H4x"),
    "paragraph_style": (2, "H"),
}


def modifiers(**values: Any) -> bytes:
    """A list of property modifiers; `font` sets that of all letters."""
    if "font" in values:
        values.setdefault("font_other", values["font"])
    packed = b""
    for name, value in values.items():
        code, kind = _MODIFIERS[name]
        packed += struct.pack(f"<H{kind}", code, *(value if isinstance(value, list) else [value]))
    return packed


def old_modifiers(**values: Any) -> bytes:
    """The same as Word 6 and 95 write it."""
    packed = b""
    for name, value in values.items():
        code, kind = _OLD_MODIFIERS[name]
        packed += struct.pack(f"<B{kind}", code, *(value if isinstance(value, list) else [value] if kind else []))
    return packed


def word_streams(
    stories: Mapping[Story, Sequence[Mapping[str, Any]]],
    *,
    fonts: Sequence[str] = ("Times New Roman",),
    styles: Sequence[tuple[int, int, bytes, bytes]] = (),
    flags: int = 0,
    parts: Mapping[Part, bytes] | None = None,
    data: bytes = b"",
    lists_of_pieces: Sequence[bytes] = (),
    levels: bytes = b"",
) -> dict[str, bytes]:
    """The streams of a document.

    A paragraph is {"runs": [[text, {modifier: value}], ...], "style": 0, "width": 1 or 2, "piece": number of its Prm, and
    modifiers of the paragraph}; its last run holds its mark. Each paragraph lies in a piece of its own. A style is its kind
    (1 paragraph, 2 character), the one that it is based on, and modifiers of paragraphs and of characters.
    """
    text, pieces, positions = b"", [], [0]
    runs: list[tuple[int, bytes]] = []  # where each ends, and its properties
    paragraphs: list[tuple[int, bytes]] = []
    lengths = [0] * 8
    for story in Story:
        for paragraph in stories.get(story, ()):
            own = {name: value for name, value in paragraph.items() if name in _MODIFIERS}
            width = paragraph.get("width", 2)
            start = _TEXT + len(text)
            for written, properties in paragraph["runs"]:
                encoded = written.encode("utf-16-le" if width == 2 else "cp1252")
                text += encoded
                lengths[story] += len(encoded) // width
                runs.append((_TEXT + len(text), modifiers(**properties)))
            positions.append(sum(lengths))
            pieces.append(struct.pack("<HIH", 0, start if width == 2 else start * 2 | 1 << 30, paragraph.get("piece", 0)))
            paragraphs.append((_TEXT + len(text), struct.pack("<H", paragraph.get("style", 0)) + modifiers(**own)))
    main = bytes(_TEXT) + text
    main += bytes(-len(main) % _PAGE)
    main, characters = _with_pages(main, runs, 1)
    main, of_paragraphs = _with_pages(main, paragraphs, 13)
    tables = {
        Part.STYLES: _style_sheet(styles),
        Part.CHARACTERS: characters,
        Part.PARAGRAPHS: of_paragraphs,
        Part.FONTS: _font_table(fonts),
        Part.PIECES: b"".join(struct.pack("<BH", 1, len(one)) + one for one in lists_of_pieces)
        + struct.pack("<BI", 2, 4 * len(positions) + 8 * len(pieces))
        + struct.pack(f"<{len(positions)}I", *positions)
        + b"".join(pieces),
        **(parts or {}),
    }
    table, places = b"", [0] * 186
    for part, content in tables.items():
        places[2 * part], places[2 * part + 1] = len(table), len(content)
        table += content + (levels if part is Part.LISTS else b"")  # not counted in its length
    fib = struct.pack("<HH6xH20xH28xH12x8I44xH186I", 0xA5EC, 0xC1, 0x0200 | flags, 14, 22, *lengths, 93, *places)
    return {"WordDocument": fib + main[len(fib) :], "1Table": table, **({"Data": data} if data else {})}


def word_file(paragraphs: Sequence[Mapping[str, Any]], **more: Any) -> bytes:
    """A file whose main text is these paragraphs."""
    return compound_file(word_streams({Story.MAIN: paragraphs}, **more))


def old_word_file(
    paragraphs: Sequence[Mapping[str, Any]],
    fonts: Sequence[str],
    styles: Sequence[tuple[int, int, bytes, bytes]],
    *,
    cut: bool = False,
    listed_in_part: bool = False,
) -> bytes:
    """A file as Word 6 and 95 write it: all in one stream, one byte a character.

    `cut` puts each paragraph into a piece of its own; `listed_in_part` leaves all pages of properties but one out of their table.
    """
    text, ends = b"", [0]
    runs: list[tuple[int, bytes]] = []
    of_paragraphs: list[tuple[int, bytes]] = []
    for paragraph in paragraphs:
        own = {name: value for name, value in paragraph.items() if name in _OLD_MODIFIERS}
        for written, properties in paragraph["runs"]:
            text += written.encode("cp1252")
            runs.append((_TEXT + len(text), old_modifiers(**properties)))
        ends.append(len(text))
        properties = struct.pack("<H", paragraph.get("style", 0)) + old_modifiers(**own)
        of_paragraphs.append((_TEXT + len(text), properties + bytes(len(properties) % 2)))
    main = bytes(_TEXT) + text
    main += bytes(-len(main) % _PAGE)
    main, characters = _with_pages(main, runs, 1, old=True)
    main, of_pages = _with_pages(main, of_paragraphs, 7, old=True)
    entries = [bytes(5) + font.encode("cp1252") + b"\0" for font in fonts]
    names = b"".join(bytes([len(entry)]) + entry for entry in entries)
    pieces = b"".join(struct.pack("<HIH", 0, _TEXT + start, 0) for start in ends[:-1])
    if listed_in_part:
        characters, of_pages = (table[:8] + table[-2:] for table in (characters, of_pages))
    tables = {
        Part.STYLES: _style_sheet(styles, old=True),
        Part.CHARACTERS: characters,
        Part.PARAGRAPHS: of_pages,
        Part.FONTS: struct.pack("<H", len(names) + 2) + names,
    }
    if cut:
        tables[Part.PIECES] = struct.pack(f"<BI{len(ends)}I", 2, 4 * len(ends) + len(pieces), *ends) + pieces
    places = [0] * 68
    for part, content in tables.items():
        places[2 * part], places[2 * part + 1] = len(main), len(content)
        main += content
    first = (_TEXT + len(text) + _PAGE - 1) // _PAGE
    counted = [-(-len(some) // _ON_A_PAGE) for some in (runs, of_paragraphs)]
    pages = first, first + counted[0], *counted
    fib = struct.pack("<HH6xH12xI24xI32x68I34x4H", 0xA5DC, 101, 0, _TEXT, len(text), *places, *pages)
    return compound_file({"WordDocument": fib + main[len(fib) :]})


def _with_pages(main: bytes, stretches: Sequence[tuple[int, bytes]], entry: int, *, old: bool = False) -> tuple[bytes, bytes]:
    """Append pages of properties to the stream; return it and the table of the pages."""
    start, starts, pages = _TEXT, [], []
    for first in range(0, len(stretches), _ON_A_PAGE):
        some = stretches[first : first + _ON_A_PAGE]
        page = bytearray(_PAGE)
        ends = [end for end, _ in some]
        struct.pack_into(f"<{len(some) + 1}I", page, 0, start, *ends)
        place = _PAGE - 1
        for number, (_, properties) in enumerate(some):
            if entry == 1:
                stored = bytes([len(properties)]) + properties
            elif old:  # a count of words, and as many
                stored = bytes([len(properties) // 2]) + properties
            else:  # an odd number of bytes follows a count of words, an even one a zero and a count
                words = len(properties) // 2
                stored = bytes([words + 1] if len(properties) % 2 else [0, words]) + properties
            place = (place - len(stored)) // 2 * 2
            page[place : place + len(stored)] = stored
            page[4 * (len(some) + 1) + entry * number] = place // 2
        page[-1] = len(some)
        starts.append(start)
        pages.append(bytes(page))
        start = ends[-1]
    first = len(main) // _PAGE
    numbers = struct.pack(f"<{len(pages)}{'H' if old else 'I'}", *range(first, first + len(pages)))
    return main + b"".join(pages), struct.pack(f"<{len(starts) + 1}I", *starts, start) + numbers


def _font_table(fonts: Iterable[str]) -> bytes:
    entries = [bytes(39) + font.encode("utf-16-le") + b"\0\0" for font in fonts]
    return struct.pack("<HH", len(entries), 0) + b"".join(bytes([len(entry)]) + entry for entry in entries)


def _style_sheet(styles: Iterable[tuple[int, int, bytes, bytes]], *, old: bool = False) -> bytes:
    entries = []
    name = b"\x01K\0" if old else b"\x01\0K\0\0\0"
    for number, (kind, base, of_paragraphs, of_characters) in enumerate(styles):
        changes = [struct.pack("<H", number) + of_paragraphs] if kind == 1 else []
        changes.append(of_characters)
        entry = struct.pack("<HHHH", 0, kind | base << 4, len(changes), 0) + (b"" if old else b"\0\0") + name
        for change in changes:
            entry += struct.pack("<H", len(change)) + change + bytes(len(change) % 2)
        entries.append(struct.pack("<H", len(entry)) + entry)
    head = (
        struct.pack("<H7H", 14, len(entries), 8, 1, 0, 0, 0, 0) if old else struct.pack("<H9H", 18, len(entries), 10, 1, *[0] * 6)
    )
    return head + b"".join(entries)


def level(style: int, pattern: str, *, start: int = 1, font: int | None = None, flags: int = 0, below: int = 0) -> bytes:
    """A level of a list; the characters 0 to 8 of the pattern stand for the numbers of the levels."""
    own = b"" if font is None else modifiers(font=font)
    head = struct.pack("<iBB18xBBBx", start, style, flags, len(own), 0, below)
    return head + own + struct.pack("<H", len(pattern)) + pattern.encode("utf-16-le")


def lists_of(levels: Sequence[bytes], uses: Sequence[Sequence[tuple[int, int, bytes]]]) -> dict[str, Any]:
    """Arguments for one list (the last of `levels` fills it up) and its uses: what each overrides (flags, start, level)."""
    definition = struct.pack("<HiI18xBx", 1, 7, 0, 0)
    of_uses = b"".join(struct.pack("<i8xBxxx", 7, len(overrides)) for overrides in uses)
    overridden = b"".join(
        b"\xff" * 4 + b"".join(struct.pack("<iI", start, what) + rest for what, start, rest in overrides) for overrides in uses
    )
    nine = [*levels, *[levels[-1]] * (9 - len(levels))]
    parts = {Part.LISTS: definition, Part.LIST_USES: struct.pack("<I", len(uses)) + of_uses + overridden}
    return {"parts": parts, "levels": b"".join(nine)}
