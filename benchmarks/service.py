"""The whole service: HTTP search with snippets and facets, asked of a real `congbao serve` process on this machine.

Documents go into a catalogue (benchmarks/laws.py) and `indexer.publish.rebuild` makes the index of all layers and channels, as
`congbao reindex` does. Then 1, 8 and 32 clients with a kept connection each ask distinct requests of one serving process.
Clients are threads of one other process, so their own time is part of what is measured; requests that wait for the server are,
too.

Of ten requests four are questions to articles (`--queries`, else runs of 8 to 20 words of the texts), two are 2 to 4 words,
one is such words in quotation marks, one has a type as filter, one asks for the second page, one for suggestions. Memory is
read from /proc after the first round; `index_bytes_per_character` is the index folder over the characters of the canonical
texts.
"""

import argparse
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.engine import tell
from benchmarks.laws import Filled, fill
from benchmarks.memory import resident
from benchmarks.peers import size_of
from indexer import commands
from indexer.config import Options, load_options
from indexer.publish import rebuild
from search_api.evaluation.collection import records

REPOSITORY = Path(__file__).resolve().parent.parent
CLIENTS = (1, 8, 32)
_COMMAND = "from search_api.cli import main; main()"  # what the installed `congbao` script runs
_PATIENCE = 60  # seconds until the server must answer
_TEXTS = 1000  # that words are taken from
_TYPES = ("Thông tư", "Nghị định", "Quyết định", "Luật")


def main() -> None:
    """Measure and print; `--json` for programs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--docs", type=Path, required=True, help="FILE.jsonl or FILE.jsonl.zst, articles with `law_id` or documents"
    )
    parser.add_argument("--limit", type=int, help="the first N records alone")
    parser.add_argument("--queries", type=Path, help="FILE.jsonl with questions in `text`")
    parser.add_argument("--requests", type=int, default=1000, help="in each round")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the figures here")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        figures = measure(Path(place), arguments)
    text = json.dumps(figures, ensure_ascii=False, indent=2)
    if arguments.json:
        arguments.json.write_text(text + "\n", encoding="utf-8")
    print(text)


def measure(place: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Build under `place`, serve, ask, and return the figures."""
    options = load_options(data=place / "data")
    filled, seconds, index_bytes = _build(options, arguments)
    asked = list(islice(_requests(arguments), arguments.requests * len(CLIENTS)))
    rounds = {}
    with _serving(options) as (pid, connect):
        _ask(connect(), "/api/v1/search?q=lu%E1%BA%ADt")  # opens catalogue and index
        opened = resident(pid)
        for number, clients in enumerate(CLIENTS):
            tell(f"asking with {clients} clients")
            rounds[str(clients)] = _round(connect, clients, asked[number * arguments.requests :][: arguments.requests])
            rounds[str(clients)]["memory"] = resident(pid)
    return {
        "corpus": {"file": arguments.docs.name, **asdict(filled)},
        "rebuild_seconds": round(seconds, 2),
        "index_bytes": index_bytes,
        "index_bytes_per_character": round(index_bytes / filled.characters, 3),
        "memory_opened": opened,
        "clients": rounds,
    }


def _build(options: Options, arguments: argparse.Namespace) -> tuple[Filled, float, int]:
    with commands.workplace(options) as work:
        tell(f"reading {arguments.docs.name}")
        filled = fill(work.catalogue, arguments.docs, arguments.limit)
        tell(f"indexing {filled.documents} documents with {filled.provisions} provisions")
        begun = time.perf_counter()
        rebuild(work.catalogue, work.store)
        seconds = time.perf_counter() - begun
        return filled, seconds, size_of(work.data.index)


def _requests(arguments: argparse.Namespace) -> Iterator[str]:
    """Yield distinct requests in the mix that the module names, without end."""
    chance = random.Random(arguments.seed)
    texts = _some_texts(arguments, chance)
    questions = [record["text"] for record in records(arguments.queries)] if arguments.queries else []
    chance.shuffle(questions)
    seen = set()
    while True:
        question = questions.pop() if questions else _run(texts, 8, 20, chance)
        name, parameters = _draw(question, _run(texts, 2, 4, chance), chance)
        address = f"/api/v1/{name}?{urlencode(parameters)}"
        if address not in seen:
            seen.add(address)
            yield address


def _draw(question: str, words: str, chance: random.Random) -> tuple[str, dict[str, str]]:
    kind = chance.choice(_TYPES)
    mix: list[tuple[str, dict[str, str]]] = [
        *[("search", {"q": question, "scope": "provisions"})] * 4,
        *[("search", {"q": words})] * 2,
        ("search", {"q": f'"{words}"'}),
        ("search", {"q": words, "type": kind}),
        ("search", {"q": words, "page": "2"}),
        ("suggest", {"q": words}),
    ]
    return chance.choice(mix)


def _some_texts(arguments: argparse.Namespace, chance: random.Random) -> list[list[str]]:
    """Return the words of some hundred texts, each record as likely as any other."""
    kept: list[str] = []
    for number, record in enumerate(islice(records(arguments.docs), arguments.limit), 1):
        if number <= _TEXTS:
            kept.append(record["text"])
        elif chance.random() < _TEXTS / number:
            kept[chance.randrange(_TEXTS)] = record["text"]
    return [words for text in kept if len(words := text.split()) >= 20]


def _run(texts: Sequence[Sequence[str]], low: int, high: int, chance: random.Random) -> str:
    words, length = chance.choice(texts), chance.randint(low, high)
    start = chance.randrange(len(words) - length + 1)
    return " ".join(words[start : start + length])[:500]


@contextmanager
def _serving(options: Options) -> Iterator[tuple[int, Callable[[], HTTPConnection]]]:
    """Run `congbao serve` on a free port; yields its process id and what opens a connection to it."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (str(REPOSITORY), os.environ.get("PYTHONPATH"))))}
    command = [sys.executable, "-c", _COMMAND, "serve", "--port", "0", "--data", str(options.data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=options.data) as server:
        try:
            assert server.stdout is not None
            found = re.search(r"http://(?P<host>[^:/]+):(?P<port>[0-9]+)", server.stdout.readline())
            if not found:
                raise RuntimeError("congbao serve did not say where it listens")
            yield server.pid, lambda: HTTPConnection(found["host"], int(found["port"]), timeout=_PATIENCE)
        finally:
            server.terminate()


def _round(connect: Callable[[], HTTPConnection], clients: int, addresses: Sequence[str]) -> dict[str, Any]:
    begun = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        found = list(pool.map(lambda first: _client(connect(), addresses[first::clients]), range(clients)))
    seconds = time.perf_counter() - begun
    times = [each for client in found for each in client]
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    return {
        "requests": len(times),
        "per_second": round(len(times) / seconds, 1),
        "p50_ms": round(cuts[49], 2),
        "p95_ms": round(cuts[94], 2),
        "p99_ms": round(cuts[98], 2),
    }


def _client(connection: HTTPConnection, addresses: Sequence[str]) -> list[float]:
    try:
        return [_ask(connection, address) for address in addresses]
    finally:
        connection.close()


def _ask(connection: HTTPConnection, address: str) -> float:
    """Return the milliseconds until the whole answer was read. Raises RuntimeError for one that is no success."""
    begun = time.perf_counter()
    connection.request("GET", address)
    response = connection.getresponse()
    body = response.read()
    seconds = time.perf_counter() - begun
    if response.status != 200:
        raise RuntimeError(f"{response.status} for {address}: {body[:300]!r}")
    return seconds * 1000


if __name__ == "__main__":
    main()
