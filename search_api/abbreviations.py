"""Abbreviations in questions: the short form finds the long one and the reverse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from analyzers.tables import rows
from indexer.engine.query import Layer
from search_api.wording import terms_of

_LONGEST: Final = 8  # words of a form


@dataclass(frozen=True, slots=True)
class Expansion:
    """Words first..end - 1 of a question stand for `other`, sought beside them; `short` where they are the short form."""

    first: int
    end: int
    other: tuple[str, ...]
    shown: str  # `other` as the list spells it
    short: bool


@cache
def _forms(layer: Layer) -> Mapping[tuple[str, ...], tuple[tuple[str, ...], str, bool]]:
    """Return form → the other form, how that is spelt, and whether the first is the short one, as terms of a layer."""
    found: dict[tuple[str, ...], tuple[tuple[str, ...], str, bool]] = {}
    for short, long, _ in rows("search_api", "abbreviations.tsv"):
        brief, full = terms_of(short, layer), terms_of(long, layer)
        found[brief] = (full, long, True)
        if len(brief) == 1:
            found.setdefault(full, (brief, short, False))
    return found


def expansions(words: Sequence[str], layer: Layer) -> list[Expansion]:
    """Return the abbreviations and long forms among the words of a question, longest first at each place, none overlapping."""
    forms, found, at = _forms(layer), [], 0
    while at < len(words):
        for end in range(min(len(words), at + _LONGEST), at, -1):
            other = forms.get(tuple(words[at:end]))
            if other:
                found.append(Expansion(at, end, *other))
                at = end - 1
                break
        at += 1
    return found
