"""Streams of text that an RTF file interleaves: body, headers, notes, boxes; each is put in its place once all is read."""

from collections.abc import Iterator
from enum import Enum

from indexer.extract.runs import RunCollector
from indexer.model import Run

_Piece = tuple[str, str, bool]  # text, font, whether it is shown in capitals


class Break(Enum):
    """What parts two pieces of text."""

    LINE = "\n"
    CELL = "\t"
    ROW_START = "row start"
    ROW = "row"
    NESTED_ROW = "nested row"


class Flow:
    """One stream of text: pieces in one font, breaks, and the text boxes that are anchored between them."""

    def __init__(self) -> None:
        self._pieces: list[_Piece | Break | Flow] = []
        self._boxes: list[Flow] = []

    def add(self, text: str, font: str, *, capitals: bool = False) -> None:
        """Add text."""
        self._pieces.append((text, font, capitals))

    def part(self, kind: Break) -> None:
        """Add a break."""
        self._pieces.append(kind)

    def box(self) -> "Flow":
        """Return the stream of a new text box; its text comes after the paragraph that anchors it."""
        self._boxes.append(Flow())
        return self._boxes[-1]

    def end_paragraph(self) -> None:
        """End a line and place the boxes that wait for it."""
        self._pieces.append(Break.LINE)
        self._pieces += self._boxes
        self._boxes = []

    def runs(self) -> tuple[Run, ...]:
        """Return the stream's text with that of its boxes."""
        collector = RunCollector()
        walks: list[Iterator[_Piece | Break | Flow]] = [self._walk()]
        while walks:
            for piece in walks[-1]:
                if isinstance(piece, Flow):
                    walks.append(piece._walk())  # noqa: SLF001  a flow's own kind
                    break
                _collect(piece, collector)
            else:
                walks.pop()
                collector.line()
        return collector.runs()

    def _walk(self) -> "Iterator[_Piece | Break | Flow]":
        self.end_paragraph()
        return iter(self._pieces)


class Label(Flow):
    """What a program wrote before a paragraph that it numbers."""

    def shown(self) -> tuple[str, str]:
        """Return the number with a space after it, and its font; nothing of a bullet."""
        pieces = [piece for piece in self._pieces if isinstance(piece, tuple)]
        text = "".join(text for text, _, _ in pieces).strip()
        return (f"{text} ", pieces[0][1]) if any(map(str.isalnum, text)) else ("", "")


def _collect(piece: _Piece | Break, collector: RunCollector) -> None:
    match piece:
        case Break.LINE:
            collector.line()
        case Break.CELL:
            collector.cell()
        case Break.ROW_START:
            collector.start_row()
        case Break.NESTED_ROW:
            collector.row()
        case Break.ROW:
            collector.row()
            collector.start_row()
        case text, font, capitals:
            collector.add(text, font, capitals=capitals)
