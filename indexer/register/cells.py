"""One cell of a register, read as what its column holds. A cell that cannot be that raises BadCell with the reason.

Nothing is guessed: an empty cell, a database's empty date and an unknown status state nothing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from analyzers.normalise import INVISIBLE, nfc, repair
from indexer.legal.document_type import leading_type
from indexer.legal.naming import settle_name
from indexer.model import Kind, Visibility
from indexer.register.rows import DATE_FIELDS, SIGNER_WITH_POSITION
from indexer.register.tables import folded, position_words, wordings

# Fixed: Vietnam has kept it since 1975, and a bare server may have no time-zone database.
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
_SEVERAL = re.compile(r"[;|\n\r]|,(?=\s{0,3}https?://)")
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


class BadCell(ValueError):
    """A cell that cannot be what its column holds; the message is Vietnamese."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell states, by name of a RegisterRow's or LegalMetadata's field, and what is doubtful in it, "" for nothing."""

    stated: tuple[tuple[str, Any], ...]
    doubt: str = ""


def read_cell(target: str, text: str) -> Reading:
    """Read the settled, not empty `text` of a column that is mapped to `target`. Raises BadCell."""
    if target in DATE_FIELDS:
        day = date_of(text)
        return Reading(((target, day),)) if day else Reading((), f"`{text}` ở trường {target} được coi là ngày trống")
    if target == SIGNER_WITH_POSITION:
        return Reading(tuple(zip(("signer", "signer_position"), signer_of(text), strict=True)))
    if target == "type":
        return _read_type(text)
    if target == "status":
        known = wordings("status").get(folded(text))
        return Reading(((target, known),)) if known else Reading((), f"hiệu lực `{text[:60]}` chưa biết, bỏ qua")
    return Reading(((target, _READERS[target](text) if target in _READERS else text),))


def _read_type(text: str) -> Reading:
    known = type_of(text)
    if known is not None:
        return Reading((("type", known),))
    if any(letter.isdigit() for letter in text):  # a piece of a title or a number
        return Reading((), f"`{text[:60]}` không phải là loại văn bản, bỏ qua")
    return Reading((("type", text),), f"loại văn bản `{text[:60]}` chưa biết, giữ nguyên")


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
    text = nfc(text)
    if text.isprintable() and "  " not in text and text == text.strip():  # no white space but single spaces
        return text
    if _SURROGATE.search(text):
        raise BadCell("có nửa ký tự Unicode (surrogate) đứng lẻ")
    return nfc(" ".join(_UNPRINTABLE.sub("", text).split()))


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
    number = repair(text)
    return _MARK.sub(r"\1", number) if " " in number else number


@lru_cache(maxsize=4096)
def _shared(symbol: str) -> str:
    return symbol


def symbol_of(number: str) -> str | None:
    """Return the symbol of a number, None where its form does not show one: 30/2020/NĐ-CP → NĐ-CP."""
    match = _SYMBOL.fullmatch(number)
    return _shared(match[1]) if match else None  # a few hundred symbols serve all rows


def type_of(text: str) -> str | None:
    """Return the known type that `text` opens with, None for none: "Quyết định của Chủ tịch UBND tỉnh" → Quyết định."""
    return leading_type(text) or next((known for word, known in wordings("type").items() if folded(text).startswith(word)), None)


def title_of(title: str, number: str | None) -> str:
    """Return a title without the type and number that some registers put before it."""
    if number is None or (place := title.find(number)) < 0:
        return title
    before = folded(title[:place]).removesuffix("số").strip()
    if before and folded(type_of(before) or "") != before:
        return title
    rest = title[place + len(number) :].lstrip(" ,.:;-–")
    return rest[0].upper() + rest[1:] if rest else title


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
    if "?" not in address and "#" not in address:
        return (decoded(address.rpartition("/")[2]),)
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
        return nfc(unquote(name, errors="strict") if "%" in name else name)
    except UnicodeDecodeError:
        return nfc(name)


def _visibility(text: str) -> Visibility:
    return Visibility(_known_word("visibility", text))


def _kind(text: str) -> Kind:
    return Kind(_known_word("kind", text))


def _known_word(field: str, text: str) -> str:
    meant = wordings(field).get(folded(text))
    if meant is None:
        raise BadCell(f"phải là một trong: {', '.join(wordings(field))}")
    return meant


def _secrecy(text: str) -> str | None:
    return None if folded(text) in wordings("secrecy") else text  # what is not known to be open is closed


_READERS: Mapping[str, Callable[[str], str | None]] = {
    "number": number_of,
    "issuer": settle_name,
    "visibility": _visibility,
    "kind": _kind,
    "secrecy": _secrecy,
}
