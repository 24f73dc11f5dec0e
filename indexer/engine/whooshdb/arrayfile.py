"""A file of named arrays, each aligned to 64 bytes so that a memory map can be used as it is.

    arrays ...  |  directory in JSON  |  its length (8 bytes)  |  "congbao1"

The directory is last, so that arrays can be written as they are made. It also holds plain values that belong to the arrays.
"""

import json
import mmap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.engine.whooshdb.state import damaged

_MAGIC = b"congbao1"
_ALIGNMENT = 64
_FOOT = 16  # bytes behind every array at the least, so that eight can be read where an element begins
Array = npt.NDArray[Any]


class ArrayFile:
    """The arrays and values of one file, mapped. Raises IndexDamaged for a file that cannot be one."""

    def __init__(self, path: Path) -> None:
        content = map_file(path)
        try:
            directory = json.loads(_directory(content))
            self.values: dict[str, Any] = directory["values"]
            self.content: Array = np.frombuffer(content, np.uint8)
            self._arrays = {name: _array(content, *place) for name, place in directory["arrays"].items()}
            self._begins: dict[str, int] = {name: at for name, (_, at, _) in directory["arrays"].items()}
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise damaged(path, "không đọc được") from error
        self.path = path

    def __getitem__(self, name: str) -> Array:
        """Return an array. Raises IndexDamaged when the file does not have it."""
        try:
            return self._arrays[name]
        except KeyError as error:
            raise damaged(self.path, "không đọc được") from error

    def place(self, name: str) -> tuple[int, int]:
        """Return at which byte of `content` an array begins, and how many bytes an element takes."""
        return self._begins[name], self[name].itemsize


def _directory(content: mmap.mmap) -> bytes:
    length = int.from_bytes(content[-16:-8], "little")
    if len(content) < 16 or content[-8:] != _MAGIC or not 0 < length <= len(content) - 16:
        raise ValueError("no directory of arrays")
    return content[len(content) - 16 - length : -16]


def _array(content: mmap.mmap, kind: str, at: int, number: int) -> Array:
    if kind not in _KINDS or at % _ALIGNMENT or number < 0 or at + number * np.dtype(kind).itemsize > len(content) - _FOOT:
        raise ValueError("no such array")
    return np.frombuffer(content, kind, number, at)


_KINDS = ("|u1", "<u2", "<u4", "<i4", "<i8")


def pieces(arrays: Iterable[tuple[str, Iterable[Array]]], values: Mapping[str, Any]) -> Iterator[bytes | memoryview]:
    """Yield the file's content; an array may come in several parts of one kind, at least one."""
    places: dict[str, tuple[str, int, int]] = {}
    at = 0
    for name, parts in arrays:
        begun, kind = at, ""
        for part in parts:
            kind = part.dtype.str
            at += part.nbytes
            yield np.ascontiguousarray(part).data.cast("B") if part.size else b""
        places[name] = (kind, begun, (at - begun) // np.dtype(kind).itemsize)
        padding = -at % _ALIGNMENT
        at += padding
        yield bytes(padding)
    directory = json.dumps({"arrays": places, "values": values}, ensure_ascii=False, separators=(",", ":")).encode()
    yield directory + len(directory).to_bytes(8, "little") + _MAGIC


def narrowest(numbers: Array) -> Array:
    """Return non-negative numbers in the smallest of uint8, uint16, uint32 and int64 that holds them."""
    largest = int(numbers.max()) if numbers.size else 0
    for kind, bound in (("u1", 1 << 8), ("<u2", 1 << 16), ("<u4", 1 << 32)):
        if largest < bound:
            return numbers.astype(kind)
    return numbers.astype("<i8")


def map_file(path: Path) -> mmap.mmap:
    """Map a whole file for reading. Raises IndexDamaged for an empty one, FileNotFoundError."""
    with path.open("rb") as file:
        try:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError as error:
            raise damaged(path, "bị rỗng") from error
