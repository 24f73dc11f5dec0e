"""GET /api/v1/suggest."""

import json
import re
import subprocess
import sys
from pathlib import Path

import falcon.testing
import pytest
from casefiles import by_name, cases
from hypothesis import given
from hypothesis import strategies as st
from operator_desk import Desk as OperatorDesk

from indexer.engine.whooshdb.store import WhooshStore
from indexer.model import Visibility
from indexer.publish import publish
from search_api.app import create_app, open_services
from search_api.lexing import reserved
from search_api.params import MAX_QUERY
from search_api.render import SuggestAnswer
from search_api.services import Services
from search_api.suggest import as_words, suggest

PATH = "/api/v1/suggest"
ROWS = json.loads((Path(__file__).parent / "suggested.json").read_text(encoding="utf-8"))
EVERYTHING = frozenset(Visibility)
_SIGNS = ("đất", "RỪNG", "A", "-", "+", "|", "(", ")", '"', "*", "?", "NOT", "AND", "OR", "VÀ", "HOẶC", "KHÔNG", "loại:", " ")
_TITLE = st.lists(st.sampled_from(_SIGNS), max_size=12).map("".join) | st.lists(st.sampled_from(_SIGNS), max_size=12).map(
    " ".join
)
_ANY = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=40)
_WORDS = ("đ", "quy", "hoạch", "12", "/", "-", '"', "NOT ", "thông tư", " ", "*", "đất")
_PIECES = st.lists(st.sampled_from(_WORDS), max_size=8).map(lambda words: "".join(words))
_TITLES = [row["metadata"]["title"] for row in ROWS]
_BEGINNINGS = st.builds(lambda title, end: title[:end], st.sampled_from(_TITLES), st.integers(1, 60))


@pytest.fixture(scope="module")
def on_disk(titled, tmp_path_factory):
    """The same documents with a Whoosh index."""
    store = WhooshStore(tmp_path_factory.mktemp("index"))
    publish(titled.catalogue, store)
    services = Services(store.engine, lambda: titled.catalogue)
    yield services
    services.engine.close()


@pytest.fixture(scope="module")
def sampled(samples, tmp_path_factory):
    """The operator's desk and the application over the repository's own samples."""
    operator = OperatorDesk(tmp_path_factory.mktemp("samples") / "data")
    operator.index(samples)
    services = open_services(operator.options)
    yield operator, services
    services.engine.close()
    services.library.close()


def _items(client, q):
    return SuggestAnswer.model_validate(client.simulate_get(PATH, params={"q": q}).json).suggestions


def _texts(client, q):
    return [item.text for item in _items(client, q)]


def _is_found(client, item):
    """Say whether the text, searched, finds a document, and the address shows one."""
    total = client.simulate_get("/api/v1/search", params={"q": item.text}).json["total"]
    return total > 0 and client.simulate_get(item.url.partition("#")[0]).status_code == 200


@pytest.mark.parametrize("case", cases("suggest"), ids=by_name)
def test_a_case_is_suggested_as_it_says(titled, on_disk, case):
    """First come those of `first`, those of `among` come at all, those of `without` don't; both engines agree."""
    expect, found = case["expect"], _texts(titled.client, case["typed"])
    first = expect.get("first", [])
    assert found[: None if expect.get("only") else len(first)] == first
    assert set(expect.get("among", [])) <= set(found)
    assert not set(expect.get("without", [])) & set(found)
    assert [item.text for item in suggest(on_disk, case["typed"]).suggestions] == found


def test_who_may_see_internal_documents_is_suggested_them(titled):
    """The reader's rights decide, not the place where documents lie."""
    assert "12/2025/QĐ-UBND" in [item.text for item in suggest(titled.services, "12/2025", EVERYTHING).suggestions]


@given(_ANY | _PIECES | _BEGINNINGS)
def test_every_suggestion_finds_something(titled, q):
    """Any text is answered: at most ten, none twice, each with a hit."""
    items = _items(titled.client, q)
    assert len(items) <= 10
    assert len({item.text.casefold() for item in items}) == len(items)
    for item in items:
        assert _is_found(titled.client, item), item


@given(_TITLE | st.text(max_size=40))
def test_no_title_is_offered_as_operators(title):
    """Whatever a title holds, the question made of it has nothing but words, and all of those."""
    words = as_words(title)
    assert list(reserved(words)) == []
    assert not set(words) & set('()|"*')
    assert re.findall(r"[^\W_]+", words.lower()) == re.findall(r"[^\W_]+", title.lower())


@pytest.mark.parametrize("q", ["/ " * 400, "1" * MAX_QUERY, "12/" + " - " * 300, "đ " * 500, "a" * MAX_QUERY])
def test_long_texts_are_answered(titled, q):
    """No text, however long, is refused or answered with more than fits."""
    assert len(_items(titled.client, q[:MAX_QUERY])) <= 10


def test_samples_suggest_what_they_hold(sampled):
    """Typed letter by letter, titles and numbers of the samples are suggested, and each suggestion is found."""
    _, services = sampled
    client = falcon.testing.TestClient(create_app(services))
    seen = set()
    for name in ("12.2025.QD-UBND.pdf", "1182.QD-UBND.pdf", "418.HD-SYT.doc"):
        expected = next(case["expect"] for case in cases("samples") if case["name"] == name)
        for text in (expected["number"], expected["title"]):
            typings = [_items(client, text[:end]) for end in range(1, 25)]
            assert text in [item.text for item in typings[-1]]
            seen |= {item for items in typings for item in items}
    assert len(seen) > 10
    for item in seen:
        assert _is_found(client, item), item


def test_a_recall_by_another_process_ends_suggestions_at_once(sampled, samples):
    """The next request after the catalogue's change shows neither number, title nor heading, in an application that goes on."""
    operator, services = sampled
    client = falcon.testing.TestClient(create_app(services))
    asked = ["58/QĐ", "công khai dự toán ngân sách huyện"]
    recalled = operator.documents()["58/QĐ-UBND"]
    assert all(_items(client, q) for q in asked)
    command = ["recall", recalled.id, "--why", "thu hồi", "--data", str(operator.options.data)]
    subprocess.run([sys.executable, "-c", "from search_api.cli import main; main()", *command], check=True, capture_output=True)
    for q in asked:
        assert [item for item in _items(client, q) if recalled.id in item.url or "58/QĐ" in item.text] == []


def test_what_the_catalogue_withdrew_is_not_suggested_from_an_older_index(make_desk):
    """Between the catalogue's change and the index commit the index still holds the document."""
    desk = make_desk(ROWS)
    with desk.catalogue.transaction() as transaction:
        for name in ("plan 2022", "plan 2023"):
            transaction.remove_by_order(desk.catalogue.get(desk.ids[name]).key, "thu hồi")
    assert _texts(desk.client, "quy hoạch sử d") == ["Điều chỉnh quy hoạch sử dụng đất và kế hoạch sử dụng đất năm 2024"]
    assert "12/2022/QĐ-UBND" not in _texts(desk.client, "12/2022")


def test_a_short_title_is_suggested_before_many_newer_ones(make_desk):
    """A law comes first though forty newer documents speak of it."""
    law = next(row for row in ROWS if row["name"] == "law")
    titles = [f"Kế hoạch {n} về việc thi hành Luật Chăn nuôi" for n in range(40)]
    others = [
        {**law, "name": title, "file": f"{place}.txt", "text": title}
        | {"metadata": law["metadata"] | {"number": f"{place}/KH-UBND", "issued_date": "2020-01-01", "title": title}}
        for place, title in enumerate(titles)
    ]
    desk = make_desk([*others, law])
    offered = [item.text for item in _items(desk.client, "luật ch") if item.kind == "title"]
    assert offered[0] == "Luật Chăn nuôi"
    assert set(offered[1:]) < set(titles)
    assert len(offered) > 1
