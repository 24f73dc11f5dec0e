"""Which declaration holds for a file: what the operator said of the nearest folder above it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from indexer.catalogue import Declaration
from indexer.config import Source
from indexer.model import Visibility


class Declarations:
    """All declarations in force, the nearest folder deciding. Paths are absolute."""

    def __init__(self, stored: Iterable[Declaration], configured: Mapping[str, Source]) -> None:
        self._by_path = {declaration.path: declaration for declaration in stored}
        for name, source in configured.items():  # congbao.toml is read anew by each command, so it wins over what was kept
            path = source.path.absolute()
            self._by_path[path] = Declaration(path, name, source.publishable, source.visibility, source.kind, source.site)

    def governing(self, path: Path) -> Declaration:
        """Return what holds for `path`; a place never declared is a source of its own, not publishable."""
        for place in (path, *path.parents):
            if place in self._by_path:
                return self._by_path[place]
        return Declaration(path)

    def declare(
        self, path: Path, name: str | None = None, publishable: bool | None = None, visibility: Visibility | None = None
    ) -> None:
        """Note what the operator says now of `path`; None leaves what held before."""
        given = {"name": name, "publishable": publishable, "visibility": visibility}
        changes = {key: value for key, value in given.items() if value is not None}
        if changes or self.governing(path).path == path:
            self._by_path[path] = replace(self.governing(path), path=path, **changes)  # type: ignore[arg-type]

    def nearest(self, paths: Iterable[Path]) -> list[Declaration]:
        """Return the declarations that decide about anything at or below `paths`, outer folders first."""
        wanted = list(paths)
        above = {self.governing(path).path: self.governing(path) for path in wanted}
        below = {place: said for place, said in self._by_path.items() if any(place.is_relative_to(path) for path in wanted)}
        return [declaration for _, declaration in sorted((above | below).items())]
