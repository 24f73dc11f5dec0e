"""Figures written by hand: which digits stand in a small picture, and how sure that is.

Tesseract reads print; of a date or a number that a clerk filled in with a pen it makes 45 of 15. Here each figure is cut out,
set upright, drawn on 8 x 8 squares and judged by a net of one hidden layer, 19 KB in data/figures.npz. `python -m
benchmarks.figures` teaches it from written digits of 13 people (Alpaydin and Kaynak, Optical Recognition of Handwritten Digits,
UCI Machine Learning Repository, CC BY 4.0) and from printed ones, and tells how often it errs on writers that it never saw.
"""

from collections.abc import Collection
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
_SPECK = 0.15  # of the type size
_EDGE = 0.3  # of the type size: smaller at the edge of the picture is the end of something outside it
_SHARED = 0.6  # of the narrower: parts over each other are one figure, as the bar of a 5 is
_WIDE = 1.15  # width by height from which one blot may be two figures that touch
LEANS = (-0.15, 0.0, 0.15)  # columns a row: an upstroke or a long bar misleads about the slant, so all three are judged
MOST_POINTS = 60_000  # of a picture: a blank at 200 dots an inch has 8,000

Picture = np.ndarray[Any, np.dtype[np.float64]]
Points = np.ndarray[Any, np.dtype[np.int64]]


class Reading(NamedTuple):
    """Digits from left to right, and how likely it is (0 to 1) that they are all right."""

    text: str
    certainty: float


def read_figures(darkness: Picture, size: float, allowed: Collection[str] | None = None) -> Reading | None:
    """Return the figures of a picture (0 white to 1 black) beside which type of `size` points stands: one of the `allowed` texts.

    None where there are none, or anything else, or no allowed text has as many; or the picture has more than MOST_POINTS.
    """
    figures = _figures(darkness, size) if darkness.size <= MOST_POINTS else []
    chances = [_chances(darkness, figure) for figure in figures if _is_one(figure)]
    if not figures or len(chances) < len(figures):
        return None
    if allowed is None:
        return Reading("".join(str(chance.argmax()) for chance in chances), float(np.prod([chance.max() for chance in chances])))
    likely = {
        text: float(np.prod([chance[int(digit)] for chance, digit in zip(chances, text, strict=True)]))
        for text in allowed
        if len(text) == len(chances)
    }
    if not likely:
        return None
    best = max(sorted(likely), key=likely.__getitem__)
    return Reading(best, likely[best] / sum(likely.values()))


def _figures(darkness: Picture, size: float) -> list[Points]:
    """Return the points of each figure, left to right; specks, drawn lines and ends of what stands outside are none."""
    found: list[Points] = []
    for stroke in sorted(strokes(darkness >= _INK), key=lambda points: int(points[:, 1].min())):
        height, width = (int(reach) + 1 for reach in np.ptp(stroke, axis=0))
        first, last = stroke.min(axis=0), stroke.max(axis=0)
        speck = max(height, width) < _SPECK * size
        line = height < _SPECK * size and width > size
        beside = width < _EDGE * size and (first[1] == 0 or last[1] == darkness.shape[1] - 1)
        above = height < _EDGE * size and (first[0] == 0 or last[0] == darkness.shape[0] - 1)
        if beside and height >= _LEAST_HEIGHT * size:
            return []  # it may be a figure's
        if speck or line or beside or above:
            continue
        if found and _shared(found[-1], stroke):
            found[-1] = np.vstack([found[-1], stroke])
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


def _is_one(figure: Points) -> bool:
    """Tell whether a blot is not as wide as two figures that touch."""
    return bool(np.ptp(figure[:, 1]) + 1 <= _WIDE * (np.ptp(figure[:, 0]) + 1))


def _chances(darkness: Picture, figure: Points) -> Picture:
    """Return how likely each digit is."""
    alone = np.zeros_like(darkness)
    alone[figure[:, 0], figure[:, 1]] = darkness[figure[:, 0], figure[:, 1]]
    return np.asarray(_net()(np.array([squares(alone, lean) for lean in LEANS])).mean(axis=0))


def slant(figure: Points) -> float:
    """Return by how many columns a row the figure leans to the left as it goes up."""
    down = figure[:, 0] - figure[:, 0].mean()
    spread = float(np.square(down).sum())
    lean = float(((figure[:, 1] - figure[:, 1].mean()) * down).sum()) / spread if spread else 0.0
    return max(-_MOST_SLANT, min(_MOST_SLANT, lean))


def squares(darkness: Picture, lean: float = 0.0) -> Picture:
    """Return how dark each of 8 x 8 squares is under the figure, set upright and `lean` columns a row from it, row by row."""
    figure = np.argwhere(darkness >= _INK)
    if not len(figure):
        return np.zeros(SQUARES * SQUARES)
    lean, middle = slant(figure) + lean, figure[:, 0].mean()
    upright = figure[:, 1] - lean * (figure[:, 0] - middle)
    top, height = float(figure[:, 0].min()), float(np.ptp(figure[:, 0])) + 1
    width, centre = float(np.ptp(upright)) + 1, float(upright.min() + upright.max() + 1) / 2
    points = SQUARES * _SAMPLES
    place = (np.arange(points) + 0.5) / points
    rows = top - 0.5 + place * height
    columns = centre - 0.5 + (place - 0.5) * max(height, width / _WIDEST)
    across, down = np.meshgrid(columns, rows)
    drawn = _between(darkness, down, across + lean * (down - middle))
    shades = drawn.reshape(SQUARES, _SAMPLES, SQUARES, _SAMPLES).mean(axis=(1, 3)).ravel()
    return np.asarray(shades / shades.max())  # a fine pen is as dark as a broad one


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
