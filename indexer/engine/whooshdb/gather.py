"""Texts turned into columns of tokens, in worker processes where there are several.

A worker gets the texts of some entries and returns arrays: its own vocabulary, and each token as a number in it. So hardly anything
is copied between processes, and the main one spends a tenth of a microsecond on a token.
"""

import multiprocessing
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass

import numba
import numpy as np

from indexer.engine.analysis import Analyse
from indexer.engine.query import Layer
from indexer.engine.whooshdb.arrayfile import Array, narrowest
from indexer.engine.whooshdb.compiled import keep_code_in

_TASK = 500_000  # characters for a worker at a time
_AHEAD = 2  # tasks waiting for each worker

Field = tuple[str, Layer]
Texts = Sequence[tuple[int, str, str]]
"""Entry, field and text, in order of entries."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What is indexed of one field in one layer, of some entries.

    `terms` and `positions` hold the tokens, `counts` how many each of `entries` has, `lengths` their syllables.
    """

    vocabulary: Sequence[str]
    terms: Array
    positions: Array
    entries: Array
    counts: Array
    lengths: Array


def tokens_of(texts: Texts, analyse: Analyse) -> dict[Field, Tokens]:
    """Analyse texts in both layers."""
    by_field: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for entry, field, text in texts:
        by_field[field].append((entry, text))
    return {(field, layer): _tokens(rows, layer, analyse) for field, rows in by_field.items() for layer in Layer}


def _tokens(rows: list[tuple[int, str]], layer: Layer, analyse: Analyse) -> Tokens:
    vocabulary: dict[str, int] = defaultdict(lambda: len(vocabulary))
    terms, positions, counts, lengths = [], [], [], []
    for _, text in rows:
        found = analyse(text, layer)
        terms.append(np.fromiter(map(vocabulary.__getitem__, found.terms), np.int32, len(found.terms)))
        positions.append(_column(found.positions))
        counts.append(len(found.terms))
        lengths.append(found.length)
    return Tokens(
        list(vocabulary),
        narrowest(np.concatenate(terms)),  # half the bytes to hand over
        narrowest(np.concatenate(positions)),
        np.array([entry for entry, _ in rows], np.int64),
        np.array(counts, np.int64),
        np.array(lengths, np.int64),
    )


def _column(positions: Sequence[int]) -> Array:
    if isinstance(positions, range):  # fifty times faster than one by one
        return np.arange(positions.start, positions.stop, positions.step, np.int32)
    return np.array(positions, np.int32)


class Gatherer:
    """Analyses texts in the order in which they are given. Raises what the analysis raises, at the latest in `rest`."""

    def __init__(self, analyse: Analyse, workers: int) -> None:
        self._analyse = analyse
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self._next: list[tuple[int, str, str]] = []
        self._size = 0
        self._running: deque[Future[dict[Field, Tokens]]] = deque()

    def put(self, texts: Texts) -> Iterator[dict[Field, Tokens]]:
        """Take texts in, and yield what is ready."""
        for entry, field, text in texts:
            if text:
                self._next.append((entry, field, text))
                self._size += len(text)
        if self._size >= _TASK:
            yield from self._start()
        while len(self._running) > _AHEAD * self._workers:
            yield self._running.popleft().result()

    def rest(self) -> Iterator[dict[Field, Tokens]]:
        """Yield all that was put in and not yielded yet."""
        yield from self._start()
        while self._running:
            yield self._running.popleft().result()

    def close(self) -> None:
        """End the workers, whatever they are doing."""
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _start(self) -> Iterator[dict[Field, Tokens]]:
        texts, self._next, self._size = self._next, [], 0
        if not texts:
            return
        if self._workers <= 1:
            yield tokens_of(texts, self._analyse)
            return
        if self._pool is None:
            # Not a fork: another thread may hold a lock at that moment.
            context = multiprocessing.get_context("forkserver")
            self._pool = ProcessPoolExecutor(self._workers, context, keep_code_in, (numba.config.CACHE_DIR,))
        self._running.append(self._pool.submit(tokens_of, texts, self._analyse))
