"""Issuing bodies that a question names: thông tư bộ tài chính, quyết định ubnd tỉnh lạng sơn, nghị quyết của chính phủ.

Names and places are those of indexer/legal/data, with the ways of writing and calling them. A body favours, it excludes nothing:
chức năng của Bộ Y tế is what a decree of the Government is about.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from analyzers.accents import has_accents
from analyzers.tables import rows
from analyzers.tokens import Token
from indexer.engine.query import Layer
from indexer.legal.identity import Identity, group_of, identity_of, predecessors
from indexer.legal.naming import IN_EVERY_PLACE
from search_api.abbreviations import built_in
from search_api.bodies import Named
from search_api.hints import leading_type
from search_api.wording import syllable_tokens, terms_of

MOST: Final = 2  # bodies of a question
_MOST_FORMER: Final = 40  # bodies that another took over from, at any remove
_LONGEST: Final = 20  # words of a name
_OF_PLACES: Final = ("Ủy ban nhân dân", "Hội đồng nhân dân")
_LONGEST_PLACE: Final = 6
_SHORT: Final = 10  # words; a longer question is a title or a sentence: … thuộc thẩm quyền quản lý của Bộ Y tế
_SHORTEST_CODE: Final = 3  # letters of an abbreviation that stands for a body behind a type: thông tư BTC
# Types that one body alone issues: beside another body's name they are about it
_ISSUED_BY_ONE: Final = {
    "Hiến pháp": "quoc-hoi",
    "Bộ luật": "quoc-hoi",
    "Luật": "quoc-hoi",
    "Pháp lệnh": "uy-ban-thuong-vu-quoc-hoi",
    "Nghị định": "chinh-phu",
}


@dataclass(frozen=True, slots=True)
class Issuer:
    """A body named at `text[start:end]`: the groups of its documents, and of those that it took over from.

    `plain` says that it can be nothing but the issuer: it follows the type (thông tư của bộ tài chính) or issues (do … ban hành).
    `words` are the terms for it, abbreviations spelt out, with what joins them to the type.
    """

    start: int
    end: int
    groups: tuple[str, ...]
    former: tuple[str, ...]
    plain: bool
    words: tuple[str, ...]


_OF: Final = re.compile(r"^(?:của|cua|do)\s+", re.IGNORECASE)
_Names = Mapping[tuple[str, ...], tuple[str, ...]]  # terms → names of the bodies meant


def find_issuers(text: str, layer: Layer) -> tuple[Issuer, ...]:
    """Return the issuing bodies that a question names where an issuer stands: behind its type, first, last, or issuing.

    >>> [(one.groups, one.plain) for one in find_issuers("quyết định ubnd tỉnh lạng sơn quy hoạch đất", Layer.MAIN)]
    [(('Ủy ban nhân dân tỉnh Lạng Sơn',), True)]
    """
    tokens = syllable_tokens(text, layer)
    kind = leading_type(text)
    figures = _said(("số",), layer)  # thông tư số 111 bộ tài chính
    after_type = next(
        (
            place
            for place, token in enumerate(tokens)
            if kind and token.start >= kind[1] and not token.text.isdigit() and token.text not in figures
        ),
        0,
    )
    found = []
    for first, end, names in _named(tokens, layer, after_type if kind else None):
        bodies = [body for name in names if (body := identity_of(name, None))]
        if kind and kind[0] in _ISSUED_BY_ONE:
            bodies = [body for body in bodies if body.key == _ISSUED_BY_ONE[kind[0]]]
        begin = first - 1 if first and tokens[first - 1].text in _said(("của", "do"), layer) else first
        issues = [token.text for token in tokens[end : end + 2]] == list(terms_of("ban hành", layer))
        plain = issues or (kind is not None and begin == after_type)
        perhaps = len(tokens) <= _SHORT and (begin == 0 or end == len(tokens))
        if bodies and (plain or perhaps):
            found.append(_issuer(tokens, (first, end), bodies, plain, _spelt_out(tokens[begin:end], layer)))
    return tuple(found[:MOST])


def leading_issuer(text: str) -> Named | None:
    """Return the body that a text begins with, by its name, an abbreviation or what people call it; None for none.

    >>> leading_issuer("thủ tướng quy hoạch").groups, leading_issuer("Bộ KH&CN").groups, leading_issuer("quy hoạch")
    (('Thủ tướng Chính phủ',), ('Bộ Khoa học và Công nghệ',), None)
    """
    layer = Layer.MAIN if has_accents(text) else Layer.FOLDED
    tokens = syllable_tokens(text, layer)[: _LONGEST + _LONGEST_PLACE]
    first, end, names = next(_named(tokens, layer, 0), (-1, 0, ()))
    groups = tuple(dict.fromkeys(group_of(body) for name in names if (body := identity_of(name, None))))
    if first or not groups:
        return None
    stop = tokens[end - 1].end
    return Named(" ".join(text[:stop].split()), stop, groups)


def is_issuer(text: str) -> bool:
    """Say whether a text names a body and says nothing else.

    >>> is_issuer("của thủ tướng"), is_issuer("thủ tướng quy hoạch")
    (True, False)
    """
    named = _OF.sub("", text.strip())
    found = leading_issuer(named)
    return found is not None and found.end == len(named)


def _issuer(
    tokens: Sequence[Token], place: tuple[int, int], bodies: Sequence[Identity], plain: bool, words: tuple[str, ...]
) -> Issuer:
    groups = tuple(dict.fromkeys(map(group_of, bodies)))
    former = tuple(group for group in dict.fromkeys(map(group_of, _former(bodies))) if group not in groups)
    return Issuer(tokens[place[0]].start, tokens[place[1] - 1].end, groups, former, plain, words)


def _former(bodies: Sequence[Identity]) -> list[Identity]:
    """Return the bodies that some took over from, and those that these did, the nearest first."""
    found: list[Identity] = []
    nearest = list(bodies)
    while nearest and len(found) < _MOST_FORMER:
        before = [former for body in nearest for former in predecessors(body)]
        nearest = [body for body in dict.fromkeys(before) if body not in found and body not in bodies]
        found += nearest
    return found[:_MOST_FORMER]


def _named(tokens: Sequence[Token], layer: Layer, after_type: int | None) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield first word, end and names of each body, the longest at each place; abbreviations count right behind a type alone."""
    words, at = tuple(token.text for token in tokens), 0
    while at < len(words):
        if words[at] not in _first_words(layer):
            at += 1
            continue
        known = [_names(layer), *([_codes(layer)] if at == after_type else [])]
        ends = range(min(len(words), at + _LONGEST), at, -1)
        named = next(((end, names[words[at:end]]) for end in ends for names in known if words[at:end] in names), (at, ()))
        end, names = max(named, _of_place(words, at, layer))
        if end > at:
            yield at, end, names
        at = max(end, at + 1)


@cache
def _first_words(layer: Layer) -> frozenset[str]:
    return frozenset(terms[0] for names in (_names(layer), _codes(layer), _bodies_of_places(layer)) for terms in names if terms)


def _of_place(words: tuple[str, ...], at: int, layer: Layer) -> tuple[int, tuple[str, ...]]:
    """Return where a province's body ends that is named at a word, and its name: ubnd tỉnh lạng sơn, sở tài chính hà nội."""
    for cut in range(min(len(words), at + _LONGEST), at, -1):
        body = _bodies_of_places(layer).get(words[at:cut])
        for end in range(min(len(words), cut + _LONGEST_PLACE), cut, -1) if body else ():
            if place := _places(layer).get(words[cut:end]):
                return end, (f"{body} {place}",)
    return at, ()


@cache
def _said(words: tuple[str, ...], layer: Layer) -> frozenset[str]:
    return frozenset(terms_of(" ".join(words), layer))


@cache
def _places(layer: Layer) -> Mapping[tuple[str, ...], str]:
    """Return provinces by their names, with and without what they are: a city of the district level is another place."""
    found: dict[tuple[str, ...], str] = {}
    for _, kind, name, others, *_ in rows("indexer.legal", "places.tsv"):
        for spelling in filter(None, (name, *others.split("; "))):
            for said in (spelling, f"{kind} {spelling}", *([f"tp {spelling}"] if kind == "thành phố" else [])):
                found.setdefault(terms_of(said, layer), f"{kind} {name}")
    return found


@cache
def _bodies_of_places(layer: Layer) -> Mapping[tuple[str, ...], str]:
    """Return what every province has: committee, council, the departments listed, and those of ministries' names."""
    listed = rows("indexer.legal", "issuers.tsv")
    departments = [name for _, name, _, _, _, parent, _ in listed if parent == IN_EVERY_PLACE]
    departments += [f"Sở {name.removeprefix('Bộ ')}" for _, name, *_ in listed if name.startswith("Bộ ")]
    return {terms: name for name in (*departments, *_OF_PLACES) for terms in _ways_of_writing(name, layer)}


@cache
def _names(layer: Layer) -> _Names:
    """Return the bodies that there is one of, by their names and what they are called."""
    state = [name for _, name, _, _, _, parent, _ in rows("indexer.legal", "issuers.tsv") if parent != IN_EVERY_PLACE]
    names = {terms: (name,) for name in reversed(state) for terms in _ways_of_writing(name, layer)}
    called = rows("search_api", "issuer_names.tsv")
    return names | {terms_of(said, layer): tuple(filter(None, meant.split("; "))) for said, meant, _ in called}


@cache
def _codes(layer: Layer) -> _Names:
    """Return bodies by their abbreviations in document numbers: BTC."""
    codes: dict[tuple[str, ...], tuple[str, ...]] = {}
    for _, name, stated, _, _, parent, _ in rows("indexer.legal", "issuers.tsv"):
        for code in stated.split("; "):
            if len(code) >= _SHORTEST_CODE and parent != IN_EVERY_PLACE:
                codes.setdefault(terms_of(code, layer), (name,))
                if name.startswith("Bộ "):  # Bộ TC
                    codes.setdefault(terms_of(f"Bộ {code[1:]}", layer), (name,))
    return codes


def _ways_of_writing(name: str, layer: Layer) -> list[tuple[str, ...]]:
    """Return the terms of a name, and those with a part of it abbreviated: bộ gtvt."""
    terms = terms_of(name, layer)
    ways = [terms]
    for short, long, _ in rows("search_api", "abbreviations.tsv"):
        full = terms_of(long, layer)
        starts = [at for at in range(len(terms) - len(full) + 1) if terms[at : at + len(full)] == full]
        ways += [(*terms[:at], *terms_of(short, layer), *terms[at + len(full) :]) for at in starts]
    return ways


def _spelt_out(tokens: Sequence[Token], layer: Layer) -> tuple[str, ...]:
    words = [token.text for token in tokens]
    for found in reversed(built_in().expansions(words, layer)):
        if found.short:
            words[found.first : found.end] = found.other
    return tuple(words)
