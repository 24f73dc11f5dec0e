"""The documents in samples/: each is read as a person reads it, and the generator makes exactly these files."""

import re
from pathlib import Path
from typing import Any

import pytest
from casefiles import by_name, cases
from samples.build import CONTENT, built
from samples.content import SampleText, read_sample

from indexer.config import Limits
from indexer.decoding import decode
from indexer.errors import UnreadableFile
from indexer.extract import extract
from indexer.read import inspect

_CONTENT = [sample for sample in map(read_sample, sorted(CONTENT.glob("*.toml"))) if sample.look != "cut"]


def _seen(path: Path) -> dict[str, Any]:
    """Read a file as the indexing path does and return what a case may expect of it."""
    try:
        document, mark = inspect(path, Limits())
    except UnreadableFile as error:
        return {"outcome": "failed", "stage": error.stage, "code": error.code}
    if mark is not None:
        return {"outcome": "quarantined"}
    metadata = document.metadata
    return {
        "outcome": "indexed",
        "format": document.format,
        "pages": len(document.canonical.page_starts),
        "articles": len(document.provisions),
        "number": metadata.number,
        "type": metadata.type,
        "issuer": metadata.issuer,
        "issued_date": metadata.issued_date.isoformat() if metadata.issued_date else None,
        "signer": metadata.signer,
        "signer_position": metadata.signer_position,
        "title": metadata.title,
    }


@pytest.mark.parametrize("case", cases("samples"), ids=by_name)
def test_a_sample_is_read_as_a_person_reads_it(case: dict[str, Any], samples: Path) -> None:
    """Outcome, metadata and number of articles come out as the case says."""
    assert _seen(samples / case["name"]) == case["expect"]


@pytest.mark.parametrize("sample", _CONTENT, ids=lambda sample: sample.file)
def test_no_word_of_a_sample_is_lost(sample: SampleText, samples: Path) -> None:
    """Every line that was written stands in the canonical text, in one piece and with all its letters."""
    text = decode(extract(samples / sample.file, Limits())).text
    whole = " ".join(re.sub(r"\n\d\n", "\n", text).split())  # a paragraph may run over a page number
    lines = [*sample.issuer, sample.number, sample.dated, *sample.title, *sample.signature, sample.signer]
    lines += [line for block in sample.body for line in (block.text, *(cell for row in block.rows for cell in row)) if line]
    assert [line for line in lines if line not in whole] == []


def test_every_sample_has_a_case(samples: Path) -> None:
    """No document lies in samples/ without saying what must become of it, and no case is about a file that is gone."""
    assert sorted(path.name for path in samples.iterdir()) == sorted(case["name"] for case in cases("samples"))


def test_the_generator_makes_these_files(samples: Path) -> None:
    """samples/ is what its readable source says, byte for byte."""
    made = dict(built())
    assert sorted(made) == sorted(path.name for path in samples.iterdir())
    different = [name for name, file in made.items() if (samples / name).read_bytes() != file]
    assert not different, "after a change in tests/samples/ run `python -m tests.samples.build`"


def test_the_samples_stay_small(samples: Path) -> None:
    """All samples together are under 1 MB, so that a clone and the first `make run` stay quick."""
    assert sum(path.stat().st_size for path in samples.iterdir()) < 1_000_000
