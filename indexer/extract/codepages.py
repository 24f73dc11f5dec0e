"""Which characters bytes are, by the charset and the name of the font that they are set in.

Source: [MS-WMF] 2.1.1.5 (CharacterSet enumeration), Microsoft's code page identifiers, Adobe's Symbol encoding.
"""

import codecs
import re
from functools import lru_cache

ANSI = 1252
SYMBOLS = -1  # the code page of fonts whose glyphs are no letters: they leave as the private-use code U+F000 + byte
_GREEK_SYMBOLS = -2  # the font Symbol itself, which shows Greek letters, figures and brackets
DEFAULT_CHARSET, SYMBOL_CHARSET = 1, 2
_CHARSETS = {
    0: ANSI,
    SYMBOL_CHARSET: SYMBOLS,
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
_GREEK = dict(
    zip(
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖαβχδεφγηιϕκλμνοπθρστυϖωξψζ",
        strict=True,
    )
)
_LEGACY = re.compile(r"\.?Vn[A-Z]|(?i:VNI[-\s])")  # TCVN3 and VNI: their glyphs stand at bytes, whatever charset they claim


def page_of(font: str, charset: int = DEFAULT_CHARSET, default: int = ANSI) -> int:
    """Return the code page of text set in `font`; `default` is that of the document."""
    if _LEGACY.match(font):
        return ANSI
    page = _CHARSETS.get(charset, default)
    return _GREEK_SYMBOLS if page == SYMBOLS and font == "Symbol" else page


def decode_bytes(data: bytes, page: int) -> str:
    """Return the characters of `data`; a byte that stands for none becomes the character of its own number."""
    if page in _MULTIBYTE:
        return data.decode(_codec(page), errors="replace")
    return data.decode("latin-1").translate(_single_bytes(page))


def _codec(page: int) -> str:
    try:
        return codecs.lookup(_CODECS.get(page, f"cp{page}")).name
    except LookupError:
        return _codec(ANSI)


@lru_cache(maxsize=64)
def _single_bytes(page: int) -> dict[int, str]:
    if page in (SYMBOLS, _GREEK_SYMBOLS):
        private = {byte: chr(0xF000 + byte) for byte in range(0x21, 0x100)}
        return private if page == SYMBOLS else {byte: private[byte] for byte in private.keys() - _AS_THEY_ARE} | _GREEK
    codec = _codec(page)
    return {byte: bytes([byte]).decode(codec, errors="ignore") or chr(byte) for byte in range(0x80, 0x100)}
