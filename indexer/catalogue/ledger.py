"""The ledger: what became of every path ever given to the indexer, so that counts add up and nothing is lost in silence."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from indexer.catalogue import schema
from indexer.model import Kind, Visibility


class Outcome(StrEnum):
    """How reading a file ended."""

    INDEXED = "indexed"
    FAILED = "failed"  # gave no document; stage, code and reason say why
    QUARANTINED = "quarantined"  # kept out by the gate; nothing of the content is stored
    UNPACKED = "unpacked"  # an archive; every member has a line of its own
    REMOVED = "removed"  # taken out by an operator; stays out until readmitted


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the operator declares of a folder or file: its source, whether it may be published, who may see it."""

    path: Path
    name: str = "default"
    publishable: bool = False
    visibility: Visibility = Visibility.PUBLIC
    kind: Kind = Kind.LEGAL
    site: str | None = None


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file on disk at the moment it was looked at. `sha256` is "" while nobody needed it."""

    path: Path
    size: int
    mtime_ns: int
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Withheld:
    """Why bytes or a path are kept out: "removed" by an operator, or "register_secrecy"."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One path's line. `sha256` is None where the file could not be read; times are ISO 8601 in UTC."""

    path: str
    root: str
    source: str
    publishable: bool
    sha256: str | None
    size: int
    mtime_ns: int
    outcome: Outcome
    stage: str | None
    code: str | None
    reason: str | None
    document_key: int | None
    first_seen: str
    checked_at: str
    missing_since: str | None

    @property
    def holds(self) -> bool:
        """Whether the path's document is live by this line: a removed or quarantined one only remembers it."""
        return self.document_key is not None and self.outcome in {Outcome.INDEXED, Outcome.FAILED}


_COLUMNS = [schema.files.c[field.name] for field in fields(LedgerLine)]


def _lines(rows: Iterable[sa.Row[Any]]) -> Iterator[LedgerLine]:
    for row in rows:
        yield LedgerLine(**{**row._asdict(), "outcome": Outcome(row.outcome)})


def select_lines(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> list[LedgerLine]:
    """Return the lines that meet all `conditions`, by path."""
    return list(_lines(connection.execute(sa.select(*_COLUMNS).where(*conditions).order_by(schema.files.c.path))))


def under(root: Path) -> sa.ColumnElement[bool]:
    """Return the condition that a line's path is `root` or lies below it; exact in case, and served by the primary key."""
    path, inside = schema.files.c.path, f"{str(root).rstrip('/')}/"
    return sa.or_(path == str(root), sa.and_(path > inside, path < f"{inside[:-1]}0"))  # "0" is the character after "/"


def write_line(connection: sa.Connection, line: LedgerLine) -> None:
    """Insert or replace the line of `line.path`; the time it was first seen stays."""
    values = {field.name: getattr(line, field.name) for field in fields(LedgerLine)}
    changed = connection.execute(
        schema.files.update()
        .where(schema.files.c.path == line.path)
        .values({name: value for name, value in values.items() if name not in {"path", "first_seen"}})
    )
    if not changed.rowcount:
        connection.execute(schema.files.insert().values(values))
