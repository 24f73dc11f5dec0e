"""Query nodes over arrays, as docs/scoring.md says, one segment after the other.

A node's answer on a segment is a mask of the entries that match and an array of scores, 0 where the mask is False. Terms and
phrases are gathered over all segments first: their scores need statistics of the whole index.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indexer.engine.analysis import LARGEST_NUMBER
from indexer.engine.fields import IDF_POWER, K1, NUMBER_COLUMNS, B, Scope, TextField, text_fields
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
from indexer.engine.whooshdb.phrases import minimal_windows, occurrences
from indexer.engine.whooshdb.postings import Ints, Mask, Posting
from indexer.engine.whooshdb.schema import MISSING, text_name
from indexer.engine.whooshdb.segments import Segment, Snapshot, View

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Matches:
    """Which entries of a segment match, and their scores; 0 for the others."""

    mask: Mask
    scores: Floats


@dataclass(frozen=True, slots=True)
class _Leaf:
    idf: float
    avg: float
    parts: tuple[tuple[Ints, Floats], ...]  # for each segment: entries ascending, and their weighted tf


class Evaluation:
    """Evaluates nodes for one request on one snapshot."""

    def __init__(self, snapshot: Snapshot, scope: Scope) -> None:
        self._snapshot = snapshot
        self._scope = scope
        self._leaves: dict[Term | Phrase | Near, _Leaf] = {}

    def matches(self, node: Node, number: int) -> Matches:
        """Evaluate `node` on the snapshot's segment `number`, deleted and invisible entries among the matches."""
        view = self._snapshot.views[number]
        match node:
            case Term() | Phrase() | Near():
                return self._bm25f(node, number)
            case Boost(child, factor):
                found = self.matches(child, number)
                return Matches(found.mask, found.scores * factor)
            case Constant(child, score):
                return _flat(self.matches(child, number).mask, score)
            case Not(child):
                return _flat(~self.matches(child, number).mask, 0.0)
            case And(children):
                return self._sum(children, len(children), number)
            case Or(children, minimum):
                return self._sum(children, minimum, number)
            case _:
                return _flat(self._mask(node, view), 1.0)

    def _sum(self, children: tuple[Node, ...], minimum: int, number: int) -> Matches:
        entries = self._snapshot.views[number].segment.entries
        counts, scores = np.zeros(entries, np.int32), np.zeros(entries)
        for child in children:
            found = self.matches(child, number)
            counts += found.mask
            scores += found.scores
        mask = counts >= minimum
        return Matches(mask, np.where(mask, scores, 0.0))

    def _mask(self, node: Node, view: View) -> Mask:
        segment = view.segment
        match node:
            case Prefix(text, layer):
                return _union(segment.entries, (self._starting(segment, field.name, text, layer) for field in self._fields(node)))
            case Wildcard() | Fuzzy():
                names = [text_name(field.name, node.layer) for field in self._fields(node)]
                return _union(segment.entries, (segment.lexicon.fitting(name, matcher(node)) for name in names))
            case Keyword(field, value):
                posting = segment.lexicon.posting(field, value, self._snapshot.cache)
                return _union(segment.entries, [posting.docs] if posting else [])
            case OneOf(column, values) if column in NUMBER_COLUMNS:
                wanted = [value for value in values if isinstance(value, int) and 0 <= value <= LARGEST_NUMBER]
                return np.isin(segment.numbers[column], np.array(wanted, np.int64))
            case OneOf(column, values):
                return segment.codes[column].mask(frozenset(value for value in values if isinstance(value, str)))
            case Range(column, low, high):
                numbers = segment.numbers[column]
                inside: Mask = (numbers != MISSING) & (low is None or numbers >= low) & (high is None or numbers <= high)
                return inside
            case Nothing():
                return np.zeros(segment.entries, np.bool_)
            case _:
                assert isinstance(node, All)
                return np.ones(segment.entries, np.bool_)

    def _starting(self, segment: Segment, field: str, text: str, layer: Layer) -> Ints:
        written = segment.length(field, layer) > 0  # without a syllable there is no term
        return segment.lexicon.starting_with(text_name(field, layer), text, written, self._snapshot.cache)

    def _bm25f(self, node: Term | Phrase | Near, number: int) -> Matches:
        if node not in self._leaves:
            self._leaves[node] = self._gather(node)
        leaf = self._leaves[node]
        docs, wtf = leaf.parts[number]
        segment = self._snapshot.views[number].segment
        wlen = np.zeros(len(docs))
        for field in self._fields(node):
            wlen += field.weight * segment.length(field.name, node.layer)[docs]
        ratio = wlen / leaf.avg if leaf.avg else np.ones(len(docs))
        mask, scores = np.zeros(segment.entries, np.bool_), np.zeros(segment.entries)
        mask[docs] = True
        scores[docs] = leaf.idf * (wtf * (K1 + 1) / (wtf + K1 * (1 - B + B * ratio)))
        return Matches(mask, scores)

    def _gather(self, node: Term | Phrase | Near) -> _Leaf:
        parts = tuple(self._weighted(node, view) for view in self._snapshot.views)
        count = self._snapshot.counts[self._scope]
        frequency = sum(
            int(view.public[self._scope][docs].sum()) for view, (docs, _) in zip(self._snapshot.views, parts, strict=True)
        )
        idf = math.log(1 + (count - frequency + 0.5) / (frequency + 0.5)) ** IDF_POWER
        total = 0.0
        for field in self._fields(node):
            total += field.weight * self._snapshot.lengths[field.name, node.layer]
        return _Leaf(idf, total / count if count else 0.0, parts)

    def _weighted(self, node: Term | Phrase | Near, view: View) -> tuple[Ints, Floats]:
        wtf = np.zeros(view.segment.entries)
        for field in self._fields(node):
            docs, counts = self._counts(node, view, text_name(field.name, node.layer))
            wtf[docs] += field.weight * counts
        docs = np.flatnonzero(wtf)
        return docs, wtf[docs]

    def _counts(self, node: Term | Phrase | Near, view: View, name: str) -> tuple[Ints, Ints]:
        terms = (node.text,) if isinstance(node, Term) else node.terms
        postings: list[Posting] = []
        for term in terms:
            posting = view.segment.lexicon.posting(name, term, self._snapshot.cache)
            if posting is None:
                return np.empty(0, np.int64), np.empty(0, np.int64)
            postings.append(posting)
        if isinstance(node, Term):
            return postings[0].docs, postings[0].counts
        if isinstance(node, Near):
            return minimal_windows(postings, node.within)
        return occurrences(postings, node.slop)

    def _fields(self, node: Term | Phrase | Near | Pattern) -> list[TextField]:
        return [field for field in text_fields(self._scope) if not node.fields or field.name in node.fields]


def _flat(mask: Mask, score: float) -> Matches:
    return Matches(mask, np.where(mask, score, 0.0))


def _union(entries: int, parts: Iterable[Ints]) -> Mask:
    mask = np.zeros(entries, np.bool_)
    for docs in parts:
        mask[docs] = True
    return mask
