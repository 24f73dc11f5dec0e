"""Relations in the catalogue: what each document says that it does to others, and which documents these are.

A target is known by its number. Numbers are unique only within issuer and year, so a target is taken only where exactly one
document with the number is of the day that the citation states; where no day is stated, of its year, and of the citing document's
issuer unless the symbol is that of a national body. What is indexed later resolves earlier rows.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from analyzers.citations import number_key
from indexer.catalogue import schema
from indexer.model import Relation, RelationKind, Target, Validity, Visibility

_relations, _documents, _metadata = schema.relations, schema.documents, schema.legal_metadata
# Symbols of bodies that there is one of in the country: NĐ-CP, QĐ-TTg, QH15, TT-BTC; every other body counts for itself.
_NATIONAL = re.compile(
    r"[-/](?:CP|TTg|CTN|L|(?:UBTV)?QH\d{1,2}|B(?!QL|CĐ|TV)[A-ZĐ&]{2,9}|NHNN|TTCP|VPCP|VPQH|TANDTC|VKSNDTC|KTNN|HĐTP|UBDT)$"
)
_YEAR_STATED = re.compile(r"[/-](?:19|20)\d\d[/-]")


@dataclass(frozen=True, slots=True)
class StoredRelation:
    """A relation as the catalogue knows it, from one document's side; `other` is the other document's id, None if not here."""

    relation: Relation
    other: str | None


@dataclass(frozen=True, slots=True)
class Relations:
    """Both ways: what a document says of others, in order of place, and what others say of it, by their keys."""

    outgoing: tuple[StoredRelation, ...]
    incoming: tuple[StoredRelation, ...]


def store(connection: sa.Connection, key: int, relations: Sequence[Relation]) -> None:
    """Keep the relations that document `key` states; `resolve_around` must follow."""
    if relations:
        connection.execute(_relations.insert(), [_row(key, ordinal, relation) for ordinal, relation in enumerate(relations, 1)])


def _row(key: int, ordinal: int, relation: Relation) -> dict[str, object]:
    target = relation.target
    return {
        "document_key": key,
        "ordinal": ordinal,
        "kind": relation.kind,
        "passive": relation.passive,
        "number_key": number_key(target.number) if target.number else None,
        "number": target.number,
        "name": target.name,
        "year": target.year,
        "issued": target.issued.isoformat() if target.issued else None,
        "anchor": target.anchor,
        "start": relation.start,
        "end": relation.end,
        "sentence_start": relation.sentence[0],
        "sentence_end": relation.sentence[1],
    }


def number_of(connection: sa.Connection, key: int) -> str | None:
    """Return the number key by which document `key` is meant at present, None where it has none or is gone."""
    query = sa.select(_metadata.c.number_key).where(_metadata.c.document_key == key)
    number: str | None = connection.execute(query).scalar_one_or_none()
    return number


def resolve_around(connection: sa.Connection, key: int, before: str | None) -> None:
    """Settle the targets of what document `key` states, and of what may mean it now or meant it when its number was `before`."""
    numbers = {before, number_of(connection, key)} - {None}
    touched = (_relations.c.document_key == key, _relations.c.number_key.in_(numbers))
    query = (
        sa.select(_relations, _metadata.c.issuer)
        .join(_metadata, _metadata.c.document_key == _relations.c.document_key)
        .where(_relations.c.number_key.is_not(None), sa.or_(*touched))
    )
    rows = connection.execute(query).all()
    known = _candidates(connection, {row.number_key for row in rows})
    for row in rows:
        target = _target(row, known.get(row.number_key, ()))
        if target != row.target_key:
            place = (_relations.c.document_key == row.document_key, _relations.c.ordinal == row.ordinal)
            connection.execute(_relations.update().where(*place).values(target_key=target))


def _candidates(connection: sa.Connection, keys: Collection[str]) -> Mapping[str, Sequence[sa.Row[tuple[int, str, str, str]]]]:
    """Return the live documents with each of these number keys."""
    found: dict[str, list[sa.Row[tuple[int, str, str, str]]]] = {}
    for number in keys:
        query = (
            sa.select(_metadata.c.document_key, _metadata.c.number_key, _metadata.c.issuer, _metadata.c.issued_date)
            .join(_documents, _documents.c.key == _metadata.c.document_key)
            .where(_metadata.c.number_key == number, _documents.c.removed_at.is_(None))
        )
        found[number] = list(connection.execute(query))
    return found


def _target(row: sa.Row[tuple[object, ...]], candidates: Iterable[sa.Row[tuple[int, str, str, str]]]) -> int | None:
    """Return the one document that a relation's row means, or None."""
    fitting = [candidate.document_key for candidate in candidates if _fits(row, candidate)]
    return fitting[0] if len(fitting) == 1 and fitting[0] != row.document_key else None


def _fits(row: sa.Row[tuple[object, ...]], candidate: sa.Row[tuple[int, str, str, str]]) -> bool:
    issued = candidate.issued_date
    if row.issued and issued:
        return bool(row.issued == issued)
    if row.year and issued and int(issued[:4]) != row.year:
        return False
    stated = _YEAR_STATED.search(row.number) is not None
    if not stated and not (row.year and issued):
        return False  # 1182/QĐ-UBND is given anew every year
    return _NATIONAL.search(row.number) is not None or (row.issuer is not None and row.issuer == candidate.issuer)


def read(connection: sa.Connection, key: int, visible: Collection[Visibility]) -> Relations:
    """Return the relations of document `key`; of other documents only live ones are named that a reader of `visible` may see."""
    other = sa.and_(_documents.c.removed_at.is_(None), _documents.c.visibility.in_(visible))
    outgoing = (
        sa.select(_relations, _documents.c.id)
        .outerjoin(_documents, sa.and_(_documents.c.key == _relations.c.target_key, other))
        .where(_relations.c.document_key == key)
        .order_by(_relations.c.ordinal)
    )
    incoming = (
        sa.select(_relations, _documents.c.id)
        .join(_documents, sa.and_(_documents.c.key == _relations.c.document_key, other))
        .where(_relations.c.target_key == key)
        .order_by(_relations.c.document_key, _relations.c.ordinal)
    )
    return Relations(*(tuple(_stored(row) for row in connection.execute(query)) for query in (outgoing, incoming)))


def _stored(row: sa.Row[tuple[object, ...]]) -> StoredRelation:
    issued = date.fromisoformat(row.issued) if row.issued else None
    target = Target(row.number, row.name, row.year, issued, row.anchor)
    sentence = (row.sentence_start, row.sentence_end)
    return StoredRelation(Relation(RelationKind(row.kind), target, row.start, row.end, sentence, row.passive), row.id)


_NOT_YET, _PARTLY_ENDED, _ENDED = "Chưa có hiệu lực", "Hết hiệu lực một phần", "Hết hiệu lực toàn bộ"


def derive_validity(connection: sa.Connection, key: int, visible: Collection[Visibility], on: date) -> Validity | None:
    """Return what the known documents say of the validity of document `key` on a day; None where nothing ends or delays it.

    That nothing here ends a document does not mean that it is in force, so this is never derived. A document acts from its own
    day of effect; one that does not tell it is passed over.
    """
    query = sa.select(_metadata.c.effective_date, _metadata.c.expiry_date).where(_metadata.c.document_key == key)
    own = connection.execute(query).one_or_none()
    if own is None:
        return None
    if own.effective_date and date.fromisoformat(own.effective_date) > on:
        return Validity(_NOT_YET, date.fromisoformat(own.effective_date))
    ended = [validity for validity in _ended_by_others(connection, key, visible) if validity.since <= on]
    if own.expiry_date and date.fromisoformat(own.expiry_date) < on:  # on that day itself "đến hết ngày" still binds
        ended.append(Validity(_ENDED, date.fromisoformat(own.expiry_date)))
    wholly = [validity for validity in ended if validity.status == _ENDED]
    return min(wholly or ended, key=lambda validity: validity.since, default=None)


def _ended_by_others(connection: sa.Connection, key: int, visible: Collection[Visibility]) -> Iterator[Validity]:
    acting = _metadata.c.effective_date.label("acting")
    query = (
        sa.select(_relations.c.anchor, _documents.c.id, acting)
        .join(_documents, _documents.c.key == _relations.c.document_key)
        .join(_metadata, _metadata.c.document_key == _relations.c.document_key)
        .where(
            _relations.c.target_key == key,
            _relations.c.kind.in_((RelationKind.REPLACES, RelationKind.REPEALS)),
            _relations.c.passive.is_(False),
            _documents.c.removed_at.is_(None),
            _documents.c.visibility.in_(visible),
            acting.is_not(None),
        )
        .order_by(_relations.c.document_key, _relations.c.ordinal)
    )
    for row in connection.execute(query):
        yield Validity(_PARTLY_ENDED if row.anchor else _ENDED, date.fromisoformat(row.acting), row.id)
