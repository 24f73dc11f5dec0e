"""A spreadsheet's sheets as text: the name of each on a line of its own, rows as lines, cells parted by tabs.

What is hidden (sheets, rows, columns, comments) stands aside: it is not what a reader sees, but the secrecy gate looks at it.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby

from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract.runs import RunCollector
from indexer.model import RawPage, RawText, Run

Cell = tuple[int, int, tuple[Run, ...]]  # row, column, text


@dataclass(slots=True)
class Sheet:
    """What one sheet holds."""

    name: str = ""
    hidden: bool = False
    cells: list[Cell] = field(default_factory=list)  # in any order
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: Counter[int] = field(default_factory=Counter)  # where such columns begin (1) and have ended (-1)
    boxes: list[tuple[Run, ...]] = field(default_factory=list)
    beside: list[tuple[Run, ...]] = field(default_factory=list)  # comments, and what is printed on every page

    def hide_columns(self, first: int, last: int) -> None:
        """Hide a range of columns."""
        self.hidden_columns[first] += 1
        self.hidden_columns[last + 1] -= 1

    def hidden_columns_of(self, columns: Iterable[int]) -> frozenset[int]:
        """Return those of `columns` that are hidden."""
        starts = sorted(self.hidden_columns)
        depths = list(accumulate(self.hidden_columns[start] for start in starts))
        return frozenset(column for column in columns if (at := bisect_right(starts, column)) and depths[at - 1] > 0)


def write_sheets(sheets: Iterable[Sheet], file_format: str, limits: Limits) -> RawText:
    """Return the sheets as one page. Raises UnreadableFile (empty, too_large)."""
    writer = _Writer(limits)
    for sheet in sheets:
        writer.write(sheet)
    runs = writer.shown.runs()
    if not any(run.text.strip() for run in runs):
        raise UnreadableFile("extract", "empty", "Bảng tính không có ô nào có chữ.")
    return RawText(file_format, (RawPage(runs),), writer.beside.runs())


class _Writer:
    """Writes sheets one after the other."""

    def __init__(self, limits: Limits) -> None:
        self.shown, self.beside = RunCollector(), RunCollector()
        self._most = limits.unpacked_mb * 2**20
        self._limit = limits.unpacked_mb

    def write(self, sheet: Sheet) -> None:
        """Write one sheet; an empty one has no name, either."""
        hidden = sheet.hidden_columns_of({column for _, column, _ in sheet.cells})
        if sheet.cells or sheet.boxes:
            self._add_line(self._place(hidden=sheet.hidden), (Run(sheet.name),))
        for row, cells in groupby(sorted(sheet.cells, key=lambda cell: cell[:2]), key=lambda cell: cell[0]):
            self.shown.start_row()
            self.beside.start_row()
            for _, column, text in cells:
                place = self._place(hidden=sheet.hidden or row in sheet.hidden_rows or column in hidden)
                place.cell()
                self._add(place, text)
            self.shown.row()
            self.beside.row()
        for box in sheet.boxes:
            self._add_line(self._place(hidden=sheet.hidden), box)
        for item in sheet.beside:
            self._add_line(self.beside, item)

    def _place(self, *, hidden: bool) -> RunCollector:
        return self.beside if hidden else self.shown

    def _add_line(self, place: RunCollector, text: Sequence[Run]) -> None:
        place.line()
        self._add(place, text)
        place.line()

    def _add(self, place: RunCollector, text: Sequence[Run]) -> None:
        for run in text:
            place.add(run.text, run.font)
        if place.length > self._most:  # few long strings, shown in many cells
            raise UnreadableFile("extract", "too_large", f"Bảng tính có hơn {self._limit} MB chữ.")
