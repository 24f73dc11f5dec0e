"""Secrecy marks: what keeps a document out of everything searchable.

The gate is closed where in doubt: a false alarm costs an operator one look, a missed mark is a leak. A mark is a line,
or a cell of one, that holds TUYỆT MẬT, TỐI MẬT or MẬT and nothing that a sentence would have, in a place where marks
are put: a header (the document's or one further down, known by its quốc hiệu), the first and last lines of a page. A
lifted mark (GIẢI MẬT) still counts: only a person can tell whether the stamp covers the whole document. The signs A, B,
C count beside `Độ mật`, never alone: they are put on envelopes, and a letter alone is anything.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from indexer.legal.lines import Line, lines_of
from indexer.model import Canonical

_DATA = Path(__file__).with_name("data")
_HEAD_LINES = 40  # lines at the start where a document's header boxes lie, whatever their reading order
_NEAR_TITLE = 12  # lines on either side of a quốc hiệu further down
_PAGE_EDGE = 3  # first and last lines of a page, where running heads and stamps come
_LONGEST_MARK = 160

_RANK = ("TUYỆT MẬT", "TỐI MẬT", "MẬT")
_NATIONAL_TITLE = re.compile(r"cộng h(?:òa|oà) xã hội chủ nghĩa việt nam", re.IGNORECASE)
_COLUMNS = re.compile(r"\t|(?<! ) {2,}")
_DECORATION = re.compile(r"[^\w:]|_")
_BEFORE = r"(?:HỎATỐC|HOẢTỐC|THƯỢNGKHẨN|KHẨN|(?:MỨC)?ĐỘ(?:BẢO)?MẬT:?|DẤU:?)"
# what may follow a level: its sign, urgency, the number of a copy, a term of protection
_AFTER = r"(?:HỎATỐC|HOẢTỐC|THƯỢNGKHẨN|KHẨN|[ABC]|BẢNSỐ:?\d*|SỐBẢN:?\d*|(?:THỜIHẠN|BẢOVỆ|ĐẾN|KỂTỪ|TỪ)[\w:]{0,80})"
_NUMBER_LINE = re.compile(r"số\s{0,3}[:.]?\s{0,3}(?=\S{0,4}\d|\.|…)", re.IGNORECASE)
_GOES_ON = re.compile(r"(?:\b(?:bí|bảo|và|hoặc|độ|của|về|là|mức|các|cơ)|,)$", re.IGNORECASE)  # a title broken over two lines


@dataclass(frozen=True, slots=True)
class Mark:
    """A secrecy mark: its level, its span of the canonical text, and a reason that quotes nothing but the mark."""

    level: str
    start: int
    end: int
    reason: str


def find_mark(canonical: Canonical, number: str | None) -> Mark | None:
    """Return the highest mark that the text or the document's number bears, the first of equals; None where there is none."""
    marks = list(_text_marks(canonical))
    level = _series_level(number or "")
    if level:
        marks.append(Mark(level, 0, 0, f"Số, ký hiệu thuộc loạt văn bản có độ {level}."))
    return min(marks, key=lambda mark: _RANK.index(mark.level), default=None)


def _text_marks(canonical: Canonical) -> Iterator[Mark]:
    lines = list(lines_of(canonical.text))
    places = _places(lines, canonical)
    for index, line in enumerate(lines):
        if len(line.text) > _LONGEST_MARK:
            continue
        before = lines[index - 1].text if index else ""
        for start, cell in _cells(line):
            level = _level(cell, in_head=index < _HEAD_LINES, marks_belong=bool(places[index]), before=before)
            if level:
                page, place = canonical.page_of(start), index + 1
                yield Mark(
                    level, start, start + len(cell), f"Văn bản mang dấu chỉ độ {level} (trang {page}, dòng có chữ thứ {place})."
                )


def _places(lines: Sequence[Line], canonical: Canonical) -> bytearray:
    """Return one byte a line: 1 where marks are put."""
    places = bytearray(len(lines))
    starts = [line.start for line in lines]
    edges = [bisect_left(starts, start) for start in canonical.page_starts] + [len(lines)]
    spans = [(edge - _PAGE_EDGE, edge + _PAGE_EDGE) for edge in edges] + [(0, _HEAD_LINES)]
    spans += [
        (i - _NEAR_TITLE, i + _NEAR_TITLE + 1)
        for i, line in enumerate(lines)
        if _NATIONAL_TITLE.search(line.text[:_LONGEST_MARK])
    ]
    for first, last in spans:
        first, last = max(first, 0), min(last, len(lines))
        places[first:last] = b"\1" * (last - first)
    return places


def _cells(line: Line) -> Iterator[tuple[int, str]]:
    """Yield the line whole (M   Ậ   T may be spaced wide), then its columns, each with its offset."""
    yield line.start, line.text
    if _COLUMNS.search(line.text) is None:
        return
    start = 0
    for gap in [*_COLUMNS.finditer(line.text), None]:
        end = gap.start() if gap else len(line.text)
        if end > start:
            yield line.start + start, line.text[start:end]
        start = gap.end() if gap else end


def _level(cell: str, *, in_head: bool, marks_belong: bool, before: str) -> str | None:
    """Return the level that `cell` states as a mark, else None."""
    if marks_belong and _NUMBER_LINE.match(cell):
        return _series_level(_NUMBER_LINE.sub("", cell, count=1))
    squeezed = _DECORATION.sub("", cell)
    match = _marks().fullmatch(squeezed.upper())
    if match is None:
        return None
    level, anywhere, spelt_out = _levels()[match["mark"]]
    if anywhere:
        return level
    capitals = squeezed[match.start("mark") : match.end("mark")].isupper()
    if not marks_belong or _GOES_ON.search(before) or not (capitals or (in_head and spelt_out)):
        return None
    return level


@cache
def _levels() -> dict[str, tuple[str, bool, bool]]:
    """Words of a mark → its level, whether it counts anywhere, whether it is spelt with its own letters (Ậ)."""
    rows = _rows("secrecy_marks.tsv")
    return {words: (level, place == "any", "Ậ" in words) for words, level, place, _ in rows}


@cache
def _marks() -> re.Pattern[str]:
    words = "|".join(re.escape(words) for words in sorted(_levels(), key=len, reverse=True))
    return re.compile(f"{_BEFORE}{{0,3}}(?P<mark>{words}){_AFTER}{{0,4}}")


def _series_level(number: str) -> str | None:
    """Return the level of the secret series that `number` belongs to."""
    number = number.upper().strip()[:_LONGEST_MARK]
    return next((level for pattern, level in _series() if pattern.search(number)), None)


@cache
def _series() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), level) for pattern, level, _ in _rows("secrecy_series.tsv"))


def _rows(name: str) -> list[list[str]]:
    lines = (_DATA / name).read_text(encoding="utf-8").split("\n")
    return [line.split("\t") for line in lines if line and not line.startswith("#")]
