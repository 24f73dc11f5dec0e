"""Searching: on the newest committed generation, from any number of threads, without waiting for a writer or for its opening."""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from indexer.engine.fields import Scope
from indexer.engine.port import FacetCounts, Generation, Hit, Place, SearchRequest, SearchResult, Sort
from indexer.engine.query import Layer, Pattern
from indexer.engine.whooshdb import kernels
from indexer.engine.whooshdb.best import Best
from indexer.engine.whooshdb.copies import MORE, Copies, Others, collapse
from indexer.engine.whooshdb.evaluate import Evaluation
from indexer.engine.whooshdb.lexicon import pair_digest
from indexer.engine.whooshdb.postings import postings
from indexer.engine.whooshdb.segments import Bitmap, Codes, Snapshot


class WhooshEngine:
    """Answers requests over the newest generation. Implements SearchEngine.

    A snapshot is never changed, so a search that runs while a new one is opened ends on the old one; its memory maps go with its
    last user. A commit removes the table of contents before it, so one `stat` a search tells that there is news. One thread then
    opens it; the others answer from the old snapshot until it is there, but for news of this process's own: who has seen a commit
    return sees what it wrote.
    """

    def __init__(self, reopen: Callable[[Snapshot | None], Snapshot], commits: Callable[[], int]) -> None:
        self._reopen = reopen  # returns the newest snapshot, the given one if it is that
        self._commits = commits  # how often this process has committed
        self._opening = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._open()

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer one request, exactly as docs/scoring.md defines. Raises IndexMissing, IndexOutdated, IndexDamaged."""
        return search(self._newest(), request)

    def terms_alike(self, pattern: Pattern, scope: Scope = Scope.DOCUMENTS) -> tuple[tuple[str, int], ...]:
        """Return the terms of public entries that a pattern stands for, with their df, the most frequent first."""
        found = Evaluation(self._newest(), scope).terms_alike(pattern)
        return tuple(sorted(((text, df) for text, df in found.items() if df), key=_most_frequent))

    def postings(self, request: SearchRequest) -> int:
        """Add up the lists of all segments, with the entries in them that are deleted. Raises IndexDamaged."""
        return postings(self._newest(), request)

    def frequencies(self, terms: Sequence[str], scope: Scope = Scope.DOCUMENTS, layer: Layer = Layer.MAIN) -> tuple[int, ...]:
        """Return each term's df. Raises IndexMissing, IndexOutdated, IndexDamaged."""
        return tuple(Evaluation(self._newest(), scope).frequencies(terms, layer))

    def spellings(self, folded: str, scope: Scope = Scope.DOCUMENTS) -> tuple[tuple[str, int], ...]:
        """Return the public syllables that fold to `folded`, with their df. Raises IndexMissing, IndexOutdated, IndexDamaged."""
        snapshot = self._newest()
        found = sorted({term for view in snapshot.views for term in view.segment.spellings(folded)})
        frequencies = Evaluation(snapshot, scope).frequencies(found, Layer.MAIN)
        return tuple(sorted(((term, df) for term, df in zip(found, frequencies, strict=True) if df), key=_most_frequent))

    def side_by_side(self, pairs: Sequence[tuple[str, str]]) -> tuple[int, ...]:
        """Return how often two syllables stand side by side. Raises IndexMissing, IndexOutdated, IndexDamaged."""
        digests = np.array([pair_digest(*pair) for pair in pairs], np.int64)
        counts = np.zeros(len(pairs), np.int64)
        for view in self._newest().views:
            counts += view.segment.lexicon.times(digests)
        return tuple(counts.tolist())

    def rank(self, request: SearchRequest) -> "Ranking":
        """Answer one request without reading ids: what the other engines in `benchmarks.engine` are measured at, too."""
        return rank(self._newest(), request)

    def forget(self) -> None:
        """Let go of what was looked up: a search costs what the first one for its words does."""
        snapshot = self._newest()
        snapshot.terms.clear()
        for view in snapshot.views:
            view.segment.forget()

    def generation(self) -> Generation:
        """Say which generation `search` answers from now."""
        return self._newest().generation()

    def close(self) -> None:
        """Let go of the snapshot."""
        with self._opening:
            self._snapshot = None

    def _newest(self) -> Snapshot:
        snapshot = self._snapshot
        if snapshot is None:
            raise RuntimeError("the engine is closed")
        if self._is_fresh(snapshot):
            return snapshot
        if not self._opening.acquire(blocking=self._commits() != self._seen):
            return self._snapshot or snapshot  # which another thread may have opened just now
        try:
            if self._snapshot is None:
                raise RuntimeError("the engine is closed")
            return self._open()
        finally:
            self._opening.release()

    def _open(self) -> Snapshot:
        commits = self._commits()  # before opening: one that comes meanwhile may not be in the snapshot
        self._snapshot = snapshot = self._reopen(self._snapshot)
        self._seen, self._asked = commits, time.monotonic()
        return snapshot

    def _is_fresh(self, snapshot: Snapshot) -> bool:
        # A commit that was killed between naming its generation and removing the older one is found within a second.
        return time.monotonic() - self._asked < 1.0 and os.access(snapshot.toc, os.F_OK)


def _most_frequent(found: tuple[str, int]) -> tuple[int, str]:
    return -found[1], found[0]


class Ranking(NamedTuple):
    """An answer before the entries' ids are read: total, (-score, key, ordinal, place) of the page, and facets.

    `others` are the other places of each of the page's entries, where copies are collapsed.
    """

    total: int
    best: list[tuple[float, int, int, int]]
    facets: dict[str, FacetCounts]
    others: tuple[Others, ...] = ()


def rank(snapshot: Snapshot, request: SearchRequest) -> Ranking:
    """Find, count and order the entries that `request` asks for."""
    again = request.rerank if request.limit and request.sort is Sort.RELEVANCE else None
    copies = _copies(snapshot, request.scope) if request.collapse else None
    wanted = max(request.offset + request.limit + (MORE if copies else 0), again.depth if again else 0)
    best = Best(min(wanted, snapshot.entries) if request.limit else 0)
    evaluation = Evaluation(snapshot, request.scope)
    total, matched = evaluation.run(request, best)
    if again:
        evaluation.look_again(again, best)
    facets = {column: _facet(column, snapshot, matched) for column in request.facets}
    if copies:
        collapsed = collapse(evaluation, request, copies, best, total, matched)
        return Ranking(collapsed.total, collapsed.best, facets, collapsed.others)
    return Ranking(total, best.ranked(request.offset, request.limit), facets)


def _copies(snapshot: Snapshot, scope: Scope) -> Copies | None:
    """Return which entries are copies of others, found when it is first asked; None where none is."""
    if scope not in snapshot.copies:
        found = Copies(snapshot.views, scope)
        snapshot.copies[scope] = found if len(found.places) else None
    return snapshot.copies[scope]


def search(snapshot: Snapshot, request: SearchRequest) -> SearchResult:
    """Answer `request` on one snapshot."""
    found = rank(snapshot, request)
    relevance = request.sort is Sort.RELEVANCE
    hits = []
    for score, key, ordinal, place in found.best:
        texts, entry = snapshot.views[place >> 32].segment.texts, place & 0xFFFFFFFF
        hits.append(Hit(key, texts["id"][entry], -score if relevance else 0.0, ordinal, texts["anchor"][entry]))
    for number, (places, count) in enumerate(found.others):
        if count:
            hits[number] = hits[number]._replace(places=tuple(_place(snapshot, place) for place in places), copies=count)
    return SearchResult(found.total, tuple(hits), found.facets)


def _place(snapshot: Snapshot, place: int) -> Place:
    segment, entry = snapshot.views[place >> 32].segment, place & 0xFFFFFFFF
    key, ordinal = (int(segment.numbers[name][entry]) for name in ("key", "ordinal"))
    return Place(key, segment.texts["id"][entry], ordinal, segment.texts["anchor"][entry])


def _facet(column: str, snapshot: Snapshot, matched: list[Bitmap]) -> FacetCounts:
    """Count the matches by the column's value: the most frequent first, then by value."""
    parts = [_counted(view.segment.coded(column), found) for view, found in zip(snapshot.views, matched, strict=True)]
    if len(parts) == 1:
        return tuple(parts[0])
    counts: Counter[str | int] = Counter()
    for part in parts:
        counts.update(dict(part))
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _counted(coded: Codes[Any], found: Bitmap) -> list[tuple[str | int, int]]:
    times = np.zeros(len(coded.values), np.int64)
    kernels.count(found, coded.codes, times)
    ascending = times[coded.by_value]  # without code 0, which is no value
    order = coded.by_value[np.argsort(-ascending, kind="stable")[: np.count_nonzero(ascending)]]
    return [(coded.values[code], n) for code, n in zip(order.tolist(), times[order].tolist(), strict=True)]
