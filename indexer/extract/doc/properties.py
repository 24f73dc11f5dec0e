"""Properties of the characters and paragraphs of a Word binary file: what styles say, and what modifiers change of it.

Source: [MS-DOC], 2.4.6 (which properties apply), ChpxFkp, PapxFkp, PrcData and SttbfFfn.
"""

import struct
from bisect import bisect_right

from indexer.extract.doc.file import Layout, Part, WordFile, damaged, plc
from indexer.extract.doc.modifiers import Code, Modifiers
from indexer.extract.doc.styles import Character, Paragraph, StyleSheet, number

_PAGE, _PAGE_NUMBER = 512, 0x3FFFFF  # bytes of a page; bits of its number
_OLD_PAGES = {Part.CHARACTERS: 0x18A, Part.PARAGRAPHS: 0x18C}  # where the FIB tells the first page, and how many


class Properties:
    """Answers for one document; places are those in the stream of its text, in bytes."""

    def __init__(self, file: WordFile) -> None:
        self._file, self._layout = file, file.layout
        self._styles = StyleSheet(file.part(Part.STYLES), file.layout)
        self._fonts = _font_names(file.part(Part.FONTS), file.layout)
        self._characters = _Pages(file, Part.CHARACTERS, 1)
        self._paragraphs = _Pages(file, Part.PARAGRAPHS, file.layout.paragraph_entry)
        self._known: dict[tuple[int, bytes, Modifiers], Character] = {}
        self._known_paragraphs: dict[tuple[bytes, Modifiers], Paragraph] = {}
        self._long: dict[int, Modifiers] = {}
        self._long_bytes = 0

    def font(self, font: int) -> str:
        """Return the name of a font by its number; "" where there is none."""
        return self._fonts[font] if font < len(self._fonts) else ""

    def font_of(self, text: str, character: Character) -> str:
        """Return the font that text is set in: letters outside ASCII have their own, and tell the encoding of the others."""
        return self.font(character.font_ascii if text.isascii() else character.font_other)

    def characters_at(self, place: int) -> tuple[int, bytes]:
        """Return up to where characters are set as the one at `place` is, and their modifiers."""
        end, page, start = self._characters.find(place)
        return end, page[start + 1 : start + 1 + page[start]] if start else b""

    def paragraph_at(self, place: int, of_piece: Modifiers) -> tuple[int, Paragraph]:
        """Return where the paragraph around `place` ends, and its properties, given the modifiers of the piece."""
        end, page, start = self._paragraphs.find(place)
        own = self._of_paragraph(page, start) if start else b""
        key = own, of_piece
        if key not in self._known_paragraphs:
            modifiers = self._whole(self._layout.read_modifiers(own[2:]) + of_piece)
            style = next((number(value) for code, value in modifiers if code == Code.PARAGRAPH_STYLE), number(own[:2]))
            self._known_paragraphs[key] = self._styles.paragraph(style).changed(modifiers)
        return end, self._known_paragraphs[key]

    def character(self, style: int, own: bytes, of_piece: Modifiers) -> Character:
        """Return how characters are set by their modifiers in a paragraph of this style."""
        key = style, own, of_piece
        if key not in self._known:
            modifiers = self._layout.read_modifiers(own) + of_piece
            base = self._styles.character(style)
            for code, value in modifiers:
                if code == Code.CHARACTER_STYLE:
                    base = self._styles.character(number(value), base)
            self._known[key] = base.changed(modifiers)
        return self._known[key]

    def _of_paragraph(self, page: bytes, start: int) -> bytes:
        """Return the style's number and the modifiers that begin on a page with a count of words."""
        words = page[start]
        if not self._layout.wide:
            return page[start + 1 : start + 1 + 2 * words]
        if words:  # the count is among them
            return page[start + 1 : start + 2 * words]
        return page[start + 2 : start + 2 + 2 * page[start + 1]]

    def _whole(self, modifiers: Modifiers) -> Modifiers:
        """Put in what lies in the data stream for want of room (sprmPHugePapx)."""
        for code, value in modifiers:
            if code in (Code.FROM_DATA, Code.TABLE_FROM_DATA):
                modifiers += self._from_data(number(value))
        return modifiers

    def _from_data(self, place: int) -> Modifiers:
        if place not in self._long:
            length = number(self._file.data[place : place + 2])
            self._long_bytes += length
            if self._long_bytes > len(self._file.data):  # no two lists share their bytes
                raise damaged()
            self._long[place] = self._layout.read_modifiers(self._file.data[place + 2 : place + 2 + length])
        return self._long[place]


class _Pages:
    """Properties by place, kept in pages of the text's stream; each is looked at when first needed."""

    def __init__(self, file: WordFile, part: Part, entry: int) -> None:
        self._text, self._entry = file.text, entry
        self._read: dict[int, tuple[bytes, tuple[int, ...]]] = {}
        self._starts, pages = plc(file.part(part), file.layout.page_number)
        self._pages = [number(page) & _PAGE_NUMBER for page in pages]
        if not file.layout.wide:
            self._complete(file, part)

    def _complete(self, file: WordFile, part: Part) -> None:
        """Take all pages where the table lists only some: those of Word 6 and 95 lie side by side, counted in the FIB."""
        first, count = struct.unpack_from("<H2xH", file.text, _OLD_PAGES[part])
        if len(self._pages) < count <= len(file.text) // _PAGE:
            self._pages = list(range(first, first + count))
            pages = [self._page(page)[1] for page in self._pages]
            self._starts = (*(starts[0] for starts in pages), pages[-1][-1])

    def find(self, place: int) -> tuple[int, bytes, int]:
        """Return where the stretch around `place` ends, its page, and where in that its properties begin (0: none)."""
        index = bisect_right(self._starts, place) - 1
        if not 0 <= index < len(self._pages):
            return (self._starts[0] if index < 0 and self._starts else len(self._text)), b"", 0
        page, starts = self._page(self._pages[index])
        stretch = bisect_right(starts, place) - 1
        if not 0 <= stretch < len(starts) - 1:
            return max(self._starts[index + 1], place + 1), page, 0
        return starts[stretch + 1], page, 2 * page[4 * len(starts) + self._entry * stretch]

    def _page(self, number_of_page: int) -> tuple[bytes, tuple[int, ...]]:
        if number_of_page not in self._read:
            page = self._text[_PAGE * number_of_page : _PAGE * (number_of_page + 1)]
            if len(page) < _PAGE or (4 + self._entry) * page[-1] + 4 >= _PAGE:
                raise damaged()
            self._read[number_of_page] = page, struct.unpack_from(f"<{page[-1] + 1}I", page)
        return self._read[number_of_page]


def _font_names(data: bytes, layout: Layout) -> list[str]:
    """Return the names of the font table, in order."""
    place = 4 if layout.wide else 2  # behind the number of fonts, or of bytes
    names = []
    while place < len(data):
        end = place + 1 + data[place]
        names.append(layout.decode(data[place + 1 + layout.font_name : end]))
        place = end
    return names
