"""A sample as PDF, as Word exports one: real text in an embedded subset of a free font.

Streams are not compressed, so that the bytes do not depend on the zlib at hand.
"""

from functools import cache
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table

from .content import COUNTRY, MOTTO, Block, Kind, SampleText

_FACE = "DejaVuSerifCondensed"
_FACES = (_FACE, f"{_FACE}-Bold", f"{_FACE}-Italic", f"{_FACE}-BoldItalic")
_WIDTH = A4[0] - 50 * mm - 12  # a frame pads 6 points on each side


@cache
def _register_fonts() -> None:
    for name in _FACES:
        pdfmetrics.registerFont(TTFont(name, Path(__file__).parent / "fonts" / f"{name}.ttf"))
    pdfmetrics.registerFontFamily(_FACE, *_FACES)


def to_pdf(sample: SampleText) -> bytes:
    """Lay `sample` out on A4 with the margins of Decree 30/2020."""
    _register_fonts()
    out = BytesIO()
    margins = {"leftMargin": 30 * mm, "rightMargin": 20 * mm, "topMargin": 20 * mm, "bottomMargin": 20 * mm}
    template = SimpleDocTemplate(
        out, pagesize=A4, invariant=1, pageCompression=0, title=sample.number, author="", creator="", **margins
    )

    def stamp(canvas: Canvas, _: object) -> None:
        canvas.setFont(_FACE, 7)
        for line, words in enumerate(sample.stamp):
            canvas.drawString(140 * mm, A4[1] - (8 + 3 * line) * mm, words)

    template.build(_story(sample), onFirstPage=stamp, onLaterPages=_page_number)
    return out.getvalue()


def _page_number(canvas: Canvas, _: object) -> None:
    canvas.setFont(_FACE, 10)
    canvas.drawCentredString(A4[0] / 2, A4[1] - 14 * mm, str(canvas.getPageNumber()))


def _style(alignment: int = TA_CENTER, size: float = 12, **more: float | str) -> ParagraphStyle:
    return ParagraphStyle("", fontName=_FACE, fontSize=size, leading=size * 1.35, alignment=alignment, **more)


def _words(text: str, tags: str = "") -> str:
    text = escape(text)
    for tag in tags:
        text = f"<{tag}>{text}</{tag}>"
    return text


def _centred(text: str, tags: str = "", size: float = 12) -> Paragraph:
    return Paragraph(_words(text, tags), _style(size=size))


class _Rule(Flowable):
    """The short line under issuer, motto and title; HRFlowable does not centre inside a table cell."""

    def __init__(self, part: float) -> None:
        super().__init__()
        self.part = part

    def wrap(self, width: float, _: float) -> tuple[float, float]:
        """Take the whole width and 6 points of height."""
        self.width, self.height = width, 6
        return self.width, self.height

    def draw(self) -> None:
        """Draw the line in the middle of the space taken."""
        self.canv.setLineWidth(0.6)
        self.canv.line(self.width * (1 - self.part) / 2, 3, self.width * (1 + self.part) / 2, 3)


def _letterhead(sample: SampleText, *, numbered: bool) -> Table:
    issuer = [*(_centred(line, size=11) for line in sample.parent), *(_centred(line, "b", 11) for line in sample.issuer)]
    country = [_centred(COUNTRY, "b", 11), _centred(MOTTO, "b", 12), _Rule(0.55)]
    rows: list[list[list[Flowable]]] = [[[*issuer, _Rule(0.34)], country]]
    if numbered:
        left = [_centred(f"Số: {sample.number}")]
        if sample.is_letter:
            left += [_centred(line, size=10) for line in sample.title]
        if sample.mark:
            left += [
                Spacer(0, 4),
                Table([[_centred(sample.mark, "b", 13)]], colWidths=26 * mm, style=[("BOX", (0, 0), (-1, -1), 1, "black")]),
            ]
        rows.append([left, [_centred(sample.dated, "i")]])
    return Table(rows, colWidths=(_WIDTH * 0.4, _WIDTH * 0.6), style=[("VALIGN", (0, 0), (-1, -1), "TOP")])


def _story(sample: SampleText) -> list[Flowable]:
    story: list[Flowable] = [_letterhead(sample, numbered=True), Spacer(0, 8)]
    if sample.type:
        story += [_centred(sample.type, "b", 13), *(_centred(line, "b") for line in sample.title), _Rule(0.2)]
    if sample.authority:
        story += [Spacer(0, 4), *(_centred(line, "b") for line in sample.authority), Spacer(0, 4)]
    if sample.addressees:
        story += [
            Paragraph("Kính gửi: " + "<br/>".join(map(escape, sample.addressees)), _style(TA_LEFT, leftIndent=90, spaceAfter=6))
        ]
    for block in sample.body:
        story += _flow(block, sample)
    return story


def _flow(block: Block, sample: SampleText) -> list[Flowable]:
    match block.kind:
        case Kind.PAGE:
            return [PageBreak()]
        case Kind.LETTERHEAD:
            return [_letterhead(sample, numbered=False), Spacer(0, 6)]
        case Kind.SIGNATURE:
            return [Spacer(0, 8), _signature(sample)]
        case Kind.TABLE:
            return [Spacer(0, 4), _grid(block.rows), Spacer(0, 6)]
        case Kind.NOTE:
            return [_centred(block.text, "i"), Spacer(0, 4)]
        case Kind.CENTRED:
            return [Paragraph(_words(block.text, "b"), _style(spaceBefore=4, spaceAfter=2, keepWithNext=1))]
        case Kind.RIGHT:
            return [Paragraph(_words(block.text, "i"), _style(TA_RIGHT))]
    bold, rest = block.parts
    words = _words(bold, "b" if bold else "") + _words(rest, "i" if block.kind is Kind.RECITAL else "")
    return [Paragraph(words, _style(TA_JUSTIFY, firstLineIndent=28, spaceAfter=4))]


def _grid(rows: tuple[tuple[str, ...], ...]) -> Table:
    longest = [min(max(map(len, column)), 42) + 5 for column in zip(*rows, strict=True)]
    cells = [
        [Paragraph(_words(cell, "" if i else "b"), _style(TA_LEFT if i else TA_CENTER, 9.5)) for cell in row]
        for i, row in enumerate(rows)
    ]
    style = [("GRID", (0, 0), (-1, -1), 0.5, "black"), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
    return Table(cells, colWidths=[_WIDTH * width / sum(longest) for width in longest], repeatRows=1, style=style)


def _signature(sample: SampleText) -> Table:
    left = [
        Paragraph(_words("Nơi nhận:", "ib"), _style(TA_LEFT, 10)),
        *(Paragraph(_words(f"- {line}"), _style(TA_LEFT, 9)) for line in sample.receivers),
    ]
    right = [*(_centred(line, "b") for line in sample.signature), Spacer(0, 44), _centred(sample.signer, "b")]
    return Table([[left, right]], colWidths=(_WIDTH * 0.5, _WIDTH * 0.5), style=[("VALIGN", (0, 0), (-1, -1), "TOP")])
