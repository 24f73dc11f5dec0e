"""Texts turned into columns of tokens, in worker processes where there are several.

A worker gets the texts of some entries and returns their vocabulary and the tokens sorted by term, some four bytes each. So
little is copied between processes, and the main one spends a few nanoseconds on a token.
"""

import multiprocessing
import pickle
import signal
import threading
import traceback
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, cast

import numpy as np

from indexer.engine.analysis import Analyse
from indexer.engine.query import Layer
from indexer.engine.whooshdb.arrayfile import Array, narrowest
from indexer.engine.whooshdb.compiled import prepare_worker, prepared
from indexer.engine.whooshdb.interrupts import undisturbed
from indexer.errors import WorkerLost

_TASK = 500_000  # characters for a worker at a time
_AHEAD = 8  # tasks waiting for each worker: enough for the second in which it is started
_ENOUGH = 4  # tasks for which starting processes is worth its second

Field = tuple[str, Layer]
Texts = Sequence[tuple[int, str, str]]
"""Entry, field and text, in order of entries."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What is indexed of one field in one layer, of some entries: the tokens by term, and those of one term in order.

    `vocabulary` ascends; `counts` are how many tokens each of its terms has. A token is the row of its entry in `entries` and its
    position. `lengths` are the entries' syllables.
    """

    vocabulary: Sequence[str]
    counts: Array
    rows: Array
    positions: Array
    entries: Array
    lengths: Array

    @property
    def nbytes(self) -> int:
        """What the arrays take."""
        return sum(each.nbytes for each in (self.counts, self.rows, self.positions, self.entries, self.lengths))


def tokens_of(texts: Texts, analyse: Analyse) -> dict[Field, Tokens]:
    """Analyse texts in both layers."""
    by_field: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for entry, field, text in texts:
        by_field[field].append((entry, text))
    return {(field, layer): _tokens(rows, layer, analyse) for field, rows in by_field.items() for layer in Layer}


def _tokens(texts: list[tuple[int, str]], layer: Layer, analyse: Analyse) -> Tokens:
    found = analyse([text for _, text in texts], layer)
    ascending = sorted(range(len(found.vocabulary)), key=found.vocabulary.__getitem__)  # by code points, as UTF-8 sorts
    ranks = np.empty(len(ascending), np.int64)
    ranks[ascending] = np.arange(len(ascending))
    terms = narrowest(ranks)[found.terms]
    order = np.argsort(terms, kind="stable")  # numbers of two bytes are sorted by radix, in a tenth of the time of four
    rows = np.repeat(np.arange(len(texts)), found.counts)
    return Tokens(
        [found.vocabulary[term] for term in ascending],
        np.bincount(terms, minlength=len(ascending)),
        narrowest(rows)[order],  # narrow: there is less to hand over
        narrowest(found.positions)[order],
        np.array([entry for entry, _ in texts], np.int64),
        found.lengths,
    )


class Gatherer:
    """Analyses texts in the order in which they are given. Raises what the analysis raises, and WorkerLost, perhaps in `rest`."""

    def __init__(self, analyse: Analyse, workers: int) -> None:
        self._analyse = analyse
        self._workers = workers
        self._crew: _Crew | None = None
        self._next: list[tuple[int, str, str]] = []
        self._size = 0
        self._waiting: list[Texts] = []  # for there to be enough of them
        self._running: deque[Future[dict[Field, Tokens]]] = deque()

    def put(self, texts: Texts) -> Iterator[dict[Field, Tokens]]:
        """Take texts in, and yield what is ready."""
        self._next += texts
        self._size += sum(len(text) for _, _, text in texts)
        if self._size >= _TASK:
            self._waiting.append(self._next)
            self._next, self._size = [], 0
            if self._workers <= 1:
                yield from self._here()
            elif self._crew or len(self._waiting) >= _ENOUGH:
                self._hand_out()
        while len(self._running) > _AHEAD * self._workers:
            yield self._running.popleft().result()

    def rest(self) -> Iterator[dict[Field, Tokens]]:
        """Yield all that was put in and not yielded yet."""
        if self._next:
            self._waiting.append(self._next)
            self._next, self._size = [], 0
        if self._crew:
            self._hand_out()
        while self._running:
            yield self._running.popleft().result()
        yield from self._here()

    def close(self) -> None:
        """End the workers, whatever they are doing."""
        if self._crew:
            self._crew.end()
            self._crew = None

    def _here(self) -> Iterator[dict[Field, Tokens]]:
        while self._waiting:
            yield tokens_of(self._waiting.pop(0), self._analyse)

    def _hand_out(self) -> None:
        if self._crew is None:
            self._crew = _Crew(self._analyse, self._workers)
        self._running += map(self._crew.give, self._waiting)
        self._waiting = []


class _Crew:
    """Worker processes, each with a pipe and a thread of its own that starts it.

    The standard library's pool has one pipe for all results: of a worker that is killed while it writes, the rest is waited for.
    """

    def __init__(self, analyse: Analyse, number: int) -> None:
        self._analyse = analyse
        self._all: list[_Worker] = []
        self._starting = threading.Lock()
        self._ended = False
        self._own = threading.local()
        resource_tracker.ensure_running()  # starting it unblocks Ctrl-C, so it must not be started with the first worker
        self._threads = ThreadPoolExecutor(number)

    def give(self, texts: Texts) -> Future[dict[Field, Tokens]]:
        """Have the next idle worker analyse texts."""
        with undisturbed():
            return self._threads.submit(self._ask, texts)

    def end(self) -> None:
        """Kill the workers, and drop what they have not done."""
        with self._starting:
            self._ended = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._all:
            worker.kill()
        self._threads.shutdown()
        for worker in self._all:
            worker.close()

    def _ask(self, texts: Texts) -> dict[Field, Tokens]:
        try:
            answer = self._worker().ask(texts)
        except (EOFError, OSError) as error:
            raise WorkerLost(
                "Một tiến trình phân tích văn bản đã bị dừng giữa chừng (có thể vì máy hết bộ nhớ): chạy lại lệnh; "
                "nếu lặp lại thì đặt `workers` nhỏ hơn."
            ) from error
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _worker(self) -> "_Worker":
        """Return this thread's own worker."""
        if not hasattr(self._own, "worker"):
            with self._starting:
                if self._ended:
                    raise CancelledError
                self._own.worker = _Worker(self._analyse)
                self._all.append(self._own.worker)
        return cast("_Worker", self._own.worker)


class _Worker:
    def __init__(self, analyse: Analyse) -> None:
        context = multiprocessing.get_context("forkserver")  # not a fork: another thread may hold a lock at that moment
        context.set_forkserver_preload([__name__])  # imported once for all workers
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, analyse, prepared()), daemon=True)
        self._process.start()
        theirs.close()  # so that ours ends when the process does

    def ask(self, texts: Texts) -> dict[Field, Tokens] | Exception:
        self._pipe.send(_packed(texts))
        return cast("dict[Field, Tokens] | Exception", self._pipe.recv())

    def kill(self) -> None:
        self._process.kill()
        self._process.join()

    def close(self) -> None:
        self._process.close()
        self._pipe.close()


def _work(pipe: "Connection[Any, Any]", analyse: Analyse, cache: Path | None) -> None:
    """Be a worker: analyse what comes until the pipe ends, as it does with the process at its other end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches workers too: who started them ends them
    prepare_worker(cache)
    with suppress(EOFError, OSError):
        while True:
            pipe.send(_answer(_unpacked(*pipe.recv()), analyse))


def _packed(texts: Texts) -> tuple[tuple[int, ...], tuple[str, ...], list[int], bytes]:
    """Put texts together to hand them over: one by one, and in UTF-8, takes five times as long."""
    entries, fields, contents = zip(*texts, strict=True)
    return entries, fields, list(map(len, contents)), "".join(contents).encode("utf-16-le")


def _unpacked(entries: Sequence[int], fields: Sequence[str], lengths: Sequence[int], content: bytes) -> Texts:
    text = content.decode("utf-16-le")
    ends = list(accumulate(lengths))
    cut = [text[end - length : end] for end, length in zip(ends, lengths, strict=True)]
    return list(zip(entries, fields, cut, strict=True))


def _answer(texts: Texts, analyse: Analyse) -> dict[Field, Tokens] | Exception:
    try:
        return tokens_of(texts, analyse)
    except Exception as error:  # noqa: BLE001  it is raised where the texts came from
        try:
            return cast("Exception", pickle.loads(pickle.dumps(error)))  # noqa: S301  our own
        except Exception:  # noqa: BLE001  not every error can be sent
            return RuntimeError(traceback.format_exc())
