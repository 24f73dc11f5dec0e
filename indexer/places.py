"""What one run knows of paths: the ledger's lines as it found them, what it has seen on the disk, and what lies in archives."""

import os
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path

from indexer.catalogue import LedgerLine, Outcome


class Places:
    """The paths at and below a run's roots."""

    def __init__(self, lines: dict[str, LedgerLine]) -> None:
        self.lines = lines
        self.seen: set[str] = set()  # files, and members of archives
        self._sorted = sorted(lines)
        self._looked_into: set[str] = set()  # archives of which it is known what they hold now

    def look_into(self, archive: str) -> None:
        """Note that from now on `seen` has all that an archive holds."""
        self._looked_into.add(archive)

    def members(self, archive: LedgerLine) -> list[LedgerLine]:
        """Return the lines of what an archive held when it was last unpacked, of archives within it too; none of another file."""
        if archive.outcome is not Outcome.UNPACKED:
            return []
        return [line for line in self._below(archive.path) if line.missing_since is None]

    def archives_around(self, path: Path) -> list[Path]:
        """Return the archives that a path lies in: no other file has anything below it."""
        return [parent for parent in path.parents if str(parent) in self.seen or str(parent) in self.lines]

    def is_shut(self, path: str, lines: dict[str, LedgerLine]) -> bool:
        """Tell whether a path lies in an archive that is there but, by `lines`, could or may not be opened."""
        around = (str(parent) for parent in Path(path).parents if str(parent) in self.seen)
        archive = lines.get(next(around, ""))
        return archive is not None and archive.outcome not in {Outcome.INDEXED, Outcome.UNPACKED}

    def is_there(self, path: Path) -> bool:
        """Tell whether a file is on the disk, or in an archive as far as it is known what that holds."""
        if _exists(path):
            return True
        nearest = next(parent for parent in path.parents if _exists(parent))
        return nearest.is_file() and (str(path) in self.seen or str(nearest) not in self._looked_into)

    def _below(self, path: str) -> Iterator[LedgerLine]:
        inside = f"{path}/"
        for place in range(bisect_left(self._sorted, inside), len(self._sorted)):
            if not self._sorted[place].startswith(inside):
                return
            yield self.lines[self._sorted[place]]


def _exists(path: Path) -> bool:
    return os.path.exists(path)  # noqa: PTH110  Path.exists raises for a name that is too long for a file
