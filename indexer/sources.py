"""Which declaration holds for a file: what the operator said of the nearest folder above it.

What the command line says is kept in the catalogue; what congbao.toml says holds while it stands there. Where both speak of a
folder the more closed one holds, and closing a folder closes what was opened below it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from indexer.catalogue import Declaration
from indexer.config import Source
from indexer.model import Visibility


class Declarations:
    """All declarations in force, the nearest folder deciding. Paths are absolute."""

    def __init__(self, stored: Iterable[Declaration], configured: Mapping[str, Source]) -> None:
        self._stored = {declaration.path: declaration for declaration in stored}
        self._configured = {
            path: Declaration(path, name, source.publishable, source.visibility, source.kind, source.site)
            for name, source in configured.items()
            for path in [source.path.resolve()]
        }
        self.said: list[Declaration] = []  # by `declare`, for the catalogue to keep

    def governing(self, path: Path) -> Declaration:
        """Return what holds for `path`; a place never declared is a source of its own, not publishable."""
        for place in (path, *path.parents):
            if (declaration := self._at(place)) is not None:
                return declaration
        return Declaration(path)

    def declare(
        self, path: Path, name: str | None = None, publishable: bool | None = None, visibility: Visibility | None = None
    ) -> None:
        """Note what the operator says now of `path`; None leaves what held before."""
        given = {"name": name, "publishable": publishable, "visibility": visibility}
        changes = {key: value for key, value in given.items() if value is not None}
        if not changes:
            return
        self._say(replace(self.governing(path), path=path, **changes))  # type: ignore[arg-type]
        closing: dict[str, Any] = {"publishable": False} if publishable is False else {}
        closing |= {"visibility": Visibility.INTERNAL} if visibility is Visibility.INTERNAL else {}
        for place in {*self._stored, *self._configured} if closing else ():
            below = self._at(place)
            if below is not None and path in place.parents:
                self._say(replace(below, **closing))

    def _say(self, declaration: Declaration) -> None:
        self._stored[declaration.path] = declaration
        self.said.append(declaration)

    def _at(self, path: Path) -> Declaration | None:
        kept, configured = self._stored.get(path), self._configured.get(path)
        if kept is None or configured is None:
            return configured or kept
        closed = Visibility.INTERNAL in {kept.visibility, configured.visibility}
        return replace(
            configured,
            publishable=kept.publishable and configured.publishable,
            visibility=Visibility.INTERNAL if closed else Visibility.PUBLIC,
        )
