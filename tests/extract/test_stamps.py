"""Stamps of receipt: what stands in their frame is left out, whatever else stands near is kept."""

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scans import stamp

from indexer.extract.scans.blanks import Letter, Line, Word
from indexer.extract.scans.stamps import without_receipt

_DOTS, _BOX = 200, (60, 200, 460, 340)
_STAMP = ("VĂN PHÒNG TỈNH", "ĐẾN Giờ: 8", "Ngày: 29/4/2022")


def a_line(text, left, base, size=30):
    """A line as tesseract gives it, its letters half as wide as its type is high."""
    words, at = [], left
    for word in text.split():
        letters = tuple(Letter(letter, at + place * size // 2, at + (place + 1) * size // 2) for place, letter in enumerate(word))
        words.append(Word(letters, 90))
        at = letters[-1].right + size // 3
    return Line(words, left, base, 0.0, size)


def lines_in_stamp(words=_STAMP):
    """The stamp's lines as they are read."""
    return [a_line(text, _BOX[0] + 20, _BOX[1] + 40 + 44 * row, 24) for row, text in enumerate(words)]


def sheet(*, tilt=0.0, worn=False, frame=True):
    """The picture of such a stamp, pressed askew, its frame worn or missing."""
    page = Image.new("L", (1654, 1000), 255)
    if frame:
        stamp(page, (), _BOX)
    if worn:
        ImageDraw.Draw(page).rectangle((_BOX[0] + 100, _BOX[1] - 4, _BOX[0] + 180, _BOX[1] + 4), fill=255)
    return np.asarray(page.rotate(tilt, Image.Resampling.BICUBIC, fillcolor=255, center=(260, 270)))


def texts(lines):
    """The words of each line."""
    return [" ".join(word.text for word in line.words) for line in lines]


@pytest.mark.parametrize(
    "picture", [sheet(), sheet(tilt=2.0), sheet(tilt=-1.5), sheet(worn=True)], ids=["level", "left", "right", "worn"]
)
def test_a_stamp_of_receipt_is_left_out(picture):
    """Number above, title beside and below stay; so does a line that runs through the frame."""
    around = [
        a_line("Số: 12/QĐ-UBND", 120, 180),
        a_line("QUYẾT ĐỊNH", 700, 284),
        a_line("Về việc giao đất cho tổ chức công cộng", 400, 322),
    ]
    assert texts(without_receipt([*around, *lines_in_stamp()], picture, _DOTS)) == texts(around)


def test_a_line_beside_the_stamp_is_parted():
    """Where tesseract makes one line of the stamp's and the type line, the type line stays."""
    both = [*lines_in_stamp()[1].words, *a_line("QUYẾT ĐỊNH", 700, 284).words]
    line = Line(both, 80, 284, 0.0, 30)
    assert texts(without_receipt([line], sheet(), _DOTS)) == ["QUYẾT ĐỊNH"]


def test_without_a_frame_nothing_is_left_out():
    """The word alone is no stamp: TỪ NAY ĐẾN NĂM 2030 may be a title's."""
    lines = lines_in_stamp()
    assert without_receipt(lines, sheet(frame=False), _DOTS) == lines


@pytest.mark.parametrize("words", [("VĂN PHÒNG TỈNH", "Giờ: 8"), ("ĐẾN", "MẬT"), ("HỎA TỐC", "8 giờ")])
def test_other_stamps_stay(words):
    """A stamp without ĐẾN is none of receipt, and one that names a degree of secrecy must reach the gate."""
    lines = lines_in_stamp(words)
    assert without_receipt(lines, sheet(), _DOTS) == lines


def test_any_ink_can_be_looked_at():
    """A page full of ink around the word costs little and drops nothing."""
    noise = np.random.default_rng(3).integers(0, 256, (1000, 1654)).astype(np.uint8)
    lines = lines_in_stamp()
    assert without_receipt(lines, noise, _DOTS) == lines
