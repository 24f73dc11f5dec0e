"""OpenDocument files: their text in reading order, their fonts and numbers, and packages that are refused."""

import io
import zipfile

import pytest
from casefiles import by_name, cases
from growth import assert_grows_linearly
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract.odt.document import read_odt
from indexer.model import RawText, Run

_URN = "urn:oasis:names:tc:opendocument:xmlns"
NAMESPACES = " ".join(
    [
        *(f'xmlns:{name}="{_URN}:{name}:1.0"' for name in ("office", "text", "table", "style")),
        f'xmlns:draw="{_URN}:drawing:1.0" xmlns:fo="{_URN}:xsl-fo-compatible:1.0" xmlns:svg="{_URN}:svg-compatible:1.0"',
        'xmlns:dc="http://purl.org/dc/elements/1.1/"',
        'xmlns:loext="urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0"',
    ]
)


def package(body: str, automatic: str = "", common: str = "", kind: str = "text", manifest: str = "<manifest/>") -> bytes:
    """A document with this body, its own styles and those of styles.xml."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("META-INF/manifest.xml", manifest)
        styles = f"<office:automatic-styles>{automatic}</office:automatic-styles>"
        content = f"{styles}<office:body><office:{kind}>{body}</office:{kind}></office:body>"
        archive.writestr("content.xml", f"<office:document-content {NAMESPACES}>{content}</office:document-content>")
        archive.writestr("styles.xml", f"<office:document-styles {NAMESPACES}>{common}</office:document-styles>")
    return buffer.getvalue()


def read(data: bytes, **limits: int) -> RawText:
    """Read a file of these bytes."""
    return read_odt(io.BytesIO(data), Limits(**limits))


def read_or_refuse(data: bytes) -> RawText | UnreadableFile:
    """Read bytes that may be anything."""
    try:
        return read(data)
    except UnreadableFile as refusal:
        return refusal


def refusal_of(data: bytes, **limits: int) -> UnreadableFile:
    """Why a file of these bytes is refused."""
    with pytest.raises(UnreadableFile) as refusal:
        read(data, **limits)
    return refusal.value


@pytest.mark.parametrize("case", cases("extract_odt"), ids=by_name)
def test_a_bodys_text(case):
    """Each case's body gives exactly its lines, its runs and what stands aside where it names them."""
    data = package(case["input"], case.get("automatic", ""), case.get("common", ""))
    if not case["expect"]:
        assert refusal_of(data).code == "empty"
        return
    outcome = read(data)
    assert outcome.format == "odt"
    assert outcome.pages[0].text == case["expect"]
    assert "".join(run.text for run in outcome.aside) == case.get("aside", "")
    if "runs" in case:
        assert outcome.pages[0].runs == tuple(Run(*run) for run in case["runs"])


def test_headers_and_footers():
    """Those of styles.xml stand around the body, in fonts of their own styles; one that is only a page number says nothing."""
    page = (
        "<style:header><text:p text:style-name='P1'>CÔNG BÁO</text:p></style:header>"
        "<style:header-left><text:p><text:page-number>2</text:page-number></text:p></style:header-left>"
        "<style:footer><text:p>chân</text:p></style:footer>"
    )

    def styled(font: str) -> str:
        properties = f"<style:text-properties style:font-name='{font}'/>"
        return f"<style:style style:name='P1' style:family='paragraph'>{properties}</style:style>"

    common = (
        f"<office:automatic-styles>{styled('.VnTimeH')}</office:automatic-styles>"
        f"<office:master-styles><style:master-page>{page}</style:master-page></office:master-styles>"
    )
    outcome = read(package("<text:p text:style-name='P1'>thân</text:p>", styled("Arial"), common))
    assert outcome.pages[0].runs == (Run("CÔNG BÁO\n", ".VnTimeH"), Run("thân\n", "Arial"), Run("chân\n", ""))


def test_a_spreadsheet():
    """Its sheets' rows are lines with the name of the sheet before them; a hidden sheet stands aside."""
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    row = f"<table:table-row>{cell}{cell.format(2)}</table:table-row>"
    hidden = "<style:style style:name='H' style:family='table'><style:table-properties table:display='false'/></style:style>"
    body = (
        f"<table:table table:name='Biểu 1'>{row.format('a')}{row.format('b')}</table:table>"
        f"<table:table table:name='Ẩn' table:style-name='H'>{row.format('MẬT')}</table:table>"
    )
    outcome = read(package(body, hidden, kind="spreadsheet"))
    assert (outcome.format, outcome.pages[0].text) == ("ods", "Biểu 1\na\t2\nb\t2\n")
    assert "MẬT" in "".join(run.text for run in outcome.aside)


def test_refusals():
    """A password, slides, a file cut short and one that unpacks to too much each have their code."""
    locked = "<m:manifest xmlns:m='x'><m:encryption-data/></m:manifest>"
    assert refusal_of(package("<text:p>a</text:p>", manifest=locked)).code == "encrypted"
    assert refusal_of(package("", kind="presentation")).code == "unsupported"
    assert refusal_of(package("<text:p>a</text:p>")[:-40]).code == "damaged"
    assert refusal_of(package("<text:p>")).code == "damaged"
    assert refusal_of(package(f"<text:p>{'a' * (3 << 20)}</text:p>"), unpacked_mb=2).code == "too_large"
    assert refusal_of(package("<text:section>" * 300 + "</text:section>" * 300)).code == "damaged"


_ELEMENTS = [
    *("text:p", "text:h", "text:span", "text:list", "text:list-item", "text:note", "text:note-body", "text:s", "text:a"),
    *("table:table", "table:table-row", "table:table-cell", "draw:frame", "draw:text-box", "office:annotation", "svg:desc"),
    *("text:section", "text:tracked-changes", "text:line-break"),
]
_TREES = st.recursive(
    st.sampled_from(["a", "Điều", " "]),
    lambda inner: st.builds(
        lambda name, children: f"<{name} text:style-name='L'>{''.join(children)}</{name}>",
        st.sampled_from(_ELEMENTS),
        st.lists(inner, max_size=4),
    ),
    max_leaves=25,
)
_LIST = "<text:list-style style:name='L'><text:list-level-style-number text:level='1' style:num-format='1'/></text:list-style>"


@settings(max_examples=200, deadline=None)
@given(tree=_TREES)
def test_any_nesting_is_read_or_refused(tree):
    """Elements in any order bring about no other error."""
    outcome = read_or_refuse(package(tree, _LIST))
    assert outcome.pages[0].text.strip() if isinstance(outcome, RawText) else outcome.code == "empty"


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_altered_packages_are_read_or_refused(data):
    """Nor do bytes that are changed or cut off."""
    whole = package("<text:p>Quyết định</text:p>")
    changed = bytearray(whole[: data.draw(st.integers(4, len(whole)))])
    for _ in range(data.draw(st.integers(0, 6))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    assert isinstance(read_or_refuse(bytes(changed)), RawText | UnreadableFile)


_HOSTILE = {
    "paragraphs": "<text:p>a</text:p>",
    "list items": "<text:list text:style-name='L'><text:list-item><text:p>a</text:p></text:list-item></text:list>",
    "notes": "<text:p><text:note><text:note-body><text:p>a</text:p></text:note-body></text:note></text:p>",
    "text boxes": "<text:p><draw:frame><draw:text-box><text:p>a</text:p></draw:text-box></draw:frame></text:p>",
    "rows": "<table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell/></table:table-row>",
}


@pytest.mark.parametrize("what", _HOSTILE)
def test_time_grows_with_length(what):
    """No construction costs more than its length."""
    piece = _HOSTILE[what]
    assert_grows_linearly(read, lambda size: package(piece * (size // len(piece)), _LIST), 400_000)
