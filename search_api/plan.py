"""From a question, filters and rights to one complete search request."""

from indexer.engine.port import Rerank, SearchRequest, Sort
from indexer.engine.query import Node, OneOf, Range
from indexer.model import Visibility
from search_api.meaning import Understanding
from search_api.params import SearchParams

FACETS = ("type", "issuer", "year")
PUBLIC = frozenset({Visibility.PUBLIC})  # what an anonymous reader may see


def plan(params: SearchParams, understanding: Understanding, visible: frozenset[Visibility] = PUBLIC) -> SearchRequest:
    """Return the request for the page asked for; rights go in as a restriction that the engine applies to everything."""
    return SearchRequest(
        query=understanding.node,
        scope=params.scope,
        filters=_filters(params),
        visible=visible,
        sort=params.sort or (Sort.NEWEST if understanding.browsing else Sort.RELEVANCE),
        offset=(params.page - 1) * params.size,
        limit=params.size,
        facets=FACETS,
        rerank=Rerank(understanding.words, understanding.layer) if understanding.words else None,
    )


def _filters(params: SearchParams) -> tuple[Node, ...]:
    filters: list[Node] = [OneOf(name, getattr(params, name)) for name in FACETS if getattr(params, name)]
    if params.from_ or params.to:
        low, high = (int(f"{day:%Y%m%d}") if day else None for day in (params.from_, params.to))
        filters.append(Range("issued_date", low, high))
    return tuple(filters)
