"""Chunks against str.split."""

import pytest
from growth import assert_grows_linearly, repeated
from hypothesis import given
from hypothesis import strategies as st

from analyzers.chunks import find_chunks

spaces = st.sampled_from([" ", "\n", "\t", "\u00a0", "\u3000", "\u2028", "\x1c", "\x85", ""])
texts = st.lists(st.sampled_from(["a", "b", "ab", "đất", "đất đai", "\U0001f600"]) | spaces | st.text(max_size=4)).map("".join)


@given(st.lists(texts, max_size=5))
def test_chunks_are_those_of_split(texts):
    """In order, with their places, and each different one has one number, counted from its first occurrence."""
    chunks, numbers, starts, counts = find_chunks(texts)
    split = [text.split() for text in texts]
    assert [chunks[number] for number in numbers.tolist()] == [chunk for part in split for chunk in part]
    assert counts.tolist() == [len(part) for part in split]
    assert chunks == list(dict.fromkeys(chunk for part in split for chunk in part))
    owners = [text for text, part in zip(texts, split, strict=True) for _ in part]
    for text, number, start in zip(owners, numbers.tolist(), starts.tolist(), strict=True):
        assert text.startswith(chunks[number], start)


def test_many_different_chunks_keep_their_numbers():
    """The table grows several times, and what it held is found again."""
    made = [f"{number:x}" for number in range(50_000)]
    chunks, numbers, _, _ = find_chunks([" ".join(made), " ".join(reversed(made))])
    assert (chunks, numbers.tolist()) == (made, [*range(50_000), *reversed(range(50_000))])


@pytest.mark.parametrize("text", [lambda size: " ".join(map(str, range(size // 6))), repeated("a"), repeated("a ")])
def test_time_grows_as_the_text(text):
    """Different chunks, one of a million letters, or one chunk over and over."""
    find_chunks(["đất"])  # compiles
    assert_grows_linearly(lambda made: find_chunks([made]), text, 1_000_000)
