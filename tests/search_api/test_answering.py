"""Which articles of a document found are named as answers."""

import pytest

PATH = "/api/v1/search"
_FILLER = "Cơ quan, tổ chức, cá nhân có liên quan chịu trách nhiệm thi hành theo quy định của pháp luật hiện hành. " * 6
_LONG = (
    "ỦY BAN NHÂN DÂN\nQUYẾT ĐỊNH\nQuy định về nước sạch nông thôn\n"
    f"Điều 1. Phạm vi\nQuy định này nói về nước sạch. {_FILLER}\n"
    f"Điều 2. Giá nước sạch\nGiá nước sạch nông thôn do tỉnh định. {_FILLER}\n"
    f"Điều 3. Kiểm tra\nViệc kiểm tra do sở làm. {_FILLER}\n"
    f"Điều 4. \nGiá nước sạch ở đảo xa được hỗ trợ. {_FILLER}\n"
    f"Điều 5. Giá nước sạch cho người nghèo\nGiá nước sạch bằng một nửa. {_FILLER}\n"
    f"Điều 6. Giá nước sạch cho trường học\nGiá nước sạch bằng một nửa. {_FILLER}\n"
)
_SHORT = "QUYẾT ĐỊNH\nVề giá nước sạch\nĐiều 1. Giá nước sạch\nGiá nước sạch là tám nghìn đồng.\n"


def _row(name, text, number, **more):
    title = {"water": "Quy định về nước sạch nông thôn", "note": "Về giá nước sạch"}.get(name, "Khác")
    metadata = {"number": number, "title": title, "type": "Quyết định", "issued_date": "2022-03-23"}
    return {"name": name, "file": f"{name}.txt", "format": "text", "text": text, "metadata": metadata, **more}


@pytest.fixture
def water(make_desk):
    """A long document and a short one about the price of water."""
    return make_desk([_row("water", _LONG, "7/2022/QĐ-UBND"), _row("note", _SHORT, "8/2022/QĐ-UBND")])


def _hit(desk, name, **asked):
    hits = desk.client.simulate_get(PATH, params=asked).json["hits"]
    return next(hit for hit in hits if hit["id"] == desk.ids[name])


def test_the_best_articles_of_a_document_are_named(water):
    """At most three, those that answer best; each leads to its own place, and none is one without the words."""
    found = _hit(water, "water", q="giá nước sạch")["provisions"]
    assert len(found) == 3
    assert {item["label"] for item in found} <= {"Điều 2", "Điều 4", "Điều 5", "Điều 6"}
    assert all(item["url"].endswith(f"#{item['anchor']}") for item in found)


def test_they_are_those_of_a_search_for_articles(water):
    """In the order in which a search for articles gives those of the document."""
    alone = water.client.simulate_get(PATH, params={"q": "giá nước sạch", "scope": "provisions", "size": 100}).json["hits"]
    expected = [hit["provision"]["anchor"] for hit in alone if hit["id"] == water.ids["water"]][:3]
    assert [item["anchor"] for item in _hit(water, "water", q="giá nước sạch")["provisions"]] == expected


def test_an_article_without_heading_shows_what_it_says(water):
    """Its best passage stands beside it, in offsets of the document's text; unless a passage of the document is its own."""
    hit = _hit(water, "water", q="giá nước sạch đảo xa hỗ trợ")
    first = hit["provisions"][0]
    assert first["label"] == "Điều 4"
    shown = first["snippet"] or next(one for one in hit["snippets"] if one["provision"]["anchor"] == first["anchor"])
    text = water.client.simulate_get(f"/api/v1/documents/{hit['id']}").json["text"]
    assert text[shown["start"] :].startswith(shown["text"])
    assert "đảo xa" in shown["text"]


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("note", {"q": "giá nước sạch"}),  # it is shorter than what would name its parts
        ("water", {"q": "7/2022"}),
        ("water", {"q": "7/2022/QĐ-UBND"}),
        ("water", {"q": "quyết định 7/2022/QĐ-UBND"}),
        ("water", {}),
    ],
)
def test_no_article_answers_a_number_or_for_a_short_text(water, name, asked):
    """Who asks for a document by its number, or for nothing, is shown the document."""
    assert _hit(water, name, **asked)["provisions"] == []


def test_words_beside_a_number_are_answered(water):
    """Only the words count, for all articles bear the document's number."""
    found = _hit(water, "water", q="7/2022/QĐ-UBND kiểm tra")["provisions"]
    assert [item["label"] for item in found] == ["Điều 3"]


def test_articles_have_no_articles(water):
    """In a search for articles each hit is one."""
    hits = water.client.simulate_get(PATH, params={"q": "giá nước sạch", "scope": "provisions"}).json["hits"]
    assert all(hit["provisions"] == [] for hit in hits)


def test_the_page_names_each_article_once(water):
    """An article that a passage names already is not listed beneath it."""
    page = water.client.simulate_get("/", params={"q": "giá nước sạch"}).text
    assert 'class="articles"' in page
    assert sorted(page.count(f'#dieu-{number}"') for number in (2, 4, 5, 6)) == [0, 1, 1, 1]


def test_internal_documents_answer_with_nothing(make_desk):
    """Neither they nor their articles are there for the public."""
    desk = make_desk([_row("water", _LONG, "7/2022/QĐ-UBND", visibility="internal")])
    assert desk.client.simulate_get(PATH, params={"q": "giá nước sạch"}).json["hits"] == []
