"""Tokens sorted into lists, and lists turned into tokens again for a merge."""

import numpy as np
from numba import njit

from indexer.engine.whooshdb.kernels.lists import (
    PADDING,
    chunk_of,
    count_of,
    decode,
    decode_positions,
    frequency,
    places_size,
    record_size,
    width_of,
)

_FACTOR = np.uint64(0x9E3779B97F4A7C15)


@njit(nogil=True, error_model="numpy")
def by_term(terms, numbers, counts, bounds, entries):
    """Sort tokens by term, keeping their order within one: entry numbers[i] has the next counts[i] of `terms`.

    `bounds` are where each term's tokens begin, and the end of the last.
    """
    free = bounds[:-1].copy()
    token = 0
    for row in range(len(counts)):
        for _ in range(counts[row]):
            at = free[terms[token]]
            free[terms[token]] = at + 1
            entries[at] = numbers[row]
            token += 1


@njit(nogil=True, error_model="numpy")
def place(starts, counts, entries, positions, all_entries, all_positions):
    """Copy the tokens of one source's terms, counts[i] of term i, to where the term's begin among those of all sources."""
    token = 0
    for term in range(len(starts)):
        for at in range(starts[term], starts[term] + counts[term]):
            all_entries[at] = entries[token]
            if len(all_positions):
                all_positions[at] = positions[token]
            token += 1


@njit(nogil=True, error_model="numpy")
def neighbours(ranks, entries, places, offsets, first, common, stream, pairs, counts):
    """Write the pairs of common terms at neighbouring positions, as one rank · common + the other; `counts` of them an entry.

    `offsets` say where each entry from `first` on begins in `stream`, which is empty, with a place that stays empty behind
    each. No two common terms stand at one position. Returns how many pairs there are, -1 for a position outside of its entry.
    """
    for token in range(len(ranks)):
        entry = entries[token] - first
        at = offsets[entry] + places[token]
        if places[token] < 0 or at >= offsets[entry + 1] - 1:
            return -1
        stream[at] = ranks[token] + 1
    number = 0
    for entry in range(len(counts)):
        begun = number
        for at in range(offsets[entry], offsets[entry + 1] - 1):
            if stream[at] and stream[at + 1]:
                pairs[number] = (np.int64(stream[at]) - 1) * common + stream[at + 1] - 1
                number += 1
        counts[entry] = number - begun
    return number


@njit(nogil=True, error_model="numpy")
def pair_digests(terms, ranks, entries, places, offsets, first, public, stream, digests):
    """Write a digest for each two tokens at neighbouring positions of a public entry; return how many, as `neighbours` does.

    `terms` are the digests of the ranks' terms. Where two tokens stand at one position the later one counts.
    """
    for token in range(len(ranks)):
        entry = entries[token] - first
        at = offsets[entry] + places[token]
        if places[token] < 0 or at >= offsets[entry + 1] - 1:
            return -1
        stream[at] = terms[ranks[token]]
    number = 0
    for entry in range(len(public)):
        if public[entry]:
            for at in range(offsets[entry], offsets[entry + 1] - 1):
                if stream[at] and stream[at + 1]:
                    digests[number] = np.int64(stream[at] * _FACTOR + stream[at + 1])
                    number += 1
    return number


@njit(nogil=True, error_model="numpy")
def cut(lists, words, records, starts, end):
    """Cut lists before chunk `end`: return the parts before it, as `read_lists` takes them, and leave the rest in `lists`.

    The last column of `lists` is where the positions of the whole list begin. A part's occurrences are -1 for a damaged record.
    """
    parts = lists.copy()
    for row in range(len(lists)):
        at, record = lists[row, 0], lists[row, 2]
        occurrences = 0
        if at < lists[row, 1]:
            if at >= len(starts):
                parts[row, 4] = -1
                return parts
            parts[row, 3] = lists[row, 5] + np.int64(starts[at])
        while at < lists[row, 1] and chunk_of(words[at]) < end:
            word = words[at]
            if record + record_size(word) + PADDING > len(records):
                occurrences = -1
                break
            frequencies, width = record + places_size(count_of(word)), width_of(word)
            for rank in range(count_of(word)):
                occurrences += frequency(records, frequencies, width, rank)
            record += record_size(word)
            at += 1
        parts[row, 1], parts[row, 4] = at, occurrences
        lists[row, 0], lists[row, 2] = at, record
    return parts


@njit(nogil=True, error_model="numpy")
def read_lists(lists, words, records, positions, renumbered, entries, places, counts):
    """Write the tokens of several lists, entries renumbered and those that become -1 left out; `counts` are each list's tokens.

    `lists` are first word, end, record, first position (-1: without positions) and occurrences, which are never fewer than
    entries. Returns how many tokens there are, -1 for damaged data.
    """
    number = 0
    for row in range(len(lists)):
        found = np.empty(lists[row, 4], np.int64)
        often = np.empty(lists[row, 4], np.int64)
        size = decode(words[lists[row, 0] : lists[row, 1]], records, lists[row, 2], found, often)
        if size < 0:
            return -1
        total = 0
        for place in range(size):
            total += often[place]
        if total != lists[row, 4]:
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
