"""The reference engine: everything in memory, in plain Python, docs/scoring.md word for word.

Its only virtue is that it can be read and believed. The other engines are tested against it.
"""

import threading
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

from analyzers.accents import fold
from indexer.engine.analysis import Analyse, CheckedEntry, analyse_entries, analyse_texts, is_syllable
from indexer.engine.fields import COPY, Scope
from indexer.engine.memory_scoring import ScopeScores
from indexer.engine.port import (
    MOST_PLACES,
    Entry,
    FacetCounts,
    Generation,
    Hit,
    Place,
    Rerank,
    SearchRequest,
    SearchResult,
    Sort,
)
from indexer.engine.query import Layer, Pattern, leaves_of
from indexer.errors import DataFolderBusy, IndexMissing


class _State:
    """One generation: what the index holds, and the scores of each scope."""

    def __init__(self, change: int, documents: Mapping[int, tuple[CheckedEntry, ...]]) -> None:
        self.change = change
        self.documents = documents  # by key
        everything = [entry for entries in documents.values() for entry in entries]
        self.scopes = {scope: ScopeScores(scope, [entry for entry in everything if entry.scope is scope]) for scope in Scope}


class MemoryStore:
    """An index that lives as long as this object; texts are read by `analyse`. Implements IndexStore."""

    def __init__(self, analyse: Analyse = analyse_texts) -> None:
        self.analyse = analyse
        self.state: _State | None = None
        self._writing = threading.Lock()

    def engine(self) -> "MemoryEngine":
        """Open for searching. Raises IndexMissing."""
        if self.state is None:
            raise IndexMissing("Chưa có chỉ mục: chạy `congbao index`.")
        return MemoryEngine(self)

    @contextmanager
    def writer(self) -> Iterator["MemoryWriter"]:
        """Change the index. Raises DataFolderBusy."""
        with self._only_writer():
            if self.state is None:
                self.state = _State(0, {})
            yield MemoryWriter(self, dict(self.state.documents))

    @contextmanager
    def rebuild(self) -> Iterator["MemoryWriter"]:
        """Write a new index that replaces this one at its first commit. Raises DataFolderBusy."""
        with self._only_writer():
            yield MemoryWriter(self, {})

    @contextmanager
    def _only_writer(self) -> Iterator[None]:
        if not self._writing.acquire(blocking=False):
            raise DataFolderBusy("Chỉ mục đang được ghi: đợi xong rồi chạy lại.")
        try:
            yield
        finally:
            self._writing.release()

    def change(self) -> int:
        """Return the last catalogue change held; 0 without an index."""
        return self.state.change if self.state else 0

    def keys(self) -> list[int]:
        """List the documents' keys, ascending."""
        return sorted(entry.key for entry in self.state.scopes[Scope.DOCUMENTS].entries) if self.state else []

    def verify(self) -> list[str]:
        """There is no file that could be wrong."""
        return []


class MemoryWriter:
    """Gathers changes beside the published state. Implements IndexWriter."""

    def __init__(self, store: MemoryStore, documents: dict[int, tuple[CheckedEntry, ...]]) -> None:
        self._store = store
        self._documents = documents

    def replace(self, key: int, entries: Sequence[Entry]) -> None:
        """Make `entries` all of document `key`."""
        self._documents[key] = analyse_entries(key, entries, self._store.analyse)

    def delete(self, key: int) -> None:
        """Take document `key` out."""
        self._documents.pop(key, None)

    def purge(self, keys: Collection[int]) -> None:
        """Take documents out; nothing is kept of what was replaced or deleted anyway."""
        for key in keys:
            self.delete(key)

    def optimize(self) -> None:
        """Do nothing: there is one form."""

    def commit(self, change: int) -> None:
        """Publish everything gathered."""
        self._store.state = _State(change, dict(self._documents))


class MemoryEngine:
    """Searches the newest state of a MemoryStore. Implements SearchEngine."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer one request."""
        return _search(self._newest().scopes[request.scope], request)

    def terms_alike(self, pattern: Pattern, scope: Scope = Scope.DOCUMENTS) -> tuple[tuple[str, int], ...]:
        """Look at every term."""
        found = self._newest().scopes[scope].terms_alike(pattern)
        return tuple(sorted(((text, df) for text, df in found.items() if df), key=lambda pair: (-pair[1], pair[0])))

    def postings(self, request: SearchRequest) -> int:
        """Add up the lists."""
        scope = self._newest().scopes[request.scope]
        return sum(scope.postings(leaf) for node in (request.query, *request.filters) for leaf in leaves_of(node))

    def frequencies(self, terms: Sequence[str], scope: Scope = Scope.DOCUMENTS, layer: Layer = Layer.MAIN) -> tuple[int, ...]:
        """Count the public entries with each."""
        return tuple(self._newest().scopes[scope].frequencies(terms, layer))

    def spellings(self, folded: str, scope: Scope = Scope.DOCUMENTS) -> tuple[tuple[str, int], ...]:
        """Look at every term."""
        scores = self._newest().scopes[scope]
        found = [term for term in scores.terms(Layer.MAIN) if is_syllable(term) and fold(term) == folded]
        with_df = zip(found, scores.frequencies(found, Layer.MAIN), strict=True)
        return tuple(sorted(((term, df) for term, df in with_df if df), key=lambda pair: (-pair[1], pair[0])))

    def side_by_side(self, pairs: Sequence[tuple[str, str]]) -> tuple[int, ...]:
        """Count pairs in every public text."""
        counts: Counter[tuple[str, str]] = Counter()
        for scope in self._newest().scopes.values():
            counts.update(scope.neighbours())
        return tuple(counts[pair] for pair in pairs)

    def generation(self) -> Generation:
        """Count the public entries."""
        state = self._newest()
        return Generation(state.change, *(len(state.scopes[scope].public) for scope in (Scope.DOCUMENTS, Scope.PROVISIONS)))

    def close(self) -> None:
        """Nothing is open."""

    def _newest(self) -> _State:
        assert self._store.state is not None  # once there is an index there always is one
        return self._store.state


def _search(scope: ScopeScores, request: SearchRequest) -> SearchResult:
    scores = scope.scores(request.query)
    passed = [scope.scores(node) for node in request.filters]
    found: list[tuple[float, CheckedEntry]] = []
    for number, score in scores.items():
        entry = scope.entries[number]
        if entry.columns["visibility"] in request.visible and all(number in each for each in passed):
            found.append((score if request.sort is Sort.RELEVANCE else 0.0, entry))
    found.sort(key=lambda pair: (*_place(request.sort, *pair), pair[1].key, pair[1].ordinal))
    if request.rerank and request.sort is Sort.RELEVANCE:
        found = _looked_at_again(scope, found, request.rerank)
    facets = {column: _facet([entry for _, entry in found], column) for column in request.facets}
    alike = _alike([entry for _, entry in found]) if request.collapse else {}
    if request.collapse:
        found = _best_of_each(found)
    page = found[request.offset : request.offset + request.limit]
    return SearchResult(len(found), tuple(_hit(score, entry, alike) for score, entry in page), facets)


def _alike(entries: Sequence[CheckedEntry]) -> dict[str | int, list[CheckedEntry]]:
    """Return the entries that have each copy, by key and ordinal."""
    alike: dict[str | int, list[CheckedEntry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda entry: (entry.key, entry.ordinal)):
        if COPY in entry.columns:
            alike[entry.columns[COPY]].append(entry)
    return alike


def _best_of_each(found: list[tuple[float, CheckedEntry]]) -> list[tuple[float, CheckedEntry]]:
    """Return what is first in order of those that have the same copy, and all that have none."""
    seen: set[str | int] = set()
    kept = []
    for score, entry in found:
        copy = entry.columns.get(COPY)
        if copy is None or copy not in seen:
            kept.append((score, entry))
        if copy is not None:
            seen.add(copy)
    return kept


def _hit(score: float, entry: CheckedEntry, alike: Mapping[str | int, Sequence[CheckedEntry]]) -> Hit:
    others = [each for each in alike.get(entry.columns.get(COPY, ""), ()) if each is not entry]
    places = tuple(Place(each.key, each.id, each.ordinal, each.anchor) for each in others[:MOST_PLACES])
    return Hit(entry.key, entry.id, score, entry.ordinal, entry.anchor, places, len(others))


def _looked_at_again(
    scope: ScopeScores, found: list[tuple[float, CheckedEntry]], rerank: Rerank
) -> list[tuple[float, CheckedEntry]]:
    best, rest = found[: rerank.depth], found[rerank.depth :]
    gains = scope.second_look(rerank, best)
    again = [(score + gain, entry) for (score, entry), gain in zip(best, gains, strict=True)]
    return [*sorted(again, key=lambda pair: (-pair[0], pair[1].key, pair[1].ordinal)), *rest]


def _place(sort: Sort, score: float, entry: CheckedEntry) -> tuple[bool, float]:
    if sort is Sort.RELEVANCE:
        return (False, -score)
    date = entry.columns.get("issued_date")
    assert not isinstance(date, str)
    return (date is None, (date or 0) if sort is Sort.OLDEST else -(date or 0))


def _facet(entries: list[CheckedEntry], column: str) -> FacetCounts:
    counts = Counter(entry.columns[column] for entry in entries if column in entry.columns)
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
