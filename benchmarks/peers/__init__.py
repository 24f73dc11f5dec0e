"""The engines that are compared, each behind the same few methods."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from benchmarks.corpus import Corpus
from benchmarks.queries import Query

OURS = "congbao"
PEERS = {
    OURS: ("benchmarks.peers.congbao", "Congbao"),
    "tantivy": ("benchmarks.peers.tantivy", "Tantivy"),
    "tantivy_no_count": ("benchmarks.peers.tantivy", "TantivyNoCount"),
    "sqlite": ("benchmarks.peers.sqlite", "Sqlite"),
    "whoosh": ("benchmarks.peers.whoosh", "Whoosh"),
}
LIMIT = 10  # hits asked for


@dataclass(frozen=True, slots=True)
class Built:
    """How long building took, in seconds: until everything could be searched, and until it was one merged segment."""

    searchable: float
    merged: float
    how: str  # the settings that a reader needs in order to repeat it


@dataclass(frozen=True, slots=True)
class Answer:
    """What is compared between engines; scores are not, for the formulas differ."""

    total: int | None  # None where it was not asked for
    hits: int
    facets: Mapping[str, Mapping[int, int]] = field(default_factory=dict)  # column → code → number of documents


class Peer(Protocol):
    """One engine. `ask` alone is timed: from a prepared query to ids, scores and exact total, no stored field."""

    def build(self, folder: Path, corpus: Corpus) -> Built:
        """Index the corpus into an empty folder as one segment."""
        ...

    def open(self, folder: Path) -> None:
        """Open what `build` made."""
        ...

    def prepare(self, query: Query) -> Any:
        """Make the engine's own query object."""
        ...

    def ask(self, prepared: Any) -> Any:
        """Answer with ids and scores of the best ten and the exact total, and facet counts where they are wanted."""
        ...

    def forget(self) -> None:
        """Let go of what is remembered of earlier queries' terms; not timed."""
        ...

    def read(self, answer: Any) -> Answer:
        """Say what an answer of `ask` holds; not timed."""
        ...


def make_peer(name: str) -> Peer:
    """Return an engine by name; only its own library is imported."""
    module, class_name = PEERS[name]
    maker: Callable[[], Peer] = getattr(import_module(module), class_name)
    return maker()


def size_of(folder: Path) -> int:
    """Return the bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
