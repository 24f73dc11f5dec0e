"""What the style sheet of a Word binary file says of characters and paragraphs, before their own modifiers.

Source: [MS-DOC], 2.4.6 (which properties apply), STSH, STD and GrLPUpxSw.
"""

import struct
from dataclasses import dataclass, replace

from indexer.extract.doc.file import Layout
from indexer.extract.doc.modifiers import Code, Modifiers

_WITH_OTHER_FONT = 18  # bytes of a head that names a font for letters outside ASCII, too
_BASES = 32  # styles based on styles; a hostile circle ends here


@dataclass(frozen=True, slots=True)
class Character:
    """How characters are set; fonts by their numbers."""

    font_ascii: int = 0
    font_other: int = 0
    deleted: bool = False
    hidden: bool = False
    capitals: bool = False
    small_capitals: bool = False
    special: bool = False  # a control code that stands for something
    symbol: tuple[int, str] | None = None  # font and character that are shown instead
    picture: int | None = None  # where in the data stream it lies

    @property
    def is_unseen(self) -> bool:
        """Whether a reader sees none of them."""
        return self.deleted or self.hidden

    @property
    def shows_capitals(self) -> bool:
        """Whether a reader sees capitals whatever the letters are."""
        return self.capitals or self.small_capitals

    def changed(self, modifiers: Modifiers) -> "Character":
        """Return these properties as modifiers change them; switches may refer to what holds before (ToggleOperand)."""
        now = self
        for code, value in modifiers:
            match code:
                case Code.DELETED:
                    now = replace(now, deleted=_switched(value, before=self.deleted))
                case Code.HIDDEN:
                    now = replace(now, hidden=_switched(value, before=self.hidden))
                case Code.CAPITALS:
                    now = replace(now, capitals=_switched(value, before=self.capitals))
                case Code.SMALL_CAPITALS:
                    now = replace(now, small_capitals=_switched(value, before=self.small_capitals))
                case Code.SPECIAL:
                    now = replace(now, special=value != b"\0")
                case Code.FONT_ASCII:
                    now = replace(now, font_ascii=number(value))
                case Code.FONT_OTHER:
                    now = replace(now, font_other=number(value))
                case Code.SYMBOL:
                    now = replace(now, symbol=(number(value[:2]), chr(number(value[2:]))))
                case Code.PICTURE:
                    now = replace(now, picture=number(value))
                case Code.BACK_TO_STYLE:
                    now = replace(self, special=now.special, symbol=now.symbol, picture=now.picture)
        return now


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What of a paragraph's properties its text depends on."""

    style: int = 0
    depth: int = 0  # tables that it stands in
    ends_row: bool = False
    ends_inner_cell: bool = False
    ends_inner_row: bool = False
    level: int = 0
    list: int = 0  # 0: none

    def starts_row_after(self, before: "Paragraph") -> bool:
        """Whether it is the first of a row, given the paragraph before it."""
        ended = before.ends_row or before.ends_inner_row
        return self.depth > before.depth or (ended and 0 < self.depth == before.depth)

    def changed(self, modifiers: Modifiers) -> "Paragraph":
        """Return these properties as modifiers change them."""
        now = self
        for code, value in modifiers:
            match code:
                case Code.IN_TABLE:
                    now = replace(now, depth=max(now.depth, value[0]))
                case Code.TABLE_DEPTH:
                    now = replace(now, depth=number(value))
                case Code.ROW_END:
                    now = replace(now, ends_row=value != b"\0")
                case Code.INNER_CELL:
                    now = replace(now, ends_inner_cell=value != b"\0")
                case Code.INNER_ROW_END:
                    now = replace(now, ends_inner_row=value != b"\0")
                case Code.LEVEL:
                    now = replace(now, level=number(value))
                case Code.LIST:
                    now = replace(now, list=number(value))
        return now


@dataclass(frozen=True, slots=True)
class _Style:
    """What one style changes of the style that it is based on."""

    base: int
    of_paragraphs: Modifiers = ()
    of_characters: Modifiers = ()


class StyleSheet:
    """Answers for one document."""

    def __init__(self, data: bytes, layout: Layout) -> None:
        self._styles: dict[int, _Style] = {}
        self._default = Character()
        if data:
            self._read(data, layout)

    def character(self, style: int, base: Character | None = None) -> Character:
        """Return how characters are set in a style: a paragraph's, or with `base` their own over it."""
        properties = base or self._default
        for bases in self._bases(style):
            properties = properties.changed(bases.of_characters)
        return properties

    def paragraph(self, style: int) -> Paragraph:
        """Return the properties of a paragraph in a style."""
        properties = Paragraph(style)
        for bases in self._bases(style):
            properties = properties.changed(bases.of_paragraphs)
        return properties

    def _bases(self, style: int) -> list[_Style]:
        """Return the styles that a style rests on, itself last."""
        bases: list[_Style] = []
        while style in self._styles and len(bases) < _BASES:
            bases.append(self._styles[style])
            style = bases[-1].base
        return bases[::-1]

    def _read(self, data: bytes, layout: Layout) -> None:
        length, count, base_size, font, other = struct.unpack_from("<HHH8xH2xH", data)
        self._default = Character(font, other if length >= _WITH_OTHER_FONT else font)
        place = 2 + length
        for style in range(count):
            size = struct.unpack_from("<H", data, place)[0]
            place += 2
            if size:
                self._styles[style] = _style(data[place : place + size], base_size, layout)
            place += size


def number(value: bytes) -> int:
    """Return the number that bytes of a file stand for."""
    return int.from_bytes(value, "little")


def _style(data: bytes, base_size: int, layout: Layout) -> _Style:
    kind, counts = struct.unpack_from("<HH", data, 2)
    # the name is behind its length, with a zero after it
    place = base_size + (2 * number(data[base_size : base_size + 2]) + 4 if layout.wide else data[base_size] + 2)
    changes = []
    for _ in range(counts & 0xF):
        length = number(data[place : place + 2])
        changes.append(data[place + 2 : place + 2 + length])
        place += 2 + length + length % 2
    match kind & 0xF, changes:
        case 1, [of_paragraphs, of_characters, *_]:  # for paragraphs; 2 characters, 3 tables, 4 lists
            return _Style(kind >> 4, layout.read_modifiers(of_paragraphs[2:]), layout.read_modifiers(of_characters))
        case 2, [of_characters, *_]:
            return _Style(kind >> 4, of_characters=layout.read_modifiers(of_characters))
        case 3, [_, of_paragraphs, of_characters, *_]:
            return _Style(kind >> 4, layout.read_modifiers(of_paragraphs[2:]), layout.read_modifiers(of_characters))
    return _Style(kind >> 4)


def _switched(value: bytes, *, before: bool) -> bool:
    """0 and 1 switch off and on; 128 and 129 are what held before, and its opposite."""
    return bool(value[0] & 1) != (value[0] >= 0x80 and before)
