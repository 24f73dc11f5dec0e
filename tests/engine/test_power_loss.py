"""Loss of power at any moment of writing: the old state comes back whole or the new one; the new one if `commit` had returned."""

import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engine.building import entry
from engine.power import ForgetfulDisk, Machine, RecordingDisk, Step, Stopped, Tree, fingerprint, lay_out

from indexer.engine.port import SearchRequest
from indexer.engine.query import All, Phrase, Term
from indexer.engine.whooshdb import store as store_module
from indexer.engine.whooshdb.merging import WIDTH
from indexer.engine.whooshdb.storage import Disk, read_record
from indexer.engine.whooshdb.store import WhooshStore
from indexer.errors import IndexDamaged, IndexMissing

SECRET = "xyzthuhoi"
ASKED = (SearchRequest(All(), facets=("year",), limit=100), SearchRequest(Phrase(("quy", "hoạch"))), SearchRequest(Term(SECRET)))
NOTHING: tuple[Any, ...] = (0, [], [])


def answer(store: WhooshStore) -> tuple[Any, ...]:
    """Return everything that a generation says; an index without a commit says what no index says."""
    try:
        engine = store.engine()
    except IndexMissing:
        return NOTHING
    change, results = engine.generation().change, [engine.search(asked) for asked in ASKED]
    engine.close()
    return (change, sorted(hit.key for hit in results[0].hits), results) if change else NOTHING


class Story:
    """Commits on a disk that remembers, and what each of them makes the index say."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()
        self.steps: list[Step] = []
        self.answers: list[tuple[Any, ...]] = [NOTHING]

    def commit(
        self,
        *keys: int,
        delete: Iterable[int] = (),
        purge: Iterable[int] = (),
        rebuild: bool = False,
        secret: int = 0,
        stop: Step | int | None = None,
        interrupted: int | None = None,
    ) -> None:
        """Replace `keys`, delete, purge and commit; the document `secret` holds SECRET. `stop` is where the process dies."""
        change = len(self.answers)
        store = WhooshStore(self.root / "index", disk=RecordingDisk(self.root, self.steps, stop, interrupted))
        try:
            with store.rebuild() if rebuild else store.writer() as writer:
                for key in keys:
                    body = f"quy hoạch {change} {SECRET if key == secret else 'đất'} " * 3
                    writer.replace(key, [entry(key, body=body, year=2000 + change)])
                for key in delete:
                    writer.delete(key)
                if purge:
                    writer.purge(set(purge))
                self.steps.append(("begin",))
                writer.commit(change)
        except (Stopped, KeyboardInterrupt):
            self.steps.append(("died",))
            return
        self.steps.append(("returned", SECRET if purge else ""))
        self.answers.append(answer(WhooshStore(self.root / "index")))


class Inquest:
    """Looks at a share of the states that may come back, and has a writer go on from a fifth, or from each when `thorough`."""

    def __init__(self, story: Story, folder: Path, seed: int = 0, share: float = 1.0, thorough: bool = False) -> None:
        self.story, self.folder, self.share = story, folder, share
        self.chance, self.thorough = random.Random(seed), thorough
        self.seen: dict[bytes, tuple[Any, ...]] = {}

    def run(self, steps: Iterable[Step], first: int = 0) -> None:
        """Cut the power after each step, once `first` commits have returned."""
        machine, returned, writing, gone = Machine(), 0, False, ""
        for step in steps:
            if step[0] in {"begin", "died", "returned"}:
                writing = step[0] == "begin"
                returned += step[0] == "returned"
                gone = step[1] if step[0] == "returned" else gone
            else:
                machine.do(step)
            if returned >= first and step[0] not in {"create", "sync"}:  # the writing between them may leave all that these may
                for tree in machine.after_power_loss(self.chance, 12 if self.thorough else 1):
                    self._look(tree, returned, writing, gone)

    def _look(self, tree: Tree, returned: int, writing: bool, gone: str) -> None:
        known = fingerprint(tree)
        if known not in self.seen and self.chance.random() >= self.share:
            return
        if known not in self.seen:
            lay_out(tree, self.folder / "back")
            try:
                self.seen[known] = self._open(WhooshStore(self.folder / "back" / "index", disk=ForgetfulDisk()))
            finally:
                shutil.rmtree(self.folder / "back")
        assert self.seen[known] in self.story.answers[returned : returned + 1 + writing]
        assert not gone or not any(content and gone.encode() in content for content in tree.values())

    def _open(self, store: WhooshStore) -> tuple[Any, ...]:
        assert store.verify() == []
        found = answer(store)
        if self.thorough or self.chance.random() < 0.2:
            self._go_on(store, found)
        return found

    @staticmethod
    def _go_on(store: WhooshStore, found: tuple[Any, ...]) -> None:
        with store.writer() as writer:
            writer.replace(99, [entry(99, body="quy hoạch")])
            writer.commit(found[0] + 1)
        assert store.verify() == []
        assert answer(store)[:2] == (found[0] + 1, [*found[1], 99])


@pytest.fixture(autouse=True)
def no_other_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody replaces what is being opened, so looking once is enough."""
    monkeypatch.setattr(store_module, "_ATTEMPTS", 1)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: thousands of folders come back, and nobody must wait for their files to go."""
    place = Path("/dev/shm")
    if not os.access(place, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=place) as folder:
        yield Path(folder)


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """A story without a commit."""
    return Story(tmp_path / "written")


def first_commit(story: Story) -> int:
    """From no folder to the first generation."""
    story.commit(1, 2)
    return 0


def second_commit(story: Story) -> int:
    """A segment beside the first, one of its documents replaced, one deleted."""
    story.commit(1, 2, 3)
    story.commit(1, 4, delete=[3])
    return 1


def tier_merge(story: Story) -> int:
    """The commit that makes one segment of a full tier and drops the rest."""
    for key in range(1, WIDTH + 1):
        story.commit(key, 50, delete=[key - 2])
    story.commit(60)
    return WIDTH


def rebuilding(story: Story) -> int:
    """A new folder, the swap of CURRENT, the old folder removed, and a commit after it."""
    story.commit(1, 2)
    story.commit(2, 3, rebuild=True)
    story.commit(4)
    return 1


def after_a_death(story: Story) -> int:
    """A writer dies before it names its generation; what it left lies there when the next one commits the same number."""
    story.commit(1, 2)
    story.commit(2, 3, stop=("rename", ".toc"))
    story.commit(2, 4)
    return 1


def after_a_dead_rebuild(story: Story) -> int:
    """A rebuild dies before CURRENT names it, another after."""
    story.commit(1, 2)
    story.commit(3, rebuild=True, stop=("rename", "CURRENT"))
    story.commit(4, rebuild=True)
    return 1


def recall(story: Story) -> int:
    """A document goes with every byte, from the live entries and from those deleted before; older segments are gone."""
    story.commit(1, 2, 3, secret=2)
    story.commit(2, 4, 5, secret=2)
    story.commit(6, purge=[2])
    story.commit(7)
    return 2


STORIES: tuple[Callable[[Story], int], ...] = (
    first_commit,
    second_commit,
    tier_merge,
    rebuilding,
    after_a_death,
    after_a_dead_rebuild,
    recall,
)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 6))])
@pytest.mark.parametrize("tell", STORIES, ids=lambda tell: tell.__name__)
def test_whenever_the_power_goes_a_whole_state_comes_back(
    story: Story, memory: Path, tell: Callable[[Story], int], seed: int
) -> None:
    """It opens, `verify` is clean, it says what the old or the new generation said, and the next writer goes on from it."""
    first = tell(story)
    inquest = Inquest(story, memory, seed, share=1.0 if seed else 0.4, thorough=seed > 0)
    inquest.run(story.steps, first)
    assert len(inquest.seen) > (50 if seed else 15)


@pytest.mark.parametrize("how", ["stop", "interrupted"])
@pytest.mark.parametrize("rebuild", [False, True])
def test_who_goes_on_after_a_writer_that_died_keeps_its_promise(
    tmp_path: Path, memory: Path, rebuild: bool, how: str, request: pytest.FixtureRequest
) -> None:
    """A writer dies after each step, or one step fails: until the next commit returns a whole state comes back, then that one."""
    whole = Story(tmp_path / "whole")
    whole.commit(1, 2)
    begun = len(whole.steps)
    whole.commit(2, 3, rebuild=rebuild)
    taken = [step for step in whole.steps[begun:] if step[0] not in {"begin", "returned"}]
    long = request.config.getoption("--long")
    for number, step in enumerate(taken[:-1], 1):  # after the last one nothing is left to die in
        if long or (
            step[0] == "rename" and step[-1].endswith((".toc", "CURRENT"))
        ):  # where it dies before the name is on the disk
            story = Story(tmp_path / str(number))
            story.commit(1, 2)
            story.commit(2, 3, rebuild=rebuild, **{how: number})
            assert story.steps[-1] == ("died",)
            look_from(len(story.steps), story, memory, random.Random(number), long)


def look_from(death: int, story: Story, memory: Path, chance: random.Random, long: bool) -> None:
    """Open the index, commit, and cut the power after a share of the steps since the death (or of removals), and in the end."""
    allowed = [*story.answers, answer(WhooshStore(story.root / "index"))]
    story.answers.append(allowed[-1])
    story.commit(4)
    allowed.append(story.answers[-1])
    machine = Machine()
    for place, step in enumerate(story.steps):
        if step[0] not in {"begin", "died", "returned"}:
            machine.do(step)
        share = 0.3 if long else 0.4 * (step[0] == "remove")
        if place < death or (step[0] != "returned" and chance.random() >= share):
            continue
        for tree in machine.after_power_loss(chance, 4):
            lay_out(tree, memory / "back")
            found = WhooshStore(memory / "back" / "index", disk=ForgetfulDisk())
            assert answer(found) in (allowed[-1:] if step[0] == "returned" else allowed[1:])
            assert found.verify() == []
            shutil.rmtree(memory / "back")


def without_syncing_files(steps: list[Step]) -> list[Step]:
    """A disk that is not waited for after writing."""
    return [step for step in steps if step[0] != "sync"]


def without_syncing_folders(steps: list[Step]) -> list[Step]:
    """A disk that is not asked to keep names."""
    return [step for step in steps if step[0] != "sync_folder"]


def without_syncing_removals(steps: list[Step]) -> list[Step]:
    """A disk that is asked to keep names before the old ones are removed, and not after."""
    after_removal = [False, *(step[0] in {"remove", "unmake"} for step in steps)]
    return [step for step, after in zip(steps, after_removal, strict=False) if step[0] != "sync_folder" or not after]


def earlier(wanted: Callable[[Step], bool]) -> Callable[[list[Step]], list[Step]]:
    """A writer that takes some steps of each commit before the others."""

    def reorder(steps: list[Step]) -> list[Step]:
        ordered: list[Step] = []
        place = None  # for what comes earlier, while a commit is going on
        for step in steps:
            if place is not None and wanted(step):
                ordered.insert(place, step)
                place += 1
            else:
                ordered.append(step)
            if step[0] in {"begin", "returned"}:
                place = len(ordered) if step[0] == "begin" else None
        return ordered

    return reorder


def names_generation(step: Step) -> bool:
    """Tell whether a step brings a table of contents into its place and to the disk."""
    return ".toc" in str(step[1]) and step[0] != "remove"


@pytest.mark.parametrize(
    ("tell", "worse"),
    [
        (first_commit, without_syncing_files),
        (second_commit, without_syncing_files),
        (first_commit, without_syncing_folders),
        (rebuilding, without_syncing_folders),
        (second_commit, earlier(names_generation)),
        (tier_merge, earlier(lambda step: step[0] == "remove" and "draft" not in step[1])),
        (rebuilding, earlier(lambda step: "CURRENT" in str(step[1]))),
        (recall, without_syncing_removals),
    ],
)
def test_a_worse_disk_is_found_out(
    story: Story, memory: Path, tell: Callable[[Story], int], worse: Callable[[list[Step]], list[Step]]
) -> None:
    """Each thing that the disk is asked for is needed: without it, some state that comes back is none of the two."""
    first = tell(story)
    with pytest.raises((AssertionError, IndexDamaged)):
        Inquest(story, memory).run(worse(story.steps), first)


def test_the_disk_is_really_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the recording disk writes down is an fsync of the system's: of each file before its name is used, of each folder."""
    asked: list[Path] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: asked.append(Path(f"/proc/self/fd/{descriptor}").readlink()))
    disk, folder = Disk(), tmp_path / "a" / "b"
    disk.make_folder(folder)
    assert asked == [tmp_path, folder.parent]
    written = disk.write(folder / "file", (b"quy ", memoryview(b"ho\xe1\xba\xa1ch"), np.arange(3)))
    assert asked[2:] == [folder / "file"]
    assert written == read_record(folder / "file")
    with pytest.raises(FileExistsError):
        disk.write(folder / "file", ())
    (folder / "name.draft").write_bytes(b"of a crash")
    disk.replace(folder / "name", b"new")
    assert asked[3:] == [folder / "name.draft", folder]
    assert ((folder / "name").read_bytes(), sorted(path.name for path in folder.iterdir())) == (b"new", ["file", "name"])
    disk.remove_folder(tmp_path / "a")
    disk.remove_folder(tmp_path / "a")
    disk.remove(tmp_path / "a")
    assert not (tmp_path / "a").exists()
