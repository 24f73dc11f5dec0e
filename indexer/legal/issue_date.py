"""The date of issue: beside the place in the letterhead, in a one-line head, or in a law's closing sentence."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from analyzers.citations import DateMatch, find_dates
from indexer.legal.cells import Cell, Passage, join
from indexer.legal.wording import tighten_digits

_DAY = re.compile(r"\bng ?ày\b", re.IGNORECASE)
_DAY_LAST = re.compile(r"\bng ?ày ?$", re.IGNORECASE)
# "Hà Nội, ngày", "TP. Hồ Chí Minh ngày", "Bà Rịa - Vũng Tàu, ngày": a place before it; "ngày 24" or "ngày     tháng" alone
_PLACE = re.compile(
    r"[^\W\d_][^\W\d_. -]*(?:[ .-]{1,3}[^\W\d_]+){0,6} ?, ?ng ?ày\b|(?:[^\W\d_]+ ){1,4}ng ?ày [\d.…]|ng ?ày (?:\d|tháng|[.…])",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:Luật|Bộ luật|Pháp lệnh|Nghị quyết|Hiến pháp) này (?:đã )?(?:được|do) "
    r"(?P<by>[^.,;]{3,80}?)(?: nước [^.;]{3,60})?(?:,? kh[oó][aá] [^.;]{1,120}?)? (?:biểu quyết )?thông qua"
    r"(?: tại [^.;]{3,120}?)?(?: vào)? (?P<day>ng ?ày )",
    re.IGNORECASE,
)
_CLOSING_WORDS = re.compile(r"thông\s{1,3}qua", re.IGNORECASE)
_BEFORE, _AFTER = 500, 120  # characters around "thông qua" that hold the whole closing sentence
_CLOSINGS_AT_MOST = 400  # "thông qua" is a common verb: of more of them only the last are looked at
_UNSPACED = re.compile(r"ngày ?(\d{1,2}) ?th[áắ]ng ?(\d{1,2}) ?năm ?(\d{4})(?!\d)", re.IGNORECASE)  # ngày 14 tháng5 năm 2008
# Hà Nội, n g à y 1 9 t h á n g 6 n ă m 2 0 1 3, its spaces left out
_LETTER_SPACED = re.compile(r"[^\W\d_]{2,30},?ngày(\d{1,2})tháng(\d{1,2})năm(\d{4})", re.IGNORECASE)
_LONGEST_SPACED = 120
_SPACE = re.compile(" ")
_LONGEST_DAY = 40  # characters of a box without place: "ngày 24 tháng 11 năm 2025"
_SPLIT_YEAR = re.compile(r"(?<=\d) (?=\d)")


@dataclass(frozen=True, slots=True)
class IssueDate:
    """A date of issue, its canonical span, and how sure it is."""

    day: date
    span: tuple[int, int]
    confidence: float


def is_date_box(text: str) -> bool:
    """Say whether a cell is the box of place and date, its figures written or open: "Hà Nội, ngày     tháng 7 năm 2025".

    A line of a title that begins with a day, "ngày 10 tháng 7 năm 2024 của Chính phủ", says more.
    """
    found = _PLACE.match(text[:80])
    if found is None or not (text[0].isupper() or text[:2] == "ng"):
        return False
    return not (_DAY.match(text) and len(text) > _LONGEST_DAY)


def names_place(text: str) -> bool:
    """Say whether a box of date has its place: "Lạng Sơn, ngày"; in the middle of a text, "ngày 4 tháng 6" may begin any line."""
    found = _PLACE.match(text[:80])
    return found is not None and "," in found.group()


def is_date_line(text: str) -> bool:
    """Say whether a line holds a place, a date and nothing more, as it may stand below a type line."""
    found = _PLACE.match(text[:80])
    dates = find_dates(text[:120]) if found and "," in found.group() else ()
    return bool(dates) and len(text) - dates[0].end <= 2


def read_date_box(cells: Sequence[Cell]) -> IssueDate | None:
    """Return the date of the first box of place and date, whose line may be parted: "Hà Nội, ngày 24" / "tháng 11 năm 2025"."""
    for index, cell in enumerate(cells):
        lead = "" if index == 0 else cells[index - 1].text
        if not is_date_box(cell.text) and not (len(lead) < 30 and is_date_box(f"{lead} {cell.text}") and _DAY.match(cell.text)):
            continue
        passage = tighten_digits(join(cells[index : index + 3]))
        found = [match for match in find_dates(passage.text[:140]) if _announced(passage.text, match)]
        if found:
            return IssueDate(found[0].date, passage.span(found[0].start, found[0].end), 0.97)
        unspaced = _UNSPACED.search(passage.text[:140])
        if unspaced and (day := _calendar_day(unspaced)):
            return IssueDate(day, passage.span(*unspaced.span()), 0.9)
    for passage in (*cells, *(join(pair) for pair in pairwise(cells))):
        spaced = _LETTER_SPACED.fullmatch(passage.without(_SPACE).text) if len(passage.text) < _LONGEST_SPACED else None
        if spaced and (day := _calendar_day(spaced)):
            return IssueDate(day, passage.span(), 0.85)
    return None


def _calendar_day(match: re.Match[str]) -> date | None:
    try:
        return date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError:  # not in the calendar, so not a date
        return None


def read_only_date(cells: Sequence[Cell]) -> IssueDate | None:
    """Return the one date that the letterhead's cells give after "ngày", where no box of the usual form does."""
    passage = tighten_digits(join(cells))
    if not cells:
        return None
    found = [match for match in find_dates(passage.text) if _announced(passage.text, match)]
    if len({match.date for match in found}) != 1:
        return None
    return IssueDate(found[0].date, passage.span(found[0].start, found[0].end), 0.8)


def _announced(text: str, match: DateMatch) -> bool:
    """Say whether "ngày" stands right before the figures: in "ngày #8 tháng 01" a figure is not legible."""
    return _DAY.match(text, match.start) is not None or _DAY_LAST.search(text[max(0, match.start - 8) : match.start]) is not None


def date_at_start(passage: Passage) -> tuple[date, int] | None:
    """Return the date with which `passage` begins, "ngày" before it or not, and where it ends."""
    tightened = _SPLIT_YEAR.sub("", passage.text[:60])
    for match in find_dates(tightened)[:1]:
        if match.start <= len("ngày "):
            return match.date, match.end + len(passage.text[:60]) - len(tightened)
    unspaced = _UNSPACED.match(passage.text)
    day = _calendar_day(unspaced) if unspaced else None
    return (day, unspaced.end()) if unspaced and day else None


def read_adoption(text: str) -> tuple[IssueDate, Passage] | None:
    """Return day and body of the last closing sentence, "Luật này được Quốc hội ... thông qua ngày 24 tháng 6 năm 2025"."""
    places = [match.start() for match in _CLOSING_WORDS.finditer(text)][-_CLOSINGS_AT_MOST:]
    for place in reversed(places):
        start = max(0, place - _BEFORE)
        cell = Cell.read(text, start, min(len(text), place + _AFTER), opens=False, blank_before=False, ruled_before=False)
        passage = tighten_digits(cell) if cell else Passage("", ())
        for closing in _CLOSING.finditer(passage.text):
            found = date_at_start(passage.part(closing.start("day")))
            if found is not None:
                span = passage.span(closing.start("day"), closing.start("day") + found[1])
                return IssueDate(found[0], span, 0.95), passage.part(closing.start("by"), closing.end("by"))
    return None
