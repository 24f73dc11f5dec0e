"""This project's engine, through its port."""

import time
from collections.abc import Sequence
from pathlib import Path

from analyzers.columns import Columns, chunk_columns
from benchmarks.corpus import FACETS, FILTER, Corpus
from benchmarks.peers import LIMIT, Answer, Built
from benchmarks.queries import Query
from indexer.engine.fields import NUMBER_COLUMNS, Scope
from indexer.engine.port import Entry, Rerank, SearchRequest
from indexer.engine.query import And, Layer, Node, OneOf, Or, Phrase, Prefix, Term
from indexer.engine.whooshdb.engine import Ranking
from indexer.engine.whooshdb.store import WhooshStore
from indexer.engine.whooshdb.warming import warm

WORKERS = 2
_BODY = ("body",)
_VALUES: dict[str, list[str] | list[int]] = {
    name: list(range(size)) if name in NUMBER_COLUMNS else [f"{name}-{code}" for code in range(size)]
    for name, size in FACETS.items()
}


def split_at_spaces(texts: Sequence[str], layer: Layer) -> Columns:
    """Analyse token texts: words at their places in the main layer, nothing in the folded one, which no peer has."""
    return chunk_columns(texts if layer is Layer.MAIN else [""] * len(texts))


class Congbao:
    """Implements Peer over WhooshStore."""

    def build(self, folder: Path, corpus: Corpus) -> Built:
        """Rebuild as `congbao reindex` does, then merge into one segment; kernels are loaded before, as a library would be."""
        warm(folder)
        begun = time.perf_counter()
        store = self._store(folder)
        with store.rebuild() as writer:
            for key, text, codes in corpus.documents():
                columns = {"visibility": "public", **{name: _VALUES[name][code] for name, code in codes.items()}}
                writer.replace(key, [Entry(key, str(key), Scope.DOCUMENTS, texts={"body": text}, columns=columns)])
            writer.commit(1)
        searchable = time.perf_counter() - begun
        with store.writer() as writer:
            writer.optimize()
            writer.commit(2)
        return Built(searchable, time.perf_counter() - begun, f"{WORKERS} workers; rebuild, commit, optimize, commit")

    def open(self, folder: Path) -> None:
        """Open the engine on the newest generation."""
        self._engine = self._store(folder).engine()

    def prepare(self, query: Query) -> SearchRequest:
        """Make the request; filter and facets as the service asks for them."""
        if not query.filtered:
            again = Rerank(query.words) if query.looked_at_again else None
            return SearchRequest(_node(query), limit=LIMIT, rerank=again)
        chosen = OneOf(FILTER[0], (_VALUES[FILTER[0]][FILTER[1]],))
        return SearchRequest(_node(query), filters=(chosen,), facets=tuple(FACETS), limit=LIMIT)

    def ask(self, prepared: SearchRequest) -> Ranking:
        """Search; the answer has keys, scores, total and facets. No texts, which no peer reads either."""
        return self._engine.rank(prepared)

    def forget(self) -> None:
        """Empty the engine's memory of terms."""
        self._engine.forget()

    def read(self, answer: Ranking) -> Answer:
        """Take the facets' names back to codes."""
        facets = {
            name: {int(str(value).rpartition("-")[2]): count for value, count in counts} for name, counts in answer.facets.items()
        }
        return Answer(answer.total, len(answer.best), facets)

    @staticmethod
    def _store(folder: Path) -> WhooshStore:
        return WhooshStore(folder, analyse=split_at_spaces, workers=WORKERS)


def _node(query: Query) -> Node:
    if query.shape == "phrase":
        return Phrase(query.words, fields=_BODY)
    if query.shape == "prefix":
        return Prefix(query.words[0], fields=_BODY)
    terms = tuple(Term(word, fields=_BODY) for word in query.words)
    if query.shape == "term":
        return terms[0]
    return And(terms) if query.shape == "and" else Or(terms)
