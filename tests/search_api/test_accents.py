"""Questions typed without accents, and which were meant."""

import unicodedata

import pytest
from casefiles import by_name, cases
from engine.building import entry, fill
from hypothesis import given
from hypothesis import strategies as st

from analyzers.accents import fold
from indexer.engine.fields import Scope
from indexer.engine.memory import MemoryStore
from indexer.engine.port import SearchEngine
from search_api.accents import restore
from search_api.params import SearchParams
from search_api.search import find

TITLES = (
    *("quy hoạch sử dụng đất", "đường bộ", "đường sắt", "điều dưỡng viên", "hướng dương", "cho quan", "sử dụng đường bộ"),
    *("điều dưỡng trưởng", "đường thủy", "bảo dưỡng đường bộ", "tháng máy"),
)


@pytest.fixture(scope="module")
def engine() -> SearchEngine:
    """Each title in four public documents, and an internal one with words of its own."""
    store = MemoryStore()
    public = [entry(key, title=title) for key, title in enumerate(TITLES * 4, 1)]
    fill(store, *public, entry(99, title="tuyệt mật tuyệt mật", visibility="internal"))
    return store.engine()


@pytest.mark.parametrize("case", cases("accents"), ids=by_name)
def test_accents_are_those_that_documents_have(engine, case):
    """By the neighbours; where none is sure, the others are told."""
    text, restored = restore(case["typed"], engine, Scope.DOCUMENTS)
    assert text == case["text"]
    assert [one.meant for one in restored if one.sure and has_other_letters(one)] == [
        word for word in case["sure"] if fold(word) != word
    ]
    for typed, others in case.get("others", {}).items():
        assert [list(one.others) for one in restored if one.typed == typed] == [others]


def has_other_letters(one):
    """Say whether a restored syllable differs from what was typed."""
    return one.meant != one.typed.lower()


@given(
    st.text(st.characters(codec="utf-8"), max_size=40) | st.lists(st.sampled_from(fold(" ".join(TITLES)).split())).map(" ".join)
)
def test_any_text_keeps_its_letters(engine, text):
    """What is restored folds to what was typed, but for case."""
    text = unicodedata.normalize("NFC", text)
    again, restored = restore(text, engine, Scope.DOCUMENTS)
    assert fold(again).lower() == fold(text).lower()
    assert (again == text) or restored


@pytest.mark.parametrize("typed", ["duong bo", "DUONG BO", "đuong bo", "duong"])
def test_a_question_without_accents_finds_those_meant_first(engine, typed):
    """And others behind them."""
    understanding, result = find(engine, SearchParams(q=typed, size=30))
    titles = [TITLES[(hit.key - 1) % len(TITLES)] for hit in result.hits]
    assert "đường" in titles[0]
    assert "accents" in {step.code for step in understanding.steps}
    if typed == "duong":
        assert {"điều dưỡng viên", "hướng dương", "đường sắt"} <= set(titles)


def test_as_typed_nothing_is_restored(engine):
    """Who asks so is taken at their word."""
    understanding, _ = find(engine, SearchParams(q="duong bo", as_typed=True))
    assert "accents" not in {step.code for step in understanding.steps}
