"""What a file is, told by its content; names and extensions are never looked at."""

import re
from enum import StrEnum
from typing import BinaryIO

from indexer.archives import SIGNATURES, Archive
from indexer.errors import UnreadableFile
from indexer.extract.ole import CompoundFile
from indexer.extract.text import decode_text

_HEAD_BYTES = 4096
_PDF_WITHIN = 1024  # ISO 32000-1, annex H: readers accept the header anywhere in the first 1024 bytes
_OWNER_FILE_BYTES, _OWNER_NAME = 162, 54  # Word's ~$ file: length byte, user name, padding to 54 bytes, the same in UTF-16


class Format(StrEnum):
    """The formats that have a reader."""

    PDF = "pdf"
    DOCX = "docx"
    DOC = "doc"
    HTML = "html"
    TEXT = "text"
    RTF = "rtf"
    ODT = "odt"
    XLS = "xls"
    XLSX = "xlsx"


_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "Tệp ảnh PNG chưa được hỗ trợ."),
    (b"\xff\xd8\xff", "Tệp ảnh JPEG chưa được hỗ trợ."),
    (b"GIF8", "Tệp ảnh GIF chưa được hỗ trợ."),
    (b"II*\x00", "Tệp ảnh TIFF chưa được hỗ trợ."),
    (b"MM\x00*", "Tệp ảnh TIFF chưa được hỗ trợ."),
    (b"BM", "Tệp ảnh BMP chưa được hỗ trợ."),
    (b"Rar!", "Tệp nén RAR chưa được hỗ trợ."),
    (b"7z\xbc\xaf\x27\x1c", "Tệp nén 7z chưa được hỗ trợ."),
    (b"\x1f\x8b", "Tệp nén gzip chưa được hỗ trợ."),
    (b"MZ", "Tệp chương trình, không phải văn bản."),
    (b"\x7fELF", "Tệp chương trình, không phải văn bản."),
    (b"%!PS", "Tệp PostScript chưa được hỗ trợ."),
    (b"MIME-Version:", "Trang web lưu một tệp (.mht) chưa được hỗ trợ."),
)
_BEFORE_RTF = b"\xef\xbb\xbf \t\r\n"  # Word passes over them
_SHORT = 2  # bytes: a text may begin with the letters of so short a signature
_HTML = re.compile(
    r"(?>(?:<!--.*?-->|<\?xml[^>]*\?>|\s)*)"  # atomic: a head full of comments is looked at once
    r"<(?:!doctype\s+html|(?:html|head|body|meta|title|style|script|div|p|span|font|table|center|h[1-6]|br|b|i)\b)",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"</?(?:p|br|div|span|font|table|tr|td|b|i|u|a|strong|em|li|ul)\b[^<>]{0,300}>", re.IGNORECASE)
_TAGS = 10  # in the head of a page that was saved without its outer elements
_XML = re.compile(r"\s*<\?xml\b")
_OLE_KINDS: tuple[tuple[str, str, str], ...] = (
    ("EncryptedPackage", "encrypted", "Tệp Office có mật khẩu."),
    ("PowerPoint Document", "unsupported", "Tệp PowerPoint 97-2003 (.ppt) chưa được hỗ trợ."),
    ("__properties_version1.0", "unsupported", "Thư Outlook (.msg) chưa được hỗ trợ."),
)
_CONTENT_TYPES = "[Content_Types].xml"
_CONTENT_TYPES_BYTES = 1 << 20  # far more than the list of any real package's parts
_WORD_TYPE = re.compile(
    rb"application/vnd\.(?:openxmlformats-officedocument\.wordprocessingml\.(?:document|template)\.main"
    rb"|ms-word\.(?:document|template)\.macroEnabled(?:Template)?\.main)\+xml",
    re.IGNORECASE,
)
_OPEN_DOCUMENT = frozenset(("content.xml", "META-INF/manifest.xml"))
_OFFICE_KINDS: tuple[tuple[str, str], ...] = (
    ("xl/workbook.bin", "Tệp Excel nhị phân (.xlsb) chưa được hỗ trợ."),
    ("ppt/", "Tệp PowerPoint (.pptx) chưa được hỗ trợ."),
    ("", "Tệp Office không rõ loại, chưa được hỗ trợ."),
)
_PACKAGES: tuple[tuple[str, str], ...] = (  # by a part that only they have
    ("META-INF/container.xml", "Sách điện tử (.epub) chưa được hỗ trợ."),
    ("META-INF/MANIFEST.MF", "Tệp chương trình, không phải văn bản."),
    ("mimetype", "Tệp OpenDocument không rõ loại, chưa được hỗ trợ."),
)


def sniff(file: BinaryIO) -> Format:
    """Name the format of a document.

    Raises UnreadableFile (stage sniff: empty, encrypted, damaged, unsupported, too_large), its reason naming the kind in
    Vietnamese. An archive is none: see `is_archive`.
    """
    head = _head_of(file)
    if not head:
        raise UnreadableFile("sniff", "empty", "Tệp rỗng (0 byte).")
    if head.startswith(SIGNATURES):  # before PDF: the first member may be one that is only stored
        kind = _sniff_zip(file)
        if kind is None:
            raise UnreadableFile("sniff", "unsupported", "Tệp nén ZIP không phải một văn bản: mỗi tệp trong đó được đọc riêng.")
        return kind
    if b"%PDF-" in head[: _PDF_WITHIN + 5]:
        return Format.PDF
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _sniff_ole(file)
    if head.lstrip(_BEFORE_RTF).startswith(b"{\\rtf"):
        return Format.RTF
    if _is_owner_file(head):
        raise UnreadableFile("sniff", "unsupported", "Tệp tạm của Word (~$...), không phải văn bản.")
    for magic, reason in _MAGIC:
        if head.startswith(magic) and (len(magic) > _SHORT or b"\x00" in head):
            raise UnreadableFile("sniff", "unsupported", reason)
    return _sniff_text(head)


def is_archive(file: BinaryIO) -> bool:
    """Tell whether a file is a ZIP of files and not of a document's parts.

    Raises UnreadableFile (stage sniff: damaged, unsupported, too_large) for a ZIP that is neither.
    """
    return _head_of(file).startswith(SIGNATURES) and _sniff_zip(file) is None


def _head_of(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(_HEAD_BYTES)


def _sniff_text(head: bytes) -> Format:
    try:
        text = decode_text(head)
    except UnreadableFile as error:
        raise UnreadableFile("sniff", "unsupported", error.reason) from error
    if not text.strip("\ufeff\x00\r\n\t "):
        return Format.TEXT  # the reader sees the whole file and says that it is empty
    if _HTML.match(text) or len(_TAG.findall(text)) >= _TAGS:
        return Format.HTML
    if _XML.match(text):
        if 'progid="Word.Document"' in text or "schemas.microsoft.com/office/word/2003" in text:
            raise UnreadableFile("sniff", "unsupported", "Tệp Word 2003 XML chưa được hỗ trợ.")
        raise UnreadableFile("sniff", "unsupported", "Tệp XML chưa được hỗ trợ.")
    return Format.TEXT


def _is_owner_file(head: bytes) -> bool:
    """Tell whether this is Word's lock file (~$...)."""
    padding = head[1 + head[0] : 1 + _OWNER_NAME]
    return len(head) == _OWNER_FILE_BYTES and 0 < head[0] <= _OWNER_NAME and not padding.strip(b" \x00")


def _sniff_zip(file: BinaryIO) -> Format | None:
    """Name the format of a document that is a ZIP of its parts; None for an archive."""
    try:
        archive = Archive(file)
        names = {entry.name for entry in archive.entries}
        is_word = "word/document.xml" in names or _declares_word(archive)
    except UnreadableFile as error:
        raise UnreadableFile("sniff", error.code, error.reason) from error
    is_office = _CONTENT_TYPES in names
    if is_word or (is_office and any(name.startswith("word/") for name in names)):
        return Format.DOCX
    if _OPEN_DOCUMENT.issubset(names):
        return Format.ODT
    if "xl/workbook.xml" in names:
        return Format.XLSX
    for start, reason in _OFFICE_KINDS if is_office else ():
        if any(name.startswith(start) for name in names):
            raise UnreadableFile("sniff", "unsupported", reason)
    for name, reason in _PACKAGES:
        if name in names:
            raise UnreadableFile("sniff", "unsupported", reason)
    return None


def _declares_word(archive: Archive) -> bool:
    """Tell whether a package says that its main part, wherever it lies, is a Word document or template."""
    listed = next((entry for entry in archive.entries if entry.name == _CONTENT_TYPES), None)
    if listed is None:
        return False
    with archive.stream(listed, _CONTENT_TYPES_BYTES) as stream:
        return bool(_WORD_TYPE.search(stream.read(_CONTENT_TYPES_BYTES) or b""))


def _sniff_ole(file: BinaryIO) -> Format:
    try:
        names = CompoundFile(file).names
    except UnreadableFile as error:
        raise UnreadableFile("sniff", error.code, error.reason) from error
    if "WordDocument" in names:
        return Format.DOC
    if not names.isdisjoint(("Workbook", "Book")):
        return Format.XLS
    for stream, code, reason in _OLE_KINDS:
        if any(name.startswith(stream) for name in names):
            raise UnreadableFile("sniff", code, reason)
    raise UnreadableFile("sniff", "unsupported", "Tệp OLE (Office 97-2003) không rõ loại, chưa được hỗ trợ.")
