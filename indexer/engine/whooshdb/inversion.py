"""The tokens of one field in one layer as they come from the analysis, and turned into lists: inversion.

The parts come sorted by term, so a group of terms is one slice of each part, and memory holds two groups put together.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import NamedTuple

import numpy as np

from indexer.engine.analysis import is_syllable
from indexer.engine.whooshdb import kernels
from indexer.engine.whooshdb.arrayfile import Array
from indexer.engine.whooshdb.build import Group
from indexer.engine.whooshdb.gather import Tokens
from indexer.engine.whooshdb.lexicon import NeighbourCounts
from indexer.engine.whooshdb.pairs import PairSpool

_GROUP = 4_000_000  # tokens put together at a time
_OF_TERM = 150  # bytes, about, of a term in the vocabulary; and in each part that has it:
_OF_ROW = 12


class _Part(NamedTuple):
    tokens: Tokens
    numbers: Array  # in the field's vocabulary, of the part's terms
    bounds: Array  # of each term's tokens

    def between(self, first: int, end: int) -> tuple[Array, Array]:
        """Return entries and positions of the tokens of the terms first..end - 1."""
        tokens, at = self.tokens, slice(self.bounds[first], self.bounds[end])
        return tokens.entries[tokens.rows[at]].astype(np.int32), tokens.positions[at].astype(np.int32)

    def chosen(self, ranks: Array) -> tuple[Array, Array, Array]:
        """Return rank, entry and position of the tokens of terms that have a rank in the field's vocabulary, not -1."""
        tokens, found = self.tokens, ranks[self.numbers]
        kept = np.repeat(found >= 0, tokens.counts)
        ranked = np.repeat(found, np.where(found >= 0, tokens.counts, 0))
        return ranked, tokens.entries[tokens.rows[kept]].astype(np.int32), tokens.positions[kept].astype(np.int32)


class FieldTokens:
    """All tokens of one field in one layer, in parts that stand in order of entries."""

    def __init__(self) -> None:
        self._vocabulary: dict[str, int] = defaultdict(count().__next__)
        self._parts: list[_Part] = []

    def add(self, tokens: Tokens) -> int:
        """Take in the tokens of some entries that come after those before, and return how many bytes they take."""
        known = len(self._vocabulary)
        numbers = np.fromiter(map(self._vocabulary.__getitem__, tokens.vocabulary), np.int32, len(tokens.vocabulary))
        bounds = np.concatenate(([0], np.cumsum(tokens.counts)))
        self._parts.append(_Part(replace(tokens, vocabulary=()), numbers, bounds))  # half as much again would stay in strings
        return tokens.nbytes + _OF_ROW * len(numbers) + _OF_TERM * (len(self._vocabulary) - known)

    def lengths(self, entries: int) -> Array:
        """Return each entry's length in syllables, 0 for one without a text."""
        column = np.zeros(entries, np.int64)
        for tokens, _, _ in self._parts:
            column[tokens.entries] = tokens.lengths
        return column

    def groups(self) -> Iterator[Group]:
        """Yield the terms in groups."""
        texts = sorted(self._vocabulary)  # by code points, as UTF-8 sorts
        ranks = np.empty(len(texts), np.int32)
        ranks[np.fromiter(map(self._vocabulary.__getitem__, texts), np.int64, len(texts))] = np.arange(len(texts))
        ranked = [ranks[part.numbers] for part in self._parts]
        counts = np.zeros(len(texts), np.int64)
        for part, rows in zip(self._parts, ranked, strict=True):
            counts[rows] += part.tokens.counts
        bounds = np.concatenate(([0], np.cumsum(counts)))
        free = bounds[:-1].copy()
        first = 0
        while first < len(texts):
            begin = bounds[first]
            end = max(first + 1, int(np.searchsorted(bounds, begin + _GROUP, side="right")) - 1)
            entries, positions = np.empty(int(bounds[end] - begin), np.int32), np.empty(int(bounds[end] - begin), np.int32)
            for part, rows in zip(self._parts, ranked, strict=True):
                low, high = np.searchsorted(rows, (first, end)).tolist()
                terms = rows[low:high]
                there, places = part.between(low, high)
                kernels.place(free[terms] - begin, part.tokens.counts[low:high], there, places, entries, positions)
                free[terms] += part.tokens.counts[low:high]
            yield [text.encode() for text in texts[first:end]], bounds[first : end + 1] - begin, entries, positions
            first = end

    def put_pairs(self, common: Sequence[str], lengths: Array, spool: PairSpool) -> None:
        """Put the pairs of common terms into the spool, block by block. Raises ValueError for a token outside of its text."""
        ranks = np.full(len(self._vocabulary), -1, np.int32)
        ranks[[self._vocabulary[term] for term in common]] = np.arange(len(common))
        self._put_blocks(ranks, lengths, spool)

    def count_neighbours(self, lengths: Array, public: Array, counts: NeighbourCounts) -> None:
        """Count the syllables side by side, block by block. Raises ValueError for a token outside of its text."""
        syllables = [is_syllable(term) for term in self._vocabulary]
        ranks = np.where(syllables, np.cumsum(syllables) - 1, -1).astype(np.int32)
        counts.begin([term for term, chosen in zip(self._vocabulary, syllables, strict=True) if chosen], public)
        self._put_blocks(ranks, lengths, counts)

    def _put_blocks(self, ranks: Array, lengths: Array, sink: PairSpool | NeighbourCounts) -> None:
        for first, end, parts in self._blocks(len(lengths)):
            found = [part.chosen(ranks) for part in parts]
            of_terms, entries, places = (np.concatenate(each) for each in zip(*found, strict=True))
            if not sink.add(of_terms, entries, places, lengths[first:end], first):
                raise ValueError("a token stands beyond the end of its text")

    def _blocks(self, entries: int) -> Iterator[tuple[int, int, list[_Part]]]:
        """Yield ranges of entries and their parts, of at least _GROUP tokens but for the last."""
        block: list[_Part] = []
        size = 0
        for part in self._parts:
            if size >= _GROUP:
                yield int(block[0].tokens.entries[0]), int(part.tokens.entries[0]), block
                block, size = [], 0
            block.append(part)
            size += len(part.tokens.rows)
        yield int(block[0].tokens.entries[0]), entries, block
