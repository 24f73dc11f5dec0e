"""What clerks fill in with a pen: the day and month of "ngày … tháng … năm 2022", the number before "/QĐ-TTg".

The printed words around a blank tell where it is and what may stand in it. Tesseract's reading is kept where it is certain;
else `figures` looks at the picture. Where neither is sure the blank is left empty: a wrong date is worse than none.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from indexer.extract.scans.figures import MOST_POINTS, Reading, read_figures

# Tesseract errs in a letter of the printed words, too: "ngàp", "thủng"
_DATE = re.compile(
    r"(?P<ngày>[nN]g[^\W\d_]{2}) ?(?P<day>.{0,5}?) ?(?P<tháng>th[^\W\d_]ng) ?(?P<month>.{0,4}?) ?(?P<năm>n[^\W\d_]m)(?= ?20\d\d)"
)
# "Số: 32†2 /QĐ-TTg" of a head; what a text cites as "số 36/2021/TT-BCA" is print
_NUMBER = re.compile(
    r"(?:\bS[oôốồổỗộóọ] ?[:.;]?|\bs[oôốồổỗộóọ] ?:) ?(?P<number>(?! ?\d{1,5} ?/ ?\d{3}).{0,10}?)"
    r" ?(?=[/-] ?(?:(?:19|20)\d\d ?/ ?)?[A-ZĐ]{2})"
)
_LETTERED = re.compile(r"\d{1,4}[a-zđ]|\d+\.\d+[a-zđ]?")  # 30c/NQ-CP, 66.13/2026/NQ-CP: more than figures
_WORDED = re.compile(r"[^\W\d_]{3}")  # "số lượng 5/QĐ" has no blank
_KINDS: Mapping[str, Collection[str] | None] = {  # what may stand in each; None: any figures
    "day": frozenset(f"{day:{width}}" for day in range(1, 32) for width in ("", "02")),
    "month": frozenset(f"{month:{width}}" for month in range(1, 13) for width in ("", "02")),
    "number": None,
}
_PRINTED = ("ngày", "tháng", "năm")
_LOOK_ALIKE = str.maketrans(
    dict.fromkeys("lIÌÍíìj|]![", "1") | dict.fromkeys("OoÓQØ", "0") | dict.fromkeys("ŠS", "5") | {"ó": "6"}
)
_CERTAIN, _PLAIN, _LEAST_CERTAIN = 90, 60, 30  # of 100: tesseract's word is taken as it is; as print; as nothing below it
_VETO = 0.9  # of `figures`: from here on it makes another reading of print doubtful
_DIRT = "()'\"_~:;.,`-"  # around figures
_SURE = {"day": 0.7, "month": 0.7, "number": 0.6}  # of `figures`, which is too modest rather than too bold
_NO_WORD = -1
_FRAMED = 60  # of 100: certainty of the printed words around a blank, which tesseract judges together with what is in it
_LETTER = 0.7  # type sizes: how wide a small letter can be
_ABOVE, _BELOW = 1.3, 0.7  # type sizes of the picture above and below the line on which figures stand

Image = np.ndarray[Any, np.dtype[np.uint8]]


class Letter(NamedTuple):
    """A character and where it begins and ends on its line, in points of the picture."""

    text: str
    left: int
    right: int


class Word(NamedTuple):
    """A word of a line, and what tesseract thinks of it, 0 to 100."""

    letters: tuple[Letter, ...]
    certainty: int

    @property
    def text(self) -> str:
        """Its characters."""
        return "".join(letter.text for letter in self.letters)


class Line(NamedTuple):
    """Words on one line of a picture, which stand on row `base` at column `left`, and whose type is `size` points high."""

    words: Sequence[Word]
    left: int
    base: float
    slope: float
    size: float

    def base_at(self, column: float) -> float:
        """Return the row on which the line stands at a column."""
        return self.base + self.slope * (column - self.left)


class _Place(NamedTuple):
    """A letter, and which word it is of; a space between words is of none."""

    letter: Letter
    word: int


class _Blank(NamedTuple):
    """Characters `start` to `end` of a line, between printed ones that end at column `left` and go on at `right`.

    `value` is what tesseract can have meant where that may stand here.
    """

    kind: str
    start: int
    end: int
    left: int
    right: int
    owner: int  # the word that what is filled in goes on with; that of a date stands alone
    said: str
    value: str | None
    certainty: int


def fill(line: Line, picture: Image) -> Line:
    """Return the line with its blanks filled in, or emptied where nobody can tell what stands there.

    Time grows with the line's length.
    """
    places = list(_places(line.words))
    text = "".join(place.letter.text[:1] for place in places)
    certainty = [word.certainty for word in line.words]
    changes: list[tuple[int, int, list[_Place]]] = []
    for frame in (*_DATE.finditer(text), *_NUMBER.finditer(text)):
        blanks = [_blank(kind, frame, places, line) for kind in _KINDS if kind in frame.re.groupindex]
        if any(_WORDED.search(blank.said) for blank in blanks):
            continue
        written = any(blank.value is None or blank.certainty < _LEAST_CERTAIN for blank in blanks)
        for blank in blanks:
            if written or blank.certainty < _CERTAIN or blank.value != blank.said:
                figures, sureness = _settled(blank, _look(line, picture, blank), written=written)
                owner = len(certainty) if blank.owner == _NO_WORD else blank.owner
                certainty.append(max(_FRAMED, sureness))
                changes.append((blank.start, blank.end, [_Place(letter, owner) for letter in figures]))
        for printed in set(_PRINTED) & set(frame.re.groupindex):
            start, end = frame.span(printed)
            changes.append((start, end, list(_spelled(places[start:end], printed, _widest(line)))))
    for start, end, instead in sorted(changes, key=lambda change: change[:2], reverse=True):
        for place in places[start:end]:
            if place.word != _NO_WORD:
                certainty[place.word] = max(_FRAMED, certainty[place.word])
        places[start:end] = instead
    groups = ((word, tuple(place.letter for place in group)) for word, group in groupby(places, key=lambda place: place.word))
    return line._replace(words=[Word(letters, certainty[word]) for word, letters in groups if word != _NO_WORD])


def _widest(line: Line) -> int:
    """Return how wide a small letter of a line can be: of a word with a blank tesseract gives one some of what is written."""
    return round(_LETTER * line.size)


def _blank(kind: str, frame: re.Match[str], places: Sequence[_Place], line: Line) -> _Blank:
    start, end = frame.span(kind)
    inside = [place for place in places[start:end] if place.word != _NO_WORD]
    said = "".join(place.letter.text for place in inside).strip(_DIRT)
    allowed, value = _KINDS[kind], said.translate(_LOOK_ALIKE)
    fits = value.isdecimal() if allowed is None else value in allowed
    lettered = kind == "number" and _LETTERED.fullmatch(said) is not None
    certainty = min((line.words[place.word].certainty for place in inside), default=0)
    before = [place.letter for place in reversed(places[:start]) if place.word != _NO_WORD][:2]
    behind = [place.letter for place in places[end:] if place.word != _NO_WORD][:2]
    left = min(before[0].right, max(before[0].left, before[1].right) + _widest(line)) if len(before) == 2 else before[0].right
    right = max(behind[0].left, min(behind[0].right, behind[1].left) - _widest(line))
    owner = places[end].word if kind == "number" else _NO_WORD  # a space is of none
    return _Blank(kind, start, end, left, right, owner, said, said if lettered else value if fits else None, certainty)


def _look(line: Line, picture: Image, blank: _Blank) -> Reading | None:
    """Read the figures in a blank from the picture."""
    base = line.base_at((blank.left + blank.right) / 2)
    rows = slice(max(0, round(base - _ABOVE * line.size)), max(0, round(base + _BELOW * line.size)))
    strip = picture[rows, blank.left : blank.right]
    return read_figures(1 - strip / 255, line.size, _KINDS[blank.kind]) if 0 < strip.size <= MOST_POINTS else None


def _settled(blank: _Blank, read: Reading | None, *, written: bool) -> tuple[tuple[Letter, ...], int]:
    """Return what stands in a blank, nothing where that is in doubt: of what is written tesseract's word alone is not enough."""
    text, certainty = blank.value or "", blank.certainty
    if _LETTERED.fullmatch(text):
        pass
    elif read is not None and read.text == text:
        certainty = round(100 * read.certainty)
    elif written or certainty < _PLAIN:
        if read is not None and read.certainty >= _SURE[blank.kind]:
            text, certainty = read.text, round(100 * read.certainty)
        elif written:
            text = ""
    elif read is not None and read.certainty >= _VETO and len(read.text) == len(text):
        text = ""
    margin = (blank.right - blank.left) // 5  # so that spaces remain around them
    return (Letter(text, blank.left + margin, blank.right - margin),) if text else (), certainty


def _spelled(places: Sequence[_Place], printed: str, widest: int) -> Iterator[_Place]:
    """Yield the places of a printed word of a frame with its proper letters, the first one no wider than letters are."""
    for place, letter in zip(places, printed, strict=True):
        left = max(place.letter.left, place.letter.right - widest)
        yield place._replace(letter=Letter(letter.upper() if place.letter.text.isupper() else letter, left, place.letter.right))


def _places(words: Sequence[Word]) -> Iterator[_Place]:
    for index, word in enumerate(words):
        if index:
            yield _Place(Letter(" ", word.letters[0].left, word.letters[0].left), _NO_WORD)
        yield from (_Place(letter, index) for letter in word.letters)
