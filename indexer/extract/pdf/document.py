"""PDF: the text of each page with its fonts.

pdfminer parses the file and decodes streams and fonts; `interpreter` runs the content streams, because pdfminer's parser of
them takes most of its time, and `drawing` and `page_layout` put the glyphs in reading order, because its layout interleaves
the two columns of a header.
"""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, cast

from pdfminer.pdfdocument import PDFDocument, PDFEncryptionError, PDFPasswordIncorrect
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import PDFStream, dict_value, int_value, list_value, resolve1
from pdfminer.psparser import literal_name
from pdfminer.utils import MATRIX_IDENTITY, Matrix, Rect, apply_matrix_rect, mult_matrix, parse_rect

from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract.isolation.grace import ask_for
from indexer.extract.pdf.drawing import Drawing
from indexer.extract.pdf.interpreter import UNKNOWN, Fonts, Interpreter
from indexer.extract.pdf.running import set_aside
from indexer.extract.scans import ocr
from indexer.model import RawPage, RawText, Run

logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it warns for each odd operand of a hostile file

_PATIENCE, _A_PAGE = 20.0, 0.2  # seconds of processor time for all pages, and further ones for each; most take some hundredths
_SHARE = 0.25  # of what is left of them, for a page after the first: a map leaves three quarters to those that follow
_HEADER_LETTERS = 200  # more are a page's own text, however large the picture behind it
_MOST_OF_PAGE = 0.4
_DRAWN_ANNOTATIONS = ("Widget", "FreeText", "Stamp")
_HIDDEN = 0b100010  # annotation flags Hidden and NoView (ISO 32000-1, table 165)


def read_pdf(file: BinaryIO, limits: Limits) -> RawText:
    """Read all pages, scanned ones through `ocr` where it is installed.

    Raises UnreadableFile (encrypted, damaged, too_many_pages, needs_ocr, timeout).
    """
    began = time.process_time()
    document = _open(file)
    fonts = Fonts()
    pages: list[_Page] = []
    for number, page in enumerate(_pages(document), start=1):
        if number > limits.pages:
            raise UnreadableFile("extract", "too_many_pages", f"PDF có hơn {limits.pages} trang, vượt giới hạn.")
        now = time.process_time()
        left = began + _PATIENCE + number * _A_PAGE - now
        pages.append(_read_page(page, number, fonts, now + left * (_SHARE if pages else 1)))
    if not pages:
        raise UnreadableFile("extract", "damaged", "PDF bị hỏng: không tìm thấy trang nào.")
    blank = not any(page.letters for page in pages)  # letters may be drawn as figures, without a picture
    scans = [number for number, page in enumerate(pages, start=1) if page.is_scan or blank]
    read = _recognise(file, scans, limits)
    if not any(found and found.page.runs for found in read.values()) and sum(page.unknown for page in pages) >= sum(
        page.letters for page in pages
    ):
        raise _unread(pages, limits, tried=bool(read))
    kept = [
        found.page if (found := read.get(number)) else RawPage(page.runs if page.is_whole else ())
        for number, page in enumerate(pages, start=1)
    ]
    texts, aside = set_aside(kept)
    unread = sum(read.get(number) is None for number in scans)
    given_up = sum(not page.is_whole and not read.get(number) for number, page in enumerate(pages, start=1))
    return RawText("pdf", texts, (*aside, *_beside(pages, read)), unread, given_up)


def _beside(pages: Sequence["_Page"], read: Mapping[int, ocr.Recognised | None]) -> Iterator[Run]:
    """Yield what stands askew, what recognition left out, and the letters of pages that it read instead or that were given up.

    Repeated things come once.
    """
    shown: dict[tuple[Run, ...], None] = {}
    for number, page in enumerate(pages, start=1):
        shown[page.askew] = None
        if found := read.get(number):
            shown[found.aside] = None
            shown[page.runs if page.unknown <= page.letters else ()] = None
        elif not page.is_whole:
            shown[page.runs] = None
    for runs in shown:
        yield from runs


def _open(file: BinaryIO) -> PDFDocument:
    try:
        return PDFDocument(PDFParser(file))
    except (PDFPasswordIncorrect, PDFEncryptionError) as error:
        raise UnreadableFile("extract", "encrypted", "PDF có mật khẩu; hãy gỡ mật khẩu rồi nạp lại.") from error
    except (MemoryError, RecursionError, OSError):
        raise
    except Exception as error:  # a broken file makes pdfminer raise nearly anything
        raise _damaged(error) from error


def _pages(document: PDFDocument) -> Iterator[PDFPage]:
    try:
        yield from PDFPage.create_pages(document)
    except (MemoryError, RecursionError, UnreadableFile):
        raise
    except Exception as error:  # as above
        raise _damaged(error) from error


@dataclass(frozen=True, slots=True)
class _Page:
    """What a page draws: its runs, annotations' among them, and how much of it is of which kind."""

    runs: tuple[Run, ...]
    askew: tuple[Run, ...]  # not among them: watermarks
    letters: int  # without those of annotations: a stamp on a scan is not its text
    unknown: int  # glyphs that their font gives no character for
    pictured: float  # share of the page that pictures cover
    is_whole: bool = True  # not given up for the time that it takes; of such a page only the secrecy gate sees what it drew

    @property
    def is_scan(self) -> bool:
        """Whether what a reader sees is more than its text: a picture with at most a running header, or nameless glyphs."""
        return self.unknown > self.letters or (self.letters < _HEADER_LETTERS and self.pictured >= _MOST_OF_PAGE)


def _recognise(file: BinaryIO, scans: list[int], limits: Limits) -> dict[int, ocr.Recognised | None]:
    """Return what was read of the scanned pages, by number; nothing without `ocr`."""
    if not scans or not limits.ocr_seconds or not ocr.is_installed():
        return {}
    ask_for(limits.ocr_seconds)
    return dict(zip(scans, ocr.read_scans(file, scans, limits.ocr_seconds), strict=True))


def _unread(pages: Sequence[_Page], limits: Limits, *, tried: bool) -> UnreadableFile:
    what = "PDF chỉ có ảnh quét, không có lớp chữ"
    if any(page.unknown for page in pages):
        what = "Phông chữ trong PDF không có bảng mã Unicode"
    if tried:
        return UnreadableFile("extract", "unrecognised", f"{what}; nhận dạng chữ (OCR) không đọc được trang nào.")
    if not limits.ocr_seconds:
        return UnreadableFile("extract", "needs_ocr", f"{what}; nhận dạng chữ (OCR) đang tắt (limits.ocr_seconds = 0).")
    return UnreadableFile(
        "extract", "needs_ocr", f"{what}; cần nhận dạng chữ (OCR): cài tesseract-ocr và tesseract-ocr-vie rồi chạy lại."
    )


def _read_page(page: PDFPage, number: int, fonts: Fonts, until: float) -> _Page:
    drawing = Drawing()
    try:
        upright = _upright(page)
        interpreter = Interpreter(fonts, drawing, until)
        interpreter.run(list_value(page.contents), dict_value(page.resources), upright)
        own = drawing.characters()
        apart: list[Run] = []
        askew = [*drawing.aside()]
        for stream, rect in _appearances(page):
            stamp = _draw(stream, rect, upright, fonts, until)
            if stamp.is_one_line():  # a number or a date in its box
                drawing.stamp(stamp)
            else:
                apart += stamp.runs()
                askew += stamp.aside()
        x0, y0, x1, y1 = page.mediabox
        return _Page(
            runs=(*drawing.runs(), *apart),
            askew=tuple(askew),
            letters=sum(map(str.isalpha, own)),
            unknown=own.count(UNKNOWN),
            pictured=interpreter.pictured / max(1.0, abs((x1 - x0) * (y1 - y0))),
        )
    except UnreadableFile as error:
        if error.code != "timeout" or number == 1:  # number, title and mark stand on the first page
            raise
        return _Page(drawing.runs(), tuple(drawing.aside()), letters=0, unknown=0, pictured=0.0, is_whole=False)
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # as above
        raise _damaged(error, f"trang {number}") from error


def _upright(page: PDFPage) -> Matrix:
    """Return the matrix that turns the page as it is shown, its lower left corner at the origin."""
    x0, y0, x1, y1 = page.mediabox
    return {
        90: (0.0, -1.0, 1.0, 0.0, -y0, x1),
        180: (-1.0, 0.0, 0.0, -1.0, x1, y1),
        270: (0.0, 1.0, -1.0, 0.0, y1, -x0),
    }.get(page.rotate, (1.0, 0.0, 0.0, 1.0, -x0, -y0))


def _appearances(page: PDFPage) -> Iterator[tuple[PDFStream, Rect]]:
    """Yield the drawing of each visible annotation that can hold text, and where it goes on the page."""
    for reference in list_value(page.annots or []):
        annotation = dict_value(reference)
        if literal_name(annotation.get("Subtype")) not in _DRAWN_ANNOTATIONS or int_value(annotation.get("F", 0)) & _HIDDEN:
            continue
        normal = resolve1(dict_value(annotation.get("AP", {})).get("N"))
        if isinstance(normal, dict):  # one drawing for each state
            normal = resolve1(normal.get(literal_name(annotation.get("AS"))))
        if isinstance(normal, PDFStream):
            yield normal, parse_rect(resolve1(value) for value in list_value(annotation["Rect"]))


def _draw(stream: PDFStream, rect: Rect, page_matrix: Matrix, fonts: Fonts, until: float) -> Drawing:
    """Draw an annotation's stream where ISO 32000-1, algorithm 8.1, puts it."""
    own = cast("Matrix", tuple(list_value(stream.get("Matrix", MATRIX_IDENTITY))))
    x0, y0, x1, y1 = apply_matrix_rect(own, parse_rect(resolve1(value) for value in list_value(stream["BBox"])))
    across = (rect[2] - rect[0]) / (x1 - x0) if x1 > x0 else 1.0
    up = (rect[3] - rect[1]) / (y1 - y0) if y1 > y0 else 1.0
    fit = (across, 0.0, 0.0, up, rect[0] - x0 * across, rect[1] - y0 * up)
    drawing, matrix = Drawing(), mult_matrix(mult_matrix(own, fit), page_matrix)
    Interpreter(fonts, drawing, until).run([stream], dict_value(stream.get("Resources", {})), matrix)
    return drawing


def _damaged(error: Exception, place: str = "cấu trúc") -> UnreadableFile:
    return UnreadableFile("extract", "damaged", f"PDF bị hỏng ở {place} ({type(error).__name__}).")
