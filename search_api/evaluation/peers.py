"""Other engines over the same corpus: tantivy, bm25s and SQLite FTS5, given the fields that our entries have.

All get the tokens of the project's main layer: syllables in lower case, with the accents that stand there. Each ranks by its own
BM25 what has any of the question's words in any field. Number, title and heading weigh three times the text: with ten times for
the title, as here, tantivy finds titles no better and numbers not at all.

A provision's fields are one text for all of them, where the tokens of one that weighs three times stand three times, and so are a
document's for bm25s, which knows no fields. tantivy adds up the BM25 of each field: that finds articles worse (alqac, MRR@10
.604, as one text .863), documents by their titles better (hit@1 .947, as one text .720).
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from analyzers.normalise import term
from analyzers.tokenise import syllables
from indexer.engine.fields import Scope
from indexer.errors import BadConfiguration
from search_api.evaluation.collection import Item

FIELDS = {"number": 3, "type": 1, "year": 1, "title": 3, "heading": 3, "text": 1}
Row = tuple[str, Mapping[str, str]]
"""A corpus id, and field → text."""


class Peer(Protocol):
    """An engine that is measured beside ours."""

    def build(self, folder: Path, rows: Iterable[Row]) -> None:
        """Index everything into a folder and open it."""
        ...

    def ask(self, question: str, limit: int) -> list[str]:
        """Return the ids of the best rows."""
        ...


def rows_of(items: Iterable[Item], scope: Scope) -> Iterator[Row]:
    """Yield what the peers get of a corpus: its documents, or the provisions of each."""
    for item in items:
        about, text = item.understood.metadata, item.understood.canonical.text
        year = str(about.issued_date.year) if about.issued_date else ""
        fields = {"number": about.number or "", "type": about.type or "", "year": year, "title": about.title or ""}
        if scope is Scope.DOCUMENTS:
            yield item.ids[0], {**fields, "text": text}
            continue
        for key, provision in zip(item.ids, item.understood.provisions, strict=True):
            texts = {**fields, "heading": provision.heading, "text": text[provision.start : provision.end]}
            yield key, {"text": "\n".join(texts[name] for name, weight in FIELDS.items() for _ in range(weight))}


def tokens_of(text: str) -> list[str]:
    """Return the terms of a text as the project spells them."""
    return [term(syllable) for syllable in syllables(text).texts]


class TantivyPeer:
    """Implements Peer."""

    def __init__(self) -> None:
        import tantivy

        self._tantivy = tantivy

    def build(self, folder: Path, rows: Iterable[Row]) -> None:
        """Index in one commit."""
        builder = self._tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw")
        for name in FIELDS:
            builder.add_text_field(name, stored=False, tokenizer_name="whitespace")
        folder.mkdir(exist_ok=True)
        index = self._tantivy.Index(builder.build(), path=str(folder))
        writer = index.writer(heap_size=500_000_000, num_threads=2)
        for key, texts in rows:
            document = self._tantivy.Document()
            document.add_text("id", key)
            for name in FIELDS:
                document.add_text(name, _joined(texts.get(name, "")))
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self._schema, self._searcher = index.schema, index.searcher()

    def ask(self, question: str, limit: int) -> list[str]:
        """Ask for any word in any field."""
        query, occur = self._tantivy.Query, self._tantivy.Occur.Should
        clauses = [
            (occur, query.boost_query(query.term_query(self._schema, name, word), float(weight)))
            for word in tokens_of(question)
            for name, weight in FIELDS.items()
        ]
        hits = self._searcher.search(query.boolean_query(clauses), limit).hits if clauses else []
        return [str(self._searcher.doc(address)["id"][0]) for _, address in hits]


class Bm25sPeer:
    """Implements Peer."""

    def __init__(self) -> None:
        import bm25s

        self._bm25s: Any = bm25s

    def build(self, folder: Path, rows: Iterable[Row]) -> None:  # noqa: ARG002  it keeps no file
        """Score every term of every row beforehand, in memory."""
        self._vocabulary: dict[str, int] = {}
        self._keys, texts = [], []
        for key, fields in rows:
            self._keys.append(key)
            words = [word for name, weight in FIELDS.items() for word in tokens_of(fields.get(name, "")) * weight]
            texts.append([self._vocabulary.setdefault(word, len(self._vocabulary)) for word in words])
        self._index = self._bm25s.BM25()
        if self._vocabulary:
            self._index.index((texts, self._vocabulary), create_empty_token=False, show_progress=False)

    def ask(self, question: str, limit: int) -> list[str]:
        """Add up the question's words; what has none of them is no answer."""
        words = [self._vocabulary[word] for word in tokens_of(question) if word in self._vocabulary]
        if not words:
            return []
        rows, scores = self._index.retrieve([words], k=min(limit, len(self._keys)), show_progress=False)
        return [self._keys[row] for row, score in zip(rows[0].tolist(), scores[0].tolist(), strict=True) if score > 0]


class SqlitePeer:
    """Implements Peer."""

    def build(self, folder: Path, rows: Iterable[Row]) -> None:
        """Insert everything in one transaction."""
        folder.mkdir(exist_ok=True)
        self._connection = sqlite3.connect(folder / "index.sqlite")
        self._connection.execute(f"CREATE VIRTUAL TABLE texts USING fts5(id UNINDEXED, {', '.join(FIELDS)}, tokenize='ascii')")
        into = f"INSERT INTO texts VALUES (?{', ?' * len(FIELDS)})"  # noqa: S608  nothing typed is in it
        self._connection.executemany(into, ([key, *(_joined(texts.get(name, "")) for name in FIELDS)] for key, texts in rows))
        self._connection.commit()

    def ask(self, question: str, limit: int) -> list[str]:
        """Ask for any word in any field."""
        expression = " OR ".join(f'"{word}"' for word in tokens_of(question))
        weights = ", ".join(map(str, (0, *FIELDS.values())))
        best = f"SELECT id FROM texts WHERE texts MATCH ? ORDER BY bm25(texts, {weights}) LIMIT {limit}"  # noqa: S608  nor here
        return [key for (key,) in self._connection.execute(best, (expression,))] if expression else []


PEERS: Mapping[str, Callable[[], Peer]] = {"tantivy": TantivyPeer, "bm25s": Bm25sPeer, "sqlite": SqlitePeer}


def make_peer(name: str) -> Peer:
    """Return an engine by its name in PEERS; only its own library is imported. Raises BadConfiguration where that is missing."""
    try:
        return PEERS[name]()
    except ModuleNotFoundError as error:
        raise BadConfiguration(
            f"Để so với {name} cần thư viện {error.name}, một trong các công cụ phát triển: chạy `make setup` trong thư mục"
            f" mã nguồn, hoặc `pip install {error.name}`."
        ) from error


def _joined(text: str) -> str:
    return " ".join(tokens_of(text))
