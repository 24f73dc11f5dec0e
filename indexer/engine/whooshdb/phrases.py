"""Counting a phrase's occurrences, and windows of terms near each other, by docs/scoring.md, on sorted arrays."""

import numpy as np

from indexer.engine.whooshdb.postings import Ints, Posting

_ENTRY = np.int64(2**32)  # a position in an entry is one number: place of the entry · 2**32 + position

_NOWHERE = np.int64(2**63 - 1)


def occurrences(postings: list[Posting], slop: int) -> tuple[Ints, Ints]:
    """Return the entries that hold the phrase of these terms, ascending, and how often each does."""
    if not postings:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    docs = _shared(postings)
    starts = _places(postings[0], docs)
    last = starts
    for posting in postings[1:]:
        places = _places(posting, docs)
        following = np.searchsorted(places, last, side="right")
        found = following < len(places)
        starts, last = starts[found], places[following[found]]
    starts = starts[(last - starts <= len(postings) - 1 + slop) & (starts // _ENTRY == last // _ENTRY)]
    return _counted(starts, docs)


def minimal_windows(postings: list[Posting], within: int) -> tuple[Ints, Ints]:
    """Return the entries that hold these terms within so many positions, ascending, and in how many minimal windows each does."""
    if not postings:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    docs = _shared(postings)
    places = [_places(posting, docs) for posting in postings]
    starts = np.unique(np.concatenate(places))
    ends = starts
    for each in places:
        following = np.searchsorted(each, starts)
        ends = np.maximum(ends, np.append(each, _NOWHERE)[following])
    # Of the windows with one end, the last to start is the shortest.
    shortest = ends != np.append(ends, _NOWHERE)[1:]
    starts, ends = starts[shortest], ends[shortest]
    return _counted(starts[(ends - starts < within) & (starts // _ENTRY == ends // _ENTRY)], docs)


def _shared(postings: list[Posting]) -> Ints:
    docs = postings[0].docs
    for posting in postings[1:]:
        docs = np.intersect1d(docs, posting.docs, assume_unique=True)
    return docs


def _counted(starts: Ints, docs: Ints) -> tuple[Ints, Ints]:
    counts = np.bincount(starts // _ENTRY, minlength=len(docs))
    return docs[counts > 0], counts[counts > 0]


def _places(posting: Posting, docs: Ints) -> Ints:
    chosen = np.searchsorted(posting.docs, docs)
    counts = posting.counts[chosen]
    before = np.cumsum(counts) - counts  # how many places precede each entry's first
    within = np.arange(counts.sum()) - np.repeat(before, counts)
    positions = posting.positions[np.repeat(posting.starts[chosen], counts) + within]
    places: Ints = np.repeat(np.arange(len(docs)), counts) * _ENTRY + positions
    return places
