"""Stores to run the contract on, and processes to run against them."""

import multiprocessing
import os
import sys
from collections.abc import Callable
from multiprocessing import forkserver
from pathlib import Path

import pytest

from indexer.engine.memory import MemoryStore
from indexer.engine.port import IndexStore
from indexer.engine.whooshdb.store import WhooshStore

MAKERS: dict[str, Callable[[Path], IndexStore]] = {"memory": lambda _folder: MemoryStore(), "whoosh": WhooshStore}


@pytest.fixture(params=sorted(MAKERS))
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], IndexStore]:
    """Make further stores of one engine, each with a folder of its own."""
    numbers = iter(range(100))
    return lambda: MAKERS[request.param](tmp_path / f"store-{next(numbers)}")


@pytest.fixture
def store(make_store: Callable[[], IndexStore]) -> IndexStore:
    """One store, without an index yet."""
    return make_store()


@pytest.fixture
def whoosh_store(tmp_path: Path) -> WhooshStore:
    """A Whoosh store, without an index yet."""
    return WhooshStore(tmp_path / "index")


@pytest.fixture(scope="session")
def processes() -> multiprocessing.context.ForkServerContext:
    """A server that has everything imported and forks the processes that a test wants to lose."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["engine.victims"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))  # Python 3.11 does not tell the server, which then imports nothing
        forkserver.ensure_running()
    return context
