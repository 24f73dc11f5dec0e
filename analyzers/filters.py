"""The steps that profiles are made of: spellings change a syllable, finders add tokens that stand over several syllables."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from analyzers.accents import fold
from analyzers.citations import find_dates, find_numbers, find_provisions
from analyzers.normalise import term
from analyzers.segment import words
from analyzers.tokenise import Syllables
from analyzers.tokens import Token, TokenKind

Spelling = Callable[[str], str]
"""From a syllable to its term; depends on nothing else, so answers may be remembered."""

Finder = Callable[[str, Syllables], Iterator[Token]]
"""From a text and its syllables to further tokens, each at the position of the syllable that it begins in."""


@lru_cache(maxsize=32_768)
def without_accents(syllable: str) -> str:
    """Fold accents besides what `term` folds: letter case, tone placement, look-alikes."""
    return fold(term(syllable))


def joined_words(text: str, found: Syllables) -> Iterator[Token]:
    """Add underthesea's words of several syllables: sử_dụng."""
    for first, last, joined in words(text):
        yield Token(joined, found.starts[first], found.ends[last], first, TokenKind.WORD)


def whole_numbers(text: str, found: Syllables) -> Iterator[Token]:
    """Add document numbers as printed, in small letters: 12/2022/qđ-ubnd."""
    matches = ((start, end, value.lower()) for start, end, value in find_numbers(text))
    return _placed(matches, found, TokenKind.NUMBER)


def whole_folded_numbers(text: str, found: Syllables) -> Iterator[Token]:
    """Add document numbers without accents: 12/2022/qd-ubnd."""
    matches = ((start, end, fold(value).lower()) for start, end, value in find_numbers(text))
    return _placed(matches, found, TokenKind.NUMBER)


def whole_dates(text: str, found: Syllables) -> Iterator[Token]:
    """Add dates in ISO form, however they are written: 2022-03-23."""
    matches = ((start, end, day.isoformat()) for start, end, day in find_dates(text))
    return _placed(matches, found, TokenKind.DATE)


def whole_provisions(text: str, found: Syllables) -> Iterator[Token]:
    """Add provision references in normal form: dieu-15-khoan-2."""
    return _placed(find_provisions(text), found, TokenKind.PROVISION)


def _placed(matches: Iterable[tuple[int, int, str]], found: Syllables, kind: TokenKind) -> Iterator[Token]:
    for start, end, whole in matches:
        yield Token(whole, start, end, bisect_right(found.starts, start) - 1, kind)
