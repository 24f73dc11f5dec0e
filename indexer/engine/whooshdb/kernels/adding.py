"""How a term's scores are added to those of a window's entries: the loops in which most of a search's time goes.

Of a term in several fields a chunk's weighted frequencies are summed first; the sums are 0 again when its scores are added. Where
most of a chunk's entries are wanted a record is read as a whole, and the formula done for all 256 places, which compilers make
vector instructions of: one without the term scores 0. Where few are, those alone are looked up.
"""

# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False
# What numba compiles has its types from its arguments. Plain loops: array expressions take seconds to compile.

import numpy as np
from numba import njit

from indexer.engine.whooshdb.kernels.bits import clear, load64, peek, poke, popcount, trailing_zeros
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
from indexer.engine.whooshdb.kernels.scores import bm25, expand

# What a leaf is
POSTINGS = 0  # a term: one list for each field, scored by BM25F
BITMAP = 1  # a row of bitmaps, each entry scoring its boost
HITS = 2  # entries and weighted frequencies found before, scored by BM25F

WINDOW = 16  # chunks: the scores of a slot just fit the first-level cache
LOOKED_UP = 128  # wanted entries of a chunk up to which each is looked up
_ONE = np.uint64(1)


@njit(error_model="numpy")
def add_whole_list(
    leaf, slot, window, where, leaves, factors, lists, weights, words, records, cursors, norms, masks, scores, weighted
):
    """Add all entries of a term of one field to a slot with their scores, in one walk: the path of most short queries.

    Returns False for a damaged record.
    """
    row = leaves[leaf, 1]
    idf, boost, weight, norm_at = factors[leaf, 0], factors[leaf, 1], weights[row], leaves[leaf, 3]
    word_at, at, stop = cursors[row, 0], cursors[row, 1], lists[row, 1]
    last = window[-1]
    while word_at < stop:
        word = words[word_at]
        chunk, size = chunk_of(word), record_size(word)
        if chunk > last:
            break
        number = where[chunk]
        if number >= 0:
            if at + size + PADDING > len(records):
                return False
            count = count_of(word)
            base, to = slot * CHUNK * WINDOW + CHUNK * number, slot * WORDS * WINDOW + WORDS * number
            norm = norm_at + CHUNK * chunk
            if count <= FEW:
                width = width_of(word)
                for rank in range(count):
                    place = np.int64(peek(records, at + rank))
                    masks[to + (place >> 6)] |= _ONE << np.uint64(place & 63)
                    wtf = weight * frequency(records, at + count, width, rank)
                    poke(scores, base + place, peek(scores, base + place) + bm25(idf, boost, wtf, peek(norms, norm + place)))
            else:
                expand(records, at + places_size(count), width_of(word), count, weight, weighted)
                rank = 0
                for part in range(WORDS):
                    bits = load64(records, at + 8 * part)
                    masks[to + part] |= bits
                    while bits:
                        place = 64 * part + trailing_zeros(bits)
                        score = bm25(idf, boost, peek(weighted, rank & 255), peek(norms, norm + place))
                        poke(scores, base + place, peek(scores, base + place) + score)
                        rank += 1
                        bits &= bits - _ONE
        at += size
        word_at += 1
    cursors[row, 0], cursors[row, 1] = word_at, at
    return True


@njit(error_model="numpy")
def add_term(
    leaf, wanted, touched, to, window, where, leaves, factors, lists, weights, words, records, cursors, norms, masks, scores,
    sums, weighted,
):  # fmt: skip
    """Add a term's scores to those from `to` on, for entries of the mask from `wanted` on, and perhaps for others.

    The mask from `touched` on becomes that of the entries so scored. A list's cursor goes behind the window. Returns False for a
    damaged record.
    """
    first, end = leaves[leaf, 1], leaves[leaf, 1] + leaves[leaf, 2]
    idf, boost, last = factors[leaf, 0], factors[leaf, 1], window[-1]
    alone = end - first == 1
    clear(masks, touched, WORDS * len(window))
    for row in range(first, end):
        weight, word_at, at, stop = weights[row], cursors[row, 0], cursors[row, 1], lists[row, 1]
        while word_at < stop:
            word = words[word_at]
            chunk, size = chunk_of(word), record_size(word)
            if chunk > last:
                break
            number = where[chunk]
            if number >= 0:
                here, there, norm = wanted + WORDS * number, touched + WORDS * number, leaves[leaf, 3] + CHUNK * chunk
                many = _size(masks, here)
                if many:
                    if at + size + PADDING > len(records):
                        return False
                    if count_of(word) > FEW and many > LOOKED_UP:
                        expand(records, at + places_size(count_of(word)), width_of(word), count_of(word), weight, weighted)
                    if alone:
                        _score_chunk(
                            word, at, weight, many, records, masks, here, there, weighted, idf, boost, norms, norm, scores,
                            to + CHUNK * number,
                        )  # fmt: skip
                    else:
                        _sum_chunk(word, at, weight, many, records, masks, here, there, weighted, sums, CHUNK * number)
            at += size
            word_at += 1
        cursors[row, 0], cursors[row, 1] = word_at, at
    for number in range(0 if alone else len(window)):
        many = _size(masks, touched + WORDS * number)
        if many:
            _score_sums(
                many, idf, boost, norms, leaves[leaf, 3] + CHUNK * window[number], masks, touched + WORDS * number, sums,
                CHUNK * number, scores, to + CHUNK * number,
            )  # fmt: skip
    return True


@njit(error_model="numpy")
def _size(masks, at):
    return popcount(masks[at]) + popcount(masks[at + 1]) + popcount(masks[at + 2]) + popcount(masks[at + 3])


@njit(error_model="numpy")
def _score_chunk(
    word, at, weight, many, records, masks, wanted, touched, weighted, idf, boost, norms, norm_at, scores, to
):  # fmt: skip
    """Add the scores of the entries of a chunk: of those `many` wanted, or of all, whose frequencies are `weighted` then."""
    count, width = count_of(word), width_of(word)
    frequencies, before = at + places_size(count), 0
    if count <= FEW:
        for rank in range(count):
            place = np.int64(peek(records, at + rank))
            part, bit = place >> 6, _ONE << np.uint64(place & 63)
            if peek(masks, wanted + part) & bit:
                poke(masks, touched + part, peek(masks, touched + part) | bit)
                wtf = weight * frequency(records, frequencies, width, rank)
                poke(scores, to + place, peek(scores, to + place) + bm25(idf, boost, wtf, peek(norms, norm_at + place)))
        return
    for part in range(WORDS):
        listed = load64(records, at + 8 * part)
        bits = listed if many > LOOKED_UP else listed & masks[wanted + part]
        masks[touched + part] |= bits
        rank = before
        while bits:
            place = 64 * part + trailing_zeros(bits)
            if many > LOOKED_UP:
                wtf = peek(weighted, rank & 255)
                rank += 1
            else:
                rank = min(before + popcount(listed & ((bits & (~bits + _ONE)) - _ONE)), count - 1)
                wtf = weight * frequency(records, frequencies, width, rank)
            poke(scores, to + place, peek(scores, to + place) + bm25(idf, boost, wtf, peek(norms, norm_at + place)))
            bits &= bits - _ONE
        before += popcount(listed)


@njit(error_model="numpy")
def _sum_chunk(word, at, weight, many, records, masks, wanted, touched, weighted, sums, to):
    """Add weight · frequency where `_score_chunk` adds scores."""
    count, width = count_of(word), width_of(word)
    frequencies, before = at + places_size(count), 0
    if count <= FEW:
        for rank in range(count):
            place = np.int64(peek(records, at + rank))
            part, bit = place >> 6, _ONE << np.uint64(place & 63)
            if peek(masks, wanted + part) & bit:
                poke(masks, touched + part, peek(masks, touched + part) | bit)
                poke(sums, to + place, peek(sums, to + place) + weight * frequency(records, frequencies, width, rank))
        return
    for part in range(WORDS):
        listed = load64(records, at + 8 * part)
        bits = listed if many > LOOKED_UP else listed & masks[wanted + part]
        masks[touched + part] |= bits
        rank = before
        while bits:
            place = to + 64 * part + trailing_zeros(bits)
            if many > LOOKED_UP:
                poke(sums, place, peek(sums, place) + peek(weighted, rank & 255))
                rank += 1
            else:
                rank = min(before + popcount(listed & ((bits & (~bits + _ONE)) - _ONE)), count - 1)
                poke(sums, place, peek(sums, place) + weight * frequency(records, frequencies, width, rank))
            bits &= bits - _ONE
        before += popcount(listed)


@njit(error_model="numpy")
def _score_sums(many, idf, boost, norms, norm_at, masks, touched, sums, at, scores, to):
    """Add the scores of a chunk's entries whose frequencies are summed; 0 to all others."""
    if many > FEW:
        for place in range(CHUNK):
            score = bm25(idf, boost, peek(sums, at + place), peek(norms, norm_at + place))
            poke(scores, to + place, peek(scores, to + place) + score)
        clear(sums, at, CHUNK)
        return
    for part in range(WORDS):
        bits = masks[touched + part]
        while bits:
            place = 64 * part + trailing_zeros(bits)
            score = bm25(idf, boost, peek(sums, at + place), peek(norms, norm_at + place))
            poke(scores, to + place, peek(scores, to + place) + score)
            poke(sums, at + place, 0.0)
            bits &= bits - _ONE


@njit(error_model="numpy")
def add_hits(leaf, wanted, to, window, where, leaves, factors, lists, cursors, norms, hits, wtfs, masks, scores):
    """Add a phrase's scores to those from `to` on, for entries of the mask from `wanted` on."""
    row, last = leaves[leaf, 1], window[-1]
    at, end = cursors[row, 0], lists[row, 1]
    while at < end and hits[at] >> 8 <= last:
        number = where[hits[at] >> 8]
        place = CHUNK * number + (hits[at] & 255)
        if number >= 0 and peek(masks, wanted + (place >> 6)) >> np.uint64(place & 63) & _ONE:
            score = bm25(factors[leaf, 0], factors[leaf, 1], wtfs[at], norms[leaves[leaf, 3] + hits[at]])
            poke(scores, to + place, peek(scores, to + place) + score)
        at += 1
    cursors[row, 0] = at
