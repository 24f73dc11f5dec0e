"""What clerks fill in with a pen: the day and month of "ngày … tháng … năm 2022", the number before "/QĐ-TTg".

The printed words around a blank tell where it is and what may stand in it. Tesseract's reading is kept where it is certain;
else `figures` looks at the picture. Where neither is sure the blank is left empty: a wrong date is worse than none.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from indexer.extract.figures import Reading, read_figures

# Tesseract errs in a letter of the printed words, too: "ngàp", "thủng"
_DATE = re.compile(
    r"(?P<ngày>[nN]g[^\W\d_]{2}) ?(?P<day>.{0,5}?) ?(?P<tháng>th[^\W\d_]ng) ?(?P<month>.{0,4}?) ?(?P<năm>n[^\W\d_]m)(?= ?20\d\d)"
)
_NUMBER = re.compile(r"\b[sS][oôốồổỗộóọ] ?[:.;]? ?(?P<number>.{0,10}?) ?(?=[/-] ?(?:(?:19|20)\d\d ?/ ?)?[A-ZĐ]{2})")
_LETTERED = re.compile(r"\d{1,4}[a-zđ]|\d+\.\d+[a-zđ]?")  # 30c/NQ-CP, 66.13/2026/NQ-CP: more than figures
_WORDED = re.compile(r"[^\W\d_]{3}")  # "số lượng 5/QĐ" has no blank
_BLANKS: Mapping[str, Collection[str] | None] = {  # what may stand in each; None: any figures
    "day": frozenset(f"{day:{width}}" for day in range(1, 32) for width in ("", "02")),
    "month": frozenset(f"{month:{width}}" for month in range(1, 13) for width in ("", "02")),
    "number": None,
}
_PRINTED = ("ngày", "tháng", "năm")
_LOOK_ALIKE = str.maketrans(dict.fromkeys("lIÌÍíìj|]![", "1") | dict.fromkeys("OoÓQ", "0") | dict.fromkeys("ŠS", "5"))
_CERTAIN = 90  # of 100, for a word of tesseract's
_SURE = {"day": 0.7, "month": 0.7, "number": 0.6}  # of `figures`, which is too modest rather than too bold
_NO_WORD = -1
_FRAMED = 60  # of 100: certainty of the printed words around a blank, which tesseract judges together with what is in it
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


def fill(line: Line, picture: Image) -> Line:
    """Return the line with its blanks filled in, or emptied where nobody can tell what stands there.

    Time grows with the line's length.
    """
    words, places = line.words, list(_places(line.words))
    text = "".join(place.letter.text[:1] for place in places)
    changes: dict[tuple[int, int], Word | None] = {}
    for frame in (*_DATE.finditer(text), *_NUMBER.finditer(text)):
        blanks = {kind: frame.span(kind) for kind in _BLANKS if kind in frame.re.groupindex}
        said = {kind: _said(places[start:end], words) for kind, (start, end) in blanks.items()}
        if any(_WORDED.search(word.text) for word in said.values()) or all(map(_is_certain, said.values())):
            continue
        for kind, (start, end) in blanks.items():
            ends = _ends(places, start, end)
            changes[start, end] = _settled(said[kind], _look(line, picture, ends, kind), kind, ends)
        for printed in set(_PRINTED) & set(frame.re.groupindex):
            start, end = frame.span(printed)
            changes[start, end] = _worded(places[start:end], printed, words[places[start].word].certainty)
    return line._replace(words=list(_changed(places, words, changes)))


def _look(line: Line, picture: Image, ends: tuple[int, int], kind: str) -> Reading | None:
    """Read the figures in a blank from the picture."""
    base = line.base_at(sum(ends) / 2)
    rows = slice(max(0, round(base - _ABOVE * line.size)), max(0, round(base + _BELOW * line.size)))
    strip = picture[rows, slice(*ends)]
    return read_figures(1 - strip / 255, line.size, _BLANKS[kind]) if strip.size else None


def _worded(places: Sequence[_Place], printed: str, certainty: int) -> Word:
    """Return a printed word of a frame as it is spelled."""
    letters = (place.letter._replace(text=letter) for place, letter in zip(places, printed, strict=True))
    return Word(tuple(letters), max(_FRAMED, certainty))


def _places(words: Sequence[Word]) -> Iterator[_Place]:
    for index, word in enumerate(words):
        if index:
            yield _Place(Letter(" ", word.letters[0].left, word.letters[0].left), _NO_WORD)
        yield from (_Place(letter, index) for letter in word.letters)


def _said(places: Sequence[_Place], words: Sequence[Word]) -> Word:
    """Return what tesseract reads in a blank, as certain as the least certain word of it."""
    letters = tuple(place.letter for place in places if place.word != _NO_WORD)
    return Word(letters, min((words[place.word].certainty for place in places if place.word != _NO_WORD), default=0))


def _is_certain(said: Word) -> bool:
    return said.certainty >= _CERTAIN and said.text[:1].isdecimal()


def _ends(places: Sequence[_Place], start: int, end: int) -> tuple[int, int]:
    """Return where the printed letters before a blank end, and where those behind it begin."""
    before = next((place.letter.right for place in reversed(places[:start]) if place.word != _NO_WORD), 0)
    behind = next(place.letter.left for place in places[end:] if place.word != _NO_WORD)
    return before, behind


def _settled(said: Word, read: Reading | None, kind: str, ends: tuple[int, int]) -> Word | None:
    """Return what stands in a blank: what `figures` is sure of or both read, else what nothing speaks against, else None."""
    value, allowed = said.text.translate(_LOOK_ALIKE), _BLANKS[kind]
    if kind == "number" and _LETTERED.fullmatch(said.text):
        return said
    if read is not None and (read.certainty >= _SURE[kind] or read.text == value):
        return Word((Letter(read.text, *ends),), max(_FRAMED, round(100 * read.certainty)))
    fits = value.isdecimal() if allowed is None else value in allowed
    if read is None and fits and said.certainty >= _FRAMED:
        return Word((Letter(value, *ends),), said.certainty)
    return None


def _changed(places: Sequence[_Place], words: Sequence[Word], changes: Mapping[tuple[int, int], Word | None]) -> Iterator[Word]:
    """Yield the words with those characters replaced that `changes` names; what is left of a cut word is as sure as its frame."""
    at = 0
    for (start, end), word in (*sorted(changes.items()), ((len(places), len(places)), None)):
        for index, group in groupby(places[at:start], key=lambda place: place.word):
            letters = tuple(place.letter for place in group)
            if index != _NO_WORD:
                whole = len(letters) == len(words[index].letters)
                yield Word(letters, words[index].certainty if whole else max(_FRAMED, words[index].certainty))
        if word is not None:
            yield word
        at = end
