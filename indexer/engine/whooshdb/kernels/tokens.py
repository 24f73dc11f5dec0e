"""Tokens in order of entry and position, sorted into lists, and lists turned into tokens again for a merge."""

# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False
# What numba compiles has its types from its arguments.

import numpy as np
from numba import njit

from indexer.engine.whooshdb.kernels.lists import decode, decode_positions


@njit(nogil=True, error_model="numpy")
def by_term(terms, counts, places, bounds, entries, sorted_places):
    """Sort tokens by term, keeping their order within one: entry e has the next counts[e] of `terms`, at `places`.

    `bounds` are where each term's tokens begin, and end beyond the last. Without places (an empty array) none are written.
    """
    free = bounds[:-1].copy()
    token = 0
    for entry in range(len(counts)):
        for _ in range(counts[entry]):
            at = free[terms[token]]
            free[terms[token]] = at + 1
            entries[at] = entry
            if len(places):
                sorted_places[at] = places[token]
            token += 1


@njit(nogil=True, error_model="numpy")
def neighbours(terms, counts, places, ranks, common, pairs, pair_counts):
    """Write the pairs of common terms at neighbouring positions, as first · common + second; `pair_counts` per entry.

    `ranks` gives each term's number among the common ones, -1 for the others. No two common terms stand at one position.
    Returns how many pairs there are.
    """
    token, number = 0, 0
    for entry in range(len(counts)):
        begun = number
        last, last_place = np.int64(-1), np.int64(-2)
        for _ in range(counts[entry]):
            rank = np.int64(ranks[terms[token]])
            if rank >= 0:
                place = np.int64(places[token])
                if last >= 0 and place == last_place + 1:
                    pairs[number] = last * common + rank
                    number += 1
                last, last_place = rank, place
            token += 1
        pair_counts[entry] = number - begun
    return number


@njit(nogil=True, error_model="numpy")
def read_lists(lists, words, records, starts, positions, renumbered, entries, places, counts):
    """Write the tokens of several lists, entries renumbered and those that become -1 left out; `counts` are the tokens of each list.

    `lists` are first word, end, record, first position (-1: without positions) and a number that is not smaller than the list's
    entries and occurrences. Returns how many tokens there are, -1 for damaged data.
    """
    number = 0
    for row in range(len(lists)):
        found = np.empty(lists[row, 4] + 1, np.int64)
        often = np.empty(lists[row, 4] + 1, np.int64)
        size = decode(words[lists[row, 0] : lists[row, 1]], records, lists[row, 2], found, often)
        if size < 0:
            return -1
        total = 0
        for place in range(size):
            total += often[place]
        if total > lists[row, 4] + 1:
            return -1
        there = np.empty(total, np.int64)
        if lists[row, 3] >= 0 and decode_positions(positions, lists[row, 3], often[:size], there) < 0:
            return -1
        begun, token = number, 0
        for place in range(size):
            if found[place] >= len(renumbered):
                return -1
            entry = renumbered[found[place]]
            if entry < 0:
                token += often[place]
                continue
            for _ in range(often[place]):
                entries[number] = entry
                if lists[row, 3] >= 0:
                    places[number] = there[token]
                token += 1
                number += 1
        counts[row] = number - begun
    return number
