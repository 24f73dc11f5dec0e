"""The best entries so far, as a heap whose root is the worst of them."""

from numba import njit


@njit(error_model="numpy")
def is_worse(score, key, ordinal, scores, keys, ordinals, place):
    """Say whether an entry comes after the one at `place` in the order of docs/scoring.md."""
    if score != scores[place]:
        return score < scores[place]
    if key != keys[place]:
        return key > keys[place]
    return ordinal > ordinals[place]


@njit(error_model="numpy")
def keep(score, key, ordinal, entry, kept, scores, keys, ordinals, entries):
    """Take an entry in if it is good enough; return how many are kept."""
    limit = len(scores)
    place = 0
    if kept == limit:
        if is_worse(score, key, ordinal, scores, keys, ordinals, 0):
            return kept
        while True:  # from the root down, to where both below are better
            child = 2 * place + 1
            if child >= limit:
                break
            right = child + 1
            if right < limit and is_worse(scores[right], keys[right], ordinals[right], scores, keys, ordinals, child):
                child = right
            if is_worse(score, key, ordinal, scores, keys, ordinals, child):
                break
            scores[place], keys[place] = scores[child], keys[child]
            ordinals[place], entries[place] = ordinals[child], entries[child]
            place = child
    else:
        place = kept
        kept += 1
        while place:  # from the end up
            parent = (place - 1) >> 1
            if not is_worse(score, key, ordinal, scores, keys, ordinals, parent):
                break
            scores[place], keys[place] = scores[parent], keys[parent]
            ordinals[place], entries[place] = ordinals[parent], entries[parent]
            place = parent
    scores[place], keys[place], ordinals[place], entries[place] = score, key, ordinal, entry
    return kept
