"""Figures written by hand: which digits stand in a small picture, and how sure that is.

Tesseract reads print; of a date or a number that a clerk filled in with a pen it makes 45 of 15. Here each figure is cut out,
set upright, drawn on 8 x 8 squares and judged by a net of one hidden layer, 19 KB in data/figures.npz. `python -m
benchmarks.figures` teaches it from written digits of 43 people (Alpaydin and Kaynak, Optical Recognition of Handwritten Digits,
UCI Machine Learning Repository, CC BY 4.0) and from printed ones, and tells how often it errs on writers that it never saw.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

SQUARES = 8  # along each side of what the net sees
_SAMPLES = 8  # points along each side of a square
_WIDEST = 0.75  # of the height; a wider figure is squeezed
_MOST_SLANT = 0.6  # columns a row
_INK = 0.4  # darkness from which a point belongs to a stroke
_LEAST_HEIGHT, _MOST_HEIGHT = 0.4, 2.0  # of the type size beside it; the tail of a 4 may be long
_EDGE_WIDTH = 0.3  # of the type size: narrower at the edge of the picture is the end of a letter outside it
_SHARED = 0.6  # of the narrower: parts over each other are one figure, as the bar of a 5 is
_TWO = 1.15  # width by height from which one blot may be two figures that touch
_CUTS = np.arange(0.3, 0.71, 0.05)  # of its width
_MOST_FIGURES = 6
_MOST_POINTS = 400_000

Picture = np.ndarray[Any, np.dtype[np.float64]]
Points = np.ndarray[Any, np.dtype[np.int64]]


class Reading(NamedTuple):
    """Digits from left to right, and the certainty (0 to 1) of the least certain one."""

    text: str
    certainty: float


def read_figures(darkness: Picture, size: float) -> Reading:
    """Read the figures of a picture (0 white to 1 black) beside which type of `size` points stands; ("", 0.0) where none are.

    Time grows with the picture, which is at most a few hundred points wide and high.
    """
    if darkness.size > _MOST_POINTS:
        return Reading("", 0.0)
    figures = _figures(darkness, size)
    if not 0 < len(figures) <= _MOST_FIGURES:
        return Reading("", 0.0)
    read = [reading for figure in figures for reading in _judge(darkness, figure)]
    return Reading("".join(reading.text for reading in read), min(reading.certainty for reading in read))


def _figures(darkness: Picture, size: float) -> list[Points]:
    """Return the points of each figure, left to right."""
    found: list[Points] = []
    width = darkness.shape[1]
    for stroke in sorted(strokes(darkness >= _INK), key=lambda points: int(points[:, 1].min())):
        height, left, right = int(np.ptp(stroke[:, 0])) + 1, int(stroke[:, 1].min()), int(stroke[:, 1].max())
        if (left == 0 or right == width - 1) and right - left + 1 < _EDGE_WIDTH * size:
            continue
        last = found[-1] if found else None
        if last is not None and _shared(last, stroke):
            found[-1] = np.vstack([last, stroke])
        elif height >= _LEAST_HEIGHT * size:
            found.append(stroke)
    return [points for points in found if np.ptp(points[:, 0]) + 1 <= _MOST_HEIGHT * size]


def _shared(one: Points, other: Points) -> bool:
    left, right = max(one[:, 1].min(), other[:, 1].min()), min(one[:, 1].max(), other[:, 1].max())
    return bool(right - left + 1 > _SHARED * (1 + min(np.ptp(one[:, 1]), np.ptp(other[:, 1]))))


def strokes(ink: np.ndarray[Any, np.dtype[np.bool_]]) -> list[Points]:
    """Return the points (row, column) of each connected piece of ink."""
    left = set(zip(*(places.tolist() for places in np.nonzero(ink)), strict=True))
    pieces: list[Points] = []
    while left:
        reached = [left.pop()]
        for row, column in reached:  # it grows as it is walked
            near = [(row + down, column + across) for down in (-1, 0, 1) for across in (-1, 0, 1)]
            new = [place for place in near if place in left]
            left.difference_update(new)
            reached.extend(new)
        pieces.append(np.array(reached, np.int64))
    return pieces


def _judge(darkness: Picture, figure: Points) -> Sequence[Reading]:
    """Read a figure; a wide one as two where a cut makes two surer figures of it."""
    whole = [_digit(darkness, figure)]
    width, height = int(np.ptp(figure[:, 1])) + 1, int(np.ptp(figure[:, 0])) + 1
    if width < _TWO * height:
        return whole
    upright = figure[:, 1] - slant(figure) * (figure[:, 0] - figure[:, 0].mean())
    best = whole
    for cut in upright.min() + np.ptp(upright) * _CUTS:
        parts = [_digit(darkness, figure[side]) for side in (upright < cut, upright >= cut)]
        if min(part.certainty for part in parts) > min(part.certainty for part in best):
            best = parts
    return best


def _digit(darkness: Picture, figure: Points) -> Reading:
    alone = np.zeros_like(darkness)
    alone[figure[:, 0], figure[:, 1]] = darkness[figure[:, 0], figure[:, 1]]
    chances = _net()(squares(alone)[np.newaxis])[0]
    best = int(chances.argmax())
    return Reading(str(best), float(chances[best]))


def slant(figure: Points) -> float:
    """Return by how many columns a row the figure leans to the left as it goes up."""
    down = figure[:, 0] - figure[:, 0].mean()
    spread = float(np.square(down).sum())
    lean = float(((figure[:, 1] - figure[:, 1].mean()) * down).sum()) / spread if spread else 0.0
    return max(-_MOST_SLANT, min(_MOST_SLANT, lean))


def squares(darkness: Picture) -> Picture:
    """Return how dark each of 8 x 8 squares is under the figure, set upright and drawn as high as they are, row by row."""
    figure = np.argwhere(darkness >= _INK)
    if not len(figure):
        return np.zeros(SQUARES * SQUARES)
    lean, middle = slant(figure), figure[:, 0].mean()
    upright = figure[:, 1] - lean * (figure[:, 0] - middle)
    top, height = float(figure[:, 0].min()), float(np.ptp(figure[:, 0])) + 1
    width, centre = float(np.ptp(upright)) + 1, float(upright.min() + upright.max() + 1) / 2
    points = SQUARES * _SAMPLES
    place = (np.arange(points) + 0.5) / points
    rows = top - 0.5 + place * height
    columns = centre - 0.5 + (place - 0.5) * max(height, width / _WIDEST)
    across, down = np.meshgrid(columns, rows)
    drawn = _between(darkness, down, across + lean * (down - middle))
    return np.asarray(drawn.reshape(SQUARES, _SAMPLES, SQUARES, _SAMPLES).mean(axis=(1, 3)).ravel())


def _between(picture: Picture, rows: Picture, columns: Picture) -> Picture:
    """Return the darkness at places between points; white outside."""
    framed = np.pad(picture, 1)
    row = np.clip(rows + 1, 0, framed.shape[0] - 1.001)
    column = np.clip(columns + 1, 0, framed.shape[1] - 1.001)
    top, left = row.astype(np.int64), column.astype(np.int64)
    down, across = row - top, column - left
    upper = framed[top, left] * (1 - across) + framed[top, left + 1] * across
    lower = framed[top + 1, left] * (1 - across) + framed[top + 1, left + 1] * across
    return np.asarray(upper * (1 - down) + lower * down)


class Net(NamedTuple):
    """Weights of a net from the squares to the chances of ten digits."""

    inner: Picture
    inner_bias: Picture
    outer: Picture
    outer_bias: Picture

    def __call__(self, figures: Picture) -> Picture:
        """Return for each figure the chances of the digits 0 to 9."""
        hidden = np.maximum(0.0, figures @ self.inner + self.inner_bias)
        weighed = hidden @ self.outer + self.outer_bias
        raised = np.exp(weighed - weighed.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))


WEIGHTS = Path(__file__).with_name("data") / "figures.npz"


@cache
def _net() -> Net:
    with np.load(WEIGHTS, allow_pickle=False) as stored:
        return Net(*(stored[name].astype(np.float64) for name in Net._fields))
