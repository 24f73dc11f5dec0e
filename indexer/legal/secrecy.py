"""Secrecy marks: what keeps a document out of everything searchable.

The gate is closed where in doubt: a false alarm costs an operator one look, a missed mark is a leak. TUYỆT MẬT, TỐI MẬT or MẬT in
capitals, alone on a line or over lines of a letter each, is a mark wherever it stands. In a header (the document's, or one
further down that a quốc hiệu tells) and at the edges of a page it may also be one column of a line, share a line with other
parts of the header, lack its diacritics, or, in the document's own header, be in small letters. A sentence about secrets is
no mark, nor is a cell of a table's row.

A lifted mark (GIẢI MẬT) still counts: only a person can tell whether the stamp covers the whole document. The signs A, B, C count
beside `Độ mật`, never alone: they are put on envelopes, and a letter alone is anything.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from unicodedata import normalize

from analyzers.accents import fold
from analyzers.tables import rows
from indexer.legal.header_parts import is_part, speaks_of_secrets
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
_MOST_COLUMNS = 2  # more make a row of a table, which may list marked documents
_DECORATION = re.compile(r"[^\w:]|_")
_SPACE = re.compile(r"[\s*|–—]+|(?<=\s)-")  # between parts of a header on one line
_HINT = re.compile(r"M\W{0,3}[AÂẠẬ]\W{0,3}T|Đ\W?[OỘ]\W?M", re.IGNORECASE)  # without which a line need not be taken apart
_LETTERS = (3, 7)  # of marks
_LOOKALIKES = str.maketrans("l10", "IIO")
_LIFTED = re.compile("GIẢIMẬT", re.IGNORECASE)
# TUYỆT MẬT first or last in a line of other text; before a comma it is one of several that are spoken of
_LEVEL_BESIDE = re.compile(
    r"^[\W_]{0,3}(?P<first>(?:TUYỆT |TỐI )?MẬT)[^\w,;:]{1,9}(?=\w)"
    r"|(?<=[\w.,;:)])\W{1,9}(?P<last>(?:TUYỆT |TỐI )?MẬT)[\W_]{0,3}$"
)
_BEFORE = r"(?:HỎATỐC|HOẢTỐC|THƯỢNGKHẨN|KHẨN|MỨC|KÝHIỆU|ĐỘ(?:BẢO)?MẬT:?|DẤU:?)"
# what may follow a level: its sign, urgency, the number of a copy, a term of protection
_AFTER = (
    r"(?:HỎATỐC|HOẢTỐC|THƯỢNGKHẨN|KHẨN|[ABC]|BẢNSỐ:?\d*|SỐBẢN:?\d*"
    r"|(?:THỜIHẠN|BẢOVỆ|ĐẾN|KỂTỪ|TỪ|(?<=GIẢIMẬT)(?:NGÀY|THEO))[\w:]{0,120}+)"  # possessive, so that no line is tried in many ways
)
_QUOTED = re.compile("[“”\"'‘’«»]")  # a text about marks names them in quotation marks
# the number itself ends at a space that no hyphen or slash is next to
_NUMBER_LINE = re.compile(
    r"s[ốoôóồộ]\s{0,3}[:.]?\s{0,3}(?=\S{0,4}\d|\.|…)(?P<number>\S{1,60}+(?:\s?[-/]\s?\S{1,60}+|\s?\([^()]{1,20}\)|(?<=[IT])\sMẬT$){0,4}+)",
    re.IGNORECASE,
)
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
    recognised = any(step.name == "ocr" for step in canonical.steps)
    for index, line in enumerate(lines):
        if len(line.text) > _LONGEST_MARK:
            continue
        surroundings = _Surroundings(lines[index - 1].text if index else "", index < _HEAD_LINES, bool(places[index]), recognised)
        for start, cell, before in _cells(line, in_head=surroundings.in_head) if places[index] else [(line.start, line.text, "")]:
            level = _level(cell, before, surroundings)
            if level:
                yield _mark(canonical, level, start, start + len(cell), index)
    for index, stack in _stacked(lines):
        match = _marks().fullmatch("".join(_DECORATION.sub("", line.text) for line in stack))
        if match:
            yield _mark(canonical, _levels()[match["mark"]][0], stack[0].start, stack[-1].end, index)


def _mark(canonical: Canonical, level: str, start: int, end: int, index: int) -> Mark:
    where = f"(trang {canonical.page_of(start)}, dòng có chữ thứ {index + 1})."
    if _LIFTED.search(_DECORATION.sub("", canonical.text[start:end])):
        return Mark(level, start, end, f"Văn bản mang dấu giải mật: cần người xem dấu ấy có cho cả văn bản không {where}")
    return Mark(level, start, end, f"Văn bản mang dấu chỉ độ {level} {where}")


def _stacked(lines: Sequence[Line]) -> Iterator[tuple[int, Sequence[Line]]]:
    """Yield stretches of lines that hold one letter each, as a narrow box has them, and where each begins."""
    for alone, group in groupby(
        enumerate(lines), key=lambda item: len(item[1].text) < _LETTERS[0] and len(_DECORATION.sub("", item[1].text)) == 1
    ):
        stack = list(group)
        if alone and _LETTERS[0] <= len(stack) <= _LETTERS[1]:
            yield stack[0][0], [line for _, line in stack]


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What is known of a line besides its text: the line before, and whether marks of every spelling are put there."""

    before: str
    in_head: bool  # of the document
    in_header_or_edge: bool
    recognised: bool  # from a picture


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


def _cells(line: Line, *, in_head: bool) -> Iterator[tuple[int, str, str]]:
    """Yield the line whole (M   Ậ   T may be spaced wide), its columns, and what stands beside parts of a header or other text.

    Each comes with its offset and with the part before it.
    """
    yield line.start, line.text, ""
    bounds = [(gap.start(), gap.end()) for gap in _COLUMNS.finditer(line.text)]
    starts = [0, *(end for _, end in bounds)]
    ends = [*(start for start, _ in bounds), len(line.text)]
    columns = [(start, line.text[start:end]) for start, end in zip(starts, ends, strict=True) if line.text[start:end].strip()]
    is_row = len(columns) > _MOST_COLUMNS
    if is_row:
        columns = []
    elif bounds:
        yield from ((line.start + start, text, "") for start, text in columns)
    if _HINT.search(line.text):
        for start, text in dict.fromkeys([(0, line.text), *columns]):
            yield from ((line.start + start + place, cell, text[:place]) for place, cell in _beside_parts(text))
            if in_head and not is_row and (found := _beside_text(text)):
                yield line.start + start + found[0], found[1], ""


def _beside_parts(text: str) -> Iterator[tuple[int, str]]:
    """Yield what is left of a line, with its offset, if parts of a header are taken from its beginning, its end or both."""
    gaps = list(_SPACE.finditer(text))
    after = [gap.end() for gap in gaps if is_part(text[: gap.start()])]
    before = [gap.start() for gap in gaps if is_part(text[gap.end() :])]
    for start in [0, *after]:
        yield from ((start, text[start:end]) for end in [*before, len(text)] if 0 < end - start < len(text))


def _beside_text(text: str) -> tuple[int, str] | None:
    """Return a level in capitals, with its offset, before or after text of another kind: a subject, a rare issuer."""
    found = _LEVEL_BESIDE.search(text)
    if found is None or _QUOTED.search(text):
        return None
    level = found["first"] or found["last"]
    other = text[found.end() :] if found["first"] else text[: found.start()]
    if speaks_of_secrets(other) or (found["first"] and not other[:1].isupper()) or (level == "MẬT" and other.isupper()):
        return None  # MẬT khẩu, PHƯƠNG PHÁP MẬT
    return text.index(level), level


def _level(cell: str, part: str, surroundings: _Surroundings) -> str | None:
    """Return the level that `cell` states as a mark, else None; `part` of a header stands before it on its line."""
    number = _NUMBER_LINE.match(cell) if surroundings.in_header_or_edge else None
    if number:
        return _series_level(number["number"])
    squeezed = _DECORATION.sub("", cell)
    match = _marks().fullmatch(squeezed.upper())
    if match is None:
        return _misread_level(squeezed) if surroundings.in_header_or_edge else None
    level, place = _levels()[match["mark"]]
    if place == "any":
        return level
    if (place == "header" and part.isupper()) or (place == "scan" and not surroundings.recognised):
        return None  # QUYẾT ĐỊNH GIẢI MẬT is a title
    before = surroundings.before.strip(" *-|").upper()
    if _SECRET_OR_SAFE.search(before) or _LISTED.search(before[-_LONGEST_MARK:]):
        return None
    if level == "MẬT" and before in ("TUYỆT", "TỐI"):
        level = f"{before} MẬT"  # a narrow box breaks the mark
    if not squeezed[match.start("mark") : match.end("mark")].isupper():
        return level if surroundings.in_head and place not in ("capitals", "scan") and not before.endswith(" ĐỘ") else None
    return level if surroundings.in_header_or_edge or (place == "line" and not _QUOTED.search(cell)) else None


def _misread_level(squeezed: str) -> str | None:
    """Return the level of a mark of two words, in capitals, in which OCR took other accents or figures for letters: TỐl MẬT."""
    letters = fold(squeezed.translate(_LOOKALIKES))
    match = _marks().fullmatch(letters) if letters.isupper() else None
    return _levels()[match["mark"]][0] if match and len(match["mark"]) > _LETTERS[0] else None


@cache
def _levels() -> dict[str, tuple[str, str]]:
    """Words of a mark → its level and where it counts, as data/secrecy_marks.tsv explains."""
    return {words: (level, place) for words, level, place, _ in rows("indexer.legal", "secrecy_marks.tsv")}


@cache
def _marks() -> re.Pattern[str]:
    words = "|".join(re.escape(words) for words in sorted(_levels(), key=len, reverse=True))
    # few before: the label is part of ĐỘMẬT:A; a watermark may be repeated along its line
    return re.compile(f"{_BEFORE}{{0,4}}?(?P<mark>{words})(?P=mark){{0,9}}{_AFTER}{{0,4}}")


def _series_level(number: str) -> str | None:
    """Return the level of the secret series that `number` belongs to."""
    number = _DASH.sub("-", normalize("NFC", number)).upper().strip()[:_LONGEST_MARK]
    return next((level for pattern, level in _series() if pattern.search(number)), None)


@cache
def _series() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), level) for pattern, level, _ in rows("indexer.legal", "secrecy_series.tsv"))
