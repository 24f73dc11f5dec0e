"""Plain text: UTF-8, UTF-16, or bytes of an older encoding kept as they are for the decoding stage.

A file that is no Unicode may be windows-1258, TCVN3 or VNI: which one shows only in how its words read. Each such byte becomes
the character of the same number (latin-1), but 0x80-0x9F the character that windows-1252 shows: that is how font-based legacy
text reaches every other format too, so that the decoding stage meets one form of it.
"""

import codecs
import re
from typing import BinaryIO

from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.model import RawPage, RawText, Run

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_WINDOWS_1252 = {byte: bytes([byte]).decode("cp1252") for byte in range(0x80, 0xA0) if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")  # \x0b and \x0c part lines and pages in exported text
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def read_text(file: BinaryIO, limits: Limits) -> RawText:
    """Read a text file as one page, lines ended by LF. Raises UnreadableFile (empty, unsupported)."""
    text = _LINE_ENDS.sub("\n", decode_text(file.read(limits.file_mb * 2**20)))
    if not text.strip():
        raise UnreadableFile("extract", "empty", "Tệp không có chữ nào.")
    return RawText("text", (RawPage((Run(text),)),))


def decode_text(data: bytes) -> str:
    """Return the characters of `data`, without a byte order mark. Raises UnreadableFile (unsupported) where it is no text."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    if utf16 := utf16_without_mark(data):
        return data.decode(utf16, errors="replace")
    if is_binary(data):
        raise UnreadableFile("extract", "unsupported", "Tệp nhị phân, không phải văn bản.")
    if is_single_byte(data):
        return decode_single_byte(data)
    return data.decode("utf-8", errors="ignore")


def decode_single_byte(data: bytes) -> str:
    """Return one character a byte, as windows-1252 shows it, or of the same number where that has none."""
    return data.decode("latin-1").translate(_WINDOWS_1252)


def is_single_byte(data: bytes) -> bool:
    """Tell whether `data` is neither UTF-16 nor UTF-8; a last character cut short does not count."""
    if data.startswith(tuple(mark for mark, _ in _BOMS)) or utf16_without_mark(data):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return True
    return False


def is_binary(data: bytes) -> bool:
    """Tell whether more than one byte in a thousand is a control character that no text holds."""
    return len(_BINARY.findall(data)) * 1000 > len(data)


def utf16_without_mark(data: bytes) -> str | None:
    """Name the UTF-16 variant of `data` when nearly every second byte of its first 4 KB is a high byte of Latin text."""
    head = data[:4096]
    pairs = len(head) // 2
    if pairs < 2:
        return None
    for encoding, high, low in (("utf-16-le", head[1::2], head[0::2]), ("utf-16-be", head[0::2], head[1::2])):
        # Vietnamese letters lie in U+0000-U+01B0, U+0300-U+0323 and U+1EA0-U+1EF9
        latin = sum(high.count(byte) for byte in (0x00, 0x01, 0x03, 0x1E))
        if high.count(0) * 2 > pairs and latin * 100 >= pairs * 95 and low.count(0) * 100 < pairs:
            return encoding
    return None
