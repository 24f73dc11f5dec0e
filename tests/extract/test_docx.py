"""DOCX files: their text in reading order, their fonts, and packages that are refused."""

import io
import tracemalloc
import zipfile
from typing import Any

import docx
import pytest
from casefiles import by_name, cases

from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract.docx.document import read_docx
from indexer.model import RawText, Run

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
)


def part(name: str, content: str) -> str:
    """An XML part with this root and content."""
    return f'<?xml version="1.0" encoding="UTF-8"?><w:{name} {NAMESPACES}>{content}</w:{name}>'


def package(body: str, **parts: str) -> bytes:
    """A package with this body and other parts, named as in word/ without .xml."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", part("document", f"<w:body>{body}</w:body>"))
        for name, xml in parts.items():
            archive.writestr(f"word/{name}.xml", xml)
    return buffer.getvalue()


def package_of(**members: str) -> bytes:
    """A package of these members alone, named by their paths."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, xml in members.items():
            archive.writestr(name, xml)
    return buffer.getvalue()


def relations(**targets: str) -> str:
    """Relations to targets by their kind."""
    base = "http://schemas.openxmlformats.org"
    listed = "".join(
        f'<Relationship Id="{kind}" Type="{base}/officeDocument/2006/relationships/{kind}" Target="{target}"/>'
        for kind, target in targets.items()
    )
    return f'<Relationships xmlns="{base}/package/2006/relationships">{listed}</Relationships>'


def paragraph(text: str, properties: str = "", run_properties: str = "") -> str:
    """A paragraph of one run."""
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr>{run_properties}</w:rPr><w:t>{text}</w:t></w:r></w:p>"


def read(data: bytes, **limits: Any) -> RawText:
    """Read a file of these bytes."""
    return read_docx(io.BytesIO(data), Limits(**limits))


def refusal_of(data: bytes, **limits: Any) -> UnreadableFile:
    """Why a file of these bytes is refused."""
    with pytest.raises(UnreadableFile) as refusal:
        read(data, **limits)
    return refusal.value


@pytest.mark.parametrize("case", cases("extract_docx"), ids=by_name)
def test_a_bodys_text(case):
    """Each case's body gives exactly its lines; one without text is refused as empty."""
    if case["expect"]:
        assert read(package(case["input"])).pages[0].text == case["expect"]
    else:
        assert refusal_of(package(case["input"])).code == "empty"


def test_a_document_by_another_program():
    """What python-docx writes is read, in order."""
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "CÔNG BÁO"
    document.add_paragraph("Điều 1.")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Phí", "100"
    document.add_paragraph("Điều 2.")
    buffer = io.BytesIO()
    document.save(buffer)
    assert read(buffer.getvalue()).pages[0].text == "CÔNG BÁO\nĐiều 1.\nPhí\t100\nĐiều 2.\n"


def test_headers_notes_and_footers():
    """Headers come first, then the body, its notes and the footers; one that is only a page number says nothing."""
    data = package(
        paragraph("thân"),
        header1=part("hdr", paragraph("2")),
        header2=part("hdr", paragraph("đầu trang")),
        footnotes=part("footnotes", f"<w:footnote>{paragraph('chú thích')}</w:footnote>"),
        endnotes=part("endnotes", f"<w:endnote>{paragraph('chú cuối')}</w:endnote>"),
        footer1=part("ftr", paragraph("chân trang")),
    )
    assert read(data).pages[0].text == "đầu trang\nthân\nchú thích\nchú cuối\nchân trang\n"


def font(name: str, kind: str = "ascii") -> str:
    """Run properties that name a font."""
    return f'<w:rFonts w:{kind}="{name}"/>'


def test_fonts_come_from_run_styles_and_defaults():
    """The nearest of run, character style, paragraph style, its bases and the document's default names the font."""
    styles = part(
        "styles",
        f"<w:docDefaults><w:rPrDefault><w:rPr>{font('Arial')}</w:rPr></w:rPrDefault></w:docDefaults>"
        f'<w:style w:type="paragraph" w:styleId="A"><w:rPr>{font(".VnTime")}</w:rPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="B"><w:basedOn w:val="A"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="C"><w:basedOn w:val="D"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="D"><w:basedOn w:val="C"/></w:style>'
        f'<w:style w:type="character" w:styleId="E"><w:rPr>{font("VNI-Times", "hAnsi")}</w:rPr></w:style>',
    )
    body = (
        paragraph("a")
        + paragraph("b", '<w:pStyle w:val="B"/>')
        + paragraph("c", '<w:pStyle w:val="C"/>')
        + paragraph("d", '<w:pStyle w:val="B"/>', '<w:rStyle w:val="E"/>')
        + paragraph("e", '<w:pStyle w:val="B"/>', font(".VnTimeH"))
    )
    assert read(package(body, styles=styles)).pages[0].runs == (
        Run("a\n", "Arial"),
        Run("b\n", ".VnTime"),
        Run("c\n", "Arial"),
        Run("d\n", "VNI-Times"),
        Run("e\n", ".VnTimeH"),
    )


def test_text_shown_in_capitals():
    """A run says so itself, else its styles do: a character style turns round its paragraph's; small ones are capitals, too."""
    styles = part(
        "styles",
        '<w:style w:type="paragraph" w:styleId="P"><w:rPr><w:caps/></w:rPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Q"><w:basedOn w:val="P"/></w:style>'
        '<w:style w:type="character" w:styleId="C"><w:rPr><w:caps w:val="1"/></w:rPr></w:style>',
    )
    body = (
        paragraph("a", '<w:pStyle w:val="Q"/>')
        + paragraph("b", '<w:pStyle w:val="Q"/>', '<w:caps w:val="0"/>')
        + paragraph("c", '<w:pStyle w:val="P"/>', '<w:rStyle w:val="C"/>')
        + paragraph("d", "", '<w:rStyle w:val="C"/>')
        + paragraph("e")
        + paragraph("f", "", "<w:smallCaps/>")
    )
    assert [(run.text, run.capitals) for run in read(package(body, styles=styles)).pages[0].runs] == [
        ("a\n", True),
        ("b\nc\n", False),
        ("d\n", True),
        ("e\n", False),
        ("f\n", True),
    ]


def level(place: int, style: str, pattern: str, more: str = "") -> str:
    """One level of a list."""
    return f'<w:lvl w:ilvl="{place}"><w:start w:val="1"/><w:numFmt w:val="{style}"/><w:lvlText w:val="{pattern}"/>{more}</w:lvl>'


def in_list(place: int, number: int = 1) -> str:
    """Paragraph properties that put it into a list."""
    return f'<w:numPr><w:ilvl w:val="{place}"/><w:numId w:val="{number}"/></w:numPr>'


def test_automatic_numbers_are_written_out():
    """`Điều 1.` and `a)` that Word counts by itself are part of the text; lower levels start again, bullets are left out."""
    numbering = part(
        "numbering",
        '<w:abstractNum w:abstractNumId="7">'
        + level(0, "decimal", "Điều %1.", f"<w:rPr>{font('.VnTime')}</w:rPr>")
        + level(1, "lowerLetter", "%2)")
        + level(2, "upperRoman", "%1.%3")
        + level(3, "bullet", "\uf0b7")
        + "</w:abstractNum>"
        '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>'
        '<w:num w:numId="2"><w:abstractNumId w:val="7"/>'
        '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="9"/></w:lvlOverride></w:num>',
    )
    styles = part("styles", f'<w:style w:type="paragraph" w:styleId="Dieu"><w:pPr>{in_list(0)}</w:pPr></w:style>')
    body = "".join(
        paragraph(text, properties)
        for text, properties in (
            ("Phạm vi", in_list(0)),
            ("một", in_list(1)),
            ("hai", in_list(1)),
            ("Đối tượng", '<w:pStyle w:val="Dieu"/>'),
            ("ba", in_list(1)),
            ("bốn", in_list(2)),
            ("năm", in_list(3)),
            ("sáu", in_list(0, 0) + '<w:pStyle w:val="Dieu"/>'),
            ("bảy", in_list(0, 2)),
            ("tám", in_list(0, 5)),
        )
    )
    page = read(package(body, numbering=numbering, styles=styles)).pages[0]
    assert page.text == ("Điều 1. Phạm vi\na) một\nb) hai\nĐiều 2. Đối tượng\na) ba\n2.I bốn\nnăm\nsáu\nĐiều 9. bảy\ntám\n")
    assert page.runs[0] == Run("Điều 1. ", ".VnTime")


def test_a_list_may_replace_levels_of_its_definition():
    """What it says of a level wins, and so does where it starts; a level without numbers has only its text."""
    numbering = part(
        "numbering",
        f'<w:abstractNum w:abstractNumId="7">{level(0, "decimal", "Điều %1.")}{level(1, "none", "Phụ lục%2")}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="7"/>'
        f'<w:lvlOverride w:ilvl="0"><w:startOverride w:val="4"/>{level(0, "upperRoman", "Chương %1")}</w:lvlOverride></w:num>',
    )
    body = paragraph("a", in_list(0)) + paragraph("b", in_list(0)) + paragraph("c", in_list(1))
    assert read(package(body, numbering=numbering)).pages[0].text == "Chương IV a\nChương V b\nPhụ lục c\n"


def test_articles_count_on_across_chapters():
    """A level may go on when a higher one does, and write the numbers of all as decimals."""
    levels = (
        level(0, "upperRoman", "Chương %1")
        + level(1, "decimal", "Điều %2.", '<w:lvlRestart w:val="0"/>')
        + level(2, "decimal", "%1.%2.%3.", "<w:isLgl/>")
    )
    numbering = part(
        "numbering",
        f'<w:abstractNum w:abstractNumId="7">{levels}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>',
    )
    body = "".join(paragraph(str(number), in_list(place)) for number, place in enumerate([0, 1, 2, 1, 0, 1, 2]))
    text = read(package(body, numbering=numbering)).pages[0].text
    assert text == "Chương I 0\nĐiều 1. 1\n1.1.1. 2\nĐiều 2. 3\nChương II 4\nĐiều 3. 5\n2.3.1. 6\n"


def bomb(megabytes: int) -> bytes:
    """A small package whose document is so many megabytes of one letter."""
    return package(f"<w:p><w:r><w:t>{'a' * (megabytes << 20)}</w:t></w:r></w:p>")


def test_unpacking_stops_at_the_limit():
    """A package that unpacks to more than the limit is refused without being unpacked."""
    data = bomb(40)
    assert len(data) < 100_000
    tracemalloc.start()
    refusal = refusal_of(data, unpacked_mb=20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (refusal.code, "20 MB" in refusal.reason) == ("too_large", True)
    assert peak < 5 << 20


def test_a_package_cannot_lie_about_its_size():
    """A declared size of nothing does not open the way for more."""
    data = bytearray(bomb(4))
    entry = data.rindex(b"PK\x01\x02", 0, data.rindex(b"word/document.xml"))
    data[entry + 24 : entry + 28] = (100).to_bytes(4, "little")
    assert refusal_of(bytes(data), unpacked_mb=1).code in {"damaged", "too_large"}


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ('<!DOCTYPE x [<!ENTITY a "b">]>' + part("document", f"<w:body>{paragraph('&a;')}</w:body>").split("?>", 1)[1], "DTD"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd">' + part("document", paragraph("a")).split("?>", 1)[1], "DTD"),
        (part("document", "<w:p>").removesuffix("</w:document>"), "XML"),
        (part("document", "<w:p>" * 300 + "</w:p>" * 300), "XML"),
    ],
    ids=["entities", "external DTD", "cut short", "too deep"],
)
def test_hostile_xml_is_refused(document, says):
    """A document type, which no word processor writes, broken XML and absurd depth are damage."""
    buffer = io.BytesIO(package(""))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("word/header1.xml", document)
    refusal = refusal_of(buffer.getvalue())
    assert (refusal.code, says in refusal.reason) == ("damaged", True), refusal.reason


def test_other_refusals():
    """Too many members, a locked member, a missing document and the Strict variant each have their code."""
    crowd = io.BytesIO(package(paragraph("a")))
    with zipfile.ZipFile(crowd, "a") as archive:
        for number in range(10_001):
            archive.writestr(f"x{number}", "")
    assert refusal_of(crowd.getvalue()).code == "too_large"
    locked = bytearray(package(paragraph("a")))
    locked[locked.rindex(b"PK\x01\x02", 0, locked.rindex(b"word/document.xml")) + 8] |= 1
    assert refusal_of(bytes(locked)).code == "encrypted"
    without = io.BytesIO()
    with zipfile.ZipFile(without, "w") as archive:
        archive.writestr("word/other.xml", "")
    assert refusal_of(without.getvalue()).code == "damaged"
    assert refusal_of(package(paragraph("a"))[:-40]).code == "damaged"
    strict = io.BytesIO()
    with zipfile.ZipFile(strict, "w") as archive:
        archive.writestr("word/document.xml", '<w:document xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"/>')
    assert refusal_of(strict.getvalue()).code == "unsupported"


@pytest.mark.parametrize("case", cases("extract_docx_aside"), ids=by_name)
def test_what_is_shown_beside_the_text(case):
    """Each case's drawing gives its items beside the text, in a header without letters as in the body."""
    drawing = f"<w:p><w:r>{case['input']}</w:r></w:p>"
    for data in (package(paragraph("thân") + drawing), package(paragraph("thân"), header1=part("hdr", paragraph("1") + drawing))):
        raw = read(data)
        assert raw.pages[0].text == "thân\n"
        assert [[run.text, run.font] for run in raw.aside] == case["expect"]


@pytest.mark.parametrize("target", ["word/document2.xml", "/word/document2.xml", "word/../word/./document2.xml"])
def test_the_main_part_is_where_the_package_says(target):
    """What the package's relations name is read, not what has the usual name; so are the parts that it refers to in turn."""
    members = {
        "_rels/.rels": relations(thumbnail="word/document.xml", officeDocument=target),
        "word/document.xml": part("document", paragraph("mồi nhử")),
        "word/document2.xml": part("document", paragraph("thân", '<w:pStyle w:val="A"/>')),
        "word/_rels/document2.xml.rels": relations(
            header="../tren.xml", styles="kieu.xml", footer="http://a.vn/x", image="chan.xml"
        ),
        "word/kieu.xml": part("styles", f'<w:style w:type="paragraph" w:styleId="A"><w:rPr>{font("Arial")}</w:rPr></w:style>'),
        "word/styles.xml": part("styles", "").removesuffix("</w:styles>"),  # broken, and not referred to
        "word/chan.xml": part("ftr", paragraph("không phải chân trang")),
        "tren.xml": part("hdr", paragraph("đầu trang")),
    }
    assert read(package_of(**members)).pages[0].runs == (Run("đầu trang\n", ""), Run("thân\n", "Arial"))


def test_a_relation_to_nothing_leaves_the_usual_name():
    """Where the named part is absent, the usual one is read; where that is absent too, the file is damaged."""
    lost = relations(officeDocument="word/khac.xml")
    members = {"_rels/.rels": lost, "word/document.xml": part("document", paragraph("thân"))}
    assert read(package_of(**members)).pages[0].text == "thân\n"
    assert refusal_of(package_of(**{"_rels/.rels": lost})).code == "damaged"


def test_refusals_quote_no_name_of_a_part():
    """A part may be named after what it holds, so that a refusal leaves its name out."""
    name = "word/header-ke-hoach.xml"
    for broken in (part("hdr", "<w:p>").removesuffix("</w:hdr>"), "<!DOCTYPE x>" + part("hdr", "").split("?>", 1)[1]):
        members = {"word/document.xml": part("document", paragraph("thân")), name: broken}
        refusal = refusal_of(package_of(**members))
        assert (refusal.code, "ke-hoach" in refusal.reason) == ("damaged", False)
    workbook = {"_rels/.rels": relations(officeDocument="xl/so.xml"), "xl/so.xml": "<workbook/>"}
    assert "phần chính không phải" in refusal_of(package_of(**workbook)).reason
