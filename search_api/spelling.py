"""Words that no public document has, as the reader may have meant them: keys of an input method, two run together, misspelt.

What is in quotation marks stays as typed. A word is replaced only by what public documents hold.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

from analyzers.accents import has_accents
from analyzers.citations import read_number
from analyzers.profiles import Profile, analyse
from indexer.engine.fields import Scope
from indexer.engine.port import Generation, SearchEngine, SearchRequest
from indexer.engine.query import Fuzzy, Layer, Node, Phrase, Term
from search_api.keystrokes import read_keys
from search_api.lexing import reserved
from search_api.periods import period_spans
from search_api.references import reference_spans
from search_api.wording import syllable_tokens, terms_of

_MOST: Final = 4  # words of a question that are looked into
_CANDIDATES: Final = 8
_SHORTEST: Final = 3  # letters of a word that may be misspelt
_SHORTEST_ALONE: Final = 5  # of one whose neighbours say nothing
_SHORTEST_PAIR: Final = 5  # of two words run together
_RARE: Final = 3  # documents: a word that so few have may be a slip that they share
_MOST_REMEMBERED: Final = 50_000
_QUOTED: Final = re.compile(r'"[^"]*"?|[“„«][^”»]*[”»]?')


class Word(NamedTuple):
    """A word of the question at `text[start:end]`, and its term."""

    start: int
    end: int
    term: str


class Mended(NamedTuple):
    """What was typed and what is sought in its place."""

    typed: str
    meant: str


def mend(text: str, engine: SearchEngine, scope: Scope) -> tuple[str, list[Mended]]:
    """Return the question with words replaced, and which."""
    speller = _Speller(engine, scope, Layer.MAIN if has_accents(_beside_operators(text)) else Layer.FOLDED)
    words, kept, done = list(_words(text, speller.layer)), "", 0
    mended: list[Mended] = []
    for place, word in enumerate(words):
        typed = text[word.start : word.end]
        if len(mended) == _MOST or not typed.isalnum() or typed.isdigit() or speller.knows(word.term):
            continue
        meant = speller.meant(typed, words, place)
        if meant:
            mended.append(Mended(typed, meant))
            kept, done = f"{kept}{text[done : word.start]}{meant}", word.end
    return kept + text[done:], mended


def _beside_operators(text: str) -> str:
    kept, done = [], 0
    for start, end in reserved(text):
        kept.append(text[done:start])
        done = end
    return "".join([*kept, text[done:]])


def _words(text: str, layer: Layer) -> Iterator[Word]:
    """Yield the words that may be misspelt: not those of a quotation, number, field, period or provision, and no operators."""
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


_REMEMBERED: WeakKeyDictionary[SearchEngine, tuple[Generation, dict[tuple[Scope, Layer], dict[str, bool]]]] = WeakKeyDictionary()


def _known(engine: SearchEngine, scope: Scope, layer: Layer) -> dict[str, bool]:
    """Return what is remembered of the words of one generation."""
    now = engine.generation()
    generation, known = _REMEMBERED.get(engine, (None, {}))
    if generation != now or sum(map(len, known.values())) > _MOST_REMEMBERED:
        known = {}
        _REMEMBERED[engine] = (now, known)
    return known.setdefault((scope, layer), {})


class _Speller:
    def __init__(self, engine: SearchEngine, scope: Scope, layer: Layer) -> None:
        self._engine, self._scope, self.layer = engine, scope, layer
        self._known = _known(engine, scope, layer)

    def knows(self, term: str) -> bool:
        """Tell whether more than a few documents have a term; remembered for the generation that answers."""
        if term not in self._known:
            self._known[term] = self._frequency(Term(term, self.layer)) > _RARE
        return self._known[term]

    def meant(self, typed: str, words: Sequence[Word], place: int) -> str | None:
        return self._by_keys(typed) or self._misspelt(words, place) or self._run_together(words[place].term)

    def _by_keys(self, typed: str) -> str | None:
        read = read_keys(typed)
        if read is None:
            return None
        terms = [token.text for token in analyse(read, Profile.QUERY)]
        return read if len(terms) == 1 and self._frequency(Term(terms[0])) else None

    def _misspelt(self, words: Sequence[Word], place: int) -> str | None:
        """Return the word one step away that stands best beside its neighbours; a rare word stays where it fits."""
        term = words[place].term
        if len(term) < _SHORTEST:
            return None
        beside = self._beside(words, place)
        found = self._engine.terms_alike(Fuzzy(term, layer=self.layer), self._scope)
        others = [(beside(other), df, other) for other, df in found[:_CANDIDATES] if other != term and other.isalpha()]
        if not others:
            return None
        fits, _, best = max(others)
        if not fits and len(term) < _SHORTEST_ALONE:
            return None
        if any(other == term for other, _ in found) and (not fits or beside(term)):
            return None
        return best

    def _beside(self, words: Sequence[Word], place: int) -> Callable[[str], int]:
        before = words[place - 1].term if place else None
        behind = words[place + 1].term if place + 1 < len(words) else None

        def count(term: str) -> int:
            pairs = ([(before, term)] if before else []) + ([(term, behind)] if behind else [])
            return sum(self._frequency(Phrase(pair, self.layer)) for pair in pairs)

        return count

    def _run_together(self, term: str) -> str | None:
        """Return two words that stand side by side in documents, the most often."""
        if len(term) < _SHORTEST_PAIR:
            return None
        cuts = [(term[:cut], term[cut:]) for cut in range(2, len(term) - 1)]
        counts = [(self._frequency(Phrase(tuple(map(self._term, cut)), self.layer)), " ".join(cut)) for cut in cuts]
        often, parted = max(counts)
        return parted if often else None

    def _term(self, word: str) -> str:
        return "".join(terms_of(word, self.layer))

    def _frequency(self, node: Node) -> int:
        return self._engine.search(SearchRequest(node, self._scope, limit=0)).total
