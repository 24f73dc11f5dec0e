"""Peers over whole documents: tantivy and SQLite FTS5 with the fields number, type, year, title and text, all given the question.

Both get the tokens of the project's main layer, lower case and with accents, cut at single spaces. Each asks for any of the
words in any field, ranked by its own BM25, number and title weighing three times the text: with
ten times for the title, as here, tantivy finds titles no better and numbers not at all.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

import tantivy

from benchmarks.corpus import tokens_of

FIELDS = {"number": 3.0, "type": 1.0, "year": 1.0, "title": 3.0, "text": 1.0}
Row = tuple[str, Mapping[str, str]]
"""A document's id, and field → text."""


class Fielded(Protocol):
    """An engine over documents with fields."""

    def build(self, folder: Path, rows: Iterable[Row]) -> None:
        """Index everything into an empty folder and open it."""
        ...

    def ask(self, question: str, limit: int) -> list[str]:
        """Return the ids of the best documents."""
        ...


class FieldedTantivy:
    """Implements Fielded."""

    def build(self, folder: Path, rows: Iterable[Row]) -> None:
        """Index in one commit."""
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw")
        for name in FIELDS:
            builder.add_text_field(name, stored=False, tokenizer_name="whitespace")
        folder.mkdir(exist_ok=True)
        index = tantivy.Index(builder.build(), path=str(folder))
        writer = index.writer(heap_size=500_000_000, num_threads=2)
        for key, texts in rows:
            document = tantivy.Document()
            document.add_text("id", key)
            for name in FIELDS:
                document.add_text(name, _tokens(texts.get(name, "")))
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self._index, self._searcher = index, index.searcher()

    def ask(self, question: str, limit: int) -> list[str]:
        """Ask for any word in any field."""
        clauses = [
            (tantivy.Occur.Should, tantivy.Query.boost_query(tantivy.Query.term_query(self._index.schema, name, word), weight))
            for word in _tokens(question).split()
            for name, weight in FIELDS.items()
        ]
        hits = self._searcher.search(tantivy.Query.boolean_query(clauses), limit).hits if clauses else []
        return [self._searcher.doc(address)["id"][0] for _, address in hits]


class FieldedSqlite:
    """Implements Fielded."""

    def build(self, folder: Path, rows: Iterable[Row]) -> None:
        """Insert everything in one transaction."""
        folder.mkdir(exist_ok=True)
        self._connection = sqlite3.connect(folder / "index.sqlite")
        self._connection.execute(f"CREATE VIRTUAL TABLE texts USING fts5(id UNINDEXED, {', '.join(FIELDS)}, tokenize='ascii')")
        into = f"INSERT INTO texts VALUES (?{', ?' * len(FIELDS)})"
        self._connection.executemany(into, ([key, *(_tokens(texts.get(name, "")) for name in FIELDS)] for key, texts in rows))
        self._connection.commit()

    def ask(self, question: str, limit: int) -> list[str]:
        """Ask for any word in any field."""
        expression = " OR ".join(f'"{word}"' for word in _tokens(question).split())
        weights = ", ".join(map(str, (0.0, *FIELDS.values())))
        best = f"SELECT id FROM texts WHERE texts MATCH ? ORDER BY bm25(texts, {weights}) LIMIT {limit}"
        return [key for (key,) in self._connection.execute(best, (expression,))] if expression else []


PEERS: Mapping[str, type[Fielded]] = {"tantivy": FieldedTantivy, "sqlite": FieldedSqlite}


def _tokens(text: str) -> str:
    return " ".join(tokens_of(text))
