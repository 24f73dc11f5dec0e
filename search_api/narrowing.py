"""What narrows an answer, on the wire: facet values with their counts, and the bodies that those filtered by took over from."""

from collections.abc import Iterable, Mapping

from pydantic import Field

from indexer.engine.port import FacetCounts
from indexer.legal.identity import body_of_group, group_of, predecessors
from search_api.wire import Wire

MAX_FACET_VALUES = 100


class FacetValue(Wire):
    """One value of a facet and how many of the matches have it."""

    value: str | int
    count: int


class IssuerItem(Wire):
    """A body that is filtered by, and those that it took over from: adding one to the filter finds its documents, too."""

    issuer: str
    predecessors: tuple[str, ...] = Field(description="cơ quan tiền nhiệm, dùng được trong tham số `issuer`")


def facet_items(facets: Mapping[str, FacetCounts]) -> dict[str, tuple[FacetValue, ...]]:
    """Return the counted values of each facet, the most frequent first."""
    return {
        name: tuple(FacetValue(value=value, count=count) for value, count in counts[:MAX_FACET_VALUES])
        for name, counts in facets.items()
    }


def issuer_items(groups: Iterable[str]) -> tuple[IssuerItem, ...]:
    """Return the bodies among those filtered by that took over from others; these are not included unless asked for."""
    bodies = ((group, body_of_group(group)) for group in groups)
    items = (IssuerItem(issuer=group, predecessors=tuple(map(group_of, predecessors(body)))) for group, body in bodies if body)
    return tuple(item for item in items if item.predecessors)
