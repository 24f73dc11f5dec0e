"""Where a document's header is, and its boxes: letterhead cells above the type line, caption cells below it."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import zip_longest

from analyzers.accents import fold
from indexer.legal.box_lines import one_box_each
from indexer.legal.boxes import Box
from indexer.legal.cells import Cell, read_cells
from indexer.legal.document_type import TypeLine, read_law_line, read_titled_type, read_type_line, type_of_symbol
from indexer.legal.issue_date import is_date_box, names_place
from indexer.legal.number import is_number_box, read_number_box, read_number_in_heading
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
_TITLE_CELLS = 8
_BARE_LETTERHEAD = 16  # cells of a letterhead without a type line, of a letter
_LETTERHEAD_CELLS = 60
_SHORTEST_OPENING = 6  # letters: Kính, Căn, Điều
_CITED = re.compile(r"kèm theo$|:$", re.IGNORECASE)  # "(Ban hành kèm theo" / "Thông tư số ...", "Loại văn bản:" / "Luật"
_NUMBERED = re.compile(r"\s*số\b", re.IGNORECASE)
# CÔNG BÁO/Số 1335 + 1336/Ngày 23-12-2023 (running head), page numbers, addresses of portals
_RUNNING_HEAD = re.compile(
    r"\d{0,4} ?công báo ?/|\d{1,6}$|https?:|www\.|văn bản quy phạm pháp luật$|phần văn bản ", re.IGNORECASE
)
# "Hà Nội, ngày 24" / "tháng 11 năm 2025"
_DATE_TAIL = re.compile(r"(?:\d{1,2} )?(?:tháng \d{1,2} )?năm \d{4}\W*$|\d{4}\W*$", re.IGNORECASE)
_TO = re.compile(r"kính ?gửi", re.IGNORECASE)
_ABOUT = re.compile(r"v ?[/.] ?v\b", re.IGNORECASE)
_OTHER_COLUMN = (Box.NATION, Box.DATE)  # beside that of issuer and number
_ABOUT_IN_FULL = re.compile(r"về việc ", re.IGNORECASE)  # right under the number, where V/v stands elsewhere

# Quốc hiệu and motto without accents, and how many letters of each tell it: "VIỆT NAM" alone may be of a bank's name
_NATIONS = (
    ("conghoaxahoichunghiavietnam", 4),
    ("vietnamdanchuconghoa", 13),
    ("doclaptudohanhphuc", 6),
    ("dangcongsanvietnam", 18),
)
_PARTY = _NATIONS[-1][0]
_ENOUGH_OF_END = 13  # letters: NG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
_ALMOST = 0.9  # CỘNG HÒA XÃ HỘ CHỦ NCHĨA VIỆT NAM


@dataclass(frozen=True, slots=True)
class Header:
    """The header's cells: `letterhead` with the box of each, the type line, and the `caption` under it up to the body."""

    letterhead: tuple[tuple[Cell, Box], ...]
    type_line: TypeLine | None
    type_cells: tuple[Cell, ...]
    caption: tuple[Cell, ...]
    addressed: bool  # "Kính gửi" ends it

    @property
    def end(self) -> int:
        """The offset in the canonical text behind the type line, or behind the last box of the letterhead where there is none."""
        boxes = self.cells(Box.NUMBER, Box.DATE, Box.ABOUT)
        last = self.type_cells[-1] if self.type_cells else boxes[-1] if boxes else self.letterhead[-1][0]
        return last.offsets[-1] + 1

    def cells(self, *boxes: Box) -> list[Cell]:
        """Return the letterhead's cells of these boxes."""
        return [cell for cell, box in self.letterhead if box in boxes]


def locate_header(text: str) -> Header | None:
    """Return the header at the beginning of `text`; None for an annex, a form, a text without letterhead and type."""
    cells = read_cells(text, 0, min(len(text), _HEAD_CHARACTERS), _USUAL_CELLS)
    if not any(_is_nation(_key(cell.text))[0] for cell in cells):
        cells = read_cells(text, 0, min(len(text), _HEAD_CHARACTERS), _HEAD_CELLS)
    start = _start(cells)
    body = next((index for index in range(start, len(cells)) if _begins_body(cells, index)), len(cells))
    boxed = _boxes(one_box_each(cells[start : min(body, start + 4 * _LETTERHEAD_CELLS)]))
    if not boxed or _is_annex(boxed):
        return None
    addressed = body < len(cells) and _TO.match(cells[body].text) is not None
    at, line = _find_type_line([cell for cell, _ in boxed], [box for _, box in boxed])
    boxless = not any(box in (Box.NATION, Box.NUMBER) for _, box in boxed)
    if line is not None and at > _TITLE_CELLS and boxless and not read_number_in_heading([cell for cell, _ in boxed[:at]]):
        return None  # "KẾT LUẬN" is a section's heading in an essay
    if line is None:
        letterhead = tuple(boxed[:_BARE_LETTERHEAD])
        stated = any(box is Box.NUMBER or (box is Box.DATE and names_place(cell.text)) for cell, box in letterhead)
        heading = read_number_in_heading([cell for cell, _ in letterhead])
        return Header(letterhead, None, (), (), addressed) if stated or heading else None
    plain = [cell for cell, _ in boxed]
    return Header(tuple(boxed[:at]), line, tuple(plain[at : at + line.cells]), tuple(plain[at + line.cells :]), addressed)


def _begins_body(cells: Sequence[Cell], index: int) -> bool:
    """Say whether the body begins at a cell, its first word parted from the next by a line end or not: "Kính" / "gửi:"."""
    text = cells[index].text
    if len(text) < _SHORTEST_OPENING and index + 1 < len(cells) and not cells[index + 1].opens:
        text = f"{text} {cells[index + 1].text}"
    return begins_body(text)


def _start(cells: Sequence[Cell]) -> int:
    """Return the cell with which the letterhead begins, the first one where no quốc hiệu tells."""
    keys = [_key(cell.text) for cell in cells]
    nations = [
        index
        for index, key in enumerate(keys)
        if key.startswith(("cong", "vietnamdanchu")) and _is_nation("".join(keys[index : index + 3])[: len(_NATIONS[0][0])])[0]
    ]
    bodies = [index for index, cell in enumerate(cells) if begins_body(cell.text)]
    if nations and nations[0] <= min([_LEAD, *bodies[:1]]):
        return 0
    if _is_annex([(cell, Box.BODY_NAME) for cell in cells[:_ANNEX_CELLS]]):
        return 0
    for index in nations:  # below a portal's menu and summary; a form in an annex has no number yet
        above = bisect_left(bodies, index)
        first = max(0, index - _ABOVE_NATION, bodies[above - 1] + 1 if above else 0)
        number = read_number_box(cells[first : index + _ABOVE_NATION])
        if number is not None and number.value is not None:
            return first
    return 0


def _key(text: str) -> str:
    return _letters(text[:120])


@lru_cache(maxsize=2_048)  # the same cells are asked for again and again
def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, fold(text).lower()))


def _is_nation(key: str) -> tuple[bool, str]:
    """Say whether `key` begins with a quốc hiệu or a motto, or is the beginning of one, and what is then missing."""
    for nation, enough in _NATIONS:
        if key.startswith(nation) or (enough <= len(key) < len(nation) and nation.startswith(key)):
            return True, nation[len(key) :]
        if len(key) >= _ENOUGH_OF_END and (nation.endswith(key) or (key[:3] == nation[:3] and _alike(key, nation))):
            return True, ""
    return False, ""


def _names_nation(text: str, key: str) -> bool:
    """Say whether a line of a sentence begins with the nation's name: "Cộng hòa xã hội chủ nghĩa Việt Nam và Chính phủ ..."."""
    return key.startswith(_NATIONS[0][0]) and len(key) > len(_NATIONS[0][0]) and not in_capitals(text)


def _alike(key: str, nation: str) -> bool:
    return SequenceMatcher(None, key[: len(nation)], nation, autojunk=False).ratio() >= _ALMOST


def _boxes(cells: Sequence[Cell]) -> list[tuple[Cell, Box]]:
    """Name the box of each cell; a quốc hiệu may go on over the next cells."""
    boxed: list[tuple[Cell, Box]] = []
    missing, patience = "", 0
    for cell, following in zip_longest(cells, cells[1:]):
        key = _key(cell.text)
        nation, rest = _is_nation(key)
        if following and key and f"{key}{_key(following.text)}" == _PARTY:  # ĐẢNG / CỘNG SẢN VIỆT NAM
            nation, rest = True, _PARTY[len(key) :]
        nation = nation and not _names_nation(cell.text, key)
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
    if _ABOUT.match(cell.text) or (_ABOUT_IN_FULL.match(cell.text) and _follows_number(cell, before)):
        return Box.ABOUT
    if is_date_box(cell.text) or (any(box is Box.DATE for _, box in before[-3:]) and _DATE_TAIL.match(cell.text)):
        return Box.DATE
    if before and before[-1][1] is Box.ABOUT and goes_on_about(before[-1][0], cell):
        return Box.ABOUT
    return Box.RUNNING_HEAD if _RUNNING_HEAD.match(cell.text) else Box.BODY_NAME


def _follows_number(cell: Cell, before: Sequence[tuple[Cell, Box]]) -> bool:
    """Say whether the box before a cell is the number's; those of the other column may come between in a scan."""
    of_column = (box for cell, box in reversed(before[-_ABOVE_NATION:]) if box not in _OTHER_COLUMN and len(cell.text) > 2)
    return any(box is Box.NUMBER for _, box in before[-2:]) or (
        next(of_column, None) is Box.NUMBER and not in_capitals(cell.text)
    )


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
    if any(box is Box.NATION for box in boxes):
        for index in range(floor + 1, min(len(cells), _LETTERHEAD_CELLS)):
            line = read_law_line(cells[index]) if boxes[index] is Box.BODY_NAME else None
            if line is not None:
                return index, line
        if Box.ABOUT not in boxes:
            return _find_titled_type(cells, boxes, floor + 1)
    return 0, None


def _find_titled_type(cells: Sequence[Cell], boxes: Sequence[Box], first: int) -> tuple[int, TypeLine | None]:
    """Return the first line from cells[first] on that names a type and begins its title, unless the number names another type."""
    number = read_number_box([cell for cell, box in zip(cells, boxes, strict=True) if box is not Box.DATE])
    named = type_of_symbol(number.symbol) if number and number.symbol else None
    for index in range(first, min(len(cells), _LETTERHEAD_CELLS)):
        line = read_titled_type(cells[index]) if boxes[index] is Box.BODY_NAME else None
        if line is not None:
            return (index, line) if named in (None, line.name) else (0, None)
    return 0, None
