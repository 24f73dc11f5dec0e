"""A question cut into pieces: words, "phrases", numbers, fields with their values, brackets and operators.

Operators are AND, OR, NOT, VÀ, HOẶC, KHÔNG in capitals, | , and - or + at the beginning of a word. In a heading in capitals VÀ,
HOẶC and KHÔNG are words, as và, hoặc and không are anywhere, and so is the KHÔNG that a sentence stresses.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Final

from analyzers.accents import has_accents
from analyzers.citations import parted_numbers
from analyzers.normalise import nfc
from search_api.asked_fields import FIELD_NAME, NAME_ALONE, Asked, Field, read_value
from search_api.bodies import NO_BODIES, Bodies

NUMBER_SIGN: Final = "\ue000"  # stands for a document number while operators are read; private, so no text means it
_SPAN: Final = re.compile(r"(?<=\d\d\d\d) +-(?=(?:19|20)\d\d(?!\d))")  # 2015 -2016 is a span, and no year left out
_UNREADABLE: Final = re.compile(r"[\x00-\x1f\x7f\u200b\ud800-\udfff\ue000-\uf8ff]+")
QUOTES: Final = str.maketrans(dict.fromkeys("“”„‟«»", '"'))


class Kind(StrEnum):
    """What a piece of a question is."""

    WORD = "word"
    PHRASE = "phrase"
    NUMBER = "number"
    FIELD = "field"
    OPEN = "("
    CLOSE = ")"
    AND = "and"
    OR = "or"


class Sign(StrEnum):
    """What is asked of a piece: nothing more, that it is not there, that it must be."""

    NONE = ""
    WITHOUT = "-"
    MUST = "+"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece at `start:end` of the question, without sign and quotation marks; NUMBER_SIGN in it stands for one of `numbers`."""

    kind: Kind
    text: str
    start: int
    end: int
    sign: Sign = Sign.NONE
    numbers: tuple[str, ...] = ()
    asked: Asked | None = None  # of a field

    def spelt(self) -> str:
        """Return the text with its numbers."""
        following = iter(self.numbers)
        return re.sub(NUMBER_SIGN, lambda _: next(following), self.text)


@dataclass(frozen=True, slots=True)
class Pieces:
    """A question's pieces in order, the fields whose values are none, as typed, and whether a KHÔNG is taken for a word."""

    pieces: tuple[Piece, ...]
    no_values: tuple[str, ...]
    stressed: bool


_SIGNS: Final = {"-": Sign.WITHOUT, "+": Sign.MUST}
_BINARY: Final = {"AND": Kind.AND, "VÀ": Kind.AND, "OR": Kind.OR, "HOẶC": Kind.OR}
_VIETNAMESE: Final = frozenset({"VÀ", "HOẶC", "KHÔNG"})
_NOT: Final = "KHÔNG"
_AFTER_NOT: Final = frozenset(
    ("được", "phải", "có", "thể", "đúng", "là", "bao", "thuộc", "cần", "nên", "bị", "còn")
)  # không được
_LONGEST_WITH_NOT: Final = 8  # pieces
_OPEN: Final = re.compile(r"\*|\?\w")


def _pattern(*, operators: bool, fields: bool) -> re.Pattern[str]:
    before, opening, word = (r"[^\s(|]", "(", '()|"') if operators else (r"\S", "", '"')
    named = rf"(?P<field>{FIELD_NAME})|" if fields else ""
    bracketed = r"(?P<open>\()|(?P<close>\))|(?P<or>\|+)|" if operators else ""
    return re.compile(
        rf'(?:(?<!{before})(?P<sign>-|\+|NOT\s+)(?=[\w"{NUMBER_SIGN}{opening}]))?'
        rf'(?:{named}"(?P<phrase>[^"]*)"|(?P<number>{NUMBER_SIGN})|{bracketed}(?P<word>[^\s{NUMBER_SIGN}{word}]+))'
    )


_PATTERNS: Final = {
    (operators, fields): _pattern(operators=operators, fields=fields) for operators in (True, False) for fields in (True, False)
}


@lru_cache(maxsize=64)  # a question without numbers is cut alike by each of its readers
def cut(text: str, numbers: tuple[str, ...] = (), bodies: Bodies = NO_BODIES, *, operators: bool) -> Pieces:
    """Cut a question in which NUMBER_SIGN stands for each of `numbers`; without `operators`, brackets, AND and OR are words.

    `bodies` are those of the collection that a field may name.
    """
    pieces: list[Piece] = []
    no_values: list[str] = []
    at = counted = 0
    with_fields, without_fields = _PATTERNS[operators, True], _PATTERNS[operators, False]
    while found := with_fields.search(text, at):
        number = numbers[counted] if counted < len(numbers) else None
        asked = read_value(text, found["field"], found.end(), number, bodies) if found["field"] else None
        nameless = bool(found["field"]) and asked is None
        if nameless:
            no_values.append(text[found.start() : found.end()].strip())
            found = without_fields.search(text, at)
            assert found is not None  # a field's name is a word, too
        at = asked.end if asked else found.end()
        piece = _piece(found, asked) if asked or not nameless else replace(_piece(found, asked), sign=Sign.NONE)
        held = text.count(NUMBER_SIGN, found.start(), at)
        pieces.append(replace(piece, numbers=numbers[counted : counted + held]) if held else piece)
        counted += held
    if (alone := NAME_ALONE.search(text)) and pieces and pieces[-1].kind is Kind.WORD:
        no_values.append(alone.group().strip())
    stressed = _stressed(pieces)
    return Pieces(tuple(_signed(pieces, stressed, text, operators=operators)), tuple(no_values), bool(stressed))


def _piece(found: re.Match[str], asked: Asked | None) -> Piece:
    sign = _SIGNS.get(found["sign"], Sign.WITHOUT) if found["sign"] else Sign.NONE
    if asked:
        return Piece(Kind.FIELD, found.string[found.start("field") : asked.end], found.start(), asked.end, sign, (), asked)
    name = found.lastgroup or ""
    if name == "phrase" and found["phrase"].strip() == NUMBER_SIGN:
        return Piece(Kind.NUMBER, NUMBER_SIGN, found.start(), found.end(), sign)
    return Piece(Kind.__members__[name.upper()], found[name], found.start(), found.end(), sign)


def _signed(pieces: Sequence[Piece], stressed: Collection[int], text: str, *, operators: bool) -> Iterator[Piece]:
    """Yield the pieces with operators that are words for what they are: KHÔNG as the sign of what follows, where not stressed."""
    sign = Sign.NONE
    for place, piece in enumerate(pieces):
        if sign:
            yield replace(piece, sign=sign, start=pieces[place - 1].start)
            sign = Sign.NONE
        elif piece.kind is not Kind.WORD or piece.sign or (piece.text in _VIETNAMESE and _shouted(pieces, place)):
            yield piece
        elif piece.text == _NOT and place not in stressed and _may_be_signed(pieces[place + 1 : place + 2], text):
            sign = Sign.WITHOUT
        elif operators and piece.text in _BINARY:
            yield replace(piece, kind=_BINARY[piece.text])
        elif not operators or any(map(str.isalnum, piece.text)):
            yield piece


def _may_be_signed(following: Sequence[Piece], text: str) -> bool:
    for piece in following:
        if piece.sign or piece.kind in (Kind.CLOSE, Kind.OR) or piece.text in _BINARY or piece.text == _NOT:
            return False
        return piece.kind is not Kind.WORD or text[piece.start].isalnum()
    return False


def _stressed(pieces: Sequence[Piece]) -> frozenset[int]:
    """Return where KHÔNG is a word that a sentence stresses: "Điều nào sau đây KHÔNG đúng về hợp đồng?", not "đất KHÔNG rừng".

    In what an examiner or a journalist writes it stands before a verb, in a sentence without other operators.
    """
    others = any(piece.sign or piece.kind in (Kind.OR, Kind.FIELD) or piece.text in _BINARY for piece in pieces)
    sentence = not others and bool(pieces) and (len(pieces) > _LONGEST_WITH_NOT or pieces[-1].text.endswith("?"))
    return frozenset(
        place
        for place, (piece, following) in enumerate(pairwise(pieces))
        if piece.text == _NOT
        and following.kind is Kind.WORD
        and (sentence or following.text.lower() in _AFTER_NOT)
        and not _shouted(pieces, place)
    )


def _shouted(pieces: Sequence[Piece], place: int) -> bool:
    """Say whether a word in capitals is one of a heading: QUY HOẠCH VÀ SỬ DỤNG ĐẤT, not BHXH VÀ BHYT, nor đất VÀ RỪNG."""
    beside = [pieces[other] for other in (place - 1, place + 1) if 0 <= other < len(pieces)]
    if any(piece.kind is Kind.WORD and not piece.text.isupper() and any(map(str.isalpha, piece.text)) for piece in beside):
        return False
    return any(
        has_accents(piece.text.replace("Đ", "D")) and piece.text not in _VIETNAMESE
        for step in (-1, 1)
        for piece in _in_capitals(pieces, place, step)
    )


def _in_capitals(pieces: Sequence[Piece], place: int, step: int) -> Iterator[Piece]:
    """Yield the words in capitals that stand next to one another from `place` on; a few tell enough."""
    for other in range(place + step, place + 9 * step, step):
        if not (0 <= other < len(pieces)) or pieces[other].kind is not Kind.WORD or not pieces[other].text.isupper():
            return
        yield pieces[other]


def readable(q: str) -> str:
    """Return a question in one form of Unicode, with plain quotation marks, without signs that nobody sees; numbers parted."""
    return parted_numbers(_SPAN.sub("-", _UNREADABLE.sub(" ", nfc(q)).translate(QUOTES)))


@lru_cache(maxsize=64)  # each reader of a question asks
def reserved(text: str, bodies: Bodies = NO_BODIES) -> tuple[tuple[int, int], ...]:
    """Return where operators, signs, fields and words with * or ? stand in a question, but for the words of a title."""
    return tuple(_reserved(text.translate(QUOTES), bodies))


def _reserved(text: str, bodies: Bodies) -> Iterator[tuple[int, int]]:
    for piece in cut(text, (), bodies, operators=True).pieces:
        if piece.asked and piece.asked.field is Field.TITLE:
            yield piece.start, text.index(":", piece.start) + 1
        elif piece.kind in (Kind.AND, Kind.OR, Kind.FIELD) or _OPEN.search(piece.text):
            yield piece.start, piece.end
        elif piece.sign:
            yield piece.start, text.index(piece.text, piece.start)
