"""What a document's layout states besides its metadata: place, parent body, signing authority, recipients, urgency.

Source: Decree 30/2020/NĐ-CP, annex I, boxes 2, 4, 7a, 9b and 10b; consolidated.py has the source for the base document.
"""

import re
from collections.abc import Iterator, Sequence

from indexer.legal.boxes import Box
from indexer.legal.cells import Cell, Passage, join, read_cells
from indexer.legal.consolidated import read_base, read_certificate
from indexer.legal.document_type import CONSOLIDATED, is_joint
from indexer.legal.header import letterhead_issuer
from indexer.legal.letterhead import Header, locate_header
from indexer.legal.naming import is_place_name
from indexer.legal.signer import ATTACHED, read_signatures
from indexer.legal.wording import in_capitals, tight
from indexer.model import Canonical, Evidence, Formalities

_PLACE = re.compile(r"(?P<place>[^\W\d_][^\d_…:;]{1,40}?) ?, ?ng ?ày\b", re.IGNORECASE)
_URGENCIES = {"hỏatốc": "Hỏa tốc", "hỏatốchẹngiờ": "Hỏa tốc hẹn giờ", "thượngkhẩn": "Thượng khẩn", "khẩn": "Khẩn"}
_LONGEST_MARK = 30
_TO = re.compile(r"(?:^|(?<=[\n\t|]))[ *_]{0,40}Nơi\s{1,3}(?:nhận|gửi)\b[ *_]{0,10}:?", re.IGNORECASE)
_ITEM = re.compile(r"[-–—•+*] ?(?=[^\W_])")
_FILED = re.compile(r"lưu ?[:;]?(?: |$)", re.IGNORECASE)  # "Lưu: VT, KT." is the last item
_REACH, _CELLS = 4_000, 90  # characters and cells behind "Nơi nhận" that may hold the list
_BELOW_NAME = 400  # characters behind the signer's name within which the list may begin
_APART = 12  # cells of the signature's column that may stand between two items
_LONGEST_ITEM = 300
_EDGES = " ;.,"


def read_formalities(canonical: Canonical, kind: str | None) -> tuple[Formalities, dict[str, Evidence]]:
    """Read what the layout of a document of type `kind` states, and where: evidence by name of the field.

    Never raises; a text without header states nothing.
    """
    text = canonical.text
    header = locate_header(text)
    if header is None:
        return Formalities(), {}
    certificate = read_certificate(text, header.end) if kind == CONSOLIDATED else None
    signed = read_signatures(text, certificate.start if certificate else header.end, joint=False)
    authority = signed[0].authority if signed else ()
    recipients = tuple(_recipients(text, header.end, signed[0].span)) if signed else ()
    place, urgency = _place(header), _urgency(header)
    issuer = None if is_joint(kind or "") else letterhead_issuer(header, joint=False)
    base = read_base(text) if kind == CONSOLIDATED else None
    spans = {
        "place": place and place.span(),
        "parent": issuer and issuer.parent and issuer.parent_span,
        "authority": _whole_span(authority),
        "recipients": _whole_span(recipients),
        "urgency": urgency and urgency[1],
        "base_number": base and base[1].span(),
    }
    found = Formalities(
        place.text if place else None,
        issuer.parent if issuer else None,
        tuple(passage.text for passage in authority),
        tuple(passage.text for passage in recipients),
        urgency[0] if urgency else None,
        base[0] if base else None,
    )
    return found, {name: Evidence(*span, canonical.page_of(span[0]), 0.9) for name, span in spans.items() if span}


def _whole_span(passages: Sequence[Passage]) -> tuple[int, int] | None:
    spans = [passage.span() for passage in passages]
    return (min(start for start, _ in spans), max(end for _, end in spans)) if spans else None


def _place(header: Header) -> Passage | None:
    """Return the place of the first box of place and date: "Lạng Sơn" of "Lạng Sơn, ngày 12 tháng 6 năm 2024"."""
    before: Cell | None = None
    for cell, box in header.letterhead:
        found = _PLACE.match(cell.text) if box is Box.DATE else None
        if found:
            place = cell.part(*found.span("place"))
            parted = before is not None and is_place_name(f"{before.text} {place.text}")  # Cao / Bằng, ngày 4
            return join((before, place)) if before and parted else place
        before = cell
    return None


def _urgency(header: Header) -> tuple[str, tuple[int, int]] | None:
    """Return the urgency mark, which stands alone in the letterhead."""
    for cell, _ in header.letterhead:
        if len(cell.text) <= _LONGEST_MARK and in_capitals(cell.text) and (name := _URGENCIES.get(tight(cell.text))):
            return name, cell.span()
    return None


def _recipients(text: str, after: int, name: tuple[int, int]) -> Iterator[Passage]:
    """Yield the items of the list beside the signer's name, lines joined; cells of other columns between them are left out."""
    found = _TO.search(text, max(after, name[0] - _REACH), min(len(text), name[1] + _BELOW_NAME))
    if found is None or any(ATTACHED.match(cell.text) for cell in read_cells(text, name[1], found.start(), _CELLS)):
        return  # none, or one of a form in an annex
    items: list[list[Cell]] = []
    apart = 0
    for cell in read_cells(text, found.end(), min(len(text), found.end() + _REACH), _CELLS):
        apart += 1
        if _ITEM.match(cell.text):
            items.append([cell])
            apart = 0
        elif items and _goes_on(items[-1], cell):
            items[-1].append(cell)
        if apart > _APART or (apart and items and _FILED.match(_ITEM.sub("", items[-1][0].text))):
            break  # "Lưu: VT" ends the list
    for item in items:
        whole = join(item)
        kept = whole.part(len(whole.text) - len(_ITEM.sub("", whole.text, count=1)), len(whole.text.rstrip(_EDGES)))
        if kept.text:
            yield kept


def _goes_on(item: Sequence[Cell], cell: Cell) -> bool:
    """Say whether a line goes on with an item: in small letters or figures, right below it, and the item not ended yet."""
    apart = cell.opens or cell.blank_before or cell.ruled_before or in_capitals(cell.text)
    length = sum(len(line.text) for line in item) + len(cell.text)
    return not apart and not item[-1].text.endswith((";", ".")) and length <= _LONGEST_ITEM
