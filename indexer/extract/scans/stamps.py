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
from indexer.extract.scans.blanks import Line, Word
from indexer.extract.scans.figures import Points, strokes

_RECEIVED = re.compile(r"\W*den\W*")  # ĐẾN, as tesseract may spell it: ĐÈN, [ĐẾN, ĐẾN"
_SECRET = re.compile(r"mat\b")
_INK = 160  # of 256 shades: frames are often pale
_COARSE = 0.01  # inches: the points in which frames are looked for
_WIDE, _HIGH = (1.0, 3.2), (0.4, 1.6)  # inches: a frame's sides, from and to
_ACROSS, _DOWN = 3.0, 1.4  # inches from the word within which its frame lies
_TILTS = tuple(rise / 100 for rise in range(-6, 7))  # rows a column: it may be pressed askew
_BEND = 0.12  # of its width: where its left and right sides lie
_THICK = 10  # points between its upper and its lower side, at least
_DRAWN = 0.7  # of each side; the rest may be worn off
_MOST = 4  # words ĐẾN of a page that are looked at: in capitals a title may have one
_GAP = 1.0  # type sizes between a stamp's words and those of the document on one line

Image = np.ndarray[Any, np.dtype[np.uint8]]


class _Frame(NamedTuple):
    """Four sides in points of the picture; the upper and lower one fall by `tilt` rows a column."""

    left: float
    right: float
    top: float
    bottom: float
    tilt: float

    def holds(self, word: Word, line: Line) -> bool:
        x, y = _middle(word, line)
        return self.left < x < self.right and self.top < y - self.tilt * (x - self.left) < self.bottom


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


def stretches(line: Line) -> Iterator[list[Word]]:
    """Yield the words of a line that stand together: a stamp's are apart from the document's."""
    run: list[Word] = []
    for word, following in zip_longest(line.words, line.words[1:]):
        run.append(word)
        if following is None or following.letters[0].left - word.letters[-1].right >= _GAP * line.size:
            yield run
            run = []


def _outside(frame: _Frame, line: Line) -> Iterator[Word]:
    """Yield the words of a line that are not the stamp's; words of the document's that run through it stand in none."""
    for run in stretches(line):
        if not all(frame.holds(member, line) for member in run):
            yield from run


def _middle(word: Word, line: Line) -> tuple[float, float]:
    x = (word.letters[0].left + word.letters[-1].right) / 2
    return x, line.base_at(x) - line.size / 3


def _frame_around(word: Word, line: Line, picture: Image, dots: float) -> _Frame | None:
    """Return the smallest drawn frame around a word."""
    point, (x, y) = max(1, round(_COARSE * dots)), _middle(word, line)
    left, top = max(0, round(x - _ACROSS * dots)), max(0, round(y - _DOWN * dots))
    part = picture[top : round(y + _DOWN * dots), left : round(x + _ACROSS * dots)] < _INK
    rows, columns = part.shape[0] // point, part.shape[1] // point
    coarse = np.asarray(part[: rows * point, : columns * point].reshape(rows, point, columns, point).any(axis=(1, 3)))
    frames = []
    for stroke in strokes(coarse):
        wide, high = (int(reach) * point / dots for reach in np.ptp(stroke, axis=0)[::-1])
        sized = _WIDE[0] <= wide <= _WIDE[1] and _HIGH[0] <= high
        found = _drawn(stroke) if sized else None
        if found is not None and (found.bottom - found.top) * point / dots <= _HIGH[1]:
            across = (left + point * found.left, left + point * found.right)
            frame = _Frame(*across, top + point * found.top, top + point * found.bottom, found.tilt)
            if frame.holds(word, line):
                frames.append(frame)
    return min(frames, key=lambda frame: (frame.right - frame.left) * (frame.bottom - frame.top), default=None)


def _drawn(stroke: Points) -> _Frame | None:
    """Return the frame that a piece of ink is, whatever hangs on it; None where a side is missing."""
    left, right = int(stroke[:, 1].min()), int(stroke[:, 1].max())
    wide = right - left + 1
    best: tuple[int, _Frame] | None = None
    for tilt in _TILTS:
        level = np.rint(stroke[:, 0] - tilt * (stroke[:, 1] - left)).astype(np.int64)
        lowest = int(level.min())
        ink = np.zeros((int(level.max()) - lowest + 2, wide), np.bool_)
        ink[level - lowest, stroke[:, 1] - left] = True
        covered = (ink[:-1] | ink[1:]).sum(axis=1)  # a side's ink may fall on two rows
        sides = np.flatnonzero(covered >= _DRAWN * wide)
        if len(sides) and sides[-1] - sides[0] > _THICK and (best is None or int(covered.max()) > best[0]):
            best = int(covered.max()), _Frame(left, right, int(sides[0]) + lowest, int(sides[-1]) + lowest, tilt)
    if best is None:
        return None
    frame = best[1]
    inside = stroke[(stroke[:, 0] >= frame.top) & (stroke[:, 0] <= frame.bottom)]
    edges = (inside[inside[:, 1] < left + _BEND * wide, 0], inside[inside[:, 1] > right - _BEND * wide, 0])
    return frame if all(len(np.unique(edge)) >= _DRAWN * (frame.bottom - frame.top) for edge in edges) else None
