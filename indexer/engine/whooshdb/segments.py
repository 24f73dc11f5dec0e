"""A committed generation as arrays: what evaluation works on.

A segment never changes, so its files are mapped once and shared by every generation that has it. Deletions, and the statistics
that follow from them, belong to a generation.
"""

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from indexer.engine.fields import K1, NUMBER_COLUMNS, TEXT_FIELDS, B, Scope
from indexer.engine.port import Generation
from indexer.engine.query import Layer, Near, OneOf, Phrase, Range
from indexer.engine.whooshdb import kernels
from indexer.engine.whooshdb.arrayfile import Array, ArrayFile, map_file, narrowest
from indexer.engine.whooshdb.dictionary import Dictionary
from indexer.engine.whooshdb.kernels.lists import CHUNK, PADDING, WORDS
from indexer.engine.whooshdb.kernels.terms import COLUMNS
from indexer.engine.whooshdb.lexicon import Lexicon
from indexer.engine.whooshdb.schema import (
    CODES,
    LENGTHS,
    MISSING,
    NUMBERS,
    TEXTS,
    file_names,
    length_name,
)
from indexer.engine.whooshdb.state import SegmentRecord, State, check_sizes, damaged, toc_name
from indexer.model import Visibility

if TYPE_CHECKING:
    from indexer.engine.whooshdb.copies import Copies

Bitmap = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Value = TypeVar("Value", str, int)
_NO_TERMS: Ints = np.zeros(COLUMNS, np.int64)  # the table of a dictionary that is not there
Fields = tuple[tuple[str, Layer, float], ...]
"""Text fields that are scored together: name, layer, weight."""


class Codes(Generic[Value]):
    """A column of a few values: `values[codes[i]]` is entry i's; code 0 is no value. `by_value` are the others, sorted."""

    def __init__(self, codes: Array, values: tuple[Value, ...]) -> None:
        self.codes = codes
        self.values: tuple[Value, ...] = values
        self.by_value = np.array(sorted(range(1, len(values)), key=lambda code: values[code]), np.int64)

    def bitmap(self, wanted: frozenset[Value]) -> Bitmap:
        """Return which entries have one of the wanted values."""
        chosen = np.array([value in wanted for value in self.values], np.uint8)
        chosen[0] = 0
        bitmap = np.zeros(-(-len(self.codes) // CHUNK) * WORDS, np.uint64)
        kernels.select(self.codes, chosen, bitmap)
        return bitmap


class Texts:
    """A column of any texts, cut from one piece of bytes."""

    def __init__(self, content: Array, ends: Array) -> None:
        self.content = content
        self.ends = ends
        self._bytes, self._places = content.data, ends.data  # quicker than arrays, one by one

    def __getitem__(self, row: int) -> str:
        return str(self._bytes[self._places[row - 1] if row else 0 : self._places[row]], "utf-8", "replace")

    def chosen(self, rows: npt.NDArray[np.bool_]) -> tuple[Array, Array]:
        """Return the content of the chosen rows, and their lengths in bytes."""
        lengths: Array = np.diff(self.ends.astype(np.int64), prepend=0)
        return self.content[np.repeat(rows, lengths)], lengths[rows]


class Segment:
    """The columns, dictionaries and lists of one segment. Raises IndexDamaged for a file that can't be read."""

    def __init__(self, folder: Path, record: SegmentRecord) -> None:
        self.entries = record.entries
        self.chunks = -(-record.entries // CHUNK)
        self.name = record.name
        paths = {kind: folder / name for kind, name in file_names(record.name).items()}
        self.words: Array = _plain(paths["words"], "<u4")
        self.records: Array = _plain(paths["records"], "u1")
        self.starts: Array = _plain(paths["starts"], "<u4")
        self.positions: Array = _plain(paths["positions"], "u1")
        self.records_path, self.terms_path, columns_path = paths["records"], paths["terms"], paths["columns"]
        columns = ArrayFile(columns_path)
        try:
            self._read_columns(columns)
        except (ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
            raise damaged(columns_path, "không đọc được") from error
        terms = ArrayFile(self.terms_path)
        sizes = (len(self.words) - PADDING // 4, len(self.records) - PADDING, len(self.positions) - PADDING)
        try:
            self.dictionaries = {name: Dictionary(terms, name, bases, sizes) for name, bases in terms.values["fields"].items()}
            self.lexicon = Lexicon(terms)
            self.common = {name: frozenset(found) for name, found in terms.values["common"].items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise damaged(self.terms_path, "không đọc được") from error
        self._terms = terms.content
        self._tables: dict[tuple[str, ...], Ints] = {}  # of some dictionaries together
        self._coded: dict[str, Codes[int]] = {}
        # What was asked for, while it is not too much, deleted entries among it: those with a value, those with words that
        # begin so, those with a phrase and how often.
        self.values: dict[OneOf | Range, Bitmap] = {}
        self.begun: dict[tuple[tuple[str, ...], str], Bitmap] = {}
        self.phrases: dict[tuple[str, Phrase | Near], tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]] = {}
        self.scopes = {scope: self.codes["scope"].bitmap(frozenset({scope.value})) for scope in Scope}
        self.public = self.codes["visibility"].bitmap(frozenset({Visibility.PUBLIC.value}))

    def _read_columns(self, columns: ArrayFile) -> None:
        self.numbers = {name: _whole(columns[name], self.entries, name in LENGTHS) for name in NUMBERS}
        self.texts = {name: Texts(columns[f"{name}/text"], _whole(columns[f"{name}/ends"], self.entries)) for name in TEXTS}
        self.codes = {name: Codes(_whole(columns[name], self.entries), tuple(columns.values[name])) for name in CODES}
        unsigned = [codes.codes for codes in self.codes.values()] + [texts.ends for texts in self.texts.values()]
        if any(column.dtype.kind != "u" for column in (*unsigned, *(self.numbers[name] for name in LENGTHS))):
            raise ValueError("numbers that may be negative")
        for codes in self.codes.values():
            if int(codes.codes.max()) >= len(codes.values) or not all(isinstance(value, str) for value in codes.values):
                raise ValueError("a code without a value")
        for texts in self.texts.values():
            if int(texts.ends[-1]) != len(texts.content) or bool((np.diff(texts.ends.astype(np.int64)) < 0).any()):
                raise ValueError("ends and content differ")
            texts.content.tobytes().decode()  # a damaged file is noticed here, not by the one hit that it spoils

    def forget(self) -> None:
        """Let go of what was asked for."""
        self.values.clear()
        self.begun.clear()
        self.phrases.clear()

    def find(self, names: tuple[str, ...], terms: Sequence[str]) -> Ints:
        """Return first word, end, record, first position and entries of each term's list in each field, 0 where there is none.

        There is a row for each term, field after field. Raises IndexDamaged.
        """
        if names not in self._tables:
            tables = [self.dictionaries[name].table if name in self.dictionaries else _NO_TERMS for name in names]
            self._tables[names] = np.array(tables, np.int64).reshape(-1, COLUMNS)
        wanted = [term.encode("utf-8", "surrogatepass") for term in terms]  # no dictionary has surrogates
        found = np.empty((len(names) * len(wanted), 5), np.int64)
        sizes = np.array([len(term) for term in wanted], np.int64)
        joined = np.frombuffer(b"".join(wanted), np.uint8)
        if not kernels.find_terms(self._terms, self._tables[names], joined, sizes, found):
            raise damaged(self.terms_path, "không đọc được")
        return found

    def spellings(self, folded: str) -> list[str]:
        """Return the syllables that fold to `folded`. Raises IndexDamaged."""
        try:
            return self.lexicon.spellings(folded)
        except ValueError as error:
            raise damaged(self.terms_path, "không đọc được") from error

    def coded(self, column: str) -> Codes[Any]:
        """Return a column of codes, or one of numbers as if it were."""
        if column not in NUMBER_COLUMNS:
            return self.codes[column]
        if column not in self._coded:
            values, codes = np.unique(self.numbers[column], return_inverse=True)
            none = values[0] == MISSING
            codes = narrowest(codes if none else codes + 1)
            codes.flags.writeable = False  # as a mapped one is
            self._coded[column] = Codes(codes, (MISSING, *map(int, values[int(none) :])))
        return self._coded[column]

    @cached_property
    def lengths(self) -> dict[tuple[str, Layer], int]:
        """The sums of the text fields' lengths over the public entries of their scope."""
        masks = {scope: _mask(self.public & found, self.entries) for scope, found in self.scopes.items()}
        return {
            (field.name, layer): int(self.length(field.name, layer)[masks[field.scope]].sum(dtype=np.int64))
            for field in TEXT_FIELDS
            for layer in Layer
        }

    def length(self, field: str, layer: Layer) -> Array:
        """Return each entry's number of syllables in a text field."""
        return self.numbers[length_name(field, layer)]


def _plain(path: Path, kind: str) -> Array:
    content = map_file(path)
    size = np.dtype(kind).itemsize
    return np.frombuffer(content, kind, len(content) // size)


def _whole(array: Array, entries: int, spread: bool = False) -> Array:
    """Return a column of every entry; one that has the same value everywhere is kept as that value."""
    if len(array) == entries:
        return array
    if len(array) != 1:
        raise ValueError("a column of another length")
    if spread:
        return np.broadcast_to(array, (entries,))
    column = np.full(entries, array[0])
    column.flags.writeable = False  # as a mapped one is: kernels are compiled for one kind of columns
    return column


def to_bitmap(mask: npt.NDArray[np.bool_]) -> Bitmap:
    """Pack one byte an entry into one bit, padded to whole chunks."""
    packed = np.zeros(-(-len(mask) // CHUNK) * CHUNK // 8, np.uint8)
    bits = np.packbits(mask, bitorder="little")
    packed[: len(bits)] = bits
    return packed.view(np.uint64)


def entries_of(bitmap: Bitmap) -> npt.NDArray[np.int64]:
    """Return the entries in a bitmap, ascending."""
    return np.flatnonzero(np.unpackbits(bitmap.view(np.uint8), bitorder="little"))


def size_of(bitmap: Bitmap) -> int:
    """Return how many entries are in a bitmap."""
    return int(np.bitwise_count(bitmap).sum())


def among(entries: Ints, bitmap: Bitmap) -> npt.NDArray[np.bool_]:
    """Return which of some entries are in a bitmap."""
    bits: Bitmap = bitmap[entries >> 6] >> (entries & 63).astype(np.uint64) & np.uint64(1)
    return bits.astype(np.bool_)


class View:
    """A segment with its deletions: the entries that are left, and those of each scope that count in statistics.

    Generations in which the same entries are deleted share it.
    """

    def __init__(self, segment: Segment, record: SegmentRecord) -> None:
        self.segment = segment
        self.record = record
        deleted = np.array(record.deleted, np.int64)
        live = np.ones(segment.entries, np.bool_)
        live[deleted] = False
        self.live = to_bitmap(live)
        self.public = {scope: self.live & segment.public & found for scope, found in segment.scopes.items()}
        self._allowed: dict[tuple[Scope, frozenset[Visibility]], Bitmap] = {
            (scope, frozenset({Visibility.PUBLIC})): found for scope, found in self.public.items()
        }
        self.pristine = not record.deleted and size_of(segment.public) == segment.entries
        self.counts = {scope: size_of(found) for scope, found in self.public.items()}
        gone = {scope: deleted[among(deleted, segment.public & found)] for scope, found in segment.scopes.items()}
        self.lengths = {
            (field.name, layer): segment.lengths[field.name, layer]
            - int(segment.length(field.name, layer)[gone[field.scope]].sum(dtype=np.int64))
            for field in TEXT_FIELDS
            for layer in Layer
        }

    def allowed(self, scope: Scope, visible: frozenset[Visibility]) -> Bitmap:
        """Return the live entries of a scope that a reader with these rights may find."""
        key = (scope, visible)
        if key not in self._allowed:
            codes = self.segment.codes["visibility"].bitmap(frozenset(each.value for each in visible))
            self._allowed[key] = self.live & self.segment.scopes[scope] & codes
        return self._allowed[key]


class Norms:
    """K1 · (1 - B + B · ratio) of every entry of a segment in one generation, for the fields that are asked for together."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self.all: Floats = np.empty(0)
        self._places: dict[Fields, int] = {}
        self._adding = threading.Lock()

    def place(self, fields: Fields, avg: float) -> int:
        """Return where in `all` those of `fields` begin; later arrays begin as earlier ones."""
        if fields not in self._places:
            with self._adding:
                if fields not in self._places:
                    place = len(self.all)
                    self.all = np.concatenate((self.all, self._norm(fields, avg)))
                    self._places[fields] = place  # last: who finds it finds the norms
        return self._places[fields]

    def _norm(self, fields: Fields, avg: float) -> Floats:
        wlen = np.zeros(self._segment.entries)
        for name, layer, weight in fields:
            wlen += weight * self._segment.length(name, layer)
        norm = np.ones(self._segment.chunks * CHUNK)
        norm[: len(wlen)] = K1 * (1 - B + B * (wlen / avg if avg else np.ones(len(wlen))))
        return norm


TermLists = tuple[Sequence[int], Sequence[float], int]
"""A term in a segment: first word, end and record of each list, one after the other; the lists' weights; where norms begin."""


class TermInfo(NamedTuple):
    """A term in one generation: idf, df, the entries of all its lists, and its lists in each segment."""

    idf: float
    frequency: int
    entries: int
    leaves: Sequence[TermLists]


class Snapshot:
    """One generation, whole: its segments, and the statistics of docs/scoring.md for each scope.

    Immutable but for what it remembers. Opening shares with `previous` what both have. Raises IndexOutdated, IndexDamaged, and
    FileNotFoundError for a file that a commit has just removed.
    """

    def __init__(self, folder: Path, state: State, previous: "Snapshot | None" = None) -> None:
        state.require_current()
        check_sizes(folder, state)
        self.folder = folder
        self.state = state
        self.toc = str(folder / toc_name(state.generation))
        known = {view.segment.name: view for view in previous.views} if previous else {}
        self.views: tuple[View, ...] = tuple(_view(folder, record, known.get(record.name)) for record in state.segments)
        self.norms = tuple(Norms(view.segment) for view in self.views)
        self.entries = sum(record.entries for record in state.segments)
        self.counts = {scope: sum(view.counts[scope] for view in self.views) for scope in Scope}
        self.lengths = {
            (field.name, layer): sum(view.lengths[field.name, layer] for view in self.views)
            for field in TEXT_FIELDS
            for layer in Layer
        }
        self.terms: dict[tuple[Scope, str, Layer, tuple[str, ...]], TermInfo] = {}  # asked for, as long as they are not too many
        self.copies: dict[Scope, Copies | None] = {}  # once asked for
        self._avgs: dict[tuple[Scope, Fields], float] = {}

    def avg(self, scope: Scope, fields: Fields) -> float:
        """Return the average weighted length of `fields` over the public entries of a scope."""
        key = (scope, fields)
        if key not in self._avgs:
            total = 0.0
            for name, layer, weight in fields:
                total += weight * self.lengths[name, layer]
            self._avgs[key] = total / self.counts[scope] if self.counts[scope] else 0.0
        return self._avgs[key]

    def generation(self) -> Generation:
        """Say which generation this is, and the number of its live public entries."""
        return Generation(self.state.change, self.counts[Scope.DOCUMENTS], self.counts[Scope.PROVISIONS])

    def keys(self) -> list[int]:
        """Return the keys of the live document entries, ascending."""
        found = [view.segment.numbers["key"][entries_of(view.live & view.segment.scopes[Scope.DOCUMENTS])] for view in self.views]
        return [int(key) for key in np.sort(np.concatenate(found))] if found else []


def _view(folder: Path, record: SegmentRecord, known: View | None) -> View:
    if known and known.record == record:
        return known
    return View(known.segment if known else Segment(folder, record), record)


def _mask(bitmap: Bitmap, entries: int) -> npt.NDArray[np.bool_]:
    return np.unpackbits(bitmap.view(np.uint8), count=entries, bitorder="little").view(np.bool_)
