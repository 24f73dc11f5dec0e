"""Occurrences of a phrase, by the definition of docs/scoring.md.

Neighbouring common terms have lists of their own, the pairs: their frequency is that of the two-term phrase. For a longer one
they first say which entries can hold it. Then frequencies often settle how often: of the occurrences of a term, x end the phrase
so far and y are followed by its next term; when x or y are all of them, the longer phrase occurs y or x times. Only where
both are some of them are positions read.
"""

# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False
# What numba compiles has its types from its arguments.

import numpy as np
from numba import njit

from indexer.engine.whooshdb.kernels.bits import load64, peek, popcount, trailing_zeros
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
from indexer.engine.whooshdb.kernels.programs import read_mask

_ENDS = np.uint64(0x8080808080808080)  # the bit that the last byte of a position does not have
_ONE = np.uint64(1)


@njit(nogil=True, error_model="numpy")
def find_phrase(lists, number, slop, near, words, records, starts, positions, chunks, hits, times):
    """Write the entries that hold the phrase and how often; return how many, -1 for damaged data.

    `lists` are first word, end, record and first position of the list of each of the `number` terms, then of each pair of
    neighbours, with first word -1 for two terms that have none. With `near`, occurrences are smallest windows of up to `slop` positions.
    """
    cursors = np.empty((len(lists), 3), np.int64)
    needed = np.empty(len(lists), np.uint8)
    every_pair = number > 1 and slop == 0 and not near
    for row in range(len(lists)):
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
    often = np.zeros(len(lists), np.int64)
    room = np.empty((number, 64), np.int64)
    skipped = np.zeros((number, 3), np.int64)  # word, entries before, byte: how far a list's positions were passed
    for row in range(number):
        skipped[row, 0] = -1
    found, chunk = 0, 0
    while chunk < chunks:
        chunk = _next_chunk(lists, cursors, needed, words, chunk)
        if chunk < 0 or chunk >= chunks:
            break
        if not _common_entries(lists, cursors, needed, words, records, chunk, mask, one):
            return -1
        for part in range(WORDS):
            bits = mask[part]
            while bits:
                place = 64 * part + trailing_zeros(bits)
                bits &= bits - _ONE
                count = -1
                if every_pair:
                    count = _settle(number, lists, cursors, words, records, chunk, place, often)
                if count < 0:
                    for row in range(number):
                        if not _seek(lists, cursors, row, words, chunk):
                            count = 0
                    if count < 0:
                        room = _read_positions(
                            number, cursors, words, records, starts, positions, lists, place, often, skipped, room
                        )
                        if often[0] < 0:
                            return -1
                        count = _count_near(room, often, slop) if near else _count_in_order(room, often, slop)
                if count > 0:
                    if found >= len(hits):
                        return -1
                    hits[found], times[found] = CHUNK * chunk + place, count
                    found += 1
        chunk += 1
    return found


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
def _common_entries(lists, cursors, needed, words, records, chunk, mask, one):
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
def _rank(word, at, records, place):
    """Return how many entries of a chunk come before `place`, which is one of them; -1 when it is not."""
    count = count_of(word)
    if count <= FEW:
        for rank in range(count):
            if records[at + rank] == place:
                return rank
        return -1
    rank = 0
    for part in range(place >> 6):
        rank += popcount(load64(records, at + 8 * part))
    bits = load64(records, at + 8 * (place >> 6))
    low = _ONE << np.uint64(place & 63)
    return min(rank + popcount(bits & (low - _ONE)), count - 1) if bits & low else -1


@njit(error_model="numpy")
def _frequency_at(row, cursors, words, records, place):
    """Return how often an entry of the chunk at a list's cursor has the term; 0 when it does not, -1 for a damaged record."""
    word, at = words[cursors[row, 0]], cursors[row, 2]
    if at + record_size(word) + PADDING > len(records):
        return -1
    rank = _rank(word, at, records, place)
    return 0 if rank < 0 else frequency(records, at + places_size(count_of(word)), width_of(word), rank)


@njit(error_model="numpy")
def _settle(number, lists, cursors, words, records, chunk, place, often):
    """Return how often the phrase occurs where frequencies tell, else -1."""
    so_far = _frequency_at(number, cursors, words, records, place)
    for term in range(1, number - 1):
        following = _frequency_at(number + term, cursors, words, records, place)
        if not _seek(lists, cursors, term, words, chunk):
            return -1
        all_of_it = _frequency_at(term, cursors, words, records, place)
        if following == all_of_it:
            continue
        if so_far != all_of_it:
            return -1
        so_far = following
    return so_far


@njit(error_model="numpy")
def _read_positions(number, cursors, words, records, starts, positions, lists, place, often, skipped, room):
    """Write the positions of every term in one entry; return the room for them, larger if need be. often[0] is -1 for damage."""
    for term in range(number):
        at = cursors[term, 0]
        word, record = words[at], cursors[term, 2]
        if record + record_size(word) + PADDING > len(records) or at >= len(starts):
            often[0] = -1
            return room
        rank = _rank(word, record, records, place)
        if rank < 0:  # only a list that was not needed
            often[term] = 0
            continue
        frequencies, width = record + places_size(count_of(word)), width_of(word)
        if skipped[term, 0] != at or skipped[term, 1] > rank:
            skipped[term, 0], skipped[term, 1] = at, 0
            skipped[term, 2] = lists[term, 3] + np.int64(starts[at])
        passed = 0
        for before in range(skipped[term, 1], rank):
            passed += frequency(records, frequencies, width, before)
        byte = _skip(positions, skipped[term, 2], passed)
        often[term] = frequency(records, frequencies, width, rank)
        if often[term] > len(positions):
            often[0] = -1
            return room
        if often[term] > room.shape[1]:
            larger = np.empty((number, 2 * often[term]), np.int64)
            for row in range(number):
                for place_in_room in range(room.shape[1]):
                    larger[row, place_in_room] = room[row, place_in_room]
            room = larger
        byte = _decode(positions, byte, often[term], room[term])
        if byte < 0:
            often[0] = -1
            return room
        skipped[term, 1], skipped[term, 2] = rank + 1, byte
    return room


@njit(error_model="numpy")
def _skip(positions, at, number):
    """Return the byte after `number` positions from `at` on, by counting last bytes eight at a time."""
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
def _decode(positions, at, number, found):
    """Write `number` positions from byte `at` on; return the byte after them, -1 where they are cut off."""
    last = np.int64(-1)
    for place in range(number):
        if at < 0 or at + PADDING > len(positions):
            return np.int64(-1)
        byte = np.int64(peek(positions, at))
        value, shift = byte & 127, 7
        at += 1
        while byte > 127:
            if shift > 28 or at + PADDING > len(positions):
                return np.int64(-1)
            byte = np.int64(peek(positions, at))
            value |= (byte & 127) << shift
            shift += 7
            at += 1
        last += value + 1
        found[place] = last
    return at


@njit(error_model="numpy")
def _count_in_order(room, often, slop):
    """Count the positions of the first term from which the phrase can be completed."""
    number = len(room)
    after = np.zeros(number, np.int64)
    count = 0
    for first in range(often[0]):
        last = room[0, first]
        whole = True
        for term in range(1, number):
            while after[term] < often[term] and room[term, after[term]] <= last:
                after[term] += 1
            if after[term] == often[term]:
                return count
            last = room[term, after[term]]
            if slop == 0 and last != room[0, first] + term:
                whole = False
                break
        if whole and last - room[0, first] <= number - 1 + slop:
            count += 1
    return count


@njit(error_model="numpy")
def _count_near(room, often, within):
    """Count the smallest windows of up to `within` positions that hold every term."""
    number = len(room)
    after = np.zeros(number, np.int64)
    last = np.full(number, -1, np.int64)
    count, begun = 0, np.int64(-1)
    while True:
        here = np.int64(-1)
        for term in range(number):
            if after[term] < often[term] and (here < 0 or room[term, after[term]] < here):
                here = room[term, after[term]]
        if here < 0:
            return count
        first = here
        for term in range(number):
            if after[term] < often[term] and room[term, after[term]] == here:
                last[term] = here
                after[term] += 1
            first = min(first, last[term])
        if first > begun:  # no window that ends earlier begins so late
            begun = first
            count += here - first < within
