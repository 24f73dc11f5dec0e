"""Several segments written as one, without their deleted entries.

Terms are taken in groups, so that memory holds the tokens of two groups whatever the size of the segments.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import numpy as np

from indexer.engine.analysis import is_syllable
from indexer.engine.fields import NEIGHBOURS, WIDE_COLUMNS
from indexer.engine.query import Layer
from indexer.engine.whooshdb import kernels
from indexer.engine.whooshdb.arrayfile import Array, narrowest
from indexer.engine.whooshdb.build import Group, SegmentBuilder
from indexer.engine.whooshdb.dictionary import Dictionary
from indexer.engine.whooshdb.kernels.lists import CHUNK
from indexer.engine.whooshdb.lexicon import NeighbourCounts
from indexer.engine.whooshdb.pairs import PairSpool, common_terms
from indexer.engine.whooshdb.schema import CODES, NUMBERS, PAIR_NAMES, TEXT_NAMES, TEXTS, text_name
from indexer.engine.whooshdb.segments import Segment
from indexer.engine.whooshdb.state import SegmentRecord, damaged
from indexer.engine.whooshdb.storage import Disk, FileRecord

_GROUP = 4_000_000  # tokens read at a time


def merge(
    folder: Path, name: str, disk: Disk, sources: Sequence[tuple[Segment, SegmentRecord]]
) -> tuple[int, dict[str, FileRecord]]:
    """Write the segment `name` from the live entries of `sources`, in their order; return their number and the files' records."""
    renumbered, entries = [], 0
    for segment, record in sources:
        numbers = np.ones(segment.entries, np.int64)
        numbers[list(record.deleted)] = 0
        live = int(numbers.sum())
        renumbered.append(np.where(numbers, entries + np.cumsum(numbers) - 1, -1))
        entries += live
    merging = _Merging([segment for segment, _ in sources], renumbered)
    with SegmentBuilder(folder, name, disk) as builder:
        common: dict[str, list[str]] = {}
        for field in TEXT_NAMES:
            common[field] = common_terms(builder.add_field(field, merging.groups(field, positioned=True)))
        for field in sorted({each for segment, _ in sources for each in segment.dictionaries} - {*TEXT_NAMES, *PAIR_NAMES}):
            builder.add_field(field, merging.groups(field, positioned=False))
        for field, pairs in zip(TEXT_NAMES, PAIR_NAMES, strict=True):
            if common[field]:
                with PairSpool(folder, common[field]) as spool:
                    merging.gather_pairs(field, common[field], spool)
                    builder.add_field(pairs, spool.groups())
                builder.set_common(field, common[field])
        neighbours = NeighbourCounts()
        for field in NEIGHBOURS:
            merging.count_neighbours(text_name(field, Layer.MAIN), neighbours)
        values, codes = merging.codes()
        files = builder.finish(merging.columns(codes), values, neighbours)
    return entries, files


class _Merging:
    def __init__(self, segments: Sequence[Segment], renumbered: Sequence[Array]) -> None:
        self._segments = segments
        self._renumbered = renumbered
        self._live = [numbers >= 0 for numbers in renumbered]

    def groups(self, field: str, positioned: bool) -> Iterator[Group]:
        """Yield the field's terms in groups; those without a live entry are left out."""
        sources = [(number, found) for number, segment in enumerate(self._segments) if (found := segment.dictionaries.get(field))]
        group: list[tuple[bytes, list[tuple[int, int]]]] = []  # term, and its rows: source and row
        tokens = 0
        for term, rows in self._merged(sources):
            size = sum(int(sources[source][1].terms.occurrences[row]) for source, row in rows)
            if group and tokens + size > _GROUP:
                yield self._read(sources, group, positioned)
                group, tokens = [], 0
            group.append((term, rows))
            tokens += size
        if group:
            yield self._read(sources, group, positioned)

    def _merged(self, sources: Sequence[tuple[int, Dictionary]]) -> Iterator[tuple[bytes, list[tuple[int, int]]]]:
        """Yield each term of several dictionaries, ascending, with the sources and rows in which it stands."""
        found = heapq.merge(*(self._terms(source, *each) for source, each in enumerate(sources)))
        for term, places in groupby(found, key=itemgetter(0)):
            yield term, [(source, row) for _, source, row in places]

    def _terms(self, source: int, number: int, dictionary: Dictionary) -> Iterator[tuple[bytes, int, int]]:
        try:
            for row, term in enumerate(dictionary.texts()):
                yield term, source, row
        except ValueError as error:
            raise damaged(self._segments[number].terms_path, "không đọc được") from error

    def _read(
        self,
        sources: Sequence[tuple[int, Dictionary]],
        group: Sequence[tuple[bytes, list[tuple[int, int]]]],
        positioned: bool,
    ) -> Group:
        counts = np.zeros((len(group), len(sources)), np.int64)
        found = []
        for source, (number, dictionary) in enumerate(sources):
            places, rows = _rows_of(group, source)
            entries, positions, sizes = self._tokens(number, dictionary, rows, positioned)
            counts[places, source] = sizes
            found.append((entries, positions))
        bounds = np.concatenate(([0], np.cumsum(counts.sum(axis=1))))
        starts = bounds[:-1, None] + np.cumsum(counts, axis=1) - counts
        entries = np.empty(int(bounds[-1]), np.int32)
        positions = np.empty(len(entries) if positioned else 0, np.int32)
        for source, (there, where) in enumerate(found):
            kernels.place(starts[:, source].copy(), counts[:, source].copy(), there, where, entries, positions)
        kept = counts.sum(axis=1) > 0
        bounds = np.concatenate((bounds[:-1][kept], bounds[-1:]))
        texts = [term for (term, _), stays in zip(group, kept.tolist(), strict=True) if stays]
        return texts, bounds, entries, positions if positioned else None

    def _tokens(self, number: int, dictionary: Dictionary, rows: Array, positioned: bool) -> tuple[Array, Array, Array]:
        """Return entries and positions of the tokens of some terms of a segment, and how many each term has."""
        segment = self._segments[number]
        try:
            lists = dictionary.lists(rows, positioned)
        except ValueError as error:
            raise damaged(segment.terms_path, "không đọc được") from error
        return self._read_lists(number, lists)

    def _read_lists(self, number: int, lists: Array) -> tuple[Array, Array, Array]:
        segment = self._segments[number]
        size = int(lists[:, 4].sum())
        entries, positions, counts = np.empty(size, np.int32), np.empty(size, np.int32), np.zeros(len(lists), np.int64)
        read = kernels.read_lists(
            lists, segment.words, segment.records, segment.positions, self._renumbered[number], entries, positions, counts
        )
        if read < 0:
            raise damaged(segment.records_path, "không đọc được")
        return entries[:read], positions[:read], counts

    def gather_pairs(self, field: str, common: Sequence[str], spool: PairSpool) -> None:
        """Put the pairs of common terms of every segment into the spool, block by block."""
        for number, segment in enumerate(self._segments):
            dictionary = segment.dictionaries.get(field)
            if dictionary is not None:
                rows = [(rank, row) for rank, term in enumerate(common) if (row := dictionary.row(term.encode())) is not None]
                self._put_blocks(number, field, rows, spool)

    def count_neighbours(self, field: str, counts: NeighbourCounts) -> None:
        """Count the syllables side by side in every segment's live public entries, block by block."""
        for number, segment in enumerate(self._segments):
            chosen = self._syllables(number, field)
            if chosen:
                public = np.unpackbits(segment.public.view(np.uint8), count=segment.entries, bitorder="little")
                of_new = np.zeros(int(self._renumbered[number].max()) + 1, np.uint8)
                of_new[self._renumbered[number][self._live[number]]] = public[self._live[number]]
                counts.begin([term for term, _ in chosen], of_new)
                self._put_blocks(number, field, [(rank, row) for rank, (_, row) in enumerate(chosen)], counts)

    def _syllables(self, number: int, field: str) -> list[tuple[str, int]]:
        """Return the terms of a field in a segment that are syllables, and their rows."""
        dictionary = self._segments[number].dictionaries.get(field)
        if dictionary is None:
            return []
        try:
            terms = ((text.decode(), row) for row, text in enumerate(dictionary.texts()))
            return [(term, row) for term, row in terms if is_syllable(term)]
        except ValueError as error:
            raise damaged(self._segments[number].terms_path, "không đọc được") from error

    def _put_blocks(self, number: int, field: str, rows: Sequence[tuple[int, int]], sink: PairSpool | NeighbourCounts) -> None:
        """Hand over the tokens of some terms of a segment, given by rank and row, in blocks of its live entries."""
        segment = self._segments[number]
        ranks = np.array([rank for rank, _ in rows], np.int64)
        try:
            lists = segment.dictionaries[field].lists(np.array([row for _, row in rows], np.int64), True)
        except ValueError as error:
            raise damaged(segment.terms_path, "không đọc được") from error
        lengths = segment.numbers[f"{field}_length"]
        for first, end in _blocks(lengths):
            block = kernels.cut(lists, segment.words, segment.records, segment.starts, -(-end // CHUNK))
            if (block[:, 4] < 0).any():
                raise damaged(segment.records_path, "không đọc được")
            entries, positions, counts = self._read_lists(number, block)
            there = self._live[number][first:end]
            if there.any():
                begun = int(self._renumbered[number][first:end][there][0])
                if not sink.add(np.repeat(ranks, counts), entries, positions, lengths[first:end][there], begun):
                    raise damaged(segment.records_path, "không đọc được")

    def codes(self) -> tuple[dict[str, list[str]], dict[str, list[Array]]]:
        """Return each column's values in all segments, and the segments' codes as numbers of them."""
        values: dict[str, list[str]] = {}
        parts: dict[str, list[Array]] = {}
        for name in CODES:
            known = {"": 0}
            parts[name] = []
            for segment, live in zip(self._segments, self._live, strict=True):
                column = segment.codes[name]
                used = np.unique(column.codes[live]).tolist()
                numbers = np.zeros(len(column.values), np.int64)
                for code in used:
                    numbers[code] = known.setdefault(column.values[code], len(known))
                parts[name].append(numbers[column.codes[live]])
            values[name] = list(known)
        return values, parts

    def columns(self, codes: dict[str, list[Array]]) -> Iterator[tuple[str, Iterable[Array]]]:
        """Yield every column of the live entries."""
        for name in NUMBERS:
            columns = [segment.numbers[name][live] for segment, live in zip(self._segments, self._live, strict=True)]
            yield name, (column_of_numbers(name, np.concatenate(columns)),)
        for name in CODES:
            yield name, (column_of_codes(np.concatenate(codes[name])),)
        for name in TEXTS:
            parts = [segment.texts[name].chosen(live) for segment, live in zip(self._segments, self._live, strict=True)]
            yield f"{name}/text", [content for content, _ in parts]
            yield f"{name}/ends", (narrowest(np.cumsum(np.concatenate([lengths for _, lengths in parts]))),)


def column_of_numbers(name: str, numbers: Array) -> Array:
    """Return a column as it is stored: keys and digests in 8 bytes, lengths as narrow as they are, one value for all the same."""
    if name == "key" or name in WIDE_COLUMNS:
        column = numbers.astype("<i8")
    elif name.endswith("_length"):
        column = narrowest(numbers)
    else:
        column = numbers.astype("<i4")
    return _once(column)


def column_of_codes(codes: Array) -> Array:
    """Return a column of codes as it is stored. Raises OverflowError for more values than its codes tell apart."""
    if codes.size and int(codes.max()) >= 2**16:
        raise OverflowError("more than 65,535 different values in one column")
    return _once(narrowest(codes))


def _once(column: Array) -> Array:
    return column[:1] if column.size and bool((column == column[0]).all()) else column


def _rows_of(group: Sequence[tuple[bytes, list[tuple[int, int]]]], source: int) -> tuple[Array, Array]:
    pairs = [(place, row) for place, (_, rows) in enumerate(group) for number, row in rows if number == source]
    found = np.array(pairs, np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _blocks(lengths: Array) -> Iterator[tuple[int, int]]:
    """Yield ranges of entries, whole chunks, of about _GROUP syllables."""
    totals = np.cumsum(lengths, dtype=np.int64)
    first = 0
    while first < len(lengths):
        before = int(totals[first - 1]) if first else 0
        end = int(np.searchsorted(totals, before + _GROUP))
        end = min(len(lengths), max(first + CHUNK, end - end % CHUNK))
        yield first, end
        first = end
