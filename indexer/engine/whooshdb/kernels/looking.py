"""The second look of docs/scoring.md: how a question's terms stand together in a few entries."""

# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False
# What numba compiles has its types from its arguments.

import numpy as np
from numba import njit

from indexer.engine.fields import ADJACENT_WEIGHT, COVERED_WEIGHT, NEAR, NEAR_WEIGHT, WINDOW, WINDOW_WEIGHT
from indexer.engine.whooshdb.kernels.bits import load64, peek, popcount
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

_TERM_BITS = 6  # of a place: its position, then its term
_TERM = (1 << _TERM_BITS) - 1
_ONE = np.uint64(1)


@njit(nogil=True, error_model="numpy")
def look_again(lists, weights, pairs, lengths, words, records, starts, positions, entries, gains):
    """Write for each entry what its score grows by, over the sum of the terms' idfs; return False for damaged data.

    `lists` are, field after field, first word, end, record and first position of each term's list, first word and end 0 where
    there is none; `pairs` are two terms and a weight; `lengths` are the entries' in each field but the last. `entries` ascend.
    """
    number, fields = len(weights), len(lists) // len(weights)
    cursors = np.empty((len(lists), 5), np.int64)
    for row in range(len(lists)):
        cursors[row, 0], cursors[row, 1], cursors[row, 2], cursors[row, 3] = lists[row, 0], lists[row, 1], lists[row, 2], -1
    pair_of = np.full((number, number), -1, np.int64)
    whole, whole_of_pairs = 0, 0
    for term in range(number):
        whole += weights[term]
    for row in range(len(pairs)):
        pair_of[pairs[row, 0], pairs[row, 1]] = row
        whole_of_pairs += pairs[row, 2]
    room = np.empty(1024, np.int64)
    often = np.empty(number, np.int64)
    occurrences = np.empty(fields, np.int64)
    shown = np.empty((2, len(pairs)), np.uint8)  # adjacent, near
    for row in range(len(entries)):
        shown[:] = 0
        best = 0
        for field in range(fields):
            size = 0
            for term in range(number):
                cursor = field * number + term
                times, byte = _find(cursors, cursor, lists[cursor, 3], entries[row], words, records, starts, positions)
                if times < 0 or times > len(positions):
                    return False
                if size + times > len(room):
                    larger = np.empty(2 * (size + times), np.int64)
                    larger[:size] = room[:size]
                    room = larger
                if times:
                    byte = read_some(positions, byte, times, room[size:])
                    if byte < 0:
                        return False
                    cursors[cursor, 3] = byte
                for token in range(size, size + times):
                    room[token] = room[token] << _TERM_BITS | term
                size += times
            occurrences[field] = size
            places = np.sort(room[:size])
            best = max(best, _best_window(places, weights, often))
            _mark_pairs(places, pair_of, shown)
        adjacent, near = 0, 0
        for pair in range(len(pairs)):
            adjacent += shown[0, pair] * pairs[pair, 2]
            near += shown[1, pair] * pairs[pair, 2]
        gain = WINDOW_WEIGHT * _share(best, whole)
        gain += ADJACENT_WEIGHT * _share(adjacent, whole_of_pairs)
        gain += NEAR_WEIGHT * _share(near, whole_of_pairs)
        for field in range(fields - 1):
            gain += COVERED_WEIGHT * min(1.0, _share(occurrences[field], lengths[field, row]))
        gains[row] = gain
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
def _best_window(places, weights, often):
    """Return the largest sum of weights of different terms in WINDOW positions."""
    often[:] = 0
    best, sum_here, first = 0, 0, 0
    for last in range(len(places)):
        term = places[last] & _TERM
        if not often[term]:
            sum_here += weights[term]
        often[term] += 1
        while (places[last] >> _TERM_BITS) - (places[first] >> _TERM_BITS) >= WINDOW:
            gone = places[first] & _TERM
            often[gone] -= 1
            if not often[gone]:
                sum_here -= weights[gone]
            first += 1
        best = max(best, sum_here)
    return best


@njit(error_model="numpy")
def _mark_pairs(places, pair_of, shown):
    """Mark the pairs whose terms stand side by side in order, and those that stand near."""
    for one in range(len(places)):
        term = places[one] & _TERM
        other = one + 1
        while other < len(places):
            distance = (places[other] >> _TERM_BITS) - (places[one] >> _TERM_BITS)
            if distance > NEAR:
                break
            following = places[other] & _TERM
            if pair_of[term, following] >= 0:
                shown[1, pair_of[term, following]] = 1
                if distance == 1:
                    shown[0, pair_of[term, following]] = 1
            if pair_of[following, term] >= 0:
                shown[1, pair_of[following, term]] = 1
            other += 1
