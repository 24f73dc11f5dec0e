"""Which entries of a generation have the same `copy`, and the best of each among those that a request finds.

That is found once for each generation and scope; a request then looks at the entries that share their copy alone, some percent
of all. Entries are told of as places, segment · 2**32 + entry.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.engine.fields import COPY, Scope
from indexer.engine.port import MOST_PLACES, SearchRequest
from indexer.engine.whooshdb.best import Best, Ranked
from indexer.engine.whooshdb.evaluate import Evaluation
from indexer.engine.whooshdb.schema import MISSING
from indexer.engine.whooshdb.segments import Bitmap, Floats, Ints, View, among, entries_of, to_bitmap

MORE = 32  # entries kept beyond those asked for, so that some may be copies of others

Others = tuple[Sequence[int], int]
"""The first of a hit's other places, and how many there are."""


class Copies:
    """The live entries of a scope that share their copy with another: their places, ascending, and the group of each."""

    def __init__(self, views: Sequence[View], scope: Scope) -> None:
        entries = [entries_of(view.live & view.segment.scopes[scope]) for view in views]
        columns = [_rows(views, entries, name) for name in (COPY, "key", "ordinal")]
        segments = np.repeat(np.arange(len(views)), np.array([len(some) for some in entries], np.int64))
        digests = columns[0]
        _, groups, times = np.unique(digests, return_inverse=True, return_counts=True)
        shared = (digests != MISSING) & (times[groups] > 1)
        self.places: Ints = (segments << 32 | np.concatenate([_NONE, *entries]))[shared]
        _, self.groups = np.unique(groups[shared], return_inverse=True)
        self._bounds = np.searchsorted(self.places, np.arange(len(views) + 1) << 32).tolist()
        self._in_order = np.lexsort((columns[2][shared], columns[1][shared], self.groups))
        self._starts = np.searchsorted(self.groups[self._in_order], np.arange(int(self.groups.max(initial=-1)) + 2))

    def found(self, matched: Sequence[Bitmap]) -> npt.NDArray[np.bool_]:
        """Return which of the places are among the matches."""
        spans = [self.places[start:end] & 0xFFFFFFFF for start, end in pairwise(self._bounds)]
        return np.concatenate([among(entries, bitmap) for entries, bitmap in zip(spans, matched, strict=True)])

    def groups_of(self, places: Ints) -> Ints:
        """Return the group of each place, -1 for one without."""
        rows = np.searchsorted(self.places, places)
        rows[rows == len(self.places)] = 0
        return np.where(self.places[rows] == places, self.groups[rows], -1)

    def of_group(self, group: int) -> Ints:
        """Return the rows of a group's places, by key and ordinal."""
        return self._in_order[self._starts[group] : self._starts[group + 1]]


_NONE: Ints = np.empty(0, np.int64)


def _rows(views: Sequence[View], entries: Sequence[Ints], name: str) -> Ints:
    columns = [view.segment.numbers[name][some].astype(np.int64) for view, some in zip(views, entries, strict=True)]
    return np.concatenate([_NONE, *columns])


class Collapsed(NamedTuple):
    """One hit of each copy: how many there are, those of the page, and the other places of each of these."""

    total: int
    best: list[Ranked]
    others: tuple[Others, ...]


def collapse(
    evaluation: Evaluation, request: SearchRequest, copies: Copies, best: Best, total: int, matched: Sequence[Bitmap]
) -> Collapsed:
    """Return the answer to a request of which `best` are the best entries, in their last order, of `total` that match."""
    found = copies.found(matched)
    groups = copies.groups[found]
    total -= len(groups) - len(np.unique(groups))
    if not request.limit:
        return Collapsed(total, [], ())
    page = _page(evaluation, request, copies, best, [len(bitmap) for bitmap in matched])
    return Collapsed(total, page, tuple(_others(copies, found, place) for *_, place in page))


def _page(evaluation: Evaluation, request: SearchRequest, copies: Copies, best: Best, words: Sequence[int]) -> list[Ranked]:
    """Go through the matches in their order, taking the first of each group, until the page is full."""
    wanted, taken = request.offset + request.limit, 0
    scores: list[Floats] = []
    places: list[Ints] = []
    seen = np.zeros(len(copies.places), np.bool_)  # by group
    starts = np.cumsum([0, *(64 * count for count in words)])
    gone = np.zeros(starts[-1], np.bool_)  # of all segments, one after the other
    while True:
        rows = best.order()
        groups = copies.groups_of(best.places[2, rows])
        first = groups < 0
        first[np.unique(groups, return_index=True)[1]] = True
        chosen = rows[first]
        taken += len(chosen)
        scores.append(best.scores[chosen])
        places.append(best.places[:, chosen])
        if taken >= wanted or best.kept < len(best.scores):
            break
        # All that comes next in order: without what was looked at, and without the copies of it.
        seen[groups[groups >= 0]] = True
        known = np.concatenate([best.places[2, rows], copies.places[seen[copies.groups]]])
        gone[starts[known >> 32] + (known & 0xFFFFFFFF)] = True
        best = Best(2 * len(best.scores))
        evaluation.run(request, best, [to_bitmap(some) for some in np.split(gone, starts[1:-1])])
    kept, where = np.concatenate(scores)[request.offset : wanted], np.concatenate(places, axis=1)[:, request.offset : wanted]
    return list(zip((-kept).tolist(), *where.tolist(), strict=True))


def _others(copies: Copies, found: npt.NDArray[np.bool_], place: int) -> Others:
    group = int(copies.groups_of(np.array([place]))[0])
    if group < 0:
        return (), 0
    rows = copies.of_group(group)
    others = copies.places[rows[found[rows]]]
    others = others[others != place]
    return others[:MOST_PLACES].tolist(), len(others)
