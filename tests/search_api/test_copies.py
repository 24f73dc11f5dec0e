"""Copies are one hit that tells where else it stands."""

import pytest

PATH = "/api/v1/search"
LONG = " ".join(f"thửa đất số {number} của tờ bản đồ địa chính" for number in range(30))
ROWS = [
    {
        "name": name,
        "file": f"{name}.txt",
        "format": "text",
        "visibility": visibility,
        "metadata": {"number": number, "type": kind, "title": "Về thửa đất"},
        "text": f"{kind}{space}\nĐiều {article}. Thửa đất{mark}\n{LONG}",
    }
    for name, visibility, number, kind, space, article, mark in (
        ("law", "public", "1/2010/QH12", "Luật", "", "5", ""),
        ("again", "public", "1/2010/QH12", "Luật", "   ", "5", ""),
        ("hidden", "internal", "1/2010/QH12", "Luật", " \t ", "5", ""),
        ("codified", "public", "7/VBHN-VPQH", "Văn bản hợp nhất", "", "6", "[3]"),
    )
]


@pytest.fixture
def desk(make_desk):
    """A law in two sources, a copy that is internal, and its codified text."""
    return make_desk(ROWS)


def test_a_document_is_told_once(desk):
    """The other copy is a place of the hit, what is internal is not; all are hits of their own on demand."""
    answer = desk.client.simulate_get(PATH, params={"q": "thửa đất"}).json
    assert answer["total"] == len(answer["hits"]) == 2
    first = next(hit for hit in answer["hits"] if hit["type"] == "Luật")
    assert (first["id"], first["other_places_total"]) == (desk.ids["law"], 1)
    assert first["other_places"] == [
        {
            "id": desk.ids["again"],
            "number": "1/2010/QH12",
            "title": "Về thửa đất",
            "name": "Luật 1/2010/QH12",
            "anchor": "",
            "label": "",
            "url": f"/van-ban/{desk.ids['again']}",
        }
    ]
    assert sum(item["count"] for item in answer["facets"]["type"]) == 3  # of entries
    each = desk.client.simulate_get(PATH, params={"q": "thửa đất", "collapse": "false"}).json
    assert each["total"] == 3
    assert all(hit["other_places"] == [] and hit["other_places_total"] == 0 for hit in each["hits"])


def test_an_article_and_its_codified_text_are_one_hit(desk):
    """Places name the article; the page links to it there."""
    answer = desk.client.simulate_get(PATH, params={"q": "thửa đất", "scope": "provisions"}).json
    (hit,) = answer["hits"]
    places = {(place["name"], place["label"], place["anchor"]) for place in hit["other_places"]}
    everywhere = {("Luật 1/2010/QH12", "Điều 5", "dieu-5"), ("Văn bản hợp nhất 7/VBHN-VPQH", "Điều 6", "dieu-6")}
    assert (answer["total"], hit["other_places_total"]) == (1, 2)
    assert places <= everywhere
    page = desk.client.simulate_get("/", params={"q": "thửa đất", "scope": "provisions"}).text
    assert "Cũng có trong:" in page
    assert all(f'<a href="{place["url"]}">{place["label"]} – {place["name"]}</a>' in page for place in hit["other_places"])


def test_a_place_that_is_gone_is_not_shown(desk):
    """What was removed since the index was written is neither listed nor counted."""
    with desk.catalogue.transaction() as change:
        change.remove(desk.catalogue.key_of(desk.ids["again"]), "thử")
    answer = desk.client.simulate_get(PATH, params={"q": "thửa đất"}).json
    assert [(hit["other_places"], hit["other_places_total"]) for hit in answer["hits"]] == [([], 0), ([], 0)]


def test_many_copies_are_told_by_their_number(make_desk):
    """The page names five places and leads to the rest; the form and the links keep what was chosen."""
    row = {"format": "text", "metadata": {"type": "Luật", "title": "Về thửa đất"}}
    desk = make_desk([row | {"name": f"{n}", "file": f"{n}.txt", "text": f"Luật{' ' * n}\n{LONG}"} for n in range(1, 9)])
    page = desk.client.simulate_get("/", params={"q": "thửa đất"}).text
    assert "1 văn bản cho" in page
    assert '<a href="/?q=th%E1%BB%ADa+%C4%91%E1%BA%A5t&amp;collapse=false">và 2 nơi khác</a>' in page
    each = desk.client.simulate_get("/", params={"q": "thửa đất", "collapse": "false", "prior": "false", "size": "2"}).text
    assert "8 văn bản cho" in each
    assert '<input type="hidden" name="collapse" value="false">' in each
    assert '<input type="hidden" name="prior" value="false">' in each
    assert "collapse=false&amp;prior=false" in each
