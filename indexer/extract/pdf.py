"""PDF: the text of each page with its fonts, through pdfminer.six's interpreter (the only place that imports it).

pdfminer parses the file and runs the content streams; the glyphs that it draws are put in reading order by `page_layout`,
because its own layout interleaves the two columns of a header and takes most of its time.
"""

import logging
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from pdfminer.pdfdevice import PDFTextDevice
from pdfminer.pdfdocument import PDFDocument, PDFEncryptionError, PDFPasswordIncorrect
from pdfminer.pdffont import PDFFont, PDFUnicodeNotDefined
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.utils import Matrix, apply_matrix_pt

from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract.page_layout import Glyph, Rule, arrange
from indexer.model import RawPage, RawText, Run

logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it warns for each odd operand of a hostile file

_SUBSET = re.compile(r"^[A-Z]{6}\+")
_UNKNOWN = "\ufffd"
_THIN = 3.0  # points: a path no higher is a horizontal line
_DRAWN_ANNOTATIONS = ("Widget", "FreeText", "Stamp")
_HIDDEN = 0b100010  # annotation flags Hidden and NoView (ISO 32000-1, table 165)


def read_pdf(file: BinaryIO, limits: Limits) -> RawText:
    """Read all pages. Raises UnreadableFile (encrypted, damaged, too_many_pages, needs_ocr)."""
    document = _open(file)
    resources = PDFResourceManager()
    pages = []
    for number, page in enumerate(_pages(document), start=1):
        if number > limits.pages:
            raise UnreadableFile("extract", "too_many_pages", f"PDF có hơn {limits.pages} trang, vượt giới hạn.")
        pages.append(RawPage(_read_page(page, number, resources)))
    if not pages:
        raise UnreadableFile("extract", "damaged", "PDF bị hỏng: không tìm thấy trang nào.")
    _demand_text(pages)
    return RawText("pdf", tuple(pages))


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


def _read_page(page: PDFPage, number: int, resources: PDFResourceManager) -> tuple[Run, ...]:
    canvas = _Canvas(resources)
    try:
        PDFPageInterpreter(resources, canvas).process_page(page)
        return arrange(canvas.glyphs, canvas.rules)
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # as above
        raise _damaged(error, f"trang {number}") from error


def _damaged(error: Exception, place: str = "cấu trúc") -> UnreadableFile:
    return UnreadableFile("extract", "damaged", f"PDF bị hỏng ở {place} ({type(error).__name__}).")


def _demand_text(pages: list[RawPage]) -> None:
    text = "".join(page.text for page in pages)
    letters = sum(map(str.isalpha, text))
    if not letters:
        raise UnreadableFile("extract", "needs_ocr", "PDF chỉ có ảnh quét, không có lớp chữ; cần nhận dạng chữ (OCR).")
    if text.count(_UNKNOWN) > letters:
        raise UnreadableFile("extract", "needs_ocr", "Phông chữ trong PDF không có bảng mã Unicode; cần nhận dạng chữ (OCR).")


class _Canvas(PDFTextDevice):
    """Takes down glyphs and horizontal lines as the interpreter draws them; form figures land in the page's own layout."""

    def __init__(self, resources: PDFResourceManager) -> None:
        super().__init__(resources)
        self.glyphs: list[Glyph] = []
        self.rules: list[Rule] = []
        self._after_space = False

    def render_char(
        self,
        matrix: Matrix,
        font: PDFFont,
        fontsize: float,
        scaling: float,
        rise: float,
        cid: int,
        ncs: Any,  # noqa: ARG002  pdfminer calls by position
        graphicstate: Any,  # noqa: ARG002  as above
    ) -> float:
        """Take down one character; returns how far the pen moves."""
        try:
            text = font.to_unichr(cid)
        except PDFUnicodeNotDefined:
            text = _UNKNOWN
        advance = float(font.char_width(cid) * fontsize * scaling)
        if not text.strip("\x00 \t\r\n\xa0"):
            self._after_space = True
            return advance
        _a, _b, c, d, _e, _f = matrix
        x0, y = apply_matrix_pt(matrix, (0, rise))
        x1, _ = apply_matrix_pt(matrix, (advance, rise))
        size = abs(fontsize) * (c * c + d * d) ** 0.5
        self.glyphs.append(Glyph(text, _font_name(font), min(x0, x1), max(x0, x1), y, size, self._after_space))
        self._after_space = False
        return advance

    def paint_path(self, *drawing: Any) -> None:
        """Take down `drawing[-1]` if it is a thin path; the arguments before it are state, stroke, fill and rule."""
        assert self.ctm is not None
        points = [apply_matrix_pt(self.ctm, segment[-2:]) for segment in drawing[-1] if len(segment) > 2]
        if not points:
            return
        xs, ys = [x for x, _ in points], [y for _, y in points]
        if max(ys) - min(ys) < _THIN and max(xs) - min(xs) > _THIN:
            self.rules.append(Rule(min(xs), max(xs), min(ys)))


def _font_name(font: PDFFont) -> str:
    name = font.fontname
    if isinstance(name, bytes):
        name = name.decode("latin-1")
    return _SUBSET.sub("", str(name))
