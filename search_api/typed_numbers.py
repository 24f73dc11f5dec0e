"""Numbers that a question gives by their figures, with the type: nghị định 30, nd 30 2020, thông tư 133 về kế toán."""

import re
from collections.abc import Set
from dataclasses import dataclass
from typing import Final

from analyzers.citations import find_dates
from search_api.hints import leading_type, type_before
from search_api.issuers import is_issuer

_LAST_DAY: Final = 31
_LAST_MONTH: Final = 12
_FIRST_YEAR: Final = 45  # of two figures: 1945 to 2044
_MOST: Final = 4
_NUMBER: Final = r"(?:s[ốo]\s{0,3}:?\s{0,3})?(?P<figures>\d{1,5}(?:\.\d{1,2})?)"
_FIGURES: Final = re.compile(
    rf"""\s*{_NUMBER}
    (?:\s{{0,3}}(?:[/-]|n[ăa]m)?\s{{0,3}}(?P<year>(?:19|20)\d\d)|[/-](?P<short_year>\d\d))?(?:\s+|$)""",
    re.IGNORECASE | re.VERBOSE,
)
_AMONG_WORDS: Final = re.compile(
    rf"""(?<=\s){_NUMBER}
    (?:(?:\s{{0,3}}(?:[/-]|n[ăa]m)\s{{0,3}}|\s{{1,3}})(?P<year>(?:19|20)\d\d))?(?![\w/-]|[.,]\d|\s{{0,3}}%)
    (?!\s{{0,3}}(?:năm|nam|tháng|thang|tuần|tuan|ngày|ngay|giờ|gio|phút|phut|tuổi|tuoi|triệu|trieu|tỷ|tỉ|ty|đồng|dong|người|nguoi
        |lần|lan|cấp|cap|cửa|cua|con|bên|ben|vợ|vo|điều|dieu|khoản|khoan|chương|chuong|m2|m3|ha|km|kg)\b)""",
    re.IGNORECASE | re.VERBOSE,
)
_YEAR: Final = re.compile(r"(?:19[4-9]|20\d)\d")
_BEFORE_NUMBER: Final = re.compile(r"\s(?:s[ốo]\s*:?)?\s*$", re.IGNORECASE)
_OF: Final = re.compile(r"(?<!\w)(?:của|cua)\s*$", re.IGNORECASE)
_BEFORE_DAY: Final = re.compile(r"\s*\b(?:ngày|ngay)?\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TypedNumber:
    """A type and a number's figures, with the year where it is said: nghị định 30, nd 30 2020; `typed` are the words for them."""

    type: str
    number: str
    typed: str = ""


def without_days(text: str) -> str:
    """Return a text without the days that it names, and the word before one at its end.

    >>> without_days("quyết định 46 ngày 7/4/2023"), without_days("quyết định 46")
    ('quyết định 46', 'quyết định 46')
    """
    days = find_dates(text)
    for day in reversed(days):
        text = text[: day.start] + text[day.end :]
    return _BEFORE_DAY.sub("", text) if days else text


def read_typed_number(text: str) -> TypedNumber | None:
    """Return what a question says that is a type and figures alone, or with the body that issued it.

    >>> read_typed_number("nd 30 2020").number, read_typed_number("tt 45/13").number, read_typed_number("nghị định số 30").number
    ('30/2020', '45/2013', '30')
    >>> read_typed_number("nd 30/12"), read_typed_number("luật 2013"), read_typed_number("tt 111 btc").type
    (None, None, 'Thông tư')
    """
    text = without_days(text)
    found = leading_type(text)
    figures = _FIGURES.match(text, found[1]) if found else None
    if found is None or figures is None:
        return None
    if (issuer := text[figures.end() :]) and not is_issuer(issuer):
        return None
    number, year, short = figures["figures"], figures["year"], figures["short_year"]
    if short:
        if float(number) <= _LAST_DAY and int(short) <= _LAST_MONTH:  # a day
            return None
        year = f"{19 if int(short) >= _FIRST_YEAR else 20}{short}"
    if not year:
        return None if _YEAR.fullmatch(number) else TypedNumber(found[0], number)
    return TypedNumber(found[0], f"{number}/{year}")


def find_typed_numbers(text: str, years: Set[str] = frozenset()) -> tuple[TypedNumber, ...]:
    """Return figures among words that may be a number's: right behind the name of a type, and not a year or a measure.

    Of `years`, those that the question names, one may be the number's; beside another one that number is rather cited, and so it
    is behind "của".

    >>> [found.number for found in find_typed_numbers("thông tư 133 về kế toán, nghị định 15 năm 2018, luật 10 năm, luật 2013")]
    ['133', '15/2018']
    >>> find_typed_numbers("sửa đổi một số điều của nghị định 15")
    ()
    """
    found = []
    for figures in _AMONG_WORDS.finditer(text):
        number, year = figures["figures"], figures["year"]
        kind = type_before(_up_to_type(text, figures.start()))
        if kind is None or (year and years - {year}) or (not year and _YEAR.fullmatch(number)) or _OF.search(text[: kind[1]]):
            continue
        typed = text[figures.start() : figures.end("figures")]
        found.append(TypedNumber(kind[0], f"{number}/{year}" if year else number, typed))
    return tuple(dict.fromkeys(found))[:_MOST]


def type_before_number(text: str, start: int) -> str | None:
    """Return the document type that stands right before a number, which begins at `start`; None for none.

    >>> type_before_number("sửa đổi nghị định số 30", 21)
    'Nghị định'
    """
    found = type_before(_up_to_type(text, start))
    return found[0] if found else None


def _up_to_type(text: str, start: int) -> str:
    return _BEFORE_NUMBER.sub("", text[:start])
