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
    number, fields, size_of_row = len(weights), len(lengths), len(lists)
    times_in, bytes_in = np.zeros(len(entries) * size_of_row, np.int64), np.empty(len(entries) * size_of_row, np.int64)
    for cursor in range(size_of_row):
        if not _find(lists[cursor], entries, words, records, starts, positions, times_in, bytes_in, cursor, size_of_row):
            return False
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
    last = np.empty(number, np.int64)  # the position at which each term was seen last
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
                found = row * size_of_row + field * number + term
                times = peek(times_in, found)
                if times:
                    if times > length:
                        return False
                    held += weights[term]
                    if times > len(room):
                        room = np.empty(2 * times, np.int64)
                    if read_some(positions, peek(bytes_in, found), times, room) < 0:
                        return False
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
            if held > min(window, close):
                window, close = _best_windows(tokens, size, weights, last, window, close)
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
def _find(bounds, entries, words, records, starts, positions, times, bytes_at, first, step):
    """Write how often a list's term stands in each entry, and the byte at which its positions there begin.

    They stand at `first` and from there on `step` apart; times stay 0 where the term is not. Returns False for damaged data.
    """
    at, end, record, first_position = bounds[0], bounds[1], bounds[2], bounds[3]
    byte, before = np.int64(-1), np.int64(0)  # up to where the chunk's positions were passed over, -1 at its beginning
    for row in range(len(entries)):
        chunk, place = entries[row] // CHUNK, entries[row] % CHUNK
        while at < end and chunk_of(words[at]) < chunk:
            record += record_size(words[at])
            at += 1
            byte = -1
        if at >= end:
            return True
        word = words[at]
        if chunk_of(word) != chunk:
            continue
        count, width = count_of(word), width_of(word)
        if record + record_size(word) + PADDING > len(records) or at >= len(starts):
            return False
        rank = 0
        if count <= FEW:
            while rank < count and peek(records, record + rank) < place:
                rank += 1
            if rank == count or peek(records, record + rank) != place:
                continue
        else:
            bits, low = load64(records, record + 8 * (place >> 6)), _ONE << np.uint64(place & 63)
            if not bits & low:
                continue
            rank = popcount(bits & (low - _ONE))
            for part in range(place >> 6):
                rank += popcount(load64(records, record + 8 * part))
            if rank >= count:
                return False
        frequencies = record + places_size(count)
        earlier = sum_before(records, frequencies, width, rank)
        if byte < 0:
            byte, before = first_position + np.int64(starts[at]), np.int64(0)
        byte = skip(positions, byte, earlier - before)
        if byte < 0:
            return False
        before = earlier
        poke(times, first + step * row, frequency(records, frequencies, width, rank))
        poke(bytes_at, first + step * row, byte)
    return True


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
def _best_windows(tokens, size, weights, last, window, close):
    """Return the larger ones of what is known and the largest sums of weights of different terms in a window, wide and close."""
    for term in range(len(weights)):
        last[term] = -WINDOW
    wide_sum, wide_first, close_sum, close_first = 0, 0, 0, 0
    for token in range(size):
        at, term = peek(tokens[0], token), peek(tokens[1], token)
        while peek(tokens[0], wide_first) <= at - WINDOW:
            gone = peek(tokens[1], wide_first)
            if peek(last, gone) == peek(tokens[0], wide_first):
                wide_sum -= peek(weights, gone)
            wide_first += 1
        while peek(tokens[0], close_first) <= at - CLOSE:
            gone = peek(tokens[1], close_first)
            if peek(last, gone) == peek(tokens[0], close_first):
                close_sum -= peek(weights, gone)
            close_first += 1
        before, weight = peek(last, term), peek(weights, term)
        wide_sum += weight if before <= at - WINDOW else 0
        close_sum += weight if before <= at - CLOSE else 0
        poke(last, term, at)
        window, close = max(window, wide_sum), max(close, close_sum)
    return window, close


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
