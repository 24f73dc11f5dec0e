"""What `congbao extract` reports of one file: outcome, metadata with its evidence, text, pages, units, relations, steps.

Of a marked document only the mark is told, and no more leaves the worker, unless someone asks to see whether the alarm is false.
"""

import dataclasses
import functools
import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, takewhile
from pathlib import Path
from types import MappingProxyType
from typing import Any

from indexer.archives import Contents, Member
from indexer.catalogue import FoundFile
from indexer.catalogue.reading import metadata_values
from indexer.config import Limits, Options
from indexer.errors import BadConfiguration, UnreadableFile
from indexer.extract.isolation.sandbox import Growing, read_isolated
from indexer.legal.formalities import read_formalities
from indexer.legal.secrecy import Mark
from indexer.model import Evidence, Relation, Understood
from indexer.read import inspect_or_unpack
from indexer.scan import Unfit, find_files

_LINE_BEGINS = b'{"file":'  # of `as_report` as JSON

Withheld = tuple[str, Mark]  # a document's format and its mark
Inspection = tuple[Understood, Mark | None] | Withheld | Contents | UnreadableFile


def inspect_files(
    paths: Sequence[Path],
    options: Options,
    told: Callable[[int], None],
    done: Mapping[str, str] = MappingProxyType({}),
    *,
    show_marked: bool = False,
) -> Iterator[tuple[Path, Inspection]]:
    """Read files as indexing would, each in a worker with its limits, storing nothing; in the order in which they end.

    An archive's contents come first, then its members. `told` hears how many files there are to read, and how many more when
    an archive is opened. What is in `done` (path → outcome) is not told again; an archive is opened for the members left.
    Only with `show_marked` do documents that bear a mark come whole.
    """
    read = functools.partial(inspect_or_unpack if show_marked else _withheld, limits=options.limits)
    found = [item for item in find_files(path.resolve() for path in paths) if done.get(_path(item), "unpacked") == "unpacked"]
    told(len(found))
    waiting = deque(item.path for item in found if isinstance(item, FoundFile))
    unfit = ((item.found.path, UnreadableFile("scan", item.code, item.reason)) for item in found if isinstance(item, Unfit))
    for path, result in chain(unfit, _read(read, waiting, options, told, done)):
        if str(path) not in done:
            yield path, result


def _path(item: FoundFile | Unfit) -> str:
    return str(item.found.path if isinstance(item, Unfit) else item.path)


def _withheld(path: Path, limits: Limits) -> tuple[Understood, Mark | None] | Withheld | Contents:
    """Read one file in a worker, and keep back all of a marked document but its format and the mark. Raises UnreadableFile."""
    read = inspect_or_unpack(path, limits)
    if isinstance(read, Contents):
        return read
    understood, mark = read
    return (understood.format, mark) if mark else read


def _read(
    read: Callable[[Path], Any], waiting: deque[Path], options: Options, told: Callable[[int], None], done: Mapping[str, str]
) -> Iterator[tuple[Path, Inspection]]:
    """Yield what comes of each waiting file; the members of an archive wait before what waits already."""
    to_read = Growing(lambda: waiting.popleft() if waiting else None)
    for path, result in read_isolated(read, to_read, options.limits, options.workers):
        if not isinstance(result, Contents):
            yield path, result
            continue
        known, left = _unpacked(path, result)
        left = [member for member in left if str(member) not in done]
        told(len(known) - 1 + len(left))
        yield from known
        waiting.extendleft(reversed(left))


def _unpacked(archive: Path, contents: Contents) -> tuple[list[tuple[Path, Inspection]], list[Path]]:
    """Return what is known of an archive without reading its members, itself first, and the members to read."""
    try:
        members = contents.under(archive)
    except UnreadableFile as error:
        return [(archive, error)], []
    known: list[tuple[Path, Inspection]] = [(archive, contents)]
    for place, (path, member) in enumerate(members, 1):
        if member.error is not None:
            known.append((path, member.error))
        elif member.is_archive:
            known.append((path, Contents(_those_within(member, contents.members[place:]))))
    return known, [path for path, member in members if member.error is None and not member.is_archive]


def _those_within(archive: Member, after: Sequence[Member]) -> tuple[Member, ...]:
    return tuple(takewhile(lambda member: member.path.startswith(f"{archive.path}/"), after))


def already_told(lines: Path) -> dict[str, str]:
    """Return path → outcome of the files that an earlier run told of in `lines`; cut off a last line that it did not finish.

    They stand, whatever came of them: who has altered a file or the limits begins anew. Raises BadConfiguration where the file
    holds other lines, whole or not.
    """
    told: dict[str, str] = {}
    whole = 0
    other = BadConfiguration(f"{lines} không phải là tệp do `congbao extract --jsonl` ghi: không làm tiếp.")
    with lines.open("r+b") as stream:
        for line in stream:
            if not line.endswith(b"\n"):
                if line[: len(_LINE_BEGINS)] != _LINE_BEGINS[: len(line)]:
                    raise other
                break
            whole += len(line)
            try:
                report = json.loads(line)
                told[report["file"]] = report["outcome"]
            except (ValueError, TypeError, KeyError):
                raise other from None
        stream.truncate(whole)
    return told


def as_report(path: Path, result: Inspection) -> dict[str, Any]:
    """Return the report as plain values; `outcome` is as a publishable source would give, unpacked for an archive.

    Of a document that is withheld it says nothing of the content.
    """
    if isinstance(result, UnreadableFile):
        return {"file": str(path), "outcome": "failed", "stage": result.stage, "reason": result.code, "detail": result.reason}
    if isinstance(result, Contents):
        detail = f"Tệp nén: {len(result.members)} tệp, mỗi tệp được đọc riêng."
        return {"file": str(path), "outcome": "unpacked", "stage": "", "reason": "", "detail": detail}
    understood, mark = result
    judged = {
        "file": str(path),
        "outcome": "quarantined" if mark else "indexed",
        "stage": "gate" if mark else "",
        "reason": "secrecy_mark" if mark else "",
        "detail": mark.reason if mark else "",
        "format": understood if isinstance(understood, str) else understood.format,
    }
    if isinstance(understood, str):
        return judged
    formalities, shown = read_formalities(understood.canonical, understood.metadata.type)
    return {
        **judged,
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
