"""The issuing body: read from the letterhead, whose upper line is its parent, else from lines that name it in other places."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.legal.cells import Cell, Passage, join
from indexer.legal.naming import (
    begins_known_body,
    body_of_code,
    head_length,
    is_unit,
    known_body,
    leading_known_body,
    place_head,
    settle_name,
    write_out,
)
from indexer.legal.wording import goes_on, in_capitals, syllables

ASSEMBLY, PRESIDENT = "Quốc hội", "Chủ tịch nước"
_LONGEST_LINE = 160
_WORD = re.compile(r"[^\W\d_]{2}")  # OCR makes lone letters of stains
# Lines of a letterhead's column that name no body: "Khóa XI, kỳ họp thứ 8", "Cơ quan phát hành: ..."
_NO_BODY = re.compile(
    r"kh[oó][aá] |kỳ họp|\(|.*:|.*\d{3}|[a-z]{1,4}\d+$|luật|nghị|quyết|hỏa tốc|thượng khẩn|khẩn$|mật$|tối mật|dự thảo|\W*đến$"
    r"|sao y|liên tịch$|cơ sở dữ liệu|[-–/]\w{1,6}$",  # the end of a number that a stamp covers
    re.IGNORECASE,
)
_NATION = re.compile(r" nước (?:Cộng h[oò][àa] xã hội chủ nghĩa|Việt Nam dân chủ).*", re.IGNORECASE)  # QUỐC HỘI NƯỚC CỘNG HÒA ...
_SYLLABLE = re.compile(r"[^\W_]+")
_SAYS_MORE = 4  # syllables behind a body's name from which on a line is a sentence
_PARTS_OF_NAMES = ("khu vực", "nước", "chuyên ngành")  # Kiểm toán Nhà nước khu vực IV
_JOINT = re.compile(r"(?:\s?[-–—;]\s?|, ?)(?=(\S+(?: \S+){0,2}))")  # "BỘ TÀI CHÍNH- BỘ NỘI VỤ"; a body's name must follow
_JOINING = re.compile(r" ?[-–—] ?|, ?")
_PLACE = re.compile(r" (?:tỉnh|thành phố|huyện|quận|thị xã|thị trấn|xã|phường|đặc khu) (?!hội |ủy |uỷ ).+")
_PARTY = frozenset(syllables(name) for name in ("Đảng bộ", "Đảng ủy", "Tỉnh ủy", "Thành ủy", "Huyện ủy", "Thị ủy", "Quận ủy"))
_COUNCILS = frozenset((("ủy", "ban", "nhân", "dân"), ("hội", "đồng", "nhân", "dân")))
# "Bộ trưởng Bộ Tài chính ban hành Thông tư", "Chính phủ ban hành Nghị định", "Quốc hội ban hành Luật"
_OFFICE = re.compile(
    r"(?:bộ trưởng|chủ tịch|giám đốc|tổng giám đốc|thống đốc|cục trưởng|chi cục trưởng|chánh án|viện trưởng) ", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Issuer:
    """The issuing bodies in order, where they were read, and how sure that is."""

    names: tuple[str, ...]
    span: tuple[int, int]
    confidence: float
    parent: str | None = None  # the body above it, where the letterhead names one
    parent_span: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        """All bodies, "; " between them."""
        return "; ".join(self.names)


def read_letterhead(cells: Sequence[Cell], *, joint: bool) -> Issuer | None:
    """Return the body that the letterhead's cells name: the lowest one, or all when the document is issued jointly.

    "BỘ TÀI CHÍNH" / "CỤC THUẾ" is Cục Thuế under Bộ Tài chính; "ỦY BAN NHÂN DÂN" / "TỈNH AN GIANG" is one body.
    """
    bodies = [part for body in _bodies(cells) for part in _joined_bodies(body)]
    named: dict[str, Passage] = {}
    for body in bodies:
        named.setdefault(_full_name(body.text), body)
    names = list(named)
    if not names:
        return None
    if joint or len(_joined_bodies(_bodies(cells)[-1])) > 1:
        passage = join(list(named.values()))
        return Issuer(tuple(names), passage.span(), 0.9)
    parent: str | None = None
    whole, place = names[0], _place_of(names[0])
    for name in names[1:]:
        parent, whole = whole, _under(name, whole, place)
        place = _place_of(whole) or place
    parent_span = named[names[-2]].span() if parent else None
    return Issuer((whole,), named[names[-1]].span(), 0.95, parent, parent_span)


def _bodies(cells: Sequence[Cell]) -> list[Passage]:
    """Return the bodies that the cells name, the lines of each one joined."""
    bodies: list[Passage] = []
    lines: list[Passage] = []
    for cell in _with_split_heads(cells):
        usable = len(cell.text) <= _LONGEST_LINE and _WORD.search(cell.text) is not None and not _NO_BODY.match(cell.text)
        usable = usable and not _is_sentence(cell.text)
        if usable and lines and _continues(join(lines).text, cell.text):
            lines.append(cell)
        elif usable and head_length(write_out(cell.text)):
            if lines:
                bodies.append(join(lines))
            lines = [cell]
        elif lines and not usable:
            bodies.append(join(lines))
            lines = []
    return [*bodies, join(lines)] if lines else bodies


def _is_sentence(text: str) -> bool:
    """Say whether a line says what a body does, or is a list's item: "Chính phủ thống nhất ...", "- Chi nhánh ngân hàng."."""
    if in_capitals(text):
        return False
    if text.endswith((".", ";")):
        return True
    count = leading_known_body(text)
    words = list(_SYLLABLE.finditer(text))
    if not count or len(words) - count < _SAYS_MORE:
        return False
    rest = text[words[count].start() :]
    return rest[0].islower() and place_head(rest) is None and not rest.startswith(_PARTS_OF_NAMES)


def _with_split_heads(cells: Sequence[Cell]) -> list[Passage]:
    """Join "QUỐC" and "HỘI", "VĂN" and "PHÒNG CHÍNH PHỦ": the word with which a name begins, parted by a line end."""
    joined: list[Passage] = []
    parted = False
    for cell in cells:
        if parted:
            joined[-1] = join((joined[-1], cell))
            parted = False
            continue
        joined.append(cell)
        following = cells[len(joined)] if len(joined) < len(cells) else None
        own = len(syllables(cell.text))
        parted = following is not None and not following.opens and own == 1 and head_length(f"{cell.text} {following.text}") > own
    return joined


def _continues(so_far: str, line: str) -> bool:
    """Say whether `line` goes on with the name `so_far`: TỈNH AN GIANG does after ỦY BAN NHÂN DÂN, CỤC THUẾ not after BỘ Y TẾ."""
    if in_capitals(so_far) and not in_capitals(line):
        return False
    if syllables(so_far) == syllables(line):
        return False  # a running head that repeats the letterhead
    words = syllables(line)
    if place_head(line) or goes_on(so_far) or words[:1] == ("và",) or line[:1] in "-–":
        return True
    together = f"{so_far} {line}"
    if known_body(together) or (begins_known_body(together) and not known_body(so_far)):
        return True
    bare = head_length(so_far) == len(syllables(so_far)) and not known_body(so_far)  # VĂN PHÒNG / CHÍNH PHỦ
    return bare or not head_length(write_out(line))


def _joined_bodies(body: Passage) -> list[Passage]:
    """Split "BỘ TƯ PHÁP - BỘ CÔNG AN" at the marks before which and after which a body's name stands."""
    cuts = [match for match in _JOINT.finditer(body.text) if head_length(write_out(match[1])) and not known_body(body.text)]
    starts = [0, *(cut.end() for cut in cuts)]
    ends = [*(cut.start() for cut in cuts), len(body.text)]
    parts = [body.part(start, end) for start, end in zip(starts, ends, strict=True) if end > start]
    return [named for part in parts for named in _ministries(part)]


def _ministries(part: Passage) -> list[Passage]:
    """Split "BỘ TÀI CHÍNH - CÔNG NGHIỆP" where what follows a ministry is another one's name without its first word."""
    if known_body(part.text) is None:
        for mark in _JOINING.finditer(part.text):
            if known_body(part.text[: mark.start()]) and known_body(f"Bộ {part.text[mark.end() :]}"):
                return [part.part(0, mark.start()), part.part(mark.end())]
    return [part]


def _full_name(text: str) -> str:
    if not head_length(write_out(text)) and (ministry := known_body(f"Bộ {text}")):
        return ministry
    whole = known_body(text)
    if whole and len(syllables(whole)) != len(syllables(text)):
        return whole  # BỘ VĂN HÓA, T HỂ THAO VÀ DU LỊCH
    return settle_name(_NATION.sub("", " ".join(text.split())))


def _under(name: str, parent: str, place: str) -> str:
    """Add to a unit what only the bodies above it say: Sở Xây dựng under UBND tỉnh Lạng Sơn is Sở Xây dựng tỉnh Lạng Sơn."""
    if whole := known_body(f"{name} {parent}"):  # HỘI ĐỒNG THẨM PHÁN under TÒA ÁN NHÂN DÂN TỐI CAO
        return whole
    words = syllables(name)
    of_party = syllables(parent)[:2] in _PARTY and words[:2] not in _PARTY and not _place_of(name)
    if of_party or len(words) == head_length(name):  # BAN CHẤP HÀNH of a Đảng bộ, VĂN PHÒNG alone
        return f"{name} {parent}"
    if not is_unit(name) or _place_of(name) or syllables(place)[-1:] == words[-1:]:
        return name
    return name + place


def _place_of(name: str) -> str:
    """Return what of a body's name says where it is, with the space before it, "" where nothing does."""
    found = _PLACE.search(name)
    return found.group() if found else ""


def lacks_place(issuer: Issuer) -> bool:
    """Say whether a people's committee or council is named without its place: "ỦY BAN NHÂN DÂN", "ỦY BAN NHÂN DÂN TỈNH"."""
    words = syllables(issuer.name)
    return words[:4] in _COUNCILS and (len(words) == 4 or place_head(" ".join(words[4:])) == " ".join(words[4:]))


def read_issuer_phrase(passage: Passage, confidence: float) -> Issuer | None:
    """Return the body that a phrase names, an office before it or not: "BỘ TRƯỞNG BỘ TÀI CHÍNH", "Ủy ban nhân dân tỉnh"."""
    if syllables(passage.text)[:3] == ("chủ", "tịch", "nước"):
        return Issuer((PRESIDENT,), passage.span(), confidence)
    office = _OFFICE.match(passage.text)
    body = passage.part(office.end()) if office else passage
    if not body.text or len(body.text) > _LONGEST_LINE or not head_length(write_out(body.text)):
        return None
    return Issuer(tuple(_full_name(part.text) for part in _joined_bodies(body)), body.span(), confidence)


def issuer_of_symbol(symbol: str, span: tuple[int, int]) -> Issuer | None:
    """Return the body that a symbol names by its abbreviation: Chính phủ for NĐ-CP, Quốc hội for QH15, none for QĐ-UBND."""
    codes = re.findall(r"[^\W\d_]+", symbol)
    for code in reversed(codes):
        body = body_of_code(code)
        if body is not None:
            return Issuer((body,), span, 0.6)
    return None
