"""Cells: the short pieces of text that a header is made of, each character with its place in the canonical text.

A letterhead has two columns, and every format flattens them in its own way: a tab between table cells, "|" from text tables, a
wide gap where spaces draw the columns, or one column after the other. Read as a stream of cells all of them look alike.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

_PIECE = re.compile(r"[^\n\t|]+")
_WIDE_GAP = re.compile(r" {3,}")  # "ỦY BAN NHÂN DÂN      CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
_RULE = re.compile(r"[\s*_=~.,–—\-+#&oO0]{3,}")  # -------, ******, ___o0o___, ==========&==========
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_MARKUP = "*\\`"  # **CỤC THUẾ** in text saved from a web page
_UNTIDY = re.compile(r"[*\\`]|\s\s|[^\S ]|^#")  # markup, or spaces that are not single ones

_VOWELS = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵ"
_SPLIT_SYLLABLE = re.compile(  # "TH Ứ TRƯỞNG", "q uy định": a syllable parted from its first consonants, which are no word
    rf"(?<![^\W_])(?:ngh?|[cgknpt]h|tr|qu?|[bcdđghklmnprstvx])(?P<gap> )(?=[{_VOWELS}])", re.IGNORECASE
)
_LABELLED = frozenset(
    ("điểm", "khóa", "khoá", "chương", "phần", "mục", "nhóm", "loại", "hạng", "khu", "bậc")
)  # điểm c, khóa X: a label


@dataclass(frozen=True, slots=True)
class Passage:
    """Text without markup and with single spaces; `offsets[i]` is where character i stands in the canonical text."""

    text: str
    offsets: tuple[int, ...]

    def span(self, start: int = 0, end: int | None = None) -> tuple[int, int]:
        """Return the canonical span of `text[start:end]`, which must not be empty."""
        last = (len(self.text) if end is None else end) - 1
        return self.offsets[start], self.offsets[last] + 1

    def part(self, start: int, end: int | None = None) -> "Passage":
        """Return `text[start:end]` without spaces at its ends, as a passage."""
        kept = self.text[start:end]
        lead = len(kept) - len(kept.lstrip())
        start += lead
        end = start + len(kept.strip())
        return Passage(self.text[start:end], self.offsets[start:end])

    def without(self, pattern: re.Pattern[str]) -> "Passage":
        """Return the passage with the matches of `pattern` left out."""
        return self.without_places({place for match in pattern.finditer(self.text) for place in range(*match.span())})

    def without_places(self, dropped: Collection[int]) -> "Passage":
        """Return the passage without the characters at these offsets of `text`."""
        kept = [place for place in range(len(self.text)) if place not in dropped]
        return Passage("".join(self.text[place] for place in kept), tuple(self.offsets[place] for place in kept))


@dataclass(frozen=True, slots=True)
class Cell(Passage):
    """A passage that stands alone in the layout: a line, or a line's part in one column."""

    opens: bool = False  # a new table cell or column begins here, not merely a new line
    blank_before: bool = False  # an empty line stands before it
    ruled_before: bool = False  # a drawn line stands before it: "-------"

    @classmethod
    def read(cls, text: str, start: int, end: int, *, opens: bool, blank_before: bool, ruled_before: bool) -> Self | None:
        """Return the cell of canonical text[start:end]; None where nothing but markup is in it."""
        piece = text[start:end]
        tidy = piece.strip()
        if tidy and _UNTIDY.search(tidy) is None:  # nearly all of them
            start += len(piece) - len(piece.lstrip())
            mended = _mend(Passage(tidy, tuple(range(start, start + len(tidy)))))
            return cls(mended.text, mended.offsets, opens, blank_before, ruled_before)
        letters: list[str] = []
        offsets: list[int] = []
        for place in range(start, end):
            letter = text[place]
            if letter in _MARKUP or (letter == "#" and not letters):  # "## QUYẾT ĐỊNH"; in "6#/QĐ-TTg" it is a figure
                continue
            if letter.isspace():
                if not letters or letters[-1] == " ":
                    continue
                letter = " "
            letters.append(letter)
            offsets.append(place)
        if letters and letters[-1] == " ":
            del letters[-1], offsets[-1]
        if not letters:
            return None
        mended = _mend(Passage("".join(letters), tuple(offsets)))
        return cls(mended.text, mended.offsets, opens, blank_before, ruled_before)


def _mend(passage: Passage) -> Passage:
    """Join syllables that a damaged text layer parts behind their first consonants."""
    gaps = set()
    for match in _SPLIT_SYLLABLE.finditer(passage.text):
        before = passage.text[max(0, match.start() - 12) : match.start()].split()
        if not before or before[-1].lower() not in _LABELLED:
            gaps.add(match.start("gap"))
    return passage.without_places(gaps) if gaps else passage


def read_cells(text: str, start: int, end: int, at_most: int) -> list[Cell]:
    """Return the first `at_most` cells of text[start:end] in order; drawn and empty lines are kept as marks on the next cell."""
    cells: list[Cell] = []
    opens = blank = ruled = False
    last_end = start
    for first, last in _pieces(text, start, end):
        between = text[last_end:first]
        opens = opens or "\t" in between or "|" in between or ("\n" not in between and last_end > start)
        blank = blank or between.count("\n") > 1
        last_end = last
        piece = text[first:last]
        if not _LETTER_OR_DIGIT.search(piece) or _RULE.fullmatch(piece):
            ruled = ruled or _RULE.fullmatch(piece) is not None
            continue
        cell = Cell.read(text, first, last, opens=opens, blank_before=blank, ruled_before=ruled)
        opens = blank = ruled = False
        if cell is not None:
            cells.append(cell)
            if len(cells) == at_most:
                break
    return cells


def _pieces(text: str, start: int, end: int) -> Iterable[tuple[int, int]]:
    """Yield the spans between line ends, tabs, bars and wide gaps that hold anything but spaces."""
    for match in _PIECE.finditer(text, start, end):
        first = match.start()
        for gap in _WIDE_GAP.finditer(text, match.start(), match.end()):
            if _alone(text, gap.start() - 1) and _alone(text, gap.end()):
                continue  # T Ờ   T R Ì N H
            if text[first : gap.start()].strip():
                yield first, gap.start()
            first = gap.end()
        if text[first : match.end()].strip():
            yield first, match.end()


def _alone(text: str, place: int) -> bool:
    """Say whether one letter stands at `place` with nothing beside it, as in a letter-spaced heading."""
    around = text[max(0, place - 1) : place + 2].split()
    return around == [text[place : place + 1]] and around[0].isalpha()


def join(passages: Sequence[Passage], between: str = " ") -> Passage:
    """Return the passages as one; `between` is one character and takes the place of the one before it."""
    letters: list[str] = []
    offsets: list[int] = []
    for passage in passages:
        if letters:
            letters.append(between)
            offsets.append(offsets[-1])
        letters.append(passage.text)
        offsets.extend(passage.offsets)
    return Passage("".join(letters), tuple(offsets))
