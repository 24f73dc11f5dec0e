"""Subjects: runs of words that the titles of several documents share, such as quy hoạch sử dụng đất."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import chain, islice
from typing import Final, NamedTuple

from analyzers.accents import fold
from analyzers.tables import rows

_MOST: Final = 4
_SEVERAL: Final = 3  # documents
_LONGEST: Final = 8  # words of a subject
_BEFORE: Final = 2  # words before the typed ones that may belong to it: hoạch is typed, quy hoạch is meant
_PLACES: Final = 2  # of one title
_SHARE: Final = 0.6  # of those with a run that go on alike: then the longer run is the subject
_BOUNDED: Final = 0.1  # of the documents with a subject have it where words before or behind it end
_CUT: Final = re.compile(r"(?:[^\w\s]|[\d_])+")  # no subject goes on over a mark or a figure
_DIFFERENT: Final = 3  # words before a subject, where none of them belongs to it
_WORD: Final = re.compile(r"[^\W_]+")
_HEADING: Final = (2, 14)  # words


class Called(NamedTuple):
    """A document and what it is called."""

    key: int
    id: str
    text: str


class Subject(NamedTuple):
    """A subject as it is written, and the newest document with it."""

    text: str
    id: str


@cache
def _edges() -> frozenset[str]:
    """Return the words that no subject begins or ends with."""
    return frozenset(word for kind, word, *_ in rows("search_api", "subject_words.tsv") if kind == "edge")


@cache
def _openings() -> frozenset[tuple[str, ...]]:
    """Return the pairs of words that say what a document does; no subject holds one."""
    return frozenset(tuple(words.split()) for kind, words, *_ in rows("search_api", "subject_words.tsv") if kind == "opening")


@cache
def _general() -> tuple[str, ...]:
    """Return what headings begin with that say nothing of what a document is about, folded; acts of one document among it."""
    return tuple(fold(words) for kind, words, *_ in rows("search_api", "subject_words.tsv") if kind in ("heading", "opening"))


def words_of(text: str) -> list[str]:
    """Return the words of a text in its own spelling."""
    return _WORD.findall(text)


def is_subject(heading: str) -> bool:
    """Tell whether a provision's heading says what it is about.

    >>> is_subject("Thu hồi đất"), is_subject("Hiệu lực thi hành"), is_subject("Phạm vi điều chỉnh")
    (True, False, False)
    """
    shortest, longest = _HEADING
    folded = fold(heading).lower()
    return shortest <= len(words_of(heading)) <= longest and not folded.startswith(_general())


class _Place(NamedTuple):
    """Where the typed words stand in a title; words[low:high] is the stretch around them that a subject may lie in."""

    called: Called
    words: list[str]
    small: tuple[str, ...]  # the words without capitals
    at: int
    low: int
    high: int


class _Run(NamedTuple):
    """A run of words that begins so many words before the typed ones, in one place of each document; the first is the newest."""

    before: int
    places: list[_Place]


def frequent_subjects(sample: Sequence[Called], typed: Sequence[str], *, whole: bool) -> list[Subject]:
    """Return what several titles say alike around the typed words, the most frequent first; the last word is whole or begun."""
    sought = list(map(folded_word, typed))
    places = [place for called in sample for place in islice(_places(called, sought, whole=whole), _PLACES)]
    runs = _frequent(places, sought)
    accented = " ".join(typed).lower()
    best = sorted(
        (words for words, run in runs.items() if _may_be(words, run) and _is_maximal(words, runs)),
        key=lambda words: (f" {accented}" not in f" {' '.join(words)}", -len(runs[words].places), len(words), words),
    )
    return [_spelt(words, runs[words]) for words in best[:_MOST]]


def _frequent(places: Sequence[_Place], sought: Sequence[str]) -> dict[tuple[str, ...], _Run]:
    """Return the runs of several documents; only those that have been found so often are made longer."""
    found: dict[tuple[str, ...], _Run] = {}
    most_before = _BEFORE if len(sought) > 1 or len(sought[0]) > 1 else 0  # a letter alone begins too many words
    for before in range(most_before + 1):
        current: Sequence[_Place] = places
        for length in range(max(2, before + len(sought)), _LONGEST + 1):
            alike: defaultdict[tuple[str, ...], dict[int, _Place]] = defaultdict(dict)
            for place in current:
                begin = place.at - before
                if place.low <= begin and begin + length <= place.high:
                    alike[place.small[begin : begin + length]].setdefault(place.called.key, place)
            several = {words: list(each.values()) for words, each in alike.items() if len(each) >= _SEVERAL}
            if not several:
                break
            found |= {words: _Run(before, each) for words, each in several.items()}
            current = list(chain.from_iterable(several.values()))
    return found


def _places(called: Called, sought: list[str], *, whole: bool) -> Iterator[_Place]:
    """Yield where a title holds the sought words, with as much around them as no mark, figure or opening cuts off."""
    count, first, finished, last = len(sought), sought[0], sought[:-1], sought[-1]
    open_ = not (finished or whole)
    for piece in _CUT.split(called.text):
        words = piece.split()
        if len(words) < count:
            continue
        plain = list(map(folded_word, words))
        for at in [at for at, word in enumerate(plain) if word == first or (open_ and word.startswith(first))]:
            ends = plain[at + count - 1 : at + count]
            if plain[at : at + count - 1] == finished and ends and (ends[0] == last or (not whole and ends[0].startswith(last))):
                small = tuple(map(str.lower, words))
                yield _Place(called, words, small, at, *_between_openings(small, at, at + count))


def _between_openings(small: tuple[str, ...], at: int, until: int) -> tuple[int, int]:
    """Return where the stretch around small[at:until] begins and ends that holds no opening; an empty one where those do."""
    openings, low, high = _openings(), 0, len(small)
    for place in range(max(0, at - _BEFORE - 1), min(high, at + _LONGEST)):
        if small[place : place + 2] in openings:
            if place >= at:
                return (low, place) if place >= until else (at + 1, at)
            low = place + 2
    return low, high


def _may_be(words: tuple[str, ...], run: _Run) -> bool:
    """Tell whether a run begins and ends as a subject does: where the text around it ends, or goes on in different ways.

    So hoạch sử dụng đất, with quy or kế before it wherever it stands, is none, nor is quy hoạch sử dụng, with đất or rừng behind.
    """
    edges, needed = _edges(), _BOUNDED * len(run.places)
    if words[0] in edges or words[-1] in edges:
        return False
    before: list[str] = []
    behind: list[str] = []
    for place in run.places:
        begin = place.at - run.before
        end = begin + len(words)
        before.append("" if begin == place.low or place.small[begin - 1] in edges else place.small[begin - 1])
        behind.append("" if end == place.high or place.small[end] in edges else place.small[end])
    return behind.count("") >= needed and (before.count("") >= needed or len(set(before)) >= _DIFFERENT)


def _spelt(words: tuple[str, ...], run: _Run) -> Subject:
    """Return a run in its spelling with the fewest capitals."""
    begins = ((place, place.at - run.before) for place in run.places)
    texts = (" ".join(place.words[begin : begin + len(words)]) for place, begin in begins)
    return Subject(min(texts, key=lambda text: sum(map(str.isupper, text))), run.places[0].called.id)


def _is_maximal(words: tuple[str, ...], runs: dict[tuple[str, ...], _Run]) -> bool:
    """Tell whether no longer run stands in most of the documents that have this one."""
    needed, shown = _SHARE * len(runs[words].places), f" {' '.join(words)} "
    longer = (other for other, run in runs.items() if len(other) > len(words) and len(run.places) >= needed)
    return not any(shown in f" {' '.join(other)} " for other in longer)


@lru_cache(maxsize=16_384)
def folded_word(word: str) -> str:
    """Return a word without accents and capitals; there are some thousands, so that each is worked out once."""
    return fold(word).lower()
