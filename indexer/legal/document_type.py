"""Document types (loại văn bản): the line that names one, and the abbreviation in a number that stands for one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analyzers.accents import fold
from analyzers.normalise import nfc, settle_tone
from analyzers.tables import rows
from indexer.legal.cells import Cell, join
from indexer.legal.wording import in_capitals, syllables, tight

OFFICIAL_LETTER = "Công văn"  # has neither a type line nor an abbreviation
CONSOLIDATED = "Văn bản hợp nhất"  # its type line is that of the document it consolidates
ADOPTED = ("Luật", "Bộ luật", "Nghị quyết", "Pháp lệnh", "Hiến pháp")  # by a vote, which their last sentence dates
LAWS = ("Luật", "Bộ luật", "Hiến pháp")  # which the National Assembly alone makes
PASSED = (*LAWS, "Pháp lệnh")  # of these that day is the day of issue, whatever the letterhead says

_ROWS = rows("indexer.legal", "document_types.tsv")
_BY_NAME = {tight(name): name for name, _, _ in _ROWS}
_BY_FOLDED_NAME = {fold(key): name for key, name in _BY_NAME.items()}  # QUYÉT ĐỊNH, THÔNG BẢO: what OCR makes of capitals
_BY_CODE = {code: name for name, code, _ in reversed(_ROWS) if code}  # the first row of an abbreviation wins: L is Luật
_LONGEST = max(len(name) for name in _BY_NAME)
_LINES_AT_MOST = 2  # "THÔNG TƯ" / "LIÊN TỊCH"
# what may follow the type in its own line: "NGHỊ ĐỊNH CỦA CHÍNH PHỦ", "LUẬT SỐ 18-L/CTN NGÀY 06/07/1993"
_GOES_ON = re.compile(r"\s+(?:của|số)\b", re.IGNORECASE)
# "LUẬTSỬA ĐỔI, BỔ SUNG": the line end is lost; only types that are whole lines in capitals
_GLUED = re.compile(
    "(?:" + "|".join(name.upper() for name in sorted(_BY_NAME.values(), key=len, reverse=True)) + r")(?=[^\W\d_])"
)
# "QUY CHẾ PHỐI HỢP": types that are not normative, whose titles say what they are of
_TITLED = re.compile("(?:" + "|".join(name.upper() for name, _, source in _ROWS if "phụ lục III" in source) + r")(?= [^\W\d_])")
_NAMED_LAW = re.compile(r"(?:BỘ LUẬT|LUẬT|PHÁP LỆNH)(?= [^\W\d_])")
_CODE = re.compile(r"[^\W\d_]+")
_FOOTNOTE = re.compile(
    r"(?<=[^\W\d_])\s{0,2}(?:\[\d{1,2}\]|\(\d{1,2}\)|\d{1,2})$"
)  # THÔNG TƯ1, NGHỊ ĐỊNH[1]: a consolidated text's note


@dataclass(frozen=True, slots=True)
class TypeLine:
    """A type line: its name in normal capitals, how many cells name it, and where the last of them goes on to say more."""

    name: str
    cells: int
    rest: int | None  # offset into the last cell's text; None where the line ends with the type


def named_type(text: str) -> str | None:
    """Return the type that `text` is the name of, in any letter case, spaced in any way.

    >>> named_type("N G H Ị  Q U Y Ế T"), named_type("Quyết định số")
    ('Nghị quyết', None)
    """
    if len(text) > 4 * _LONGEST:
        return None
    key = tight(text)
    return _BY_NAME.get(key) or (_BY_FOLDED_NAME.get(fold(key)) if in_capitals(text) else None)


def settled_type(printed: str) -> str:
    """Return a type that a register states by its name or its abbreviation in numbers; one that is neither in one spelling.

    >>> settled_type("NGHỊ QUYẾT"), settled_type("VB HN"), settled_type("NQ"), settled_type("Tập  san")
    ('Nghị quyết', 'Văn bản hợp nhất', 'Nghị quyết', 'Tập san')
    """
    printed = nfc(printed)
    known = named_type(printed) or _BY_CODE.get("".join(printed.split()).upper())
    return known or " ".join(settle_tone(word) for word in printed.split())


def read_type_line(cells: Sequence[Cell], index: int) -> TypeLine | None:
    """Return the type line that begins at cells[index], None where none does."""
    for count in range(_LINES_AT_MOST, 0, -1):
        lines = cells[index : index + count]
        if len(lines) < count or any(line.opens for line in lines[1:]):
            continue
        text = join(lines).text
        last = len(text) - len(lines[-1].text)  # where the last line begins
        goes_on = text.endswith(("-", "–"))  # "VĂN BẢN HỢP NHẤT -" / "BỘ NỘI VỤ" is a gazette's heading
        if (name := named_type(_FOOTNOTE.sub("", text))) and not goes_on:
            return TypeLine(name, count, None)
        found = _GOES_ON.search(text[: 2 * _LONGEST], last)
        if found and found.start() > last and (name := named_type(text[: found.start()])):
            return TypeLine(name, count, found.start() - last)
    glued = _GLUED.match(cells[index].text)
    return TypeLine(_BY_NAME[tight(glued.group())], 1, glued.end()) if glued else None


def read_law_line(cell: Cell) -> TypeLine | None:
    """Return the type line that says a law's title too: "LUẬT BƯU CHÍNH"."""
    found = _NAMED_LAW.match(cell.text) if in_capitals(cell.text) else None
    return TypeLine(_BY_NAME[tight(found.group())], 1, found.end()) if found else None


def read_titled_type(cell: Cell) -> TypeLine | None:
    """Return the type line in capitals that goes on with the title: "QUY CHẾ PHỐI HỢP", "GIẤY MỜI HỌP".

    A law's has its own reader; what follows "QUYẾT ĐỊNH" in its line is not always of the title.
    """
    found = _TITLED.match(cell.text) if in_capitals(cell.text) else None
    return TypeLine(_BY_NAME[tight(found.group())], 1, found.end()) if found else None


def is_joint(name: str) -> bool:
    """Say whether documents of this type have several issuers: Thông tư liên tịch, Thông tư liên bộ."""
    return "liên" in name.split()


def leading_type(text: str) -> str | None:
    """Return the type with which `text` begins: Luật for "Luật Cảnh vệ số 13/2017/QH14"."""
    words = syllables(text[:100])
    found = (_BY_NAME.get("".join(words[:count])) for count in range(4, 0, -1))
    return next((name for name in found if name), None)


def type_of_symbol(symbol: str) -> str | None:
    """Return the type that a number's symbol names: Nghị định for NĐ-CP; None for UBND-VX and QH15.

    >>> type_of_symbol("TTLT-BTC-BTP"), type_of_symbol("UBND-VX")
    ('Thông tư liên tịch', None)
    """
    codes = _CODE.findall(symbol)
    return _BY_CODE.get(symbol) or _BY_CODE.get(codes[0]) if codes else None  # L-CTN is an order, L/CTN a law
