"""The parts of a DOCX file: a ZIP of XML, where relations tell which part is what.

Every part is read through `Package`, which counts what unpacking really yields.
Source: ISO/IEC 29500-2 (Open Packaging Conventions).
"""

import posixpath
import zipfile
from collections.abc import Iterator

from lxml import etree

from indexer.config import Limits
from indexer.errors import UnreadableFile

_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_USUAL_MAIN = "word/document.xml"
_MEMBERS = 10_000  # parts in one package; Word's own have some dozens
_CHUNK = 1 << 16


class Package:
    """The parts of one file; unpacking all that is asked for may yield no more than the limit."""

    def __init__(self, archive: zipfile.ZipFile, limits: Limits) -> None:
        self._archive = archive
        self._limit = limits.unpacked_mb
        self._left = limits.unpacked_mb * 2**20
        self._names = frozenset(info.filename for info in archive.infolist())
        if len(archive.infolist()) > _MEMBERS:
            raise UnreadableFile("extract", "too_large", f"Tệp DOCX chứa hơn {_MEMBERS} thành phần.")
        self.main = next((target for kind, target in self._relations("") if kind == "officeDocument"), _USUAL_MAIN)
        self._folder = posixpath.dirname(self.main)
        self._of_main = self._relations(self.main)

    def parts(self, kind: str) -> list[etree._Element]:
        """Parse the main part's parts of a kind (header, footnotes): those it refers to and those named so beside it."""
        prefix = posixpath.join(self._folder, kind)
        named = {name for name in self._names if name.startswith(prefix) and name.endswith(".xml")}
        return [self.part(name) for name in sorted(named.union(self._related(kind)))]

    def single(self, kind: str) -> etree._Element | None:
        """Parse the one part of a kind (styles, numbering) if there is one."""
        usual = posixpath.join(self._folder, f"{kind}.xml")
        name = next(iter(self._related(kind)), usual)
        return self.part(name) if name in self._names else None

    def _related(self, kind: str) -> list[str]:
        return [target for related, target in self._of_main if related == kind]

    def _relations(self, source: str) -> list[tuple[str, str]]:
        """Return the parts that `source` ("" is the package) refers to and that exist, each after the kind of the relation."""
        folder, name = posixpath.split(source)
        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        if relations not in self._names:
            return []
        found = []
        for relation in self.part(relations).iter(_RELATION):
            target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", ""))).lstrip("/")
            if target in self._names and relation.get("TargetMode") != "External":
                found.append((relation.get("Type", "").rpartition("/")[2], target))
        return found

    def part(self, name: str) -> etree._Element:
        """Parse the part `name`. Raises UnreadableFile (encrypted, damaged, too_large)."""
        info = self._archive.getinfo(name)
        if info.flag_bits & 1:
            raise UnreadableFile("extract", "encrypted", "Tệp DOCX nén có mật khẩu.")
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True)
        try:
            for chunk in self._chunks(info):
                parser.feed(chunk)
            root = parser.close()
        except etree.XMLSyntaxError as error:
            if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
                raise MemoryError from error
            raise UnreadableFile("extract", "damaged", "XML trong tệp DOCX bị hỏng.") from error
        if root.getroottree().docinfo.internalDTD is not None:
            raise UnreadableFile("extract", "damaged", "Tệp DOCX khai báo DTD, Word không bao giờ làm vậy.")
        return root

    def _chunks(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        if info.file_size > self._left:
            raise self._too_large()
        with self._archive.open(info) as member:
            while chunk := member.read(_CHUNK):
                self._left -= len(chunk)
                if self._left < 0:
                    raise self._too_large()
                yield chunk

    def _too_large(self) -> UnreadableFile:
        return UnreadableFile("extract", "too_large", f"Tệp DOCX giải nén ra hơn {self._limit} MB.")
