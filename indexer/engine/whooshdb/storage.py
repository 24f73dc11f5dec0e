"""Files that survive a loss of power.

Whoosh itself never calls fsync. Here the order is fixed: every file of a commit reaches the disk before the file that names it,
and a rename reaches the disk before anyone is told of it.
"""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer  # the standard library has a name for it from Python 3.12 on


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What a sound file looks like: its size in bytes and its SHA-256 in hexadecimal."""

    size: int
    sha256: str


def record(content: bytes) -> FileRecord:
    """Return the record of a file with this content."""
    return FileRecord(len(content), hashlib.sha256(content).hexdigest())


def read_record(path: Path) -> FileRecord:
    """Read a whole file for its record."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return FileRecord(file.tell(), digest)


class Disk:
    """Every change that the index makes on the disk goes through here, in the order that survives a loss of power.

    A file's content is on the disk when `write` returns, its name after `sync_folder`. The tests put a disk in its place that
    loses what was not brought to the disk (tests/engine/power.py); it takes over the steps at the end of the class.
    """

    def write(self, path: Path, pieces: "Iterable[ReadableBuffer]") -> FileRecord:
        """Write a new file, bring its content to the disk and return its record. Raises FileExistsError."""
        digest, size = hashlib.sha256(), 0
        with self._create(path) as file:
            for piece in pieces:
                digest.update(piece)
                size += self._append(file, piece)
            self._sync(file)
        return FileRecord(size, digest.hexdigest())

    def replace(self, path: Path, content: bytes) -> None:
        """Put `content` at `path` so that a reader, or a crash at any moment, finds the old file or the new one, whole."""
        draft = path.with_name(f"{path.name}.draft")
        self.remove(draft)  # of a crash
        self.write(draft, (content,))
        self._rename(draft, path)
        self.sync_folder(path.parent)

    def make_folder(self, folder: Path) -> None:
        """Make a folder, and those above it, where they are missing, and bring their names to the disk."""
        if not folder.is_dir():
            self.make_folder(folder.parent)
            self._make(folder)
            self.sync_folder(folder.parent)

    def remove_folder(self, folder: Path) -> None:
        """Remove a folder and what is in it, if it is there; after a loss of power it may be back, until `sync_folder`."""
        if folder.is_dir():
            for path in folder.iterdir():
                if path.is_dir() and not path.is_symlink():
                    self.remove_folder(path)
                else:
                    self.remove(path)
            self._unmake(folder)

    def remove(self, path: Path) -> None:
        """Remove a file, if it is there; after a loss of power it may be back, until `sync_folder`."""
        path.unlink(missing_ok=True)

    def sync_folder(self, folder: Path) -> None:
        """Bring the names in `folder` to the disk: what was made, renamed and removed there."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _create(self, path: Path) -> BinaryIO:
        return path.open("xb")

    def _append(self, file: BinaryIO, piece: "ReadableBuffer") -> int:
        return file.write(piece)

    def _sync(self, file: BinaryIO) -> None:
        file.flush()
        os.fsync(file.fileno())

    def _rename(self, path: Path, target: Path) -> None:
        path.replace(target)

    def _make(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)

    def _unmake(self, folder: Path) -> None:
        folder.rmdir()
