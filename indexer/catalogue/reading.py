"""Reading the catalogue: documents, texts, provisions, originals, changes. Safe from many threads; nothing here writes."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

import sqlalchemy as sa

from indexer.catalogue import database, others, relations, schema, validity
from indexer.catalogue.ledger import Declaration, LedgerLine, Outcome, select_lines, under
from indexer.catalogue.relations import Cited, RelationGroup
from indexer.catalogue.texts import unpack
from indexer.errors import CatalogueDamaged, IndexMissing, UnknownDocument
from indexer.legal.personal import mask
from indexer.model import (
    METADATA_FIELDS,
    Canonical,
    Document,
    Evidence,
    Kind,
    LegalMetadata,
    Provision,
    RelationKind,
    Step,
    Validity,
    Visibility,
)

_DATES = frozenset(name for name in METADATA_FIELDS if name.endswith("_date"))
_BATCH = 500  # keys in one statement; SQLite takes at least 999 parameters

_Key = TypeVar("_Key")
_documents = schema.documents
_live = _documents.c.removed_at.is_(None)
_DOCUMENT = sa.select(
    *(_documents.c[name] for name in ("key", "id", "kind", "source", "site", "visibility", "format", "page_count")),
    *(schema.legal_metadata.c[name] for name in METADATA_FIELDS),
).join_from(_documents, schema.legal_metadata)
_NAMES = (  # made once: it is asked at every letter that somebody types
    sa.select(
        *(_documents.c[name] for name in ("key", "id", "visibility")),
        *(schema.legal_metadata.c[name] for name in ("number", "title", "type")),
    )
    .join_from(_documents, schema.legal_metadata)
    .where(_live, _documents.c.key.in_(sa.bindparam("keys", expanding=True)))
)
_LAST = "\U0010ffff"  # sorts after whatever a string goes on with


@dataclass(frozen=True, slots=True)
class Original:
    """The file that a document was read from, as it was then; the disk may have changed since."""

    path: Path
    sha256: str
    size: int
    format: str


@dataclass(frozen=True, slots=True)
class Registered:
    """A document's identity for people, what its own text states, and what the portal's register states."""

    id: str
    number: str | None
    path: str
    extracted: LegalMetadata
    registered: LegalMetadata


class Name(NamedTuple):
    """What a live document is called, personal identifiers masked, and who may see it."""

    id: str
    number: str | None
    title: str | None
    type: str | None
    visibility: Visibility


def metadata_from(values: dict[str, str | None]) -> LegalMetadata:
    """Return metadata from stored strings; dates are in ISO form."""
    return LegalMetadata(
        **{  # type: ignore[arg-type]  # a str or a date, by the field's name
            name: date.fromisoformat(value) if value and name in _DATES else value
            for name, value in values.items()
            if name in METADATA_FIELDS
        }
    )


def metadata_values(metadata: LegalMetadata) -> dict[str, str | None]:
    """Return metadata as strings to store; the reverse of `metadata_from`."""
    values = {name: getattr(metadata, name) for name in METADATA_FIELDS}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _document(row: sa.Row[Any], *, masked: bool) -> Document:
    values = row._asdict()
    document = Document(
        key=row.key,
        id=row.id,
        metadata=metadata_from(values),
        kind=Kind(row.kind),
        source=row.source,
        site=row.site,
        visibility=Visibility(row.visibility),
        format=row.format,
        page_count=row.page_count,
    )
    return _masked_document(document) if masked else document


def _masked_document(document: Document) -> Document:
    """Return a document whose metadata show no personal identifier."""
    stated = metadata_values(document.metadata)
    shown = {name: mask(value) if value and name not in _DATES else value for name, value in stated.items()}
    return replace(document, metadata=metadata_from(shown))


class Catalogue:
    """The catalogue of one data folder, for reading."""

    def __init__(self, engine: sa.Engine, path: Path) -> None:
        self._engine = engine
        self.path = path

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open an existing catalogue. Raises IndexMissing, CatalogueTooNew, CatalogueOutdated, CatalogueDamaged."""
        if not path.is_file():
            raise IndexMissing(f"Chưa có gì trong thư mục dữ liệu {path.parent}: chạy `congbao index`.")
        return cls(database.open_checked(path, database.check_version), path)

    @contextmanager
    def _connect(self) -> Iterator[sa.Connection]:
        with database.plain_errors(self.path), self._engine.connect() as connection:
            yield connection

    def close(self) -> None:
        """Release the connections."""
        self._engine.dispose()

    def get(self, document_id: str, *, masked: bool = False) -> Document | None:
        """Return the live document with this id, or None; on demand with personal identifiers in its metadata masked."""
        with self._connect() as connection:
            row = connection.execute(_DOCUMENT.where(_live, _documents.c.id == document_id)).one_or_none()
        return _document(row, masked=masked) if row else None

    def key_of(self, document_id: str) -> int | None:
        """Return the key of the document with this id, live or removed, or None."""
        with self._connect() as connection:
            key: int | None = connection.execute(
                sa.select(_documents.c.key).where(_documents.c.id == document_id)
            ).scalar_one_or_none()
        return key

    def get_many(self, keys: Iterable[int], *, masked: bool = False) -> dict[int, Document]:
        """Return the live documents among `keys`, as `get` does; those that are gone are left out."""
        found: dict[int, Document] = {}
        with self._connect() as connection:
            for some in _batches(list(keys)):
                rows = connection.execute(_DOCUMENT.where(_live, _documents.c.key.in_(some)))
                found.update((row.key, _document(row, masked=masked)) for row in rows)
        return found

    def names(self, keys: Iterable[int]) -> dict[int, Name]:
        """Return what the live documents among `keys` are called: a tenth of what `get_many` costs."""
        found: dict[int, Name] = {}
        with self._connect() as connection:
            for some in _batches(list(keys)):
                for key, id_, visibility, *shown in connection.execute(_NAMES, {"keys": some}).all():
                    number, title, type_ = (mask(value) if value else None for value in shown)
                    found[key] = Name(id_, number, title, type_, Visibility(visibility))
        return found

    def numbers_from(self, start: str, visible: Collection[Visibility], most: int) -> dict[int, str]:
        """Return live documents whose number's key goes on from `start`, with that key: the last ones by key, newest first."""
        table = schema.legal_metadata
        query = (
            sa.select(table.c.document_key, table.c.number_key, table.c.issued_date)
            .join_from(table, _documents)
            .where(table.c.number_key > start, table.c.number_key < start + _LAST, _live, _documents.c.visibility.in_(visible))
            .order_by(table.c.number_key.desc())
            .limit(most)
        )
        with self._connect() as connection:
            rows = sorted(connection.execute(query), key=lambda row: row.issued_date or "", reverse=True)
        return {row.document_key: row.number_key for row in rows}

    def headings(self, places: Iterable[tuple[int, int]]) -> dict[tuple[int, int], str]:
        """Return the headings of provisions, each named by its document's key and its ordinal, personal identifiers masked."""
        table, wanted = schema.provisions, set(places)
        query = sa.select(table.c.document_key, table.c.ordinal, table.c.heading)
        with self._connect() as connection:
            return {
                (key, ordinal): mask(heading)
                for some in _batches(list(wanted))
                for key, ordinal, heading in connection.execute(
                    query.where(sa.tuple_(table.c.document_key, table.c.ordinal).in_(some))
                )
            }

    def canonical(self, key: int, *, masked: bool = False) -> Canonical:
        """Return a live document's canonical text, on demand with personal identifiers masked.

        Raises UnknownDocument, CatalogueDamaged.
        """
        with self._connect() as connection:
            row = connection.execute(sa.select(schema.texts).where(schema.texts.c.document_key == key)).one_or_none()
        if row is None:
            raise UnknownDocument(f"Không có văn bản với khóa {key} trong cơ sở dữ liệu.")
        text = unpack(key, row.text)
        return Canonical(
            mask(text, row.personal) if masked else text, tuple(row.page_starts), tuple(Step(*step) for step in row.steps)
        )

    def masked_texts(self, keys: Iterable[int]) -> dict[int, str]:
        """Return the canonical texts of the live documents among `keys`, personal identifiers masked. Raises CatalogueDamaged."""
        table = schema.texts
        with self._connect() as connection:
            return {
                key: mask(unpack(key, stored), personal)
                for some in _batches(list(keys))
                for key, stored, personal in connection.execute(
                    sa.select(table.c.document_key, table.c.text, table.c.personal).where(table.c.document_key.in_(some))
                )
            }

    def provisions(self, key: int, *, masked: bool = False) -> tuple[Provision, ...]:
        """Return a document's provisions in reading order; none where it has none or is gone."""
        return self.provisions_of([key], masked=masked).get(key, ())

    def provisions_of(self, keys: Iterable[int], *, masked: bool = False) -> dict[int, tuple[Provision, ...]]:
        """Return the provisions in reading order of those documents among `keys` that have any.

        On demand with personal identifiers in their headings masked.
        """
        table = schema.provisions
        columns = (table.c.document_key, table.c.anchor, table.c.label, table.c.heading, table.c.start, table.c.end)
        query = sa.select(*columns).order_by(table.c.document_key, table.c.ordinal)
        found: dict[int, list[Provision]] = {}
        with self._connect() as connection:
            for some in _batches(list(keys)):
                for key, anchor, label, heading, *span in connection.execute(query.where(table.c.document_key.in_(some))):
                    shown = mask(heading) if masked else heading
                    found.setdefault(key, []).append(Provision(anchor, label, shown, *span))
        return {key: tuple(provisions) for key, provisions in found.items()}

    def registered(self) -> list[Registered]:
        """Return what text and register state of each live document that a register speaks of, by its first path."""
        table, files = schema.legal_metadata, schema.files
        query = (
            sa.select(
                _documents.c.id, table.c.number, table.c.extracted, table.c.registered, sa.func.min(files.c.path).label("path")
            )
            .join_from(_documents, table)
            .join(files, files.c.document_key == _documents.c.key)
            .where(_live)
            .group_by(_documents.c.key)
            .order_by("path")
        )
        with self._connect() as connection:
            return [
                Registered(row.id, row.number, row.path, metadata_from(row.extracted), metadata_from(row.registered))
                for row in connection.execute(query)
                if row.registered
            ]

    def relations_of(self, key: int, visible: Collection[Visibility], most: int) -> tuple[RelationGroup, ...]:
        """Return what a document says of others and others of it, at most `most` of a kind and direction, with their totals.

        Of others only those are told of that a reader of `visible` may see.
        """
        with self._connect() as connection:
            return relations.read(connection, key, visible, most)

    def relation_group(
        self, key: int, visible: Collection[Visibility], kind: RelationKind, *, received: bool, offset: int, limit: int
    ) -> RelationGroup:
        """Return one kind and direction of `relations_of`, from place `offset` on."""
        with self._connect() as connection:
            return relations.read_group(connection, key, visible, kind, received=received, offset=offset, limit=limit)

    def cited_by(self, keys: Collection[int]) -> dict[int, dict[Cited, str]]:
        """Return what each of some hundred documents names in its text, with what it calls it."""
        with self._connect() as connection:
            return relations.cited_by(connection, keys)

    def tied_to(self, key: int, visible: Collection[Visibility], others: Collection[int]) -> frozenset[int]:
        """Return those of `others` that document `key` names or that name it, as far as a reader of `visible` is told."""
        with self._connect() as connection:
            return relations.tied_to(connection, key, visible, others)

    def copies_among(self, key: int, others: Collection[int]) -> frozenset[int]:
        """Return those of `others` that hold letter by letter the text of document `key`."""
        texts = schema.texts
        own = sa.select(texts.c.text).where(texts.c.document_key == key).scalar_subquery()
        query = sa.select(texts.c.document_key).where(texts.c.document_key.in_(others), texts.c.text == own)
        with self._connect() as connection:
            return frozenset(connection.execute(query).scalars())

    def validity_of(self, key: int, visible: Collection[Visibility], on: date) -> Validity:
        """Return what document `key` and others that a reader of `visible` may see say of its validity on a day."""
        with self._connect() as connection:
            return validity.read(connection, key, visible, on)

    def first_day_without(self, key: int) -> date | None:
        """Return the first day on which document `key` has no effect any more, as public documents tell it."""
        with self._connect() as connection:
            return validity.first_day_without(connection, key)

    def same_acts(self, key: int) -> list[int]:
        """Return the documents with the number, issuer and day of document `key`, itself among them, as `others` orders them."""
        with self._connect() as connection:
            return others.same_acts(connection, key)

    def evidence(self, key: int) -> dict[str, Evidence]:
        """Return where each extracted field was read."""
        query = sa.select(schema.legal_metadata.c.evidence).where(schema.legal_metadata.c.document_key == key)
        with self._connect() as connection:
            stored = connection.execute(query).scalar_one_or_none() or {}
        return {name: Evidence(*values) for name, values in stored.items()}

    def original(self, key: int) -> Original | None:
        """Return the file that document `key` was read from; a present one before one that vanished, then the first path."""
        files = schema.files
        query = (
            sa.select(files.c.path, files.c.sha256, files.c.size, _documents.c.format)
            .join_from(files, _documents)
            .where(files.c.document_key == key, files.c.outcome.in_((Outcome.INDEXED, Outcome.FAILED)))  # a scan fails to be read
            .where(files.c.sha256 == _documents.c.sha256)
            .order_by(files.c.missing_since.is_not(None), files.c.path)
        )
        with self._connect() as connection:
            row = connection.execute(query).first()
        return Original(Path(row.path), row.sha256, row.size, row.format) if row else None

    def last_change(self) -> int:
        """Return the number of the newest change; 0 in an empty catalogue."""
        with self._connect() as connection:
            return connection.execute(sa.select(sa.func.max(schema.changes.c.number))).scalar_one() or 0

    def changed_since(self, number: int) -> list[tuple[int, int]]:
        """Return (change number, document key) of each document's newest change after `number`, in order of number."""
        newest = sa.func.max(schema.changes.c.number)
        query = (
            sa.select(newest, schema.changes.c.document_key)
            .where(schema.changes.c.number > number)
            .group_by(schema.changes.c.document_key)
            .order_by(newest)
        )
        with self._connect() as connection:
            return [(row[0], row[1]) for row in connection.execute(query)]

    def live_keys(self) -> list[int]:
        """Return the keys of all live documents, ascending."""
        with self._connect() as connection:
            return list(connection.execute(sa.select(_documents.c.key).where(_live).order_by(_documents.c.key)).scalars())

    def ledger(self, *outcomes: Outcome) -> list[LedgerLine]:
        """Return the ledger's lines with one of `outcomes`, or all of them, by path."""
        with self._connect() as connection:
            return select_lines(connection, *([schema.files.c.outcome.in_(outcomes)] if outcomes else []))

    def knows(self, path: Path) -> bool:
        """Tell whether the ledger has a line at or below `path`."""
        with self._connect() as connection:
            return connection.execute(sa.select(schema.files.c.path).where(under(path)).limit(1)).first() is not None

    def outcomes(self) -> dict[str, int]:
        """Count the ledger's lines by outcome, every outcome named, and under "missing" those whose file has vanished."""
        files = schema.files
        by_outcome = sa.select(files.c.outcome, sa.func.count()).group_by(files.c.outcome)
        vanished = sa.select(sa.func.count()).select_from(files).where(files.c.missing_since.is_not(None))
        with self._connect() as connection:
            counted = {row[0]: row[1] for row in connection.execute(by_outcome)}
            missing = connection.execute(vanished).scalar_one()
        return {outcome.value: counted.get(outcome, 0) for outcome in Outcome} | {"missing": missing}

    def declarations(self) -> list[Declaration]:
        """Return what was declared of each folder so far, by path."""
        with self._connect() as connection:
            rows = connection.execute(sa.select(schema.sources).order_by(schema.sources.c.path)).all()
        return [
            Declaration(Path(row.path), row.name, row.publishable, Visibility(row.visibility), Kind(row.kind), row.site)
            for row in rows
        ]

    def verify(self) -> list[str]:
        """Read everything and return what is wrong, one Vietnamese sentence each; empty when sound."""
        try:
            return list(self._problems())
        except CatalogueDamaged as error:
            return [str(error)]

    def _problems(self) -> Iterator[str]:
        indexed = sa.select(schema.files.c.document_key).where(schema.files.c.document_key.is_not(None))
        orphaned = sa.select(_documents.c.id).where(_live, _documents.c.key.not_in(indexed))
        dead = (
            sa.select(schema.files.c.path)
            .join_from(schema.files, _documents)
            .where(schema.files.c.outcome == Outcome.INDEXED, _documents.c.removed_at.is_not(None))
        )
        with self._connect() as connection:
            for row in connection.exec_driver_sql("PRAGMA integrity_check"):
                if row[0] != "ok":
                    yield f"Cơ sở dữ liệu: {row[0]}"
            for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
                yield f"Cơ sở dữ liệu: bảng {row[0]} trỏ tới dòng không có."
            for document_id in connection.execute(orphaned).scalars():
                yield f"Văn bản {document_id} không còn dòng nào trong sổ."
            for path in connection.execute(dead).scalars():
                yield f"Sổ ghi {path} đã lập chỉ mục nhưng văn bản đã bị gỡ."
        for key in self.live_keys():
            yield from self._verify_text(key)

    def _verify_text(self, key: int) -> Iterator[str]:
        try:
            length = len(self.canonical(key).text)
        except (CatalogueDamaged, UnknownDocument) as error:
            yield str(error)
            return
        if any(not 0 <= provision.start <= provision.end <= length for provision in self.provisions(key)):
            yield f"Văn bản có khóa {key}: một điều nằm ngoài nội dung."


def _batches(keys: Sequence[_Key]) -> Iterator[Sequence[_Key]]:
    for start in range(0, len(keys), _BATCH):
        yield keys[start : start + _BATCH]
