"""What a reader may be typing: numbers, subjects, titles and headings that hold the words so far, the last one begun.

Nothing is kept between requests: the index says which documents fit, the catalogue what they are called now and who may see them.
So what was recalled is gone with the next request, in every process.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Final, NamedTuple

from analyzers.accents import fold, has_accents
from analyzers.citations import number_key, read_bare_number, read_number
from analyzers.normalise import nfc
from indexer.engine.fields import Scope
from indexer.engine.port import Hit, SearchRequest, Sort
from indexer.engine.query import And, Keyword, Layer, Node, Or, Phrase, Prefix, Term
from indexer.model import Visibility
from search_api.hints import leading_type
from search_api.lexing import reserved
from search_api.params import MAX_QUERY
from search_api.plan import PUBLIC
from search_api.render import SuggestAnswer, SuggestionItem, document_url
from search_api.services import Services
from search_api.subjects import Called, folded_word, frequent_subjects, is_subject, words_of
from search_api.word_patterns import prefix_forms
from search_api.wording import syllable_tokens

MOST: Final = 10
_HEADINGS: Final = 3
_SAMPLE: Final = 32  # newest documents that fit, whose titles are read
_WORDS: Final = 32  # of a long text, the first ones are looked up
_MARKS: Final = re.compile(r'["“”„‟«»*|()]+|\?(?=\w)|(?<![^\s"“”„‟«»*|()])[-+]+')  # a title is searched as words
_WORDED: Final = re.compile(r"\b(?:AND|OR|NOT|VÀ|HOẶC|KHÔNG)\b")  # operators in capitals, words in small letters
# 12, 12/, số 12/2022/q, 012-2022 / qd-ub
_NUMBER_BEGUN: Final = re.compile(
    r"\s*(?:s[ốo]\s{0,3}:?\s{0,3})?(?P<number>\d{1,6}[a-zđ]?(?:\s?[/–-][\w/ –-]*)?)\s*", re.IGNORECASE
)

_PARTED: Final = re.compile(r"\d\s?[/–-][ /–-]*$")  # the figures before it are finished


class _Typed(NamedTuple):
    """The words of a text, by layer; the last one is unfinished where `open`."""

    text: str
    words: tuple[str, ...]  # as typed
    terms: Mapping[Layer, tuple[str, ...]]
    open: bool
    small: str  # the words, small
    plain: str  # and without accents


def suggest(services: Services, q: str, visible: frozenset[Visibility] = PUBLIC) -> SuggestAnswer:
    """Return at most MOST suggestions within the reader's rights; each finds at least one document."""
    typed = _read(q)
    items: dict[str, SuggestionItem] = {}
    if typed.words:
        for item in _found(services, typed, visible):
            items.setdefault(fold(item.text).casefold(), item)
            if len(items) == MOST:
                break
    return SuggestAnswer(query=q, suggestions=tuple(items.values()))


def _read(q: str) -> _Typed:
    text = nfc(q)
    layers = (Layer.MAIN, Layer.FOLDED) if has_accents(text) else (Layer.FOLDED,)
    tokens = {layer: syllable_tokens(text, layer)[:_WORDS] for layer in layers}
    words = tuple(text[token.start : token.end] for token in tokens[Layer.FOLDED])
    terms = {layer: tuple(token.text for token in found) for layer, found in tokens.items()}
    small = " ".join(words).lower()
    return _Typed(text, words, terms, text[-1:].isalnum(), f" {small}", f" {fold(small)}")


def _found(services: Services, typed: _Typed, visible: frozenset[Visibility]) -> Iterator[SuggestionItem]:
    yield from _numbers(services, typed.text, visible)
    newest, short = _titles(services, typed, visible)
    subjects = frequent_subjects(newest, typed.words, whole=not typed.open)
    for subject in subjects:
        yield SuggestionItem(kind="subject", text=as_words(subject.text), url=document_url(subject.id))
    for called in _nearest(newest, short, typed):
        if title := as_words(called.text):
            yield SuggestionItem(kind="title", text=title, url=document_url(called.id))
    yield from _headings(services, typed, visible)


def _numbers(services: Services, text: str, visible: frozenset[Visibility]) -> Iterator[SuggestionItem]:
    """Yield the numbers that are being typed: those that it is already, then those that begin so, the newest first."""
    number, type_ = _number_in(text)
    if not number:
        return
    engine, typed = services.engine, number_key(number)
    exact = [hit.key for hit in engine.search(_newest(Keyword("number", typed), visible, _SAMPLE)).hits]
    more = len(exact) < MOST and not _PARTED.search(number)
    begun = services.library.numbers_from(typed, visible, _SAMPLE) if more else {}
    if begun:  # those that the index holds as well
        held = Or(tuple(Keyword("number", each) for each in dict.fromkeys(begun.values())))
        found = {hit.key for hit in engine.search(_newest(held, visible, _SAMPLE * MOST)).hits}
        begun = {key: begun[key] for key in begun if key in found}
    names = services.library.names((*exact, *begun)) if exact or begun else {}
    keys = [key for key in dict.fromkeys((*exact, *begun)) if key in names and names[key].visibility in visible]
    for key in sorted(keys, key=lambda key: type_ is not None and names[key].type != type_):
        if printed := names[key].number:
            yield SuggestionItem(kind="number", text=printed, url=document_url(names[key].id))


def _number_in(text: str) -> tuple[str | None, str | None]:
    """Return the document number that is being typed, whole, begun or its figures alone, and the type named before it."""
    type_ = leading_type(text)
    begun = _NUMBER_BEGUN.fullmatch(text, type_[1] if type_ else 0)
    found = None if begun else read_number(text)
    number = begun["number"] if begun else found.value if found else read_bare_number(text.strip())
    return number, type_[0] if type_ else None


def _newest(node: Node, visible: frozenset[Visibility], limit: int, scope: Scope = Scope.DOCUMENTS) -> SearchRequest:
    return SearchRequest(query=node, scope=scope, visible=visible, sort=Sort.NEWEST, limit=limit)


def _titles(services: Services, typed: _Typed, visible: frozenset[Visibility]) -> tuple[list[Called], list[Called]]:
    """Return the titles that fit, and short ones where those are not all.

    Of the first come those with the accents typed, then those with the words side by side, then the newest.
    """
    hits, all_seen = _hits(services, typed, visible, "title", Scope.DOCUMENTS)
    short = [] if all_seen or len(typed.words) < 2 else _short(services, typed, visible)  # a beginning alone has no weight
    names = services.library.names({hit.key for hit in chain(hits, short)}) if hits else {}
    newest, shortest = (
        [
            Called(hit.key, name.id, name.title)
            for hit in found
            if (name := names.get(hit.key)) and name.visibility in visible and name.title
        ]
        for found in (hits, short)
    )
    return newest, shortest


def _short(services: Services, typed: _Typed, visible: frozenset[Visibility]) -> Sequence[Hit]:
    """Return titles in which the words, with the accents typed, are much of it: short ones, which may be older."""
    node = _node(typed, next(iter(typed.terms)), "title", apart=True)
    return services.engine.search(SearchRequest(query=node, visible=visible, limit=MOST)).hits


def _nearest(newest: Sequence[Called], short: Sequence[Called], typed: _Typed) -> Iterator[Called]:
    """Yield the titles that begin with what is typed, those of fewer words first, then of the newest the nearest to it."""
    begun = {called.key: called for called in (*newest, *short) if _begins(called.text, typed)}
    yield from sorted(begun.values(), key=lambda called: len(called.text.split()))
    others: tuple[list[Called], list[Called]] = ([], [])  # no more are looked at than are shown
    for called in newest:
        if called.key in begun:
            continue
        distance = _distance(called.text, typed)
        if distance:
            others[distance - 1].append(called)
        else:
            yield called
    yield from chain(*others)


def _begins(text: str, typed: _Typed) -> bool:
    """Say whether a text begins with what is typed, accents included where some were."""
    words = f" {' '.join(words_of(text[: 2 * len(typed.text)]))}".lower()
    return words.startswith(typed.small) or (typed.small == typed.plain and fold(words).startswith(typed.plain))


def as_words(printed: str | None) -> str:
    """Return a title or heading as a question without operators; "" for one that is longer than a question may be."""
    words = " ".join(_MARKS.sub(" ", printed or "").split())
    if (":" in words or _WORDED.search(words)) and any(reserved(words)):
        words = _WORDED.sub(lambda found: found[0].lower(), words).replace(":", " ")
        words = " ".join(_MARKS.sub(" ", words).split())  # a sign may begin a word now
    return words if len(words) <= MAX_QUERY else ""


def _hits(services: Services, typed: _Typed, visible: frozenset[Visibility], field: str, scope: Scope) -> tuple[list[Hit], bool]:
    """Return the newest entries that fit, and whether these are all with the words side by side."""
    hits: dict[tuple[int, int], Hit] = {}
    all_seen = True
    asked = [_node(typed, layer, field, apart=apart) for apart in (False, True) for layer in typed.terms]
    for node in dict.fromkeys(asked):
        found = services.engine.search(_newest(node, visible, _SAMPLE, scope))
        all_seen = all_seen and found.total <= _SAMPLE
        for hit in found.hits:
            hits.setdefault((hit.key, hit.ordinal), hit)
        if len(hits) >= MOST:
            break
    return list(hits.values())[:_SAMPLE], all_seen


def _node(typed: _Typed, layer: Layer, field: str, *, apart: bool) -> Node:
    """Demand the words in one field, the finished ones side by side unless `apart`."""
    fields = (field,)
    terms = typed.terms[layer]
    finished = terms[:-1] if typed.open else terms
    nodes: list[Node] = [Phrase(finished, layer, fields=fields)] if len(finished) > 1 and not apart else []
    nodes = nodes or [Term(term, layer, fields) for term in dict.fromkeys(finished)]
    if typed.open:
        starts = tuple(Prefix(form, layer, fields) for form in prefix_forms(typed.words[-1], layer))
        nodes.append(starts[0] if len(starts) == 1 else Or(starts))
    return And(tuple(nodes))


def _distance(text: str, typed: _Typed) -> int:
    """Say how far a text is from what is typed: 0 holds it so, 1 but for accents that were typed, 2 its words alone."""
    words = words_of(text)
    if typed.small in f" {' '.join(words)}".lower():
        return 0
    plain = typed.plain in f" {' '.join(map(folded_word, words))}"
    return (1 if typed.small != typed.plain else 0) if plain else 2


def _headings(services: Services, typed: _Typed, visible: frozenset[Visibility]) -> Iterator[SuggestionItem]:
    """Yield headings of provisions that name a subject, those of several documents first."""
    if len(typed.words) < 2:  # one word, or a letter, fits more than anyone can choose from
        return
    hits, _ = _hits(services, typed, visible, "heading", Scope.PROVISIONS)
    if not hits:
        return
    names = services.library.names({hit.key for hit in hits})
    headings = services.library.headings((hit.key, hit.ordinal) for hit in hits)
    documents: dict[str, set[int]] = {}
    first: dict[str, SuggestionItem] = {}
    for hit in hits:
        name, heading = names.get(hit.key), as_words(headings.get((hit.key, hit.ordinal)))
        if name and name.visibility in visible and is_subject(heading) and _distance(heading, typed) < 2:
            key = fold(heading).casefold()
            documents.setdefault(key, set()).add(hit.key)
            first.setdefault(key, SuggestionItem(kind="heading", text=heading, url=f"{document_url(name.id)}#{hit.anchor}"))
    yield from sorted(first.values(), key=lambda item: -len(documents[fold(item.text).casefold()]))[:_HEADINGS]
