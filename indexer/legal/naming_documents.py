"""Where a text names another document: by type and number, by the name of a law, or as itself (Nghị định này)."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from analyzers.citations import NumberMatch, find_dates, find_numbers
from analyzers.normalise import term
from analyzers.tables import rows
from indexer.model import Target

_NOT_CITED = ("Hợp đồng", "Biên bản", "Giấy", "Phiếu", "Bản")  # papers of one case, whose numbers are nobody's law
_NAMES = {name for name, _, _ in rows("indexer.legal", "document_types.tsv") if not name.startswith(_NOT_CITED)} | {"Công văn"}
_TYPES = tuple(sorted(_NAMES, key=len, reverse=True))
_CODES = frozenset(code.upper() for _, code, _ in rows("indexer.legal", "document_types.tsv") if code) | {"QH", "UBTVQH"}
TYPE_PATTERN = "|".join(re.escape(name).replace(r"\ ", r"\s{1,3}") for name in _TYPES)
# Nghị định số | THÔNG TƯ LIÊN TỊCH: | Luật số; just before a number
_TYPE_BEFORE = re.compile(rf"(?<![^\W_])(?P<type>{TYPE_PATTERN})\s{{0,3}}(?:số|Số|SỐ)?\s{{0,2}}:?\s{{0,3}}$", re.IGNORECASE)
_GOES_ON_BEFORE = re.compile(
    r"(?:,|;|\bvà|\bhoặc)\s{0,3}(?:số\s{1,3})?$"
)  # các Nghị định số 1/2020/NĐ-CP, 2/2020/NĐ-CP và số 3/2020/NĐ-CP
_NO_DOCUMENT_BEFORE = re.compile(r"(?:mẫu|biểu|phụ lục|bảng|hợp đồng|hóa đơn)\s{1,3}(?:số\s{0,3}:?\s{0,3})?$", re.IGNORECASE)
_FORMS = re.compile(r"\b(?:mẫu|biểu|phụ lục|bảng)\b", re.IGNORECASE)
_LONGEST_TYPE = 40  # characters looked at before a number
_LONGEST_LIST = 80  # characters between two numbers of a list
_YEAR_STATED = re.compile(r"[/-]((?:19|20)\d\d)[/-]")
_SYMBOL_CODE = re.compile(r"[^\W\d_]+")

_THIS = re.compile(
    rf"(?<![^\W_])(?P<type>{TYPE_PATTERN}|Quy\s{{1,3}}chế|Quy\s{{1,3}}định|Điều\s{{1,3}}lệ|Nội\s{{1,3}}quy)\s{{1,3}}này$",
    re.IGNORECASE,
)
_THIS_SIGN = re.compile(r"(?<=[\s])(?:này|NÀY)(?![^\W_])")

_LAW = re.compile(
    r"(?<![^\W_])(?<!háp\s)(?<!HÁP\s)(?P<type>Bộ\s{1,3}[Ll]uật|BỘ\s{1,3}LUẬT|Luật|LUẬT|Pháp\s{1,3}lệnh|PHÁP\s{1,3}LỆNH)(?=\s)"
)
_CONSTITUTION = re.compile(
    r"Hiến\s{1,3}pháp(?:\s{1,3}nước\s{1,3}Cộng\s{1,3}h(?:òa|oà)\s{1,3}xã\s{1,3}hội\s{1,3}chủ\s{1,3}nghĩa\s{1,3}Việt\s{1,3}Nam)?"
)
_WORD = re.compile(r"[^\W_]+")
_BETWEEN_WORDS = re.compile(r"[\s,\-–/(]{1,4}")
# Luật sửa đổi, bổ sung một số điều của (các) Luật ...
_AMENDING_LAW = re.compile(
    r"\s{1,3}sửa\s{1,3}đổi,?\s{1,3}(?:và\s{1,3})?bổ\s{1,3}sung\s[^.;:()\d“”\"]{0,100}?\bcủa\s{1,3}(?:các\s{1,3})?"
    r"(?=Luật|Bộ\s|Pháp\s)",
    re.IGNORECASE,
)
_ENACTED_BEFORE = re.compile(r"ban\s{1,3}hành\s{1,3}$")
# a law that no list names is known where its number, day or year follows: Luật Thủ đô ngày 21 tháng 11 năm 2012
_UNKNOWN_LAW = re.compile(
    r"\s{1,3}(?P<name>[^\W\d_][^.;:()\d“”\"]{2,120}?)(?=\s{1,3}(?:số\s{1,3}\d|ngày\s{1,3}\d|năm\s{1,3}(?:19|20)\d\d))"
)
_NO_NAME = re.compile(
    r"\b(?:[Ll]uật|[Nn]ghị|[Qq]uyết|[Pp]háp lệnh|này|theo|được|quy định|hiệu lực|ban hành|thông qua|từ|trước|sau|vào|khi)\b"
)
_NUMBER_AFTER = re.compile(r"\s{0,3}\(?\s{0,3}(?:luật\s{1,3})?(?:số\s{0,3}:?\s{0,3})?$", re.IGNORECASE)
_YEAR_AFTER = re.compile(r",?\s{1,3}(?:năm\s{1,3})?(?P<year>(?:19|20)\d\d)(?![\d/-]|\.\d)")
_DATE_AFTER = re.compile(r"\s{0,3}\(?,?\s{0,3}(?=(?:ban\s{1,3}hành\s{1,3})?ngày\s)", re.IGNORECASE)
_AMENDED_LAST = re.compile(r".{10,300}\b(?P<law>(?:Bộ luật|Luật|Pháp lệnh) .{2,200})$", re.IGNORECASE)
_LONGEST_DATE = 45
_LONGEST_ISSUED = 10  # characters of "ban hành " before the day
_AND_LAW = re.compile(r"\s{0,3}(?:,|\s(?:và|hoặc))\s{1,3}(?=Luật|Bộ\s|Pháp\s)")


@dataclass(frozen=True, slots=True)
class NamedDocument:
    """A document named at text[start:end]; `type_word` is what stands before này where it is the text's own document or part."""

    start: int
    end: int
    target: Target
    type_word: str = ""


def _lexicon() -> tuple[dict[tuple[str, ...], tuple[str, dict[int, str]]], frozenset[tuple[str, ...]]]:
    """Return the laws by the words of type and name, each with its printed name and its numbers by year; and all beginnings."""
    laws: dict[tuple[str, ...], tuple[str, dict[int, str]]] = {}
    for kind, name, numbers, _ in rows("indexer.legal", "laws.tsv"):
        words = tuple(term(word) for word in _WORD.findall(f"{kind} {name}"))
        years = Counter(number.split("/")[1] for number in numbers.split())  # two of one year: the year tells neither
        alone = {int(number.split("/")[1]): number for number in numbers.split() if years[number.split("/")[1]] == 1}
        laws[words] = (f"{kind} {name}", alone)
    return laws, frozenset(words[:length] for words in laws for length in range(1, len(words) + 1))


_LAWS, _BEGINNINGS = _lexicon()
_NUMBERS = dict(_LAWS.values())  # name → year → number
_BY_LOWER = {name.lower(): name for name in _TYPES}


def find_documents(text: str) -> list[NamedDocument]:
    """Return the documents that `text` names in order, none overlapping; which of them is the text's own is not judged."""
    numbers = find_numbers(text)
    starts = [number.start for number in numbers]
    found: list[NamedDocument] = []
    for law in _laws(text):
        after = bisect_right(starts, law.end - 1)
        number = numbers[after] if after < len(numbers) and _leads_to_number(text, law.end, numbers[after].start) else None
        found.append(_completed(text, law, number))
    found += _numbered(text, numbers)
    found += _own(text)
    return _apart(found)


def _apart(found: list[NamedDocument]) -> list[NamedDocument]:
    """Return the documents in order; of two that overlap, the one that begins first, else the longer."""
    apart: list[NamedDocument] = []
    for document in sorted(found, key=lambda document: (document.start, -document.end)):
        if not apart or document.start >= apart[-1].end:
            apart.append(document)
    return apart


# --- by type and number -----------------------------------------------------------------------------------------------


def _numbered(text: str, numbers: Sequence[NumberMatch]) -> Iterator[NamedDocument]:
    """Yield the documents that are named by number. A form or a contract has one, too: a type or a known symbol tells."""
    last: NamedDocument | None = None
    for number in numbers:
        if text.startswith("/", number.end) or "_" in text[number.start : number.end]:
            continue  # 54/1998/TTLT/Bộ GD&ĐT: cut short; Phu luc_17_2022_TT-BYT.doc: the name of a file
        if number.value.rpartition("/")[2] in _CODES:
            continue  # 36/2016/TT: cut short, too
        before = max(0, number.start - _LONGEST_TYPE)
        typed = _TYPE_BEFORE.search(text, before, number.start)
        if typed:
            start, name = typed.start("type"), _BY_LOWER[" ".join(typed["type"].lower().split())]
        elif last and _goes_on(text, last.end, number.start):
            start, name = number.start, last.target.name or ""
        elif _has_known_symbol(number.value) and not _NO_DOCUMENT_BEFORE.search(text, before, number.start):
            start, name = number.start, ""
        else:
            continue
        last = _dated(text, NamedDocument(start, number.end, _numbered_target(number.value, name)))
        yield last


def _goes_on(text: str, end: int, start: int) -> bool:
    """Say whether a number at `start` goes on with the list that a document ending at `end` is in; forms are another list."""
    near = start - end <= _LONGEST_LIST and _GOES_ON_BEFORE.search(text, end, start) is not None
    return near and _FORMS.search(text, end, start) is None


def _numbered_target(number: str, name: str) -> Target:
    stated = _YEAR_STATED.search(number)
    return Target(number=number, name=name or None, year=int(stated[1]) if stated else None)


def _has_known_symbol(number: str) -> bool:
    stated = _YEAR_STATED.search(number)
    code = _SYMBOL_CODE.match(number, stated.end()) if stated else None
    return code is not None and code.group().upper() in _CODES


def _dated(text: str, document: NamedDocument) -> NamedDocument:
    """Take the day in that follows a document: Nghị định số 1/2020/NĐ-CP ngày 5 tháng 3 năm 2020."""
    leads = _DATE_AFTER.match(text, document.end)
    if leads is None:
        return document
    days = find_dates(text[leads.end() : leads.end() + _LONGEST_DATE])
    if not days or days[0].start > _LONGEST_ISSUED:
        return document
    day = days[0].date
    if document.target.year not in (None, day.year):  # 19/2016/NQ-CP ngày 28 tháng 4 năm 2015: one of them is wrong
        return document
    target = replace(document.target, issued=day, year=day.year)
    return replace(document, end=leads.end() + days[0].end, target=target)


# --- laws by name -----------------------------------------------------------------------------------------------------


def _laws(text: str) -> Iterator[NamedDocument]:
    """Yield the laws that are named, without what follows the name."""
    done = 0
    for sign in _LAW.finditer(text):
        if sign.start() < done:
            continue
        law = _amending_law(text, sign) or _known_law(text, sign.start()) or _unknown_law(text, sign)
        if law:
            done = law.end
            yield law
    for sign in _CONSTITUTION.finditer(text):
        yield NamedDocument(sign.start(), sign.end(), Target(name="Hiến pháp"))


def _known_law(text: str, start: int) -> NamedDocument | None:
    """Return the law of the list whose name is the longest that stands at `start`."""
    words: tuple[str, ...] = ()
    place, found = start, None
    while word := _WORD.match(text, place):
        words += (term(word.group()),)
        if words not in _BEGINNINGS:
            break
        if words in _LAWS:
            found = NamedDocument(start, word.end(), Target(name=_LAWS[words][0]))
        between = _BETWEEN_WORDS.match(text, word.end())
        if between is None:
            break
        place = between.end()
    return found


def _amending_law(text: str, sign: re.Match[str]) -> NamedDocument | None:
    """Return a law that amends others and is named for them; in capitals, or where it is enacted, it is the text's own title."""
    amends = _AMENDING_LAW.match(text, sign.end())
    amended = _known_law(text, amends.end()) if amends else None
    if amended is None or sign["type"].isupper() or _ENACTED_BEFORE.search(text, max(0, sign.start() - 12), sign.start()):
        return None
    end = amended.end
    while (joined := _AND_LAW.match(text, end)) and (amended := _known_law(text, joined.end())):
        end = amended.end
    name = " ".join(text[sign.start() : end].split())
    return NamedDocument(sign.start(), end, Target(name=name[:1].upper() + name[1:]))


def _unknown_law(text: str, sign: re.Match[str]) -> NamedDocument | None:
    """Return a law that the list does not hold; its name ends where its number, day or year begins."""
    match = _UNKNOWN_LAW.match(text, sign.end())
    if match is None or not match["name"][0].isupper() or _NO_NAME.search(match["name"], 1):
        return None
    kind = " ".join(sign["type"].split()).capitalize()
    return NamedDocument(sign.start(), match.end("name"), Target(name=f"{kind} {' '.join(match['name'].split())}"))


def _leads_to_number(text: str, end: int, start: int) -> bool:
    return start - end <= _LONGEST_TYPE and _NUMBER_AFTER.fullmatch(text, end, start) is not None


def _completed(text: str, law: NamedDocument, number: NumberMatch | None) -> NamedDocument:
    """Take in what follows a law's name: its number, its day, or its year, by which a law of the list is known."""
    if number:
        stated = _numbered_target(number.value, law.target.name or "")
        if amended := _AMENDED_LAST.search(law.target.name or ""):
            inner = _known_law(amended["law"], 0)
            if inner and number.value in _NUMBERS[inner.target.name or ""].values():  # the number of the law that is amended
                stated = replace(stated, name=inner.target.name)
        return _dated(text, NamedDocument(law.start, number.end, stated))
    if year := _YEAR_AFTER.match(text, law.end):
        law = replace(law, end=year.end("year"), target=replace(law.target, year=int(year["year"])))
    else:
        law = _dated(text, law)
    known = _NUMBERS.get(law.target.name or "", {}).get(law.target.year or 0)
    return replace(law, target=replace(law.target, number=known)) if known else law


# --- the text's own document ------------------------------------------------------------------------------------------


def _own(text: str) -> Iterator[NamedDocument]:
    """Yield Nghị định này, Quy chế này."""
    for sign in _THIS_SIGN.finditer(text):
        match = _THIS.search(text, max(0, sign.start() - _LONGEST_TYPE), sign.end())
        if match:
            yield NamedDocument(match.start(), match.end(), Target(), " ".join(match["type"].lower().split()))
