"""A query evaluated on one segment, 16 chunks at a time.

A query is a program: operations in the order in which they are done (`indexer.engine.whooshdb.program` writes it). Each group of
nodes has a slot: a mask of the entries that match, and their scores. Leaves add to the slot of their group, in query order, so
that scores are summed as docs/scoring.md says.

A pass over the lists' words first finds the chunks in which anything can match. Nothing else is read: these chunks alone, up to
16 of them, make a window, and the program runs once for each. Totals are exact, so every match is visited; what is saved is
work per match. One term in one field needs neither slots nor windows: its list is walked once (`rank_list`).
"""

# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False
# What numba compiles has its types from its arguments. Plain loops: array expressions take seconds to compile.

import numpy as np
from numba import njit

from indexer.engine.whooshdb.kernels.best import is_worse, keep
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
    read_mask,
    record_size,
    width_of,
)
from indexer.engine.whooshdb.kernels.scores import bm25, expand, rank_list

# Operations: code, slot, operand, and a flag
OPEN_ALL = 0  # every entry that may be found, scoring 0
OPEN_NONE = 1  # no entry; flag: matches will be counted
KEEP_LEAF = 2  # leaf: the slot's entries that match the leaf
ADD_LEAF = 3  # leaf: the leaf's entries too; flag: with their scores
COUNT_LEAF = 4  # leaf: one more match for each of its entries; flag: with their scores
SCORE_LEAF = 5  # leaf: add its scores to the slot's entries
KEEP_SLOT = 6  # other slot, as with leaves
ADD_SLOT = 7
COUNT_SLOT = 8
SCORE_SLOT = 9
AT_LEAST = 10  # number: the entries with so many matches
INVERT = 11  # the other entries, scoring 0
SCALE = 12  # constant: multiply the scores
FLATTEN = 13  # constant: the score of each entry
STEP = 4  # integers

# Leaves: kind, first list or row, number of lists, where its norms begin
POSTINGS = 0  # a term: one list for each field, scored by BM25F
BITMAP = 1  # a row of bitmaps, each entry scoring its boost
HITS = 2  # entries and weighted frequencies found before, scored by BM25F

WINDOW = 16  # chunks: the scores of a slot just fit the first-level cache
MASKS = WINDOW * WORDS
ENTRIES = WINDOW * CHUNK
_ONE = np.uint64(1)


@njit(nogil=True, error_model="numpy")
def evaluate(
    integers, numbers, slots, steps, leaf_count, words, records, norms, bitmaps, hits, wtfs, allowed, matched,
    dates, order, keys, ordinals, segment, kept, best_scores, best_places,
):  # fmt: skip
    """Run a program over a segment; return the number of matches and how many entries are kept, -1 for a damaged record.

    `integers` are the program's steps, the leaves, and the lists (first word, end, record; for hits first and end); `numbers` idf
    and boost of each leaf, the weight of each list, and the program's constants. `allowed` is the bitmap of the entries that may
    be found; `matched`, if not empty, becomes that of the matches. `order` is 0 for relevance, 1 for newest and -1 for oldest
    first. `best_...` are the heap over all segments: scores, and keys, ordinals and numbers of the entries.
    """
    program = integers[: STEP * steps].reshape((steps, STEP))
    leaves = integers[STEP * steps : STEP * (steps + leaf_count)].reshape((leaf_count, 4))
    list_count = (len(integers) - STEP * (steps + leaf_count)) // 3
    lists = integers[STEP * (steps + leaf_count) :].reshape((list_count, 3))
    factors = numbers[: 2 * leaf_count].reshape((leaf_count, 2))
    weights = numbers[2 * leaf_count : 2 * leaf_count + list_count]
    constants = numbers[2 * leaf_count + list_count :]
    # A program that scores is for relevance, and keeps something.
    if steps == 2 and program[1, 0] == ADD_LEAF and program[1, 3] and leaves[0, 0] == POSTINGS and leaves[0, 2] == 1:
        return rank_list(
            lists[0], weights[0], factors[0], words, records, norms, leaves[0, 3], allowed, matched, keys, ordinals, segment,
            kept, best_scores, best_places,
        )  # fmt: skip
    cursors = np.empty((list_count, 2), np.int64)
    for row in range(list_count):
        cursors[row, 0], cursors[row, 1] = lists[row, 0], lists[row, 2]
    masks = np.empty((slots + 1) * MASKS, np.uint64)  # the last slot holds the leaf at work
    scores = np.empty((slots + 1) * ENTRIES)
    counts = np.empty(slots * ENTRIES, np.uint16)
    weighted = np.empty(CHUNK)
    chunks, where = _candidates(program, slots, leaves, lists, words, bitmaps, hits, allowed)
    total = 0
    for first in range(0, len(chunks), WINDOW):
        window = chunks[first : first + WINDOW]
        for number in range(len(window)):
            where[window[number]] = number
        for step in range(steps):
            code, slot, other, flag = program[step, 0], program[step, 1], program[step, 2], program[step, 3]
            if code <= OPEN_NONE:
                _open(code, flag, slot, window, allowed, masks, scores, counts)
            elif code > SCORE_LEAF:
                _combine(code, slot, other, len(window), masks, scores, counts, constants)
            elif code == ADD_LEAF and flag and leaves[other, 0] == POSTINGS and leaves[other, 2] == 1:
                if not _add_and_score(
                    other, slot, window, where, leaves, factors, lists, weights, words, records, cursors, norms,
                    masks, scores, weighted,
                ):  # fmt: skip
                    return -1, kept
            else:
                if code != SCORE_LEAF:
                    if not _find(
                        code, other, slot, slots, window, where, leaves, lists, words, records, cursors, bitmaps, hits, masks
                    ):
                        return -1, kept
                    _join(code, slot, slots, len(window), masks, counts)
                if flag:
                    _score(
                        other, slot, slot if code == SCORE_LEAF else slots, slots, window, where, leaves, factors, lists, weights,
                        words, records, cursors, norms, hits, wtfs, masks, scores,
                    )  # fmt: skip
        found, kept = _collect(
            window, masks, scores, allowed, matched, dates, order, keys, ordinals, segment, kept, best_scores, best_places
        )
        total += found
        for number in range(len(window)):
            where[window[number]] = -1
    return total, kept


@njit(error_model="numpy")
def _candidates(program, slots, leaves, lists, words, bitmaps, hits, allowed):
    """Return the chunks in which anything can match: the program run over chunks instead of entries; and -1 for every chunk."""
    size = len(allowed) // WORDS
    found = np.zeros((slots, size), np.uint8)
    here = np.empty(size, np.uint8)
    for step in range(len(program)):
        code, slot, other = program[step, 0], program[step, 1], program[step, 2]
        if code in (OPEN_ALL, INVERT):
            found[slot].fill(1)
        elif code in (KEEP_LEAF, ADD_LEAF, COUNT_LEAF):
            clear(here, 0, size)
            _mark(other, leaves, lists, words, bitmaps, hits, here)
            for chunk in range(size):
                found[slot, chunk] = found[slot, chunk] & here[chunk] if code == KEEP_LEAF else found[slot, chunk] | here[chunk]
        elif code in (KEEP_SLOT, ADD_SLOT, COUNT_SLOT):
            for chunk in range(size):
                also = found[other, chunk]
                found[slot, chunk] = found[slot, chunk] & also if code == KEEP_SLOT else found[slot, chunk] | also
    chunks = np.empty(size, np.int64)
    where = np.empty(size, np.int16)
    number = 0
    for chunk in range(size):
        where[chunk] = -1
        if found[0, chunk] and _any(allowed, WORDS * chunk):
            chunks[number] = chunk
            number += 1
    return chunks[:number], where


@njit(error_model="numpy")
def _mark(leaf, leaves, lists, words, bitmaps, hits, here):
    """Set the chunks in which a leaf has entries."""
    kind, first = leaves[leaf, 0], leaves[leaf, 1]
    if kind == BITMAP:
        for chunk in range(len(here)):
            for part in range(WORDS * chunk, WORDS * (chunk + 1)):
                here[chunk] |= bitmaps[first, part] != 0
    elif kind == HITS:
        for at in range(lists[first, 0], lists[first, 1]):
            here[hits[at] >> 8] = 1
    else:
        for row in range(first, first + leaves[leaf, 2]):
            for at in range(lists[row, 0], lists[row, 1]):
                chunk = chunk_of(words[at])
                if chunk < len(here):
                    here[chunk] = 1


@njit(error_model="numpy")
def _open(code, counting, slot, window, allowed, masks, scores, counts):
    """Empty a slot, or fill it with what may be found at all: what may not need not be scored."""
    clear(scores, slot * ENTRIES, CHUNK * len(window))
    if counting:
        clear(counts, slot * ENTRIES, CHUNK * len(window))
    for number in range(len(window)):
        for part in range(WORDS):
            bits = allowed[WORDS * window[number] + part] if code == OPEN_ALL else np.uint64(0)
            masks[slot * MASKS + WORDS * number + part] = bits


@njit(error_model="numpy")
def _add_and_score(
    leaf, slot, window, where, leaves, factors, lists, weights, words, records, cursors, norms, masks, scores, weighted
):
    """Add a term of one field to a slot, in one walk: the path of most queries. Returns False for a damaged record."""
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
            base, to = slot * ENTRIES + CHUNK * number, slot * MASKS + WORDS * number
            norm = norm_at + CHUNK * chunk
            if count <= FEW:
                width = width_of(word)
                for rank in range(count):
                    place = np.int64(peek(records, at + rank))
                    masks[to + (place >> 6)] |= _ONE << np.uint64(place & 63)
                    wtf = weight * frequency(records, at + count, width, rank)
                    _add(scores, base + place, bm25(idf, boost, wtf, peek(norms, norm + place)))
            else:
                expand(records, at + places_size(count), width_of(word), count, weight, weighted)
                rank = 0
                for part in range(WORDS):
                    bits = load64(records, at + 8 * part)
                    masks[to + part] |= bits
                    while bits:
                        place = 64 * part + trailing_zeros(bits)
                        _add(scores, base + place, bm25(idf, boost, peek(weighted, rank & 255), peek(norms, norm + place)))
                        rank += 1
                        bits &= bits - _ONE
        at += size
        word_at += 1
    cursors[row, 0], cursors[row, 1] = word_at, at
    return True


@njit(error_model="numpy")
def _find(code, leaf, slot, slots, window, where, leaves, lists, words, records, cursors, bitmaps, hits, masks):
    """Write a leaf's entries into the last slot's mask and leave its cursors at the window; return False for a damaged record."""
    kind, first = leaves[leaf, 0], leaves[leaf, 1]
    to, begin, last = slots * MASKS, window[0], window[-1]
    clear(masks, to, WORDS * len(window))
    if kind == BITMAP:
        for number in range(len(window)):
            for part in range(WORDS):
                masks[to + WORDS * number + part] = bitmaps[first, WORDS * window[number] + part]
        return True
    if kind == HITS:
        at = cursors[first, 0]
        while at < lists[first, 1] and hits[at] >> 8 < begin:
            at += 1
        cursors[first, 0] = at
        while at < lists[first, 1] and hits[at] >> 8 <= last:
            number, place = where[hits[at] >> 8], hits[at] & 255
            if number >= 0:
                masks[to + WORDS * number + (place >> 6)] |= _ONE << np.uint64(place & 63)
            at += 1
        return True
    for row in range(first, first + leaves[leaf, 2]):
        word_at, at, stop = cursors[row, 0], cursors[row, 1], lists[row, 1]
        while word_at < stop and chunk_of(words[word_at]) < begin:
            at += record_size(words[word_at])
            word_at += 1
        cursors[row, 0], cursors[row, 1] = word_at, at
        while word_at < stop and chunk_of(words[word_at]) <= last:
            word = words[word_at]
            number, size = where[chunk_of(word)], record_size(word)
            if number >= 0 and (code != KEEP_LEAF or _any(masks, slot * MASKS + WORDS * number)):
                if at + size + PADDING > len(records):
                    return False
                read_mask(records, at, count_of(word), masks, to + WORDS * number)
            at += size
            word_at += 1
    return True


@njit(error_model="numpy")
def _join(code, slot, slots, width, masks, counts):
    """Keep, add or count what the last slot's mask holds."""
    for at in range(WORDS * width):
        bits = masks[slots * MASKS + at]
        if code == KEEP_LEAF:
            masks[slot * MASKS + at] &= bits
        elif code == ADD_LEAF:
            masks[slot * MASKS + at] |= bits
        else:
            while bits:
                counts[slot * ENTRIES + 64 * at + trailing_zeros(bits)] += 1
                bits &= bits - _ONE


@njit(error_model="numpy")
def _score(
    leaf, slot, wanted, slots, window, where, leaves, factors, lists, weights, words, records, cursors, norms, hits, wtfs,
    masks, scores,
):  # fmt: skip
    """Add a leaf's scores to those of a slot, for the entries in the mask of slot `wanted`."""
    kind, first, end = leaves[leaf, 0], leaves[leaf, 1], leaves[leaf, 1] + leaves[leaf, 2]
    idf, boost, norm_at = factors[leaf, 0], factors[leaf, 1], leaves[leaf, 3]
    to, from_mask, last = slot * ENTRIES, wanted * MASKS, window[-1]
    if kind == BITMAP:
        for at in range(WORDS * len(window)):
            bits = masks[from_mask + at]
            while bits:
                _add(scores, to + 64 * at + trailing_zeros(bits), boost)
                bits &= bits - _ONE
        return
    if kind == HITS:
        at = cursors[first, 0]
        while at < lists[first, 1] and hits[at] >> 8 <= last:
            number = where[hits[at] >> 8]
            place = CHUNK * number + (hits[at] & 255)
            if number >= 0 and _has(masks, from_mask, place):
                _add(scores, to + place, bm25(idf, boost, wtfs[at], norms[norm_at + hits[at]]))
            at += 1
        return
    alone = end - first == 1
    summed = slots * ENTRIES  # where weighted frequencies of several fields are added first
    if not alone:
        clear(scores, summed, CHUNK * len(window))
    for row in range(first, end):
        word_at, at, stop = cursors[row, 0], cursors[row, 1], lists[row, 1]
        while word_at < stop and chunk_of(words[word_at]) <= last:
            word = words[word_at]
            number, norm = where[chunk_of(word)], norm_at + CHUNK * chunk_of(word)
            if number >= 0 and _any(masks, from_mask + WORDS * number):
                if at + record_size(word) + PADDING > len(records):
                    return  # `_find` has passed over it, so nothing of the chunk is in the mask
                _weigh(
                    weights[row], word, at, records, masks, from_mask + WORDS * number, scores,
                    (to if alone else summed) + CHUNK * number, alone, idf, boost, norms, norm,
                )  # fmt: skip
            at += record_size(word)
            word_at += 1
    if not alone:
        for number in range(len(window)):
            norm = norm_at + CHUNK * window[number]
            for place in range(CHUNK):
                wtf = peek(scores, summed + CHUNK * number + place)
                if wtf > 0.0:
                    _add(scores, to + CHUNK * number + place, bm25(idf, boost, wtf, peek(norms, norm + place)))


@njit(error_model="numpy")
def _weigh(weight, word, at, records, masks, mask_at, scores, to, scoring, idf, boost, norms, norm_at):
    """Add weight · frequency, or the score of it, for the entries of a chunk that are in the mask."""
    count, width = count_of(word), width_of(word)
    frequencies = at + places_size(count)
    if count <= FEW:
        for rank in range(count):
            place = np.int64(peek(records, at + rank))
            if _has(masks, mask_at, place):
                wtf = weight * frequency(records, frequencies, width, rank)
                _add(scores, to + place, bm25(idf, boost, wtf, peek(norms, norm_at + place)) if scoring else wtf)
        return
    before = 0
    for part in range(WORDS):
        listed = load64(records, at + 8 * part)
        bits = listed & masks[mask_at + part]
        while bits:
            low = bits & (~bits + _ONE)
            rank = min(before + popcount(listed & (low - _ONE)), count - 1)
            wtf = weight * frequency(records, frequencies, width, rank)
            place = 64 * part + trailing_zeros(bits)
            _add(scores, to + place, bm25(idf, boost, wtf, peek(norms, norm_at + place)) if scoring else wtf)
            bits &= bits - _ONE
        before += popcount(listed)


@njit(error_model="numpy")
def _combine(code, slot, other, width, masks, scores, counts, constants):
    """Do an operation that needs no list: on two slots, or on one and a constant."""
    at, base = slot * MASKS, slot * ENTRIES
    other_at, other_base = other * MASKS, other * ENTRIES
    if code <= SCORE_SLOT:
        for part in range(WORDS * width):
            bits = masks[at + part] if code == SCORE_SLOT else masks[other_at + part]
            if code == KEEP_SLOT:
                masks[at + part] &= bits
                continue
            if code == ADD_SLOT:
                masks[at + part] |= bits
            while bits:
                place = 64 * part + trailing_zeros(bits)
                _add(scores, base + place, scores[other_base + place])
                if code == COUNT_SLOT:
                    counts[base + place] += 1
                bits &= bits - _ONE
    elif code == AT_LEAST:
        for place in range(CHUNK * width):
            if counts[base + place] >= other:
                masks[at + (place >> 6)] |= _ONE << np.uint64(place & 63)
    elif code == INVERT:
        clear(scores, base, CHUNK * width)
        for part in range(WORDS * width):
            masks[at + part] = ~masks[at + part]
    else:
        for place in range(base, base + CHUNK * width):
            poke(scores, place, constants[other] * (peek(scores, place) if code == SCALE else 1.0))


@njit(error_model="numpy")
def _collect(window, masks, scores, allowed, matched, dates, order, keys, ordinals, segment, kept, best_scores, best_places):
    """Count the window's matches in slot 0 and keep the best; return how many they are, and how many are kept."""
    total, limit = 0, len(best_scores)
    best_keys, best_ordinals, best_entries = best_places[0], best_places[1], best_places[2]
    for number in range(len(window)):
        chunk = window[number]
        above = limit > 0
        if above and order == 0 and kept == limit:  # most chunks have nothing for the first page
            worst, above = best_scores[0], False
            for place in range(CHUNK * number, CHUNK * (number + 1)):
                above |= peek(scores, place) >= worst
        for part in range(WORDS):
            bits = masks[WORDS * number + part] & allowed[WORDS * chunk + part]
            if len(matched):
                matched[WORDS * chunk + part] = bits
            total += popcount(bits)
            while bits and above:
                place = 64 * part + trailing_zeros(bits)
                bits &= bits - _ONE
                entry, score = CHUNK * chunk + place, peek(scores, CHUNK * number + place)
                if order == 0 and kept == limit and score < best_scores[0]:
                    continue
                if order:
                    score = -np.inf if dates[entry] < 0 else float(order * dates[entry])
                key, ordinal = keys[entry], np.int64(ordinals[entry])
                if kept < limit or not is_worse(score, key, ordinal, best_scores, best_keys, best_ordinals, 0):
                    kept = keep(
                        score, key, ordinal, segment << 32 | entry, kept, best_scores, best_keys, best_ordinals, best_entries
                    )
    return total, kept


@njit(error_model="numpy")
def _add(array, at, value):
    poke(array, at, peek(array, at) + value)


@njit(error_model="numpy")
def _has(masks, at, place):
    return peek(masks, at + (place >> 6)) >> np.uint64(place & 63) & _ONE


@njit(error_model="numpy")
def _any(masks, at):
    return masks[at] | masks[at + 1] | masks[at + 2] | masks[at + 3]
