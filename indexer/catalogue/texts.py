"""Canonical texts as the catalogue stores them."""

import zlib

from indexer.errors import CatalogueDamaged


def pack(text: str) -> bytes:
    """Return what is stored of a text."""
    return zlib.compress(text.encode("utf-8"))


def unpack(key: int, stored: bytes) -> str:
    """Return the text of document `key` from what is stored. Raises CatalogueDamaged."""
    try:
        return zlib.decompress(stored).decode("utf-8")
    except (zlib.error, UnicodeDecodeError) as error:
        raise CatalogueDamaged(f"Nội dung của văn bản có khóa {key} bị hỏng: phục hồi từ bản sao lưu.") from error
