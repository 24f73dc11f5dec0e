"""The parts of a DOCX or XLSX file: a ZIP of XML, where relations tell which part is what.

Source: ISO/IEC 29500-2 (Open Packaging Conventions).
"""

import posixpath
import zipfile
from typing import NamedTuple

from lxml import etree

from indexer.config import Limits
from indexer.extract.zipped_xml import ZippedXml

_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


class Relation(NamedTuple):
    """A part that another refers to: the name that it uses for it, the kind of relation, and where the part lies."""

    id: str
    kind: str
    target: str


class Package(ZippedXml):
    """The parts of one file by their relation to its main part, which usually lies at `usual_main`."""

    def __init__(self, archive: zipfile.ZipFile, limits: Limits, kind: str, usual_main: str) -> None:
        super().__init__(archive, limits, kind)
        self.main = next((relation.target for relation in self.relations("") if relation.kind == "officeDocument"), usual_main)
        self._folder = posixpath.dirname(self.main)
        self._of_main = self.relations(self.main)

    def parts(self, kind: str) -> list[etree._Element]:
        """Parse the main part's parts of a kind (header, footnotes): those it refers to and those named so beside it."""
        prefix = posixpath.join(self._folder, kind)
        named = {name for name in self.names if name.startswith(prefix) and name.endswith(".xml")}
        return [self.part(name) for name in sorted(named.union(self._related(kind)))]

    def single(self, kind: str) -> etree._Element | None:
        """Parse the one part of a kind (styles, numbering) if there is one."""
        name = self.name_of(kind)
        return None if name is None else self.part(name)

    def name_of(self, kind: str) -> str | None:
        """Return where the one part of a kind lies if there is one."""
        name = next(iter(self._related(kind)), posixpath.join(self._folder, f"{kind}.xml"))
        return name if name in self.names else None

    def _related(self, kind: str) -> list[str]:
        return [relation.target for relation in self._of_main if relation.kind == kind]

    def relations(self, source: str) -> list[Relation]:
        """Return the relations of the part `source` ("" is the package) to parts that exist."""
        folder, name = posixpath.split(source)
        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        if relations not in self.names:
            return []
        found = []
        for element in self.part(relations).iter(_RELATION):
            target = posixpath.normpath(posixpath.join("/", folder, element.get("Target", ""))).lstrip("/")
            if target in self.names and element.get("TargetMode") != "External":
                found.append(Relation(element.get("Id", ""), element.get("Type", "").rpartition("/")[2], target))
        return found
