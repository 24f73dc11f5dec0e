"""What a page draws, taken down in any writing direction, and then put in reading order one direction after another."""

from collections.abc import Iterable
from math import hypot, isfinite

from indexer.extract.pdf.page_layout import Glyph, arrange, group_by_height
from indexer.extract.pdf.ruling import MOST_RULES, Rule, Ruling
from indexer.model import Run

_THIN = 3.0  # points: a figure no thicker is a line

Matrix = tuple[float, float, float, float, float, float]  # a b c d e f, as ISO 32000-1, 8.3.3 numbers them
Box = tuple[float, float, float, float]  # x0 y0 x1 y1
Written = tuple[str, float, float]  # a character, where on its line it begins, how far the pen moves


class Drawing:
    """Glyphs by writing direction (quarter turns anticlockwise) and straight lines; points, y upwards."""

    def __init__(self) -> None:
        self._glyphs: dict[int, list[Glyph]] = {}
        self._lines: list[Box] = []
        self._after_space = False

    def write(self, written: Iterable[Written], font: str, matrix: Matrix, rise: float, size: float, *, down: bool) -> None:
        """Take down characters on one line of the space that `matrix` places, along it or `down` across it; "" is a space."""
        a, b, c, d, e, f = matrix
        turns = (0 if a >= 0 else 2) if abs(a) >= abs(b) else (1 if b > 0 else 3)
        high = abs(size) * hypot(c, d)
        e, f = c * rise + e, d * rise + f
        along_x, along_y = (c, d) if down else (a, b)
        glyphs = self._glyphs.setdefault(turns, [])
        after_space = self._after_space
        for text, pen, advance in written:
            if not text:
                after_space = True
                continue
            x0, y0 = along_x * pen + e, along_y * pen + f
            x1, y1 = x0 + a * advance, y0 + b * advance
            if not (isfinite(x0) and isfinite(y0) and isfinite(x1) and isfinite(y1)):
                x0 = y0 = x1 = y1 = 0.0  # off any page: its text comes last
            if turns:
                x0, y0 = _turn(x0, y0, turns)
                x1, y1 = _turn(x1, y1, turns)
            glyphs.append(Glyph(text, font, min(x0, x1), max(x0, x1), y0, high, after_space))
            after_space = False
        self._after_space = after_space

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
        directions = {turns for turns, glyphs in self._glyphs.items() if glyphs}
        return not directions or (directions == {0} and len(group_by_height(self._glyphs[0])) == 1)

    def stamp(self, other: "Drawing") -> None:
        """Put what an annotation draws among the page's own lines."""
        for turns, glyphs in other._glyphs.items():  # noqa: SLF001  of the same class
            for glyph in glyphs:
                glyph.stamped = True
            self._glyphs.setdefault(turns, []).extend(glyphs)

    def runs(self) -> tuple[Run, ...]:
        """Return the text in reading order, the direction that most of it has first."""
        by_length = sorted(self._glyphs.items(), key=lambda item: -len(item[1]))
        return tuple(run for turns, glyphs in by_length for run in arrange(glyphs, self._ruling(turns)))

    def _ruling(self, turns: int) -> Ruling:
        horizontal, vertical = [], []
        for x0, y0, x1, y1 in self._lines:
            (ax, ay), (bx, by) = _turn(x0, y0, turns), _turn(x1, y1, turns)
            if abs(ax - bx) >= abs(ay - by):
                horizontal.append(Rule(min(ax, bx), max(ax, bx), min(ay, by)))
            else:
                vertical.append(Rule(min(ay, by), max(ay, by), min(ax, bx)))
        return Ruling(horizontal, vertical)


def _turn(x: float, y: float, turns: int) -> tuple[float, float]:
    """Return the point as it lies once the page is turned so that text of this direction stands upright."""
    return ((x, y), (y, -x), (-x, -y), (-y, x))[turns]
