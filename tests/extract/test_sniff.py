"""What a file is, by its content."""

import io
import zipfile
from pathlib import Path

import pytest
from compound import compound_file
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.errors import UnreadableFile
from indexer.extract.sniff import Format, sniff


def zip_of(*names: str) -> bytes:
    """An archive with members of these names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


def package_of(content_type: str, *names: str) -> bytes:
    """An office package that declares one content type."""
    buffer = io.BytesIO(zip_of(*names))
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml", f'<Types><Override PartName="/x" ContentType="application/{content_type}+xml"/></Types>'
        )
    return buffer.getvalue()


_WORD = "vnd.openxmlformats-officedocument.wordprocessingml.document.main"


def ole_of(*names: str) -> bytes:
    """A compound file of streams with these names."""
    return compound_file(dict.fromkeys(names, b"x"))


def look(data: bytes, folder: Path, name: str = "file.bin") -> Format:
    """Sniff a file of these bytes."""
    path = folder / name
    path.write_bytes(data)
    with path.open("rb") as file:
        return sniff(file)


def look_or_refuse(data: bytes, folder: Path) -> Format | UnreadableFile:
    """Sniff bytes that may be anything."""
    try:
        return look(data, folder)
    except UnreadableFile as refusal:
        return refusal


READABLE = {
    "a PDF": (b"%PDF-1.7\n", Format.PDF),
    "a PDF after junk": (b"\r\n" + b"junk " * 200 + b"%PDF-1.4\n", Format.PDF),
    "a DOCX": (zip_of("[Content_Types].xml", "word/document.xml"), Format.DOCX),
    "a DOCX whose document lies elsewhere": (package_of(_WORD, "van-ban/chinh.xml"), Format.DOCX),
    "a DOCX with macros": (package_of("vnd.ms-word.document.macroEnabled.main", "a.xml"), Format.DOCX),
    "a Word document": (ole_of("1Table", "WordDocument"), Format.DOC),
    "a Word document with a long directory": (ole_of(*"abcdefgh", "WordDocument"), Format.DOC),
    "HTML": (b"\r\n<!DOCTYPE html><html>", Format.HTML),
    "HTML by Word": (b'<html xmlns:v="urn:schemas-microsoft-com:vml"', Format.HTML),
    "HTML in UTF-16": ("\ufeff<html>".encode("utf-16-le"), Format.HTML),
    "HTML after a comment": (b"<!-- saved from url --> <HTML>", Format.HTML),
    "XHTML": (b'<?xml version="1.0"?><html xmlns="x">', Format.HTML),
    "a part of a page": (b"Noi dung <b>mot</b> <i>hai</i><br>" * 3, Format.HTML),
    "an Excel 97 workbook": (ole_of("Workbook"), Format.XLS),
    "an Excel 95 workbook": (ole_of("Book"), Format.XLS),
    "an XLSX": (zip_of("[Content_Types].xml", "xl/workbook.xml"), Format.XLSX),
    "an XLSX that holds a DOCX": (
        package_of("vnd.openxmlformats-officedocument.wordprocessingml.document", "xl/workbook.xml"),
        Format.XLSX,
    ),
    "an ODT": (zip_of("mimetype", "META-INF/manifest.xml", "content.xml"), Format.ODT),
    "an RTF": (b"{\\rtf1\\ansi", Format.RTF),
    "an RTF after a mark": (b"\xef\xbb\xbf\r\n{\\rtf1", Format.RTF),
    "a text": ("Số: 12/QĐ-UBND".encode(), Format.TEXT),
    "a text that opens with the letters of a bitmap": (b"BM/2020 Bieu mau so 1", Format.TEXT),
    "a text of comments": (b"<!---->" * 600 + b"x", Format.TEXT),
    "a text in TCVN3": ("QuyÕt ®Þnh".encode("latin-1"), Format.TEXT),
    "a text that opens with an angle bracket": (b"<Ban hanh kem theo>", Format.TEXT),
}
REFUSED = {
    "nothing": (b"", "empty", "rỗng"),
    "an encrypted DOCX": (ole_of("EncryptionInfo", "EncryptedPackage"), "encrypted", "mật khẩu"),
    "another compound file": (ole_of("x"), "unsupported", "OLE"),
    "a broken compound file": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 90, "damaged", "Office 97-2003"),
    "an XLSB": (zip_of("[Content_Types].xml", "xl/workbook.bin"), "unsupported", ".xlsb"),
    "a ZIP": (zip_of("a.pdf"), "unsupported", "ZIP"),
    "a ZIP cut short": (zip_of("word/document.xml")[:-30], "damaged", "hỏng"),
    "a PNG": (b"\x89PNG\r\n", "unsupported", "PNG"),
    "a program": (b"MZ\x90\x00\x03", "unsupported", "chương trình"),
    "Word's owner file": (
        b"\x05admin".ljust(55, b" ") + b"\x05\0" + "admin".encode("utf-16-le") + bytes(95),
        "unsupported",
        "~$",
    ),
    "a Word 2003 XML": (b'<?xml version="1.0"?><?mso-application progid="Word.Document"?>', "unsupported", "Word 2003"),
    "other XML": (b'<?xml version="1.0"?><rss/>', "unsupported", "XML"),
    "noise": (bytes(range(256)) * 4, "unsupported", "nhị phân"),
}


@pytest.mark.parametrize("name", ["file.pdf", "file.docx", "file.xls", "no-suffix"])
@pytest.mark.parametrize("what", READABLE)
def test_formats_are_told_by_content(what, name, tmp_path):
    """The name of the file changes nothing."""
    data, kind = READABLE[what]
    assert look(data, tmp_path, name) is kind


@pytest.mark.parametrize("what", REFUSED)
def test_other_kinds_are_named(what, tmp_path):
    """A kind that has no reader is refused with a code for programs and its name for people."""
    data, code, says = REFUSED[what]
    with pytest.raises(UnreadableFile) as refusal:
        look(data, tmp_path)
    assert (refusal.value.stage, refusal.value.code) == ("sniff", code)
    assert says in refusal.value.reason


_STARTS = [
    b"",
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"<",
    b"<?xml",
    b"<!--",
    b"%PDF",
    b"{\\rtf",
    b"\xff\xfe",
    b"\x05",
]


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.sampled_from(_STARTS), rest=st.binary(max_size=700))
def test_any_bytes_have_a_format_or_are_refused(start, rest, tmp_path):
    """Bytes after any of the signatures bring about no other error."""
    outcome = look_or_refuse(start + rest, tmp_path)
    assert isinstance(outcome, Format) or (outcome.stage == "sniff" and outcome.reason)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_altered_archives_have_a_format_or_are_refused(data, tmp_path):
    """A real archive or compound file with bytes changed or cut is never another error."""
    whole = data.draw(st.sampled_from([zip_of("word/document.xml", "a"), package_of(_WORD, "a.xml"), ole_of("WordDocument")]))
    changed = bytearray(whole[: data.draw(st.integers(8, len(whole)))])
    for _ in range(data.draw(st.integers(0, 6))):
        changed[data.draw(st.integers(4, len(changed) - 1))] = data.draw(st.integers(0, 255))
    outcome = look_or_refuse(bytes(changed), tmp_path)
    assert isinstance(outcome, Format) or (outcome.stage == "sniff" and outcome.reason)
