"""What the application needs from outside: an engine and the catalogue's reading side, opened when first needed."""

import threading
from collections.abc import Callable, Collection, Iterable
from datetime import date
from typing import Generic, Protocol, TypeVar

from indexer.catalogue import Name, Original
from indexer.catalogue.relations import Cited, RelationGroup
from indexer.engine.port import SearchEngine
from indexer.model import Canonical, Document, Provision, RelationKind, Validity, Visibility
from search_api.abbreviations import Abbreviations, built_in


class Library(Protocol):
    """The part of the catalogue that answers are made from. Safe to call from many threads."""

    def last_change(self) -> int:
        """Return the number of the newest change."""
        ...

    def get(self, document_id: str, *, masked: bool = False) -> Document | None:
        """Return the live document with this id, or None; on demand with personal identifiers masked."""
        ...

    def get_many(self, keys: Iterable[int], *, masked: bool = False) -> dict[int, Document]:
        """Return the live documents among `keys`."""
        ...

    def names(self, keys: Iterable[int]) -> dict[int, Name]:
        """Return what the live documents among `keys` are called, personal identifiers masked."""
        ...

    def numbers_from(self, start: str, visible: Collection[Visibility], most: int) -> dict[int, str]:
        """Return live documents whose number's key goes on from `start`, with that key, the newest first."""
        ...

    def headings(self, places: Iterable[tuple[int, int]]) -> dict[tuple[int, int], str]:
        """Return the headings of provisions, named by key and ordinal, personal identifiers masked."""
        ...

    def canonical(self, key: int, *, masked: bool = False) -> Canonical:
        """Return a live document's text, on demand with personal identifiers masked. Raises UnknownDocument."""
        ...

    def masked_texts(self, keys: Iterable[int]) -> dict[int, str]:
        """Return the canonical texts of the live documents among `keys`, personal identifiers masked."""
        ...

    def provisions(self, key: int, *, masked: bool = False) -> tuple[Provision, ...]:
        """Return a document's provisions in reading order."""
        ...

    def provisions_of(self, keys: Iterable[int], *, masked: bool = False) -> dict[int, tuple[Provision, ...]]:
        """Return the provisions in reading order of those documents among `keys` that have any."""
        ...

    def relations_of(self, key: int, visible: Collection[Visibility], most: int) -> tuple[RelationGroup, ...]:
        """Return a document's relations by kind and direction, as far as a reader of `visible` may know of them."""
        ...

    def relation_group(
        self, key: int, visible: Collection[Visibility], kind: RelationKind, *, received: bool, offset: int, limit: int
    ) -> RelationGroup:
        """Return a part of one kind and direction of a document's relations."""
        ...

    def cited_by(self, keys: Collection[int]) -> dict[int, dict[Cited, str]]:
        """Return what each of some hundred documents names in its text, with what it calls it."""
        ...

    def tied_to(self, key: int, visible: Collection[Visibility], others: Collection[int]) -> frozenset[int]:
        """Return those of `others` that a document names or that name it, as far as a reader of `visible` may know."""
        ...

    def copies_among(self, key: int, others: Collection[int]) -> frozenset[int]:
        """Return those of `others` that hold letter by letter a document's text."""
        ...

    def validity_of(self, key: int, visible: Collection[Visibility], on: date) -> Validity:
        """Return what documents that a reader of `visible` may see say of a document's validity on a day."""
        ...

    def original(self, key: int) -> Original | None:
        """Return the file that a document was read from, as it was then."""
        ...


T = TypeVar("T")
_AT_ONCE = 2  # searches: one holds the interpreter while the other is in a kernel; eight at once take 40 % longer altogether


class _Once(Generic[T]):
    """Opens at the first call that succeeds, whichever thread makes it; a failure is raised and tried again next time."""

    def __init__(self, opener: Callable[[], T]) -> None:
        self._opener = opener
        self._lock = threading.Lock()
        self._opened: list[T] = []

    def __call__(self) -> T:
        if not self._opened:
            with self._lock:
                if not self._opened:
                    self._opened.append(self._opener())
        return self._opened[0]


class Services:
    """The engine and the library behind one application; a missing index becomes usable without a restart."""

    def __init__(
        self,
        open_engine: Callable[[], SearchEngine],
        open_library: Callable[[], Library],
        abbreviations: Callable[[], Abbreviations] = built_in,
    ) -> None:
        self._engine = _Once(open_engine)
        self._library = _Once(open_library)
        self._abbreviations = abbreviations
        self.turn = threading.BoundedSemaphore(_AT_ONCE)  # to be held while a search is answered

    @property
    def engine(self) -> SearchEngine:
        """The engine. Raises IndexMissing, IndexOutdated, IndexDamaged."""
        return self._engine()

    @property
    def library(self) -> Library:
        """The catalogue for reading. Raises CatalogueTooNew, CatalogueOutdated, CatalogueDamaged, DataFolderUnfit."""
        return self._library()

    @property
    def abbreviations(self) -> Abbreviations:
        """The abbreviations as they are now: another object once an operator has changed them."""
        return self._abbreviations()
