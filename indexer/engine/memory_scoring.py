"""The reference's scores: docs/scoring.md word for word, over plain dicts from entry to score.

Entries are numbered as they lie in the list. A term's occurrences are kept as they are found; whatever else a request needs is
counted when it asks, so that nothing has to be kept in step.
"""

import math
from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from indexer.engine.analysis import AnalysedEntry
from indexer.engine.fields import IDF_POWER, K1, B, Scope, TextField, text_fields
from indexer.engine.patterns import matcher
from indexer.engine.query import (
    All,
    And,
    Boost,
    Constant,
    Fuzzy,
    Keyword,
    Layer,
    Near,
    Node,
    Not,
    Nothing,
    OneOf,
    Or,
    Pattern,
    Phrase,
    Prefix,
    Range,
    Term,
    Wildcard,
)
from indexer.model import Visibility

Scores = dict[int, float]
"""The entries that match, each with its score."""


class _Occurrences(NamedTuple):
    """Where a term stands in one field and layer: parallel columns, by entry, then position, each place once."""

    entries: "array[int]"
    positions: "array[int]"


class ScopeScores:
    """The scores of one scope's entries; statistics come from the public ones. Safe to use from many threads."""

    def __init__(self, scope: Scope, entries: Sequence[AnalysedEntry]) -> None:
        self.entries = entries
        self.public = [number for number, entry in enumerate(entries) if entry.columns["visibility"] == Visibility.PUBLIC]
        self._scope = scope
        self._terms: dict[tuple[str, Layer], dict[str, _Occurrences]] = {}  # by field and layer, from when one is searched

    def scores(self, node: Node) -> Scores:
        """Return the entries that match `node` with their scores."""
        match node:
            case Term() | Phrase() | Near():
                return self._bm25f(node)
            case Prefix() | Wildcard() | Fuzzy():
                return dict.fromkeys(self._with_a_term(node), 1.0)
            case Boost(child, factor):
                return {number: score * factor for number, score in self.scores(child).items()}
            case Constant(child, score):
                return dict.fromkeys(self.scores(child), score)
            case Not(child):
                matching = self.scores(child)
                return {number: 0.0 for number in range(len(self.entries)) if number not in matching}
            case And(children):
                return self._sum(children, len(children))
            case Or(children, minimum):
                return self._sum(children, minimum)
            case _:
                return {number: 1.0 for number, entry in enumerate(self.entries) if _holds(node, entry)}

    def _sum(self, children: tuple[Node, ...], minimum: int) -> Scores:
        counts, sums = [0] * len(self.entries), [0.0] * len(self.entries)
        for child in children:
            for number, score in self.scores(child).items():
                counts[number] += 1
                sums[number] += score
        return {number: sums[number] for number, count in enumerate(counts) if count >= minimum}

    def _with_a_term(self, node: Pattern) -> set[int]:
        fits = matcher(node)
        found: set[int] = set()
        for field in self._fields(node):
            for term, occurrences in self._occurrences(field, node.layer).items():
                if fits(term):
                    found.update(occurrences.entries)
        return found

    def _bm25f(self, node: Term | Phrase | Near) -> Scores:
        fields = self._fields(node)
        wtf: dict[int, float] = {}
        for field in fields:
            for number, tf in self._tf(node, field).items():
                wtf[number] = wtf.get(number, 0.0) + field.weight * tf
        count, frequency = len(self.public), sum(number in wtf for number in self.public)
        idf = math.log(1 + (count - frequency + 0.5) / (frequency + 0.5)) ** IDF_POWER
        totals = {field.name: sum(self._length(number, field, node.layer) for number in self.public) for field in fields}
        avg = _add(field.weight * totals[field.name] for field in fields) / count if count else 0.0
        scores: Scores = {}
        for number, weighted in wtf.items():
            wlen = _add(field.weight * self._length(number, field, node.layer) for field in fields)
            ratio = wlen / avg if avg else 1.0
            scores[number] = idf * (weighted * (K1 + 1) / (weighted + K1 * (1 - B + B * ratio)))
        return scores

    def _tf(self, node: Term | Phrase | Near, field: TextField) -> dict[int, int]:
        terms = (node.text,) if isinstance(node, Term) else node.terms
        if not terms:
            return {}
        places = [self._places(field, node.layer, term) for term in terms]
        together = [number for number in places[0] if all(number in others for others in places[1:])]
        counts = {number: _count(node, [found[number] for found in places]) for number in together}
        return {number: tf for number, tf in counts.items() if tf}

    def _places(self, field: TextField, layer: Layer, term: str) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for number, position in zip(*self._occurrences(field, layer).get(term, ((), ())), strict=True):
            found.setdefault(number, []).append(position)
        return found

    def _occurrences(self, field: TextField, layer: Layer) -> dict[str, _Occurrences]:
        if (field.name, layer) not in self._terms:
            by_term: dict[str, _Occurrences] = defaultdict(lambda: _Occurrences(array("I"), array("I")))
            for number, entry in enumerate(self.entries):
                tokens = entry.terms[field.name, layer]
                for position, term in sorted(set(zip(tokens.positions, tokens.terms, strict=True))):
                    by_term[term].entries.append(number)
                    by_term[term].positions.append(position)
            self._terms[field.name, layer] = dict(by_term)
        return self._terms[field.name, layer]

    def _length(self, number: int, field: TextField, layer: Layer) -> int:
        return self.entries[number].terms[field.name, layer].length

    def _fields(self, node: Term | Phrase | Near | Pattern) -> list[TextField]:
        return [field for field in text_fields(self._scope) if not node.fields or field.name in node.fields]


def _holds(node: Node, entry: AnalysedEntry) -> bool:
    match node:
        case Keyword(field, value):
            return value in entry.keywords[field]
        case OneOf(column, values):
            return column in entry.columns and entry.columns[column] in values
        case Range(column, low, high):
            number = entry.columns.get(column)
            return isinstance(number, int) and (low is None or number >= low) and (high is None or number <= high)
        case Nothing():
            return False
        case _:
            assert isinstance(node, All)
            return True


def _add(values: Iterable[float]) -> float:
    total = 0.0
    for value in values:  # one after the other: from Python 3.12 on, sum() adds floats more exactly than the page says
        total += value
    return total


def _count(node: Term | Phrase | Near, places: list[list[int]]) -> int:
    """Return tf in one field of one entry, where the node's terms stand at `places`."""
    match node:
        case Term():
            return len(places[0])
        case Phrase(slop=slop):
            return sum(_completes(start, places[1:], slop) for start in places[0])
        case Near(within=within):
            return _minimal_windows(places, within)


def _completes(start: int, rest: list[list[int]], slop: int) -> bool:
    last = start
    for positions in rest:
        following = bisect_right(positions, last)
        if following == len(positions):
            return False
        last = positions[following]
    return last - start <= len(rest) + slop


def _minimal_windows(places: list[list[int]], within: int) -> int:
    latest_start: dict[int, int] = {}  # by the end that a window from there on needs
    for start in sorted({position for positions in places for position in positions}):
        following = [bisect_left(positions, start) for positions in places]
        if all(found < len(positions) for found, positions in zip(following, places, strict=True)):
            end = max(positions[found] for found, positions in zip(following, places, strict=True))
            latest_start[end] = start  # a later start makes the window shorter
    return sum(end - start < within for end, start in latest_start.items())
