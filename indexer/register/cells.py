"""One cell of a register, read as what its column holds. A cell that cannot be that raises BadCell with the reason.

Nothing is guessed: an empty cell or a database's empty date is None, and so is a type that is not known.
"""

import re
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from analyzers.normalise import INVISIBLE, nfc, repair
from indexer.register.tables import document_types, folded, position_words, wordings

HANOI = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
MAX_CELL = 20_000  # characters; the longest real title has 1,900
_YEARS = range(1900, 2200)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?)?", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: (?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)?", re.ASCII)
_DATE_FORMS = "2022-03-23, 2022-03-23T08:00:00+07:00 hoặc 23/03/2022"
_UNPRINTABLE = re.compile(f"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f{INVISIBLE}]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MARK = re.compile(r"\s*([/\-\u2010\u2011\u2013])\s*")
_SYMBOL = re.compile(r"\d[\d.]{0,9}[a-zA-Z]?(?:[/-](?:19|20)\d\d)?[/-](\S.*)", re.ASCII)
_SEVERAL = re.compile(r"\s*[;|\n\r]\s*|,\s*(?=https?://)")
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


class BadCell(ValueError):
    """A cell that cannot be what its column holds; the message is Vietnamese."""


def text_of(value: Any) -> str:
    """Return a CSV or JSON value as settled text: NFC, single spaces, nothing unprintable; "" for none."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise BadCell("cần một chuỗi hoặc một số")
    text = value if isinstance(value, str) else str(value)
    if len(text) > MAX_CELL:
        raise BadCell(f"dài hơn {MAX_CELL:,} ký tự")
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    if _SURROGATE.search(text):
        raise BadCell("có nửa ký tự Unicode (surrogate) đứng lẻ")
    return nfc(" ".join(_UNPRINTABLE.sub("", nfc(text)).split()))


@lru_cache(maxsize=65536)
def date_of(text: str) -> date | None:
    """Return the day that `text` names, in Hanoi where it states a time zone; None where a database means "no date"."""
    if not text or text in wordings("date"):
        return None
    if match := _ISO.fullmatch(text):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
    elif match := _DAY_FIRST.fullmatch(text):
        day, month, year = int(match[1]), int(match[2]), int(match[3])
    else:
        raise BadCell(f"không phải là ngày; viết {_DATE_FORMS}")
    try:
        read = date(year, month, day)
        if match.re is _ISO and len(text) > 10:
            moment = datetime.fromisoformat(text)  # checks the time of day also where there is no zone
            read = (moment.astimezone(HANOI) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError) as error:
        raise BadCell("không có ngày này trong lịch") from error
    if f"{read.day:02}/{read.month:02}/{read.year:04}" in wordings("date"):
        return None
    if read.year not in _YEARS:
        raise BadCell(f"năm phải từ {_YEARS.start} đến {_YEARS.stop - 1}")
    return read


def number_of(text: str) -> str:
    """Return a document number without moved spaces and look-alike letters: "1977 /QÐ-UBND" → 1977/QĐ-UBND."""
    return _MARK.sub(r"\1", repair(text))


def symbol_of(number: str) -> str | None:
    """Return the symbol of a number, None where its form does not show one: 30/2020/NĐ-CP → NĐ-CP."""
    match = _SYMBOL.fullmatch(number)
    return match[1] if match else None


@lru_cache(maxsize=4096)
def type_of(text: str) -> str | None:
    """Return the known type that `text` opens with, None for none: "Quyết định của Chủ tịch UBND tỉnh" → Quyết định."""
    words = folded(text).split()
    for count in range(min(4, len(words)), 0, -1):
        known = document_types().get(" ".join(words[:count]))
        if known is not None:
            return known
    return None


@lru_cache(maxsize=4096)
def issuer_of(text: str) -> str:
    """Return an issuer with its leading abbreviation written out: "HĐND xã Kim Bon" → "Hội đồng nhân dân xã Kim Bon"."""
    first, space, rest = text.partition(" ")
    return wordings("issuer").get(folded(first), first) + space + rest


def title_of(title: str, number: str | None) -> str:
    """Return a title without the type and number that some registers put before it."""
    place = title.find(number) if number else -1
    before = folded(title[: max(place, 0)]).removesuffix("số").strip()
    if place < 0 or (before and before not in document_types()):
        return title
    return title[place + len(number or "") :].lstrip(" ,.:;-–") or title


@lru_cache(maxsize=4096)
def signer_of(text: str) -> tuple[str, str | None]:
    """Return (name, position) of "Phó Chủ tịch UBND tỉnh Hà Trung Chiến"; where no name remains, the text as it is."""
    words = text.replace(":", " ").replace(",", " ").split()
    start, place_may_follow = _after_position(words)
    if start == 0:
        return text, None
    names = len(words)
    while names > start and words[names - 1][0].isupper():
        names -= 1
    if place_may_follow and len(words) - names >= 5:
        names += 2  # "tỉnh Sơn La Nguyễn Văn A": a place has two syllables, a name two to four
    if not 2 <= len(words) - names <= 6:
        return text, None
    return " ".join(words[names:]), " ".join(words[:names])


def _after_position(words: list[str]) -> tuple[int, bool]:
    """Return how many leading words belong to the position, and whether a place's name may come next."""
    start, place_may_follow = 0, False
    while start < len(words):
        for count in (4, 3, 2, 1):
            known = position_words().get(folded(" ".join(words[start : start + count])))
            if known is not None and start + count <= len(words):
                start, place_may_follow = start + count, known
                break
        else:
            break
    return start, place_may_follow


def files_of(value: Any) -> tuple[str, ...]:
    """Return the names that the document's files may have on disk, from one cell or a JSON list of names and addresses."""
    items = value if isinstance(value, list) else _SEVERAL.split(value) if isinstance(value, str) else [value]
    names: dict[str, None] = {}
    for item in items:
        text = text_of(item)
        found = _names_in_address(text) if _ADDRESS.match(text) else _names_in_path(text)
        names.update(dict.fromkeys(name for name in found if name))
    return tuple(names)


def _names_in_address(address: str) -> tuple[str, ...]:
    """…/QD%201182.pdf → its last part; …/Download.aspx?FileUrl=https://…/36.pdf → the file in the query."""
    try:
        parts = urlsplit(address)
        queried = [decoded(nested).rpartition("/")[2] for _, nested in parse_qsl(parts.query, max_num_fields=50) if "." in nested]
    except ValueError as error:  # a bracket left open, too many fields
        raise BadCell("không phải là một địa chỉ hợp lệ") from error
    return tuple(queried) if queried else (decoded(parts.path.rpartition("/")[2]),)


def _names_in_path(path: str) -> tuple[str, ...]:
    """2026_44_94/2025/L-CTN.doc: the slashes part folders, or stand in a name that a disk cannot hold as it is."""
    name = path.replace("\\", "/").rpartition("/")[2]
    return (name,) if name == path else (name, path.replace("/", "_"), path.replace("/", "-"))


def decoded(name: str) -> str:
    """Return a file name without percent signs, as it is where they stand for no UTF-8."""
    try:
        return nfc(unquote(name, errors="strict"))
    except UnicodeDecodeError:
        return nfc(name)
