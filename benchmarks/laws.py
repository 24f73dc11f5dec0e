"""A data folder filled with whole documents from JSON Lines, through the catalogue's ordinary writing.

Articles of one `law_id` become one document with a provision each: the law's title, then `Điều n. heading` and the text of
each, in the file's order. A record without `law_id` is a document as it stands, its provisions found by the project's own
reader. Type and issuer that are not stated are read from number and title; where the number alone tells the year, day and
month are drawn from its hash. No file is read and the secrecy gate is not asked: this is for measuring only.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from analyzers.citations import find_dates, find_numbers
from benchmarks.corpus import records
from indexer.catalogue import Declaration, FoundFile, WritableCatalogue
from indexer.legal.document_type import leading_type, type_of_symbol
from indexer.legal.issuer import issuer_of_symbol
from indexer.legal.number import symbol_of
from indexer.legal.structure import read_provisions
from indexer.model import Canonical, LegalMetadata, Provision, Understood

_FOLDER = Declaration(Path("/benchmark"), "benchmark", publishable=True)
_BATCH = 500  # documents in one transaction
Record = dict[str, str]


@dataclass(frozen=True, slots=True)
class Filled:
    """What a catalogue was filled with; `characters` are those of the canonical texts."""

    documents: int
    provisions: int
    characters: int


def fill(catalogue: WritableCatalogue, documents: Iterable[Understood]) -> Filled:
    """Put documents into the catalogue as the pipeline does, a transaction for some hundreds of them."""
    number = provisions = characters = 0
    batch: list[Understood] = []
    for document in documents:
        batch.append(document)
        provisions += len(document.provisions)
        characters += len(document.canonical.text)
        if len(batch) == _BATCH:
            number += _put(catalogue, batch, number)
            batch = []
    return Filled(number + _put(catalogue, batch, number), provisions, characters)


def _put(catalogue: WritableCatalogue, batch: list[Understood], first: int) -> int:
    with catalogue.transaction() as change:
        for number, understood in enumerate(batch, first):
            text = f"{number}\n{understood.canonical.text}".encode()
            found = FoundFile(_FOLDER.path / f"{number}.txt", len(text), 1, hashlib.sha256(text).hexdigest())
            change.put(found, _FOLDER, understood, understood.metadata, {})
    return len(batch)


def read_laws(path: Path, limit: int | None) -> Iterator[Understood]:
    """Yield the documents that the first `limit` records of the file make."""
    laws: dict[str, list[Record]] = {}
    for record in records(path, limit):
        if "law_id" in record:
            laws.setdefault(record["law_id"], []).append(record)
        else:
            canonical = Canonical(record["text"])
            yield Understood(canonical, _metadata(record), read_provisions(canonical), "text")
    for articles in laws.values():
        yield _law(articles)


def _law(articles: list[Record]) -> Understood:
    title = next((article["law_title"] for article in articles if article.get("law_title")), "")
    pieces, provisions, length = [f"{title}\n"], [], len(title) + 1
    for number, article in enumerate(articles, 1):
        label, heading = f"Điều {article['article_id']}", article.get("title") or ""
        piece = f"{label}. {heading}\n{article['text']}\n"
        provisions.append(Provision(f"dieu-{number}", label, heading, length, length + len(piece)))
        pieces.append(piece)
        length += len(piece)
    metadata = _metadata({"doc_no": articles[0]["law_id"], "title": title})
    return Understood(Canonical("".join(pieces)), metadata, tuple(provisions), "text")


def _metadata(record: Record) -> LegalMetadata:
    title = record.get("title") or None
    number = next((match.value for match in find_numbers(record.get("doc_no") or "")), None)
    symbol = symbol_of(number) if number else None
    issuer = issuer_of_symbol(symbol, (0, 0)) if symbol else None
    dates = find_dates(record.get("issued") or "")
    return LegalMetadata(
        number=number,
        symbol=symbol,
        type=record.get("type") or leading_type(title or "") or (type_of_symbol(symbol) if symbol else None),
        issuer=record.get("issuer") or (issuer.name if issuer else None),
        issued_date=dates[0].date if dates else _some_day(number),
        title=title,
    )


def _some_day(number: str | None) -> date | None:
    years = [int(part) for part in (number or "").split("/") if part.isdecimal() and 1945 <= int(part) <= 2100]
    if not years or number is None:
        return None
    return date(years[0], 1, 1) + timedelta(days=hashlib.sha256(number.encode()).digest()[0])
