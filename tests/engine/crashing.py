"""A process that commits without end, to be killed; its parent reads which commits returned."""

import sys
from multiprocessing.connection import Connection
from pathlib import Path

from engine.building import entry

import analyzers.segment  # noqa: F401  loaded once, in the process that the victims are forked from
from indexer.engine.port import IndexWriter
from indexer.engine.whooshdb.store import WhooshStore

DOCUMENTS = 12


def write(writer: IndexWriter, change: int) -> None:
    """Replace every document by its version `change`; one of them exists in even versions only."""
    for key in range(1, DOCUMENTS + 1):
        writer.replace(key, [entry(key, body=f"đất {change} " * 20, year=change)])
    if change % 2:
        writer.delete(DOCUMENTS)


def commit_forever(folder: Path, first: int, told: Connection) -> None:
    """Commit versions from `first` on, every fourth as a rebuild, and tell of each that returned."""
    store = WhooshStore(folder)
    for change in range(first, sys.maxsize):
        with store.rebuild() if change % 4 == 0 else store.writer() as writer:
            write(writer, change)
            writer.commit(change)
        told.send(change)
