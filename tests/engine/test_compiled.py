"""The kernels' machine code: kept, found again, never trusted when damaged, and complete before it is needed."""

import ctypes
import multiprocessing
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numba
import pytest
from engine import starts

from indexer.engine.whooshdb import compiled
from indexer.engine.whooshdb.compiled import KernelCache

REPOSITORY = Path(__file__).resolve().parents[2]
NOBODY = 65534
Processes = multiprocessing.context.ForkServerContext


def made(folder: Path) -> Any:
    """Return a small kernel that has its code there."""

    def following(number):
        return number + 1

    kernel = numba.njit(following)
    kernel._cache = KernelCache("following", folder)
    return kernel


def outcome(folder: Path) -> tuple[int, int]:
    """Use a kernel and return how often code was found, and how often not."""
    kernel = made(folder)
    assert kernel(1) == 2
    return sum(kernel.stats.cache_hits.values()), sum(kernel.stats.cache_misses.values())


def run(processes: Processes, task: Callable[[Path], None], folder: Path, number: int = 1) -> None:
    """Do something in processes of their own, at once."""
    started = [processes.Process(target=task, args=(folder,)) for _ in range(number)]
    for process in started:
        process.start()
    for process in started:
        process.join()
    assert [process.exitcode for process in started] == [0] * number


# The cache


def test_code_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """And one sentence says so, to the first who needs it; the folder is its owner's."""
    monkeypatch.setattr(compiled, "_COMPILING", compiled.threading.Event())
    place = tmp_path / "cache" / "kernels-1"
    assert [outcome(place) for _ in range(3)] == [(0, 1), (1, 0), (1, 0)]
    assert made(place)(1.5) == 2.5
    assert [record.message.partition(" (")[0] for record in caplog.records] == ["Biên dịch các vòng lặp tìm kiếm lần đầu"]
    assert len(list(place.iterdir())) == 2
    assert stat.S_IMODE(place.stat().st_mode) == stat.S_IMODE(place.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda content: content[:-1],
        lambda content: content[:20],
        lambda content: content + b"\0",
        lambda content: content[:200] + bytes([content[200] ^ 1]) + content[201:],
        lambda content: bytes(len(content)),
    ],
)
def test_damaged_code_is_compiled_anew(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    """And replaced, so that the next start finds it."""
    place = tmp_path / "kernels-1"
    assert outcome(place) == (0, 1)
    (file,) = place.iterdir()
    file.write_bytes(damage(file.read_bytes()))
    assert [outcome(place), outcome(place)] == [(0, 1), (1, 0)]
    assert list(place.iterdir()) == [file]


def test_another_processor_has_its_own_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data folder that moves to another machine has its kernels compiled there, and keeps the old ones beside them."""
    codegen = type(made(tmp_path).targetctx.codegen())
    assert outcome(tmp_path / "kernels-1") == (0, 1)
    monkeypatch.setattr(codegen, "magic_tuple", lambda _: ("x86_64-unknown-linux-gnu", "pentium", ""))
    assert [outcome(tmp_path / "kernels-1") for _ in range(2)] == [(0, 1), (1, 0)]
    monkeypatch.undo()
    assert outcome(tmp_path / "kernels-1") == (1, 0)


@pytest.mark.parametrize("place", ["file/kernels-1", "nowhere/cache/kernels-1"])
def test_without_a_place_to_write_everything_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    """One warning; and a data folder that is not there is not made by a reader."""
    monkeypatch.setattr(compiled, "_UNWRITABLE", compiled.threading.Event())
    (tmp_path / "file").write_bytes(b"")
    assert [outcome(tmp_path / place) for _ in range(2)] == [(0, 1)] * 2
    assert len([record for record in caplog.records if "Không ghi được" in record.message]) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


def test_code_that_nothing_uses_is_removed(tmp_path: Path, processes: Processes) -> None:
    """What another version compiled and nobody used for a month; not what one beside this uses, nor what else lies there."""
    unused, used, other = tmp_path / "kernels-0123456789abcdef", tmp_path / "kernels-fedcba9876543210", tmp_path / "other"
    for folder in (unused, used, other):
        folder.mkdir()
        (folder / "file").write_bytes(b"x")
    for folder in (unused, other):
        os.utime(folder, (1, 1))
    run(processes, starts.use_small_kernels, tmp_path)
    assert sorted(path.name.partition("-")[0] for path in tmp_path.iterdir()) == ["kernels", "kernels", "other"]
    assert used.exists()
    assert not unused.exists()


def test_processes_that_start_at_once_fill_one_cache(tmp_path: Path, processes: Processes) -> None:
    """An empty one: each answers, and what they leave is one file for each piece of code."""
    run(processes, starts.use_small_kernels, tmp_path, number=3)
    (place,) = tmp_path.iterdir()
    assert sorted(path.name.partition("-")[0] for path in place.iterdir()) == ["count", "select"]
    before = [path.stat().st_mtime_ns for path in place.iterdir()]
    run(processes, starts.use_small_kernels, tmp_path)
    assert [path.stat().st_mtime_ns for path in place.iterdir()] == before


# Warming


@pytest.mark.usefixtures("warmed")
def test_after_warming_nothing_is_compiled(tmp_path: Path, processes: Processes) -> None:
    """Whatever is written and asked."""
    run(processes, starts.compile_nothing_after_warming, tmp_path)


# Read-only code


@pytest.fixture
def installed(warmed: Path) -> Iterator[tuple[Path, Path]]:
    """Code that nobody may write, and a data folder, where every user may go."""
    with tempfile.TemporaryDirectory() as name:
        folder, data = Path(name), Path(name) / "data"
        folder.chmod(0o755)
        for package in ("analyzers", "indexer", "search_api"):
            shutil.copytree(REPOSITORY / package, folder / "code" / package, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(starts.__file__, folder / "code" / "starts.py")
        subprocess.run(["chmod", "-R", "a-w,a+rX", folder / "code"], check=True)
        data.mkdir(mode=0o700)
        (data / "cache").mkdir(mode=0o700)
        yield folder / "code", data
        subprocess.run(["chmod", "-R", "u+w", folder], check=True)


def unprivileged() -> dict[str, Any]:
    """Return how to start a process that may write nothing but what is its own.

    Root becomes nobody, or, where nobody can reach the interpreter (as below /root), a root without any of its rights.
    """
    if os.geteuid():
        return {}
    within_reach = all(folder.stat().st_mode & stat.S_IXOTH for folder in Path(sys.executable).resolve().parents)
    if within_reach and Path(sys.base_prefix).stat().st_mode & stat.S_IXOTH:
        return {"user": NOBODY, "group": NOBODY, "extra_groups": ()}
    library = ctypes.CDLL(None)
    drop, capabilities = 24, 64  # PR_CAPBSET_DROP; more than there are
    return {"preexec_fn": lambda: [library.prctl(drop, number, 0, 0, 0) for number in range(capabilities)]}


def give(folder: Path, user: dict[str, Any]) -> None:
    """Make the folder its user's."""
    if "user" in user:
        subprocess.run(["chown", "-R", f"{user['user']}:{user['group']}", folder], check=True)


def start(code: Path, data: Path, user: dict[str, Any]) -> tuple[dict[str, list[int]], str]:
    """Index and search; return how many pieces of each kernel's code were compiled and found, and what was said."""
    started = subprocess.run(
        [sys.executable, "-P", code / "starts.py", data],
        **user,
        cwd=code,
        env={"PYTHONPATH": str(code), "HOME": "/nonexistent", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode == 0, started.stderr
    return starts.json.loads(started.stdout), started.stderr


@pytest.mark.parametrize("missing", [("count", "select", "score", "best_path"), pytest.param(("",), marks=pytest.mark.long)])
def test_an_unprivileged_user_runs_read_only_code(installed: tuple[Path, Path], warmed: Path, missing: tuple[str, ...]) -> None:
    """What it compiles lies below the data folder; the next start compiles nothing, though the folder be read-only by then."""
    code, data = installed
    place = data / "cache" / warmed.name
    shutil.copytree(warmed, place, ignore=lambda _, names: [name for name in names if name.startswith(missing)])
    user = unprivileged()
    give(data, user)
    before = {path.name for path in place.iterdir()}
    counted, said = start(code, data, user)
    compiled_now = {name for name, (misses, _) in counted.items() if misses}
    assert {path.name.partition("-")[0] for path in place.iterdir() if path.name not in before} == compiled_now
    assert {"count", "select", "score", "best_path"} <= compiled_now
    assert all(name.startswith(missing) for name in compiled_now)
    assert str(place) in said
    assert {path.name for path in data.iterdir()} == {"cache", "index"}
    for _ in range(2):
        counted, said = start(code, data, user)
        assert not [name for name, (misses, _) in counted.items() if misses]
        assert any(hits for _, hits in counted.values())
        assert said == ""
        subprocess.run(["chmod", "-R", "a-w", data / "cache"], check=True)


def test_what_was_compiled_is_noted_where_it_was_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For this processor, and not where a piece could not be written; where nothing can be, no other process compiles in vain."""
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setattr(compiled, "_UNWRITABLE", compiled.threading.Event())
    (tmp_path / "file").write_bytes(b"")
    assert not compiled.can_keep(tmp_path / "file")
    assert not compiled.can_keep(tmp_path / "nowhere" / "cache")
    cache = tmp_path / "cache"
    assert compiled.can_keep(cache)
    assert not compiled.is_complete(cache)
    compiled.mark_complete(cache)
    assert compiled.is_complete(cache)
    monkeypatch.setattr(compiled.llvmlite.binding, "get_host_cpu_name", lambda: "pentium")
    assert not compiled.is_complete(cache)
    compiled._UNWRITABLE.set()
    compiled.mark_complete(cache)
    assert not compiled.is_complete(cache)
