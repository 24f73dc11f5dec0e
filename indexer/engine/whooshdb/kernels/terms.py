"""Terms in dictionaries: where their lists are, which of them fit a pattern, and unions of lists."""

# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False
# What numba compiles has its types from its arguments.

import numpy as np
from numba import njit

from indexer.engine.whooshdb.kernels.bits import load64, peek, popcount
from indexer.engine.whooshdb.kernels.lists import CHUNK, PADDING, WORDS, chunk_of, count_of, read_mask, record_size

# Columns of a table of dictionaries: where in the file its arrays begin, bytes of an element, and what bounds its lists
TEXT, TEXT_SIZE, ENDS, NUMBER, ENTRIES, ENTRIES_WIDTH = 0, 1, 2, 3, 4, 5
BOUNDS = 6  # then for words, records and positions each: beginning, bytes of an element, base, size
COLUMNS = 18
ANY, ONE_POINT = -1, -2  # what `*` and `?` are in a pattern
BETWEEN = ord("_")  # between the syllables of a word, which neither stands for


@njit(nogil=True, error_model="numpy")
def find_terms(content, tables, wanted, sizes, found):
    """Write first word, end, record, first position and number of entries of each term's list in each dictionary, 0 for none.

    `wanted` are the terms in UTF-8, one after the other, of these `sizes`; `found` has a row for each, dictionary after
    dictionary. Returns False for a list that lies outside of its file.
    """
    at = 0
    for field in range(len(tables)):
        table, begin = tables[field], 0
        for size in sizes:
            row = _row_of(content, table, wanted[begin : begin + size])
            begin += size
            for column in range(5):
                found[at, column] = 0
            if row >= 0:
                entries = _number(content, table[ENTRIES], table[ENTRIES_WIDTH], row)
                for column, part in ((0, 0), (2, 1), (3, 2)):
                    place = BOUNDS + 4 * part
                    low = table[place + 2] + _number(content, table[place], table[place + 1], row)
                    high = table[place + 2] + _number(content, table[place], table[place + 1], row + 1)
                    if not 0 <= low <= high <= table[place + 3]:
                        return False
                    found[at, column] = low
                    if part == 0:
                        found[at, 1] = high
                if not 0 <= entries <= CHUNK * (found[at, 1] - found[at, 0]):
                    return False
                found[at, 4] = entries
            at += 1
    return True


@njit(error_model="numpy")
def _number(content, begin, width, row):
    """Return an element of an array in the file; eight bytes can be read wherever one begins."""
    bits = load64(content, begin + width * row)
    return np.int64(bits) if width == 8 else np.int64(bits & ((np.uint64(1) << np.uint64(8 * width)) - np.uint64(1)))


@njit(error_model="numpy")
def _row_of(content, table, wanted):
    """Return the row of a term, -1 if there is none."""
    low, high, size = 0, table[NUMBER], len(wanted)
    while low < high:
        row = (low + high) >> 1
        begin = _number(content, table[ENDS], 4, row - 1) if row else 0
        end = min(_number(content, table[ENDS], 4, row), table[TEXT_SIZE])
        at, place = table[TEXT] + begin, 0
        least = min(size, end - begin)
        while place < least and peek(content, at + place) == peek(wanted, place):
            place += 1
        if place == size == end - begin:
            return row
        differ = place < least
        if peek(content, at + place) < peek(wanted, place) if differ else end - begin < size:
            low = row + 1
        else:
            high = row
    return -1


@njit(nogil=True, error_model="numpy")
def frequencies(lists, number, words, records, allowed, counts):
    """Add to `counts` how many allowed entries are in the lists of each of `number` terms; return False for a damaged record.

    `lists` are as `find_terms` writes them, a row for each term, field after field.
    """
    fields = len(lists) // number
    cursors = np.empty((fields, 2), np.int64)
    mask = np.empty(WORDS, np.uint64)
    for term in range(number):
        for field in range(fields):
            cursors[field, 0], cursors[field, 1] = lists[field * number + term, 0], lists[field * number + term, 2]
        while True:
            chunk = -1
            for field in range(fields):
                if cursors[field, 0] < lists[field * number + term, 1]:
                    here = chunk_of(words[cursors[field, 0]])
                    chunk = here if chunk < 0 else min(chunk, here)
            if chunk < 0:
                break
            if WORDS * (chunk + 1) > len(allowed):
                return False
            mask[:] = 0
            for field in range(fields):
                at, record = cursors[field, 0], cursors[field, 1]
                if at < lists[field * number + term, 1] and chunk_of(words[at]) == chunk:
                    if record + record_size(words[at]) + PADDING > len(records):
                        return False
                    read_mask(records, record, count_of(words[at]), mask, 0)
                    cursors[field, 0], cursors[field, 1] = at + 1, record + record_size(words[at])
            for part in range(WORDS):
                counts[term] += popcount(mask[part] & allowed[WORDS * chunk + part])
    return True


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
def fitting(text, ends, first, last, pattern, tail, rows):
    """Write which of the rows from `first` up to `last` fit a pattern of code points, ANY and ONE_POINT; return how many.

    `tail` are the bytes behind the last of these: most terms end otherwise, and are not decoded.
    """
    least = 0  # bytes of a term that fits
    for point in pattern:
        least += point != ANY
    term = np.empty(64, np.int64)
    found = 0
    for row in range(first, last):
        begin, end = np.int64(ends[row - 1]) if row else 0, min(np.int64(ends[row]), len(text))
        if end - begin < max(least, len(tail)):
            continue
        place = 0
        while place < len(tail) and peek(text, end - 1 - place) == peek(tail, len(tail) - 1 - place):
            place += 1
        if place < len(tail):
            continue
        if end - begin > len(term):
            term = np.empty(2 * (end - begin), np.int64)
        if _fits(term[: _code_points(text, begin, end, term)], pattern):
            rows[found] = row
            found += 1
    return found


@njit(error_model="numpy")
def _fits(term, pattern):
    """Say whether a term fits the whole pattern: what a star takes grows by one code point whenever the rest does not fit.

    It never takes BETWEEN: what stands behind the first of these would have to be fitted by more than this star takes.
    """
    at, place, star, taken = 0, 0, -1, 0
    while at < len(term):
        if place < len(pattern) and pattern[place] == ANY:
            star, taken = place, at
            place += 1
        elif place < len(pattern) and (pattern[place] == term[at] or (pattern[place] == ONE_POINT and term[at] != BETWEEN)):
            at += 1
            place += 1
        elif star >= 0 and term[taken] != BETWEEN:
            taken += 1
            at, place = taken, star + 1
        else:
            return False
    while place < len(pattern) and pattern[place] == ANY:
        place += 1
    return place == len(pattern)


@njit(nogil=True, error_model="numpy")
def resembling(text, ends, first, last, wanted, distance, rows):
    """Write which of the rows from `first` up to `last` are within `distance` edits of `wanted` (code points); return how many.

    Terms ascend, so the rows of the table of distances are kept for as long as terms begin alike; and where a beginning is too
    far away, all terms that have it are passed over.
    """
    size = len(wanted)
    most = size + distance + 1  # code points after which a term is too long
    term, before = np.empty(most, np.int64), np.empty(most, np.int64)
    table = np.empty((most + 1, size + 1), np.int64)
    for place in range(size + 1):
        table[0, place] = place
    known, found = 0, 0  # code points of `before` whose rows are in the table
    row, after = first, first
    while after < last:
        row, after = after, after + 1
        begin, end = _bounds(ends, row, len(text))
        length = min(most, _code_points(text, begin, end, term))
        alike = 0
        while alike < min(known, length) and term[alike] == before[alike]:
            alike += 1
        known = alike
        while known < length:
            before[known] = term[known]
            known += 1
            if _next_row(wanted, term, known, table) > distance:
                after = _behind(text, ends, row, last, _bytes_of(text, begin, end, known))
                break
        if known == length < most and table[length, size] <= distance:
            rows[found] = row
            found += 1
    return found


@njit(error_model="numpy")
def _bounds(ends, row, size):
    """Return where a term's bytes begin and end."""
    return np.int64(ends[row - 1]) if row else np.int64(0), min(np.int64(ends[row]), size)


@njit(error_model="numpy")
def _behind(text, ends, row, last, size):
    """Return the first row behind `row` that does not begin with the same `size` bytes, or `last`: wider steps, then halves."""
    step = 1
    while row + step < last and _begin_alike(text, ends, row, row + step, size):
        step *= 2
    low, high = row + step // 2, min(row + step, last)  # `low` begins alike, `high` does not or is the last
    while high - low > 1:
        middle = (low + high) >> 1
        if _begin_alike(text, ends, row, middle, size):
            low = middle
        else:
            high = middle
    return high


@njit(error_model="numpy")
def _begin_alike(text, ends, row, other, size):
    begin, _ = _bounds(ends, row, len(text))
    other_begin, other_end = _bounds(ends, other, len(text))
    place = 0
    while place < size and other_begin + place < other_end and peek(text, begin + place) == peek(text, other_begin + place):
        place += 1
    return place == size


@njit(error_model="numpy")
def _next_row(one, other, row, table):
    """Write the distances of the first `row` code points of `other` from each beginning of `one`; return the least of them.

    They are counted as docs/scoring.md says. If none is small enough, none of a longer beginning is: an exchange of neighbours
    costs as much as what it leads past.
    """
    now, before, older = table[row], table[row - 1], table[row - 2 if row > 1 else 0]
    now[0] = row
    least = row
    for place in range(1, len(one) + 1):
        differs = 0 if one[place - 1] == other[row - 1] else 1
        value = min(before[place] + 1, now[place - 1] + 1, before[place - 1] + differs)
        if row > 1 and place > 1 and one[place - 1] == other[row - 2] and one[place - 2] == other[row - 1]:
            value = min(value, older[place - 2] + 1)
        now[place] = value
        least = min(least, value)
    return least


@njit(error_model="numpy")
def _bytes_of(text, begin, end, number):
    """Return how many bytes the first `number` code points take."""
    at = begin
    while at < end:
        if text[at] & 0xC0 != 0x80:
            if number == 0:
                break
            number -= 1
        at += 1
    return at - begin


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
