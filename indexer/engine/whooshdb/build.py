"""A new segment's files, written field by field from sorted tokens.

Whatever the size of the segment, memory holds two groups of terms at a time (all tokens of a term are in one group) and the
dictionaries: lists go to spools that spill to the disk, and from there into the files, each of which is written once, front to
back, through `Disk`.
"""

import tempfile
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import chain
from pathlib import Path

import numpy as np

from indexer.engine.whooshdb import kernels
from indexer.engine.whooshdb.arrayfile import Array, pieces
from indexer.engine.whooshdb.dictionary import Terms, make_terms
from indexer.engine.whooshdb.interrupts import undisturbed
from indexer.engine.whooshdb.kernels.lists import PADDING
from indexer.engine.whooshdb.lexicon import NeighbourCounts, lexicon_arrays
from indexer.engine.whooshdb.schema import MAIN_NAMES, file_names
from indexer.engine.whooshdb.storage import Disk, FileRecord

_IN_MEMORY = 32 * 2**20  # bytes of a spool
_PIECE = 2**20

Group = tuple[Sequence[bytes], Array, Array, Array | None]
"""Some terms of a field: their texts, bounds of their tokens, each token's entry, and its position if it has one."""


class _Spool:
    def __init__(self, folder: Path) -> None:
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(folder))  # noqa: SIM115  closed with the builder
        self.size = 0

    def append(self, array: Array) -> None:
        self._file.write(array.data.cast("B") if array.size else b"")
        self.size += array.nbytes

    def pieces(self, padding: int) -> Iterator[bytes]:
        self._file.seek(0)
        while piece := self._file.read(_PIECE):
            yield piece
        yield bytes(padding)

    def close(self) -> None:
        self._file.close()


def _ahead(groups: Iterable[Group]) -> Generator[Group]:
    """Yield what `groups` does, while a thread makes the next one: kernels and numpy let go of the interpreter."""
    with ThreadPoolExecutor(1) as maker:
        making = iter(groups)
        with undisturbed():
            coming = maker.submit(next, making, None)
        while group := coming.result():
            coming = maker.submit(next, making, None)
            yield group


class SegmentBuilder:
    """Writes one segment: fields with positions, then those without, the terms of a field ascending; then `finish`."""

    def __init__(self, folder: Path, name: str, disk: Disk) -> None:
        self._folder = folder
        self._name = name
        self._disk = disk
        self._words, self._records, self._starts, self._positions = (_Spool(folder) for _ in range(4))
        self._fields: dict[str, Terms] = {}
        self._bases: dict[str, tuple[int, int, int]] = {}
        self._common: dict[str, Sequence[str]] = {}

    def __enter__(self) -> "SegmentBuilder":
        return self

    def __exit__(self, *_: object) -> None:
        for spool in (self._words, self._records, self._starts, self._positions):
            spool.close()

    def add_field(self, name: str, groups: Iterable[Group]) -> Terms:
        """Add a field from its groups of terms.

        Returns the dictionary, whose lists begin at 0. A field without a term is left out.
        """
        base = (self._words.size // 4, self._records.size, self._positions.size)
        texts: list[bytes] = []
        rows = [np.zeros((0, 5), np.int64)]
        with closing(_ahead(groups)) as ready:
            for group, bounds, entries, places in ready:
                texts += group
                rows.append(self._add_lists(bounds, entries, places))
        terms = make_terms(texts, np.concatenate(rows))
        if texts:
            self._fields[name] = terms
            self._bases[name] = base
        return terms

    def set_common(self, name: str, terms: Sequence[str]) -> None:
        """Say which terms' pairs have lists in the field of pairs."""
        self._common[name] = terms

    def finish(
        self,
        columns: Iterable[tuple[str, Iterable[Array]]],
        values: Mapping[str, Sequence[str]],
        neighbours: NeighbourCounts,
    ) -> dict[str, FileRecord]:
        """Write the files and bring their content to the disk; return their records by name."""
        names = file_names(self._name)
        spools = {"words": self._words, "records": self._records, "starts": self._starts, "positions": self._positions}
        files = {names[kind]: self._write(names[kind], spool.pieces(PADDING)) for kind, spool in spools.items()}
        arrays = chain.from_iterable(terms.named(name) for name, terms in self._fields.items())
        spelt = (self._fields[name] for name in MAIN_NAMES if name in self._fields)
        about = {"fields": self._bases, "common": self._common}
        files[names["terms"]] = self._write(names["terms"], pieces(chain(arrays, lexicon_arrays(spelt, neighbours)), about))
        files[names["columns"]] = self._write(names["columns"], pieces(columns, values))
        return files

    def _write(self, name: str, content: Iterable[bytes | memoryview]) -> FileRecord:
        return self._disk.write(self._folder / name, content)

    def _add_lists(self, bounds: Array, entries: Array, places: Array | None) -> Array:
        tokens = len(entries)
        words, starts = np.empty(tokens, np.uint32), np.empty(tokens, np.uint32)
        records = np.empty(5 * tokens, np.uint8)  # a place and a frequency of four bytes for each, at the most
        positions = np.empty(5 * tokens if places is not None else 0, np.uint8)
        rows = np.empty((len(bounds) - 1, 5), np.int64)
        there = np.empty(0, np.int32) if places is None else places
        sizes = kernels.encode(bounds, entries, there, places is not None, words, records, starts, positions, rows)
        self._words.append(words[: sizes[0]])
        self._records.append(records[: sizes[1]])
        if places is not None:
            assert self._starts.size == self._words.size - 4 * sizes[0], "a start stands where its word does"
            self._starts.append(starts[: sizes[0]])
            self._positions.append(positions[: sizes[2]])
        return rows
