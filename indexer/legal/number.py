"""The number (số, ký hiệu) of a document where its letterhead states it, never one that the document cites."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analyzers.citations import find_numbers
from indexer.legal.cells import Cell, Passage, join
from indexer.legal.document_type import leading_type, named_type
from indexer.legal.wording import tighten_digits

# "Số: 12/2023/TT-BKHĐT", "Luật số: 43/2024/QH15", "S ố : 36", "Số /2025/QĐ-UBND"; not "Số lượng", "Số người"
_LABEL = re.compile(r"(?:(?P<type>[^\W\d_]+(?: [^\W\d_]+){0,3}) )?s ?ố ?[:.;]{0,2} ?(?=[\d/._…]|$)", re.IGNORECASE)
# 102-SL/L-004: a last part without letters; 522/2002/QĐ.UB; 23/QĐ-TT HĐND; NQLT-UBTVQH15 - CP - MTTW
_TAIL = re.compile(r"(?:(?:[-/.]|(?<=TT) (?=HĐND))[A-ZĐƯ0-9]+| - [A-ZĐ][A-ZĐ0-9]+(?![^\W_]))+")
_UNNUMBERED = re.compile(
    r"[\s._…]*/ ?(?:(?:19|20)\d\d ?/ ?)?(?P<symbol>[A-ZĐ][\w&-]{1,40})"
)  # "/2025/QĐ-UBND": its number is stamped
_SPACED = re.compile(r"\d{1,5} (?P<symbol>[A-ZĐ]{2,6}(?:[/-][A-ZĐ]{1,10}){1,3})(?![^\W_])")  # 1234 QĐ/UB, before 1995
_SYMBOL = re.compile(r"\d[\w.]*[/-](?:(?:19|20)\d\d[/-])?(?P<symbol>.+)")
_MIXED_CASE = {"TTG": "TTg", "TTR": "TTr", "QYĐ": "QyĐ", "CTR": "CTr"}  # the abbreviations with small letters
_BEGINS = re.compile(r"\d")
_GOES_ON = re.compile(r"[/\-]|\d{1,5} ?/")
_SYMBOLS = re.compile(r"[A-ZĐ]{2,10}(?:[-&/ ]|$)")
_TERM = re.compile(r"1?\d")  # of the National Assembly: QH11
_REACH = 4  # cells between "Số:" and its number, where two columns are interleaved


@dataclass(frozen=True, slots=True)
class Number:
    """A document's number, or its symbol alone where the number is not in the text."""

    value: str | None
    symbol: str | None
    type_name: str | None  # from "Luật số:", None where the label is "Số:"
    span: tuple[int, int]
    confidence: float


def number_label(text: str) -> re.Match[str] | None:
    """Match the label with which a number box begins; its type must be one."""
    found = _LABEL.match(text[:60])
    return found if found and (found["type"] is None or named_type(found["type"])) else None


def is_number_box(cell: Passage) -> bool:
    """Say whether a cell holds a label and its number, or place for one, and no more: not "LUẬT SỐ 18-L/CTN NGÀY 06/07/1993"."""
    label = number_label(cell.text)
    if label is None:
        return False
    rest = tighten_digits(cell.part(label.end()))
    found = number_at_start(rest) or number_at_start(_in_capitals(rest))
    return len(rest.text) - (found[1] if found else 0) <= (3 if found else 45)


def read_number_box(cells: Sequence[Cell]) -> Number | None:
    """Return the number that a label announces: "Số: 36" with "/2025/QĐ-UBND" in a later cell is one number.

    The first complete number wins; without one, the first symbol whose number is missing.
    """
    symbol_only = None
    for index, cell in enumerate(cells):
        label = number_label(cell.text)
        if label is None:
            continue
        found = _complete(cell.part(label.end()), cells[index + 1 : index + 1 + _REACH])
        if found is not None:
            name = named_type(label["type"]) if label["type"] else None
            found = Number(found.value, found.symbol, name, found.span, found.confidence)
            if found.value is not None:
                return found
            symbol_only = symbol_only or found
    return symbol_only


def _complete(rest: Passage, following: Sequence[Cell]) -> Number | None:
    """Read the number in what follows its label, else in that and the first cells after it that can go on with it."""
    alone = found = _leading_number(rest)
    for cell in following:
        if found is not None and found.value is not None:
            if not _is_cut(rest.text, found.value, cell.text):
                return found
            rest = join((rest, cell))
            found = _leading_number(rest) or found
        elif (_GOES_ON if rest.text else _BEGINS).match(cell.text):
            rest = join((rest, cell)) if rest.text else cell
            found = _leading_number(rest)
    return found if found is not None and found.value is not None else alone


def _is_cut(said: str, value: str, following: str) -> bool:
    """Say whether a number goes on in the next line: "01/2022/TTLT-VKSNDTC-" / "TANDTC-BCA", "79/2006/QH" / "11"."""
    if said.rstrip().endswith(("-", "–", "/")):
        return _SYMBOLS.match(following) is not None
    return value.endswith("QH") and said.endswith("QH") and _TERM.fullmatch(following) is not None


def _leading_number(passage: Passage) -> Number | None:
    """Return the number with which `passage` begins; the symbol alone where the number's place is empty."""
    passage = tighten_digits(passage)
    for attempt, confidence in ((passage, 0.98), (_in_capitals(passage), 0.85)):
        found = number_at_start(attempt)
        if found is not None:
            value, end = found
            return Number(value, symbol_of(value), None, passage.span(0, end), confidence)
    spaced = _SPACED.match(passage.text)
    if spaced:
        return Number(spaced.group(), spaced["symbol"], None, passage.span(0, spaced.end()), 0.85)
    missing = _UNNUMBERED.match(passage.text)
    if missing:
        return Number(None, missing["symbol"], None, passage.span(missing.start("symbol"), missing.end()), 0.7)
    return None


def _in_capitals(passage: Passage) -> Passage:
    return Passage("".join(letter.upper()[:1] for letter in passage.text), passage.offsets)


def number_at_start(passage: Passage) -> tuple[str, int] | None:
    """Return the number with which `passage` begins and where it ends."""
    for match in find_numbers(passage.text[:120])[:1]:
        if match.start == 0:
            tail = _TAIL.match(passage.text, match.end)
            value = match.value + (tail.group().replace(" - ", "-") if tail else "")
            parts = re.split(r"([/-])", value)
            return "".join(_MIXED_CASE.get(part, part) for part in parts), tail.end() if tail else match.end
    return None


def symbol_of(number: str) -> str | None:
    """Return the symbol of a number: NĐ-CP of 30/2020/NĐ-CP, TTg of 115-TTg.

    >>> symbol_of("30/2020/NĐ-CP"), symbol_of("18-L/CTN"), symbol_of("49/2005/QH11")
    ('NĐ-CP', 'L/CTN', 'QH11')
    """
    found = _SYMBOL.match(number)
    return found["symbol"] if found else None


def read_number_in_heading(cells: Sequence[Cell]) -> tuple[Number, Passage] | None:
    """Return the number at the end of a heading "Luật Cảnh vệ số 13/2017/QH14", and its title; portals print such lines."""
    for cell in cells:
        name = leading_type(cell.text)
        found = find_numbers(cell.text) if name else ()
        if found and found[-1].end >= len(cell.text) - 1 and cell.text[: found[-1].start].rstrip(" :").lower().endswith("số"):
            last = found[-1]
            title = cell.part(0, cell.text.lower().rindex("số", 0, last.start))
            return Number(last.value, symbol_of(last.value), name, cell.span(last.start, last.end), 0.8), title
    return None
