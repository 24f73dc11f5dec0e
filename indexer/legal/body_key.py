"""Bodies as keys, to tell whether two documents are of one: however it is spelled, and whatever it was called on their days."""

import re
from datetime import date

from indexer.legal.identity import identity_of, listed_bodies, registered_body
from indexer.legal.parts import slug_of
from indexer.legal.wording import syllables

# Symbols of bodies that there is one of in the country: NĐ-CP, QĐ-TTg, QH15, TT-BTC; every other body counts for itself.
_NATIONAL = re.compile(
    r"[-/](?:CP|TTg|CTN|L|(?:UBTV)?QH\d{1,2}|B(?!QL|CĐ|TV)[A-ZĐ&]{2,9}|NHNN|TTCP|VPCP|VPQH|TANDTC|VKSNDTC|KTNN|HĐTP|UBDT)$"
)
OFFICE = re.compile(
    r"(?:(?:Phó\s{1,3})?Chủ\s{1,3}tịch|Thường\s{1,3}trực|Bộ\s{1,3}trưởng|(?:Tổng\s{1,3})?Giám\s{1,3}đốc)\s{1,3}"
    r"(?=\S)(?!nước\b)",
    re.IGNORECASE,
)
COUNCIL_NAMES = "(?:Hội đồng|Ủy ban|Uỷ ban) nhân dân"
# Named without its place: that of the document which names it
_BARE = re.compile(
    rf"(?P<body>{COUNCIL_NAMES}|Sở .+?)"
    r"(?: (?P<kind>tỉnh|thành phố|huyện|quận|thị xã|thị trấn|xã|phường|đặc khu))?"
)


def has_one_body(number: str) -> bool:
    """Say whether a document number's symbol is that of one body in the whole country: NĐ-CP is, QĐ-UBND is not."""
    return _NATIONAL.search(number) is not None


def body_key(printed: str, day: date | None) -> str:
    """Return what tells a printed issuer from all others, however it is spelled and whatever it was called on `day`.

    >>> body_key("Uỷ ban nhân dân tỉnh Lạng Sơn", None), body_key("Chủ tịch UBND tỉnh Lạng Sơn", None)
    ('uy-ban-nhan-dan/tinh-lang-son', 'uy-ban-nhan-dan/tinh-lang-son')
    """
    return "; ".join(_key(part, day) for part in listed_bodies(printed, day))


def _key(printed: str, day: date | None) -> str:
    known = registered_body(printed, day)
    if known is None or "/" in known.key:  # a committee's chairman signs in its name; Chủ tịch Hội đồng Bộ trưởng is no such
        printed = OFFICE.sub("", printed, count=1) if OFFICE.match(printed) else printed
        known = identity_of(printed, day)
    return known.key if known else " ".join(syllables(printed))


def cited_body_key(named: str | None, day: date | None, own: str) -> str:
    """Return the key of the body that a document of the body `own` means by `named`; where it names none, that is its own.

    >>> cited_body_key("Hội đồng nhân dân tỉnh", None, "so-tai-chinh/tinh-lang-son")
    'hoi-dong-nhan-dan/tinh-lang-son'
    """
    if named is None:
        return own
    bare = _BARE.fullmatch(named)
    places = own.split("/")[1:]
    if bare is None or not places or identity_of(named, day):
        return body_key(named, day)
    kind = slug_of(bare["kind"] or "")
    depth = max((n for n, place in enumerate(places, 1) if not kind or place.startswith(f"{kind}-")), default=0)
    return "/".join([slug_of(bare["body"]), *places[:depth]]) if depth else body_key(named, day)
