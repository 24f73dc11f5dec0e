"""Issuing bodies that a question names."""

import pytest
from casefiles import by_name, cases
from hypothesis import given
from hypothesis import strategies as st

from analyzers.accents import has_accents
from analyzers.tables import rows
from indexer.engine.query import Layer
from indexer.legal.identity import body_of_group, group_of, identity_of
from search_api.issuers import MOST, find_issuers
from search_api.understand import understand

PATH = "/api/v1/search"
WORDS = st.sampled_from(
    [
        *("quyết định", "thông tư", "nghị định", "của", "do", "ban hành", "ubnd", "hđnd", "sở", "y tế", "bộ", "tài chính", "btc"),
        *("tỉnh", "lạng sơn", "tp", "hà nội", "chính phủ", "bo tai chinh", '"', "-", "2022"),
    ]
)


@pytest.mark.parametrize("case", cases("issuers_asked"), ids=by_name)
def test_issuers_are_found(case):
    """Each case's bodies are what it says; a favour and a step tell of them, and their words stay words."""
    understood = understand(case["q"])
    steps = [step for step in understood.steps if step.code == "favoured_issuer"]
    assert [all(group in step.text for group in case["groups"]) for step in steps] == [True] * bool(case["groups"])
    found = find_issuers(case["q"], Layer.MAIN if has_accents(case["q"]) else Layer.FOLDED) if case["groups"] else ()
    assert [(list(one.groups), one.plain) for one in found] == ([(case["groups"], case["plain"])] if case["groups"] else [])
    assert all(case["former"] in one.former for one in found if "former" in case)
    assert "folded" in [step.code for step in understood.steps] or set(case["q"].lower().split()) & {*understood.words, "ubnd"}


@pytest.mark.parametrize("meant", [meant for _, meant, _ in rows("search_api", "issuer_names.tsv") if meant])
def test_what_bodies_are_called_means_bodies(meant):
    """Each body of the table is one that the tables of bodies know."""
    for name in meant.split("; "):
        body = identity_of(name, None)
        assert body is not None
        assert body_of_group(group_of(body)) == body


@given(st.lists(WORDS, max_size=20).map(" ".join) | st.text(max_size=40))
def test_any_text_may_name_issuers(text):
    """Whatever is typed, the bodies are bounded, in order, and stand where it is said."""
    layer = Layer.MAIN if has_accents(text) else Layer.FOLDED
    found = find_issuers(text, layer)
    assert len(found) <= MOST
    assert all(0 <= one.start < one.end <= len(text) and one.groups for one in found)
    assert [one.start for one in found] == sorted(one.start for one in found)
    understand(text)


def _issued(name, issuer):
    metadata = {"number": f"{name}/QĐ-X", "type": "Quyết định", "issuer": issuer, "title": "Quy hoạch đất"}
    text = f"{issuer}\nQUYẾT ĐỊNH\nQuy hoạch đất {name}, gửi Ủy ban nhân dân tỉnh Phú Thọ."
    return {"name": name, "file": f"{name}.txt", "format": "text", "metadata": metadata, "text": text}


ISSUED = [
    _issued("1", "Ủy ban nhân dân tỉnh Hà Giang"),
    _issued("2", "Ủy ban nhân dân tỉnh Hòa Bình"),
    _issued("3", "UBND tỉnh Phú Thọ"),
    _issued("4", "Hội đồng nhân dân tỉnh Phú Thọ"),
]


@pytest.mark.parametrize("q", ["quyết định ubnd tỉnh phú thọ quy hoạch đất", "quy hoach dat ubnd phu tho", "ubnd phú thọ đất"])
def test_the_body_named_comes_first_and_its_predecessors_second(make_desk, q):
    """Nothing is left out: those who only name it follow."""
    desk = make_desk(ISSUED)
    hits = [hit["id"] for hit in desk.client.simulate_get(PATH, params={"q": q}).json["hits"]]
    assert hits[:2] == [desk.ids["3"], desk.ids["2"]]
    assert len(hits) == len(ISSUED)
