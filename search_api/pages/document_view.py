"""What the document page shows of a text: its sections in reading order, with the words looked for marked."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from indexer.model import Provision
from search_api.render import ProvisionItem

_SHOWN = 5_000  # marks on one page; more help nobody and make it slow


class Piece(NamedTuple):
    """A stretch of text, marked or not; `first` at the first mark of the page."""

    text: str
    marked: bool
    first: bool


class Section(NamedTuple):
    """An article, or the text between two; `anchor` is "" where it has none."""

    anchor: str
    pieces: Sequence[Piece]


class TextView(NamedTuple):
    """The whole text in sections, and how many places are marked."""

    sections: Sequence[Section]
    marked: int


def text_view(text: str, provisions: Sequence[Provision | ProvisionItem], spans: Iterable[tuple[int, int]]) -> TextView:
    """Cut `text` into sections at `provisions` and into pieces at `spans`; only white space at a section's end is left out."""
    marks = list(_apart(sorted(spans)))[:_SHOWN]
    sections, following = [], 0
    for anchor, start, end in _bounds(len(text), provisions):
        own = following
        while following < len(marks) and marks[following][0] < end:
            following += 1
        shown = start + len(text[start:end].rstrip())
        pieces = _pieces(text, start, shown, marks[own:following], marks[0] if marks else None)
        sections.append(Section(anchor, tuple(pieces)))
    return TextView(sections, len(marks))


def _apart(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    reached = 0
    for start, end in spans:
        if start >= reached:
            yield start, end
            reached = end


def _bounds(length: int, provisions: Sequence[Provision | ProvisionItem]) -> Iterator[tuple[str, int, int]]:
    """Yield (anchor, start, end) of each section; one that overlaps the section before it is read as part of that."""
    reached = 0
    for provision in sorted(provisions, key=lambda provision: provision.start):
        if provision.start >= reached:
            if provision.start > reached:
                yield "", reached, provision.start
            yield provision.anchor, provision.start, provision.end
            reached = provision.end
    if reached < length:
        yield "", reached, length


def _pieces(text: str, start: int, end: int, marks: Sequence[tuple[int, int]], first: tuple[int, int] | None) -> Iterator[Piece]:
    for mark in marks:
        if mark[0] > start:
            yield Piece(text[start : mark[0]], False, False)
        stop = min(mark[1], end)
        yield Piece(text[mark[0] : stop], True, mark == first)
        start = stop
    if start < end:
        yield Piece(text[start:end], False, False)
