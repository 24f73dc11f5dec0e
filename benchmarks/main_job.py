"""The main job measured: reading, indexing and searching a folder, with SQLite FTS5 on the same texts beside it.

Both sides search the same words over the same canonical texts and return ten ids with an exact total; the product's side is the
whole path that HTTP uses (understanding, facets, highlighting), so its ratio says what the service costs over a bare engine.
"""

import argparse
import json
import random
import sqlite3
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from analyzers.accents import fold
from indexer import commands
from indexer.catalogue import Catalogue
from indexer.config import load_options
from indexer.datafolder import DataFolder
from indexer.events import FileReport
from search_api.app import open_services
from search_api.params import SearchParams
from search_api.search import search

REPOSITORY = Path(__file__).resolve().parent.parent


class _Silent:
    """A listener that only counts."""

    def __init__(self) -> None:
        self.files = 0

    def warned(self, warnings: tuple[str, ...]) -> None: ...
    def scanned(self, total: int) -> None: ...
    def indexing(self, done: int, total: int) -> None: ...

    def file(self, report: FileReport) -> None:
        self.files += 1


def main() -> None:
    """Measure and print; `--json` for programs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=REPOSITORY / "samples", help="what to index")
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the figures here")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        figures = measure(Path(place), arguments.folder, arguments.queries, random.Random(arguments.seed))
    text = json.dumps(figures, ensure_ascii=False, indent=2)
    if arguments.json:
        arguments.json.write_text(text + "\n", encoding="utf-8")
    print(text)


def measure(place: Path, folder: Path, count: int, chance: random.Random) -> dict[str, object]:
    """Index `folder` under `place`, ask `count` questions of both sides in turn, and return the figures."""
    options = load_options(data=place / "data")
    listener = _Silent()
    begun = time.perf_counter()
    with commands.workplace(options) as work:
        commands.index(work, options, commands.IndexRequest((folder,), publishable=True), listener)
    indexing = time.perf_counter() - begun
    catalogue = Catalogue.open(DataFolder(options.data).catalogue)
    texts = {key: catalogue.canonical(key).text for key in catalogue.live_keys()}
    questions = _questions(list(texts.values()), count, chance)
    services = open_services(options)
    peer = _fts5(texts)
    ours, theirs = [], []
    for question in questions:  # interleaved: a noisy moment hits both sides
        ours.append(_timed(lambda q=question: search(services, SearchParams(q=q))))
        theirs.append(_timed(lambda q=question: _ask_fts5(peer, q)))
    catalogue.close()
    return {
        "files": listener.files,
        "documents": len(texts),
        "megabytes_of_text": round(sum(len(text.encode()) for text in texts.values()) / 1e6, 3),
        "indexing_seconds": round(indexing, 2),
        "questions": len(questions),
        "search_ms": _percentiles(ours),
        "fts5_ms": _percentiles(theirs),
        "ratio_of_medians": round(statistics.median(ours) / statistics.median(theirs), 2),
    }


def _questions(texts: list[str], count: int, chance: random.Random) -> list[str]:
    """Take runs of two to four words from the texts themselves."""
    questions: Counter[str] = Counter()
    while len(questions) < count:
        words = [word for word in chance.choice(texts).split() if word.isalpha()]
        if len(words) > 8:
            start = chance.randrange(len(words) - 4)
            questions[" ".join(words[start : start + chance.randint(2, 4)])] += 1
    return sorted(questions)


def _fts5(texts: dict[int, str]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE documents USING fts5(body, tokenize='unicode61')")
    connection.executemany(
        "INSERT INTO documents (rowid, body) VALUES (?, ?)", ((key, fold(text)) for key, text in texts.items())
    )
    return connection


def _ask_fts5(connection: sqlite3.Connection, question: str) -> None:
    words = " ".join(f'"{word}"' for word in fold(question).split())
    connection.execute("SELECT count(*) FROM documents WHERE documents MATCH ?", (words,)).fetchone()
    connection.execute(
        "SELECT rowid, bm25(documents) FROM documents WHERE documents MATCH ? ORDER BY 2 LIMIT 10", (words,)
    ).fetchall()


def _timed(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def _percentiles(values: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(values, n=100)
    return {"p50": round(cuts[49], 2), "p95": round(cuts[94], 2), "p99": round(cuts[98], 2)}


if __name__ == "__main__":
    main()
