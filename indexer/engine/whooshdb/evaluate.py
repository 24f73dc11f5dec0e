"""One request on one generation: its program is run over each segment with the statistics of all."""

import math
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from operator import neg

import numpy as np
import numpy.typing as npt

from indexer.engine.analysis import LARGEST_NUMBER
from indexer.engine.fields import (
    ADJACENT_WEIGHT,
    COVERED_WEIGHT,
    IDF_POWER,
    NEAR,
    NEAR_WEIGHT,
    NUMBER_COLUMNS,
    WINDOW,
    WINDOW_WEIGHT,
    Scope,
    text_fields,
)
from indexer.engine.patterns import matcher
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
    Phrase,
    Prefix,
    Range,
    Term,
    Wildcard,
)
from indexer.engine.whooshdb import kernels
from indexer.engine.whooshdb.dictionary import Dictionary, PostingList
from indexer.engine.whooshdb.kernels import programs as op
from indexer.engine.whooshdb.program import Program, write_program
from indexer.engine.whooshdb.schema import MISSING, pairs_name, text_name
from indexer.engine.whooshdb.segments import Bitmap, Fields, Floats, Segment, Snapshot, TermInfo, size_of, to_bitmap
from indexer.engine.whooshdb.state import damaged

Ints = npt.NDArray[np.int64]
Ranked = tuple[float, int, int, int]
"""-score, key, ordinal, segment · 2**32 + entry."""
_ORDER = {Sort.RELEVANCE: 0, Sort.NEWEST: 1, Sort.OLDEST: -1}
_REMEMBERED = 4_096  # terms of a generation, some 4 kB each where there are many segments
_NO_BITMAP: Bitmap = np.empty(0, np.uint64)
_NO_BITMAPS: npt.NDArray[np.uint64] = np.empty((0, 0), np.uint64)
_NO_HITS: tuple[Ints, Floats] = (np.empty(0, np.int64), np.empty(0))


class Best:
    """The best entries so far, in a heap that the kernel keeps."""

    def __init__(self, limit: int) -> None:
        self.kept = 0
        self.scores = np.empty(limit)
        self.places = np.empty((3, limit), np.int64)  # keys, ordinals, and segment · 2**32 + entry

    def ranked(self) -> list[Ranked]:
        """Return the entries kept, the best first."""
        return sorted(zip(map(neg, self.scores[: self.kept].tolist()), *self.places[:, : self.kept].tolist(), strict=True))


class Evaluation:
    """Evaluates a request's nodes on one snapshot. Raises IndexDamaged."""

    def __init__(self, snapshot: Snapshot, scope: Scope) -> None:
        self._snapshot = snapshot
        self._scope = scope
        self._hits: dict[tuple[Phrase | Near, int], tuple[Ints, Floats]] = {}
        self._idfs: dict[Phrase | Near, float] = {}

    def run(self, request: SearchRequest, best: Best) -> tuple[int, list[Bitmap]]:
        """Return the exact number of matches, and their bitmap in each segment if facets are asked for; keep the best."""
        scoring = request.sort is Sort.RELEVANCE and len(best.scores) > 0
        program = write_program(request.query, scoring, self._rough_frequency)
        total, matched = 0, []
        for number, view in enumerate(self._snapshot.views):
            allowed = view.allowed(request.scope, request.visible)
            for node in request.filters:
                allowed = allowed & self._matches(node, number)
            found = np.zeros_like(allowed) if request.facets else _NO_BITMAP
            total += self._evaluate(program, scoring, number, allowed, found, best, _ORDER[request.sort])
            matched.append(found)
        return total, matched

    def _evaluate(
        self, program: Program, scoring: bool, number: int, allowed: Bitmap, found: Bitmap, best: Best, order: int
    ) -> int:
        """Run a program over one segment. Its leaves are found there, and everything is handed over in a few arrays."""
        view = self._snapshot.views[number]
        segment = view.segment
        leaves = _Leaves()
        rows, lists, weights, factors = leaves.rows, leaves.lists, leaves.weights, leaves.factors
        for node, boost in program.leaves:
            if isinstance(node, Term):
                idf, _, found_in = self._known(node)
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
        hits, wtfs = leaves.hits
        columns = segment.numbers
        total, best.kept = kernels.evaluate(
            integers, numbers, program.slots, len(program.steps) // op.STEP, len(program.leaves), segment.words, segment.records,
            view.all_norms, leaves.bitmaps, hits, wtfs, allowed, found, columns["issued_date"], order, columns["key"],
            columns["ordinal"], number, best.kept, best.scores, best.places,
        )  # fmt: skip
        if total < 0:
            raise damaged(segment.records_path, "không đọc được")
        return int(total)

    def _matches(self, node: Node, number: int) -> Bitmap:
        """Return the bitmap of the entries that match, deleted and invisible ones among them perhaps."""
        if isinstance(node, OneOf | Range):
            return self._bitmap(node, number)
        program = write_program(node, False, self._rough_frequency)
        everything = to_bitmap(np.ones(self._snapshot.views[number].segment.entries, np.bool_))
        found = np.zeros_like(everything)
        self._evaluate(program, False, number, everything, found, Best(0), 0)
        return found

    def look_again(self, rerank: Rerank, ranked: Sequence[Ranked]) -> list[Ranked]:
        """Return ranked entries with the scores that a second look gives them, in any order."""
        fields = _searched(self._scope, rerank.layer, ())
        terms = list(dict.fromkeys(rerank.terms))
        idfs = [self._known(Term(term, rerank.layer)).idf for term in terms]
        sum_of_idfs = 0.0
        for idf in idfs:
            sum_of_idfs += idf
        weights = np.array([math.floor(idf * 65536 + 0.5) for idf in idfs], np.int64)
        numbers = {term: number for number, term in enumerate(terms)}
        pairs = [(numbers[one], numbers[other]) for one, other in dict.fromkeys(pairwise(rerank.terms)) if one != other]
        weighted = np.array([(one, other, weights[one] + weights[other]) for one, other in pairs], np.int64).reshape(-1, 3)
        whole, whole_of_pairs = int(weights.sum()), int(weighted[:, 2].sum())
        looked: list[Ranked] = []
        for number, view in enumerate(self._snapshot.views):
            here = sorted((each for each in ranked if each[3] >> 32 == number), key=lambda each: each[3])
            found = self._stand_together(view.segment, fields, terms, weights, weighted, [each[3] & 0xFFFFFFFF for each in here])
            for (negative, key, ordinal, place), (window, adjacent, near, *occurrences) in zip(here, found.tolist(), strict=True):
                gain = WINDOW_WEIGHT * _share(window, whole)
                gain += ADJACENT_WEIGHT * _share(adjacent, whole_of_pairs)
                gain += NEAR_WEIGHT * _share(near, whole_of_pairs)
                for (name, layer, _), often in zip(fields[:-1], occurrences, strict=False):
                    length = int(view.segment.length(name, layer)[place & 0xFFFFFFFF])
                    gain += COVERED_WEIGHT * min(1.0, _share(often, length))
                looked.append((-(-negative + sum_of_idfs * gain), key, ordinal, place))
        return looked

    def _stand_together(
        self, segment: Segment, fields: Fields, terms: Sequence[str], weights: Ints, pairs: Ints, entries: Sequence[int]
    ) -> Ints:
        found = np.zeros((len(entries), 3 + len(fields)), np.int64)
        lists = []
        for name, layer, _ in fields:
            for term in terms:
                posting = self._find(segment, text_name(name, layer), term)
                lists.append(posting[:4] if posting else (0, 0, 0, 0))
        if entries and not kernels.look_again(
            np.array(lists, np.int64), weights, pairs, WINDOW, NEAR,
            segment.words, segment.records, segment.starts, segment.positions, np.array(entries, np.int64), found,
        ):  # fmt: skip
            raise damaged(segment.records_path, "không đọc được")
        return found

    # Leaves

    def _find_leaf(self, node: Node, number: int, leaves: "_Leaves") -> None:
        """Add what a leaf that is no term is in a segment."""
        match node:
            case Phrase() | Near():
                fields = _searched(self._scope, node.layer, node.fields)
                place = self._snapshot.views[number].norms(fields, self._snapshot.avg(self._scope, fields))
                leaves.rows += (op.HITS, len(leaves.weights), 1, place)
                begin = len(leaves.hits[0])
                leaves.hits = _behind(leaves.hits, self._weighted(node, number))
                leaves.lists += (begin, len(leaves.hits[0]), 0)
                leaves.weights.append(0.0)
            case _:
                bitmap = self._bitmap(node, number)[np.newaxis]
                leaves.rows += (op.BITMAP, len(leaves.bitmaps), 0, 0)
                leaves.bitmaps = np.concatenate((leaves.bitmaps, bitmap)) if len(leaves.bitmaps) else bitmap

    def _bitmap(self, node: Node, number: int) -> Bitmap:
        segment = self._snapshot.views[number].segment
        match node:
            case Prefix(text):
                return self._united(segment, (self._starting(segment, name, text) for name in self._names(node)))
            case Wildcard() | Fuzzy():
                return self._united(segment, (self._resembling(segment, name, node) for name in self._names(node)))
            case Keyword(field, value):
                found = self._find(segment, field, value)
                return self._united(segment, [[found] if found else []])
            case OneOf(column, values) if column in NUMBER_COLUMNS:
                wanted = [value for value in values if isinstance(value, int) and 0 <= value <= LARGEST_NUMBER]
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
            case _:
                assert isinstance(node, All | Nothing)
                return to_bitmap(np.full(segment.entries, isinstance(node, All)))

    def _united(self, segment: Segment, lists: Iterable[list[PostingList]]) -> Bitmap:
        rows = [posting[:3] for each in lists for posting in each]
        bitmap = np.zeros(segment.chunks * op.WORDS, np.uint64)
        if rows and not kernels.unite(np.array(rows, np.int64), segment.words, segment.records, bitmap):
            raise damaged(segment.records_path, "không đọc được")
        return bitmap

    def _starting(self, segment: Segment, name: str, prefix: str) -> list[PostingList]:
        dictionary = segment.dictionaries.get(name)
        rows = dictionary.starting_with(prefix) if dictionary else range(0)
        return [_checked(segment, dictionary, rows)] if dictionary and rows else []

    def _resembling(self, segment: Segment, name: str, node: Wildcard | Fuzzy) -> list[PostingList]:
        dictionary = segment.dictionaries.get(name)
        if dictionary is None:
            return []
        if isinstance(node, Wildcard):
            fits = matcher(node)
            rows = dictionary.starting_with(re.split(r"[*?]", node.pattern, maxsplit=1)[0])
            chosen = [row for row in rows if fits(dictionary.text(row).decode("utf-8", "replace"))]
        else:
            terms = dictionary.terms
            room = np.empty(len(dictionary), np.int64)
            points = np.array([ord(letter) for letter in node.text], np.int64)
            number = kernels.resembling(terms.text, terms.ends, points, node.prefix, node.distance, room)
            chosen = room[:number].tolist()
        return [_checked(segment, dictionary, range(row, row + 1)) for row in chosen]

    def _weighted(self, node: Phrase | Near, number: int) -> tuple[Ints, Floats]:
        """Return the entries with the phrase, and their weighted numbers of occurrences."""
        if (node, number) not in self._hits:
            segment = self._snapshot.views[number].segment
            parts: list[tuple[Ints, Floats]] = []
            for name, layer, weight in _searched(self._scope, node.layer, node.fields):
                found, times = self._occurrences(segment, text_name(name, layer), pairs_name(name, layer), node)
                parts.append((found, weight * times.astype(np.float64)))
            if len(parts) == 1:
                self._hits[node, number] = parts[0]
            else:
                wtf = np.zeros(segment.chunks * op.CHUNK)  # a damaged list may have entries up to there
                for hits, weighted in parts:
                    wtf[hits] += weighted
                there = np.flatnonzero(wtf)
                self._hits[node, number] = (there, wtf[there])
        return self._hits[node, number]

    def _occurrences(self, segment: Segment, name: str, pairs: str, node: Phrase | Near) -> tuple[Ints, Ints]:
        near = isinstance(node, Near)
        found = [self._find(segment, name, term) for term in node.terms]
        if not found or not all(found):
            return _NO_HITS[0], _NO_HITS[0]
        lists = [posting[:4] for posting in found if posting]
        common = segment.common.get(name, frozenset())
        for one, other in zip(node.terms, node.terms[1:], strict=False):
            if isinstance(node, Near) or node.slop or one not in common or other not in common:
                lists.append((-1, -1, 0, 0))
                continue
            pair = self._find(segment, pairs, f"{one} {other}")
            if pair is None:
                return _NO_HITS[0], _NO_HITS[0]
            lists.append(pair[:4])
        most = min(posting.entries for posting in found if posting)
        hits, times = np.empty(most, np.int64), np.empty(most, np.int64)
        number = kernels.find_phrase(
            np.array(lists, np.int64), len(node.terms), node.within if isinstance(node, Near) else node.slop, near,
            segment.words, segment.records, segment.starts, segment.positions, segment.chunks, hits, times,
        )  # fmt: skip
        if number < 0:
            raise damaged(segment.records_path, "không đọc được")
        return hits[:number], times[:number]

    def _find(self, segment: Segment, name: str, term: str) -> PostingList | None:
        dictionary = segment.dictionaries.get(name)
        try:
            return dictionary.find(term) if dictionary else None
        except (ValueError, IndexError) as error:
            raise damaged(segment.terms_path, "không đọc được") from error

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
        return int((view.public[self._scope][hits >> 6] >> (hits & 63).astype(np.uint64) & np.uint64(1)).sum())

    def _known(self, term: Term) -> TermInfo:
        return self._snapshot.terms.get((self._scope, term.text, term.layer, term.fields)) or self._look_up(term)

    def _look_up(self, term: Term) -> TermInfo:
        fields = _searched(self._scope, term.layer, term.fields)
        avg = self._snapshot.avg(self._scope, fields)
        df, entries, leaves = 0, 0, []
        for view in self._snapshot.views:
            found = [(self._find(view.segment, text_name(name, layer), term.text), weight) for name, layer, weight in fields]
            lists = [(posting, weight) for posting, weight in found if posting]
            size = sum(posting.entries for posting, _ in lists)
            entries += size
            if len(lists) <= 1 and view.pristine:
                df += size
            else:
                df += size_of(self._united(view.segment, [[posting for posting, _ in lists]]) & view.public[self._scope])
            ranges = tuple(number for posting, _ in lists for number in posting[:3])
            leaves.append((ranges, tuple(weight for _, weight in lists), view.norms(fields, avg)))
        remembered = self._snapshot.terms
        if len(remembered) >= _REMEMBERED:
            remembered.clear()
        known = TermInfo(self._idf(df), entries, tuple(leaves))
        remembered[self._scope, term.text, term.layer, term.fields] = known
        return known

    def _rough_frequency(self, node: Node) -> int:
        """Return the number of entries of a term's lists, and many for anything else."""
        if not isinstance(node, Term):
            return 2**31 if isinstance(node, All) else 2**20
        return self._known(node).entries

    def _names(self, node: Prefix | Wildcard | Fuzzy) -> list[str]:
        return [text_name(name, layer) for name, layer, _ in _searched(self._scope, node.layer, node.fields)]


def _checked(segment: Segment, dictionary: Dictionary, rows: range) -> PostingList:
    try:
        return dictionary.span(rows)
    except (ValueError, IndexError) as error:
        raise damaged(segment.terms_path, "không đọc được") from error


@lru_cache(maxsize=256)
def _searched(scope: Scope, layer: Layer, names: tuple[str, ...]) -> Fields:
    return tuple((field.name, layer, field.weight) for field in text_fields(scope) if not names or field.name in names)


def _behind(one: tuple[Ints, Floats], other: tuple[Ints, Floats]) -> tuple[Ints, Floats]:
    return (np.concatenate((one[0], other[0])), np.concatenate((one[1], other[1]))) if len(one[0]) else other


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


class _Leaves:
    """What the leaves of a program are in one segment, as the kernel takes it."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.lists: list[int] = []
        self.weights: list[float] = []
        self.factors: list[float] = []
        self.bitmaps = _NO_BITMAPS
        self.hits = _NO_HITS
