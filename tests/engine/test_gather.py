"""Analysing in worker processes: the same tokens, and an end to everything that can go wrong."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from engine.building import entry, fill, syllables_alone

from analyzers.columns import Columns
from indexer.engine.analysis import Analyse
from indexer.engine.port import SearchRequest
from indexer.engine.query import Layer
from indexer.engine.whooshdb import gather
from indexer.engine.whooshdb.gather import Gatherer
from indexer.engine.whooshdb.store import WhooshStore
from indexer.errors import WorkerLost

MANY = [
    [(number, "body", f"đất {number} quy hoạch " * 30), (number, "title", f"số {number}" * (number % 3))] for number in range(40)
]


def refusing(texts: Sequence[str], layer: Layer) -> Columns:
    """Analyse, but not number 7."""
    if any("đất 7 " in text for text in texts):
        raise ValueError("not this one")
    return syllables_alone(texts, layer)


def dying(texts: Sequence[str], layer: Layer) -> Columns:
    """Analyse, and be killed at number 7."""
    if any("đất 7 " in text for text in texts):
        os.kill(os.getpid(), signal.SIGKILL)
    return syllables_alone(texts, layer)


def sleeping(texts: Sequence[str], layer: Layer) -> Columns:
    """Never end."""
    time.sleep(600)
    return syllables_alone(texts, layer)


@pytest.fixture(autouse=True)
def small_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few hundred characters are worth a process."""
    monkeypatch.setattr(gather, "_TASK", 1_000)


def gathered(workers: int, analyse: Analyse = syllables_alone) -> list[Any]:
    """Return all that a gatherer yields, in plain Python."""
    gatherer = Gatherer(analyse, workers)
    try:
        found = [each for texts in MANY for each in gatherer.put(texts)]
        found += gatherer.rest()
    finally:
        gatherer.close()
    assert multiprocessing.active_children() == []
    parts: list[Any] = []
    for each in found:
        for field, tokens in each.items():
            arrays = (tokens.counts, tokens.rows, tokens.positions, tokens.entries, tokens.lengths)
            parts.append((field, tokens.vocabulary, *(array.tolist() for array in arrays)))
    return parts


def test_workers_give_what_one_process_gives() -> None:
    """In the same order."""
    assert gathered(1) == gathered(2) == gathered(3)


def test_a_small_run_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three tasks and a rest are done before workers would be there."""
    monkeypatch.setattr(gather, "_Crew", None)
    gatherer = Gatherer(syllables_alone, 4)
    ready = list(gatherer.put([(1, "body", "đất " * 300)]))
    ready += [
        *gatherer.put([(2, "body", "đất " * 600)]),
        *gatherer.put([(3, "body", "đất " * 2000)]),
        *gatherer.put([(4, "body", "x")]),
    ]
    assert (ready, len(list(gatherer.rest()))) == ([], 4)
    gatherer.close()


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.3, 1.0])
def test_closing_ends_workers_that_are_starting(seconds: float) -> None:
    """No process and no thread is left, whenever it comes."""
    threads = threading.active_count()
    gatherer = Gatherer(sleeping, 2)
    for texts in MANY[:24]:
        assert list(gatherer.put(texts)) == []
    assert gatherer._crew is not None
    time.sleep(seconds)
    gatherer.close()
    assert (multiprocessing.active_children(), threading.active_count()) == ([], threads)


def test_what_the_analysis_raises_reaches_the_caller() -> None:
    """And no process is left."""
    with pytest.raises(ValueError, match="not this one"):
        gathered(2, refusing)


def test_a_killed_worker_is_told_of(tmp_path: Path) -> None:
    """The batch is given up and the index stays as it was; the next writer goes on."""
    fill(WhooshStore(tmp_path / "index", analyse=syllables_alone), entry(1, body="đất"))
    store = WhooshStore(tmp_path / "index", analyse=dying, workers=2)
    with pytest.raises(WorkerLost, match="`workers`"):
        fill(store, *(entry(number, body=texts[0][2]) for number, texts in enumerate(MANY)), change=2)
    assert multiprocessing.active_children() == []
    assert (store.change(), store.verify(), store.engine().search(SearchRequest()).total) == (1, [], 1)
    fill(WhooshStore(tmp_path / "index", analyse=syllables_alone), entry(2, body="đất"), change=2)


INTERRUPTED = """
import signal
import sys
from pathlib import Path
from engine import test_gather
from engine.building import entry
from indexer.engine.whooshdb import gather
from indexer.engine.whooshdb.store import WhooshStore

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # it is ignored where the tests run in the background of a shell
    gather._TASK = 1_000
    with WhooshStore(Path(sys.argv[1]), analyse=test_gather.sleeping, workers=2).rebuild() as writer:
        for number, texts in enumerate(test_gather.MANY):
            writer.replace(number, [entry(number, body=texts[0][2])])
            print(number, flush=True)
        writer.commit(2)
"""


@pytest.mark.parametrize("seconds", [0.0, 0.3, 2.5])
def test_control_c_ends_workers_and_leaves_the_index(tmp_path: Path, seconds: float) -> None:
    """A terminal sends it to the whole group: one traceback, of the process that was started; nothing else is left.

    Whether workers have not been started, are starting, or are at work.
    """
    store = WhooshStore(tmp_path / "index", analyse=syllables_alone)
    fill(store, entry(1, body="đất"))
    program = tmp_path / "program.py"
    program.write_text(INTERRUPTED, encoding="utf-8")
    root = Path(__file__).resolve().parents[2]
    environment = os.environ | {"PYTHONPATH": f"{root}:{root / 'tests'}"}
    command = [sys.executable, program, tmp_path / "index"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, env=environment
    ) as process:
        try:
            assert process.stdout is not None
            while int(process.stdout.readline()) < 8:  # the first tasks have been handed out
                pass
            time.sleep(seconds)
            os.killpg(process.pid, signal.SIGINT)
            _, complaints = process.communicate(timeout=60)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGINT
    assert complaints.count("Traceback") == complaints.count("KeyboardInterrupt\n") == 1
    assert sorted(path.name for path in (tmp_path / "index").iterdir()) == ["CURRENT", "WRITELOCK", "gen-000001"]
    assert (store.change(), store.verify()) == (1, [])
