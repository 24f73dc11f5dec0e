"""`kill -9` at random moments of committing: the old state or the new one is there, whole."""

import multiprocessing
import random
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from engine.victims import DOCUMENTS, commit_forever

from indexer.engine.port import SearchEngine, SearchRequest
from indexer.engine.query import All, Term
from indexer.engine.whooshdb.store import WhooshStore


def check(store: WhooshStore, engine: SearchEngine, returned: int) -> int:
    """Return the version that answers, after checking that it is whole and not older than the last commit that returned."""
    assert store.verify() == []
    change = store.change()
    assert change in {returned, returned + 1}
    expected = DOCUMENTS - change % 2
    if engine.generation().change != change:
        time.sleep(1.1)  # killed between naming a generation and removing the older: an open engine looks once a second
    for each in (engine, store.engine()):
        result = each.search(SearchRequest(Term(str(change)), facets=("year",)))
        everything = each.search(SearchRequest(All(), facets=("year",)))
        assert result.total == everything.total == expected
        assert result.facets["year"] == everything.facets["year"] == ((change, expected),)
        assert each.generation().change == change
    assert store.keys() == list(range(1, expected + 1))
    return change


def read_until(deadline: float, engine: SearchEngine) -> None:
    """Search while the other process writes: every answer is one whole version."""
    while time.monotonic() < deadline:
        result = engine.search(SearchRequest(All(), facets=("year",)))
        expected = [((change, DOCUMENTS - change % 2),) for change, _ in result.facets["year"]]
        assert [result.facets["year"]] == expected or result.total == 0


def last_told(told: Connection, before: int) -> int:
    """Return the last commit that the victim told of; it may have died in the middle of a word."""
    try:
        while told.poll():
            before = told.recv()
    except (EOFError, OSError):
        return before
    return before


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 20))])
def test_whenever_a_writer_is_killed_a_whole_state_answers(
    processes: multiprocessing.context.ForkServerContext, tmp_path: Path, seed: int
) -> None:
    """An open engine and a new one see it, `verify` is clean, and the next writer goes on from there."""
    chance = random.Random(seed)
    store = WhooshStore(tmp_path / "index")
    with store.writer() as writer:
        writer.commit(0)
    change, engine = 0, store.engine()
    for _ in range(5):
        reading, telling = processes.Pipe(duplex=False)
        victim = processes.Process(target=commit_forever, args=(tmp_path / "index", change + 1, telling))
        victim.start()
        telling.close()
        if chance.random() < 0.8 and reading.poll(30):  # most die in the middle of their work, some while they start
            change = reading.recv()
        read_until(time.monotonic() + chance.random() * 0.25, engine)
        victim.kill()
        victim.join()
        returned = last_told(reading, change)
        reading.close()
        if returned == 0:
            continue
        change = check(store, engine, returned)
    assert change > 0
    with store.writer() as writer:
        writer.commit(change + 1)
    assert (store.change(), store.verify()) == (change + 1, [])
    engine.close()
