"""Periods in a question."""

from datetime import date
from itertools import pairwise

import pytest
from casefiles import by_name, cases
from hypothesis import given
from hypothesis import strategies as st

from search_api.periods import MOST, Use, find_periods, without_periods
from search_api.understand import understand

TODAY = date(2026, 11, 30)  # a Monday
WORDS = st.sampled_from(
    [
        "từ",
        "tu",
        "tháng",
        "thang",
        "1",
        "13",
        "31/2",
        "3/2022",
        "đến",
        "den",
        "2015",
        "năm",
        "quý",
        "ii",
        "trước",
        "sau",
        "tuần",
        "này",
        "hôm",
        "nay",
        "qua",
        "giai",
        "đoạn",
        "2016-2020",
        "mới",
        "nhất",
        "30",
        "ngày",
        "đất",
        '"',
        "-",
        "ban",
        "hành",
        "99999",
    ]
)


@pytest.mark.parametrize("case", cases("periods"), ids=by_name)
def test_periods_are_found(case):
    """Each case's periods are what it says, and what is left are the words of the subject."""
    periods = find_periods(case["q"], TODAY)
    days = [[day.isoformat() if day else None for day in (one.first, one.last)] for one in periods]
    found = [[case["q"][one.start : one.end], *ends, one.use.name] for one, ends in zip(periods, days, strict=True)]
    assert found == case["periods"]
    assert without_periods(case["q"], periods).split() == case["rest"].split()


@pytest.mark.parametrize("case", [case for case in cases("periods") if case["periods"]], ids=by_name)
def test_a_period_is_a_step(case):
    """The reader is told of each period, with the words for it, in a sentence."""
    steps = [step for step in understand(case["q"], today=TODAY).steps if step.code in {"period", "favoured_period", "newest"}]
    assert [step.terms for step in steps] == [(words,) for words, *_ in case["periods"]]
    assert all(step.text.endswith(".") and case["periods"][0][0] in step.text for step in steps)


@given(st.lists(WORDS, max_size=30).map(" ".join) | st.text(max_size=40), st.dates(date(1900, 1, 2), date(2200, 1, 1)))
def test_any_text_has_periods_in_order(text, today):
    """Whatever is typed, on whatever day, periods are bounded, in order, end where they say, and stand outside quotations."""
    periods = find_periods(text, today)
    assert len(periods) <= MOST
    assert all(one.start < one.end <= other.start for one, other in pairwise(periods))
    assert all(one.first <= one.last for one in periods if one.first and one.last)
    assert not any('"' in text[one.start : one.end] for one in periods)
    understand(text, today=today)


def test_without_a_day_nothing_is_relative():
    """What is said from the present day is words where no day is known."""
    assert find_periods("quyết định hôm qua", None) == ()
    assert [one.use for one in find_periods("quyết định trước 2015", None)] == [Use.RESTRICT]
