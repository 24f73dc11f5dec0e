"""Personal identifiers in a text: numbers of identity papers, of mobile telephones and of bank accounts, to be masked in public.

Identity papers have 12 digits (căn cước, Law 26/2023/QH15, article 12) or 9 (the former chứng minh nhân dân), accounts 6 to 19;
both count only where the text names what they are, for other numbers are as long. A mobile number is told by its ten digits and
their beginning (03, 05, 07, 08, 09); an office's own line (02) is no secret. What is masked in public is not indexed either, so
that nobody finds a number by typing its beginning.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise

from indexer.model import Personal, PersonalKind

_NO_LETTER_BEFORE, _NO_LETTER_BEHIND = r"(?<![^\W\d_])", r"(?![^\W\d_])"  # a figure may touch
_DIGITS = r"\d(?:[ .\-]?\d)"  # in groups, as people write long numbers
# CCCD của ông Nguyễn Văn A: 0200...
_OWNER = r"(?:\s{1,3}(?:(?:số\s{1,3})?của|cấp cho|ông|bà|anh|chị|em|cháu)\s[^\d\n.;:]{1,80}?)?"
_BETWEEN = r"[\s:.,()/–\-]{0,6}+(?:(?:số|sô|mới|cũ|là|gắn chip|thẻ)[\s:.]{0,4}+){0,3}"
_AMOUNT = r"\s{0,2}(?:đồng|đ\b|VNĐ|VND|USD|nghìn|triệu|tỷ|tỉ|%)"
_NAMED: tuple[tuple[PersonalKind, re.Pattern[str], re.Pattern[str]], ...] = (
    (
        PersonalKind.IDENTITY,
        re.compile(
            rf"{_NO_LETTER_BEFORE}(?:CCCD|CMND|CMTND|CMT|(?:thẻ )?căn cước(?: công dân)?|chứng minh(?: nhân dân| thư)?|"
            rf"giấy chứng minh|số định danh(?: cá nhân)?){_NO_LETTER_BEHIND}",
            re.IGNORECASE,
        ),
        re.compile(rf"{_OWNER}{_BETWEEN}((?:{_DIGITS}{{11}}|{_DIGITS}{{8}})(?![ .\-]?\d))", re.IGNORECASE),
    ),
    (
        PersonalKind.ACCOUNT,
        re.compile(rf"{_NO_LETTER_BEFORE}(?:(?:số )?tài khoản(?: ngân hàng)?|stk|số tk){_NO_LETTER_BEHIND}", re.IGNORECASE),
        re.compile(rf"{_OWNER}{_BETWEEN}({_DIGITS}{{5,18}}(?![ .\-]?\d)(?!{_AMOUNT}))", re.IGNORECASE),
    ),
)
_PHONE = re.compile(r"(?<!\d)(?:\+84[ .\-]?|0)(?:(?P<mobile>[35789](?:[ .\-]?\d){8})|2(?:[ .\-]?\d){9})(?!\d)")
_JOINS = re.compile(r"\s?[/–\-]\s?")  # 0912345678/0987654321
_PART_OF_MORE_BEFORE, _PART_OF_MORE_AFTER = re.compile(r"(?<=[\d/.\-])"), re.compile(r"/|[.\-]\d")  # 0912345678/QĐ-UBND
_LONG_NUMBER = re.compile(rf"{_DIGITS}{{5}}")  # the shortest identifier
_FIGURE, _COVER = re.compile(r"\d"), "•"


def mask(text: str, spans: Sequence[Sequence[int]] | None = None) -> str:
    """Return `text` with the figures of personal identifiers covered, as long as before; `spans` says where they are, if known.

    >>> mask("Ông An, CCCD 020085001234"), mask("Quyết định 12/2022/QĐ-UBND")
    ('Ông An, CCCD ••••••••••••', 'Quyết định 12/2022/QĐ-UBND')
    """
    if spans is None:
        if _LONG_NUMBER.search(text) is None:
            return text
        spans = [(personal.start, personal.end) for personal in find_personal(text)]
    parts, at = [], 0
    for start, end in spans:
        parts += [text[at:start], _FIGURE.sub(_COVER, text[start:end])]
        at = end
    return "".join([*parts, text[at:]])


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
    """Yield mobile numbers; one that seems part of a longer code counts only where another telephone's number is joined to it."""
    phones = list(_PHONE.finditer(text))
    joined = [_JOINS.fullmatch(text, one.end(), other.start()) is not None for one, other in pairwise(phones)]
    for place, phone in enumerate(phones):
        free_before = (place and joined[place - 1]) or not _PART_OF_MORE_BEFORE.match(text, phone.start())
        free_after = (place < len(joined) and joined[place]) or not _PART_OF_MORE_AFTER.match(text, phone.end())
        if phone["mobile"] and free_before and free_after:
            yield Personal(PersonalKind.MOBILE, *phone.span())
