"""The data folder: what lies where, whether the disk under it is fit, and who may write.

Catalogue, index and caches live here and nowhere else, so that the code may be read-only and the user unprivileged.
One process writes at a time; readers need no lock.
"""

import errno
import json
import os
import re
import socket
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from indexer.errors import DataFolderBusy, DataFolderUnfit, NoDataFolder

MOUNTS = Path("/proc/self/mountinfo")

_NO_LOCKS = "khóa tệp giữa các máy không đáng tin"
_NO_MAPPING = "không ánh xạ tệp vào bộ nhớ chung được"
# A local disk may show as 9p or virtiofs inside a sandbox or a virtual machine, so these two are not listed.
NETWORK_FILE_SYSTEMS: tuple[tuple[str, str], ...] = (
    ("nfs", _NO_LOCKS),
    ("nfs4", _NO_LOCKS),
    ("cifs", _NO_LOCKS),
    ("smb3", _NO_LOCKS),
    ("smbfs", _NO_LOCKS),
    ("ncpfs", _NO_LOCKS),
    ("afs", _NO_LOCKS),
    ("ceph", _NO_LOCKS),
    ("lustre", _NO_LOCKS),
    ("davfs", _NO_LOCKS),
    ("fuse.ceph", _NO_LOCKS),
    ("fuse.glusterfs", _NO_LOCKS),
    ("fuse.sshfs", _NO_LOCKS),
    ("fuse.davfs2", _NO_LOCKS),
    ("fuse.gvfsd-fuse", _NO_MAPPING),
    ("fuse.rclone", _NO_MAPPING),
    ("fuse.s3fs", _NO_MAPPING),
    ("fuse.gcsfuse", _NO_MAPPING),
    ("fuse.blobfuse2", _NO_MAPPING),
    ("vboxsf", _NO_MAPPING),  # folders shared by the machine that hosts a virtual one
    ("fuse.vmhgfs-fuse", _NO_MAPPING),
    ("prl_fs", _NO_MAPPING),
)

_NOT_FOR_FILES = frozenset({"proc", "sysfs", "cgroup", "cgroup2"})  # root may write there, and still makes no folder


@dataclass(frozen=True, slots=True)
class Writer:
    """The process that holds the writer lock: its id, its host, when it took the lock (ISO 8601) and its command."""

    pid: int
    host: str
    started: str
    command: str

    def __str__(self) -> str:
        when = f"{datetime.fromisoformat(self.started):%H:%M:%S ngày %d/%m/%Y}"
        place = "" if self.host == socket.gethostname() else f" trên máy {self.host}"
        return f"tiến trình {self.pid}{place} (`{self.command}`, bắt đầu lúc {when})"


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Where the parts of a data folder lie. Nothing is touched before `prepare`, `require` or `writer_lock`."""

    path: Path
    mounts: Path = MOUNTS  # what is mounted where

    @property
    def catalogue(self) -> Path:
        """The catalogue's SQLite file."""
        return self.path / "catalogue.sqlite"

    @property
    def index(self) -> Path:
        """The folder of index generations."""
        return self.path / "index"

    @property
    def cache(self) -> Path:
        """The folder of what can be made again, such as compiled kernels."""
        return self.path / "cache"

    @property
    def lock(self) -> Path:
        """The file whose operating-system lock the writer holds; it stays in place."""
        return self.path / "writer.lock"

    def prepare(self) -> None:
        """Make the folder and its parts where they are missing (mode 0700) and prove that it can be written.

        Raises DataFolderUnfit: on a network file system, read-only, full, not permitted, or no folder.
        """
        self._refuse_network()
        with disk_errors(self.path):
            try:
                for folder in (*reversed(self.path.absolute().parents), self.path, self.index, self.cache):
                    if not folder.is_dir():
                        folder.mkdir(mode=0o700 if folder.is_relative_to(self.path) else 0o777, exist_ok=True)
                        _keep_names(folder.parent)
            except (FileExistsError, NotADirectoryError) as error:
                raise NoDataFolder(f"`{error.filename}` {_NO_FOLDER}") from error
            except FileNotFoundError as error:  # as /proc answers
                raise NoDataFolder(f"Không tạo được `{error.filename}`: {_ELSEWHERE}") from error
            with tempfile.TemporaryFile(dir=self.path) as probe:
                probe.write(bytes(4096))  # one block: a full disk shows here, before any work is done

    def require_place(self) -> None:
        """Check that the folder, which is not there, can be made. Raises DataFolderUnfit."""
        self._refuse_network()
        nearest = next(parent for parent in self.path.absolute().parents if parent.exists())
        if not nearest.is_dir():
            raise NoDataFolder(f"`{nearest}` {_NO_FOLDER}")
        if file_system_of(nearest, self.mounts) in _NOT_FOR_FILES or not os.access(nearest, os.W_OK | os.X_OK):
            raise NoDataFolder(f"Không tạo được thư mục dữ liệu `{self.path}` trong `{nearest}`: {_ELSEWHERE}")

    def open_to_others(self) -> list[Path]:
        """Return which of the folder and its parts others than the owner may read or write."""
        parts = [self.path, self.index, self.cache, *sorted(self.path.glob(f"{self.catalogue.name}*"))]
        return [part for part in parts if part.exists() and part.stat().st_mode & 0o066]

    def require(self) -> None:
        """Check that the folder is there and can be read. Raises DataFolderUnfit."""
        self._refuse_network()
        with disk_errors(self.path):
            try:
                with os.scandir(self.path) as entries:
                    next(entries, None)
            except FileNotFoundError as error:
                advice = "chạy `congbao index` hoặc chỉ đúng thư mục bằng --data."
                raise DataFolderUnfit(f"Chưa có thư mục dữ liệu `{self.path}`: {advice}") from error
            except NotADirectoryError as error:
                raise NoDataFolder(f"`{self.path}` {_NO_FOLDER}") from error

    @contextmanager
    def writer_lock(self, wait: bool, on_busy: Callable[[DataFolderBusy], None] | None = None) -> Iterator[None]:
        """Prepare the folder and hold its only right to write.

        When another process holds it: without `wait` raises DataFolderBusy; with `wait` tells `on_busy` once and waits.
        The operating system decides who holds it, so the note of a killed writer never stands in the way.
        What the disk refuses meanwhile is raised as DataFolderUnfit, as by `disk_errors`.
        """
        self.prepare()
        lock = FileLock(self.lock, mode=0o600, fallback_to_soft=False)  # a soft lock would outlive a killed writer
        with disk_errors(self.path):
            try:
                lock.acquire(blocking=False)
            except Timeout:
                busy = self._busy()
                if not wait:
                    raise busy from None
                if on_busy is not None:
                    on_busy(busy)
                lock.acquire()
        before = os.umask(0o077)  # what is written is the owner's alone, also in a folder that was there before
        try:
            with disk_errors(self.path):
                self._sign()
                yield
        finally:
            os.umask(before)
            with suppress(OSError):  # the note is only for people; the lock itself must be given back
                self._note.unlink(missing_ok=True)
            lock.release()

    def writer(self) -> Writer | None:
        """Return who last noted that it writes and still lives, None where that is unknown."""
        try:
            writer = Writer(**json.loads(self._note.read_bytes()))
            datetime.fromisoformat(writer.started)
            lives = writer.host != socket.gethostname() or _lives(writer.pid)
        except (OSError, ValueError, TypeError):  # no note, or one that a crash or a person cut short
            return None
        return writer if lives else None

    @property
    def _note(self) -> Path:
        return self.path / "writer.json"

    def _sign(self) -> None:
        started = datetime.now().astimezone().isoformat(timespec="seconds")
        writer = {"pid": os.getpid(), "host": socket.gethostname(), "started": started, "command": _command()}
        draft = self._note.with_suffix(".tmp")
        draft.write_text(json.dumps(writer, ensure_ascii=False), encoding="utf-8", errors="backslashreplace")
        draft.replace(self._note)

    def _busy(self) -> DataFolderBusy:
        for _ in range(20):  # a writer signs its note a moment after it takes the lock
            if (writer := self.writer()) is not None:
                break
            time.sleep(0.01)
        who = writer or "một tiến trình khác"
        error = DataFolderBusy(
            f"Thư mục dữ liệu `{self.path}` đang được ghi bởi {who}: đợi nó xong rồi chạy lại (--wait tự đợi), hoặc dừng nó."
        )
        if writer is not None:
            error.pid, error.started = writer.pid, writer.started
        return error

    def _refuse_network(self) -> None:
        for part in (self.path, self.catalogue, self.index):
            kind = file_system_of(part, self.mounts)
            reason = dict(NETWORK_FILE_SYSTEMS).get(kind)
            if reason is not None:
                raise DataFolderUnfit(
                    f"Thư mục dữ liệu `{part}` nằm trên hệ thống tệp mạng hoặc thư mục chia sẻ ({kind}), nơi {reason}: "
                    "chọn một thư mục trên ổ đĩa của chính máy này bằng --data."
                )


def file_system_of(path: Path, mounts: Path = MOUNTS) -> str:
    """Return the type of the file system that holds (or would hold) `path`, "" where the system doesn't tell.

    `mounts` is in the form of proc_pid_mountinfo(5). Of two mounts on one point the later hides the earlier.
    """
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").split("\n")
    except OSError:  # not Linux, or /proc is hidden
        return ""
    real = path.resolve()
    best, kind = -1, ""
    for line in lines:
        before, _, after = line.partition(" - ")
        parts = before.split(" ")
        if len(parts) < 6:
            continue
        point = Path(_unescape(parts[4]))
        if real.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), after.split(" ")[0]
    return kind


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turn a full, read-only or forbidden disk under `folder` into DataFolderUnfit; other errors pass unchanged."""
    try:
        yield
    except Exception as error:
        reason = _disk_reason(error, folder)
        if reason is None:
            raise
        raise DataFolderUnfit(f"Thư mục dữ liệu `{folder}` {reason}") from error


_FULL = "nằm trên ổ đĩa đã đầy hoặc hết hạn mức: giải phóng dung lượng rồi chạy lại lệnh vừa rồi."
_READ_ONLY = "chỉ đọc được: gắn lại ổ đĩa ở chế độ ghi hoặc chọn thư mục khác bằng --data."
_FORBIDDEN = "không cho người dùng này đọc hoặc ghi: cấp quyền (chown, chmod u+rwx) hoặc chọn thư mục khác bằng --data."
_NO_FOLDER = "không phải là thư mục: xóa hoặc đổi tên tệp cùng tên, hoặc chọn thư mục khác bằng --data."
_ELSEWHERE = "cấp quyền ghi cho thư mục chứa nó hoặc chọn thư mục khác bằng --data."
_NO_LOCK = "nằm trên hệ thống tệp không có khóa tệp: chọn một thư mục trên ổ đĩa của chính máy này bằng --data."

_BY_ERRNO = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,  # the process may write no larger file (ulimit -f)
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.ENOSYS: _NO_LOCK,
    errno.ENOLCK: _NO_LOCK,
}
_BY_SQLITE = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _FORBIDDEN,
}


def _disk_reason(error: BaseException, folder: Path) -> str | None:
    error = getattr(error, "orig", None) or error  # SQLAlchemy keeps the driver's error there
    if isinstance(error, sqlite3.Error):
        return _BY_SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)  # the low byte is the primary code
    if not isinstance(error, OSError) or error.errno is None:
        return None
    reason = _BY_ERRNO.get(error.errno)
    if not isinstance(error.filename, str | os.PathLike):
        return None if reason is _FORBIDDEN else reason  # a failed write names no file; a refused one could be anybody's
    named, ours = Path(error.filename).absolute(), folder.absolute()
    return reason if named.is_relative_to(ours) or ours.is_relative_to(named) else None


def _keep_names(folder: Path) -> None:
    """Bring what was made in `folder` to the disk: what lies below is safe from a loss of power only with its folder's name."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unescape(point: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), point)  # "\040" is a space


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _command() -> str:
    return " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])[:200]
