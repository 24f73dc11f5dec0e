"""The original files: given out only when they are still, byte for byte, what was indexed."""

import hashlib
import os
import re
import stat
from typing import BinaryIO

from indexer.catalogue import Original
from indexer.errors import UnknownDocument
from indexer.model import Document
from search_api.errors import OriginalUnavailable
from search_api.services import Library

_BLOCK = 1 << 20
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html",
    "text": "text/plain",
}
_EXTENSIONS = {"pdf": "pdf", "docx": "docx", "html": "html", "text": "txt"}
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\s]+')  # separators, and what Windows refuses


def content_type(name: str) -> str:
    """Return the media type of a format of the catalogue; without a charset, for old files have many."""
    return CONTENT_TYPES.get(name, "application/octet-stream")


def file_name(document: Document, original: Original) -> str:
    """Return what to save the file as: the document's number or title, never its place on the server."""
    stated = document.metadata.number or document.metadata.title or document.id
    stem = _NOT_IN_NAMES.sub("-", stated)[:80].strip("-. ") or document.id
    return f"{stem}.{_EXTENSIONS.get(original.format, 'bin')}"


def open_original(library: Library, document: Document) -> tuple[Original, BinaryIO]:
    """Open a document's original at its first byte. Raises OriginalUnavailable when it is gone or altered."""
    original = library.original(document.key)
    if original is None:
        raise OriginalUnavailable("Bản gốc của văn bản này không được lưu.")
    try:
        # O_NONBLOCK: a pipe put in the file's place must not hold the thread
        stream = os.fdopen(os.open(original.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY), "rb")
    except (OSError, UnknownDocument) as error:
        raise OriginalUnavailable("Bản gốc của văn bản này hiện không có trên máy chủ.") from error
    if not _is_unaltered(stream, original):
        stream.close()
        raise OriginalUnavailable("Bản gốc trên máy chủ đã thay đổi so với khi lập chỉ mục nên không được phát.")
    stream.seek(0)
    return original, stream


def _is_unaltered(stream: BinaryIO, original: Original) -> bool:
    status = os.fstat(stream.fileno())
    if not stat.S_ISREG(status.st_mode) or status.st_size != original.size:
        return False
    digest = hashlib.sha256()
    while block := stream.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest() == original.sha256
