"""ZIP archives: which files one holds, under which paths, and their bytes, unpacked as they are asked for.

No number in an archive is trusted: its directory is bounded before anything is made of it, its members must fit into it side by
side, and none yields more than the directory declares. Of ZIP's many methods only those that everybody uses are unpacked.

A member's path is the archive's path, a slash, and the member's name made tidy. Nothing on the disk can lie below a regular file,
so that no file has the path of a member. What is declared of a folder holds for an archive in it, and for the archive's members.

Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3 (records), 4.4 (fields) and appendix D (names).
"""

import contextlib
import io
import re
import shutil
import struct
import weakref
import zlib
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import BinaryIO
from unicodedata import normalize

from indexer.errors import UnreadableFile

SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")  # of a first member, and of an archive without any
MEMBERS = 10_000  # in one archive, those of archives within it counted
DEPTH = 3  # archives within each other, the outermost counted
INNER_BYTES = 32 << 20  # of an archive within another, which is unpacked into memory
_DIRECTORY_BYTES = 16 << 20
_LONGEST_COMMENT = 0xFFFF
_END = struct.Struct("<4s4H2LH")  # 4.3.16
_END_64 = struct.Struct("<4sQ2H2L4Q")  # 4.3.14
_LOCATOR_64 = struct.Struct("<4sLQL")  # 4.3.15
_CENTRAL = struct.Struct("<4s6H3L5H2L")  # 4.3.12
_LOCAL = struct.Struct("<4s5H3L2H")  # 4.3.7
_IN_64_BITS = 0xFFFFFFFF  # the value is in a ZIP64 field
_ENCRYPTED = 0x1
_STORED, _DEFLATED = 0, 8
_MOST_RATIO, _ANY_RATIO_BYTES = 100, 8 << 20  # texts shrink to a tenth, zeros to a thousandth
_CHUNK = 1 << 16
_NAME_BYTES, _PATH_LENGTH = 255, 1000  # of one step; of all, in characters
_KEPT_OF_NAME, _KEPT_STEPS = 60, 3  # the last ones of what is longer: they tell most, and hold the suffix
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SEPARATOR = re.compile(r"[/\\]")
_NAMELESS = "không tên"


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive; `path` is below that. Of an archive within, the members follow."""

    path: str
    size: int
    sha256: str = ""  # "" where `error` says why it cannot be unpacked
    error: UnreadableFile | None = None
    is_archive: bool = False


@dataclass(frozen=True, slots=True)
class Contents:
    """What an archive holds, in its own order."""

    members: tuple[Member, ...]

    def under(self, archive: Path) -> list[tuple[Path, Member]]:
        """Return each member with its whole path.

        Raises UnreadableFile (crashed) for paths that unpacking never gives: whoever unpacked has parsed hostile bytes.
        """
        paths = [member.path for member in self.members]
        if len(set(paths)) < len(paths) or not all(map(_leads_down, paths)):
            raise UnreadableFile("extract", "crashed", "Danh sách tệp trong tệp nén không hợp lệ.")
        return [(Path(f"{archive}/{member.path}"), member) for member in self.members]


@dataclass(frozen=True, slots=True)
class Entry:
    """One member as the directory declares it; sizes in bytes."""

    name: str
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int

    def refusal(self, most_bytes: int) -> UnreadableFile | None:
        """Say why this member is not even begun to be unpacked; None where it is."""
        if self.flags & _ENCRYPTED:
            return UnreadableFile("extract", "encrypted", "Tệp trong tệp nén có mật khẩu: hãy giải nén rồi nạp lại.")
        if _IN_64_BITS in {self.packed, self.size, self.offset}:
            return UnreadableFile("extract", "unsupported", "Tệp nén kiểu ZIP64 chưa được hỗ trợ: hãy giải nén rồi nạp lại.")
        if self.method not in {_STORED, _DEFLATED}:
            reason = f"Cách nén số {self.method} chưa được hỗ trợ: hãy nén lại theo cách thường (Deflate)."
            return UnreadableFile("extract", "unsupported", reason)
        if self.size > most_bytes:
            return UnreadableFile("extract", "too_large", f"Tệp trong tệp nén lớn hơn {most_bytes >> 20} MB.")
        if self.size > max(_ANY_RATIO_BYTES, _MOST_RATIO * self.packed):
            reason = f"Tệp trong tệp nén nở ra hơn {_MOST_RATIO} lần khi giải nén, văn bản không như vậy."
            return UnreadableFile("extract", "too_large", reason)
        return None


class Archive:
    """An open archive. Opening reads its directory alone. Raises UnreadableFile (damaged, too_large)."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        directory, self._shift, self._end = _directory(file)
        self.entries = tuple(_entries(directory))
        if sum(entry.packed for entry in self.entries if entry.packed != _IN_64_BITS) > self._end:
            raise _damaged("Các tệp trong tệp nén nằm chồng lên nhau.")  # a few bytes that unpack to as much as one likes
        self._inner: tuple[str, Archive] | None = None  # the one within that was asked for last

    @cached_property
    def members(self) -> dict[str, Entry]:
        """The files by path, folders and what the system hides left out, in the directory's order."""
        named: dict[str, Entry] = {}
        numbers: dict[str, int] = {}
        for entry in self.entries:
            if entry.name.endswith(("/", "\\")) and not entry.size:
                continue
            if any(_is_hidden(step) for step in _SEPARATOR.split(entry.name)):
                continue
            named[_free(_tidy(entry.name), named, numbers)] = entry
        return named

    def open(self, path: str, most_bytes: int) -> "MemberStream":
        """Open the member at `path`, which may lie in archives within.

        Raises UnreadableFile (vanished, encrypted, unsupported, too_large, damaged).
        """
        archive = self
        for _ in range(DEPTH):
            entry = archive.members.get(path)
            if entry is not None:
                return archive.stream(entry, most_bytes)
            archive, path = archive._within(path)
        raise _vanished()

    def stream(self, entry: Entry, most_bytes: int) -> "MemberStream":
        """Open one member. Raises UnreadableFile as its `refusal`, or damaged."""
        if (refusal := entry.refusal(most_bytes)) is not None:
            raise refusal
        place = entry.offset + self._shift
        self._file.seek(place)
        header = self._file.read(_LOCAL.size)
        if len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
            raise _damaged()
        *_, name, extra = _LOCAL.unpack(header)
        start = place + _LOCAL.size + name + extra
        if start + entry.packed > self._end or (entry.method == _STORED and entry.packed != entry.size):
            raise _damaged()
        return MemberStream(self._file, start, entry)

    def _within(self, path: str) -> tuple["Archive", str]:
        """Return the archive within that holds `path`, and the path below it."""
        outer = path
        while outer := outer.rpartition("/")[0]:
            if (entry := self.members.get(outer)) is None:
                continue
            if self._inner is None or self._inner[0] != outer:
                self._inner = None  # no two of them in memory
                self._inner = outer, Archive(in_memory(self.stream(entry, INNER_BYTES)))
            return self._inner[1], path[len(outer) + 1 :]
        raise _vanished()


class MemberStream(io.RawIOBase):
    """The bytes of one member, unpacked as they are read: as many as its entry declares, or UnreadableFile (damaged)."""

    def __init__(self, file: BinaryIO, start: int, entry: Entry) -> None:
        self._file, self._at, self._packed_left = file, start, entry.packed
        self._left, self._expected, self._crc = entry.size, entry.crc, 0
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS) if entry.method == _DEFLATED else None
        self.closes: BinaryIO | None = None  # with itself

    def close(self) -> None:
        """Close it, and the archive's file where it is to."""
        super().close()
        if self.closes is not None:
            self.closes.close()

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]  # the stubs' Buffer is newer
        """Fill `buffer` as far as there is something left."""
        wanted = min(len(buffer), self._left)
        filled = 0
        while filled < wanted:
            piece = self._unpacked(wanted - filled)
            if not piece:
                raise _damaged()
            buffer[filled : filled + len(piece)] = piece
            filled += len(piece)
            self._crc = zlib.crc32(piece, self._crc)
        self._left -= filled
        if not filled and len(buffer) and (self._crc != self._expected or self._unpacked(1)):
            raise _damaged()
        return filled

    def _unpacked(self, most: int) -> bytes:
        """Return 1 to `most` further bytes, none at the end."""
        if self._inflater is None:
            return self._packed(most)
        try:
            while not self._inflater.eof:
                packed = self._inflater.unconsumed_tail or self._packed(_CHUNK)
                piece = self._inflater.decompress(packed, most)
                if piece or not packed:
                    return piece
        except zlib.error as error:
            raise _damaged() from error
        return b""

    def _packed(self, most: int) -> bytes:
        self._file.seek(self._at)
        piece = self._file.read(min(most, self._packed_left))
        self._at += len(piece)
        self._packed_left -= len(piece)
        return piece


def open_file(path: Path, most_bytes: int) -> BinaryIO:
    """Open the file at `path`, a member of an archive unpacked into memory. Raises OSError, UnreadableFile for a member."""
    try:
        return path.open("rb")
    except NotADirectoryError:
        archive = archive_of(path)
    status = archive.stat()
    opened = _opened(archive, (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns))
    return in_memory(opened.open(str(path.relative_to(archive)), most_bytes))


def archive_of(path: Path) -> Path:
    """Return the file on the disk below which a member's path lies. Raises FileNotFoundError where there is none."""
    for parent in path.parents:
        if parent.is_file():
            return parent
    raise FileNotFoundError(path)


def in_memory(stream: MemberStream) -> io.BytesIO:
    """Unpack a whole member."""
    memory = io.BytesIO()
    shutil.copyfileobj(stream, memory, _CHUNK)
    memory.seek(0)
    return memory


@lru_cache(maxsize=1)
def _opened(archive: Path, _identity: tuple[int, ...]) -> Archive:
    """Keep the last archive open: its members are read one after the other, and its directory and names need some time."""
    file = archive.open("rb")
    try:
        opened = Archive(file)
    except UnreadableFile:
        file.close()
        raise
    weakref.finalize(opened, file.close)
    return opened


def _directory(file: BinaryIO) -> tuple[bytes, int, int]:
    """Return the central directory, by how much all offsets must be moved, and the offset at which the members end."""
    length = file.seek(0, io.SEEK_END)
    begin = max(0, length - _END.size - _LONGEST_COMMENT)
    file.seek(begin)
    tail = file.read(_END.size + _LONGEST_COMMENT)
    place = tail.rfind(b"PK\x05\x06", 0, max(0, len(tail) - _END.size + 4))
    if place < 0:
        raise _damaged()
    *_, count, size, start, _ = _END.unpack_from(tail, place)
    end = begin + place
    if _IN_64_BITS in {size, start}:
        end -= _LOCATOR_64.size + _END_64.size
        file.seek(max(0, end))
        record = file.read(_END_64.size)
        if end < 0 or not record.startswith(b"PK\x06\x06") or not file.read(_LOCATOR_64.size).startswith(b"PK\x06\x07"):
            raise _damaged()
        *_, count, size, start = _END_64.unpack(record)
    if count > MEMBERS or size > _DIRECTORY_BYTES:
        raise _too_many()
    shift = end - size - start
    if shift < 0:
        raise _damaged()
    file.seek(end - size)
    return file.read(size), shift, end - size


def _entries(directory: bytes) -> Iterator[Entry]:
    at = count = 0
    while at < len(directory):
        if len(directory) - at < _CENTRAL.size or directory[at : at + 4] != b"PK\x01\x02":
            raise _damaged()
        if (count := count + 1) > MEMBERS:
            raise _too_many()
        _, _, _, flags, method, _, _, crc, packed, size, name, extra, comment, *_, offset = _CENTRAL.unpack_from(directory, at)
        at += _CENTRAL.size
        yield Entry(_decoded(directory[at : at + name]), flags, method, crc, packed, size, offset)
        at += name + extra + comment
        if at > len(directory):
            raise _damaged()


def _decoded(name: bytes) -> str:
    """Return a name as text: many programs write UTF-8 without saying so, Windows in Vietnam its own code page."""
    with contextlib.suppress(UnicodeDecodeError):
        return name.decode("utf-8")
    with contextlib.suppress(UnicodeDecodeError):
        return normalize("NFC", name.decode("cp1258"))  # where tones are characters of their own
    return name.decode("cp437")  # which has a letter for every byte


def _is_hidden(step: str) -> bool:
    """Tell whether a name is the system's and not a person's, as in a folder: .DS_Store, __MACOSX."""
    return step == "__MACOSX" or (step.startswith(".") and step not in {".", ".."})


def _tidy(name: str) -> str:
    r"""Return a name as a path that leads down from the archive, can be printed, and is no longer than a file's may be.

    >>> _tidy("C:\\..\\a/./b\0.txt"), _tidy("/../")
    ('C:/a/b_.txt', 'không tên')
    """
    steps = [_short(_CONTROL.sub("_", step)) for step in _SEPARATOR.split(name) if step not in {"", ".", ".."}]
    path = "/".join(steps)
    return ("/".join(steps[-_KEPT_STEPS:]) if len(path) > _PATH_LENGTH else path) or _NAMELESS


def _leads_down(path: str) -> bool:
    return _CONTROL.search(path) is None and {"", ".", ".."}.isdisjoint(path.split("/"))


def _short(step: str) -> str:
    return step[-_KEPT_OF_NAME:] if len(step.encode("utf-8")) > _NAME_BYTES else step


def _free(path: str, taken: Container[str], numbers: dict[str, int]) -> str:
    """Return `path`, or where it is taken the next numbered one that is free; `numbers` remembers how far each path has come."""
    if path not in taken:
        return path
    folder, slash, name = path.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    start = f"{folder}{slash}{stem or suffix}"
    end = f"{dot}{suffix}" if stem else ""
    number = numbers.get(path, 2)
    while (numbered := f"{start} ({number}){end}") in taken:
        number += 1
    numbers[path] = number + 1
    return numbered


def _damaged(reason: str = "Tệp nén (ZIP, DOCX, XLSX) bị hỏng hoặc bị cắt ngang.") -> UnreadableFile:
    return UnreadableFile("extract", "damaged", reason)


def _too_many() -> UnreadableFile:
    return UnreadableFile("extract", "too_large", f"Tệp nén chứa hơn {MEMBERS} tệp: hãy giải nén rồi nạp thư mục.")


def _vanished() -> UnreadableFile:
    return UnreadableFile("extract", "vanished", "Tệp nén không còn chứa tệp này.")
