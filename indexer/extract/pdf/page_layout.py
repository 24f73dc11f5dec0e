"""Reading order of a page from its glyphs and ruled lines.

Decree 30/2020 sets a header in two columns (issuer and number on the left; quốc hiệu, place and date on the right) and a
signature block in two; both must come out column by column, a table row by row and cell by cell, and plain paragraphs untouched:

1. glyphs whose heights overlap form a band, over the whole width of the page;
2. neighbouring bands between the same vertical lines form a table row, its cells parted by tabs;
3. other neighbouring bands that leave the same gutter free, with text on both sides of it, form a block, read column by column;
4. inside a cell or column, glyphs become lines, and a gap wider than a fifth of the type size becomes a space.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from indexer.extract.pdf.ruling import Ruling
from indexer.extract.runs import RunCollector
from indexer.model import Run

# all in type sizes
_GUTTER = 1.0  # what each line of a column must leave free; justified lines rarely have such a gap
_COMMON_GUTTER = 0.5  # what all lines together must leave free
_APART = 3.0  # a gap in a single line that parts two texts, not two words
_PITCH = 1.6  # between lines of one column
_SPACE = 0.18  # between words where the file draws no space of its own
_DRAWN_SPACE = 0.05  # what must remain free where the file draws one: a stamped number may fill it
_DOUBLE = 0.12  # the same letter again within this distance is a faked bold
_ASCENT, _DESCENT = 0.72, 0.2  # above and below the baseline that a glyph is taken to fill
_OVERLAP = 0.5  # of the lower of two heights: from here on two glyphs are on one line

Gap = tuple[float, float]


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
    stamped: bool = False  # drawn by an annotation over the page

    @property
    def top(self) -> float:
        """Upper edge."""
        return self.y + _ASCENT * self.size

    @property
    def bottom(self) -> float:
        """Lower edge."""
        return self.y - _DESCENT * self.size


def arrange(glyphs: Sequence[Glyph], ruling: Ruling) -> tuple[Run, ...]:
    """Return the page's text in reading order, each line ended by LF, the cells of a table row parted by tabs."""
    collector = RunCollector()
    bands = [_Band(group) for group in group_by_height(glyphs)]
    start = 0
    while start < len(bands):
        block = _table_row(bands, start, ruling) or _columns(bands, start, ruling)
        _write(block, collector)
        start += len(block.bands)
    return collector.runs()


class _Band:
    """Glyphs side by side, over the whole width of the page."""

    def __init__(self, glyphs: list[Glyph]) -> None:
        self.glyphs = glyphs
        self.size = median(glyph.size for glyph in glyphs)
        self.low = min(glyph.y for glyph in glyphs)
        self.high = max(glyph.y for glyph in glyphs)
        self.filled = _merge(glyphs, _COMMON_GUTTER * self.size)

    @property
    def gaps(self) -> list[Gap]:
        """What is free between texts of this band."""
        return [(left[1], right[0]) for left, right in pairwise(self.filled)]

    def free_in(self, gap: Gap) -> list[Gap]:
        """Return the parts of `gap` that this band leaves free and that are wide enough for a gutter."""
        edges = [float("-inf"), *(x for interval in self.filled for x in interval), float("inf")]
        parts = [(max(gap[0], x0), min(gap[1], x1)) for x0, x1 in zip(edges[::2], edges[1::2], strict=True)]
        return [(x0, x1) for x0, x1 in parts if x1 - x0 >= _COMMON_GUTTER * self.size]

    def parted_by(self, gutter: Gap) -> bool:
        """Tell whether texts on both sides of `gutter` stand as far apart as columns do."""
        return any(x0 <= gutter[0] and x1 >= gutter[1] and x1 - x0 >= _GUTTER * self.size for x0, x1 in self.gaps)


def _merge(glyphs: Iterable[Glyph], width: float) -> list[Gap]:
    """Return the intervals of x that hold text; gaps narrower than `width` count as filled."""
    intervals: list[Gap] = []
    for glyph in sorted(glyphs, key=lambda glyph: glyph.x0):
        if intervals and glyph.x0 - intervals[-1][1] < width:
            intervals[-1] = (intervals[-1][0], max(intervals[-1][1], glyph.x1))
        else:
            intervals.append((glyph.x0, glyph.x1))
    return intervals


@dataclass(frozen=True, slots=True)
class _Block:
    """Bands read column by column; the columns are parted at `cuts` (x), in writing by `mark`."""

    bands: list[_Band]
    cuts: list[float]
    mark: str

    def columns(self) -> list[list[Glyph]]:
        """Return each column's glyphs, left to right, empty ones left out."""
        columns: list[list[Glyph]] = [[] for _ in range(len(self.cuts) + 1)]
        for band in self.bands:
            for glyph in band.glyphs:
                middle = (glyph.x0 + glyph.x1) / 2
                columns[sum(cut < middle for cut in self.cuts)].append(glyph)
        return [column for column in columns if column]


def _table_row(bands: Sequence[_Band], start: int, ruling: Ruling) -> _Block | None:
    """Take the bands from `start` on that stand between the same vertical lines, up to the next line across them."""
    cuts = ruling.separators(bands[start].low, bands[start].high)
    if not cuts:
        return None
    end = start + 1
    while end < len(bands) and ruling.separators(bands[end].low, bands[end].high) == cuts:
        if ruling.crosses(bands[end].high, bands[end - 1].low, cuts[0] + 1, cuts[-1] - 1):
            break
        end += 1
    block = _Block(list(bands[start:end]), sorted(cuts), "\t")
    return block if len(block.columns()) > 1 else None


def _columns(bands: Sequence[_Band], start: int, ruling: Ruling) -> _Block:
    """Take bands from `start` on as long as one gutter stays free; give back the last ones that lie on one side of it."""
    gutters = [gap for gap in bands[start].gaps if bands[start].parted_by(gap)]
    best, last = gutters, start
    for place in range(start + 1, len(bands)):
        band, above = bands[place], bands[place - 1]
        gutters = [part for gutter in gutters for part in band.free_in(gutter)]
        if not gutters or any(ruling.crosses(band.high, above.low, *gutter) for gutter in gutters):
            break
        if any(band.parted_by(gutter) for gutter in gutters) or (last == place - 1 > start and _continues(band, above, gutters)):
            best, last = gutters, place
    block = list(bands[start : last + 1])
    if len(block) == 1:
        wide = [gap for gap in best if gap[1] - gap[0] >= _APART * block[0].size]
        return _Block(block, [(x0 + x1) / 2 for x0, x1 in wide], "\n")
    return _Block(block, [(x0 + x1) / 2 for x0, x1 in best], "\n")


def _continues(band: _Band, above: _Band, gutters: Sequence[Gap]) -> bool:
    """Tell whether `band` is the next line of the left column: "V/v ..." below the number, "Lưu: VT" below the recipients."""
    edge = gutters[0][0]
    return above.low - band.high < _PITCH * band.size and band.filled[-1][1] <= edge and above.filled[0][0] < edge


def _write(block: _Block, collector: RunCollector) -> None:
    for place, column in enumerate(block.columns()):
        if place:
            collector.cell() if block.mark == "\t" else collector.line()
        for line in group_by_height(column):
            _write_line(sorted(line, key=lambda glyph: glyph.x0), collector)
            collector.line()
    collector.row()


def _write_line(glyphs: Sequence[Glyph], collector: RunCollector) -> None:
    previous: Glyph | None = None
    for glyph in glyphs:
        if previous is not None:
            if glyph.text == previous.text and abs(glyph.x0 - previous.x0) < _DOUBLE * glyph.size:
                continue
            if _are_words_apart(previous, glyph):
                collector.space()
        collector.add(glyph.text, glyph.font)
        previous = glyph


def _are_words_apart(left: Glyph, right: Glyph) -> bool:
    if left.stamped != right.stamped and left.text.isalnum() and right.text.isalnum():
        return True  # "ngày" + stamped "27": the stamp covers the space
    return right.x0 - left.x1 > (_DRAWN_SPACE if right.after_space else _SPACE) * max(left.size, right.size)


def group_by_height(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    """Group glyphs whose heights overlap by half with the widest baseline of the group, from the top down."""
    strips: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda glyph: -glyph.y):
        last = strips[-1][0] if strips else None
        if last and abs(last.y - glyph.y) < 0.1 * glyph.size and abs(last.size - glyph.size) < 0.3 * glyph.size:
            strips[-1].append(glyph)
        else:
            strips.append([glyph])
    groups: list[list[list[Glyph]]] = []
    for strip in strips:
        if groups and _overlap(max(groups[-1], key=len)[0], strip[0]):
            groups[-1].append(strip)
        else:
            groups.append([strip])
    return [[glyph for strip in group for glyph in strip] for group in groups]


def _overlap(one: Glyph, other: Glyph) -> bool:
    common = min(one.top, other.top) - max(one.bottom, other.bottom)
    return common > _OVERLAP * (_ASCENT + _DESCENT) * min(one.size, other.size)
