"""A file that hangs, eats memory or kills its reader costs itself alone."""

import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hostile_readers
import pytest

from indexer.config import Limits
from indexer.errors import CongbaoError, UnreadableFile
from indexer.extract.isolation.sandbox import Growing, read_isolated
from indexer.model import RawText

LIMITS = Limits(memory_mb=128, cpu_seconds=1, wall_seconds=2, files_per_worker=200)


def run(*names: str, limits: Limits = LIMITS, workers: int = 2) -> dict[str, Any]:
    """Read files of these names; what comes back, by name."""
    items = [Path(name) for name in names]
    return {item.name: result for item, result in read_isolated(hostile_readers.read, items, limits, workers)}


def workers_alive() -> list[int]:
    """Processes (zombies too) whose parent is this one and that are workers."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            stat = (entry / "stat").read_text().rsplit(")", 1)[1].split() if entry.name.isdigit() else None
            command = (entry / "cmdline").read_text() if stat else ""
        except OSError:
            continue  # it ended while we looked
        if stat and int(stat[1]) == os.getpid() and ("indexer.extract.isolation.worker" in command or stat[0] == "Z"):
            found.append(int(entry.name))
    return found


@pytest.mark.parametrize(
    ("action", "code", "says"),
    [
        ("hang", "timeout", "2 giây"),
        ("burn", "timeout", "1 giây CPU"),
        ("memory", "memory", "128 MB"),
        ("fill", "memory", "128 MB"),
        ("large", "memory", "128 MB"),
        ("kill", "crashed", "SIGKILL"),
        ("halfway", "crashed", "SIGKILL"),
        ("segfault", "crashed", "SIGSEGV"),
        ("exit", "crashed", "mã 0"),
        ("recurse", "damaged", "quá sâu"),
        ("error", "crashed", "KeyError"),
        ("open", "crashed", "OSError"),
        ("refuse", "encrypted", "mật khẩu"),
        ("intruder", "crashed", "hostile_readers.Intruder"),
        ("code", "crashed", "posix.system"),
    ],
)
def test_a_bad_file_fails_alone(action, code, says):
    """The file gets its own code and reason; those read before, beside and after it are read."""
    limits = LIMITS if action == "hang" else LIMITS.model_copy(update={"wall_seconds": 30})  # a busy machine is slow
    if action == "halfway":  # it has room for its message, so that only the signal ends it
        limits = limits.model_copy(update={"memory_mb": 1024})
    results = run("good-1", action, "good-2", "good-3", "good-4", limits=limits)
    failure = results.pop(action)
    assert isinstance(failure, UnreadableFile)
    assert (failure.code, says in failure.reason) == (code, True), failure.reason
    assert all(isinstance(result, RawText) for result in results.values())
    assert len(results) == 4
    assert workers_alive() == []


def test_more_time_is_given_once_and_within_the_limit():
    """A file whose slow part has a limit of its own gets that time; one that asks again and again does not."""
    limits = LIMITS.model_copy(update={"ocr_seconds": 3})
    results = run("ask", "beg", "good", limits=limits)
    assert results["ask"] == "finished"
    assert (results["beg"].code, "xin thêm giờ" in results["beg"].reason) == ("crashed", True)
    assert isinstance(results["good"], RawText)


def test_an_unexpected_error_quotes_nothing():
    """The ledger learns kind and place of an error, not its words: they may come from a document that the gate has not judged."""
    failure = run("quote")["quote"]
    assert failure.reason.startswith("Lỗi chương trình khi đọc tệp: ValueError (hostile_readers.py:")
    assert "triển khai" not in failure.reason


def test_a_file_cannot_make_its_reader_write():
    """A worker may create no file with content, wherever it is."""
    assert isinstance(run("write")["write"], UnreadableFile)


def test_what_a_reader_prints_disturbs_nothing(capfd):
    """Output of a library reaches neither the results nor the operator's terminal."""
    assert run("print", "good")["print"] == 0
    assert capfd.readouterr() == ("", "")


def test_workers_are_reused_and_replaced():
    """One process reads as many files as the limit says, then another takes its place."""
    names = [f"pid-{number}" for number in range(9)]
    pids = list(run(*names, limits=LIMITS.model_copy(update={"files_per_worker": 3}), workers=1).values())
    assert [len({*pids[start : start + 3]}) for start in (0, 3, 6)] == [1, 1, 1]
    assert len(set(pids)) == 3


def test_each_file_has_its_own_time():
    """A worker may use more time over many files than one file may."""
    limits = LIMITS.model_copy(update={"wall_seconds": 1})
    assert list(run(*(f"slow-{number}" for number in range(5)), limits=limits, workers=1).values()) == [None] * 5


def test_items_are_taken_as_workers_become_free():
    """Of a long list no more is taken than there are workers, so that it may be far larger than memory."""
    taken = 0

    def supply() -> Iterator[Path]:
        nonlocal taken
        for number in range(10_000):
            taken += 1
            yield Path(f"good-{number}")

    results = read_isolated(hostile_readers.read, supply(), LIMITS, 2)
    for count in range(1, 20):
        next(results)
        assert taken <= count + 2 * 2
    results.close()
    assert workers_alive() == []


def test_a_list_may_grow_with_the_results():
    """What is added after the last result is read by the same workers, also where all of them had nothing to do."""
    waiting = [Path("pid-1")]
    pids = []
    for item, pid in read_isolated(hostile_readers.read, Growing(lambda: waiting.pop() if waiting else None), LIMITS, 1):
        pids.append(pid)
        if item.name < "pid-4":
            waiting.append(Path(f"pid-{len(pids) + 1}"))
    assert len(pids) == 4
    assert len(set(pids)) == 1
    assert workers_alive() == []


def test_a_slow_consumer_does_not_fail_a_finished_file():
    """A result that waits longer than the time limit for the caller is still a result."""
    limits = LIMITS.model_copy(update={"wall_seconds": 1})
    results = read_isolated(hostile_readers.read, [Path(f"slow-{number}") for number in range(4)], limits, 2)
    assert next(results)[1] is None
    time.sleep(1.5)
    assert [result for _, result in results] == [None] * 3


def test_items_may_carry_more_than_a_path():
    """Whatever has a `path` is an item and comes back as the same object."""

    @dataclass(frozen=True)
    class Found:
        path: Path
        size: int

    item = Found(Path("good"), 7)
    ((back, result),) = read_isolated(hostile_readers.read, [item], LIMITS, 1)
    assert back is item
    assert result.pages[0].text == "good"


def test_nothing_to_read_starts_no_process():
    """An empty list ends at once."""
    assert list(read_isolated(hostile_readers.read, [], LIMITS, 2)) == []


def test_a_source_that_fails_leaves_no_worker():
    """An error in the caller's own list reaches the caller, and the workers are ended."""

    def supply() -> Iterator[Path]:
        yield Path("hang")
        raise OSError("disk gone")

    with pytest.raises(OSError, match="disk gone"):
        list(read_isolated(hostile_readers.read, supply(), LIMITS, 2))
    assert workers_alive() == []


def test_a_function_that_no_worker_can_import_is_no_files_fault():
    """A broken installation is said once, not once per file."""
    broken = functools.partial(hostile_readers.read)
    hostile_readers.read.__module__ = "gone"
    sys.modules["gone"] = hostile_readers
    try:
        with pytest.raises(CongbaoError, match="không khởi động được"):
            list(read_isolated(broken, [Path("good")], LIMITS, 1))
    finally:
        hostile_readers.read.__module__ = "hostile_readers"
        del sys.modules["gone"]
    assert workers_alive() == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_workers_end_with_their_parent(how, tmp_path):
    """However the indexing process ends, its workers end within the time limit of a file."""
    script = tmp_path / "parent.py"
    script.write_text(
        "import sys; from pathlib import Path; import hostile_readers\n"
        "from indexer.config import Limits; from indexer.extract.isolation.sandbox import read_isolated\n"
        "items = [Path('pid'), Path('hang-1'), Path('hang-2')]\n"
        "for _, pid in read_isolated(hostile_readers.read, items, Limits(wall_seconds=2), 1): print(pid, flush=True)\n",
    )
    path = os.pathsep.join([str(Path(hostile_readers.__file__).parent), *sys.path])
    parent = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={"PYTHONPATH": path}
    )
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    time.sleep(0.2)
    parent.send_signal(how)
    parent.wait(60)
    parent.stdout.close()
    deadline = time.monotonic() + 60
    while _runs(worker) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _runs(worker)


def _runs(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
