"""The real and the hostile files of the shared set, each read through `extract` in a worker process."""

import csv
import functools
import re
from collections import Counter
from pathlib import Path
from unicodedata import normalize

import pytest
from zipped import zip_of

from indexer.config import Limits
from indexer.decoding import decode
from indexer.errors import UnreadableFile
from indexer.extract import extract, unpack
from indexer.extract.isolation.sandbox import read_isolated
from indexer.model import RawText

_OUTCOMES = {  # what the manifest's licence_note says must happen; a set where it leaves a choice
    "zero_byte.pdf": {"empty"},
    "zero_byte.doc": {"empty"},
    "truncated_half.pdf": {"pdf", "damaged"},
    "junk_before_header.pdf": {"pdf"},
    "encrypted_userpw.pdf": {"encrypted"},
    "encrypted_emptypw_noextract.pdf": {"pdf"},
    "docx_named.doc": {"docx"},
    "rtf_named.doc": {"rtf"},
    "pdf_named.docx": {"pdf"},
    "doc_named.docx": {"doc"},
    "truncated.docx": {"damaged"},
    "zipbomb.docx": {"too_large"},
    "xml_entities.docx": {"damaged"},
    "word_lock.docx": {"unsupported"},
    "deep_nest.html": {"html"},
    "deep_nest.rtf": {"rtf"},
}
_SLOW = 400_000  # bytes of a PDF: the larger ones take seconds each and are read in the long run only


def _read(paths: list[Path], limits: Limits) -> dict[str, RawText | UnreadableFile]:
    read = functools.partial(extract, limits=limits)
    return {path.name: result for path, result in read_isolated(read, paths, limits, 2)}


def _outcome(result: RawText | UnreadableFile) -> str:
    return result.code if isinstance(result, UnreadableFile) else result.format


@pytest.fixture(scope="module")
def files(shared_data: Path) -> Path:
    """The folder of real files."""
    return shared_data / "files"


@pytest.fixture(scope="module")
def manifest(files: Path) -> list[dict[str, str]]:
    """A row for each file."""
    with (files / "manifest.csv").open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def test_hostile_files_end_as_their_notes_say(files, manifest):
    """Each file of odd/ gives text or the failure that its note names, in under 30 seconds and 512 MB."""
    names = [row["file"] for row in manifest if row["class"] == "odd"]
    assert {Path(name).name for name in names} == set(_OUTCOMES)
    # a worker at rest takes about 60 MB; what goes beyond these bounds ends as timeout or memory, which no note names
    results = _read([files / name for name in names], Limits(memory_mb=400, wall_seconds=30, ocr_seconds=0))
    wrong = {name: _outcome(result) for name, result in results.items() if _outcome(result) not in _OUTCOMES[name]}
    assert wrong == {}
    assert results["deep_nest.html"].pages[0].text == "Số: 1/2024/QĐ-UBND\n"
    assert results["deep_nest.rtf"].pages[0].text == "x\n"


def test_hostile_files_in_an_archive_end_as_beside_it(files, manifest, tmp_path):
    """Each is a member that gives what it gives as a file, and the archive is opened whatever lies in it."""
    names = [row["file"] for row in manifest if row["class"] == "odd"]
    (tmp_path / "odd.zip").write_bytes(zip_of({Path(name).name: (files / name).read_bytes() for name in names}))
    limits = Limits(memory_mb=400, wall_seconds=30, ocr_seconds=0)
    contents = unpack(tmp_path / "odd.zip", limits)
    assert contents is not None
    assert {member.path: member.error for member in contents.members} == dict.fromkeys(_OUTCOMES)
    results = _read([tmp_path / "odd.zip" / name for name in _OUTCOMES], limits)
    assert {name: _outcome(result) for name, result in results.items() if _outcome(result) not in _OUTCOMES[name]} == {}


@pytest.mark.parametrize(
    ("kind", "expect"),
    [
        ("docx", {"docx": 91}),
        ("legacy_docx", {"docx": 6}),
        ("html", {"html": 11, "empty": 1}),
        ("text", {"text": 109}),
        ("doc", {"doc": 43}),
        ("legacy_doc", {"doc": 22}),
        ("legacy_rtf", {"rtf": 5}),
        ("xls", {"xls": 16}),
        ("pdf_scan", {"needs_ocr": 13, "pdf": 1}),
    ],
)
def test_every_file_is_read_or_named(kind, expect, files, manifest):
    """All files of a class end as they should; one that is read has text on some page."""
    results = _read([files / row["file"] for row in manifest if row["class"] == kind], Limits(ocr_seconds=0))
    assert Counter(map(_outcome, results.values())) == expect
    assert all(any(page.text.strip() for page in result.pages) for result in results.values() if isinstance(result, RawText))


@pytest.mark.parametrize(("kind", "least"), [("legacy_rtf", 0.995), ("xls", 0.985)])
def test_legacy_texts_agree_with_their_transcripts(kind, least, files):
    """Decoded, a text in TCVN3 or VNI fonts holds the transcript's syllables; some transcripts garble a few cells themselves."""
    transcripts = sorted((files / "gold_text" / kind).iterdir())
    results = _read([files / kind / path.stem for path in transcripts], Limits(ocr_seconds=0))
    shares = []
    for path in transcripts:
        expect = Counter(_syllables(path.read_text(encoding="utf-8")))
        got = Counter(_syllables(decode(results[path.stem]).text))
        shares.append((expect & got).total() / expect.total())
    assert sum(shares) / len(shares) >= least


def _syllables(text: str) -> list[str]:
    return re.findall(r"\w+", normalize("NFC", text).casefold())


@pytest.fixture(scope="module")
def small_pdfs(files: Path, manifest: list[dict[str, str]]) -> dict[str, RawText | UnreadableFile]:
    """What the smaller PDF files give."""
    return _read([files / row["file"] for row in manifest if _is_pdf(row) and int(row["bytes"]) < _SLOW], Limits(ocr_seconds=0))


def _is_pdf(row: dict[str, str]) -> bool:
    return row["class"] in {"pdf_text", "legacy_pdf"}


def test_small_pdfs_are_read(small_pdfs):
    """PDF files with a text layer give text."""
    assert Counter(map(_outcome, small_pdfs.values())) == {"pdf": len(small_pdfs)}
    assert len(small_pdfs) >= 6


@pytest.mark.long
def test_large_pdfs_are_read(files, manifest):
    """So do the large ones, within the time that one file has."""
    rows = [row for row in manifest if _is_pdf(row) and int(row["bytes"]) >= _SLOW]
    results = _read([files / row["file"] for row in rows], Limits(ocr_seconds=0))
    assert Counter(map(_outcome, results.values())) == {"pdf": len(rows)}


def test_quoc_hieu_stays_on_its_own_line(small_pdfs):
    """On the first page of a PDF no line mixes the header's two columns."""
    pages = [result.pages[0].text for result in small_pdfs.values() if isinstance(result, RawText)]
    lines = [line.strip() for page in pages for line in page.splitlines() if "CHỦ NGHĨA VIỆT NAM" in line]
    assert len(lines) >= 5
    assert {line.replace("HOÀ", "HÒA") for line in lines} == {"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"}
