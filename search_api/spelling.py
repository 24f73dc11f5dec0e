"""Words that no public document has, as the reader may have meant them: keys of an input method, two run together, misspelt.

So are words that documents have, but never beside these neighbours, if one step away is a word that often stands there.
What is in quotation marks stays as typed. A word is replaced only by what public documents hold.
"""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from typing import Final, NamedTuple

from analyzers.accents import fold
from analyzers.profiles import Profile, analyse
from analyzers.tables import rows
from indexer.engine.fields import Scope, text_fields
from indexer.engine.port import SearchEngine, SearchRequest
from indexer.engine.query import Fuzzy, Layer, Node, Phrase, Term
from indexer.model import Visibility
from search_api.abbreviations import is_short
from search_api.bodies import NO_BODIES, Bodies
from search_api.keystrokes import read_keys
from search_api.plain_words import Word, has_typed_accents, plain_words
from search_api.plan import PUBLIC
from search_api.remembering import remembered
from search_api.wording import terms_of

_MOST: Final = 4  # words of a question that are mended
_LOOKED_INTO: Final = 12  # and that are looked into
_CANDIDATES: Final = 8
_SHORTEST: Final = 3  # letters of a word that may be misspelt
_SHORTEST_ALONE: Final = 5  # of one whose neighbours say nothing
_SHORTEST_PAIR: Final = 5  # of two words run together
_SHORTEST_HERE: Final = 2  # letters of a word that documents have, but not in this place
_CANDIDATES_HERE: Final = 32
_LIKELIER: Final = 1_000.0  # times, than what was typed: about one word in so many is a slip
_OFTEN: Final = 5  # times that what is meant stands beside each neighbour, at the least, and what was typed does not
_RARE: Final = 3  # documents: a word that so few have may be a slip that they share,
_RARE_OF: Final = 1_000  # one for each so many documents


class Mended(NamedTuple):
    """What was typed and what is sought in its place."""

    typed: str
    meant: str


def mend(
    text: str, engine: SearchEngine, scope: Scope, visible: frozenset[Visibility] = PUBLIC, bodies: Bodies = NO_BODIES
) -> tuple[str, list[Mended]]:
    """Return the question with words replaced, and which: none that the reader may find as it is, nor the names of `bodies`."""
    speller = _Speller(engine, scope, Layer.MAIN if has_typed_accents(text, bodies) else Layer.FOLDED, visible)
    words, kept, done = plain_words(text, speller.layer, bodies), "", 0
    mended: list[Mended] = []
    speller.learn(words)
    misplaced, looked_into = speller.misplaced(words), 0
    for place, word in enumerate(words):
        typed = text[word.start : word.end]
        if len(mended) == _MOST or not typed.isalnum() or typed.isdigit() or (typed.isupper() and not text.isupper()):
            continue
        if is_short(word.term, speller.layer):
            continue
        known = speller.knows(word.term)
        if looked_into == _LOOKED_INTO or (known and place not in misplaced) or speller.is_right(word.term):
            continue
        looked_into += 1
        meant = speller.meant_here(words, place) if known else speller.meant(typed, words, place)
        if meant:
            mended.append(Mended(typed, meant))
            kept, done = f"{kept}{text[done : word.start]}{meant}", word.end
    return kept + text[done:], mended


@cache
def _of_questions(layer: Layer) -> frozenset[str]:
    """Return words that questions have where statutes do not: that no document has them there tells nothing."""
    return frozenset(term for word, *_ in rows("search_api", "question_words.tsv") for term in terms_of(word, layer))


def _neighbours(words: Sequence[Word], place: int) -> tuple[str | None, str | None]:
    """Return the words right before and behind one, where nothing else stands between."""
    before = words[place - 1].term if place and not words[place].apart else None
    behind = words[place + 1].term if place + 1 < len(words) and not words[place + 1].apart else None
    return before, behind


class _Speller:
    def __init__(self, engine: SearchEngine, scope: Scope, layer: Layer, visible: frozenset[Visibility]) -> None:
        self._engine, self._scope, self.layer, self._visible = engine, scope, layer, visible
        generation = engine.generation()
        entries = generation.documents if scope is Scope.DOCUMENTS else generation.provisions
        self._rare = min(_RARE, entries // _RARE_OF)
        self._known: dict[str, bool] = remembered(engine, "known", scope, layer)

    def learn(self, words: Sequence[Word]) -> None:
        """Find out which words more than a few documents have; remembered for the generation that answers."""
        terms = [word.term for word in words if word.term not in self._known]
        for term, frequency in zip(terms, self._engine.frequencies(terms, self._scope, self.layer), strict=True):
            self._known[term] = frequency > self._rare

    def knows(self, term: str) -> bool:
        """Tell whether more than a few documents have a term that was learnt."""
        return self._known[term]

    def is_right(self, term: str) -> bool:
        """Tell whether a word is none to mend: of questions, to be spelt with accents, or of what this reader alone may see."""
        if term in _of_questions(self.layer):
            return True
        if self.layer is Layer.MAIN and fold(term) == term and self._engine.spellings(term, self._scope):
            return True
        if self._visible <= PUBLIC:
            return False
        asked = SearchRequest(Term(term, self.layer), self._scope, visible=self._visible, limit=0)
        return bool(self._engine.search(asked).total)

    def misplaced(self, words: Sequence[Word]) -> set[int]:
        """Return the places of words that hardly ever stand beside a neighbour of theirs, as far as that is known."""
        if self.layer is not Layer.MAIN:
            return set()
        counts = self._engine.side_by_side([(one.term, other.term) for one, other in pairwise(words)])
        beside = [_OFTEN if other.apart else count for other, count in zip(words[1:], counts, strict=True)]
        sides = zip((_OFTEN, *beside), (*beside, _OFTEN), strict=True)
        return {place for place, side in enumerate(sides) if max(side) < _OFTEN}

    def meant_here(self, words: Sequence[Word], place: int) -> str | None:
        """Return the word one step from a known one that is much likelier between its neighbours."""
        term, (before, behind) = words[place].term, _neighbours(words, place)
        if len(term) < _SHORTEST_HERE or not (before and behind):
            return None
        alike = remembered(self._engine, "alike", self._scope)
        if term not in alike:
            whole = text_fields(self._scope)[-1].name  # has nearly all that the others have
            found = self._engine.terms_alike(Fuzzy(term, fields=(whole,)), self._scope)
            alike[term] = [other for other, _ in found[:_CANDIDATES_HERE] if other.isalpha() and other != term]
        others = [term, *alike[term]]
        counts = iter(self._engine.side_by_side([pair for one in others for pair in ((before, one), (one, behind), (one, ""))]))
        likely = []
        for other, first, second, alone in zip(others, counts, counts, counts, strict=True):
            likely.append(((first + 0.5) * (second + 0.5) / (alone + 1), min(first, second), other))
        typed, (best, least, other) = likely[0][0], max(likely)
        return other if other != term and least >= _OFTEN and best >= _LIKELIER * typed else None

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

    def _beside(self, words: Sequence[Word], place: int) -> Callable[[str], float]:
        """Return what tells how likely a term is between the neighbours, 0 where it never stands beside either."""
        before, behind = _neighbours(words, place)

        def likely(term: str) -> float:
            pairs = ([(before, term)] if before else []) + ([(term, behind)] if behind else [])
            if self.layer is Layer.FOLDED:
                return sum(self._frequency(Phrase(pair, self.layer)) for pair in pairs)
            *counts, alone = self._engine.side_by_side([*pairs, (term, "")])
            if len(counts) < 2 or not any(counts):
                return sum(counts)
            return (counts[0] + 0.5) * (counts[1] + 0.5) / (alone + 1)

        return likely

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
