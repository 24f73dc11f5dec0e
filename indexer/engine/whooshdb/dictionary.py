"""The terms of one field in one segment, and where their lists are.

Terms stand sorted by their UTF-8 bytes, which is the order of code points, so a prefix is a range of rows. Lists of neighbouring
terms are neighbours on the disk: row i's words are `words[i]:words[i + 1]` of the field's, and so for the other arrays.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from indexer.engine.whooshdb.arrayfile import Array, ArrayFile, narrowest
from indexer.engine.whooshdb.kernels.lists import CHUNK


class PostingList(NamedTuple):
    """Where a term's list is: a range of words, the first record, the first position, and how many entries it has."""

    first_word: int
    end_word: int
    record: int
    position: int
    entries: int


@dataclass(frozen=True, slots=True)
class Terms:
    """The dictionary of one field as arrays: ends of the terms in `text`, bounds of their lists, entries and occurrences."""

    text: Array
    ends: Array
    words: Array
    records: Array
    positions: Array
    entries: Array
    occurrences: Array

    def named(self, field: str) -> Iterator[tuple[str, tuple[Array]]]:
        """Yield the arrays as `arrayfile.pieces` takes them."""
        for name in self.__slots__:
            yield f"{field}/{name}", (getattr(self, name),)


class Dictionary:
    """The terms of one field. Lookups check what they return against the sizes of the files."""

    def __init__(self, file: ArrayFile, field: str, bases: Sequence[int], sizes: Sequence[int]) -> None:
        """Read the dictionary of `field`, whose lists begin at `bases` of the words, records and positions of these `sizes`.

        Raises ValueError for one that cannot be.
        """
        self.terms = terms = Terms(*(file[f"{field}/{name}"] for name in Terms.__slots__))
        if terms.text.dtype != np.uint8 or terms.ends.dtype != np.uint32:
            raise ValueError("no terms")
        number = len(terms.ends)
        if {len(terms.words), len(terms.records), len(terms.positions)} != {number + 1}:
            raise ValueError("terms and lists differ in number")
        if {len(terms.entries), len(terms.occurrences)} != {number}:
            raise ValueError("terms and numbers differ in number")
        if any(not 0 <= base <= size for base, size in zip(bases, sizes, strict=True)):
            raise ValueError("lists begin outside of their file")
        self._bases = bases
        self._sizes = sizes
        self._text, self._ends = terms.text.data, terms.ends.data
        places = {name: file.place(f"{field}/{name}") for name in Terms.__slots__}
        table = [places["text"][0], len(terms.text), places["ends"][0], number, *places["entries"]]
        for name, base, size in zip(("words", "records", "positions"), bases, sizes, strict=True):
            table += (*places[name], base, size)
        self.table = np.array(table, np.int64)  # what `kernels.find_terms` needs to know

    def __len__(self) -> int:
        return len(self._ends)

    def text(self, row: int) -> bytes:
        """Return the term of a row in UTF-8."""
        return bytes(self._text[self._ends[row - 1] if row else 0 : self._ends[row]])

    def starting_with(self, prefix: str) -> range:
        """Return the rows of the terms that start with `prefix`."""
        wanted = prefix.encode("utf-8", "surrogatepass")

        def head(row: int) -> bytes:
            return self.text(row)[: len(wanted)]

        rows = range(len(self))
        return range(bisect_left(rows, wanted, key=head), bisect_right(rows, wanted, key=head))

    def span(self, rows: range) -> PostingList:
        """Return neighbouring rows as if they were one list. Raises ValueError for bounds that cannot be."""
        terms, first, end = self.terms, rows.start, rows.stop
        bounds = [
            (base + int(array[first]), base + int(array[end]))
            for base, array in zip(self._bases, (terms.words, terms.records, terms.positions), strict=True)
        ]
        if any(not 0 <= low <= high <= size for (low, high), size in zip(bounds, self._sizes, strict=True)):
            raise ValueError("a list lies outside of its file")
        entries = int(terms.entries[first]) if len(rows) == 1 else 0
        if not 0 <= entries <= CHUNK * (bounds[0][1] - bounds[0][0]):
            raise ValueError("more entries than there is room for")
        return PostingList(*bounds[0], bounds[1][0], bounds[2][0], entries)

    def lists(self, rows: Array, positioned: bool) -> Array:
        """Return for each row first word, end, record, first position or -1, occurrences, and first position again.

        Raises ValueError for bounds that cannot be.
        """
        found = np.empty((len(rows), 6), np.int64)
        bounds = (self.terms.words, self.terms.records, self.terms.positions)
        room = np.empty(0, np.int64)
        for column, base, size, array in zip((0, 2, 3), self._bases, self._sizes, bounds, strict=True):
            low, high = base + array[rows].astype(np.int64), base + array[rows + 1].astype(np.int64)
            if bool(((low < 0) | (high < low) | (high > size)).any()):
                raise ValueError("a list lies outside of its file")
            found[:, column] = low
            if column == 0:
                found[:, 1] = high
                room = CHUNK * (high - low)  # for a keyword, which stands once in an entry
            elif column == 3 and positioned:
                room = high - low  # a byte at the least for each
        found[:, 4] = self.terms.occurrences[rows]
        found[:, 5] = found[:, 3]
        if not positioned:
            found[:, 3] = -1
        if bool(((found[:, 4] < 0) | (found[:, 4] > room)).any()):
            raise ValueError("a term occurs more often than there is room for")
        return found

    def texts(self) -> Iterator[bytes]:
        """Yield all terms in UTF-8, ascending. Raises ValueError where they do not ascend."""
        text, begin, last = self.terms.text.tobytes(), 0, b""
        for end in self.terms.ends.tolist():
            term = text[begin:end]
            if term <= last:
                raise ValueError("terms do not ascend")
            yield term
            begin, last = end, term

    def row(self, term: bytes) -> int | None:
        """Return the row of a term in UTF-8."""
        row = bisect_left(range(len(self)), term, key=self.text)
        return row if row < len(self) and self.text(row) == term else None


def make_terms(texts: list[bytes], rows: Array) -> Terms:
    """Return the dictionary of sorted `texts` whose lists take what `rows` say, as `kernels.lists.encode` gives them."""
    bounds = np.zeros((3, len(texts) + 1), np.int64)
    np.cumsum(rows[:, :3].T, axis=1, out=bounds[:, 1:])
    ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
    blob = np.frombuffer(b"".join(texts), np.uint8)
    return Terms(blob, ends.astype("<u4"), *(narrowest(each) for each in (*bounds, rows[:, 3], rows[:, 4])))
