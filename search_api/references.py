"""A provision of a named document in a question: khoản 2 điều 15 luật đất đai, Đ15 K2 BLDS, nghị định 30/2020/NĐ-CP điều 5.

Only where the question names the document, too: a type, a number or the short name of a law. Else the words are words.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, NamedTuple

from analyzers.accents import has_accents
from analyzers.citations import number_key, number_keys, read_number
from analyzers.tables import rows
from indexer.engine.query import Layer
from indexer.legal.parts import article_key
from indexer.model import Document, Provision
from search_api.abbreviations import built_in
from search_api.hints import leading_type
from search_api.wording import terms_of, without_quotations

_SEPARATOR: Final = r"(?:\s{0,3},)?\s{1,3}(?:(?:của|cua)\s{1,3})?"
_ENDS: Final = r"(?![\w/]|[.,]\d)"
_MORE: Final = r"(?:\s{0,3}(?:,|và|va|hoặc|hoac|-|–)\s{0,3}%s)*"  # further ones: khoản 1, 2; điểm a và b
_POINT: Final = rf"(?:điểm|diem)\s{{1,3}}(?P<point%s>[a-zđ]\d?){_MORE % '[a-zđ]'}{_ENDS}"
_CLAUSE: Final = rf"(?:(?:khoản|khoan)\s{{1,3}}|k\.?)(?P<clause%s>\d{{1,3}}[a-zđ]?){_MORE % f'[0-9]{{1,3}}[a-zđ]?{_ENDS}'}{_ENDS}"
_ANOTHER: Final = r"(?:(?:điều|dieu)\s{1,3})?[0-9]{1,4}[a-zđ]?(?![0-9/])"
_ARTICLE: Final = (
    r"(?:(?:điều|dieu)\s{0,3}(?:(?:số|so|thứ|thu)\s{1,3})?|[đd](?:\.\s{0,3})?)"
    rf"(?P<article>\d{{1,4}}[a-zđ]?)(?P<articles>{_MORE % _ANOTHER}){_ENDS}"
)
_REFERENCE: Final = re.compile(
    rf"""(?<![\w"/.,*-])(?:{_POINT % 1}{_SEPARATOR})?(?:{_CLAUSE % 1}{_SEPARATOR})?{_ARTICLE}
    (?:{_SEPARATOR}{_CLAUSE % 2}(?:{_SEPARATOR}{_POINT % 2})?)?""",
    re.IGNORECASE | re.VERBOSE,
)
_LABEL: Final = re.compile(r"\d{1,4}[a-zđ]?", re.IGNORECASE)
_MOST_ARTICLES: Final = 8
_JOINS_AFTER: Final = re.compile(r"\s*(?:[,:]\s*)?(?:(?:của|cua|tại|tai|trong|theo)(?!\w)\s*)?", re.IGNORECASE)
_JOINS_BEFORE: Final = re.compile(
    r"(?:(?<!\w)(?:nội dung|noi dung|quy định|quy dinh|căn cứ|can cu|theo|tại|tai|xem|,)\s*){1,3}$", re.IGNORECASE
)
_LONGEST_JOIN: Final = 40
_LONGEST_LAW: Final = 20  # words of a law's name
_REACH: Final = 200  # characters that hold it
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_LAW: Final = re.compile(r"\s*(?:(?:bộ|bo)\s+)?(?:luật|luat)\s+", re.IGNORECASE)  # a short name may follow: luật XLVPHC


@dataclass(frozen=True, slots=True)
class Reference:
    """A provision named at `text[start:end]`, with its article's key, and what is known of the document that it is one of.

    `numbers` are the keys of the numbers that the name of a law stands for, `name` the words of that name in `layer`.
    """

    start: int
    end: int
    anchor: str  # dieu-15-khoan-2
    article: str  # dieu-15
    layer: Layer
    numbers: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    others: tuple[str, ...] = ()  # keys of further articles: điều 8 và điều 9


class Law(NamedTuple):
    """A law's name as it is printed, the words of that in a layer, and the numbers of all laws that had it, the newest last.

    `rest` are the words that follow it.
    """

    name: str
    words: tuple[str, ...]
    numbers: tuple[str, ...]
    rest: str = ""


def reference_spans(text: str) -> list[tuple[int, int]]:
    """Return where words that may name provisions stand."""
    return [match.span() for match in _REFERENCE.finditer(text)]


def take_reference(text: str) -> tuple[str, Reference | None]:
    """Return the question without the first provision that it names outside quotation marks, and that.

    >>> take_reference("Đ15 K2 luật đất đai")[1].anchor, take_reference("điều 15")[1]
    ('dieu-15-khoan-2', None)
    """
    layer = Layer.MAIN if has_accents(text) else Layer.FOLDED
    unquoted = without_quotations(text)
    match = _REFERENCE.search(unquoted)
    if match is None:
        return text, None
    end = match.end() + len(_joined(_JOINS_AFTER.match(text[match.end() : match.end() + _LONGEST_JOIN])))
    before, after = text[: match.start()], text[end:]
    begin = match.start() - len(_joined(_JOINS_BEFORE.search(before[-_LONGEST_JOIN:])))
    # Hướng dẫn điều 5 nghị định …, sửa đổi điều 5 nghị định … name documents about the article
    follows = _names_a_document(after, layer)
    if before[:begin].strip() if follows else not _names_a_document(before, layer):
        return text, None
    law = leading_law(after if follows else before, layer)
    anchor = _anchor(match)
    others = tuple(f"dieu-{label.lower().replace('đ', 'dd')}" for label in _LABEL.findall(match["articles"])[:_MOST_ARTICLES])
    reference = Reference(match.start(), match.end(), anchor, article_key(anchor) or anchor, layer, others=others)
    if law:
        reference = replace(reference, numbers=tuple(map(number_key, law.numbers)), name=law.words)
    return f"{text[:begin].rstrip()} {after}".strip(), reference


def find_article(reference: Reference, provisions: Sequence[Provision]) -> Provision | None:
    """Return the article that is named, the document's own before one of an attached part; None where there is none."""
    named = [provision for provision in provisions if article_key(provision.anchor) == reference.article]
    return min(named, key=lambda provision: "." in provision.anchor, default=None)


def is_named(reference: Reference, asked: tuple[str, ...], document: Document) -> bool:
    """Say whether a document is the one whose provision is named: by its number, one of the keys `asked`, or by a law's name."""
    metadata = document.metadata
    keys = number_keys(metadata.number, metadata.issued_date.year if metadata.issued_date else None) if metadata.number else ()
    if not {*asked, *reference.numbers}.isdisjoint(keys):
        return True
    if not reference.name or asked:
        return False
    kind, title = terms_of(metadata.type or "", reference.layer), terms_of(metadata.title or "", reference.layer)
    return reference.name in {title, kind + title}


def _joined(match: re.Match[str] | None) -> str:
    return match.group() if match else ""


def _anchor(match: re.Match[str]) -> str:
    parts = [
        ("dieu", match["article"]),
        ("khoan", match["clause1"] or match["clause2"]),
        ("diem", match["point1"] or match["point2"]),
    ]
    return "-".join(f"{name}-{label.lower().replace('đ', 'dd')}" for name, label in parts if label)


def _names_a_document(text: str, layer: Layer) -> bool:
    return leading_type(text) is not None or read_number(text) is not None or leading_law(text, layer) is not None


def leading_law(text: str, layer: Layer) -> Law | None:
    """Return the law that a text begins with by its name or its short name; None for none.

    Of a year that follows the name there is one number, or none.

    >>> leading_law("luật đất đai 2013 thu hồi đất", Layer.MAIN).numbers, leading_law("luật XLVPHC", Layer.MAIN).name
    (('45/2013/QH13',), 'Luật Xử lý vi phạm hành chính')
    >>> leading_law("luật đất đai 1993", Layer.MAIN).numbers, leading_law("luật giá trị", Layer.MAIN).name
    ((), 'Luật Giá')
    """
    kind = _LAW.match(text[:_REACH])
    start = kind.end() if kind else 0
    words = terms_of(text[:start] + built_in().written_out(text[start:_REACH], layer), layer)
    for count in range(min(len(words), _LONGEST_LAW), 1, -1):
        law = _laws(layer).get(words[:count])
        if law is not None and not _is_cut(words, count, layer):
            year = next((word for word in words[count : count + 2] if word not in {"năm", "nam"}), "")
            numbers = tuple(number for number in law.numbers if f"/{year}/" in number or not _YEAR.fullmatch(year))
            return law._replace(words=words[:count], numbers=numbers, rest=" ".join(words[count:]))
    return None


def _is_cut(words: tuple[str, ...], end: int, layer: Layer) -> bool:
    """Say whether an expression goes on over the end of a name: luật giá | trị gia tăng."""
    return any(found.first < end < found.end for found in built_in().expansions(words, layer))


@cache
def _laws(layer: Layer) -> Mapping[tuple[str, ...], Law]:
    """Return all laws by the words of type and name, and as people call them: luật hình sự, luật giá trị gia tăng."""
    laws: dict[tuple[str, ...], Law] = {}
    called: dict[tuple[str, ...], Law] = {}
    for kind, name, numbers, _ in rows("indexer.legal", "laws.tsv"):
        law = Law(f"{kind} {name}", terms_of(f"{kind} {name}", layer), tuple(numbers.split()))
        laws[law.words] = law
        called[terms_of(f"{kind.removeprefix('Bộ ')} {name.removeprefix('Thuế ')}", layer)] = law
    return called | laws
