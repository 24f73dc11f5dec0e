"""Scanned pages: set upright, recognised where tesseract is installed, and told where it is not."""

import io

import numpy as np
import pytest
from scans import LEFT, RIGHT, dust, pen, picture, scan, stamp

from indexer.config import Limits
from indexer.decoding import decode
from indexer.errors import UnreadableFile
from indexer.extract.pdf.document import read_pdf
from indexer.extract.scans import ocr
from indexer.extract.scans.blanks import Letter, Line, Word
from indexer.legal.header import read_header
from indexer.model import RawText
from indexer.read import inspect

needs_tesseract = pytest.mark.skipif(not ocr.is_installed(), reason="tesseract with its model vie is not installed")


def read(file: io.BytesIO, **limits: int) -> RawText:
    """Read a file as indexing does."""
    return read_pdf(file, Limits(**limits))


@pytest.mark.parametrize("angle", [-3.1, -0.7, 0.0, 0.4, 2.2])
def test_a_turned_sheet_is_set_level(angle):
    """The angle is found to a quarter of a degree, more than tesseract needs."""
    image = np.asarray(picture(angle).resize((413, 585)))
    assert ocr.skew(image) == pytest.approx(angle, abs=0.25)


def test_a_blank_sheet_is_level():
    """Without ink nothing is turned."""
    assert ocr.skew(np.full((585, 413), 255, np.uint8)) == pytest.approx(0)


@needs_tesseract
@pytest.mark.parametrize("angle", [0.0, 1.5])
def test_the_columns_of_a_scanned_header_stay_apart(angle):
    """Number, date and title of a scanned decision are read as those of a typed one."""
    canonical = decode(read(scan(picture(angle))))
    metadata, _ = read_header(canonical)
    assert (metadata.number, str(metadata.issued_date)) == ("1182/QĐ-UBND", "2022-03-23")
    assert metadata.title == "Về việc phê duyệt kế hoạch sử dụng đất năm 2022"
    assert canonical.steps[0].name == "ocr"


def test_only_a_dusty_page_is_dusted():
    """A clean page stays as it is to the last point; a dusty one loses its dust and, of letters, dots alone."""
    clean, dusty = picture(), picture()
    dust(dusty, 6_000)
    before, swept = np.asarray(clean), ocr.without_specks(np.asarray(dusty), 200)
    assert np.array_equal(ocr.without_specks(before, 200), before)
    letters = before < 128
    assert (swept[letters] < 128).mean() > 0.95
    assert (swept[~letters] < 128).sum() < 0.2 * (np.asarray(dusty)[~letters] < 128).sum()


@needs_tesseract
def test_a_day_written_by_hand_and_a_stamp_of_receipt():
    """The date is what the pen wrote; the stamp beside the title, with a day of its own, is no part of the text."""
    sheet = picture(right=(*RIGHT[:2], "Bình Lâm, ngày             tháng 3 năm 2022"))
    pen(sheet, "15", (1048, 268), 30)
    stamp(sheet, ("VĂN PHÒNG TỈNH", "ĐẾN   Giờ: 8", "         Ngày: 29/4/2022"), (40, 300, 420, 436))
    canonical = decode(read(scan(sheet)))
    metadata, _ = read_header(canonical)
    assert (metadata.number, str(metadata.issued_date)) == ("1182/QĐ-UBND", "2022-03-15")
    assert metadata.title == "Về việc phê duyệt kế hoạch sử dụng đất năm 2022"
    assert not {"ĐẾN", "29/4/2022"} & set(canonical.text.split())


@needs_tesseract
def test_a_number_written_by_hand():
    """The printed symbol behind the blank goes on with what the pen wrote."""
    sheet = picture(left=(*LEFT[:2], "Số:               /QĐ-UBND"))
    pen(sheet, "714", (222, 266), 32)
    metadata, _ = read_header(decode(read(scan(sheet))))
    assert metadata.number == "714/QĐ-UBND"


@needs_tesseract
def test_how_sure_the_reader_is_goes_with_the_page():
    """A recognised page says how surely it was read; a typed one is certain."""
    raw = read(scan(picture()))
    assert 0.5 < raw.pages[0].certainty < 1


def test_without_recognition_a_scan_is_told(monkeypatch):
    """The reason names what must be installed, or the setting that forbids it."""
    with pytest.raises(UnreadableFile, match="ocr_seconds") as refusal:
        read(scan(picture()), ocr_seconds=0)
    assert refusal.value.code == "needs_ocr"
    monkeypatch.setattr(ocr, "is_installed", lambda: False)
    with pytest.raises(UnreadableFile, match="tesseract") as refusal:
        read(scan(picture()))
    assert refusal.value.code == "needs_ocr"


def a_word(text: str, left: int, certainty: int) -> Word:
    """A word whose letters are ten dots wide."""
    return Word(tuple(Letter(letter, left + 10 * place, left + 10 * place + 10) for place, letter in enumerate(text)), certainty)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((("Số:", 100, 90), ("5/KH", 140, 90), ("MẬT", 400, 12)), ["MẬT\n"]),
        ((("Số:", 100, 90), ("5/KH", 140, 90), ("MẬT", 190, 12)), ["Số: 5/KH MẬT\n"]),
        ((("BẢO", 100, 90), ("VỆ", 140, 90), ("BÍ", 170, 90), ("MẬT", 200, 12)), ["BẢO VỆ BÍ MẬT\n"]),
        ((("bí", 100, 90), ("mật", 400, 12)), []),
        ((("MẬT", 100, 90),), []),
    ],
    ids=["apart", "beside the number", "in a title", "small letters", "kept"],
)
def test_what_is_left_out_is_told_with_its_neighbours(words, expected):
    """Only words in capitals that are not in the text, with what stands together with them."""
    line = Line([a_word(*word) for word in words], 100, 130, 0.0, 30)
    kept = {id(word) for word in line.words if word.certainty >= 30}
    assert [run.text for run in ocr.left_out([line], kept)] == expected


@needs_tesseract
def test_a_mark_that_is_hardly_read_reaches_the_gate(monkeypatch, tmp_path):
    """Where no word is sure enough for the text, the mark is still seen."""
    sheet = picture(left=(*LEFT[:2], "TUYỆT MẬT"))
    (tmp_path / "scan.pdf").write_bytes(scan(sheet, picture()).getvalue())
    lines = ocr._lines

    def doubtful(hocr):
        """Read the mark as tesseract reads a faint one."""
        for line in lines(hocr):
            yield line._replace(
                words=[word._replace(certainty=5) if word.text in ("TUYỆT", "MẬT") else word for word in line.words]
            )

    monkeypatch.setattr(ocr, "_lines", doubtful)
    understood, mark = inspect(tmp_path / "scan.pdf", Limits())
    assert "MẬT" not in understood.canonical.text
    assert mark is not None


@needs_tesseract
def test_pages_beyond_the_time_are_counted():
    """A long scan keeps what was read in time, and says how much was not."""
    assert list(ocr.read_scans(scan(picture(), picture()), [1, 2], 0)) == [None, None]


@needs_tesseract
def test_a_page_that_cannot_be_drawn_is_none():
    """A number past the last page is a page without text, not an error."""
    assert list(ocr.read_scans(scan(picture()), [7], 60)) == [None]
