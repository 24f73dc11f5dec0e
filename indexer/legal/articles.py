"""Lines that open an article, and lines that end one: divisions (Chương, Mục ...) and signature blocks.

Every pattern starts at the line's first character and repeats only within small bounds, so that a hostile line costs no more
than its length.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from indexer.legal.lines import Line
from indexer.legal.numerals import numeral
from indexer.legal.offices import AUTHORITY, leading_office, read_office
from indexer.model import Level

# Điều 5. | ĐIỀU 5 - | Điều 15a: | **Điều 6. Tên điều** | Điều 2[1]. | Điều 44 Quyền của phụ nữ | Đ iều 3. | Điều 1 2 .
# before 1997 also Điều II: | Điều thứ nhất.
_ARTICLE = re.compile(
    r"[*#_>“\"«„\s]{0,12}(?P<label>(?:Đ ?i ?ề ?u|Đ ?I ?Ề ?U)\s{0,4}"
    r"(?:(?P<number>\d{1,2} \d{1,2}(?=\s?[.:])|\d{1,4})(?P<letter>[a-zđ]?)"
    r"|(?:(?i:thứ )(?P<ordinal>[^\W\d_]{2,5}(?: [^\W\d_]{2,5}){0,2})|(?P<roman>[IVXL]{1,7}))(?=[* ]{0,4}(?:[.:–-]|$))))(?![\w/])"
    r"(?:\*{0,3}\s?\[\d{1,3}\])?[*\s]{0,6}(?P<end>[.:)–-]{0,4})[*\s]{0,6}(?P<rest>.*)",
    re.DOTALL,
)
_CITES = re.compile(r"[,;]|(?:của|và|hoặc|hay|thuộc|tại|đến|Luật|Bộ luật|Pháp lệnh|Nghị|Quyết định số|Thông tư|Hiến pháp)\b")
_LEADS_TO_CITATION = re.compile(
    r"(?:\b(?:tại|của|và|hoặc|theo|các|khoản \d{1,3}|điểm [a-zđ]|với|trong|từ|đến|quy định|bởi|là|sung|đổi|bỏ)|,)$"
)
# Chương II | Phần thứ nhất | MỤC 1. QUY ĐỊNH CHUNG | Chương III: Tên chương
_DIVISION = re.compile(
    r"[*#_\s]{0,12}(?P<label>(?P<word>phần) (?:thứ [^\W\d_]{2,5}|[ivxl]{1,6}|\d{1,2})"
    r"|(?P<word2>chương) (?:thứ [^\W\d_]{2,5}|[ivxlc]{1,8}|\d{1,3})[a-z]?"
    r"|(?P<word3>(?:tiểu )?mục) (?:[ivx]{1,6}|\d{1,3})[a-z]?)(?![^\W_])(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_RECIPIENTS = re.compile(r"[*_\s]{0,12}nơi (?:nhận|gửi)\s{0,3}(?::|$)", re.IGNORECASE)
_CLAUSE = re.compile(r"\d{1,2}[.)]|[a-zđ]\)|[-–+•]")
_UNFINISHED = re.compile(r"\b(?:ngày|tháng|năm|số|khoản|Điều|của|và)$")
_INDEX_ENTRY = re.compile(r"(?:khoản|điểm|chương|mục|tiểu mục|phần|phụ lục|điều)\b.{0,80}$", re.IGNORECASE)
_BLANK = re.compile(r"\.{5}|…{2}|_{5}")
_LEAST_CONTENTS = 3  # articles
_FARTHEST_ENTRY = 30  # lines looked at between two entries
_LONGEST_HEADING = 300
_LONGEST_DIVISION = 200
_LONGEST_OFFICE = 60
_DECORATION = " *_#"
_DIVISION_LEVELS = {"phần": Level.PART, "chương": Level.CHAPTER, "mục": Level.SECTION, "tiểu mục": Level.SUBSECTION}
_DIVISION_INITIALS = frozenset((*"pcmt*#_", ""))


@dataclass(frozen=True, slots=True)
class Opening:
    """A line that may open an article; `rest` is what follows the label on its line, `below` the index of the line after."""

    line: int
    below: int
    label: str
    number: int
    letter: str
    rest: str
    doubtful: bool  # only the order of the numbers can tell


@dataclass(frozen=True, slots=True)
class Division:
    """A line that heads a division of articles; `rest` is what of its title follows the label, `below` the line after."""

    line: int
    below: int
    level: Level
    label: str
    rest: str


def openings(lines: Sequence[Line]) -> list[Opening]:
    """Return the lines that may open an article; plain citations and entries of a table of contents are left out."""
    found: list[Opening] = []
    for index, line in enumerate(lines):
        text, below = line.text, index + 1
        if text.strip(_DECORATION).casefold() == "điều" and below < len(lines):
            text, below = f"{text} {lines[below].text}", below + 1  # Điều ⏎ 303. Hợp đồng bảo hiểm
        match = _ARTICLE.match(text)
        number = _number(match) if match else None
        if match is None or number is None or _is_contents_entry(text):
            continue
        rest = match["rest"].strip(_DECORATION)
        if not match["end"] and rest and (_CITES.match(rest) or not rest[0].isupper()):
            continue  # Điều 5 của Luật Đất đai quy định ...
        leads_here = index > 0 and _LEADS_TO_CITATION.search(lines[index - 1].text[-20:])
        doubtful = bool((not match["end"] and rest) or leads_here)
        label = " ".join(match["label"].split())
        found.append(Opening(index, below, label, number, match["letter"] or "", rest, doubtful))
    return found


def _number(match: re.Match[str]) -> int | None:
    if match["number"]:
        return int(match["number"].replace(" ", ""))
    return numeral(match["ordinal"] or match["roman"])


def is_contents(taken: Sequence[Opening], lines: Sequence[Line]) -> bool:
    """Return whether these articles only list what stands elsewhere: a table of contents, which has titles and no text.

    An article whose text follows the label at once ends in a full stop; an entry does not.
    """
    if len(taken) < _LEAST_CONTENTS:
        return False
    empty = 0
    for opening, following in pairwise(taken):
        between = [line.text for line in lines[opening.below : min(following.line, opening.line + _FARTHEST_ENTRY)]]
        empty += not opening.rest.endswith((".", ";")) and all(text.isupper() or _INDEX_ENTRY.match(text) for text in between)
    return empty >= 0.8 * (len(taken) - 1)


def is_no_text(taken: Sequence[Opening], lines: Sequence[Line]) -> bool:
    """Return whether an attached part's articles are a table of contents or a blank form: dots to write on in most of them."""
    blanks = 0
    for index, opening in enumerate(taken):
        end = taken[index + 1].line if index + 1 < len(taken) else len(lines)
        blanks += any(_BLANK.search(line.text) for line in lines[opening.line : min(end, opening.line + _FARTHEST_ENTRY)])
    return blanks > len(taken) / 2 or is_contents(taken, lines)


def division_at(lines: Sequence[Line], index: int) -> Division | None:
    """Return the Phần, Chương, Mục or Tiểu mục that line `index` heads; "Chương II của Luật này" heads none."""
    text, below = lines[index].text, index + 1
    if text[:1].casefold() not in _DIVISION_INITIALS:
        return None
    bare = text.strip(_DECORATION).casefold()
    if bare in ("phần", "chương", "mục") and below < len(lines):
        text, below = f"{text} {lines[below].text}", below + 1  # Chương ⏎ II: its number on the next line
    match = _DIVISION.match(text)
    if match is None or len(text) > _LONGEST_DIVISION:
        return None
    rest = match["rest"].strip(_DECORATION)
    titled = not rest or rest.isupper() or (rest[0] in ".:–-" and not rest.endswith((";", ",")))
    if not titled and not (rest[0] in "([" and rest[-1] in ")]"):  # Chương II (được bãi bỏ) | Chương II[3]
        return None
    if not rest.isupper() and index > 0 and _LEADS_TO_CITATION.search(lines[index - 1].text[-20:]):
        return None  # theo quy định tại ⏎ Chương II.
    word = (match["word"] or match["word2"] or match["word3"]).casefold()
    return Division(index, below, _DIVISION_LEVELS[word], " ".join(match["label"].split()), rest.strip(_DECORATION + ".:–-"))


def is_signature(text: str) -> bool:
    """Return whether the line belongs to a signature block: Nơi nhận: | TM. ỦY BAN NHÂN DÂN | TRƯỞNG PHÒNG."""
    if _RECIPIENTS.match(text):
        return True
    bare = text[:_LONGEST_OFFICE].strip(_DECORATION)
    in_capitals = len(text) < _LONGEST_OFFICE and text.isupper()
    if AUTHORITY.match(bare):
        return read_office(bare) is not None or (in_capitals and not bare.startswith("Q"))  # KT. and an office that no table has
    return in_capitals and leading_office(bare) > 0


def introduces_quotation(text: str) -> bool:
    """Return whether the line announces the wording of another document: "... được sửa đổi như sau:"."""
    return text.rstrip(" :").endswith("như sau")


def heading(opening: Opening, following: Sequence[str]) -> tuple[str, bool]:
    """Return the article's title, "" where its text follows the label at once, and whether clauses follow: then it is sure.

    A title is short and ends without a full stop; it may stand on the next line, or run on over lines that begin small.
    `following` are the next few lines of the article.
    """
    below = list(following)
    title = opening.rest
    if not title and below and not _CLAUSE.match(below[0]):
        title = below.pop(0)
    while title and below and (below[0][0].islower() or _UNFINISHED.search(title)) and not _CLAUSE.match(below[0]):
        title = f"{title} {below.pop(0)}"
    title = title.strip(_DECORATION)
    if len(title) > _LONGEST_HEADING or title.endswith((".", ";", ",")) or _CLAUSE.match(title):
        return "", False
    return title, bool(below and _CLAUSE.match(below[0]))


def _is_contents_entry(text: str) -> bool:
    """Điều 5. Tên điều ........ 12: dots or a tab before a page number."""
    entry = text.rstrip("0123456789")
    return len(text) - len(entry) in range(1, 5) and (entry.endswith("\t") or entry.rstrip().endswith(("....", "……")))
