"""Which articles of the documents found answer the question: asked of the engine once for all documents of a page."""

from collections.abc import Collection, Mapping

from analyzers.accents import fold
from indexer.engine.fields import KEY, Scope
from indexer.engine.port import Hit, SearchEngine, SearchRequest
from indexer.engine.query import Layer, Node, OneOf, Or, Term
from indexer.model import Visibility
from search_api.plan import PUBLIC, second_look
from search_api.understand import Understanding
from search_api.wording import terms_of

MOST = 3  # articles of one document
_LOOKED_AT = 30  # articles for each document, those that answer best first
_MOST_LOOKED_AT = 600  # of a large page
_SHARE = 0.5  # of the best article's score in the document, which another one must have
_OWN = ("heading", "text")  # text fields of an article, not those of its document
_LEAST = 2  # words that stand in them


def answering(
    engine: SearchEngine, understanding: Understanding, keys: Collection[int], visible: frozenset[Visibility] = PUBLIC
) -> Mapping[int, list[Hit]]:
    """Return the articles that answer best of those documents among `keys` that have any, by key, the best first.

    None where nothing is asked but a number. Raises what the engine raises.
    """
    node = _question(understanding)
    if node is None or not keys:
        return {}
    most = min(_LOOKED_AT * len(keys), _MOST_LOOKED_AT)
    request = SearchRequest(
        node,
        Scope.PROVISIONS,
        filters=(OneOf(KEY, tuple(sorted(keys))), *_holding(understanding)),
        visible=visible,
        limit=most,
        rerank=second_look(understanding, most),
    )
    found: dict[int, list[Hit]] = {}
    for hit in engine.search(request).hits:
        best = found.setdefault(hit.key, [])
        if len(best) < MOST and (not best or hit.score >= _SHARE * best[0].score):
            best.append(hit)
    return found


def _holding(understanding: Understanding) -> list[Node]:
    """Return what an article must have of the words itself: all articles of a document have its title's."""
    words = [Term(fold(word), Layer.FOLDED, _OWN) for word in dict.fromkeys(understanding.words)]
    return [Or(tuple(words), min(len(words), _LEAST))] if words else []


def _question(understanding: Understanding) -> Node | None:
    """Return what articles are asked; of a question with a number, which all articles of a document bear, its other words."""
    codes = {step.code for step in understanding.steps}
    if understanding.browsing or "number_start" in codes:
        return None
    if "number" not in codes:
        return understanding.node
    kind = {term for step in understanding.steps if step.code == "favoured_type" for term in step.terms}
    named = {word for typed in kind for word in terms_of(typed, understanding.layer)}
    words = tuple(dict.fromkeys(word for word in understanding.words if word not in named))
    return Or(tuple(Term(word, understanding.layer) for word in words)) if words else None
