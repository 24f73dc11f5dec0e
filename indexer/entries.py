"""From the catalogue to the index: the entries of one document, itself and its provisions.

Personal identifiers are masked as they are in public: what nobody is shown, nobody finds by typing its beginning. Issuers are
grouped as bodies through all their names; what a document prints stays in the catalogue. ENTRIES_VERSION in
`engine/fields.py` is raised with every change of what is written here.
"""

from collections.abc import Iterator

from analyzers.citations import number_keys, stated_year
from indexer.catalogue import Catalogue
from indexer.copies import document_copy, provision_copy
from indexer.engine.fields import COPY, Scope
from indexer.engine.port import Entry
from indexer.legal.document_type import settled_type
from indexer.legal.identity import body_of_place, group_name
from indexer.legal.name_keys import name_keys
from indexer.legal.parts import article_key
from indexer.model import Document


def entries_of(document: Document, catalogue: Catalogue) -> Iterator[Entry]:
    """Yield the entry of a document, whose metadata are masked, then one for each provision in reading order."""
    text = catalogue.canonical(document.key, masked=True).text
    metadata = document.metadata
    year = metadata.issued_date.year if metadata.issued_date else None
    keywords = {
        "number": number_keys(metadata.number, year) if metadata.number else (),
        "signer": name_keys(metadata.signer) if metadata.signer else (),
    }
    columns = _columns(document, catalogue)
    copy = document_copy(document, text, catalogue)
    title = metadata.title or ""
    yield Entry(
        key=document.key,
        id=document.id,
        scope=Scope.DOCUMENTS,
        texts={"title": title, "body": text},
        keywords=keywords,
        columns=columns | {COPY: copy},
    )
    for ordinal, provision in enumerate(catalogue.provisions(document.key, masked=True), 1):
        article = text[provision.start : provision.end]
        yield Entry(
            key=document.key,
            id=document.id,
            scope=Scope.PROVISIONS,
            ordinal=ordinal,
            anchor=provision.anchor,
            texts={"heading": provision.heading, "context": title, "text": article},
            keywords={**keywords, "provision": (name,) if (name := article_key(provision.anchor)) else ()},
            columns=columns | {COPY: provision_copy(provision, article, copy)},
        )


def _columns(document: Document, catalogue: Catalogue) -> dict[str, str | int | None]:
    metadata = document.metadata
    issued = metadata.issued_date
    ended = catalogue.first_day_without(document.key)
    return {
        "type": settled_type(metadata.type) if metadata.type else None,
        "issuer": group_name(body_of_place(metadata.issuer, metadata.number or ""), issued) if metadata.issuer else None,
        "status": metadata.status,
        "visibility": document.visibility,
        "kind": document.kind,
        "source": document.source,
        "site": document.site,
        "year": issued.year if issued else stated_year(metadata.number or ""),
        "issued_date": int(f"{issued:%Y%m%d}") if issued else None,
        "ended": int(f"{ended:%Y%m%d}") if ended else None,
    }
