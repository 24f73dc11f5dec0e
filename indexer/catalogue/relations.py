"""Relations in the catalogue: what each document says that it does to others, and which documents these are.

A target is known by its number. Numbers are unique only within issuer and year, so a target is taken only where exactly one
document with the number is of the day that the citation states, or of its year where no day is stated, and, unless the symbol is
that of a national body, of the body that the citation names: the citing document's own where it names none. Bodies are compared
as identities, not as printed. What is indexed later resolves earlier rows.

Each row is resolved twice, among all documents and among public ones: an internal document with the number of a public one must
not put the public's links in doubt, for that would tell that it is here.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from analyzers.citations import number_key
from indexer.catalogue import schema
from indexer.legal.body_key import body_key, cited_body_key, has_one_body
from indexer.model import Relation, RelationKind, Target, Visibility

_relations, _documents, _metadata = schema.relations, schema.documents, schema.legal_metadata
ENDING = (RelationKind.REPLACES, RelationKind.REPEALS)
_YEAR_STATED = re.compile(r"[/-](?:19|20)\d\d[/-]")


@dataclass(frozen=True, slots=True)
class StoredRelation:
    """A relation from one document's side: `own` where its text states it, else the other's does.

    `other` is the other document's key, None where it is not here, in doubt, or not for this reader.
    """

    relation: Relation
    other: int | None
    own: bool


@dataclass(frozen=True, slots=True)
class RelationGroup:
    """Relations of one kind and direction: how many there are, and the first ones, or those of the page asked for.

    `received` says that the others do it to the document. What its own text states comes first, in order of place; then what
    others state, the newest first.
    """

    kind: RelationKind
    received: bool
    total: int
    relations: tuple[StoredRelation, ...]


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
        "issuer": relation.issuer,
    }


def number_of(connection: sa.Connection, key: int) -> str | None:
    """Return the number key by which document `key` is meant at present, None where it has none or is gone."""
    query = sa.select(_metadata.c.number_key).where(_metadata.c.document_key == key)
    number: str | None = connection.execute(query).scalar_one_or_none()
    return number


def resolve_around(connection: sa.Connection, key: int, before: str | None) -> set[int]:
    """Settle the targets of what document `key` states, and of what may mean it now or meant it when its number was `before`.

    Returns the documents of which the public is told something else about what ends them.
    """
    concerned: set[int | None] = set()
    numbers = {before, number_of(connection, key)} - {None}
    touched = (_relations.c.document_key == key, _relations.c.number_key.in_(numbers))
    query = (
        sa.select(_relations, _metadata.c.issuer.label("own_issuer"), _metadata.c.issued_date.label("own_day"))
        .join(_metadata, _metadata.c.document_key == _relations.c.document_key)
        .where(_relations.c.number_key.is_not(None), sa.or_(*touched))
    )
    rows = connection.execute(query).all()
    known = _candidates(connection, {row.number_key for row in rows})
    for row in rows:
        candidates = known.get(row.number_key, ())
        public = [candidate for candidate in candidates if candidate.visibility == Visibility.PUBLIC]
        targets = {"target_key": _target(row, candidates), "public_target_key": _target(row, public)}
        if (row.target_key, row.public_target_key) != tuple(targets.values()):
            place = (_relations.c.document_key == row.document_key, _relations.c.ordinal == row.ordinal)
            connection.execute(_relations.update().where(*place).values(targets))
            if row.kind in ENDING and not row.passive and row.public_target_key != targets["public_target_key"]:
                concerned |= {row.public_target_key, targets["public_target_key"]}
    return {each for each in concerned if each is not None}


_Candidate = sa.Row[tuple[int, str, str, str, str]]


def _candidates(connection: sa.Connection, keys: Collection[str]) -> Mapping[str, Sequence[_Candidate]]:
    """Return the live documents with each of these number keys."""
    found: dict[str, list[_Candidate]] = {}
    columns = (_metadata.c.document_key, _metadata.c.number_key, _metadata.c.issuer, _metadata.c.issued_date)
    for number in keys:
        query = (
            sa.select(*columns, _documents.c.visibility)
            .join(_documents, _documents.c.key == _metadata.c.document_key)
            .where(_metadata.c.number_key == number, _documents.c.removed_at.is_(None))
        )
        found[number] = list(connection.execute(query))
    return found


def _target(row: sa.Row[tuple[object, ...]], candidates: Iterable[_Candidate]) -> int | None:
    """Return the one document that a relation's row means, or None."""
    fitting = [candidate.document_key for candidate in candidates if _fits(row, candidate)]
    return fitting[0] if len(fitting) == 1 and fitting[0] != row.document_key else None


def _fits(row: sa.Row[tuple[object, ...]], candidate: _Candidate) -> bool:
    issued = candidate.issued_date
    if row.issued and issued:
        if row.issued != issued:
            return False
    elif row.year and issued:
        if int(issued[:4]) != row.year:
            return False
    elif _YEAR_STATED.search(row.number) is None:
        return False  # 1182/QĐ-UBND is given anew every year
    return has_one_body(row.number) or _is_of_the_body(row, candidate)


def _is_of_the_body(row: sa.Row[tuple[object, ...]], candidate: _Candidate) -> bool:
    """Say whether a document is of the body that a relation's row means."""
    own = body_key(row.own_issuer or "", _day(row.own_day))
    meant = cited_body_key(row.issuer, _day(row.issued), own)
    return bool(meant) and candidate.issuer is not None and meant == body_key(candidate.issuer, _day(candidate.issued_date))


def _day(stored: str | None) -> date | None:
    return date.fromisoformat(stored) if stored else None


def read(connection: sa.Connection, key: int, visible: Collection[Visibility], most: int) -> tuple[RelationGroup, ...]:
    """Return the relations of document `key` by kind and direction, of each at most `most`; the kinds in the model's order.

    Of other documents only live ones are told of that a reader of `visible` may see: of a hidden one neither what it says nor
    that it is here. What this document's own text prints of others stays.
    """
    told = _told(key, visible)
    group = (told.c.kind, told.c.received)
    numbered = sa.select(
        told,
        sa.func.count().over(partition_by=group).label("total"),
        sa.func.row_number().over(partition_by=group, order_by=_in_order(told)).label("place"),
    ).subquery()
    rows = connection.execute(sa.select(numbered).where(numbered.c.place <= most).order_by(numbered.c.place)).all()
    groups: dict[tuple[RelationKind, bool], list[sa.Row[tuple[object, ...]]]] = {}
    for row in rows:
        groups.setdefault((RelationKind(row.kind), row.received), []).append(row)
    kinds = list(RelationKind)
    return tuple(
        RelationGroup(kind, received, of_group[0].total, tuple(_stored(row) for row in of_group))
        for (kind, received), of_group in sorted(groups.items(), key=lambda item: (kinds.index(item[0][0]), item[0][1]))
    )


def read_group(
    connection: sa.Connection,
    key: int,
    visible: Collection[Visibility],
    kind: RelationKind,
    *,
    received: bool,
    offset: int,
    limit: int,
) -> RelationGroup:
    """Return one group of what `read` returns, from place `offset` on; with a total of 0 where there is none."""
    told = _told(key, visible)
    within = (told.c.kind == kind, told.c.received.is_(received))
    total = connection.execute(sa.select(sa.func.count()).select_from(told).where(*within)).scalar_one()
    page = sa.select(told).where(*within).order_by(*_in_order(told)).offset(offset).limit(limit)
    return RelationGroup(kind, received, total, tuple(_stored(row) for row in connection.execute(page)))


@dataclass(frozen=True, slots=True)
class Cited:
    """What several documents may cite alike: a number as it is compared, or a name, and the year that tells it from others."""

    number_key: str | None
    name: str | None
    year: int | None


def cited_by(connection: sa.Connection, keys: Collection[int]) -> dict[int, dict[Cited, str]]:
    """Return what each of these documents names in its text, with what it calls it: a number, else a name and perhaps a year."""
    columns = (_relations.c.document_key, _relations.c.number_key, _relations.c.number, _relations.c.name, _relations.c.year)
    query = (
        sa.select(*columns).where(_relations.c.document_key.in_(keys)).order_by(_relations.c.document_key, _relations.c.ordinal)
    )
    found: dict[int, dict[Cited, str]] = {}
    for key, compared, number, name, year in connection.execute(query).all():
        dated = bool(number and _YEAR_STATED.search(number))
        if compared and not dated and year is None:
            continue  # 1182/QĐ-UBND is given anew every year
        if compared:
            cited, shown = Cited(compared, None, None if dated else year), number
        elif name:
            cited, shown = Cited(None, name.casefold(), year), f"{name} {year or ''}".strip()
        else:
            continue
        found.setdefault(key, {}).setdefault(cited, shown)
    return found


def tied_to(connection: sa.Connection, key: int, visible: Collection[Visibility], others: Collection[int]) -> frozenset[int]:
    """Return those of `others` that document `key` names or that name it, as far as a reader of `visible` is told."""
    target = target_for(visible)
    query = sa.union(
        sa.select(target).where(_relations.c.document_key == key, target.in_(others)),
        sa.select(_relations.c.document_key).where(target == key, _relations.c.document_key.in_(others)),
    )
    return frozenset(connection.execute(query).scalars())


def target_for(visible: Collection[Visibility]) -> sa.Column[int]:
    """Return the column with the target that a reader of `visible` is told of."""
    return _relations.c.public_target_key if set(visible) == {Visibility.PUBLIC} else _relations.c.target_key


def _told(key: int, visible: Collection[Visibility]) -> sa.Subquery:
    """Return the rows of what document `key` states and of what visible documents state of it."""
    target = target_for(visible)
    shown = sa.and_(_documents.c.removed_at.is_(None), _documents.c.visibility.in_(visible))
    own = (
        sa.select(
            *_relations.c,
            _documents.c.key.label("other"),
            sa.true().label("own"),
            _relations.c.passive.label("received"),
            sa.literal("").label("dated"),
        )
        .join(_metadata, _metadata.c.document_key == _relations.c.document_key)
        .outerjoin(_documents, sa.and_(_documents.c.key == target, shown))
        .where(_relations.c.document_key == key, _of_another())
    )
    others = (
        sa.select(
            *_relations.c,
            _documents.c.key.label("other"),
            sa.false().label("own"),
            sa.not_(_relations.c.passive).label("received"),
            sa.func.coalesce(_metadata.c.issued_date, "").label("dated"),
        )
        .join(_documents, sa.and_(_documents.c.key == _relations.c.document_key, shown))
        .join(_metadata, _metadata.c.document_key == _relations.c.document_key)
        .where(target == key)
    )
    return sa.union_all(own, others).subquery()


def _of_another() -> sa.ColumnElement[bool]:
    """Leave out where a text prints its own number, which a register may know and the header's reader not have found."""
    issued = _metadata.c.issued_date
    return sa.or_(
        _relations.c.number_key.is_distinct_from(_metadata.c.number_key),
        _relations.c.number_key.is_(None),
        _relations.c.issued != issued,
        _relations.c.year != sa.cast(sa.func.substr(issued, 1, 4), sa.Integer),
    )


def _in_order(told: sa.Subquery) -> tuple[sa.ColumnElement[object], ...]:
    return (told.c.own.desc(), told.c.dated.desc(), told.c.document_key, told.c.ordinal)


def _stored(row: sa.Row[tuple[object, ...]]) -> StoredRelation:
    target = Target(row.number, row.name, row.year, _day(row.issued), row.anchor)
    sentence = (row.sentence_start, row.sentence_end)
    relation = Relation(RelationKind(row.kind), target, row.start, row.end, sentence, bool(row.passive), row.issuer)
    return StoredRelation(relation, row.other, bool(row.own))
