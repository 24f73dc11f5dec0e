"""Resident memory of a process, from /proc; memory of its own apart from mapped files, which the system may take back."""

import multiprocessing
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.peers import make_peer
from benchmarks.queries import Query

_LINES = {"RssAnon": "anonymous_mb", "RssFile": "mapped_mb"}


def resident(pid: int | str = "self") -> dict[str, float]:
    """Return a process's anonymous and file-backed resident megabytes (10^6 bytes); empty where there is no /proc."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return {}
    lines = (line.partition(":") for line in status.read_text(encoding="utf-8").splitlines())
    return {_LINES[name]: round(int(value.split()[0]) * 1024 / 1e6, 1) for name, _, value in lines if name in _LINES}


def memory_of(name: str, folder: Path, queries: Sequence[Query]) -> dict[str, float]:
    """Return what an engine takes in a process of its own after answering `queries`, and what the process had before opening."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_answer_all, args=(name, folder, list(queries), sender))
    process.start()
    sender.close()
    try:
        found: dict[str, float] = receiver.recv()
    finally:
        process.join()
    return found


def _answer_all(name: str, folder: Path, queries: Sequence[Query], sender: Connection) -> None:
    engine = make_peer(name)
    before = resident()
    engine.open(folder)
    for query in queries:
        engine.ask(engine.prepare(query))
    sender.send({**resident(), **{f"before_{what}": amount for what, amount in before.items()}})
