"""The original files: given out only when they are still, byte for byte, what was indexed."""

import hashlib
import os
import re
import stat
import threading
from collections import OrderedDict
from typing import BinaryIO

from indexer.catalogue import Original
from indexer.errors import UnknownDocument
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
        self._verified: OrderedDict[_Identity, str] = OrderedDict()  # the SHA-256 that was found
        self._lock = threading.Lock()

    def open(self, original: Original) -> BinaryIO:
        """Open a file at its first byte. Raises OriginalUnavailable when it is gone or altered."""
        try:
            # O_NONBLOCK: a pipe put in the file's place must not hold the thread
            stream = os.fdopen(os.open(original.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY), "rb")
        except (OSError, UnknownDocument) as error:
            raise OriginalUnavailable("Bản gốc của văn bản này hiện không có trên máy chủ.") from error
        if not self._is_unaltered(stream, original):
            stream.close()
            raise OriginalUnavailable("Bản gốc trên máy chủ đã thay đổi so với khi lập chỉ mục nên không được phát.")
        stream.seek(0)
        return stream

    def _is_unaltered(self, stream: BinaryIO, original: Original) -> bool:
        before = os.fstat(stream.fileno())
        if not stat.S_ISREG(before.st_mode) or before.st_size != original.size:
            return False
        digest = self._recall(_identity(before))
        if digest is None:
            digest = _sha256(stream)
            if _identity(os.fstat(stream.fileno())) == _identity(before):  # else it was written to meanwhile
                self._remember(_identity(before), digest)
        return digest == original.sha256

    def _recall(self, identity: _Identity) -> str | None:
        with self._lock:
            if identity in self._verified:
                self._verified.move_to_end(identity)
            return self._verified.get(identity)

    def _remember(self, identity: _Identity, digest: str) -> None:
        with self._lock:
            self._verified[identity] = digest
            if len(self._verified) > _REMEMBERED:
                self._verified.popitem(last=False)


def _identity(status: os.stat_result) -> _Identity:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _sha256(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := stream.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()
