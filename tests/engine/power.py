"""What a loss of power may leave of a folder: a disk that remembers what was done to it, and every state it may come back in.

More hostile than ext4 and XFS are. What was written and not brought to the disk is there, missing, cut short, or zeroes. Each
name that was made, removed or changed since its folder was last brought to the disk is as before or as after, in any combination;
a rename is two such changes. The file's own fsync says nothing about its name.
"""

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from indexer.engine.whooshdb.storage import Disk

Tree = dict[str, bytes | None]  # path below the root → content; None for a folder
Step = tuple[Any, ...]  # what was done, then paths below the root, or content


class Stopped(BaseException):
    """The writing process has died; nothing in it may catch this and go on."""


class RecordingDisk(Disk):
    """Does everything below `root` for real and writes it down.

    From the step on that `stop` names, or after so many steps, the process is dead. After `interrupted` steps one fails.
    """

    def __init__(self, root: Path, steps: list[Step], stop: Step | int | None = None, interrupted: int | None = None) -> None:
        self._root, self._steps, self._stop, self._interrupted = root, steps, stop, interrupted
        self._dead = False
        self._taken = 0

    def _tell(self, kind: str, *paths: Path) -> None:
        step = (kind, *(str(path.relative_to(self._root)) for path in paths))
        if isinstance(self._stop, tuple):
            self._dead |= step[0] == self._stop[0] and step[-1].endswith(self._stop[1])
        self._dead |= self._taken == self._stop
        if self._dead:
            raise Stopped
        self._taken += 1
        if self._taken - 1 == self._interrupted:
            raise KeyboardInterrupt
        self._steps.append(step)

    def remove(self, path: Path) -> None:
        """Remove and write down."""
        self._tell("remove", path)
        super().remove(path)

    def sync_folder(self, folder: Path) -> None:
        """Write down; the real disk need not be waited for."""
        self._tell("sync_folder", folder)

    def _create(self, path: Path) -> BinaryIO:
        self._tell("create", path)
        return super()._create(path)

    def _append(self, file: BinaryIO, piece: Any) -> int:
        self._tell("append", Path(file.name))
        self._steps[-1] += (bytes(piece),)
        return super()._append(file, piece)

    def _sync(self, file: BinaryIO) -> None:
        self._tell("sync", Path(file.name))

    def _rename(self, path: Path, target: Path) -> None:
        self._tell("rename", path, target)
        super()._rename(path, target)

    def _make(self, folder: Path) -> None:
        self._tell("make", folder)
        super()._make(folder)

    def _unmake(self, folder: Path) -> None:
        self._tell("unmake", folder)
        super()._unmake(folder)


class ForgetfulDisk(Disk):
    """Waits for nothing: for looking at what has come back."""

    def sync_folder(self, folder: Path) -> None:
        """Leave it."""

    def _sync(self, file: BinaryIO) -> None:
        pass


@dataclass(eq=False)
class _File:
    content: bytes = b""
    safe: bytes = b""  # what of it is on the disk


@dataclass(eq=False)
class _Folder:
    safe: "dict[str, _Node]" = field(default_factory=dict)
    changed: "list[tuple[str, _Node | None]]" = field(default_factory=list)  # since, in order: a name's new file, None: removed

    def now(self) -> "dict[str, _Node]":
        return _changed(self.safe, self.changed)


_Node = _File | _Folder


def _changed(names: dict[str, _Node], changes: Sequence[tuple[str, _Node | None]]) -> dict[str, _Node]:
    names = dict(names)
    for name, node in changes:
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node
    return names


def _torn(file: _File, way: int) -> bytes:
    """Return what may be left of a file, whole for way 0."""
    safe, content = file.safe, file.content
    fresh = content[len(safe) :]
    half = len(fresh) // 2
    return (
        content,
        safe,
        safe + fresh[:half],
        content[:-1] if fresh else content,
        safe + bytes(len(fresh)),
        safe + fresh[:half] + bytes(len(fresh) - half),
        safe + bytes(half) + fresh[half:],
    )[way]


_WAYS = 7


class Machine:
    """The root folder's true state, step by step."""

    def __init__(self) -> None:
        self._root = _Folder()

    def do(self, step: Step) -> None:
        """Take one step. Removing what the machine never heard of is no step: somebody else wrote it and it is gone."""
        kind, *rest = step
        folder, name = self._place(rest[0])
        if kind == "sync_folder":
            target = folder.now()[name] if name else folder
            target.safe, target.changed = target.now(), []
        elif kind in {"create", "make"}:
            folder.changed.append((name, _File() if kind == "create" else _Folder()))
        elif kind == "append":
            folder.now()[name].content += rest[1]
        elif kind == "sync":
            file = folder.now()[name]
            file.safe = file.content
        elif kind == "rename":
            target, new = self._place(rest[1])
            target.changed.append((new, folder.now()[name]))
            folder.changed.append((name, None))
        elif name in folder.now():
            folder.changed.append((name, None))

    def _place(self, path: str) -> tuple[Any, str]:
        *above, name = Path(path).parts or ("",)
        folder: Any = self._root
        for part in above:
            folder = folder.now()[part]
        return folder, name

    def after_power_loss(self, chance: random.Random, some: int) -> Iterator[Tree]:
        """Yield what may have come back: the extremes, single names kept or lost, and `some` random states of each sort."""
        changes = list(self._pending(self._root))
        everything = frozenset(changes)
        for kept in (frozenset(), everything):
            yield from (self._tree(kept, [way]) for way in range(_WAYS))
        for change in changes if len(changes) <= some else chance.sample(changes, some):
            yield self._tree(frozenset({change}), [0])
            yield self._tree(everything - {change}, [0])
            yield self._tree(everything - {change}, range(_WAYS), chance)
        for _ in range(some):
            kept = frozenset(change for change in changes if chance.random() < 0.5)
            yield self._tree(kept, [0])
            yield self._tree(kept, range(_WAYS), chance)

    def _pending(self, folder: _Folder) -> Iterator[tuple[_Folder, int]]:
        yield from ((folder, number) for number in range(len(folder.changed)))
        below = dict.fromkeys([*folder.safe.values(), *(node for _, node in folder.changed if node)])
        for node in below:
            if isinstance(node, _Folder):
                yield from self._pending(node)

    def _tree(self, kept: frozenset[tuple[_Folder, int]], ways: Sequence[int], chance: random.Random | None = None) -> Tree:
        tree: Tree = {}

        def look(folder: _Folder, above: str) -> None:
            changes = [change for number, change in enumerate(folder.changed) if (folder, number) in kept]
            for name, node in _changed(folder.safe, changes).items():
                path = f"{above}{name}"
                if isinstance(node, _File):
                    tree[path] = _torn(node, chance.choice(ways) if chance else ways[0])
                else:
                    tree[path] = None
                    look(node, f"{path}/")

        look(self._root, "")
        return tree


def fingerprint(tree: Tree) -> bytes:
    """Return what tells trees apart."""
    digest = hashlib.sha256()
    for path in sorted(tree):
        content = tree[path]
        digest.update(f"{path}\0{'' if content is None else hashlib.sha256(content).hexdigest()}\0".encode())
    return digest.digest()


def lay_out(tree: Tree, root: Path) -> None:
    """Write a tree into an empty folder."""
    root.mkdir()
    for path in sorted(tree):  # a folder comes before what is in it
        content = tree[path]
        if content is None:
            (root / path).mkdir()
        else:
            (root / path).write_bytes(content)
