"""What a writer has gathered and not written yet, and how it becomes a segment."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from indexer.engine.analysis import CheckedEntry
from indexer.engine.fields import KEYWORD_FIELDS, NUMBER_COLUMNS, TEXT_FIELDS
from indexer.engine.query import Layer
from indexer.engine.whooshdb import kernels
from indexer.engine.whooshdb.arrayfile import Array, narrowest
from indexer.engine.whooshdb.build import SegmentBuilder
from indexer.engine.whooshdb.gather import Field, Tokens
from indexer.engine.whooshdb.merge import column_of_codes, column_of_numbers
from indexer.engine.whooshdb.schema import CODES, LENGTHS, MISSING, TEXTS, length_name, text_name
from indexer.engine.whooshdb.storage import Disk, FileRecord

_FIELDS: Sequence[Field] = tuple((field.name, layer) for field in TEXT_FIELDS for layer in Layer)


class Batch:
    """Entries in order, and their tokens by field as they come from the analysis."""

    def __init__(self) -> None:
        self.entries: list[CheckedEntry] = []  # without their texts
        self.tokens = 0
        self._fields: dict[Field, list[Tokens]] = {}

    def put(self, entry: CheckedEntry) -> int:
        """Take an entry in and return its number."""
        self.entries.append(replace(entry, texts={}))
        return len(self.entries) - 1

    def add(self, found: Mapping[Field, Tokens]) -> None:
        """Take in the tokens of some entries, which come in order."""
        for field, tokens in found.items():
            self._fields.setdefault(field, []).append(tokens)
            self.tokens += len(tokens.terms)

    def write(self, folder: Path, name: str, disk: Disk) -> dict[str, FileRecord]:
        """Write everything as the segment `name` and return its files' records. Raises OverflowError."""
        with SegmentBuilder(folder, name, disk) as builder:
            lengths: dict[str, Array] = {}
            for field in _FIELDS:
                parts = self._fields.pop(field, [])
                lengths[length_name(*field)] = column = np.zeros(len(self.entries), np.int64)
                for part in parts:
                    column[part.entries] = part.lengths
                if parts:
                    builder.add_field(text_name(*field), (_lists(parts),))
            for field in KEYWORD_FIELDS:
                builder.add_field(field, self._keywords(field))
            codes = {column: self._codes(column) for column in CODES}
            return builder.finish(self._columns(lengths, codes), {column: values for column, (values, _) in codes.items()})

    def _keywords(self, field: str) -> Iterator[tuple[list[bytes], Array, Array, None]]:
        found: dict[bytes, list[int]] = {}
        for number, entry in enumerate(self.entries):
            for value in entry.keywords[field]:
                found.setdefault(value.encode(), []).append(number)
        if found:
            texts = sorted(found)
            bounds = np.cumsum([0, *(len(found[text]) for text in texts)])
            yield texts, bounds, np.array([number for text in texts for number in found[text]], np.int32), None

    def _codes(self, column: str) -> tuple[list[str], Array]:
        known = {"": 0}
        codes = [known.setdefault(_code_of(entry, column), len(known)) for entry in self.entries]
        return list(known), np.array(codes, np.int64)

    def _columns(
        self, lengths: Mapping[str, Array], codes: Mapping[str, tuple[list[str], Array]]
    ) -> Iterator[tuple[str, Iterable[Array]]]:
        yield "key", (column_of_numbers("key", np.array([entry.key for entry in self.entries], np.int64)),)
        yield "ordinal", (column_of_numbers("ordinal", np.array([entry.ordinal for entry in self.entries], np.int64)),)
        for name in NUMBER_COLUMNS:
            values = np.array([entry.columns.get(name, MISSING) for entry in self.entries], np.int64)
            yield name, (column_of_numbers(name, values),)
        for name in LENGTHS:
            yield name, (column_of_numbers(name, lengths[name]),)
        for name, (_, column) in codes.items():
            yield name, (column_of_codes(column),)
        for name in TEXTS:
            contents = [getattr(entry, name).encode() for entry in self.entries]
            yield f"{name}/text", (np.frombuffer(b"".join(contents), np.uint8),)
            yield f"{name}/ends", (narrowest(np.cumsum(np.fromiter(map(len, contents), np.int64, len(contents)))),)


def _code_of(entry: CheckedEntry, column: str) -> str:
    return entry.scope.value if column == "scope" else str(entry.columns.get(column, ""))


def _lists(parts: Sequence[Tokens]) -> tuple[list[bytes], Array, Array, Array]:
    """Sort the tokens of one field by term: the terms, bounds of their tokens, entries and positions."""
    texts = sorted({term for part in parts for term in part.vocabulary})  # by code points, as UTF-8 sorts
    ranks = {text: rank for rank, text in enumerate(texts)}
    renumbered = [np.array([ranks[term] for term in part.vocabulary], np.int32) for part in parts]
    terms = np.concatenate([numbers[part.terms] for numbers, part in zip(renumbered, parts, strict=True)])
    places = np.concatenate([part.positions for part in parts])
    numbers = np.concatenate([part.entries for part in parts])
    counts = np.concatenate([part.counts for part in parts])
    bounds = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.bincount(terms, minlength=len(texts)), out=bounds[1:])
    entries, positions = np.empty(len(terms), np.int32), np.empty(len(terms), np.int32)
    kernels.by_term(terms, numbers, counts, places, bounds, entries, positions)
    return [text.encode() for text in texts], bounds, entries, positions
