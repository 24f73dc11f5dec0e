"""Which analysis each use gets: one ordered table from profile to chain, and `analyse`, which runs a chain."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import partial
from itertools import chain as joined
from itertools import count, repeat
from typing import Final, NamedTuple

from analyzers.filters import (
    Finder,
    Spelling,
    whole_dates,
    whole_folded_numbers,
    whole_numbers,
    whole_provisions,
    without_accents,
)
from analyzers.normalise import term
from analyzers.segment import find_words
from analyzers.tokenise import Syllables, syllables
from analyzers.tokens import Token, TokenKind

ANALYSIS_VERSION: Final = 5
"""Raised with every change by which a text gives other tokens; an index of another version must be rebuilt."""


class Profile(StrEnum):
    """A use of analysis. All profiles give a text's syllables the same positions."""

    MAIN = "main"  # the index's main layer
    QUERY = "query"  # the main layer without words, so that no model is loaded: queries, highlighting
    FOLDED = "folded"  # the index's second layer and queries to it: no accents


class Chain(NamedTuple):
    """How syllables are spelt, whether words are added, and what finders add, in the order of kinds at one position."""

    spelling: Spelling
    words: bool
    finders: tuple[Finder, ...]


CHAINS: Final[dict[Profile, Chain]] = {
    Profile.MAIN: Chain(term, True, (whole_numbers, whole_dates, whole_provisions)),
    Profile.QUERY: Chain(term, False, (whole_numbers, whole_dates, whole_provisions)),
    Profile.FOLDED: Chain(without_accents, False, (whole_folded_numbers,)),
}

_ORDER: Final = {kind: place for place, kind in enumerate(TokenKind)}
_token: Final[Callable[[tuple[str, int, int, int, TokenKind]], Token]] = partial(tuple.__new__, Token)  # skips Token's own checks


def analyse(text: str, profile: Profile) -> tuple[Token, ...]:
    """Return the tokens of `text` in order of position and kind, the syllable first; offsets refer to `text`.

    >>> [(token.text, token.position) for token in analyse("Số 12/QĐ", Profile.FOLDED)]
    [('so', 0), ('12', 1), ('12/qd', 1), ('qd', 2)]
    """
    chain = CHAINS[profile]
    found = syllables(text)
    terms = list(map(chain.spelling, found.texts))
    singles = list(map(_token, zip(terms, found.starts, found.ends, count(), repeat(TokenKind.SYLLABLE))))
    wholes = [*_words(text, found, terms)] if chain.words else []
    wholes += joined.from_iterable(_placed(finder, text, found) for finder in chain.finders)
    return tuple(_merged(singles, sorted(wholes, key=_place))) if wholes else tuple(singles)


def _words(text: str, found: Syllables, terms: list[str]) -> Iterator[Token]:
    """Yield underthesea's words of several syllables: sử_dụng."""
    firsts, lasts = find_words(text)
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        yield Token("_".join(terms[first : last + 1]), found.starts[first], found.ends[last], first, TokenKind.WORD)


def _placed(finder: Finder, text: str, found: Syllables) -> Iterator[Token]:
    """Yield what `finder` finds at the position of the syllable that it begins in."""
    for start, end, whole, kind in finder(text):
        yield Token(whole, start, end, bisect_right(found.starts, start) - 1, kind)


def _place(token: Token) -> tuple[int, int]:
    return token.position, _ORDER[token.kind]


def _merged(singles: list[Token], wholes: list[Token]) -> Iterator[Token]:
    """Put each whole behind the syllable that it begins in."""
    done = 0
    for whole in wholes:
        if done <= whole.position:
            yield from singles[done : whole.position + 1]
            done = whole.position + 1
        yield whole
    yield from singles[done:]
