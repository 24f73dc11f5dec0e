"""What the search page shows besides the answer: filters that can be taken off, facets, orders and pages as addresses."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from indexer.engine.fields import Scope
from indexer.engine.port import Sort
from search_api.narrowing import MAX_FACET_VALUES, FacetValue
from search_api.params import MAX_VALUES, SearchParams
from search_api.render import SearchAnswer

_FACETS = (("type", "Loại văn bản"), ("issuer", "Cơ quan ban hành"), ("year", "Năm ban hành"))
_SORTS = ((Sort.RELEVANCE, "Khớp nhất"), (Sort.NEWEST, "Mới nhất"), (Sort.OLDEST, "Cũ nhất"))
_SCOPES = ((Scope.DOCUMENTS, "Cả văn bản"), (Scope.PROVISIONS, "Từng điều"))
_RESPELT = ("spelling", "accents")  # steps that seek other words than were typed
_SHOWN = 8  # values of a facet before "more"
_NEIGHBOURS = 2  # page links on each side of the current one


class Link(NamedTuple):
    """An address with what to call it; `current` when it is where the reader is."""

    label: str
    address: str
    current: bool = False
    matches: int | None = None


class Facet(NamedTuple):
    """A group of links that narrow the result; `more` are those folded away at first."""

    title: str
    links: Sequence[Link]
    more: Sequence[Link]
    cut: bool  # to the most frequent values


class SearchView(NamedTuple):
    """Everything around the hits of a search page."""

    facets: Sequence[Facet]
    filters: Sequence[Link]
    predecessors: Sequence[Link]  # bodies that those filtered by took over from; following a link adds one to the filter
    clear: str  # the address without any filter
    as_typed: str | None  # the address for the words as they were typed, where others are sought
    alternatives: Sequence[Link]  # what else gives results, where there are none
    sorts: Sequence[Link]
    scopes: Sequence[tuple[str, str, bool]]  # value, label, chosen
    pages: Sequence[Link | None]  # None: some are left out
    first: str  # the address of the first page, with filters and order
    previous: str | None
    following: str | None
    each: str  # the address where every copy is a hit of its own
    kept: Sequence[tuple[str, str]]  # parameters that the search form carries along


def address(params: SearchParams, **changes: Any) -> str:
    """Return the search page's address for `params` with `changes`; what is as by default is left out."""
    values = params.model_dump(mode="json", by_alias=True, exclude_defaults=True) | {"page": 1} | changes
    stated = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in values.items()
        if value not in (None, "", [], ()) and (name, value) != ("page", 1)
    }
    return "/?" + urlencode(stated, doseq=True) if stated else "/"


def search_view(params: SearchParams, answer: SearchAnswer) -> SearchView:
    """Return what surrounds the hits of `answer`."""
    number, last = answer.page.number, answer.page.pages
    words = bool(params.q.strip())
    orders = [pair for pair in _SORTS if words or pair[0] is not Sort.RELEVANCE]
    chosen = params.sort or (Sort.RELEVANCE if words else Sort.NEWEST)
    kept = [(name, str(value)) for name, _ in _FACETS for value in getattr(params, name)]
    kept += [(name, "false") for name in ("collapse", "prior") if not getattr(params, name)]
    return SearchView(
        facets=[
            _facet(params, found, name, title)
            for name, title in _FACETS
            if (found := answer.choices.get(name) or answer.facets.get(name))
        ],
        filters=_filters(params),
        predecessors=_predecessors(params, answer),
        clear=address(SearchParams(q=params.q, scope=params.scope, as_typed=params.as_typed)),
        as_typed=address(params, as_typed="true") if any(step.step in _RESPELT for step in answer.interpretation) else None,
        alternatives=[
            Link(other.text, address(params, q=other.q, **dict.fromkeys(other.left_off))) for other in answer.alternatives
        ],
        sorts=[Link(label, address(params, sort=sort), sort is chosen) for sort, label in orders],
        scopes=[(scope, label, scope is params.scope) for scope, label in _SCOPES],
        pages=_pages(params, number, last),
        first=address(params, page=1),
        previous=address(params, page=number - 1) if 1 < number <= last else None,
        following=address(params, page=number + 1) if number < last else None,
        each=address(params, collapse=False),
        kept=[*kept, *([("sort", params.sort)] if params.sort else [])],
    )


def _facet(params: SearchParams, found: Sequence[FacetValue], name: str, title: str) -> Facet:
    chosen = getattr(params, name)
    if name == "year":
        found = sorted(found, key=lambda item: -int(item.value))
    links = [
        Link(str(item.value), address(params, **{name: [*chosen, item.value]}), item.value in chosen, item.count)
        for item in found
    ]
    links.sort(key=lambda link: not link.current)
    return Facet(title, links[:_SHOWN], links[_SHOWN:], len(links) == MAX_FACET_VALUES)


def _filters(params: SearchParams) -> list[Link]:
    """Return the filters in force; following a link takes that one off."""
    links = [
        Link(str(value), address(params, **{name: [other for other in getattr(params, name) if other != value]}))
        for name, _ in _FACETS
        for value in getattr(params, name)
    ]
    if params.from_:
        links.append(Link(f"từ {params.from_:%d/%m/%Y}", address(params, **{"from": None})))
    if params.to:
        links.append(Link(f"đến {params.to:%d/%m/%Y}", address(params, to=None)))
    return links


def _predecessors(params: SearchParams, answer: SearchAnswer) -> list[Link]:
    names = dict.fromkeys(name for item in answer.issuers for name in item.predecessors if name not in params.issuer)
    return [Link(name, address(params, issuer=[*params.issuer, name])) for name in list(names)[: MAX_VALUES - len(params.issuer)]]


def _pages(params: SearchParams, number: int, last: int) -> list[Link | None]:
    near = {1, last, *range(number - _NEIGHBOURS, number + _NEIGHBOURS + 1)}
    links: list[Link | None] = []
    for page in sorted(page for page in near if 1 <= page <= last):
        previous = links[-1] if links else None
        if previous and int(previous.label) < page - 1:
            links.append(None)
        links.append(Link(str(page), address(params, page=page), page == number))
    return links if last > 1 else []
