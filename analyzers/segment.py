"""Words: which neighbouring syllables underthesea's model joins, with exact offsets.

underthesea returns bare strings that it has normalised, and its tokenizer's pattern for addresses needs exponential time on
hostile text. So only its trained model is used, on this project's own syllables: offsets are then right by construction.
The model ships in the package; nothing asks the network.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

from analyzers.normalise import INVISIBLE, newer_school, repair, term
from analyzers.tagger import WordTagger
from analyzers.tokenise import SYLLABLE, syllables

# A word never crosses a line or one of these signs. Between them stand the clauses, which legal texts repeat word for word.
_SIGNS: Final = r".,;:!?…()\[\]{}<>\"“”«»|/\\_*•"
# With the sign before and the one after, for the tagger looks at both: F1 against whole texts .995, without them .989.
_CLAUSE: Final = re.compile(rf"((?:[{_SIGNS}][ \t]{{0,2}})?[^\W_][^\n\r\f\v\u2028\u2029{_SIGNS}]*)(?=([{_SIGNS}]?))")
# A syllable, or a sign for the tagger to see: kinh tế - xã hội. Not what `repair` takes out: the tagger takes no empty unit.
_UNIT: Final = re.compile(rf"({SYLLABLE})|[^\s\w{INVISIBLE}]")
_REMEMBERED_AT_MOST: Final = 300  # characters; longer clauses do not come back

Word = tuple[int, int, str]
"""First syllable, last syllable, term (normalised, joined by "_")."""


def words(text: str) -> Iterator[Word]:
    """Yield the words of at least two syllables in order, as indexes into the syllables of `text`."""
    base = 0
    for inner, sign in _CLAUSE.findall(text):
        clause = inner + sign
        size, inside = (_remembered if len(clause) <= _REMEMBERED_AT_MOST else _clause_words)(clause)
        for first, last, word in inside:
            yield base + first, base + last, word
        base += size


def word_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Return the words of at least two syllables in `text` as (start, end) offsets, in order."""
    found = syllables(text)
    return tuple((found.starts[first], found.ends[last]) for first, last, _ in words(text))


def _clause_words(clause: str) -> tuple[int, tuple[Word, ...]]:
    """Return how many syllables `clause` has, and its words."""
    units = list(_UNIT.finditer(clause))
    joins = _tagger().joins([_shown(unit.group()) for unit in units])
    groups: list[list[str]] = []  # the normalised syllables of each word, in order
    previous = None
    for unit, joined in zip(units, joins, strict=True):
        if unit[1] is None:
            previous = None
            continue
        syllable = term(unit[1])
        if joined and previous is not None and previous.end() < unit.start() and syllable.isalpha():
            groups[-1].append(syllable)
        else:
            groups.append([syllable])
        previous = unit if syllable.isalpha() else None  # 0,7 mét and 2x3 cm are no words
    return sum(map(len, groups)), tuple(_numbered(groups))


def _numbered(groups: list[list[str]]) -> Iterator[Word]:
    first = 0
    for group in groups:
        if len(group) > 1:
            yield first, first + len(group) - 1, "_".join(group)
        first += len(group)


def _as_trained(unit: str) -> str:
    """Spell a unit as the model's training text does: NFC, newer school's tone marks, letter case kept.

    The model knows uỷ (36 features) and not ủy (none), though underthesea itself writes ủy before it asks the model.
    """
    return newer_school(repair(unit))


_shown: Final = lru_cache(maxsize=16_384)(_as_trained)
_remembered: Final = lru_cache(maxsize=16_384)(_clause_words)


@cache
def _tagger() -> WordTagger:
    """Load the model when the first clause needs it, once for the process."""
    return WordTagger()
