"""The title (trích yếu): the lines under the type, or what follows V/v in an official letter."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from analyzers.citations import find_numbers
from indexer.legal.boxes import Box
from indexer.legal.cells import Cell, Passage, join
from indexer.legal.issue_date import date_at_start, is_date_line
from indexer.legal.number import is_number_box, number_at_start
from indexer.legal.wording import goes_on, in_capitals, syllables, tight

_LONGEST_TITLE = 1500
_EDGES = " .,;:-–—_„'`|~=^•"  # drawn lines, and what OCR makes of stains
_QUOTES = frozenset('"“”')
_ABOUT_CELLS = 14
_ABOUT = re.compile(r"v ?[/.] ?v ?[:.]?", re.IGNORECASE)
# What a body begins with, spaces left out: "C ăn cứ", "Căn cứ vào", "Điều 1", "QUYẾT ĐỊNH:"; not the name "Chương Văn Hải"
_BODY = re.compile(
    r"căncứ|điều\d|chương[\di]|chương[vx](?![^\W\d_bcdđghiklmnpqrstvx])|chươngthứ|phầnthứ|phần[ivx\d]+$|mục[\divx]+$|kínhgửi|theođềnghị|xétđềnghị|xéttờtrình|rasắclệnh|lờinóiđầu|nơinhận"
)
_ORDERS = re.compile(
    r"(?:quyết định|quyết nghị|nghị quyết|nghị định|chỉ thị|thông báo|lệnh|công bố) ?:|(?:quyết nghị|điều khoản chung)$",
    re.IGNORECASE,
)
# A paragraph of a body, where a title could begin so too: looked at only after the title's first line
_PARAGRAPH = re.compile(
    r"(?:để|nhằm|thực hiện|trên cơ sở|sau khi|(?:ngày|năm) \d|xét|trong|hiện nay|vừa qua|thời gian qua)"
    r"|[-+•] |\d{1,2}[.)] |[IVX]+\. ",
    re.IGNORECASE,
)
_ATTACHED = re.compile(r"\((?:ban hành )?(?:kèm|k[èe]m theo)|\(từ ngày|\(đã được|\(sửa đổi theo", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.;:]\s*$")
_LAST_NUMBER = re.compile(r" số ?:? ?$", re.IGNORECASE)
_HALF_DATE = re.compile(r"\b(?:ngày|tháng|năm|số) ?$", re.IGNORECASE)  # "ngày 19 tháng 10 năm" / "2020 của Chính phủ"
_FULL_STOP = re.compile(r"[.:]\s*$")
_NATION_GOES_ON = r"\n(?=(?:h[oò][aà] )?(?:xã |hội |chủ )*(?:nghĩa )?việt nam)"  # CỘNG HÒA XÃ HỘI CHỦ / NGHĨA VIỆT NAM
_OF = re.compile(
    rf"\s*(?:của|do)\s+(?P<body>(?:[^\n]|(?<=[-–])\n|{_NATION_GOES_ON}){{2,150}}?)(?:\s+ban hành)?"
    rf"(?=\s+số\s*:?\s*\d|\s+ngày\s+\d|\s+về\s|\s+v/v|\s+quy định\s|(?<![-–])(?!{_NATION_GOES_ON})\n|$)",
    re.IGNORECASE,
)
_OF_ASSEMBLY = re.compile(r"của quốc hội (?:nước|kh[oó][aá]) ", re.IGNORECASE)  # under the title of a law: who passed it
_NUMBERED = re.compile(r"\s*(?:luật\s+)?số\s*:?\s*(?=\d)", re.IGNORECASE)
_DATED = re.compile(r"\s*(?=ngày\s+\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Caption:
    """What a head says after its type: "của Chính phủ số 116/2003/NĐ-CP ngày 10/10/2003 về việc ...", each part a passage."""

    issuer: Passage | None
    number: tuple[str, Passage] | None
    day: tuple[date, Passage] | None
    title: Passage | None


def begins_body(text: str) -> bool:
    """Say whether a cell is the first one of a document's body."""
    return _BODY.match(tight(text[:40])) is not None or _ORDERS.match(text) is not None


def read_caption(cells: Sequence[Cell], rest: Passage | None, *, is_authority: Callable[[str], bool]) -> Caption:
    """Read the cells under a type line; `rest` is what its own line goes on to say.

    `is_authority` tells the line that names who issues the document ("THỦ TƯỚNG CHÍNH PHỦ"), which ends a title.
    """
    lines = _title_lines(cells, is_authority)
    said = _prefix(rest).title if rest else None
    if said and not in_capitals(said.text):  # a portal says it all in one line: "Thông tư số 57/2025/TT-BXD Công bố ..."
        lines = _continuing(said, lines)
    return _prefix(join([*([rest] if rest else []), *lines], between="\n") if rest or lines else Passage("", ()))


def read_repeated(cells: Sequence[Cell], title: Passage | None) -> tuple[str, Passage, Passage] | None:
    """Return number, its place and the title of a heading "LUẬT ... SỐ 82/2025/QH15" that stands again below without the number.

    A law that amends another has the other's number at the end of its title; it is the same in both places.
    """
    numbers = find_numbers(title.text) if title else ()
    if (
        title is None
        or not numbers
        or numbers[-1].end < len(title.text)
        or not _LAST_NUMBER.search(title.text[: numbers[-1].start])
    ):
        return None
    last = numbers[-1]
    bare = title.part(0, title.text.lower().rindex("số", 0, last.start))
    whole, key = tight(join(cells).text), tight(bare.text)
    again = whole.find(key, whole.find(key) + len(key))
    if not key or again < 0 or whole.startswith("số", again + len(key)):
        return None
    return last.value, title.part(last.start, last.end), bare


def _continuing(said: Passage, lines: Sequence[Cell]) -> list[Cell]:
    """Return the first of `lines` that go on with the words `said`, in the middle of a sentence."""
    kept: list[Cell] = []
    last = said.text
    for line in lines:
        if not (goes_on(last) or (line.text[:1].islower() and not _FULL_STOP.search(last))):
            break
        kept.append(line)
        last = line.text
    return kept


def _prefix(whole: Passage) -> Caption:
    """Part issuer, number and date, in any order, from the title that they lead to."""
    issuer, number, day, place = None, None, None, 0
    for _ in range(4):  # the parts come in any order, each at most once
        before = place
        if (of := _OF.match(whole.text, place)) and issuer is None:
            issuer, place = whole.part(of.start("body"), of.end("body")), of.end()
        elif (numbered := _NUMBERED.match(whole.text, place)) and number is None:
            found = number_at_start(whole.part(numbered.end()))
            if found:
                number = (found[0], whole.part(numbered.end(), numbered.end() + found[1]))
                place = numbered.end() + found[1]
        elif (dated := _DATED.match(whole.text, place)) and day is None:
            at = date_at_start(whole.part(dated.end()))
            if at:
                day, place = (at[0], whole.part(dated.end(), dated.end() + at[1])), dated.end() + at[1]
        if place == before:
            break
    return Caption(issuer, number, day, _settled(whole.part(place)))


def _settled(passage: Passage) -> Passage | None:
    """Return a title in one line, without the mark at its end; None for an empty one."""
    text = passage.text.replace("\n", " ")
    end = len(text.rstrip(_EDGES))
    start = len(text) - len(text.lstrip(_EDGES))
    if _in_brackets(text[start:end]):  # "(V/v thành lập tổ)"
        start, end = start + 1, end - 1
    if text[start : start + 1] in _QUOTES and text[end - 1 : end] in _QUOTES and not set(text[start + 1 : end - 1]) & _QUOTES:
        start, end = start + 1, end - 1
    return Passage(text[start:end], passage.offsets[start:end]) if end > start + 2 else None


def _in_brackets(text: str) -> bool:
    """Say whether one pair of brackets holds the whole text."""
    depths = list(accumulate((letter == "(") - (letter == ")") for letter in text))
    return text[:1] == "(" and 0 not in depths[:-1] and depths[-1] == 0


def _title_lines(cells: Sequence[Cell], is_authority: Callable[[str], bool]) -> list[Cell]:
    """Return the cells from the first one on that belong to the title."""
    lines: list[Cell] = []
    for index, cell in enumerate(cells):
        last = lines[-1].text if lines else ""
        if begins_body(cell.text) or _ATTACHED.match(cell.text) or sum(len(line.text) for line in lines) > _LONGEST_TITLE:
            break
        if is_date_line(cell.text) or (not lines and is_number_box(cell)):
            continue
        if is_authority(cell.text) and not goes_on(last):
            break
        if lines and _OF_ASSEMBLY.match(cell.text) and not goes_on(last):
            break
        titled = [line for line in lines if not _is_issuer_alone(line.text)]  # "CỦA ỦY BAN NHÂN DÂN TỈNH" comes before the title
        if titled and not _belongs(titled, cell, cells[index : index + 12], is_authority):
            break
        lines.append(cell)
    return lines


def _is_issuer_alone(text: str) -> bool:
    found = _OF.match(text)
    return found is not None and found.end() == len(text)


def _belongs(lines: Sequence[Cell], cell: Cell, ahead: Sequence[Cell], is_authority: Callable[[str], bool]) -> bool:
    """Say whether `cell` goes on with the title of `lines`, and is not the first paragraph of the body."""
    last = lines[-1].text
    if cell.ruled_before:
        return False
    small = cell.text[:1].islower()
    if goes_on(last) or (small and not _FULL_STOP.search(last)) or (_HALF_DATE.search(last) and cell.text[:1].isdigit()):
        return True
    if in_capitals("".join(line.text for line in lines)):
        return in_capitals(cell.text)
    if in_capitals(cell.text) and len(syllables(cell.text)) > 3:
        return not cell.blank_before
    if cell.blank_before or _SENTENCE_END.search(last) or _PARAGRAPH.match(cell.text):
        return False
    return not _is_paragraph(ahead, is_authority)


def _is_paragraph(ahead: Sequence[Cell], is_authority: Callable[[str], bool]) -> bool:
    """Say whether a sentence ends before the body's first mark: "Luật này đã được Quốc hội thông qua." is not of a title."""
    for index, cell in enumerate(ahead):
        if index and (begins_body(cell.text) or cell.ruled_before or cell.blank_before or is_authority(cell.text)):
            return False
        if index and _PARAGRAPH.match(cell.text):
            return False
        if len(cell.text) > 350:
            return True
        if _SENTENCE_END.search(cell.text):
            following = ahead[index + 1] if index + 1 < len(ahead) else None
            return following is None or not (
                begins_body(following.text) or following.ruled_before or is_authority(following.text)
            )
    return False


def goes_on_about(last: Cell, cell: Cell) -> bool:
    """Say whether `cell` goes on with the "V/v ..." of `last`; a type line in capitals below it does not."""
    if _ABOUT.fullmatch(last.text):
        return True
    if in_capitals(cell.text) and not in_capitals(last.text):
        return False
    parted = cell.opens or cell.ruled_before or cell.blank_before
    return not parted or cell.text[:1].islower() or goes_on(last.text)


def read_about(letterhead: Sequence[tuple[Cell, Box]]) -> Passage | None:
    """Return the title of an official letter: "V/v" and what follows in its column, other boxes between its lines left out."""
    lines = [cell for cell, box in letterhead if box is Box.ABOUT]
    for (cell, box), (_, before) in zip(letterhead[1:], letterhead, strict=False):
        if lines and box is Box.BODY_NAME and before in (Box.DATE, Box.NATION) and cell.offsets[0] > lines[-1].offsets[0]:
            if not cell.text[:1].islower() or len(lines) > _ABOUT_CELLS:
                break
            lines.append(cell)  # columns row by row: "V/v triển khai" | "Hà Nội, ngày ..." / "kế hoạch năm 2024"
    return _settled(join(lines)) if lines else None
