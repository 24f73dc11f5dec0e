"""From a question, filters and rights to one complete search request."""

from datetime import date

from indexer.engine.fields import Scope
from indexer.engine.port import Rerank, SearchRequest, Sort
from indexer.engine.query import Node, OneOf, Range
from indexer.model import Visibility
from search_api.meaning import Understanding
from search_api.params import SearchParams
from search_api.prior import with_prior

FACETS = ("type", "issuer", "year")
LOOKED_AT = {Scope.DOCUMENTS: 100, Scope.PROVISIONS: 300}  # the best so many are looked at again; whole documents are long
PUBLIC = frozenset({Visibility.PUBLIC})  # what an anonymous reader may see


def plan(params: SearchParams, understanding: Understanding, on: date, visible: frozenset[Visibility] = PUBLIC) -> SearchRequest:
    """Return the request for the page asked for on a day; rights go in as a restriction that the engine applies to everything."""
    sort = params.sort or (Sort.NEWEST if understanding.browsing else Sort.RELEVANCE)
    ranked = params.prior and sort is Sort.RELEVANCE and not understanding.browsing
    return SearchRequest(
        query=with_prior(understanding.node, len(set(understanding.words)), on) if ranked else understanding.node,
        scope=params.scope,
        filters=_filters(params),
        visible=visible,
        sort=sort,
        offset=(params.page - 1) * params.size,
        limit=params.size,
        facets=FACETS,
        rerank=second_look(understanding, LOOKED_AT[params.scope]),
        collapse=params.collapse,
    )


def second_look(understanding: Understanding, depth: int) -> Rerank | None:
    """Return the second look at the best so many; None for a question without words."""
    return Rerank(understanding.words, understanding.layer, depth, understanding.others) if understanding.words else None


def _filters(params: SearchParams) -> tuple[Node, ...]:
    filters: list[Node] = [OneOf(name, getattr(params, name)) for name in FACETS if getattr(params, name)]
    if params.from_ or params.to:
        low, high = (int(f"{day:%Y%m%d}") if day else None for day in (params.from_, params.to))
        filters.append(Range("issued_date", low, high))
    return tuple(filters)
