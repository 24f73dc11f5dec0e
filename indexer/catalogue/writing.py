"""Writing the catalogue: each method is one step of a transaction that is kept whole or not at all."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Self

import sqlalchemy as sa

from analyzers.citations import number_key
from indexer.catalogue import database, others, relations, schema
from indexer.catalogue.ledger import Declaration, FoundFile, LedgerLine, Outcome, Withheld, select_lines, under, write_line
from indexer.catalogue.reading import Catalogue, metadata_values
from indexer.catalogue.texts import pack
from indexer.legal.body_key import body_key
from indexer.model import Kind, LegalMetadata, Understood, Visibility

_ID_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u to misread
_ID_LENGTH = 12  # 60 bits: no guessing, no clash among a million documents

_documents, _files = schema.documents, schema.files


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _names(found: FoundFile) -> list[tuple[str, str]]:
    """Return by what a file is known to be kept out: its bytes, where they were read, and its path."""
    return [("path", str(found.path)), *([("sha256", found.sha256)] if found.sha256 else [])]


class WritableCatalogue(Catalogue):
    """The catalogue for the one process that holds the data folder's lock."""

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open or create the catalogue and bring its schema up to date.

        Raises CatalogueTooNew, CatalogueDamaged, DataFolderUnfit.
        """
        return cls(database.open_checked(path, database.migrate), path)

    @contextmanager
    def transaction(self) -> Iterator["Transaction"]:
        """Commit what the block did, or nothing of it."""
        with database.plain_errors(self.path), self._engine.begin() as connection:
            yield Transaction(connection)

    def scrub(self) -> None:
        """Leave no byte of what was removed so far in the catalogue's files. Raises PurgeUnfinished, DataFolderUnfit."""
        database.scrub(self._engine, self.path)


class Transaction:
    """The steps that a writing command is made of."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    # the operator's declarations

    def declare(self, declaration: Declaration) -> None:
        """Keep what was declared of a folder, instead of what held for it before."""
        path = str(declaration.path)
        self._connection.execute(schema.sources.delete().where(schema.sources.c.path == path))
        self._connection.execute(schema.sources.insert().values(asdict(declaration) | {"path": path}))

    # the ledger

    def line(self, path: Path) -> LedgerLine | None:
        """Return the ledger's line of `path`."""
        lines = select_lines(self._connection, _files.c.path == str(path))
        return lines[0] if lines else None

    def lines_under(self, root: Path) -> list[LedgerLine]:
        """Return the lines of `root` and all below it."""
        return select_lines(self._connection, under(root))

    def lines_of(self, key: int) -> list[LedgerLine]:
        """Return the lines of every path that gave document `key`."""
        return select_lines(self._connection, _files.c.document_key == key)

    def archives(self, sha256: str) -> list[LedgerLine]:
        """Return the lines of unpacked archives with these bytes."""
        return select_lines(self._connection, _files.c.outcome == Outcome.UNPACKED, _files.c.sha256 == sha256)

    def still_there(self, line: LedgerLine, found: FoundFile, declaration: Declaration) -> None:
        """Note that an unchanged file was seen again; writes only what differs."""
        now = replace(
            line,
            root=str(declaration.path),
            source=declaration.name,
            publishable=declaration.publishable,
            mtime_ns=found.mtime_ns,
            missing_since=None,
        )
        if now != line:
            write_line(self._connection, replace(now, checked_at=_now()))

    def missing(self, path: Path) -> None:
        """Note that a path's file is no longer there."""
        line = self.line(path)
        if line is not None and line.missing_since is None:
            write_line(self._connection, replace(line, missing_since=_now()))

    def forget(self, line: LedgerLine, why: str) -> None:
        """Drop a path from the ledger; the document that it alone gave goes with it."""
        self._connection.execute(_files.delete().where(_files.c.path == line.path))
        self._drop_if_last(line.document_key, why)

    def fail(self, found: FoundFile, declaration: Declaration, stage: str, code: str, reason: str) -> None:
        """Note that a file gave no document; what an earlier state of it gave stays as it was."""
        before = self.line(found.path)
        self._write(found, declaration, Outcome.FAILED, before.document_key if before else None, stage, code, reason)

    def quarantine(self, found: FoundFile, declaration: Declaration, code: str, reason: str) -> None:
        """Keep a file out: hash, path and reason stay, and what it gave before is removed."""
        before = self.line(found.path)
        self._write(found, declaration, Outcome.QUARANTINED, None, "gate", code, reason)
        if before:
            self._drop_if_last(before.document_key, reason)

    def unpack(self, found: FoundFile, declaration: Declaration) -> None:
        """Note an archive of which every member has its line."""
        self._write(found, declaration, Outcome.UNPACKED)

    def keep_out(self, found: FoundFile, declaration: Declaration, reason: str) -> None:
        """Note another file with the bytes of a document that an operator removed; what it gave before is removed, too."""
        before = self.line(found.path)
        self._write(found, declaration, Outcome.REMOVED, None, "operator", "removed", reason)
        if before and before.holds:
            self._drop_if_last(before.document_key, reason)

    # documents

    def same_content(self, sha256: str) -> list[tuple[int, str]]:
        """Return key and source of each live document that was read from these very bytes."""
        query = sa.select(_documents.c.key, _documents.c.source).where(
            _documents.c.sha256 == sha256, _documents.c.removed_at.is_(None)
        )
        return [(row.key, row.source) for row in self._connection.execute(query.order_by(_documents.c.key))]

    def placements(self, keys: Sequence[int]) -> dict[int, tuple[Declaration, str]]:
        """Return what holds for each document and the first of its paths, by which its declaration is found."""
        query = (
            sa.select(_documents, sa.func.min(_files.c.path).label("first"))
            .join_from(_documents, _files)
            .where(_documents.c.key.in_(keys))
            .group_by(_documents.c.key)
        )
        return {
            row.key: (
                Declaration(Path(row.first), row.source, True, Visibility(row.visibility), Kind(row.kind), row.site),
                row.first,
            )
            for row in self._connection.execute(query)
        }

    def namesakes(self, key: int, metadata: LegalMetadata) -> list[str]:
        """Return the ids of other live documents with the same number, year of issue and issuer; none where one is unknown."""
        if not (metadata.number and metadata.issued_date and metadata.issuer):
            return []
        table = schema.legal_metadata
        query = (
            sa.select(_documents.c.id, table.c.issuer, table.c.issued_date)
            .join_from(_documents, table)
            .where(
                table.c.number_key == number_key(metadata.number),
                table.c.issuer.is_not(None),
                table.c.issued_date.startswith(f"{metadata.issued_date.year}-"),
                _documents.c.key != key,
                _documents.c.removed_at.is_(None),
            )
        )
        own = body_key(metadata.issuer, metadata.issued_date)
        rows = self._connection.execute(query.order_by(_documents.c.key))
        return [row.id for row in rows if body_key(row.issuer, date.fromisoformat(row.issued_date)) == own]

    def attach(self, found: FoundFile, declaration: Declaration, key: int) -> None:
        """Note that a file is a copy, or the new place, of document `key`."""
        before = self.line(found.path)
        self._write(found, declaration, Outcome.INDEXED, key)
        if before and before.document_key != key:
            self._drop_if_last(before.document_key, "tệp có nội dung khác")

    def put(
        self,
        found: FoundFile,
        declaration: Declaration,
        understood: Understood,
        metadata: LegalMetadata,
        registered: dict[str, str | None],
    ) -> int:
        """Store a document, number the change and return its key; `metadata` is what holds after the register."""
        key = self._key_for(found, declaration)
        common = {
            "kind": declaration.kind,
            "source": declaration.name,
            "site": declaration.site,
            "visibility": declaration.visibility,
            "format": understood.format,
            "page_count": len(understood.canonical.page_starts),
            "sha256": found.sha256,
            "updated_at": _now(),
            "removed_at": None,
            "removed_why": None,
        }
        if key is None:
            new = {"id": "".join(secrets.choice(_ID_LETTERS) for _ in range(_ID_LENGTH)), "created_at": _now()}
            added = _documents.insert().values(common | new).returning(_documents.c.key)
            key = self._connection.execute(added).scalar_one()
        else:
            self._connection.execute(_documents.update().where(_documents.c.key == key).values(common))
        with self._changing(key):
            self._erase_content(key)
            self._store_content(key, understood, metadata, registered)
        self.attach(found, declaration, key)
        return key

    def redeclare(self, key: int, declaration: Declaration) -> bool:
        """Give a document its folder's present source, visibility, kind and site; a change only if one differs.

        Returns whether it is shown to others than before.
        """
        before = self._connection.execute(sa.select(_documents.c.visibility).where(_documents.c.key == key)).scalar_one()
        values = {
            "source": declaration.name,
            "visibility": declaration.visibility,
            "kind": declaration.kind,
            "site": declaration.site,
        }
        differs = sa.or_(*(_documents.c[name].is_distinct_from(value) for name, value in values.items()))
        if self._connection.execute(sa.select(_documents.c.key).where(_documents.c.key == key, differs)).first():
            with self._changing(key):
                changed = values | {"updated_at": _now()}
                self._connection.execute(_documents.update().where(_documents.c.key == key).values(changed))
        return bool(before != declaration.visibility)

    def set_registered(self, key: int, metadata: LegalMetadata, registered: dict[str, str | None]) -> bool:
        """Replace what holds of a document after its register row changed; returns whether anything differs."""
        table = schema.legal_metadata
        values = self._metadata_columns(metadata) | {"registered": registered}
        before = self._connection.execute(sa.select(table).where(table.c.document_key == key)).one()._asdict()
        if all(before[name] == value for name, value in values.items()):
            return False
        with self._changing(key):
            self._connection.execute(table.update().where(table.c.document_key == key).values(values))
        return True

    def stored_metadata(self, key: int) -> tuple[dict[str, str | None], dict[str, str | None]]:
        """Return what a document's text states and what its register row states, as stored strings."""
        table = schema.legal_metadata
        row = self._connection.execute(sa.select(table.c.extracted, table.c.registered).where(table.c.document_key == key)).one()
        return row.extracted, row.registered

    def registered_before(self, found: FoundFile, declaration: Declaration) -> dict[str, str | None]:
        """Return what the register stated of the document that `found` continues; {} where none did.

        Of a removed document only that it was internal is left: it comes back as closed as it was.
        """
        key = self._key_for(found, declaration)
        table = schema.legal_metadata
        query = sa.select(table.c.registered).where(table.c.document_key == key)
        stated: dict[str, str | None] | None = self._connection.execute(query).scalar_one_or_none()
        if stated is not None:
            return stated
        visibility = self._connection.execute(
            sa.select(_documents.c.visibility).where(_documents.c.key == key)
        ).scalar_one_or_none()
        return {"visibility": visibility} if visibility == Visibility.INTERNAL else {}

    def remove(self, key: int, why: str) -> None:
        """Erase a document's content and metadata; its identity stays, so that the id is never given again."""
        with self._changing(key):
            self._erase_content(key)
            gone = {"removed_at": _now(), "removed_why": why}
            self._connection.execute(_documents.update().where(_documents.c.key == key).values(gone))

    def twins(self, key: int) -> list[int]:
        """Return the keys of all documents, live or removed, that were last read from the same bytes as document `key`."""
        bytes_of = sa.select(_documents.c.sha256).where(_documents.c.key == key).scalar_subquery()
        query = sa.select(_documents.c.key).where(_documents.c.sha256 == bytes_of)
        return list(self._connection.execute(query.order_by(_documents.c.key)).scalars())

    def remove_by_order(self, key: int, why: str) -> list[str]:
        """Remove a document with its twins and keep their bytes and files out until they are readmitted; returns the paths.

        Of one that was removed before, the reason stays.
        """
        sha256 = self._connection.execute(sa.select(_documents.c.sha256).where(_documents.c.key == key)).scalar_one()
        why = self._reason_of(("sha256", sha256)) or why  # the first order is the one that counts
        names, paths = {("sha256", sha256)}, []
        for line in (line for twin in self.twins(key) for line in self.lines_of(twin)):
            names.update(self._take_out(line, why))
            paths.append(line.path)
        self._withhold(sorted(names), Withheld("removed", why))
        for twin, _ in self.same_content(sha256):
            self.remove(twin, why)
        return paths

    def remove_archive(self, path: Path, why: str) -> tuple[list[str], list[int]]:
        """Remove whatever was unpacked from the archive at `path`, as `remove_by_order` does, and keep the archive itself out.

        Returns the paths and the keys of all documents concerned; nothing where there is no such archive.
        """
        lines = self.lines_under(path)
        itself = [line for line in lines if line.path == str(path)]
        if not itself or (len(lines) == 1 and itself[0].outcome not in {Outcome.UNPACKED, Outcome.REMOVED}):
            return [], []
        known = {line.document_key for line in lines if line.document_key is not None}
        keys = sorted({twin for key in known for twin in self.twins(key)})
        paths = {place for key in known for place in self.remove_by_order(key, why)}
        for line in lines:
            if line in itself or (line.path not in paths and line.outcome is not Outcome.QUARANTINED):
                self._withhold(self._take_out(line, why), Withheld("removed", why))
                paths.add(line.path)
        return sorted(paths), keys

    # what is kept out

    def withhold(self, found: FoundFile, why: Withheld) -> None:
        """Keep these bytes and this path out until `release`."""
        self._withhold(_names(found), why)

    def withhold_content(self, sha256: str, why: Withheld) -> None:
        """Keep these bytes out, whatever their path; an operator's word stands before the register's."""
        if self._code_of(sha256) != "removed":
            self._withhold([("sha256", sha256)], why)

    def release_content(self, sha256: str, code: str) -> None:
        """Keep these bytes out no longer, as far as that was for `code`; a path that is kept out by itself stays so."""
        if self._code_of(sha256) == code:
            self._release([("sha256", sha256)])

    def withheld(self, found: FoundFile) -> Withheld | None:
        """Return why these bytes or this path are kept out; an operator's word before the register's."""
        table = schema.withheld
        query = sa.select(table.c.code, table.c.reason).where(sa.tuple_(table.c.kind, table.c.value).in_(_names(found)))
        row = self._connection.execute(query.order_by(table.c.code.desc())).first()  # "removed" comes after "register_..."
        return Withheld(row.code, row.reason) if row else None

    def release(self, found: FoundFile) -> None:
        """Keep these bytes and this path out no longer."""
        self._release(_names(found))

    # parts of the above

    def _code_of(self, sha256: str) -> str | None:
        table = schema.withheld
        query = sa.select(table.c.code).where(table.c.kind == "sha256", table.c.value == sha256)
        code: str | None = self._connection.execute(query).scalar_one_or_none()
        return code

    def _take_out(self, line: LedgerLine, why: str) -> list[tuple[str, str]]:
        """Write that an operator removed a path; returns by what it is to be kept out."""
        out = replace(line, outcome=Outcome.REMOVED, stage="operator", code="removed", reason=why, checked_at=_now())
        write_line(self._connection, out)
        return _names(FoundFile(Path(line.path), line.size, line.mtime_ns, line.sha256 or ""))

    def _reason_of(self, name: tuple[str, str]) -> str | None:
        """Return why what goes by a name was removed by an operator; None if it was not."""
        table = schema.withheld
        query = sa.select(table.c.reason).where(table.c.kind == name[0], table.c.value == name[1], table.c.code == "removed")
        reason: str | None = self._connection.execute(query).scalar_one_or_none()
        return reason

    def _withhold(self, names: Sequence[tuple[str, str]], why: Withheld) -> None:
        self._release(names)
        common = {"code": why.code, "reason": why.reason, "at": _now()}
        self._connection.execute(schema.withheld.insert(), [{"kind": kind, "value": value} | common for kind, value in names])

    def _release(self, names: Sequence[tuple[str, str]]) -> None:
        table = schema.withheld
        self._connection.execute(table.delete().where(sa.tuple_(table.c.kind, table.c.value).in_(names)))

    def _key_for(self, found: FoundFile, declaration: Declaration) -> int | None:
        """Find the document that `found` continues: the same bytes, else the same path unless that document has other files."""
        same = sa.select(_documents.c.key).where(_documents.c.sha256 == found.sha256, _documents.c.source == declaration.name)
        live_first = same.order_by(_documents.c.removed_at.is_not(None), _documents.c.key)
        known: int | None = self._connection.execute(live_first).scalars().first()
        if known is not None:
            return known  # a document that was pruned or closed comes back as itself
        before = self.line(found.path)
        if before is None or before.document_key is None:
            return None
        shared = any(line.path != before.path for line in self.lines_of(before.document_key))
        return None if shared else before.document_key

    def _drop_if_last(self, key: int | None, why: str) -> None:
        if key is not None and not any(line.holds for line in self.lines_of(key)):
            self.remove(key, why)

    def _erase_content(self, key: int) -> None:
        for table in (schema.texts, schema.provisions, schema.relations, schema.legal_metadata):
            self._connection.execute(table.delete().where(table.c.document_key == key))

    def _store_content(
        self, key: int, understood: Understood, metadata: LegalMetadata, registered: dict[str, str | None]
    ) -> None:
        canonical = understood.canonical
        self._connection.execute(
            schema.texts.insert().values(
                document_key=key,
                text=pack(canonical.text),
                page_starts=list(canonical.page_starts),
                steps=[[step.name, step.count, step.example] for step in canonical.steps],
                personal=[[personal.start, personal.end] for personal in understood.personal],
            )
        )
        self._connection.execute(
            schema.legal_metadata.insert().values(
                document_key=key,
                extracted=metadata_values(understood.metadata),
                registered=registered,
                evidence={
                    name: [found.start, found.end, found.page, found.confidence] for name, found in understood.evidence.items()
                },
                **self._metadata_columns(metadata),
            )
        )
        if understood.provisions:
            self._connection.execute(
                schema.provisions.insert(),
                [
                    {"document_key": key, "ordinal": ordinal, **asdict(provision)}
                    for ordinal, provision in enumerate(understood.provisions, 1)
                ],
            )

        relations.store(self._connection, key, understood.relations)

    @staticmethod
    def _metadata_columns(metadata: LegalMetadata) -> dict[str, str | None]:
        return metadata_values(metadata) | {"number_key": number_key(metadata.number) if metadata.number else None}

    @contextmanager
    def _changing(self, key: int) -> Iterator[None]:
        """Let the block change document `key` and number that change, and one of each document whose entries it concerns.

        Those are documents that it ended or ends, or that another text ends which now means another, and perhaps copies of it.
        """
        act, ended = others.act_of(self._connection, key), others.ended_by(self._connection, key)
        yield
        concerned = ended | relations.resolve_around(self._connection, key, act.number)
        concerned |= others.ended_by(self._connection, key)
        concerned |= others.after(self._connection, key, (act, others.act_of(self._connection, key)))
        for each in sorted(concerned - {key}):
            self._change(each)
        self._change(key)

    def _change(self, key: int) -> None:
        self._connection.execute(schema.changes.insert().values(document_key=key, at=_now()))

    def _write(
        self,
        found: FoundFile,
        declaration: Declaration,
        outcome: Outcome,
        key: int | None = None,
        stage: str | None = None,
        code: str | None = None,
        reason: str | None = None,
    ) -> None:
        now = _now()
        write_line(
            self._connection,
            LedgerLine(
                path=str(found.path),
                root=str(declaration.path),
                source=declaration.name,
                publishable=declaration.publishable,
                sha256=found.sha256 or None,
                size=found.size,
                mtime_ns=found.mtime_ns,
                outcome=outcome,
                stage=stage,
                code=code,
                reason=reason,
                document_key=key,
                first_seen=now,
                checked_at=now,
                missing_since=None,
            ),
        )
