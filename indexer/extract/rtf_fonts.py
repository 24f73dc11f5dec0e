"""The fonts of an RTF file: what the font table and the styles say, and which characters the bytes of each font are.

Source: Rich Text Format (RTF) Specification 1.9.1, "Font Table" and "Style Sheet".
"""

import codecs
import re
from functools import lru_cache
from typing import NamedTuple

from indexer.extract.rtf_words import STYLES

ANSI = 1252
_SYMBOL = 2  # as a charset; as a code page that of fonts whose glyphs are no letters
_GREEK_SYMBOL = -2  # the font Symbol itself, which shows figures and brackets as they are
_CHARSETS = {
    0: ANSI,
    _SYMBOL: _SYMBOL,
    77: 10000,
    128: 932,
    129: 949,
    130: 1361,
    134: 936,
    136: 950,
    161: 1253,
    162: 1254,
    163: 1258,
    177: 1255,
    178: 1256,
    186: 1257,
    204: 1251,
    222: 874,
    238: 1250,
    254: 437,
    255: 850,
}
_CODECS = {1361: "johab", 10000: "mac_roman", 65001: "utf-8"}
_MULTIBYTE = frozenset({932, 936, 949, 950, 1361, 65001})
_AS_THEY_ARE = frozenset(b" !#%&()+,./0123456789:;<=>?[]_{|}")  # in the font Symbol
_LEGACY = re.compile(r"\.?Vn[A-Z]|VNI[-\s]")  # their glyphs stand at bytes, whatever charset they claim
_VARIANT = re.compile(r" (?:CE|Cyr|Greek|Tur|Baltic|\((?:Hebrew|Arabic|Thai|Vietnamese)\))$")  # Word's name for a font's charset
_NAME = 100  # characters of a font's name
_CHAIN = 32  # styles based on styles; a hostile circle ends here


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
        if _LEGACY.match(name):
            return Font(name, ANSI)
        return Font(name, _GREEK_SYMBOL if name == "Symbol" else _SYMBOL)

    def _page(self, number: int, name: str) -> int:
        if _LEGACY.match(name):
            return ANSI
        page = self._pages.get(number) or _CHARSETS.get(self._charsets.get(number, 1), self.ansi)
        return _GREEK_SYMBOL if page == _SYMBOL and name == "Symbol" else page


class StyleFonts:
    """The fonts of styles by kind (s for paragraphs, cs for characters), filled while the style sheet is read."""

    def __init__(self) -> None:
        self._fonts: dict[tuple[bytes, int], int] = {}
        self._bases: dict[tuple[bytes, int], int] = {}
        self._open = (b"s", 0)

    def say(self, word: bytes, number: int) -> None:
        """Take a control word of the style sheet."""
        if word in STYLES:
            self._open = (word, number)
        elif word == b"f":
            self._fonts[self._open] = number
        elif word == b"sbasedon":
            self._bases[self._open] = number

    def end(self) -> None:
        """End a style; one that names no number is style 0."""
        self._open = (b"s", 0)

    def font(self, kind: bytes, number: int) -> int | None:
        """Return the font of a style or of the nearest one that it is based on; None where none is named."""
        for _ in range(_CHAIN):
            if (kind, number) in self._fonts:
                return self._fonts[kind, number]
            if (kind, number) not in self._bases:
                return None
            number = self._bases[kind, number]
        return None


def decode_bytes(data: bytes, page: int) -> str:
    """Return the characters that `data` shows in a font of code page `page`; a byte without one stays its own number."""
    if page in _MULTIBYTE:
        return data.decode(_codec(page), errors="replace")
    return data.decode("latin-1").translate(_single_bytes(page))


def _codec(page: int) -> str:
    name = _CODECS.get(page, f"cp{page}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return _codec(ANSI)


@lru_cache(maxsize=64)
def _single_bytes(page: int) -> dict[int, str]:
    if page in (_SYMBOL, _GREEK_SYMBOL):
        kept = _AS_THEY_ARE if page == _GREEK_SYMBOL else b" "
        return {byte: chr(0xF000 + byte) for byte in range(0x20, 0x100) if byte not in kept}
    codec = _codec(page)
    return {byte: bytes([byte]).decode(codec, errors="ignore") or chr(byte) for byte in range(0x80, 0x100)}
