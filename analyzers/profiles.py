"""Which analysis each use gets: one ordered table from profile to chain, and `analyse`, which runs a chain."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import partial
from itertools import chain as joined
from itertools import count, repeat
from typing import Final, NamedTuple

from analyzers.filters import (
    Finder,
    Spelling,
    joined_words,
    whole_dates,
    whole_folded_numbers,
    whole_numbers,
    whole_provisions,
    without_accents,
)
from analyzers.normalise import term
from analyzers.tokenise import syllables
from analyzers.tokens import Token, TokenKind

ANALYSIS_VERSION: Final = 3
"""Raised with every change by which a text gives other tokens; an index of another version must be rebuilt."""


class Profile(StrEnum):
    """A use of analysis. All profiles give a text's syllables the same positions."""

    MAIN = "main"  # the index's main layer
    QUERY = "query"  # the main layer without words, so that no model is loaded: queries, highlighting
    FOLDED = "folded"  # the index's second layer and queries to it: no accents


class Chain(NamedTuple):
    """How syllables are spelt, and which finders add tokens over them, in the order of kinds at one position."""

    spelling: Spelling
    finders: tuple[Finder, ...]


CHAINS: Final[dict[Profile, Chain]] = {
    Profile.MAIN: Chain(term, (joined_words, whole_numbers, whole_dates, whole_provisions)),
    Profile.QUERY: Chain(term, (whole_numbers, whole_dates, whole_provisions)),
    Profile.FOLDED: Chain(without_accents, (whole_folded_numbers,)),
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
    terms = map(chain.spelling, found.texts)
    singles = list(map(_token, zip(terms, found.starts, found.ends, count(), repeat(TokenKind.SYLLABLE))))
    wholes = sorted(joined.from_iterable(finder(text, found) for finder in chain.finders), key=_place)
    return tuple(_merged(singles, wholes)) if wholes else tuple(singles)


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
