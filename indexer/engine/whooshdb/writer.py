"""Writing: Whoosh's segment writer with a durable commit, and the port's writer on top of it.

Memory is bounded: Whoosh's posting pool spills to disk at POOL_MB by its own estimate, and columns spill as they grow. What
remains for the whole batch is some 150 bytes a document. Measured: batches of 2,000, 8,000 and 16,000 articles (600,000 to
4.8 million syllables) add 76, 77 and 78 MB to the process.
"""

# mypy: allow-untyped-calls
# Whoosh has no types.

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.codec.whoosh3 import W3Segment
from whoosh.filedb.filestore import RamStorage
from whoosh.index import TOC
from whoosh.writing import SegmentWriter

from analyzers.profiles import ANALYSIS_VERSION
from indexer.engine.analysis import Analyse, AnalysedEntry, analyse_entries
from indexer.engine.port import Entry
from indexer.engine.whooshdb.merging import choose
from indexer.engine.whooshdb.postings import Ints, Lexicon
from indexer.engine.whooshdb.schema import DOCUMENT, TEXTS, Codec, codes, make_schema, numbers, table_fingerprint, to_row
from indexer.engine.whooshdb.segments import Segment
from indexer.engine.whooshdb.state import INDEX_NAME, SegmentRecord, State, dump_state, read_state, state_name, toc_name
from indexer.engine.whooshdb.storage import ClosableStorage, Disk, FileRecord, record

POOL_MB = 64


class _OpenIndex:
    """What Whoosh's segment writer asks of an index, answered from the state file."""

    indexname = INDEX_NAME

    def __init__(self, storage: ClosableStorage, state: State) -> None:
        self.storage = storage
        self._state = state

    def _read_toc(self) -> Any:
        return TOC(make_schema(), [_whoosh_segment(segment) for segment in self._state.segments], self._state.generation)


class BatchWriter(SegmentWriter):
    """One batch: a Whoosh writer that deletes by key, merges by tiers and commits durably."""

    def __init__(self, storage: ClosableStorage, folder: Path, state: State, disk: Disk) -> None:
        super().__init__(_OpenIndex(storage, state), _lk=False, limitmb=POOL_MB, codec=Codec(), compound=False)
        self._folder = folder
        self._state = state
        self._disk = disk
        self._change = state.change
        self._lexicons = [Lexicon(folder, segment.name) for segment in state.segments]
        self._batch: dict[int, range] = {}  # key → entries of the segment being written
        self.written: set[int] = set()  # keys that the segment being written holds, were they deleted since
        self.outworn: set[str] = set()  # ids of segments to write anew

    def add_entries(self, key: int, entries: Sequence[AnalysedEntry]) -> None:
        """Add the checked entries of one document."""
        first = self.docnum
        self.written.add(key)
        for entry in entries:
            self.add_document(**to_row(entry))
        self._batch[key] = range(first, self.docnum)

    def delete_key(self, key: int) -> None:
        """Mark all entries of a document deleted, in the index and in this batch."""
        for number in self._batch.pop(key, ()):
            self.newsegment.delete_document(number)
        for segment, lexicon in zip(self.segments, self._lexicons, strict=True):
            posting = lexicon.posting(DOCUMENT, str(key))
            for number in posting.docs if posting else ():
                segment.delete_document(int(number))

    def rewrite(self, keys: Collection[int]) -> None:
        """Have the segments written anew that hold, or once held, anything of these documents."""
        terms = [str(key) for key in keys]
        for segment, lexicon in zip(self.segments, self._lexicons, strict=True):
            if any(lexicon.posting(DOCUMENT, term) for term in terms):
                self.outworn.add(segment.segid)

    def publish(self, change: int) -> None:
        """Commit: segment files to the disk, then the state file, then the table of contents, whose name makes it all visible."""
        self._change = change
        self.commit(mergetype=_merge)

    def absorb(self, record: SegmentRecord) -> None:
        """Copy a committed segment's live entries behind those of this batch."""
        segment = Segment(self._folder, record, self._state.files)
        numbers_now = self._copy_columns(segment, record)
        for field, term, blocks in segment.lexicon.items():
            for docs, weights, values in blocks:
                for place, number in enumerate(numbers_now[docs]):
                    if number >= 0:
                        weight = weights[place] if isinstance(weights, tuple) else weights or 1.0
                        self.pool.add((field, term, int(number), weight, values[place] if values else b""))
        self._added = True

    def _copy_columns(self, segment: Segment, record: SegmentRecord) -> Ints:
        numbers_now = np.full(segment.entries, -1, np.int64)
        columns = {name: self.schema[name].column_type for name in (*numbers(), *codes(), *TEXTS)}
        for old in np.setdiff1d(np.arange(segment.entries), np.array(record.deleted, np.int64), assume_unique=True):
            self.perdocwriter.start_doc(self.docnum)
            for name, value in _row(segment, int(old)):
                self.perdocwriter.add_column_value(name, columns[name], value)
            self.perdocwriter.finish_doc()
            numbers_now[old] = self.docnum
            self.docnum += 1
        return numbers_now

    def _commit_toc(self, segments: list[Any]) -> None:
        segments = [segment for segment in segments if segment.doc_count_all() > segment.deleted_count()]
        records = tuple(_record(segment) for segment in segments)
        files: dict[str, FileRecord] = {}
        for segment in records:
            known = {name: file for name, file in self._state.files.items() if name.startswith(f"{segment.name}.")}
            files |= known or {path.name: self._disk.seal(path) for path in sorted(self._folder.glob(f"{segment.name}.*"))}
        toc = _toc_bytes(segments, self.generation)
        state = State(self.generation, self._change, ANALYSIS_VERSION, table_fingerprint(), records, files, record(toc))
        self._disk.replace(self._folder / state_name(self.generation), dump_state(state))
        self._disk.replace(self._folder / toc_name(self.generation), toc)
        sweep(self._folder, state, self._disk)


class WhooshWriter:
    """Gathers changes to the index in one folder. Implements IndexWriter; made by WhooshStore, which holds the lock.

    `published` is called after each commit.
    """

    def __init__(self, folder: Path, disk: Disk, published: Callable[[], None]) -> None:
        self._folder = folder
        self._disk = disk
        self._published = published
        self._storage: ClosableStorage | None = None  # of the batch, from before it is open
        self._batch: BatchWriter | None = None
        self._failed = False
        self._purged: set[int] = set()  # keys, since the last commit

    def replace(self, key: int, entries: Sequence[Entry]) -> None:
        """Make `entries` all that the index holds of document `key`. Raises ValueError, with nothing changed, for bad ones."""
        analysed = analyse_entries(key, entries, self._analyse)
        with self._changing() as batch:
            batch.delete_key(key)
            batch.add_entries(key, analysed)

    def delete(self, key: int) -> None:
        """Take document `key` and its provisions out."""
        with self._changing() as batch:
            batch.delete_key(key)

    def purge(self, keys: Collection[int]) -> None:
        """Take documents out with every byte that the index's files hold of them."""
        with self._changing() as batch:
            for key in keys:
                batch.delete_key(key)
            self._purged.update(keys)

    def commit(self, change: int) -> None:
        """Publish what was gathered; when it returns it survives loss of power."""
        purged, self._purged = self._purged, set()
        while True:
            with self._changing() as batch:
                batch.rewrite(purged)
                batch.publish(change)
                self._batch = self._storage = None
            if not purged & batch.written:
                break  # else the segment just written holds what was put and purged in one batch, and goes too
        self._published()

    def discard(self) -> None:
        """Drop what was gathered since the last commit."""
        if self._storage is not None:
            self._storage.abandon()
            self._batch = self._storage = None
            sweep(self._folder, read_state(self._folder), self._disk)

    @contextmanager
    def _changing(self) -> Iterator[BatchWriter]:
        # After a failed call Whoosh's writer may hold half a document: nothing more goes in, and the batch is never committed.
        if self._failed:
            raise RuntimeError("this writer has failed; open another one")
        self._failed = True
        if self._batch is None:
            self._storage = ClosableStorage(str(self._folder))
            self._batch = BatchWriter(self._storage, self._folder, read_state(self._folder), self._disk)
        yield self._batch
        self._failed = False


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


def remove_spills(folder: Path, disk: Disk) -> None:
    """Remove the folder of spilled postings that a killed writer left."""
    disk.remove_folder(folder / f"{INDEX_NAME}.tmp")


def _merge(writer: BatchWriter, segments: list[Any]) -> list[Any]:
    records = {segment.segment_id(): _record(segment) for segment in segments}
    live = [record for record in records.values() if len(record.deleted) < record.entries]
    tiers = choose(live)
    chosen = [record for record in live if record in tiers or record.id in writer.outworn]
    for segment in chosen:
        writer.absorb(segment)
    return [segment for segment in segments if records[segment.segment_id()] not in chosen]


def _row(segment: Segment, entry: int) -> Iterator[tuple[str, Any]]:
    for name, (_, default) in numbers().items():
        if (value := int(segment.numbers[name][entry])) != default:
            yield name, value
    for name in codes():
        if code := segment.codes[name].codes[entry]:
            yield name, segment.codes[name].values[code].encode()
    for name in TEXTS:
        yield name, segment.texts[name][entry].encode()


def _whoosh_segment(record: SegmentRecord) -> Any:
    return W3Segment(Codec(), INDEX_NAME, record.entries, record.id, set(record.deleted) or None)


def _record(segment: Any) -> SegmentRecord:
    return SegmentRecord(segment.segid, segment.doc_count_all(), tuple(sorted(segment.deleted_docs())))


def _toc_bytes(segments: list[Any], generation: int) -> bytes:
    storage = RamStorage()
    TOC(make_schema(), segments, generation).write(storage, INDEX_NAME)
    return bytes(storage.files[toc_name(generation)])
