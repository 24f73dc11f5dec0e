"""Consolidated texts (văn bản hợp nhất): a base document with its amendments worked in, certified by the body that did it.

They open as the base document does, so that its number is the first that they print; their own number, day and body stand in the
letterhead, or in the certificate behind the articles: "BỘ TÀI CHÍNH" / "Số: 19/VBHN-BTC" / "XÁC THỰC VĂN BẢN HỢP NHẤT" / "Hà Nội,
ngày ...". Source: Pháp lệnh Hợp nhất văn bản quy phạm pháp luật 01/2012/UBTVQH13.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from analyzers.citations import find_numbers
from indexer.legal.cells import Cell, Passage, join, read_cells
from indexer.legal.document_type import CONSOLIDATED, leading_type, type_of_symbol
from indexer.legal.issue_date import IssueDate, is_date_box, read_date_box
from indexer.legal.issuer import Issuer, read_issuer_phrase, read_letterhead
from indexer.legal.number import Number, is_number_box, read_number_box, symbol_of
from indexer.legal.wording import in_capitals

_CERTIFIED = re.compile(
    r"(?:^|(?<=[\n\t|]))[ *]{0,40}XÁC\s{1,3}THỰC\s{1,3}VĂN\s{1,3}BẢN\s{1,3}HỢP\s{1,3}NHẤT[ *]{0,40}(?=[\n\t|]|$)", re.IGNORECASE
)
_BESIDE, _BESIDE_CELLS = 500, 10  # characters and cells around the certificate's line that hold its other boxes
_SENTENCE_END = (".", ";", "”", '"', ":")
_GAZETTE_PART = re.compile(r"văn bản hợp nhất ?[-–] ?", re.IGNORECASE)  # VĂN BẢN HỢP NHẤT - BỘ Y TẾ
# "Thông tư số 05/2015/TT-BYT ngày ... của ..., có hiệu lực ... được sửa đổi, bổ sung bởi:"
_BASE_REACH = 6_000  # characters within which the base document is told
_BASE_CELLS = 120
_BASE_NUMBER = 160  # characters from the base's type to its number: a law's name stands between them
_LONGEST_NUMBER = 40
_BASE_SENTENCE = 12  # cells that its sentence may take
_IN_FORCE = re.compile(r"có hiệu lực|sửa đổi, bổ sung", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Certificate:
    """What certifies a consolidated text, and the offset where it stands; the signature follows it."""

    number: Number | None
    issuer: Issuer | None
    day: IssueDate | None
    start: int


def read_certificate(text: str, after: int) -> Certificate | None:
    """Return the first certificate behind `after`; None where no line of the text is one."""
    found = _CERTIFIED.search(text, after)
    if found is None:
        return None
    before = _last_cells(read_cells(text, max(after, found.start() - _BESIDE), found.start(), 4 * _BESIDE_CELLS))
    behind = read_cells(text, found.end(), min(len(text), found.end() + _BESIDE), _BESIDE_CELLS)
    boxes = (*before, *behind)
    number = read_number_box(boxes)
    own = number if number and type_of_symbol(number.symbol or "") == CONSOLIDATED else None
    named = [cell for cell in before if not is_number_box(cell) and not is_date_box(cell.text)]
    return Certificate(own, read_letterhead(named, joint=False), read_date_box(boxes), found.start())


def _last_cells(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells behind the last sentence: the certificate's own."""
    kept = list(takewhile(lambda cell: not cell.text.rstrip().endswith(_SENTENCE_END), reversed(cells)))
    return kept[:_BESIDE_CELLS][::-1]


def gazette_issuer(cells: Sequence[Cell]) -> Issuer | None:
    """Return the body that a gazette's heading names: "VĂN BẢN HỢP NHẤT - BỘ Y TẾ", which two lines may share."""
    for index, cell in enumerate(cells):
        found = _GAZETTE_PART.match(cell.text)
        if found and in_capitals(cell.text):
            lines = [
                cell,
                *takewhile(lambda line: in_capitals(line.text) and not line.blank_before, cells[index + 1 : index + 3]),
            ]
            return read_issuer_phrase(join(lines).part(found.end()), 0.85)
    return None


def read_base(text: str) -> tuple[str, Passage] | None:
    """Return number of the document that a consolidated text is based on, and where it stands behind the type line."""
    cells = read_cells(text, 0, min(len(text), _BASE_REACH), _BASE_CELLS)
    for index, cell in enumerate(cells):
        if leading_type(cell.text) is None or in_capitals(cell.text):
            continue  # a type line has its title behind it, which may name another document
        lines = cells[index : index + _BASE_SENTENCE]
        start, end = cell.offsets[0], lines[-1].offsets[-1] + 1
        whole = Cell.read(text, start, end, opens=False, blank_before=False, ruled_before=False)
        numbers = find_numbers(whole.text[: _BASE_NUMBER + _LONGEST_NUMBER]) if whole else ()
        if not whole or not numbers or numbers[0].start > _BASE_NUMBER:
            continue
        own = type_of_symbol(symbol_of(numbers[0].value) or "") == CONSOLIDATED
        if not own and _IN_FORCE.search(whole.text, numbers[0].end):
            return numbers[0].value, whole.part(numbers[0].start, numbers[0].end)
    return None
