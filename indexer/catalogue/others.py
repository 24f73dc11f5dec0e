"""What one document means for others: which are the same act, and whose entries in the index a change of one concerns."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa

from indexer.catalogue import schema
from indexer.catalogue.relations import ENDING
from indexer.legal.body_key import body_key
from indexer.model import Visibility

MOST = 20  # documents with one number, issuer and day are looked at as perhaps the same act
_READ = 100  # with one number and day, of all issuers
_relations, _documents, _metadata = schema.relations, schema.documents, schema.legal_metadata


class Act(NamedTuple):
    """By what documents may be the same act: number key, day of issue and printed issuer, None where one is unknown."""

    number: str | None
    day: str | None
    issuer: str | None


def act_of(connection: sa.Connection, key: int) -> Act:
    """Return what document `key` goes by at present."""
    columns = (_metadata.c.number_key, _metadata.c.issued_date, _metadata.c.issuer)
    query = sa.select(*columns).where(_metadata.c.document_key == key)
    row = connection.execute(query).one_or_none()
    return Act(*row) if row else Act(None, None, None)


def same_acts(connection: sa.Connection, key: int) -> list[int]:
    """Return the live documents with the number, issuer and day of document `key`, itself among them, public ones first, by key.

    For a public document only public ones count, so that an internal one changes nothing in what the public is told. Where there
    are more than MOST, the later ones are passed over.
    """
    rows = _with(connection, act_of(connection, key))
    own = next((row for row in rows if row.key == key), None)
    if own is None:
        return [key]
    return [row.key for row in rows if own.visibility in {row.visibility, Visibility.INTERNAL}]


def after(connection: sa.Connection, key: int, acts: Iterable[Act]) -> set[int]:
    """Return the documents that `same_acts` tells of document `key` among those before them, when it goes, or went, by `acts`."""
    rows = (row for act in set(acts) for row in _with(connection, act))
    return {row.key for row in rows if row.key > key or row.visibility != Visibility.PUBLIC} - {key}


def ended_by(connection: sa.Connection, key: int) -> set[int]:
    """Return the public documents of which document `key` says that it ends them, wholly or in part."""
    target = _relations.c.public_target_key
    query = sa.select(target).where(
        _relations.c.document_key == key, _relations.c.kind.in_(ENDING), _relations.c.passive.is_(False), target.is_not(None)
    )
    return set(connection.execute(query).scalars())


def _with(connection: sa.Connection, act: Act) -> list[sa.Row[Any, Any, Any]]:
    if act.number is None or act.day is None or act.issuer is None:
        return []
    query = (
        sa.select(_documents.c.key, _documents.c.visibility, _metadata.c.issuer)
        .join_from(_documents, _metadata)
        .where(_metadata.c.number_key == act.number, _metadata.c.issued_date == act.day)
        .where(_metadata.c.issuer.is_not(None), _documents.c.removed_at.is_(None))
        .order_by(_documents.c.visibility != Visibility.PUBLIC, _documents.c.key)
        .limit(_READ)
    )
    day = date.fromisoformat(act.day)
    body = body_key(act.issuer, day)
    return [row for row in connection.execute(query) if body_key(row.issuer, day) == body][:MOST]
