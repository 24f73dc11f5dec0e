"""What the leaves of a program are in one segment, gathered into the few arrays that the kernel takes."""

from typing import Final

import numpy as np
import numpy.typing as npt

from indexer.engine.whooshdb.segments import Bitmap, Floats, Ints

NO_HITS: Final[tuple[Ints, Floats]] = (np.empty(0, np.int64), np.empty(0))
_NO_BITMAPS: npt.NDArray[np.uint64] = np.empty((0, 0), np.uint64)


class Leaves:
    """What the leaves of a program are in one segment, as the kernel takes it."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.lists: list[int] = []
        self.weights: list[float] = []
        self.factors: list[float] = []
        self.bitmaps: list[Bitmap] = []
        self._hits: list[tuple[Ints, Floats]] = []
        self._size = 0  # of all hits

    def add_hits(self, hits: tuple[Ints, Floats]) -> None:
        """Add the list of a phrase: where its hits begin and end among those of all."""
        self.lists += (self._size, self._size + len(hits[0]), 0)
        self.weights.append(0.0)
        self._hits.append(hits)
        self._size += len(hits[0])

    def joined_bitmaps(self) -> Bitmap:
        """Return the bitmaps as rows of one array."""
        return np.stack(self.bitmaps) if self.bitmaps else _NO_BITMAPS

    def joined_hits(self) -> tuple[Ints, Floats]:
        """Return the hits of all phrases, one after the other."""
        if len(self._hits) < 2:
            return self._hits[0] if self._hits else NO_HITS
        entries, weights = zip(*self._hits, strict=True)
        return np.concatenate(entries), np.concatenate(weights)
