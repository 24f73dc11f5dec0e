"""A sample as DOCX, as a clerk's Word writes one: the letterhead in a borderless table, the annex tables with a grid."""

import zipfile
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from .content import COUNTRY, MOTTO, Block, Kind, SampleText
from .legacy import tcvn3

_EPOCH = (2025, 1, 1, 0, 0, 0)
_CENTRE, _LEFT, _RIGHT, _BOTH = (
    WD_ALIGN_PARAGRAPH.CENTER,
    WD_ALIGN_PARAGRAPH.LEFT,
    WD_ALIGN_PARAGRAPH.RIGHT,
    WD_ALIGN_PARAGRAPH.JUSTIFY,
)
_UNUSED_PARTS = ("/stylesWithEffects", "/customXml", "/thumbnail", "/numbering", "/webSettings")
_USED_STYLES = ("Normal", "DefaultParagraphFont", "TableNormal", "TableGrid", "NoList")


def to_docx(sample: SampleText) -> bytes:
    """Lay `sample` out as a Word document; `encoding = "tcvn3"` sets it in .VnTime and .VnTimeH."""
    return _Page(sample).made()


def _plain_document() -> DocumentType:
    """Return python-docx's template without the 800 kB of styles and parts that no sample uses."""
    document = Document()
    for relations in (document.part.rels, document.part.package.rels):
        for key in [key for key, relation in relations.items() if relation.reltype.endswith(_UNUSED_PARTS)]:
            del relations[key]
    styles = document.styles.element
    for element in list(styles):
        if element.tag == qn("w:latentStyles") or element.get(qn("w:styleId"), "Normal") not in _USED_STYLES:
            styles.remove(element)
    return document


class _Page:
    """The document as it grows."""

    def __init__(self, sample: SampleText) -> None:
        self.sample = sample
        self.document = _plain_document()
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin, section.right_margin = Mm(30), Mm(20)
        section.top_margin = section.bottom_margin = Mm(20)
        self.document.styles["Normal"].paragraph_format.space_after = Pt(0)

    def made(self) -> bytes:
        """Write every part and return the file."""
        sample = self.sample
        self.letterhead(numbered=True)
        for line in (sample.type, *sample.title) if sample.type else ():
            self.line(self.document.add_paragraph(), line, _CENTRE, bold=True, size=14)
        self.document.add_paragraph()
        for line in sample.authority:
            self.line(self.document.add_paragraph(), line, _CENTRE, bold=True, size=14)
        for index, line in enumerate(sample.addressees):
            self.line(self.document.add_paragraph(), line if index else f"Kính gửi: {line}", _CENTRE)
        for block in sample.body:
            self.block(block)
        properties = self.document.core_properties
        properties.author = properties.last_modified_by = properties.comments = ""
        properties.created = properties.modified = datetime(*_EPOCH)  # noqa: DTZ001  the format's own times have no zone
        out = BytesIO()
        self.document.save(out)
        return _same_bytes_each_time(out.getvalue())

    def run(self, paragraph: Paragraph, text: str, size: float = 13, *, bold: bool = False, italic: bool = False) -> None:
        """Add `text` in the sample's font; TCVN3 capitals are small letters in a font that shows them as capitals."""
        run = paragraph.add_run()
        run.bold, run.italic, run.font.size = bold or None, italic or None, Pt(size)
        if self.sample.encoding == "tcvn3":
            capitals = text.isupper()
            _set_font(run, ".VnTimeH" if capitals else ".VnTime")
            _add_as_word_does(run, tcvn3(text.lower() if capitals else text))
        else:
            _set_font(run, "Times New Roman")
            run.text = text

    def line(
        self,
        paragraph: Paragraph,
        text: str,
        alignment: WD_ALIGN_PARAGRAPH,
        size: float = 13,
        *,
        bold: bool = False,
        italic: bool = False,
    ) -> None:
        """Fill one aligned paragraph."""
        paragraph.alignment = alignment
        self.run(paragraph, text, size, bold=bold, italic=italic)

    def column(self, cell: _Cell, lines: Sequence[tuple[str, float, str]]) -> None:
        """Fill a cell with centred lines of (text, size, style: b, i, bi or "")."""
        for index, (text, size, style) in enumerate(lines):
            paragraph = cell.add_paragraph() if index else cell.paragraphs[0]
            self.line(paragraph, text, _CENTRE, size, bold="b" in style, italic="i" in style)

    def letterhead(self, *, numbered: bool) -> None:
        """Set issuer and country side by side and, if `numbered`, number and date under them."""
        sample = self.sample
        table = self.table(2 if numbered else 1, (Mm(66), Mm(94)))
        self.column(table.cell(0, 0), [(line, 12, "") for line in sample.parent] + [(line, 12, "b") for line in sample.issuer])
        self.column(table.cell(0, 1), [(COUNTRY, 12, "b"), (MOTTO, 13, "b")])
        _rule(table.cell(0, 0), 20)
        _rule(table.cell(0, 1), 22)
        if not numbered:
            return
        self.column(table.cell(1, 0), [(f"Số: {sample.number}", 13, "")])
        for line in sample.title if sample.is_letter else ():
            self.line(table.cell(1, 0).add_paragraph(), line, _CENTRE, 12)
        if sample.mark:
            box = table.cell(1, 0).add_paragraph()
            self.line(box, sample.mark, _CENTRE, 14, bold=True)
            _border(box, "top", "left", "bottom", "right")
            box.paragraph_format.left_indent = box.paragraph_format.right_indent = Mm(20)
        self.column(table.cell(1, 1), [(sample.dated, 13, "i")])

    def table(self, rows: int, widths: tuple[Mm, ...], style: str | None = None) -> Table:
        """Add a centred table with fixed column widths."""
        table = self.document.add_table(rows, len(widths), style)
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width  # LibreOffice goes by the columns, Word by the cells
            for cell in column.cells:
                cell.width = width
        return table

    def block(self, block: Block) -> None:
        """Add one block of the body."""
        match block.kind:
            case Kind.PAGE:
                self.document.add_page_break()
            case Kind.LETTERHEAD:
                self.letterhead(numbered=False)
            case Kind.SIGNATURE:
                self.signature()
            case Kind.TABLE:
                self.grid(block.rows)
            case Kind.NOTE | Kind.CENTRED:
                self.line(
                    self.document.add_paragraph(),
                    block.text,
                    _CENTRE,
                    bold=block.kind is Kind.CENTRED,
                    italic=block.kind is Kind.NOTE,
                )
            case Kind.RIGHT:
                self.line(self.document.add_paragraph(), block.text, _RIGHT, italic=True)
            case _:
                self.paragraph(block)

    def paragraph(self, block: Block) -> None:
        """Add a justified paragraph with its bold label apart."""
        paragraph = self.document.add_paragraph()
        paragraph.alignment = _BOTH
        paragraph.paragraph_format.first_line_indent, paragraph.paragraph_format.space_after = Mm(10), Pt(6)
        bold, rest = block.parts
        for text, is_bold in ((bold, True), (rest, False)):
            if text:
                self.run(paragraph, text, bold=is_bold, italic=block.kind is Kind.RECITAL)

    def grid(self, rows: tuple[tuple[str, ...], ...]) -> None:
        """Add a table with borders; its first row is the head."""
        longest = [min(max(map(len, column)), 42) + 5 for column in zip(*rows, strict=True)]
        table = self.table(len(rows), tuple(Mm(160 * width // sum(longest)) for width in longest), "Table Grid")
        for index, row in enumerate(rows):
            for cell, text in zip(table.rows[index].cells, row, strict=True):
                self.line(cell.paragraphs[0], text, _LEFT if index else _CENTRE, 11, bold=not index)
        self.document.add_paragraph()

    def signature(self) -> None:
        """Add Nơi nhận on the left and the signer on the right."""
        sample = self.sample
        self.document.add_paragraph()
        table = self.table(1, (Mm(80), Mm(80)))
        left, right = table.cell(0, 0), table.cell(0, 1)
        self.line(left.paragraphs[0], "Nơi nhận:", _LEFT, 12, bold=True, italic=True)
        for receiver in sample.receivers:
            self.line(left.add_paragraph(), f"- {receiver}", _LEFT, 11)
        self.column(right, [(line, 13, "b") for line in sample.signature])
        for _ in range(4):
            right.add_paragraph()
        self.line(right.add_paragraph(), sample.signer, _CENTRE, bold=True)


def _set_font(run: Run, name: str) -> None:
    run.font.name = name
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:cs"), name)


def _add_as_word_does(run: Run, coded: str) -> None:
    """Word keeps byte 0xAD, TCVN3's ư, as a soft-hyphen element."""
    for index, piece in enumerate(coded.split("\u00ad")):
        if index:
            run._element.append(OxmlElement("w:softHyphen"))
        if piece:
            run._element.add_t(piece)


def _border(paragraph: Paragraph, *sides: str) -> None:
    borders = OxmlElement("w:pBdr")
    for side in sides:
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "auto")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    paragraph._element.get_or_add_pPr().insert_element_before(borders, "w:spacing", "w:ind", "w:jc")  # the schema's order


def _rule(cell: _Cell, indent: int) -> None:
    """Draw the short line under issuer or motto: the top border of a low paragraph, `indent` mm from both sides."""
    paragraph = cell.add_paragraph()
    _border(paragraph, "top")
    shape = paragraph.paragraph_format
    shape.left_indent = shape.right_indent = Mm(indent)
    shape.line_spacing = Pt(6)


def _same_bytes_each_time(file: bytes) -> bytes:
    """Pack the parts again in order, undated and stored: python-docx stamps the time, and zlib builds compress differently."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(file)) as made, zipfile.ZipFile(out, "w") as packed:
        for name in sorted(made.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            member = zipfile.ZipInfo(name, _EPOCH)
            member.create_system = 0  # else it names the operating system
            packed.writestr(member, made.read(name))
    return out.getvalue()
