"""What runs in processes of their own, to be killed or starved."""

import errno
import resource
import signal
import sys
import time
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path

from engine.building import entry, fill

from analyzers.segment import find_words
from indexer.engine.port import IndexWriter, SearchRequest
from indexer.engine.whooshdb import build
from indexer.engine.whooshdb.store import WhooshStore

DOCUMENTS = 12
find_words("đất")  # the model is loaded and compiled once, in the process that the victims are forked from


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


def read_whole_generations(folder: Path, stop: Event) -> None:
    """Search until told to stop; every answer is one whole generation."""
    store = WhooshStore(folder)
    while not store.change():
        time.sleep(0.01)
    engine = store.engine()
    while not stop.is_set():
        years = engine.search(SearchRequest(facets=("year", "type"))).facets
        time.sleep(0.005)
        assert years["type"] == ((f"loại {years['year'][0][0]}", years["year"][0][1]),)
    engine.close()


LIMIT_MET = 27


def fill_with_limit(folder: Path, limit: int, spool: int) -> None:
    """Commit a batch while no file may grow beyond `limit` bytes; exits with LIMIT_MET when a write was refused.

    Lists of more than `spool` bytes wait on the disk for their place in a file.
    """
    build._IN_MEMORY = spool
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        fill(WhooshStore(folder), *(entry(key, body=f"đất {key} " * 400) for key in range(1, 40)), change=2)
    except OSError as error:
        if error.errno == errno.EFBIG:
            sys.exit(LIMIT_MET)
        raise
