"""What keeps a file out: what is declared of its folder, and what the register says of it or of the archive that it lies in."""

from collections.abc import Sequence
from pathlib import Path

from indexer.catalogue import Declaration, FoundFile, LedgerLine, Transaction, Withheld
from indexer.events import Event, FileReport
from indexer.legal.secrecy import series_mark
from indexer.model import LegalMetadata
from indexer.places import Places
from indexer.register import RegisterIndex, RegisterRow
from indexer.sources import Declarations

NOT_PUBLISHABLE = "Nguồn chưa được khai báo là công bố được (--publishable hoặc [sources] trong congbao.toml)."
_REGISTERED_SECRECY = "Sổ văn bản ghi độ mật."


class Gate:
    """What is said of the files of one run, and how they are kept out."""

    def __init__(self, declarations: Declarations, register: RegisterIndex | None, places: Places) -> None:
        self._declarations, self._register, self._places = declarations, register, places

    def declaration(self, path: Path | str) -> Declaration:
        """Return what the operator declared of a path."""
        return self._declarations.governing(Path(path))

    def row(self, file: FoundFile, metadata: LegalMetadata) -> RegisterRow | None:
        """Return the register's row of a file; what it says of an archive around the file closes the file, too."""
        if self._register is None:
            return None
        return self._register.find(file.path, metadata, self._places.archives_around(file.path))

    def closes(self, archive: LedgerLine) -> bool:
        """Tell whether the register of this run keeps an archive out."""
        return self.closed_by(self.row(as_found(archive), LegalMetadata()), LegalMetadata()) is not None

    def closed(self, change: Transaction, file: FoundFile, row: RegisterRow | None, metadata: LegalMetadata) -> Withheld | None:
        """Say why the register keeps a file out; only the register opens what it closed."""
        held = change.withheld(file) if row is None or row.of_archive else None
        return Withheld("register_secrecy", held.reason) if held else self.closed_by(row, metadata)

    @staticmethod
    def closed_by(row: RegisterRow | None, metadata: LegalMetadata) -> Withheld | None:
        """Say why the register keeps a document out: its word for secrecy, or a number of a secret series."""
        if row is not None and row.secrecy:
            return Withheld("register_secrecy", _REGISTERED_SECRECY)
        mark = series_mark(metadata.number) if metadata.number else None
        return Withheld("register_secrecy", mark.reason) if mark else None

    def withhold(self, change: Transaction, file: FoundFile, why: Withheld) -> FileReport:
        """Keep these bytes out under every name and in every source."""
        change.withhold(file, why)
        self._close_twins(change, file.sha256, why)
        return self.quarantine(change, file, why.code, why.reason)

    def withhold_archive(self, change: Transaction, archive: FoundFile, inside: Sequence[FoundFile], why: Withheld) -> FileReport:
        """Keep out an archive and the bytes of its members; their names, which are its content, are not written down."""
        before = [line for line in change.lines_under(archive.path) if line.path != str(archive.path) and line.holds]
        for sha256 in {*(found.sha256 for found in inside), *(line.sha256 or "" for line in before)} - {""}:
            change.withhold_content(sha256, why)
            self._close_twins(change, sha256, why)
        for line in before:
            self.quarantine(change, as_found(line), why.code, why.reason)
        return self.withhold(change, archive, why)

    def _close_twins(self, change: Transaction, sha256: str, why: Withheld) -> None:
        for key, _ in change.same_content(sha256):
            for line in change.lines_of(key):
                self.quarantine(change, as_found(line), why.code, why.reason)

    def quarantine(self, change: Transaction, file: FoundFile, code: str, reason: str) -> FileReport:
        """Keep one path out."""
        change.quarantine(file, self.declaration(file.path), code, reason)
        return FileReport(str(file.path), Event.QUARANTINED, reason)


def as_found(line: LedgerLine) -> FoundFile:
    """Return the file of a line as it was when it was read."""
    return FoundFile(Path(line.path), line.size, line.mtime_ns, line.sha256 or "")
