"""The signature block: who signed, and in which office; not who is named in the text or in a form of an annex."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analyzers.normalise import normalise
from indexer.legal.cells import Cell, Passage, join, read_cells
from indexer.legal.naming import head_length, write_out
from indexer.legal.offices import POSITIONS, leading_office
from indexer.legal.tables import rows
from indexer.legal.title import begins_body
from indexer.legal.wording import capital_share, in_capitals, syllables

_ROWS = rows("positions")
_RANKS = {syllables(name) for kind, name, _ in _ROWS if kind == "rank"}
_SURNAMES = {normalise(name) for name, _ in rows("surnames")}

# TM. KT. TL. TUQ. Q., dotted or not, with a slash or spaces: "K/T CHỦ TỊCH", "tm . ubnd thành phố"
_AUTHORITY = re.compile(
    r"(?:T ?[./]? ?M|K ?[./]? ?T|T ?[./]? ?L|T ?[./]? ?U ?[./]? ?Q|T ?[./]? ?U ?[./]? ?N|Q) ?[./] ?\.?", re.IGNORECASE
)
_FIRST_WORDS = "|".join(sorted({re.escape(name.split()[0]) for name in POSITIONS.values()}))
# A line or column that may begin a signature block, looked for in the whole text; what it holds is looked at afterwards.
_ANCHOR = re.compile(rf"(?:^|\n|\t|\|| {{3,}})[ *]{{0,8}}(?={_AUTHORITY.pattern}|(?:{_FIRST_WORDS})\b)", re.IGNORECASE)
_BLOCK = 2_500  # characters from the office to the name, a list of recipients between them
_CELLS = 70
_ANCHORS_AT_MOST = 400
_LONGEST_OFFICE = 110
_SIGNED = re.compile(r"\(?(?:đã k[ýí]|k[ýí] tên|signed|k[ýí])", re.IGNORECASE)
_NAME_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")
_LONGEST_BODY_LINE = 140


@dataclass(frozen=True, slots=True)
class Signature:
    """One signer: the name in normal capitals, the office or None, and the span of each."""

    name: str
    span: tuple[int, int]
    position: str | None
    position_span: tuple[int, int]
    confidence: float


@dataclass(frozen=True, slots=True)
class _Office:
    """A line of offices: "KT. BỘ TRƯỞNG" acts for another, "THỨ TRƯỞNG" is the signer's own."""

    acts_for: bool
    position: str | None
    cell: Cell


def read_signatures(text: str, after: int, *, joint: bool) -> tuple[Signature, ...]:
    """Return the signature of the first signature block behind `after`; every signature of it when the document is issued jointly."""
    done = after
    for count, anchor in enumerate(_ANCHOR.finditer(text, after)):
        if count == _ANCHORS_AT_MOST:
            break
        if anchor.end() < done:
            continue
        cells = read_cells(text, anchor.end(), min(len(text), anchor.end() + _BLOCK), _CELLS)
        found = tuple(_signatures(cells)) if cells and _office(cells[0]) else ()
        if found:
            return found if joint else found[:1]
    return ()


def _office(cell: Cell) -> _Office | None:
    """Read a cell that is an office from its first word to its last: "KT. BỘ TRƯỞNG BỘ CÔNG AN", "PHÓ CHỦ TỊCH"."""
    text = cell.text
    if len(text) > _LONGEST_OFFICE:
        return None
    authority = _AUTHORITY.match(text)
    rest = text[authority.end() :].strip() if authority else text
    words = syllables(rest)
    count = leading_office(rest)
    if authority:
        of_body = head_length(write_out(rest)) > 0
        return _Office(True, POSITIONS.get(words[:count]), cell) if count or of_body else None
    whole = count == len(words)
    of_a_body = count > 0 and (in_capitals(text) or len(words) <= count + 9) and _is_body_of_office(words[count:], text)
    return (
        _Office(False, POSITIONS[words[:count]], cell)
        if count and (whole or of_a_body) and not text.endswith((".", ";", ":"))
        else None
    )


def _is_body_of_office(words: Sequence[str], text: str) -> bool:
    """CỤC TRƯỞNG CỤC HẢI QUAN: an office with its body; in small letters "Bộ trưởng Bộ Nội vụ" would be any line of a text."""
    return in_capitals(text) and head_length(" ".join(words)) > 0


def _signatures(cells: Sequence[Cell]) -> Iterator[Signature]:
    """Yield the names under the offices with which `cells` begin, each with the office last read before it."""
    offices: list[_Office] = []
    used = 0
    for index, cell in enumerate(cells):
        office = _office(cell)
        if office is not None:
            offices.append(office)
            continue
        near = index > 0 and (_office(cells[index - 1]) is not None or _SIGNED.match(cells[index - 1].text) is not None)
        name = _name(cell, near) or _split_name(cells[index : index + 2])
        if name is not None and offices:
            own = next((office for office in reversed(offices[used:]) if not office.acts_for), None)
            shown = own or next((office for office in reversed(offices) if office.position), None)
            position = (
                own.position if own else (shown.position if shown and len(offices) == 1 and not _acts_for_office(shown) else None)
            )
            where = (shown.cell if shown else cell).span()
            yield Signature(name.text, name.span(), position, where, 0.95 if near else 0.85)
            used = min(used + 1, len(offices))
        elif _ends_block(cell):
            return


def _acts_for_office(office: _Office) -> bool:
    """KT. BỘ TRƯỞNG is signed by another than the minister; Q. CỤC TRƯỞNG by the acting head."""
    return office.acts_for and not office.cell.text.upper().startswith("Q")


def _ends_block(cell: Cell) -> bool:
    text = cell.text
    recipients = text[:1] in "-+•–"
    return begins_body(text) and not text.lower().startswith("nơi nhận") or (len(text) > _LONGEST_BODY_LINE and not recipients)


def _name(cell: Passage, near: bool) -> Passage | None:
    """Return the person whose name the cell is; next to the office a rare family name will do."""
    words = list(_NAME_WORD.finditer(cell.text))
    skip = 0
    for count in (3, 2, 1):
        if len(words) > count + 1 and syllables(" ".join(word.group() for word in words[:count])) in _RANKS:
            skip = count
            break
    words = words[skip:]
    if not 2 <= len(words) <= 6 or len(cell.text) > 45:
        return None
    name = cell.part(words[0].start(), words[-1].end())
    trailing = cell.text[words[-1].end() :].strip(" .,*/")
    capitals = capital_share(name.text) > 0.9
    if trailing or _NOT_IN_NAMES.search(name.text) or not (capitals or all(word.group()[0].isupper() for word in words)):
        return None
    known = normalise(words[0].group()) in _SURNAMES
    if not known and not (near and not capitals and len(words) <= 4) or syllables(name.text)[:2] in _TWO_WORDS_OF_BODIES:
        return None
    return Passage(_cased(name.text), name.offsets) if capitals else name


_NOT_IN_NAMES = re.compile(r"[0-9:;()/]")
# Capitalised lines that begin like a family name: Văn phòng, Viện kiểm sát, Hà Nội
_TWO_WORDS_OF_BODIES = frozenset(
    tuple(pair.split())
    for pair in (
        "văn phòng", "hà nội", "hồ chí", "đà nẵng", "cao bằng", "hà tĩnh", "hà giang", "hà nam", "lai châu", "lâm đồng", "thái nguyên", "thái bình",
        "đồng nai", "đồng tháp", "ninh bình", "ninh thuận", "an giang", "kiên giang", "phú thọ", "la nga", "phương án", "văn bản", "văn thư",
        "kim ngạch", "lưu văn", "lưu vt", "giáp lai", "nông nghiệp", "công an", "nơi nhận", "cao đẳng", "ban nội", "thành phố", "ông bà", "thường trực",
        "văn hóa", "văn xã", "nông thôn", "hàng không", "hàng hải", "đoàn đại", "an ninh", "đoàn thanh", "kim loại", "quản lí", "ứng dụng", "hà nội,",
        "y tế", "đường bộ", "đường sắt", "tài chính", "phương tiện", "hạng mục", "ca mau", "cà mau",
    )
)  # fmt: skip


def _cased(name: str) -> str:
    return " ".join(word.capitalize() for word in name.split())


def _split_name(cells: Sequence[Cell]) -> Passage | None:
    """Return a name that two lines share: "Nguyễn Thị" / "Kim Ngân"."""
    if len(cells) < 2 or cells[1].opens or not all(1 <= len(syllables(cell.text)) <= 3 and len(cell.text) < 20 for cell in cells):
        return None
    if any(_office(cell) or cell.text[:1] in "-+•(" for cell in cells):
        return None
    return _name(join(cells), near=False)
