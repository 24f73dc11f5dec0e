"""The second look of docs/scoring.md at the best entries of all segments."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from indexer.engine.fields import KIN_SLOPE, KIN_WEIGHT, LOOK_POWER, TextField
from indexer.engine.port import Rerank
from indexer.engine.whooshdb import kernels
from indexer.engine.whooshdb.best import Best
from indexer.engine.whooshdb.schema import text_name
from indexer.engine.whooshdb.segments import Floats, Ints, Snapshot
from indexer.engine.whooshdb.state import damaged


def look_again(snapshot: Snapshot, fields: Sequence[TextField], rerank: Rerank, idfs: Mapping[str, float], best: Best) -> None:
    """Raise the scores of the best entries by what stands together in `fields`; `idfs` are the terms', each once, in their order.

    Raises IndexDamaged.
    """
    terms, layer = tuple(idfs), rerank.layer
    names = tuple(text_name(field.name, layer) for field in fields)
    shares = [idf**LOOK_POWER for idf in idfs.values()]
    whole = 0.0
    for share in shares:
        whole += share
    weights = np.array([math.floor(share * 65536 + 0.5) for share in shares], np.int64)
    numbers = {term: number for number, term in enumerate(terms)}
    asked = np.array([numbers[term] for term in rerank.terms], np.int64)
    pairs, pair_weights = _pairs(asked.tolist(), weights.tolist())
    of_fields = np.array([(field.covered, field.held) for field in fields])
    stand_for = np.array([numbers[term] for term, _ in rerank.others], np.int64)
    sought = (*terms, *(other for _, other in rerank.others))
    rows = best.order()[: rerank.depth]
    kin = KIN_WEIGHT * _kin(best.scores[rows], best.places[0, rows], whole)
    order = np.argsort(best.places[2, rows])  # by segment and entry
    rows, kin = rows[order], kin[order]
    segments, entries = best.places[2, rows] >> 32, best.places[2, rows] & 0xFFFFFFFF
    gains = np.zeros(len(rows))
    for number, view in enumerate(snapshot.views):
        first, last = np.searchsorted(segments, (number, number + 1)).tolist()
        if first == last:
            continue
        segment, here = view.segment, entries[first:last]
        lengths = np.array([segment.length(field.name, layer)[here] for field in fields], np.int64)
        if not kernels.look_again(
            segment.find(names, sought), weights, stand_for, asked, pairs, pair_weights, lengths, of_fields,
            segment.words, segment.records, segment.starts, segment.positions, here, gains[first:last],
        ):  # fmt: skip
            raise damaged(segment.records_path, "không đọc được")
    best.scores[rows] += whole * np.maximum(0.0, gains + kin)


def _pairs(asked: Sequence[int], weights: Sequence[int]) -> tuple[Ints, Ints]:
    """Return for each term asked the number of the pair that it makes with the one before, or -1, and each pair's weight."""
    known: dict[tuple[int, int], int] = {}
    pairs = [-1] + [known.setdefault(pair, len(known)) if pair[0] != pair[1] else -1 for pair in pairwise(asked)]
    return np.array(pairs, np.int64), np.array([weights[one] + weights[other] for one, other in known], np.int64)


def _kin(scores: Floats, keys: Ints, whole: float) -> Floats:
    """Return for each entry, the best first, how much the others of its document are worth, from 0 to 1."""
    if not len(scores) or not whole:
        return np.zeros(len(scores))
    shares = scores / whole
    near = np.maximum(0.0, 1 - KIN_SLOPE * (shares[0] - shares))
    _, documents = np.unique(keys, return_inverse=True)
    others = np.bincount(documents, near)[documents] - near
    return np.asarray(others / (1 + others))
