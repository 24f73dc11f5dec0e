"""Files that survive a loss of power, and Whoosh's storage made so that nothing of it stays open.

Whoosh itself never calls fsync. Here the order is fixed: every file of a commit reaches the disk before the file that names it,
and a rename reaches the disk before anyone is told of it.
"""

# mypy: allow-untyped-calls
# Whoosh has no types.

import hashlib
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage


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


def seal(path: Path) -> FileRecord:
    """Bring a finished file's content to the disk and return its record; its name needs `sync_folder` afterwards."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return read_record(path)


def sync_folder(folder: Path) -> None:
    """Bring the names in `folder` to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` at `path` so that a reader, or a crash at any moment, finds the old file or the new one, whole."""
    draft = path.with_name(f"{path.name}.draft")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def remove_folder(folder: Path) -> None:
    """Remove a folder and what is in it, if it is there."""
    if folder.exists():
        shutil.rmtree(folder)


class ClosableStorage(FileStorage):
    """Whoosh's file storage that remembers what it opened, so that an abandoned writer leaves no handle behind."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._opened: list[Any] = []

    def create_file(self, name: str, excl: bool = False, mode: str = "wb", **kwargs: Any) -> Any:
        """Create a file as Whoosh does."""
        return self._remember(super().create_file(name, excl, mode, **kwargs))

    def open_file(self, name: str, **kwargs: Any) -> Any:
        """Open a file as Whoosh does."""
        return self._remember(super().open_file(name, **kwargs))

    def temp_storage(self, name: str | None = None) -> "ClosableStorage":
        """Make a folder for spilled postings; it is as forgetful about fsync as its content is short-lived."""
        storage = ClosableStorage(str(Path(self.folder, name or "temporary")))
        storage.create()
        self._opened.append(storage)
        return storage

    def abandon(self) -> None:
        """Close everything that is still open, without finishing it, and remove the temporary folders."""
        for opened in self._opened:
            if isinstance(opened, ClosableStorage):
                opened.abandon()
                remove_folder(Path(opened.folder))
            else:
                with suppress(OSError):  # a full disk refuses the rest again; its first refusal is already on its way up
                    opened.file.close()
        self._opened.clear()

    def _remember(self, opened: Any) -> Any:
        self._opened.append(opened)
        return opened
