"""PDF files: reading order, stamps, tables, and what cannot be read."""

import io
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from indexer.config import Limits
from indexer.decoding import decode
from indexer.errors import UnreadableFile
from indexer.extract.pdf import document as pdf_reader
from indexer.extract.pdf.document import read_pdf
from indexer.model import RawText, Run
from indexer.read import inspect


def pdf(*pages: Callable[[Canvas], Any], encrypt: StandardEncryption | None = None) -> bytes:
    """A file with one page for each function that draws on a canvas. (The built-in fonts have no Vietnamese letters.)"""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, encrypt=encrypt)
    for draw in pages:
        canvas.setFont("Times-Roman", 13)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def read(data: bytes, **limits: int) -> RawText:
    """Read a file of these bytes."""
    return read_pdf(io.BytesIO(data), Limits(**limits))


def text_of(*pages: Callable[[Canvas], Any]) -> str:
    """The text of a file that these functions draw."""
    return "".join(page.text for page in read(pdf(*pages)).pages)


def refusal_of(data: bytes, **limits: int) -> UnreadableFile:
    """Why a file of these bytes is refused."""
    with pytest.raises(UnreadableFile) as refusal:
        read(data, **limits)
    return refusal.value


def draw_header(canvas: Canvas) -> None:
    """Draw the two columns of Decree 30/2020's header, the right one's lines a little lower, with their underlines."""
    for y, left, right in (
        (780, "UY BAN NHAN DAN", "CONG HOA XA HOI CHU NGHIA VIET NAM"),
        (764, "TINH LANG SON", "Doc lap - Tu do"),
    ):
        canvas.drawCentredString(150, y, left)
        canvas.drawCentredString(400, y - 2, right)
    canvas.line(120, 760, 180, 760)
    canvas.line(330, 756, 470, 756)
    canvas.drawCentredString(150, 735, "So: 12/2022/QD-UBND")
    canvas.drawCentredString(400, 733, "Lang Son, ngay 23 thang 3 nam 2022")


HEADER = (
    "UY BAN NHAN DAN\nTINH LANG SON\nSo: 12/2022/QD-UBND\n"
    "CONG HOA XA HOI CHU NGHIA VIET NAM\nDoc lap - Tu do\nLang Son, ngay 23 thang 3 nam 2022\n"
)


def test_header_columns_are_read_one_after_the_other():
    """Issuer and number come before quốc hiệu and date, the type below both."""

    def draw(canvas: Canvas) -> None:
        draw_header(canvas)
        canvas.drawCentredString(297, 700, "QUYET DINH")
        canvas.drawString(85, 680, "Can cu Luat To chuc chinh quyen dia phuong ngay 19 thang 6 nam 2015;")

    assert text_of(draw) == HEADER + "QUYET DINH\nCan cu Luat To chuc chinh quyen dia phuong ngay 19 thang 6 nam 2015;\n"


def test_the_order_of_drawing_does_not_matter():
    """A right column that is drawn first, letter by letter, still comes second."""

    def draw(canvas: Canvas) -> None:
        for x, y, word in ((400, 733, "phai"), (100, 735, "trai"), (400, 748, "tren"), (100, 750, "cao")):
            for place, letter in reversed(list(enumerate(word))):
                canvas.drawString(x + 9 * place, y, letter)

    assert [line.replace(" ", "") for line in text_of(draw).splitlines()] == ["cao", "trai", "tren", "phai"]


def test_the_left_column_keeps_its_last_lines():
    """`V/v ...` below the number, and `Lưu: VT` below the recipients, belong to the left column."""

    def draw(canvas: Canvas) -> None:
        draw_header(canvas)
        canvas.drawCentredString(150, 719, "V/v bao cao")
        canvas.drawString(85, 650, "Kinh gui: cac so, ban, nganh, to chuc va ca nhan tren dia ban tinh Lang Son.")

    lines = text_of(draw).splitlines()
    assert lines[2:5] == ["So: 12/2022/QD-UBND", "V/v bao cao", "CONG HOA XA HOI CHU NGHIA VIET NAM"]


def test_a_justified_paragraph_stays_whole():
    """Wide spaces between words part no columns, short last lines no paragraphs."""

    def draw(canvas: Canvas) -> None:
        for row, line in enumerate(["Dieu 1. Phe duyet quy hoach", "su dung dat den nam", "cua tinh."]):
            x = 85.0
            for word in line.split():
                canvas.drawString(x, 700 - 16 * row, word)
                x += canvas.stringWidth(word) + 11

    assert text_of(draw) == "Dieu 1. Phe duyet quy hoach\nsu dung dat den nam\ncua tinh.\n"


@pytest.mark.parametrize("style", ["lines", "boxes", "cell borders"])
def test_a_ruled_table_is_read_row_by_row(style):
    """Cells of a row are parted by tabs, lines in a cell by line ends, however the borders are drawn and narrow the gap."""

    def draw(canvas: Canvas) -> None:
        rows, columns = (700, 660, 640), (85, 110, 250, 330)
        for top, bottom in ((rows[0], rows[1]), (rows[1], rows[2])):
            for left, right in pairwise(columns):
                if style == "boxes":
                    canvas.rect(left, bottom, right - left, top - bottom)
                elif style == "cell borders":
                    canvas.rect(left, top, right - left, 0.5, stroke=0, fill=1)
                    canvas.rect(left, bottom, 0.5, top - bottom, stroke=0, fill=1)
        if style == "lines":
            canvas.grid(columns, rows)
        else:
            canvas.rect(330, 640, 0.5, 60, stroke=0, fill=1)
        for x, y, text in (
            (88, 678, "1"),
            (112, 685, "Phi tham dinh ho so"),
            (112, 668, "cap giay phep"),
            (255, 678, "100.000"),
            (88, 645, "2"),
            (112, 645, "Le phi"),
            (255, 645, "20.000"),
        ):
            canvas.drawString(x, y, text)

    assert text_of(draw) == "1\tPhi tham dinh ho so\ncap giay phep\t100.000\n2\tLe phi\t20.000\n"


def test_a_stamped_number_is_read_in_its_line():
    """Number and day that only a form field shows stand where the page leaves room for them."""

    def draw(canvas: Canvas) -> None:
        canvas.drawString(85, 735, "So:         /2025/QD-UBND")
        canvas.drawString(330, 735, "Ha Noi, ngay      thang 4 nam 2025")
        for x, value in ((105, "33"), (402, "21")):
            canvas.acroForm.textfield(
                value=value, x=x, y=731, width=22, height=16, fontSize=13, fontName="Times-Roman", borderWidth=0, name=value
            )

    assert [" ".join(line.split()) for line in text_of(draw).splitlines()] == [
        "So: 33 /2025/QD-UBND",
        "Ha Noi, ngay 21 thang 4 nam 2025",
    ]


def test_turned_text_stays_out_of_the_lines():
    """A running header along the margin comes after the page's own text, as one line."""

    def draw(canvas: Canvas) -> None:
        for row in range(12):
            canvas.drawString(85, 700 - 16 * row, "noi dung cua van ban")
        canvas.rotate(90)
        canvas.drawString(520, -400, "CONG BAO SO 12")

    assert text_of(draw) == "noi dung cua van ban\n" * 12 + "CONG BAO SO 12\n"


def test_a_turned_page_is_read_upright():
    """A page that is shown turned is read as it is shown."""

    def draw(canvas: Canvas) -> None:
        canvas.setPageRotation(90)
        canvas.rotate(90)
        canvas.drawString(100, -300, "dong mot")
        canvas.drawString(100, -320, "dong hai")

    assert text_of(draw) == "dong mot\ndong hai\n"


def test_bold_by_double_printing_is_read_once():
    """The same letters drawn twice, a hair apart, are one word."""

    def draw(canvas: Canvas) -> None:
        canvas.drawString(85, 700, "Dieu 11")
        canvas.drawString(85.3, 700, "Dieu 11")

    assert text_of(draw) == "Dieu 11\n"


def test_fonts_and_pages_are_kept():
    """Each page's runs name their font, for the decoding stage."""

    def draw(canvas: Canvas) -> None:
        canvas.drawString(85, 700, "Dieu 1.")
        canvas.setFont("Helvetica-Bold", 13)
        canvas.drawString(130, 700, "Pham vi")

    result = read(pdf(draw, lambda canvas: canvas.drawString(85, 700, "trang hai")))
    assert result.format == "pdf"
    assert [page.runs for page in result.pages] == [
        (Run("Dieu 1. ", "Times-Roman"), Run("Pham vi\n", "Helvetica-Bold")),
        (Run("trang hai\n", "Times-Roman"),),
    ]


SOME_TEXT = pdf(lambda canvas: canvas.drawString(85, 700, "noi dung"))


def test_junk_before_the_header_is_passed_over():
    """Bytes that a mail gateway put before the header change nothing."""
    assert read(b"\r\n" + b"junk " * 100 + SOME_TEXT).pages[0].text == "noi dung\n"


def test_a_password_is_asked_for_only_where_one_is_needed():
    """A file that only forbids copying is read; one that needs a password is refused as encrypted."""
    locked = StandardEncryption("", ownerPassword="o", canCopy=0)
    assert read(pdf(lambda canvas: canvas.drawString(85, 700, "noi dung"), encrypt=locked)).pages[0].text == "noi dung\n"
    closed = StandardEncryption("u", ownerPassword="o")
    assert refusal_of(pdf(lambda canvas: canvas.drawString(85, 700, "x"), encrypt=closed)).code == "encrypted"


def test_pages_are_counted():
    """One page more than the limit is too many."""
    pages = [lambda canvas: canvas.drawString(85, 700, "x")] * 3
    assert len(read(pdf(*pages), pages=3).pages) == 3
    refusal = refusal_of(pdf(*pages), pages=2)
    assert (refusal.code, "hơn 2 trang" in refusal.reason) == ("too_many_pages", True)


def test_a_scan_needs_ocr():
    """Pages that only show pictures hold no text; one page with text is enough to keep the file."""

    def scan(canvas: Canvas) -> None:
        canvas.rect(50, 50, 400, 700, fill=1)
        canvas.acroForm.textfield(value="Ky boi: VAN PHONG", x=60, y=60, width=200, height=20, name="stamp")

    assert refusal_of(pdf(scan, scan), ocr_seconds=0).code == "needs_ocr"
    assert len(read(pdf(scan, lambda canvas: canvas.drawString(85, 700, "CONG BAO"))).pages) == 2


@pytest.mark.parametrize("length", [20, len(SOME_TEXT) // 3, len(SOME_TEXT) // 2, len(SOME_TEXT) - 200])
def test_a_file_cut_short_is_read_or_refused(length):
    """What was cut is said, or what is left is read whole."""
    try:
        assert read(SOME_TEXT[:length], ocr_seconds=0).pages[0].text == "noi dung\n"
    except UnreadableFile as refusal:
        assert refusal.code in {"damaged", "needs_ocr"}  # noqa: PT017  either is right


def test_altered_bytes_bring_about_no_other_error():
    """A file with any stretch of its bytes overwritten is read or refused."""
    for place in range(0, len(SOME_TEXT), 23):
        broken = SOME_TEXT[:place] + b"9999999999"[: 1 + place % 9] + SOME_TEXT[place + 1 + place % 9 :]
        try:
            read(broken, ocr_seconds=0)
        except UnreadableFile as refusal:
            assert refusal.code in {"damaged", "needs_ocr", "encrypted", "too_many_pages"}  # noqa: PT017  any is right
        except RecursionError:
            pass  # `extract` and the worker turn it into damaged


def test_an_endless_page_ends(monkeypatch):
    """Forms that draw forms, each ten times, would take years; they are given up, on whichever page."""
    monkeypatch.setattr(pdf_reader, "_PATIENCE", 0.5)
    refusal = refusal_of(endless(pages=50))
    assert (refusal.code, "thời gian" in refusal.reason) == ("timeout", True)


def test_a_page_without_end_costs_itself_alone(monkeypatch):
    """The others are read; what it drew before it was given up is seen by the secrecy gate alone."""
    monkeypatch.setattr(pdf_reader, "_PATIENCE", 2.0)
    raw = read(endless(pages=3, written=2))
    assert [page.text.strip() for page in raw.pages] == ["Trang", "Trang", ""]
    assert (raw.given_up, raw.unread) == (1, 0)
    assert "".join(run.text for run in raw.aside).strip() == "MAT"
    assert [(step.name, step.count) for step in decode(raw).steps] == [("given_up_pages", 1)]


def test_many_pages_without_end_take_no_longer_than_one_document_may(monkeypatch):
    """Each takes a share of what is left."""
    monkeypatch.setattr(pdf_reader, "_PATIENCE", 2.0)
    monkeypatch.setattr(pdf_reader, "_A_PAGE", 0.01)
    began = time.process_time()
    assert read(endless(pages=60, written=1)).given_up == 59
    assert time.process_time() - began < 6


def endless(pages: int, written: int = 0) -> bytes:
    """A PDF whose pages, after `written` short ones, draw a form that draws ten times one that ..., 20 levels deep."""
    kids = b" ".join(b"%d 0 R" % (25 + number) for number in range(pages))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d/MediaBox[0 0 595 842]/Resources<</XObject<</X 5 0 R>>/Font<</F %s>>>>>>"
        % (kids, pages, b"<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>"),
        b"<</Length 36>>stream\nBT /F 12 Tf 90 700 Td (Trang) Tj ET \nendstream",
        b"<</Length 40>>stream\nBT /F 12 Tf 90 700 Td (MAT) Tj ET /X Do   \nendstream",
    ]
    for number in range(5, 25):
        head = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>/Length 60>>" % (number + 1)
        objects.append(head + b"stream\n" + b"/X Do " * 10 + b"\nendstream")
    objects += [b"<</Type/Page/Parent 2 0 R/Contents %d 0 R>>" % (3 if number < written else 4) for number in range(pages)]
    body, places = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF"
    return bytes(body) + end % (len(objects) + 1, table, len(objects) + 1, len(body))


def draw_askew(canvas: Canvas, words: str, angle: float, size: int = 40) -> None:
    """Write words through the middle of the page, `angle` degrees anticlockwise."""
    canvas.saveState()
    canvas.translate(300, 420)
    canvas.rotate(angle)
    canvas.setFont("Times-Roman", size)
    canvas.drawCentredString(0, 0, words)
    canvas.restoreState()


def draw_body(canvas: Canvas) -> None:
    """Fill a page with lines."""
    draw_header(canvas)
    for row in range(30):
        canvas.drawString(85, 690 - 20 * row, f"{row}. Khoan nay quy dinh ve viec lap va giao du toan")


@pytest.mark.parametrize("angle", [8, 10, 30, 45, 60, 80, 135, 200, 315, -20, -45])
def test_what_is_drawn_askew_stands_aside(angle):
    """A watermark is one item beside the text, whose lines hold none of its letters."""
    raw = read(pdf(lambda canvas: (draw_body(canvas), draw_askew(canvas, "TUYET MAT", angle))))
    assert raw.pages[0].text == text_of(draw_body)
    assert "".join(run.text for run in raw.aside) == "TUYET MAT\n"


def test_a_page_that_is_askew_is_text():
    """Lines drawn ten degrees off are read as lines, in order."""

    def draw(canvas: Canvas) -> None:
        canvas.rotate(10)
        canvas.drawString(150, 700, "Dieu 1. Phe duyet quy hoach")
        canvas.drawString(150, 680, "Dieu 2. To chuc thuc hien")

    assert text_of(draw) == "Dieu 1. Phe duyet quy hoach\nDieu 2. To chuc thuc hien\n"


_PLACES = {  # of a mark: x, y, and beside which part of the header
    "before the issuer": (20, 764),
    "after the issuer": (205, 764),
    "after the number": (225, 735),
    "after the number, lower": (225, 731),
    "between the columns, higher": (250, 790),
    "below the number": (130, 719),
    "over the page": (270, 820),
    "under the page": (270, 20),
}


@pytest.mark.parametrize("words", ["MAT", "TOI MAT", "TUYET MAT"])
@pytest.mark.parametrize("place", _PLACES)
def test_a_mark_beside_the_header_is_found_where_it_is_drawn(tmp_path, place, words):
    """Whatever line the reading order puts it on."""
    path = tmp_path / "marked.pdf"
    path.write_bytes(pdf(lambda canvas: (draw_body(canvas), canvas.drawString(*_PLACES[place], words))))
    assert inspect(path, Limits())[1] is not None


@pytest.mark.parametrize("angle", [0, 3, 9, 20, 45, 70, 90, 180, 270, -30])
def test_a_mark_is_found_at_any_angle(tmp_path, angle):
    """Through the middle of a page, large and small."""
    for size in (14, 60):
        path = tmp_path / f"{size}.pdf"
        path.write_bytes(pdf(lambda canvas: draw_askew(canvas, "TUYET MAT", angle, size)))  # noqa: B023
        assert inspect(path, Limits())[1] is not None
    path.write_bytes(pdf(lambda canvas: (draw_body(canvas), draw_askew(canvas, "TUYET MAT", max(angle, 9)))))
    assert inspect(path, Limits())[1] is not None
