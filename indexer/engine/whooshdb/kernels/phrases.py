"""Occurrences of a phrase, by the definition of docs/scoring.md.

Neighbouring common terms have lists of their own, the pairs: their frequency is that of the two-term phrase. For a longer one
they first say which entries can hold it. Then frequencies often settle how often: of the occurrences of a term, x end the phrase
so far and y are followed by its next term; when x or y are all of them, the longer phrase occurs y or x times. Where both are
some of them positions are read, but not those of a term that a neighbour's every occurrence implies.
"""

# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False
# What numba compiles has its types from its arguments.

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
    read_mask,
    record_size,
    sum_before,
    width_of,
)

_ENDS = np.uint64(0x8080808080808080)  # the bit that the last byte of a position does not have
_ONE = np.uint64(1)
_MANY = 4  # entries of a chunk from which on reading all frequencies is cheaper than finding some


@njit(nogil=True, error_model="numpy")
def find_phrase(lists, number, slop, near, words, records, starts, positions, chunks, hits, times):
    """Write the entries that hold the phrase and how often; return how many, -1 for damaged data.

    `lists` are first word, end, record and first position of the list of each of the `number` terms, then of each pair of
    neighbours, with first word -1 for two terms that have none. With `near`, occurrences are smallest windows of up to
    `slop` positions.
    """
    size = len(lists)
    cursors = np.empty((size, 3), np.int64)
    needed = np.empty(size, np.uint8)
    every_pair = number > 1 and slop == 0 and not near
    for row in range(size):
        for column in range(3):
            cursors[row, column] = lists[row, column]
        if row >= number:
            needed[row] = lists[row, 0] >= 0
            every_pair = every_pair and needed[row] > 0
        else:  # a pair's list says more than those of its terms
            before = row > 0 and lists[number + row - 1, 0] >= 0
            behind = row + 1 < number and lists[number + row, 0] >= 0
            needed[row] = not (before or behind)
    mask = np.empty(WORDS, np.uint64)
    one = np.empty(WORDS, np.uint64)
    frequencies = np.zeros(CHUNK * size, np.int64)  # of the entries of the chunk, list by list
    passed = np.zeros((number, 2), np.int64)  # place and byte up to which a term's positions were passed
    read = np.ones(number, np.uint8)
    after = np.zeros(number, np.int64)
    room = np.empty((number, 64), np.int64)
    found, chunk = 0, 0
    while True:
        chunk = _next_chunk(lists, cursors, needed, words, chunk)
        if chunk < 0 or chunk >= chunks:
            return found
        if not _common_entries(lists, cursors, needed, words, records, mask, one):
            return -1
        together = popcount(mask[0]) + popcount(mask[1]) + popcount(mask[2]) + popcount(mask[3])
        if not together:
            chunk += 1
            continue
        first_row = number if every_pair and number == 2 else 0  # a pair alone needs no terms
        for row in range(first_row, size):
            there = lists[row, 0] >= 0 and _seek(lists, cursors, row, words, chunk)
            if there and together >= _MANY:
                if not _spread(words[cursors[row, 0]], cursors[row, 2], records, mask, frequencies, CHUNK * row):
                    return -1
            elif not there:
                clear(frequencies, CHUNK * row, CHUNK)
        for row in range(number):
            passed[row, 0] = -1
        for part in range(WORDS):
            bits = mask[part]
            while bits:
                place = 64 * part + trailing_zeros(bits)
                bits &= bits - _ONE
                if together < _MANY:
                    for row in range(first_row, size):
                        there = cursors[row, 0] < lists[row, 1] and chunk_of(words[cursors[row, 0]]) == chunk
                        if there and not find_one(
                            words[cursors[row, 0]], cursors[row, 2], records, place, frequencies, CHUNK * row
                        ):
                            return -1
                count = _settle(number, frequencies, place) if every_pair else -1
                if count < 0:
                    chosen = number if near or slop else _choose(number, frequencies, place, read)
                    if not _pass(number, lists, cursors, starts, positions, frequencies, place, read, passed, together >= _MANY):
                        return -1
                    if chosen == 2 and not near and not slop:
                        count = _count_two(number, positions, frequencies, place, read, passed)
                    else:
                        room = _read(number, positions, frequencies, place, read, passed, room)
                        if near:
                            count = _count_near(room, frequencies, place, slop)
                        elif slop:
                            count = _count_in_order(room, frequencies, place, slop, after)
                        else:
                            count = _count_exact(room, frequencies, place, read, after)
                    for row in range(number):
                        if read[row] and passed[row, 1] < 0:
                            return -1
                if count > 0:
                    if found >= len(hits):
                        return -1
                    hits[found], times[found] = CHUNK * chunk + place, count
                    found += 1
        chunk += 1


@njit(nogil=True, error_model="numpy")
def add_hits(ones, weights, others, more, entries, sums):
    """Write the entries that are in one or both of two ascending arrays and the sums of their weights; return how many."""
    number, one, other = 0, 0, 0
    while one < len(ones) or other < len(others):
        entry = ones[one] if other == len(others) or (one < len(ones) and ones[one] <= others[other]) else others[other]
        entries[number], sums[number] = entry, 0.0
        if one < len(ones) and ones[one] == entry:
            sums[number] += weights[one]
            one += 1
        if other < len(others) and others[other] == entry:
            sums[number] += more[other]
            other += 1
        number += 1
    return number


@njit(error_model="numpy")
def _seek(lists, cursors, row, words, chunk):
    """Move a cursor to the first chunk that is not before `chunk`; return whether it is that one."""
    at, record, end = cursors[row, 0], cursors[row, 2], lists[row, 1]
    while at < end and chunk_of(words[at]) < chunk:
        record += record_size(words[at])
        at += 1
    cursors[row, 0], cursors[row, 2] = at, record
    return at < end and chunk_of(words[at]) == chunk


@njit(error_model="numpy")
def _next_chunk(lists, cursors, needed, words, chunk):
    """Return the first chunk from `chunk` on that all needed lists have, -1 at the end."""
    settled = False
    while not settled:
        settled = True
        for row in range(len(lists)):
            if needed[row] and not _seek(lists, cursors, row, words, chunk):
                if cursors[row, 0] >= lists[row, 1]:
                    return -1
                chunk = chunk_of(words[cursors[row, 0]])
                settled = False
    return chunk


@njit(error_model="numpy")
def _common_entries(lists, cursors, needed, words, records, mask, one):
    """Write which entries of the chunk all needed lists have; return False for a damaged record."""
    for part in range(WORDS):
        mask[part] = np.uint64(0xFFFFFFFFFFFFFFFF)
    for row in range(len(lists)):
        if needed[row]:
            word, at = words[cursors[row, 0]], cursors[row, 2]
            if at + record_size(word) + PADDING > len(records):
                return False
            for part in range(WORDS):
                one[part] = 0
            read_mask(records, at, count_of(word), one, 0)
            for part in range(WORDS):
                mask[part] &= one[part]
    return True


@njit(error_model="numpy")
def _spread(word, at, records, mask, frequencies, to):
    """Write the frequency of each entry of a chunk to its place, 0 elsewhere; return False for a damaged record.

    Nothing is written behind the last entry of `mask`.
    """
    if at + record_size(word) + PADDING > len(records):
        return False
    clear(frequencies, to, CHUNK)
    count, width = count_of(word), width_of(word)
    often = at + places_size(count)
    if count <= FEW:
        for rank in range(count):
            poke(frequencies, to + np.int64(peek(records, at + rank)), frequency(records, often, width, rank))
        return True
    last = WORDS - 1
    while last >= 0 and not mask[last]:
        last -= 1
    rank = 0
    for part in range(last + 1):
        bits = load64(records, at + 8 * part)
        while bits and rank < count:
            poke(frequencies, to + 64 * part + trailing_zeros(bits), frequency(records, often, width, rank))
            rank += 1
            bits &= bits - _ONE
    return True


@njit(error_model="numpy")
def find_one(word, at, records, place, frequencies, to):
    """Write the frequency of one entry of a chunk, and at the chunk's first place the sum of those before it.

    Returns False for a damaged record.
    """
    if at + record_size(word) + PADDING > len(records):
        return False
    count, width = count_of(word), width_of(word)
    rank, there = 0, False
    if count <= FEW:
        while rank < count and peek(records, at + rank) < place:
            rank += 1
        there = rank < count and peek(records, at + rank) == place
    else:
        for part in range(place >> 6):
            rank += popcount(load64(records, at + 8 * part))
        low = _ONE << np.uint64(place & 63)
        bits = load64(records, at + 8 * (place >> 6))
        rank += popcount(bits & (low - _ONE))
        there = rank < count and (bits & low) != 0
    often = at + places_size(count)
    before = sum_before(records, often, width, rank) if there else np.int64(rank)
    clear(frequencies, to, place)
    if place:
        frequencies[to] = before
    frequencies[to + place] = frequency(records, often, width, rank) if there else 0
    return True


@njit(error_model="numpy")
def _settle(number, frequencies, place):
    """Return how often the phrase occurs where frequencies tell, else -1."""
    so_far = frequencies[CHUNK * number + place]
    for term in range(1, number - 1):
        following, all_of_it = frequencies[CHUNK * (number + term) + place], frequencies[CHUNK * term + place]
        if following == all_of_it:
            continue
        if so_far != all_of_it:
            return -1
        so_far = following
    return so_far


@njit(error_model="numpy")
def _choose(number, frequencies, place, read):
    """Say which terms' positions are needed, and return how many: not of one that every occurrence of a neighbour implies.

    Two terms without a list of their pair have its frequency 0, so neither implies the other.
    """
    read[0] = 1
    for term in range(1, number):  # the one before it is always followed by it
        read[term] = frequencies[CHUNK * (number + term - 1) + place] != frequencies[CHUNK * (term - 1) + place]
    for term in range(number - 2, -1, -1):  # the one behind it, which is read itself, always follows it
        if read[term] and read[term + 1]:
            read[term] = frequencies[CHUNK * (number + term) + place] != frequencies[CHUNK * (term + 1) + place]
    chosen = 0
    for term in range(number):
        chosen += read[term]
    return chosen


@njit(error_model="numpy")
def _pass(number, lists, cursors, starts, positions, frequencies, place, read, passed, spread):
    """Move to the positions of one entry in the lists that are read; return False for damaged data.

    With `spread`, entries come one after the other and each goes on where the one before it ended.
    """
    for term in range(number):
        if not read[term]:
            continue
        if cursors[term, 0] >= len(starts) or frequencies[CHUNK * term + place] > len(positions):
            return False
        if passed[term, 0] < 0 or not spread:
            passed[term, 0], passed[term, 1] = 0, lists[term, 3] + np.int64(starts[cursors[term, 0]])
        before = np.int64(0)
        for earlier in range(CHUNK * term + passed[term, 0], CHUNK * term + place):
            before += peek(frequencies, earlier)
        passed[term, 0], passed[term, 1] = place + 1, skip(positions, passed[term, 1], before)
        if passed[term, 1] < 0:
            return False
    return True


@njit(error_model="numpy")
def _read(number, positions, frequencies, place, read, passed, room):
    """Write the positions of the terms to read in one entry; return the room for them, larger if need be."""
    for term in range(number):
        often = frequencies[CHUNK * term + place]
        if not read[term]:
            continue
        if often > room.shape[1]:
            larger = np.empty((number, 2 * often), np.int64)
            for row in range(number):
                for column in range(room.shape[1]):
                    larger[row, column] = room[row, column]
            room = larger
        passed[term, 1] = read_some(positions, passed[term, 1], often, room[term])
    return room


@njit(error_model="numpy")
def _count_two(number, positions, frequencies, place, read, passed):
    """Count the places at which the two terms that were chosen stand as in the phrase, reading both lists side by side."""
    one, other = 0, number - 1
    while not read[one]:
        one += 1
    while not read[other]:
        other -= 1
    here, there = passed[one, 1], passed[other, 1]
    left, right = frequencies[CHUNK * one + place], frequencies[CHUNK * other + place]
    position, following = np.int64(-1), np.int64(-1)
    count, forward, behind = 0, True, True
    while (left or not forward) and (right or not behind):
        if forward:
            if here + PADDING > len(positions):
                break
            value, here = read_next(positions, here)
            position += value + 1
            left -= 1
        if behind:
            if there + PADDING > len(positions):
                break
            value, there = read_next(positions, there)
            following += value + 1
            right -= 1
        wanted = position + other - one
        count += following == wanted
        forward, behind = following >= wanted, following <= wanted
    passed[one, 1], passed[other, 1] = skip(positions, here, left), skip(positions, there, right)
    return count


@njit(error_model="numpy")
def read_next(positions, at):
    """Return the number that begins at a byte, and the byte after it; five bytes from there on can be read."""
    byte = np.int64(peek(positions, at))
    value, shift = byte & 127, 7
    at += 1
    while byte > 127 and shift <= 28:
        byte = np.int64(peek(positions, at))
        value |= (byte & 127) << shift
        shift += 7
        at += 1
    return value, at


@njit(error_model="numpy")
def skip(positions, at, number):
    """Return the byte after `number` positions from `at` on, by counting last bytes eight at a time; -1 if cut off."""
    while number > 0 and at >= 0 and at + PADDING <= len(positions):
        ends = ~load64(positions, at) & _ENDS
        here = popcount(ends)
        if here >= number:
            for _ in range(number - 1):
                ends &= ends - _ONE
            return at + (trailing_zeros(ends) >> 3) + 1
        number -= here
        at += 8
    return at if number == 0 else np.int64(-1)


@njit(error_model="numpy")
def read_some(positions, at, number, found):
    """Write `number` positions from byte `at` on; return the byte after them, -1 where they are cut off."""
    last = np.int64(-1)
    for place in range(number):
        if at < 0 or at + PADDING > len(positions):
            return np.int64(-1)
        value, at = read_next(positions, at)
        last += value + 1
        poke(found, place, last)
    return at


@njit(error_model="numpy")
def _count_exact(room, frequencies, place, read, after):
    """Count the places at which the terms that were read follow each other as in the phrase."""
    number, driver = len(read), -1
    for term in range(number):
        after[term] = 0
        if read[term] and (driver < 0 or frequencies[CHUNK * term + place] < frequencies[CHUNK * driver + place]):
            driver = term
    count = 0
    for first in range(frequencies[CHUNK * driver + place]):
        begin = room[driver, first] - driver
        whole = True
        for term in range(number):
            if read[term] and term != driver:
                wanted, end = begin + term, frequencies[CHUNK * term + place]
                at = after[term]
                while at < end and room[term, at] < wanted:
                    at += 1
                after[term] = at
                if at == end:
                    return count
                if room[term, at] != wanted:
                    whole = False
                    break
        count += whole
    return count


@njit(error_model="numpy")
def _count_in_order(room, frequencies, place, slop, after):
    """Count the positions of the first term from which the phrase can be completed."""
    number = len(after)
    for term in range(number):
        after[term] = 0
    count = 0
    for first in range(frequencies[place]):
        last = room[0, first]
        for term in range(1, number):
            end = frequencies[CHUNK * term + place]
            while after[term] < end and room[term, after[term]] <= last:
                after[term] += 1
            if after[term] == end:
                return count
            last = room[term, after[term]]
        count += last - room[0, first] <= number - 1 + slop
    return count


@njit(error_model="numpy")
def _count_near(room, frequencies, place, within):
    """Count the smallest windows of up to `within` positions that hold every term."""
    number = len(room)
    after = np.zeros(number, np.int64)
    last = np.full(number, -1, np.int64)
    count, begun = 0, np.int64(-1)
    while True:
        here = np.int64(-1)
        for term in range(number):
            if after[term] < frequencies[CHUNK * term + place] and (here < 0 or room[term, after[term]] < here):
                here = room[term, after[term]]
        if here < 0:
            return count
        first = here
        for term in range(number):
            if after[term] < frequencies[CHUNK * term + place] and room[term, after[term]] == here:
                last[term] = here
                after[term] += 1
            first = min(first, last[term])
        if first > begun:  # no window that ends earlier begins so late
            begun = first
            count += here - first < within
