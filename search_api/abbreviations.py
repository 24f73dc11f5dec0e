"""Abbreviations in questions: the short form finds the long one and the reverse."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from analyzers.tables import rows
from indexer.engine.query import Layer
from search_api.wording import syllable_tokens, terms_of

LONGEST: Final = 8  # words of a form
_SHORTEST: Final = 2  # letters of what may be a slip: th
# What a syllable has, or a form of several words: a short form without any of it is no word
_READABLE: Final = re.compile(r"[^\W\d_bcdđghklmnpqrstvx]|&|\s", re.IGNORECASE)

_Forms = Mapping[tuple[str, ...], tuple[tuple[str, ...], str, bool]]
"""Form → the other form, how that is spelt, and whether the first is the short one, as terms of a layer."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """Words first..end - 1 of a question stand for `other`, sought beside them; `short` where they are the short form."""

    first: int
    end: int
    other: tuple[str, ...]
    shown: str  # `other` as the list spells it
    short: bool


@dataclass(frozen=True, slots=True, eq=False)
class Abbreviations:
    """Short forms with their long ones, as terms of each layer; `tag` tells lists apart in any process."""

    forms: Mapping[Layer, _Forms]
    tag: str

    def expansions(self, words: Sequence[str], layer: Layer) -> list[Expansion]:
        """Return the forms among the words of a question, the longest at each place, none overlapping."""
        forms, found, at = self.forms[layer], [], 0
        while at < len(words):
            for end in range(min(len(words), at + LONGEST), at, -1):
                other = forms.get(tuple(words[at:end]))
                if other:
                    found.append(Expansion(at, end, *other))
                    at = end - 1
                    break
            at += 1
        return found

    def written_out(self, text: str, layer: Layer) -> str:
        """Return a text with the short form that it begins with, if it does, as what that stands for."""
        tokens = syllable_tokens(text, layer)[:LONGEST]
        words = tuple(token.text for token in tokens)
        for end in range(len(words), 0, -1):
            if form := self.forms[layer].get(words[:end]):
                _, shown, short = form
                return f"{shown}{text[tokens[end - 1].end :]}" if short else text
        return text


@cache
def built_in() -> Abbreviations:
    """Return those that come with the program."""
    pairs = [(short, long) for short, long, _ in rows("search_api", "abbreviations.tsv")]
    return Abbreviations({layer: _forms(pairs, layer, {}) for layer in Layer}, "")


def is_acronym(typed: str) -> bool:
    """Say whether a word in capitals is a short form that comes with the program: VAT is not vật."""
    found = built_in().forms[Layer.MAIN].get(terms_of(typed, Layer.MAIN)) if typed.isupper() and len(typed) > 1 else None
    return found is not None and found[2]


def is_short(term: str, layer: Layer) -> bool:
    """Say whether a term is a short form that comes with the program, or is written as no syllable is: without a vowel.

    >>> is_short("bltths", Layer.FOLDED), is_short("bhyt", Layer.MAIN), is_short("nghi", Layer.FOLDED)
    (True, True, False)
    """
    known = built_in().forms[layer].get((term,))
    return (known is not None and known[2]) or (len(term) > _SHORTEST and not _READABLE.search(term))


def with_own(pairs: Sequence[tuple[str, str]]) -> Abbreviations:
    """Return those that come with the program and an operator's own; of a short form that both have, the own one counts."""
    digest = hashlib.sha256(repr(pairs).encode()).hexdigest()
    return Abbreviations({layer: _forms(pairs, layer, forms) for layer, forms in built_in().forms.items()}, digest)


def _forms(pairs: Sequence[tuple[str, str]], layer: Layer, known: _Forms) -> _Forms:
    """Add the forms of `pairs` to those known; of several short forms the first one is sought beside the long one."""
    found = dict(known)
    for short, long in pairs:
        brief, full = terms_of(short, layer), terms_of(long, layer)
        found[brief] = (full, long, True)
        if layer is Layer.MAIN and not _READABLE.search(without := short.replace("Đ", "D")):  # blld: no word is written so
            found.setdefault(terms_of(without, layer), (full, long, True))
        if len(brief) == 1:
            found.setdefault(full, (brief, short, False))
    return found
