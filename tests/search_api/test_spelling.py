"""Words that no document has, as the reader may have meant them."""

import pytest
from casefiles import by_name, cases
from engine.building import entry, fill
from hypothesis import given
from hypothesis import strategies as st

from indexer.engine.fields import Scope
from indexer.engine.memory import MemoryStore
from indexer.engine.port import SearchEngine
from search_api.keystrokes import read_keys
from search_api.spelling import mend

TEXTS = ("quy hoạch sử dụng đất", "thưởng phạt công minh", "khen thưởng tập thể", "đường bộ", "bảo vệ môi trường")


@pytest.fixture(scope="module")
def engine() -> SearchEngine:
    """Each text in four documents, and an internal one with a word of its own."""
    store = MemoryStore()
    public = [entry(key, body=text) for key, text in enumerate(TEXTS * 4, 1)]
    fill(store, *public, entry(99, body="tuyệt mậtt mậtt mậtt", visibility="internal"))
    return store.engine()


@pytest.mark.parametrize("case", cases("keystrokes"), ids=by_name)
def test_keys_of_an_input_method_are_read(case):
    """Each case's keys write what it says, or nothing."""
    assert read_keys(case["typed"]) == case["expect"]


@given(st.text(alphabet="aeiouwdsfrxj12359nghq", max_size=14))
def test_any_keys_are_read_or_not(word):
    """What is read holds letters alone and is no longer than the keys."""
    read = read_keys(word)
    assert read is None or (read.isalpha() and len(read) <= len(word))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("khen thởng", "khen thưởng"),
        ("khen thưởgn tập thể", "khen thưởng tập thể"),
        ("quyhoạch đất", "quy hoạch đất"),
        ("khen thuwowngr", "khen thưởng"),
        ("bao ve moi truongg", "bao ve moi truong"),
        ('"khen thởng"', '"khen thởng"'),
        ("12/2022/QĐ-UBNDD", "12/2022/QĐ-UBNDD"),
        ("xyzt", "xyzt"),
        ("mậtt", "mậtt"),  # an internal document's word is offered to nobody
        ("mật", "mật"),
        ("", ""),
    ],
)
def test_words_that_no_document_has_are_replaced(engine, typed, meant):
    """By what public documents hold beside the words around; not in quotation marks, not in numbers."""
    text, mended = mend(typed, engine, Scope.DOCUMENTS)
    assert text == meant
    assert bool(mended) == (typed != meant)


@given(st.text(max_size=40))
def test_any_text_can_be_mended(engine, text):
    """Nothing fails, and what stands between the words stays."""
    found, mended = mend(text, engine, Scope.DOCUMENTS)
    assert (found == text) == (not mended)
