"""Lists for pairs of common terms at neighbouring positions, which make phrases of common words cheap.

`quy định` stands in two thirds of all articles and each of its words in more: a phrase of such words would read most positions
that there are. The pairs of a field's commonest terms have lists of their own, entries and frequencies without positions; what a
phrase does with them is in `kernels/phrases.py`. Only segments that are large enough to need them have them. Measured on 117,691
articles: 150 terms make 58 % of all syllables; their pairs' lists take 16 of the index's 88 MB.
"""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from indexer.engine.whooshdb import kernels
from indexer.engine.whooshdb.arrayfile import Array
from indexer.engine.whooshdb.build import Group
from indexer.engine.whooshdb.dictionary import Terms

COMMON = 150  # terms at the most
OFTEN = 16_384  # times, or more, that a common term occurs in the field: below that, reading positions costs microseconds
_GROUP = 4_000_000  # pairs written at a time

_NONE = np.empty(0, np.int32)


def common_terms(terms: Terms) -> list[str]:
    """Return the commonest terms of a field, ascending, only such as are syllables: two of them never stand at one position."""
    order = np.argsort(-terms.occurrences.astype(np.int64), kind="stable")[: 4 * COMMON]
    text, ends = terms.text.tobytes(), terms.ends
    found: list[str] = []
    for row in order.tolist():
        term = text[int(ends[row - 1]) if row else 0 : int(ends[row])].decode("utf-8", "replace")
        if int(terms.occurrences[row]) < OFTEN or len(found) == COMMON:
            break
        if term.isalnum():
            found.append(term)
    return sorted(found)


class PairSpool:
    """Pairs gathered block by block of entries, in a temporary file, and read again pair by pair."""

    def __init__(self, folder: Path, common: Sequence[str]) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  closed by `close`
        self._common = common
        self._blocks: list[tuple[int, Array]] = []  # where a block's entries begin in the file, and each pair's bounds in it
        self._size = 0

    def __enter__(self) -> "PairSpool":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, ranks: Array, entries: Array, places: Array, lengths: Array, first: int) -> bool:
        """Take in a block: tokens of common terms (rank, entry, position), and the lengths of its entries from `first` on.

        Returns False when one stands beyond the end of its entry.
        """
        offsets = np.concatenate(([0], np.cumsum(lengths.astype(np.int64) + 1)))  # one place between two entries stays empty
        stream = np.zeros(int(offsets[-1]) + 1, np.uint8)
        pairs = np.empty(len(ranks), np.int32)
        counts = np.empty(len(lengths), np.int64)
        number = kernels.neighbours(ranks, entries, places, offsets, first, len(self._common), stream, pairs, counts)
        if number < 0:
            return False
        pairs = pairs[:number]
        bounds = np.concatenate(([0], np.cumsum(np.bincount(pairs, minlength=len(self._common) ** 2))))
        found = np.empty(number, np.int32)
        kernels.by_term(pairs, np.arange(first, first + len(lengths)), counts, bounds, found)
        self._file.write(found.data.cast("B") if number else b"")
        self._blocks.append((self._size, bounds))
        self._size += number
        return True

    def groups(self) -> Iterator[Group]:
        """Yield the pairs that occur as `SegmentBuilder.add_field` takes them, ascending."""
        self._file.flush()
        content = np.asarray(np.memmap(self._file, np.int32, "r", shape=(self._size,))) if self._size else _NONE
        counts = sum((np.diff(bounds) for _, bounds in self._blocks), np.zeros(len(self._common) ** 2, np.int64))
        names = [f"{one} {other}".encode() for one in self._common for other in self._common]
        order = sorted((number for number in range(len(names)) if counts[number]), key=names.__getitem__)
        while order:
            total, taken = 0, 0
            while taken < len(order) and (not taken or total + counts[order[taken]] <= _GROUP):
                total += counts[order[taken]]
                taken += 1
            group, order = order[:taken], order[taken:]
            bounds = np.concatenate(([0], np.cumsum(counts[group])))
            slices = [content[at + ends[pair] : at + ends[pair + 1]] for pair in group for at, ends in self._blocks]
            yield [names[pair] for pair in group], bounds, np.concatenate(slices), None
