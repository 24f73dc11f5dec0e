"""The word model's kernels: from units as numbers to which of them join the word before, compiled by numba.

A run of one, two or three units has weights, one for each place that it may have beside the unit that is tagged. Runs of two
and three units stand in a hash table under (row of the run without its last unit, last unit), so a run is found through its
beginning, which was found one unit before. Import this only where words are found: numba takes half a second.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# A unit as one number: its number as written, its number in small letters, then two bits.
SPELLING_BITS: Final = 15
TITLE, DIGITS = 2, 1
_SPELLING: Final = 2**SPELLING_BITS - 1
_PAD: Final = 4  # scores of units that are not there, before and behind the text, so that no place needs a check
FREE: Final = -1  # in a hash table


class Runs(NamedTuple):
    """What the model knows of runs of units under one spelling; unit 0 is every one that it does not know."""

    ones: Floats  # (units, 5): weights of a unit at places -2 to 2
    pair_slots: Ints  # (slots, 3): unit, unit that follows, row of `pairs`
    pairs: Floats  # (rows, 4): weights of the first of two at -2 to 1
    triple_slots: Ints  # (slots, 3): row of `pairs`, unit that follows, row of `triples`
    triples: Floats  # (rows, 3): weights of the first of three at -2 to 0


class Shapes(NamedTuple):
    """What the model says of any unit by its last bits; longer runs are titled where all their units are."""

    ones: Floats  # (4, 5)
    pairs: Floats  # (2, 4)
    triples: Floats  # (2, 3)
    before: Floats  # (3, 5): runs of one, two and three units that begin before the text
    after: Floats  # (3, 5): and that end behind it


def slot(first: int, unit: int, slots: int) -> int:
    """Return where to look first for a run in a table of `slots`, a power of two."""
    return (first * 0x9E3779B1 + unit * 0x85EBCA77) >> 7 & (slots - 1)


_slot: Final[Any] = njit(nogil=True)(slot)


@njit(nogil=True)
def _found(slots: Ints, first: int, unit: int) -> int:
    """Return the row of the run that continues `first` with `unit`, FREE where the model knows none."""
    place = _slot(first, unit, len(slots))
    while slots[place, 2] != FREE and (slots[place, 0] != first or slots[place, 1] != unit):
        place = (place + 1) & (len(slots) - 1)
    return slots[place, 2]  # type: ignore[no-any-return]


@njit(nogil=True)
def score(units: Ints, written: Runs, small: Runs, shapes: Shapes) -> Floats:
    """Return what the units around each unit say for its joining the word before: element 4 + unit."""
    count = len(units)
    scores = np.zeros(count + 2 * _PAD)
    # The run that begins with unit u is at place -2 beside unit u + 2, at -1 beside u + 1, and so forth.
    for run in range(3):
        for step in range(2):
            for place in range(5):
                scores[_PAD + step - place] += shapes.before[run, place]
                scores[_PAD + max(count - run, 0) + step + 2 - place] += shapes.after[run, place]
    written_1 = small_1 = title_1 = title_2 = 0  # of one unit before, and two
    written_pair_1 = small_pair_1 = FREE
    for unit in range(count):
        code = units[unit]
        written_0, small_0, title_0 = code >> (SPELLING_BITS + 2), code >> 2 & _SPELLING, code >> 1 & 1
        for place in range(5):
            scores[_PAD + unit + 2 - place] += (
                written.ones[written_0, place] + small.ones[small_0, place] + shapes.ones[code & 3, place]
            )
        written_pair_0 = small_pair_0 = FREE
        if unit >= 1:
            if written_0 and written_1:
                written_pair_0 = _found(written.pair_slots, written_1, written_0)
            if small_0 and small_1:
                small_pair_0 = _found(small.pair_slots, small_1, small_0)
            for place in range(4):
                scores[_PAD + unit + 1 - place] += (
                    written.pairs[written_pair_0, place]
                    + small.pairs[small_pair_0, place]
                    + shapes.pairs[title_0 & title_1, place]
                )
        if unit >= 2:
            written_triple = small_triple = FREE
            if written_0 and written_pair_1 != FREE:
                written_triple = _found(written.triple_slots, written_pair_1, written_0)
            if small_0 and small_pair_1 != FREE:
                small_triple = _found(small.triple_slots, small_pair_1, small_0)
            for place in range(3):
                scores[_PAD + unit - place] += (
                    written.triples[written_triple, place]
                    + small.triples[small_triple, place]
                    + shapes.triples[title_0 & title_1 & title_2, place]
                )
        written_1, small_1, title_2, title_1 = written_0, small_0, title_1, title_0
        written_pair_1, small_pair_1 = written_pair_0, small_pair_0
    return scores


@njit(nogil=True)
def best_path(scores: Floats, steps: tuple[float, float, float, float]) -> NDArray[np.bool_]:
    """Choose for each unit whether it joins: the path with the highest sum of `scores` (as `score` gives them) and steps."""
    stay_out, go_out, go_in, stay_in = steps
    count = len(scores) - 2 * _PAD
    came_from = np.zeros((count, 2), np.bool_)
    joins = np.zeros(count, np.bool_)
    outside, inside = 0.0, scores[_PAD]  # best sums with the last unit beginning a word, joining one
    for unit in range(1, count):
        came_from[unit, 0] = inside + go_out > outside + stay_out
        came_from[unit, 1] = inside + stay_in > outside + go_in
        outside, inside = (
            max(outside + stay_out, inside + go_out),
            max(outside + go_in, inside + stay_in) + scores[_PAD + unit],
        )
    joined = inside > outside
    for unit in range(count - 1, -1, -1):
        joins[unit] = joined
        joined = came_from[unit, 1 if joined else 0]
    return joins
