"""A committed generation as arrays: what evaluation works on, whatever the codec keeps on the disk.

A segment never changes, so its arrays are read once and shared by every generation that has it. Deletions, and the statistics
that follow from them, belong to a generation.
"""

# mypy: allow-untyped-calls
# Whoosh has no types.

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from whoosh.util.varints import read_varint

from indexer.engine.fields import TEXT_FIELDS, Scope
from indexer.engine.port import Generation
from indexer.engine.query import Layer
from indexer.engine.whooshdb.postings import Ints, Lexicon, Mask, PostingCache
from indexer.engine.whooshdb.schema import TEXTS, codes, length_name, numbers, scope_values
from indexer.engine.whooshdb.state import SegmentRecord, State, check_sizes, damaged
from indexer.model import Visibility


@dataclass(frozen=True, slots=True)
class Codes:
    """A column of a few texts: `values[codes[i]]` is entry i's; code 0 is "", no value."""

    codes: npt.NDArray[np.uint16]
    values: tuple[str, ...]

    def mask(self, wanted: frozenset[str]) -> Mask:
        """Return which entries have one of the wanted values."""
        chosen = np.array([value in wanted for value in self.values])
        chosen[0] = False
        return chosen[self.codes]


@dataclass(frozen=True, slots=True)
class Texts:
    """A column of any texts, cut from one piece of bytes."""

    content: bytes
    starts: Ints

    def __getitem__(self, row: int) -> str:
        return self.content[self.starts[row] : self.starts[row + 1]].decode()


class Segment:
    """The columns and the dictionary of one segment. Raises IndexDamaged for a file that can't be read."""

    def __init__(self, folder: Path, record: SegmentRecord, files: Mapping[str, object]) -> None:
        self.entries = record.entries
        self.name = record.name
        self._folder = folder
        self._files = files
        self.lexicon = Lexicon(folder, record.name)
        self.codes: dict[str, Codes] = {name: self._read(name, _read_codes) for name in codes()}
        self.numbers: dict[str, Ints] = {name: self._read(name, _read_numbers) for name in numbers()}
        self.texts: dict[str, Texts] = {name: self._read(name, _read_texts) for name in TEXTS}
        self.scopes = {scope: self.codes["scope"].mask(frozenset({value})) for scope, value in scope_values()}
        self.public = self.codes["visibility"].mask(frozenset({Visibility.PUBLIC.value}))

    def length(self, field: str, layer: Layer) -> Ints:
        """Return each entry's number of syllables in a text field."""
        return self.numbers[length_name(field, layer)]

    def _read(self, column: str, reader: Any) -> Any:
        path = self._folder / f"{self.name}.{column}.col"
        if path.name not in self._files:  # a column without any value has no file
            return reader(None, self.entries, column)
        try:
            return reader(path.read_bytes(), self.entries, column)
        except (struct.error, ValueError, IndexError, TypeError, KeyError) as error:
            raise damaged(path, "không đọc được") from error


def _read_numbers(data: bytes | None, entries: int, column: str) -> Ints:
    code, default = numbers()[column]
    values = np.full(entries, default, np.int64)
    if data is not None:
        written = np.frombuffer(data, f">{code}")  # Whoosh leaves trailing defaults out
        values[: len(written)] = written
    return values if column == "key" else values.astype(np.int32)


def _read_codes(data: bytes | None, entries: int, _column: str) -> Codes:
    if data is None:
        return Codes(np.zeros(entries, np.uint16), ("",))
    code = chr(data[-1])
    written = np.frombuffer(data, {"B": "u1", "H": ">u2"}[code], entries)
    stream = BytesIO(data[written.nbytes : -1])
    values = tuple(stream.read(read_varint(stream.read)).decode() for _ in range(read_varint(stream.read)))
    found = written.astype(np.uint16)
    if entries and found.max() >= len(values):
        raise ValueError("a code without a value")
    return Codes(found, values)


def _read_texts(data: bytes | None, entries: int, _column: str) -> Texts:
    if data is None:
        return Texts(b"", np.zeros(entries + 1, np.int64))
    width = np.dtype(f">{chr(data[-1])}")
    end = len(data) - 1 - entries * width.itemsize
    lengths = np.frombuffer(data, width, entries, end)
    starts = np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))
    if starts[-1] != end:
        raise ValueError("lengths and content differ")
    data[:end].decode()  # a damaged file is noticed here, not by the one hit that it spoils
    return Texts(data[:end], starts)


@dataclass(frozen=True, slots=True)
class View:
    """A segment in one generation: the entries that are not deleted, and those of each scope that count in statistics."""

    segment: Segment
    live: Mask
    public: Mapping[Scope, Mask]


class Snapshot:
    """One generation, whole: its segments, and the statistics of docs/scoring.md for each scope. Immutable.

    Opening shares with `previous` what both have. Raises IndexOutdated, IndexDamaged, and FileNotFoundError for a file that a
    commit has just removed.
    """

    def __init__(self, folder: Path, state: State, previous: "Snapshot | None" = None) -> None:
        state.require_current()
        check_sizes(folder, state)
        self.folder = folder
        self.state = state
        self.cache: PostingCache = previous.cache if previous else PostingCache()
        known = {view.segment.name: view.segment for view in previous.views} if previous else {}
        self.views: tuple[View, ...] = tuple(
            _view(known.get(record.name) or Segment(folder, record, state.files), record) for record in state.segments
        )
        self.counts = {scope: sum(int(view.public[scope].sum()) for view in self.views) for scope in Scope}
        self.lengths = {
            (field.name, layer): sum(
                int(view.segment.length(field.name, layer)[view.public[field.scope]].sum(dtype=np.int64)) for view in self.views
            )
            for field in TEXT_FIELDS
            for layer in Layer
        }

    def generation(self) -> Generation:
        """Say which generation this is, and the number of its live public entries."""
        return Generation(self.state.change, self.counts[Scope.DOCUMENTS], self.counts[Scope.PROVISIONS])

    def keys(self) -> list[int]:
        """Return the keys of the live document entries, ascending."""
        found = [view.segment.numbers["key"][view.live & view.segment.scopes[Scope.DOCUMENTS]] for view in self.views]
        return [int(key) for key in np.sort(np.concatenate(found))] if found else []


def _view(segment: Segment, record: SegmentRecord) -> View:
    live = np.ones(segment.entries, np.bool_)
    live[list(record.deleted)] = False
    return View(segment, live, {scope: live & segment.public & mask for scope, mask in segment.scopes.items()})
