"""Chunks, what stands between white space: each one of many texts as a number, for legal text repeats its chunks.

What is worked out of a chunk is then worked out once for all its occurrences, and no string is made for each of them.
"""

import secrets
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analyzers.kernels.chunks import number_chunks

_SPACES: Final = np.array([chr(code).isspace() for code in range(0x3001)])  # no space is above U+3000
# Another one in each process, so that nobody knows which chunks fall on one place of the table.
_FACTOR: Final = np.uint64(secrets.randbits(64) | 1)


class Chunks(NamedTuple):
    """The chunks of several texts: text i has the next counts[i] of `numbers`, chunks[number] each, at `starts` in it."""

    chunks: list[str]
    numbers: NDArray[np.int32]
    starts: NDArray[np.int64]
    counts: NDArray[np.int64]


def find_chunks(texts: Sequence[str]) -> Chunks:
    """Cut `texts` as `str.split` does and number the different chunks in order of their first occurrence."""
    joined = "\n".join(texts)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    room = len(codes) // 2 + 1
    numbers, starts = np.empty(room, np.int32), np.empty(room, np.int64)
    firsts, ends = np.empty(room, np.int64), np.empty(room, np.int64)
    found, different = number_chunks(codes, _SPACES, _FACTOR, numbers, starts, firsts, ends)
    begins = np.concatenate(([0], np.cumsum([len(text) + 1 for text in texts], dtype=np.int64)))
    bounds = np.searchsorted(starts[:found], begins)
    counts = np.diff(bounds)
    places = zip(firsts[:different].tolist(), ends[:different].tolist(), strict=True)
    return Chunks(
        [joined[first:end] for first, end in places], numbers[:found], starts[:found] - np.repeat(begins[:-1], counts), counts
    )
