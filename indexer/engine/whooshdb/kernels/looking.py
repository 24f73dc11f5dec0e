"""The second look of docs/scoring.md: how a question's terms stand together in a few entries."""

# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False
# What numba compiles has its types from its arguments.

import numpy as np
from numba import njit

from indexer.engine.fields import ADJACENT_WEIGHT, CLOSE, CLOSE_WEIGHT, RUN_WEIGHT, WINDOW, WINDOW_WEIGHT
from indexer.engine.whooshdb.kernels.bits import clear, load64, peek, poke, popcount, trailing_zeros
from indexer.engine.whooshdb.kernels.lists import (
    CHUNK,
    FEW,
    PADDING,
    chunk_of,
    count_of,
    frequency,
    places_size,
    record_size,
    sum_before,
    width_of,
)
from indexer.engine.whooshdb.kernels.phrases import read_some, skip

_ONE = np.uint64(1)
_LONGEST = np.int64(2**28)  # positions that a field may have: those of one entry lie open in memory


@njit(nogil=True, error_model="numpy")
def look_again(lists, weights, asked, pairs, pair_weights, lengths, shares, words, records, starts, positions, entries, gains):
    """Write for each entry what its score grows by, over the sum of the terms' idfs, but for its kin.

    `lists` are, field after field, first word, end, record and first position of each term's list, first word and end 0 where
    there is none. `asked` are the terms as they were asked, at most 64 different ones, and `pairs` the number of the pair that
    each makes with the one before it, or -1. `lengths` are the entries' in each field, `shares` what covering and holding
    count there. `entries` ascend. Returns False for damaged data.
    """
    number, fields = len(weights), len(lengths)
    cursors = np.empty((len(lists), 5), np.int64)
    for row in range(len(lists)):
        cursors[row, 0], cursors[row, 1], cursors[row, 2], cursors[row, 3] = lists[row, 0], lists[row, 1], lists[row, 2], -1
    whole, whole_of_pairs, longest = 0, 0, 0
    for term in range(number):
        whole += weights[term]
    for pair in range(len(pair_weights)):
        whole_of_pairs += pair_weights[pair]
    for field in range(fields):
        for row in range(len(entries)):
            longest = max(longest, lengths[field, row])
    if longest > _LONGEST:
        return False
    there = np.zeros(longest + 1, np.uint64)  # the terms at each position, a bit each; read where `used` says that there are any
    used = np.zeros((longest >> 6) + 1, np.uint64)
    room = np.empty(1024, np.int64)
    tokens = np.empty((2, 1024), np.int64)  # positions and terms in order
    often = np.empty(number, np.int64)
    following = np.full((number, len(asked)), -1, np.int64)  # each term's places in the question
    places_of = np.zeros(number, np.int64)
    for place in range(len(asked)):
        following[asked[place], places_of[asked[place]]] = place
        places_of[asked[place]] += 1
    runs = np.empty((2, 2, len(asked)), np.int64)  # by odd and even positions, where a run ends at each place, and its weight
    adjacent = np.empty(len(pair_weights), np.uint8)
    for row in range(len(entries)):
        adjacent[:] = 0
        window, close, run, of_fields = 0, 0, 0, 0.0
        for field in range(fields):
            size, held, length = 0, 0, lengths[field, row]
            for term in range(number):
                cursor = field * number + term
                times, byte = _find(cursors, cursor, lists[cursor, 3], entries[row], words, records, starts, positions)
                if times < 0 or times > length:
                    return False
                if times:
                    held += weights[term]
                    if times > len(room):
                        room = np.empty(2 * times, np.int64)
                    byte = read_some(positions, byte, times, room)
                    if byte < 0:
                        return False
                    cursors[cursor, 3] = byte
                    for token in range(times):
                        at = room[token]
                        if at >= length:
                            return False
                        if not peek(used, at >> 6) >> np.uint64(at & 63) & _ONE:
                            poke(used, at >> 6, peek(used, at >> 6) | _ONE << np.uint64(at & 63))
                            poke(there, at, np.uint64(0))
                        poke(there, at, peek(there, at) | _ONE << np.uint64(term))
                    size += times
            if not size:
                continue
            if size > tokens.shape[1]:
                tokens = np.empty((2, 2 * size), np.int64)
            _put_in_order(there, used, length, tokens)
            window = max(window, _best_window(tokens, size, weights, often, WINDOW))
            close = max(close, _best_window(tokens, size, weights, often, CLOSE))
            run = max(run, _longest_run(tokens, size, weights, following, places_of, pairs, runs, adjacent))
            of_fields += shares[field, 0] * min(1.0, _share(size, length)) + shares[field, 1] * _share(held, whole)
        of_pairs = 0
        for pair in range(len(pair_weights)):
            of_pairs += adjacent[pair] * pair_weights[pair]
        gain = WINDOW_WEIGHT * _share(window, whole)
        gain += CLOSE_WEIGHT * _share(close, whole)
        gain += ADJACENT_WEIGHT * _share(of_pairs, whole_of_pairs)
        gain += RUN_WEIGHT * min(1.0, _share(run, whole))
        gains[row] = gain + of_fields
    return True


@njit(error_model="numpy")
def _share(part, whole):
    return part / whole if whole else 0.0


@njit(error_model="numpy")
def _find(cursors, row, first_position, entry, words, records, starts, positions):
    """Return how often a list's term stands in an entry, and the byte at which its positions begin; -1 for damaged data.

    A cursor is the list's word, end and record, and, within a chunk, the byte that was read up to (-1 at its beginning) and how
    many positions were.
    """
    at, end, record = cursors[row, 0], cursors[row, 1], cursors[row, 2]
    if at < end and chunk_of(words[at]) < entry // CHUNK:
        while at < end and chunk_of(words[at]) < entry // CHUNK:
            record += record_size(words[at])
            at += 1
        cursors[row, 0], cursors[row, 2], cursors[row, 3] = at, record, -1
    if at >= end or chunk_of(words[at]) != entry // CHUNK:
        return 0, np.int64(-1)
    word, place = words[at], entry % CHUNK
    count, width = count_of(word), width_of(word)
    if record + record_size(word) + PADDING > len(records) or at >= len(starts):
        return -1, np.int64(-1)
    rank = 0
    if count <= FEW:
        while rank < count and peek(records, record + rank) < place:
            rank += 1
        if rank == count or peek(records, record + rank) != place:
            return 0, np.int64(-1)
    else:
        for part in range(place >> 6):
            rank += popcount(load64(records, record + 8 * part))
        bits, low = load64(records, record + 8 * (place >> 6)), _ONE << np.uint64(place & 63)
        rank += popcount(bits & (low - _ONE))
        if rank >= count or not bits & low:
            return 0, np.int64(-1)
    frequencies = record + places_size(count)
    times, before = frequency(records, frequencies, width, rank), sum_before(records, frequencies, width, rank)
    if cursors[row, 3] < 0:
        cursors[row, 3], cursors[row, 4] = first_position + np.int64(starts[at]), 0
    byte = skip(positions, cursors[row, 3], before - cursors[row, 4])
    cursors[row, 4] = before + times
    return (-1 if byte < 0 else times), byte


@njit(error_model="numpy")
def _put_in_order(there, used, length, tokens):
    """Write positions and terms of all that `used` tells of, ascending, and leave it empty."""
    number = 0
    for part in range((length >> 6) + 1):
        bits = peek(used, part)
        while bits:
            at = 64 * part + trailing_zeros(bits)
            bits &= bits - _ONE
            terms = peek(there, at)
            while terms:
                tokens[0, number], tokens[1, number] = at, trailing_zeros(terms)
                terms &= terms - _ONE
                number += 1
    clear(used, 0, (length >> 6) + 1)


@njit(error_model="numpy")
def _best_window(tokens, size, weights, often, window):
    """Return the largest sum of weights of different terms in so many positions."""
    often[:] = 0
    best, sum_here, first = 0, 0, 0
    for last in range(size):
        term = tokens[1, last]
        if not often[term]:
            sum_here += weights[term]
        often[term] += 1
        while tokens[0, last] - tokens[0, first] >= window:
            gone = tokens[1, first]
            often[gone] -= 1
            if not often[gone]:
                sum_here -= weights[gone]
            first += 1
        best = max(best, sum_here)
    return best


@njit(error_model="numpy")
def _longest_run(tokens, size, weights, following, places_of, pairs, runs, adjacent):
    """Return the largest weight of terms that stand side by side as they were asked, and mark the pairs that do."""
    best = 0
    runs[:, 0, :] = -2
    for token in range(size):
        at, term = tokens[0, token], tokens[1, token]
        here, before = at & 1, (at & 1) ^ 1
        for which in range(places_of[term]):
            place = following[term, which]
            weight = weights[term]
            if place and runs[before, 0, place - 1] == at - 1:
                weight += runs[before, 1, place - 1]
                if pairs[place] >= 0:
                    adjacent[pairs[place]] = 1
            runs[here, 0, place], runs[here, 1, place] = at, weight
            best = max(best, weight)
    return best
