"""From an entry to what is indexed of it: the same checks, terms and lengths for every engine.

Everything that could be refused is refused here, before an engine is touched: a batch is never left half-written by a bad entry.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import NamedTuple

from analyzers.columns import Columns, columns
from analyzers.profiles import Profile
from indexer.engine.fields import CODE_COLUMNS, KEYWORD_FIELDS, NUMBER_COLUMNS, WIDE_COLUMNS, Scope, text_fields
from indexer.engine.port import Entry
from indexer.engine.query import Layer
from indexer.model import Visibility

PROFILES: Mapping[Layer, Profile] = MappingProxyType({Layer.MAIN: Profile.MAIN, Layer.FOLDED: Profile.FOLDED})
_TEXT_FIELDS = {scope: tuple(field.name for field in text_fields(scope)) for scope in Scope}
_TEXT_NAMES = {scope: frozenset(names) for scope, names in _TEXT_FIELDS.items()}
_KEYWORD_NAMES = frozenset(KEYWORD_FIELDS)
_COLUMNS = frozenset((*CODE_COLUMNS, *NUMBER_COLUMNS))
_VISIBILITIES = frozenset(Visibility)
LARGEST_KEY = 2**63 - 1  # or number of a wide column
LARGEST_NUMBER = 2**31 - 1  # of another number column or an ordinal


@dataclass(frozen=True, slots=True)
class FieldTerms:
    """One text field in one layer: its length in syllables and its tokens in order, `terms[i]` standing at `positions[i]`.

    A term may be twice at one position: who counts makes the positions of each term distinct.
    """

    length: int
    terms: Sequence[str]
    positions: Sequence[int]


Analyse = Callable[[Sequence[str], Layer], Columns]
"""From texts, which are Unicode, to what is indexed of them in a layer."""


class CheckedEntry(NamedTuple):
    """An entry that the field table allows; every text, keyword and column is Unicode. `columns` are those that have a value."""

    key: int
    ordinal: int
    id: str
    anchor: str
    scope: Scope
    texts: Mapping[str, str]  # every text field of the scope
    keywords: Mapping[str, frozenset[str]]  # every keyword field
    columns: Mapping[str, str | int]
    terms: Mapping[tuple[str, Layer], FieldTerms] = MappingProxyType({})  # once analysed, of every text field in both layers


def is_syllable(term: str) -> bool:
    """Tell whether a term is a syllable with a letter: words have _ between theirs, dates and numbers have figures alone."""
    return term.isalnum() and not term.isdecimal()


def analyse_texts(texts: Sequence[str], layer: Layer) -> Columns:
    """Analyse texts with the profile of `layer`."""
    return columns(texts, PROFILES[layer])


def field_terms(text: str, layer: Layer, analyse: Analyse = analyse_texts) -> FieldTerms:
    """Analyse one text."""
    vocabulary, terms, positions, _, lengths = analyse([text], layer)
    return FieldTerms(int(lengths[0]), [vocabulary[term] for term in terms.tolist()], positions.tolist())


def analyse_entries(key: int, entries: Sequence[Entry], analyse: Analyse = analyse_texts) -> tuple[CheckedEntry, ...]:
    """Check all `entries` of document `key` and analyse their texts. Raises ValueError as `check_entries` does."""
    return tuple(
        entry._replace(
            terms={(name, layer): field_terms(text, layer, analyse) for name, text in entry.texts.items() for layer in Layer}
        )
        for entry in check_entries(key, entries)
    )


def check_entries(key: int, entries: Sequence[Entry]) -> tuple[CheckedEntry, ...]:
    """Check all `entries` of document `key`.

    Raises ValueError, naming the entry, for one of another document, a repeated ordinal, a field or column that the
    field table doesn't have, a value of the wrong type, a missing visibility, or text that is no Unicode (lone surrogates).
    """
    if any(entry.key != key for entry in entries):
        raise ValueError(f"document {key}: an entry belongs to another document")
    if len({entry.ordinal for entry in entries}) != len(entries):
        raise ValueError(f"document {key}: two entries have one ordinal")
    checked = []
    for entry in entries:
        try:
            checked.append(_check_entry(entry))
        except ValueError as error:
            raise ValueError(f"document {key}, entry {entry.ordinal}: {error}") from error
    return tuple(checked)


def _check_entry(entry: Entry) -> CheckedEntry:
    if not 0 <= entry.key <= LARGEST_KEY or not 0 <= entry.ordinal <= LARGEST_NUMBER:
        raise ValueError("key or ordinal out of range")
    fields = _TEXT_FIELDS[entry.scope]
    _refuse_unknown("text field", entry.texts, _TEXT_NAMES[entry.scope])
    _refuse_unknown("keyword field", entry.keywords, _KEYWORD_NAMES)
    _refuse_unknown("column", entry.columns, _COLUMNS)
    texts = {name: entry.texts.get(name, "") for name in fields}
    keywords = {name: frozenset(filter(None, entry.keywords.get(name, ()))) for name in KEYWORD_FIELDS}
    columns = _columns(entry.columns)
    words = [value for value in columns.values() if isinstance(value, str)]
    strings = "".join((entry.id, entry.anchor, *texts.values(), *words, *chain(*keywords.values())))
    strings.encode("utf-16-le")  # UnicodeEncodeError is a ValueError; UTF-8 takes three times as long
    return CheckedEntry(entry.key, entry.ordinal, entry.id, entry.anchor, entry.scope, texts, keywords, columns)


def _columns(values: Mapping[str, str | int | None]) -> dict[str, str | int]:
    found: dict[str, str | int] = {}
    for name, value in values.items():
        if value is None or value == "":
            continue
        if name in NUMBER_COLUMNS:
            if not isinstance(value, int) or not 0 <= value <= (LARGEST_KEY if name in WIDE_COLUMNS else LARGEST_NUMBER):
                raise ValueError(f"column {name} is no number in range: {value!r}")
            found[name] = int(value)
        elif isinstance(value, str):
            found[name] = str(value)
        else:
            raise ValueError(f"column {name} is no text: {value!r}")
    if found.get("visibility") not in _VISIBILITIES:
        raise ValueError("visibility is missing or unknown")  # nobody would see it, and nobody would know
    return found


def _refuse_unknown(what: str, names: Mapping[str, object], known: frozenset[str]) -> None:
    if not known.issuperset(names):
        raise ValueError(f"unknown {what} {', '.join(sorted(names.keys() - known))}")
