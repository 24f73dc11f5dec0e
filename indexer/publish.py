"""Bringing the index up to the catalogue: replaying numbered changes, or building anew beside the old one."""

from collections.abc import Callable, Collection, Iterator

from indexer.catalogue import Catalogue
from indexer.engine.port import IndexStore, IndexWriter
from indexer.entries import entries_of
from indexer.errors import IndexDamaged

BATCH = 500  # documents in one commit: bounds what a crash costs and how long readers wait for news


def _nothing(_done: int, _total: int) -> None:
    return


def publish(catalogue: Catalogue, store: IndexStore, progress: Callable[[int, int], None] = _nothing) -> int:
    """Replay what the index lacks and return how many documents that were; `progress(done, total)` is told of each.

    Raises IndexDamaged as `require_agreement` does.
    """
    held, newest = require_agreement(catalogue, store)
    changes = catalogue.changed_since(held)
    if not changes and not held:
        with store.writer() as writer:
            writer.commit(newest)  # a first, empty index, so that searching finds nothing instead of failing
    for start in range(0, len(changes), BATCH):
        batch = changes[start : start + BATCH]
        with store.writer() as writer:
            for done in _apply(writer, catalogue, [key for _, key in batch]):
                progress(start + done, len(changes))
            # Documents come in the order of their newest change: all up to this one's are in.
            writer.commit(batch[-1][0])
    return len(changes)


def purge(catalogue: Catalogue, store: IndexStore, keys: Collection[int]) -> None:
    """Bring the index up to the catalogue and leave no byte of the removed documents `keys` in it. Raises as `publish` does."""
    publish(catalogue, store)
    with store.writer() as writer:
        writer.purge(keys)
        writer.commit(catalogue.last_change())


def require_agreement(catalogue: Catalogue, store: IndexStore) -> tuple[int, int]:
    """Return the last change that the index holds and the catalogue's newest.

    Asked before anything is added to the catalogue. Raises IndexDamaged when the index holds changes that the catalogue doesn't
    know, as after restoring an older backup.
    """
    held, newest = store.change(), catalogue.last_change()
    if held > newest:
        raise IndexDamaged("Chỉ mục mới hơn cơ sở dữ liệu (có thể vừa phục hồi bản sao lưu cũ): chạy `congbao reindex`.")
    return held, newest


def rebuild(catalogue: Catalogue, store: IndexStore, progress: Callable[[int, int], None] = _nothing) -> int:
    """Build a new index from the catalogue beside the current one, put it in its place, and return the number of documents."""
    newest, keys = catalogue.last_change(), catalogue.live_keys()
    with store.rebuild() as writer:
        for start in range(0, len(keys), BATCH):
            for done in _apply(writer, catalogue, keys[start : start + BATCH]):
                progress(start + done, len(keys))
        writer.commit(newest)
    return len(keys)


def _apply(writer: IndexWriter, catalogue: Catalogue, keys: list[int]) -> Iterator[int]:
    documents = catalogue.get_many(keys, masked=True)
    for done, key in enumerate(keys, 1):
        if key in documents:
            writer.replace(key, list(entries_of(documents[key], catalogue)))
        else:
            writer.delete(key)
        yield done
