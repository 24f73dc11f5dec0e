"""The one field table: what is indexed, how it is analysed, and how much it weighs."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What an entry of the index is: a whole document or one of its provisions (articles)."""

    DOCUMENTS = "documents"
    PROVISIONS = "provisions"


@dataclass(frozen=True, slots=True)
class TextField:
    """A field of analysed text; it is indexed in both layers, with positions. `weight` multiplies its tf and length in BM25F."""

    name: str
    scope: Scope
    weight: float


TEXT_FIELDS: tuple[TextField, ...] = (
    TextField("title", Scope.DOCUMENTS, 10.0),
    TextField("body", Scope.DOCUMENTS, 1.0),
    TextField("heading", Scope.PROVISIONS, 6.0),
    TextField("context", Scope.PROVISIONS, 3.0),  # the title of the document that the provision belongs to
    TextField("text", Scope.PROVISIONS, 1.0),
)
KEYWORD_FIELDS: tuple[str, ...] = ("number",)  # normal forms of the document's number, see analyzers.citations.number_keys
CODE_COLUMNS: tuple[str, ...] = ("type", "issuer", "status", "visibility", "kind", "source", "site")
NUMBER_COLUMNS: tuple[str, ...] = ("year", "issued_date")  # 2022 and 20220323
KEY = "key"  # of the document that an entry is or belongs to; every entry has one, and `OneOf` may ask for some

ENTRIES_VERSION = 2  # raised when entries hold other than before of the same document: an index of another must be rebuilt

# BM25F; docs/scoring.md says how they were measured
K1 = 1.5
B = 0.75
IDF_POWER = 0.7

# The second look of docs/scoring.md
WINDOW = 60  # positions
NEAR = 8  # positions
WINDOW_WEIGHT, ADJACENT_WEIGHT, NEAR_WEIGHT, COVERED_WEIGHT = 1.5, 0.6, 0.3, 0.4


def text_fields(scope: Scope) -> tuple[TextField, ...]:
    """Return the text fields that entries of `scope` have, in table order."""
    return tuple(field for field in TEXT_FIELDS if field.scope is scope)
