"""Writing: batches become segments, segments are merged by tiers, and a commit makes the new generation durable and visible.

Memory is bounded: when BATCH_BYTES are gathered they are written as a segment that nobody sees before the commit.
"""

# mypy: allow-untyped-calls
# Whoosh has no types.

import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from whoosh.filedb.filestore import RamStorage
from whoosh.index import TOC

from analyzers.profiles import ANALYSIS_VERSION
from indexer.engine.analysis import Analyse, check_entries
from indexer.engine.port import Entry
from indexer.engine.whooshdb.arrayfile import Array, ArrayFile
from indexer.engine.whooshdb.batch import Batch
from indexer.engine.whooshdb.codec import ArraySegment
from indexer.engine.whooshdb.gather import Field, Gatherer, Tokens
from indexer.engine.whooshdb.merge import merge
from indexer.engine.whooshdb.merging import choose
from indexer.engine.whooshdb.schema import file_names, make_schema, table_fingerprint
from indexer.engine.whooshdb.segments import Segment
from indexer.engine.whooshdb.state import (
    INDEX_NAME,
    LARGEST_SEGMENT,
    SegmentRecord,
    State,
    check_content,
    damaged,
    dump_state,
    read_state,
    state_name,
    toc_name,
)
from indexer.engine.whooshdb.storage import Disk, FileRecord, record
from indexer.errors import IndexDamaged

BATCH_BYTES = 256_000_000  # some 50 million words in two layers: 4 bytes each, and what their entries take


@dataclass(slots=True)
class _Changes:
    """What was gathered since the last commit."""

    batch: Batch = field(default_factory=Batch)
    written: list[SegmentRecord] = field(default_factory=list)  # segments that the next generation will name
    files: dict[str, FileRecord] = field(default_factory=dict)  # and their files
    deleted: list[set[int]] = field(default_factory=lambda: [set()])  # of each written segment, and of the batch
    places: dict[int, tuple[int, range]] = field(default_factory=dict)  # key → segment and entries
    gone: set[int] = field(default_factory=set)  # keys that older segments no longer hold
    purged: set[int] = field(default_factory=set)
    optimize: bool = False


class WhooshWriter:
    """Gathers changes to the index in one folder. Implements IndexWriter; made by WhooshStore, which holds the lock.

    `published` is called after each commit. With `whole`, a commit leaves one segment.
    """

    def __init__(
        self, folder: Path, disk: Disk, published: Callable[[], None], analyse: Analyse, workers: int, whole: bool = False
    ) -> None:
        self._folder = folder
        self._disk = disk
        self._published = published
        self._whole = whole
        self._gatherer = Gatherer(analyse, workers)
        self._changes = _Changes()
        self._failed = False

    def replace(self, key: int, entries: Sequence[Entry]) -> None:
        """Make `entries` all that the index holds of document `key`. Raises ValueError, with nothing changed, for bad ones."""
        checked = check_entries(key, entries)
        with self._changing() as changes:
            self._forget(key)
            if changes.batch.entries + len(checked) > LARGEST_SEGMENT:
                self._write_batch()
            first = changes.batch.entries
            for entry in checked:
                changes.batch.put(entry)
            if checked:
                changes.places[key] = (len(changes.written), range(first, changes.batch.entries))
            texts = [(number, *text) for number, entry in enumerate(checked, first) for text in entry.texts.items() if text[1]]
            self._add(self._gatherer.put(texts))
            if changes.batch.bytes >= BATCH_BYTES:
                self._write_batch()

    def delete(self, key: int) -> None:
        """Take document `key` and its provisions out."""
        with self._changing():
            self._forget(key)

    def purge(self, keys: Collection[int]) -> None:
        """Take documents out with every byte that the index's files hold of them."""
        with self._changing() as changes:
            for key in keys:
                self._forget(key)
            changes.purged.update(keys)

    def optimize(self) -> None:
        """Have the next commit leave one segment, or as few as can hold all entries."""
        with self._changing() as changes:
            changes.optimize = True

    def commit(self, change: int) -> None:
        """Publish what was gathered; when it returns it survives loss of power."""
        with self._changing() as changes:
            self._write_batch()
            state = read_state(self._folder)
            older = [self._without_gone(segment) for segment in state.segments]
            fresh = [self._with_deleted(*each) for each in zip(changes.written, changes.deleted, strict=False)]
            self._publish(state, self._merged(older, fresh, {**state.files, **changes.files}), change)
            self._changes = _Changes()
        self._published()

    def close(self) -> None:
        """Drop what was gathered since the last commit."""
        self._gatherer.close()
        if self._changes.written or self._failed:
            self._disk.sync_folder(self._folder)  # a commit that was interrupted may have named its generation, and no more
            sweep(self._folder, read_state(self._folder), self._disk)

    @contextmanager
    def _changing(self) -> Iterator[_Changes]:
        # After a failed call half a document may be gathered: nothing more goes in, and the batch is never committed.
        if self._failed:
            raise RuntimeError("this writer has failed; open another one")
        self._failed = True
        yield self._changes
        self._failed = False

    def _forget(self, key: int) -> None:
        self._changes.gone.add(key)
        if key in self._changes.places:
            segment, entries = self._changes.places.pop(key)
            self._changes.deleted[segment].update(entries)

    def _add(self, ready: Iterator[Mapping[Field, Tokens]]) -> None:
        for found in ready:
            self._changes.batch.add(found)

    def _write_batch(self) -> None:
        changes = self._changes
        self._add(self._gatherer.rest())
        if changes.batch.entries:
            written = SegmentRecord(_new_id(), changes.batch.entries, ())
            changes.files |= changes.batch.write(self._folder, written.name, self._disk)
            changes.written.append(written)
            changes.deleted.append(set())
        changes.batch = Batch()

    def _with_deleted(self, segment: SegmentRecord, deleted: Collection[int]) -> SegmentRecord:
        return replace(segment, deleted=tuple(sorted({*segment.deleted, *deleted})))

    def _without_gone(self, segment: SegmentRecord) -> SegmentRecord:
        if not self._changes.gone:
            return segment
        found = np.isin(self._keys(segment), np.fromiter(self._changes.gone, np.int64, len(self._changes.gone)))
        return self._with_deleted(segment, np.flatnonzero(np.broadcast_to(found, (segment.entries,))).tolist())

    def _keys(self, segment: SegmentRecord) -> Array:
        path = self._folder / file_names(segment.name)["columns"]
        keys = ArrayFile(path)["key"]
        if len(keys) not in {1, segment.entries}:
            raise damaged(path, "không đọc được")
        return keys

    def _merged(
        self, older: Sequence[SegmentRecord], fresh: Sequence[SegmentRecord], files: Mapping[str, FileRecord]
    ) -> tuple[list[SegmentRecord], dict[str, FileRecord]]:
        """Return the segments of the next generation and their files, after writing those that have to be written anew.

        Raises IndexDamaged for an older one that is not as it was written: a merge would give its damage a sound checksum.
        """
        segments = [*older, *fresh]
        purged = np.fromiter(self._changes.purged, np.int64, len(self._changes.purged))
        outworn = [each for each in segments if purged.size and np.isin(self._keys(each), purged).any()]
        live = [each for each in segments if len(each.deleted) < each.entries]
        if self._whole or self._changes.optimize:
            chosen = live if len(live) > 1 or any(each.deleted for each in live) else []
        else:
            chosen = choose(live)
        groups = [*_groups(chosen), *([each] for each in live if each in outworn and each not in chosen)]
        kept = [each for each in live if not any(each in group for group in groups)]
        merged: list[SegmentRecord] = []
        new_files: dict[str, FileRecord] = {}
        for group in groups:
            read = (name for each in group if each in older for name in file_names(each.name).values())
            if problems := check_content(self._folder, {name: files[name] for name in read}):
                raise IndexDamaged(problems[0])
            name = SegmentRecord(_new_id(), 0, ())
            entries, written = merge(self._folder, name.name, self._disk, [(Segment(self._folder, each), each) for each in group])
            merged.append(replace(name, entries=entries))
            new_files |= written
        names = {name for each in kept for name in file_names(each.name).values()}
        return [*kept, *merged], {name: files[name] for name in files if name in names} | new_files

    def _publish(self, state: State, content: tuple[list[SegmentRecord], dict[str, FileRecord]], change: int) -> None:
        """Name the files: on the disk first they, then the state file, then the table of contents, which makes it all visible."""
        segments, files = content
        toc = _toc_bytes(segments, state.generation + 1)
        new = State(state.generation + 1, change, ANALYSIS_VERSION, table_fingerprint(), tuple(segments), files, record(toc))
        self._disk.sync_folder(self._folder)
        self._disk.replace(self._folder / state_name(new.generation), dump_state(new))
        self._disk.replace(self._folder / toc_name(new.generation), toc)
        sweep(self._folder, new, self._disk)


def create_index(folder: Path, disk: Disk) -> None:
    """Write generation 0 of an index without entries into an empty folder."""
    toc = _toc_bytes([], 0)
    state = State(0, 0, ANALYSIS_VERSION, table_fingerprint(), (), {}, record(toc))
    disk.replace(folder / state_name(0), dump_state(state))
    disk.replace(folder / toc_name(0), toc)


def sweep(folder: Path, state: State, disk: Disk) -> None:
    """Remove every file that generation `state` does not use: older generations', and what a crash left behind."""
    used = {toc_name(state.generation), state_name(state.generation), *state.files}
    unused = [path for path in folder.iterdir() if path.is_file() and path.name not in used]
    for path in unused:
        disk.remove(path)
    if unused:
        disk.sync_folder(folder)  # or a loss of power could bring back what was purged


def _groups(segments: Sequence[SegmentRecord]) -> Iterator[list[SegmentRecord]]:
    """Yield the segments in groups that one segment can hold."""
    group: list[SegmentRecord] = []
    size = 0
    for segment in segments:
        live = segment.entries - len(segment.deleted)
        if group and size + live > LARGEST_SEGMENT:
            yield group
            group, size = [], 0
        group.append(segment)
        size += live
    if group:
        yield group


def _new_id() -> str:
    return secrets.token_hex(8)


def _toc_bytes(segments: Sequence[SegmentRecord], generation: int) -> bytes:
    storage = RamStorage()
    TOC(make_schema(), [ArraySegment(INDEX_NAME, segment) for segment in segments], generation).write(storage, INDEX_NAME)
    return bytes(storage.files[toc_name(generation)])
