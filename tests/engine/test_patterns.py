"""Which terms a pattern stands for, against the definitions written out in full."""

import numpy as np
from growth import assert_grows_linearly, repeated
from hypothesis import given
from hypothesis import strategies as st

from indexer.engine.patterns import matcher, within
from indexer.engine.query import Fuzzy, Pattern, Wildcard
from indexer.engine.whooshdb import kernels
from indexer.engine.whooshdb.evaluate import pattern_points

FEW = st.text("ab", max_size=7)
TERMS = st.sets(st.text("aeđế_", min_size=1, max_size=7), min_size=1, max_size=60).map(sorted)


def fits(pattern: str, term: str) -> bool:
    """Try every run of code points for each star."""
    if not pattern:
        return not term
    if pattern[0] == "*":
        return any("_" not in term[:start] and fits(pattern[1:], term[start:]) for start in range(len(term) + 1))
    return bool(term) and (pattern[0] == term[0] or (pattern[0] == "?" and term[0] != "_")) and fits(pattern[1:], term[1:])


def distance(text: str, term: str) -> int:
    """Fill the whole table of optimal string alignment."""
    table = {(-1, column): column + 1 for column in range(-1, len(term))} | {(row, -1): row + 1 for row in range(len(text))}
    for row, ours in enumerate(text):
        for column, theirs in enumerate(term):
            steps = [table[row - 1, column] + 1, table[row, column - 1] + 1, table[row - 1, column - 1] + (ours != theirs)]
            if row and column and (ours, text[row - 1]) == (term[column - 1], theirs):
                steps.append(table[row - 2, column - 2] + 1)
            table[row, column] = min(steps)
    return table[len(text) - 1, len(term) - 1]


@given(pattern=st.text("ab_*?", max_size=7), term=st.text("ab_", max_size=7))
def test_wildcards_fit_as_by_trying_everything(pattern: str, term: str) -> None:
    """Taking each piece where it first fits loses no term."""
    assert matcher(Wildcard(pattern))(term) == fits(pattern, term)


@given(text=FEW, term=FEW)
def test_terms_are_within_the_distance_of_the_whole_table(text: str, term: str) -> None:
    """Leaving out what both begin with changes no distance."""
    assert [within(steps, text, term) for steps in (0, 1, 2)] == [distance(text, term) <= steps for steps in (0, 1, 2)]


def chosen(terms: list[str], node: Pattern) -> list[str]:
    """Return the terms that the compiled loops find for a node, among all of a dictionary."""
    encoded = [term.encode() for term in terms]
    text = np.frombuffer(b"".join(encoded), np.uint8)
    ends = np.frombuffer(np.cumsum([len(term) for term in encoded]).astype("<u4").tobytes(), "<u4")
    rows = np.empty(len(terms), np.int64)
    if isinstance(node, Wildcard):
        number = kernels.fitting(text, ends, 0, len(terms), *pattern_points(node.pattern), rows)
    else:
        assert isinstance(node, Fuzzy)
        points = np.array([ord(letter) for letter in node.text], np.int64)
        number = kernels.resembling(text, ends, 0, len(terms), points, node.distance, rows)
    return [terms[row] for row in rows[:number]]


@given(terms=TERMS, pattern=st.text("aeđế*?", max_size=7))
def test_the_compiled_wildcard_finds_what_the_test_of_a_term_does(terms: list[str], pattern: str) -> None:
    """Passing over terms by their last bytes and their length loses none."""
    node = Wildcard(pattern)
    assert chosen(terms, node) == list(filter(matcher(node), terms))


@given(terms=TERMS, text=st.text("aeđế", max_size=7), distance=st.integers(1, 2))
def test_the_compiled_distance_finds_what_the_test_of_a_term_does(terms: list[str], text: str, distance: int) -> None:
    """Rows kept from the term before, and beginnings passed over, change nothing."""
    node = Fuzzy(text, distance)
    assert chosen(terms, node) == list(filter(matcher(node), terms))


def test_a_pattern_of_many_stars_takes_no_time() -> None:
    """A reader's pattern can't hold the processor: no star is tried twice."""
    assert not matcher(Wildcard("*a" * 500 + "b"))("a" * 5_000)
    assert_grows_linearly(matcher(Wildcard("*a" * 500 + "b")), repeated("a"), 400_000)
