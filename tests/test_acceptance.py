"""What the service promises over a large folder of real documents; skipped where there is none."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest
from operator_desk import Desk

from analyzers.citations import number_key
from indexer import reports
from search_api.params import SearchParams
from search_api.search import search
from search_api.services import Services

CLASSES = ("pdf_text", "docx", "html")  # whose readers are there


def manifest(files: Path) -> list[Path]:
    """The files of the real set."""
    with (files / "manifest.csv").open(encoding="utf-8", newline="") as lines:
        return [files / row["file"] for row in csv.DictReader(lines)]


@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.long), 10])
def test_every_file_is_accounted_for_and_found_by_its_number(step: int, shared_data: Path, tmp_path: Path) -> None:
    """Each file is a document or has its true reason, and nine of ten gold numbers put their document first."""
    files = shared_data / "files"
    paths = manifest(files)[::step]
    desk = Desk(tmp_path / "data")
    assert desk.index(*paths).total() == len(paths)
    outcomes = reports.status(desk.options).outcomes
    assert outcomes["indexed"] + outcomes["failed"] + outcomes["quarantined"] == len(paths)
    assert all(line.stage and line.code and line.reason for line in reports.failures(desk.options))
    found: Counter[bool] = Counter()
    with reports.reading(desk.options) as (catalogue, store):
        services = Services(store.engine, lambda: catalogue)
        for line in (files / "gold_metadata.jsonl").read_text(encoding="utf-8").split("\n"):
            gold = json.loads(line) if line else {}
            if gold.get("number") and gold["file"].split("/")[0] in CLASSES and files / gold["file"] in paths:
                hits = search(services, SearchParams(q=gold["number"])).hits
                found[bool(hits) and number_key(hits[0].number or "") == number_key(gold["number"])] += 1
    assert found[True] >= 0.9 * found.total() > 0
