"""What is known of a document besides itself: its relations to others and its validity, within the reader's rights.

What this document's own text prints of another stays, whoever may see that other; everything else of it is shown only to who may.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone

from indexer.catalogue.relations import RelationGroup, StoredRelation
from indexer.model import Document, Said, Visibility
from search_api import render
from search_api.params import Direction, RelationsParams
from search_api.plan import PUBLIC
from search_api.services import Library

MOST = 10  # of each kind and direction with a document; the rest is paged
_AT_ONCE = 10  # documents whose texts are in memory together
_HERE = timezone(timedelta(hours=7))  # days of validity are Vietnam's

_Others = Mapping[int, Document]


def today() -> date:
    """Return the present day in Vietnam."""
    return datetime.now(_HERE).date()


def whole_document(library: Library, document: Document, visible: frozenset[Visibility] = PUBLIC) -> render.DocumentAnswer:
    """Return a document with its text, its articles and what is known of it besides. Raises UnknownDocument."""
    canonical = library.canonical(document.key, masked=True)
    return render.document_answer(
        document,
        canonical,
        library.provisions(document.key, masked=True),
        validity_of(library, document, canonical.text, today(), visible),
        relations_of(library, document, canonical.text, visible),
    )


def relations_of(
    library: Library, document: Document, text: str, visible: frozenset[Visibility] = PUBLIC
) -> tuple[render.RelationGroupItem, ...]:
    """Return the relations of a document, whose masked text is `text`, by kind and direction, of each the first MOST."""
    groups = library.relations_of(document.key, visible, MOST)
    items = _items(library, text, [relation for group in groups for relation in group.relations], visible)
    return tuple(
        render.RelationGroupItem(
            kind=group.kind,
            direction=_direction(group),
            total=group.total,
            items=tuple(item for relation in group.relations if (item := items.get(relation))),
        )
        for group in groups
    )


def relations_page(
    library: Library, document: Document, params: RelationsParams, visible: frozenset[Visibility] = PUBLIC
) -> render.RelationsAnswer:
    """Return one page of the relations of one kind and direction."""
    group = library.relation_group(
        document.key,
        visible,
        params.kind,
        received=params.direction is Direction.IN,
        offset=(params.page - 1) * params.size,
        limit=params.size,
    )
    text = library.canonical(document.key, masked=True).text if any(relation.own for relation in group.relations) else ""
    items = _items(library, text, group.relations, visible)
    return render.RelationsAnswer(
        kind=group.kind,
        direction=_direction(group),
        total=group.total,
        items=tuple(item for relation in group.relations if (item := items.get(relation))),
        page=render.page_of(params.page, params.size, group.total),
    )


def validity_of(
    library: Library, document: Document, text: str, on: date, visible: frozenset[Visibility] = PUBLIC
) -> render.ValidityItem:
    """Return what is known of a document's validity on a day, with who says so; `text` is its masked text."""
    found = library.validity_of(document.key, visible, on)
    said = [one for one in (found.effective, found.expiry, found.because) if one]
    others = _visible(library, {one.key for one in said if one.key is not None} - {document.key}, visible)
    texts = {document.key: text, **library.masked_texts(others)}

    def day(one: Said | None) -> render.ValidityDay | None:
        return render.ValidityDay(day=one.day, source=_source(one, document, others, texts)) if one else None

    derived = found.because if found.because and (found.because.key is None or found.because.key in texts) else None
    return render.ValidityItem(
        on=on,
        status=found.status if derived else None,
        since=derived.day if derived else None,
        source=_source(derived, document, others, texts) if derived else None,
        effective=day(found.effective),
        expiry=day(found.expiry),
    )


def _source(said: Said, document: Document, others: _Others, texts: Mapping[int, str]) -> render.SourceItem:
    if said.key is None:
        return render.SourceItem(stated_by="register", id=None, number=None, name=None, url=None, sentence=None)
    stating = others.get(said.key, document)
    return render.SourceItem(
        stated_by="this" if stating is document else "other",
        id=stating.id,
        number=stating.metadata.number,
        name=stating.name,
        url=render.document_url(stating.id),
        sentence=render.sentence_item(texts[said.key], said.span),
    )


def _direction(group: RelationGroup) -> Direction:
    return Direction.IN if group.received else Direction.OUT


def _visible(library: Library, keys: Iterable[int], visible: frozenset[Visibility]) -> dict[int, Document]:
    """Return the documents among `keys` that the reader may see; one may have been closed since the relations were read."""
    documents = library.get_many(keys, masked=True)
    return {key: document for key, document in documents.items() if document.visibility in visible}


def _items(
    library: Library, text: str, relations: Sequence[StoredRelation], visible: frozenset[Visibility]
) -> dict[StoredRelation, render.RelationItem]:
    """Return what to show of each relation; none for one that a document states which is no longer here for the reader."""
    others = _visible(library, {relation.other for relation in relations if relation.other is not None}, visible)
    items = {one: _own_item(one, others, text) for one in relations if one.own}
    told: dict[int, list[StoredRelation]] = {}
    for one in relations:
        if not one.own and one.other in others:
            told.setdefault(one.other, []).append(one)
    keys = list(told)
    for start in range(0, len(keys), _AT_ONCE):
        for key, other_text in library.masked_texts(keys[start : start + _AT_ONCE]).items():
            items.update((one, _others_item(one, others[key], other_text)) for one in told[key])
    return items


def _own_item(stored: StoredRelation, others: _Others, text: str) -> render.RelationItem:
    """Return a relation that this document's text states: number and name as printed here."""
    relation, other = stored.relation, others.get(stored.other) if stored.other is not None else None
    target = relation.target
    return render.RelationItem(
        number=target.number,
        name=target.name,
        year=target.year,
        title=other.metadata.title if other else None,
        id=other.id if other else None,
        url=render.document_url(other.id) if other else None,
        anchor=target.anchor,
        stated_by="this",
        start=relation.start,
        end=relation.end,
        sentence=render.sentence_item(text, relation.sentence, relation.start),
    )


def _others_item(stored: StoredRelation, other: Document, text: str) -> render.RelationItem:
    """Return a relation that another document's text states."""
    relation, metadata = stored.relation, other.metadata
    return render.RelationItem(
        number=metadata.number,
        name=metadata.type,
        year=metadata.issued_date.year if metadata.issued_date else None,
        title=metadata.title,
        id=other.id,
        url=render.document_url(other.id),
        anchor=relation.target.anchor,
        stated_by="other",
        start=relation.start,
        end=relation.end,
        sentence=render.sentence_item(text, relation.sentence, relation.start),
    )
