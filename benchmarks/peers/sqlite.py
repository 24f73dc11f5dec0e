"""SQLite FTS5 in a file: positions kept (detail=full), no content stored, facet columns in a table beside it.

The tokenizer `ascii` takes every character beyond ASCII and every ASCII letter and figure as part of a token and folds ASCII
capitals alone, so that our lower-case tokens come out as they are.
"""

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.corpus import FACETS, FILTER, Corpus
from benchmarks.peers import LIMIT, Answer, Built
from benchmarks.queries import Query

_FILE = "index.sqlite"
_COUNT = "SELECT count(*) FROM texts WHERE texts MATCH ?"
_BEST = f"SELECT rowid, rank FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT {LIMIT}"
_FIRST = f"SELECT rowid, 1.0 FROM texts WHERE texts MATCH ? ORDER BY rowid LIMIT {LIMIT}"  # all matches of a prefix score alike
_CHOSEN = f"texts JOIN documents ON key = texts.rowid WHERE texts MATCH ? AND {FILTER[0]} = {FILTER[1]}"
_BEST_CHOSEN = f"SELECT texts.rowid, rank FROM {_CHOSEN} ORDER BY rank LIMIT {LIMIT}"
_FACETS = f"WITH found AS MATERIALIZED (SELECT documents.* FROM {_CHOSEN}) " + " UNION ALL ".join(
    f"SELECT '{name}', {name}, count(*) FROM found GROUP BY {name}" for name in FACETS
)

Asked = tuple[str, bool, bool]  # the MATCH expression, whether it is a prefix, whether facets are wanted
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What one question gave."""

    total: int
    hits: list[Row]
    facets: list[Row]


class Sqlite:
    """Implements Peer over the standard library's module."""

    def build(self, folder: Path, corpus: Corpus) -> Built:
        """Insert everything in one transaction, then merge the index's segments and give free pages back."""
        folder.mkdir(exist_ok=True)
        begun = time.perf_counter()
        with closing(sqlite3.connect(folder / _FILE)) as connection:
            connection.execute("CREATE VIRTUAL TABLE texts USING fts5(body, content='', tokenize='ascii')")
            connection.execute(f"CREATE TABLE documents (key INTEGER PRIMARY KEY, {', '.join(FACETS)})")
            into = f"INSERT INTO documents VALUES (?{', ?' * len(FACETS)})"
            for key, text, codes in corpus.documents():
                connection.execute("INSERT INTO texts (rowid, body) VALUES (?, ?)", (key, text))
                connection.execute(into, (key, *codes.values()))
            connection.commit()
            searchable = time.perf_counter() - begun
            connection.execute("INSERT INTO texts (texts) VALUES ('optimize')")
            connection.commit()
            connection.execute("VACUUM")
        merged = time.perf_counter() - begun
        return Built(searchable, merged, f"SQLite {sqlite3.sqlite_version}; one transaction, optimize, vacuum")

    def open(self, folder: Path) -> None:
        """Open read-only, the whole file mapped."""
        self._connection = sqlite3.connect(f"file:{folder / _FILE}?mode=ro", uri=True)
        self._connection.execute("PRAGMA mmap_size = 2000000000")

    def prepare(self, query: Query) -> Asked:
        """Write the MATCH expression."""
        quoted = [f'"{word}"' for word in query.words]
        if query.shape == "phrase":
            expression = " + ".join(quoted)
        elif query.shape == "prefix":
            expression = f"{quoted[0]}*"
        else:
            expression = (" OR " if query.shape == "or" else " AND ").join(quoted)
        return expression, query.shape == "prefix", query.filtered

    def ask(self, prepared: Asked) -> Found:
        """Run the statement for the best ten and the one for the total; with facets, these add up to the total."""
        expression, is_prefix, filtered = prepared
        if filtered:
            facets = self._rows(_FACETS, expression)
            total = sum(count for name, _, count in facets if name == "status")
            return Found(total, self._rows(_BEST_CHOSEN, expression), facets)
        hits = self._rows(_FIRST if is_prefix else _BEST, expression)
        return Found(self._rows(_COUNT, expression)[0][0], hits, [])

    def forget(self) -> None:
        """Do nothing: what it keeps are pages and statements."""

    def read(self, answer: Found) -> Answer:
        """Group the counts by facet."""
        facets: dict[str, dict[int, int]] = {name: {} for name in FACETS} if answer.facets else {}
        for name, code, count in answer.facets:
            facets[name][code] = count
        return Answer(answer.total, len(answer.hits), facets)

    def _rows(self, statement: str, expression: str) -> list[Row]:
        return self._connection.execute(statement, (expression,)).fetchall()
