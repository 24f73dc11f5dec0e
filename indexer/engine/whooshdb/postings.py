"""A segment's term dictionary and posting lists, read through memory maps into arrays.

Whoosh's readers move file pointers, so threads cannot share them, and unpickle what they read. Here every read is a slice of a
map, and the pickles in W3 postings and term files are loaded by an unpickler that builds plain values alone: a foreign
index can be wrong, but it cannot run code.
"""

# mypy: allow-untyped-calls
# Whoosh has no types.

import io
import mmap
import pickle
import struct
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from whoosh.codec.whoosh3 import WHOOSH3_HEADER_MAGIC, W3Codec
from whoosh.filedb.filetables import OrderedHashReader
from whoosh.filedb.structfile import StructFile

from indexer.engine.whooshdb.state import damaged

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
_TERM_INFO = struct.Struct("!BfIBBfIIqi")  # W3TermInfo: inline flag, statistics, then the extent of the postings
_FIELD = struct.Struct("!H")
_INT = struct.Struct("!i")
_UNREADABLE = (struct.error, zlib.error, pickle.UnpicklingError, EOFError, ValueError, LookupError, TypeError, OverflowError)


@dataclass(frozen=True, slots=True)
class Posting:
    """A term's entries in one segment: numbers ascending, how often each, and all positions one entry after the other.

    `positions[starts[i]:starts[i + 1]]` are those of `docs[i]`. A field without positions has none.
    """

    docs: Ints
    counts: Ints
    starts: Ints
    positions: Ints

    @property
    def nbytes(self) -> int:
        """Bytes held by the arrays."""
        return self.docs.nbytes + self.counts.nbytes + self.starts.nbytes + self.positions.nbytes


class PostingCache:
    """The last decoded posting lists, up to `limit` bytes together; shared by threads and generations."""

    def __init__(self, limit: int = 64 * 2**20) -> None:
        self._limit = limit
        self._held = 0
        self._lists: OrderedDict[tuple[str, str, str], Posting] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, str, str]) -> Posting | None:
        """Return the list under `key` (segment, field, term), None when it is not held."""
        with self._lock:
            posting = self._lists.get(key)
            if posting is not None:
                self._lists.move_to_end(key)
            return posting

    def put(self, key: tuple[str, str, str], posting: Posting) -> None:
        """Hold `posting`, letting go of the longest unused ones."""
        with self._lock:
            if key in self._lists or posting.nbytes > self._limit:
                return
            self._lists[key] = posting
            self._held += posting.nbytes
            while self._held > self._limit:
                self._held -= self._lists.popitem(last=False)[1].nbytes


class _PlainUnpickler(pickle.Unpickler):
    """Builds tuples, lists, dicts, numbers and strings; bytes too, which protocol 2 spells as a call of `_codecs.encode`."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("_codecs", "encode"):
            return _encode
        raise pickle.UnpicklingError(f"{module}.{name} has no place in an index")


def _encode(text: str, encoding: str) -> bytes:
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"bytes as {encoding}")
    return text.encode("latin1")


class _MappedFile(StructFile):
    """A Whoosh file over a memory map: `get` and all that builds on it is a slice, safe in any thread."""

    def __init__(self, content: mmap.mmap) -> None:
        super().__init__(content)
        self._content = content

    def get(self, position: int, length: int) -> bytes:
        """Return `length` bytes from `position` on."""
        return self._content[position : position + length]

    def read_pickle(self) -> Any:
        """Load plain values from where the file pointer stands; used while opening only."""
        return _PlainUnpickler(self._content).load()


class Lexicon:
    """The terms of one segment and where their postings are. Maps are released with the last reference to it."""

    def __init__(self, folder: Path, segment: str) -> None:
        self._segment = segment
        self._terms_path = folder / f"{segment}{W3Codec.TERMS_EXT}"
        self._posts_path = folder / f"{segment}{W3Codec.POSTS_EXT}"
        try:
            self._table = OrderedHashReader(_MappedFile(_map(self._terms_path)), self._terms_path.stat().st_size)
            self._fields: dict[str, int] = self._table.extras["fieldmap"]
        except OSError:
            raise
        except Exception as error:  # Whoosh raises bare ones for a file that it can't read
            raise damaged(self._terms_path, "không đọc được") from error
        with _reading(self._posts_path):
            self._posts = _map(self._posts_path)

    def posting(self, field: str, term: str, cache: PostingCache | None = None) -> Posting | None:
        """Return the postings of `term` in the Whoosh field `field`, None where there are none."""
        if field not in self._fields:
            return None
        key = (self._segment, field, term)
        if cache is not None and (held := cache.get(key)) is not None:
            return held
        with _reading(self._terms_path):
            info = self._table.get(_FIELD.pack(self._fields[field]) + term.encode())
        if info is None:
            return None
        posting = self.decode(info)
        if cache is not None:
            cache.put(key, posting)
        return posting

    def starting_with(self, field: str, prefix: str, among: Mask, cache: PostingCache) -> Ints:
        """Return which entries hold a term of `field` that starts with `prefix`, ascending; `among` are all that have the field.

        The commonest terms are read first, and those not at all that can add nothing: a prefix of two letters has ten thousands.
        """
        key = (self._segment, f"{field}*", prefix)  # no field is called so
        held = cache.get(key)
        if held is None:
            docs = np.flatnonzero(self._union(field, prefix, among)) if field in self._fields else np.empty(0, np.int64)
            held = _without_positions(docs)
            cache.put(key, held)
        return held.docs

    def _union(self, field: str, prefix: str, among: Mask) -> Mask:
        start = _FIELD.pack(self._fields[field]) + prefix.encode()
        found = np.zeros(len(among), np.bool_)
        common: list[tuple[int, int, int, bytes]] = []
        with _reading(self._terms_path):
            for key, info in self._table.items_from(start):
                if not key.startswith(start):
                    break
                _, _, frequency, _, _, _, first, last, _, _ = _TERM_INFO.unpack(info)
                if frequency <= 2:  # most terms: these are their entries
                    found[[first, last]] = True
                else:
                    common.append((frequency, first, last, info))
        settled = found | ~among
        for _, first, last, info in sorted(common, reverse=True):
            if not settled[first : last + 1].all():
                docs = np.concatenate([docs for docs, _, _ in self._blocks(info)])
                with _reading(self._posts_path):
                    found[docs] = settled[docs] = True
        return found

    def fitting(self, field: str, fits: Callable[[str], bool]) -> Ints:
        """Return which entries hold a term of `field` that `fits`."""
        if field not in self._fields:
            return np.empty(0, np.int64)
        start = _FIELD.pack(self._fields[field])
        with _reading(self._terms_path):
            terms = takewhile(lambda item: item[0].startswith(start), self._table.items_from(start))
            parts = [self.decode(info).docs for key, info in terms if fits(key[2:].decode())]
        return np.concatenate([np.empty(0, np.int64), *parts])

    def items(self) -> Iterator[tuple[str, bytes, list[tuple[Ints, Any, Any]]]]:
        """Yield every field, term in UTF-8 and its blocks of (entry numbers, weights, values) as Whoosh wrote them."""
        names = {number: name for name, number in self._fields.items()}
        with _reading(self._terms_path):
            for key, info in self._table.items():
                yield names[_FIELD.unpack(key[:2])[0]], key[2:], self._blocks(info)

    def decode(self, info: bytes) -> Posting:
        """Turn a term's row of the dictionary into its postings."""
        blocks = self._blocks(info)
        docs = np.concatenate([docs for docs, _, _ in blocks])
        values: list[bytes] = [value for _, _, values in blocks for value in values or ()]
        if not values:  # a field without positions
            return _without_positions(docs)
        counts = np.fromiter((len(value) // 4 for value in values), np.int64, len(docs))
        starts = np.concatenate(([0], np.cumsum(counts)))
        return Posting(docs, counts, starts, np.frombuffer(b"".join(values), "<u4").astype(np.int64))

    def _blocks(self, info: bytes) -> list[tuple[Ints, Any, Any]]:
        with _reading(self._posts_path):
            inlined, *_, offset, length = _TERM_INFO.unpack(info)
            if inlined:
                raise ValueError("inlined postings, which this codec does not write")
            return list(_read_blocks(self._posts[offset : offset + length]))


def _without_positions(docs: Ints) -> Posting:
    return Posting(docs, np.ones_like(docs), np.zeros(len(docs) + 1, np.int64), np.empty(0, np.int64))


def _read_blocks(data: bytes) -> Iterator[tuple[Ints, Any, Any]]:
    if not data.startswith(WHOOSH3_HEADER_MAGIC):
        raise ValueError("no posting list here")
    position, last = len(WHOOSH3_HEADER_MAGIC), False
    while not last:
        (length,) = _INT.unpack_from(data, position)
        last = length < 0  # so W3 marks a list's last block
        position += _INT.size
        block = data[position : position + abs(length)]
        position += abs(length)
        stream = io.BytesIO(block)
        compressed = _PlainUnpickler(stream).load()[3]
        rest = stream.read()
        ids, weights, values = _PlainUnpickler(io.BytesIO(zlib.decompress(rest) if compressed else rest)).load()
        yield np.cumsum(np.asarray(ids, np.int64)), weights, values


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except _UNREADABLE as error:
        raise damaged(path, "không đọc được") from error


def _map(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
