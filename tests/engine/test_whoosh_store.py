"""What the Whoosh store promises beyond the contract: files, versions, merging, handles."""

import errno
import gc
import multiprocessing
import shutil
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import pytest
import whoosh.index
from engine.building import entry, fill
from engine.victims import LIMIT_MET, fill_with_limit

from analyzers.columns import Columns
from indexer.engine.fields import Scope
from indexer.engine.port import Entry, Generation, SearchRequest
from indexer.engine.query import All, And, Layer, OneOf, Phrase, Prefix, Range, Term
from indexer.engine.whooshdb import gather, merging, schema, writer
from indexer.engine.whooshdb.merging import choose
from indexer.engine.whooshdb.segments import Segment
from indexer.engine.whooshdb.state import SegmentRecord, dump_state, read_state, state_name, toc_name
from indexer.engine.whooshdb.storage import Disk
from indexer.engine.whooshdb.store import WhooshStore
from indexer.errors import IndexDamaged, IndexOutdated


def folder_of(store: WhooshStore) -> Path:
    """Return the live folder."""
    return store._live()


def rows(count: int, change: int = 0) -> list:
    """Return documents with every kind of column and field filled."""
    return [
        entry(key, title=f"đất {key}", body=f"quy hoạch {change}", type=f"loại {key % 3}", year=2000 + key, number=(str(key),))
        for key in range(1, count + 1)
    ]


# Damage


def test_verify_names_the_file_with_a_flipped_byte(whoosh_store: WhooshStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every byte of every file below the store's folder; of large ones, and of their ends, some dozens."""
    monkeypatch.setattr("indexer.engine.whooshdb.store._ATTEMPTS", 1)  # no writer is about
    fill(whoosh_store, *rows(5))
    fill(whoosh_store, *rows(3), change=2)
    shutil.copytree(folder_of(whoosh_store), folder_of(whoosh_store).with_name("gen-000003"))  # one bit from gen-000001
    files = [path for path in folder_of(whoosh_store).iterdir() if path.is_file()]
    for path in [*files, folder_of(whoosh_store).parent / "CURRENT"]:
        content = path.read_bytes()
        for place in sorted({*range(min(len(content), 30)), *range(0, len(content), len(content) // 50 + 1), len(content) - 1}):
            path.write_bytes(content[:place] + bytes([content[place] ^ 1 << place % 8]) + content[place + 1 :])
            (problem,) = whoosh_store.verify()
            assert f"`{path}`" in problem
            assert "congbao reindex" in problem
        path.write_bytes(content)
    assert whoosh_store.verify() == []


def test_a_missing_or_cut_file_is_noticed_on_opening(whoosh_store: WhooshStore) -> None:
    """By reader, by writer and by verify; a rebuild mends it."""
    fill(whoosh_store, *rows(5))
    for path in [folder_of(whoosh_store) / name for name in read_state(folder_of(whoosh_store)).files]:
        content = path.read_bytes()
        for damage in (path.unlink, lambda path=path, content=content: path.write_bytes(content[:-1])):
            damage()
            with pytest.raises(IndexDamaged, match=path.name):
                whoosh_store.engine()
            with pytest.raises(IndexDamaged, match=path.name), whoosh_store.writer():
                pass
            assert path.name in whoosh_store.verify()[0]
            path.write_bytes(content)
    path.unlink()
    with whoosh_store.rebuild() as mending:
        mending.replace(1, rows(1))
        mending.commit(3)
    assert (whoosh_store.verify(), whoosh_store.engine().search(SearchRequest(All())).total) == ([], 1)


@pytest.mark.parametrize("content", ["", "gen-000009", "../elsewhere", "gen-000001/..", "\x00"])
def test_a_damaged_current_file_is_noticed(whoosh_store: WhooshStore, content: str) -> None:
    """It can't lead out of the folder, and a rebuild mends it."""
    fill(whoosh_store, *rows(2), change=4)
    current = folder_of(whoosh_store).parent / "CURRENT"
    current.write_text(content)
    for reading in (whoosh_store.engine, whoosh_store.change, whoosh_store.keys):
        with pytest.raises(IndexDamaged, match="CURRENT"):
            reading()
    assert "CURRENT" in whoosh_store.verify()[0]
    with whoosh_store.rebuild() as mending:
        mending.commit(5)
    assert (whoosh_store.change(), whoosh_store.verify()) == (5, [])


@pytest.mark.parametrize("name", ["state", "toc"])
def test_without_its_small_files_a_generation_is_damaged(whoosh_store: WhooshStore, name: str) -> None:
    """The table of contents and the state file belong together."""
    fill(whoosh_store, *rows(2))
    (folder_of(whoosh_store) / {"state": state_name(1), "toc": toc_name(1)}[name]).unlink()
    with pytest.raises(IndexDamaged):
        whoosh_store.engine()
    with pytest.raises(IndexDamaged):
        whoosh_store.change()
    assert len(whoosh_store.verify()) == 1


# Versions


@pytest.mark.parametrize("change", [{"analysis": 0}, {"analysis": 99}, {"table": "another"}])
def test_an_index_of_another_analysis_is_refused(whoosh_store: WhooshStore, change: dict) -> None:
    """Reading, writing and verifying say `congbao reindex`; a rebuild replaces it."""
    fill(whoosh_store, *rows(2))
    folder = folder_of(whoosh_store)
    (folder / state_name(1)).write_bytes(dump_state(replace(read_state(folder), **change)))
    for use in (whoosh_store.engine, whoosh_store.change, whoosh_store.keys, lambda: fill(whoosh_store)):
        with pytest.raises(IndexOutdated, match="congbao reindex"):
            use()
    assert "congbao reindex" in whoosh_store.verify()[0]
    with whoosh_store.rebuild() as building:
        building.commit(7)
    assert whoosh_store.change() == 7


def test_an_index_of_other_entries_is_refused(whoosh_store: WhooshStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """What entries hold of a document has changed though no field has: the index is to be rebuilt."""
    fill(whoosh_store, *rows(2))
    monkeypatch.setattr(schema, "ENTRIES_VERSION", schema.ENTRIES_VERSION + 1)
    with pytest.raises(IndexOutdated, match="congbao reindex"):
        whoosh_store.engine()


def test_an_open_engine_follows_when_the_index_is_made_outdated(whoosh_store: WhooshStore) -> None:
    """A newer program has rebuilt it: searching says so instead of mixing analyses."""
    fill(whoosh_store, *rows(2))
    engine = whoosh_store.engine()
    fill(whoosh_store, *rows(3), change=2)
    folder = folder_of(whoosh_store)
    (folder / state_name(2)).write_bytes(dump_state(replace(read_state(folder), analysis=99)))
    with pytest.raises(IndexOutdated):
        engine.search(SearchRequest(All()))
    engine.close()


def test_stock_whoosh_opens_the_index(whoosh_store: WhooshStore) -> None:
    """Table of contents, schema, segments and columns are Whoosh's own, deletions too."""
    fill(whoosh_store, *rows(4))
    fill(whoosh_store, *rows(1, change=2), change=2)
    index = whoosh.index.open_dir(str(folder_of(whoosh_store)))
    assert index.doc_count() == 4
    assert index.latest_generation() == 2
    with index.reader() as reader:
        assert [bytes(term) for term in reader.lexicon("number")] == [b"1", b"2", b"3", b"4"]
        assert sorted(reader.column_reader("year")) == [2001, 2001, 2002, 2003, 2004]


# What stays on the disk


def test_a_purge_leaves_no_byte_of_a_document(whoosh_store: WhooshStore) -> None:
    """Nothing of any version, deleted or live, put in this batch or an older one, nor of a rebuild that was never finished."""
    words = ("hoahong", "cuctrang", "sendo", "maivang")
    fill(whoosh_store, *rows(4), entry(9, title="hoahong", number=("hoahong",), type="hoahong"))
    fill(whoosh_store, entry(9, body="cuctrang"), entry(5, body="đất"), change=2)
    shutil.copytree(folder_of(whoosh_store), folder_of(whoosh_store).parent / "gen-000007")
    with whoosh_store.writer() as writing:
        writing.replace(9, [entry(9, body="sendo"), entry(9, Scope.PROVISIONS, 1, heading="maivang")])
        writing.purge([9])
        writing.replace(6, [entry(6, body="đất")])
        writing.commit(3)
        kept = b"".join(path.read_bytes() for path in folder_of(whoosh_store).parent.rglob("*") if path.is_file())
    assert not [word for word in (*words, "id-9") if word.encode() in kept]
    assert (whoosh_store.keys(), whoosh_store.verify()) == ([*range(1, 7)], [])


def test_a_commit_leaves_only_its_own_files(whoosh_store: WhooshStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Older tables, dead segments and drafts are gone; so is what a discarded batch wrote."""
    for change in range(1, 5):
        fill(whoosh_store, *rows(3, change), change=change)
    monkeypatch.setattr(gather, "_TASK", 1)
    monkeypatch.setattr(writer, "BATCH_BYTES", 1)
    folder = folder_of(whoosh_store)
    with whoosh_store.writer() as writing:
        writing.replace(9, [entry(9, body="đất")])
        assert len(list(folder.glob("*.words"))) == 2
    state = read_state(folder)
    assert {path.name for path in folder.iterdir()} == {*state.files, state_name(4), toc_name(4)}
    assert {path.name for path in folder.parent.iterdir()} == {"CURRENT", "WRITELOCK", folder.name}


def test_the_next_writer_removes_what_a_crash_left(whoosh_store: WhooshStore) -> None:
    """An unfinished rebuild, an unnamed segment, a temporary file, a draft, and a generation that was never named."""
    fill(whoosh_store, *rows(3))
    folder = folder_of(whoosh_store)
    shutil.copytree(folder, folder.parent / "gen-000007")
    for name in ("MAIN_0000000000000000.words", "tmpa1b2c3d4", state_name(2), f"{toc_name(2)}.draft", "_MAIN_2.toc.1234"):
        (folder / name).write_bytes(b"x")
    assert whoosh_store.change() == 1
    fill(whoosh_store, *rows(1, change=2), change=2)
    assert whoosh_store.verify() == []
    assert {path.name for path in folder.iterdir()} == {*read_state(folder).files, state_name(2), toc_name(2)}
    assert [path.name for path in folder.parent.glob("gen-*")] == [folder.name]


@pytest.mark.parametrize("spool", [1, 2**20])
@pytest.mark.parametrize("limit", [0, 1_000, 5_000, 20_000])
def test_a_full_disk_leaves_the_old_index(
    whoosh_store: WhooshStore, limit: int, spool: int, processes: multiprocessing.context.ForkServerContext
) -> None:
    """Wherever a write fails, the error comes out, the old generation answers, and the next writer goes on."""
    fill(whoosh_store, *rows(3))
    victim = processes.Process(target=fill_with_limit, args=(folder_of(whoosh_store).parent, limit, spool))
    victim.start()
    victim.join()
    assert victim.exitcode == LIMIT_MET
    assert (whoosh_store.verify(), whoosh_store.change(), whoosh_store.keys()) == ([], 1, [1, 2, 3])
    fill(whoosh_store, *rows(4, change=2), change=2)
    assert whoosh_store.keys() == [1, 2, 3, 4]


class FullDisk(Disk):
    """Refuses to write once it is full."""

    full = False

    def _append(self, file: BinaryIO, piece: Any) -> int:
        if self.full:
            raise OSError(errno.ENOSPC, "no space left")
        return super()._append(file, piece)


def test_a_failed_writer_takes_nothing_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an error half a document may be gathered, so nothing of its batch is ever committed."""
    disk = FullDisk()
    store = WhooshStore(tmp_path / "index", disk=disk)
    fill(store, *rows(2))
    monkeypatch.setattr(gather, "_TASK", 1)
    monkeypatch.setattr(writer, "BATCH_BYTES", 8)
    with store.writer() as writing:
        writing.replace(7, [entry(7, body="đất")])
        disk.full = True
        with pytest.raises(OSError, match="no space left"):
            writing.replace(8, [entry(8, title="a", body="đất " * 9)])
        disk.full = False
        for use in (lambda: writing.replace(9, []), lambda: writing.delete(7), writing.optimize, lambda: writing.commit(2)):
            with pytest.raises(RuntimeError):
                use()
    assert (store.keys(), store.change(), store.verify()) == ([1, 2], 1, [])
    assert {path.name for path in folder_of(store).iterdir()} == {*read_state(folder_of(store)).files, state_name(1), toc_name(1)}


def test_a_failed_analysis_fails_the_writer(tmp_path: Path) -> None:
    """What it raises comes out, from wherever it ran."""

    def analyse(texts: Sequence[str], layer: Layer) -> Columns:
        raise LookupError(*texts)

    store = WhooshStore(tmp_path / "index", analyse=analyse)
    with store.writer() as writing:
        writing.replace(1, [entry(1, title="đất")])
        with pytest.raises(LookupError):
            writing.commit(1)
        with pytest.raises(RuntimeError):
            writing.commit(1)
    assert (store.change(), store.keys()) == (0, [])


def test_more_values_than_a_column_tells_apart_are_refused(whoosh_store: WhooshStore) -> None:
    """In one batch and by a merge: the commit fails and the older generation stays."""

    def of_issuers(key: int, numbers: range) -> list[Entry]:
        return [entry(key, Scope.PROVISIONS, number, issuer=f"cơ quan {number}") for number in numbers]

    fill(whoosh_store, *of_issuers(1, range(2**16 - 1)))
    asked = SearchRequest(OneOf("issuer", (f"cơ quan {2**16 - 2}",)), Scope.PROVISIONS)
    assert [hit.ordinal for hit in whoosh_store.engine().search(asked).hits] == [2**16 - 2]
    with whoosh_store.writer() as writing:
        writing.replace(1, of_issuers(1, range(2**16)))
        with pytest.raises(OverflowError):
            writing.commit(2)
    fill(whoosh_store, *of_issuers(2, range(2**16 - 1, 2**16)), change=3)
    with whoosh_store.writer() as writing:
        writing.optimize()
        with pytest.raises(OverflowError):
            writing.commit(4)
    assert (whoosh_store.change(), whoosh_store.keys(), whoosh_store.verify()) == (3, [], [])
    assert whoosh_store.engine().search(asked).total == 1


# Merging


def segment(number: int, entries: int, deleted: int = 0) -> SegmentRecord:
    """Return a segment's record."""
    return SegmentRecord(str(number), entries, tuple(range(deleted)))


@pytest.mark.parametrize(
    ("segments", "chosen"),
    [
        ([], []),
        ([segment(n, 10) for n in range(7)], []),
        ([segment(n, 10) for n in range(8)], list("01234567")),
        ([segment(0, 500_000), *(segment(n, 10) for n in range(1, 9))], list("12345678")),
        ([segment(0, 500_000, 250_001), segment(1, 10)], ["0"]),
        ([segment(0, 500_000, 250_000), segment(1, 10)], []),
        ([segment(n, 2_000_000) for n in range(20)], []),
        ([segment(n, 4_000) for n in range(8)] + [segment(n, 20) for n in range(8, 12)], list("01234567")),
    ],
)
def test_which_segments_are_merged(segments: list[SegmentRecord], chosen: list[str]) -> None:
    """Full tiers and what is mostly deleted; never a large segment for a small commit."""
    assert [each.id for each in choose(segments)] == chosen


def test_each_entry_is_rewritten_a_few_times_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over a thousand commits of ten documents no commit rewrites more than it must, and segments stay few."""
    monkeypatch.setattr(merging, "SMALLEST", 100)
    segments: list[SegmentRecord] = []
    rewritten = 0
    for number in range(1000):
        chosen = choose(segments)
        size = 10 + sum(each.entries for each in chosen)
        rewritten += size - 10
        segments = [each for each in segments if each not in chosen] + [segment(number, size)]
        assert len(segments) <= 3 * merging.WIDTH
    assert rewritten / 10_000 < 6


def test_merging_keeps_every_entry(whoosh_store: WhooshStore) -> None:
    """Twenty small commits with deletions and replacements end in few segments and answer as before."""
    for change in range(1, 21):
        provisions = [entry(change, Scope.PROVISIONS, 1, text=f"điều khoản {change}", type="loại", issued_date=20200100 + change)]
        fill(whoosh_store, entry(change, body=f"đất {change}", type=f"loại {change}"), *provisions, change=change)
        if change % 4 == 0:
            with whoosh_store.writer() as writing:
                writing.delete(change - 1)
                writing.commit(change)
    state = read_state(folder_of(whoosh_store))
    kept = [key for key in range(1, 21) if key % 4 != 3]
    assert len(state.segments) < 8
    assert (whoosh_store.keys(), whoosh_store.verify()) == (kept, [])
    engine = whoosh_store.engine()
    assert engine.generation() == Generation(20, 15, 15)
    for key in kept:
        asked = And((Phrase(("điều", "khoản", str(key))), Range("issued_date", 20200100 + key, 20200100 + key), Prefix("kho")))
        hits = engine.search(SearchRequest(asked, Scope.PROVISIONS)).hits
        assert [(hit.key, hit.ordinal, hit.anchor, hit.id) for hit in hits] == [(key, 1, "dieu-1", f"id-{key}")]
        assert [hit.key for hit in engine.search(SearchRequest(OneOf("type", (f"loại {key}",)))).hits] == [key]
    engine.close()


# Opening beside searches


def test_searches_go_on_while_news_are_opened(whoosh_store: WhooshStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """One thread opens what another process committed; the others have the old answer at once, afterwards the new one."""
    fill(whoosh_store, *rows(2))
    engine = whoosh_store.engine()
    begun, go_on = threading.Event(), threading.Event()
    opening = Segment.__init__

    def slowly(self: Segment, *given: object) -> None:
        begun.set()
        assert go_on.wait(20)
        opening(self, *given)

    fill(WhooshStore(folder_of(whoosh_store).parent), *rows(3, change=2), change=2)
    monkeypatch.setattr(Segment, "__init__", slowly)
    totals: list[int] = []
    opener = threading.Thread(target=lambda: totals.append(engine.search(SearchRequest()).total))
    opener.start()
    assert begun.wait(20)
    assert engine.search(SearchRequest()).total == 2
    go_on.set()
    opener.join()
    assert (totals, engine.search(SearchRequest()).total) == ([3], 3)
    engine.close()


def test_a_thread_sees_what_it_committed_while_another_opens(whoosh_store: WhooshStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits for the opening under way, and then reads its own generation."""
    fill(whoosh_store, *rows(2))
    engine = whoosh_store.engine()
    begun, opening = threading.Event(), Segment.__init__

    def slowly(self: Segment, *given: object) -> None:
        begun.set()
        time.sleep(0.3)
        opening(self, *given)

    fill(whoosh_store, *rows(3, change=2), change=2)
    monkeypatch.setattr(Segment, "__init__", slowly)
    opener = threading.Thread(target=engine.generation)
    opener.start()
    assert begun.wait(20)
    fill(whoosh_store, *rows(4, change=3), change=3)
    assert engine.generation() == Generation(3, 4, 0)
    opener.join()
    engine.close()


# Memory


def test_what_is_remembered_of_terms_is_bounded(whoosh_store: WhooshStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what was forgotten is found again, in both layers and scopes, with the same score."""
    fill(whoosh_store, *rows(5))
    terms = [Term(text, layer) for text in ("1", "đất", "quy", "không") for layer in Layer]
    requests = [SearchRequest(term, scope=scope) for term in terms for scope in Scope]
    expected = [whoosh_store.engine().search(request) for request in requests]
    monkeypatch.setattr("indexer.engine.whooshdb.evaluate._REMEMBERED", 3)
    engine = whoosh_store.engine()
    for _ in range(2):
        assert [engine.search(request) for request in requests] == expected
        assert len(engine._newest().terms) <= 3


# Handles


def _open_files(folder: Path) -> int:
    gc.collect()
    maps = Path("/proc/self/maps").read_text().count(str(folder))
    links = [str(path.readlink()) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    return maps + sum(str(folder) in link for link in links)


def test_handles_do_not_leak(whoosh_store: WhooshStore) -> None:
    """Over many generations, discarded batches and rebuilds an open engine holds the files of one generation."""
    fill(whoosh_store, *rows(3))
    folder = folder_of(whoosh_store).parent
    engine = whoosh_store.engine()
    assert engine.search(SearchRequest(Term("đất"))).total == 3
    before = _open_files(folder)
    for change in range(2, 14):
        if change % 5 == 0:
            with whoosh_store.rebuild() as building:
                for each in rows(3, change):
                    building.replace(each.key, [each])
                building.commit(change)
        else:
            fill(whoosh_store, *rows(3, change), change=change)
        with whoosh_store.writer() as writing:
            writing.replace(9, [entry(9, body="dở")])
        assert engine.search(SearchRequest(Term("đất"))).total == 3
        assert _open_files(folder) <= before
    engine.close()
    assert _open_files(folder) == 0
    with pytest.raises(RuntimeError):
        engine.search(SearchRequest(All()))
