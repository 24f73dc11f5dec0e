"""What an archive holds: every member unpacked once, for its hash and to see whether it can be; archives within it too.

All of it together may yield no more bytes and members than the limits say. That is known before anything is unpacked, for no
member yields more than its archive's directory declares.
"""

import hashlib
import io
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from typing import BinaryIO

from indexer.archives import DEPTH, INNER_BYTES, MEMBERS, SIGNATURES, Archive, Contents, Entry, Member
from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract.sniff import is_archive

_CHUNK = 1 << 16


def list_contents(file: BinaryIO, limits: Limits) -> Contents:
    """Say what an archive holds. Raises UnreadableFile (damaged, empty, too_large); a member's trouble is told of it alone."""
    members = tuple(_Unpacker(limits).members(Archive(file), "", 1))
    if not members:
        raise _empty()
    return Contents(members)


class _Unpacker:
    """What one archive, with all archives within it, may still yield."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._most_bytes = limits.file_mb * 2**20  # of one member
        self._bytes_left, self._members_left = limits.unpacked_mb * 2**20, MEMBERS

    def members(self, archive: Archive, above: str, depth: int) -> Iterator[Member]:
        """Yield the members of an archive to which the path `above` leads."""
        self._allow(archive.members.values())
        names = sorted(archive.members)
        for name, entry in archive.members.items():
            path = above + name
            try:
                sha256, packed = self._unpack(archive, entry)
                inner = _open(packed, depth, is_folder=_has_below(names, name)) if packed else None
            except UnreadableFile as error:
                yield Member(path, entry.size, error=error)
                continue
            yield Member(path, entry.size, sha256, is_archive=inner is not None)
            if inner is not None:
                yield from self.members(inner, f"{path}/", depth + 1)  # no deeper than DEPTH

    def _allow(self, entries: Collection[Entry]) -> None:
        """Count what an archive may yield, before any of it is unpacked."""
        self._members_left -= len(entries)
        if self._members_left < 0:
            raise UnreadableFile("extract", "too_large", f"Tệp nén và các tệp nén trong nó chứa hơn {MEMBERS} tệp.")
        self._bytes_left -= sum(entry.size for entry in entries if entry.refusal(self._most_bytes) is None)
        if self._bytes_left < 0:
            reason = f"Tệp nén giải nén ra hơn {self._limits.unpacked_mb} MB (limits.unpacked_mb): hãy giải nén rồi nạp thư mục."
            raise UnreadableFile("extract", "too_large", reason)

    def _unpack(self, archive: Archive, entry: Entry) -> tuple[str, io.BytesIO | None]:
        """Return a member's SHA-256, and its bytes where it is an archive. Raises UnreadableFile."""
        digest = hashlib.sha256()
        stream = archive.stream(entry, self._most_bytes)
        chunk = stream.read(_CHUNK) or b""
        memory = io.BytesIO() if chunk.startswith(SIGNATURES) else None
        while chunk:
            digest.update(chunk)
            if memory is not None:
                memory.write(chunk)
            chunk = stream.read(_CHUNK) or b""
        return digest.hexdigest(), memory if memory is not None and _is_archive(memory) else None


def _is_archive(file: BinaryIO) -> bool:
    try:
        return is_archive(file)
    except UnreadableFile:  # reading it will say why, as of any file
        return False


def _open(file: io.BytesIO, depth: int, *, is_folder: bool) -> Archive:
    """Open an archive within one at `depth`. Raises UnreadableFile where it is not to be unpacked."""
    if depth == DEPTH:
        raise UnreadableFile("extract", "unsupported", f"Tệp nén lồng nhau quá {DEPTH} lớp: hãy giải nén lớp ngoài rồi nạp lại.")
    if file.seek(0, io.SEEK_END) > INNER_BYTES:
        reason = f"Tệp nén trong tệp nén lớn hơn {INNER_BYTES >> 20} MB: hãy giải nén lớp ngoài rồi nạp lại."
        raise UnreadableFile("extract", "too_large", reason)
    if is_folder:  # a member of either would have the other's path
        raise UnreadableFile("extract", "damaged", "Tên của tệp nén này cũng là tên một thư mục trong tệp nén chứa nó.")
    archive = Archive(file)
    if not archive.members:
        raise _empty()
    return archive


def _has_below(names: Sequence[str], name: str) -> bool:
    """Tell whether a name among the sorted `names` lies below `name`."""
    place = bisect_left(names, f"{name}/")
    return place < len(names) and names[place].startswith(f"{name}/")


def _empty() -> UnreadableFile:
    return UnreadableFile("extract", "empty", "Tệp nén không chứa tệp nào.")
