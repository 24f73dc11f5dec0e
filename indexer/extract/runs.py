"""Collecting text and its fonts into the fewest runs, with the breaks that blocks, cells and rows ask for."""

from indexer.model import Run

_RANK = {"": 0, " ": 1, "\n": 2, "\t": 3}  # a cell's tab replaces the line end of the paragraph before it


class RunCollector:
    """Joins pieces of text; neighbours in one font become one run.

    A break is written only between two pieces of text, so that empty paragraphs and cells leave no trace, and in the font of
    the text before it.
    """

    def __init__(self) -> None:
        self._runs: list[tuple[list[str], tuple[str, bool]]] = []
        self._pending = ""
        self._at_row_start = False
        self.length = 0  # characters collected so far

    def add(self, text: str, font: str = "", *, capitals: bool = False) -> None:
        """Add `text`, set in `font` and perhaps shown in capitals, after the break that is due."""
        if not text:
            return
        if self._pending and self._runs:
            self._runs[-1][0].append(self._pending)
            self.length += len(self._pending)
        self._pending = ""
        self._at_row_start = False
        self.length += len(text)
        if self._runs and self._runs[-1][1] == (font, capitals):
            self._runs[-1][0].append(text)
        else:
            self._runs.append(([text], (font, capitals)))

    def space(self) -> None:
        """Part words."""
        self._due(" ")

    def line(self) -> None:
        """Part lines or paragraphs."""
        self._due("\n")

    def cell(self) -> None:
        """Part the cells of a row."""
        if not self._at_row_start:
            self._due("\t")

    def start_row(self) -> None:
        """Part a row from what comes before it; its empty first cells make it no part of the row above."""
        self.line()
        self._at_row_start = True

    def row(self) -> None:
        """Part rows, whatever the last cell asked for."""
        self._pending = "\n"
        self._at_row_start = False

    def runs(self) -> tuple[Run, ...]:
        """Return what was collected, its last line ended by LF."""
        if self._runs:
            self._runs[-1][0].append("\n")
            self._pending = ""
        runs = tuple(Run("".join(pieces), *shown) for pieces, shown in self._runs)
        self._runs = []
        return runs

    def _due(self, mark: str) -> None:
        if _RANK[mark] > _RANK[self._pending]:
            self._pending = mark
