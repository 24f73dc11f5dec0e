"""Validity as the known documents tell it: from when, until when, and what ended a document, each with who says so.

A status is derived only where something ends or delays a document. That nothing here ends it does not mean that it is in force.
The whole is said to have ended only where the sentence that says so leaves no part out.
"""

import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from indexer.catalogue import schema
from indexer.catalogue.relations import ENDING, target_for
from indexer.catalogue.texts import unpack
from indexer.model import Said, Validity, Visibility

_NOT_YET, _PARTLY_ENDED, _ENDED = "Chưa có hiệu lực", "Hết hiệu lực một phần", "Hết hiệu lực toàn bộ"
_MOST = 20  # of those that say that they end a document, so many are read; the first that ends the whole decides
# bãi bỏ một số quy định tại Nghị định số ...; bãi bỏ các biểu mẫu số 92, 93 ban hành kèm theo Nghị quyết số ...
_OF_A_PART = re.compile(
    r"\b(?:một\s+(?:phần|số)|(?:các|những)\s+(?:quy\s+định|nội\s+dung|điều|khoản|điểm)|(?:biểu|mẫu|phụ\s+lục|cụm\s+từ)\b)",
    re.IGNORECASE,
)
_FIRST_NUMBER = re.compile(r"\bsố\s+\d")
_EXCEPT = re.compile(r"\btrừ\s+(?:các|những|trường|quy|nội|điều|khoản|điểm|phần|đối)", re.IGNORECASE)
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
    ended = _ended_by_another(connection, key, visible, row["issued_date"] or "", on)
    if expiry and expiry.day <= on and not (ended and ended[0] == _ENDED and ended[1].day <= expiry.day):
        ended = _ENDED, expiry
    return Validity(effective, expiry, *(ended or (None, None)))


def first_day_without(connection: sa.Connection, key: int) -> date | None:
    """Return the first day, past or to come, on which document `key` has no effect any more, as public documents tell it."""
    found = read(connection, key, {Visibility.PUBLIC}, date.max)
    return found.because.day if found.because and found.status == _ENDED else None


def _said(key: int, row: Mapping[Any, Any], name: str) -> Said | None:
    """Return a day of the document's metadata: as its text states it, unless a register states another."""
    if row[name] is None:
        return None
    evidence = row["evidence"].get(name)
    day = date.fromisoformat(row[name])
    if evidence and row["extracted"].get(name) == row[name]:
        return Said(day, key, (evidence[0], evidence[1]))
    return Said(day)


def _ended_by_another(
    connection: sa.Connection, key: int, visible: Collection[Visibility], issued: str, on: date
) -> tuple[str, Said] | None:
    """Return what the first document says that ended this one, after its day of issue and by a day: the whole before a part."""
    acting = _metadata.c.effective_date
    query = (
        sa.select(_relations, acting.label("acting"), schema.texts.c.text)
        .join(_documents, _documents.c.key == _relations.c.document_key)
        .join(_metadata, _metadata.c.document_key == _relations.c.document_key)
        .join(schema.texts, schema.texts.c.document_key == _relations.c.document_key)
        .where(
            target_for(visible) == key,
            _relations.c.kind.in_(ENDING),
            _relations.c.passive.is_(False),
            _documents.c.removed_at.is_(None),
            _documents.c.visibility.in_(visible),
            acting.between(issued, on.isoformat()),
        )
        .order_by(_relations.c.anchor != "", acting, _relations.c.document_key, _relations.c.ordinal)
        .limit(_MOST)
    )
    partly: list[Said] = []
    for row in connection.execute(query):
        said = Said(date.fromisoformat(row.acting), row.document_key, (row.sentence_start, row.sentence_end))
        if not row.anchor and not _leaves_a_part(unpack(row.document_key, row.text), row):
            return _ENDED, said
        partly.append(said)
    return (_PARTLY_ENDED, min(partly, key=lambda said: said.day)) if partly else None


def _leaves_a_part(text: str, row: sa.Row[tuple[object, ...]]) -> bool:
    """Say whether a sentence ends but a part, by what stands before the first document that it names, or after this one."""
    number = _FIRST_NUMBER.search(text, row.sentence_start, row.start)
    head = text[row.sentence_start : number.start() if number else row.start]
    return _OF_A_PART.search(head) is not None or _EXCEPT.search(text, row.end, row.sentence_end) is not None
