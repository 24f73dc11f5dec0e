"""What a writer has gathered and not written yet, and how it becomes a segment."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from indexer.engine.whooshdb.schema import CODES, MISSING, TEXTS, length_name, text_name
from indexer.engine.whooshdb.storage import Disk, FileRecord

_FIELDS: Sequence[Field] = tuple((field.name, layer) for field in TEXT_FIELDS for layer in Layer)


class Batch:
    """Columns of the entries in order, and their tokens by field as they come from the analysis."""

    def __init__(self) -> None:
        self.entries = 0
        self.tokens = 0
        self._fields: dict[Field, list[Tokens]] = {}
        self._numbers: dict[str, list[int]] = {name: [] for name in ("key", "ordinal", *NUMBER_COLUMNS)}
        self._codes: dict[str, list[int]] = {name: [] for name in CODES}
        self._values: dict[str, dict[str, int]] = {name: {"": 0} for name in CODES}
        self._texts: dict[str, list[bytes]] = {name: [] for name in TEXTS}
        self._keywords: dict[str, dict[str, list[int]]] = {name: {} for name in KEYWORD_FIELDS}

    def put(self, entry: CheckedEntry) -> int:
        """Take in all of an entry but its texts, and return its number."""
        columns = entry.columns
        self._numbers["key"].append(entry.key)
        self._numbers["ordinal"].append(entry.ordinal)
        for name in NUMBER_COLUMNS:
            self._numbers[name].append(int(columns.get(name, MISSING)))
        for name in CODES:
            values = self._values[name]
            value = entry.scope.value if name == "scope" else str(columns.get(name, ""))
            self._codes[name].append(values.setdefault(value, len(values)))
        self._texts["id"].append(entry.id.encode())
        self._texts["anchor"].append(entry.anchor.encode())
        for name, keywords in entry.keywords.items():
            for keyword in keywords:
                self._keywords[name].setdefault(keyword, []).append(self.entries)
        self.entries += 1
        return self.entries - 1

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
                lengths[length_name(*field)] = column = np.zeros(self.entries, np.int64)
                for part in parts:
                    column[part.entries] = part.lengths
                if parts:
                    builder.add_field(text_name(*field), (_lists(parts),))
            for keywords, found in self._keywords.items():
                builder.add_field(keywords, _keyword_lists(found))
            return builder.finish(self._columns(lengths), {name: list(values) for name, values in self._values.items()})

    def _columns(self, lengths: Mapping[str, Array]) -> Iterator[tuple[str, Iterable[Array]]]:
        for name, numbers in (*self._numbers.items(), *lengths.items()):
            yield name, (column_of_numbers(name, np.asarray(numbers, np.int64)),)
        for name, codes in self._codes.items():
            yield name, (column_of_codes(np.array(codes, np.int64)),)
        for name, contents in self._texts.items():
            yield f"{name}/text", (np.frombuffer(b"".join(contents), np.uint8),)
            yield f"{name}/ends", (narrowest(np.cumsum(np.fromiter(map(len, contents), np.int64, len(contents)))),)


def _keyword_lists(found: Mapping[str, list[int]]) -> Iterator[tuple[list[bytes], Array, Array, None]]:
    if found:
        texts = sorted(found)
        bounds = np.cumsum([0, *(len(found[text]) for text in texts)])
        yield (
            [text.encode() for text in texts],
            bounds,
            np.array([each for text in texts for each in found[text]], np.int32),
            None,
        )


def _lists(parts: Sequence[Tokens]) -> tuple[list[bytes], Array, Array, Array]:
    """Sort the tokens of one field by term: the terms, bounds of their tokens, entries and positions."""
    texts = sorted({term for part in parts for term in part.vocabulary})  # by code points, as UTF-8 sorts
    ranks = {text: rank for rank, text in enumerate(texts)}
    renumbered = [np.array([ranks[term] for term in part.vocabulary], np.int32) for part in parts]
    terms = np.concatenate([numbers[part.terms] for numbers, part in zip(renumbered, parts, strict=True)])
    places = np.concatenate([part.positions for part in parts], dtype=np.int32, casting="unsafe")
    numbers = np.concatenate([part.entries for part in parts])
    counts = np.concatenate([part.counts for part in parts])
    bounds = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.bincount(terms, minlength=len(texts)), out=bounds[1:])
    entries, positions = np.empty(len(terms), np.int32), np.empty(len(terms), np.int32)
    kernels.by_term(terms, numbers, counts, places, bounds, entries, positions)
    return [text.encode() for text in texts], bounds, entries, positions
