"""Stock Whoosh, as its documentation uses it; without a limit, for its own top ten is not exact for nested queries."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whoosh import fields, index, query, sorting
from whoosh.analysis import RegexTokenizer

from benchmarks.corpus import FACETS, FILTER, Corpus
from benchmarks.peers import LIMIT, Answer, Built
from benchmarks.queries import Query

_MEMORY = 512  # megabytes that a writer may gather


@dataclass(frozen=True, slots=True)
class Found:
    """What one question gave: Whoosh's results with the best ten taken out."""

    total: int
    hits: list[tuple[float, int]]  # score, key
    facets: dict[str, dict[str, int]]


class Whoosh:
    """Implements Peer over the library that this project's index is made with."""

    def build(self, folder: Path, corpus: Corpus) -> Built:
        """Add every document to one writer, then optimize."""
        folder.mkdir(exist_ok=True)
        begun = time.perf_counter()
        made = index.create_in(str(folder), _schema())
        writer = made.writer(limitmb=_MEMORY)
        for key, text, codes in corpus.documents():
            writer.add_document(key=key, body=text, **{name: str(code) for name, code in codes.items()})
        writer.commit()
        searchable = time.perf_counter() - begun
        made.optimize()
        made.close()
        return Built(searchable, time.perf_counter() - begun, f"one process, {_MEMORY} MB; commit, optimize")

    def open(self, folder: Path) -> None:
        """Open one searcher, and the column with the keys."""
        self._searcher = index.open_dir(str(folder)).searcher()
        self._keys = self._searcher.reader().column_reader("key")

    def prepare(self, query: Query) -> tuple[Any, dict[str, Any]]:
        """Make the query and the arguments that filter and group."""
        asked = _query(query)
        if not query.filtered:
            return asked, {}
        groups = {name: sorting.FieldFacet(name, maptype=sorting.Count) for name in FACETS}
        return asked, {"filter": _term(FILTER[0], str(FILTER[1])), "groupedby": groups}

    def ask(self, prepared: tuple[Any, dict[str, Any]]) -> Found:
        """Search for everything, keep ten."""
        asked, arguments = prepared
        results = self._searcher.search(asked, limit=None, **arguments)
        hits = [(score, self._keys[number]) for score, number in results.top_n[:LIMIT]]
        return Found(len(results), hits, {name: results.groups(name) for name in arguments.get("groupedby", ())})

    def forget(self) -> None:
        """Do nothing: each search looks its terms up."""

    def read(self, answer: Found) -> Answer:
        """Take the facets' names back to codes."""
        facets = {name: {int(code): count for code, count in counts.items()} for name, counts in answer.facets.items()}
        return Answer(answer.total, len(answer.hits), facets)


def _term(name: str, text: str) -> Any:
    return query.Term(name, text)


def _query(asked: Query) -> Any:
    if asked.shape == "phrase":
        return query.Phrase("body", list(asked.words))
    if asked.shape == "prefix":
        return query.Prefix("body", asked.words[0])
    terms = [_term("body", word) for word in asked.words]
    if asked.shape == "term":
        return terms[0]
    return query.And(terms) if asked.shape == "and" else query.Or(terms)


def _schema() -> Any:
    columns = {name: fields.ID(sortable=True) for name in FACETS}
    key = fields.NUMERIC(int, bits=64, signed=False, sortable=True)
    return fields.Schema(key=key, body=fields.TEXT(analyzer=RegexTokenizer(r"\S+"), phrase=True), **columns)
