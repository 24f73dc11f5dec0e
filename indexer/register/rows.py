"""What a register holds once it has been read: plain frozen types."""

from dataclasses import dataclass
from pathlib import Path

from indexer.model import METADATA_FIELDS, Kind, LegalMetadata, Visibility

DATE_FIELDS = frozenset({"issued_date", "effective_date", "expiry_date"})
# What a column may be mapped to besides the metadata's fields.
FILES = "files"  # names or addresses of the document's files
SIGNER_WITH_POSITION = "signer_with_position"  # Phó Chủ tịch UBND Nguyễn Văn A
TARGETS: tuple[str, ...] = (*METADATA_FIELDS, FILES, SIGNER_WITH_POSITION, "visibility", "kind", "site", "secrecy")
IGNORED = ""


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One document as the register states it; what it does not state is None."""

    row: int  # as a spreadsheet numbers it: a CSV file's header is row 1; in JSON Lines the line
    file_names: tuple[str, ...]  # as they may be called on disk, without folders
    metadata: LegalMetadata
    number_key: str | None = None  # the number in the form in which numbers are compared
    visibility: Visibility | None = None
    kind: Kind | None = None
    site: str | None = None
    secrecy: str | None = None  # any word but those that say "none": the document must stay in quarantine
    of_archive: bool = False  # it speaks of an archive that the file lies in, and only of who may see it

    def says_as(self, other: "RegisterRow") -> bool:
        """Tell whether both rows say the same of a document, whatever their place and file names."""
        here = (self.metadata, self.secrecy, self.visibility, self.kind, self.site)
        return here == (other.metadata, other.secrecy, other.visibility, other.kind, other.site)


@dataclass(frozen=True, slots=True)
class Register:
    """A whole register, read and checked. `warnings` are Vietnamese sentences for the operator."""

    path: Path
    preset: str
    rows: tuple[RegisterRow, ...]
    warnings: tuple[str, ...] = ()
