"""What a page draws, taken down in any writing direction, and then put in reading order one direction after another.

Text runs in quarter turns. What is drawn askew is a watermark or a stamp, whose letters must not fall between those of the lines
below it: it is read by itself and stands aside, unless most of the page is drawn so.
"""

from collections.abc import Iterable
from math import atan2, cos, degrees, hypot, isfinite, sin
from typing import NamedTuple

from indexer.extract.pdf.page_layout import Glyph, arrange, group_by_height
from indexer.extract.pdf.ruling import MOST_RULES, Rule, Ruling
from indexer.model import Run

_THIN = 3.0  # points: a figure no thicker is a line
_ASKEW = 6.0  # degrees off a quarter turn; the lines of a crooked scan's text layer are nearer
_ALIKE = 5.0  # degrees within which oblique text is taken to have one direction

Matrix = tuple[float, float, float, float, float, float]  # a b c d e f, as ISO 32000-1, 8.3.3 numbers them
Box = tuple[float, float, float, float]  # x0 y0 x1 y1
Written = tuple[str, float, float]  # a character, where on its line it begins, how far the pen moves


class Direction(NamedTuple):
    """Which way text runs: cosine and sine of its angle, anticlockwise."""

    cos: float
    sin: float

    @property
    def is_oblique(self) -> bool:
        """Whether it is no quarter turn."""
        return self.cos != 0 and self.sin != 0

    def turn(self, x: float, y: float) -> tuple[float, float]:
        """Return the point as it lies once the page is turned so that text of this direction stands upright."""
        return x * self.cos + y * self.sin, y * self.cos - x * self.sin


_QUARTERS = (Direction(1, 0), Direction(0, 1), Direction(-1, 0), Direction(0, -1))
_UPRIGHT = _QUARTERS[0]


class Drawing:
    """Glyphs by writing direction and straight lines; points, y upwards."""

    def __init__(self) -> None:
        self._glyphs: dict[Direction, list[Glyph]] = {}
        self._oblique: dict[int, Direction] = {}  # by its angle, in steps of `_ALIKE`
        self._lines: list[Box] = []
        self._after_space = False

    def write(self, written: Iterable[Written], font: str, matrix: Matrix, rise: float, size: float, *, down: bool) -> None:
        """Take down characters on one line of the space that `matrix` places, along it or `down` across it; "" is a space."""
        a, b, c, d, e, f = matrix
        direction = self._direction(a, b)
        high = abs(size) * hypot(c, d)
        e, f = c * rise + e, d * rise + f
        along_x, along_y = (c, d) if down else (a, b)
        glyphs = self._glyphs.setdefault(direction, [])
        after_space = self._after_space
        for text, pen, advance in written:
            if not text:
                after_space = True
                continue
            x0, y0 = along_x * pen + e, along_y * pen + f
            x1, y1 = x0 + a * advance, y0 + b * advance
            if not (isfinite(x0) and isfinite(y0) and isfinite(x1) and isfinite(y1)):
                x0 = y0 = x1 = y1 = 0.0  # off any page: its text comes last
            if direction is not _UPRIGHT:
                x0, y0 = direction.turn(x0, y0)
                x1, y1 = direction.turn(x1, y1)
            glyphs.append(Glyph(text, font, min(x0, x1), max(x0, x1), y0, high, after_space))
            after_space = False
        self._after_space = after_space

    def _direction(self, a: float, b: float) -> Direction:
        """Return the direction of what runs along the vector (a, b)."""
        if not b and a >= 0:
            return _UPRIGHT
        angle = degrees(atan2(b, a))
        if not isfinite(angle):
            return _UPRIGHT
        quarters = round(angle / 90)
        if abs(angle - 90 * quarters) <= _ASKEW:
            return _QUARTERS[quarters % 4]
        return self._oblique.setdefault(round(angle / _ALIKE), Direction(cos(atan2(b, a)), sin(atan2(b, a))))

    def add_figure(self, box: Box, *, stroked: bool) -> None:
        """Take down a thin figure as a line, and the four edges of a stroked box."""
        x0, y0, x1, y1 = box
        if len(self._lines) > MOST_RULES:
            return  # `Ruling` passes over so many anyway
        if min(x1 - x0, y1 - y0) < _THIN:
            self._lines.append(box)
        elif stroked:
            self._lines += ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1))

    def characters(self) -> str:
        """Return what is written, in no order."""
        return "".join(glyph.text for glyphs in self._glyphs.values() for glyph in glyphs)

    def is_one_line(self) -> bool:
        """Tell whether everything written stands upright on one line."""
        directions = {direction for direction, glyphs in self._glyphs.items() if glyphs}
        return not directions or (directions == {_UPRIGHT} and len(group_by_height(self._glyphs[_UPRIGHT])) == 1)

    def stamp(self, other: "Drawing") -> None:
        """Put what an annotation draws among the page's own lines."""
        for direction, glyphs in other._glyphs.items():  # noqa: SLF001  of the same class
            for glyph in glyphs:
                glyph.stamped = True
            self._glyphs.setdefault(direction, []).extend(glyphs)

    def runs(self) -> tuple[Run, ...]:
        """Return the text in reading order, the direction that most of it has first."""
        by_length = sorted(self._glyphs.items(), key=lambda item: -len(item[1]))
        shown = [item for item in by_length if self._oblique_is_text or not item[0].is_oblique]
        return tuple(run for direction, glyphs in shown for run in arrange(glyphs, self._ruling(direction)))

    def aside(self) -> tuple[Run, ...]:
        """Return what is drawn askew over or beside the text."""
        if self._oblique_is_text:
            return ()
        oblique = [glyphs for direction, glyphs in self._glyphs.items() if direction.is_oblique]
        return tuple(run for glyphs in oblique for run in arrange(glyphs, Ruling([], [])))

    @property
    def _oblique_is_text(self) -> bool:
        lengths = {False: 0, True: 0}
        for direction, glyphs in self._glyphs.items():
            lengths[direction.is_oblique] += len(glyphs)
        return lengths[True] > lengths[False]

    def _ruling(self, direction: Direction) -> Ruling:
        horizontal, vertical = [], []
        for x0, y0, x1, y1 in self._lines:
            (ax, ay), (bx, by) = direction.turn(x0, y0), direction.turn(x1, y1)
            if abs(ax - bx) >= abs(ay - by):
                horizontal.append(Rule(min(ax, bx), max(ax, bx), min(ay, by)))
            else:
                vertical.append(Rule(min(ay, by), max(ay, by), min(ax, bx)))
        return Ruling(horizontal, vertical)
