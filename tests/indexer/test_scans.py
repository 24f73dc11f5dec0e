"""Scans in an index: found by what the register says until they are recognised, and judged by the gate when they are."""

from pathlib import Path

import pytest
from operator_desk import Desk
from scans import LEFT, picture, scan

from indexer import reports
from indexer.events import Event
from indexer.extract.scans import ocr
from indexer.model import Document

REGISTER = "number,title,issued_date,files\n1182/QĐ-UBND,Kế hoạch sử dụng đất,2022-03-23,scan.pdf\n"
RECOGNISING = 120  # seconds

needs_tesseract = pytest.mark.skipif(not ocr.is_installed(), reason="tesseract with its model vie is not installed")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A scan, and beside its folder a register that speaks of it."""
    place = tmp_path / "documents"
    place.mkdir()
    (place / "scan.pdf").write_bytes(scan(picture()).getvalue())
    (tmp_path / "register.csv").write_text(REGISTER, encoding="utf-8")
    return place


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk that recognises nothing."""
    return Desk(tmp_path / "data")


def recognise(desk: Desk) -> None:
    """Switch recognition on."""
    desk.options = desk.options.model_copy(update={"limits": desk.options.limits.model_copy(update={"ocr_seconds": RECOGNISING})})


def text_of(desk: Desk, document: Document) -> str:
    """The document's text."""
    with reports.reading(desk.options) as (catalogue, _):
        return catalogue.canonical(document.key).text


def test_a_scan_is_found_by_its_register_row(desk: Desk, folder: Path) -> None:
    """It is a failure that says what is missing, and a document with the register's metadata and its original."""
    assert desk.index(folder, register=folder.parent / "register.csv") == {Event.FAILED: 1}
    (line,) = reports.failures(desk.options)
    assert line.code == "needs_ocr"
    document = desk.documents()["1182/QĐ-UBND"]
    assert desk.found("1182-qdubnd") == [document.id]
    with reports.reading(desk.options) as (catalogue, _):
        assert catalogue.original(document.key) is not None
    assert desk.index(folder) == {Event.FAILED: 1}
    assert desk.documents()["1182/QĐ-UBND"].id == document.id


def test_a_scan_without_a_row_is_a_failure_alone(desk: Desk, folder: Path) -> None:
    """Nothing is known of it, so that nothing is found; a register that comes later makes it a document."""
    assert desk.index(folder) == {Event.FAILED: 1}
    assert desk.documents() == {}
    desk.index(folder, register=folder.parent / "register.csv")
    assert list(desk.documents()) == ["1182/QĐ-UBND"]


@needs_tesseract
def test_a_scan_is_read_once_it_can_be(desk: Desk, folder: Path) -> None:
    """The next run after the installation recognises it; the document keeps its id and gains its text."""
    desk.index(folder, register=folder.parent / "register.csv")
    before = desk.documents()["1182/QĐ-UBND"]
    assert text_of(desk, before) == ""
    recognise(desk)
    assert desk.index(folder) == {Event.INDEXED: 1}
    after = desk.documents()["1182/QĐ-UBND"]
    assert after.id == before.id
    assert "Đồng Văn" in text_of(desk, after)
    assert after.metadata.title == "Kế hoạch sử dụng đất"
    assert desk.index(folder) == {Event.UNCHANGED: 1}


@needs_tesseract
def test_a_marked_scan_is_quarantined_once_it_is_read(desk: Desk, folder: Path) -> None:
    """What recognition finds passes the gate: a mark takes the document out again."""
    (folder / "scan.pdf").write_bytes(scan(picture(left=("MẬT", *LEFT))).getvalue())
    desk.index(folder, register=folder.parent / "register.csv")
    assert list(desk.documents()) == ["1182/QĐ-UBND"]
    recognise(desk)
    assert desk.index(folder) == {Event.QUARANTINED: 1}
    assert desk.documents() == {}


def test_a_copy_of_an_unread_scan_is_unread_too(desk: Desk, folder: Path) -> None:
    """The same bytes beside it are no document with an empty text."""
    desk.index(folder, register=folder.parent / "register.csv")
    (folder / "copy.pdf").write_bytes((folder / "scan.pdf").read_bytes())
    assert desk.index(folder) == {Event.FAILED: 2}
