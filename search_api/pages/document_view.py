"""What the document page shows of a text: its sections in reading order, with the words looked for marked."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from indexer.model import Provision
from search_api.passage import OPEN_END
from search_api.render import ProvisionItem

_FULL_LINE = 40  # characters of a line that may have been broken for want of room
_ENDS = ".;:!?”"
_BETWEEN = ".:–-*_ \t"  # between a label and its heading
_POINT = re.compile(r"[a-zđ]{1,2}[.)]|\d{1,3}[.)]\s|[-+•]")  # what begins a line of its own
_SHOWN = 5_000  # marks on one page; more help nobody and make it slow


class Piece(NamedTuple):
    """A stretch of text, marked or not; `first` at the first mark of the page."""

    text: str
    marked: bool
    first: bool


class Section(NamedTuple):
    """An article, or the text between two; `anchor` is "" where it has none."""

    anchor: str
    heading: Sequence[Piece]  # its label and heading, to be shown in bold
    pieces: Sequence[Piece]  # the rest


class TextView(NamedTuple):
    """The whole text in sections, and how many places are marked."""

    sections: Sequence[Section]
    marked: int


def text_view(text: str, provisions: Sequence[Provision | ProvisionItem], spans: Iterable[tuple[int, int]]) -> TextView:
    """Cut `text` into sections at `provisions` and into pieces at `spans`; only white space at a section's end is left out."""
    marks = list(_apart(sorted(spans)))[:_SHOWN]
    first = marks[0] if marks else None
    sections, following = [], 0
    for provision, start, end in _bounds(len(text), provisions):
        own = following
        while following < len(marks) and marks[following][0] < end:
            following += 1
        shown = start + len(text[start:end].rstrip())
        body = min(_heading_end(text, provision), shown) if provision else start
        heading = _pieces(text, start, body, [mark for mark in marks[own:following] if mark[0] < body], first)
        rest = _pieces(text, body, shown, [mark for mark in marks[own:following] if mark[1] > body], first)
        sections.append(Section(provision.anchor if provision else "", tuple(heading), tuple(rest)))
    return TextView(sections, len(marks))


def contents(provisions: Iterable[ProvisionItem]) -> list[tuple[str, list[ProvisionItem]]]:
    """Return articles by the attached part that they lie in, "" for the document's own."""
    return [(attachment, list(some)) for attachment, some in groupby(provisions, lambda provision: provision.attachment)]


def flowing(text: str) -> str:
    r"""Return `text` with a space for each line end that only the width of a page has put there; its length stays.

    >>> flowing("Quyết định này quy định về hạn mức giao đất ở và diện tích tối thiểu\nđược tách thửa.\nĐiều 2")
    'Quyết định này quy định về hạn mức giao đất ở và diện tích tối thiểu được tách thửa.\nĐiều 2'
    """
    lines = text.split("\n")
    joined = [
        " " if len(line) >= _FULL_LINE and line[-1] not in _ENDS and _goes_on(line, following) else "\n"
        for line, following in pairwise(lines)
    ]
    return "".join(part for pair in zip(lines, [*joined, ""], strict=True) for part in pair)


def _goes_on(line: str, following: str) -> bool:
    opens = _POINT.match(following) is not None
    return bool(following) and not opens and (following[0].islower() or OPEN_END.search(line, len(line) - 8) is not None)


def _heading_end(text: str, provision: Provision | ProvisionItem) -> int:
    """Return where label and heading of a provision end in `text`, which may break them into lines."""
    label = provision.label if isinstance(provision, Provision) else provision.short_label
    at = provision.start
    for character in "".join(f"{label}{provision.heading}".split()):
        while at < provision.end and text[at] != character and (text[at].isspace() or text[at] in _BETWEEN):
            at += 1
        if at >= provision.end or text[at] != character:  # not as printed: its first line
            line = text.find("\n", provision.start, provision.end)
            return line if line >= 0 else provision.end
        at += 1
    return at + 1 if text[at : at + 1] in _BETWEEN else at


def _apart(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    reached = 0
    for start, end in spans:
        if start >= reached:
            yield start, end
            reached = end


def _bounds(
    length: int, provisions: Sequence[Provision | ProvisionItem]
) -> Iterator[tuple[Provision | ProvisionItem | None, int, int]]:
    """Yield (provision, start, end) of each section; one that overlaps the section before it is read as part of that."""
    reached = 0
    for provision in sorted(provisions, key=lambda provision: provision.start):
        if provision.start >= reached:
            if provision.start > reached:
                yield None, reached, provision.start
            yield provision, provision.start, provision.end
            reached = provision.end
    if reached < length:
        yield None, reached, length


def _pieces(text: str, start: int, end: int, marks: Sequence[tuple[int, int]], first: tuple[int, int] | None) -> Iterator[Piece]:
    for mark in marks:
        if mark[0] > start:
            yield Piece(text[start : mark[0]], False, False)
        stop = min(mark[1], end)
        yield Piece(text[max(mark[0], start) : stop], True, mark == first and mark[0] >= start)
        start = stop
    if start < end:
        yield Piece(text[start:end], False, False)
