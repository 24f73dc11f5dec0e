"""Tantivy through its Python binding: nothing stored, ids and facets in numeric fast fields.

What of the binding is fastest (117,691 articles, ms): a prefix as a regular expression, 5.4 for `th` (a set of its terms 11.1,
an OR of them 23.9; a phrase of one prefix stops at 50 terms); facets over numeric fast fields, 2.2 for `qui` (over text ones
3.1) and asked beside a search that does not count, since any facet adds up to the total: every document has a value in each;
the filter as a clause beside the words, 0.67 (nested 0.68 to 0.72, as a range 0.82, as a set 1.08).
"""

import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tantivy

from benchmarks.corpus import FACETS, FILTER, Corpus
from benchmarks.peers import LIMIT, Answer, Built
from benchmarks.queries import Query

_THREADS = 2
_HEAP = 2_000_000_000  # bytes for all threads: no segment is cut before its commit
# The binding can't ask for a merge. The default policy merges 8 segments of like size by itself: 2 threads, 4 commits.
_COMMITS = 4
_TRIES = 3  # threads that share the documents unevenly make segments that are not of like size
_AGGREGATION = {name: {"terms": {"field": name, "size": size}} for name, size in FACETS.items()}


@dataclass(frozen=True, slots=True)
class Asked:
    """A query object with what is to be asked about it."""

    query: tantivy.Query
    facets: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What one question gave."""

    total: int | None
    hits: list[tuple[float, tantivy.DocAddress]]
    keys: list[int]
    facets: dict[str, Any]


class Tantivy:
    """Implements Peer; every search counts."""

    counts = True

    def build(self, folder: Path, corpus: Corpus) -> Built:
        """Index twice: in one commit for the time without a merge, then so that one segment comes of it."""
        first, _, _ = _build(folder, corpus, _THREADS, 1)
        for threads, commits in (*[(_THREADS, _COMMITS)] * _TRIES, (1, 1)):  # at last: one thread makes one segment
            shutil.rmtree(folder)
            _, merged, segments = _build(folder, corpus, threads, commits)
            if segments == 1:
                break
        how = f"{_THREADS} threads, heap {_HEAP:.0e}; merged: {threads} threads, {commits} commits, {segments} segment"
        return Built(first, merged, how)

    def open(self, folder: Path) -> None:
        """Open a searcher on the newest commit."""
        index = tantivy.Index.open(str(folder))
        index.reload()
        self._schema, self._searcher = index.schema, index.searcher()

    def prepare(self, query: Query) -> Asked:
        """Make the query object, the filter as one more clause that scores nothing."""
        if not query.filtered:
            return Asked(self._query(query), facets=False)
        chosen = tantivy.Query.term_query(self._schema, *FILTER, index_option="basic")
        clauses = [*self._terms(query), tantivy.Query.const_score_query(chosen, 0.0)]
        return Asked(tantivy.Query.boolean_query([(tantivy.Occur.Must, clause) for clause in clauses]), facets=True)

    def ask(self, prepared: Asked) -> Found:
        """Search, and aggregate in a second call, for the binding has no call that does both."""
        counts = self.counts and not prepared.facets
        result = self._searcher.search(prepared.query, LIMIT, count=counts)
        hits = result.hits
        keys = self._searcher.fast_field_values("key", [address for _, address in hits])
        facets = self._searcher.aggregate(prepared.query, _AGGREGATION) if prepared.facets else {}
        total = result.count if counts else None
        if prepared.facets:
            total = sum(bucket["doc_count"] for bucket in facets["status"]["buckets"])
        return Found(total, hits, keys, facets)

    def forget(self) -> None:
        """Do nothing: each search looks its terms up."""

    def read(self, answer: Found) -> Answer:
        """Take the buckets apart."""
        facets = {
            name: {int(bucket["key"]): bucket["doc_count"] for bucket in found["buckets"]}
            for name, found in answer.facets.items()
        }
        return Answer(answer.total, len(answer.keys), facets)

    def _query(self, query: Query) -> tantivy.Query:
        if query.shape == "phrase":
            return tantivy.Query.phrase_query(self._schema, "body", list(query.words))
        if query.shape == "prefix":
            return tantivy.Query.regex_query(self._schema, "body", re.escape(query.words[0]) + ".*")
        terms = self._terms(query)
        if query.shape == "term":
            return terms[0]
        occur = tantivy.Occur.Must if query.shape == "and" else tantivy.Occur.Should
        return tantivy.Query.boolean_query([(occur, each) for each in terms])

    def _terms(self, query: Query) -> list[tantivy.Query]:
        return [tantivy.Query.term_query(self._schema, "body", word) for word in query.words]


class TantivyNoCount(Tantivy):
    """The same index without the exact total: what the binding calls `count=False`."""

    counts = False


def _build(folder: Path, corpus: Corpus, threads: int, commits: int) -> tuple[float, float, int]:
    """Return the seconds until searchable, those until merges ended, and the number of segments."""
    folder.mkdir(exist_ok=True)
    begun = time.perf_counter()
    index = tantivy.Index(_schema(), path=str(folder))
    writer = index.writer(heap_size=_HEAP, num_threads=threads)
    stops = {corpus.count * number // commits for number in range(1, commits)}
    for key, text, codes in corpus.documents():
        document = tantivy.Document()
        document.add_text("body", text)
        document.add_unsigned("key", key)
        for name, code in codes.items():
            document.add_unsigned(name, code)
        writer.add_document(document)
        if key in stops:
            writer.commit()
    writer.commit()
    searchable = time.perf_counter() - begun
    writer.wait_merging_threads()
    merged = time.perf_counter() - begun
    index.reload()
    return searchable, merged, index.searcher().num_segments


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("body", stored=False, tokenizer_name="whitespace", index_option="position")
    builder.add_unsigned_field("key", fast=True)
    for name in FACETS:
        builder.add_unsigned_field(name, fast=True, indexed=name == FILTER[0])
    return builder.build()
