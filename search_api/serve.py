"""Serving over HTTP: waitress in one process, or in several that share one listening socket.

The socket is bound once, before any worker starts, so that a port in use is told at once and no request is refused while a
worker that died is being replaced.
"""

import errno
import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from types import FrameType
from typing import Any

import waitress  # type: ignore[import-untyped]  # ships no types

from indexer.config import Options
from indexer.datafolder import DataFolder
from indexer.errors import BadConfiguration

log = logging.getLogger(__name__)

_PATIENCE = 7.0  # seconds that workers have to end; waitress gives requests under way 5 of them
_SHORT_LIFE = 10.0  # a worker that dies sooner is replaced later and later
_LONGEST_PAUSE = 30.0

_BOUNDS = {
    "max_request_body_size": 1 << 16,  # nothing here reads a body; waitress would keep 1 GB of one on the disk
    "max_request_header_size": 1 << 16,  # the longest address is half of this
    "channel_timeout": 20,  # seconds without a byte either way
    "cleanup_interval": 5,
    "connection_limit": 800,  # most systems allow a process 1,024 open files
    "asyncore_use_poll": True,  # select() knows no file number above 1,023
}

Handler = Callable[[int, FrameType | None], Any]


def serve(options: Options) -> None:
    """Serve until SIGINT or SIGTERM. Raises DataFolderUnfit; BadConfiguration when the address cannot be listened on.

    Nobody is let in before the kernels' machine code is there: compiling it, at the first start, takes most of a minute. It is
    done by a process that ends, for the compiler's memory would stay.
    """
    DataFolder(options.data).require()
    _listen(options).close()  # an address in use is told before that
    with _signals(_leave, signal.SIGINT, signal.SIGTERM):
        if options.serve.workers > 1 or _is_to_compile(options):
            _in_one_process(_warm, options)
        if options.serve.workers == 1:
            _warm(options)
    with _listen(options) as listener:
        host, port = listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        sys.stdout.write(f"Đang phục vụ tại http://{shown}:{port} (Ctrl-C để dừng)\n")
        sys.stdout.flush()
        if options.serve.workers == 1:
            with _signals(_leave, signal.SIGINT, signal.SIGTERM):
                _answer(listener, options)
        else:
            _Crew(listener, options).run()


def _listen(options: Options) -> socket.socket:
    host, port = options.serve.host, options.serve.port
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        reasons = {
            errno.EADDRINUSE: f"Cổng {port} trên {host} đang có chương trình khác dùng: dừng nó hoặc chọn cổng khác bằng --port.",
            errno.EACCES: f"Không được quyền mở cổng {port}: chọn cổng từ 1024 trở lên bằng --port.",
        }
        other = f"Không mở được địa chỉ {host} cổng {port}: sửa `serve.host` hoặc `serve.port` ({error.strerror})."
        raise BadConfiguration(reasons.get(error.errno or 0, other)) from error


def _is_to_compile(options: Options) -> bool:
    from indexer.engine.whooshdb.warming import is_to_compile  # not needed by the parent of several workers

    return is_to_compile(DataFolder(options.data).index)


def _warm(options: Options) -> None:
    """Load the kernels' machine code; the first process keeps it for the others."""
    from indexer.engine.whooshdb.warming import warm  # not needed by the parent of several workers

    warm(DataFolder(options.data).index)


def _in_one_process(task: Callable[[Options], None], options: Options) -> None:
    """Have a process do it that ends, so that this one stays small."""
    process = multiprocessing.get_context("spawn").Process(target=task, args=(options,), daemon=True)
    with _signals(signal.SIG_IGN, signal.SIGINT):  # inherited: this process ends it
        process.start()
    process.join()
    if process.exitcode:
        log.warning("Tiến trình biên dịch đã dừng (mã %s): tiến trình phục vụ tự biên dịch phần còn thiếu.", process.exitcode)


def _answer(listener: socket.socket, options: Options) -> None:
    """Answer requests in this process until SystemExit; requests under way are finished."""
    from search_api.app import create_app, open_services  # not needed by the parent of several workers

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it warns of each request that waits for a thread
    app = create_app(open_services(options))
    server = waitress.create_server(app, sockets=[listener], threads=options.serve.threads, ident=None, **_BOUNDS)
    server.run()


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


@contextmanager
def _signals(handler: Handler | signal.Handlers, *numbers: signal.Signals) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)


def _work(listener: socket.socket, options: Options) -> None:
    """Be one worker: SIGTERM ends it, and so does the end of its parent."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def follow() -> None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=follow, daemon=True).start()
    with _signals(_leave, signal.SIGTERM):
        _warm(options)
        _answer(listener, options)


@dataclass(slots=True)
class _Place:
    """One worker's place: who fills it since when, how often in a row it died young, and when to fill it anew."""

    process: SpawnProcess | None = None
    since: float = 0.0
    young_deaths: int = 0
    due: float = 0.0


class _Crew:
    """Keeps the wanted number of workers alive. They are spawned, not forked: numpy has started threads by now."""

    def __init__(self, listener: socket.socket, options: Options) -> None:
        self._listener, self._options = listener, options
        self._context = multiprocessing.get_context("spawn")
        self._places = [_Place() for _ in range(options.serve.workers)]

    def run(self) -> None:
        """Work until SIGINT or SIGTERM, then end every worker."""
        stop, stopper = multiprocessing.Pipe(duplex=False)
        with _signals(lambda *_: stopper.send_bytes(b"."), signal.SIGINT, signal.SIGTERM):
            try:
                ready: list[Any] = []
                while stop not in ready:
                    self._fill()
                    sentinels = [place.process.sentinel for place in self._places if place.process]
                    ready = wait([stop, *sentinels], self._until_due())
                    self._bury()
            finally:
                self._end()

    def _fill(self) -> None:
        for place in self._places:
            if place.process is None and place.due <= time.monotonic():
                place.process = self._context.Process(target=_work, args=(self._listener, self._options))
                place.since = time.monotonic()
                with _signals(signal.SIG_IGN, signal.SIGINT):  # inherited: Ctrl-C in a terminal reaches workers too
                    place.process.start()

    def _until_due(self) -> float | None:
        waiting = [place.due for place in self._places if place.process is None]
        return max(0.0, min(waiting) - time.monotonic()) if waiting else None

    def _bury(self) -> None:
        """Note who has died, and when to replace them."""
        for place in self._places:
            if place.process is not None and place.process.exitcode is not None:
                now = time.monotonic()
                place.young_deaths = place.young_deaths + 1 if now - place.since < _SHORT_LIFE else 0
                pause = min(_LONGEST_PAUSE, 0.25 * 2**place.young_deaths) if place.young_deaths else 0.0
                place.due = now + pause
                log.error(
                    "Tiến trình phục vụ %s đã dừng (mã %s); thay sau %.1f giây.", place.process.pid, place.process.exitcode, pause
                )
                place.process.close()
                place.process = None

    def _end(self) -> None:
        alive = [place.process for place in self._places if place.process]
        for process in alive:
            process.terminate()
        deadline = time.monotonic() + _PATIENCE
        for process in alive:
            process.join(max(0.0, deadline - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()
