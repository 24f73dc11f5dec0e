"""Validity that a document states of itself: from which day it has effect, and until when.

Read are sentences whose subject is the document (Nghị định này có hiệu lực ...), outside of quotations and of what is attached.
A day that depends on what the text does not tell (đăng Công báo) stays unknown.

The day of effect is the first on which the document binds; that of expiry the first on which it does not any more: "hết hiệu
lực từ ngày 01/01/2026" and "đến hết ngày 31/12/2025" are one day. So on either day what the day's name says holds already.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from analyzers.citations import find_dates
from indexer.legal.citations import Outline
from indexer.legal.issue_date import read_adoption
from indexer.legal.naming_documents import TYPE_PATTERN
from indexer.model import Level

_SIGN = re.compile(r"hiệu\s{1,3}lực(?![^\W_])")
_SUBJECT = re.compile(
    rf"(?<![^\W_])(?P<type>{TYPE_PATTERN})\s{{1,3}}(?P<this>này\s{{1,3}})?(?:chính\s{{1,3}}thức\s{{1,3}})?(?P<verb>có|hết)\s{{1,3}}$",
    re.IGNORECASE,
)
# Nghị quyết này đã được Hội đồng nhân dân tỉnh khóa XVII thông qua ngày 09 tháng 7 năm 2025 và có
_PASSED = re.compile(
    rf"(?<![^\W_])(?P<type>{TYPE_PATTERN})\s{{1,3}}(?P<this>này\s{{1,3}})?(?:đã\s{{1,3}})?được\s[^.;:]{{5,250}}?"
    r"\sthông\s{1,3}qua\s{0,3}(?:,\s{0,3}|vào\s{1,3})?(?P<day>ngày\s[^.;:]{8,60}?)"
    r"(?:,|\svà|,\s{0,3}và)\s{1,3}(?P<verb>có)\s{1,3}$",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"(?:\s{1,3}thi\s{1,3}hành)?\s{0,3},?\s{0,3}(?:(?:kể\s{1,3})?(?:từ|(?:từ\s{1,3})?(?P<after>sau))\s{1,3}|kể\s{1,3}|vào\s{1,3})?(?=\d|ngày)"
)
# kể từ ngày Hội đồng nhân dân tỉnh thông qua
_VOTE = (
    r"(?P<vote>(?:được\s{1,3})?(?:(?:Hội\s{1,3}đồng\s{1,3}nhân\s{1,3}dân|HĐND|Quốc\s{1,3}hội)[^.,;:\d]{0,60}?\s)?"
    r"thông\s{1,3}qua(?!\s{1,3}(?:ngày|vào|Luật))(?![^\W_]))"
)
_SIGNED = re.compile(
    r"(?:\s{1,3}thi\s{1,3}hành)?\s{0,3},?\s{0,3}(?:kể\s{1,3})?(?:từ\s{1,3})?ngày\s{1,3}"
    rf"(?:(?:được\s{{1,3}})?(?:ký|kí)(?![^\W_])|{_VOTE})"
)
# sau 45 ngày, kể từ ngày ký | sau 10 (mười) ngày kể từ ngày ký ban hành
_DAYS_AFTER = re.compile(
    r"(?:\s{1,3}thi\s{1,3}hành)?\s{0,3},?\s{0,3}sau\s{1,3}(?P<days>\d{1,3})\s{0,3}(?:\([^)\n]{1,30}\)\s{0,3})?ngày\s{0,3},?"
    rf"\s{{0,3}}(?:kể\s{{1,3}})?từ\s{{1,3}}ngày\s{{1,3}}(?:(?:ký|kí|ban\s{{1,3}}hành)(?![^\W_])|{_VOTE})"
)
_UNTIL = re.compile(
    r"\s{0,3},?\s{0,3}(?:và\s{1,3})?(?:được\s{1,3})?(?:thực\s{1,3}hiện\s{1,3}|áp\s{1,3}dụng\s{1,3})?(?:cho\s{1,3})?đến\s{1,3}(?:hết\s{1,3})?(?=ngày|\d)"
)
_SAYS_MORE = re.compile(r"(?:,|\svà)\s{1,3}có\s{1,3}$")
_SENTENCE_BEFORE = re.compile(r"(?:^|\n|[.:]\s)\s{0,2}$")
_LONGEST_SUBJECT = 45
_LONGEST_PASSED = 380  # characters from the subject to what is said of its effect, where its adoption stands between
_LONGEST_DATE = 40


@dataclass(frozen=True, slots=True)
class Stated:
    """A day of validity, and where the text states it."""

    field: str  # effective_date or expiry_date
    day: date
    start: int
    end: int
    confidence: float


def read_validity(text: str, outline: Outline, issued: date | None) -> Iterator[Stated]:
    """Yield the first day of effect and the last one, each where the text states it; `issued` is the day of signing."""
    known: set[str] = set()
    for sign in _SIGN.finditer(text):
        subject = _SUBJECT.search(text, max(0, sign.start() - _LONGEST_SUBJECT), sign.start()) or _passed(text, sign.start())
        if subject is None or not _speaks_for_itself(text, outline, subject):
            continue
        for stated in _stated(text, subject, sign.end(), issued):
            if stated.field not in known:
                known.add(stated.field)
                yield stated


def _passed(text: str, end: int) -> re.Match[str] | None:
    """Return the subject of a sentence that first tells of the vote."""
    if not _SAYS_MORE.search(text, max(0, end - 8), end):
        return None
    return _PASSED.search(text, max(0, end - _LONGEST_PASSED), end)


def _speaks_for_itself(text: str, outline: Outline, subject: re.Match[str]) -> bool:
    """Say whether the subject is this document: "này" says so, or that a sentence begins with it (Quyết định có hiệu lực ...)."""
    place = subject.start()
    named = subject["this"] or (text[place].isupper() and _SENTENCE_BEFORE.search(text, max(0, place - 4), place))
    return bool(named) and not outline.quoted(place) and outline.unit_of(place, Level.ATTACHMENT) is None


def _stated(text: str, subject: re.Match[str], end: int, issued: date | None) -> Iterator[Stated]:
    start = subject.start()
    ends_then = subject["verb"].lower() == "hết"
    if (leads := _FROM.match(text, end)) and (found := _day_at(text, leads.end())):
        day, after = found
        first = _day_after(day) if leads["after"] else day  # sau ngày 31/12/2025
        yield Stated("expiry_date" if ends_then else "effective_date", first, start, after, 0.95)
        if not ends_then and (until := _UNTIL.match(text, after)) and (last := _day_at(text, until.end())):
            yield Stated("expiry_date", _day_after(last[0]), start, last[1], 0.9)
    elif not ends_then and (signed := _SIGNED.match(text, end)) and (of := _issued(text, signed, issued)):
        yield Stated("effective_date", of, start, signed.end(), 0.9)
    elif not ends_then and (later := _DAYS_AFTER.match(text, end)) and (of := _issued(text, later, issued)):
        yield Stated("effective_date", of + timedelta(days=int(later["days"])), start, later.end(), 0.85)


def _issued(text: str, match: re.Match[str], issued: date | None) -> date | None:
    """Return the day of signing, or that of the vote where it is counted from: a council signs some days later."""
    adoption = read_adoption(text) if match["vote"] else None
    return adoption[0].day if adoption else issued


def _day_after(day: date) -> date:
    return day + timedelta(days=1)


def _day_at(text: str, place: int) -> tuple[date, int] | None:
    """Return the day that is written at `place`, and where it ends."""
    days = find_dates(text[place : place + _LONGEST_DATE])
    return (days[0].date, place + days[0].end) if days and days[0].start == 0 else None
