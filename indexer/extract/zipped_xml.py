"""A ZIP file of XML parts, as DOCX, XLSX and OpenDocument files are: every part is read through it, which counts what unpacking
really yields.

Source: PKWARE APPNOTE.TXT 6.3.
"""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from lxml import etree

from indexer.config import Limits
from indexer.errors import UnreadableFile

_MEMBERS = 10_000  # parts in one file; an office program's own have some dozens
_CHUNK = 1 << 16


@contextmanager
def damage_told(kind: str) -> Iterator[None]:
    """Turn what a broken ZIP file brings about into UnreadableFile (damaged); `kind` names the format to people."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, KeyError) as error:
        raise UnreadableFile("extract", "damaged", f"Tệp {kind} bị hỏng hoặc bị cắt ngang.") from error


class ZippedXml:
    """The parts of one file; unpacking all that is asked for may yield no more than the limit."""

    def __init__(self, archive: zipfile.ZipFile, limits: Limits, kind: str) -> None:
        self._archive = archive
        self._kind = kind
        self._limit = limits.unpacked_mb
        self._left = limits.unpacked_mb * 2**20
        self.names = frozenset(info.filename for info in archive.infolist())
        if len(archive.infolist()) > _MEMBERS:
            raise UnreadableFile("extract", "too_large", f"Tệp {kind} chứa hơn {_MEMBERS} thành phần.")

    def part(self, name: str) -> etree._Element:
        """Parse the part `name`. Raises UnreadableFile (encrypted, damaged, too_large)."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True)
        chunks = self._chunks(name)
        with self._broken_xml_told():
            for chunk in chunks:
                parser.feed(chunk)
            root = parser.close()
        self._refuse_dtd(root)
        return root

    def raw(self, name: str) -> bytes:
        """Return the bytes of the part `name`; none where there is no such part. Raises UnreadableFile (encrypted, too_large)."""
        return b"".join(self._chunks(name)) if name in self.names else b""

    def elements(self, name: str, *tags: str) -> Iterator[etree._Element]:
        """Yield the elements of these tags in the part `name`, each once it is read; it is gone soon after.

        Raises UnreadableFile as `part` does.
        """
        parser = etree.XMLPullParser(
            events=("end",),
            tag=tags,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
        )
        checked = False
        chunks = self._chunks(name)
        with self._broken_xml_told():
            for chunk in chunks:
                parser.feed(chunk)
                element = None
                for _, read in parser.read_events():
                    element = cast("etree._Element", read)  # noqa: SLF001  the class has no public name
                    if not checked:
                        self._refuse_dtd(element)
                        checked = True
                    yield element
                if element is not None:
                    _forget(element)
            parser.close()

    @contextmanager
    def _broken_xml_told(self) -> Iterator[None]:
        try:
            yield
        except etree.XMLSyntaxError as error:
            if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
                raise MemoryError from error
            raise UnreadableFile("extract", "damaged", f"XML trong tệp {self._kind} bị hỏng.") from error

    def _refuse_dtd(self, element: etree._Element) -> None:
        if element.getroottree().docinfo.internalDTD is not None:
            raise UnreadableFile(
                "extract", "damaged", f"Tệp {self._kind} khai báo DTD, chương trình văn phòng không bao giờ làm vậy."
            )

    def _chunks(self, name: str) -> Iterator[bytes]:
        info = self._archive.getinfo(name)
        if info.flag_bits & 1:
            raise UnreadableFile("extract", "encrypted", f"Tệp {self._kind} nén có mật khẩu.")
        if info.file_size > self._left:
            raise self._too_large()
        with self._archive.open(info) as member:
            while chunk := member.read(_CHUNK):
                self._left -= len(chunk)
                if self._left < 0:
                    raise self._too_large()
                yield chunk

    def _too_large(self) -> UnreadableFile:
        return UnreadableFile("extract", "too_large", f"Tệp {self._kind} giải nén ra hơn {self._limit} MB.")


def _forget(element: etree._Element) -> None:
    """Free the memory of `element` and of all that stands before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None:
        del parent[: parent.index(element)]
        element, parent = parent, parent.getparent()
