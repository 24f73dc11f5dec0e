"""The field table as a Whoosh schema, and an analysed entry as a Whoosh document.

For each text field and layer there is an indexed field (`title_main`) and a column with its exact length (`title_main_length`):
Whoosh's own length byte is an approximation, so the fields are not "scorable" to it. Schema, formats and codec are pickled into
the table of contents, so these classes must stay importable from here; they hold no data. Whoosh's analyzers are not used:
documents come analysed.
"""

# mypy: allow-untyped-calls
# Whoosh has no types.

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from whoosh import columns, fields, formats
from whoosh.codec.whoosh3 import W3Codec

from indexer.engine.analysis import AnalysedEntry
from indexer.engine.fields import CODE_COLUMNS, KEYWORD_FIELDS, NUMBER_COLUMNS, TEXT_FIELDS, Scope
from indexer.engine.query import Layer

MISSING = -1  # in a number column
DOCUMENT = "document"  # the indexed field by which a document's entries are found: its key in decimal


class Occurrences(formats.Format):
    """Posting values: a term's positions in one entry as little-endian uint32; the frequency is their number."""

    posting_size = -1

    def word_values(self, value: Any, analyzer: object, **kwargs: object) -> Iterator[tuple[str, int, float, bytes]]:  # noqa: ARG002  Whoosh fixes the signature
        """Yield what Whoosh indexes of `value`, a sequence of (term, positions)."""
        for term, positions in value:
            yield term, len(positions), float(len(positions)), np.asarray(positions, "<u4").tobytes()

    def decode_positions(self, value: bytes) -> list[int]:
        """Return the positions; stock Whoosh's phrase matcher asks for them."""
        return [int(position) for position in np.frombuffer(value, "<u4")]

    def decode_frequency(self, value: bytes) -> int:
        """Return the number of occurrences."""
        return len(value) // 4

    def decode_weight(self, value: bytes) -> float:
        """Return the number of occurrences."""
        return float(len(value) // 4)


class CodeColumn(columns.RefBytesColumn):
    """A column of codes that refuses more values than its codes can tell apart; Whoosh's own would lose them with a warning."""

    class Writer(columns.RefBytesColumn.Writer):
        """Writes one segment's codes."""

        def add(self, docnum: int, v: bytes) -> None:
            """Add one value. Raises OverflowError."""
            if len(self._uniques) == 2**16 and v not in self._uniques:
                raise OverflowError("more than 65,535 different values in one column")
            super().add(docnum, v)


class Codec(W3Codec):
    """Whoosh's own codec, but for the length bytes that nothing reads."""

    length_stats = False


def text_name(field: str, layer: Layer) -> str:
    """Return the Whoosh field of a text field's layer."""
    return f"{field}_{layer}"


def length_name(field: str, layer: Layer) -> str:
    """Return the column of a text field's length."""
    return f"{field}_{layer}_length"


def codes() -> tuple[str, ...]:
    """Return the columns that hold one of a few texts."""
    return ("scope", *CODE_COLUMNS)


def numbers() -> dict[str, tuple[str, int]]:
    """Return the columns that hold integers, with struct type code and the value that stands for none."""
    lengths = {length_name(field.name, layer): ("I", 0) for field in TEXT_FIELDS for layer in Layer}
    return {"key": ("q", MISSING), "ordinal": ("i", MISSING)} | dict.fromkeys(NUMBER_COLUMNS, ("i", MISSING)) | lengths


TEXTS = ("id", "anchor")  # columns of any text


def make_schema() -> fields.Schema:
    """Build the schema from the field table."""
    # Offsets in the file are left out: where the last rows are empty Whoosh 2.7 can write them in the wrong width.
    texts = {name: fields.COLUMN(columns.VarBytesColumn(allow_offsets=False)) for name in TEXTS}
    indexed = {
        text_name(field.name, layer): fields.FieldType(Occurrences(), None, scorable=False)
        for field in TEXT_FIELDS
        for layer in Layer
    }
    return fields.Schema(
        **{DOCUMENT: fields.ID(unique=True)},
        **{name: fields.ID() for name in KEYWORD_FIELDS},
        **indexed,
        **texts,
        **{name: fields.COLUMN(CodeColumn()) for name in codes()},
        **{name: fields.COLUMN(columns.NumericColumn(code, default)) for name, (code, default) in numbers().items()},
    )


def table_fingerprint() -> str:
    """Return a digest of what the field table says about files: another table cannot read this one's index."""
    shape = [[(field.name, field.scope) for field in TEXT_FIELDS], KEYWORD_FIELDS, CODE_COLUMNS, NUMBER_COLUMNS, list(Layer)]
    return hashlib.sha256(json.dumps(shape).encode()).hexdigest()[:16]


def to_row(entry: AnalysedEntry) -> dict[str, Any]:
    """Return the arguments of Whoosh's `add_document` for `entry`."""
    row: dict[str, Any] = {
        DOCUMENT: str(entry.key),
        "key": entry.key,
        "ordinal": entry.ordinal,
        "id": entry.id.encode(),
        "anchor": entry.anchor.encode(),
        "scope": entry.scope.encode(),
    }
    for (field, layer), terms in entry.terms.items():
        row[text_name(field, layer)] = tuple(terms.by_term().items())
        row[length_name(field, layer)] = terms.length
    for name, values in entry.keywords.items():
        row[name] = tuple(values)
    for name, value in entry.columns.items():
        row[name] = value.encode() if isinstance(value, str) else value
    return row


def scope_values() -> Sequence[tuple[Scope, str]]:
    """Return each scope with its value in the scope column."""
    return [(scope, scope.value) for scope in Scope]
