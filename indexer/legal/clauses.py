"""Khoản and Điểm within one article: which lines open a clause or a point.

A number at the start of a line may also stand in a list, a table or a quotation; the order of the numbers decides, so that a
clause is taken only where it must come. The same holds for points, whose letters follow the Vietnamese alphabet.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indexer.legal.articles import Opening
from indexer.legal.lines import Line
from indexer.legal.structure import Survey
from indexer.model import Level

# 1. | 12) | 3- | 2a. | Khoản 4.; not 1.1, 1.000 or 24/7
_CLAUSE = re.compile(
    r"[*_]{0,3}(?:khoản )?(?P<number>\d{1,3})(?P<letter>[a-zđ]?)(?:\[\d{1,3}\])?\s?[.)/-](?![\d./])", re.IGNORECASE
)
# a) | đ. | a1) | e/
_POINT = re.compile(r"[*_]{0,3}(?:điểm )?(?P<letter>[a-zđ])(?P<digit>\d?)(?:\[\d{1,3}\])?\s?(?:\)|[./-](?=\s))", re.IGNORECASE)
_ALPHABET = {letter: place for place, letter in enumerate("abcdđefghijklmnopqrstuvwxyz")}
_FARTHEST = 2  # letters: đ, f and j may be passed over
# Sửa đổi khoản 2 Điều 5 như sau: | Khoản 2 được sửa đổi, bổ sung như sau:; not "Trình tự sửa đổi, bổ sung giấy phép như sau:"
_PLACES = "[Kk]hoản|[Đđ]iểm|[Đđ]iều|[Đđ]oạn|[Cc]hương|[Mm]ục|[Pp]hụ lục|[Tt]ên"
_AMENDS = re.compile(
    rf"(?:^|[.;)] )(?:Sửa đổi|Bổ sung|Thay thế|Thay|Đính chính|Sửa)\b[^;“\"]{{0,300}}\b(?:{_PLACES})\b"
    rf"|\b(?:{_PLACES})\b.{{0,80}}\bđược (?:sửa|sửa đổi|bổ sung|thay thế|đính chính|viết lại)\b"
)
_AMENDING = re.compile(
    r"(?:sửa|bổ sung|bãi bỏ|thay|hủy bỏ|huỷ bỏ|bỏ|đính chính|chuyển|tại|tên|khoản|điều|điểm|chương|mục|phụ lục)\b", re.IGNORECASE
)
_GOES_ON_BELOW = 3  # lines over which an announcement may be broken
_LOOKED_AT = 400  # characters of each of them


@dataclass(frozen=True, slots=True)
class Mark:
    """A clause or point that opens at offset `start` of the canonical text; `name` is what its anchor says of it."""

    level: Level
    start: int
    label: str
    name: str


@dataclass(frozen=True, slots=True)
class _Candidate:
    level: Level
    start: int
    label: str
    number: int  # of a clause; of a point, the letter's place in the alphabet
    suffix: str  # 2a, a1
    quotes: bool  # right before it, the wording of another document is announced, or begins with an article's heading
    amends: bool  # it says itself what is amended

    @property
    def name(self) -> str:
        """Return the label's part of an anchor: 2, 2a, dd."""
        return self.label.strip("*_").lower().replace("đ", "dd")


def marks_in(found: Survey, article: Opening, end: int) -> Iterator[Mark]:
    """Yield the clauses and points of the article that `article` opens and found.lines[end] ends, in order."""
    candidates = list(_candidates(found, article, end))
    left = Counter(candidate.number for candidate in candidates if candidate.level is Level.CLAUSE)
    order = _Order(left)
    for candidate in candidates:
        if candidate.level is Level.CLAUSE:
            left[candidate.number] -= 1
            taken = order.takes_clause(candidate)
        else:
            taken = order.takes_point(candidate)
        if taken:
            yield Mark(candidate.level, candidate.start, candidate.label, candidate.name)


class _Order:
    """The numbers seen so far in an article, and what must come next."""

    def __init__(self, left: Counter[int]) -> None:
        self._left = left  # number → how many clause-like lines with it are still to come
        self._number, self._letter = 0, ""
        self._listed = 0  # last number of a list inside a clause, 0 outside of one
        self._quoting = False  # a quotation without marks: what it numbers is not the article's
        self._point, self._digit = -1, ""

    def takes_clause(self, candidate: _Candidate) -> bool:
        """Return whether `candidate` is the clause that must come, and remember it; must be called in order."""
        if candidate.quotes and not candidate.amends:
            self._quoting = True
        number = candidate.number
        inserted = number == self._number and candidate.suffix > self._letter and self._number > 0
        following = number == self._number + 1 or (number == self._number + 2 > 2 and not self._left[self._number + 1])
        if self._listed and number == self._listed + 1 and (not following or self._left[number]):
            self._listed = number
            return False
        if (self._quoting and not candidate.amends) or not (following or inserted):
            if number == 1 and self._number:
                self._listed = 1
            return False
        self._number, self._letter = number, candidate.suffix
        self._listed, self._quoting = 0, False
        self._point, self._digit = -1, ""
        return True

    def takes_point(self, candidate: _Candidate) -> bool:
        """Return whether `candidate` is the point that must come in the present clause, and remember it."""
        if candidate.quotes and not candidate.amends:
            self._quoting = True
        step = candidate.number - self._point
        first = self._point < 0
        taken = candidate.number == 0 if first else 0 < step <= _FARTHEST or (step == 0 and candidate.suffix > self._digit)
        if not taken or (self._quoting and not candidate.amends):
            return False
        self._point, self._digit, self._quoting = candidate.number, candidate.suffix, False
        return True


def _candidates(found: Survey, article: Opening, end: int) -> Iterator[_Candidate]:
    lines = found.lines
    on_its_line = article.rest and article.below == article.line + 1  # Điều 3. 1. Khoản một
    first = article.line if on_its_line else article.below
    foreign = False  # an article of another document has begun since the last candidate
    for index in range(first, end):
        line = lines[index]
        foreign = foreign or index in found.unclosed
        skipped = line.text.rindex(article.rest) if index == article.line else 0
        if index in found.quoted:
            continue
        clause = _CLAUSE.match(line.text, skipped)
        match = clause or _POINT.match(line.text, skipped)
        if match is None:
            continue
        before = lines[index - 1].text if index > first else ""
        quotes = foreign or (before.rstrip(" :").endswith("như sau") and _is_announcement(lines, first, index))
        foreign = False
        amends = _AMENDING.match(line.text[match.end() : match.end() + 40].lstrip(" *_")) is not None
        if clause:
            number, suffix = int(clause["number"]), clause["letter"].lower()
            label = clause["number"] + clause["letter"]
            yield _Candidate(Level.CLAUSE, line.start + skipped, label, number, suffix, quotes, amends)
        else:
            letter = match["letter"].lower()
            label = match["letter"] + match["digit"]
            start = line.start + skipped
            yield _Candidate(Level.POINT, start, label, _ALPHABET[letter], match["digit"], quotes, amends)


def _is_announcement(lines: Sequence[Line], first: int, index: int) -> bool:
    """Say whether the sentence that ends above line `index` announces an amendment; it may be broken over a few lines."""
    return any(_AMENDS.search(line.text[:_LOOKED_AT]) for line in lines[max(first, index - _GOES_ON_BELOW) : index])
