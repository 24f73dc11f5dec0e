"""Where a document's header is, and its boxes: letterhead cells above the type line, caption cells below it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from analyzers.accents import fold
from indexer.legal.boxes import Box
from indexer.legal.cells import Cell, join, read_cells
from indexer.legal.document_type import TypeLine, named_type, read_type_line
from indexer.legal.issue_date import is_date_box
from indexer.legal.number import is_number_box, number_label, read_number_box
from indexer.legal.title import begins_body, goes_on_about
from indexer.legal.wording import in_capitals

_HEAD_CHARACTERS = 40_000  # a portal's menus may stand above the document
_HEAD_CELLS = 1_200
_USUAL_CELLS = 150
_ABOVE_NATION = 8  # cells of the letterhead that may precede the quốc hiệu
_LEAD = 25  # a quốc hiệu farther down has something else above it: a portal's menu
_SECOND_NATION = 16  # a portal prints one of its own over the document's
_ANNEX = re.compile(
    r"(?:phụ lục|mẫu(?: số)?|biểu(?: mẫu)?|danh mục|phụ biểu) ?(?:$|[\dIVX:.]|số)|\(? ?(?:ban hành )?kèm theo", re.IGNORECASE
)
_ANNEX_CELLS = 6
_LETTERHEAD_CELLS = 60
_SHORTEST_OPENING = 6  # letters: Kính, Căn, Điều
# CÔNG BÁO/Số 1335 + 1336/Ngày 23-12-2023 (running head), page numbers, addresses of portals
_CITED = re.compile(r"kèm theo$|:$", re.IGNORECASE)  # "(Ban hành kèm theo" / "Thông tư số ...", "Loại văn bản:" / "Luật"
_NUMBERED = re.compile(r"\s*số\b", re.IGNORECASE)
_RUNNING_HEAD = re.compile(
    r"\d{0,4} ?công báo ?/|\d{1,6}$|https?:|www\.|văn bản quy phạm pháp luật$|phần văn bản ", re.IGNORECASE
)
_DATE_TAIL = re.compile(
    r"(?:\d{1,2} )?(?:tháng \d{1,2} )?năm \d{4}\W*$|\d{4}\W*$", re.IGNORECASE
)  # "Hà Nội, ngày 24" / "tháng 11 năm 2025"
_LONGEST_FOLD = 400
# what begins another box in the middle of a line that is in capitals so far
_NEXT_BOX = re.compile(
    r"(?<=\S) (?=(?:Luật |Bộ luật |Nghị quyết |Pháp lệnh )?Số ?: ?[\d/.…]|(?:Luật|Bộ luật|Nghị quyết|Pháp lệnh) số ?: ?\d)"
    r"|(?<!NƯỚC)(?<!nước) (?=CỘNG H(?:ÒA|OÀ) XÃ HỘI CHỦ NGHĨA VIỆT NAM)"
)
_MOTTO_END = re.compile(r"hạnh phúc[ _*=.-]*(?=[^\W_]|$)", re.IGNORECASE)
_TO = re.compile(r"kính ?gửi", re.IGNORECASE)
_ABOUT = re.compile(r"v ?[/.] ?v\b", re.IGNORECASE)

# Quốc hiệu and motto without accents, and how many letters of each tell it: "VIỆT NAM" alone may be of a bank's name
_NATIONS = (
    ("conghoaxahoichunghiavietnam", 4),
    ("vietnamdanchuconghoa", 13),
    ("doclaptudohanhphuc", 6),
    ("dangcongsanvietnam", 18),
)
_ALMOST = 0.9  # CỘNG HÒA XÃ HỘ CHỦ NCHĨA VIỆT NAM


@dataclass(frozen=True, slots=True)
class Header:
    """The header's cells: `letterhead` with the box of each, the type line, and the `caption` under it up to the body."""

    letterhead: tuple[tuple[Cell, Box], ...]
    type_line: TypeLine | None
    type_cells: tuple[Cell, ...]
    caption: tuple[Cell, ...]
    addressed: bool  # "Kính gửi" ends it
    end: int  # where the body begins in the canonical text

    def cells(self, *boxes: Box) -> list[Cell]:
        """Return the letterhead's cells of these boxes."""
        return [cell for cell, box in self.letterhead if box in boxes]


def locate_header(text: str) -> Header | None:
    """Return the header at the beginning of `text`; None for an annex, a form, a text without letterhead and type."""
    cells = read_cells(text, 0, min(len(text), _HEAD_CHARACTERS), _USUAL_CELLS)
    if not any(_is_nation(_key(cell.text))[0] for cell in cells):
        cells = read_cells(text, 0, min(len(text), _HEAD_CHARACTERS), _HEAD_CELLS)
    start, nation = _start(cells)
    body = next((index for index in range(start, len(cells)) if _begins_body(cells, index)), len(cells))
    unfolded = [part for cell in cells[start : min(body, start + 4 * _LETTERHEAD_CELLS)] for part in _unfold(cell)]
    boxed = _boxes(_with_split_labels(unfolded))
    if not boxed or _is_annex(boxed):
        return None
    addressed = body < len(cells) and _TO.match(cells[body].text) is not None
    end = cells[body].offsets[0] if body < len(cells) else cells[-1].offsets[-1] + 1
    at, line = _find_type_line([cell for cell, _ in boxed], [box for _, box in boxed])
    if line is None:
        stated = any(box in (Box.NATION, Box.NUMBER) for _, box in boxed[:_LETTERHEAD_CELLS])
        return Header(tuple(boxed[:_LETTERHEAD_CELLS]), None, (), (), addressed, end) if stated or nation else None
    plain = [cell for cell, _ in boxed]
    return Header(tuple(boxed[:at]), line, tuple(plain[at : at + line.cells]), tuple(plain[at + line.cells :]), addressed, end)


def _begins_body(cells: Sequence[Cell], index: int) -> bool:
    """Say whether the body begins at a cell, its first word parted from the next by a line end or not: "Kính" / "gửi:"."""
    text = cells[index].text
    if len(text) < _SHORTEST_OPENING and index + 1 < len(cells) and not cells[index + 1].opens:
        text = f"{text} {cells[index + 1].text}"
    return begins_body(text)


def _start(cells: Sequence[Cell]) -> tuple[int, bool]:
    """Return where the letterhead begins, and whether a quốc hiệu says so."""
    keys = [_key(cell.text) for cell in cells]
    nations = [
        index
        for index, key in enumerate(keys)
        if key.startswith(("cong", "vietnamdanchu")) and _is_nation("".join(keys[index : index + 3])[: len(_NATIONS[0][0])])[0]
    ]
    if nations and nations[0] <= _LEAD and not any(begins_body(cell.text) for cell in cells[: nations[0]]):
        return 0, True
    if _is_annex([(cell, Box.BODY_NAME) for cell in cells[:_ANNEX_CELLS]]):
        return 0, False
    for index in nations:  # below a portal's menu and summary; a form in an annex has no number yet
        texts = [place + 1 for place in range(index) if begins_body(cells[place].text)]
        first = max(0, index - _ABOVE_NATION, *texts[-1:])
        number = read_number_box(cells[first : index + _ABOVE_NATION])
        if number is not None and number.value is not None:
            return first, True
    return 0, bool(nations) and nations[0] <= _LEAD


def _key(text: str) -> str:
    return "".join(letter for letter in fold(text[:120]).lower() if letter.isalnum())


def _is_nation(key: str) -> tuple[bool, str]:
    """Say whether `key` begins with a quốc hiệu or a motto, or is the beginning of one, and what is then missing."""
    for nation, enough in _NATIONS:
        if key.startswith(nation) or (enough <= len(key) < len(nation) and nation.startswith(key)):
            return True, nation[len(key) :]
        if (
            key[:3] == nation[:3]
            and len(key) > 12
            and SequenceMatcher(None, key[: len(nation)], nation, autojunk=False).ratio() >= _ALMOST
        ):
            return True, ""
    return False, ""


def _boxes(cells: Sequence[Cell]) -> list[tuple[Cell, Box]]:
    """Name the box of each cell; a quốc hiệu may go on over the next cells."""
    boxed: list[tuple[Cell, Box]] = []
    missing, patience = "", 0
    for cell in cells:
        key = _key(cell.text)
        nation, rest = _is_nation(key)
        if missing and patience and key and missing.startswith(key):
            missing, patience = missing[len(key) :], 3
            boxed.append((cell, Box.NATION))
            continue
        if nation:
            missing, patience = rest, 3
        patience = max(0, patience - 1) if not nation else patience
        boxed.append((cell, Box.NATION if nation else _box(cell, boxed)))
    return boxed


def _box(cell: Cell, before: Sequence[tuple[Cell, Box]]) -> Box:
    if is_number_box(cell):
        return Box.NUMBER
    if _ABOUT.match(cell.text):
        return Box.ABOUT
    if is_date_box(cell.text) or (any(box is Box.DATE for _, box in before[-3:]) and _DATE_TAIL.match(cell.text)):
        return Box.DATE
    if before and before[-1][1] is Box.ABOUT and goes_on_about(before[-1][0], cell):
        return Box.ABOUT
    return Box.RUNNING_HEAD if _RUNNING_HEAD.match(cell.text) else Box.BODY_NAME


def _unfold(cell: Cell) -> list[Cell]:
    """Part the boxes that share a line: "BỘ TÀI CHÍNH ------- Số: 12/2023/TT-BTC", "BỘ TÀI CHÍNH CỘNG HÒA XÃ HỘI ..."."""
    cuts = [found.start() for found in _NEXT_BOX.finditer(cell.text[:_LONGEST_FOLD]) if in_capitals(cell.text[: found.start()])]
    cuts += [found.end() for found in _MOTTO_END.finditer(cell.text[:_LONGEST_FOLD]) if found.end() < len(cell.text)]
    places = [0, *sorted(cuts), len(cell.text)]
    parts = [cell.part(first, last) for first, last in pairwise(places) if cell.text[first:last].strip(" -_*.=")]
    return [Cell(part.text, part.offsets, cell.opens or index > 0) for index, part in enumerate(parts)] if cuts else [cell]


def _with_split_labels(cells: Sequence[Cell]) -> list[Cell]:
    """Join "Luật" and "số: 57/2010/QH12" where a line end parts them; "LUẬT" in capitals is a type line."""
    joined: list[Cell] = []
    for cell in cells:
        before = joined[-1] if joined else None
        if (
            before
            and named_type(before.text)
            and not in_capitals(before.text)
            and cell.text[:1] == "s"
            and number_label(cell.text)
        ):
            whole = join((before, cell))
            joined[-1] = Cell(whole.text, whole.offsets, before.opens, before.blank_before, before.ruled_before)
        else:
            joined.append(cell)
    return joined


def _is_annex(boxed: Sequence[tuple[Cell, Box]]) -> bool:
    """Say whether the text is an annex: it says so before any letterhead, and cites the document that it belongs to."""
    for cell, box in boxed[:_ANNEX_CELLS]:
        if _ANNEX.match(cell.text):
            return True
        if box in (Box.NUMBER, Box.DATE):
            return False
    return False


def _find_type_line(cells: Sequence[Cell], boxes: Sequence[Box]) -> tuple[int, TypeLine | None]:
    """Return the first type line below the letterhead's boxes, else the first one at all."""
    nations = [index for index, box in enumerate(boxes) if box is Box.NATION]
    floor = max((index for index in nations if index <= nations[0] + _SECOND_NATION), default=-1)
    floor = max([floor, *(index for index, box in enumerate(boxes[: floor + 6]) if box in (Box.NUMBER, Box.DATE))])
    for first, last in ((floor + 1, len(cells)), (0, floor + 1)):
        for index in range(first, min(last, _LETTERHEAD_CELLS)):
            line = read_type_line(cells, index) if boxes[index] is Box.BODY_NAME else None
            if line is None or (index and _CITED.search(cells[index - 1].text)):
                continue
            numbered = read_type_line(cells, index + 1) if index + 1 < len(cells) else None
            if numbered and numbered.rest is not None and _NUMBERED.match(cells[index + 1].text, numbered.rest):
                return index + 1, numbered  # "SẮC LỆNH" / "LUẬT SỐ 102-SL/L-004 NGÀY 20-5-1957"
            return index, line
    return 0, None
