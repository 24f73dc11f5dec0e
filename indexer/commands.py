"""What the commands that write do, without a terminal: the command line prints what these return."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Protocol

from indexer.catalogue import Catalogue, WritableCatalogue
from indexer.config import Options
from indexer.datafolder import DataFolder
from indexer.engine.port import IndexStore
from indexer.engine.whooshdb.store import WhooshStore
from indexer.errors import BadConfiguration, DataFolderBusy, IndexMissing, UnknownDocument
from indexer.events import Event, FileReport
from indexer.extract.scans import ocr
from indexer.model import Visibility
from indexer.pipeline import Job, index_files
from indexer.publish import publish, purge, rebuild, require_agreement
from indexer.register import RegisterIndex, match, read_register
from indexer.scan import find_files
from indexer.sources import Declarations

_NO_SUCH = "Không có tệp hoặc thư mục {path}: kiểm tra lại đường dẫn."
_NO_FILE = frozenset({Event.MISSING, Event.PRUNED, Event.REFUSED})
_PUBLISH_EVERY = 1000  # files: a long run's first results are searchable, and what it closes is gone, long before its end


class Listener(Protocol):
    """Who is told how a run goes."""

    def warned(self, warnings: tuple[str, ...]) -> None:
        """Hear what in the register the operator should look at."""

    def scanned(self, total: int) -> None:
        """Hear how many files were found."""

    def file(self, report: FileReport) -> None:
        """Hear that one of them is settled."""

    def indexing(self, done: int, total: int) -> None:
        """Hear how many of the changed documents are in the index."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """A data folder opened for writing."""

    data: DataFolder
    catalogue: WritableCatalogue
    store: IndexStore


@contextmanager
def workplace(
    options: Options,
    wait: bool = False,
    on_busy: Callable[[DataFolderBusy], None] | None = None,
    rebuilding: bool = False,
) -> Iterator[Workplace]:
    """Hold the only right to write to the data folder.

    Raises DataFolderBusy, DataFolderUnfit, CatalogueTooNew, CatalogueDamaged, and IndexDamaged or IndexOutdated where the index
    is not one that this program made from this catalogue, which only `rebuilding` mends.
    """
    data = DataFolder(options.data)
    if rebuilding and not data.catalogue.is_file():
        raise IndexMissing(f"Chưa có gì trong thư mục dữ liệu {data.path}: chạy `congbao index`.")
    with data.writer_lock(wait, on_busy):
        catalogue = WritableCatalogue.open(data.catalogue)
        store = WhooshStore(data.index, workers=options.workers)
        try:
            if not rebuilding:
                require_agreement(catalogue, store)
            yield Workplace(data, catalogue, store)
        finally:
            catalogue.close()


@dataclass(frozen=True, slots=True)
class IndexRequest:
    """What the operator asked of `congbao index`; None leaves what was declared before."""

    paths: tuple[Path, ...]
    source: str | None = None
    publishable: bool | None = None
    visibility: Visibility | None = None
    register: Path | None = None
    preset: str | None = None
    force: bool = False
    readmit: bool = False
    prune: bool = False
    prune_all: bool = False


def index(place: Workplace, options: Options, request: IndexRequest, listener: Listener) -> Counter[Event]:
    """Read what changed below the paths and publish it; returns how many files ended how."""
    roots, absent = _roots(place.catalogue, options, request)
    register = load_register(request.register, options, request.preset) if request.register else None
    if register is not None:
        listener.warned(register.register.warnings)
    declarations = Declarations(place.catalogue.declarations(), options.sources)
    for root in roots:
        declarations.declare(root, request.source, request.publishable, request.visibility)
    job = Job(
        declarations,
        options.limits,
        options.workers,
        register,
        recognises=options.limits.ocr_seconds > 0 and ocr.is_installed(),
        force=request.force,
        readmit=request.readmit,
        prune=request.prune,
        prune_all=request.prune_all,
    )
    found = list(find_files(roots, apart=options.data.resolve()))
    listener.scanned(len(found))
    counts: Counter[Event] = Counter()
    missing = (FileReport(str(path), Event.REFUSED, _NO_SUCH.format(path=path)) for path in absent)
    for report in chain(missing, index_files(roots, found, place.catalogue, job)):
        listener.file(report)
        if register is not None and report.event not in _NO_FILE:
            register.meet(Path(report.path))
        counts[report.event] += 1
        if counts.total() % _PUBLISH_EVERY == 0:
            publish(place.catalogue, place.store, listener.indexing)
    publish(place.catalogue, place.store, listener.indexing)
    if register is not None:
        listener.warned(register.unmet())
        listener.warned(tuple(str(ambiguity) for ambiguity in register.ambiguous))
    return counts


def _roots(catalogue: Catalogue, options: Options, request: IndexRequest) -> tuple[list[Path], list[Path]]:
    """Return the places to look at, and the sources that are not there.

    The places are those named, else the sources of congbao.toml; a vanished one only if the ledger knows it.
    """
    paths = [_printable(path.resolve()) for path in request.paths or [source.path for source in options.sources.values()]]
    if not paths:
        raise BadConfiguration("Chưa nêu thư mục nào: chạy `congbao index THƯ_MỤC`, hoặc khai báo [sources] trong congbao.toml.")
    for path in paths:
        if (archive := next((parent for parent in path.parents if parent.is_file()), None)) is not None:
            raise BadConfiguration(f"{path} nằm trong tệp nén: hãy nêu chính tệp nén {archive}.")
    absent = [path for path in paths if not path.exists() and not catalogue.knows(path)]
    if absent and (request.paths or len(absent) == len(paths)):
        raise BadConfiguration(_NO_SUCH.format(path=absent[0]))
    return [path for path in paths if path not in absent], absent


def _printable(path: Path) -> Path:
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadConfiguration(f"Tên thư mục {str(path)!a} không phải UTF-8: đổi tên rồi chạy lại.") from error
    return path


def load_register(path: Path, options: Options, preset: str | None) -> RegisterIndex:
    """Read and check a whole register before anything uses it. Raises BadRegister, naming row and column."""
    return match(read_register(path, options.registers, preset))


def remove(place: Workplace, document_id: str, why: str) -> list[str]:
    """Take a document, and any other with its bytes, out of the data folder and keep their files out; returns the paths.

    The path of an archive in place of an id takes out all that was ever unpacked from it, and keeps the archive itself out.
    When it returns, no file of catalogue and index holds a byte of the content, of no earlier version either. What stays are
    identity, paths and hashes, by which the files are kept out, and `why`. A removed document can be removed again, which
    finishes what a crash or a reader kept from being finished. Raises UnknownDocument, PurgeUnfinished.
    """
    key = place.catalogue.key_of(document_id)
    with place.catalogue.transaction() as change:
        if key is not None:
            paths, keys = change.remove_by_order(key, why), change.twins(key)
        else:
            paths, keys = change.remove_archive(Path(document_id).resolve(), why)
    if key is None and not paths:
        raise UnknownDocument(f"Không có văn bản nào với mã {document_id}: xem mã trong kết quả `congbao search --json`.")
    purge(place.catalogue, place.store, keys)  # before what may have to wait: nobody finds it any more
    place.catalogue.scrub()
    return paths


def optimize(place: Workplace) -> None:
    """Have the index leave one segment, or as few as can hold all entries, and no byte of what was deleted."""
    publish(place.catalogue, place.store)
    with place.store.writer() as writer:
        writer.optimize()
        writer.commit(place.catalogue.last_change())


def reindex(place: Workplace, listener: Listener) -> int:
    """Build the index anew from the catalogue and swap it in; returns the number of documents."""
    return rebuild(place.catalogue, place.store, listener.indexing)
