"""Document numbers, full dates and provision references in running text and in queries.

Every pattern is bounded and can match in one way only, so time grows with the text's length and with nothing else.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple

from analyzers.accents import fold
from analyzers.normalise import INVISIBLE, LOOKALIKES, repair
from analyzers.tables import rows


class NumberMatch(NamedTuple):
    """A document number at `text[start:end]`; `value` is it without moved spaces and look-alike letters: 36/2025/QĐ-UBND."""

    start: int
    end: int
    value: str


class DateMatch(NamedTuple):
    """A day of the calendar written at `text[start:end]`."""

    start: int
    end: int
    date: date


class ProvisionMatch(NamedTuple):
    """A provision named at `text[start:end]`; `anchor` is its normal form, from the article down: dieu-15-khoan-2-diem-a."""

    start: int
    end: int
    anchor: str


class _Near(NamedTuple):
    """Where matches are: each has a match of `sign` in it, its `head` at most `back` characters before that.

    Signs are few and quickly found: trying a whole pattern at every character of a text takes three to ten times as long.
    """

    sign: re.Pattern[str]
    head: re.Pattern[str]
    back: int

    def matches(self, pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
        """Yield what `pattern.finditer(text)` does."""
        done = 0
        for sign in self.sign.finditer(text):
            for head in self.head.finditer(text, max(done, sign.start() - self.back), sign.end()):
                if match := pattern.match(text, head.start()):
                    yield match
                    done = match.end()
                    break


# --- document numbers -------------------------------------------------------------------------------------------------

_CAPITAL: Final = "A-ZĐƯ" + "".join(found for found, meant in LOOKALIKES.items() if meant in "ABCDEFGHIJKLMNOPQRSTUVWXYZĐ")
_ANY_CASE: Final = "A-Za-zĐđƯư" + "".join(found for found, meant in LOOKALIKES.items() if meant.isalpha())
_HYPHEN: Final = "\u2010\u2011\u2013\u2212_-"  # hyphen, non-breaking hyphen, en dash, minus, _ and the plain one: NĐ–CP, NĐ_CP
_GAP: Final = rf"[\s{INVISIBLE}]{{0,2}}"
_SLASH: Final = rf"{_GAP}/{_GAP}"
_START: Final = r"(?<![0-9A-Za-z])(?<![0-9][.,:/_-])"  # số111/2008 may start, 2012/BYT in QCVN 08:2012/BYT may not
_FIRST: Final = r"\d{1,5}(?:\.\d{1,3})?[A-Za-z]?"  # 30, 66.13, 1.182, 158B
_YEAR: Final = r"(?:19|20)\d\d"
_PART: Final = rf"[{_CAPITAL}](?:[{_CAPITAL}0-9]|(?<=T)(?:r|t?g)|(?<=C)tr|(?<=Q)y){{0,15}}"  # BTNMT, QH14, L; TTg, TTr, QyĐ

_NUMBER: Final = re.compile(
    rf"""{_START}{_FIRST}
    (?: (?:{_SLASH}|[{_HYPHEN}]) {_YEAR} (?:{_SLASH}|[{_HYPHEN}])                # 01 /2018/TT-VPCP, 19-2016/NQ-CP
      | (?:{_SLASH}|[{_HYPHEN}]) (?=[{_CAPITAL}](?:[{_CAPITAL}/{_HYPHEN}]|tr|y))  # 27/CP, 18-L/CTN, 12/Ctr-UBND; not 12-A
    )
    {_PART}
    (?: (?:[ ]?[{_HYPHEN}]{_GAP}|[/&,]) {_PART} )?                               # 3003/QĐ - BYT, 18/2022/NQ- HĐND
    (?: (?:[{_HYPHEN}]{_GAP}|[/&,]) {_PART} ){{0,15}}                            # TTLT-BTC-BTP, BGD&ĐT
    (?: [{_HYPHEN}]\d{{3}} )?                                                    # 102-SL/L-004
    (?![^\W_])""",
    re.VERBOSE,
)
# The last figure before the first / or hyphen.
_NEAR_NUMBER: Final = _Near(re.compile(rf"\d(?=[A-Za-z]?(?:{_GAP}/|[{_HYPHEN}]))"), re.compile(r"\d"), len("66666.666") - 1)
_MOVED: Final = re.compile(r"\s+")
_HYPHENS: Final = re.compile(f"[{_HYPHEN}]")


def find_numbers(text: str) -> tuple[NumberMatch, ...]:
    """Return the document numbers of running text in order; their symbols must be in capitals, as they are printed.

    >>> [match.value for match in find_numbers("Số: 36 /2025/QĐ- UBND thay thế 3003/QĐ - BYT, trong 24/7 ngày")]
    ['36/2025/QĐ-UBND', '3003/QĐ-BYT']
    """
    return tuple(NumberMatch(m.start(), m.end(), _printed(m.group())) for m in _NEAR_NUMBER.matches(_NUMBER, text))


def _printed(number: str) -> str:
    return _HYPHENS.sub("-", _MOVED.sub("", repair(number)))


_QUERY_HEAD: Final = re.compile(rf"{_START}{_FIRST}(?P<year>\s{{0,3}}[/{_HYPHEN}]\s{{0,3}}{_YEAR}(?!\d))?")
_QUERY_PART: Final = re.compile(
    rf"(?P<before>\s{{0,3}})(?P<mark>[/&,{_HYPHEN}])(?P<after>\s{{0,3}})(?P<part>[{_ANY_CASE}][{_ANY_CASE}0-9]{{0,31}})(?![^\W_])"
)
_PARTS_AT_MOST: Final = 16
# 12.2025.QĐ-UBND, 30.2020.nd-cp: with a hyphen behind, or what follows may be a sum, or a sentence
_DOTTED: Final = re.compile(rf"{_START}(\d{{1,5}})\.({_YEAR})\.(?=[{_ANY_CASE}]{{1,6}}[{_HYPHEN}][{_ANY_CASE}])")
# nd30/2020
_GLUED: Final = re.compile(r"(?<![^\W_])([nq][dđ]|ttlt|tt|nq|ct|tb|kh|cv|vbhn)(?=\d{1,5}(?:\s*[/-]|\s|$))", re.IGNORECASE)
_BACKSLASH: Final = re.compile(r"(?<=[0-9])\\(?=\w)")
# A Vietnamese syllable without accents: tang, nghi, gio. Abbreviations are not of this form: nd, qd, ubnd, ttg.
_SYLLABLE: Final = re.compile(
    r"(?:ngh?|[cgknpt]h|gi|qu|tr|[bcdđghklmnpqrstvx])?[aeiouưy]{1,3}(?:c|ch|m|n|ng|nh|p|t)?", re.IGNORECASE
)
_ONE_PART: Final = re.compile(rf"/\s{{0,3}}[{_ANY_CASE}]{{1,16}}\Z")
_SPACED_BODY: Final = re.compile(rf"\s{{1,3}}(?P<body>[{_ANY_CASE}]{{2,16}})(?![^\W_])")
_BODIES: Final = frozenset(fold(body).upper() for body, *_ in rows("analyzers", "symbol_bodies.tsv"))
# 5/2020 is a month and 1/2000 a scale after these: tháng 5/2020, quý 1/2022, tỷ lệ 1/2000
_NO_NUMBER_AFTER: Final = re.compile(r"(?:th[áa]ng|qu[ýy]|t[ỷỉiy] l[ệe])\s{0,3}$", re.IGNORECASE)


def parted_numbers(query: str) -> str:
    r"""Return a query with a space between a type and the number behind it, and with slashes that lean the right way.

    >>> parted_numbers("nd30/2020, QĐ1182 và QL1A"), parted_numbers(r"30\2020\NĐ-CP")
    ('nd 30/2020, QĐ 1182 và QL1A', '30/2020/NĐ-CP')
    """
    return _BACKSLASH.sub("/", _GLUED.sub(r"\1 ", query))


def read_number(query: str) -> NumberMatch | None:
    """Return the first document number of a query, typed in any letter case, without accents or with spaces; else None.

    `30/2020` alone is one, for people leave the symbol out; a month, a scale and `24/7` are not. `value` keeps letters as typed.

    >>> read_number("quyết định 1182 / qd - ubnd năm 2022").value
    '1182/qd-ubnd'
    """
    query = _DOTTED.sub(r"\1/\2/", query)
    for head in _QUERY_HEAD.finditer(query):
        end = _symbol_end(query, head)
        if end is not None:
            joined = _SPACED_BODY.match(query, end) if _ONE_PART.search(query, head.start(), end) else None
            if joined is None or fold(joined["body"]).upper() not in _BODIES:
                return NumberMatch(head.start(), end, _printed(query[head.start() : end]))
            return NumberMatch(head.start(), joined.end(), _printed(f"{query[head.start() : end]}-{joined['body']}"))
    return None


def _symbol_end(query: str, head: re.Match[str]) -> int | None:
    """Return where the number that begins with `head` ends; None when it is no document number."""
    end, abbreviated = head.end(), False
    for count in range(_PARTS_AT_MOST):
        part = _QUERY_PART.match(query, end)
        if part is None or not _joins(part, first=count == 0):
            break
        abbreviated = abbreviated or not _SYLLABLE.fullmatch(part["part"]) or part["part"].isupper()
        end = part.end()
    if head["year"]:
        alone = end == head.end()
        return None if alone and ("/" not in head["year"] or _is_month_or_scale(query, head.start())) else end
    return end if abbreviated else None


def _joins(part: re.Match[str], *, first: bool) -> bool:
    """Say whether the mark binds: a comma or & only without spaces, a spaced hyphen before an abbreviation or a known body."""
    spaces = bool(part["before"]) + bool(part["after"])
    if part["mark"] in ",&":
        return not spaces and not first
    return part["mark"] == "/" or spaces < 2 or not _SYLLABLE.fullmatch(part["part"]) or fold(part["part"]).upper() in _BODIES


def _is_month_or_scale(query: str, start: int) -> bool:
    return _NO_NUMBER_AFTER.search(query, max(0, start - 10), start) is not None


_SYMBOL: Final = rf"[{_ANY_CASE}]{{1,16}}(?:[/{_HYPHEN}][{_ANY_CASE}]{{1,16}}){{0,4}}"
_BARE: Final = re.compile(
    rf"\s*(?:s[ốo]\s{{0,3}}:?\s{{0,3}}|(?P<before>{_SYMBOL})\s{{1,3}})?(?P<figures>\d{{1,5}})(?:\s{{1,3}}(?P<after>{_SYMBOL}))?\s*",
    re.IGNORECASE,
)
_LONGEST_BEFORE: Final = 4  # letters of a part of the symbol
_BARE_OF_YEAR: Final = re.compile(
    r"\s*(?:(?:v[ăa]n b[ảa]n|c[ôo]ng v[ăa]n|th[ôo]ng b[áa]o)\s{1,3})?s[ốo]\s{0,3}:?\s{0,3}"
    rf"(\d{{1,5}})\s{{1,3}}n[ăa]m\s{{1,3}}({_YEAR})\s*",
    re.IGNORECASE,
)


def read_bare_number(query: str) -> str | None:
    """Return what a query that names nothing else says of a document number: its figures, with the symbol typed after them.

    A year is none, nor are figures beside words.

    >>> [read_bare_number(query) for query in ("1182", "qd 1182", "1182 qd-ubnd", "số 45 năm 2013", "2022", "điều 15")]
    ['1182', '1182', '1182/qd-ubnd', '45/2013', None, None]
    """
    if of_year := _BARE_OF_YEAR.fullmatch(query):
        return f"{of_year[1]}/{of_year[2]}"
    found = _BARE.fullmatch(query)
    if found is None or not all(_is_symbol(found[name]) for name in ("before", "after") if found[name]):
        return None
    if found["before"] and max(map(len, re.split(rf"[/{_HYPHEN}]", found["before"]))) > _LONGEST_BEFORE:  # Covid 19
        return None
    if _YEAR_ONLY.fullmatch(found["figures"]) and not found["after"]:
        return None
    return f"{found['figures']}/{_printed(found['after'])}" if found["after"] else found["figures"]


def _is_symbol(text: str) -> bool:
    parts = re.split(rf"[/{_HYPHEN}]", text)
    return any(not _SYLLABLE.fullmatch(part) or part.isupper() for part in parts)


_CHUNK: Final = re.compile(r"[^\W_]+")
_THOUSANDS: Final = re.compile(r"^(\d{1,2})\.(\d{3})(?!\d)")  # 1.182/QĐ-UBND; not 66.13/2026/NQ-CP
_LEADING_ZEROS: Final = re.compile(r"^0+(?=\d)")
_YEAR_ONLY: Final = re.compile(_YEAR)


def number_key(number: str) -> str:
    """Return the form in which numbers are compared: without accents, capitals, leading zeros and marks between letters.

    >>> {number_key(text) for text in ("42/2022/NĐCP", "42/2022/NĐ-CP", "042-2022 / nd-cp")}
    {'42-2022-ndcp'}
    """
    figures, symbol = _key_parts(number)
    return "-".join([*figures, "".join(symbol)] if symbol else figures)


def cut_key(number: str) -> str:
    """Return the key of all documents whose number begins as this one and goes on behind the first part of its symbol.

    >>> cut_key("1182/QĐ")
    '1182-qd-'
    """
    return f"{number_key(number)}-"


def number_keys(number: str, year: int | None) -> tuple[str, ...]:
    """Return every key under which a document is looked up, its full one first, each once.

    `year` is the year of issue, for numbers that do not state it. What only begins the symbol ends with a hyphen (`cut_key`).

    >>> number_keys("30/2020/NĐ-CP", 2020)
    ('30-2020-ndcp', '30-ndcp', '30-2020-nd-', '30-nd-', '30-2020', '30')
    >>> number_keys("1182/QĐ-UBND", 2022)
    ('1182-qdubnd', '1182-2022-qdubnd', '1182-qd-', '1182-2022-qd-', '1182-2022', '1182')
    """
    figures, parts = _key_parts(number)
    symbol = "".join(parts)
    if not figures:
        return (symbol,) if symbol else ()
    stated = len(figures) > 1 and _YEAR_ONLY.fullmatch(figures[-1]) is not None
    dated = figures if stated or year is None else [*figures, str(year)]
    symbols = (symbol, f"{parts[0]}-") if len(parts) > 1 else (symbol,) if symbol else ()
    forms = [[*known, each] for each in symbols for known in (figures, figures[:-1] if stated else dated)] or [figures]
    if stated or year is not None:
        forms.append(dated)
    forms.append(figures[:-1] if stated else figures)
    return tuple(dict.fromkeys("-".join(form) for form in forms))


def stated_year(number: str) -> int | None:
    """Return the year that a document number states.

    >>> stated_year("45/2013/QH13"), stated_year("1182/QĐ-UBND")
    (2013, None)
    """
    figures, _ = _key_parts(number)
    return int(figures[-1]) if len(figures) > 1 and _YEAR_ONLY.fullmatch(figures[-1]) else None


def _key_parts(number: str) -> tuple[list[str], list[str]]:
    """Split a number into its leading groups with figures (158b, 1999) and what marks part its symbol into (qd, ttg; qh14)."""
    plain = fold(repair(number)).lower()
    chunks = _CHUNK.findall(_THOUSANDS.sub(r"\1\2", plain.lstrip()))
    figures = next((place for place, chunk in enumerate(chunks) if not chunk[0].isdigit()), len(chunks))
    leading = [_LEADING_ZEROS.sub("", chunk) if place == 0 else chunk for place, chunk in enumerate(chunks[:figures])]
    return leading, chunks[figures:]


# --- dates ------------------------------------------------------------------------------------------------------------

# Letter cases are spelt out: with IGNORECASE the search takes four times as long.
_DATE: Final = re.compile(
    r"""(?<!\d)(?<!\d[./])(?:  # 31/12/2022 in 01/01/2022-31/12/2022, nothing in 192.168.1.2022
        (\d{1,2}) \s{1,3}[tT][hH][áÁaA][nN][gG]\s{1,3} (\d{1,2}) \s{1,3}[nN][ăĂaA][mM]\s{1,3} (\d{4}) (?!\d)
      | (\d{1,2}) ([./-]) (\d{1,2}) \5 (\d{4}) (?!\5?\d)  # 23/3/2022, 23.03.2022; above: 23 tháng 3 năm 2022
      | (\d{4})-(\d{2})-(\d{2}) (?![./-]?\d)  # 2022-03-23
    )""",
    re.VERBOSE,
)
# The last figure of the day, or of the year in ISO form.
_NEAR_DATE: Final = _Near(re.compile(r"\d(?=\s{1,3}[tT][hH]|[./-]\d{1,2}[./-]\d)"), re.compile(r"\d"), len("2022") - 1)
_DAY_BEFORE: Final = re.compile(r"ng[àa]y\s{1,3}$", re.IGNORECASE)


def find_dates(text: str) -> tuple[DateMatch, ...]:
    """Return the full dates of `text` in order, in words, in figures (day first) or in ISO form; 30/2/2022 is none.

    >>> [str(match.date) for match in find_dates("ngày 23 tháng 3 năm 2022; 30/2/2022; 01.01.2023; 2024-05-06")]
    ['2022-03-23', '2023-01-01', '2024-05-06']
    """
    found = ((_beginning(text, m), m.end(), _calendar_day(m)) for m in _NEAR_DATE.matches(_DATE, text))
    return tuple(DateMatch(start, end, day) for start, end, day in found if day is not None)


def find_no_days(text: str) -> tuple[str, ...]:
    """Return what is written as a full date and is in no calendar: a month of fewer days, or the 13th.

    >>> find_no_days("ngày 30/2/2022 và 28/2/2022; lô 12-34-2020")
    ('ngày 30/2/2022',)
    """
    found = ((match, *_year_month_day(match)[1:]) for match in _NEAR_DATE.matches(_DATE, text) if _calendar_day(match) is None)
    return tuple(text[_beginning(text, match) : match.end()] for match, month, day in found if month <= 13 and day <= 31)


def _beginning(text: str, match: re.Match[str]) -> int:
    """Take the word `ngày` before a date in."""
    before = _DAY_BEFORE.search(text, max(0, match.start() - 7), match.start())
    return before.start() if before else match.start()


def _year_month_day(match: re.Match[str]) -> tuple[int, int, int]:
    worded, figures, iso = match.group(3, 2, 1), match.group(7, 6, 4), match.group(8, 9, 10)
    year, month, day = map(int, next(parts for parts in (worded, figures, iso) if parts[0]))
    return year, month, day


def _calendar_day(match: re.Match[str]) -> date | None:
    year, month, day = _year_month_day(match)
    try:
        return date(year, month, day)
    except ValueError:  # 30/2/2022 is in no calendar, so it is no date
        return None


# --- provisions -------------------------------------------------------------------------------------------------------

_D: Final = "[đĐdD]"
_OF: Final = r"(?:\s{0,3},)?\s{1,3}(?:c[ủu]a\s{1,3})?"  # khoản 1, Điều 5; khoản 1 của Điều 5
_POINT: Final = rf"{_D}i[ểe]m\s{{1,3}}(?P<point%s>[a-zđ]\d?)(?!\w)"
_CLAUSE: Final = r"kho[ảa]n\s{1,3}(?P<clause%s>\d{1,3}[a-zđ]?)(?!\w)"
_ARTICLE: Final = rf"{_D}i[ềe]u\s{{1,3}}(?P<article>\d{{1,4}}[a-zđ]?)(?!\w)"
_PROVISION: Final = re.compile(
    rf"""\b(?:{_POINT % 1}{_OF})?(?:{_CLAUSE % 1}{_OF})?{_ARTICLE}
    (?:{_OF}{_CLAUSE % 2}(?:{_OF}{_POINT % 2})?(?!{_OF}{_D}i[ềe]u\s))?""",  # Điều 15 khoản 2; not Điều 15, khoản 2 Điều 16
    re.IGNORECASE | re.VERBOSE,
)
# The word Điều, with what IGNORECASE takes for an i, behind no more than `điểm` and `khoản` with everything between.
_NEAR_PROVISION: Final = _Near(
    re.compile(r"[đĐdD](?=[iIİı][ềỀeE][uU]\s{1,3}\d)"),
    re.compile(r"\b[đdk]", re.IGNORECASE),
    len("điểm   a1   ,   của   khoản   123a   ,   của   "),
)


def find_provisions(text: str) -> tuple[ProvisionMatch, ...]:
    """Return the references to articles in `text` in order, in any letter case, with or without accents.

    Point đ is written dd in the anchor, to differ from point d.

    >>> [match.anchor for match in find_provisions("điểm đ khoản 2 Điều 15, khoản 1, Điều 5; dieu 103 khoan 4")]
    ['dieu-15-khoan-2-diem-dd', 'dieu-5-khoan-1', 'dieu-103-khoan-4']
    """
    return tuple(ProvisionMatch(m.start(), m.end(), _anchor(m)) for m in _NEAR_PROVISION.matches(_PROVISION, text))


def _anchor(match: re.Match[str]) -> str:
    parts = [
        ("dieu", match["article"]),
        ("khoan", match["clause1"] or match["clause2"]),
        ("diem", match["point1"] or match["point2"]),
    ]
    return "-".join(f"{name}-{label.lower().replace('đ', 'dd')}" for name, label in parts if label)
