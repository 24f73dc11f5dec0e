"""The whole indexing path: files found → unchanged ones passed over → the rest read in worker processes → catalogue.

What is decided about a file is decided here, in one place, and written to the ledger in the same transaction as its document.
"""

import functools
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from indexer.catalogue import Declaration, FoundFile, LedgerLine, Outcome, Transaction, WritableCatalogue
from indexer.catalogue.reading import metadata_from, metadata_values
from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract.sandbox import read_isolated
from indexer.legal.secrecy import Mark
from indexer.model import Kind, Understood, Visibility
from indexer.read import read_document
from indexer.register import Disagreement, RegisterIndex, RegisterRow, merge
from indexer.scan import Unfit, with_hash
from indexer.sources import Declarations

NOT_PUBLISHABLE = "Nguồn chưa được khai báo là công bố được (--publishable hoặc [sources] trong congbao.toml)."
_REGISTERED_SECRECY = "Sổ văn bản ghi độ mật."
_TRANSIENT = frozenset({"timeout", "memory", "crashed", "permission", "vanished"})  # worth another try on an unchanged file


class Event(StrEnum):
    """What happened to one path in this run."""

    INDEXED = "indexed"
    UNCHANGED = "unchanged"
    COPY = "copy"  # the bytes of a document that is already there
    MOVED = "moved"
    FAILED = "failed"
    QUARANTINED = "quarantined"
    REMOVED = "removed"  # taken out by an operator before, and still out
    MISSING = "missing"  # in the ledger, no longer on disk
    PRUNED = "pruned"


@dataclass(frozen=True, slots=True)
class FileReport:
    """One path's news: for people a reason in Vietnamese, "" where there is nothing to explain."""

    path: str
    event: Event
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """What one run does, besides reading what changed."""

    declarations: Declarations
    limits: Limits
    workers: int
    register: RegisterIndex | None = None
    force: bool = False  # read unchanged files again
    readmit: bool = False  # take back what an operator removed
    prune: bool = False  # remove documents whose file has vanished


def index_files(
    roots: list[Path], found: Iterable[FoundFile | Unfit], catalogue: WritableCatalogue, job: Job
) -> Iterator[FileReport]:
    """Bring the catalogue up to what lies at and below `roots` (absolute) and report each path once.

    Every file that was found ends as one ledger line; stopping half-way loses nothing, the next run goes on.
    """
    run = _Run(roots, catalogue, job)
    with catalogue.transaction() as change:
        for declaration in job.declarations.nearest(roots):
            change.declare(declaration)
    settled: deque[FileReport] = deque()
    read = functools.partial(read_document, limits=job.limits)
    for file, result in read_isolated(read, run.sift(found, settled), job.limits, job.workers):
        yield from _drain(settled)
        yield run.record(file, result)
    yield from _drain(settled)
    yield from run.vanished()


def _drain(settled: deque[FileReport]) -> Iterator[FileReport]:
    while settled:
        yield settled.popleft()


class _Run:
    """The decisions of one run, file by file."""

    def __init__(self, roots: list[Path], catalogue: WritableCatalogue, job: Job) -> None:
        self._roots, self._catalogue, self._job = roots, catalogue, job
        with catalogue.transaction() as change:
            self._lines = {line.path: line for root in roots for line in change.lines_under(root)}
        self._seen: set[str] = set()

    def sift(self, found: Iterable[FoundFile | Unfit], settled: deque[FileReport]) -> Iterator[FoundFile]:
        """Settle what can be settled without reading and yield, with its hash, what must be read."""
        for item in found:
            file = item.found if isinstance(item, Unfit) else item
            self._seen.add(str(file.path))
            declaration = self._job.declarations.governing(file.path)
            with self._catalogue.transaction() as change:
                if isinstance(item, Unfit):
                    news: FileReport | FoundFile = self._fail(
                        change, file, declaration, UnreadableFile("scan", item.code, item.reason)
                    )
                else:
                    news = self._settle(change, file, declaration)
            if isinstance(news, FileReport):
                settled.append(news)
            else:
                yield news

    def record(self, file: FoundFile, result: Understood | Mark | UnreadableFile) -> FileReport:
        """Write what reading `file` gave."""
        declaration = self._job.declarations.governing(file.path)
        with self._catalogue.transaction() as change:
            if isinstance(result, UnreadableFile):
                return self._fail(change, file, declaration, result)
            if isinstance(result, Mark):
                return self._quarantine(change, file, declaration, "secrecy_mark", result.reason)
            return self._store(change, file, declaration, result)

    def vanished(self) -> Iterator[FileReport]:
        """Report, and with `prune` remove, what the ledger knows below the roots and the disk no longer holds."""
        with self._catalogue.transaction() as change:
            lines = {line.path: line for root in self._roots for line in change.lines_under(root)}
            for path in sorted(lines.keys() - self._seen):
                if self._job.prune:
                    change.forget(lines[path], "tệp không còn")
                    yield FileReport(path, Event.PRUNED)
                else:
                    change.missing(lines[path])
                    yield FileReport(path, Event.MISSING, "Tệp không còn; văn bản vẫn tìm được. Gỡ bằng `congbao index --prune`.")

    # one file

    def _settle(self, change: Transaction, found: FoundFile, declaration: Declaration) -> FileReport | FoundFile:
        line = self._lines.get(str(found.path))
        stands = line is not None and not self._job.force and self._stands(line, declaration)
        if line and stands and (line.size, line.mtime_ns) == (found.size, found.mtime_ns):
            return self._confirm(change, line, found, declaration)
        try:
            file = with_hash(found)
        except OSError as error:
            code = "vanished" if isinstance(error, FileNotFoundError) else "permission"
            return self._fail(change, found, declaration, UnreadableFile("scan", code, f"Không đọc được tệp: {error.strerror}."))
        if line and stands and line.sha256 == file.sha256:
            return self._confirm(change, line, file, declaration)
        if not self._job.readmit and (removed := change.removed_lines(file.sha256)):
            change.keep_out(file, declaration, removed[0].reason or "")
            return FileReport(str(file.path), Event.REMOVED, removed[0].reason or "")
        if not declaration.publishable:
            return self._quarantine(change, file, declaration, "not_publishable", NOT_PUBLISHABLE)
        key = None if self._job.force else change.same_content(file.sha256, declaration.name)
        return file if key is None else self._attach(change, file, declaration, key)

    def _stands(self, line: LedgerLine, declaration: Declaration) -> bool:
        """Tell whether reading the same bytes again could only give what the line says."""
        match line.outcome:
            case Outcome.INDEXED:
                return declaration.publishable
            case Outcome.QUARANTINED:
                return line.code != "not_publishable" or not declaration.publishable
            case Outcome.FAILED:
                return line.code not in _TRANSIENT
            case Outcome.REMOVED:
                return not self._job.readmit

    def _confirm(self, change: Transaction, line: LedgerLine, found: FoundFile, declaration: Declaration) -> FileReport:
        change.still_there(line, found, declaration)
        if line.outcome is not Outcome.INDEXED or line.document_key is None:
            return FileReport(line.path, Event(line.outcome), line.reason or "")
        return self._follow(change, found, declaration, line.document_key, Event.UNCHANGED)

    def _attach(self, change: Transaction, file: FoundFile, declaration: Declaration, key: int) -> FileReport:
        gone = [line for line in change.lines_of(key) if line.path != str(file.path) and not Path(line.path).exists()]
        change.attach(file, declaration, key)
        for line in gone:
            change.forget(line, "tệp đã chuyển chỗ")
        return self._follow(change, file, declaration, key, Event.MOVED if gone else Event.COPY)

    def _follow(self, change: Transaction, file: FoundFile, declaration: Declaration, key: int, news: Event) -> FileReport:
        """Let a document that needs no reading follow what register and folder say of `file` now."""
        extracted, registered = change.stored_metadata(key)
        row = self._job.register.find(file.path, metadata_from(extracted)) if self._job.register else None
        if row is not None and row.secrecy:  # the same bytes are secret under every name
            for line in change.lines_of(key):
                twin = FoundFile(Path(line.path), line.size, line.mtime_ns, line.sha256 or "")
                change.quarantine(twin, declaration, "register_secrecy", _REGISTERED_SECRECY)
            return FileReport(str(file.path), Event.QUARANTINED, _REGISTERED_SECRECY)
        note = ""
        if row is not None:
            metadata, disagreements = merge(metadata_from(extracted), row.metadata)
            registered, note = _stored(row), _note(disagreements)
            if change.set_registered(key, metadata, registered):
                news = Event.INDEXED
        first = Path(change.lines_of(key)[0].path)  # of several copies the first decides, the same in every run
        change.redeclare(key, _placed(self._job.declarations.governing(first), registered))
        return FileReport(str(file.path), news, note)

    def _store(self, change: Transaction, file: FoundFile, declaration: Declaration, understood: Understood) -> FileReport:
        row = self._job.register.find(file.path, understood.metadata) if self._job.register else None
        line = self._lines.get(str(file.path))
        unsaid = row is None and line is not None and line.code == "register_secrecy"  # only the register lifts what it closed
        if unsaid or (row is not None and row.secrecy):
            return self._quarantine(change, file, declaration, "register_secrecy", _REGISTERED_SECRECY)
        if not self._job.force and (key := change.same_content(file.sha256, declaration.name)) is not None:
            return self._attach(change, file, declaration, key)  # its twin was read in this very run
        registered = _stored(row) if row else change.registered_before(file, declaration)
        metadata, disagreements = merge(understood.metadata, metadata_from(registered))
        change.put(file, _placed(declaration, registered), understood, metadata, registered)
        return FileReport(str(file.path), Event.INDEXED, _note(disagreements))

    def _quarantine(self, change: Transaction, file: FoundFile, declaration: Declaration, code: str, reason: str) -> FileReport:
        change.quarantine(file, declaration, code, reason)
        return FileReport(str(file.path), Event.QUARANTINED, reason)

    def _fail(self, change: Transaction, file: FoundFile, declaration: Declaration, error: UnreadableFile) -> FileReport:
        change.fail(file, declaration, error.stage, error.code, error.reason)
        return FileReport(str(file.path), Event.FAILED, error.reason)


def _stored(row: RegisterRow) -> dict[str, str | None]:
    """Return what a register row states, as the catalogue keeps it."""
    return metadata_values(row.metadata) | {"visibility": row.visibility, "kind": row.kind, "site": row.site}


def _placed(declaration: Declaration, registered: dict[str, str | None]) -> Declaration:
    """Return what holds for one document: its register row before its folder's declaration, but neither opens what one closes."""
    closed = Visibility.INTERNAL in {declaration.visibility, registered.get("visibility")}
    kind = registered.get("kind")
    return replace(
        declaration,
        visibility=Visibility.INTERNAL if closed else Visibility.PUBLIC,
        kind=Kind(kind) if kind else declaration.kind,
        site=registered.get("site") or declaration.site,
    )


def _note(disagreements: tuple[Disagreement, ...]) -> str:
    """Say which fields the register states otherwise than the document; the register's hold."""
    return f"Sổ ghi khác văn bản: {', '.join(sorted(found.field for found in disagreements))}." if disagreements else ""
