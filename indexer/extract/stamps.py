"""The stamp of a document's receipt, "ĐẾN / Giờ ... Ngày ...": an office that got it pressed it beside the title.

It says nothing of the document itself, and its day is not that of issue. It is told by its frame and its word ĐẾN; what stands
in it is left out, unless it names a degree of secrecy.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

import numpy as np

from analyzers.accents import fold
from indexer.extract.blanks import Line, Word
from indexer.extract.figures import Points, strokes

_RECEIVED = re.compile(r"\W*den\W*")  # ĐẾN, as tesseract may spell it: ĐÈN, [ĐẾN, ĐẾN"
_SECRET = re.compile(r"mat\b")
_INK = 160  # of 256 shades: frames are often pale
_COARSE = 0.01  # inches: the points in which frames are looked for
_WIDE, _HIGH = (1.0, 3.2), (0.4, 1.6)  # inches: a frame's sides, from and to
_ACROSS, _DOWN = 3.0, 1.4  # inches from the word within which its frame lies
_TILT, _BEND = 0.22, 0.12  # of its height and width: where its sides lie though it was pressed askew
_DRAWN = 0.7  # of each side; the rest may be worn off
_MOST = 4  # words ĐẾN of a page that are looked at: in capitals a title may have one
_GAP = 1.0  # type sizes between a stamp's words and those of the document on one line

Image = np.ndarray[Any, np.dtype[np.uint8]]


class _Frame(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def holds(self, word: Word, line: Line) -> bool:
        x, y = (word.letters[0].left + word.letters[-1].right) / 2, line.base - line.size / 3
        return self.left <= x <= self.right and self.top <= y <= self.bottom


def without_receipt(lines: Sequence[Line], picture: Image, dots: float) -> list[Line]:
    """Return the lines of a page without the words in stamps of receipt; `dots` an inch."""
    kept = list(lines)
    marks = [
        (word, line)
        for line in lines
        for word in line.words
        if word.text.isupper() and _RECEIVED.fullmatch(fold(word.text).lower())
    ]
    for word, line in marks[:_MOST]:
        frame = _frame_around(word, line, picture, dots)
        if frame is not None and not _SECRET.search(_text_in(frame, kept)):
            kept = [each._replace(words=list(_outside(frame, each))) for each in kept]
    return [line for line in kept if line.words]


def _text_in(frame: _Frame, lines: Sequence[Line]) -> str:
    return fold(" ".join(word.text for line in lines for word in line.words if frame.holds(word, line))).lower()


def _outside(frame: _Frame, line: Line) -> Iterator[Word]:
    """Yield the words of a line that are not the stamp's; words of the document's that run through it stand in none."""
    run: list[Word] = []
    for word, following in zip_longest(line.words, line.words[1:]):
        run.append(word)
        if following is None or following.letters[0].left - word.letters[-1].right >= _GAP * line.size:
            if not all(frame.holds(member, line) for member in run):
                yield from run
            run = []


def _frame_around(word: Word, line: Line, picture: Image, dots: float) -> _Frame | None:
    """Return the smallest drawn frame around a word."""
    point = max(1, round(_COARSE * dots))
    x, y = (word.letters[0].left + word.letters[-1].right) / 2, line.base - line.size / 3
    left, top = max(0, round(x - _ACROSS * dots)), max(0, round(y - _DOWN * dots))
    part = picture[top : round(y + _DOWN * dots), left : round(x + _ACROSS * dots)] < _INK
    rows, columns = part.shape[0] // point, part.shape[1] // point
    coarse = np.asarray(part[: rows * point, : columns * point].reshape(rows, point, columns, point).any(axis=(1, 3)))
    frames = []
    for stroke in strokes(coarse):
        (first_row, first), (last_row, last) = stroke.min(axis=0), stroke.max(axis=0)
        frame = _Frame(left + first * point, top + first_row * point, left + (last + 1) * point, top + (last_row + 1) * point)
        wide, high = (frame.right - frame.left) / dots, (frame.bottom - frame.top) / dots
        sized = _WIDE[0] <= wide <= _WIDE[1] and _HIGH[0] <= high <= _HIGH[1]
        if sized and frame.left < x < frame.right and frame.top < y < frame.bottom and _is_frame(stroke):
            frames.append(frame)
    return min(frames, key=lambda frame: (frame.right - frame.left) * (frame.bottom - frame.top), default=None)


def _is_frame(stroke: Points) -> bool:
    """Tell whether ink runs along all four sides of what it spans."""
    place = stroke - stroke.min(axis=0)
    high, wide = place.max(axis=0) + 1
    sides = (
        (place[place[:, 0] < _TILT * high, 1], wide),
        (place[place[:, 0] >= (1 - _TILT) * high, 1], wide),
        (place[place[:, 1] < _BEND * wide, 0], high),
        (place[place[:, 1] >= (1 - _BEND) * wide, 0], high),
    )
    return all(len(np.unique(drawn)) >= _DRAWN * length for drawn, length in sides)
