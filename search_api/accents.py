"""Questions typed without accents, wholly or in part: which were meant, by what stands side by side in public documents.

The spellings that documents hold of each syllable compete; all ways to spell the question are weighed (forward and backward over
pairs of neighbours), which gives the likeliest spelling of each syllable and how sure it is. What was typed with accents stays,
but for what is no syllable so: luât đât đai has lost a part of its accents.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Final, NamedTuple
from unicodedata import normalize

from analyzers.accents import fold, has_accents
from analyzers.tables import rows
from indexer.engine.fields import Scope
from indexer.engine.port import SearchEngine
from indexer.engine.query import Layer
from search_api.abbreviations import is_acronym
from search_api.bodies import NO_BODIES, Bodies
from search_api.plain_words import Word, has_typed_accents, plain_words
from search_api.remembering import remembered
from search_api.wording import terms_of

_MOST: Final = 64  # syllables that are looked into
_SPELLINGS: Final = 10  # of a syllable that are weighed, the most frequent ones
_RARE: Final = 0.002  # of the most frequent one's entries, below which a spelling is none
_SURE: Final = 0.8  # how likely a spelling is from which on it is sought in place of all
_PRIOR: Final = 0.1  # of a syllable's own frequency, how likely it follows another that it never does in documents
_AS_TYPED: Final = 1_000.0  # how much likelier a syllable without accents is meant so where others have some
# Syllables that end in a stop have an acute or a dot below: luât, nghiêp have lost theirs; lê, dê, dâu are words
_STOPPED: Final = re.compile(r"^[^\u0301\u0323]*(?:c|ch|p|t)$")
_LOST: Final = 0.01  # of the most frequent spelling's entries, below which what was typed hardly stands in documents
_AS_WRITTEN: Final = 3.0  # how much likelier it is meant so all the same
_SPOKEN: Final = 0.3  # how likely the second word of a pair of spoken questions follows the first, at the least
_SETTLED: Final = 0.99  # how likely what was typed is, from which on it is not looked into
_OPEN: Final = 0.02  # how likely another spelling is that is named beside one that is not sure
_SHOWN: Final = 3
_STANDING: Final = 2  # other spellings that may stand for a syllable, where it is less than
_CERTAIN: Final = 0.95  # so likely


Spellings = Mapping[str, float]
"""The spellings that a syllable may have, the most frequent first, and how likely each is by itself."""


class Restored(NamedTuple):
    """A syllable typed without accents, or without its tone, and the spelling it is sought with; `others` are likely, too."""

    typed: str
    meant: str
    term: str  # of what is meant
    likely: float  # that it is
    others: tuple[str, ...] = ()
    apart: bool = True  # from the one before

    @property
    def sure(self) -> bool:
        """Say whether what is meant is sought in place of all spellings."""
        return self.likely >= _SURE

    def standing(self) -> tuple[str, ...]:
        """Return the others that stand for what is meant where words are looked at together."""
        return self.others[:_STANDING] if self.likely < _CERTAIN else ()


class _Place(NamedTuple):
    """Where a syllable stands, its spellings, and how likely each is by itself."""

    word: Word
    spellings: tuple[str, ...]
    likely: tuple[float, ...]
    trust: float = 1.0  # how much likelier than by its frequency it is meant as it was typed

    def typed(self) -> list[float]:
        """Return how much likelier each spelling is for what was typed."""
        return [self.trust if term == self.word.term else 1.0 for term in self.spellings]

    def is_settled(self) -> bool:
        """Say whether what was typed is hardly anything else."""
        weights = _shares([one * other for one, other in zip(self.likely, self.typed(), strict=True)])
        return any(term == self.word.term and share > _SETTLED for term, share in zip(self.spellings, weights, strict=True))


def restore(text: str, engine: SearchEngine, scope: Scope, bodies: Bodies = NO_BODIES) -> tuple[str, list[Restored]]:
    """Return the question with accents where they were left out, and the syllables concerned; names of `bodies` stay as typed.

    Raises what the engine raises.
    """
    if not any(character.isalpha() for character in text):
        return text, []
    partly = has_typed_accents(text, bodies)
    known = remembered(engine, "spellings", scope)
    words = plain_words(text, Layer.MAIN, bodies)[:_MOST]
    places = [
        _place_of(word) if is_acronym(text[word.start : word.end]) else _place(word, engine, scope, known, partly=partly)
        for word in words
    ]
    if all(place.is_settled() for place in places):
        return text, []
    kept, done = "", 0
    restored: list[Restored] = []
    last = -1
    for number, (place, likely) in enumerate(zip(places, _weighed(places, engine), strict=True)):
        typed = text[place.word.start : place.word.end]
        ranked = sorted(zip(likely, place.spellings, strict=True), reverse=True)
        share, term = ranked[0]
        if not typed.isalpha() or is_acronym(typed) or (partly and term == place.word.term):
            continue
        if has_accents(typed) and share < _SURE:
            continue
        others = tuple(other for weight, other in ranked[1 : 1 + _SHOWN] if weight >= _OPEN)
        meant = _in_letters_of(typed, term)
        restored.append(Restored(typed, meant, term, share, others, apart=last < 0 or last + 1 != number or place.word.apart))
        last = number
        kept, done = f"{kept}{text[done : place.word.start]}{meant}", place.word.end
    return kept + text[done:], restored


def _place_of(word: Word) -> _Place:
    """Return the place of a word that stays as it was typed."""
    return _Place(word, (word.term,), (1.0,))


def _place(word: Word, engine: SearchEngine, scope: Scope, known: dict[str, Spellings], *, partly: bool) -> _Place:
    if word.term not in known:
        known[word.term] = _competing(word.term, engine, scope) if word.term.isalpha() else {}
    shares = known[word.term]
    if not shares:
        return _place_of(word)
    trust = 1.0
    if partly:  # where others have accents, one without hardly has them, unless documents do not have it so
        trust = _AS_WRITTEN if has_accents(word.term) or shares.get(word.term, 0.0) < _LOST else _AS_TYPED
    return _Place(word, tuple(shares), tuple(shares.values()), trust)


def _competing(typed: str, engine: SearchEngine, scope: Scope) -> Spellings:
    """Return what a word may be; nothing where it stays as typed: with accents, unless it is no syllable of Vietnamese."""
    plain, accented = fold(typed), has_accents(typed)
    if accented and not _STOPPED.search(normalize("NFD", typed)):
        return {}
    frequencies = dict(engine.spellings(plain, scope)[:_SPELLINGS])
    most = max(frequencies.values(), default=0)
    spoken = _spoken()[0].get(plain, ())
    if not most or (accented and frequencies.get(typed, 0) >= _LOST * most):
        return {}
    kept = {term: float(df) for term, df in frequencies.items() if df >= _RARE * most and _holds(term, typed)}
    kept |= {term: max(kept.get(term, 0.0), _RARE * most) for term in ((typed,) if accented else spoken)}
    return dict(zip(kept, _shares(list(kept.values())), strict=True))


def _holds(spelling: str, typed: str) -> bool:
    """Say whether a spelling has all that was typed of it: luật that of luât, but not xe that of xế.

    >>> _holds("luật", "luât"), _holds("xe", "xế"), _holds("đường", "dương")
    (True, False, True)
    """
    return all(not _marks(each) - _marks(other) for each, other in zip(typed, spelling, strict=False))


def _marks(letter: str) -> Counter[str]:
    return Counter(normalize("NFD", "d-" if letter == "đ" else letter))


@cache
def _spoken() -> tuple[Mapping[str, tuple[str, ...]], frozenset[tuple[str, ...]]]:
    """Return the words of spoken questions by what they are without accents, and the pairs of them that stand side by side."""
    pairs = frozenset(terms_of(pair, Layer.MAIN) for pair, *_ in rows("search_api", "spoken_pairs.tsv"))
    spellings: dict[str, tuple[str, ...]] = {}
    for term in sorted({term for pair in pairs for term in pair}):
        spellings[fold(term)] = (*spellings.get(fold(term), ()), term)
    return spellings, pairs


def _in_letters_of(typed: str, term: str) -> str:
    """Return a term as a reader spells it: analysis writes i for y at the end of a rhyme.

    >>> _in_letters_of("quy", "qui"), _in_letters_of("ky", "kĩ"), _in_letters_of("thi", "thi")
    ('quy', 'kỹ', 'thi')
    """
    last = normalize("NFD", term[-1])
    return normalize("NFC", term[:-1] + "y" + last[1:]) if typed[-1] in "yY" and last[0] == "i" else term


def _weighed(places: Sequence[_Place], engine: SearchEngine) -> list[list[float]]:
    """Return for each place how likely each of its spellings is, given all others."""
    steps = _steps(places, engine)
    forward = [[one * other for one, other in zip(places[0].likely, places[0].typed(), strict=True)]]
    for place, step in zip(places[1:], steps, strict=True):
        reached = [sum(one * row[at] for one, row in zip(forward[-1], step, strict=True)) for at in range(len(place.likely))]
        forward.append(_shares([one * other for one, other in zip(reached, place.typed(), strict=True)]))
    backward = [[1.0] * len(places[-1].likely)]
    for place, step in zip(reversed(places[1:]), reversed(steps), strict=True):
        behind = [one * other for one, other in zip(backward[0], place.typed(), strict=True)]
        backward.insert(0, _shares([sum(one * other for one, other in zip(row, behind, strict=True)) for row in step]))
    return [_shares([one * other for one, other in zip(*each, strict=True)]) for each in zip(forward, backward, strict=True)]


def _steps(places: Sequence[_Place], engine: SearchEngine) -> list[list[list[float]]]:
    """Return between each two places how likely each spelling of the second follows each of the first, but for a factor."""
    together = [(before, place) for before, place in pairwise(places) if not place.word.apart]
    pairs = {(one, other) for before, place in together for one in before.spellings for other in place.spellings}
    pairs |= {(term, "") for place in places for term in (*place.spellings, "")}
    counts = dict(zip(pairs, engine.side_by_side(list(pairs)), strict=True))
    whole, spoken = max(counts["", ""], 1), _spoken()[1]

    def follows(one: str, other: str) -> float:
        in_texts = counts.get((one, other), 0) / max(counts[one, ""], 1) + _PRIOR * (counts[other, ""] + 0.5) / whole
        return max(in_texts, _SPOKEN) if (one, other) in spoken else in_texts

    return [
        [[follows(one, other) for other in place.spellings] for one in before.spellings] for before, place in pairwise(places)
    ]


def _shares(weights: Sequence[float]) -> list[float]:
    whole = sum(weights)
    return [weight / whole if whole else 1 / len(weights) for weight in weights]
