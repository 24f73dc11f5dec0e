"""Messages between the process that indexes and its workers: a length, then a pickle.

A worker has parsed hostile bytes, so what comes from it is unpickled with the classes of a result and plain values only.
"""

import io
import pickle
import struct
from typing import Any, BinaryIO

_LENGTH = struct.Struct(">Q")
_MAY_CROSS = {  # module → classes; each only holds data, and none lets an unpickler set attributes on the class itself
    "datetime": frozenset(("date",)),
    "indexer.archives": frozenset(("Contents", "Member")),
    "indexer.errors": frozenset(("UnreadableFile",)),
    "indexer.extract.isolation.grace": frozenset(("MoreTime",)),
    "indexer.legal.secrecy": frozenset(("Mark",)),
    "indexer.model": frozenset(
        (
            *("Canonical", "Citation", "Evidence", "LegalMetadata", "Level", "Provision", "RawPage", "RawText"),
            *("Personal", "PersonalKind", "Relation", "RelationKind", "Run", "Step", "Target", "Understood", "Unit"),
        )
    ),
}


class FrameTooLong(Exception):
    """A message announces more bytes than its receiver accepts."""


class FrameBuffer:
    """Puts messages together from the pieces that a pipe delivers."""

    def __init__(self, limit: int) -> None:
        self._limit = limit  # bytes
        self._data = bytearray()

    def add(self, piece: bytes) -> list[bytes]:
        """Take in `piece`; return the messages that are whole now. Raises FrameTooLong."""
        self._data += piece
        messages = []
        while len(self._data) >= _LENGTH.size:
            length = _LENGTH.unpack_from(self._data)[0]
            if length > self._limit:
                raise FrameTooLong(length)
            end = _LENGTH.size + length
            if len(self._data) < end:
                break
            messages.append(bytes(self._data[_LENGTH.size : end]))
            del self._data[:end]
        return messages


def frame(value: object) -> bytes:
    """Return `value` as one message."""
    body = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    return _LENGTH.pack(len(body)) + body


def read_frame(stream: BinaryIO) -> bytes | None:
    """Read one message from a blocking stream; None at its end."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    return stream.read(_LENGTH.unpack(head)[0])


def open_untrusted(message: bytes) -> Any:
    """Unpickle what a worker sent. Raises pickle.UnpicklingError where it names a class that no result holds, or is malformed."""
    try:
        return _PlainUnpickler(io.BytesIO(message)).load()
    except pickle.UnpicklingError:
        raise
    except Exception as error:  # a forged message may call a class with anything, or end in the middle
        raise pickle.UnpicklingError(type(error).__name__) from error


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if name not in _MAY_CROSS.get(module, ()):
            raise pickle.UnpicklingError(f"{module}.{name}")
        return super().find_class(module, name)
