"""Unions of lists, and terms that resemble another one."""

import numpy as np
from numba import njit

from indexer.engine.whooshdb.kernels.lists import PADDING, WORDS, chunk_of, count_of, read_mask, record_size


@njit(nogil=True, error_model="numpy")
def unite(lists, words, records, bitmap):
    """Add the entries of lists (first word, end, record) to a bitmap; return False for a damaged record.

    Neighbouring lists may be given as one, since their words and records follow each other.
    """
    for row in range(len(lists)):
        record = lists[row, 2]
        for at in range(lists[row, 0], lists[row, 1]):
            word = words[at]
            size, to = record_size(word), WORDS * chunk_of(word)
            if record + size + PADDING > len(records) or to + WORDS > len(bitmap):
                return False
            read_mask(records, record, count_of(word), bitmap, to)
            record += size
    return True


@njit(nogil=True, error_model="numpy")
def resembling(text, ends, wanted, prefix, distance, rows):
    """Write the rows of terms within `distance` edits of `wanted` (code points); return how many.

    The first `prefix` code points must be the same.
    """
    size = len(wanted)
    other = np.empty(size + distance + 1, np.int64)
    table = np.empty((3, size + 1), np.int64)
    found, begin = 0, np.int64(0)
    for row in range(len(ends)):
        end = np.int64(ends[row])
        length = _code_points(text, begin, end, other)
        begin = end
        if length < size - distance or length > size + distance or length < prefix or size < prefix:
            continue
        same = True
        for place in range(prefix):
            same &= wanted[place] == other[place]
        if same and _edits(wanted, other, length, distance, table) <= distance:
            rows[found] = row
            found += 1
    return found


@njit(error_model="numpy")
def _code_points(text, begin, end, found):
    """Write the code points of UTF-8 bytes; return how many, one more than `found` has room for when there are too many."""
    number = 0
    at = begin
    while at < end and at < len(text):
        if number == len(found):
            return number + 1
        byte = np.int64(text[at])
        more = 0 if byte < 0x80 else 1 if byte < 0xE0 else 2 if byte < 0xF0 else 3
        value = byte if more == 0 else byte & (0x3F >> more)
        for _ in range(more):
            at += 1
            if at < len(text):
                value = value << 6 | (np.int64(text[at]) & 0x3F)
        found[number] = value
        number += 1
        at += 1
    return number


@njit(error_model="numpy")
def _edits(one, other, length, most, table):
    """Return the number of steps between two terms, as docs/scoring.md counts them, or any number above `most`."""
    size = len(one)
    for place in range(size + 1):
        table[0, place] = place
    for row in range(1, length + 1):
        now, before, older = table[row % 3], table[(row - 1) % 3], table[(row - 2) % 3]
        now[0] = row
        least = row
        for place in range(1, size + 1):
            differs = 0 if one[place - 1] == other[row - 1] else 1
            value = min(before[place] + 1, now[place - 1] + 1, before[place - 1] + differs)
            if row > 1 and place > 1 and one[place - 1] == other[row - 2] and one[place - 2] == other[row - 1]:
                value = min(value, older[place - 2] + 1)
            now[place] = value
            least = min(least, value)
        if least > most:
            return most + 1
    return table[length % 3, size]
