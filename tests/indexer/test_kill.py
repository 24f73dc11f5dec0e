"""Whenever `congbao index` is killed, the next run completes, nothing is doubled or lost, and `verify` is clean."""

import random
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from operator_desk import Desk
from zipped import zip_of

from indexer import reports
from indexer.engine.port import SearchRequest
from indexer.engine.query import All
from indexer.events import Event
from indexer.model import Visibility

CONGBAO = [str(Path(sys.executable).with_name("congbao"))]
LONG_CASES = 100
DOCUMENTS, PACKED = 12, 4


def make_folder(folder: Path) -> None:
    """Write a few small documents, some of them in an archive, one damaged file and one that is marked."""
    folder.mkdir()
    for number in range(1, DOCUMENTS + 1):
        body = "\n".join(f"Điều {n}. Nội dung thứ {n} về quy hoạch số {number}." for n in range(1, 6))
        head = f"ỦY BAN NHÂN DÂN\nTỈNH BÌNH LÂM\nSố: {number}/2025/QĐ-UBND\n"
        head += f"Bình Lâm, ngày {number} tháng 3 năm 2025\n\nQUYẾT ĐỊNH\nVề việc quy hoạch số {number}\n"
        (folder / f"{number}.txt").write_text(head + body, encoding="utf-8")
    packed = {f"{number}.txt": (folder / f"{number}.txt").read_bytes() for number in range(1, PACKED + 1)}
    (folder / "packed.zip").write_bytes(zip_of(packed))
    for name in packed:
        (folder / name).unlink()
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\n broken")
    (folder / "secret.txt").write_text(
        "MẬT\nỦY BAN NHÂN DÂN\nTỈNH BÌNH LÂM\nSố: 9/BC-UBND\n\nBÁO CÁO\nVề việc riêng", encoding="utf-8"
    )


def run(command: list[str], data: Path) -> subprocess.Popen[bytes]:
    """Start a command as an operator would."""
    return subprocess.Popen([*CONGBAO, *command, "--data", str(data)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def expect_whole(folder: Path, desk: Desk) -> None:
    """The next run completes; every file has one line, every document is there once, and nothing is wrong."""
    counts = desk.index(folder)  # which verifies catalogue and index, too
    assert counts.total() == DOCUMENTS + 3
    assert (counts[Event.FAILED], counts[Event.QUARANTINED]) == (1, 1)
    status = reports.status(desk.options)
    assert (status.documents, status.change) == (DOCUMENTS, status.indexed_change)
    assert status.outcomes == {"failed": 1, "indexed": DOCUMENTS, "missing": 0, "quarantined": 1, "removed": 0, "unpacked": 1}


@pytest.fixture(scope="module")
def full_run(tmp_path_factory: pytest.TempPathFactory) -> float:
    """How long an undisturbed run takes here, in seconds."""
    place = tmp_path_factory.mktemp("undisturbed")
    make_folder(place / "documents")
    begun = time.monotonic()
    assert run(["index", str(place / "documents"), "--publishable", "--workers", "1"], place / "data").wait() == 1
    taken = time.monotonic() - begun
    expect_whole(place / "documents", Desk(place / "data"))
    return taken


def kill_moments() -> list[object]:
    """What is killed and at which share of a full run, fixed by seed; two of each kind belong to the ordinary tests."""
    chance = random.Random(20200305)
    cases = [(("first", "rebuild", "changes")[n % 3], round(chance.random(), 3)) for n in range(LONG_CASES)]
    return [pytest.param(*case, marks=[pytest.mark.long] if n % 19 else []) for n, case in enumerate(cases)]


@pytest.mark.parametrize(("kind", "share"), kill_moments())
def test_a_killed_run_is_completed_by_the_next(kind: str, share: float, full_run: float, tmp_path: Path) -> None:
    """After kill -9 at a random moment of a first run, a rebuild, or a run over changes, the next run ends well."""
    folder, desk = tmp_path / "documents", Desk(tmp_path / "data")
    make_folder(folder)
    command = ["index", str(folder), "--publishable", "--workers", "1"]
    ids: set[str] = set()
    if kind != "first":
        desk.index(folder)
        ids = document_ids(desk)
        command = ["reindex"] if kind == "rebuild" else [*command, "--prune"]
    if kind == "changes":
        change_folder(folder)
    with run(command, desk.options.data) as running:
        time.sleep(share * full_run)
        running.send_signal(signal.SIGKILL)
    expect_whole(folder, desk)
    assert ids <= document_ids(desk)


def change_folder(folder: Path) -> None:
    """One file is edited and one is moved, and so are two members of the archive."""
    (folder / "8.txt").write_text((folder / "8.txt").read_text(encoding="utf-8") + "\nĐiều 6. Thêm.\n", encoding="utf-8")
    (folder / "9.txt").rename(folder / "moved.txt")
    with zipfile.ZipFile(folder / "packed.zip") as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
    packed["1.txt"] += "\nĐiều 6. Thêm.\n".encode()
    packed["sub/2.txt"] = packed.pop("2.txt")
    (folder / "packed.zip").write_bytes(zip_of(packed))


def document_ids(desk: Desk) -> set[str]:
    """The ids of all documents that a search finds."""
    with reports.reading(desk.options) as (_, store):
        engine = store.engine()
        hits = engine.search(SearchRequest(All(), limit=100, visible=frozenset(Visibility))).hits
        engine.close()
    return {hit.id for hit in hits}
