"""The fonts of an RTF file, and capitals: what font table and styles say, and which characters the bytes of each font are.

Source: Rich Text Format (RTF) Specification 1.9.1, "Font Table" and "Style Sheet".
"""

import re
from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from indexer.extract.codepages import ANSI, DEFAULT_CHARSET, SYMBOL_CHARSET, page_of
from indexer.extract.rtf.words import CAPITALS, STYLES

_VARIANT = re.compile(r" (?:CE|Cyr|Greek|Tur|Baltic|\((?:Hebrew|Arabic|Thai|Vietnamese)\))$")  # Word's name for a font's charset
_NAME = 100  # characters of a font's name
_CHAIN = 32  # styles based on styles; a hostile circle ends here

_Said = TypeVar("_Said")


class Font(NamedTuple):
    """A font's bare name, and the code page of the bytes that are set in it."""

    name: str
    page: int


class FontTable:
    """The fonts by number, filled while the font table is read."""

    def __init__(self) -> None:
        self.ansi = ANSI  # the document's own code page
        self.default = 0
        self._names: dict[int, str] = {}
        self._numbers: dict[str, int] = {}  # the first font of each name
        self._charsets: dict[int, int] = {}
        self._pages: dict[int, int] = {}
        self._open: int | None = None
        self._known: dict[int, Font] = {}  # fonts that were asked for since the table last changed

    def say(self, word: bytes, number: int) -> None:
        """Take a control word of the table: a font's number opens its entry, its properties follow."""
        self._known.clear()
        if word == b"f":
            self._open = number
            self._names[number] = ""
        elif self._open is None:
            return
        elif word == b"fcharset":
            self._charsets[self._open] = number
        elif word == b"cpg":
            self._pages[self._open] = number

    def spell(self, text: str) -> None:
        """Take a piece of the open entry's name, which a semicolon ends."""
        if self._open is None:
            return
        self._known.clear()
        name, end, _ = text.partition(";")
        self._names[self._open] = (self._names[self._open] + name)[:_NAME]
        if end:
            self._numbers.setdefault(self._names[self._open].strip(), self._open)
            self._open = None

    def font(self, number: int | None) -> Font:
        """Return font `number`, or the default one; without a name where the table does not hold it."""
        if number is None:
            number = self.default
        if number not in self._known:
            name = _VARIANT.sub("", self._names.get(number, "").strip())
            self._known[number] = Font(name, self._page(number, name))
        return self._known[number]

    def named(self, name: str) -> Font:
        """Return the first font of this name; one that the table does not hold is taken for a font of symbols."""
        if name in self._numbers:
            return self.font(self._numbers[name])
        return Font(name, page_of(name, SYMBOL_CHARSET))

    def _page(self, number: int, name: str) -> int:
        if page := self._pages.get(number):
            return page_of(name, default=page)
        return page_of(name, self._charsets.get(number, DEFAULT_CHARSET), self.ansi)


class StyleFonts:
    """The fonts of styles by kind (s for paragraphs, cs for characters), filled while the style sheet is read."""

    def __init__(self) -> None:
        self._fonts: dict[tuple[bytes, int], int] = {}
        self._capitals: dict[tuple[bytes, int], bool] = {}
        self._bases: dict[tuple[bytes, int], int] = {}
        self._open = (b"s", 0)

    def say(self, word: bytes, number: int | None) -> None:
        """Take a control word of the style sheet."""
        if word in STYLES:
            self._open = (word, number or 0)
        elif word == b"f":
            self._fonts[self._open] = number or 0
        elif word in CAPITALS:
            self._capitals[self._open] = number != 0
        elif word == b"sbasedon":
            self._bases[self._open] = number or 0

    def end(self) -> None:
        """End a style; one that names no number is style 0."""
        self._open = (b"s", 0)

    def font(self, kind: bytes, number: int) -> int | None:
        """Return the font of a style or of the nearest one that it is based on; None where none is named."""
        return self._nearest(self._fonts, kind, number)

    def capitals(self, kind: bytes, number: int) -> bool | None:
        """Tell whether a style shows its text in capitals, itself or by the nearest one that says so; None where none does."""
        return self._nearest(self._capitals, kind, number)

    def _nearest(self, said: Mapping[tuple[bytes, int], _Said], kind: bytes, number: int) -> _Said | None:
        for _ in range(_CHAIN):
            if (kind, number) in said:
                return said[kind, number]
            if (kind, number) not in self._bases:
                return None
            number = self._bases[kind, number]
        return None
