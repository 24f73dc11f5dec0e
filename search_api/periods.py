"""Periods in a question: from … to …, before 2015, the second quarter, last week; and whether documents of that time are meant.

A period restricts where it is plainly one of issue. Else it may be what the document is about (đất sử dụng trước năm 1993), and
those issued in it are favoured at most. What a calendar does not have (tháng 13, 31/2) is no period.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto
from functools import cache, lru_cache
from typing import Final

from analyzers.accents import fold, has_accents
from analyzers.citations import find_dates
from analyzers.tables import rows
from indexer.engine.query import Layer
from search_api.hints import leading_type
from search_api.issuers import is_issuer
from search_api.wording import terms_of, without_quotations

MOST: Final = 3  # periods of a question


class Use(Enum):
    """What is done with a period."""

    RESTRICT = auto()  # only what was issued in it
    FAVOUR = auto()  # its documents score; its words need not be there
    FAVOUR_WORDS = auto()  # its documents score a little; its words are words of the subject


@dataclass(frozen=True, slots=True)
class Period:
    """A time named at `text[start:end]`, from `first` to `last` (None: open); both are None for what is newest."""

    start: int
    end: int
    first: date | None
    last: date | None
    use: Use

    @property
    def newest(self) -> bool:
        """Whether the newest documents are asked for."""
        return self.first is None and self.last is None

    @property
    def shown(self) -> str:
        """The period in words for people: từ 01/03/2022 đến 31/03/2022."""
        if self.first and self.first == self.last:
            return f"ngày {self.first:%d/%m/%Y}"
        ends = (f"từ {self.first:%d/%m/%Y}" if self.first else "", f"đến {self.last:%d/%m/%Y}" if self.last else "")
        return " ".join(filter(None, ends))


class _Plainness(Enum):
    """When a way of naming a period is one of issue."""

    ALWAYS = auto()  # từ tháng 1 đến tháng 3/2022, tuần trước
    OF_TYPE = auto()  # where a type of document begins the question: nghị định … trước năm 2015
    BESIDE_TYPE = auto()  # right behind a type: nghị định quý 2/2021
    NEVER = auto()  # giai đoạn 2016-2020


_Days = tuple[date | None, date | None]


def _say(*phrases: str) -> str:
    """Return a pattern for any of some phrases, with or without accents."""
    return f"(?:{'|'.join(_spaced(phrase) for phrase in phrases)})"


def _spaced(phrase: str) -> str:
    return r"\s{1,3}".join(f"(?:{word}|{fold(word)})" for word in phrase.split())


_BEGINS: Final = r"(?<![\w\"/.,*-])"
_ENDS: Final = r"(?![\w/*-]|[.,]\d)"
_SPACE: Final = r"\s{1,3}"
_MARK: Final = r"\s{0,2}[/.-]\s{0,2}"
_YEAR: Final = r"(?:19[4-9]|20\d)\d"
_IN_YEAR: Final = rf"(?:\s{{0,3}}/\s{{0,3}}|{_SPACE}(?:{_say('năm')}{_SPACE})?)"
_POINT: Final = re.compile(
    rf"""(?:
        (?:{_say("ngày")}{_SPACE})?(?P<day>\d{{1,2}})(?:{_MARK}(?P<month>\d{{1,2}}){_MARK}(?P<year>{_YEAR})
            |{_SPACE}{_say("tháng")}{_SPACE}(?P<month2>\d{{1,2}})(?:{_IN_YEAR}(?P<year2>{_YEAR}))?)
      | (?:{_say("tháng")}{_SPACE})?(?P<month3>\d{{1,2}}){_MARK}(?P<year3>{_YEAR})
      | {_say("tháng")}{_SPACE}(?P<month4>\d{{1,2}})(?:{_IN_YEAR}(?P<year4>{_YEAR}))?
      | (?:{_say("ngày")}{_SPACE})?(?P<day5>\d{{1,2}})/(?P<month5>\d{{1,2}})
      | {_say("quý", "quí")}{_SPACE}(?P<quarter>[1-4]|(?-i:[iI][vV]|[iI]{{1,3}}))(?:{_IN_YEAR}(?P<year6>{_YEAR}))?
      | (?:{_say("năm")}{_SPACE})?(?P<year7>{_YEAR})
    )(?![\w/]|[.,-]\d)""",
    re.VERBOSE | re.IGNORECASE,
)
_QUARTERS: Final = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4}
# Without accents tư is tu: thong tu 2015, dau tu nam 2020
_NO_FROM: Final = r"(?<!thong\s)(?<!dau\s)(?<!vat\s)(?<!cong\s)(?<!dan\s)(?<!luat\s)"
_FROM: Final = re.compile(rf"{_BEGINS}{_NO_FROM}(?:{_say('kể', 'tính')}{_SPACE})?{_say('từ')}{_SPACE}", re.IGNORECASE)
_TO: Final = re.compile(
    rf"(?:\s{{0,3}}[-\u2013]\s{{0,3}}|{_SPACE}{_say('đến', 'tới')}{_SPACE}(?:{_say('hết')}{_SPACE})?)", re.IGNORECASE
)
_TO_NOW: Final = re.compile(
    rf"{_SPACE}{_say('đến nay', 'tới nay', 'đến hiện nay', 'trở đi', 'trở lại đây', 'về sau')}{_ENDS}", re.IGNORECASE
)
_BACK: Final = re.compile(rf"{_SPACE}{_say('trở về trước', 'trở lại')}{_ENDS}", re.IGNORECASE)
_BEFORE: Final = re.compile(rf"{_BEGINS}{_say('trước')}{_SPACE}", re.IGNORECASE)
_AFTER: Final = re.compile(rf"{_BEGINS}{_say('sau')}{_SPACE}", re.IGNORECASE)
_STAGE: Final = re.compile(
    rf"{_BEGINS}(?:{_say('giai đoạn', 'thời kỳ', 'thời kì')}{_SPACE})?(?:{_say('từ')}{_SPACE})?"
    rf"(?:{_say('năm')}{_SPACE})?(?P<first>{_YEAR})"
    rf"(?:\s{{0,3}}[-\u2013]\s{{0,3}}|{_SPACE}{_say('đến', 'tới')}{_SPACE})(?:{_say('năm')}{_SPACE})?(?P<last>{_YEAR})(?![\w/])",
    re.IGNORECASE,
)
_SINGLE: Final = re.compile(rf"{_BEGINS}(?={_say('tháng', 'quý', 'quí')}{_SPACE}[\div])", re.IGNORECASE)
_LAST_FEW: Final = re.compile(
    rf"{_BEGINS}(?P<count>\d{{1,3}}){_SPACE}(?:(?P<day>{_say('ngày')})|(?P<week>{_say('tuần')})|(?P<month>{_say('tháng')})"
    rf"|(?P<year>{_say('năm')})){_SPACE}{_say('vừa qua', 'gần đây', 'gần nhất', 'qua')}{_ENDS}",
    re.IGNORECASE,
)
_NEWEST: Final = re.compile(
    rf"{_BEGINS}{_say('mới ban hành', 'gần đây nhất', 'gần đây', 'mới nhất', 'mới đây')}{_ENDS}", re.IGNORECASE
)
_ISSUED: Final = re.compile(
    rf"(?<!\w)(?:(?P<issued>(?:{_say('được')}{_SPACE})?(?:{_say('ban hành', 'công bố')}|ký))(?:{_SPACE}|$))?"
    rf"(?:{_say('trong', 'vào')}{_SPACE})?$",
    re.IGNORECASE,
)
_SHORT: Final = 10  # words beside a period; a longer question is a title or a sentence, and the period a part of it
_WORD: Final = re.compile(r"[^\W_]+")
_LONGEST_BEFORE: Final = 40  # characters before a period that are looked at
_ANY_DOCUMENT: Final = re.compile(rf"\s*(?:{_say('các', 'những')}{_SPACE})?{_say('văn bản')}(?!\w)\s*", re.IGNORECASE)


def _month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _quarter(year: int, quarter: int) -> tuple[date, date]:
    return date(year, 3 * quarter - 2, 1), _month(year, 3 * quarter)[1]


def _months_before(day: date, count: int) -> date:
    """Return the day that many months earlier, the last of its month where that is shorter."""
    place = day.year * 12 + day.month - 1 - count
    year, month = divmod(place, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _week(day: date) -> tuple[date, date]:
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def _calendar_quarter(day: date) -> tuple[date, date]:
    return _quarter(day.year, (day.month + 2) // 3)


_RELATIVE: Final[tuple[tuple[tuple[str, ...], _Plainness, Callable[[date], tuple[date, date]]], ...]] = (
    (("hôm nay",), _Plainness.OF_TYPE, lambda day: (day, day)),
    (("hôm qua",), _Plainness.ALWAYS, lambda day: (day - timedelta(days=1),) * 2),
    (("tuần này",), _Plainness.ALWAYS, _week),
    (("tuần trước", "tuần qua"), _Plainness.ALWAYS, lambda day: _week(day - timedelta(days=7))),
    (("tháng này",), _Plainness.OF_TYPE, lambda day: _month(day.year, day.month)),
    (("tháng trước", "tháng vừa qua"), _Plainness.ALWAYS, lambda day: _month(*_before(day))),
    (("quý này",), _Plainness.OF_TYPE, _calendar_quarter),
    (("quý trước",), _Plainness.ALWAYS, lambda day: _calendar_quarter(_months_before(day, 3))),
    (("năm nay",), _Plainness.OF_TYPE, lambda day: (date(day.year, 1, 1), date(day.year, 12, 31))),
    (("năm ngoái",), _Plainness.OF_TYPE, lambda day: (date(day.year - 1, 1, 1), date(day.year - 1, 12, 31))),
)
# 5 tuần trước counts from today; Việt Nam nay is no year
_RELATIVE_PATTERNS: Final = tuple(
    (re.compile(rf"{_BEGINS}(?<!\d\s)(?<!vi[ệe]t\s){_say(*said)}{_ENDS}", re.IGNORECASE), plainness, days)
    for said, plainness, days in _RELATIVE
)


def _before(day: date) -> tuple[int, int]:
    earlier = _months_before(day.replace(day=1), 1)
    return earlier.year, earlier.month


@dataclass(frozen=True, slots=True)
class _Point:
    """What one end of a period names; `year` is None where it is left out: tháng 1, ngày 5/3."""

    end: int
    year: int | None
    month: int | None
    day: int | None
    quarter: int | None

    def days(self, year: int | None) -> tuple[date, date] | None:
        """Return the first and the last day; None for what no calendar has."""
        year = self.year or year
        if year is None:
            return None
        try:
            if self.day:
                return (date(year, self.month or 0, self.day),) * 2
            if self.quarter:
                return _quarter(year, self.quarter)
            return _month(year, self.month) if self.month is not None else (date(year, 1, 1), date(year, 12, 31))
        except ValueError:  # tháng 13, 31/2; date and monthrange say so alike
            return None

    @property
    def only_year(self) -> bool:
        return self.month is None and self.quarter is None


def _point(text: str, at: int) -> _Point | None:
    match = _POINT.match(text, at)
    if match is None:
        return None

    def first(*names: str) -> int | None:
        return next((int(match[name]) for name in names if match[name]), None)

    years = [name for name in match.re.groupindex if name.startswith("year")]
    months = [name for name in match.re.groupindex if name.startswith("month")]
    quarter = _QUARTERS[match["quarter"].lower()] if match["quarter"] else None
    return _Point(match.end(), first(*years), first(*months), first("day", "day5"), quarter)


_Found = tuple[int, int, _Days, _Plainness]


def _ranges(text: str) -> Iterator[_Found]:
    for beginning in _FROM.finditer(text):
        one = _point(text, beginning.end())
        if one is None:
            continue
        now, to, back = _TO_NOW.match(text, one.end), _TO.match(text, one.end), _BACK.match(text, one.end)
        other = _point(text, to.end()) if to else None
        days = one.days(other.year if other else None)
        if days is None:
            continue
        if back:
            yield beginning.start(), back.end(), (None, days[1]), _Plainness.OF_TYPE
        elif now:
            yield beginning.start(), now.end(), (days[0], None), _Plainness.OF_TYPE
        elif other and (last := other.days(None)) and last[1] >= days[0]:
            only_years = one.only_year or other.only_year
            plainness = _Plainness.BESIDE_TYPE if only_years else _Plainness.ALWAYS
            yield beginning.start(), other.end, (days[0], last[1]), plainness
        elif one.year and not to:
            yield beginning.start(), one.end, (days[0], None), _Plainness.OF_TYPE


def _one_sided(text: str) -> Iterator[_Found]:
    for pattern in (_BEFORE, _AFTER):
        for beginning in pattern.finditer(text):
            point = _point(text, beginning.end())
            if point and (days := point.days(None)):
                open_days = (None, days[0] - timedelta(days=1)) if pattern is _BEFORE else (days[1] + timedelta(days=1), None)
                yield beginning.start(), point.end, open_days, _Plainness.OF_TYPE


def _singles(text: str) -> Iterator[_Found]:
    days_named = find_dates(text)
    for beginning in _SINGLE.finditer(text):
        at, point = beginning.start(), _point(text, beginning.start())
        in_a_date = any(day.start <= at < day.end for day in days_named)
        if point and point.year and not in_a_date and (days := point.days(None)):
            yield at, point.end, days, _Plainness.BESIDE_TYPE


def _stages(text: str) -> Iterator[_Found]:
    for match in _STAGE.finditer(text):
        first, last = int(match["first"]), int(match["last"])
        if first <= last:  # what is planned for a stage is issued from the year before on
            yield match.start(), match.end(), (date(first - 1, 1, 1), date(last, 12, 31)), _Plainness.NEVER


def _relative(text: str, today: date) -> Iterator[_Found]:
    for pattern, plainness, days in _RELATIVE_PATTERNS:
        for match in pattern.finditer(text):
            yield match.start(), match.end(), days(today), plainness
    for match in _LAST_FEW.finditer(text):
        count = int(match["count"])
        if match["day"] or match["week"]:
            first = today - timedelta(days=count * (7 if match["week"] else 1))
        else:
            first = _months_before(today, min(count, 100) * (12 if match["year"] else 1))
        yield match.start(), match.end(), (first, today), _Plainness.ALWAYS


@lru_cache(maxsize=64)  # asked for each part of reading a question
def _all(text: str, today: date | None) -> tuple[_Found, ...]:
    """Return every period outside quotations in order, none overlapping; the one that begins first, and of those the longest."""
    unquoted = without_quotations(text)
    newest = ((m.start(), m.end(), (None, None), _Plainness.OF_TYPE) for m in _NEWEST.finditer(unquoted))
    found = [
        *_ranges(unquoted),
        *_one_sided(unquoted),
        *_singles(unquoted),
        *_stages(unquoted),
        *(_relative(unquoted, today) if today else ()),
        *newest,
    ]
    kept: list[_Found] = []
    for one in sorted(found, key=lambda one: (one[0], -one[1])):
        if not kept or one[0] >= kept[-1][1]:
            kept.append(one)
    return tuple(kept[:MOST])


def period_spans(text: str) -> list[tuple[int, int]]:
    """Return where the words for periods stand.

    >>> period_spans("thông tư tuần trước")
    [(9, 19)]
    """
    return [(start, end) for start, end, _, _ in _all(text, date(2000, 1, 1))]


def find_periods(text: str, today: date | None) -> tuple[Period, ...]:
    """Return the periods that a question names outside quotation marks, in order, as seen on the day `today`.

    Without a day, what is said from it (hôm nay, tuần trước) is no period.

    >>> [(period.shown, period.use.name) for period in find_periods("thông tư từ 1/2022 đến 3/2022", date(2026, 5, 1))]
    [('từ 01/01/2022 đến 31/03/2022', 'RESTRICT')]
    """
    periods = []
    leading = leading_type(text)
    any_document = _ANY_DOCUMENT.match(text)
    type_end = leading[1] if leading else any_document.end() if any_document else None
    for start, end, days, plainness in _all(text, today):
        issued = _ISSUED.search(text[max(0, start - _LONGEST_BEFORE) : start])
        begin = start - (len(issued.group()) if issued else 0)
        if not (issued and issued["issued"]) and _is_subject(text[:start]):
            continue
        beside = type_end is not None and _says_no_more(text[type_end:begin])
        alone = not text[:begin].strip() and not text[end:].strip()
        plain = (
            plainness is _Plainness.ALWAYS
            or (plainness is _Plainness.OF_TYPE and (alone or type_end is not None))
            or (plainness is _Plainness.BESIDE_TYPE and (alone or beside))
            or (plainness is not _Plainness.NEVER and bool(issued and issued["issued"]))
        )
        short = len(_WORD.findall(text[:begin])) + len(_WORD.findall(text[end:])) <= _SHORT
        if days == (None, None):
            use = Use.FAVOUR
        elif not short:
            use = Use.FAVOUR_WORDS
        elif plain:
            use = Use.RESTRICT
        else:
            use = Use.FAVOUR if plainness is _Plainness.OF_TYPE else Use.FAVOUR_WORDS
        periods.append(Period(begin if plain else start, end, *days, use))
    return tuple(periods)


def _says_no_more(between: str) -> bool:
    """Say whether between a type and a period stands nothing, or who issued it: quyết định của thủ tướng tháng 11/2025."""
    return not between.strip() or is_issuer(between)


def without_periods(text: str, periods: tuple[Period, ...]) -> str:
    """Return the question without the words of those periods that are no words of its subject."""
    kept, done = "", 0
    for period in periods:
        if period.use is not Use.FAVOUR_WORDS:
            kept, done = f"{kept}{text[done : period.start]} ", period.end
    kept += text[done:]
    return "" if done and _ANY_DOCUMENT.fullmatch(kept) else kept


@cache
def _subjects(layer: Layer) -> frozenset[tuple[str, ...]]:
    return frozenset(terms_of(words, layer) for words, *_ in rows("search_api", "period_subjects.tsv"))


def _is_subject(before: str) -> bool:
    """Say whether the words before a period tell that it is of what the document is about."""
    layer = Layer.MAIN if has_accents(before) else Layer.FOLDED
    words = terms_of(before[-_LONGEST_BEFORE:], layer)
    if words[-1:] in {terms_of(word, layer) for word in ("trong", "vào")}:
        words = words[:-1]
    return any(words[-count:] in _subjects(layer) for count in (1, 2) if len(words) >= count)
