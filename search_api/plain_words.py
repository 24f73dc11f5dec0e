"""The words of a question that may be read otherwise than they were typed."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from analyzers.accents import has_accents
from analyzers.citations import read_number
from indexer.engine.query import Layer
from search_api.bodies import NO_BODIES, Bodies
from search_api.lexing import reserved
from search_api.periods import period_spans
from search_api.references import reference_spans
from search_api.wording import syllable_tokens

_QUOTED: Final = re.compile(r'"[^"]*"')


class Word(NamedTuple):
    """A word of the question at `text[start:end]`, and its term; `apart` from the one before by more than white space."""

    start: int
    end: int
    term: str
    apart: bool


@lru_cache(maxsize=64)
def plain_words(text: str, layer: Layer, bodies: Bodies = NO_BODIES) -> tuple[Word, ...]:
    """Return the plain words: not those of a quotation, number, field, period or provision, and no operators."""
    kept = [*(match.span() for match in _QUOTED.finditer(text)), *_numbers(text), *reserved(text, bodies)]
    kept += [*period_spans(text), *reference_spans(text)]
    words, behind = [], 0
    for token in syllable_tokens(text, layer):
        if not any(start <= token.start < end for start, end in kept):
            words.append(Word(token.start, token.end, token.text, not behind or bool(text[behind : token.start].strip())))
            behind = token.end
    return tuple(words)


def has_typed_accents(text: str, bodies: Bodies = NO_BODIES) -> bool:
    """Say whether words of a question have accents, but for its operators and fields."""
    kept, done = [], 0
    for start, end in reserved(text, bodies):
        kept.append(text[done:start])
        done = end
    return has_accents("".join([*kept, text[done:]]))


def _numbers(text: str) -> Iterator[tuple[int, int]]:
    begin = 0
    while (found := read_number(text[begin:])) is not None:
        yield begin + found.start, begin + found.end
        begin += found.end
