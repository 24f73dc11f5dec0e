"""GET /api/v1/documents/{id}/similar and the section of the page: which documents are about the same, and why."""

import pytest
from falcon.testing import TestClient

from search_api.app import create_app
from search_api.services import Services
from search_api.telling import MOST as MOST_WORDS
from search_api.telling import telling_words

_WATER = (
    "Điều 1. Phạm vi\nQuy định này nói về công trình thủy lợi, hồ chứa thủy lợi và kênh mương thủy lợi.\n{}"
    "Điều 2. Hiệu lực\nTừ hôm nay.\n"
)
_CITES = "Điều 3. Căn cứ\nThực hiện theo Nghị định số 67/2018/NĐ-CP ngày 14 tháng 5 năm 2018 của Chính phủ.\n"
_OTHER = "Điều 1. Phạm vi\nQuy định này nói về trường mầm non, lớp mẫu giáo và nhà trẻ.\n"


def _row(name, title, text, number, **more):
    metadata = {"number": number, "title": title, "type": "Quyết định", "issuer": "UBND TỈNH A", "issued_date": "2022-03-23"}
    row = {"name": name, "file": f"{name}.txt", "format": "text", "text": text, "metadata": metadata}
    return row | {"provisions": "read"} | more


ROWS = [
    _row("dams", "Quản lý hồ chứa thủy lợi", _WATER.format("Hồ chứa thủy lợi do xã giữ.\n") + _CITES, "1/2022/QĐ-UBND"),
    _row("canals", "Quản lý kênh mương thủy lợi", _WATER.format("Kênh mương thủy lợi do thôn giữ.\n") + _CITES, "2/2022/QĐ-UBND"),
    _row("works", "Quản lý công trình thủy lợi", _WATER.format("Công trình thủy lợi do huyện giữ.\n"), "3/2022/QĐ-UBND"),
    _row(
        "copy", "Quản lý hồ chứa thủy lợi", _WATER.format("Hồ chứa thủy lợi do xã giữ.\n") + _CITES, "91/2022/QĐ-UBND", beside=" "
    ),
    _row("scan", "Quản lý hồ chứa thủy lợi (bản quét)", _WATER.format("Hồ chứa thủy lợi do xã gìn giữ.\n"), "1/2022/QĐ-UBND"),
    _row(
        "hidden", "Quản lý thủy lợi nội bộ", _WATER.format("Thủy lợi bí ẩn.\n") + _CITES, "5/2022/QĐ-UBND", visibility="internal"
    ),
    *(
        _row(f"school {place}", f"Trường mầm non số {place}", _OTHER + f"Lớp {place}.\n", f"{place}/2021/QĐ-UBND")
        for place in range(9)
    ),
]


@pytest.fixture
def waters(make_desk):
    """Documents about irrigation, one of them hidden, one copied and one scanned, among others about schools."""
    return make_desk(ROWS)


def _items(desk, name):
    return desk.client.simulate_get(f"/api/v1/documents/{desk.ids[name]}/similar").json["items"]


def _names(desk, name):
    back = {identity: known for known, identity in desk.ids.items()}
    return [back[item["id"]] for item in _items(desk, name)]


def test_documents_about_the_same_are_found(waters):
    """Those with its telling words, the one that cites the same before the one that does not; none about another thing."""
    assert _names(waters, "dams") == ["canals", "works"]


def test_neither_itself_nor_copies_nor_hidden_documents(waters):
    """Letter by letter the same text, and another file of the same number, issuer and day, tell nobody anything new."""
    assert not {"dams", "copy", "scan", "hidden"} & set(_names(waters, "dams"))
    for name in ("canals", "works", "school 1"):
        assert not {name, "hidden"} & set(_names(waters, name))


def test_it_is_said_why(waters):
    """The words that both have, as they are written, and what both cite."""
    first = _items(waters, "dams")[0]
    assert "thủy lợi" in " ".join(first["shared"]["words"])
    assert first["shared"]["laws"] == ["67/2018/NĐ-CP"]
    assert first["reason"].startswith("Cùng nói về: ")
    assert first["reason"].endswith("cùng dẫn 67/2018/NĐ-CP")
    assert _items(waters, "works")[0]["shared"]["laws"] == []


def test_the_page_lists_them(waters):
    """With a link, the title and the reason."""
    page = waters.client.simulate_get(f"/van-ban/{waters.ids['dams']}").text
    section = page[page.index('id="van-ban-tuong-tu"') :]
    assert f"/van-ban/{waters.ids['canals']}" in section
    assert "cùng dẫn 67/2018/NĐ-CP" in section


def test_hidden_documents_change_nothing(waters, make_desk):
    """Without the internal document the public is told the same, word for word."""
    without = make_desk([row for row in ROWS if row["name"] != "hidden"])

    def told(desk):
        return [
            [(item["number"], item["shared"], item["reason"]) for item in _items(desk, row["name"])]
            for row in ROWS
            if row["name"] != "hidden"
        ]

    assert told(without) == told(waters)


def test_one_that_names_the_other_is_marked(make_desk):
    """Both sides tell that the relations speak of it, too."""
    amends = _WATER.format(
        "Sửa đổi Điều 1 của Quyết định số 3/2022/QĐ-UBND ngày 23 tháng 3 năm 2022 của Ủy ban nhân dân tỉnh A.\n"
    )
    desk = make_desk([*ROWS[2:3], *ROWS[6:], _row("amends", "Sửa đổi quy định về thủy lợi", amends, "8/2023/QĐ-UBND")])
    (item,) = [item for item in _items(desk, "works") if item["id"] == desk.ids["amends"]]
    assert item["shared"]["related"] is any(
        group["items"][0]["id"] == desk.ids["amends"]
        for group in desk.client.simulate_get(f"/api/v1/documents/{desk.ids['works']}").json["relations"]
    )


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_it_is_revalidated(waters, method):
    """An answer that is held is not sent again while index and catalogue are the same."""
    path = f"/api/v1/documents/{waters.ids['dams']}/similar"
    tag = waters.client.simulate_request(method, path).headers["etag"]
    assert waters.client.simulate_request(method, path, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(("name", "status"), [("hidden", 404), (None, 404)])
def test_of_what_nobody_may_see_nothing_is_similar(waters, name, status):
    """A hidden document answers as one that never was."""
    assert waters.client.simulate_get(f"/api/v1/documents/{waters.ids.get(name, 'khong-co')}/similar").status_code == status


def test_personal_identifiers_tell_nothing(make_desk):
    """Two documents about one person's papers are not brought together by the papers' number."""
    text = "Điều 1. Hỗ trợ\nHỗ trợ ông A, số CCCD 020085001234, điện thoại 0912345678. {} CCCD 020085001234.\n"
    desk = make_desk(
        [_row(str(place), f"Hỗ trợ {place}", text.format("Ghi chú. " * place), f"{place}/QĐ-UBND") for place in range(4)]
    )
    answer = desk.client.simulate_get(f"/api/v1/documents/{desk.ids['1']}/similar").text
    assert "020085001234" not in answer
    assert "0912345678" not in answer


def test_a_giant_text_is_sampled(waters):
    """However long a text is, as many words are counted, and no more than the bound are told."""
    engine = waters.services.engine
    text = "Công trình thủy lợi, hồ chứa và kênh mương. " * 200_000
    words = telling_words(engine, "Thủy lợi", text, ())
    assert 0 < len(words) <= MOST_WORDS
    assert {word.term for word in words} & {"thủy_lợi", "hồ_chứa", "kênh_mương", "công_trình"}
    assert not [word for word in words if any(map(str.isdigit, word.term))]


def test_an_empty_text_has_nothing_similar(make_desk):
    """Without words there is nothing to look for."""
    desk = make_desk([_row("empty", None, "-", None), *ROWS[:2]])
    assert _items(desk, "empty") == []


def test_the_page_can_be_read_without_an_index(make_desk):
    """A document is shown while there is no index; what is similar to it is not told then."""
    desk = make_desk(ROWS[:3])
    page = f"/van-ban/{desk.ids['dams']}"
    assert "van-ban-tuong-tu" in desk.client.simulate_get(page).text
    desk.store.state = None
    client = TestClient(create_app(Services(desk.store.engine, lambda: desk.catalogue)))
    shown = client.simulate_get(page, params={"q": "cơ quan: Sở Y tế đập"})
    assert (shown.status_code, "van-ban-tuong-tu" in shown.text) == (200, False)
    assert client.simulate_get(f"/api/v1/documents/{desk.ids['dams']}/similar").status_code == 503
