"""One request on one generation: its program is run over each segment with the statistics of all."""

import math
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache, reduce
from itertools import pairwise
from typing import TypeVar

import numpy as np

from indexer.engine.analysis import LARGEST_KEY
from indexer.engine.fields import IDF_POWER, KEY, NUMBER_COLUMNS, Scope, text_fields
from indexer.engine.port import Rerank, SearchRequest, Sort
from indexer.engine.query import (
    All,
    Fuzzy,
    Keyword,
    Layer,
    Near,
    Node,
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
from indexer.engine.whooshdb import kernels
from indexer.engine.whooshdb.arrayfile import Array
from indexer.engine.whooshdb.best import Best
from indexer.engine.whooshdb.dictionary import Dictionary
from indexer.engine.whooshdb.kernels import programs as op
from indexer.engine.whooshdb.kernels.terms import ANY, ONE_POINT
from indexer.engine.whooshdb.leaves import NO_HITS, Leaves
from indexer.engine.whooshdb.program import Program, terms_of, write_program
from indexer.engine.whooshdb.schema import MISSING, pairs_name, text_name
from indexer.engine.whooshdb.second_look import look_again
from indexer.engine.whooshdb.segments import (
    Bitmap,
    Fields,
    Floats,
    Ints,
    Segment,
    Snapshot,
    TermInfo,
    TermLists,
    View,
    among,
    to_bitmap,
)
from indexer.engine.whooshdb.state import damaged

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_ORDER = {Sort.RELEVANCE: 0, Sort.NEWEST: 1, Sort.OLDEST: -1}
_FIRST_LETTERS = 3  # of a word that many others begin with
_BEGUN = 64  # of them in each segment, a bit for each of its entries
_LONG_PHRASE, _LONGEST_PHRASE = 4_096, 262_144  # entries with it: fewer are found fast, more would fill the memory
_PHRASES = 8  # of them in each segment, 8 bytes for each entry with one
_REMEMBERED = 4_096  # terms of a generation, some 4 kB each where there are many segments
_REMEMBERED_VALUES = 64  # bitmaps of a segment: of some filters that are asked again and again
_NO_BITMAP: Bitmap = np.empty(0, np.uint64)
_NO_LISTS: Ints = np.empty((0, 3), np.int64)
_WILD = {"*": ANY, "?": ONE_POINT}


class Evaluation:
    """Evaluates a request's nodes on one snapshot. Raises IndexDamaged."""

    def __init__(self, snapshot: Snapshot, scope: Scope) -> None:
        self._snapshot = snapshot
        self._scope = scope
        self._hits: dict[tuple[Phrase | Near, int], tuple[Ints, Floats]] = {}
        self._idfs: dict[Phrase | Near, float] = {}
        self._asked: Node = Nothing()  # its terms are looked up together

    def run(self, request: SearchRequest, best: Best, without: Sequence[Bitmap] = ()) -> tuple[int, list[Bitmap]]:
        """Return the exact number of matches, and their bitmap in each segment if facets or collapsing want it; keep the best.

        Entries of the bitmaps `without`, one for each segment, are passed over.
        """
        scoring = request.sort is Sort.RELEVANCE and len(best.scores) > 0
        self._asked = request.query
        program = write_program(request.query, scoring, self._rough_frequency, self._idf_of)
        total, matched = 0, []
        for number, view in enumerate(self._snapshot.views):
            allowed = view.allowed(request.scope, request.visible)
            for node in request.filters:
                allowed = allowed & self._matches(node, number)
            if without:
                allowed = allowed & ~without[number]
            found = np.zeros_like(allowed) if request.facets or request.collapse else _NO_BITMAP
            total += self._evaluate(program, scoring, number, allowed, found, best, _ORDER[request.sort])
            matched.append(found)
        return total, matched

    def _evaluate(
        self, program: Program, scoring: bool, number: int, allowed: Bitmap, found: Bitmap, best: Best, order: int
    ) -> int:
        """Run a program over one segment. Its leaves are found there, and everything is handed over in a few arrays."""
        view = self._snapshot.views[number]
        segment = view.segment
        leaves = Leaves()
        rows, lists, weights, factors = leaves.rows, leaves.lists, leaves.weights, leaves.factors
        for node, boost in program.leaves:
            if isinstance(node, Term):
                idf, _, _, found_in = self._known(node)
                own_lists, own_weights, place = found_in[number]
                rows += (op.POSTINGS, len(weights), len(own_weights), place)
                lists += own_lists
                weights += own_weights
                factors += (idf, boost)
            else:
                self._find_leaf(node, number, leaves)
                factors += (self._phrase_idf(node) if scoring and isinstance(node, Phrase | Near) else 1.0, boost)
        integers = np.array(program.steps + rows + lists, np.int64)
        numbers = np.array(factors + weights + program.constants)
        hits, wtfs = leaves.joined_hits()
        columns = segment.numbers
        total, best.kept = kernels.evaluate(
            integers, numbers, program.slots, len(program.steps) // op.STEP, len(program.leaves), segment.words, segment.records,
            self._snapshot.norms[number].all, leaves.joined_bitmaps(), hits, wtfs, allowed, found, columns["issued_date"], order,
            columns["key"], columns["ordinal"], number, best.kept, best.scores, best.places,
        )  # fmt: skip
        if total < 0:
            raise damaged(segment.records_path, "không đọc được")
        return int(total)

    def _matches(self, node: Node, number: int) -> Bitmap:
        """Return the bitmap of the entries that match, deleted and invisible ones among them perhaps."""
        if isinstance(node, OneOf | Range):
            return self._bitmap(node, number)
        program = write_program(node, False, self._rough_frequency, self._idf_of)
        everything = to_bitmap(np.ones(self._snapshot.views[number].segment.entries, np.bool_))
        found = np.zeros_like(everything)
        self._evaluate(program, False, number, everything, found, Best(0), 0)
        return found

    def look_again(self, rerank: Rerank, best: Best) -> None:
        """Raise the scores of the best entries by what a second look at them gives; none falls behind one not looked at."""
        terms = tuple(dict.fromkeys(rerank.terms))
        self._asked = Or(tuple(Term(term, rerank.layer) for term in terms))
        idfs = {term.text: self._known(term).idf for term in terms_of(self._asked)}
        look_again(self._snapshot, text_fields(self._scope), rerank, idfs, best)

    # Leaves

    def terms_alike(self, node: Pattern) -> dict[str, int]:
        """Return the terms that a pattern stands for, and how many public entries have each."""
        names = _names(_searched(self._scope, node.layer, node.fields))
        texts = {text for view in self._snapshot.views for name in names for text in _texts_alike(view.segment, name, node)}
        found = dict.fromkeys(sorted(texts), 0)
        for view in self._snapshot.views:
            counts = self._count(view, view.segment.find(names, tuple(found)), len(found)) if found else []
            for text, count in zip(found, counts, strict=True):
                found[text] += count
        return found

    def frequencies(self, terms: Sequence[str], layer: Layer) -> list[int]:
        """Return each term's df."""
        self._asked = Or(tuple(Term(term, layer) for term in terms))
        return [self._known(term).frequency for term in terms_of(self._asked)]

    def _find_leaf(self, node: Node, number: int, leaves: Leaves) -> None:
        """Add what a leaf that is no term is in a segment."""
        match node:
            case Phrase() | Near():
                fields = _searched(self._scope, node.layer, node.fields)
                place = self._snapshot.norms[number].place(fields, self._snapshot.avg(self._scope, fields))
                leaves.rows += (op.HITS, len(leaves.weights), 1, place)
                leaves.add_hits(self._weighted(node, number))
            case _:
                leaves.rows += (op.BITMAP, len(leaves.bitmaps), 0, 0)
                leaves.bitmaps.append(self._bitmap(node, number))

    def _bitmap(self, node: Node, number: int) -> Bitmap:
        segment = self._snapshot.views[number].segment
        match node:
            case Prefix(text) if len(text) <= _FIRST_LETTERS:
                key = (_names(_searched(self._scope, node.layer, node.fields)), text)
                found = segment.begun.get(key)
                if found is None:
                    found = self._alike(node, segment)
                    _remember(segment.begun, key, found, _BEGUN)
                return found
            case Prefix() | Wildcard() | Fuzzy():
                return self._alike(node, segment)
            case Keyword(field, value):
                return _united(segment, segment.find((field,), (value,)))
            case OneOf(column) if column == KEY:  # asked once
                return _with_value(segment, node)
            case OneOf() | Range():
                found = segment.values.get(node)
                if found is None:
                    found = _with_value(segment, node)
                    _remember(segment.values, node, found, _REMEMBERED_VALUES)
                return found
            case _:
                assert isinstance(node, All | Nothing)
                return to_bitmap(np.full(segment.entries, isinstance(node, All)))

    def _alike(self, node: Pattern, segment: Segment) -> Bitmap:
        """Return the entries with a term that a pattern stands for."""
        names = _names(_searched(self._scope, node.layer, node.fields))
        return _united(segment, np.concatenate([_NO_LISTS, *(_alike(segment, name, node) for name in names)]))

    def _weighted(self, node: Phrase | Near, number: int) -> tuple[Ints, Floats]:
        """Return the entries with the phrase, and their weighted numbers of occurrences."""
        if (node, number) not in self._hits:
            segment = self._snapshot.views[number].segment
            parts: list[tuple[Ints, Floats]] = []
            for name, layer, weight in _searched(self._scope, node.layer, node.fields):
                found, times = self._occurrences(segment, text_name(name, layer), pairs_name(name, layer), node)
                parts.append((found, weight * times.astype(np.float64)))
            self._hits[node, number] = reduce(_added, parts, NO_HITS)
        return self._hits[node, number]

    def _occurrences(self, segment: Segment, name: str, pairs: str, node: Phrase | Near) -> tuple[Ints, Ints]:
        key = (name, node)
        if (known := segment.phrases.get(key)) is not None:
            return known[0].astype(np.int64), known[1].astype(np.int64)
        near, size = isinstance(node, Near), len(node.terms)
        lists = phrase_lists(segment, name, pairs, node)
        if not lists[:, 1].all():
            return NO_HITS[0], NO_HITS[0]
        most = int(lists[:size, 4].min())
        hits, times = np.empty(most, np.int64), np.empty(most, np.int64)
        number = kernels.find_phrase(
            lists, size, node.within if isinstance(node, Near) else node.slop, near,
            segment.words, segment.records, segment.starts, segment.positions, segment.chunks, hits, times,
        )  # fmt: skip
        if number < 0:
            raise damaged(segment.records_path, "không đọc được")
        if _LONG_PHRASE <= number <= _LONGEST_PHRASE:
            _remember(segment.phrases, key, (hits[:number].astype(np.uint32), times[:number].astype(np.uint32)), _PHRASES)
        return hits[:number], times[:number]

    # Statistics

    def _idf(self, frequency: int) -> float:
        count = self._snapshot.counts[self._scope]
        frequency = min(count, frequency)  # a damaged list may have more entries
        return float(math.log(1 + (count - frequency + 0.5) / (frequency + 0.5)) ** IDF_POWER)

    def _phrase_idf(self, node: Phrase | Near) -> float:
        if node not in self._idfs:
            self._idfs[node] = self._idf(sum(self._public_hits(node, number) for number in range(len(self._snapshot.views))))
        return self._idfs[node]

    def _public_hits(self, node: Phrase | Near, number: int) -> int:
        view = self._snapshot.views[number]
        hits, _ = self._weighted(node, number)
        if view.pristine:
            return len(hits)
        return int(among(hits, view.public[self._scope]).sum())

    def _known(self, term: Term) -> TermInfo:
        return self._snapshot.terms.get((self._scope, term.text, term.layer, term.fields)) or self._look_up(term)

    def _look_up(self, term: Term) -> TermInfo:
        """Find a term, and with it all those of the query that are in the same fields: the time is that of the first."""
        alike = [each.text for each in terms_of(self._asked) if each.layer == term.layer and each.fields == term.fields]
        texts = tuple(dict.fromkeys((term.text, *alike)))
        fields = _searched(self._scope, term.layer, term.fields)
        avg, size = self._snapshot.avg(self._scope, fields), len(texts)
        frequencies, entries = [0] * size, [0] * size
        leaves: list[list[TermLists]] = [[] for _ in texts]
        for view, norms in zip(self._snapshot.views, self._snapshot.norms, strict=True):  # lists: arrays so short take longer
            found = view.segment.find(_names(fields), texts)
            rows, place = found.tolist(), norms.place(fields, avg)
            counts = None if len(fields) == 1 and view.pristine else self._count(view, found, size)
            for number, leaf in enumerate(leaves):
                ranges: list[int] = []
                weights: list[float] = []
                often = 0
                for (first, end, record, _, here), (_, _, weight) in zip(rows[number::size], fields, strict=True):
                    if end:
                        ranges += (first, end, record)
                        weights.append(weight)
                        often += here
                leaf.append((ranges, weights, place))
                entries[number] += often
                frequencies[number] += counts[number] if counts else often
        known = [TermInfo(self._idf(df), df, often, leaf) for df, often, leaf in zip(frequencies, entries, leaves, strict=True)]
        remembered = self._snapshot.terms
        if len(remembered) >= _REMEMBERED:
            remembered.clear()
        for text, info in zip(texts, known, strict=True):
            remembered[self._scope, text, term.layer, term.fields] = info
        return known[0]

    def _count(self, view: View, found: Ints, size: int) -> list[int]:
        """Return how many public entries have each of `size` terms in at least one field."""
        counts = np.zeros(size, np.int64)
        if not kernels.frequencies(found, size, view.segment.words, view.segment.records, view.public[self._scope], counts):
            raise damaged(view.segment.records_path, "không đọc được")
        return counts.tolist()

    def _idf_of(self, word: Node) -> float:
        match word:
            case Term():
                return self._known(word).idf
            case Phrase((term,), layer, fields=fields) | Near((term,), layer=layer, fields=fields):
                return self._known(Term(term, layer, fields)).idf
            case Phrase((_, *_)) | Near((_, *_)):
                return self._phrase_idf(word)
            case _:
                return 0.0  # of no terms: it scores nothing

    def _rough_frequency(self, node: Node) -> int:
        """Return the number of entries of a term's lists, and many for anything else."""
        if not isinstance(node, Term):
            return 2**31 if isinstance(node, All) else 2**20
        return self._known(node).entries


def phrase_lists(segment: Segment, name: str, pairs: str, node: Phrase | Near) -> Ints:
    """Return the lists of a phrase's terms, then of its pairs of neighbours, with first word -1 for two terms that have none."""
    size = len(node.terms)
    lists = np.full((2 * size - 1, 5), -1, np.int64)
    lists[:size] = segment.find((name,), node.terms)
    common = segment.common.get(name, frozenset())
    if common and isinstance(node, Phrase) and not node.slop:
        together = enumerate(pairwise(node.terms), size)
        wanted = {place: f"{one} {other}" for place, (one, other) in together if one in common and other in common}
        if wanted:
            lists[list(wanted)] = segment.find((pairs,), tuple(wanted.values()))
    return lists


def _alike(segment: Segment, name: str, node: Prefix | Wildcard | Fuzzy) -> Ints:
    """Return the lists of a field's terms that fit a pattern, as `unite` takes them."""
    dictionary = segment.dictionaries.get(name)
    if dictionary is None:
        return _NO_LISTS
    try:
        if isinstance(node, Prefix):  # its lists are neighbours, and read as one
            rows = dictionary.starting_with(node.text)
            return np.array([dictionary.span(rows)[:3]], np.int64) if rows else _NO_LISTS
        return dictionary.lists(rows_alike(dictionary, node), True)[:, :3]
    except (ValueError, IndexError) as error:
        raise damaged(segment.terms_path, "không đọc được") from error


def _texts_alike(segment: Segment, name: str, node: Pattern) -> Iterator[str]:
    """Yield a field's terms that fit a pattern."""
    dictionary = segment.dictionaries.get(name)
    if dictionary is None:
        return
    try:
        for row in rows_alike(dictionary, node).tolist():
            yield dictionary.text(row).decode("utf-8")
    except (ValueError, IndexError) as error:
        raise damaged(segment.terms_path, "không đọc được") from error


def rows_alike(dictionary: Dictionary, node: Pattern) -> Ints:
    """Return the rows of the terms that fit a pattern. Raises ValueError or IndexError for a damaged dictionary."""
    terms = dictionary.terms
    match node:
        case Prefix(text):
            rows = dictionary.starting_with(text)
            return np.arange(rows.start, rows.stop)
        case Wildcard(pattern):
            rows = dictionary.starting_with(re.split(r"[*?]", pattern, maxsplit=1)[0])
            room = np.empty(len(rows), np.int64)
            number = kernels.fitting(terms.text, terms.ends, rows.start, rows.stop, *pattern_points(pattern), room)
        case Fuzzy(text, distance, prefix):
            rows = dictionary.starting_with(text[:prefix]) if len(text) >= prefix else range(0)
            room = np.empty(len(rows), np.int64)
            points = np.array([ord(letter) for letter in text], np.int64)
            number = kernels.resembling(terms.text, terms.ends, rows.start, rows.stop, points, distance, room)
    return room[:number]


def pattern_points(pattern: str) -> tuple[Ints, Array]:
    """Return a wildcard's code points as `kernels.fitting` takes them, and the bytes of those behind its last `*` or `?`."""
    points = np.array([_WILD.get(letter) or ord(letter) for letter in pattern], np.int64)
    return points, np.frombuffer(re.split(r"[*?]", pattern)[-1].encode("utf-8", "surrogatepass"), np.uint8)


def _with_value(segment: Segment, node: OneOf | Range) -> Bitmap:
    """Return the entries whose column has a value that is asked for."""
    match node:
        case OneOf(column, values) if column in NUMBER_COLUMNS or column == KEY:
            wanted = [value for value in values if isinstance(value, int) and 0 <= value <= LARGEST_KEY]
            return to_bitmap(np.isin(segment.numbers[column], np.array(wanted, np.int64)))
        case OneOf(column, values):
            return segment.codes[column].bitmap(frozenset(value for value in values if isinstance(value, str)))
        case Range(column, low, high):
            numbers = segment.numbers[column]
            inside = numbers != MISSING
            if low is not None:
                inside &= numbers >= low
            if high is not None:
                inside &= numbers <= high
            return to_bitmap(inside)


def _remember(known: dict[_Key, _Value], key: _Key, value: _Value, most: int) -> None:
    """Keep what took long to find and is asked again: filters, and what is the same at the next letter that somebody types."""
    if len(known) >= most:
        known.clear()
    known[key] = value


def _united(segment: Segment, lists: Ints) -> Bitmap:
    bitmap = np.zeros(segment.chunks * op.WORDS, np.uint64)
    if not kernels.unite(lists, segment.words, segment.records, bitmap):
        raise damaged(segment.records_path, "không đọc được")
    return bitmap


@lru_cache(maxsize=256)
def _names(fields: Fields) -> tuple[str, ...]:
    return tuple(text_name(name, layer) for name, layer, _ in fields)


@lru_cache(maxsize=256)
def _searched(scope: Scope, layer: Layer, names: tuple[str, ...]) -> Fields:
    return tuple((field.name, layer, field.weight) for field in text_fields(scope) if not names or field.name in names)


def _added(one: tuple[Ints, Floats], other: tuple[Ints, Floats]) -> tuple[Ints, Floats]:
    """Return the entries of both, and their weights added up."""
    if not len(one[0]) or not len(other[0]):
        return one if len(one[0]) else other
    entries, sums = np.empty(len(one[0]) + len(other[0]), np.int64), np.empty(len(one[0]) + len(other[0]))
    number = kernels.add_hits(*one, *other, entries, sums)
    return entries[:number], sums[:number]
