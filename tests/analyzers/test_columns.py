"""Columns against the tokens that they stand for."""

import pytest
from growth import assert_grows_linearly, repeated
from hypothesis import given, settings
from hypothesis import strategies as st
from realtexts import sampled

from analyzers import columns as module
from analyzers.columns import columns
from analyzers.profiles import Profile, analyse

WRITTEN = [
    "Quyết định số 12/2022/QĐ-UBND",
    "12 /2022/QÐ- UBND.",
    "ngày 23 tháng 3 năm 2022",
    "điểm đ khoản 2 Điều 15",
    "số111/2008/NQ-HĐND",
    "quy hoạch sử dụng đất",
    "Ủy ban nhân dân",
    "đ\u00adược",
    "quye\u0302\u0301t",
    "a-b/c",
]
spaces = st.sampled_from([" ", "\n", "  ", "\t", "\u00a0", "\u3000", "\u2028", "\x1c", ""])
texts = st.lists(st.sampled_from(WRITTEN) | spaces | st.text(max_size=6), max_size=14).map("".join)
profiles = st.sampled_from(Profile)


def check(texts: list[str], profile: Profile) -> None:
    """The columns are those of the tokens, text by text."""
    found, tokens = columns(texts, profile), [analyse(text, profile) for text in texts]
    terms = [found.vocabulary[term] for term in found.terms.tolist()]
    assert list(zip(terms, found.positions.tolist(), strict=True)) == [
        (each.text, each.position) for part in tokens for each in part
    ]
    assert found.counts.tolist() == [len(part) for part in tokens]
    assert found.lengths.tolist() == [sum(token.kind == "syllable" for token in part) for part in tokens]
    assert len(set(found.vocabulary)) == len(found.vocabulary)


@settings(max_examples=200)
@given(st.lists(texts, max_size=4), profiles)
def test_columns_are_the_tokens(texts, profile):
    """Any texts give the terms and positions of their tokens, in their order."""
    check(texts, profile)


@settings(max_examples=50)
@given(texts, profiles)
def test_what_is_remembered_does_not_change_answers(text, profile):
    """Chunks that were seen before give what they give when nothing is remembered."""
    used = columns([text], profile)
    module._SPELT[profile].clear()
    assert [list(column) for column in columns([text], profile)] == [list(column) for column in used]


@pytest.mark.parametrize("profile", Profile)
def test_real_columns_are_the_tokens(shared_data, profile):
    """The same holds for decrees and articles."""
    check(list(sampled(shared_data, 40, 8_000)), profile)


HOSTILE = ["a", "0", " ", "\u00ad", "1", "1.1/", "1/2020/QĐ-A ", "1/CP,", "1/2/2020 "]
HOSTILE += ["điều 1 ", "điểm a khoản ", "điều 1aa khoản 1 "]


@pytest.mark.parametrize("piece", HOSTILE, ids=ascii)
def test_hostile_text_takes_linear_time(piece):
    """The time of texts without white space, of nothing else, and of many wholes grows as they do."""
    columns(["đất"], Profile.MAIN)  # compiles
    assert_grows_linearly(lambda text: columns([text], Profile.MAIN), repeated(piece), 100_000)
