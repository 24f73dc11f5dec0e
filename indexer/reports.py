"""What the commands that only look find: the state of a data folder, failures, conflicts, damage."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from indexer.catalogue import Catalogue, Declaration, LedgerLine, Outcome
from indexer.config import Options
from indexer.datafolder import DataFolder
from indexer.engine.port import IndexStore
from indexer.engine.whooshdb.store import WhooshStore
from indexer.errors import CongbaoError
from indexer.register import merge


@contextmanager
def reading(options: Options) -> Iterator[tuple[Catalogue, IndexStore]]:
    """Open the data folder for looking only."""
    data = DataFolder(options.data)
    data.require()
    catalogue = Catalogue.open(data.catalogue)
    try:
        yield catalogue, WhooshStore(data.index)
    finally:
        catalogue.close()


def verify(options: Options) -> list[str]:
    """Read catalogue and index whole and return what is wrong, one sentence each."""
    with reading(options) as (catalogue, store):
        problems = catalogue.verify()
        try:
            problems += store.verify()
            held, newest = store.change(), catalogue.last_change()
            if held == newest:
                problems += _disagreements(catalogue.live_keys(), list(store.keys()))
            else:
                problems.append(
                    f"Chỉ mục ở thay đổi số {held}, cơ sở dữ liệu ở số {newest}: chạy `congbao index` hoặc `congbao reindex`."
                )
        except CongbaoError as error:
            problems.append(str(error))
    return problems


def _disagreements(live: list[int], indexed: list[int]) -> Iterator[str]:
    counts = Counter(indexed)
    yield from (f"Văn bản có khóa {key} không có trong chỉ mục: chạy `congbao reindex`." for key in live if not counts[key])
    yield from (f"Văn bản có khóa {key} có {n} lần trong chỉ mục: chạy `congbao reindex`." for key, n in counts.items() if n > 1)
    yield from (f"Chỉ mục còn giữ văn bản đã gỡ, khóa {key}: chạy `congbao reindex`." for key in counts.keys() - set(live))


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a data folder."""

    outcomes: dict[str, int]  # ledger lines by outcome, and "missing"
    documents: int  # live in the catalogue
    change: int  # newest in the catalogue
    indexed_change: int  # newest in the index
    declarations: tuple[Declaration, ...]


def status(options: Options) -> Status:
    """Say what the data folder holds. Raises DataFolderUnfit where there is none."""
    with reading(options) as (catalogue, store):
        return Status(
            outcomes=catalogue.outcomes(),
            documents=len(catalogue.live_keys()),
            change=catalogue.last_change(),
            indexed_change=store.change(),
            declarations=tuple(catalogue.declarations()),
        )


def failures(options: Options) -> list[LedgerLine]:
    """Return the ledger's lines of files that gave no searchable document, and of files that have vanished, by path."""
    with reading(options) as (catalogue, _):
        lines = catalogue.ledger()
    return [line for line in lines if line.outcome in {Outcome.FAILED, Outcome.QUARANTINED} or line.missing_since]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field of a live document that its register states otherwise than its text; the register's value holds."""

    id: str
    number: str | None
    path: str
    field: str
    printed: str
    registered: str


def conflicts(options: Options) -> list[Conflict]:
    """Return every disagreement between the register and the documents, by path."""
    with reading(options) as (catalogue, _):
        return [
            Conflict(told.id, told.number, told.path, found.field, str(found.extracted), str(found.registered))
            for told in catalogue.registered()
            for found in merge(told.extracted, told.registered)[1]
        ]
