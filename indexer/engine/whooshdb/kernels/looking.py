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
def look_again(
    lists, weights, stand_for, asked, pairs, pair_weights, lengths, shares, words, records, starts, positions, entries, gains
):
    """Write for each entry what its score grows by, over the S of docs/scoring.md, but for its kin.

    `lists` are, field after field, first word, end, record and first position of each term's list, first word and end 0 where
    there is none; behind those of the terms that have `weights` come those of others, which `stand_for` one of these. `asked` are
    the terms as they were asked, at most 64, and `pairs` the number of the pair that each makes with the one before it, or -1.
    `lengths` are the entries' in each field, `shares` what covering and holding count there. `entries` ascend. Returns False for
    damaged data.
    """
    own, fields, size_of_row = len(weights), len(lengths), len(lists)
    number = own + len(stand_for)
    times_in, bytes_in = np.zeros(len(entries) * size_of_row, np.int64), np.empty(len(entries) * size_of_row, np.int64)
    for row in range(size_of_row):
        if not _find(lists[row], entries, words, records, starts, positions, times_in, bytes_in, row, size_of_row):
            return False
    whole, whole_of_pairs, longest = 0, 0, 0
    for term in range(own):
        whole += weights[term]
    for pair in range(len(pair_weights)):
        whole_of_pairs += pair_weights[pair]
    for field in range(fields):
        for row in range(len(entries)):
            longest = max(longest, lengths[field, row])
    if longest > _LONGEST:
        return False
    # A field lies open: at each position a bit for each place of the question at which the term that stands there was asked.
    there = np.zeros(longest + 2 * WINDOW, np.uint64)
    blocks, at_most = np.empty((longest + WINDOW) // CLOSE + 2, np.uint64), np.empty(longest // CLOSE + 1, np.int64)
    room, rests, runs = np.empty(1024, np.int64), np.empty(CLOSE, np.uint64), np.empty((2, 64), np.int64)
    bits_of, of_place = np.zeros(own, np.uint64), np.empty(len(asked), np.int64)
    firsts = np.uint64(0)  # the first place of each term
    for place in range(len(asked)):
        bit, term = _ONE << np.uint64(place), asked[place]
        firsts |= np.uint64(0) if bits_of[term] else bit
        bits_of[term] |= bit
        of_place[place] = weights[term]
    table = _sums(of_place)
    adjacent = np.empty(len(pair_weights), np.uint8)
    for row in range(len(entries)):
        window, close, run, of_fields, followed = 0, 0, 0, 0.0, np.uint64(0)
        for field in range(fields):
            size, held, length, seen = 0, 0, lengths[field, row], np.uint64(0)
            for term in range(number):
                found = row * size_of_row + field * number + term
                times = peek(times_in, found)
                if times:
                    if times > length:
                        return False
                    meant = term if term < own else stand_for[term - own]
                    bits = bits_of[meant]
                    if not seen & bits:
                        held += weights[meant]
                        run = max(run, weights[meant])
                    seen |= bits
                    if times > len(room):
                        room = np.empty(2 * times, np.int64)
                    if read_some(positions, peek(bytes_in, found), times, room) < 0:
                        return False
                    for token in range(times):
                        at = peek(room, token)
                        if at >= length:
                            return False
                        poke(there, at, peek(there, at) | bits)
                    size += times
            if not size:
                continue
            if held > min(window, close):
                number_of_blocks = _part(there, length, firsts, blocks)
                close = _best_window(there, blocks, number_of_blocks, 1, firsts, table, at_most, rests, close)
                window = _best_window(there, blocks, number_of_blocks, WINDOW // CLOSE, firsts, table, at_most, rests, window)
            here = _following(there, length)
            followed |= here
            if _longest(here, of_place) > run:
                run = _best_run(there, length, of_place, runs, run)
            of_fields += shares[field, 0] * min(1.0, _share(size, length))
            of_fields += shares[field, 1] * _share(held, whole)
            clear(there, 0, length)
        of_pairs = 0
        adjacent[:] = 0
        for place in range(1, len(asked)):
            if followed >> np.uint64(place) & _ONE and pairs[place] >= 0 and not adjacent[pairs[place]]:
                adjacent[pairs[place]] = 1
                of_pairs += pair_weights[pairs[place]]
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
def _sums(of_place):
    """Return the sum of weights for each value of each byte of a mask of places."""
    table = np.zeros((len(of_place) + 7) // 8 * 256, np.int64)
    for place in range(len(of_place)):
        first, bit = 256 * (place >> 3), 1 << (place & 7)
        for value in range(256):
            table[first + value] += of_place[place] if value & bit else 0
    return table


@njit(error_model="numpy")
def _weight(mask, table):
    """Return the sum of the weights of a mask's places."""
    total = 0
    for first in range(0, len(table), 256):
        total += peek(table, first + np.int64(mask & np.uint64(255)))
        mask >>= np.uint64(8)
    return total


@njit(error_model="numpy")
def _part(there, length, firsts, blocks):
    """Write which terms each CLOSE positions have, and empty blocks behind them; return how many there are."""
    number = (length + CLOSE - 1) // CLOSE
    for block in range(number):
        mask = np.uint64(0)
        for place in range(CLOSE):
            mask |= peek(there, CLOSE * block + place)
        poke(blocks, block, mask & firsts)
    clear(blocks, number, WINDOW // CLOSE + 1)
    return number


@njit(error_model="numpy")
def _best_window(there, blocks, number, wide, firsts, table, at_most, rests, best):
    """Return the largest sum of weights of different terms in a window of `wide` blocks, wherever it begins, or `best`.

    It lies in one block more than it is wide: that which holds most is gone through first, and then those that hold more than
    was found.
    """
    most = 0
    for block in range(number):
        mask = peek(blocks, block)
        for behind in range(1, wide + 1):
            mask |= peek(blocks, block + behind)
        poke(at_most, block, _weight(mask, table))
        most = max(most, peek(at_most, block))
    if most <= best:
        return best
    for first in (True, False):
        for block in range(number):
            if peek(at_most, block) > best and (not first or peek(at_most, block) == most):
                best = _best_within(there, blocks, block, wide, firsts, table, rests, best)
                if first:
                    break
    return best


@njit(error_model="numpy")
def _best_within(there, blocks, block, wide, firsts, table, rests, best):
    """Return the largest sum in the windows that begin in a block, or `best`; `rests` is room for what is behind each place."""
    begin, middle = CLOSE * block, np.uint64(0)
    for between in range(block + 1, block + wide):
        middle |= peek(blocks, between)
    rest = middle
    for place in range(CLOSE - 1, -1, -1):
        rest |= peek(there, begin + place)
        poke(rests, place, rest)
    behind, before = np.uint64(0), np.uint64(0)
    for place in range(CLOSE):
        mask = (peek(rests, place) | behind) & firsts
        if mask != before:
            best = max(best, _weight(mask, table))
            before = mask
        behind |= peek(there, begin + CLOSE * wide + place)
    return best


@njit(error_model="numpy")
def _following(there, length):
    """Return the places of the terms that stand somewhere right behind the one asked before them."""
    found = np.uint64(0)
    for at in range(1, length):
        found |= peek(there, at) & peek(there, at - 1) << _ONE
    return found


@njit(error_model="numpy")
def _longest(followed, of_place):
    """Return what a run can weigh at most whose terms but the first are at these places."""
    longest = run = 0
    for place in range(1, len(of_place)):
        if followed >> np.uint64(place) & _ONE:
            run = (run or of_place[place - 1]) + of_place[place]
            longest = max(longest, run)
        else:
            run = 0
    return longest


@njit(error_model="numpy")
def _best_run(there, length, of_place, runs, best):
    """Return the largest weight of terms that stand side by side as they were asked, or `best`.

    `runs` is room for what the run that ends at each place weighs, by odd and even positions.
    """
    before = np.uint64(0)
    for at in range(1, length):
        bits = following = peek(there, at) & peek(there, at - 1) << _ONE
        while bits:
            place = trailing_zeros(bits)
            goes_on = before >> np.uint64(place - 1) & _ONE
            run = (runs[(at - 1) & 1, place - 1] if goes_on else of_place[place - 1]) + of_place[place]
            runs[at & 1, place] = run
            best = max(best, run)
            bits &= bits - _ONE
        before = following
    return best
