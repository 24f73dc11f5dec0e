"""The words of a question that may be read otherwise than they were typed, and what is remembered of words."""

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

from analyzers.citations import read_number
from indexer.engine.port import Generation, SearchEngine
from indexer.engine.query import Layer
from search_api.lexing import reserved
from search_api.periods import period_spans
from search_api.references import reference_spans
from search_api.wording import syllable_tokens

_MOST_REMEMBERED: Final = 50_000
_QUOTED: Final = re.compile(r'"[^"]*"?|[“„«][^”»]*[”»]?')


class Word(NamedTuple):
    """A word of the question at `text[start:end]`, and its term."""

    start: int
    end: int
    term: str


def plain_words(text: str, layer: Layer) -> Iterator[Word]:
    """Yield the plain words: not those of a quotation, number, field, period or provision, and no operators."""
    kept = [*(match.span() for match in _QUOTED.finditer(text)), *_numbers(text), *reserved(text)]
    kept += [*period_spans(text), *reference_spans(text)]
    for token in syllable_tokens(text, layer):
        if not any(start <= token.start < end for start, end in kept):
            yield Word(token.start, token.end, token.text)


def _numbers(text: str) -> Iterator[tuple[int, int]]:
    begin = 0
    while (found := read_number(text[begin:])) is not None:
        yield begin + found.start, begin + found.end
        begin += found.end


_REMEMBERED: WeakKeyDictionary[SearchEngine, tuple[Generation, dict[tuple[Any, ...], dict[Any, Any]]]] = WeakKeyDictionary()


def remembered(engine: SearchEngine, *what: Any) -> dict[Any, Any]:
    """Return the dictionary in which something is remembered of the generation that answers."""
    now = engine.generation()
    generation, known = _REMEMBERED.get(engine, (None, {}))
    if generation != now or sum(map(len, known.values())) > _MOST_REMEMBERED:
        known = {}
        _REMEMBERED[engine] = (now, known)
    return known.setdefault(what, {})
