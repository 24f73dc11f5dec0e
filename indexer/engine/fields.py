"""The one field table: what is indexed, how it is analysed, and how much it weighs."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What an entry of the index is: a whole document or one of its provisions (articles)."""

    DOCUMENTS = "documents"
    PROVISIONS = "provisions"


@dataclass(frozen=True, slots=True)
class TextField:
    """A field of analysed text; it is indexed in both layers, with positions. `weight` multiplies its tf and length in BM25F.

    `covered` and `held` are the second look's weights for how much of the field the question's words make up, and for how many
    of these words stand in it.
    """

    name: str
    scope: Scope
    weight: float
    covered: float = 0.0
    held: float = 0.0


TEXT_FIELDS: tuple[TextField, ...] = (
    TextField("title", Scope.DOCUMENTS, 10.0, covered=0.5),
    TextField("body", Scope.DOCUMENTS, 1.0),
    TextField("heading", Scope.PROVISIONS, 6.0, covered=1.05, held=-0.8),  # a long heading holds many words by chance
    TextField("context", Scope.PROVISIONS, 3.0, covered=0.5),  # the title of the document that the provision belongs to
    TextField("text", Scope.PROVISIONS, 1.0),
)
# Whose syllables side by side are counted; `body` has the articles again
NEIGHBOURS: tuple[str, ...] = ("title", "heading", "text")
# Normal forms of the document's number and signer, see analyzers.citations.number_keys and indexer.legal.name_keys;
# of a provision, the article that it is: dieu-15
KEYWORD_FIELDS: tuple[str, ...] = ("number", "signer", "provision")
CODE_COLUMNS: tuple[str, ...] = ("type", "issuer", "status", "visibility", "kind", "source", "site")
NUMBER_COLUMNS: tuple[str, ...] = ("year", "issued_date", "ended", "copy")  # 2022, 20220323, 20240801, and a digest
WIDE_COLUMNS = frozenset({"copy"})  # number columns of up to 63 bits; the others have 31
COPY = "copy"  # the number column that entries of one text share, see indexer/copies.py
KEY = "key"  # of the document that an entry is or belongs to; every entry has one, and `OneOf` may ask for some

ENTRIES_VERSION = 7  # raised when entries hold other than before of the same document: an index of another must be rebuilt

# BM25F; docs/scoring.md says how they were measured
K1 = 1.5
B = 0.75
IDF_POWER = 0.85

# The second look of docs/scoring.md
WINDOW, CLOSE = 60, 15  # positions; a window is some close ones wide
LOOK_POWER = 0.82  # of a term's idf, how much the term weighs there
WINDOW_WEIGHT, CLOSE_WEIGHT, ADJACENT_WEIGHT, RUN_WEIGHT, KIN_WEIGHT = 0.8, 1.45, 2.1, 1.7, 0.5
KIN_SLOPE = 1.5


def text_fields(scope: Scope) -> tuple[TextField, ...]:
    """Return the text fields that entries of `scope` have, in table order."""
    return tuple(field for field in TEXT_FIELDS if field.scope is scope)
