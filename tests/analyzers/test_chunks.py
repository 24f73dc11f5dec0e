"""Chunks against str.split."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.chunks import find_chunks

spaces = st.sampled_from([" ", "\n", "\t", "\u00a0", "\u3000", "\u2028", "\x1c", "\x85", ""])
texts = st.lists(st.sampled_from(["a", "b", "ab", "đất", "đất đai", "\U0001f600"]) | spaces | st.text(max_size=4)).map("".join)


@settings(deadline=None)  # the first example compiles
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


def test_no_text_takes_long():
    """A million different chunks, or one of a million letters."""
    find_chunks(["đất"])  # compiles
    for text in (" ".join(map(str, range(1_000_000))), "a" * 1_000_000, "a " * 500_000):
        began = time.process_time()
        find_chunks([text])
        assert time.process_time() - began < 5.0
