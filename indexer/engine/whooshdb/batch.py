"""What a writer has gathered and not written yet, and how it becomes a segment."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from indexer.engine.analysis import CheckedEntry
from indexer.engine.fields import KEYWORD_FIELDS, NEIGHBOURS, NUMBER_COLUMNS, TEXT_FIELDS
from indexer.engine.query import Layer
from indexer.engine.whooshdb.arrayfile import Array, narrowest
from indexer.engine.whooshdb.build import Group, SegmentBuilder
from indexer.engine.whooshdb.gather import Field, Tokens
from indexer.engine.whooshdb.inversion import FieldTokens
from indexer.engine.whooshdb.lexicon import NeighbourCounts
from indexer.engine.whooshdb.merge import column_of_codes, column_of_numbers
from indexer.engine.whooshdb.pairs import PairSpool, common_terms
from indexer.engine.whooshdb.schema import CODES, MISSING, TEXTS, length_name, pairs_name, text_name
from indexer.engine.whooshdb.storage import Disk, FileRecord
from indexer.model import Visibility

_FIELDS: Sequence[Field] = tuple((field.name, layer) for field in TEXT_FIELDS for layer in Layer)
_ROWS = 4096  # entries whose columns are set at once: ten times quicker than one by one
_OF_ENTRY = 200  # bytes, about, that an entry takes beside its tokens, and each of its keywords


class Batch:
    """Columns of the entries in order, and their tokens by field as they come from the analysis. `bytes` is what it takes."""

    def __init__(self) -> None:
        self.entries = 0
        self.bytes = 0
        self._fields: dict[Field, FieldTokens] = defaultdict(FieldTokens)
        self._rows: list[tuple[int, int, str, str, str, Mapping[str, str | int]]] = []  # not in the columns yet
        self._numbers: dict[str, list[Array]] = {name: [] for name in ("key", "ordinal", *NUMBER_COLUMNS)}
        self._codes: dict[str, list[Array]] = {name: [] for name in CODES}
        self._values: dict[str, dict[str, int]] = {name: {"": 0} for name in CODES}
        self._texts: dict[str, list[tuple[bytes, Array]]] = {name: [] for name in TEXTS}
        self._keywords: dict[str, dict[str, list[int]]] = {name: {} for name in KEYWORD_FIELDS}

    def put(self, entry: CheckedEntry) -> None:
        """Take in all of an entry but its texts; its number is how many there were before."""
        self._rows.append((entry.key, entry.ordinal, entry.scope.value, entry.id, entry.anchor, entry.columns))
        for name, keywords in entry.keywords.items():
            for keyword in keywords:
                self._keywords[name].setdefault(keyword, []).append(self.entries)
            self.bytes += _OF_ENTRY * len(keywords)
        if len(self._rows) == _ROWS:
            self._set_columns()
        self.entries += 1
        self.bytes += _OF_ENTRY

    def add(self, found: Mapping[Field, Tokens]) -> None:
        """Take in the tokens of some entries, which come in order."""
        for field, tokens in found.items():
            self.bytes += self._fields[field].add(tokens)

    def write(self, folder: Path, name: str, disk: Disk) -> dict[str, FileRecord]:
        """Write everything as the segment `name` and return its files' records. Raises OverflowError."""
        self._set_columns()
        lengths = {field: tokens.lengths(self.entries) for field, tokens in self._fields.items()}
        with SegmentBuilder(folder, name, disk) as builder:
            common = {
                field: common_terms(builder.add_field(text_name(*field), self._fields[field].groups()))
                for field in _FIELDS
                if field in self._fields
            }
            for keywords, found in self._keywords.items():
                builder.add_field(keywords, _keyword_lists(found))
            for field, terms in common.items():
                if terms:
                    with PairSpool(folder, terms) as spool:
                        self._fields[field].put_pairs(terms, lengths[field], spool)
                        builder.add_field(pairs_name(*field), spool.groups())
                    builder.set_common(text_name(*field), terms)
            values = {name: list(values) for name, values in self._values.items()}
            return builder.finish(self._columns(lengths), values, self._neighbours(lengths))

    def _neighbours(self, lengths: Mapping[Field, Array]) -> NeighbourCounts:
        code = self._values["visibility"].get(Visibility.PUBLIC.value, -1)
        public, counts = np.concatenate(self._codes["visibility"]) == code, NeighbourCounts()
        for field in ((name, Layer.MAIN) for name in NEIGHBOURS):
            if field in self._fields:
                self._fields[field].count_neighbours(lengths[field], public, counts)
        return counts

    def _set_columns(self) -> None:
        if not self._rows:
            return
        keys, ordinals, scopes, ids, anchors, columns = zip(*self._rows, strict=True)
        self._rows = []
        self._numbers["key"].append(np.array(keys, np.int64))
        self._numbers["ordinal"].append(np.array(ordinals, np.int64))
        for name in NUMBER_COLUMNS:
            self._numbers[name].append(np.array([row.get(name, MISSING) for row in columns], np.int64))
        for name in CODES:
            values = self._values[name]
            found = scopes if name == "scope" else [row.get(name, "") for row in columns]
            self._codes[name].append(np.array([values.setdefault(value, len(values)) for value in found], np.int32))
        for name, texts in (("id", ids), ("anchor", anchors)):
            contents = [text.encode() for text in texts]
            self._texts[name].append((b"".join(contents), np.fromiter(map(len, contents), np.int64, len(contents))))

    def _columns(self, lengths: Mapping[Field, Array]) -> Iterator[tuple[str, Iterable[Array]]]:
        for name, numbers in self._numbers.items():
            yield name, (column_of_numbers(name, np.concatenate(numbers)),)
        for field in _FIELDS:
            column = lengths.get(field, np.zeros(self.entries, np.int64))
            yield length_name(*field), (column_of_numbers(length_name(*field), column),)
        for name, codes in self._codes.items():
            yield name, (column_of_codes(np.concatenate(codes)),)
        for name, parts in self._texts.items():
            yield f"{name}/text", [np.frombuffer(content, np.uint8) for content, _ in parts]
            yield f"{name}/ends", (narrowest(np.cumsum(np.concatenate([sizes for _, sizes in parts]))),)


def _keyword_lists(found: Mapping[str, list[int]]) -> Iterator[Group]:
    if found:
        texts = sorted(found)
        bounds = np.cumsum([0, *(len(found[text]) for text in texts)])
        yield (
            [text.encode() for text in texts],
            bounds,
            np.array([each for text in texts for each in found[text]], np.int32),
            None,
        )
