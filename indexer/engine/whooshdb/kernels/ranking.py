"""The best of a window's matches by a sum of words, without scoring all of them.

The words come with the one first that can score most. Before each, whoever could not come among the best even with all that the
rest can give is let go; the scores of the others are added as in any sum, to the last bit.
"""

# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False
# What numba compiles has its types from its arguments. Plain loops: array expressions take seconds to compile.

import numpy as np
from numba import njit

from indexer.engine.fields import K1
from indexer.engine.whooshdb.kernels.adding import HITS, POSTINGS, add_hits, add_term
from indexer.engine.whooshdb.kernels.best import is_worse, keep
from indexer.engine.whooshdb.kernels.bits import clear, peek, trailing_zeros
from indexer.engine.whooshdb.kernels.lists import CHUNK, WORDS

_ONE = np.uint64(1)
_ROUNDED = 1e-12  # of a score: more than sums of other orders differ by


@njit(error_model="numpy")
def most_to_come(program, factors):
    """Return for each step that ranks by a term how much it and those behind it can add at most."""
    most = np.zeros(len(program) + 1)
    for step in range(len(program) - 1, -1, -1):
        leaf = program[step, 2]
        most[step] = most[step + 1] + max(0.0, factors[leaf, 0] * factors[leaf, 1]) * (K1 + 1) * (1 + _ROUNDED)
    return most


@njit(error_model="numpy")
def rank_window(
    program, to_come, extras, slots, window, where, leaves, factors, lists, weights, words, records, cursors, norms,
    hits, wtfs, masks, scores, sums, weighted, keys, ordinals, segment, kept, best_scores, best_places,
):  # fmt: skip
    """Keep the best of a window's entries that are in the mask of slot 0; return how many are kept, -1 for a damaged record.

    An entry's score is the sum of the terms' that `program` names, in this order, and of those in the slots `extras`. The mask is
    used up, and so are slot 0's scores, which are those of the terms.
    """
    limit, entries = len(best_scores), len(scores) // (slots + 1)
    touched = slots * WORDS * (entries // CHUNK)
    best_keys, best_ordinals, best_entries = best_places[0], best_places[1], best_places[2]
    clear(scores, 0, CHUNK * len(window))
    for step in range(len(program) + 1):
        if kept == limit:
            needed = best_scores[0] - _ROUNDED * abs(best_scores[0]) - to_come[step]
            if not _let_go(needed, extras, entries, len(window), masks, scores):
                return kept
        if step == len(program):
            break
        leaf = program[step, 2]
        if leaves[leaf, 0] == HITS:
            add_hits(leaf, 0, 0, window, where, leaves, factors, lists, cursors, norms, hits, wtfs, masks, scores)
        elif leaves[leaf, 0] == POSTINGS and not add_term(
            leaf, 0, touched, 0, window, where, leaves, factors, lists, weights, words, records, cursors, norms,
            masks, scores, sums, weighted,
        ):  # fmt: skip
            return -1
    for number in range(len(window)):
        for part in range(WORDS):
            bits = masks[WORDS * number + part]
            while bits:
                place = 64 * part + trailing_zeros(bits)
                bits &= bits - _ONE
                score = peek(scores, CHUNK * number + place)
                for extra in range(len(extras)):
                    score += scores[extras[extra] * entries + CHUNK * number + place]
                entry = CHUNK * window[number] + place
                key, ordinal = keys[entry], np.int64(ordinals[entry])
                if kept < limit or not is_worse(score, key, ordinal, best_scores, best_keys, best_ordinals, 0):
                    kept = keep(
                        score, key, ordinal, segment << 32 | entry, kept, best_scores, best_keys, best_ordinals, best_entries
                    )
    return kept


@njit(error_model="numpy")
def _let_go(needed, extras, entries, width, masks, scores):
    """Take the entries that score less than is needed so far out of slot 0's mask; return whether any are left."""
    if needed <= 0.0:  # nobody can be told apart by what all have
        return True
    left = np.uint64(0)
    for part in range(WORDS * width):
        bits = masks[part]
        if bits and not len(extras):
            bits &= _reaching(needed, scores, 64 * part)
        elif bits:
            bits = _reaching_with(needed, extras, entries, scores, 64 * part, bits)
        masks[part] = bits
        left |= bits
    return left != 0


@njit(error_model="numpy")
def _reaching(needed, scores, at):
    """Return which of 64 entries score so much."""
    found = np.uint64(0)
    for place in range(64):
        found |= np.uint64(peek(scores, at + place) >= needed) << np.uint64(place)
    return found


@njit(error_model="numpy")
def _reaching_with(needed, extras, entries, scores, at, bits):
    """Return which of some of 64 entries score so much with what other slots add."""
    found = np.uint64(0)
    while bits:
        place = at + trailing_zeros(bits)
        score = peek(scores, place)
        for extra in range(len(extras)):
            score += scores[extras[extra] * entries + place]
        found |= np.uint64(score >= needed) << np.uint64(place & 63)
        bits &= bits - _ONE
    return found
