"""The original files: given out only when they are still, byte for byte, what was indexed."""

import hashlib
import os
import re
import stat
import threading
from collections import OrderedDict
from pathlib import Path
from typing import BinaryIO

from indexer.archives import Archive, MemberStream, archive_of
from indexer.catalogue import Original
from indexer.errors import UnknownDocument, UnreadableFile
from indexer.model import Document
from search_api.errors import OriginalUnavailable
from search_api.services import Library

_BLOCK = 1 << 20
_REMEMBERED = 10_000  # files
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "doc": "application/msword",
    "rtf": "application/rtf",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xls": "application/vnd.ms-excel",
    "html": "text/html",
    "text": "text/plain",
}
_EXTENSIONS = {kind: kind for kind in CONTENT_TYPES} | {"text": "txt"}
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\s]+')  # separators, and what Windows refuses
_Identity = tuple[int, int, int, int, int]  # device, inode, size, times of the last change of content and of anything
_Key = tuple[str, int, int, int, int, int]  # a member's path in the archive, "" for a file of its own; the identity


def content_type(name: str) -> str:
    """Return the media type of a format of the catalogue; without a charset, for old files have many."""
    return CONTENT_TYPES.get(name, "application/octet-stream")


def file_name(document: Document, original: Original) -> str:
    """Return what to save the file as: the document's number or title, never its place on the server."""
    stated = document.metadata.number or document.metadata.title or document.id
    stem = _NOT_IN_NAMES.sub("-", stated)[:80].strip("-. ") or document.id
    return f"{stem}.{_EXTENSIONS.get(original.format, 'bin')}"


def original_of(library: Library, document: Document) -> Original:
    """Return which file a document was read from. Raises OriginalUnavailable when none is kept."""
    original = library.original(document.key)
    if original is None:
        raise OriginalUnavailable("Bản gốc của văn bản này không được lưu.")
    return original


class Originals:
    """Opens original files, each hashed once: again only when what the disk tells of it has changed. Safe for threads."""

    def __init__(self) -> None:
        self._verified: OrderedDict[_Key, str] = OrderedDict()  # the SHA-256 that was found
        self._lock = threading.Lock()

    def open(self, original: Original) -> BinaryIO | MemberStream:
        """Open a file, or a member of an archive, at its first byte. Raises OriginalUnavailable when it is gone or altered."""
        try:
            file, member = _open(original.path)
        except (OSError, UnknownDocument) as error:
            raise OriginalUnavailable("Bản gốc của văn bản này hiện không có trên máy chủ.") from error
        try:
            return self._checked(file, member, original)
        except UnreadableFile as error:
            file.close()
            raise OriginalUnavailable("Bản gốc trên máy chủ đã thay đổi so với khi lập chỉ mục nên không được phát.") from error

    def _checked(self, file: BinaryIO, member: str, original: Original) -> BinaryIO | MemberStream:
        """Return what to send. Raises UnreadableFile where that would not be what was indexed."""
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode) or (not member and before.st_size != original.size):
            raise _altered()
        archive = Archive(file) if member else None
        key = (member, *_identity(before))
        digest = self._recall(key)
        if digest is None:
            digest = _sha256(archive.open(member, original.size) if archive else file)
            if _identity(os.fstat(file.fileno())) == _identity(before):  # else it was written to meanwhile
                self._remember(key, digest)
        if digest != original.sha256:
            raise _altered()
        if archive is None:
            file.seek(0)
            return file
        stream = archive.open(member, original.size)
        stream.closes = file
        return stream

    def _recall(self, identity: _Key) -> str | None:
        with self._lock:
            if identity in self._verified:
                self._verified.move_to_end(identity)
            return self._verified.get(identity)

    def _remember(self, identity: _Key, digest: str) -> None:
        with self._lock:
            self._verified[identity] = digest
            if len(self._verified) > _REMEMBERED:
                self._verified.popitem(last=False)


def _open(path: Path) -> tuple[BinaryIO, str]:
    """Open a file, or the archive that it is a member of; returns the member's path in that, "" for a file of its own."""
    try:
        return _open_on_disk(path), ""
    except NotADirectoryError:
        archive = archive_of(path)
    return _open_on_disk(archive), str(path.relative_to(archive))


def _open_on_disk(path: Path) -> BinaryIO:
    # O_NONBLOCK: a pipe put in the file's place must not hold the thread
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY), "rb")


def _altered() -> UnreadableFile:
    return UnreadableFile("extract", "damaged", "Tệp không còn là tệp đã lập chỉ mục.")


def _identity(status: os.stat_result) -> _Identity:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _sha256(stream: BinaryIO | MemberStream) -> str:
    digest = hashlib.sha256()
    while block := stream.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()
