"""Numbering chunks through a hash table, compiled by numba."""

from typing import Any, Final

import numpy as np
from numba import njit

_BITS: Final = 12  # of the first table's size
_FREE: Final = -1  # in a table


@njit(nogil=True)
def number_chunks(codes: Any, spaces: Any, factor: Any, numbers: Any, starts: Any, firsts: Any, ends: Any) -> tuple[int, int]:
    """Write each chunk's number and start in code points, and where each number's chunk stands first.

    Returns how many chunks there are, and how many different ones.
    """
    bits = _BITS
    slots = np.full(1 << bits, _FREE, np.int32)
    hashes = np.empty(len(numbers), np.uint64)
    found = different = at = 0
    while at < len(codes):
        begin, hashed = at, np.uint64(1)
        while at < len(codes) and (codes[at] >= len(spaces) or not spaces[codes[at]]):
            hashed = (hashed ^ codes[at]) * factor
            hashed ^= hashed >> np.uint64(29)
            at += 1
        if at == begin:
            at += 1
            continue
        place = np.int64(hashed >> np.uint64(64 - bits))
        while slots[place] != _FREE and not (
            hashes[slots[place]] == hashed and _same(codes, firsts[slots[place]], ends[slots[place]], begin, at)
        ):
            place = (place + 1) & (len(slots) - 1)
        if slots[place] == _FREE:
            slots[place] = different
            hashes[different], firsts[different], ends[different] = hashed, begin, at
            different += 1
        numbers[found], starts[found] = slots[place], begin
        found += 1
        if 2 * different > len(slots):
            bits += 2
            slots = _rehashed(hashes[:different], bits)
    return found, different


@njit
def _same(codes: Any, first: int, end: int, begin: int, stop: int) -> bool:
    if end - first != stop - begin:
        return False
    for step in range(end - first):  # noqa: SIM110  numba compiles no generator
        if codes[first + step] != codes[begin + step]:
            return False
    return True


@njit
def _rehashed(hashes: Any, bits: int) -> Any:
    slots = np.full(1 << bits, _FREE, np.int32)
    for number in range(len(hashes)):
        place = np.int64(hashes[number] >> np.uint64(64 - bits))
        while slots[place] != _FREE:
            place = (place + 1) & (len(slots) - 1)
        slots[place] = number
    return slots
