"""Which body a cited document is of: "Quyết định số 20/2020/QĐ-UBND ngày 01/6/2020 của Ủy ban nhân dân tỉnh Lạng Sơn".

Every province has a decision of that number and year, so the body tells which one is meant. It stands behind the citation, behind
the list in which that stands, or in the words that announce the list; where none is named, the document speaks of its own.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from analyzers.normalise import settle_tone
from indexer.legal.body_key import COUNCIL_NAMES, OFFICE, has_one_body
from indexer.legal.citations import Outline
from indexer.legal.naming import leading_known_body, settle_name
from indexer.model import Citation, Level

_WORD = re.compile(r"[^\W_]+")
_OF = re.compile(r"\s{0,3},?\s{0,3}(?<![^\W_])(?:của|do)\s{1,3}", re.IGNORECASE)
_COUNCIL = r"(?:(?:Ủy|Uỷ)\s{1,3}ban\s{1,3}nhân\s{1,3}dân|UBND|Hội\s{1,3}đồng\s{1,3}nhân\s{1,3}dân|HĐND)(?![^\W_])"
_COUNCILS = re.compile(rf"{_COUNCIL}(?:\s{{0,3}}(?:,|và)\s{{1,3}}{_COUNCIL})?", re.IGNORECASE)
_ANNOUNCED = re.compile(rf"(?:của|do)\s{{1,3}}(?:{OFFICE.pattern})?(?={_COUNCIL})", re.IGNORECASE)
_UNIT = re.compile(
    r",?\s{1,3}(?:-\s{1,3})?(?:tỉnh|thành\s{1,3}phố|TP\.?|huyện|quận|thị\s{1,3}xã|thị\s{1,3}trấn|xã|phường|đặc\s{1,3}khu)(?![^\W_])",
    re.IGNORECASE,
)
_NAME = re.compile(r"\s{1,3}(?:-\s{1,3})?(?P<word>[^\W_]+(?:['’-][^\W_]+){0,3})")
_REACH = 200  # characters within which a body's name ends
_LONGEST_NAME = 6  # words of a place's name
# A title behind a body that is named without its place: của Ủy ban nhân dân tỉnh Ban hành Quy chế
_TITLE = re.compile(
    r"\s{1,3}(?:Ban\s{1,3}hành|Quy\s{1,3}(?:định|chế)|Về|V/v|Sửa\s{1,3}đổi|Bổ\s{1,3}sung|Bãi\s{1,3}bỏ|Phê\s{1,3}duyệt|Hướng\s{1,3}dẫn"
    r"|Quyết\s{1,3}định|Nghị\s{1,3}quyết)(?![^\W_])",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"[^.;:()“”\"\n]{2,120}?(?=\s{1,3}(?:về|ban\s{1,3}hành|quy|qui|sửa|bổ|bãi|thay|phê|hướng|đã|có|được|bị|hết|trái|từ|kể|như|tại|để|trong|theo|thì"
    r"|là|sau|cho|này|ngày|trừ|và\s{1,3}(?:các\s{1,3})?(?:Quyết|Nghị|Thông|Chỉ))(?![^\W_])|[.;:()“”\"\n]|$)",
    re.IGNORECASE,
)
_BOTH = re.compile(rf"(?P<first>{COUNCIL_NAMES})(?:,| và) (?P<second>{COUNCIL_NAMES})(?P<place>.*)")
# các văn bản quy phạm pháp luật của; not "trách nhiệm của"
_DOCUMENTS = re.compile(
    r"\b(?:văn\s{1,3}bản|quyết\s{1,3}định|nghị\s{1,3}quyết|chỉ\s{1,3}thị)"
    r"(?:\s{1,3}(?:quy|qui|phạm|pháp|luật|sau|đây|dưới|trước)){0,6}\s{1,3}$",
    re.IGNORECASE,
)
_LONGEST_ANNOUNCED = 70
_LIST_MARK = re.compile(r"[^.;:\d“”\"]{0,80}:")
_JOINED = re.compile(r"\s{0,3}(?:,|;|,?\s{0,3}và)\s{0,3}(?:(?:các\s{1,3})?số\s{1,3})?")


def body_end(text: str, place: int, end: int) -> int | None:
    """Return where the known body ends that follows at `place`: của Ủy ban nhân dân tỉnh, do Bộ Tài chính; None for others."""
    end = min(end, place + _REACH)
    of = _OF.match(text, place, end)
    start = of.end() if of else place
    office = OFFICE.match(text, start, end) if of else None
    start = office.end() if office else start
    if council := _COUNCILS.match(text, start, end):
        return _units_end(text, council.end(), end)
    count = leading_known_body(text[start:end]) if of else 0
    if count:
        return start + [word.end() for word in _WORD.finditer(text[start:end])][count - 1]
    return None


def without_bodies(text: str) -> str:
    """Return `text` without the known bodies that it names with "của" or "do"."""
    kept, done = [], 0
    for of in _OF.finditer(text):
        end = body_end(text, of.start(), len(text)) if of.start() >= done else None
        if end is not None:
            kept.append(text[done : of.start()])
            done = end
    return " ".join([*kept, text[done:]])


def _units_end(text: str, place: int, end: int) -> int:
    """Return where the units of administration end that follow a council: "tỉnh", "huyện Cao Lộc, tỉnh Lạng Sơn"."""
    while unit := _UNIT.match(text, place, end):
        place = unit.end()
        for _ in range(_LONGEST_NAME):
            word = _NAME.match(text, place, end)
            if word is None or not (word["word"][0].isupper() or word["word"].isdigit()) or _TITLE.match(text, place, end):
                break
            place = word.end()
    return place


def cited_bodies(text: str, outline: Outline, citations: Sequence[Citation]) -> list[str | None]:
    """Return for each citation the body that its document is said to be of, in normal capitals; None where none is named.

    Where the symbol tells the body, none is asked for. A number of which one body alone is told is that body's in all the text.
    """
    found: list[str | None] = []
    following: str | None = None
    for index in range(len(citations) - 1, -1, -1):
        place = citations[index].end
        after = citations[index + 1].start if index + 1 < len(citations) else len(text)
        named = _named_at(text, place, min(after, place + _REACH))
        if named is not None:
            following = _settled(named)
        elif not (index + 1 < len(citations) and _JOINED.fullmatch(text, place, after)):
            following = None
        found.append(following)
    found.reverse()
    told = zip(citations, found, _announced(text, outline, citations), strict=True)
    return _told_once(citations, [_of_symbol(body or announced, cited.target.number or "") for cited, body, announced in told])


def _named_at(text: str, place: int, end: int) -> str | None:
    """Return the phrase at `place` that names a body, a known one or not."""
    known = body_end(text, place, end)
    if known is None and (unit := _UNIT.match(text, place, end)):  # Quyết định số 20/2020/QĐ-UBND tỉnh Lạng Sơn
        named = _units_end(text, place, end)
        known = named if named > unit.end() else None
    if known is None and (of := _OF.match(text, place, end)) and (of.group().split()[-1] == "của"):
        other = _OTHER.match(text, of.end(), end)
        known = other.end() if other else None
    return None if known is None else text[place:known]


def _settled(phrase: str) -> str:
    named = _OF.sub("", phrase, count=1) if _OF.match(phrase) else phrase
    name = settle_name(OFFICE.sub("", " ".join(named.split()), count=1))
    return " ".join(settle_tone(word) for word in name.split())


def _announced(text: str, outline: Outline, citations: Sequence[Citation]) -> Iterator[str | None]:
    """Yield for each citation the body named by what announces its list: "các Quyết định của Ủy ban nhân dân tỉnh sau đây:"."""
    lists = []
    for of in _ANNOUNCED.finditer(text):
        end = body_end(text, of.start(), len(text))
        listed = _DOCUMENTS.search(text, max(0, of.start() - _LONGEST_ANNOUNCED), of.start())
        if end is not None and listed and _LIST_MARK.match(text, end):
            unit = outline.units[next(outline.around(end))]
            if unit.level is not Level.DOCUMENT:
                lists.append((end, unit.end, _settled(text[of.start() : end])))
    open_lists: list[tuple[int, str]] = []
    upcoming = 0
    for citation in citations:
        while upcoming < len(lists) and lists[upcoming][0] <= citation.start:
            open_lists.append(lists[upcoming][1:])
            upcoming += 1
        while open_lists and open_lists[-1][0] <= citation.start:
            open_lists.pop()
        yield open_lists[-1][1] if open_lists else None


def _of_symbol(body: str | None, number: str) -> str | None:
    """Return which of two councils that are named together a number is of: Hội đồng nhân dân, Ủy ban nhân dân tỉnh."""
    if body is None or not number or has_one_body(number):
        return None
    both = _BOTH.fullmatch(body)
    if both is None:
        return body
    of_council = "HĐND" in number
    return next((name + both["place"] for name in both.group("first", "second") if name.startswith("Hội") is of_council), body)


def _told_once(citations: Sequence[Citation], bodies: Sequence[str | None]) -> list[str | None]:
    named: dict[str, dict[str, None]] = defaultdict(dict)
    for citation, body in zip(citations, bodies, strict=True):
        if body:
            named[citation.target.document][body] = None
    for names in named.values():
        for name, following in pairwise(sorted(names)):
            if following.startswith(name):  # "Ủy ban nhân dân tỉnh" beside "Ủy ban nhân dân tỉnh Lạng Sơn"
                del names[name]
    alone = {document: next(iter(names)) for document, names in named.items() if len(names) == 1}
    return [alone.get(citation.target.document, body) for citation, body in zip(citations, bodies, strict=True)]
