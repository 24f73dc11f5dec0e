"""Relations and validity of a document in the API and on its page, as far as the reader may see; and what nobody is shown."""

import json
import re
from datetime import date
from itertools import pairwise
from pathlib import Path

import lxml.html
import pytest

from indexer.model import Visibility
from search_api import related
from search_api.params import SearchParams
from search_api.provisions import provision_words
from search_api.render import DocumentAnswer, RelationsAnswer, sentence_item
from search_api.search import search

ROWS = json.loads((Path(__file__).parent / "ties.json").read_text(encoding="utf-8"))
CLOSED = ("tiệm bánh mật", "01/06/2021", "2021-06-01")  # what only the closed decision says


@pytest.fixture(autouse=True)
def _a_day(monkeypatch):
    monkeypatch.setattr(related, "today", lambda: date(2025, 1, 1))


def _answer(desk, name):
    return DocumentAnswer.model_validate(desk.client.simulate_get(f"/api/v1/documents/{desk.ids[name]}").json)


def _groups(desk, name):
    names = {document_id: known for known, document_id in desk.ids.items()}
    return {
        (group.kind, group.direction): [(names.get(item.id), item.number, item.anchor) for item in group.items]
        for group in _answer(desk, name).relations
    }


def _page(desk, name, path=""):
    address, _, query = f"/van-ban/{desk.ids[name]}{path}".partition("?")
    answer = desk.client.simulate_get(address, query_string=query)
    assert answer.status_code == 200
    return lxml.html.fromstring(answer.text)


def _sections(page):
    """The lists below each heading of the third level."""
    return {
        " ".join(heading.text_content().split()): [
            " ".join(item.text_content().split()) for item in heading.getparent().iter("li")
        ]
        for heading in page.iter("h3")
    }


def test_relations_are_told_both_ways(ties):
    """What the decree says of a law that is not here, and what the visible documents say of it."""
    assert _groups(ties, "decree") == {
        ("basis", "out"): [(None, "45/2013/QH13", "")],
        ("basis", "in"): [("personal", "400/QĐ-UBND", ""), ("citing closed", "5/2023/QĐ-UBND", "")],
        ("amends", "in"): [("amending decree", "20/2022/NĐ-CP", ""), ("amending decree", "20/2022/NĐ-CP", "dieu-2-khoan-1")],
        ("replaces", "in"): [("new decree", "30/2024/NĐ-CP", "")],
    }
    assert _groups(ties, "new decree") == {("replaces", "out"): [("decree", "15/2020/NĐ-CP", "")]}


def test_spans_are_of_the_text_that_states_the_relation(ties):
    """On either side the citation and its sentence stand where they are said to stand."""
    texts = {name: _answer(ties, name).text for name in ties.ids if name != "closed decision"}
    for name, text in texts.items():
        for group in _answer(ties, name).relations:
            for item in group.items:
                stating = (
                    text if item.stated_by == "this" else texts[next(one for one, key in ties.ids.items() if key == item.id)]
                )
                assert item.sentence.start <= item.start < item.end <= item.sentence.end
                assert " ".join(stating[item.sentence.start : item.sentence.end].split()) == item.sentence.text
                assert re.search(r"\d+/\d{4}/", stating[item.start : item.end])


@pytest.mark.parametrize("name", ["decree", "citing closed"])
@pytest.mark.parametrize("path", ["/api/v1/documents/{}", "/van-ban/{}"])
def test_a_closed_document_never_shows(ties, name, path):
    """Neither its id, nor its words, nor a link, whether it speaks of a public document or is spoken of."""
    shown = ties.client.simulate_get(path.format(ties.ids[name])).text
    assert ties.ids["closed decision"] not in shown
    assert not [words for words in CLOSED if words in shown]
    assert ("77/2021/QĐ-TTg" in shown) == (name == "citing closed")  # printed there by the public text itself


def test_a_closed_document_changes_nothing_at_all(make_desk, ties):
    """With and without the closed document, with an internal copy of a public one, the public gets the same answers."""
    copy = ROWS[0] | {
        "name": "internal copy",
        "file": "ban-sao.txt",
        "visibility": "internal",
        "text": ROWS[0]["text"] + "Sao.\n",
    }
    with_more, without = make_desk([*ROWS, copy]), make_desk([row for row in ROWS if row["name"] != "closed decision"])

    def told(desk, name):
        shown = desk.client.simulate_get(f"/api/v1/documents/{desk.ids[name]}").text
        for known, document_id in desk.ids.items():
            shown = shown.replace(document_id, known)
        return shown

    for name in ("decree", "citing closed", "new decree", "amending decree"):
        assert told(with_more, name) == told(ties, name) == told(without, name)


def test_of_two_with_one_number_the_issuers_own_is_meant(ties):
    """Of two provinces' decisions with the number and the day, the citing body's own is linked."""
    basis = _groups(ties, "citing closed")["basis", "out"]
    assert basis == [(None, "77/2021/QĐ-TTg", ""), ("decree", "15/2020/NĐ-CP", ""), ("homonym one", "8/2022/QĐ-UBND", "")]


def test_validity_has_its_sources(ties):
    """A decree that was replaced ended when the new one began to act, which says so; its own first day it states itself."""
    validity = _answer(ties, "decree").validity
    assert (validity.on, validity.status, validity.since) == (date(2025, 1, 1), "Hết hiệu lực toàn bộ", date(2024, 8, 1))
    assert (validity.source.stated_by, validity.source.id) == ("other", ties.ids["new decree"])
    assert validity.source.number == "30/2024/NĐ-CP"
    assert "thay thế Nghị định số 15/2020/NĐ-CP" in validity.source.sentence.text
    assert (validity.effective.day, validity.effective.source.stated_by) == (date(2020, 4, 1), "this")
    assert validity.effective.source.sentence.text.endswith("ngày 01 tháng 4 năm 2020")
    assert validity.expiry is None


@pytest.mark.parametrize(
    ("day", "status"),
    [
        (date(2023, 2, 9), "Chưa có hiệu lực"),
        (date(2023, 2, 10), None),
        (date(2023, 12, 31), None),
        (date(2024, 1, 1), "Hết hiệu lực toàn bộ"),
    ],
)
def test_the_first_and_the_last_day_count(ties, monkeypatch, day, status):
    """In force on the day from which it has effect and to the end of its last day; nothing says that it is in force between."""
    monkeypatch.setattr(related, "today", lambda: day)
    validity = _answer(ties, "citing closed").validity
    assert (validity.status, validity.expiry.day) == (status, date(2024, 1, 1))


def test_many_relations_are_paged(make_desk):
    """A code cited by many shows the first ones with the exact total; pages bring every other once."""
    citing = [
        ROWS[4] | {"name": f"c{n}", "file": f"c{n}.txt", "metadata": ROWS[4]["metadata"] | {"number": f"{n}/2023/QĐ-UBND"}}
        for n in range(100, 125)
    ]
    for place, row in enumerate(citing):
        row["text"] = row["text"] + f"Bản thứ {place}.\n"
    desk = make_desk([ROWS[0], *citing])
    (group,) = [one for one in _answer(desk, "decree").relations if one.direction == "in"]
    assert (group.kind, group.total, len(group.items)) == ("basis", 25, related.MOST)
    path, numbers = f"/api/v1/documents/{desk.ids['decree']}/relations", []
    for page in (1, 2, 3, 4):
        asked = {"kind": "basis", "direction": "in", "page": page, "size": 10}
        answer = RelationsAnswer.model_validate(desk.client.simulate_get(path, params=asked).json)
        assert (answer.total, answer.page.pages) == (25, 3)
        numbers += [item.number for item in answer.items]
    assert numbers == [row["metadata"]["number"] for row in citing]
    page = _page(desk, "decree")
    (more,) = [link.get("href") for link in page.iter("a") if link.text_content().startswith("Xem cả 25 chỗ")]
    address, _, query = more.partition("?")
    listed = lxml.html.fromstring(desk.client.simulate_get(address, query_string=query).text)
    assert len(list(listed.find(".//main").iter("li"))) == 20
    (following,) = [link.get("href") for link in listed.iter("a") if link.get("rel") == "next"]
    address, _, query = following.partition("?")
    assert (
        len(list(lxml.html.fromstring(desk.client.simulate_get(address, query_string=query).text).find(".//main").iter("li")))
        == 5
    )


@pytest.mark.parametrize(
    "query", ["kind=basis", "direction=in", "kind=love&direction=in", "kind=basis&direction=up", "kind=basis&direction=in&page=0"]
)
def test_what_cannot_be_asked_is_refused_by_name(ties, query):
    """Each names the parameter that is missing or wrong."""
    answer = ties.client.simulate_get(f"/api/v1/documents/{ties.ids['decree']}/relations", query_string=query)
    assert answer.status_code == 400
    assert answer.json["parameter"] in {"kind", "direction", "page"}


@pytest.mark.parametrize("path", ["/api/v1/documents/{}/relations", "/van-ban/{}/quan-he"])
def test_relations_of_a_closed_document_are_those_of_none(ties, path):
    """The public cannot tell an internal document from one that never was."""
    asked = {"kind": "basis", "direction": "out"}
    hidden, missing = (
        ties.client.simulate_get(path.format(one), params=asked) for one in (ties.ids["closed decision"], "khong-co")
    )
    assert hidden.status_code == missing.status_code == 404
    assert hidden.text == missing.text


def test_the_page_groups_relations_under_plain_headings(ties):
    """Both directions are worded, a document stands once with the provisions concerned, and links lead to what is here."""
    page = _page(ties, "decree")
    sections = _sections(page)
    assert list(sections) == [
        "Được thay thế bởi",
        "Được sửa đổi, bổ sung bởi",
        "Là căn cứ của",
        "Căn cứ vào",
    ]
    (amending,) = sections["Được sửa đổi, bổ sung bởi"]
    assert amending.startswith("Nghị định số 20/2022/NĐ-CP – Sửa đổi, bổ sung một số điều")
    assert amending.endswith("(khoản 1 Điều 2 của văn bản này)")
    assert sections["Căn cứ vào"] == ["Luật Đất đai số 45/2013/QH13"]
    linked = {link.get("href") for link in page.find(".//main").iter("a") if link.get("href").startswith("/van-ban/")}
    assert linked == {f"/van-ban/{ties.ids[name]}" for name in ("new decree", "amending decree", "personal", "citing closed")}
    assert not [script for script in page.iter("script") if script.text]


def test_all_of_a_kind_are_listed_with_their_sentences(ties):
    """Each relation by itself, with the words of the text that states it."""
    page = _page(ties, "decree", "/quan-he?kind=amends&direction=in")
    assert [" ".join(item.text_content().split()) for item in page.find(".//main").iter("blockquote")] == [
        "Sửa đổi, bổ sung một số điều của Nghị định số 15/2020/NĐ-CP",
        "Sửa đổi, bổ sung khoản 1 Điều 2 của Nghị định số 15/2020/NĐ-CP như sau:",
    ]


def test_a_document_that_ended_says_so_at_the_top(ties):
    """In careful words, with who says it; one that nothing ended says nothing."""
    (notice,) = _page(ties, "decree").find_class("notice")
    assert " ".join(notice.text_content().split()) == (
        "Văn bản này hết hiệu lực toàn bộ từ ngày 01/08/2024, theo Nghị định 30/2024/NĐ-CP. "
        "Dữ liệu suy ra từ văn bản, không thay cho xác nhận của cơ quan ban hành."
    )
    assert [link.get("href") for link in notice.iter("a")] == [f"/van-ban/{ties.ids['new decree']}"]
    (stated,) = _page(ties, "register says").find_class("notice")
    assert " ".join(stated.text_content().split()).startswith(
        "Văn bản này hết hiệu lực toàn bộ từ ngày 01/01/2021, theo sổ văn bản. Thông tin để tra cứu"
    )
    assert not _page(ties, "new decree").find_class("notice")


def test_who_amends_a_document_is_told_at_the_top(ties):
    """With a link, within the reader's rights."""
    (amended,) = _page(ties, "decree").find_class("amended")
    assert " ".join(amended.text_content().split()) == "Đã được sửa đổi, bổ sung bởi Nghị định số 20/2022/NĐ-CP."
    assert [link.get("href") for link in amended.iter("a")] == [f"/van-ban/{ties.ids['amending decree']}"]
    assert not _page(ties, "new decree").find_class("amended")


def test_a_document_not_yet_in_force_says_so(ties, monkeypatch):
    """With the day from which it will be."""
    monkeypatch.setattr(related, "today", lambda: date(2024, 7, 31))
    (notice,) = _page(ties, "new decree").find_class("notice")
    assert notice.text_content().startswith(
        "Văn bản này có hiệu lực từ ngày 01/08/2024, hôm nay chưa có hiệu lực, theo chính văn bản"
    )


def test_headings_are_in_order(ties):
    """Each section has a heading, no level is left out, and every id stands once."""
    page = _page(ties, "decree")
    levels = [int(element.tag[1]) for element in page.iter("h1", "h2", "h3")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = [element.get("id") for element in page.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert {one.get("aria-labelledby") for one in page.iter("section")} - {None} <= set(ids)


IDENTIFIERS = ("020085001234", "0912345678", "0987654321", "0356789012", "020085009999", "1020304050607")


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/documents/{}",
        "/van-ban/{}",
        "/api/v1/documents/{}/relations?kind=basis&direction=out",
        "/van-ban/{}/quan-he?kind=basis&direction=out",
        "/api/v1/search?q=h%E1%BB%97+tr%E1%BB%A3",
        "/api/v1/search?q=h%E1%BB%97+tr%E1%BB%A3&scope=provisions",
        "/?q=h%E1%BB%97+tr%E1%BB%A3",
        "/?q=h%E1%BB%97+tr%E1%BB%A3&scope=provisions",
        "/api/v1/suggest?q=h%E1%BB%97+tr%E1%BB%A3",
    ],
)
def test_no_answer_shows_a_personal_identifier(ties, path):
    """Titles, headings, signers, sentences and passages are masked like the text."""
    address, _, query = path.format(ties.ids["personal"]).partition("?")
    answer = ties.client.simulate_get(address, query_string=query)
    assert "••••••••••" in answer.text
    assert [number for number in IDENTIFIERS if number in answer.text] == []


def test_the_command_line_is_shown_no_more(ties):
    """`congbao search --internal` asks as staff, over the same masked documents."""
    answer = search(ties.services, SearchParams(q="hỗ trợ ông A"), frozenset(Visibility)).model_dump_json()
    assert "CCCD số ••••••••••••" in answer
    assert [number for number in IDENTIFIERS if number in answer] == []


def test_others_sentences_are_masked(ties):
    """The sentence of another document, too."""
    answer = _answer(ties, "decree")
    (item,) = [item for group in answer.relations for item in group.items if item.number == "400/QĐ-UBND"]
    assert item.sentence.text.endswith("(liên hệ ••••••••••/••••••••••);")
    assert item.title == "Hỗ trợ ông Hoàng Văn A, CCCD số ••••••••••••"


@pytest.mark.parametrize("typed", ["{}", "{:.6}*", '"{}"', "CCCD {}", "0912*"])
@pytest.mark.parametrize("scope", ["documents", "provisions"])
def test_a_masked_number_is_not_found_by_typing_it(ties, typed, scope):
    """Whole, by its beginning, or after words that are there: no document answers."""
    for number in IDENTIFIERS:
        asked = {"q": typed.format(number), "scope": scope}
        assert ties.client.simulate_get("/api/v1/search", params=asked).json["total"] == 0
        assert ties.client.simulate_get("/api/v1/suggest", params={"q": asked["q"]}).json["suggestions"] == []


@pytest.mark.parametrize(
    ("anchor", "words"),
    [
        ("", ""),
        ("dieu-5", "Điều 5"),
        ("dieu-103-khoan-2-diem-dd", "điểm đ khoản 2 Điều 103"),
        ("chuong-ii-muc-1", "Mục 1 Chương II"),
        ("phu-luc-ii", "Phụ lục II"),
        ("quy-dinh.dieu-5a", "Điều 5a Quy định kèm theo"),
        ("quy-che-2.dieu-1-khoan-2", "khoản 2 Điều 1 Quy chế thứ 2 kèm theo"),
        ("phu-luc-ii.dieu-1", "Điều 1 Phụ lục II kèm theo"),
        ("phan-2.dieu-1", "Điều 1 văn bản kèm theo"),
        ("dieu-5-lan-2", "Điều 5"),
        ("quy-dinh", ""),
    ],
)
def test_provisions_are_called_by_their_names(anchor, words):
    """From the innermost out, as lawyers write."""
    assert provision_words(anchor) == words


def test_a_long_sentence_is_cut_around_the_citation():
    """The whole span is told; of the words so many as a reader can take in."""
    text = "a " * 1000 + "ĐÂY " + "b " * 1000
    item = sentence_item(text, (0, len(text)), text.index("ĐÂY"))
    assert (item.start, item.end) == (0, len(text))
    assert "ĐÂY" in item.text
    assert len(item.text) <= 610
    assert item.text.startswith("… ")
    assert item.text.endswith(" …")
