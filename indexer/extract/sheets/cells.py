"""A spreadsheet's sheets as text: the name of each on a line of its own, each row one line, cells parted by tabs.

Hidden rows and columns are read as the others: a filter or a folded outline hides what belongs to the table, and whoever opens
the file unfolds it. Hidden sheets and comments stand aside: they are not what is published, but the secrecy gate looks at them.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract.runs import RunCollector
from indexer.model import RawPage, RawText, Run

_PRINT_CODE = re.compile(r'&(?:"[^"]*"|\d+|.)', re.DOTALL)
_PRINTED = {"&L": "\n", "&C": "\n", "&R": "\n", "&&": "&"}  # the other codes are fonts, numbers of pages and days

Cell = tuple[int, int, tuple[Run, ...]]  # row, column, text


@dataclass(slots=True)
class Sheet:
    """What one sheet holds."""

    name: str = ""
    hidden: bool = False
    cells: list[Cell] = field(default_factory=list)  # in any order
    boxes: list[tuple[Run, ...]] = field(default_factory=list)
    beside: list[tuple[Run, ...]] = field(default_factory=list)  # comments, and what is printed on every page


def printed_text(codes: str) -> str:
    r"""Return the text of what is printed on every page, each of its three parts on a line: &C&"Arial,Bold"&12MẬT&R&P.

    >>> printed_text('&C&"Arial,Bold"&12MẬT&RTrang &P')
    'MẬT\nTrang'
    """
    text = _PRINT_CODE.sub(lambda code: _PRINTED.get(code[0].upper(), " "), codes)
    return "\n".join(filter(None, map(str.strip, text.split("\n"))))


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
        place = self.beside if sheet.hidden else self.shown
        if sheet.cells or sheet.boxes:
            self._add_line(place, (Run(sheet.name),))
        for _, cells in groupby(sorted(sheet.cells, key=lambda cell: cell[:2]), key=lambda cell: cell[0]):
            place.start_row()
            for _, _, text in cells:
                place.cell()
                self._add(place, [Run(run.text.replace("\n", " "), run.font) for run in text])
            place.row()
        for box in sheet.boxes:
            self._add_line(place, box)
        for item in sheet.beside:
            self._add_line(self.beside, item)

    def _add_line(self, place: RunCollector, text: Sequence[Run]) -> None:
        place.line()
        self._add(place, text)
        place.line()

    def _add(self, place: RunCollector, text: Sequence[Run]) -> None:
        for run in text:
            place.add(run.text, run.font)
        if place.length > self._most:  # few long strings, shown in many cells
            raise UnreadableFile("extract", "too_large", f"Bảng tính có hơn {self._limit} MB chữ.")
