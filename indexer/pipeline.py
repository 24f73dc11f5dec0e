"""The whole indexing path: files found → unchanged ones passed over → the rest read in worker processes → catalogue.

What is decided about a file is decided here, in one place, and written to the ledger in the same transaction as its document.
"""

import functools
import shlex
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path

from indexer.archives import Contents, Member
from indexer.catalogue import Declaration, FoundFile, LedgerLine, Outcome, Transaction, WritableCatalogue
from indexer.catalogue.reading import metadata_from, metadata_values
from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.events import Event, FileReport
from indexer.extract.isolation.sandbox import Growing, read_isolated
from indexer.gate import NOT_PUBLISHABLE, Gate, as_found
from indexer.legal.secrecy import Mark
from indexer.model import FIELD_NAMES, Canonical, Kind, LegalMetadata, Understood, Visibility
from indexer.places import Places
from indexer.read import read_document
from indexer.register import Disagreement, RegisterIndex, RegisterRow, merge
from indexer.scan import Unfit, with_hash
from indexer.sources import Declarations

_GONE = "Tệp không còn; văn bản vẫn tìm được. Gỡ bằng `congbao index {root} --prune`."
_TOO_MANY = "{gone} trong {all} tệp không còn (ổ đĩa chưa gắn?): chưa gỡ gì. Nếu đúng vậy: `congbao index {root} --prune-all`."
_STAYS = "Tệp không còn; văn bản vẫn tìm được."  # what to do is said once, of the folder
_SHUT = "Tệp nén chứa nó không mở được lúc này; văn bản vẫn tìm được."
_BY_REGISTER = "Tạm tìm được theo sổ văn bản."
_FEW, _MOST = 10, 0.5  # all files of a root, or more than so many and than this share of them, do not vanish on purpose
# worth another try on an unchanged file; what was unsupported may no longer be
_TRANSIENT = frozenset({"timeout", "memory", "crashed", "permission", "vanished", "unsupported"})
_BATCH = 500  # unchanged files confirmed in one transaction


@dataclass(frozen=True, slots=True)
class Job:
    """What one run does, besides reading what changed."""

    declarations: Declarations
    limits: Limits
    workers: int
    register: RegisterIndex | None = None
    recognises: bool = False  # scanned pages can be read on this machine
    force: bool = False  # read unchanged files again
    readmit: bool = False  # take back what an operator removed
    prune: bool = False  # remove documents whose file has vanished, unless suspiciously many have
    prune_all: bool = False  # however many


def index_files(
    roots: list[Path], found: Iterable[FoundFile | Unfit], catalogue: WritableCatalogue, job: Job
) -> Iterator[FileReport]:
    """Bring the catalogue up to what lies at and below `roots` (absolute) and report each path once.

    Every file that was found ends as one ledger line; stopping half-way loses nothing, the next run goes on.
    """
    with catalogue.transaction() as change:
        for declaration in job.declarations.said:
            change.declare(declaration)
    run = _Run(roots, catalogue, job)
    waiting: deque[FoundFile | Unfit] = deque()
    yield from run.confirm(found, waiting)
    settled: deque[FileReport] = deque()
    read = functools.partial(read_document, limits=job.limits)
    to_read = Growing(functools.partial(run.next_to_read, waiting, settled))
    for file, result in read_isolated(read, to_read, job.limits, job.workers):
        yield from _drain(settled)
        yield from run.record(file, result, waiting)
    yield from _drain(settled)
    yield from run.vanished()


def _drain(settled: deque[FileReport]) -> Iterator[FileReport]:
    while settled:
        yield settled.popleft()


@dataclass(slots=True)
class _Unpacking:
    """An archive of which some members have no line yet, with the archives within it that are opened."""

    archives: list[FoundFile]
    left: int


class _Run:
    """The decisions of one run, file by file."""

    def __init__(self, roots: list[Path], catalogue: WritableCatalogue, job: Job) -> None:
        self._roots, self._catalogue, self._job = roots, catalogue, job
        with catalogue.transaction() as change:
            self._places = Places({line.path: line for root in roots for line in change.lines_under(root)})
        self._gate = Gate(job.declarations, job.register, self._places)
        self._closed: list[Path] = []  # what could not be looked into
        self._inside: dict[str, int] = {}  # how many members an unchanged archive has
        self._unpacking: dict[str, _Unpacking] = {}  # by the path of each member that has no line yet

    def confirm(self, found: Iterable[FoundFile | Unfit], changed: deque[FoundFile | Unfit]) -> Iterator[FileReport]:
        """Report files whose size and time are those of a line that still stands; gather the others in `changed`."""
        same: list[tuple[LedgerLine, FoundFile]] = []
        for item in found:
            file = item.found if isinstance(item, Unfit) else item
            self._places.seen.add(str(file.path))
            line = self._places.lines.get(str(file.path))
            alike = line is not None and (line.size, line.mtime_ns) == (file.size, file.mtime_ns)
            if isinstance(item, Unfit) or line is None or not alike or not self._stands(line):
                changed.append(item)
                continue
            same.append((line, file))
            if line.outcome is Outcome.UNPACKED:
                self._confirm_members(line, file, same, changed)
            if len(same) >= _BATCH:
                yield from self._confirm_batch(same)
                same.clear()
        yield from self._confirm_batch(same)

    def _confirm_members(
        self, archive: LedgerLine, file: FoundFile, same: list[tuple[LedgerLine, FoundFile]], changed: deque[FoundFile | Unfit]
    ) -> None:
        members = self._places.members(archive)
        self._places.look_into(archive.path)
        self._places.seen.update(member.path for member in members)
        self._inside[archive.path] = len(members)
        for member in members:
            inside = FoundFile(Path(member.path), member.size, file.mtime_ns, member.sha256 or "")
            if member.sha256 and not self._stands(member):
                changed.append(inside)
            else:  # what could not be unpacked cannot be from the same archive either
                same.append((member, inside))

    def next_to_read(self, waiting: deque[FoundFile | Unfit], settled: deque[FileReport]) -> FoundFile | None:
        """Settle what can be settled without reading, up to what must be read; return that with its hash."""
        while waiting:
            item = waiting.popleft()
            with self._catalogue.transaction() as change:
                news = self._settle(change, item)
                if isinstance(news, FileReport):
                    self._count_off(change, news.path)
            if not isinstance(news, FileReport):
                return news
            settled.append(news)
        return None

    def record(
        self, file: FoundFile, result: Understood | Mark | Contents | UnreadableFile, waiting: deque[FoundFile | Unfit]
    ) -> list[FileReport]:
        """Write what reading `file` gave; the members of an archive come before what waits."""
        with self._catalogue.transaction() as change:
            if isinstance(result, Contents):
                return self._unpack(change, file, result, waiting)
            news = self._write(change, file, result)
            self._count_off(change, news.path)
            return [news]

    def _write(self, change: Transaction, file: FoundFile, result: Understood | Mark | UnreadableFile) -> FileReport:
        if isinstance(result, UnreadableFile):
            return self._store_unread(change, file, result) or self._fail(change, file, result)
        if isinstance(result, Mark):
            return self._gate.quarantine(change, file, "secrecy_mark", result.reason)
        return self._store(change, file, result)

    def vanished(self) -> Iterator[FileReport]:
        """Report, and with `prune` remove, what the ledger knows below the roots and the disk no longer holds."""
        with self._catalogue.transaction() as change:
            below = {root: change.lines_under(root) for root in self._roots}
        lines = {line.path: line for some in below.values() for line in some}
        absent = sorted(lines.keys() - self._places.seen)
        shut = {path for path in absent if self._places.is_shut(path, lines)}
        for path in absent:
            if path in shut and lines[path].holds:
                with self._catalogue.transaction() as change:
                    yield self._miss(change, lines[path], prune=False, why=_SHUT)
        gone = [path for path in absent if path not in shut]
        kept: set[str] = set()
        for root, some in below.items() if self._job.prune and not self._job.prune_all else ():
            vanished = {line.path for line in some}.intersection(gone)
            if vanished and (len(vanished) == len(some) or len(vanished) > max(_FEW, len(some) * _MOST)):
                kept |= vanished
                told = _TOO_MANY.format(gone=len(vanished), all=len(some), root=shlex.quote(str(root)))
                yield FileReport(str(root), Event.REFUSED, told)
        for path in gone:
            prune = (self._job.prune or self._job.prune_all) and path not in kept
            with self._catalogue.transaction() as change:
                yield self._miss(change, lines[path], prune, why=_STAYS if path in kept else "")

    # one file

    def _stands(self, line: LedgerLine) -> bool:
        """Tell whether reading the same bytes again could only give what the line says."""
        if self._job.force:
            return False
        publishable = self._gate.declaration(line.path).publishable
        match line.outcome:
            case Outcome.INDEXED:
                return publishable
            case Outcome.QUARANTINED if line.code == "not_publishable":
                return not publishable
            case Outcome.QUARANTINED:
                return line.code != "register_secrecy" or self._job.register is None
            case Outcome.FAILED if line.code == "needs_ocr" and publishable:
                return not self._job.recognises and (line.holds or self._job.register is None)
            case Outcome.FAILED:
                return line.code not in _TRANSIENT and (publishable or not line.holds)
            case Outcome.REMOVED:
                return not self._job.readmit
            case Outcome.UNPACKED:  # one that was away took its members with it, and they must be found again
                archives = [line, *(member for member in self._places.members(line) if member.outcome is Outcome.UNPACKED)]
                return publishable and line.missing_since is None and not any(map(self._gate.closes, archives))

    def _confirm_batch(self, same: Sequence[tuple[LedgerLine, FoundFile]]) -> list[FileReport]:
        with self._catalogue.transaction() as change:
            keys = [line.document_key for line, _ in same if line.document_key is not None]
            settled = {} if self._job.register else change.placements(keys)
            return [self._confirm(change, line, file, settled) for line, file in same]

    def _confirm(
        self, change: Transaction, line: LedgerLine, file: FoundFile, placements: dict[int, tuple[Declaration, str]]
    ) -> FileReport:
        if self._job.register is not None:  # it may have closed a twin of this file a moment ago
            line = change.line(file.path) or line
        change.still_there(line, file, self._gate.declaration(file.path))
        news = Event.UNCHANGED if line.outcome in {Outcome.INDEXED, Outcome.UNPACKED} else Event(line.outcome)
        if line.document_key is None or not line.holds:
            return FileReport(line.path, news, line.reason or "", self._inside.get(line.path, 0))
        held = placements.get(line.document_key)
        if held is not None:
            placed, first = held
            expected = self._gate.declaration(first)
            if replace(placed, path=expected.path, publishable=expected.publishable) == expected:
                return FileReport(line.path, news, line.reason or "")
        return self._follow(change, replace(file, sha256=line.sha256 or ""), line.document_key, news, line.reason or "")

    def _settle(self, change: Transaction, item: FoundFile | Unfit) -> FileReport | FoundFile:
        if isinstance(item, Unfit):
            self._closed.append(item.found.path)
            return self._fail(change, item.found, UnreadableFile("scan", item.code, item.reason))
        if item.size > self._job.limits.file_mb * 2**20:
            reason = f"Tệp lớn hơn {self._job.limits.file_mb} MB (limits.file_mb)."
            return self._fail(change, item, UnreadableFile("scan", "too_large", reason))
        try:
            file = item if item.sha256 else with_hash(item)  # a member of an archive has been hashed where it was unpacked
        except OSError as error:
            code = "vanished" if isinstance(error, FileNotFoundError) else "permission"
            return self._fail(change, item, UnreadableFile("scan", code, f"Không đọc được tệp: {error.strerror}."))
        line = self._places.lines.get(str(file.path))
        if line and line.sha256 == file.sha256 and line.outcome is not Outcome.UNPACKED and self._stands(line):
            return self._confirm(change, line, file, {})
        if (held := self._withheld(change, file)) is not None:
            return held
        if not self._gate.declaration(file.path).publishable:
            return self._gate.quarantine(change, file, "not_publishable", NOT_PUBLISHABLE)
        key = None if self._job.force else self._same(change, file)
        return file if key is None else self._attach(change, file, key)

    def _withheld(self, change: Transaction, file: FoundFile) -> FileReport | None:
        """Report a file that an operator or the register closed before, by its bytes or its path."""
        held = change.withheld(file)
        if held is None or (held.code == "register_secrecy" and self._job.register is not None):
            return None  # or the register that closed it may open it: it must be read to find its row
        if held.code == "register_secrecy":
            return self._gate.quarantine(change, file, held.code, held.reason)
        if self._job.readmit:
            change.release(file)
            return None
        change.keep_out(file, self._gate.declaration(file.path), held.reason)
        return FileReport(str(file.path), Event.REMOVED, held.reason)

    def _same(self, change: Transaction, file: FoundFile) -> int | None:
        """Find the document with these bytes: in the same source, or in another one that no longer has its files."""
        source = self._gate.declaration(file.path).name
        for key, place in change.same_content(file.sha256):
            lines = change.lines_of(key)
            if any(line.code == "needs_ocr" for line in lines):
                continue  # what its register says is all that is known of it: it must be read
            if place == source or not any(self._places.is_there(Path(line.path)) for line in lines):
                return key
        return None

    def _attach(self, change: Transaction, file: FoundFile, key: int) -> FileReport:
        others = [line for line in change.lines_of(key) if line.path != str(file.path)]
        gone = [line for line in others if not self._places.is_there(Path(line.path))]
        change.attach(file, self._gate.declaration(file.path), key)
        for line in gone:
            change.forget(line, "tệp đã chuyển chỗ")
        return self._follow(change, file, key, Event.MOVED if gone else Event.COPY)

    def _follow(self, change: Transaction, file: FoundFile, key: int, news: Event, reason: str = "") -> FileReport:
        """Let a document that needs no reading follow what register and folder say of `file` now."""
        extracted, registered = change.stored_metadata(key)
        row = self._gate.row(file, metadata_from(extracted))
        if row is not None:
            registered = _stated(row, registered)
            metadata, disagreements = merge(metadata_from(extracted), metadata_from(registered))
            if (closed := self._gate.closed_by(row, metadata)) is not None:
                return self._gate.withhold(change, file, closed)
            reason = reason or _note(disagreements)
            if change.set_registered(key, metadata, registered) and news is Event.UNCHANGED:
                news = Event.INDEXED
        first = change.lines_of(key)[0].path  # of several copies the first decides, the same in every run
        placed = _placed(self._gate.declaration(first), registered)
        changed = change.redeclare(key, placed)
        return FileReport(str(file.path), news, reason, shown_to=placed.visibility if changed else None)

    def _store(self, change: Transaction, file: FoundFile, understood: Understood) -> FileReport:
        row = self._gate.row(file, understood.metadata)
        registered = change.registered_before(file, self._gate.declaration(file.path))
        registered = _stated(row, registered) if row else registered
        metadata, disagreements = merge(understood.metadata, metadata_from(registered))
        if (closed := self._gate.closed(change, file, row, metadata)) is not None:
            return self._gate.withhold(change, file, closed)
        change.release(file)
        if not self._job.force and (key := self._same(change, file)) is not None:
            return self._attach(change, file, key)  # its twin was read in this very run
        declaration = self._gate.declaration(file.path)
        key = change.put(file, _placed(declaration, registered), understood, metadata, registered)
        notes = [_note(disagreements), _namesakes(change.namesakes(key, metadata))]
        return FileReport(str(file.path), Event.INDEXED, " ".join(filter(None, notes)))

    def _store_unread(self, change: Transaction, file: FoundFile, error: UnreadableFile) -> FileReport | None:
        """Make a scan that nobody could read searchable by what its register row states; None where there is nothing to go by."""
        line = change.line(file.path)
        row = self._gate.row(file, LegalMetadata()) if error.code == "needs_ocr" and not (line and line.holds) else None
        if row is None or row.of_archive:
            return None
        report = self._store(change, file, Understood(Canonical(""), LegalMetadata(), (), "pdf", {}))
        if report.event is not Event.INDEXED:
            return report
        change.fail(file, self._gate.declaration(file.path), error.stage, error.code, error.reason)
        return replace(report, event=Event.FAILED, reason=f"{error.reason} {_BY_REGISTER}")

    def _miss(self, change: Transaction, line: LedgerLine, prune: bool, why: str = "") -> FileReport:
        """Settle a line whose file is gone; its document still follows what is said of the folder and by the register."""
        if prune and not any(Path(line.path).is_relative_to(place) for place in self._closed):
            change.forget(line, "tệp không còn")
            return FileReport(line.path, Event.PRUNED)
        reason = "Tệp không còn."
        if line.document_key is not None and line.holds:
            reason = why or _GONE.format(root=shlex.quote(str(self._root_of(line.path))))
            file = as_found(line)
            if not self._gate.declaration(line.path).publishable:
                reason = self._gate.quarantine(change, file, "not_publishable", NOT_PUBLISHABLE).reason
            else:
                self._follow(change, file, line.document_key, Event.MISSING)
        change.missing(Path(line.path))
        return FileReport(line.path, Event.MISSING, reason)

    def _root_of(self, path: str) -> Path:
        return next(root for root in self._roots if Path(path).is_relative_to(root))

    # an archive

    def _unpack(
        self, change: Transaction, file: FoundFile, contents: Contents, waiting: deque[FoundFile | Unfit]
    ) -> list[FileReport]:
        """Put the members of an archive before what waits.

        Its line is written when the last of them has one, and until then it has none: whatever happens in between, the next run
        unpacks it again.
        """
        try:
            rest = deque(
                (FoundFile(path, member.size, file.mtime_ns, member.sha256), member) for path, member in contents.under(file.path)
            )
        except UnreadableFile as error:
            return [self._fail(change, file, error)]
        for old in change.archives(file.sha256):
            if not self._places.is_there(Path(old.path)):  # its members will be found to have moved
                self._forget_archive(change, old)
        unpacking = _Unpacking([], 0)
        to_settle: list[FoundFile] = []
        reports = [self._open(change, file, rest, unpacking)]
        while rest:
            found, member = rest.popleft()
            self._places.seen.add(str(found.path))
            if member.error is not None:
                reports.append(self._fail(change, found, member.error))
            elif member.is_archive:
                reports.append(self._open(change, found, rest, unpacking))
            else:
                to_settle.append(found)
        waiting.extendleft(reversed(to_settle))
        self._unpacking.update((str(found.path), unpacking) for found in to_settle)
        unpacking.left = len(to_settle)
        if not to_settle:
            self._finish(change, unpacking)
        reports[0] = replace(reports[0], inside=len(reports) - 1 + len(to_settle))
        return reports

    def _open(
        self, change: Transaction, archive: FoundFile, rest: deque[tuple[FoundFile, Member]], unpacking: _Unpacking
    ) -> FileReport:
        """Let an archive be unpacked unless it is kept out by itself; then what it holds goes from `rest`, too.

        A mark in one member closes that member alone: an archive is a folder in one file, and a mark is a document's.
        """
        inside = [found for found, _ in takewhile(lambda pair: pair[0].path.is_relative_to(archive.path), rest)]
        news = self._withheld(change, archive)
        why = self._gate.closed(change, archive, self._gate.row(archive, LegalMetadata()), LegalMetadata())
        if news is None and why is not None:
            news = self._gate.withhold_archive(change, archive, inside, why)
        if news is not None:
            for _ in inside:
                rest.popleft()
            return news
        if change.withheld(archive) is not None:  # the register opens it again, and all that it closed with it
            change.release(archive)
            for found in inside:
                change.release_content(found.sha256, "register_secrecy")
        if (before := change.line(archive.path)) is not None:
            change.forget(before, "tệp nay là tệp nén")
        unpacking.archives.append(archive)
        self._places.look_into(str(archive.path))
        return FileReport(str(archive.path), Event.UNPACKED)

    @staticmethod
    def _forget_archive(change: Transaction, archive: LedgerLine) -> None:
        for line in change.lines_under(Path(archive.path)):
            if line.outcome is Outcome.UNPACKED:
                change.forget(line, "tệp nén đã chuyển chỗ")

    def _count_off(self, change: Transaction, path: str) -> None:
        """Note that a path has its line; if it was its archive's last member without one, the archive gets its own."""
        unpacking = self._unpacking.pop(path, None)
        if unpacking is not None:
            unpacking.left -= 1
            if not unpacking.left:
                self._finish(change, unpacking)

    def _finish(self, change: Transaction, unpacking: _Unpacking) -> None:
        for archive in unpacking.archives:
            change.unpack(archive, self._gate.declaration(archive.path))

    def _fail(self, change: Transaction, file: FoundFile, error: UnreadableFile) -> FileReport:
        """Note a failure; what the file gave before stays, as far as its folder and the register let it."""
        declaration = self._gate.declaration(file.path)
        line = change.line(file.path)
        if line is None or line.document_key is None or not line.holds:
            change.fail(file, declaration, error.stage, error.code, error.reason)
        elif not declaration.publishable:
            return self._gate.quarantine(change, file, "not_publishable", NOT_PUBLISHABLE)
        else:
            change.fail(file, declaration, error.stage, error.code, error.reason)
            before = replace(file, sha256=line.sha256 or "")
            return self._follow(change, before, line.document_key, Event.FAILED, error.reason)
        return FileReport(str(file.path), Event.FAILED, error.reason)


def _stated(row: RegisterRow, before: dict[str, str | None]) -> dict[str, str | None]:
    """Return what the register states of a document, as the catalogue keeps it; `before` is what it stated last."""
    if row.of_archive:
        return before | {"visibility": row.visibility}
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
    names = ", ".join(FIELD_NAMES[found.field] for found in disagreements)
    return f"Sổ ghi khác văn bản: {names}." if names else ""


def _namesakes(ids: list[str]) -> str:
    """Say which documents bear the same number in the same year from the same issuer (Decree 30/2020, annex VI)."""
    return f"Trùng số, ký hiệu với văn bản {', '.join(ids)}." if ids else ""
