"""Reading files in worker processes, so that a file which hangs, eats memory or kills its reader costs itself alone.

Each worker has its own pair of pipes. A pool whose workers share one (pebble, concurrent.futures) loses the whole batch when a
worker dies while it sends a result: its neighbours wait for a lock, or read half a message.
"""

import pickle
import selectors
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract.isolation.frames import FrameTooLong, frame, open_untrusted
from indexer.extract.isolation.grace import MoreTime
from indexer.extract.isolation.worker_handle import ItemT, WorkerHandle, crashed

ResultT = TypeVar("ResultT")


class Growing(Iterator[ItemT]):
    """What `take` gives until it gives None. Unlike a generator it goes on after its end, once results have added to it."""

    def __init__(self, take: Callable[[], ItemT | None]) -> None:
        self._take = take

    def __next__(self) -> ItemT:
        item = self._take()
        if item is None:
            raise StopIteration
        return item


def read_isolated(
    function: Callable[[Path], ResultT], items: Iterable[ItemT], limits: Limits, workers: int
) -> Iterator[tuple[ItemT, ResultT | UnreadableFile]]:
    """Call `function(path)` for each item in reused worker processes; yield item and result as they come, in any order.

    `function` must be importable by name (a functools.partial of such a one too) and return this project's types or plain values.
    No more items are taken from `items` than there are workers waiting; after each result they are asked for more, see `Growing`.
    Closing the iterator ends all workers.
    A failure is yielded, not raised: UnreadableFile as `function` raised it, or with one of the codes timeout, memory, crashed,
    damaged. Raises CongbaoError where no worker can be started.
    """
    source = iter(items)
    crew: _Crew[ItemT] = _Crew(function, limits, workers)
    with crew:
        crew.employ(source)
        while crew.busy:
            for outcome in crew.collect():
                crew.employ(source)
                yield outcome
            crew.employ(source)


class _Crew(Generic[ItemT]):
    """The workers of one run; started when first needed, replaced when they end."""

    def __init__(self, function: Callable[[Path], Any], limits: Limits, workers: int) -> None:
        self._hello = frame((function, limits))
        self._limits = limits
        self._idle: list[WorkerHandle[ItemT]] = []
        self._free_places = workers
        self._selector = selectors.DefaultSelector()
        self.busy: set[WorkerHandle[ItemT]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for key in list(self._selector.get_map().values()):
            key.data.end()
        self._selector.close()

    def employ(self, source: Iterator[ItemT]) -> None:
        """Give each worker that has nothing to do the next item, as long as there are any."""
        while self._idle or self._free_places:
            try:
                item = next(source)
            except StopIteration:
                return
            worker = self._idle.pop() if self._idle else self._hire()
            while not worker.give(item):  # it died while it had nothing to do
                self._dismiss(worker)
                worker = self._hire()
            self.busy.add(worker)

    def collect(self) -> list[tuple[ItemT, Any]]:
        """Wait until at least one item has its result and return all that have."""
        outcomes: list[tuple[ItemT, Any]] = []
        while not outcomes:
            patience = min(worker.deadline for worker in self.busy) - time.monotonic()
            heard = {key.data for key, _ in self._selector.select(max(0.0, patience))}
            outcomes += [outcome for worker in heard if (outcome := self._hear(worker))]
            # one that has just been heard is not late, however long the caller took over the last result
            late = [worker for worker in self.busy - heard if worker.deadline <= time.monotonic()]
            outcomes += [self._finish(worker, worker.late(), alive=False) for worker in late]
        return outcomes

    def _hire(self) -> WorkerHandle[ItemT]:
        worker: WorkerHandle[ItemT] = WorkerHandle(self._limits)
        self._selector.register(worker, selectors.EVENT_READ, worker)
        self._free_places -= 1
        worker.introduce(self._hello)
        return worker

    def _hear(self, worker: WorkerHandle[ItemT]) -> tuple[ItemT, Any] | None:
        if worker not in self.busy:  # its pipe has closed
            self._idle.remove(worker)
            self._dismiss(worker)
            return None
        try:
            for message in worker.hear():
                result = open_untrusted(message)
                if not isinstance(result, MoreTime):
                    exhausted = isinstance(result, UnreadableFile) and result.code == "memory"
                    return self._finish(worker, result, alive=not exhausted)
                if not worker.wait_longer(result.seconds):
                    return self._finish(worker, crashed("tiến trình xin thêm giờ quá một lần"), alive=False)
        except EOFError:
            return self._finish(worker, worker.cause_of_death(), alive=False)
        except FrameTooLong:
            return self._finish(worker, crashed("kết quả lớn quá mức"), alive=False)
        except pickle.UnpicklingError as error:
            return self._finish(worker, crashed(f"kết quả không đọc được ({error})"), alive=False)
        return None

    def _finish(self, worker: WorkerHandle[ItemT], result: Any, *, alive: bool) -> tuple[ItemT, Any]:
        item = worker.item
        assert item is not None
        self.busy.discard(worker)
        worker.served += 1
        if alive and worker.served < self._limits.files_per_worker:
            self._idle.append(worker)
        else:
            self._dismiss(worker)
        return item, result

    def _dismiss(self, worker: WorkerHandle[ItemT]) -> None:
        self._selector.unregister(worker)
        worker.end()
        self._free_places += 1
