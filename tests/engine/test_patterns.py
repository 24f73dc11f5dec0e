"""Which terms a pattern stands for, against the definitions written out in full."""

from growth import assert_grows_linearly, repeated
from hypothesis import given
from hypothesis import strategies as st

from indexer.engine.patterns import matcher, within
from indexer.engine.query import Wildcard

FEW = st.text("ab", max_size=7)


def fits(pattern: str, term: str) -> bool:
    """Try every run of code points for each star."""
    if not pattern:
        return not term
    if pattern[0] == "*":
        return any(fits(pattern[1:], term[start:]) for start in range(len(term) + 1))
    return bool(term) and pattern[0] in ("?", term[0]) and fits(pattern[1:], term[1:])


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


@given(pattern=st.text("ab*?", max_size=7), term=FEW)
def test_wildcards_fit_as_by_trying_everything(pattern: str, term: str) -> None:
    """Taking each piece where it first fits loses no term."""
    assert matcher(Wildcard(pattern))(term) == fits(pattern, term)


@given(text=FEW, term=FEW)
def test_terms_are_within_the_distance_of_the_whole_table(text: str, term: str) -> None:
    """Leaving out what both begin with changes no distance."""
    assert [within(steps, text, term) for steps in (0, 1, 2)] == [distance(text, term) <= steps for steps in (0, 1, 2)]


def test_a_pattern_of_many_stars_takes_no_time() -> None:
    """A reader's pattern can't hold the processor: no star is tried twice."""
    assert not matcher(Wildcard("*a" * 500 + "b"))("a" * 5_000)
    assert_grows_linearly(matcher(Wildcard("*a" * 500 + "b")), repeated("a"), 400_000)
