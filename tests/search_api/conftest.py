"""A real catalogue of a few documents, an index of it, and the application over both."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import falcon.testing
import pytest

from indexer.catalogue import Catalogue, Declaration, FoundFile, WritableCatalogue
from indexer.catalogue.reading import metadata_from
from indexer.engine.memory import MemoryStore
from indexer.model import Canonical, Provision, Understood, Visibility
from indexer.publish import publish
from indexer.read import understand
from search_api.app import create_app
from search_api.services import Services

DOCUMENTS = json.loads((Path(__file__).parent / "documents.json").read_text(encoding="utf-8"))
TIES = json.loads((Path(__file__).parent / "ties.json").read_text(encoding="utf-8"))
SUGGESTED = json.loads((Path(__file__).parent / "suggested.json").read_text(encoding="utf-8"))
_ARTICLE = re.compile(r"^(Điều (\d+))\. (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Desk:
    """Everything a test of the API asks questions of."""

    catalogue: Catalogue
    store: MemoryStore
    services: Services
    client: falcon.testing.TestClient
    ids: dict[str, str]  # name in documents.json → public id
    files: Path


def _provisions(text: str) -> tuple[Provision, ...]:
    found = list(_ARTICLE.finditer(text))
    ends = [article.start() for article in found[1:]] + [len(text)] * bool(found)
    return tuple(
        Provision(f"dieu-{article[2]}", article[1], article[3], article.start(), end)
        for article, end in zip(found, ends, strict=True)
    )


def understood(row: dict[str, Any]) -> Understood:
    """Read a row's text as a worker does; its metadata are the row's, with the days of validity that the text states."""
    found = understand(Canonical(row["text"]), row["format"])
    days = {name: value for name in ("effective_date", "expiry_date") if (value := getattr(found.metadata, name))}
    metadata = replace(metadata_from(row["metadata"]), **days)
    evidence = {name: found.evidence[name] for name in days}
    provisions = found.provisions if row.get("provisions") == "read" else _provisions(row["text"])
    return replace(found, metadata=metadata, provisions=provisions, evidence=evidence)


def build_desk(folder: Path, rows: list[dict[str, Any]]) -> Desk:
    """Store `rows` with their files in a catalogue under `folder`, index them and open the application."""
    files = folder / "files"
    files.mkdir()
    catalogue, ids = WritableCatalogue.open(folder / "catalogue.sqlite"), {}
    for row in rows:
        path = files / row["file"]
        path.write_text(row["text"] + row.get("beside", ""), encoding="utf-8")  # bytes that no text comes of
        content, status = path.read_bytes(), path.stat()
        found = FoundFile(path, status.st_size, status.st_mtime_ns, hashlib.sha256(content).hexdigest())
        declared = Declaration(files, publishable=True, visibility=Visibility(row.get("visibility", "public")))
        read = understood(row)
        stated: dict[str, str | None] = row.get("registered", {})
        metadata = replace(read.metadata, **{name: getattr(metadata_from(stated), name) for name in stated})
        with catalogue.transaction() as transaction:
            key = transaction.put(found, declared, read, metadata, stated)
        ids[row["name"]] = catalogue.get_many([key])[key].id
    store = MemoryStore()
    publish(catalogue, store)
    services = Services(store.engine, lambda: catalogue)
    return Desk(catalogue, store, services, falcon.testing.TestClient(create_app(services)), ids, files)


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The documents of documents.json behind the application; tests leave them as they are."""
    built = build_desk(tmp_path_factory.mktemp("desk"), DOCUMENTS)
    yield built
    built.catalogue.close()


@pytest.fixture(scope="session")
def ties(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Documents that speak of one another, public and internal ones, behind the application; tests leave them as they are."""
    built = build_desk(tmp_path_factory.mktemp("ties"), TIES)
    yield built
    built.catalogue.close()


@pytest.fixture(scope="session")
def titled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Documents whose titles and articles share subjects, one of them internal, behind the application."""
    built = build_desk(tmp_path_factory.mktemp("titled"), SUGGESTED)
    yield built
    built.catalogue.close()


@pytest.fixture
def make_desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Make a desk of the test's own, to change, or of its own documents."""
    built: list[Desk] = []

    def make(rows: list[dict[str, Any]] = DOCUMENTS) -> Desk:
        folder = tmp_path / str(len(built))
        folder.mkdir()
        built.append(build_desk(folder, rows))
        return built[-1]

    yield make
    for one in built:
        one.catalogue.close()
