"""Numbers and days of spreadsheets as text."""

from math import isfinite

import pytest
from casefiles import by_name, cases
from growth import assert_grows_linearly, repeated
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.extract.sheets.cell_values import shown


@pytest.mark.parametrize("case", cases("cell_values"), ids=by_name)
def test_a_number_as_its_cell_shows_it(case):
    """Each case's value in its format reads as it says."""
    got = shown(case["value"], case["format"], case.get("code"), from_1904=case.get("from_1904", False))
    assert got == case["expect"]


@settings(deadline=None)
@given(value=st.floats(), code=st.text(alphabet='ymdhsAMP/0#;"\\[]_*$- ', max_size=20), from_1904=st.booleans())
def test_any_number_in_any_format(value, code, from_1904):
    """No value and no format bring about an error; what is no number shows nothing."""
    text = shown(value, 164, code, from_1904=from_1904)
    assert "inf" not in text
    assert isfinite(value) or text == ""


@given(value=st.integers(-(10**14), 10**14))
def test_whole_numbers_keep_their_figures(value):
    """A whole number is read back as it was."""
    assert int(shown(float(value), 0, None)) == value


def test_a_long_format():
    """A format longer than Excel takes costs no more than its length."""
    assert_grows_linearly(lambda code: shown(1.0, 164, code), repeated('"[h'), 200_000)
