"""What a question says of the document beside its subject: the type that it begins with, and years."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from typing import Final

from analyzers.accents import fold, has_accents
from analyzers.citations import find_dates
from analyzers.tables import rows
from analyzers.tokenise import syllables

_SHORT: Final = {
    "nd": "Nghị định",
    "qd": "Quyết định",
    "nq": "Nghị quyết",
    "tt": "Thông tư",
    "ct": "Chỉ thị",
    "ttlt": "Thông tư liên tịch",
    "tt lt": "Thông tư liên tịch",
}
_LONGEST: Final = 4  # syllables of a type's name
_REACH: Final = 60  # characters that hold them
_YEAR: Final = re.compile(r"(?<![\w/.,-])(?:19[4-9]|20[0-9])\d(?![\w/-]|[.,]\d)")
_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Hint:
    """A type or a year that is favoured; `typed` are the reader's words for it."""

    column: str
    value: str | int
    typed: str


# Names of types with which questions begin that mean none: quy định về bồi thường, hợp đồng lao động chấm dứt khi nào.
_ORDINARY: Final = frozenset(
    ("Quy định", "Hướng dẫn", "Hợp đồng", "Giấy phép", "Giấy mời", "Giấy ủy quyền", "Dự án", "Biên bản", "Kết luận", "Phương án")
)


@cache
def _names() -> dict[tuple[str, ...], str]:
    return {_folded(name): name for name, *_ in rows("indexer.legal", "document_types.tsv")} | {("cong", "van"): "Công văn"}


def type_named(text: str) -> str:
    """Return the document type that a text names, with or without accents, or by its abbreviation; else the text as it is.

    >>> type_named("nghi dinh"), type_named("QUYẾT ĐỊNH"), type_named("tt"), type_named("Loại khác")
    ('Nghị định', 'Quyết định', 'Thông tư', 'Loại khác')
    """
    return _names().get(_folded(text)) or _codes().get(text.strip().upper(), text)


@cache
def _types() -> dict[tuple[str, ...], str]:
    names = {terms: name for terms, name in _names().items() if name not in _ORDINARY}
    return names | {tuple(short.split()): name for short, name in _SHORT.items()}


def _folded(text: str) -> tuple[str, ...]:
    return tuple(fold(word).casefold() for word in syllables(text).texts)


@lru_cache(maxsize=64)
def leading_type(text: str) -> tuple[str, int] | None:
    """Return the document type that a question begins with, and where the words for it end.

    >>> leading_type("thông tư liên tịch 05/2014"), leading_type("qd ve dat"), leading_type("sửa đổi nghị định")
    (('Thông tư liên tịch', 18), ('Quyết định', 2), None)
    """
    words: list[re.Match[str]] = []
    for match in _WORD.finditer(text):
        if len(words) == _LONGEST or (text[: match.start()].strip() and not words):
            break
        words.append(match)
    for count in range(len(words), 0, -1):
        name = _types().get(tuple(fold(match.group()).casefold() for match in words[:count]))
        if name:
            return name, words[count - 1].end()
    return None


def field_type(text: str) -> tuple[str, int] | None:
    """Return the document type that `text` begins with, by its name or its abbreviation in numbers, and where that ends.

    >>> field_type("hướng dẫn của Sở"), field_type("KH phòng dịch"), field_type("HĐ"), field_type("hd"), field_type("đất")
    (('Hướng dẫn', 9), ('Kế hoạch', 2), ('Hợp đồng', 2), ('Hướng dẫn', 2), None)
    """
    words = list(islice(_WORD.finditer(text), _LONGEST))
    if not words or text[: words[0].start()].strip():
        return None
    for count in range(len(words), 0, -1):
        if name := _names().get(tuple(fold(match.group()).casefold() for match in words[:count])):
            return name, words[count - 1].end()
    word = words[0].group()
    name = _codes().get(word.upper()) or (None if has_accents(word.replace("đ", "d")) else _codes().get(fold(word).upper()))
    return (name, words[0].end()) if name else None


@cache
def _codes() -> dict[str, str]:
    """Return types by their abbreviations, and by these without accents where none has just these letters: HD is no HĐ."""
    codes = {code.upper(): name for name, code, _ in reversed(rows("indexer.legal", "document_types.tsv")) if code}
    codes |= {"CV": "Công văn", "BL": "Bộ luật"}
    return {fold(code): name for code, name in codes.items()} | codes


def type_before(text: str) -> tuple[str, int] | None:
    """Return the document type whose name a text ends with, and where that begins; None for none.

    >>> type_before("sửa đổi nghị định"), type_before("thay thế tt "), type_before("nghị định đất đai")
    (('Nghị định', 8), ('Thông tư', 9), None)
    """
    words = list(_WORD.finditer(text, max(0, len(text) - _REACH)))[-_LONGEST:]
    for first, word in enumerate(words):
        if name := _types().get(tuple(fold(each.group()).casefold() for each in words[first:])):
            return name, word.start()
    return None


def find_hints(text: str, *, more: bool = False) -> tuple[Hint, ...]:
    """Return the type that a question begins with, if words follow it, and the years that it names, not those of days.

    `more` says that the question said more than `text`, so that a type alone is not all of it.

    >>> [(hint.column, hint.value) for hint in find_hints("thông tư hồ sơ công chức năm 2012")]
    [('type', 'Thông tư'), ('year', 2012)]
    """
    found = leading_type(text)
    dates = find_dates(text)
    years = {
        int(match.group()): match.group()
        for match in _YEAR.finditer(text)
        if not any(day.start <= match.start() < day.end for day in dates)
    }
    hints = [Hint("type", found[0], text[: found[1]].strip())] if found and (more or text[found[1] :].strip()) else []
    return (*hints, *(Hint("year", year, typed) for year, typed in years.items()))
