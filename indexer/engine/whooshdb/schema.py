"""The field table as a Whoosh schema, and the names of what a segment holds.

For each text field and layer there is an indexed field (`title_main`), one for its pairs (`title_main_pairs`, see `pairs.py`) and
a column with its exact length (`title_main_length`). Schema, formats and codec are pickled into the table of contents, so these
classes must stay importable from here; they hold no data. Whoosh's analyzers are not used: documents come analysed.
"""

# mypy: allow-untyped-calls
# Whoosh has no types.

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import numpy as np
from whoosh import columns, fields, formats

from indexer.engine.fields import CODE_COLUMNS, ENTRIES_VERSION, KEYWORD_FIELDS, NUMBER_COLUMNS, TEXT_FIELDS
from indexer.engine.query import Layer

MISSING: Final = -1  # in a number column
TEXTS: Final = ("id", "anchor")  # columns of any text
CODES: Final = ("scope", *CODE_COLUMNS)  # columns that hold one of a few texts
_EXTENSIONS: Final = ("words", "records", "starts", "positions", "terms", "columns")


@cache
def text_name(field: str, layer: Layer) -> str:
    """Return the Whoosh field of a text field's layer."""
    return f"{field}_{layer}"


@cache
def pairs_name(field: str, layer: Layer) -> str:
    """Return the Whoosh field of the pairs of a text field's layer."""
    return f"{field}_{layer}_pairs"


def length_name(field: str, layer: Layer) -> str:
    """Return the column of a text field's length."""
    return f"{field}_{layer}_length"


_TEXT_LAYERS: Final = tuple((field.name, layer) for field in TEXT_FIELDS for layer in Layer)
LENGTHS: Final = tuple(length_name(*each) for each in _TEXT_LAYERS)
NUMBERS: Final = ("key", "ordinal", *NUMBER_COLUMNS, *LENGTHS)  # columns of integers
TEXT_NAMES: Final = tuple(text_name(*each) for each in _TEXT_LAYERS)
MAIN_NAMES: Final = tuple(text_name(field.name, Layer.MAIN) for field in TEXT_FIELDS)
PAIR_NAMES: Final = tuple(pairs_name(*each) for each in _TEXT_LAYERS)


def file_names(segment: str) -> dict[str, str]:
    """Return the names of a segment's files by what they hold."""
    return {extension: f"{segment}.{extension}" for extension in _EXTENSIONS}


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


def make_schema() -> fields.Schema:
    """Build the schema from the field table."""
    return fields.Schema(
        **{name: fields.ID() for name in KEYWORD_FIELDS},
        **{name: fields.FieldType(Occurrences(), None, scorable=False) for name in TEXT_NAMES},
        **{name: fields.FieldType(formats.Existence(), None, scorable=False) for name in PAIR_NAMES},
        **{name: fields.COLUMN(columns.VarBytesColumn()) for name in (*TEXTS, *CODES)},
        **{name: fields.COLUMN(columns.NumericColumn("q", MISSING)) for name in NUMBERS},
    )


def table_fingerprint() -> str:
    """Return a digest of what the field table says about files and of the entries' version: no index of another can be used."""
    shape = [
        [(field.name, field.scope) for field in TEXT_FIELDS],
        *(KEYWORD_FIELDS, CODE_COLUMNS, NUMBER_COLUMNS, list(Layer), ENTRIES_VERSION),
    ]
    return hashlib.sha256(json.dumps(shape).encode()).hexdigest()[:16]
