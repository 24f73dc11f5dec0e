"""The pages for people, read as HTML."""

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.model import Provision
from search_api.pages.document_view import flowing, text_view
from search_api.pages.search_view import address
from search_api.params import SearchParams, read_params


def _page(desk, path, **params):
    answer = desk.client.simulate_get(path, params=params)
    assert answer.headers["content-type"].startswith("text/html")
    return lxml.html.fromstring(answer.text)


def _find(page, tag=None, **attributes):
    """Return the elements below `page` by tag and attributes; a class counts when it is one of the element's."""
    wanted = {name.strip("_"): value for name, value in attributes.items()}

    def fits(element, name, value):
        return value in element.get(name, "").split() if name == "class" else element.get(name) == value

    every = page.iter(tag or lxml.html.etree.Element)
    return [element for element in every if all(fits(element, name, value) for name, value in wanted.items())]


def _texts(elements):
    return [" ".join(element.text_content().split()) for element in elements]


def _follow(desk, page, text):
    (link,) = {link.get("href") for link in _find(_find(page, "main")[0], "a") if " ".join(link.text_content().split()) == text}
    path, _, query = link.partition("?")
    return lxml.html.fromstring(desk.client.simulate_get(path, query_string=query.partition("#")[0]).text)


def test_results_show_marked_passages(desk):
    """Each result has its number, title, facts and a passage with the words marked."""
    page = _page(desk, "/", q="quy hoạch sử dụng đất")
    assert "cho “quy hoạch sử dụng đất”" in _texts(_find(page, "h1"))[0]
    assert _texts(_find(page, "h2")[:1])[0].startswith("Quyết định 12/2022/QĐ-UBND Về việc phê duyệt")
    assert {text.lower() for text in _texts(_find(_find(page, class_="hit")[0], "mark"))} == {"quy", "hoạch", "sử", "dụng", "đất"}


def test_facets_narrow_and_filters_come_off(desk):
    """A facet's link adds the filter; the filter's own link takes it off; the words stay."""
    page = _page(desk, "/", q="tỉnh")
    narrowed = _follow(desk, page, "Nghị quyết")
    assert _texts(_find(narrowed, "span", class_="label")) == ["Nghị quyết 30/2020/NQ-HĐND"]
    assert _find(narrowed, id="q")[0].get("value") == "tỉnh"
    assert _find(narrowed, "input", type="hidden", name="type")[0].get("value") == "Nghị quyết"
    assert _texts(_find(narrowed, "span", class_="chosen")) == ["Nghị quyết"]
    assert len(_find(_follow(desk, narrowed, "Quyết định"), class_="hit")) > 1  # another type joins the one chosen
    again = _follow(desk, narrowed, "Bỏ bộ lọc Nghị quyết ×")
    assert len(_find(again, class_="hit")) == len(_find(page, class_="hit"))


def test_predecessors_of_a_body_are_offered(make_desk):
    """A link adds one to the filter; it is offered no more then."""
    rows = [
        {"name": name, "file": f"{name}.txt", "format": "text", "text": name, "metadata": {"issuer": name, "issued_date": day}}
        for name, day in (("Bộ Tài chính", "2026-01-05"), ("Bộ Kế hoạch và Đầu tư", "2019-01-05"))
    ]
    desk = make_desk(rows)
    page = _page(desk, "/", issuer="BỘ TÀI CHÍNH")
    assert len(_find(page, class_="hit")) == 1
    both = _follow(desk, page, "Bộ Kế hoạch và Đầu tư +")
    assert len(_find(both, class_="hit")) == 2
    assert "Bộ Kế hoạch và Đầu tư +" not in _texts(_find(both, "a"))


def test_nothing_found_gets_help(desk):
    """The page says so and what to try; whether dropping the filters helps."""
    page = _page(desk, "/", q="xyzzy", type="Quyết định")
    assert _texts(_find(page, "h1")) == ["Không tìm thấy văn bản nào"]
    assert "bỏ bộ lọc cũng không có kết quả" in _texts(_find(page, class_="help"))[0]


def test_what_would_give_results_is_a_link(desk):
    """With as many results as the page behind it has: without the filter, without quotation marks."""
    for q, type_, told in (
        ('"an toàn giao thông"', "Nghị quyết", "Không lọc theo loại thì có 1 kết quả."),
        ('"giao thông an toàn"', "", "Bỏ dấu ngoặc kép thì có 1 kết quả."),
    ):
        page = _page(desk, "/", q=q, type=type_)
        assert _texts(_find(page, "h1")) == ["Không tìm thấy văn bản nào"]
        assert len(_find(_follow(desk, page, told), class_="hit")) == 1


def test_words_that_were_mended_can_be_sought_as_typed(desk):
    """By the link beside what is told of them."""
    page = _page(desk, "/", q="bảo đảmm trật")
    assert "thay cho “đảmm”" in _texts(_find(page, class_="steps"))[0]
    typed = _follow(desk, page, "Tìm đúng như đã gõ")
    assert "Không văn bản nào có “đảmm”" in _texts(_find(typed, class_="steps"))[0]
    assert len(_find(typed, class_="hit")) >= 1


def test_parameters_of_social_networks_break_no_link(desk):
    """A page's address with somebody else's parameter shows the page; the API stays strict."""
    assert desk.client.simulate_get("/", query_string="q=t%E1%BB%89nh&fbclid=abc").status_code == 200
    assert desk.client.simulate_get("/api/v1/search", query_string="q=t%E1%BB%89nh&fbclid=abc").status_code == 400


def test_pages_are_linked(desk):
    """Paging keeps the question."""
    page = _page(desk, "/", q="tỉnh", size=1)
    second = _follow(desk, page, "Sau ›")
    assert _texts(_find(second, "a", **{"aria-current": "page"})) == ["Trang 2"]
    assert _texts(_find(second, class_="hit")) != _texts(_find(page, class_="hit"))


def test_beyond_the_last_page_the_way_back_keeps_filters(desk):
    """The first page of the same question, filters and order is one link away."""
    page = _page(desk, "/", q="tỉnh", type="Quyết định", sort="newest", page=40)
    back = _follow(desk, page, "Về trang đầu")
    expected = _page(desk, "/", q="tỉnh", type="Quyết định", sort="newest")
    assert _texts(_find(back, class_="hit")) == _texts(_find(expected, class_="hit")) != []
    assert _find(back, class_="filters")


def test_a_document_is_shown_with_its_articles_and_the_words(desk):
    """The whole text in sections that the table of articles leads to, marked where the words stand."""
    page = _page(desk, f"/van-ban/{desk.ids['land plan']}", q="thu hồi đất")
    anchors = [link.get("href")[1:] for link in _find(_find(page, class_="contents")[0], "a")]
    assert anchors == [part.get("id") for part in _find(page, class_="part") if part.get("id")] == ["dieu-1", "dieu-2", "dieu-3"]
    text = desk.client.simulate_get(f"/api/v1/documents/{desk.ids['land plan']}").json["text"]
    assert "".join("".join(part.text_content() for part in _find(page, class_="part")).split()) == "".join(text.split())
    assert _find(page, "mark", id="khop")
    assert _find(page, "a", href=f"/api/v1/documents/{desk.ids['land plan']}/file")


def test_what_documents_and_readers_write_is_escaped(desk):
    """Markup in a text or in a question is shown, never obeyed."""
    page = _page(desk, "/", q='<script>alert("1")</script> phản ánh')
    assert not [script for script in _find(page, "script") if script.text]
    assert _find(page, id="q")[0].get("value") == '<script>alert("1")</script> phản ánh'
    document = _page(desk, f"/van-ban/{desk.ids['no metadata']}", q="phản ánh")
    assert "<b>phản ánh</b> & nhận" in " ".join(_find(document, class_="body")[0].text_content().split())


@pytest.mark.parametrize("path", ["/", "/?q=t%E1%BB%89nh", "/van-ban/{}", "/khong-co"])
def test_pages_are_accessible_and_hold_nothing_inline(desk, path):
    """Language, title, one h1, landmarks, a skip link that arrives, a label for each field; no style, one script file."""
    answer = desk.client.simulate_get(path.format(desk.ids["land plan"]))
    page = lxml.html.fromstring(answer.text)
    assert page.get("lang") == "vi"
    assert _find(page, "title")[0].text
    assert [len(_find(page, name)) for name in ("h1", "main", "footer")] == [1, 1, 1]
    assert len(_find(page, "form", role="search")) == 1
    assert _find(page, id=_find(page, "a", class_="skip")[0].get("href").removeprefix("#"))
    fields = [field for field in _find(page, "input") if field.get("type") != "hidden"]
    labelled = {label.get("for") for label in _find(page, "label")}
    assert all(field.get("id") in labelled or field.getparent().tag == "label" for field in fields)
    assert not _find(page, "style")
    (script,) = _find(page, "script")
    assert script.get("src").startswith("/static/")
    assert not script.text
    names = {name for element in _find(page) for name in element.attrib}
    assert not [name for name in names if name.startswith(("on", "style"))]
    policy = dict(part.split(maxsplit=1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == policy["style-src"] == "'self'"


def test_an_unchanged_page_keeps_its_policy(desk):
    """A browser takes the headers of a 304 for those of the page that it holds."""
    first = desk.client.simulate_get("/")
    again = desk.client.simulate_get("/", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.headers["content-security-policy"] == first.headers["content-security-policy"]


def test_static_files_are_kept_for_good_under_an_address_of_their_content(desk):
    """The style sheet is one request, the script another; any other address is 404."""
    page = _page(desk, "/")
    for href, kind in (
        (_find(page, "link", rel="stylesheet")[0].get("href"), "text/css"),
        (_find(page, "script")[0].get("src"), "text/javascript"),
    ):
        got = desk.client.simulate_get(href)
        assert got.headers["content-type"].startswith(kind)
        assert "immutable" in got.headers["cache-control"]
    assert desk.client.simulate_get("/static/000000000000/style.css").status_code == 404
    assert desk.client.simulate_get("/static/../templates/base.html").status_code == 404


@given(
    text=st.text(max_size=60),
    cuts=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6),
    marks=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6),
)
def test_sections_and_pieces_are_the_whole_text(text, cuts, marks):
    """Whatever articles and spans are given, reading the pieces in order gives the text again, but for spaces between."""
    provisions = [Provision(f"d{n}", "", "", *sorted(min(cut, len(text)) for cut in pair)) for n, pair in enumerate(cuts)]
    spans = [span for pair in marks if (span := tuple(sorted(min(mark, len(text)) for mark in pair))) and span[0] < span[1]]
    sections = text_view(flowing(text), provisions, spans).sections
    read = [piece.text for section in sections for piece in (*section.heading, *section.pieces)]
    assert "".join("".join(read).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("label", "heading", "body", "bold"),
    [
        ("Điều 1", "Phạm vi điều chỉnh và đối tượng", "\n1. Một.", "Điều 1. Phạm vi điều\nchỉnh và đối tượng"),
        ("Điều 1", "", " Ban hành Quy định kèm theo.", "Điều 1."),
    ],
)
def test_a_whole_heading_is_bold(label, heading, body, bold):
    """Also where a page's width breaks it, and no more than it; a mark over its end is cut in two."""
    text = bold + body
    end = len(bold)
    article = Provision("dieu-1", label, heading, 0, len(text))
    (section,) = text_view(text, [article], [(end - 2, end + 2)]).sections
    assert "".join(piece.text for piece in section.heading) == bold
    assert [piece.marked for piece in (*section.heading, *section.pieces)] == [False, True, True, False]
    assert sum(piece.first for piece in (*section.heading, *section.pieces)) == 1


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        ("Quyết định này quy định hạn mức giao đất ở và diện tích tối thiểu", "được tách thửa", True),
        ("Quyết định này quy định hạn mức giao đất ở và diện tích tối thiểu:", "các thửa", False),
        ("Quyết định này quy định hạn mức giao đất ở và diện tích tối thiểu", "a) Tách thửa", False),
        ("Quyết định này quy định hạn mức giao đất ở và diện tích tối thiểu", "Điều 2", False),
        ("Căn cứ Luật Ban hành văn bản quy phạm pháp luật ngày 22 tháng 6 năm", "2025 và Luật sửa đổi", True),
        ("Căn cứ Luật Ban hành văn bản quy phạm pháp luật ngày 22 tháng 6 năm", "1. Một", False),
        ("Nơi nhận", "như trên", False),
    ],
)
def test_broken_lines_flow(before, after, joined):
    """A line goes on in the next where it is nearly as long as a page is wide and ends no sentence, and none begins."""
    assert flowing(f"{before}\n{after}") == f"{before}{' ' if joined else chr(10)}{after}"


@pytest.mark.parametrize(("name", "label"), [("from", "Từ ngày"), ("to", "Đến ngày")])
def test_a_wrong_day_loses_nothing(desk, name, label):
    """Words, filters and what was typed stay; the box is named, and the search is made without it."""
    answer = desk.client.simulate_get("/", params={"q": "tỉnh", "type": "Nghị quyết", name: "32/01/2025"})
    page = lxml.html.fromstring(answer.text)
    assert answer.status_code == 400
    assert label in _texts(_find(page, class_="wrong"))[0]
    assert _find(page, id="q")[0].get("value") == "tỉnh"
    assert _find(page, id=name)[0].get("value") == "32/01/2025"
    assert _texts(_find(page, "span", class_="label")) == ["Nghị quyết 30/2020/NQ-HĐND"]


def test_a_number_that_no_document_bears_is_told(make_desk):
    """To the public also where an internal document bears it; nobody is told to type the number that was typed."""
    row = {"name": "one", "file": "1.txt", "format": "text", "text": "Điều 1. Một", "metadata": {"number": "9/2025/QĐ-UBND"}}
    desk = make_desk([row | {"visibility": "internal"}])
    for q in ("9/2025/QĐ UBND", "8/2025/QĐ-UBND", "1182"):
        page = _page(desk, "/", q=q)
        assert "Không có văn bản nào mang số" in _texts(_find(page, class_="steps"))[0]
        assert "gõ thẳng số đó" not in _texts(_find(page, class_="help"))[0]


def test_articles_of_an_attached_part_say_so(make_desk):
    """In the label of a hit, in the passage's, and under a heading of their own in the list of articles."""
    text = (
        "QUYẾT ĐỊNH\nBan hành Quy định\nĐiều 1. Ban hành kèm theo Quyết định này Quy định về hợp thửa.\n"
        "QUY ĐỊNH\nVề hợp thửa\n(Ban hành kèm theo Quyết định số 9/2025/QĐ-UBND)\nĐiều 1. Phạm vi\nHợp thửa đất ở.\n"
    )
    row = {"name": "one", "file": "1.txt", "format": "text", "text": text}
    desk = make_desk([row | {"metadata": {"number": "9/2025/QĐ-UBND", "type": "Quyết định"}, "provisions": "read"}])
    hit = _page(desk, "/", q="hợp thửa đất ở", scope="provisions")
    assert _texts(_find(hit, "span", class_="label"))[0] == "Điều 1 Quy định kèm theo Quyết định 9/2025/QĐ-UBND"
    page = _page(desk, f"/van-ban/{desk.ids['one']}")
    assert _texts(_find(_find(page, class_="contents")[0], "h2")) == ["Quy định kèm theo"]
    items = desk.client.simulate_get(f"/api/v1/documents/{desk.ids['one']}").json["provisions"]
    assert [(item["label"], item["short_label"]) for item in items] == [
        ("Điều 1", "Điều 1"),
        ("Điều 1 Quy định kèm theo", "Điều 1"),
    ]


def test_a_type_without_a_number_is_shown(make_desk):
    """As the result's label."""
    desk = make_desk([{"name": "one", "file": "1.txt", "format": "text", "text": "Một", "metadata": {"type": "Thông báo"}}])
    assert _texts(_find(_page(desk, "/"), "span", class_="label")) == ["Thông báo"]


@given(
    q=st.text(alphabet="ađ &?#%+=/\"'<", max_size=20),
    types=st.lists(st.text(alphabet="aQđ &?#%+=", min_size=1, max_size=10).filter(str.strip), max_size=3, unique=True),
    page=st.integers(1, 100),
)
def test_addresses_are_read_back(q, types, page):
    """What a link says is what the server reads."""
    params = SearchParams(q=q, type=tuple(types), page=page)
    query = address(params, page=page).partition("?")[2]
    read = read_params(SearchParams, query)
    assert (read.q.strip(), read.type, read.page) == (q.strip(), params.type, page)


def test_an_article_found_is_called_by_its_heading(make_desk):
    """Then by the title of its document, which all articles of that share."""
    row = {"name": "one", "file": "one.txt", "format": "text", "text": "Điều 1. Giữ rừng phòng hộ\nKhông chặt cây.\n"}
    desk = make_desk([row | {"metadata": {"number": "9/2025/QĐ-UBND", "type": "Quyết định", "title": "Về rừng của xã"}}])
    page = _page(desk, "/", q="giữ rừng", scope="provisions")
    assert _texts(_find(page, "span", class_="title")) == ["Giữ rừng phòng hộ"]
    assert _texts(_find(page, "p", class_="of")) == ["Về rừng của xã"]


def test_words_with_a_short_form_are_marked_apart_too(make_desk):
    """What is found by the words of an abbreviation's long form shows them, though they do not stand side by side."""
    text = "Quy hoạch của xã.\nCách dùng đất: sử dụng đất đúng mục đích."
    desk = make_desk([{"name": "one", "file": "one.txt", "format": "text", "text": text, "metadata": {"title": "Về xã"}}])
    marked = _texts(_find(_page(desk, "/", q="quy hoạch sử dụng đất"), "mark"))
    assert {"sử", "dụng", "đất"} <= {word.lower() for word in marked}


def test_a_law_that_is_not_here_is_told(desk):
    """Nobody looks for it among what only speaks of it."""
    steps = _texts(_find(_page(desk, "/", q="luật nhà giáo"), class_="steps"))
    assert "Không có Luật Nhà giáo (số 73/2025/QH15)" in steps[0]
