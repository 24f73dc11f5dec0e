"""GET /api/v1/search."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.profiles import Profile, analyse
from search_api.render import SearchAnswer

PATH = "/api/v1/search"
WORDS = [
    *("quy", "hoạch", "đất", "dat", "hoà", "bảo", "hiểm", "-đất", "NOT", "kế*", "*"),
    *('"sử dụng đất"', "12/2022/QĐ-UBND", "30/2020", "ngày 23/3/2022"),
]


def _ids(answer):
    return [hit["id"] for hit in answer.json["hits"]]


@pytest.mark.parametrize("q", ["quy hoạch sử dụng đất", "quy hoach su dung dat", "QUY HOẠCH sử dụng đất"])
def test_words_find_the_document_that_holds_them(desk, q):
    """The document with all the words comes first, with a passage whose highlights are those words."""
    answer = desk.client.simulate_get(PATH, params={"q": q})
    assert _ids(answer)[0] == desk.ids["land plan"]
    snippet = answer.json["hits"][0]["snippets"][0]
    marked = {snippet["text"][start:end].lower() for start, end in snippet["highlights"]}
    assert marked == {"quy", "hoạch", "sử", "dụng", "đất"}


@pytest.mark.parametrize("q", ["1182/QĐ-UBND", "1182/qd-ubnd", "quyết định 1182 /QĐ - UBND", "1182/2023", "1182/2023/QĐ-UBND"])
def test_a_number_finds_its_document_first(desk, q):
    """However the number is typed."""
    assert _ids(desk.client.simulate_get(PATH, params={"q": q}))[0] == desk.ids["health support"]


def test_documents_that_cite_a_number_come_after_its_own(desk):
    """The cited number is marked whole, and the article that cites it is named."""
    answer = desk.client.simulate_get(PATH, params={"q": "12/2022/QĐ-UBND"})
    assert _ids(answer) == [desk.ids["land plan"], desk.ids["health support"]]
    snippet = answer.json["hits"][1]["snippets"][0]
    assert [snippet["text"][start:end] for start, end in snippet["highlights"]] == ["12/2022/QĐ-UBND"]
    assert snippet["provision"] == {"anchor": "dieu-2", "label": "Điều 2", "heading": "Nguồn kinh phí", "attachment": ""}


def test_a_quotation_is_demanded(desk):
    """Documents with all the other words and without the quoted ones side by side are left out."""
    q = "hộ cận nghèo bảo hiểm y tế"
    assert _ids(desk.client.simulate_get(PATH, params={"q": q})) == [desk.ids["health support"]]
    assert _ids(desk.client.simulate_get(PATH, params={"q": f'{q} "sử dụng đất"'})) == []


def test_filters_narrow_and_facets_count(desk):
    """Repeated values widen one filter, different filters narrow; counts are of what is left."""
    everything = desk.client.simulate_get(PATH).json
    assert everything["total"] == 5
    assert everything["facets"]["type"][0] == {"value": "Quyết định", "count": 2}
    two = desk.client.simulate_get(PATH, query_string="year=2020&year=2022").json
    assert {hit["number"] for hit in two["hits"]} == {"30/2020/NQ-HĐND", "12/2022/QĐ-UBND"}
    one = desk.client.simulate_get(PATH, params={"year": [2020, 2022], "type": "Quyết định"}).json
    assert (one["total"], one["facets"]["year"]) == (1, [{"value": 2022, "count": 1}])


def test_what_else_a_filter_may_hold_is_counted(desk):
    """A filtered column's other values are counted under the other filters alone, so that each tells what choosing it adds."""
    everything = desk.client.simulate_get(PATH).json
    assert everything["choices"] == {}
    one = desk.client.simulate_get(PATH, params={"type": "Quyết định"}).json
    assert one["choices"] == {"type": everything["facets"]["type"]}
    both = desk.client.simulate_get(PATH, params={"type": "Quyết định", "year": 2022}).json
    assert both["choices"]["year"] == one["facets"]["year"]
    for item in both["choices"]["type"]:
        wider = desk.client.simulate_get(PATH, params={"type": ["Quyết định", item["value"]], "year": 2022}).json
        assert wider["total"] == both["total"] + (item["value"] != "Quyết định") * item["count"]


def _issued(name, day, printed):
    metadata = {"number": f"{name}/QĐ", "issuer": printed, "issued_date": day, "title": "Về việc chung"}
    return {"name": name, "file": f"{name}.txt", "format": "text", "metadata": metadata, "text": f"Văn bản {name}"}


_ISSUERS = [
    _issued("1", "2010-05-01", "BỘ TÀI CHÍNH"),
    _issued("2", "2026-01-05", "Bộ Tài chính"),
    _issued("3", "2019-01-05", "Bộ Kế hoạch và Đầu tư"),
    _issued("4", "1990-05-05", "BỘ NỘI VỤ"),
    _issued("5", "2020-05-05", "Uỷ ban nhân dân tỉnh Hoà Bình"),
    _issued("6", "2025-08-05", "UBND tỉnh Phú Thọ"),
]


def test_issuers_are_grouped_as_bodies(make_desk):
    """Names of one body are one value, one name of two bodies is two; the hits print what the documents do."""
    desk = make_desk(_ISSUERS)
    answer = desk.client.simulate_get(PATH, params={"sort": "oldest"}).json
    assert {item["value"]: item["count"] for item in answer["facets"]["issuer"]} == {
        "Bộ Tài chính": 2,
        "Bộ Kế hoạch và Đầu tư": 1,
        "Bộ Công an": 1,
        "Ủy ban nhân dân tỉnh Hòa Bình": 1,
        "Ủy ban nhân dân tỉnh Phú Thọ": 1,
    }
    assert [hit["issuer"] for hit in answer["hits"]][:2] == ["BỘ NỘI VỤ", "BỘ TÀI CHÍNH"]


@pytest.mark.parametrize(
    ("issuer", "found"),
    [
        ("BỘ TÀI CHÍNH", ["1", "2"]),
        ("Bộ Nội vụ", []),
        ("Bộ Công an", ["4"]),
        ("UBND tỉnh Phú Thọ", ["6"]),
        ("ubnd tỉnh hoà bình", ["5"]),
        (["Bộ Tài chính", "Bộ Kế hoạch và Đầu tư"], ["1", "3", "2"]),
    ],
)
def test_a_body_is_asked_for_by_any_of_its_names(make_desk, issuer, found):
    """A successor's filter leaves predecessors out until they are added."""
    desk = make_desk(_ISSUERS)
    answer = desk.client.simulate_get(PATH, params={"issuer": issuer, "sort": "oldest"})
    assert _ids(answer) == [desk.ids[name] for name in found]


def test_a_filter_offers_those_whom_a_body_took_over_from(make_desk):
    """Each predecessor is a value of the filter; a body without any is not named."""
    desk = make_desk(_ISSUERS)
    answer = desk.client.simulate_get(PATH, params={"issuer": ["UBND tỉnh Phú Thọ", "Bộ Quốc phòng"]}).json
    (item,) = answer["issuers"]
    assert item["issuer"] == "Ủy ban nhân dân tỉnh Phú Thọ"
    assert "Ủy ban nhân dân tỉnh Hòa Bình" in item["predecessors"]
    asked = {"issuer": [item["issuer"], *item["predecessors"]]}
    assert {hit["number"] for hit in desk.client.simulate_get(PATH, params=asked).json["hits"]} == {"5/QĐ", "6/QĐ"}


def test_dates_bound_the_day_of_issue(desk):
    """Both ends belong to the range."""
    found = desk.client.simulate_get(PATH, params={"from": "23/03/2022", "to": "2023-07-05"}).json
    assert {hit["issued_date"] for hit in found["hits"]} == {"2022-03-23", "2023-07-05"}


def test_without_words_the_newest_come_first(desk):
    """Browsing is by date, undated documents last; sort turns it round."""
    dates = [hit["issued_date"] for hit in desk.client.simulate_get(PATH).json["hits"]]
    assert dates == [*sorted(filter(None, dates), reverse=True), None]
    oldest = desk.client.simulate_get(PATH, params={"sort": "oldest"}).json
    assert oldest["hits"][0]["issued_date"] == "2020-12-10"


@pytest.mark.parametrize(
    ("q", "expected"),
    [("1182", "health support"), ("1182 qd-ubnd", "health support"), ("qd 1182", "health support"), ("12/2022", "land plan")],
)
def test_a_part_of_a_number_finds_its_document_first(desk, q, expected):
    """The figures, with or without year or symbol, are enough."""
    hit = desk.client.simulate_get(PATH, params={"q": q}).json["hits"][0]
    assert hit["id"] == desk.ids[expected]
    assert hit["score"] > 5_000


def test_of_one_number_the_newest_comes_first(make_desk):
    """Every year has its decision 7; an older one that repeats the figure in its text stays behind."""
    rows = [
        {"name": str(year), "file": f"{year}.txt", "format": "text", "text": text, "metadata": metadata}
        for year, text in ((2019, "số 7 và 7, 7, 7"), (2024, "không"), (1999, "số 7"), (2023, "cũng số 7"))
        for metadata in [{"number": f"7/{year}/QĐ-UBND" if year != 2023 else "7/QĐ-UBND", "issued_date": f"{year}-05-06"}]
    ]
    rows.append(
        {"name": "citing", "file": "c.txt", "format": "text", "text": "theo 7", "metadata": {"issued_date": "2025-01-01"}}
    )
    desk = make_desk(rows)
    assert _ids(desk.client.simulate_get(PATH, params={"q": "7"})) == [
        desk.ids[name] for name in ("2024", "2023", "2019", "1999", "citing")
    ]


def test_browsing_shows_what_documents_say(desk):
    """Passages start at the first article or after the title, not at the letterhead, which is the same everywhere."""
    hits = {hit["id"]: hit for hit in desk.client.simulate_get(PATH).json["hits"]}
    starts = {name: hits[desk.ids[name]]["snippets"][0]["text"] for name in ("land plan", "road safety letter", "no metadata")}
    assert starts["land plan"].startswith("Điều 1.")
    assert starts["road safety letter"].startswith("Kính gửi:")
    assert starts["no metadata"].startswith("Thông báo về")


def test_provisions_are_found_as_hits_of_their_own(desk):
    """A hit in scope provisions is an article; its passages lie within it and its address leads to it."""
    hit = desk.client.simulate_get(PATH, params={"q": "ngân sách tỉnh hỗ trợ", "scope": "provisions"}).json["hits"][0]
    assert hit["provision"] == {"anchor": "dieu-1", "label": "Điều 1", "heading": "Đối tượng", "attachment": ""}
    assert hit["url"].endswith("#dieu-1")
    assert all(snippet["provision"] == hit["provision"] for snippet in hit["snippets"])


def test_pages_follow_each_other(desk):
    """Pages of one hit give the same order as one page of all, and say how many there are."""
    whole = _ids(desk.client.simulate_get(PATH, params={"q": "tỉnh"}))
    single = [desk.client.simulate_get(PATH, params={"q": "tỉnh", "size": 1, "page": page}) for page in range(1, len(whole) + 1)]
    assert [_ids(answer)[0] for answer in single] == whole
    assert single[0].json["page"] == {"number": 1, "size": 1, "pages": len(whole)}
    beyond = desk.client.simulate_get(PATH, params={"q": "tỉnh", "page": 50}).json
    assert (beyond["hits"], beyond["total"]) == ([], len(whole))


@pytest.mark.parametrize("q", ["luân chuyển cán bộ", "7/KH-UBND", "luan chu*", '"công vụ"', "-xyz"])
def test_internal_documents_leave_no_trace(desk, q):
    """Neither hits nor counts of any question tell the public of an internal document."""
    for scope in ("documents", "provisions"):
        answer = desk.client.simulate_get(PATH, params={"q": q, "scope": scope, "size": 100})
        assert desk.ids["internal"] not in answer.text
        assert "Kế hoạch" not in {item["value"] for item in answer.json["facets"]["type"]}


@given(q=st.lists(st.sampled_from(WORDS) | st.text(max_size=8), max_size=6).map(" ".join))
def test_any_question_is_answered_with_true_highlights(desk, q):
    """Status 200 for any text; each highlight is a whole word of the canonical text, in the question or told beside it."""
    if any(0xD800 <= ord(character) < 0xE000 for character in q) or "\0" in q:
        return
    answer = desk.client.simulate_get(PATH, params={"q": q})
    assert answer.status_code == 200
    SearchAnswer.model_validate(answer.json)
    told = " ".join(term for step in answer.json["interpretation"] for term in step["terms"])  # what a word was taken for
    asked = {token.text for token in analyse(f"{q} {told}", Profile.FOLDED)}
    for hit in answer.json["hits"]:
        text = desk.client.simulate_get(f"/api/v1/documents/{hit['id']}").json["text"]
        for snippet in hit["snippets"]:
            assert text[snippet["start"] :].startswith(snippet["text"])
            for start, end in snippet["highlights"]:
                start, end = start + snippet["start"], end + snippet["start"]
                assert not text[start - 1 : start].isalnum()
                assert not text[end : end + 1].isalnum()
                marked = {token.text for token in analyse(text[start:end], Profile.FOLDED)}
                assert marked & asked or "*" in q


def test_answers_are_revalidated(desk):
    """The validator holds for one generation and one question; a reader who has the answer gets 304."""
    first = desk.client.simulate_get(PATH, params={"q": "đất"})
    other = desk.client.simulate_get(PATH, params={"q": "rừng"})
    again = desk.client.simulate_get(PATH, params={"q": "đất"}, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["etag"] != other.headers["etag"]
    assert first.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", [PATH, "/api/v1/suggest", "/"])
def test_a_recall_ends_revalidation_before_the_index_follows(make_desk, path):
    """Between the catalogue's change and the index commit, an old validator no longer gives 304, and the words are gone."""
    desk = make_desk()
    asked = {"q": "quy hoạch sử dụng đất của huyện Cao Lộc"}
    before = desk.client.simulate_get(path, params=asked)
    key = desk.catalogue.get(desk.ids["land plan"]).key
    assert "của huyện Cao Lộc" in before.text.replace("<mark>", "").replace("</mark>", "")
    with desk.catalogue.transaction() as transaction:
        transaction.remove_by_order(key, "thu hồi")
    after = desk.client.simulate_get(path, params=asked, headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert desk.ids["land plan"] not in after.text


def test_head_answers_without_a_body(desk):
    """HEAD gives the status and headers of GET."""
    got, head = (method(PATH, params={"q": "đất"}) for method in (desk.client.simulate_get, desk.client.simulate_head))
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == got.headers["content-type"]
    assert head.headers["etag"] == got.headers["etag"]
