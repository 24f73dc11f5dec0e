"""What the command line prints for people, in this process."""

import io
import sys
from collections import Counter
from pathlib import Path

import pytest
from operator_desk import Desk, write
from rich.console import Console

from indexer import commands
from indexer.events import Event, FileReport
from indexer.model import Visibility
from search_api import cli
from search_api.terminal import IndexProgress


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with three decisions, and one file that is none."""
    place = tmp_path_factory.mktemp("terminal")
    (place / "files").mkdir()
    for number in (1, 2, 3):
        write(place / "files" / f"{number}.txt", number)
    (place / "files" / "4.pdf").write_bytes(b"")
    desk = Desk(place / "data")
    desk.index(place / "files")
    (place / "files" / "3.txt").unlink()
    desk.index(place / "files")
    return place / "data"


@pytest.fixture
def run(data, monkeypatch, capsys):
    """Run a command over the data folder; returns what it printed on both streams."""

    def told(*line: str) -> str:
        monkeypatch.setattr(sys, "argv", ["congbao", *line, "--data", str(data)])
        with pytest.raises(SystemExit):
            cli.main()
        shown = capsys.readouterr()
        return shown.out + shown.err

    return told


def test_what_matters_most_is_shown_first():
    """A refusal before what failed, that before what is missing, however many there are; then who sees what otherwise now."""
    console = Console(file=io.StringIO(), width=200)
    progress = IndexProgress(console)
    missing = [FileReport(f"{number}.txt", Event.MISSING, "Mất.") for number in range(30)]
    changed = FileReport("a", Event.UNCHANGED, shown_to=Visibility.PUBLIC)
    for report in (*missing, changed, FileReport("b", Event.FAILED, "Hỏng."), FileReport("/files", Event.REFUSED, "Chưa gỡ gì.")):
        progress.file(report)
    progress.summary(Counter({Event.MISSING: 30}))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]  # a StringIO, as given above
    assert lines[1] == "1 văn bản chuyển từ nội bộ sang công khai."
    assert [line.split()[-2:] for line in lines[2:5]] == [["gỡ", "gì."], ["b:", "Hỏng."], ["0.txt:", "Mất."]]


def test_outcomes_are_words(run):
    """Codes come in brackets; a file that vanished is among those that `failures` lists."""
    told = run("failures")
    assert "nhận dạng (empty)" in told
    assert "không còn trên đĩa  " in told
    assert "3.txt" in told
    assert "(công bố được, công khai)" in run("status")


def test_filters_and_pages(run):
    """Each filter of the search page; a page beyond the last is told."""
    assert "3 kết quả" in run(
        "search", "phê duyệt", "--type", "Quyết định", "--year", "2025", "--from", "2025", "--to", "03/2025"
    )
    assert "0 kết quả" in run("search", "phê duyệt", "--issuer", "Bộ Y tế")
    assert "0 kết quả" in run("search", "phê duyệt", "--from", "04/2025")
    assert "không có trang 9, trang cuối là 1" in run("search", "phê duyệt", "--page", "9")
    assert "1. Điều 1 – Quyết định " in run("search", "phê duyệt", "--scope", "provisions")


def test_a_second_removal_says_so(run, data):
    """The first one removed it."""
    with commands.workplace(Desk(data).options) as place:
        document = place.catalogue.get_many(place.catalogue.live_keys()[:1]).popitem()[1]
    assert f"Đã gỡ {document.id}" in run("remove", document.id)
    assert f"{document.id} đã được gỡ từ trước" in run("remove", document.id)
