"""Damaged files: opening, searching and merging give an answer or IndexDamaged, whatever the bytes, and execute nothing."""

import os
import pickle
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from engine.building import entry, fill, syllables_alone

from indexer.engine.fields import Scope
from indexer.engine.port import Rerank, SearchEngine, SearchRequest, Sort
from indexer.engine.query import (
    All,
    And,
    Boost,
    Constant,
    Fuzzy,
    Keyword,
    Layer,
    Near,
    Node,
    Not,
    OneOf,
    Or,
    Phrase,
    Prefix,
    Range,
    Term,
    Wildcard,
)
from indexer.engine.whooshdb import kernels, pairs
from indexer.engine.whooshdb import store as store_module
from indexer.engine.whooshdb import writer as writer_module
from indexer.engine.whooshdb.kernels import lists
from indexer.engine.whooshdb.schema import file_names
from indexer.engine.whooshdb.state import dump_state, read_state, state_name, toc_name
from indexer.engine.whooshdb.storage import record
from indexer.engine.whooshdb.store import WhooshStore
from indexer.errors import IndexDamaged
from indexer.model import Visibility

KINDS = tuple(file_names(""))
WORDS = ("thu", "định", "của", "pháp", "luật", "đất", "đai", *(f"từ{number}" for number in range(40)))
NODES: tuple[Node, ...] = (
    All(),
    Term("thu"),
    Term("từ7", fields=("body",)),
    Term("dat", Layer.FOLDED, ("body",)),
    And((Term("thu"), Term("từ3"), Not(Term("từ5")))),
    Or((Term("luật"), Boost(Phrase(("pháp", "luật")), 2.0), Constant(Term("đất", fields=("body",)), 0.5)), 2),
    Phrase(("thu", "định", "của")),
    Phrase(("pháp", "luật", "đất", "đai"), fields=("body",)),
    Phrase(("của", "từ1")),
    Phrase(("thu", "luật"), slop=3),
    Near(("luật", "thu", "từ2"), 9),
    Prefix("từ"),
    Prefix("", Layer.FOLDED, ("body",)),
    Wildcard("t*1?"),
    Fuzzy("tu1", 1, 1, Layer.FOLDED),
    Keyword("number", "7"),
    Or((OneOf("type", ("loại 1",)), OneOf("year", (2003,)), Range("issued_date", 20030101, None))),
    Or((*map(Term, ("thu", "định", "của", "luật", "đất", "từ1", "từ2")), Or((Term("từ3"), Phrase(("pháp", "luật"))))), 2),
)
AGAIN = Rerank(("pháp", "luật", "đất", "đai", "của", "thu"), others=(("đai", "định"),))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody replaces what is being opened, so looking once is enough; terms are common early."""
    monkeypatch.setattr(store_module, "_ATTEMPTS", 1)
    monkeypatch.setattr(pairs, "OFTEN", 200)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A segment of three chunks with every form of record and pairs of common terms, and a small one beside it."""
    chance, made = random.Random(1), []
    for key in range(1, 700):
        columns = {"type": f"loại {key % 3}", "year": 2000 + key % 9, "issued_date": 20000101 + key % 9 * 10_000}
        columns["visibility"] = "internal" if key % 11 == 0 else "public"
        if key % 5:
            body = " ".join(chance.choices(WORDS, range(47, 0, -1), k=chance.randint(0, 30))) + " đất" * (
                key % 83 * (key % 7 == 1)
            )
            title = " ".join(chance.choices(WORDS, k=3))
            made.append(entry(key, title=title, body=body, number=(str(key % 50),), **columns))
        else:
            text = " ".join(chance.choices(WORDS, k=20))
            made.append(entry(key, Scope.PROVISIONS, 1, heading="thu định", text=text, **columns))
    store = WhooshStore(tmp_path_factory.mktemp("damaged") / "index", analyse=syllables_alone)
    fill(store, *made, entry(700, body="đất " * 70_000))
    with pytest.MonkeyPatch.context() as patch, store.writer() as writing:
        patch.setattr(pairs, "OFTEN", 200)
        writing.optimize()
        writing.commit(2)
    fill(store, *made[:20], change=3)
    return folder_of(store).parent


@pytest.fixture
def store(written: Path, tmp_path: Path) -> WhooshStore:
    """A copy of that index."""
    shutil.copytree(written, tmp_path / "index")
    return WhooshStore(tmp_path / "index", analyse=syllables_alone)


def folder_of(store: WhooshStore) -> Path:
    """Return the live folder."""
    return store._live()


def ask(engine: SearchEngine) -> None:
    """Ask for everything that there is to ask for."""
    for node in NODES:
        for scope in Scope:
            for sort, facets, limit in ((Sort.RELEVANCE, (), 10), (Sort.NEWEST, ("type", "issuer", "year"), 1000)):
                visible = frozenset(Visibility) if facets else frozenset({Visibility.PUBLIC})
                again = AGAIN if sort is Sort.RELEVANCE else None
                engine.search(SearchRequest(node, scope, (), visible, sort, limit=limit, facets=facets, rerank=again))
    engine.search(SearchRequest(Term("thu"), filters=(Term("luật"), Range("year", 2001, 2005)), limit=0))


def merge_all(store: WhooshStore, change: int) -> None:
    """Have all segments read and written anew."""
    with store.writer() as writing:
        writing.delete(1)
        writing.optimize()
        writing.commit(change)


@contextmanager
def damaged(path: Path, chance: random.Random) -> Iterator[None]:
    """Change a byte, or a few in a row, for a while."""
    content = path.read_bytes()
    place = chance.randrange(len(content))
    size = chance.choice((1, 1, 1, 2, 4, 12))
    fresh = chance.choice(
        (bytes([content[place] ^ 1 << chance.randrange(8)]), b"\xff" * size, bytes(size), chance.randbytes(size))
    )
    path.write_bytes((content[:place] + fresh + content[place + len(fresh) :])[: len(content)])
    yield
    path.write_bytes(content)


def test_no_word_leads_beyond_its_record() -> None:
    """Whatever the code of the frequencies' width is, they are read within the record and the padding behind it."""
    for code in range(256):
        for count in (1, 2, 31, 32, 33, 255, 256):
            word = np.uint32(7 | count - 1 << 16 | code << 24)
            width, last = lists.width_of(word), count - 1
            read = {0: 0, 4: last // 2 + 1, 8: last + 1, 16: 2 * last + 8}.get(width, 4 * last + 8)
            assert lists.places_size(count) + read <= lists.record_size(word) + lists.PADDING


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("times", [30, pytest.param(3000, marks=pytest.mark.long)])
def test_damage_never_shows_as_another_error(store: WhooshStore, kind: str, times: int) -> None:
    """Every node, both scopes, every order and facets, on an index with some bytes of one file changed."""
    chance, refused = random.Random(kind), 0
    paths = sorted(folder_of(store).glob(f"*.{kind}"), key=lambda path: path.stat().st_size)
    for _ in range(times):
        with damaged(chance.choice(paths), chance):
            try:
                ask(store.engine())
            except IndexDamaged:
                refused += 1
    assert refused > 0 or kind in {"records", "starts", "positions"}  # where almost any byte means something


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("times", [12, pytest.param(500, marks=pytest.mark.long)])
def test_merging_damaged_segments_ends_in_an_index_or_a_sentence(
    store: WhooshStore, tmp_path: Path, kind: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even what goes bad after it was checked gives an index that is whole in itself, or none."""
    monkeypatch.setattr(writer_module, "check_content", lambda _folder, _files: [])
    chance = random.Random(kind)
    for _ in range(times):
        shutil.copytree(folder_of(store).parent, tmp_path / "copy")
        copy = WhooshStore(tmp_path / "copy", analyse=syllables_alone)
        with damaged(chance.choice(sorted(folder_of(copy).glob(f"*.{kind}"), key=lambda path: path.stat().st_size)), chance):
            with suppress(IndexDamaged):
                merge_all(copy, 4)
            if copy.change() == 4:
                assert copy.verify() == []
                with suppress(IndexDamaged):
                    ask(copy.engine())
        shutil.rmtree(tmp_path / "copy")


@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_never_merged(store: WhooshStore, kind: str) -> None:
    """A merge of a segment with a changed byte is refused, naming the file, and the generation stays."""
    chance = random.Random(kind)
    path = max(folder_of(store).glob(f"*.{kind}"), key=lambda path: path.stat().st_size)
    with damaged(path, chance), pytest.raises(IndexDamaged, match=path.name):
        merge_all(store, 4)
    assert (store.change(), store.verify()) == (3, [])
    merge_all(store, 4)
    assert (store.change(), store.verify()) == (4, [])


def test_a_column_that_goes_bad_is_not_counted_elsewhere() -> None:
    """A code that no value has, in a file that changed after it was opened, touches nothing beyond the counts."""
    memory, bitmap = np.zeros(8, np.int64), np.array([0b111], np.uint64)
    kernels.count(bitmap, np.array([1, 5, 200], np.uint8), memory[:3])
    assert memory.tolist() == [0, 1, 0, 0, 0, 0, 0, 0]
    found = np.zeros(1, np.uint64)
    kernels.select(np.array([1, 5, 200], np.uint8), np.ones(8, np.uint8)[:3], found)
    assert found.tolist() == [0b001]


@pytest.mark.parametrize("name", ["CURRENT", "state", "toc"])
def test_a_small_file_is_as_written_or_damaged(store: WhooshStore, name: str) -> None:
    """Any changed byte of the three files that name others is noticed."""
    folder = folder_of(store)
    path = {"CURRENT": folder.parent / "CURRENT", "state": folder / state_name(3), "toc": folder / toc_name(3)}[name]
    chance = random.Random(name)
    for _ in range(60):
        content = path.read_bytes()
        with damaged(path, chance):
            if path.read_bytes() != content:
                for use in (store.engine, store.change, store.keys, lambda: merge_all(store, 4)):
                    with pytest.raises(IndexDamaged):
                        use()
    ask(store.engine())


def test_nothing_in_the_folder_is_executed(store: WhooshStore, tmp_path: Path) -> None:
    """A foreign index with code in any of its files, its checksums made to fit, is refused or read without running it."""
    folder, proof = folder_of(store), tmp_path / "executed"

    class Hostile:
        def __reduce__(self) -> tuple:
            return (os.system, (f"touch {proof}",))

    attack = pickle.dumps(Hostile(), 2)
    pickle.loads(attack)
    assert proof.exists()  # where it is loaded, it runs
    proof.unlink()
    state = read_state(folder)
    for name in (toc_name(3), *state.files):
        original = (folder / name).read_bytes()
        places = {
            0,
            len(original) // 2,
            max(0, len(original) - len(attack)),
            *([original.index(b"\x80\x02")] if "toc" in name else ()),
        }
        for place in places:
            forged = original[:place] + attack + original[place + len(attack) :]
            (folder / name).write_bytes(forged)
            files = {**state.files, name: record(forged)} if name in state.files else state.files
            toc = record(forged) if name == toc_name(3) else state.toc
            (folder / state_name(3)).write_bytes(dump_state(replace(state, files=files, toc=toc)))
            assert store.verify() == []
            with suppress(IndexDamaged):
                ask(store.engine())
        (folder / name).write_bytes(original)
    assert not proof.exists()


@pytest.mark.parametrize(
    "change", [{"entries": 0}, {"entries": 2**40}, {"deleted": (10**6,)}, {"deleted": (-1,)}, {"entries": 3}, {"entries": "x"}]
)
def test_a_state_of_impossible_segments_is_damaged(store: WhooshStore, change: dict) -> None:
    """Its digest fits, but no such program wrote it."""
    folder = folder_of(store)
    state = read_state(folder)
    hostile = replace(state, segments=tuple(replace(segment, **change) for segment in state.segments))
    (folder / state_name(3)).write_bytes(dump_state(hostile))
    with pytest.raises(IndexDamaged):
        store.engine()
