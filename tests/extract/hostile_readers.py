"""What a worker may be made to do by a file, as functions that a worker can import."""

import ctypes
import os
import pickle
import signal
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from indexer.errors import UnreadableFile
from indexer.extract.isolation.grace import ask_for
from indexer.model import RawPage, RawText, Run


class Intruder:
    """A class that is not the project's: unpickling it in the parent must be refused."""


def read(path: Path) -> Any:
    """Do what the name of `path` says; any other name is answered with a document."""
    action = _ACTIONS.get(path.name.split("-")[0])
    return action() if action else RawText("text", (RawPage((Run(path.name),)),))


def _eat_memory() -> None:
    hoard = []
    while True:
        hoard.append(bytearray(1 << 24))


def _fill_memory() -> None:
    """Leave not even room for a message, as a document of millions of small objects does."""
    hoard: list[Any] = []
    for size in (100_000, 8):
        try:
            while True:
                hoard.append([None] * size)
        except MemoryError as error:
            last = error
    raise UnreadableFile("extract", "memory", "Hết bộ nhớ.") from last


def _burn() -> None:
    while True:
        pass


def _recurse() -> None:
    _recurse()


def _send_forever() -> bytes:
    return bytes(1 << 29)


def _die_while_sending() -> str:
    threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGKILL)).start()
    return "x" * 90_000_000


def _write_file() -> str:
    with tempfile.TemporaryFile() as file:
        file.write(b"x" * 4096)
    return "written"


def _open_many() -> int:
    return len([os.open(os.devnull, os.O_RDONLY) for _ in range(500)])


def _refuse() -> None:
    raise UnreadableFile("extract", "encrypted", "Tệp có mật khẩu.")


def _quote() -> None:
    raise ValueError("Kế hoạch triển khai ...")


def _send_code() -> Any:
    return _Code()


class _Code:
    def __reduce__(self) -> Any:
        return (os.system, ("touch /tmp/congbao-intruder",))


def _ask_and_finish() -> str:
    ask_for(3)
    time.sleep(3)
    return "finished"


def _ask_for_ever() -> None:
    while True:
        ask_for(1000)
        time.sleep(0.2)


_ACTIONS = {
    "hang": lambda: time.sleep(600),
    "memory": _eat_memory,
    "fill": _fill_memory,
    "burn": _burn,
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "segfault": lambda: ctypes.string_at(0),
    "exit": lambda: os._exit(0),
    "recurse": _recurse,
    "error": lambda: {}["khóa"],
    "large": _send_forever,
    "halfway": _die_while_sending,
    "write": _write_file,
    "open": _open_many,
    "quote": _quote,
    "refuse": _refuse,
    "intruder": Intruder,
    "code": _send_code,
    "unpicklable": lambda: pickle.loads,
    "print": lambda: os.system("echo noise; echo noise >&2"),
    "pid": os.getpid,
    "ask": _ask_and_finish,
    "beg": _ask_for_ever,
    "slow": lambda: time.sleep(0.3),
}
