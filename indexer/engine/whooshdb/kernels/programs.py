"""A query evaluated on one segment, 16 chunks at a time.

A query is a program: operations in the order in which they are done (`indexer.engine.whooshdb.program` writes it). Each group of
nodes has a slot: a mask of the entries that match, and their scores. Leaves add to the slot of their group in the order of the
program, which is that of docs/scoring.md.

A pass over the lists' words first finds the chunks in which anything can match. Nothing else is read: these chunks alone, up to
16 of them, make a window, and the program runs once for each. Totals are exact, so every match is visited; what is saved is
work per match. One term in one field needs neither slots nor windows: its list is walked once (`rank_list`).
"""

# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False
# What numba compiles has its types from its arguments. Plain loops: array expressions take seconds to compile.

import numpy as np
from numba import njit

from indexer.engine.whooshdb.kernels.adding import BITMAP, HITS, POSTINGS, WINDOW, add_hits, add_term, add_whole_list
from indexer.engine.whooshdb.kernels.best import is_worse, keep
from indexer.engine.whooshdb.kernels.bits import clear, peek, poke, popcount, trailing_zeros
from indexer.engine.whooshdb.kernels.lists import (
    CHUNK,
    PADDING,
    WORDS,
    chunk_of,
    count_of,
    read_mask,
    record_size,
)
from indexer.engine.whooshdb.kernels.ranking import most_to_come, rank_window
from indexer.engine.whooshdb.kernels.scores import rank_list

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
RANK_LEAF = 14  # leaf, behind all others: its scores are added to those of slot 0's entries that can still be among the best
RANK_SLOT = 15  # other slot, behind those: its scores are added to theirs
STEP = 4  # integers

# Leaves: kind (`kernels/adding.py`), first list or row, number of lists, where its norms begin

MASKS = WINDOW * WORDS
ENTRIES = WINDOW * CHUNK
PLANES = 16  # bits of a number of matches
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
    # Two slots more: the leaf at work, and all entries.
    masks = np.empty((slots + 2) * MASKS, np.uint64)
    scores = np.empty((slots + 1) * ENTRIES)
    counts = np.empty(slots * PLANES * MASKS, np.uint64)
    weighted, sums = np.empty(CHUNK), np.zeros(ENTRIES)
    everything = (slots + 1) * MASKS
    for part in range(MASKS):
        masks[everything + part] = ~np.uint64(0)
    ranked, extras = _ranking(program)
    to_come = most_to_come(ranked, factors)
    chunks, where = _candidates(program, slots, leaves, lists, words, bitmaps, hits, allowed)
    total = 0
    for first in range(0, len(chunks), WINDOW):
        window = chunks[first : first + WINDOW]
        for number in range(len(window)):
            where[window[number]] = number
        for step in range(steps - len(ranked) - len(extras)):
            code, slot, other, flag = program[step, 0], program[step, 1], program[step, 2], program[step, 3]
            if code <= OPEN_NONE:
                _open(code, flag, slot, window, allowed, masks, scores, counts)
            elif code > SCORE_LEAF:
                _combine(code, slot, other, len(window), masks, scores, counts, constants)
            elif code == ADD_LEAF and flag and leaves[other, 0] == POSTINGS and leaves[other, 2] == 1:
                if not add_whole_list(
                    other, slot, window, where, leaves, factors, lists, weights, words, records, cursors, norms, masks, scores,
                    weighted,
                ):  # fmt: skip
                    return -1, kept
            elif flag and code != KEEP_LEAF and leaves[other, 0] == POSTINGS:
                wanted = slot * MASKS if code == SCORE_LEAF else everything
                if not add_term(
                    other, wanted, slots * MASKS, slot * ENTRIES, window, where, leaves, factors, lists, weights, words, records,
                    cursors, norms, masks, scores, sums, weighted,
                ):  # fmt: skip
                    return -1, kept
                if code != SCORE_LEAF:
                    _join(code, slot, slots, len(window), masks, counts)
            else:
                if code != SCORE_LEAF:
                    if not _find(
                        code, other, slot, slots, window, where, leaves, lists, words, records, cursors, bitmaps, hits, masks
                    ):
                        return -1, kept
                    _join(code, slot, slots, len(window), masks, counts)
                wanted = (slot if code == SCORE_LEAF else slots) * MASKS
                if flag and leaves[other, 0] == BITMAP:
                    _add_boost(factors[other, 1], slot * ENTRIES, wanted, len(window), masks, scores)
                elif flag:
                    add_hits(
                        other, wanted, slot * ENTRIES, window, where, leaves, factors, lists, cursors, norms, hits, wtfs, masks,
                        scores,
                    )  # fmt: skip
        total += _count_matches(window, masks, allowed, matched)
        if len(ranked):
            kept = rank_window(
                ranked, to_come, extras, slots, window, where, leaves, factors, lists, weights, words, records, cursors, norms,
                hits, wtfs, masks, scores, sums, weighted, keys, ordinals, segment, kept, best_scores, best_places,
            )  # fmt: skip
            if kept < 0:
                return -1, 0
        elif len(best_scores):
            kept = _collect(window, masks, scores, dates, order, keys, ordinals, segment, kept, best_scores, best_places)
        for number in range(len(window)):
            where[window[number]] = -1
    return total, kept


@njit(error_model="numpy")
def _ranking(program):
    """Return the steps that rank by a term, and the slots whose scores are added to theirs."""
    end = len(program)
    while end and program[end - 1, 0] == RANK_SLOT:
        end -= 1
    begin = end
    while begin and program[begin - 1, 0] == RANK_LEAF:
        begin -= 1
    return program[begin:end], program[end:, 2].copy()


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
        clear(counts, slot * PLANES * MASKS, PLANES * MASKS)
    for number in range(len(window)):
        for part in range(WORDS):
            bits = allowed[WORDS * window[number] + part] if code == OPEN_ALL else np.uint64(0)
            masks[slot * MASKS + WORDS * number + part] = bits


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
            _count(counts, slot, at, bits)


@njit(error_model="numpy")
def _count(counts, slot, part, bits):
    """Count one more match for each of 64 entries that has its bit set. Numbers lie across PLANES words, one bit in each."""
    plane = slot * PLANES * MASKS + part
    while bits and plane < (slot + 1) * PLANES * MASKS:
        carry = peek(counts, plane) & bits
        poke(counts, plane, peek(counts, plane) ^ bits)
        bits = carry
        plane += MASKS


@njit(error_model="numpy")
def _at_least(counts, slot, part, number):
    """Return which of 64 entries have so many matches: compared bit by bit, the lowest first."""
    enough = ~np.uint64(0)
    for place in range(PLANES):
        bits = peek(counts, (slot * PLANES + place) * MASKS + part)
        enough = bits & enough if number >> place & 1 else bits | enough
    return enough


@njit(error_model="numpy")
def _add_boost(boost, to, from_mask, width, masks, scores):
    """Add what each entry of a bitmap scores, for those in a mask."""
    for at in range(WORDS * width):
        bits = masks[from_mask + at]
        while bits:
            place = to + 64 * at + trailing_zeros(bits)
            poke(scores, place, peek(scores, place) + boost)
            bits &= bits - _ONE


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
            if code == COUNT_SLOT:
                _count(counts, slot, part, bits)
            while bits:
                place = 64 * part + trailing_zeros(bits)
                poke(scores, base + place, peek(scores, base + place) + scores[other_base + place])
                bits &= bits - _ONE
    elif code == AT_LEAST:
        for part in range(WORDS * width):
            masks[at + part] = _at_least(counts, slot, part, other)
    elif code == INVERT:
        clear(scores, base, CHUNK * width)
        for part in range(WORDS * width):
            masks[at + part] = ~masks[at + part]
    else:
        for place in range(base, base + CHUNK * width):
            poke(scores, place, constants[other] * (peek(scores, place) if code == SCALE else 1.0))


@njit(error_model="numpy")
def _count_matches(window, masks, allowed, matched):
    """Leave what may be found in slot 0's mask, and return how many they are."""
    total = 0
    for number in range(len(window)):
        for part in range(WORDS):
            bits = masks[WORDS * number + part] & allowed[WORDS * window[number] + part]
            masks[WORDS * number + part] = bits
            if len(matched):
                matched[WORDS * window[number] + part] = bits
            total += popcount(bits)
    return total


@njit(error_model="numpy")
def _collect(window, masks, scores, dates, order, keys, ordinals, segment, kept, best_scores, best_places):
    """Keep the best of the window's matches in slot 0; return how many are kept."""
    limit = len(best_scores)
    best_keys, best_ordinals, best_entries = best_places[0], best_places[1], best_places[2]
    for number in range(len(window)):
        above = True
        if order == 0 and kept == limit:  # most chunks have nothing for the first page
            worst, above = best_scores[0], False
            for place in range(CHUNK * number, CHUNK * (number + 1)):
                above |= peek(scores, place) >= worst
        for part in range(WORDS if above else 0):
            bits = masks[WORDS * number + part]
            while bits:
                place = 64 * part + trailing_zeros(bits)
                bits &= bits - _ONE
                entry, score = CHUNK * window[number] + place, peek(scores, CHUNK * number + place)
                if order == 0 and kept == limit and score < best_scores[0]:
                    continue
                if order:
                    score = -np.inf if dates[entry] < 0 else float(order * dates[entry])
                key, ordinal = keys[entry], np.int64(ordinals[entry])
                if kept < limit or not is_worse(score, key, ordinal, best_scores, best_keys, best_ordinals, 0):
                    kept = keep(
                        score, key, ordinal, segment << 32 | entry, kept, best_scores, best_keys, best_ordinals, best_entries
                    )
    return kept


@njit(error_model="numpy")
def _any(masks, at):
    return masks[at] | masks[at + 1] | masks[at + 2] | masks[at + 3]
