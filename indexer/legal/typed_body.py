"""Which body a reader names: with or without accents, by a former name, an abbreviation, or with its place."""

import re
from collections.abc import Iterator
from typing import Final

from analyzers.accents import fold
from indexer.legal.identity import body_of_group, group_name, identity_of, respell
from indexer.legal.naming import body_of_code, department_of_code, write_out

_WORD: Final = re.compile(r"[^\W_]+(?:&[^\W_]+)?")
_BETWEEN: Final = re.compile(r"\s{0,3}[.,–-]?\s{0,3}")
_LONGEST: Final = 24  # words
_REACH: Final = 200  # characters
_UNIT: Final = re.compile(r"\b(?:tỉnh|thành phố|huyện|quận|thị xã|thị trấn|xã|phường|đặc khu)\b", re.IGNORECASE)


def leading_body(text: str) -> tuple[str, str, int] | None:
    """Return the group of the body whose name `text` begins with, that name as it is spelt, and where it ends; None for no body.

    The longest name counts. A commune or district, which no table knows, is told by the capitals of its name.

    >>> leading_body("bo tai chinh quy hoach"), leading_body("UBND huyện Cao Lộc thu hồi đất")
    (('Bộ Tài chính', 'Bộ Tài chính', 12), ('Ủy ban nhân dân huyện Cao Lộc', 'Ủy ban nhân dân huyện Cao Lộc', 18))
    """
    ends = _ends(text)
    for known in (_known, _capitalised):
        for end in reversed(ends):
            if name := known(text[:end]):
                return group_name(name, None), name, end
    return None


def whole_body(text: str) -> tuple[str, str, int] | None:
    """Return what `leading_body` does of a text that is a body's name, or a group's, from its first word to its last."""
    if len(text) > _REACH:
        return None
    if body_of_group(text.strip()):
        return text.strip(), text.strip(), len(text)
    name = _known(text) or _spelt(text)
    return (group_name(name, None), name, len(text)) if identity_of(name, None) else None


def spelt_beginnings(text: str) -> Iterator[tuple[int, str]]:
    """Yield where a body's name may end at the beginning of `text`, and it with abbreviations written out; the longest first.

    >>> list(spelt_beginnings("UBND xã, đất"))
    [(12, 'Ủy ban nhân dân xã, đất'), (7, 'Ủy ban nhân dân xã'), (4, 'Ủy ban nhân dân')]
    """
    for end in reversed(_ends(text)):
        yield end, _spelt(text[:end])


def _ends(text: str) -> list[int]:
    """Return where the words end that may be a name's."""
    ends: list[int] = []
    for word in _WORD.finditer(text):
        if len(ends) == _LONGEST or not _BETWEEN.fullmatch(text, ends[-1] if ends else 0, word.start()):
            break
        ends.append(word.end())
    return ends


def _spelt(typed: str) -> str:
    code = typed.strip().upper()
    return body_of_code(code) or department_of_code(code) or respell(" ".join(write_out(typed).split()))


def _known(typed: str) -> str | None:
    """Return a name that the tables know, the place included."""
    name = _spelt(typed)
    in_tables = not _UNIT.search(name) or respell(fold(name)) != fold(name)
    return name if in_tables and identity_of(name, None) else None


def _capitalised(typed: str) -> str | None:
    name = _spelt(typed)
    units = list(_UNIT.finditer(name))
    capitals = all(word[0].isupper() or word[0].isdigit() for word in _WORD.findall(name[units[-1].end() :])) if units else False
    return name if capitals and identity_of(name, None) else None
