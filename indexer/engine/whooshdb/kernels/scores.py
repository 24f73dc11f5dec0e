"""The scores of a term's entries, and the walk over the list of one term in one field, which needs no more than these."""

# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False
# What numba compiles has its types from its arguments. Plain loops: array expressions take seconds to compile.

import numpy as np
from numba import njit

from indexer.engine.fields import K1
from indexer.engine.whooshdb.kernels.best import is_worse, keep
from indexer.engine.whooshdb.kernels.bits import load64, peek, poke, popcount, trailing_zeros
from indexer.engine.whooshdb.kernels.lists import (
    CHUNK,
    FEW,
    PADDING,
    WORDS,
    chunk_of,
    count_of,
    frequency,
    places_size,
    record_size,
    width_of,
)

_ONE = np.uint64(1)


@njit(error_model="numpy")
def rank_list(
    bounds, weight, factor, words, records, norms, norm_at, allowed, matched, keys, ordinals, segment, kept, best_scores,
    best_places,
):  # fmt: skip
    """Do what the program of one term in one field does: its scores are added to nothing, so they need not be kept."""
    idf, boost, at = factor[0], factor[1], bounds[2]
    total, limit = 0, len(best_scores)
    best_keys, best_ordinals, best_entries = best_places[0], best_places[1], best_places[2]
    worst = best_scores[0] if kept == limit else -np.inf
    weighted, scores = np.empty(CHUNK), np.empty(CHUNK)
    for word_at in range(bounds[0], bounds[1]):
        word = words[word_at]
        chunk, count, width = chunk_of(word), count_of(word), width_of(word)
        if WORDS * chunk >= len(allowed):
            break
        if at + record_size(word) + PADDING > len(records):
            return -1, kept
        norm = norm_at + CHUNK * chunk
        if count <= FEW:
            for rank in range(count):
                place = np.int64(peek(records, at + rank))
                part = WORDS * chunk + (place >> 6)
                there = allowed[part] >> np.uint64(place & 63) & _ONE
                total += np.int64(there)
                if len(matched):
                    matched[part] |= there << np.uint64(place & 63)
                wtf = weight * frequency(records, at + count, width, rank)
                score = 0.0 + bm25(idf, boost, wtf, peek(norms, norm + place))  # as a slot begins with 0, not with -0
                if score >= worst and there:
                    entry = CHUNK * chunk + place
                    key, ordinal = keys[entry], np.int64(ordinals[entry])
                    if kept < limit or not is_worse(score, key, ordinal, best_scores, best_keys, best_ordinals, 0):
                        kept = keep(
                            score, key, ordinal, segment << 32 | entry, kept, best_scores, best_keys, best_ordinals, best_entries
                        )
                    worst = best_scores[0] if kept == limit else worst
        else:
            expand(records, at + places_size(count), width, count, weight, weighted)
            rank = 0
            for part in range(WORDS):
                bits = load64(records, at + 8 * part)
                there = bits & allowed[WORDS * chunk + part]
                total += popcount(there)
                if len(matched):
                    matched[WORDS * chunk + part] |= there
                while bits:
                    poke(scores, rank, peek(norms, norm + 64 * part + trailing_zeros(bits)))
                    rank += 1
                    bits &= bits - _ONE
            above = False
            for rank in range(count):
                score = 0.0 + bm25(idf, boost, peek(weighted, rank), peek(scores, rank))
                poke(scores, rank, score)
                above |= score >= worst
            rank = 0
            for part in range(WORDS if above else 0):
                bits = load64(records, at + 8 * part)
                while bits:
                    place, score = 64 * part + trailing_zeros(bits), peek(scores, rank)
                    rank += 1
                    bits &= bits - _ONE
                    if score >= worst and allowed[WORDS * chunk + part] >> np.uint64(place & 63) & _ONE:
                        entry = CHUNK * chunk + place
                        key, ordinal = keys[entry], np.int64(ordinals[entry])
                        if kept < limit or not is_worse(score, key, ordinal, best_scores, best_keys, best_ordinals, 0):
                            kept = keep(
                                score, key, ordinal, segment << 32 | entry, kept, best_scores, best_keys, best_ordinals,
                                best_entries,
                            )  # fmt: skip
                        worst = best_scores[0] if kept == limit else worst
        at += record_size(word)
    return total, kept


@njit(error_model="numpy")
def expand(records, at, width, count, weight, weighted):
    """Write weight · frequency for the first `count` entries of a chunk; the loop for each width is vectorised."""
    if width == 4:
        for rank in range(count):
            poke(weighted, rank, weight * (np.int64((peek(records, at + (rank >> 1)) >> ((rank & 1) << 2)) & 15) + 1))
    elif width == 8:
        for rank in range(count):
            poke(weighted, rank, weight * (np.int64(peek(records, at + rank)) + 1))
    else:
        for rank in range(count):
            poke(weighted, rank, weight * frequency(records, at, width, rank))


@njit(error_model="numpy")
def bm25(idf, boost, wtf, norm):
    """Return the score of docs/scoring.md; `norm` is what `View.norms` has of the entry."""
    return idf * (wtf * (K1 + 1) / (wtf + norm)) * boost
