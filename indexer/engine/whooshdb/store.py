"""The index on disk: `CURRENT` names the live folder; a new index is built in another one beside it and swapped in.

    index/CURRENT          gen-000002 and a digest of this name
    index/gen-000002/      a Whoosh index: table of contents, its state file, segment files
    index/WRITELOCK        Whoosh's lock, held while anything is written

A damaged or foreign folder can give wrong answers but runs no code: what Whoosh pickles is never read.
"""

# mypy: allow-untyped-calls
# Whoosh has no types.

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from whoosh.util.filelock import FileLock

from indexer.engine.analysis import Analyse, analyse_texts
from indexer.engine.whooshdb.compiled import prepare
from indexer.engine.whooshdb.engine import WhooshEngine
from indexer.engine.whooshdb.segments import Snapshot
from indexer.engine.whooshdb.state import State, check_content, check_sizes, damaged, newest_generation, read_state
from indexer.engine.whooshdb.storage import Disk, record
from indexer.engine.whooshdb.writer import WhooshWriter, create_index, sweep
from indexer.errors import DataFolderBusy, IndexDamaged, IndexMissing, IndexOutdated

_ATTEMPTS = 20  # to open a generation while commits replace it
_DISK = Disk()
Opened = TypeVar("Opened")


class WhooshStore:
    """The Whoosh index in `folder`, which is made with the first write. Implements IndexStore.

    Texts are read by `analyse`, in so many `workers`; `disk` does all writing. The folder `cache` beside it holds machine code.
    """

    def __init__(self, folder: Path, *, analyse: Analyse = analyse_texts, workers: int = 1, disk: Disk = _DISK) -> None:
        prepare(folder.parent / "cache")
        self._folder = folder
        self._disk = disk
        self._analyse = analyse
        self._workers = workers
        self._current = folder / "CURRENT"
        self._commits = 0  # of this object's writers

    def engine(self) -> WhooshEngine:
        """Open for searching. Raises IndexMissing, IndexOutdated, IndexDamaged."""
        return WhooshEngine(self._snapshot, lambda: self._commits)

    @contextmanager
    def writer(self) -> Iterator[WhooshWriter]:
        """Open for writing beside the readers; leaving without commit discards.

        Raises DataFolderBusy, IndexOutdated, IndexDamaged.
        """
        with self._only_writer():
            if not self._current.exists():
                self._make_current(self._new_folder())
            folder, state = self._read(lambda folder, state: (folder, state))
            state.require_current()
            check_sizes(folder, state)
            self._disk.sync_folder(folder)  # as below: the generation to go on from
            self._clean(folder)
            sweep(folder, state, self._disk)
            yield from _writing(WhooshWriter(folder, self._disk, self._count_commit, self._analyse, self._workers))

    @contextmanager
    def rebuild(self) -> Iterator[WhooshWriter]:
        """Write a new index beside the current one; the first commit puts it in its place. Raises DataFolderBusy."""
        with self._only_writer():
            folder = self._new_folder()
            try:
                yield from _writing(
                    WhooshWriter(folder, self._disk, lambda: self._take_over(folder), self._analyse, self._workers, whole=True)
                )
            finally:
                if not self._is_current(folder):
                    self._disk.remove_folder(folder)

    def change(self) -> int:
        """Return the last catalogue change that the index holds; 0 without an index. Raises IndexOutdated, IndexDamaged."""
        try:
            state = self._read(lambda _folder, state: state)
        except IndexMissing:
            return 0
        state.require_current()
        return state.change

    def keys(self) -> list[int]:
        """List the keys of the documents that the index holds, ascending. Raises IndexOutdated, IndexDamaged."""
        try:
            return self._snapshot(None).keys()
        except IndexMissing:
            return []

    def verify(self) -> list[str]:
        """Read every file and return a sentence for each that is damaged; empty when sound, or when there is no index."""
        problems: list[str] = []
        try:
            checked = None
            while checked != (found := self._read(lambda folder, state: (folder, state))):
                problems = check_content(
                    found[0], found[1].files
                )  # again when a commit came between: what it replaced is no damage
                checked = found
            found[1].require_current()
        except IndexMissing:
            return []
        except (IndexDamaged, IndexOutdated) as error:
            return [*problems, str(error)]
        return problems

    def _snapshot(self, previous: Snapshot | None) -> Snapshot:
        if previous and self._is_newest(previous):
            return previous
        return self._read(lambda folder, state: Snapshot(folder, state, previous))

    def _is_newest(self, snapshot: Snapshot) -> bool:
        try:
            return self._live() == snapshot.folder and newest_generation(snapshot.folder) == snapshot.state.generation
        except (FileNotFoundError, IndexDamaged):
            return False

    def _read(self, open_with: Callable[[Path, State], Opened]) -> Opened:
        # What fails once: a commit has replaced the generation that was being opened. No error is kept meanwhile: it and its
        # frame would keep each other, and the files of a generation, until cycles are collected.
        for left in reversed(range(_ATTEMPTS)):
            try:
                folder = self._live()
                return open_with(folder, read_state(folder))
            except IndexDamaged:
                if not left:
                    raise
            except FileNotFoundError as error:
                if not left:
                    raise damaged(Path(error.filename), "bị thiếu") from error
            time.sleep(0.01)
        raise AssertionError("the last attempt returns or raises")

    def _live(self) -> Path:
        try:
            content = self._current.read_bytes()
        except FileNotFoundError as error:
            raise IndexMissing("Chưa có chỉ mục: chạy `congbao index`.") from error
        folder = self._folder / content.partition(b" ")[0].decode("ascii", "replace")
        if content != _naming(folder) or not folder.is_dir():
            raise damaged(self._current, "không chỉ đến một thư mục chỉ mục")
        return folder

    def _is_current(self, folder: Path) -> bool:
        return self._current.exists() and self._current.read_bytes() == _naming(folder)

    def _make_current(self, folder: Path) -> None:
        if not self._is_current(folder):
            self._disk.replace(self._current, _naming(folder))
            self._clean(folder)

    def _take_over(self, folder: Path) -> None:
        self._make_current(folder)
        self._count_commit()

    def _count_commit(self) -> None:
        self._commits += 1

    def _new_folder(self) -> Path:
        numbers = [int(path.name[4:]) for path in self._folder.glob("gen-*") if path.name[4:].isdecimal()]
        folder = self._folder / f"gen-{max(numbers, default=0) + 1:06d}"
        self._disk.make_folder(folder)
        create_index(folder, self._disk)
        return folder

    def _clean(self, current: Path) -> None:
        older = [path for path in self._folder.glob("gen-*") if path != current]
        for path in older:
            self._disk.remove_folder(path)
        if older:
            self._disk.sync_folder(self._folder)  # or a loss of power could bring back what was purged

    @contextmanager
    def _only_writer(self) -> Iterator[None]:
        self._disk.make_folder(self._folder)
        lock = FileLock(str(self._folder / "WRITELOCK"))
        if not lock.acquire():
            raise DataFolderBusy(f"Chỉ mục `{self._folder}` đang được tiến trình khác ghi: đợi nó xong rồi chạy lại.")
        try:
            for folder in (self._folder.parent, self._folder):  # names that a killed writer gave and did not bring to the disk
                self._disk.sync_folder(folder)
            yield
        finally:
            lock.release()


def _naming(folder: Path) -> bytes:
    """Return the content of CURRENT for a folder; the digest tells a flipped digit from another folder's name."""
    return f"{folder.name} {record(folder.name.encode()).sha256}\n".encode()


def _writing(writer: WhooshWriter) -> Iterator[WhooshWriter]:
    try:
        yield writer
    except BaseException:
        with suppress(IndexDamaged, OSError):  # the first error is the one to tell; what stays the next writer removes
            writer.close()
        raise
    writer.close()
