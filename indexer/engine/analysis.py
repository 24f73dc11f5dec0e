"""From an entry to what is indexed of it: the same checks, terms and lengths for every engine.

Everything that could be refused is refused here, before an engine is touched: a batch is never left half-written by a bad entry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from analyzers.columns import columns
from analyzers.profiles import Profile
from indexer.engine.fields import CODE_COLUMNS, KEYWORD_FIELDS, NUMBER_COLUMNS, Scope, text_fields
from indexer.engine.port import Entry
from indexer.engine.query import Layer
from indexer.model import Visibility

PROFILES: Mapping[Layer, Profile] = MappingProxyType({Layer.MAIN: Profile.MAIN, Layer.FOLDED: Profile.FOLDED})
LARGEST_KEY = 2**63 - 1
LARGEST_NUMBER = 2**31 - 1  # of a number column or an ordinal


@dataclass(frozen=True, slots=True)
class FieldTerms:
    """One text field in one layer: its length in syllables, and its tokens in order, `terms[i]` standing at `positions[i]`."""

    length: int
    terms: Sequence[str]
    positions: Sequence[int]

    def by_term(self) -> dict[str, list[int]]:
        """Return each term's distinct positions, ascending."""
        found: dict[str, list[int]] = {}
        for term, position in zip(self.terms, self.positions, strict=True):
            places = found.setdefault(term, [])
            if not places or places[-1] != position:
                places.append(position)
        return found


@dataclass(frozen=True, slots=True)
class AnalysedEntry:
    """An entry that the field table allows, ready to be indexed. `columns` holds only columns that have a value."""

    key: int
    ordinal: int
    id: str
    anchor: str
    scope: Scope
    terms: Mapping[tuple[str, Layer], FieldTerms]  # every text field of the scope, in both layers
    keywords: Mapping[str, frozenset[str]]  # every keyword field
    columns: Mapping[str, str | int]


def analyse_entries(key: int, entries: Sequence[Entry]) -> tuple[AnalysedEntry, ...]:
    """Analyse all `entries` of document `key`.

    Raises ValueError, naming the entry, for one of another document, a repeated ordinal, a field or column that the
    field table doesn't have, a value of the wrong type, a missing visibility, or text that is no Unicode (lone surrogates).
    """
    if any(entry.key != key for entry in entries):
        raise ValueError(f"document {key}: an entry belongs to another document")
    if len({entry.ordinal for entry in entries}) != len(entries):
        raise ValueError(f"document {key}: two entries have one ordinal")
    analysed = []
    for entry in entries:
        try:
            analysed.append(_analyse_entry(entry))
        except ValueError as error:
            raise ValueError(f"document {key}, entry {entry.ordinal}: {error}") from error
    return tuple(analysed)


def _analyse_entry(entry: Entry) -> AnalysedEntry:
    if not 0 <= entry.key <= LARGEST_KEY or not 0 <= entry.ordinal <= LARGEST_NUMBER:
        raise ValueError("key or ordinal out of range")
    fields = [each.name for each in text_fields(entry.scope)]
    _refuse_unknown("text field", entry.texts, fields)
    _refuse_unknown("keyword field", entry.keywords, KEYWORD_FIELDS)
    _refuse_unknown("column", entry.columns, (*CODE_COLUMNS, *NUMBER_COLUMNS))
    return AnalysedEntry(
        entry.key,
        entry.ordinal,
        _unicode(entry.id),
        _unicode(entry.anchor),
        entry.scope,
        {(name, layer): field_terms(entry.texts.get(name, ""), layer) for name in fields for layer in Layer},
        {name: frozenset(_unicode(value) for value in entry.keywords.get(name, ()) if value) for name in KEYWORD_FIELDS},
        _columns(entry.columns),
    )


def field_terms(text: str, layer: Layer) -> FieldTerms:
    """Analyse one text with the profile of `layer`."""
    return FieldTerms(*columns(_unicode(text), PROFILES[layer]))


def _columns(values: Mapping[str, str | int | None]) -> dict[str, str | int]:
    columns: dict[str, str | int] = {}
    for name, value in values.items():
        if value is None or value == "":
            continue
        if name in NUMBER_COLUMNS:
            if not isinstance(value, int) or not 0 <= value <= LARGEST_NUMBER:
                raise ValueError(f"column {name} is no number in range: {value!r}")
            columns[name] = int(value)
        elif isinstance(value, str):
            columns[name] = _unicode(str(value))
        else:
            raise ValueError(f"column {name} is no text: {value!r}")
    if columns.get("visibility") not in set(Visibility):
        raise ValueError("visibility is missing or unknown")  # nobody would see it, and nobody would know
    return columns


def _refuse_unknown(what: str, names: Mapping[str, object], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            raise ValueError(f"unknown {what} {name}")


def _unicode(text: str) -> str:
    text.encode()  # UnicodeEncodeError is a ValueError
    return text
