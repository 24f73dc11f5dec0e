"""RTF as a flat row of tokens: braces, control words, control symbols and bytes of text.

Source: Rich Text Format (RTF) Specification 1.9.1, "RTF Syntax".
"""

import re
from collections.abc import Iterator
from enum import Enum, auto

_TOKEN = re.compile(
    rb"\\(?P<word>[a-zA-Z]+)(?P<number>-?\d+)?[ ]?"
    rb"|(?P<text>[^\\{}]+)"
    rb"|(?P<hex>(?:\\'[0-9a-fA-F]{2})+)"
    rb"|(?P<open>\{)|(?P<close>\})"
    rb"|\\(?P<symbol>.)",
    re.DOTALL,
)
_NO_TEXT = b"\r\n\0"  # line ends only make the file legible
_DIGITS = 10  # more make no number that the format knows


class Kind(Enum):
    """What a token is."""

    OPEN = auto()
    CLOSE = auto()
    WORD = auto()  # with its number, if it has one
    SYMBOL = auto()
    TEXT = auto()  # bytes, whether written as they are or as \'hh


Token = tuple[Kind, bytes, int | None]


def tokens(data: bytes) -> Iterator[Token]:
    r"""Yield the tokens of `data`; what \bin announces is passed over, and a lone backslash at the end is no token."""
    at = 0
    while match := _TOKEN.match(data, at):
        at = match.end()
        if word := match["word"]:
            number = _number(match["number"])
            if word == b"bin":
                at += max(number or 0, 0)
            else:
                yield Kind.WORD, word, number
        elif text := match["text"]:
            if text := text.translate(None, _NO_TEXT):
                yield Kind.TEXT, text, None
        elif digits := match["hex"]:
            yield Kind.TEXT, bytes.fromhex(digits.replace(b"\\'", b"").decode()), None
        elif symbol := match["symbol"]:
            yield Kind.SYMBOL, symbol, None
        else:
            yield Kind.OPEN if match["open"] else Kind.CLOSE, b"", None


def _number(digits: bytes | None) -> int | None:
    return None if digits is None else int(digits) if len(digits) <= _DIGITS else 0
