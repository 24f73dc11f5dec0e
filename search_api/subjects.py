"""Subjects: runs of words that the titles of several documents share, such as quy hoạch sử dụng đất."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import islice
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
_CUT: Final = re.compile(r"[^\w\s]|[\d_]")  # no subject goes on over a mark or a figure
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


@dataclass(slots=True)
class _Run:
    """The documents with a run of words, where it stands in them, and how often no word goes on before and behind it."""

    keys: set[int] = field(default_factory=set)
    places: list[tuple[Called, list[str], int, int]] = field(default_factory=list)
    begins: int = 0
    ends: int = 0

    def subject(self) -> Subject:
        """Return it in its spelling with the fewest capitals; of documents, the first is the newest."""
        texts = (" ".join(words[begin:end]) for _, words, begin, end in self.places)
        return Subject(min(texts, key=lambda text: sum(map(str.isupper, text))), self.places[0][0].id)


def frequent_subjects(sample: Sequence[Called], typed: Sequence[str], *, whole: bool) -> list[Subject]:
    """Return what several titles say alike around the typed words, the most frequent first; the last word is whole or begun."""
    runs: defaultdict[tuple[str, ...], _Run] = defaultdict(_Run)
    sought = list(map(folded_word, typed))
    for called in sample:
        for words, at in islice(_places(called.text, sought, whole=whole), _PLACES):
            _gather(runs, called, words, at, at + len(sought))
    frequent = {words: run for words, run in runs.items() if len(run.keys) >= _SEVERAL}
    accented = " ".join(typed).lower()
    best = sorted(
        (words for words, run in frequent.items() if _may_be(words, run) and _is_maximal(words, frequent)),
        key=lambda words: (f" {accented}" not in f" {' '.join(words)}", -len(frequent[words].keys), len(words), words),
    )
    return [frequent[words].subject() for words in best[:_MOST]]


def _gather(runs: defaultdict[tuple[str, ...], _Run], called: Called, words: list[str], at: int, until: int) -> None:
    """Count every run of a title's piece that holds words[at:until] and a little around them."""
    small, edges = tuple(map(str.lower, words)), _edges()
    low, high = _between_openings(small, at, until)
    for begin in range(max(low, at - (_BEFORE if until - at > 1 or len(words[at]) > 1 else 0)), at + 1):
        begins = begin == low or small[begin - 1] in edges
        for end in range(max(until, begin + 2), min(high, begin + _LONGEST) + 1):
            run = runs[small[begin:end]]
            if called.key not in run.keys:
                run.keys.add(called.key)
                run.places.append((called, words, begin, end))
                run.begins += begins
                run.ends += end == high or small[end] in edges


def _between_openings(small: tuple[str, ...], at: int, until: int) -> tuple[int, int]:
    """Return where the stretch around small[at:until] begins and ends that holds no opening; an empty one where those do."""
    openings, low, high = _openings(), 0, len(small)
    for place in range(max(0, at - _BEFORE - 1), min(high, at + _LONGEST)):
        if small[place : place + 2] in openings:
            if place >= at:
                return (low, place) if place >= until else (at + 1, at)
            low = place + 2
    return low, high


def _places(title: str, sought: list[str], *, whole: bool) -> Iterator[tuple[list[str], int]]:
    """Yield the pieces of a title that hold the sought words, and from which word on."""
    count, last, finished = len(sought), sought[-1], sought[:-1]
    for piece in _CUT.split(title):
        words = piece.split()
        plain = list(map(folded_word, words))
        for at in range(len(words) - count + 1):
            word = plain[at + count - 1]
            if (word == last or (not whole and word.startswith(last))) and plain[at : at + count - 1] == finished:
                yield words, at


def _may_be(words: Sequence[str], run: _Run) -> bool:
    """Tell whether a run begins and ends as a subject does: often enough where the text before and behind it ends."""
    needed = _BOUNDED * len(run.keys)
    return not {words[0], words[-1]} & _edges() and run.begins >= needed and run.ends >= needed


def _is_maximal(words: tuple[str, ...], runs: dict[tuple[str, ...], _Run]) -> bool:
    """Tell whether no longer run stands in most of the documents that have this one."""
    needed, shown = _SHARE * len(runs[words].keys), f" {' '.join(words)} "
    longer = (other for other, run in runs.items() if len(other) > len(words) and len(run.keys) >= needed)
    return not any(shown in f" {' '.join(other)} " for other in longer)


@lru_cache(maxsize=16_384)
def folded_word(word: str) -> str:
    """Return a word without accents and capitals; there are some thousands, so that each is worked out once."""
    return fold(word).lower()
