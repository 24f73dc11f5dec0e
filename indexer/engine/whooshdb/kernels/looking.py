"""The second look of docs/scoring.md: how a question's terms stand together in a few entries."""

# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False
# What numba compiles has its types from its arguments.

import numpy as np
from numba import njit

from indexer.engine.whooshdb.kernels.lists import CHUNK, chunk_of, record_size
from indexer.engine.whooshdb.kernels.phrases import find_one, read_some, skip

_TERM_BITS = 6  # of a place: its position, then its term


@njit(nogil=True, error_model="numpy")
def look_again(lists, weights, pairs, window, near, words, records, starts, positions, entries, found):
    """Write for each entry the weights within the best window, of adjacent and of near pairs, then each field's occurrences.

    `lists` are, field after field, first word, end, record and first position of each term's list, first word and end 0 where
    there is none; `pairs` are two terms and a weight. `entries` ascend. Returns False for damaged data.
    """
    number = len(weights)
    cursors = lists[:, :3].copy()
    pair_of = np.full((number, number), -1, np.int64)
    for row in range(len(pairs)):
        pair_of[pairs[row, 0], pairs[row, 1]] = row
    frequencies = np.zeros(CHUNK, np.int64)
    room = np.empty(1024, np.int64)
    often = np.empty(number, np.int64)
    shown = np.empty((2, len(pairs)), np.uint8)  # adjacent, near
    for row in range(len(entries)):
        shown[:] = 0
        best = 0
        for field in range(len(lists) // number):
            size = 0
            for term in range(number):
                place = _seek(cursors, field * number + term, words, entries[row])
                if place < 0:
                    continue
                at, record = cursors[field * number + term, 0], cursors[field * number + term, 2]
                if at >= len(starts) or not find_one(words[at], record, records, place, frequencies, 0):
                    return False
                times = frequencies[place]
                if not times:
                    continue
                before = frequencies[0] if place else np.int64(0)
                byte = skip(positions, lists[field * number + term, 3] + np.int64(starts[at]), before)
                if byte < 0 or times > len(positions):
                    return False
                if size + times > len(room):
                    larger = np.empty(2 * (size + times), np.int64)
                    larger[:size] = room[:size]
                    room = larger
                if read_some(positions, byte, times, room[size:]) < 0:
                    return False
                for token in range(size, size + times):
                    room[token] = room[token] << _TERM_BITS | term
                size += times
            found[row, 3 + field] = size
            places = np.sort(room[:size])
            best = max(best, _best_window(places, weights, window, often))
            _mark_pairs(places, pair_of, near, shown)
        found[row, 0], found[row, 1], found[row, 2] = best, 0, 0
        for pair in range(len(pairs)):
            found[row, 1] += shown[0, pair] * pairs[pair, 2]
            found[row, 2] += shown[1, pair] * pairs[pair, 2]
    return True


@njit(error_model="numpy")
def _seek(cursors, row, words, entry):
    """Move a list's cursor to the chunk of an entry; return the entry's place in it, -1 if the list has no such chunk."""
    at, end, record = cursors[row, 0], cursors[row, 1], cursors[row, 2]
    while at < end and chunk_of(words[at]) < entry // CHUNK:
        record += record_size(words[at])
        at += 1
    cursors[row, 0], cursors[row, 2] = at, record
    return entry % CHUNK if at < end and chunk_of(words[at]) == entry // CHUNK else -1


@njit(error_model="numpy")
def _best_window(places, weights, window, often):
    """Return the largest sum of weights of different terms in `window` positions."""
    often[:] = 0
    best, sum_here, first = 0, 0, 0
    for last in range(len(places)):
        term = places[last] & ((1 << _TERM_BITS) - 1)
        if not often[term]:
            sum_here += weights[term]
        often[term] += 1
        while (places[last] >> _TERM_BITS) - (places[first] >> _TERM_BITS) >= window:
            gone = places[first] & ((1 << _TERM_BITS) - 1)
            often[gone] -= 1
            if not often[gone]:
                sum_here -= weights[gone]
            first += 1
        best = max(best, sum_here)
    return best


@njit(error_model="numpy")
def _mark_pairs(places, pair_of, near, shown):
    """Mark the pairs whose terms stand side by side in order, and those that stand near."""
    for one in range(len(places)):
        term = places[one] & ((1 << _TERM_BITS) - 1)
        other = one + 1
        while other < len(places):
            distance = (places[other] >> _TERM_BITS) - (places[one] >> _TERM_BITS)
            if distance > near:
                break
            following = places[other] & ((1 << _TERM_BITS) - 1)
            if pair_of[term, following] >= 0:
                shown[1, pair_of[term, following]] = 1
                if distance == 1:
                    shown[0, pair_of[term, following]] = 1
            if pair_of[following, term] >= 0:
                shown[1, pair_of[following, term]] = 1
            other += 1
