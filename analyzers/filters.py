"""The steps that profiles are made of: spellings change a syllable, finders add tokens that stand over several syllables."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from analyzers.accents import fold
from analyzers.citations import find_dates, find_numbers, find_provisions
from analyzers.normalise import term
from analyzers.tokens import TokenKind


class Whole(NamedTuple):
    """What stands at `text[start:end]`, over several syllables, and is one term besides them."""

    start: int
    end: int
    text: str
    kind: TokenKind


Spelling = Callable[[str], str]
"""From a syllable to its term; depends on nothing else, so answers may be remembered."""

Finder = Callable[[str], Iterator[Whole]]
"""From a text to what it holds of one kind, in order."""


@lru_cache(maxsize=32_768)
def without_accents(syllable: str) -> str:
    """Fold accents besides what `term` folds: letter case, tone placement, look-alikes."""
    return fold(term(syllable))


def whole_numbers(text: str) -> Iterator[Whole]:
    """Find document numbers as printed, in small letters: 12/2022/qđ-ubnd."""
    return (Whole(start, end, value.lower(), TokenKind.NUMBER) for start, end, value in find_numbers(text))


def whole_folded_numbers(text: str) -> Iterator[Whole]:
    """Find document numbers without accents: 12/2022/qd-ubnd."""
    return (Whole(start, end, fold(value).lower(), TokenKind.NUMBER) for start, end, value in find_numbers(text))


def whole_dates(text: str) -> Iterator[Whole]:
    """Find dates in ISO form, however they are written: 2022-03-23."""
    return (Whole(start, end, day.isoformat(), TokenKind.DATE) for start, end, day in find_dates(text))


def whole_provisions(text: str) -> Iterator[Whole]:
    """Find provision references in normal form: dieu-15-khoan-2."""
    return (Whole(*found, TokenKind.PROVISION) for found in find_provisions(text))
