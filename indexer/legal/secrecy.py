"""Secrecy marks: what keeps a document out of everything searchable.

The gate is closed where in doubt: a false alarm costs an operator one look, a missed mark is a leak. TUYỆT MẬT, TỐI MẬT or MẬT in
capitals, alone on a line, is a mark wherever it stands. In a header (the document's, or one further down that a quốc hiệu tells)
and at the edges of a page it may also be one column of a line, lack its diacritics, or, in the document's own header, be in small
letters. A sentence about secrets is no mark, nor is a cell of a table's row.

A lifted mark (GIẢI MẬT) still counts: only a person can tell whether the stamp covers the whole document. The signs A, B, C count
beside `Độ mật`, never alone: they are put on envelopes, and a letter alone is anything.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from unicodedata import normalize

from analyzers.tables import rows
from indexer.legal.lines import Line, lines_of
from indexer.model import Canonical

_HEAD_LINES = 40  # lines at the start where a document's header boxes lie, whatever their reading order
_NEAR_TITLE = 12  # lines on either side of a quốc hiệu further down
_PAGE_EDGE = 3  # first and last lines of a page, where running heads and stamps come
_LONGEST_MARK = 160

_RANK = ("TUYỆT MẬT", "TỐI MẬT", "MẬT")
_NATIONAL_TITLE = re.compile(r"cộng h(?:òa|oà) xã hội chủ nghĩa việt nam", re.IGNORECASE)
# a tab, a bar, two spaces, or what fills the other column of a header, part the columns of a line
_COLUMNS = re.compile(
    r"\t|\||(?<! ) {2,}|cộng h(?:òa|oà) xã hội chủ nghĩa việt nam|độc lập ?[-–] ?tự do ?[-–] ?hạnh phúc", re.IGNORECASE
)
_ISSUER = re.compile(r"(?:(?:ỦY|UỶ) BAN|UBND|HỘI ĐỒNG|HĐND|BỘ|CÔNG AN|SỞ|TỈNH|VĂN PHÒNG|CỤC|BAN|THANH TRA|VIỆN|TÒA ÁN)(?![^\W_])")
_NOT_AFTER_ISSUER = re.compile(r"(?:BÍ|BẢO|ĐỘ|VÀ|CƠ|CHẾ|SƠ|LIỆU) MẬT$")
_MOST_COLUMNS = 2  # more make a row of a table, which may list marked documents
_DECORATION = re.compile(r"[^\w:]|_")
_BEFORE = r"(?:HỎATỐC|HOẢTỐC|THƯỢNGKHẨN|KHẨN|MỨC|ĐỘ(?:BẢO)?MẬT:?|DẤU:?)"
# what may follow a level: its sign, urgency, the number of a copy, a term of protection
_AFTER = (
    r"(?:HỎATỐC|HOẢTỐC|THƯỢNGKHẨN|KHẨN|[ABC]|BẢNSỐ:?\d*|SỐBẢN:?\d*"
    r"|(?:THỜIHẠN|BẢOVỆ|ĐẾN|KỂTỪ|TỪ)[\w:]{0,120}+)"  # possessive, so that no line is tried in many ways
)
_QUOTED = re.compile("[“”\"'‘’«»]")  # a text about marks names them in quotation marks
_NUMBER_LINE = re.compile(r"số\s{0,3}[:.]?\s{0,3}(?=\S{0,4}\d|\.|…)", re.IGNORECASE)
_DASH = re.compile("[\u2010-\u2015\u2212]")  # 12/BC–TM
# the line before a word that only looks alone: BẢO VỆ BÍ ⏎ MẬT, and the levels listed over several lines
_SECRET_OR_SAFE = re.compile(r"\b(?:bí|bảo)$", re.IGNORECASE)
_LISTED = re.compile(r"\bmật\b.*(?:\b(?:và|hoặc|đến)|,)$", re.IGNORECASE)


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
    by_number = series_mark(number or "")
    if by_number:
        marks.append(by_number)
    return min(marks, key=lambda mark: _RANK.index(mark.level), default=None)


def series_mark(number: str) -> Mark | None:
    """Return the mark of the secret series that a document's number belongs to, whoever states it; None where it is in none."""
    level = _series_level(number)
    return Mark(level, 0, 0, f"Số, ký hiệu thuộc loạt văn bản có độ {level}.") if level else None


def _text_marks(canonical: Canonical) -> Iterator[Mark]:
    lines = list(lines_of(canonical.text))
    places = _places(lines, canonical)
    for index, line in enumerate(lines):
        if len(line.text) > _LONGEST_MARK:
            continue
        surroundings = _Surroundings(lines[index - 1].text if index else "", index < _HEAD_LINES, bool(places[index]))
        for start, cell in _cells(line) if places[index] else [(line.start, line.text)]:
            level = _level(cell, surroundings)
            if level:
                page = canonical.page_of(start)
                yield Mark(
                    level,
                    start,
                    start + len(cell),
                    f"Văn bản mang dấu chỉ độ {level} (trang {page}, dòng có chữ thứ {index + 1}).",
                )


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What is known of a line besides its text: the line before, and whether marks of every spelling are put there."""

    before: str
    in_head: bool  # of the document
    in_header_or_edge: bool


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
    bounds = [(gap.start(), gap.end()) for gap in _COLUMNS.finditer(line.text)]
    starts = [0, *(end for _, end in bounds)]
    ends = [*(start for start, _ in bounds), len(line.text)]
    columns = [(start, line.text[start:end]) for start, end in zip(starts, ends, strict=True) if line.text[start:end].strip()]
    if bounds and len(columns) <= _MOST_COLUMNS:
        yield from ((line.start + start, text) for start, text in columns)
    if _ISSUER.match(line.text) and line.text.isupper() and not _NOT_AFTER_ISSUER.search(line.text):
        last = re.search(r"(?:TUYỆT |TỐI )?MẬT$", line.text)  # UBND TỈNH LẠNG SƠN MẬT: the columns lost their gap
        if last:
            yield line.start + last.start(), last[0]


def _level(cell: str, surroundings: _Surroundings) -> str | None:
    """Return the level that `cell` states as a mark, else None."""
    if surroundings.in_header_or_edge and _NUMBER_LINE.match(cell):
        return _series_level(_NUMBER_LINE.sub("", cell, count=1))
    squeezed = _DECORATION.sub("", cell)
    match = _marks().fullmatch(squeezed.upper())
    if match is None:
        return None
    level, place = _levels()[match["mark"]]
    if place == "any":
        return level
    before = surroundings.before.strip(" *-|").upper()
    if _SECRET_OR_SAFE.search(before) or _LISTED.search(before[-_LONGEST_MARK:]):
        return None
    if level == "MẬT" and before in ("TUYỆT", "TỐI"):
        level = f"{before} MẬT"  # a narrow box breaks the mark
    if not squeezed[match.start("mark") : match.end("mark")].isupper():
        return level if surroundings.in_head and place != "capitals" and not before.endswith(" ĐỘ") else None
    return level if surroundings.in_header_or_edge or (place == "line" and not _QUOTED.search(cell)) else None


@cache
def _levels() -> dict[str, tuple[str, str]]:
    """Words of a mark → its level and where it counts, as data/secrecy_marks.tsv explains."""
    return {words: (level, place) for words, level, place, _ in rows("indexer.legal", "secrecy_marks.tsv")}


@cache
def _marks() -> re.Pattern[str]:
    words = "|".join(re.escape(words) for words in sorted(_levels(), key=len, reverse=True))
    return re.compile(f"{_BEFORE}{{0,4}}?(?P<mark>{words}){_AFTER}{{0,4}}")  # few before: the label is part of ĐỘMẬT:A


def _series_level(number: str) -> str | None:
    """Return the level of the secret series that `number` belongs to."""
    number = _DASH.sub("-", normalize("NFC", number)).upper().strip()[:_LONGEST_MARK]
    return next((level for pattern, level in _series() if pattern.search(number)), None)


@cache
def _series() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), level) for pattern, level, _ in rows("indexer.legal", "secrecy_series.tsv"))
