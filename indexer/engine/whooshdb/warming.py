"""Having the kernels' machine code before it is needed: a small index is written and asked, so that each kernel is compiled.

What a kernel is compiled for are the types of what it is given, so nothing but the ordinary path gives the right ones.
"""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from analyzers.columns import Columns, chunk_columns
from indexer.engine.fields import Scope
from indexer.engine.port import Entry, Rerank, SearchRequest, Sort
from indexer.engine.query import Fuzzy, Layer, Near, Node, OneOf, Or, Phrase, Prefix, Term, Wildcard
from indexer.engine.whooshdb.compiled import can_keep, is_complete, mark_complete, prepare
from indexer.engine.whooshdb.pairs import OFTEN
from indexer.engine.whooshdb.storage import Disk
from indexer.engine.whooshdb.store import WhooshStore
from indexer.model import Visibility

_MANY = 300  # different values of a column, so that a code takes two bytes


def is_to_compile(index: Path) -> bool:
    """Return whether `warm` would compile code that can be kept beside the folder `index`, for another process to read."""
    return not is_complete(_cache(index)) and can_keep(_cache(index))


def warm(index: Path) -> None:
    """Load the machine code of every kernel, from the cache beside the folder `index` or by compiling and keeping it there.

    A process that has compiled all of it holds 200 MB more than one that has read it.
    """
    prepare(_cache(index))
    with tempfile.TemporaryDirectory() as folder:
        store = WhooshStore(Path(folder) / "index", analyse=_at_spaces, disk=_Fleeting())
        for change in (1, 2):
            with store.writer() as writer:
                for key, entries in _documents(change):
                    writer.replace(key, entries)
                writer.optimize()
                writer.commit(change)
        engine = store.engine()
        for request in _requests():
            engine.search(request)
        engine.close()
    mark_complete(_cache(index))


def _cache(index: Path) -> Path:
    return index.parent / "cache"


def _documents(change: int) -> Iterator[tuple[int, list[Entry]]]:
    """Make up documents: two terms that are common enough for lists of their pairs, and columns of few and of many values."""
    for key in range(1, _MANY if change == 1 else 3):
        columns = {"type": f"loại {key % 2}", "issuer": f"nơi {key}", "visibility": Visibility.PUBLIC}
        texts = {"title": f"đất đai {key}", "body": "đất đai " * OFTEN if key == change else "thu hồi đất"}
        yield key, [Entry(key, str(key), Scope.DOCUMENTS, texts=texts, columns=columns)]


def _requests() -> Iterator[SearchRequest]:
    nodes: tuple[Node, ...] = (
        Term("đất"),
        Phrase(("đất", "đai")),
        Near(("hồi", "đất"), 3),
        Prefix("đ"),
        Fuzzy("dất"),
        Wildcard("đ*"),
        OneOf("issuer", ("nơi 1",)),
    )
    for node in nodes:
        yield SearchRequest(Or((node, Term("thu"))), filters=(OneOf("type", ("loại 1",)),), facets=("type", "issuer"))
    yield SearchRequest(nodes[0], sort=Sort.NEWEST)
    yield SearchRequest(nodes[0], rerank=Rerank(("thu", "hồi", "đất"), others=(("thu", "đai"),)))


def _at_spaces(texts: Sequence[str], _layer: Layer) -> Columns:
    return chunk_columns(texts)


class _Fleeting(Disk):
    """Waits for no disk: nobody needs these files after a loss of power."""

    def sync_folder(self, folder: Path) -> None:
        """Leave it to the system."""

    def _sync(self, file: BinaryIO) -> None:
        file.flush()
