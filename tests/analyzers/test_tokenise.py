"""Syllables and their offsets."""

import pytest
from growth import assert_grows_linearly, repeated
from hypothesis import given
from hypothesis import strategies as st

from analyzers.tokenise import syllables

awkward = st.text("aĐấ1 \n._-/\u00ad\u200b\u0301\u0323\uf0b7²İ", max_size=30)


@given(st.text() | awkward)
def test_syllables_are_their_source(text):
    """Each syllable is the text between its offsets; spans are in order and do not overlap."""
    found = syllables(text)
    assert [text[start:end] for start, end in zip(found.starts, found.ends, strict=True)] == found.texts
    assert all(end <= start for end, start in zip(found.ends, found.starts[1:], strict=False))


@given(st.text() | awkward)
def test_no_letter_is_lost(text):
    """Every letter and figure is in a syllable, and every syllable begins with one."""
    assert sum(sum(map(str.isalnum, syllable)) for syllable in syllables(text).texts) == sum(map(str.isalnum, text))
    assert all(syllable[0].isalnum() for syllable in syllables(text).texts)


@given(awkward, awkward)
def test_text_between_spaces_stands_alone(left, right):
    """What lies before a space does not change the syllables after it."""
    both, alone = syllables(f"{left} {right}"), syllables(right)
    assert both.texts == syllables(left).texts + alone.texts
    assert both.starts[len(both.starts) - len(alone.starts) :] == [start + len(left) + 1 for start in alone.starts]


@pytest.mark.parametrize("piece", ["a", "a\u0301", "a\u00ad", "\u00ad", "a\u00ad\u0301\u00ad", "\u0301"])
def test_hostile_runs_become_bounded_tokens(piece):
    """A megabyte without a space gives short tokens in linear time."""

    def read(text):
        assert max(map(len, syllables(text).texts), default=0) <= 2_000

    assert_grows_linearly(read, repeated(piece), 1_000_000)
