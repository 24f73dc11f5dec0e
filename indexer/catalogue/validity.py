"""Validity as the known documents tell it: from when, until when, and what ended a document, each with who says so.

A status is derived only where something ends or delays a document. That nothing here ends it does not mean that it is in force.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from indexer.catalogue import schema
from indexer.catalogue.relations import target_for
from indexer.model import RelationKind, Said, Validity, Visibility

_NOT_YET, _PARTLY_ENDED, _ENDED = "Chưa có hiệu lực", "Hết hiệu lực một phần", "Hết hiệu lực toàn bộ"
_relations, _documents, _metadata = schema.relations, schema.documents, schema.legal_metadata


def read(connection: sa.Connection, key: int, visible: Collection[Visibility], on: date) -> Validity:
    """Return the validity of document `key` on a day, as far as documents tell it that a reader of `visible` may see.

    A document that ends another acts from its own day of effect; one that does not tell that day is passed over.
    """
    query = sa.select(_metadata).where(_metadata.c.document_key == key)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return Validity()
    effective, expiry = (_said(key, row, name) for name in ("effective_date", "expiry_date"))
    if effective and effective.day > on:
        return Validity(effective, expiry, _NOT_YET, effective)
    ended = _ended_by_another(connection, key, visible, on)
    if expiry and expiry.day <= on and not (ended and ended[0] == _ENDED and ended[1].day <= expiry.day):
        ended = _ENDED, expiry
    return Validity(effective, expiry, *(ended or (None, None)))


def _said(key: int, row: Mapping[Any, Any], name: str) -> Said | None:
    """Return a day of the document's metadata: as its text states it, unless a register states another."""
    if row[name] is None:
        return None
    evidence = row["evidence"].get(name)
    day = date.fromisoformat(row[name])
    if evidence and row["extracted"].get(name) == row[name]:
        return Said(day, key, (evidence[0], evidence[1]))
    return Said(day)


def _ended_by_another(connection: sa.Connection, key: int, visible: Collection[Visibility], on: date) -> tuple[str, Said] | None:
    """Return what the first document says that ended this one by a day: the whole of it before a part."""
    acting = _metadata.c.effective_date
    query = (
        sa.select(_relations, acting.label("acting"))
        .join(_documents, _documents.c.key == _relations.c.document_key)
        .join(_metadata, _metadata.c.document_key == _relations.c.document_key)
        .where(
            target_for(visible) == key,
            _relations.c.kind.in_((RelationKind.REPLACES, RelationKind.REPEALS)),
            _relations.c.passive.is_(False),
            _documents.c.removed_at.is_(None),
            _documents.c.visibility.in_(visible),
            acting <= on.isoformat(),
        )
        .order_by(_relations.c.anchor != "", acting, _relations.c.document_key, _relations.c.ordinal)
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    said = Said(date.fromisoformat(row.acting), row.document_key, (row.sentence_start, row.sentence_end))
    return (_PARTLY_ENDED if row.anchor else _ENDED), said
