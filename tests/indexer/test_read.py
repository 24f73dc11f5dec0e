"""From one file to a document or a mark."""

import functools
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from indexer.config import Limits
from indexer.extract.isolation.sandbox import read_isolated
from indexer.legal.secrecy import Mark
from indexer.model import Understood
from indexer.read import read_document

_PAGE = (
    "<div><p>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM</p><p>Số: 12/QĐ-UBND</p>"
    "<p>Điều 1. Ban hành quy chế bảo vệ bí mật nhà nước của cơ quan</p></div>"
)


def outcome(folder: Path, markup: str) -> Understood | Mark:
    """Read a page of this markup."""
    path = folder / "page.html"
    path.write_text(f"<html>{markup}</html>", encoding="utf-8")
    return read_document(path, Limits())


@pytest.mark.parametrize(
    ("markup", "level"),
    [
        (f"<div>MẬT</div>{_PAGE}", "MẬT"),
        (f"<header>TỐI MẬT</header>{_PAGE}", "TỐI MẬT"),
        (f"{_PAGE}<footer><span>TUYỆT</span> <span>MẬT</span></footer>", "TUYỆT MẬT"),
        (f"<img src=dau.png alt='MẬT'>{_PAGE}", "MẬT"),
        (f"<nav>{'<a>Tin tức</a>' * 90}<a>MẬT</a>{'<a>Văn bản</a>' * 90}</nav>{_PAGE}", "MẬT"),
        (f"<header><font face='.VnTimeH'>mËt</font></header>{_PAGE}", "MẬT"),
        (f"<nav><a>\ue001\ue002</a><a>\ue003</a><a>MẬT</a></nav>{_PAGE}", "MẬT"),
    ],
    ids=["before the document", "header", "footer", "a picture's words", "far into a menu", "a legacy font", "among icons"],
)
def test_a_mark_beside_the_text_closes_the_gate(markup, level, tmp_path):
    """Whatever part of a page is left out as no text of the document is looked at for marks, and nothing of it is quoted."""
    mark = outcome(tmp_path, markup)
    assert isinstance(mark, Mark)
    assert (mark.level, mark.start, mark.end) == (level, 0, 0)
    assert "Tin tức" not in mark.reason


@pytest.mark.parametrize("place", ["header", "body"])
def test_a_watermark_closes_the_gate(place, tmp_path):
    """The word across each page of a DOCX file is a mark wherever it is anchored, though no text of the document."""
    document = docx.Document()
    document.add_paragraph("Điều 1. Phạm vi điều chỉnh")
    document.save(tmp_path / "plain.docx")
    assert isinstance(read_document(tmp_path / "plain.docx", Limits()), Understood)
    holder = document.sections[0].header if place == "header" else document
    shape = '<v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textpath on="t" string="MẬT"/></v:shape>'
    run = holder.add_paragraph().add_run()
    run._r.append(parse_xml(f"<w:pict {nsdecls('w')}>{shape}</w:pict>"))
    document.save(tmp_path / "marked.docx")
    mark = read_document(tmp_path / "marked.docx", Limits())
    assert isinstance(mark, Mark)
    assert mark.level == "MẬT"


@pytest.mark.parametrize(
    "menu",
    [
        "<nav>Tin tức</nav>",
        "<nav>\ue001\ue002</nav>",
        "<nav>» |</nav>",
        "<footer>Bảo mật thông tin</footer><title>Bí mật</title>",
    ],
    ids=["words", "icons", "no letters", "words about secrets"],
)
def test_an_ordinary_menu_changes_nothing(menu, tmp_path):
    """Menus without a mark, even without a letter, leave the document readable and out of its text."""
    document = outcome(tmp_path, menu + _PAGE)
    assert isinstance(document, Understood)
    assert document == outcome(tmp_path, _PAGE)


def test_real_pages_are_no_false_alarms(shared_data):
    """The menus of portals, which every page repeats, bear no mark."""
    read = functools.partial(read_document, limits=Limits())
    pages = sorted((shared_data / "files" / "html").iterdir())
    outcomes = [result for _, result in read_isolated(read, pages, Limits(), 2)]
    assert [result for result in outcomes if isinstance(result, Mark)] == []
    assert len([result for result in outcomes if isinstance(result, Understood)]) > 9
