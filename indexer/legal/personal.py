"""Personal identifiers in a text: numbers of identity papers, of mobile telephones and of bank accounts, to be masked in public.

Identity papers have 12 digits (căn cước, Law 26/2023/QH15, article 12) or 9 (the former chứng minh nhân dân), accounts 6 to 19;
both count only where the text names what they are, for other numbers are as long. A mobile number is told by its ten digits and
their beginning (03, 05, 07, 08, 09); an office's own line (02) is no secret.
"""

import re
from collections.abc import Iterator
from itertools import chain

from indexer.model import Personal, PersonalKind

_DIGITS = r"\d(?:[ .\-]?\d)"  # in groups, as people write long numbers
_BETWEEN = r"[\s:.,()/–\-]{0,6}+(?:(?:số|sô|mới|cũ|là|gắn chip|thẻ)[\s:.]{0,4}+){0,3}"
_NAMED: tuple[tuple[PersonalKind, re.Pattern[str], re.Pattern[str]], ...] = (
    (
        PersonalKind.IDENTITY,
        re.compile(
            r"\b(?:CCCD|CMND|CMTND|CMT|(?:thẻ )?căn cước(?: công dân)?|chứng minh(?: nhân dân| thư)?|giấy chứng minh|"
            r"số định danh(?: cá nhân)?)\b",
            re.IGNORECASE,
        ),
        re.compile(rf"{_BETWEEN}((?:{_DIGITS}{{11}}|{_DIGITS}{{8}})(?![ .\-]?\d))", re.IGNORECASE),
    ),
    (
        PersonalKind.ACCOUNT,
        re.compile(r"\b(?:(?:số )?tài khoản(?: ngân hàng)?|stk|số tk)\b", re.IGNORECASE),
        re.compile(rf"{_BETWEEN}({_DIGITS}{{5,18}}(?![ .\-]?\d))", re.IGNORECASE),
    ),
)
_MOBILE = re.compile(r"(?<![\d/.\-])(?:\+84[ .\-]?|0)[35789](?:[ .\-]?\d){8}(?![\d/]|[.\-]\d)")


def find_personal(text: str) -> tuple[Personal, ...]:
    """Return where personal identifiers stand in `text`, in order; no two overlap. Time grows with the text's length alone."""
    found: list[Personal] = []
    for personal in sorted(chain(_named(text), _mobiles(text)), key=lambda personal: (personal.start, -personal.end)):
        if not found or personal.start >= found[-1].end:
            found.append(personal)
    return tuple(found)


def _named(text: str) -> Iterator[Personal]:
    for kind, name, number in _NAMED:
        for named in name.finditer(text):
            if told := number.match(text, named.end()):
                yield Personal(kind, *told.span(1))


def _mobiles(text: str) -> Iterator[Personal]:
    for number in _MOBILE.finditer(text):
        yield Personal(PersonalKind.MOBILE, *number.span())
