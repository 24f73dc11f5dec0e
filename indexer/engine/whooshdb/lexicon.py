"""What a segment knows of its syllables: how each is spelt with accents, and how often two stand side by side.

Both serve questions that are typed without accents or misspelt. Spellings are the syllables of the main layer by a digest of
their folded form. Pairs are counted in the texts of public entries as they are written, in the fields of NEIGHBOURS, by a digest
of both terms (64 bits); a deleted entry counts until its segment is written anew. Measured on 117,691 articles: 792,000 different
pairs in 39 million syllables.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from typing import Final

import numpy as np

from analyzers.accents import fold
from indexer.engine.analysis import is_syllable
from indexer.engine.whooshdb import kernels
from indexer.engine.whooshdb.arrayfile import Array, ArrayFile, narrowest
from indexer.engine.whooshdb.dictionary import Terms

_MOST: Final = 4_000_000  # pairs that are kept: beyond it, those that stand least often side by side go first
_NAMES: Final = ("spellings/digests", "spellings/text", "spellings/ends", "neighbours/digests", "neighbours/counts")
_FACTOR: Final = 0x9E3779B97F4A7C15
_MASK: Final = 2**64 - 1


@lru_cache(maxsize=1 << 14)
def digest(term: str) -> int:
    """Return 64 bits of a term's digest, never 0."""
    return int.from_bytes(blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little") or 1


_ALONE: Final = digest("")  # stands for any syllable, so that one's own occurrences, and those of all, are counted as a pair's


def _signed(number: int) -> int:
    return number - 2**64 if number >= 2**63 else number


def pair_digest(one: str, other: str) -> int:
    """Return the digest of two terms side by side, as `kernels.pair_digests` makes it; with "" that of a term alone."""
    return _signed((digest(one) * _FACTOR + digest(other)) & _MASK)


class NeighbourCounts:
    """How often two terms stand side by side, gathered block by block of entries."""

    def __init__(self) -> None:
        self._digests: Array = np.empty(0, np.int64)
        self._counts: Array = np.empty(0, np.int64)
        self._waiting: list[tuple[Array, Array]] = []
        self._terms: Array = np.empty(0, np.uint64)
        self._public: Array = np.empty(0, np.uint8)

    def begin(self, terms: Sequence[str], public: Array) -> None:
        """Say which terms the ranks of the next blocks mean, and by a byte for each entry whether it is public."""
        self._terms = np.fromiter(map(digest, terms), np.uint64, len(terms))
        self._public = public.astype(np.uint8)

    def add(self, ranks: Array, entries: Array, places: Array, lengths: Array, first: int) -> bool:
        """Take in a block as `PairSpool.add` does."""
        offsets = np.concatenate(([0], np.cumsum(lengths.astype(np.int64) + 1)))
        stream = np.zeros(int(offsets[-1]) + 1, np.uint64)
        found = np.empty(len(ranks), np.int64)
        public = self._public[first : first + len(lengths)]
        number = kernels.pair_digests(self._terms, ranks, entries, places, offsets, first, public, stream, found)
        if number < 0:
            return False
        self._waiting.append((found[:number], np.ones(number, np.int64)))
        times = np.bincount(ranks[public[entries - first] > 0], minlength=len(self._terms))
        alone = np.append(self._terms, np.uint64(_ALONE)) * np.uint64(_FACTOR) + np.uint64(_ALONE)
        self._waiting.append((alone.view(np.int64), np.append(times, times.sum())))
        if sum(len(digests) for digests, _ in self._waiting) > max(len(self._digests), 2**22):
            self._fold()
        return True

    def _fold(self) -> None:
        """Add what waits to what is counted; only as many pairs are kept as there is room for."""
        digests = np.concatenate((self._digests, *(digests for digests, _ in self._waiting)))
        counts = np.concatenate((self._counts, *(counts for _, counts in self._waiting)))
        self._waiting = []
        order = np.argsort(digests, kind="stable")
        digests, counts = digests[order], counts[order]
        starts = np.flatnonzero(np.diff(digests, prepend=digests[:1] - 1)) if len(digests) else np.empty(0, np.int64)
        digests, counts = digests[starts], np.add.reduceat(counts, starts) if len(starts) else counts
        fewest = 1
        while np.count_nonzero(counts > fewest - 1) > _MOST:
            fewest += 1
        kept = counts >= fewest
        self._digests, self._counts = digests[kept], counts[kept]

    def arrays(self) -> tuple[Array, Array]:
        """Return digests, ascending, and counts."""
        if self._waiting:
            self._fold()
        return self._digests, self._counts


def lexicon_arrays(dictionaries: Iterable[Terms], neighbours: NeighbourCounts) -> Iterator[tuple[str, tuple[Array]]]:
    """Yield the arrays as `arrayfile.pieces` takes them; the spellings are the syllables of `dictionaries`."""
    known = {term for terms in dictionaries for term in _texts(terms) if is_syllable(term)}
    spelt = sorted((_signed(digest(fold(term))), term.encode()) for term in known)
    ends = np.cumsum(np.fromiter((len(term) for _, term in spelt), np.int64, len(spelt)))
    digests, counts = neighbours.arrays()
    yield _NAMES[0], (np.fromiter((each for each, _ in spelt), np.int64, len(spelt)),)
    yield _NAMES[1], (np.frombuffer(b"".join(term for _, term in spelt), np.uint8),)
    yield _NAMES[2], (narrowest(ends),)
    yield _NAMES[3], (digests.astype(np.int64),)
    yield _NAMES[4], (narrowest(counts),)


def _texts(terms: Terms) -> Iterator[str]:
    text, begin = terms.text.tobytes(), 0
    for end in terms.ends.tolist():
        yield text[begin:end].decode()
        begin = end


class Lexicon:
    """The lexicon of one segment. Raises ValueError for arrays that cannot be, IndexDamaged for missing ones."""

    def __init__(self, file: ArrayFile) -> None:
        self._digests, self._text, self._ends, self._pairs, self._counts = (file[name] for name in _NAMES)
        if len(self._ends) != len(self._digests) or len(self._counts) != len(self._pairs):
            raise ValueError("digests and values differ in number")
        whole = {array.dtype.kind for array in (self._ends, self._counts)} <= {"u", "i"}
        if not whole or self._digests.dtype != np.int64 or self._pairs.dtype != np.int64 or self._text.dtype != np.uint8:
            raise ValueError("no digests")

    def spellings(self, folded: str) -> list[str]:
        """Return the syllables that fold to `folded`. Raises ValueError for damaged text."""
        wanted = _signed(digest(folded))
        first, end = np.searchsorted(self._digests, (wanted, wanted + 1)).tolist()
        bounds = [int(self._ends[first - 1]) if first else 0, *self._ends[first:end].tolist()]
        return [self._text[low:high].tobytes().decode() for low, high in pairwise(bounds)]

    def times(self, pairs: Array) -> Array:
        """Return how often each pair of these digests was counted."""
        if not len(self._pairs):
            return np.zeros(len(pairs), np.int64)
        places = np.minimum(np.searchsorted(self._pairs, pairs), len(self._pairs) - 1)
        return np.where(self._pairs[places] == pairs, self._counts[places].astype(np.int64), 0)
