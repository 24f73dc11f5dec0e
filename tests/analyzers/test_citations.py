"""Numbers, dates and provision references: what is read, where, and how fast."""

from datetime import date

import pytest
from casefiles import by_name, cases
from growth import assert_grows_linearly, repeated
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analyzers import citations
from analyzers.citations import find_dates, find_numbers, find_provisions, number_key, number_keys, read_number

READERS = {
    "text": lambda text: [match.value for match in find_numbers(text)],
    "query": lambda query: (match := read_number(query)) and match.value,
    "key": number_key,
    "keys": lambda given: list(number_keys(*given)),
}
FINDERS = [find_numbers, find_dates, find_provisions, read_number]
FRAGMENTS = [
    "1",
    "12",
    "1/",
    "1-",
    "2020/",
    "/2020/",
    "1/2020/",
    "-QĐ",
    "QĐ-",
    "QĐ - ",
    "A",
    "Đ&",
    "TTg",
    "a",
    " ",
    "\n",
    "\u00ad",
]
FRAGMENTS += [
    "1.",
    "1.1.",
    "1/1/",
    "ngày ",
    "1 tháng 1 năm ",
    "2022-01-",
    "điểm a ",
    "khoản 1, ",
    "khoản 2 Điều 1",
    "Điều ",
    "-",
    "/",
]

symbols = st.lists(st.sampled_from(["QĐ", "UBND", "TT", "BTC", "TTLT", "TTg", "CP", "HĐND"]), min_size=2, max_size=5).map(
    "-".join
)
years = st.sampled_from(["", "/1998", "/2022"])
numbers = st.builds(lambda number, year, symbol: f"{number}{year}/{symbol}", st.integers(1, 99999), years, symbols)


@pytest.mark.parametrize("case", cases("numbers"), ids=by_name)
def test_numbers_are_read(case):
    """Each case's text, query or number gives what its `expect` says."""
    assert READERS[case["reader"]](case["input"]) == case["expect"]


@pytest.mark.parametrize("case", cases("dates"), ids=by_name)
def test_dates_are_read(case):
    """Each case's dates are found with their whole span, and nothing else is."""
    found = [[case["input"][match.start : match.end], match.date.isoformat()] for match in find_dates(case["input"])]
    assert found == case["expect"]


@pytest.mark.parametrize("case", cases("provision_references"), ids=by_name)
def test_provision_references_are_read(case):
    """Each case's references are found with their whole span, and nothing else is."""
    found = [[case["input"][match.start : match.end], match.anchor] for match in find_provisions(case["input"])]
    assert found == case["expect"]


@given(numbers, st.text(" \n.,;()aáđ", max_size=5), st.text(" \n.,;()", max_size=5))
def test_printed_numbers_are_found_whole(number, before, after):
    """A number as printed is found between any marks, and its value is itself."""
    match = find_numbers(before.rstrip(".,;") + " " + number + after)[0]
    assert match.value == number
    assert match.end - match.start == len(number)


@given(numbers)
def test_lenient_reading_agrees_with_strict_reading(number):
    """A number typed in any letter case has the key of the printed one, which is its document's first key."""
    for typed in (number, number.lower(), number.upper(), number.replace("/", " / ")):
        match = read_number(f"văn bản {typed}")
        assert match is not None
        assert number_key(match.value) == number_key(number) == number_keys(number, 2022)[0]


@given(st.text(max_size=30), st.none() | st.integers(1945, 2100))
def test_keys_are_clean(number, year):
    """Keys of any text are distinct and hold no space and no capital; the first is the number's own key."""
    keys = number_keys(number, year)
    assert len(set(keys)) == len(keys)
    assert all(key and not any(letter.isspace() for letter in key) and key == key.lower() for key in keys)
    assert keys[:1] == ((number_key(number),) if number_key(number) else ())


@given(st.dates(min_value=date(1900, 1, 1)))
def test_every_day_is_read_in_every_form(day):
    """Any day of the calendar is read in words, in figures and in ISO form."""
    forms = [f"ngày {day.day} tháng {day.month} năm {day.year}", f"{day.day}/{day.month}/{day.year}", day.isoformat()]
    assert [match.date for match in find_dates("; ".join(forms))] == [day] * 3


@settings(max_examples=40)
@given(st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=5), st.sampled_from(FRAGMENTS))
def test_hostile_text_is_read_in_linear_time(parts, last):
    """Up to a hundred thousand characters of almost-matches, the time of each reader grows as the text does."""
    pieces = repeated("".join(parts))
    for find in FINDERS:
        assert_grows_linearly(find, lambda length: pieces(length) + last, 100_000)


PIECES = [
    "điểm",
    "khoản",
    " ",
    "  ",
    "   ",
    "\u212ahoản",
    "của",
    ",",
    "Điều",
    "đIều",
    "DİEU",
    "1",
    "15a",
    "a",
    "b1",
    "/",
    "-",
    "2020",
    "66666.666b",
]
PIECES += [
    "/2020/",
    "QĐ-UBND",
    "12",
    "tháng",
    "THÁNG",
    "năm",
    ".",
    "NĐ – CP",
    "01.02.2022",
    "2022-01-02",
    "30/2/2022",
    "\n",
    "\u00ad",
    "2012/BYT",
]


@settings(max_examples=400)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=25).map("".join))
@example("điểm   a1   ,   của   khoản   123a   ,   của   Điều 5")
def test_looking_near_signs_misses_nothing(text):
    """Each pattern matches near its signs what it matches when it is tried everywhere."""
    for near, pattern in (
        (citations._NEAR_NUMBER, citations._NUMBER),
        (citations._NEAR_DATE, citations._DATE),
        (citations._NEAR_PROVISION, citations._PROVISION),
    ):
        assert [m.span() for m in near.matches(pattern, text)] == [m.span() for m in pattern.finditer(text)]
