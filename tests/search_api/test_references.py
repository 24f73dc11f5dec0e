"""Provisions of named documents in a question."""

import pytest
from casefiles import by_name, cases
from hypothesis import given
from hypothesis import strategies as st

from search_api.references import reference_spans, take_reference
from search_api.understand import understand

PATH = "/api/v1/search"
WORDS = st.sampled_from(
    [
        *("điều", "dieu", "Đ15", "k2", "khoản", "2", "15", "15a", "điểm", "đ"),
        *("luật", "đất", "đai", "blhs", "30/2020/NĐ-CP", "của", '"', "-"),
    ]
)


@pytest.mark.parametrize("case", cases("provisions_asked"), ids=by_name)
def test_provisions_are_found(case):
    """Each case's provision is what it says; what is left names the document."""
    rest, reference = take_reference(case["q"])
    assert (reference.anchor if reference else None, rest) == (case["anchor"], case["rest"])
    if "numbers" in case:
        assert list(reference.numbers) == case["numbers"]


@pytest.mark.parametrize("case", [case for case in cases("provisions_asked") if case["anchor"]], ids=by_name)
def test_a_provision_is_a_step(case):
    """The reader is told which provision was read, and the words for it demand nothing."""
    understood = understand(case["q"])
    (step,) = [step for step in understood.steps if step.code == "provision"]
    assert step.terms[0] in case["q"]
    assert step.text.endswith(".")
    assert "điều" not in understood.words


@given(st.lists(WORDS, max_size=20).map(" ".join) | st.text(max_size=40))
def test_any_text_may_name_a_provision(text):
    """Whatever is typed, what is left is a part of it, and the provision stands outside quotations."""
    rest, reference = take_reference(text)
    assert len(rest) <= len(text)
    assert (reference is None) == (rest is text)
    if reference:
        assert (reference.start, reference.end) in reference_spans(text)
        assert '"' not in text[reference.start : reference.end]
    understand(text)


def _law(name, number, day, title, kind="Luật"):
    articles = "\n".join(f"Điều {place}. Quy định {place}\nTheo Luật Đất đai; {title}." for place in range(1, 21))
    metadata = {"number": number, "type": kind, "issuer": "Quốc hội", "issued_date": day, "title": title}
    return {"name": name, "file": f"{name}.txt", "format": "text", "metadata": metadata, "text": articles}


LAWS = [
    _law("guide", "43/2014/NĐ-CP", "2014-05-15", "Quy định chi tiết thi hành một số điều của Luật Đất đai", "Nghị định"),
    _law("land 2013", "45/2013/QH13", "2013-11-29", "Luật Đất đai"),
    _law("housing", "65/2014/QH13", "2014-11-25", "Luật Nhà ở"),
    _law("statistics", "89/2015/QH13", "2015-11-23", "Thống kê") | {"text": "Điều 1. Phạm vi\nChung.\nĐiều 2. Số liệu\nĐủ."},
]


@pytest.mark.parametrize(
    ("q", "name", "anchor"),
    [
        ("khoản 2 điều 15 luật đất đai", "land 2013", "dieu-15"),
        ("Đ15 K2 luật đất đai", "land 2013", "dieu-15"),
        ("luat dat dai dieu 7", "land 2013", "dieu-7"),
        ("điều 7 luật đất đai 2013", "land 2013", "dieu-7"),
        ("điều 9 luật nhà ở", "housing", "dieu-9"),
        ("điều 2 luật thống kê", "statistics", "dieu-2"),
        ("điều 9 nghị định 43/2014/NĐ-CP", "guide", "dieu-9"),
        ("nghị định 43 điều 9", "guide", "dieu-9"),
    ],
)
@pytest.mark.parametrize("scope", ["provisions", "documents"])
def test_the_article_of_the_named_document_comes_first(make_desk, q, name, anchor, scope):
    """Among articles it is the first; among documents its document, at that article."""
    desk = make_desk(LAWS)
    first = desk.client.simulate_get(PATH, params={"q": q, "scope": scope}).json["hits"][0]
    assert (first["id"], first["provision"]["anchor"]) == (desk.ids[name], anchor)
    assert first["url"].endswith(f"#{anchor}")
    assert {snippet["provision"]["anchor"] for snippet in first["snippets"]} == {anchor}


def test_documents_that_are_not_named_are_shown_as_ever(make_desk):
    """A decree on the law is found by its words, not at its own Article 15."""
    desk = make_desk(LAWS)
    hits = desk.client.simulate_get(PATH, params={"q": "điều 15 luật đất đai"}).json["hits"]
    assert {hit["id"]: hit["provision"] for hit in hits}[desk.ids["guide"]] is None


def test_an_article_that_the_document_lacks_is_no_error(make_desk):
    """The document is still found."""
    desk = make_desk(LAWS)
    for scope in ("documents", "provisions"):
        first = desk.client.simulate_get(PATH, params={"q": "điều 999 luật đất đai", "scope": scope}).json["hits"][0]
        assert first["id"] == desk.ids["land 2013"]
