"""Real texts from the folder beside the checkout, for tests that measure on them."""

import io
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import zstandard

COLLECTIONS = ("fulltext/docs.jsonl.zst", "eval/zalo/corpus.jsonl.zst")  # whole documents, and single articles


def sampled(shared_data: Path, count: int, longest: int) -> Iterator[str]:
    """Yield the first `longest` characters of `count` texts, half from each collection, spread over 4,000 of each."""
    for name in COLLECTIONS:
        with (shared_data / name).open("rb") as packed:
            lines = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(packed), encoding="utf-8", newline="\n")
            for line in islice(lines, 0, 4_000, 8_000 // count):
                yield json.loads(line)["text"][:longest]
