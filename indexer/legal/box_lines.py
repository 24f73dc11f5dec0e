"""Lines and boxes: some readers put several boxes of a letterhead in one line, others part one box over two."""

import re
from collections.abc import Sequence
from itertools import pairwise

from indexer.legal.cells import Cell, join
from indexer.legal.document_type import named_type
from indexer.legal.issue_date import is_date_box
from indexer.legal.number import number_label
from indexer.legal.wording import in_capitals

_LONGEST = 400
# What begins another box in the middle of a line that is in capitals so far; OCR loses letters: "NG HÒA XÃ HỌI CHỦ NGHĨA"
_NEXT_BOX = re.compile(
    r"(?<=\S) (?=(?:Luật |Bộ luật |Nghị quyết |Pháp lệnh )?Số ?: ?[\d/.…]|(?:Luật|Bộ luật|Nghị quyết|Pháp lệnh) số ?: ?\d)"
    r"|(?<!NƯỚC)(?<!nước) (?=\w{1,4} H\w{2} XÃ H\w{2} CH\w NGH\w{2} VI\w{2} NAM|Độc lập ?[-–] ?Tự)"
)
_MOTTO_END = re.compile(r"hạnh phúc[ _*=.-]*(?=[^\W_]|$)", re.IGNORECASE)
_WORD = re.compile(r"(?<= )[^\W\d_]+")  # where a place may begin: "Số: 28/2023/QĐ-UBND Phú Thọ, ngày 21"
_MARKS = " -_*.="


def one_box_each(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells so that each holds one box of the letterhead, or a line of one."""
    return _with_split_labels([part for cell in cells for part in _parted(cell)])


def _parted(cell: Cell) -> list[Cell]:
    """Part the boxes that share a line: "BỘ TÀI CHÍNH ------- Số: 12/2023/TT-BTC", "BỘ TÀI CHÍNH CỘNG HÒA XÃ HỘI ..."."""
    text = cell.text[:_LONGEST]
    cuts = {found.start() for found in _NEXT_BOX.finditer(text) if in_capitals(text[: found.start()])}
    cuts |= {found.end() for found in _MOTTO_END.finditer(text) if found.end() < len(cell.text)}
    if number_label(text):
        cuts |= set(_place_after_number(text))
    if not cuts:
        return [cell]
    parts = [cell.part(*ends) for ends in pairwise((0, *sorted(cuts), len(cell.text))) if cell.text[slice(*ends)].strip(_MARKS)]
    return [Cell(part.text, part.offsets, cell.opens or index > 0) for index, part in enumerate(parts)]


def _place_after_number(text: str) -> list[int]:
    """Return where the box of place and date begins behind a number in the same line."""
    found = (match.start() for match in _WORD.finditer(text) if match.group()[0].isupper() and not match.group().isupper())
    return next(([place] for place in found if is_date_box(text[place:])), [])


def _with_split_labels(cells: Sequence[Cell]) -> list[Cell]:
    """Join "Luật" and "số: 57/2010/QH12" where a line end parts them; "LUẬT" in capitals is a type line."""
    joined: list[Cell] = []
    for cell in cells:
        before = joined[-1] if joined else None
        if before and cell.text[:1] == "s" and number_label(cell.text) and _is_small_type(before.text):
            whole = join((before, cell))
            joined[-1] = Cell(whole.text, whole.offsets, before.opens, before.blank_before, before.ruled_before)
        else:
            joined.append(cell)
    return joined


def _is_small_type(text: str) -> bool:
    return named_type(text) is not None and not in_capitals(text)
