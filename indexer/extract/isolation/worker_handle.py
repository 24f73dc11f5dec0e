"""The parent's side of one worker process: its pipes, its item and its deadline."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from indexer.config import Limits
from indexer.errors import CongbaoError, UnreadableFile
from indexer.extract.isolation.frames import FrameBuffer, frame

_START_SECONDS = 60  # for a worker to import the readers, on a busy machine
_SEND_SECONDS = 30  # for a worker to hand a result over once it has begun to
_EXIT_SECONDS = 5  # between closing its pipe and being gone
_PIECE = 1 << 20


class HasPath(Protocol):
    """Anything that stands for a file."""

    @property
    def path(self) -> Path:
        """Where the file is."""


ItemT = TypeVar("ItemT", bound=Path | HasPath)


class WorkerHandle(Generic[ItemT]):
    """One worker process with its own two pipes; it has one item at a time."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._buffer = FrameBuffer(limits.memory_mb * 2**20)
        self._ready = False
        self._patient = self._sending = False  # with its present item
        self.item: ItemT | None = None
        self.deadline = 0.0  # by time.monotonic(), while it has an item
        self.served = 0
        # its own process group: Ctrl-C in a terminal is the parent's to handle
        self._process = subprocess.Popen(
            [sys.executable, "-m", "indexer.extract.isolation.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)},
            process_group=0,
        )

    def introduce(self, hello: bytes) -> None:
        """Send what every worker is told first: the function and the limits."""
        self._send(hello)

    def fileno(self) -> int:
        """Return what a selector waits on: the pipe that results come from."""
        assert self._process.stdout is not None
        return self._process.stdout.fileno()

    def give(self, item: ItemT) -> bool:
        """Hand over `item`; False if the process has died meanwhile."""
        self.item = item
        self._patient = self._sending = False
        self.deadline = time.monotonic() + (self._limits.wall_seconds if self._ready else _START_SECONDS)
        return self._send(frame(item if isinstance(item, Path) else item.path))

    def hear(self) -> list[bytes]:
        """Read what has come; return the messages that are whole now.

        Raises EOFError (the process ended), FrameTooLong, CongbaoError (it could not even start).
        """
        piece = os.read(self.fileno(), _PIECE)
        if not piece:
            self._demand_ready()
            raise EOFError
        messages = self._buffer.add(piece)
        if not self._ready and messages:
            messages.pop(0)
            self._ready = True
            self.deadline = time.monotonic() + self._limits.wall_seconds
        elif self._ready and not messages and not self._sending:
            self._sending = True
            self.deadline = max(self.deadline, time.monotonic() + _SEND_SECONDS)
        return messages

    def wait_longer(self, seconds: int) -> bool:
        """Put the deadline off, once for a file and by no more than the limits say; False where it is asked for again."""
        if self._patient or not isinstance(seconds, int) or seconds < 0:
            return False
        self._patient = True
        self.deadline += min(seconds, self._limits.ocr_seconds)
        return True

    def late(self) -> UnreadableFile:
        """Say why the deadline ends its work. Raises CongbaoError where it has not even started."""
        if not self._ready:
            raise CongbaoError(f"Tiến trình đọc tệp không khởi động xong trong {_START_SECONDS} giây; máy đang quá tải?")
        return self._too_long()

    def cause_of_death(self) -> UnreadableFile:
        """Say why the process, whose pipe has closed, ended."""
        try:
            code = self._process.wait(_EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            return crashed("tiến trình đóng kênh trả kết quả")
        if code >= 0:
            return crashed(f"tiến trình kết thúc với mã {code}")
        if -code == signal.SIGXCPU:
            return _timed_out(f"{self._limits.cpu_seconds} giây CPU")
        if -code == signal.SIGALRM:
            return self._too_long()
        return crashed(f"tiến trình bị ngắt bởi {signal.Signals(-code).name}")

    def end(self) -> None:
        """Kill the process and what it started, wait for it and close its pipes; fine to call on a dead one."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()

    def _too_long(self) -> UnreadableFile:
        return _timed_out(f"{self._limits.wall_seconds + (self._limits.ocr_seconds if self._patient else 0)} giây")

    def _send(self, message: bytes) -> bool:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(message)
        except BrokenPipeError:
            self._demand_ready()
            return False
        return True

    def _demand_ready(self) -> None:
        if not self._ready:
            raise CongbaoError("Tiến trình đọc tệp không khởi động được; xem lỗi in ở trên, rồi cài đặt lại chương trình.")


def crashed(how: str) -> UnreadableFile:
    """Return the failure of a file whose reader broke down."""
    return UnreadableFile("extract", "crashed", f"Đọc tệp này làm hỏng tiến trình đọc: {how}.")


def _timed_out(limit: str) -> UnreadableFile:
    return UnreadableFile("extract", "timeout", f"Đọc tệp này mất quá {limit}.")
