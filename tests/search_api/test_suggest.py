"""GET /api/v1/suggest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_api.render import SuggestAnswer

PATH = "/api/v1/suggest"


def _texts(desk, q):
    answer = SuggestAnswer.model_validate(desk.client.simulate_get(PATH, params={"q": q}).json)
    return [item.text for item in answer.suggestions]


@pytest.mark.parametrize("q", ["quy hoạch sử d", "quy hoach su du", "phê duyệt qu", "Cao L"])
def test_titles_are_suggested_by_the_beginning_of_the_last_word(desk, q):
    """With and without accents; the words before it must be there."""
    assert _texts(desk, q) == ["Về việc phê duyệt quy hoạch sử dụng đất của huyện Cao Lộc"]


@pytest.mark.parametrize("q", ["12", "12/2022", "12/2022/qd", "12/2022/QĐ-UBND"])
def test_numbers_are_suggested_as_printed(desk, q):
    """A number that is being typed is completed."""
    assert _texts(desk, q) == ["12/2022/QĐ-UBND"]


def test_internal_titles_are_not_suggested(desk):
    """Rights hold for suggestions too."""
    assert _texts(desk, "luân chu") == []


def test_nothing_typed_suggests_nothing(desk):
    """An empty box has no suggestions."""
    assert _texts(desk, " ") == []


@given(st.text(max_size=20) | st.sampled_from(["đ", "h", "b", "quy", "12", "th", "1182/2023"]))
def test_every_suggestion_finds_something(desk, q):
    """At most ten, each with a hit."""
    if any(0xD800 <= ord(character) < 0xE000 for character in q) or "\0" in q:
        return
    texts = _texts(desk, q)
    assert len(texts) <= 10
    for text in texts:
        assert desk.client.simulate_get("/api/v1/search", params={"q": text}).json["total"] > 0
