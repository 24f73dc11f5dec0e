"""The reference's scores: docs/scoring.md word for word, over plain dicts from entry to score.

Entries are numbered as they lie in the list. Where each term stands is gathered when a field is first searched; all else is
counted anew for each request, but the lengths.
"""

import math
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import pairwise, product, takewhile
from typing import NamedTuple

from indexer.engine.analysis import CheckedEntry, FieldTerms, is_syllable
from indexer.engine.fields import (
    ADJACENT_WEIGHT,
    CLOSE,
    CLOSE_WEIGHT,
    IDF_POWER,
    K1,
    KEY,
    KIN_SLOPE,
    KIN_WEIGHT,
    LOOK_POWER,
    NEIGHBOURS,
    RUN_WEIGHT,
    WINDOW,
    WINDOW_WEIGHT,
    B,
    Scope,
    TextField,
    text_fields,
)
from indexer.engine.patterns import matcher
from indexer.engine.port import Rerank
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
    words_of,
)
from indexer.model import Visibility

Scores = dict[int, float]
"""The entries that match, each with its score."""


class _Postings(NamedTuple):
    """A term's entries in one field and layer, ascending, and one after the other its positions in each of them, ascending."""

    entries: "array[int]"
    ends: "array[int]"  # where in `positions` those of each entry end
    positions: "array[int]"

    def by_entry(self, wanted: set[int]) -> "dict[int, array[int]]":
        spans = zip(self.entries, pairwise((0, *self.ends)), strict=True)
        return {number: self.positions[start:end] for number, (start, end) in spans if number in wanted}


class ScopeScores:
    """The scores of one scope's entries; statistics come from the public ones. Safe to use from many threads."""

    def __init__(self, scope: Scope, entries: Sequence[CheckedEntry]) -> None:
        self.entries = entries
        self.public = [number for number, entry in enumerate(entries) if entry.columns["visibility"] == Visibility.PUBLIC]
        self._scope = scope
        self._terms: dict[tuple[str, Layer], dict[str, _Postings]] = {}  # by field and layer, from when one is searched
        self._lengths: dict[tuple[tuple[TextField, ...], Layer], tuple[list[float], float]] = {}  # each wlen, and avg

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
                words = words_of(node, self._idf_of)
                found = self._sum(children, minimum)
                return self._sum(words, 0, found.keys()) if words else found
            case All():
                return dict.fromkeys(range(len(self.entries)), 1.0)
            case Nothing():
                return {}
            case Keyword() | OneOf() | Range():
                return {number: 1.0 for number, entry in enumerate(self.entries) if _holds(node, entry)}

    def second_look(self, rerank: Rerank, scored: Sequence[tuple[float, CheckedEntry]]) -> list[float]:
        """Return what each of these scores grows by, the best first."""
        fields, terms = text_fields(self._scope), list(dict.fromkeys(rerank.terms))
        shares = [self._idf(len(self._public_with(term, rerank.layer, fields))) ** LOOK_POWER for term in terms]
        sum_of_shares = _add(shares)
        weights = {term: math.floor(share * 65536 + 0.5) for term, share in zip(terms, shares, strict=True)}
        whole = sum(weights.values())
        meant = {term: term for term in terms} | {other: term for term, other in rerank.others}
        pairs = {pair: weights[pair[0]] + weights[pair[1]] for pair in pairwise(rerank.terms) if pair[0] != pair[1]}
        kin = _kin(scored, sum_of_shares)
        gains = []
        for (_, entry), of_kin in zip(scored, kin, strict=True):
            window, close, run, adjacent, of_fields = 0, 0, 0, set(), 0.0
            for field in fields:
                tokens = entry.terms[field.name, rerank.layer]
                found = {pair for pair in zip(tokens.positions, tokens.terms, strict=True) if pair[1] in meant}
                places = sorted({(position, meant[term]) for position, term in found})
                window = max([window, *(_within(places[start:], weights, WINDOW) for start in range(len(places)))])
                close = max([close, *(_within(places[start:], weights, CLOSE) for start in range(len(places)))])
                adjacent |= {
                    (one, other) for (here, one), (there, other) in product(places, places) if there == here + 1
                } & pairs.keys()
                run = max(run, _longest_run(set(places), rerank.terms, weights))
                of_fields += field.covered * min(1.0, _share(len(found), tokens.length))
                of_fields += field.held * _share(sum(weights[term] for term in {term for _, term in places}), whole)
            gain = WINDOW_WEIGHT * _share(window, whole)
            gain += CLOSE_WEIGHT * _share(close, whole)
            gain += ADJACENT_WEIGHT * _share(sum(pairs[pair] for pair in adjacent), sum(pairs.values()))
            gain += RUN_WEIGHT * min(1.0, _share(run, whole))
            gains.append(sum_of_shares * max(0.0, gain + of_fields + KIN_WEIGHT * of_kin))
        return gains

    def terms_alike(self, node: Pattern) -> dict[str, int]:
        """Return the terms that a pattern stands for, and how many public entries have each."""
        fits, fields = matcher(node), self._fields(node)
        terms = {term for field in fields for term in self._postings(field, node.layer) if fits(term)}
        return {term: len(self._public_with(term, node.layer, fields)) for term in terms}

    def postings(self, leaf: Node) -> int:
        """Return how many entries the lists of a node without children have."""
        match leaf:
            case Term() | Phrase() | Near():
                terms = (leaf.text,) if isinstance(leaf, Term) else leaf.terms
                found = [[self._postings(field, leaf.layer).get(term) for term in terms] for field in self._fields(leaf)]
                return sum(len(each.entries) for lists in found if all(lists) for each in lists if each)
            case Prefix() | Wildcard() | Fuzzy():
                fits, dictionaries = matcher(leaf), [self._postings(field, leaf.layer) for field in self._fields(leaf)]
                return sum(len(each.entries) for field in dictionaries for term, each in field.items() if fits(term))
            case Keyword():
                return sum(_holds(leaf, entry) for entry in self.entries)
            case _:
                return 0

    def frequencies(self, terms: Sequence[str], layer: Layer) -> list[int]:
        """Return each term's df."""
        return [len(self._public_with(term, layer, text_fields(self._scope))) for term in terms]

    def _public_with(self, term: str, layer: Layer, fields: Iterable[TextField]) -> set[int]:
        lists = [self._postings(field, layer).get(term) for field in fields]
        return {number for postings in lists if postings for number in postings.entries} & set(self.public)

    def terms(self, layer: Layer) -> set[str]:
        """Return every term of the scope's text fields."""
        return {term for field in text_fields(self._scope) for term in self._postings(field, layer)}

    def neighbours(self) -> Counter[tuple[str, str]]:
        """Count the syllables that stand side by side in the public entries' texts."""
        counts: Counter[tuple[str, str]] = Counter()
        for entry in (self.entries[number] for number in self.public):
            for field in (field for field in text_fields(self._scope) if field.name in NEIGHBOURS):
                tokens = entry.terms[field.name, Layer.MAIN]
                at = {place: term for place, term in zip(tokens.positions, tokens.terms, strict=True) if is_syllable(term)}
                counts.update((term, at[place + 1]) for place, term in at.items() if place + 1 in at)
                counts.update(pair for term in at.values() for pair in ((term, ""), ("", "")))
        return counts

    def _idf(self, frequency: int) -> float:
        return float(math.log(1 + (len(self.public) - frequency + 0.5) / (frequency + 0.5)) ** IDF_POWER)

    def _idf_of(self, node: Node) -> float:
        assert isinstance(node, Term | Phrase | Near)
        found = {number for field in self._fields(node) for number in self._tf(node, field)}
        return self._idf(sum(number in found for number in self.public))

    def _sum(self, children: Sequence[Node], minimum: int, wanted: Set[int] | None = None) -> Scores:
        """Return the entries, perhaps of some wanted ones, that match so many nodes, with the sum of their scores."""
        counts, sums = [0] * len(self.entries), [0.0] * len(self.entries)
        for child in children:
            for number, score in self.scores(child).items():
                counts[number] += 1
                sums[number] += score
        found = {number: sums[number] for number, count in enumerate(counts) if count >= minimum}
        return found if wanted is None else {number: found[number] for number in wanted}

    def _with_a_term(self, node: Pattern) -> set[int]:
        fits = matcher(node)
        found: set[int] = set()
        for field in self._fields(node):
            for term, postings in self._postings(field, node.layer).items():
                if fits(term):
                    found.update(postings.entries)
        return found

    def _bm25f(self, node: Term | Phrase | Near) -> Scores:
        fields = self._fields(node)
        wtfs: dict[int, float] = {}
        for field in fields:
            for number, tf in self._tf(node, field).items():
                wtfs[number] = wtfs.get(number, 0.0) + field.weight * tf
        idf = self._idf(sum(number in wtfs for number in self.public))
        wlens, avg = self._weighted_lengths(fields, node.layer)
        scores: Scores = {}
        for number, wtf in wtfs.items():
            ratio = wlens[number] / avg if avg else 1.0
            scores[number] = idf * (wtf * (K1 + 1) / (wtf + K1 * (1 - B + B * ratio)))
        return scores

    def _tf(self, node: Term | Phrase | Near, field: TextField) -> dict[int, int]:
        terms = (node.text,) if isinstance(node, Term) else node.terms
        postings = [each for term in terms if (each := self._postings(field, node.layer).get(term))]
        if not terms or len(postings) < len(terms):
            return {}
        together = set.intersection(*(set(each.entries) for each in postings))
        places = [each.by_entry(together) for each in postings]
        counts = {number: _count(node, [positions[number] for positions in places]) for number in together}
        return {number: tf for number, tf in counts.items() if tf}

    def _postings(self, field: TextField, layer: Layer) -> dict[str, _Postings]:
        if (field.name, layer) not in self._terms:
            by_term: dict[str, _Postings] = defaultdict(lambda: _Postings(array("I"), array("I"), array("I")))
            for number, entry in enumerate(self.entries):
                for term, positions in _distinct(entry.terms[field.name, layer]).items():
                    postings = by_term[term]
                    postings.entries.append(number)
                    postings.positions.extend(positions)
                    postings.ends.append(len(postings.positions))
            self._terms[field.name, layer] = dict(by_term)
        return self._terms[field.name, layer]

    def _weighted_lengths(self, fields: tuple[TextField, ...], layer: Layer) -> tuple[list[float], float]:
        if (fields, layer) not in self._lengths:
            columns = [(field.weight, [entry.terms[field.name, layer].length for entry in self.entries]) for field in fields]
            wlens = [_add(weight * lengths[number] for weight, lengths in columns) for number in range(len(self.entries))]
            total = _add(weight * sum(lengths[number] for number in self.public) for weight, lengths in columns)
            self._lengths[fields, layer] = wlens, total / len(self.public) if self.public else 0.0
        return self._lengths[fields, layer]

    def _fields(self, node: Term | Phrase | Near | Pattern) -> tuple[TextField, ...]:
        return tuple(field for field in text_fields(self._scope) if not node.fields or field.name in node.fields)


def _holds(node: Keyword | OneOf | Range, entry: CheckedEntry) -> bool:
    match node:
        case Keyword(field, value):
            return value in entry.keywords[field]
        case OneOf(column, values) if column == KEY:
            return entry.key in values
        case OneOf(column, values):
            return column in entry.columns and entry.columns[column] in values
        case Range(column, low, high):
            number = entry.columns.get(column)
            return isinstance(number, int) and (low is None or number >= low) and (high is None or number <= high)


def _distinct(tokens: FieldTerms) -> dict[str, list[int]]:
    positions: dict[str, list[int]] = {}
    for position, term in sorted(set(zip(tokens.positions, tokens.terms, strict=True))):
        positions.setdefault(term, []).append(position)
    return positions


def _within(places: Sequence[tuple[int, str]], weights: Mapping[str, int], window: int) -> int:
    """Return the weight of the different terms that stand within so many positions from the first place on."""
    here = takewhile(lambda place: place[0] - places[0][0] < window, places)
    return sum(weights[term] for term in {term for _, term in here})


def _longest_run(places: Set[tuple[int, str]], asked: Sequence[str], weights: Mapping[str, int]) -> int:
    """Return the largest weight of terms that stand side by side as they were asked."""
    best = 0
    for position, term in places:
        for start in (place for place, each in enumerate(asked) if each == term):
            run = takewhile(lambda step: (position + step, asked[start + step]) in places, range(len(asked) - start))  # noqa: B023  used at once
            best = max(best, sum(weights[asked[start + step]] for step in run))
    return best


def _kin(scored: Sequence[tuple[float, CheckedEntry]], sum_of_shares: float) -> list[float]:
    """Return for each entry how much the others of its document are worth, from 0 to 1."""
    shares = [score / sum_of_shares if sum_of_shares else 0.0 for score, _ in scored]
    near = [max(0.0, 1 - KIN_SLOPE * (max(shares) - share)) for share in shares]
    sums: dict[int, float] = defaultdict(float)
    for (_, entry), worth in zip(scored, near, strict=True):
        sums[entry.key] += worth
    others = [sums[entry.key] - worth for (_, entry), worth in zip(scored, near, strict=True)]
    return [other / (1 + other) for other in others]


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _add(values: Iterable[float]) -> float:
    total = 0.0
    for value in values:  # one after the other: from Python 3.12 on, sum() adds floats more exactly than the page says
        total += value
    return total


def _count(node: Term | Phrase | Near, places: list[Sequence[int]]) -> int:
    """Return tf in one field of one entry, where the node's terms stand at `places`."""
    match node:
        case Term():
            return len(places[0])
        case Phrase(slop=slop):
            return sum(_completes(start, places[1:], slop) for start in places[0])
        case Near(within=within):
            return _minimal_windows(places, within)


def _completes(start: int, rest: list[Sequence[int]], slop: int) -> bool:
    last = start
    for positions in rest:
        following = bisect_right(positions, last)
        if following == len(positions):
            return False
        last = positions[following]
    return last - start <= len(rest) + slop


def _minimal_windows(places: list[Sequence[int]], within: int) -> int:
    latest_start: dict[int, int] = {}  # by the end of the shortest window from there on
    for start in sorted(set().union(*places)):
        ends = [positions[place] for positions in places if (place := bisect_left(positions, start)) < len(positions)]
        if len(ends) == len(places):
            latest_start[max(ends)] = start  # of several windows with one end the last to start is inside the others
    return sum(end - start < within for end, start in latest_start.items())
