"""A data folder filled with whole documents from JSON Lines, through the catalogue's ordinary writing.

Records become documents as in an evaluation (search_api/evaluation/collection.py); `doc_no` and `issued` may state number and
day. Where the number alone tells the year, day and month are drawn from its hash. No file is read and the secrecy gate is not
asked: this is for measuring only.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

from analyzers.citations import find_numbers
from indexer.catalogue import WritableCatalogue
from search_api.evaluation import run
from search_api.evaluation.collection import Item, Record, items, records


@dataclass(frozen=True, slots=True)
class Filled:
    """What a catalogue was filled with; `characters` are those of the canonical texts."""

    documents: int
    provisions: int
    characters: int


def fill(catalogue: WritableCatalogue, path: Path, limit: int | None) -> Filled:
    """Put the documents that the first `limit` records of the file make into the catalogue."""
    provisions = characters = 0

    def counted() -> Iterator[Item]:
        nonlocal provisions, characters
        for item in items(map(as_stated, enumerate(islice(records(path), limit)))):
            provisions += len(item.understood.provisions)
            characters += len(item.understood.canonical.text)
            yield _dated(item)

    return Filled(len(run.fill(catalogue, counted())), provisions, characters)


def as_stated(numbered: tuple[int, Record]) -> Record:
    """Return a record with its place as id, `number` from `doc_no` and `issued_date` from `issued` where they are stated so."""
    place, record = numbered
    number = next((match.value for match in find_numbers(record.get("doc_no") or "")), None)
    return {"_id": place, "number": number, "issued_date": record.get("issued")} | record


def _dated(item: Item) -> Item:
    metadata = item.understood.metadata
    dated = replace(metadata, issued_date=metadata.issued_date or _some_day(metadata.number))
    return replace(item, understood=replace(item.understood, metadata=dated))


def _some_day(number: str | None) -> date | None:
    years = [int(part) for part in (number or "").split("/") if part.isdecimal() and 1945 <= int(part) <= 2100]
    if not years or number is None:
        return None
    return date(years[0], 1, 1) + timedelta(days=hashlib.sha256(number.encode()).digest()[0])
