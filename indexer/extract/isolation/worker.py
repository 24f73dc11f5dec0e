"""A worker process: reads one file after another under limits that the kernel keeps.

Started by `sandbox` as `python -m indexer.extract.isolation.worker`: tasks come on standard input, results go to what was
standard output.
"""

import os
import pickle
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract.isolation.frames import frame, read_frame
from indexer.extract.isolation.grace import MoreTime, on_asking

_OPEN_FILES = 64


def main() -> None:
    """Serve until standard input ends."""
    tasks, results = sys.stdin.buffer, os.fdopen(os.dup(1), "wb", closefd=True)
    first = read_frame(tasks)
    if first is None:
        return
    function, limits = pickle.loads(first)  # noqa: S301  from the parent process, not from a file
    results.write(frame("ready"))
    results.flush()
    _give_up_streams()
    _limit_process(limits)
    on_asking(lambda seconds: _wait_longer(results, seconds, limits))
    while (task := read_frame(tasks)) is not None:
        results.write(_run(function, pickle.loads(task), limits))  # noqa: S301  as above
        results.flush()


def _give_up_streams() -> None:
    """Silence libraries: what they print would break a message or the operator's progress bar."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _limit_process(limits: Limits) -> None:
    at_rest = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    memory = at_rest + limits.memory_mb * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (memory, resource.RLIM_INFINITY))
    for kind, value in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_NOFILE, _OPEN_FILES)):
        resource.setrlimit(kind, (value, value))


def _run(function: Callable[[Path], Any], path: Path, limits: Limits) -> bytes:
    """Return the message that answers for `path`. After one of code memory the parent ends this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + 1 + limits.cpu_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
    signal.alarm(limits.wall_seconds + 1)  # ends this process even if the parent is no longer there
    try:
        return _answer(function, path)
    except MemoryError:
        # the little that is needed to say so may be more than is left
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        return frame(UnreadableFile("extract", "memory", f"Đọc tệp này cần hơn {limits.memory_mb} MB bộ nhớ."))
    finally:
        signal.alarm(0)


def _wait_longer(results: BinaryIO, seconds: int, limits: Limits) -> None:
    signal.alarm(limits.wall_seconds + seconds + 1)
    results.write(frame(MoreTime(seconds)))
    results.flush()


def _answer(function: Callable[[Path], Any], path: Path) -> bytes:
    try:
        return frame(function(path))
    except UnreadableFile as error:
        if error.code == "memory":
            raise MemoryError from error
        return frame(error)
    except MemoryError:
        raise
    except RecursionError:
        return frame(UnreadableFile("extract", "damaged", "Cấu trúc tệp lồng nhau quá sâu."))
    except Exception as error:  # noqa: BLE001  whatever a hostile file brings about costs that file alone
        return frame(UnreadableFile("extract", "crashed", _program_error(error)))


def _program_error(error: Exception) -> str:
    """Say what happened and where; the error's own words may quote text that the secrecy gate has not judged."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"Lỗi chương trình khi đọc tệp: {type(error).__name__} ({Path(place.filename).name}:{place.lineno})."


if __name__ == "__main__":
    main()
