"""Fields that a question names: số: 30/2020, tiêu đề: "sử dụng đất", loại: nghị định, cơ quan: Bộ Tài chính, người ký: Lê An.

A field restricts what is found. Its value is quoted, or the next word; of types, issuers and persons it is as long as the name.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from analyzers.citations import read_number
from indexer.engine.port import SearchEngine
from indexer.legal.body_key import OFFICE
from indexer.legal.name_keys import name_keys
from indexer.legal.typed_body import leading_body, whole_body
from indexer.model import Visibility
from search_api.bodies import NO_BODIES, Bodies, Named, bodies_of
from search_api.hints import field_type
from search_api.issuers import leading_issuer


class Field(StrEnum):
    """What may be asked of a document."""

    NUMBER = "number"
    TITLE = "title"
    TYPE = "type"
    ISSUER = "issuer"
    YEAR = "year"
    SIGNER = "signer"


ONE_EACH: Final = (Field.TYPE, Field.ISSUER, Field.YEAR)  # of which a document has one: several asked for are any of them


@dataclass(frozen=True, slots=True)
class Asked:
    """A field and its value, which ends at `end` of the question: as the index has it, and as it is shown.

    `last` is of years; `groups` are those of the issuers meant; `others` are further values, any of which will do.
    """

    field: Field
    value: str | int
    shown: str
    end: int
    last: int = 0
    groups: tuple[str, ...] = ()
    others: tuple["Asked", ...] = ()


_NAMES: Final = {
    Field.NUMBER: ("số", "so", "số hiệu", "so hieu", "số ký hiệu", "so ky hieu", "number"),
    Field.TITLE: ("tiêu đề", "tieu de", "trích yếu", "trich yeu", "title"),
    Field.TYPE: ("loại", "loai", "loại văn bản", "loai van ban", "type"),
    Field.ISSUER: ("cơ quan", "co quan", "cơ quan ban hành", "co quan ban hanh", "issuer"),
    Field.YEAR: ("năm", "nam", "year"),
    Field.SIGNER: ("người ký", "người kí", "nguoi ky", "nguoi ki", "signer"),
}
_FIELD_OF: Final = {name: field for field, names in _NAMES.items() for name in names}
_SPELLINGS: Final = "|".join(name.replace(" ", r"\s{1,3}") for name in sorted(_FIELD_OF, key=len, reverse=True))
FIELD_NAME: Final = rf"(?i:{_SPELLINGS})\s?:\s{{0,3}}(?=[^\s:])"
NAME_ALONE: Final = re.compile(rf"(?<!\S)(?i:{_SPELLINGS})\s?:\s*$")
_ANOTHER: Final = re.compile(FIELD_NAME)
_COMMA: Final = re.compile(r"\s{0,3}[,;]\s{0,3}")
_LIST_END: Final = re.compile(rf'\s*(?:$|[,;)|("]|[-+]\S|(?:AND|OR|NOT|VÀ|HOẶC|KHÔNG)\b|{FIELD_NAME})')
_QUOTED: Final = re.compile(r'"([^"]*)"')
_WORD: Final = re.compile(r'[^\s"()|\ue000]+')
_FIGURES: Final = re.compile(r"\d{1,5}[a-z]?(?![^\s,;)|])", re.IGNORECASE)
_YEARS: Final = re.compile(
    r"(?:t[ừu]\s{1,3})?((?:19|20|21)\d\d)(?:\s?(?:[-–—]|\.\.+|đến|den|tới|toi|to)\s?((?:19|20|21)\d\d))?(?![^\s,.;)|])",
    re.IGNORECASE,
)
_NAME_WORD: Final = re.compile(r"\s{0,3}(?P<name>[^\W\d_]+(?:['’.-][^\W\d_]+)*)(?P<end>[,;]?)")
_LONGEST_NAME: Final = 6  # words
_REACH: Final = 200  # characters
_NO_NAME: Final = frozenset({"AND", "OR", "NOT", "VÀ", "HOẶC", "KHÔNG"})


def bodies_asked(text: str, engine: SearchEngine, visible: frozenset[Visibility]) -> Bodies:
    """Return the bodies of the collection, none for a question without a field for the issuer. Raises what the engine raises."""
    fields = (_named(name.group()) for name in _ANOTHER.finditer(text))
    return bodies_of(engine, visible) if Field.ISSUER in fields else NO_BODIES


def _named(name: str) -> Field | None:
    """Return the field that is typed, up to its colon; None for ſố, which a pattern takes for số."""
    return _FIELD_OF.get(" ".join(name.split(":")[0].split()).lower())


def read_value(text: str, name: str, start: int, number: str | None, bodies: Bodies = NO_BODIES) -> Asked | None:
    """Return what is asked of the field `name`, whose value, or list of values, begins at `start`; None where none does.

    A private-use sign stands for a document number, the next one being `number`; `bodies` are those of the collection.
    """
    field = _named(name)
    asked = _value(field, text, start, number, bodies) if field else None
    return _with_others(asked, text, bodies) if asked and field in ONE_EACH else asked


def _with_others(asked: Asked, text: str, bodies: Bodies) -> Asked:
    """Add the values that commas join to the first one: năm: 1999, 2003; but in loại: nghị định, luật về đất words follow."""
    several = [asked]
    while (comma := _COMMA.match(text, several[-1].end)) and (other := _value(asked.field, text, comma.end(), None, bodies)):
        several.append(other)
    last = several[-1].end
    if len(several) > 1 and asked.field is not Field.YEAR and text[last - 1] != '"' and not _LIST_END.match(text, last):
        several.pop()
    return replace(asked, end=several[-1].end, others=tuple(several[1:]))


def _value(field: Field, text: str, start: int, number: str | None, bodies: Bodies) -> Asked | None:
    quoted = _QUOTED.match(text, start)
    typed, after = (quoted[1], quoted.end()) if quoted else (text[start : start + _REACH], None)
    match field:
        case Field.NUMBER:
            found = _number(typed, number)
        case Field.TITLE:
            found = _title(typed, whole=quoted is not None)
        case Field.TYPE:
            found = (type_[0], type_[0], type_[1]) if (type_ := field_type(typed)) else None
        case Field.ISSUER:
            return _issuers(typed, start, after, bodies)
        case Field.YEAR:
            return _years(typed, start, after)
        case Field.SIGNER:
            found = _signer(typed, whole=quoted is not None)
    if found is None or (after and typed[found[2] :].strip()):
        return None
    return Asked(field, found[0], found[1], after or start + found[2])


_Found = tuple[str, str, int] | None  # the value, how it is shown, where it ends


def _number(typed: str, number: str | None) -> _Found:
    if number and typed.lstrip().startswith("\ue000"):
        return number, number, len(typed) - len(typed.lstrip()) + 1
    if (whole := read_number(typed)) and not typed[: whole.start].strip():
        return whole.value, whole.value, whole.end
    figures = _FIGURES.match(typed)
    return (figures[0], figures[0], figures.end()) if figures else None


def _title(typed: str, *, whole: bool) -> _Found:
    word = None if whole else _WORD.match(typed)
    value = typed if whole else word[0] if word else ""
    if "\ue000" in value or not any(map(str.isalnum, value)):
        return None
    return value, " ".join(value.split()), len(value)


def _years(typed: str, start: int, after: int | None) -> Asked | None:
    found = _YEARS.match(typed.strip() if after else typed)
    if not found:
        return None
    first, last = sorted((int(found[1]), int(found[2] or found[1])))
    shown = f"từ {first} đến {last}" if found[2] else found[1]
    return Asked(Field.YEAR, first, shown, after or start + found.end(), last)


def _issuers(typed: str, start: int, after: int | None, bodies: Bodies) -> Asked | None:
    """Read a body by its names, by what it is called, or as the collection has it, where it has no documents of that name."""
    office = OFFICE.match(typed)  # Bộ trưởng Bộ Y tế
    begin = office.end() if office else 0
    named, whole = typed[begin:], after is not None
    known = _known_body(named, whole=whole)
    if known is None or not any(group in bodies for group in known.groups):
        found = bodies.leading(named, whole=whole)
        known = found if found and (known is None or found.end >= known.end) else known
    if known is None:
        return None
    shown, end = f"{typed[:begin]}{known.shown}", after or start + begin + known.end
    return Asked(Field.ISSUER, known.groups[0], shown, end, groups=bodies.with_joint(known.groups))


def _known_body(named: str, *, whole: bool) -> Named | None:
    """Return the body that a text names, or begins with, by the tables: what people call it before a former body of that name."""
    called = leading_issuer(named)
    if called and whole and any(map(str.isalnum, named[called.end :])):
        called = None
    printed = whole_body(named) if whole else leading_body(named)
    if called and (printed is None or called.end >= printed[2]):
        return called
    return Named(printed[1], printed[2], (printed[0],)) if printed else None


def _signer(typed: str, *, whole: bool) -> _Found:
    """Read a person's name: what is quoted, or the words that follow, all with capitals where the first one has one."""
    end = len(typed) if whole else _name_end(typed)
    keys = name_keys(typed[:end])
    return (keys[0], " ".join(typed[:end].split()), end) if keys else None


def _name_end(typed: str) -> int:
    stop = another.start() if (another := _ANOTHER.search(typed)) else len(typed)
    end, capitals = 0, typed[:1].isupper()
    for _ in range(_LONGEST_NAME):
        word = _NAME_WORD.match(typed, end, stop)
        if word is None or word["name"] in _NO_NAME or (capitals and not word["name"][0].isupper()):
            break
        end = word.end("name")
        if word["end"]:
            break
    return end
