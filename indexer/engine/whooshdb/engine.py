"""Searching: on the newest committed generation, from any number of threads, without waiting for a writer or for its opening."""

import threading
import time
from collections import Counter
from collections.abc import Callable

import numpy as np

from indexer.engine.fields import NUMBER_COLUMNS
from indexer.engine.port import Generation, Hit, SearchRequest, SearchResult, Sort
from indexer.engine.whooshdb.evaluate import Evaluation, Floats
from indexer.engine.whooshdb.postings import Ints
from indexer.engine.whooshdb.schema import MISSING
from indexer.engine.whooshdb.segments import Segment, Snapshot
from indexer.engine.whooshdb.state import toc_name


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
            return snapshot
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
        named = (snapshot.folder / toc_name(snapshot.state.generation)).exists()
        return named and time.monotonic() - self._asked < 1.0


def search(snapshot: Snapshot, request: SearchRequest) -> SearchResult:
    """Answer `request` on one snapshot."""
    evaluation = Evaluation(snapshot, request.scope)
    found = []
    for number, view in enumerate(snapshot.views):
        mask = view.live & view.segment.scopes[request.scope]
        mask &= view.segment.codes["visibility"].mask(frozenset(visibility.value for visibility in request.visible))
        for node in request.filters:
            mask &= evaluation.matches(node, number).mask
        matches = evaluation.matches(request.query, number)
        docs = np.flatnonzero(mask & matches.mask)
        found.append((view.segment, docs, matches.scores[docs]))
    total = sum(len(docs) for _, docs, _ in found)
    facets = {column: _facet(column, found) for column in request.facets}
    return SearchResult(total, _page(request, found), facets)


Found = list[tuple[Segment, Ints, Floats]]


def _page(request: SearchRequest, found: Found) -> tuple[Hit, ...]:
    if not found:
        return ()
    ranks = np.concatenate([_rank(request.sort, segment, docs, scores) for segment, docs, scores in found])
    keys = np.concatenate([segment.numbers["key"][docs] for segment, docs, _ in found])
    ordinals = np.concatenate([segment.numbers["ordinal"][docs] for segment, docs, _ in found])
    wanted = min(request.offset + request.limit, len(ranks))
    if request.offset >= wanted:
        return ()
    last = np.partition(ranks, wanted - 1)[wanted - 1]
    best = np.flatnonzero(ranks <= last)  # all that tie with the last one on the page too
    best = best[np.lexsort((ordinals[best], keys[best], ranks[best]))][request.offset : wanted]
    bounds = np.cumsum([len(docs) for _, docs, _ in found])
    hits = []
    for place in best:
        number = int(np.searchsorted(bounds, place, side="right"))
        segment, docs, scores = found[number]
        row = int(place) - int(bounds[number] - len(docs))
        hits.append(_hit(segment, int(docs[row]), float(scores[row]) if request.sort is Sort.RELEVANCE else 0.0))
    return tuple(hits)


def _rank(sort: Sort, segment: Segment, docs: Ints, scores: Floats) -> Floats:
    """Return numbers by which the best entry comes first."""
    if sort is Sort.RELEVANCE:
        return -scores
    dates = segment.numbers["issued_date"][docs].astype(np.float64)
    return np.where(dates == MISSING, np.inf, dates if sort is Sort.OLDEST else -dates)


def _hit(segment: Segment, doc: int, score: float) -> Hit:
    key, ordinal = int(segment.numbers["key"][doc]), int(segment.numbers["ordinal"][doc])
    return Hit(key, segment.texts["id"][doc], score, ordinal, segment.texts["anchor"][doc])


def _facet(column: str, found: Found) -> tuple[tuple[str | int, int], ...]:
    counts: Counter[str | int] = Counter()
    for segment, docs, _ in found:
        if column in NUMBER_COLUMNS:
            values, times = np.unique(segment.numbers[column][docs], return_counts=True)
            counts.update({int(value): int(n) for value, n in zip(values, times, strict=True) if value != MISSING})
        else:
            coded = segment.codes[column]
            times = np.bincount(coded.codes[docs], minlength=len(coded.values))
            counts.update({coded.values[code]: int(times[code]) for code in np.flatnonzero(times) if code})
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
