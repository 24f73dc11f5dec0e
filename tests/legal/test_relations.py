"""Citations in normal form, relations by their verb, and the days of validity that a text states."""

from datetime import date
from itertools import pairwise

import pytest
from casefiles import by_name, cases
from growth import assert_grows_linearly, repeated
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.legal.citations import Outline, find_citations
from indexer.legal.consolidated import read_base
from indexer.legal.outline import read_units
from indexer.legal.relations import find_relations
from indexer.legal.structure import provisions_of, survey
from indexer.legal.validity import read_validity

_LINES = st.sampled_from(
    (
        "Căn cứ Luật Đất đai ngày 18 tháng 01 năm 2024;",
        "Căn cứ Nghị định số 15/2020/NĐ-CP quy định chi tiết Luật Nhà ở;",
        "Điều 1. Sửa đổi, bổ sung một số điều của Nghị định số 15/2020/NĐ-CP như sau:",
        "1. Bãi bỏ các văn bản sau:",
        "2. Sửa đổi khoản 2 Điều 5 như sau:",
        "“2. Theo khoản 1 Điều này và Luật này.”",
        "a) Thông tư số 1/2010/TT-BTC;",
        "Điều 2. Hiệu lực",
        "Nghị định này có hiệu lực từ ngày 01/01/2021 và thay thế Nghị định số 1/2010/NĐ-CP.",
        "các khoản 1, 2 và 3 Điều 1, Điều 2 và Luật này",
        "khoản 1 Điều 2 khoản 3",
        "Quy chế này, Phụ lục II ban hành kèm theo Thông tư này",
        "PHỤ LỤC II",
        "QUY CHẾ",
        "(Ban hành kèm theo Quyết định số 1/QĐ-UBND)",
    )
)


def _outline(text: str) -> Outline:
    found = survey(text)
    return Outline(read_units(found, provisions_of(found), len(text)), found, text)


def _title(case) -> tuple[int, int] | None:
    start = case["input"].index(case["title"]) if "title" in case else 0
    return (start, start + len(case["title"])) if "title" in case else None


def _base(text: str) -> tuple[int, int]:
    found = read_base(text)
    return found[1].span() if found else (0, 0)


@pytest.mark.parametrize("case", cases("citations"), ids=by_name)
def test_citations_are_found(case):
    """Each case's citations come out in order, in normal form; `outline` is a text before it whose units it may mean."""
    before = case.get("outline", "")
    text = before + case["input"]
    found = find_citations(text, _outline(text), case.get("number"))
    forms = [f"quoted {one.target.normal_form}" if one.quoted else one.target.normal_form for one in found]
    assert forms == case["expect"]


@pytest.mark.parametrize("case", cases("relations"), ids=by_name)
def test_relations_are_read(case):
    """Each case's relations come out in order: kind, target and the body named, "in" where the other document does it."""
    text, number = case["input"], case.get("number")
    outline = _outline(text)
    citations = find_citations(text, outline, number, _title(case))
    found = find_relations(text, outline, citations, _title(case), _base(text) if "VBHN" in (number or "") else None)
    told = [
        f"{'in ' * one.passive}{one.kind} {one.target.normal_form}{f' of {one.issuer}' if one.issuer else ''}" for one in found
    ]
    assert told == case["expect"]


@pytest.mark.parametrize("case", cases("validity"), ids=by_name)
def test_validity_is_read(case):
    """Each case's days come out, no others, each with the sentence that states it."""
    text = case["input"]
    issued = date.fromisoformat(case["issued"]) if case["issued"] else None
    found = {stated.field: stated for stated in read_validity(text, _outline(text), issued)}
    assert {field: stated.day.isoformat() for field, stated in found.items()} == case["expect"]
    assert all("hiệu lực" in text[stated.start : stated.end] for stated in found.values())


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.lists(_LINES, max_size=25).map("\n".join), st.text(max_size=80)))
def test_what_holds_of_any_text(text):
    """Citations lie in order without overlap; a relation names a citation of another document within its sentence."""
    outline = _outline(text)
    citations = find_citations(text, outline, None)
    assert all(0 <= one.start < one.end <= len(text) for one in citations)
    assert all(first.end <= second.start for first, second in pairwise(citations))
    places = {(one.start, one.end): one for one in citations}
    relations = find_relations(text, outline, citations)
    assert len({(one.kind, one.target.normal_form, one.issuer) for one in relations}) == len(relations)
    for relation in relations:
        citation = places[relation.start, relation.end]
        assert citation.target == relation.target
        assert not citation.target.own
        assert not citation.quoted
        assert relation.sentence[0] <= relation.start < relation.sentence[1]


@pytest.mark.parametrize(
    "piece",
    [
        "khoản 1, ",
        "khoản 1 Điều 2 ",
        "Luật sửa đổi, bổ sung một số điều của Luật Đất đai, ",
        "Điều 1. Bãi bỏ Thông tư số 1/2010/TT-BTC;\n",
        "1. Sửa đổi khoản 2 Điều 5 như sau:\n",
        "“",
        "Luật Đất ",
        "Nghị định này có hiệu lực ",
        "Các văn bản sau hết hiệu lực:\n",
        "của Ủy ban nhân dân tỉnh Lạng Sơn: ",
        "Điều 1. Bãi bỏ các Quyết định số 1/2019/QĐ-UBND của Ủy ban nhân dân tỉnh: ",
        "Nghị quyết này được Hội đồng nhân dân thông qua ngày 1 và có hiệu lực ",
        '"',
        '"a" ',
    ],
)
def test_hostile_text_is_read_in_linear_time(piece):
    """Up to 200 kB of one piece over and over, the time grows as the text does."""

    def read(text):
        outline = _outline(text)
        citations = find_citations(text, outline, None)
        return find_relations(text, outline, citations), list(read_validity(text, outline, None))

    assert_grows_linearly(read, repeated(piece), 200_000)
