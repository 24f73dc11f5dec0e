"""HTML pages: their document, its lines and its fonts."""

import io

import pytest
from casefiles import by_name, cases

from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract.html import read_html
from indexer.model import RawText, Run


def read(data: bytes | str) -> RawText:
    """Read markup as a file of it would be."""
    return read_html(io.BytesIO(data.encode() if isinstance(data, str) else data), Limits())


@pytest.mark.parametrize("case", cases("extract_html"), ids=by_name)
def test_a_pages_text(case):
    """Each case's page gives exactly its lines."""
    assert read(case["input"]).pages[0].text == case["expect"]


@pytest.mark.parametrize("depth", [300, 10_000])
@pytest.mark.parametrize("element", ["div", "b", "table><tr><td", "font face=.VnTime"])
def test_depth_costs_no_text(depth, element):
    """However deep elements nest, the text before, inside and after is all there."""
    markup = "<body>trước " + f"<{element}>" * depth + " trong " + "</div>" * depth + " sau</body>"
    assert read(markup).pages[0].text.split() == ["trước", "trong", "sau"]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ('<meta charset="windows-1258"><p>Số: Quyết định</p>'.encode(), "Số: Quyết định"),
        ("\ufeff<p>Quyết định</p>".encode("utf-16"), "Quyết định"),
        ('<meta charset="windows-1258"><p>Ủy</p>'.encode() + b"\xff", None),
        ("<meta charset=windows-1252><p>QuyÕt ®Þnh</p>".encode("cp1252"), "QuyÕt ®Þnh"),
        ("<p>QuyÕt ®Þnh sè \x93</p>".encode("latin-1"), "QuyÕt ®Þnh sè “"),
        ("<meta charset=không-có-thật><p>QuyÕt</p>".encode("latin-1", "replace"), "QuyÕt"),
    ],
    ids=["a wrong label", "UTF-16", "one bad byte", "a true label", "no label", "an unknown label"],
)
def test_labels_are_believed_only_where_they_can_be_true(data, text):
    """Text that is UTF-8 is read as that; other bytes by their label, or kept for the decoding stage."""
    got = read(data).pages[0].text.strip()
    assert got == text if text else got.startswith("\u1ee6") or "á»" in got


def test_fonts_are_kept_for_the_decoding_stage():
    """A run's font comes from its element, its class or an element around it."""
    page = read(
        '<style><!-- p.Chu, li.Chu {margin:0; font-family:".VnTimeH", serif} span {font-family:Arial} --></style>'
        "<p class=Chu>a<font face='.VnTime, Times'>b</font><span>c</span>"
        "<span style='font-family: \"VNI-Times\"'>d<i>e</i></span></p>f"
    ).pages[0]
    assert page.runs == (Run("a", ".VnTimeH"), Run("b", ".VnTime"), Run("c", "Arial"), Run("de\n", "VNI-Times"), Run("f\n", ""))


@pytest.mark.parametrize(
    "markup",
    ["<html><body></body></html>", "<p>&nbsp;</p>", "<script>" + "x" * 9000 + "</script><p>Văn bản không tồn tại</p>"],
    ids=["no text", "only spaces", "an application's empty shell"],
)
def test_a_page_without_a_document_is_refused(markup):
    """A shell whose text a script would load is empty, whatever it says instead."""
    with pytest.raises(UnreadableFile, match="không chứa") as refusal:
        read(markup)
    assert refusal.value.code == "empty"


_MAIN = "<div><p>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM</p><p>Số: 12/QĐ-UBND</p><p>Điều 1. Ban hành quy chế làm việc</p></div>"


@pytest.mark.parametrize("case", cases("extract_html_aside"), ids=by_name)
def test_what_is_left_out_stays_beside(case):
    """Each case's part is no text of the document, and its items stand beside it, one a line."""
    raw = read(case["input"].replace("DOCUMENT", _MAIN))
    assert raw.pages[0].text == "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nSố: 12/QĐ-UBND\nĐiều 1. Ban hành quy chế làm việc\n"
    assert "".join(run.text for run in raw.aside) == case["expect"]


def test_fonts_are_kept_beside_too():
    """A stamp in a legacy font is decoded like the text."""
    raw = read(f"<header><font face='.VnTimeH'>mËt</font></header>{_MAIN}")
    assert raw.aside == (Run("mËt\n", ".VnTimeH"),)


def test_text_shown_in_capitals():
    """An element's own style, its class and its tag say so, the nearest one counts, and what is within follows it."""
    page = read(
        "<style>.hoa, h1 {text-transform: uppercase} p.nho {font-variant: small-caps}</style>"
        "<h1>a <span style='text-transform: none'>b</span></h1><p>c <b class=hoa>d <i>e</i></b></p><p class=nho>f</p>"
    ).pages[0]
    assert "".join(run.text.upper() if run.capitals else run.text for run in page.runs) == "A b\nc D E\nF\n"
