"""Which documents are about the same as one, and why: telling words that both have, and what both cite.

Candidates are what the engine finds for the document's most telling words and the numbers that it cites; what they cite alike
raises them. Nothing else of a document counts, and nothing that its reader may not see.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from math import log
from typing import NamedTuple

from analyzers.profiles import Profile, analyse
from analyzers.tokens import TokenKind
from indexer.catalogue.relations import Cited
from indexer.engine.fields import KEY
from indexer.engine.port import SearchEngine, SearchRequest
from indexer.engine.query import Boost, Layer, Node, Not, OneOf, Or, Term
from indexer.model import Document, Visibility
from search_api import render
from search_api.plan import PUBLIC
from search_api.services import Library, Services
from search_api.telling import Word, telling_words
from search_api.wording import terms_of

MOST = 10
_CANDIDATES = 60
_NUMBERS = 10  # cited ones that are looked for, in the order in which the text names them
_IN_TITLE, _TITLE_WORDS = 0.3, 40  # what a syllable of the title weighs where a title has it, too; how many are looked for
_NUMBER = 0.5  # what such a number weighs beside a word that the text often has
_LEAST = 0.2  # of the best candidate's score, which the words of another one must reach
_CITED, _MOST_CITED = 0.15, 3.0  # what a citation in common adds, by how rare it is, to a candidate's share of the best score
_TIED = 0.1  # what it adds that one names the other
_LONGEST_TITLE = 500  # characters
_SHOWN_WORDS, _SHOWN_LAWS = 5, 3
_ASKED_WORDS = 12  # the most telling ones, of which those in common are shown


class Similar(NamedTuple):
    """Another document, its score, and what both cite, with what this one calls it."""

    key: int
    score: float
    laws: tuple[str, ...]
    tied: bool


def similar(services: Services, document: Document, visible: frozenset[Visibility] = PUBLIC) -> render.SimilarAnswer:
    """Return up to MOST documents that are about the same, the most similar first. Raises what engine and catalogue raise."""
    engine, library = services.engine, services.library
    title, text = document.metadata.title or "", library.canonical(document.key, masked=True).text
    words = telling_words(engine, title, text, library.provisions(document.key, masked=True))
    cited = library.cited_by([document.key]).get(document.key, {})
    found = ranked(engine, library, document.key, title, words, cited, visible)
    found = found[: 2 * MOST]  # more than MOST, for some may be the same document in another file, or closed since
    others = library.get_many({one.key for one in found}, masked=True)
    shown = [(one, others[one.key]) for one in found if one.key in others and others[one.key].visibility in visible]
    different = [pair for pair in shown if not _is_same(document, pair[1])]
    common = _words_in_common(engine, words, [other.key for _, other in different], visible)
    kept = [(one, other) for one, other in different if _has_reason(one, common.get(other.key, ()))][:MOST]
    return render.SimilarAnswer(
        items=tuple(
            render.similar_item(other, common.get(other.key, ()), one.laws[:_SHOWN_LAWS], tied=one.tied) for one, other in kept
        )
    )


def _has_reason(one: Similar, common: Sequence[str]) -> bool:
    """Say whether it can be told why a document is similar: a syllable alone tells nothing."""
    return one.tied or bool(one.laws) or len(common) > 1 or any(" " in word for word in common)


def ranked(
    engine: SearchEngine,
    library: Library,
    key: int,
    title: str,
    words: Sequence[Word],
    cited: Mapping[Cited, str],
    visible: frozenset[Visibility] = PUBLIC,
    *,
    ties: bool = True,
) -> list[Similar]:
    """Return the candidates but for copies, the most similar first; without `ties` none counts for naming the other."""
    nodes: list[Node] = [Boost(Term(word.term), word.often) for word in words]
    nodes += [Boost(Term(number), _NUMBER) for number in _number_terms(cited.items())]
    nodes += [Boost(Term(word, fields=("title",)), _IN_TITLE) for word in _subject(title)]
    if not nodes:
        return []
    request = SearchRequest(
        Or(tuple(nodes), min(2, len(nodes))), filters=(Not(OneOf(KEY, (key,))),), visible=visible, limit=_CANDIDATES
    )
    hits = engine.search(request).hits
    keys = [hit.key for hit in hits]
    copies, tied = library.copies_among(key, keys), library.tied_to(key, visible, keys) if ties else frozenset()
    theirs = library.cited_by(keys)
    rarity = Counter(one for each in theirs.values() for one in each if one in cited)
    found = []
    for hit in hits:
        share = hit.score / hits[0].score
        if hit.key not in copies and share >= _LEAST:
            alike = sorted((one for one in theirs.get(hit.key, ()) if one in cited), key=lambda one: (rarity[one], cited[one]))
            gain = sum(log(1 + len(keys) / rarity[one]) for one in alike)
            score = share + _CITED * min(gain, _MOST_CITED) + _TIED * (hit.key in tied)
            found.append(Similar(hit.key, score, tuple(cited[one] for one in alike), hit.key in tied))
    return sorted(found, key=lambda one: (-one.score, one.key))


def _subject(title: str) -> list[str]:
    """Return the syllables of a title, without figures."""
    terms = terms_of(title[:_LONGEST_TITLE], Layer.MAIN)
    return [word for word in dict.fromkeys(terms) if word.isalpha()][:_TITLE_WORDS]


def _number_terms(cited: Iterable[tuple[Cited, str]]) -> list[str]:
    """Return the terms of cited numbers, as the index keeps them whole."""
    numbers = [shown for one, shown in cited if one.number_key][:_NUMBERS]
    tokens = (token for number in numbers for token in analyse(number, Profile.QUERY))
    return list(dict.fromkeys(token.text for token in tokens if token.kind is TokenKind.NUMBER))


def _is_same(document: Document, other: Document) -> bool:
    """Say whether two files hold one document: number, issuer and day are the same."""
    one, two = document.metadata, other.metadata
    return bool(one.number and one.issued_date) and (one.number, one.issuer, one.issued_date) == (
        two.number,
        two.issuer,
        two.issued_date,
    )


def _words_in_common(
    engine: SearchEngine, words: Sequence[Word], keys: Collection[int], visible: frozenset[Visibility]
) -> dict[int, tuple[str, ...]]:
    """Return which of the most telling words each of some documents has, too; of words that hold one another the longest."""
    common: dict[int, list[Word]] = {}
    for word in words[:_ASKED_WORDS] if keys else ():
        request = SearchRequest(Term(word.term), filters=(OneOf(KEY, tuple(keys)),), visible=visible, limit=len(keys))
        for hit in engine.search(request).hits:
            common.setdefault(hit.key, []).append(word)
    return {key: tuple(_apart(some)[:_SHOWN_WORDS]) for key, some in common.items()}


def _apart(words: Sequence[Word]) -> list[str]:
    """Return words as people write them, without those that are parts of another one."""
    terms = [f"_{word.term}_" for word in words]
    return [
        word.shown for word, term in zip(words, terms, strict=True) if not any(term != other and term in other for other in terms)
    ]
