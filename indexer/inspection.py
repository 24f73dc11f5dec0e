"""What `congbao extract` reports of one file: outcome, metadata with its evidence, text, pages, units, relations, steps."""

import dataclasses
import functools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from indexer.catalogue import FoundFile
from indexer.catalogue.reading import metadata_values
from indexer.config import Options
from indexer.errors import UnreadableFile
from indexer.extract.sandbox import read_isolated
from indexer.legal.formalities import read_formalities
from indexer.legal.secrecy import Mark
from indexer.model import Evidence, Relation, Understood
from indexer.read import inspect
from indexer.scan import Unfit, find_files

Inspection = tuple[Understood, Mark | None] | UnreadableFile


def inspect_files(paths: Sequence[Path], options: Options) -> Iterator[tuple[Path, Inspection]]:
    """Read files as indexing would, each in a worker with its limits, storing nothing; in the order in which they end."""
    found = list(find_files(path.resolve() for path in paths))
    for item in found:
        if isinstance(item, Unfit):
            yield item.found.path, UnreadableFile("scan", item.code, item.reason)
    readable = (item.path for item in found if isinstance(item, FoundFile))
    yield from read_isolated(functools.partial(inspect, limits=options.limits), readable, options.limits, options.workers)


def as_report(path: Path, result: Inspection) -> dict[str, Any]:
    """Return the report as plain values; `outcome` is indexed, failed or quarantined, as a publishable source would give."""
    if isinstance(result, UnreadableFile):
        return {"file": str(path), "outcome": "failed", "stage": result.stage, "reason": result.code, "detail": result.reason}
    understood, mark = result
    formalities, shown = read_formalities(understood.canonical, understood.metadata.type)
    return {
        "file": str(path),
        "outcome": "quarantined" if mark else "indexed",
        "stage": "gate" if mark else "",
        "reason": "secrecy_mark" if mark else "",
        "detail": mark.reason if mark else "",
        "format": understood.format,
        "metadata": metadata_values(understood.metadata),
        "formalities": dataclasses.asdict(formalities),
        "evidence": {name: _evidence(found) for name, found in {**understood.evidence, **shown}.items()},
        "steps": [dataclasses.asdict(step) for step in understood.canonical.steps],
        "page_starts": list(understood.canonical.page_starts),
        "provisions": [dataclasses.asdict(unit) for unit in understood.units],
        "citations": len(understood.citations),
        "relations": [_relation(relation, understood.canonical.text) for relation in understood.relations],
        "personal": [dataclasses.asdict(personal) for personal in understood.personal],
        "text": understood.canonical.text,
    }


def _evidence(found: Evidence) -> dict[str, Any]:
    return {"span": [found.start, found.end], "page": found.page, "confidence": found.confidence}


def _relation(relation: Relation, text: str) -> dict[str, Any]:
    """Return a relation with the sentence that states it; `direction` is in where the other document does it to this one."""
    start, end = relation.sentence
    return {
        "kind": relation.kind,
        "direction": "in" if relation.passive else "out",
        "target": relation.target.normal_form,
        "number": relation.target.number,
        "name": relation.target.name,
        "issued": relation.target.issued.isoformat() if relation.target.issued else None,
        "anchor": relation.target.anchor,
        "start": relation.start,
        "end": relation.end,
        "sentence": " ".join(text[start:end].split()),
    }
