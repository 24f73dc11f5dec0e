"""Readers over many generations: whole answers, and nothing that stays behind."""

import gc
import multiprocessing
import threading
import time
import weakref
from collections.abc import Iterator
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
from engine.building import entry, fill, syllables_alone
from engine.victims import read_whole_generations

from indexer.engine.fields import Scope
from indexer.engine.port import SearchRequest, Sort
from indexer.engine.query import And, Fuzzy, Near, OneOf, Or, Phrase, Prefix, Term
from indexer.engine.whooshdb.segments import Snapshot
from indexer.engine.whooshdb.store import WhooshStore

DOCUMENTS = 6
THREADS = 3
MAPPED = 12  # six files of a segment: a map each, and Python's mmap keeps a descriptor beside it
GENERATIONS = [60, pytest.param(1000, marks=pytest.mark.long)]


def write(store: WhooshStore, change: int) -> None:
    """Commit a generation: every text and column of every document says which; every twentieth is a whole new index."""
    with store.rebuild() if change % 20 == 0 else store.writer() as writer:
        for key in range(1, DOCUMENTS + 1):
            columns = {"year": change, "type": f"loại {change}"}
            document = entry(key, title=f"đất đai {change}", body=f"thu hồi đất {change} " * 30, **columns)
            provision = entry(key, Scope.PROVISIONS, 1, heading=f"điều {change}", text="quy hoạch sử dụng đất " * 9, **columns)
            writer.replace(key, [document, provision])
        writer.commit(change)


def mapped(folder: Path) -> int:
    """Count this process's maps of files in a folder and its open files there. Nothing is collected first."""
    maps = Path("/proc/self/maps").read_text().count(str(folder))
    links = []
    for path in Path("/proc/self/fd").iterdir():
        try:
            links.append(str(path.readlink()))
        except FileNotFoundError:
            continue
    return maps + sum(str(folder) in link for link in links)


def private_memory() -> float:
    """Return the process's own memory, MB."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("RssAnon"))
    return int(line.split()[1]) / 1024


@pytest.fixture
def other_process(processes: multiprocessing.context.ForkServerContext, tmp_path: Path) -> Iterator[None]:
    """A process that reads the same index until the test ends."""
    stop: Event = processes.Event()
    process = processes.Process(target=read_whole_generations, args=(tmp_path / "index", stop))
    process.start()
    yield
    stop.set()
    process.join()
    assert process.exitcode == 0


def test_a_generation_that_another_thread_opens_just_now_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has seen a commit return sees it, also while the thread that opened it still holds the lock."""
    store = WhooshStore(tmp_path / "index", analyse=syllables_alone)
    write(store, 1)
    engine = store.engine()
    write(store, 2)

    class Held:
        """A lock that another thread holds."""

        def acquire(self, blocking: bool) -> bool:
            return blocking

        def release(self) -> None:
            pass

    def opened_meanwhile(_snapshot: object) -> bool:
        engine._open()
        return False

    monkeypatch.setattr(engine, "_opening", Held())
    monkeypatch.setattr(engine, "_is_fresh", opened_meanwhile)
    assert engine.generation().change == 2


@pytest.mark.usefixtures("other_process")
@pytest.mark.parametrize("generations", GENERATIONS)
def test_readers_over_many_generations(tmp_path: Path, generations: int) -> None:
    """Every answer is one whole generation; at the end the files of one are open, and memory is what it was early on."""
    store = WhooshStore(tmp_path / "index", analyse=syllables_alone)
    write(store, 1)
    engine = store.engine()
    stopped, failures = threading.Event(), []

    def read() -> None:
        try:
            while not stopped.is_set():
                assert_whole(engine)
                time.sleep(0.005)  # or the writer would get a quarter of the processor
        except BaseException as failure:
            failures.append(failure)
            raise

    def assert_whole(engine) -> None:
        for request in requests():
            result = engine.search(request)
            assert (result.total, [times for _, times in result.facets["year"]]) == (DOCUMENTS, [DOCUMENTS])
            assert result.facets["type"] == ((f"loại {result.facets['year'][0][0]}", DOCUMENTS),)

    readers = [threading.Thread(target=read) for _ in range(THREADS)]
    for reader in readers:
        reader.start()
    early, opened = 0.0, 0
    for change in range(2, generations + 1):
        write(store, change)
        assert engine.generation().change == change
        if change == generations // 5:
            early, opened = private_memory(), mapped(tmp_path)
        if failures:
            break
    stopped.set()
    for reader in readers:
        reader.join()
    assert not failures
    assert_whole(engine)
    assert private_memory() - early < 6
    segments = len(engine._snapshot.views)
    assert mapped(tmp_path) == segments * MAPPED
    assert opened <= 8 * (THREADS + 2) * MAPPED  # while threads still search in older generations
    engine.close()
    assert mapped(tmp_path) == 0


def requests() -> Iterator[SearchRequest]:
    """Every entry of every generation matches each of them."""
    words = (Term("đất"), Phrase(("thu", "hồi")), Near(("đất", "hồi"), 3), Prefix("th"), Fuzzy("đấtt"), Phrase(("đất", "đai")))
    for node in words:
        yield SearchRequest(Or((node, Term("đai"))), filters=(OneOf("visibility", ("public",)),), facets=("year", "type"))
    asked = And((Term("hoạch"), Phrase(("sử", "dụng"), fields=("text",))))
    yield SearchRequest(asked, Scope.PROVISIONS, sort=Sort.NEWEST, facets=("year", "type"))


def test_a_generation_goes_with_its_last_user(tmp_path: Path) -> None:
    """At once, not with the next collection of cycles: nothing that it remembers refers back to it."""
    store = WhooshStore(tmp_path / "index", analyse=syllables_alone)
    write(store, 1)
    engine = store.engine()
    gc.collect()
    gc.disable()
    try:
        for request in requests():
            engine.search(request)
        seen = [weakref.ref(engine._snapshot), *map(weakref.ref, engine._snapshot.norms)]
        segments = [weakref.ref(view.segment) for view in engine._snapshot.views]
        fill(store, entry(99, title="khác"), change=2)
        assert engine.generation().change == 2
        assert [each() for each in seen] == [None] * len(seen)
        assert all(each() for each in segments), "shared with the new generation"
        with store.rebuild() as writer:
            writer.commit(3)
        assert engine.generation().change == 3
        assert [each() for each in segments] == [None] * len(segments)
        assert mapped(tmp_path) == 0  # the new index is empty
        engine.close()
        assert mapped(tmp_path) == 0
    finally:
        gc.enable()


def test_an_opening_that_failed_once_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a commit comes between: the generation before it goes all the same."""
    writing = WhooshStore(tmp_path / "index", analyse=syllables_alone)
    write(writing, 1)
    engine = WhooshStore(tmp_path / "index").engine()
    older, failing = weakref.ref(engine._snapshot), iter([True])
    write(writing, 2)
    opening = Snapshot.__init__

    def refusing_once(self: Snapshot, *given: object) -> None:
        if next(failing, False):
            raise FileNotFoundError(2, "as if a commit had removed it", "segment")
        opening(self, *given)

    monkeypatch.setattr(Snapshot, "__init__", refusing_once)
    gc.collect()
    gc.disable()
    try:
        time.sleep(1.1)
        assert engine.generation().change == 2
        assert older() is None
    finally:
        gc.enable()


def test_a_new_generation_is_seen_while_searches_go_on(tmp_path: Path) -> None:
    """No search waits for the commit of another process's writer: the longest takes a moment, whatever the writer does."""
    store = WhooshStore(tmp_path / "index", analyse=syllables_alone)
    write(store, 1)
    engine = WhooshStore(tmp_path / "index").engine()
    seen, ended = set(), threading.Event()

    def read() -> None:
        while not ended.is_set():
            seen.add(engine.search(SearchRequest(facets=("year",))).facets["year"][0][0])

    reader = threading.Thread(target=read)
    reader.start()
    for change in range(2, 6):
        write(store, change)
        deadline = time.monotonic() + 60
        while change not in seen:
            assert time.monotonic() < deadline, "the new generation is not seen"
            time.sleep(0.01)
    ended.set()
    reader.join()
    engine.close()


def test_what_a_segment_remembers_answers_as_at_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """First letters and phrases are found anew or remembered alike; documents that go later are in no answer."""
    monkeypatch.setattr("indexer.engine.whooshdb.evaluate._LONG_PHRASE", 1)
    store = WhooshStore(tmp_path / "index", analyse=syllables_alone)
    fill(store, *(entry(key, title=f"quy định {key} về đất quy định" if key % 2 else "về đất") for key in range(1, 40)))
    engine = store.engine()
    requests = [
        SearchRequest(query, sort=sort, limit=50)
        for query in (Prefix("đ"), Phrase(("quy", "định")), Near(("đất", "về"), 2), And((Phrase(("quy", "định")), Prefix("đ"))))
        for sort in Sort
    ]
    first = [engine.search(request) for request in requests]
    assert [engine.search(request) for request in requests] == first
    segment = engine._newest().views[0].segment
    assert segment.begun
    assert segment.phrases
    engine.forget()
    assert segment.begun == segment.phrases == {}
    assert [engine.search(request) for request in requests] == first
    with store.writer() as writer:
        writer.delete(1)
        writer.commit(2)
    after = [engine.search(request) for request in requests]
    assert all(result.total == before.total - 1 for result, before in zip(after, first, strict=True) if before.total)
    assert all(hit.key != 1 for result in after for hit in result.hits)
    engine.close()
