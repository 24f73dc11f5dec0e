"""From a path to raw text: sniff the content, then let the reader of that format work within the limits."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from indexer.archives import Contents, open_file
from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract.contents import list_contents
from indexer.extract.doc.document import read_doc
from indexer.extract.docx.document import read_docx
from indexer.extract.html import read_html
from indexer.extract.odt.document import read_odt
from indexer.extract.pdf.document import read_pdf
from indexer.extract.rtf.document import read_rtf
from indexer.extract.sheets.xls import read_xls
from indexer.extract.sheets.xlsx import read_xlsx
from indexer.extract.sniff import Format, is_archive, sniff
from indexer.extract.text import read_text
from indexer.model import RawText

_READERS = {
    Format.PDF: read_pdf,
    Format.DOCX: read_docx,
    Format.DOC: read_doc,
    Format.HTML: read_html,
    Format.TEXT: read_text,
    Format.RTF: read_rtf,
    Format.ODT: read_odt,
    Format.XLS: read_xls,
    Format.XLSX: read_xlsx,
}


def extract(path: Path, limits: Limits) -> RawText:
    """Read the text of the file at `path`, whatever its name says it is; it may be a member of an archive.

    Raises UnreadableFile with stage sniff or extract and one of the codes empty, encrypted, damaged, unsupported, too_large,
    too_many_pages, needs_ocr, unrecognised, memory, vanished, permission. Time and memory are bounded by `sandbox.read_isolated`,
    not here.
    """
    with _trouble_told(), open_file(path, limits.file_mb * 2**20) as file:
        return _read(file, limits)


def unpack(path: Path, limits: Limits) -> Contents | None:
    """Say what the archive at `path` holds, whatever its name is; None for a document, and for a member of an archive.

    Raises UnreadableFile as `extract` does.
    """
    with _trouble_told():
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return list_contents(file, limits) if is_archive(file) else None


@contextmanager
def _trouble_told() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise UnreadableFile("extract", "vanished", "Tệp không còn ở đường dẫn này.") from error
    except PermissionError as error:
        raise UnreadableFile("extract", "permission", "Không có quyền đọc tệp này.") from error
    except OSError as error:
        raise UnreadableFile(
            "extract", "damaged", f"Hệ thống không đọc được tệp: {error.strerror or type(error).__name__}."
        ) from error
    except RecursionError as error:
        raise UnreadableFile("extract", "damaged", "Cấu trúc tệp lồng nhau quá sâu.") from error
    except MemoryError as error:
        raise UnreadableFile("extract", "memory", "Đọc tệp này cần nhiều bộ nhớ hơn giới hạn.") from error


def _read(file: BinaryIO, limits: Limits) -> RawText:
    size = file.seek(0, 2)
    if size > limits.file_mb * 2**20:
        raise UnreadableFile("extract", "too_large", f"Tệp lớn {size / 2**20:.0f} MB, giới hạn là {limits.file_mb} MB.")
    kind = sniff(file)
    file.seek(0)
    return _READERS[kind](file, limits)
