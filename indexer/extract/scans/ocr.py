"""Scanned pages: drawn by pypdfium2, set upright, read by tesseract where it is installed, and put in reading order.

Words come with their place, line and certainty (hOCR 1.2); `page_layout` orders them as it orders drawn glyphs, so that the two
columns of a header stay apart. 200 dots an inch read as well as 300 and cost half as much.
"""

import re
import subprocess
import time
from collections.abc import Iterator, Sequence, Set
from functools import cache
from itertools import zip_longest
from math import cos, radians, sin, sqrt
from shutil import which
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from lxml import etree

from indexer.extract.pdf.page_layout import Glyph, arrange
from indexer.extract.pdf.ruling import Ruling
from indexer.extract.scans.blanks import Letter, Line, Word, fill
from indexer.extract.scans.stamps import stretches, without_receipt
from indexer.model import RawPage, Run

_LANGUAGE = "vie"
_INCH = 72  # points
_FINE, _COARSE = 200, 50  # dots an inch: to read, to see how far a page is turned
_MOST_DOTS = 25_000_000  # of one drawn page; a larger page is drawn coarser
_PAGE_SECONDS = 60
_MOST_SKEW, _STEPS = 4.0, (0.5, 0.1)  # degrees
_DARK = 128  # of 256 shades
_ALONE, _FAR, _SPECK = 0.03, 0.1, 0.02  # inches: how far from other ink dust is, on ground without letters, and how large
_MOST_SWEPT = 8_000_000  # dots, an A3 sheet; sweeping takes 16 bytes for each
_DUSTY = 0.05  # share of the ground without letters; clean scans have up to 0.03, a copy of a copy 0.1
_APART = 0.1  # type sizes
_LEAST_CERTAIN = 30  # of 100: below stand the edges of stamps and dirt
_STROKED = {"Đ", "Ð"}
_BASELINE = re.compile(r"baseline (-?[\d.]+) (-?[\d.]+)")
_BOX = re.compile(r"bbox (\d+) (\d+) (\d+) (\d+)")
_LETTER_BOX = re.compile(r"x_bboxes (\d+) \d+ (\d+) \d+")
_SIZE = re.compile(r"x_size ([\d.]+)")
_CERTAINTY = re.compile(r"x_wconf (\d+)")
_QUIET = {  # one thread: workers run side by side
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "OMP_THREAD_LIMIT": "1",
    "LC_ALL": "C.UTF-8",
}

Image = np.ndarray[Any, np.dtype[np.uint8]]


class Recognised(NamedTuple):
    """A page's text, and what is left out of it but may be a mark: a faint stamp is read with as little certainty as dirt."""

    page: RawPage
    aside: tuple[Run, ...]


@cache
def is_installed() -> bool:
    """Tell whether tesseract and its Vietnamese model are on this machine."""
    program = which("tesseract", path=_QUIET["PATH"])
    if program is None:
        return False
    listed = subprocess.run(  # noqa: S603  the path is the system's
        [program, "--list-langs"], capture_output=True, text=True, env=_QUIET, timeout=_PAGE_SECONDS, check=False
    )
    return _LANGUAGE in listed.stdout.split()


def read_scans(file: BinaryIO, numbers: Sequence[int], seconds: float) -> Iterator[Recognised | None]:
    """Yield the text of each page of a PDF with these numbers (from 1); None where drawing or reading it fails or time is up."""
    end = time.monotonic() + seconds
    file.seek(0)
    document = pypdfium2.PdfDocument(file)
    try:
        for number in numbers:
            left = end - time.monotonic()
            yield _read_page(document, number - 1, min(left, _PAGE_SECONDS)) if left > 0 else None
    finally:
        document.close()


def _read_page(document: pypdfium2.PdfDocument, index: int, seconds: float) -> Recognised | None:
    try:
        page = document[index]
        angle = skew(_draw(page, _COARSE))
        image, dots = _draw(page, _FINE, angle), _resolution(page, _FINE)
        page.close()
    except pypdfium2.PdfiumError:
        return None
    image = without_specks(image, dots)
    try:
        lines = [fill(line, image) for line in _lines(_recognise(image, dots, seconds))]
    except (subprocess.SubprocessError, etree.XMLSyntaxError):
        return None
    drawn, lines = lines, without_receipt(lines, image, dots)
    words = [
        (word, glyph)
        for line in lines
        for word, glyph in zip(line.words, _glyphs(line, image.shape[0], _INCH / dots), strict=True)
    ]
    words = [(word, glyph) for word, glyph in words if word.certainty >= _LEAST_CERTAIN]
    letters = sum(len(word.text) for word, _ in words)
    certainty = sum(len(word.text) * word.certainty for word, _ in words) / (100 * letters) if letters else 0.0
    page = RawPage(arrange([glyph for _, glyph in words], Ruling([], [])), certainty)
    return Recognised(page, tuple(left_out(drawn, {id(word) for word, _ in words})))


def left_out(lines: Sequence[Line], kept: Set[int]) -> Iterator[Run]:
    """Yield what stands together with a word in capitals that was not kept (by `id`), one item a line.

    Its neighbours come along, so that the MẬT of BẢO VỆ BÍ MẬT is seen not to stand alone.
    """
    for line in lines:
        for words in stretches(line):
            if any(word.text.isupper() and id(word) not in kept for word in words):
                yield Run(" ".join(word.text for word in words) + "\n")


def _resolution(page: pypdfium2.PdfPage, dots: int) -> float:
    width, height = page.get_size()
    return min(float(dots), sqrt(_MOST_DOTS * _INCH * _INCH / max(1.0, width * height)))


def _draw(page: pypdfium2.PdfPage, dots: int, angle: float = 0.0) -> Image:
    """Return the page in shades of grey, turned by `angle` degrees clockwise about its middle."""
    scale = _resolution(page, dots) / _INCH
    width, height = (max(1, round(side * scale)) for side in page.get_size())
    bitmap = pypdfium2.PdfBitmap.new_native(width, height, pdfium.FPDFBitmap_Gray)
    bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
    turn, x, y = radians(angle), width / 2, height / 2
    a, b = cos(turn), sin(turn)
    matrix = pdfium.FS_MATRIX(scale * a, scale * b, -scale * b, scale * a, x - a * x + b * y, y - b * x - a * y)
    pdfium.FPDF_RenderPageBitmapWithMatrix(bitmap, page, matrix, pdfium.FS_RECTF(0, 0, width, height), pdfium.FPDF_ANNOT)
    image: Image = bitmap.to_numpy().reshape(height, -1)[:, :width].copy()
    bitmap.close()
    return image


def skew(image: Image) -> float:
    """Return by how many degrees clockwise the lines of a page must be turned to lie level: where rows differ most in ink."""
    rows, columns = np.nonzero(image < _DARK)
    best = 0.0
    for step in _STEPS:
        reach = _MOST_SKEW if step == _STEPS[0] else _STEPS[0]
        angles = best + np.arange(-reach, reach + step / 2, step)
        best = float(max(angles, key=lambda angle: (_contrast(rows, columns, angle), -abs(angle))))
    return best


def without_specks(image: Image, dots: float) -> Image:
    """Return a dusty picture with that ink whitened which has next to none around it.

    Tesseract takes the grain of a poor copy for marks on letters and loses whole lines. On a clean page the lightest marks on
    letters look like dust, so it is the ground far from any letter that tells whether there is any.
    """
    if image.size > _MOST_SWEPT:
        return image
    wide, ground = _ink_around(image, round(_FAR * dots)), round(_FAR * dots)
    blank = wide <= (2 * _SPECK * dots) ** 2
    rows, columns = (side // ground * ground for side in image.shape)
    squares = ((blank & (image < _DARK))[:rows, :columns].reshape(rows // ground, ground, -1, ground)).any(axis=(1, 3))
    if squares.sum() * ground * ground < _DUSTY * blank.sum():
        return image
    return np.where(_ink_around(image, round(_ALONE * dots)) <= (_SPECK * dots) ** 2, np.uint8(255), image)


def _ink_around(image: Image, reach: int) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Return for each point how many dark ones are at most `reach` rows and columns away."""
    counts = np.pad(image < _DARK, ((reach + 1, reach), (reach + 1, reach))).astype(np.int32)
    for axis in (0, 1):
        counts.cumsum(axis, out=counts)
    side = 2 * reach + 1
    around: np.ndarray[Any, np.dtype[np.int32]] = counts[side:, side:] - counts[:-side, side:]
    around -= counts[side:, :-side]
    around += counts[:-side, :-side]
    return around


def _contrast(rows: Any, columns: Any, angle: float) -> float:
    turned = np.rint(rows * cos(radians(angle)) + columns * sin(radians(angle))).astype(np.int64)
    ink = np.bincount(turned - turned.min()) if len(turned) else np.zeros(1)
    return float(np.square(np.diff(ink)).sum())


def _recognise(image: Image, dots: float, seconds: float) -> bytes:
    """Return tesseract's hOCR of an image. Raises SubprocessError."""
    height, width = image.shape
    picture = b"P5 %d %d 255\n" % (width, height) + image.tobytes()
    command = [which("tesseract", path=_QUIET["PATH"]) or "tesseract", "stdin", "stdout", "-l", _LANGUAGE]
    command += ["--dpi", str(round(dots)), "-c", "tessedit_create_hocr=1", "-c", "hocr_char_boxes=1"]
    return subprocess.run(command, input=picture, capture_output=True, env=_QUIET, timeout=seconds, check=True).stdout  # noqa: S603


def _lines(hocr: bytes) -> Iterator[Line]:
    """Yield the lines that have words."""
    root = etree.fromstring(hocr, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    for line in root.iter("{*}span"):
        title = line.get("title", "")
        box, baseline, size = _BOX.search(title), _BASELINE.search(title), _SIZE.search(title)
        if not (box and baseline and size):
            continue
        words = [word for word in map(_word, line.iter("{*}span")) if word is not None]
        if words:
            slope, offset = map(float, baseline.groups())
            yield Line(words, int(box[1]), int(box[4]) + offset, slope, float(size[1]))


def _word(element: Any) -> Word | None:
    """Read a word of hOCR with the boxes of its characters; None for what is no word."""
    certainty = _CERTAINTY.search(element.get("title", ""))
    if element.get("class") != "ocrx_word" or not certainty:
        return None
    letters = [
        Letter(str(letter.text), int(box[1]), int(box[2]))
        for letter in element.iter("{*}span")
        if letter.text and letter.text.strip() and (box := _LETTER_BOX.search(letter.get("title", "")))
    ]
    once = [letter for before, letter in zip([None, *letters], letters, strict=False) if not _is_again(before, letter)]
    return Word(tuple(once), int(certainty[1])) if once else None


def _is_again(before: Letter | None, letter: Letter) -> bool:
    """Tell whether tesseract takes one Đ for two letters, Đ and Eth: "QĐÐ-TTg"."""
    return before is not None and {before.text, letter.text} <= _STROKED and letter.left < (before.left + before.right) / 2


def _glyphs(line: Line, height: int, scale: float) -> Iterator[Glyph]:
    """Yield the words as drawn on the page, in points, y upwards; apart where tesseract parts syllables whose boxes touch."""
    lefts = [min(letter.left for letter in word.letters) for word in line.words]
    for word, left, following in zip_longest(line.words, lefts, line.words[1:]):
        right = max(letter.right for letter in word.letters)
        if following and word.text[-1].isalnum() and following.text[0].isalnum():  # a number's "TT-" and "BTC" may touch
            right = max(left + 1, min(right, following.letters[0].left) - _APART * line.size)
        y = (height - line.base_at(left)) * scale
        yield Glyph(word.text, "", left * scale, right * scale, y, line.size * scale, after_space=True)
