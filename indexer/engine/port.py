"""The port between the rest of the project and a search engine, in the project's own types."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol

from indexer.engine.fields import CODE_COLUMNS, NUMBER_COLUMNS, Scope
from indexer.engine.query import All, Layer, Node, Pattern
from indexer.model import Visibility

MOST_TERMS = 64  # of a second look
MOST_PLACES = 20  # of a hit's other places


@dataclass(frozen=True, slots=True)
class Entry:
    """One searchable thing, a document or a provision of it, as the catalogue hands it to a writer; not analysed yet."""

    key: int  # the document's catalogue key, shared by its provisions
    id: str  # the document's public id
    scope: Scope
    ordinal: int = 0  # 0 for the document, 1.. for its provisions in reading order
    anchor: str = ""  # the provision's anchor; "" for the document
    texts: Mapping[str, str] = field(default_factory=dict)  # text field → text
    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # keyword field → values
    columns: Mapping[str, str | int | None] = field(default_factory=dict)  # column → value


class Sort(StrEnum):
    """The order of hits; equal ones by catalogue key, then ordinal, both ascending. Entries without a date come last."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Rerank:
    """A second look at the best `depth` entries of a search by relevance: how the question's words stand together in them.

    `terms` are the words in the order asked, up to 64; they are looked for in all of the scope's text fields. `others` are pairs
    of a term that may not be what was meant, and another that stands for it wherever it is found.
    """

    terms: tuple[str, ...]
    layer: Layer = Layer.MAIN
    depth: int = 100
    others: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if not 0 < len(self.terms) <= MOST_TERMS:
            raise ValueError(f"from one to {MOST_TERMS} terms")
        terms, others = set(self.terms), [other for _, other in self.others]
        if len(terms.union(others)) < len(terms) + len(others) or not terms.issuperset(term for term, _ in self.others):
            raise ValueError("an other stands for one of the terms, and is none itself")


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A complete question: engines need nothing else. `filters` restrict without scoring; `visible` are the reader's rights.

    With `collapse`, entries that have the same `copy` are one hit, the best of them.
    """

    query: Node = field(default_factory=All)
    scope: Scope = Scope.DOCUMENTS
    filters: tuple[Node, ...] = ()
    visible: frozenset[Visibility] = frozenset({Visibility.PUBLIC})
    sort: Sort = Sort.RELEVANCE
    offset: int = 0
    limit: int = 10
    facets: tuple[str, ...] = ()  # columns to count over all matches
    rerank: Rerank | None = None
    collapse: bool = False

    def __post_init__(self) -> None:
        if not set(self.facets) <= {*CODE_COLUMNS, *NUMBER_COLUMNS}:
            raise ValueError(f"a facet is not in the field table: {', '.join(self.facets)}")
        if self.offset < 0 or self.limit < 0:
            raise ValueError("offset and limit can't be negative")


class Place(NamedTuple):
    """Another entry that has the same `copy` as a hit."""

    key: int
    id: str
    ordinal: int = 0
    anchor: str = ""


class Hit(NamedTuple):
    """One answer: which entry and how well it matched (0.0 when sorted by date). A tuple, for a page makes many.

    `places` are the first MOST_PLACES of `copies` further matches that it stands for, by key and ordinal.
    """

    key: int
    id: str
    score: float
    ordinal: int = 0
    anchor: str = ""
    places: tuple[Place, ...] = ()
    copies: int = 0


FacetCounts = tuple[tuple[str | int, int], ...]
"""The values of a column, and how many matches have each."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The hits asked for, how many there are in all (exact), and facet counts, most frequent first then by value.

    Facets count entries, also those that are collapsed into one hit.
    """

    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, FacetCounts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Generation:
    """Which state of the index answers: the last catalogue change that it holds and the live public entries of each scope."""

    change: int
    documents: int
    provisions: int


class SearchEngine(Protocol):
    """Answers requests over the newest committed generation. Safe to call from many threads."""

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer one request, exactly as docs/scoring.md defines."""
        ...

    def terms_alike(self, pattern: Pattern, scope: Scope = Scope.DOCUMENTS) -> tuple[tuple[str, int], ...]:
        """Return the terms of live public entries that fit a pattern, with their df: the most frequent first, then by text."""
        ...

    def postings(self, request: SearchRequest) -> int:
        """Return how many entries this engine's lists have that a search for `request` goes through, summed over its leaves.

        A term has a list in each field searched; a phrase or Near goes through its terms' or, where there are some, its pairs'.
        Lists of an AND are counted whole, though parts may be passed over. Columns have none; a second look reads none whole.
        """
        ...

    def frequencies(self, terms: Sequence[str], scope: Scope = Scope.DOCUMENTS, layer: Layer = Layer.MAIN) -> tuple[int, ...]:
        """Return of each term its df over all of the scope's text fields; 0 for one that is not there."""
        ...

    def spellings(self, folded: str, scope: Scope = Scope.DOCUMENTS) -> tuple[tuple[str, int], ...]:
        """Return the syllables of public entries that fold to `folded`, with their df: the most frequent first, then by text."""
        ...

    def side_by_side(self, pairs: Sequence[tuple[str, str]]) -> tuple[int, ...]:
        """Return how often two syllables stand side by side, in this order, in titles, headings and articles of public documents.

        With "" for the second one, how often the first stands there at all; with "" for both, how often any does.

        A measure of likelihood, not a statistic: what was deleted may count until its segment is written anew.
        """
        ...

    def generation(self) -> Generation:
        """Say which generation `search` answers from now."""
        ...

    def close(self) -> None:
        """Release files; the engine is not used afterwards."""
        ...


class IndexWriter(Protocol):
    """Gathers changes; nothing is visible before `commit`, everything after it, and then it survives loss of power."""

    def replace(self, key: int, entries: Sequence[Entry]) -> None:
        """Make `entries` all that the index holds of document `key`."""
        ...

    def delete(self, key: int) -> None:
        """Take document `key` and its provisions out; one that is not there is no error."""
        ...

    def purge(self, keys: Collection[int]) -> None:
        """Delete documents, each of their versions so far, so that after the commit no file of the index holds a byte of them."""
        ...

    def optimize(self) -> None:
        """Have the next commit leave the index in the form that is read quickest; answers stay the same."""
        ...

    def commit(self, change: int) -> None:
        """Publish what was gathered as one generation that holds the catalogue up to change number `change`."""
        ...


class IndexStore(Protocol):
    """Where an index lives: opens it for reading and writing, builds it anew, and checks it."""

    def engine(self) -> SearchEngine:
        """Open for searching. Raises IndexMissing, IndexOutdated, IndexDamaged."""
        ...

    def writer(self) -> AbstractContextManager[IndexWriter]:
        """Open for writing beside the readers, creating an empty index where there is none; leaving without commit discards."""
        ...

    def rebuild(self) -> AbstractContextManager[IndexWriter]:
        """Write a new index beside the current one; its commit replaces the current one at once."""
        ...

    def change(self) -> int:
        """Return the last catalogue change that the index holds; 0 without an index. Raises IndexOutdated, IndexDamaged."""
        ...

    def keys(self) -> Iterable[int]:
        """List the documents' keys that the index holds, ascending, each once per document entry."""
        ...

    def verify(self) -> list[str]:
        """Read every index file and return what is wrong, one sentence each; empty when sound."""
        ...
