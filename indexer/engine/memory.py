"""The reference engine: everything in memory, every entry looked at for every request, docs/scoring.md word for word.

Its only virtue is that it can be read and believed. The other engines are tested against it.
"""

import math
import threading
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields

from indexer.engine.analysis import AnalysedEntry, analyse_entries
from indexer.engine.fields import IDF_POWER, K1, B, Scope, TextField, text_fields
from indexer.engine.port import Entry, Generation, Hit, SearchRequest, SearchResult, Sort
from indexer.engine.query import (
    All,
    And,
    Boost,
    Constant,
    Keyword,
    Layer,
    Node,
    Not,
    Nothing,
    OneOf,
    Or,
    Phrase,
    Prefix,
    Range,
    Term,
)
from indexer.errors import DataFolderBusy, IndexMissing
from indexer.model import Visibility


@dataclass(frozen=True, slots=True)
class _Held(AnalysedEntry):
    places: Mapping[tuple[str, Layer], Mapping[str, Sequence[int]]]  # of each text field in both layers: term → positions


@dataclass(frozen=True, slots=True)
class _State:
    change: int
    documents: Mapping[int, tuple[_Held, ...]]  # by key

    def entries(self, scope: Scope) -> list[_Held]:
        return [entry for entries in self.documents.values() for entry in entries if entry.scope is scope]


class MemoryStore:
    """An index that lives as long as this object. Implements IndexStore."""

    def __init__(self) -> None:
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
        return sorted(entry.key for entry in self.state.entries(Scope.DOCUMENTS)) if self.state else []

    def verify(self) -> list[str]:
        """There is no file that could be wrong."""
        return []


class MemoryWriter:
    """Gathers changes beside the published state. Implements IndexWriter."""

    def __init__(self, store: MemoryStore, documents: dict[int, tuple[_Held, ...]]) -> None:
        self._store = store
        self._documents = documents

    def replace(self, key: int, entries: Sequence[Entry]) -> None:
        """Make `entries` all of document `key`."""
        self._documents[key] = tuple(_held(entry) for entry in analyse_entries(key, entries))

    def delete(self, key: int) -> None:
        """Take document `key` out."""
        self._documents.pop(key, None)

    def commit(self, change: int) -> None:
        """Publish everything gathered."""
        self._store.state = _State(change, dict(self._documents))


class MemoryEngine:
    """Searches the newest state of a MemoryStore. Implements SearchEngine."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer one request."""
        return _search(self._newest(), request)

    def generation(self) -> Generation:
        """Count the public entries."""
        state = self._newest()
        counts = {scope: len(_public(state.entries(scope))) for scope in Scope}
        return Generation(state.change, counts[Scope.DOCUMENTS], counts[Scope.PROVISIONS])

    def close(self) -> None:
        """Nothing is open."""

    def _newest(self) -> _State:
        assert self._store.state is not None  # once there is an index there always is one
        return self._store.state


def _held(entry: AnalysedEntry) -> _Held:
    values = {each.name: getattr(entry, each.name) for each in fields(entry)}
    return _Held(**values, places={name: terms.by_term() for name, terms in entry.terms.items()})


def _public(entries: list[_Held]) -> list[_Held]:
    return [entry for entry in entries if entry.columns["visibility"] == Visibility.PUBLIC]


def _search(state: _State, request: SearchRequest) -> SearchResult:
    entries = state.entries(request.scope)
    scored = _Scored(request.scope, entries)
    visible = [entry for entry in entries if entry.columns["visibility"] in request.visible]
    found: list[tuple[float, _Held]] = []
    for entry in visible:
        score = scored.score(request.query, entry)
        if score is not None and all(scored.score(node, entry) is not None for node in request.filters):
            found.append((score if request.sort is Sort.RELEVANCE else 0.0, entry))
    found.sort(key=lambda pair: (*_place(request.sort, *pair), pair[1].key, pair[1].ordinal))
    page = found[request.offset : request.offset + request.limit]
    facets = {column: _facet([entry for _, entry in found], column) for column in request.facets}
    hits = tuple(Hit(entry.key, entry.id, score, entry.ordinal, entry.anchor) for score, entry in page)
    return SearchResult(len(found), hits, facets)


def _place(sort: Sort, score: float, entry: _Held) -> tuple[bool, float]:
    if sort is Sort.RELEVANCE:
        return (False, -score)
    date = entry.columns.get("issued_date")
    assert not isinstance(date, str)
    return (date is None, (date or 0) if sort is Sort.OLDEST else -(date or 0))


def _facet(entries: list[_Held], column: str) -> tuple[tuple[str | int, int], ...]:
    counts = Counter(entry.columns[column] for entry in entries if column in entry.columns)
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


class _Scored:
    """The scores of one scope's entries; statistics come from the public ones."""

    def __init__(self, scope: Scope, entries: list[_Held]) -> None:
        self._scope = scope
        self._public = _public(entries)
        self._statistics: dict[Node, tuple[float, float]] = {}

    def score(self, node: Node, entry: _Held) -> float | None:
        """Return the score of `entry`, None when it does not match."""
        match node:
            case Term() | Phrase():
                return self._bm25f(node, entry)
            case Boost(child, factor):
                score = self.score(child, entry)
                return None if score is None else score * factor
            case Constant(child, score):
                return None if self.score(child, entry) is None else score
            case Not(child):
                return 0.0 if self.score(child, entry) is None else None
            case And(children):
                return self._sum(children, len(children), entry)
            case Or(children, minimum):
                return self._sum(children, minimum, entry)
            case _:
                return 1.0 if self._holds(node, entry) else None

    def _sum(self, children: tuple[Node, ...], minimum: int, entry: _Held) -> float | None:
        scores = [score for child in children if (score := self.score(child, entry)) is not None]
        return _add(scores) if len(scores) >= minimum else None

    def _holds(self, node: Node, entry: _Held) -> bool:
        match node:
            case Prefix(text, layer):
                terms = (entry.places[field.name, layer] for field in self._fields(node))
                return any(term.startswith(text) for positions in terms for term in positions)
            case Keyword(field, value):
                return value in entry.keywords[field]
            case OneOf(column, values):
                return column in entry.columns and entry.columns[column] in values
            case Range(column, low, high):
                number = entry.columns.get(column)
                return isinstance(number, int) and (low is None or number >= low) and (high is None or number <= high)
            case Nothing():
                return False
            case _:
                assert isinstance(node, All)
                return True

    def _bm25f(self, node: Term | Phrase, entry: _Held) -> float | None:
        wtf = self._wtf(node, entry)
        if not wtf:
            return None
        if node not in self._statistics:
            self._statistics[node] = self._measure(node)
        idf, avg = self._statistics[node]
        wlen = _add(field.weight * entry.terms[field.name, node.layer].length for field in self._fields(node))
        ratio = wlen / avg if avg else 1.0
        return idf * (wtf * (K1 + 1) / (wtf + K1 * (1 - B + B * ratio)))

    def _measure(self, node: Term | Phrase) -> tuple[float, float]:
        count = len(self._public)
        frequency = sum(self._wtf(node, entry) > 0 for entry in self._public)
        lengths = [(f.weight, sum(entry.terms[f.name, node.layer].length for entry in self._public)) for f in self._fields(node)]
        avg = _add(weight * length for weight, length in lengths) / count if count else 0.0
        return math.log(1 + (count - frequency + 0.5) / (frequency + 0.5)) ** IDF_POWER, avg

    def _wtf(self, node: Term | Phrase, entry: _Held) -> float:
        terms = node.terms if isinstance(node, Phrase) else (node.text,)
        slop = node.slop if isinstance(node, Phrase) else 0
        fields = self._fields(node)
        return _add(field.weight * _occurrences(terms, slop, entry.places[field.name, node.layer]) for field in fields)

    def _fields(self, node: Term | Phrase | Prefix) -> list[TextField]:
        return [field for field in text_fields(self._scope) if not node.fields or field.name in node.fields]


def _add(values: Iterable[float]) -> float:
    total = 0.0
    for value in values:  # one after the other: from Python 3.12 on, sum() adds floats more exactly than the page says
        total += value
    return total


def _occurrences(terms: tuple[str, ...], slop: int, positions: Mapping[str, Sequence[int]]) -> int:
    """Count the positions of the first term from which the phrase can be completed."""
    if not terms or any(term not in positions for term in terms):
        return 0
    return sum(_completes(start, terms[1:], slop, positions) for start in positions[terms[0]])


def _completes(start: int, rest: tuple[str, ...], slop: int, positions: Mapping[str, Sequence[int]]) -> bool:
    last = start
    for term in rest:
        following = bisect_right(positions[term], last)
        if following == len(positions[term]):
            return False
        last = positions[term][following]
    return last - start <= len(rest) + slop
