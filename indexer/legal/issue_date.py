"""The date of issue: beside the place in the letterhead, in a one-line head, or in a law's closing sentence."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from analyzers.citations import DateMatch, find_dates
from indexer.legal.cells import Cell, Passage, join
from indexer.legal.wording import tighten_digits

_DAY = re.compile(r"\bng ?ày\b", re.IGNORECASE)
# "Hà Nội, ngày", "TP. Hồ Chí Minh ngày", "Bà Rịa - Vũng Tàu, ngày": a place in capitals at the start of its cell
_PLACE = re.compile(r"(?P<place>[^\W\d_][^\W\d_. -]*(?:[ .-]{1,3}[^\W\d_]+){0,6}) ?, ?ng ?ày\b|^ng ?ày\b", re.IGNORECASE)
_CLOSING = re.compile(
    r"(?:Luật|Bộ luật|Pháp lệnh|Nghị quyết|Hiến pháp) (?:này )?(?:đã )?(?:được|do) (?P<by>[^.;]{3,250}?) (?:biểu quyết )?thông qua"
    r"(?: tại [^.;]{3,120}?)?(?: vào)? ng ?ày ",
    re.IGNORECASE,
)
_CLOSING_WORDS = re.compile(r"thông\s{1,3}qua", re.IGNORECASE)
_BEFORE, _AFTER = 500, 120  # characters around "thông qua" that hold the whole closing sentence
_CLOSINGS_AT_MOST = 400  # "thông qua" is a common verb: of more of them only the last are looked at
_SPLIT_YEAR = re.compile(r"(?<=\d) (?=\d)")


@dataclass(frozen=True, slots=True)
class IssueDate:
    """A date of issue, its canonical span, and how sure it is."""

    day: date
    span: tuple[int, int]
    confidence: float


def is_date_box(text: str) -> bool:
    """Say whether a cell is the box of place and date, its figures written or still open: "Hà Nội, ngày     tháng 7 năm 2025"."""
    return _PLACE.match(text[:80]) is not None


def read_date_box(cells: Sequence[Cell]) -> IssueDate | None:
    """Return the date of the first box of place and date, which may go on in the next cells: "Hà Nội, ngày 24" / "tháng 11 năm 2025"."""
    for index, cell in enumerate(cells):
        lead = "" if index == 0 else cells[index - 1].text
        if not is_date_box(cell.text) and not (len(lead) < 30 and is_date_box(f"{lead} {cell.text}") and _DAY.match(cell.text)):
            continue
        passage = tighten_digits(join(cells[index : index + 3]))
        for match in find_dates(passage.text[:140])[:1]:
            return IssueDate(match.date, passage.span(match.start, match.end), 0.97)
    return _only_date(cells)


def _only_date(cells: Sequence[Cell]) -> IssueDate | None:
    """Return the one date that the letterhead's cells give after "ngày", where no box of the usual form does."""
    passage = tighten_digits(join(cells))
    found = [match for match in find_dates(passage.text) if _announced(passage.text, match)]
    if len({match.date for match in found}) != 1:
        return None
    return IssueDate(found[0].date, passage.span(found[0].start, found[0].end), 0.8)


def _announced(text: str, match: DateMatch) -> bool:
    before = text[max(0, match.start - 8) : match.start + 5]
    return _DAY.search(before) is not None


def date_at_start(passage: Passage) -> tuple[date, int] | None:
    """Return the date with which `passage` begins, "ngày" before it or not, and where it ends."""
    tightened = _SPLIT_YEAR.sub("", passage.text[:60])
    for match in find_dates(tightened)[:1]:
        if match.start <= len("ngày "):
            return match.date, match.end + len(passage.text[:60]) - len(tightened)
    return None


def read_adoption_date(text: str) -> IssueDate | None:
    """Return the day of a closing sentence "Luật này được Quốc hội ... thông qua ngày 24 tháng 6 năm 2025", the last one of `text`."""
    places = [match.start() for match in _CLOSING_WORDS.finditer(text)][-_CLOSINGS_AT_MOST:]
    for place in reversed(places):
        start = max(0, place - _BEFORE)
        cell = Cell.read(text, start, min(len(text), place + _AFTER), opens=False, blank_before=False, ruled_before=False)
        passage = tighten_digits(cell) if cell else Passage("", ())
        for closing in _CLOSING.finditer(passage.text):
            dates = find_dates(passage.text[closing.end() - 5 : closing.end() + 40])
            if dates and dates[0].start <= 6:
                first = closing.end() - 5 + dates[0].start
                return IssueDate(dates[0].date, passage.span(first, first + dates[0].end - dates[0].start), 0.95)
    return None
