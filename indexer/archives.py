"""ZIP archives: their members are files of their own, at paths below the archive's, and are read without being unpacked to disk.

A member's path is its name with the steps upwards and empty ones left out, so that none leads out of the archive.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import lru_cache
from itertools import count
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from indexer.errors import UnreadableFile

_LOCAL, _END = b"PK\x03\x04", b"PK\x05\x06"
_END_RECORD = struct.Struct("<4s4H2LH")  # .ZIP File Format Specification, 4.3.16
_LONGEST_COMMENT = 0xFFFF
_MEMBERS = 10_000
_DIRECTORY_BYTES = 16 << 20
_ENCRYPTED = 0x1
_UTF_8 = 0x800
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error, OSError)
# What a ZIP holds that is one document of another kind: Office Open XML, OpenDocument and EPUB, applets
_PACKAGES = frozenset(("[Content_Types].xml", "mimetype", "META-INF/container.xml", "META-INF/MANIFEST.MF"))


def is_archive(path: Path) -> bool:
    """Tell whether the file at `path` is a ZIP of files, whatever its name; a damaged one is none. Raises OSError."""
    with path.open("rb") as file:
        if file.read(len(_LOCAL)) not in (_LOCAL, _END):
            return False
        try:
            return _count(file) == 0 or _PACKAGES.isdisjoint(_open(path).names)
        except UnreadableFile as error:
            return error.code == "too_large"


def members(path: Path) -> Iterator[tuple[Path, int]]:
    """Yield path and unpacked size of each file in the archive at `path`. Raises UnreadableFile (too_large, damaged), OSError."""
    with path.open("rb") as file:
        if _count(file) == 0:
            return
    yield from ((path / name, info.file_size) for name, info in _open(path).names.items())


def open_file(path: Path, most_bytes: int) -> BinaryIO:
    """Open the file at `path`, which may be a member of an archive, unpacked into memory.

    Raises OSError as opening a file does, UnreadableFile (too_large, encrypted, damaged).
    """
    try:
        return path.open("rb")
    except NotADirectoryError:
        archive = next(parent for parent in path.parents if parent.exists())
    listing = _open(archive)
    info = listing.names.get(str(path.relative_to(archive)))
    if info is None:
        raise FileNotFoundError(path)
    if info.file_size > most_bytes:
        raise UnreadableFile("extract", "too_large", f"Tệp trong tệp nén lớn hơn {most_bytes >> 20} MB.")
    if info.flag_bits & _ENCRYPTED:
        raise UnreadableFile("extract", "encrypted", "Tệp nén có mật khẩu; hãy giải nén rồi nạp lại.")
    try:
        return io.BytesIO(listing.archive.read(info))
    except (RuntimeError, *_DAMAGED) as error:
        raise _damaged() from error


def is_there(path: Path) -> bool:
    """Tell whether there is a file at `path`, be it a member of an archive."""
    if path.exists():
        return True
    archive = next((parent for parent in path.parents if parent.is_file()), None)
    try:
        return archive is not None and str(path.relative_to(archive)) in _open(archive).names
    except (UnreadableFile, OSError):
        return False


class _Listing:
    """An open archive and its members by path."""

    def __init__(self, path: Path) -> None:
        try:
            self.archive = zipfile.ZipFile(path)
        except _DAMAGED as error:
            raise _damaged() from error
        self.names: dict[str, zipfile.ZipInfo] = {}
        for info in self.archive.infolist():
            name = _path_of(info)
            if info.filename.endswith("/") or not name or any(step.startswith((".", "__MACOSX")) for step in name.split("/")):
                continue  # what starts with a dot is the system's, as in `scan`
            self.names[next(other for other in _numbered(name) if other not in self.names)] = info


def _open(path: Path) -> _Listing:
    """Return the listing of an archive; the last one asked for is kept open. Raises UnreadableFile, OSError."""
    status = path.stat()
    return _listing(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=1)
def _listing(path: Path, _size: int, _mtime_ns: int) -> _Listing:
    with path.open("rb") as file:
        _count(file)
    return _Listing(path)


def _count(file: BinaryIO) -> int:
    """Return how many entries an archive says it has. Raises UnreadableFile before a hostile number of them is read."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _LONGEST_COMMENT - _END_RECORD.size))
    tail = file.read()
    place = tail.rfind(_END)
    if place < 0 or len(tail) - place < _END_RECORD.size:
        raise _damaged()
    _, _, _, _, entries, directory, _, _ = _END_RECORD.unpack_from(tail, place)
    if entries > _MEMBERS or directory > _DIRECTORY_BYTES:
        raise UnreadableFile("extract", "too_large", f"Tệp nén có hơn {_MEMBERS} tệp: hãy giải nén rồi nạp thư mục.")
    return int(entries)


def _path_of(info: zipfile.ZipInfo) -> str:
    """Return a member's name as a path inside the archive, in UTF-8 where its bytes are."""
    name = info.filename
    if not info.flag_bits & _UTF_8:
        try:
            name = name.encode("cp437").decode("utf-8")  # many programs write UTF-8 without saying so
        except UnicodeError:
            name = info.filename
    steps = PurePosixPath(name.replace("\\", "/")).parts
    return "/".join(step for step in steps if step not in ("/", "..", ".")).replace("\x00", "")


def _numbered(name: str) -> Iterator[str]:
    yield name
    stem = PurePosixPath(name)
    yield from (str(stem.with_name(f"{stem.stem} ({number}){stem.suffix}")) for number in count(2))


def _damaged() -> UnreadableFile:
    return UnreadableFile("extract", "damaged", "Tệp nén bị hỏng hoặc bị cắt ngang.")
