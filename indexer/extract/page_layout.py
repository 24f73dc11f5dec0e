"""Reading order of a page from its glyphs and ruled lines.

Decree 30/2020 sets a header in two columns (issuer and number on the left; quốc hiệu, place and date on the right) and a
signature block in two; both must come out column by column, a table row by row and cell by cell, and plain paragraphs untouched:

1. glyphs whose heights overlap form a band, over the whole width of the page;
2. neighbouring bands that leave the same gutter free, and have text on both sides of it, form a block, read column by column;
   a ruled line across the gutter ends a block, so that a table's rows stay apart;
3. inside a column, glyphs become lines, and a gap wider than a fifth of the type size becomes a space.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from indexer.extract.runs import RunCollector
from indexer.model import Run

_OVERLAP = 0.5  # of the lower of two heights: from here on two glyphs are on one line
_GUTTER = 1.0  # type sizes: what separates columns; justified lines have narrower spaces
_SPACE = 0.18  # type sizes between words where the file draws no space of its own
_DRAWN_SPACE = 0.05  # type sizes that must remain free where the file draws one: a stamped number may fill it
_ASCENT, _DESCENT = 0.72, 0.2  # type sizes above and below the baseline that a glyph is taken to fill
_DOUBLE = 0.12  # type sizes: the same letter again within this distance is a faked bold


@dataclass(slots=True)
class Glyph:
    """A drawn character: its text and font, extent on the line [x0, x1], baseline y and type size, in points, y upwards."""

    text: str
    font: str
    x0: float
    x1: float
    y: float
    size: float
    after_space: bool = False  # the file draws a space before it

    @property
    def top(self) -> float:
        """Upper edge."""
        return self.y + _ASCENT * self.size

    @property
    def bottom(self) -> float:
        """Lower edge."""
        return self.y - _DESCENT * self.size


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal line drawn from x0 to x1 at height y."""

    x0: float
    x1: float
    y: float


Gap = tuple[float, float]


def arrange(glyphs: Sequence[Glyph], rules: Sequence[Rule]) -> tuple[Run, ...]:
    """Return the page's text in reading order, each line ended by LF, the cells of one row parted by a tab."""
    collector = RunCollector()
    blocks = _blocks(_bands(glyphs), join_rules(rules))
    for block in blocks:
        block.write(collector)
    return collector.runs()


def is_one_line(glyphs: Sequence[Glyph]) -> bool:
    """Tell whether all of `glyphs` stand on one line."""
    return len(group_by_height(glyphs)) < 2


@dataclass(slots=True)
class _Band:
    """Glyphs side by side; `anchor` is the baseline group that has most of them."""

    glyphs: list[Glyph]

    @property
    def size(self) -> float:
        return median(glyph.size for glyph in self.glyphs)

    def filled(self, width: float) -> list[Gap]:
        """Intervals of x that hold text; gaps narrower than `width` count as filled."""
        intervals: list[list[float]] = []
        for glyph in sorted(self.glyphs, key=lambda glyph: glyph.x0):
            if intervals and glyph.x0 - intervals[-1][1] < width:
                intervals[-1][1] = max(intervals[-1][1], glyph.x1)
            else:
                intervals.append([glyph.x0, glyph.x1])
        return [(x0, x1) for x0, x1 in intervals]


@dataclass(slots=True)
class _Block:
    """Bands that share gutters; without gutters, a single line."""

    bands: list[_Band]
    gutters: list[Gap]

    def write(self, collector: RunCollector) -> None:
        single = len(self.bands) == 1
        for place, column in enumerate(self._columns()):
            if single and place:
                collector.cell()
            _write_lines(column, collector)
            if not single:
                collector.line()
        collector.row()

    def _columns(self) -> Iterable[list[Glyph]]:
        glyphs = [glyph for band in self.bands for glyph in band.glyphs]
        for gutter in self.gutters:
            middle = (gutter[0] + gutter[1]) / 2
            left = [glyph for glyph in glyphs if glyph.x0 < middle]
            glyphs = [glyph for glyph in glyphs if glyph.x0 >= middle]
            if left:
                yield left
        if glyphs:
            yield glyphs


def group_by_height(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    """Group glyphs whose heights overlap by half with the widest baseline of the group, from the top down."""
    strips: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda glyph: -glyph.y):
        if (
            strips
            and abs(strips[-1][0].y - glyph.y) < 0.1 * glyph.size
            and abs(strips[-1][0].size - glyph.size) < 0.3 * glyph.size
        ):
            strips[-1].append(glyph)
        else:
            strips.append([glyph])
    groups: list[list[list[Glyph]]] = []
    for strip in strips:
        if groups and _overlaps(max(groups[-1], key=len)[0], strip[0]):
            groups[-1].append(strip)
        else:
            groups.append([strip])
    return [[glyph for strip in group for glyph in strip] for group in groups]


def _overlaps(one: Glyph, other: Glyph) -> bool:
    common = min(one.top, other.top) - max(one.bottom, other.bottom)
    return common > _OVERLAP * (_ASCENT + _DESCENT) * min(one.size, other.size)


def _bands(glyphs: Sequence[Glyph]) -> list[_Band]:
    return [_Band(group) for group in group_by_height(glyphs)]


def join_rules(rules: Sequence[Rule]) -> list[Rule]:
    """Join the pieces of lines that word processors draw cell by cell; from the top down."""
    joined: list[Rule] = []
    for rule in sorted(rules, key=lambda rule: (-round(rule.y), rule.x0)):
        last = joined[-1] if joined else None
        if last and abs(last.y - rule.y) < 2 and rule.x0 - last.x1 < 3:
            joined[-1] = Rule(last.x0, max(last.x1, rule.x1), last.y)
        else:
            joined.append(rule)
    return joined


def _blocks(bands: Sequence[_Band], rules: Sequence[Rule]) -> list[_Block]:
    blocks: list[_Block] = []
    start = 0
    while start < len(bands):
        block = _grow(bands, start, rules)
        blocks.append(block)
        start += len(block.bands)
    return blocks


def _grow(bands: Sequence[_Band], start: int, rules: Sequence[Rule]) -> _Block:
    """Take bands from `start` on as long as one gutter stays free; give back the last ones that lie on one side of it."""
    gutters = _inner_gaps(bands[start])
    end, last_two_sided = start + 1, start
    best = gutters
    while gutters and end < len(bands):
        if _crossed(gutters, bands[end - 1], bands[end], rules):
            break
        gutters = _still_free(gutters, bands[end])
        if not gutters:
            break
        if _two_sided(bands[end], gutters):
            last_two_sided, best = end, gutters
        end += 1
    return _Block(list(bands[start : last_two_sided + 1]), best)


def _inner_gaps(band: _Band) -> list[Gap]:
    filled = band.filled(_GUTTER * band.size)
    return [(left[1], right[0]) for left, right in pairwise(filled)]


def _still_free(gutters: Sequence[Gap], band: _Band) -> list[Gap]:
    width = _GUTTER * band.size
    filled = band.filled(width)
    edges = [float("-inf"), *(x for interval in filled for x in interval), float("inf")]
    free = []
    for gutter in gutters:
        for x0, x1 in zip(edges[::2], edges[1::2], strict=True):
            low, high = max(gutter[0], x0), min(gutter[1], x1)
            if high - low >= width:
                free.append((low, high))
    return free


def _two_sided(band: _Band, gutters: Sequence[Gap]) -> bool:
    x0, x1 = min(glyph.x0 for glyph in band.glyphs), max(glyph.x1 for glyph in band.glyphs)
    return any(x0 < gutter[0] + 1 and x1 > gutter[1] - 1 for gutter in gutters)


def _crossed(gutters: Sequence[Gap], upper: _Band, lower: _Band, rules: Sequence[Rule]) -> bool:
    high = min(glyph.y for glyph in upper.glyphs)
    low = max(glyph.y for glyph in lower.glyphs)
    return any(low < rule.y < high and any(rule.x0 < gap[0] and rule.x1 > gap[1] for gap in gutters) for rule in rules)


def _write_lines(glyphs: Sequence[Glyph], collector: RunCollector) -> None:
    for line in group_by_height(glyphs):
        _write_line(sorted(line, key=lambda glyph: glyph.x0), collector)
        collector.line()


def _write_line(glyphs: Sequence[Glyph], collector: RunCollector) -> None:
    previous: Glyph | None = None
    for glyph in glyphs:
        if previous is not None:
            if glyph.text == previous.text and abs(glyph.x0 - previous.x0) < _DOUBLE * glyph.size:
                continue
            gap = glyph.x0 - previous.x1
            if gap > (_DRAWN_SPACE if glyph.after_space else _SPACE) * max(glyph.size, previous.size):
                collector.space()
        collector.add(glyph.text, glyph.font)
        previous = glyph
