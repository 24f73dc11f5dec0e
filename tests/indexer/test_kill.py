"""Whenever `congbao index` is killed, the next run completes, nothing is doubled or lost, and `verify` is clean."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

CONGBAO = [str(Path(sys.executable).with_name("congbao"))]
LONG_CASES = 100
DOCUMENTS = 12


def make_folder(folder: Path) -> None:
    """Write a few small documents, one damaged file and one that is marked."""
    folder.mkdir()
    for number in range(1, DOCUMENTS + 1):
        body = "\n".join(f"Điều {n}. Nội dung thứ {n} về quy hoạch số {number}." for n in range(1, 6))
        head = f"ỦY BAN NHÂN DÂN\nTỈNH BÌNH LÂM\nSố: {number}/2025/QĐ-UBND\n"
        head += f"Bình Lâm, ngày {number} tháng 3 năm 2025\n\nQUYẾT ĐỊNH\nVề việc quy hoạch số {number}\n"
        (folder / f"{number}.txt").write_text(head + body, encoding="utf-8")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\n broken")
    (folder / "secret.txt").write_text(
        "MẬT\nỦY BAN NHÂN DÂN\nTỈNH BÌNH LÂM\nSố: 9/BC-UBND\n\nBÁO CÁO\nVề việc riêng", encoding="utf-8"
    )


def congbao(*arguments: str, data: Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run([*CONGBAO, *arguments, "--data", str(data), "--json"], capture_output=True, text=True, timeout=120)


def index(folder: Path, data: Path) -> subprocess.CompletedProcess[str]:
    """Index the folder as an operator would."""
    return congbao("index", str(folder), "--publishable", "--workers", "1", data=data)


def expect_whole(folder: Path, data: Path) -> None:
    """The next run completes; every file has one line, every document is there once, and nothing is wrong."""
    finished = index(folder, data)
    assert finished.returncode == 1, finished.stderr  # the damaged file
    counts = json.loads(finished.stdout)["counts"]
    assert sum(counts.values()) == DOCUMENTS + 2
    assert (counts["failed"], counts["quarantined"]) == (1, 1)
    checked = congbao("verify", data=data)
    assert json.loads(checked.stdout) == {"problems": []}
    assert checked.returncode == 0
    status = json.loads(congbao("status", data=data).stdout)
    assert status["documents"] == DOCUMENTS
    assert status["outcomes"] == {"failed": 1, "indexed": DOCUMENTS, "missing": 0, "quarantined": 1, "removed": 0}


@pytest.fixture(scope="module")
def full_run(tmp_path_factory: pytest.TempPathFactory) -> float:
    """How long an undisturbed run takes here, in seconds."""
    place = tmp_path_factory.mktemp("undisturbed")
    make_folder(place / "documents")
    begun = time.monotonic()
    expect_whole(place / "documents", place / "data")
    return (time.monotonic() - begun) / 2


def kill_moments() -> list[object]:
    """What is killed and at which share of a full run, fixed by seed; two of each kind belong to the ordinary tests."""
    chance = random.Random(20200305)
    cases = [(("first", "rebuild", "changes")[n % 3], round(chance.random(), 3)) for n in range(LONG_CASES)]
    return [pytest.param(*case, marks=[pytest.mark.long] if n % 19 else []) for n, case in enumerate(cases)]


@pytest.mark.parametrize(("kind", "share"), kill_moments())
def test_a_killed_run_is_completed_by_the_next(kind: str, share: float, full_run: float, tmp_path: Path) -> None:
    """After kill -9 at a random moment of a first run, a rebuild, or a run over changes, the next run ends well."""
    folder, data = tmp_path / "documents", tmp_path / "data"
    make_folder(folder)
    command = ["index", str(folder), "--publishable", "--workers", "1"]
    ids: set[str] = set()
    if kind != "first":
        index(folder, data)
        ids = document_ids(data)
        command = ["reindex"] if kind == "rebuild" else [*command, "--prune"]
    if kind == "changes":
        change_folder(folder)
    with subprocess.Popen(
        [*CONGBAO, *command, "--data", str(data)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as running:
        time.sleep(share * full_run)
        running.send_signal(signal.SIGKILL)
    expect_whole(folder, data)
    assert ids <= document_ids(data)


def change_folder(folder: Path) -> None:
    """One file is edited and one is moved."""
    (folder / "1.txt").write_text((folder / "1.txt").read_text(encoding="utf-8") + "\nĐiều 6. Thêm.\n", encoding="utf-8")
    (folder / "2.txt").rename(folder / "moved.txt")


def document_ids(data: Path) -> set[str]:
    """The ids that a search for what all documents say gives."""
    answer = congbao("search", "quy hoạch", "--size", "100", data=data)
    return {hit["id"] for hit in json.loads(answer.stdout)["hits"]}
