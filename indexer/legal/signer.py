"""The signature block: who signed, and in which office; not who is named in the text or in a form of an annex."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile

from indexer.legal.cells import Cell, Passage, join, read_cells
from indexer.legal.offices import AUTHORITY, FIRST_WORDS, leading_office, read_office
from indexer.legal.person import read_person
from indexer.legal.title import begins_body
from indexer.legal.wording import in_capitals, syllables

# A line or column that may begin a signature block, looked for in the whole text; what it holds is looked at afterwards.
_ANCHOR = re.compile(
    rf"(?:^|[\n\t|]|(?<! ) {{3,}}+)[ *]*+(?=(?P<word>{AUTHORITY.pattern}|(?:{FIRST_WORDS})\b))",
    re.IGNORECASE,
)
_LINE = re.compile(r"[^\n\t|]{1,160}(?=[\n\t|]|$)")  # longer ones are of a text
_SIGNED = re.compile(r"\(? ?(?:đã ký|đã kí)\b ?\)? ?:?|\((?:ký|kí)[^)]{0,40}\)", re.IGNORECASE)
_SIGNED_ANYWHERE = re.compile(r"đã\s{1,3}k[ýí]\b", re.IGNORECASE)
_COPY = re.compile(r"sao y|sao lục|trích sao|bản sao", re.IGNORECASE)  # what follows certifies a copy
_BLOCK = 8_000  # characters from the office to the name, a list of recipients between them
_CELLS = 110
_BEFORE = 200  # characters before a block that may say that it certifies a copy
_SIGNED_AT_MOST = 200
ATTACHED = re.compile(
    r"phụ lục|mẫu số|biểu số|danh mục|\(? ?ban hành kèm|sao y|sao lục", re.IGNORECASE
)  # ends the document's own text
_LONGEST_OFFICE = 110
_LONGEST_BODY_LINE = 140


@dataclass(frozen=True, slots=True)
class Signature:
    """One signer: the name, the office or None, and the span of each."""

    name: str
    span: tuple[int, int]
    position: str | None
    position_span: tuple[int, int]
    confidence: float
    authority: tuple[Passage, ...] = ()  # for whom and by whose authority: TM. ỦY BAN NHÂN DÂN, KT. CHỦ TỊCH


@dataclass(frozen=True, slots=True)
class _Office:
    """A line of offices: "KT. BỘ TRƯỞNG" acts for another, "THỨ TRƯỞNG" is the signer's own."""

    acts_for: bool
    position: str | None
    cell: Cell


def read_signatures(text: str, after: int, *, joint: bool) -> tuple[Signature, ...]:
    """Return the signature of the first signature block behind `after`; all of that block when the document is issued jointly."""
    read_to = after
    for anchor in _ANCHOR.finditer(text, after):
        start = anchor.start("word")
        if start < read_to or not _begins_block(text, start):
            continue
        block = _block(text, start)
        found = tuple(_signatures(block))
        if found:
            return found if joint else found[:1]
        read_to = block[len(block) // 2 if len(block) >= _CELLS else -1].offsets[0]  # no name in it: none for its later offices
    return _signed_name(text, after)


def _begins_block(text: str, start: int) -> bool:
    """Say whether an office stands at `start`, and no certificate of a copy before it."""
    line = _LINE.match(text, start)
    if line is None or not (AUTHORITY.match(line.group()) or in_capitals(line.group()) or leading_office(line.group())):
        return False
    first = _with_split_offices(read_cells(text, start, min(len(text), start + 2 * _LONGEST_OFFICE), 2))
    return bool(first) and _office(_parted(first[0])[0]) is not None and not _COPY.search(text, max(0, start - _BEFORE), start)


def _block(text: str, start: int) -> list[Cell]:
    """Return the cells from an office on, up to what cannot be of a signature block."""
    cells = read_cells(text, start, min(len(text), start + _BLOCK), _CELLS)
    parts = [part for cell in _with_split_offices(cells) for part in _parted(cell)]
    return list(takewhile(lambda part: not _ends_block(part), parts)) or parts[:1]


def _with_split_offices(cells: Sequence[Cell]) -> list[Cell]:
    """Join "CHỦ" and "TỊCH QUỐC HỘI", an office parted by a line end."""
    joined: list[Cell] = []
    for cell in cells:
        if joined and not cell.opens and in_capitals(joined[-1].text) and len(syllables(joined[-1].text)) <= 3:
            whole = join((joined[-1], cell))
            both = Cell(whole.text, whole.offsets, joined[-1].opens, joined[-1].blank_before, joined[-1].ruled_before)
            longer = leading_office(both.text) > max(leading_office(joined[-1].text), 2)  # THỨ TRƯỞNG / THƯỜNG TRỰC
            if _office(both) is not None and _office(cell) is None and (_office(joined[-1]) is None or longer):
                joined[-1] = both
                continue
        joined.append(cell)
    return joined


def _parted(cell: Cell) -> list[Cell]:
    """Part "CHỦ TỊCH QUỐC HỘI(Đã ký)Trần Thanh Mẫn" at its "(Đã ký)", which is left out."""
    found = _SIGNED.search(cell.text[:_LONGEST_OFFICE])
    if found is None:
        return [cell]
    parts = (cell.part(0, found.start()), cell.part(found.end()))
    return [Cell(part.text, part.offsets, cell.opens) for part in parts if part.text] or [cell]


def _office(cell: Cell) -> _Office | None:
    """Read a cell that is an office from its first word to its last: "KT. BỘ TRƯỞNG BỘ CÔNG AN", "PHÓ CHỦ TỊCH"."""
    read = read_office(cell.text) if len(cell.text) <= _LONGEST_OFFICE else None
    return _Office(*read, cell) if read else None


def _signatures(cells: Sequence[Cell]) -> Iterator[Signature]:
    """Yield the names under the offices with which `cells` begin, each with the office last read before it."""
    offices: list[_Office] = []
    waiting = 0  # of `offices`, those read before the last name
    skip = False
    for index, cell in enumerate(cells):
        office = _office(cell)
        if skip or office is not None:
            skip = False
            offices += [office] if office else []
            continue
        near = index > 0 and (_office(cells[index - 1]) is not None or _SIGNED.match(cells[index - 1].text) is not None)
        found = read_person(cells[index : index + 2], near=near)
        if found is not None and offices:
            name, count = found
            skip = count == 2
            yield _signature(name, offices[waiting:] or offices[-1:], near=near)
            waiting = len(offices)


def _signature(name: Passage, offices: Sequence[_Office], *, near: bool) -> Signature:
    """Give a name its own office: THỨ TRƯỞNG of "KT. BỘ TRƯỞNG" / "THỨ TRƯỞNG"; Q. CỤC TRƯỞNG is held by the signer too."""
    own = [office for office in offices if office.position and (not office.acts_for or office.cell.text[:1] in "Qq")]
    chosen = own[-1] if own else offices[-1]
    acts_for = tuple(office.cell for office in offices if office.acts_for)
    position = chosen.position if own else None
    return Signature(name.text, name.span(), position, chosen.cell.span(), 0.95 if near else 0.85, acts_for)


def _ends_block(cell: Cell) -> bool:
    text = cell.text
    if text[:1] in "-+•–" or text.lower().startswith("nơi nhận"):
        return False
    return begins_body(text) or ATTACHED.match(text) is not None or len(text) > _LONGEST_BODY_LINE


def _signed_name(text: str, after: int) -> tuple[Signature, ...]:
    """Return the name that stands before "(Đã ký)" with no office over it, as texts of old laws have it."""
    for signed in islice(_SIGNED_ANYWHERE.finditer(text, after), _SIGNED_AT_MOST):
        if _COPY.search(text, max(after, signed.start() - _BEFORE), signed.start()):
            continue
        cells = read_cells(text, max(after, signed.start() - 300), signed.start(), 40)[-2:]
        for index in range(len(cells)):
            found = read_person(cells[index : index + 2], near=False)
            if found is not None:
                return (Signature(found[0].text, found[0].span(), None, found[0].span(), 0.7),)
    return ()
