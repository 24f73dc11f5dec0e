"""Columns of codes: which entries have some of them, and how many entries each of them has."""

import numpy as np
from numba import njit

from indexer.engine.whooshdb.kernels.bits import peek, poke, trailing_zeros


@njit(nogil=True, error_model="numpy")
def select(codes, chosen, bitmap):
    """Set the bits of the entries whose code is chosen; `bitmap` has room for all and is empty. An unknown code is not."""
    for word in range((len(codes) + 63) >> 6):
        bits = np.uint64(0)
        for place in range(min(64, len(codes) - 64 * word)):
            code = np.int64(peek(codes, 64 * word + place))
            if code < len(chosen):  # checked at opening, but a mapped file can go bad later
                bits |= np.uint64(peek(chosen, code)) << np.uint64(place)
        bitmap[word] = bits


@njit(nogil=True, error_model="numpy")
def count(bitmap, codes, counts):
    """Count the entries in a bitmap by their code; those of an unknown one are left out.

    Entries side by side are mostly of one document, or of one year: a code is written when another follows.
    """
    last, times = np.int64(0), np.int64(0)
    for word in range(len(bitmap)):
        bits = bitmap[word]
        while bits:
            code = np.int64(peek(codes, 64 * word + trailing_zeros(bits)))
            if code != last:
                if last < len(counts):
                    poke(counts, last, peek(counts, last) + times)
                last, times = code, np.int64(0)
            times += 1
            bits &= bits - np.uint64(1)
    if last < len(counts):
        poke(counts, last, peek(counts, last) + times)
