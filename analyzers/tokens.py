"""The token: a piece of text as the index knows it, with the place it came from."""

from enum import StrEnum
from typing import NamedTuple


class TokenKind(StrEnum):
    """What a token stands for. Only syllables count towards a field's length and advance positions."""

    SYLLABLE = "syllable"  # one written unit: đất, 2022, ubnd
    WORD = "word"  # syllables that underthesea joins, with "_" between them: sử_dụng
    NUMBER = "number"  # a document number kept whole: 12/2022/qđ-ubnd
    DATE = "date"  # a full date in ISO form: 2022-03-23
    PROVISION = "provision"  # a provision reference in normal form: dieu-15-khoan-2


class Token(NamedTuple):
    """A term and its source: `source_text[start:end]` is what it was made from.

    `position` counts syllables from 0; a token made of several syllables has the position of its first one.
    A tuple and not a frozen dataclass, because millions are made: 0.1 instead of 1.0 µs each.
    """

    text: str
    start: int
    end: int
    position: int
    kind: TokenKind = TokenKind.SYLLABLE
