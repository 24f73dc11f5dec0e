"""XLSX files: sheets in order, rows and cells, fonts, numbers and days, what stands aside, and packages that are refused."""

import functools
import io
import zipfile

import pytest
from growth import assert_grows_linearly
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract import extract
from indexer.extract.isolation.sandbox import read_isolated
from indexer.extract.sheets.xlsx import read_xlsx
from indexer.model import RawText, Run

_BASE = "http://schemas.openxmlformats.org"
_KINDS = f"{_BASE}/officeDocument/2006/relationships"
MAIN = f'xmlns="{_BASE}/spreadsheetml/2006/main" xmlns:r="{_KINDS}"'
STYLES = (
    f'<styleSheet {MAIN}><numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts><font><name val="Arial"/></font><font><name val=".VnTime"/></font><font/></fonts><cellXfs>'
    '<xf fontId="0" numFmtId="0"/><xf fontId="1" numFmtId="0"/><xf fontId="0" numFmtId="14"/><xf fontId="9" numFmtId="164"/>'
    "</cellXfs></styleSheet>"
)


def package(*sheets: str, strings: str = "", properties: str = "", **members: str) -> bytes:
    """A workbook of these sheets' contents; members are named by their paths under xl/."""
    listed = "".join(f'<sheet name="S{at}" sheetId="{at}" r:id="r{at}" {_state(xml)}/>' for at, xml in enumerate(sheets))
    related = "".join(_relation(f"r{at}", "worksheet", f"worksheets/s{at}.xml") for at in range(len(sheets)))
    parts = {
        "workbook.xml": f"<workbook {MAIN}><workbookPr {properties}/><sheets>{listed}</sheets></workbook>",
        "_rels/workbook.xml.rels": _relations(related),
        "styles.xml": STYLES,
        "sharedStrings.xml": f"<sst {MAIN}>{strings}</sst>",
        **{f"worksheets/s{at}.xml": f"<worksheet {MAIN}>{xml}</worksheet>" for at, xml in enumerate(sheets)},
        **members,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, xml in parts.items():
            archive.writestr(f"xl/{name}", xml)
    return buffer.getvalue()


def _state(xml: str) -> str:
    return 'state="hidden"' if "<!--hidden-->" in xml else ""


def _relation(name: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{name}" Type="{_KINDS}/{kind}" Target="{target}"/>'


def _relations(listed: str) -> str:
    return f'<Relationships xmlns="{_BASE}/package/2006/relationships">{listed}</Relationships>'


def rows(*contents: str) -> str:
    """A sheet's rows of these cells."""
    return f"<sheetData>{''.join(f'<row>{cells}</row>' for cells in contents)}</sheetData>"


def read(data: bytes, **limits: int) -> RawText:
    """Read a file of these bytes."""
    return read_xlsx(io.BytesIO(data), Limits(**limits))


def read_or_refuse(data: bytes, **limits: int) -> RawText | UnreadableFile:
    """Read bytes that may be anything."""
    try:
        return read(data, **limits)
    except UnreadableFile as refusal:
        return refusal


def text_of(*contents: str, **parts: str) -> str:
    """What a workbook of one sheet with these rows shows below the sheet's name."""
    return read(package(rows(*contents), **parts)).pages[0].text.removeprefix("S0\n")


def test_rows_are_lines_and_cells_are_parted_by_tabs():
    """Cells stand where they say, or after the one before; empty ones leave no trace."""
    first = '<c r="C1" t="s"><v>0</v></c><c t="inlineStr"><is><t>hai</t></is></c><c r="A1"><v>1</v></c>'
    text = text_of(first, "", '<c s="1"/><c t="str"><v>ba</v></c>', strings="<si><t>một</t></si>")
    assert text == "1\tmột\thai\nba\n"


def test_sheets_stand_in_order_and_hidden_ones_aside():
    """A sheet's name is a line before its rows; a sheet without text says nothing; a hidden one is for the secrecy gate."""
    value = '<c t="str"><v>{}</v></c>'
    data = package(rows(value.format("a")), rows(""), "<!--hidden-->" + rows(value.format("MẬT")), rows(value.format("b")))
    assert read(data).pages[0].text == "S0\na\nS3\nb\n"
    assert "".join(run.text for run in read(data).aside) == "S2\nMẬT\n"


def test_each_run_has_its_font():
    """The font is the cell's, and within it that of each run that names one; pronunciations are left out."""
    rich = '<si><r><t>QuyÕt </t></r><r><rPr><rFont val="VNI-Times"/></rPr><t>ñònh</t></r><rPh><t>x</t></rPh></si>'
    data = package(rows('<c t="s" s="1"><v>0</v></c><c t="str" s="3"><v>y</v></c>'), strings=rich)
    assert read(data).pages[0].runs == (Run("S0\n"), Run("QuyÕt ", ".VnTime"), Run("ñònh\t", "VNI-Times"), Run("y\n", ""))


def test_values():
    """Numbers are written plainly, days as their formats say, and what is neither as it stands."""
    cells = "<c><v>12.0</v></c><c s='2'><v>38982</v></c><c s='3'><v>38982</v></c><c t='b'><v>1</v></c><c t='e'><v>#N/A</v></c>"
    assert text_of(cells + "<c><v>x</v></c><c t='d'><v>2006-09-22</v></c>") == (
        "12\t22/09/2006\t2006-09-22\tTRUE\t#N/A\tx\t2006-09-22\n"
    )
    assert text_of("<c s='2'><v>37520</v></c>", properties='date1904="1"') == "22/09/2006\n"


def test_characters_that_xml_cannot_hold():
    """They are written by their numbers; half a pair is none."""
    assert text_of('<c t="str"><v>a_x000D__x000A_b_xD800_c_x00</v></c>') == "a bc_x00\n"


def test_what_stands_in_no_cell():
    """Boxes follow the cells; comments, descriptions of pictures and what is printed on every page stand aside."""
    printed = '&amp;LUBND&amp;C&amp;"Arial"&amp;12MẬT &amp;P'
    drawing = f'xmlns:a="{_BASE}/drawingml/2006/main" xmlns:x="{_BASE}/drawingml/2006/spreadsheetDrawing"'
    data = package(
        f"{rows('<c><v>1</v></c>')}<headerFooter><oddHeader>{printed}</oddHeader></headerFooter>",
        **{
            "worksheets/_rels/s0.xml.rels": _relations(
                _relation("a", "comments", "../comments1.xml") + _relation("b", "drawing", "../drawings/d.xml")
            ),
            "comments1.xml": f"<comments {MAIN}><comment><text><r><t>nhận </t></r><r><t>xét</t></r></text></comment></comments>",
            "drawings/d.xml": f"<x:wsDr {drawing}><x:cNvPr descr='con dấu'/><a:p><a:r><a:t>hộp</a:t></a:r></a:p></x:wsDr>",
        },
    )
    outcome = read(data)
    assert outcome.pages[0].text == "S0\n1\nhộp\n"
    assert "".join(run.text for run in outcome.aside) == "UBND\nMẬT\nnhận xét\ncon dấu\n"


def test_refusals():
    """The Strict variant, a missing sheet or string, broken XML, a bomb and an empty workbook each have their code."""
    strict = package(**{"workbook.xml": '<workbook xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"/>'})
    assert read_or_refuse(strict).code == "unsupported"
    assert read_or_refuse(package("", **{"_rels/workbook.xml.rels": _relations("")})).code == "damaged"
    assert read_or_refuse(package(rows("<c t='s'><v>7</v></c>"))).code == "damaged"
    assert read_or_refuse(package(rows("<c>"))).code == "damaged"
    assert read_or_refuse(package(rows("<c><v>1</v></c>"))[:-30]).code == "damaged"
    assert read_or_refuse(package(rows(""))).code == "empty"
    dtd = {"worksheets/s0.xml": f'<!DOCTYPE w [<!ENTITY a "b">]><worksheet {MAIN}>{rows("<c><v>&a;</v></c>")}</worksheet>'}
    assert read_or_refuse(package("", **dtd)).code == "damaged"


def test_empty_rows_cost_no_memory(tmp_path):
    """Hundreds of thousands of formatted rows without cells, half a gigabyte as a tree, are read past in little memory."""
    row = '<row r="1" spans="1:20" ht="15.75" customHeight="1" s="12" customFormat="1" thickBot="1"/>'
    path = tmp_path / "a.xlsx"
    path.write_bytes(package(f"<sheetData>{row * 300_000}<row><c><v>1</v></c></row></sheetData>"))
    limits = Limits(memory_mb=128)
    ((_, outcome),) = read_isolated(functools.partial(extract, limits=limits), [path], limits, 1)
    assert isinstance(outcome, RawText), outcome
    assert outcome.pages[0].text == "S0\n1\n"


def test_what_unpacks_to_too_much():
    """So is a file whose sheets or strings unpack, or are shown, beyond the limit."""
    assert read_or_refuse(package(rows("<c/>" * 1_000_000)), unpacked_mb=2).code == "too_large"
    shared = package(rows("<c t='s'><v>0</v></c>" * 30), strings=f"<si><t>{'a' * 100_000}</t></si>")
    assert read_or_refuse(shared, unpacked_mb=2).code == "too_large"


_CELLS = st.builds(
    '<c r="{}" t="{}" s="{}"><v>{}</v></c>'.format,
    st.sampled_from(["", "A1", "ZZZ9999999", "B0", "1A"]),
    st.sampled_from(["s", "n", "b", "e", "str", "inlineStr", "d", "x"]),
    st.sampled_from(["", "0", "3", "99", "-1"]),
    st.sampled_from(["", "0", "1e999", "nan", "-5", "38982.7", "Điều", "_x0000_"]),
)


@settings(max_examples=200, deadline=None)
@given(lines=st.lists(st.lists(_CELLS, max_size=5), max_size=4))
def test_any_cells_are_read_or_refused(lines):
    """Cells that contradict themselves bring about no other error."""
    outcome = read_or_refuse(package(rows(*map("".join, lines)), strings="<si><t>a</t></si>"))
    assert isinstance(outcome, RawText | UnreadableFile)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_altered_packages_are_read_or_refused(data):
    """Nor do bytes that are changed or cut off."""
    whole = package(rows("<c t='s'><v>0</v></c>"), strings="<si><t>a</t></si>")
    changed = bytearray(whole[: data.draw(st.integers(4, len(whole)))])
    for _ in range(data.draw(st.integers(0, 6))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    assert isinstance(read_or_refuse(bytes(changed)), RawText | UnreadableFile)


@pytest.mark.parametrize("piece", ["<row><c><v>1</v></c></row>", "<row/>", "<row><c t='s'><v>0</v></c><c/></row>", "<x/>"])
def test_time_grows_with_length(piece):
    """No construction costs more than its length."""

    def made(size: int) -> bytes:
        return package(f"<sheetData>{piece * (size // len(piece))}</sheetData>", strings="<si><t>a</t></si>")

    assert_grows_linearly(read_or_refuse, made, 400_000)
