"""Suggestions while somebody types: the time of a whole `suggest()`, with SQLite FTS5 beside it in the same run.

    python -m benchmarks.suggest --docs docs.jsonl.zst --documents 200000 --json OUT

Titles and numbers are those of the records; beyond their count the beginning of one title goes on as the end of another, under a
number of its own, so that words and runs of words stay as frequent as they are. Texts are the titles again. Somebody types
the beginning of a number, a title, or a run of words from within one, letter by letter: with accents, without, and halfway
through a word. The peer is built as one would build it: a table of titles without accents with an index of prefixes of up to
three letters, every word demanded, the last one as a prefix, newest first. A time is that of the thread's processor.
"""

import argparse
import json
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import chain, islice
from pathlib import Path

import numpy as np

from analyzers.accents import fold
from analyzers.citations import number_key
from benchmarks.corpus import tokens_of
from benchmarks.engine import tell
from benchmarks.laws import as_stated
from indexer.catalogue import Catalogue, WritableCatalogue
from indexer.catalogue.texts import pack
from indexer.engine.whooshdb.store import WhooshStore
from indexer.engine.whooshdb.warming import warm
from indexer.publish import rebuild
from search_api.evaluation.collection import Record, items, records
from search_api.evaluation.run import fill
from search_api.services import Services
from search_api.suggest import suggest

_LONGEST = 40  # letters that somebody types before choosing
_KINDS = ("number", "title", "subject")


def main() -> int:
    """Build, ask, print; `--json` for programs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--docs", type=Path, required=True, help="FILE.jsonl or FILE.jsonl.zst")
    parser.add_argument("--documents", type=int, default=200_000)
    parser.add_argument("--typed", type=int, default=150, help="numbers, titles and subjects that are typed, a third each")
    parser.add_argument("--folder", type=Path, help="keep what is built here, and use it again")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(exist_ok=True)
        if not (folder / "built").exists():
            made = list(_multiplied(options.docs, options.documents, options.seed))
            _build(folder, made, sum("copy" not in record for record in made))
            (folder / "built").touch()
        report = _measure(folder, options.typed, random.Random(options.seed))
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0


def _multiplied(path: Path, count: int, seed: int) -> Iterator[Record]:
    """Yield `count` records with a number and a title."""
    stated = (as_stated(numbered) for numbered in enumerate(records(path)))
    known = [record for record in stated if record.get("number") and record.get("title")]
    yield from ({**record, "text": record["title"]} for record in islice(known, count))
    chance = random.Random(seed)
    for place in range(len(known), count):
        first, second = chance.choice(known), chance.choice(known)
        head, tail = first["title"].split(), second["title"].split()
        title = " ".join((*head[: chance.randint(1, len(head))], *tail[chance.randrange(len(tail)) :]))
        year = chance.randint(1990, 2025)
        number = f"{chance.randint(1, 4000)}/{year}/{first['number'].rsplit('/', 1)[-1]}"
        day = f"{chance.randint(1, 28):02}/{chance.randint(1, 12):02}/{year}"
        yield {**first, "_id": place, "copy": True, "number": number, "title": title, "text": title, "issued_date": day}


def _build(folder: Path, made: Sequence[Record], real: int) -> None:
    """Put the first `real` records into a catalogue as indexing does, copy rows for the others, and index all."""
    tell(f"{len(made)} documents: catalogue")
    with closing(WritableCatalogue.open(folder / "catalogue.sqlite")) as catalogue:
        keys = list(fill(catalogue, items(made[:real])))
    _copy(folder / "catalogue.sqlite", keys, made[real:])
    tell("index")
    with closing(WritableCatalogue.open(folder / "catalogue.sqlite")) as catalogue:
        rebuild(catalogue, WhooshStore(folder / "index"))
    tell("peer")
    with closing(sqlite3.connect(folder / "peer.sqlite")) as peer:
        peer.execute("CREATE TABLE documents (title TEXT, number TEXT, day TEXT)")
        peer.execute("CREATE VIRTUAL TABLE texts USING fts5(words, content='', tokenize='ascii', prefix='1 2 3')")
        dated = sorted(made, key=_day, reverse=True)  # rows in the order of the newest first
        peer.executemany(
            "INSERT INTO documents VALUES (?, ?, ?)", ((each["title"], each["number"], _day(each)) for each in dated)
        )
        words = (_plain(f"{each['number']} {each['title']}") for each in dated)
        peer.executemany("INSERT INTO texts (rowid, words) VALUES (?, ?)", enumerate(words, 1))
        peer.commit()


def _copy(path: Path, keys: Sequence[int], made: Sequence[Record]) -> None:
    """Add a document for each record: another's rows under a new key, with a number, title, text and day of its own."""
    last = max(keys)
    new = {"key", "document_key", "id", "number", "number_key", "title", "issued_date", "text"}
    with closing(sqlite3.connect(path)) as catalogue:
        for table, key in (("documents", "key"), ("texts", "document_key"), ("legal_metadata", "document_key")):
            names = [row[1] for row in catalogue.execute(f"PRAGMA table_info({table})")]
            values = ", ".join(f":{name}" if name in new else f'"{name}"' for name in names)
            columns = ", ".join(f'"{name}"' for name in names)
            copying = f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} WHERE {key} = :copied"
            catalogue.executemany(
                copying, (_row(keys[place % len(keys)], last + place + 1, record) for place, record in enumerate(made))
            )
        added = ((last + place + 1,) for place in range(len(made)))
        catalogue.executemany("INSERT INTO changes (document_key, at) VALUES (?, '')", added)
        catalogue.commit()


def _row(copied: int, key: int, record: Record) -> dict[str, object]:
    stated = {name: record[name] for name in ("number", "title")} | {"number_key": number_key(record["number"])}
    own = {"key": key, "document_key": key, "id": f"copy{key}", "issued_date": _day(record), "text": pack(record["text"])}
    return stated | own | {"copied": copied}


def _day(record: Record) -> str:
    return "-".join(reversed((record.get("issued_date") or "").split("/")))


def _plain(text: str) -> str:
    return fold(" ".join(tokens_of(text))).lower()


def _measure(folder: Path, typed: int, chance: random.Random) -> dict[str, object]:
    with (
        closing(Catalogue.open(folder / "catalogue.sqlite")) as catalogue,
        closing(sqlite3.connect(folder / "peer.sqlite")) as peer,
    ):
        warm(folder / "index")
        with closing(WhooshStore(folder / "index").engine()) as engine:
            services = Services(lambda: engine, lambda: catalogue)
            typings = {kind: list(_typings(kind, peer, typed // len(_KINDS), chance)) for kind in _KINDS}
            before = _resident()
            begun = time.perf_counter()
            suggest(services, "q")
            first = time.perf_counter() - begun
            held = _resident() - before
            tell(f"the first answer took {1000 * first:.1f} ms and {held:.0f} MB")
            report: dict[str, object] = {"first_ms": round(1000 * first, 1), "held_mb": round(held)}
            askers: dict[str, Callable[[str], object]] = {
                "congbao": lambda text: suggest(services, text),
                "sqlite": lambda text: _ask_peer(peer, text),
            }
            report |= {name: _figures(name, typings, ask) for name, ask in askers.items()}
    return report


def _typings(kind: str, peer: sqlite3.Connection, count: int, chance: random.Random) -> Iterator[str]:
    """Yield what stands in the box after each letter."""
    chosen = peer.execute("SELECT title, number FROM documents ORDER BY substr(rowid * 2654435761, -6) LIMIT ?", (count,))
    for title, number in chosen:
        words = title.split()
        text = {"number": number, "title": title, "subject": " ".join(words[chance.randrange(len(words)) :])}[kind]
        text = text if chance.random() < 0.5 else fold(text).lower()
        yield from (text[:end] for end in range(1, min(len(text), _LONGEST) + 1))


def _ask_peer(peer: sqlite3.Connection, text: str) -> list[tuple[str, str]]:
    words = _plain(text).split()
    if not words:
        return []
    expression = " AND ".join(f'"{word}"' for word in words) + ("*" if text[-1].isalnum() else "")
    found = (
        "SELECT title, number FROM texts JOIN documents ON documents.rowid = texts.rowid WHERE texts MATCH ? ORDER BY texts.rowid"
    )
    return peer.execute(f"{found} LIMIT 10", (expression,)).fetchall()


def _figures(name: str, typings: dict[str, list[str]], ask: Callable[[str], object]) -> dict[str, object]:
    figures: dict[str, object] = {}
    times: dict[str, list[float]] = {}
    for kind, texts in typings.items():
        times[kind] = []
        for text in texts:
            begun = time.thread_time()
            ask(text)
            times[kind].append(1000 * (time.thread_time() - begun))
    short = [taken for kind, texts in typings.items() for text, taken in zip(texts, times[kind], strict=True) if len(text) == 1]
    for kind, taken in {**times, "one letter": short, "all": list(chain.from_iterable(times.values()))}.items():
        p50, p95, p99 = np.quantile(taken, (0.5, 0.95, 0.99)).round(2).tolist()
        figures[kind] = {"requests": len(taken), "p50_ms": p50, "p95_ms": p95, "p99_ms": p99}
        tell(f"{name:8} {kind:10} {len(taken):5} requests: p50 {p50:6.2f}, p95 {p95:6.2f}, p99 {p99:6.2f} ms")
    return figures


def _resident() -> float:
    """Return the memory of this process in MB, at its highest."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
