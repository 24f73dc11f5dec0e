"""Phrases of common words, answered from lists of pairs, against the reference engine; and batches and merges in small pieces."""

import random
from pathlib import Path

import pytest
from engine.building import entry, syllables_alone

from indexer.engine.fields import Scope
from indexer.engine.memory import MemoryStore
from indexer.engine.port import Entry, IndexStore, SearchRequest
from indexer.engine.query import And, Layer, Near, Node, Not, Or, Phrase, Term
from indexer.engine.whooshdb import batch, build, gather, inversion, merge, merging, pairs, writer
from indexer.engine.whooshdb.segments import Segment
from indexer.engine.whooshdb.state import read_state
from indexer.engine.whooshdb.store import WhooshStore
from indexer.model import Visibility

COMMON = ("thu", "định", "của", "luật", "đất")  # and the rest are rare
RARE = tuple(f"từ{number}" for number in range(60))


class Documents:
    """Random documents: of common words mostly, some with many occurrences, some empty, some with provisions, some internal."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def text(self, longest: int) -> str:
        """Draw words, now and then one of them many times."""
        size = self.chance.choice((0, 1, longest // 4, longest))
        words = self.chance.choices((*COMMON, *RARE), (*[30] * len(COMMON), *[1] * len(RARE)), k=size)
        repeated = self.chance.choice((0, 0, 0, 0, 20, 300))
        return " ".join([*words, *self.chance.choices(COMMON[:2], k=1) * repeated, *words[:2]])

    def entries(self, key: int) -> list[Entry]:
        """Return a document's entries."""
        visibility = self.chance.choice(("public", "public", "public", "internal"))
        made = [entry(key, title=self.text(8), body=self.text(60), visibility=visibility, type=f"loại {key % 3}")]
        return made + [
            entry(key, Scope.PROVISIONS, ordinal, heading=self.text(4), text=self.text(30), visibility=visibility)
            for ordinal in range(1, self.chance.choice((1, 1, 3)))
        ]

    def query(self) -> Node:
        """Ask for a phrase, mostly of common words, alone or among others."""
        kind = self.chance.random()
        if kind < 0.25:
            return self.chance.choice((And, Or))((self.phrase(), self.phrase(), Term(self.chance.choice(COMMON))))
        return And((self.phrase(), Not(self.phrase()))) if kind < 0.35 else self.phrase()

    def phrase(self) -> Node:
        """Draw two to five words; whole ranges of fields and both layers."""
        words = (*COMMON, self.chance.choice(RARE)) if self.chance.random() < 0.3 else COMMON
        terms = tuple(self.chance.choices(words, k=self.chance.randint(2, 5)))
        fields = self.chance.choice(((), (), ("title", "heading"), ("body", "text")))
        if self.chance.random() < 0.15:
            return Near(tuple(dict.fromkeys(terms)), self.chance.randint(2, 9), Layer.MAIN, fields)
        return Phrase(terms, Layer.MAIN, self.chance.choice((0, 0, 0, 0, 2)), fields)


def check(stores: tuple[IndexStore, ...], asking: Documents, times: int) -> int:
    """Check that all stores give the same answers; return how many hits there were."""
    engines, found = [store.engine() for store in stores], 0
    for _ in range(times):
        visible = asking.chance.choice((frozenset({Visibility.PUBLIC}), frozenset(Visibility)))
        request = SearchRequest(asking.query(), asking.chance.choice(tuple(Scope)), visible=visible, limit=1000, facets=("type",))
        first, *others = [engine.search(request) for engine in engines]
        assert (request, others) == (request, [first] * len(others))
        found += len(first.hits)
    for engine in engines:
        engine.close()
    return found


def segments_of(store: WhooshStore) -> list[Segment]:
    """Return the segments of the newest generation."""
    folder = store._live()
    return [Segment(folder, record) for record in read_state(folder).segments]


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 100))])
def test_phrases_of_common_words_are_answered_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Before a merge, after one, with deletions on top of it, and after another one, in pieces of any size."""
    made = Documents(seed)
    monkeypatch.setattr(pairs, "OFTEN", made.chance.choice((20, 100, 400)))
    monkeypatch.setattr(pairs, "COMMON", made.chance.choice((2, 4, 100)))
    monkeypatch.setattr(merge, "_GROUP", made.chance.choice((50, 3_000, 4_000_000)))
    monkeypatch.setattr(pairs, "_GROUP", made.chance.choice((10, 4_000_000)))
    stores = (WhooshStore(tmp_path / "index", analyse=syllables_alone), MemoryStore(syllables_alone))
    change = 0
    for _ in range(2):
        for optimize in (False, False, True, False):
            change += 1
            replaced = {key: made.entries(key) for key in made.chance.sample(range(400), 150)}
            deleted = made.chance.sample(range(400), 40)
            for store in stores:
                with store.writer() as writing:
                    for key in deleted:
                        writing.delete(key)
                    for key, entries in {} if optimize else replaced.items():
                        writing.replace(key, entries)
                    if optimize and isinstance(writing, writer.WhooshWriter):
                        writing.optimize()
                    writing.commit(change)
            assert check(stores, made, 15) > 0
            if optimize:
                (segment,) = segments_of(stores[0])
                assert len(segment.common["body_main"]) >= 2
                assert "body_main_pairs" in segment.dictionaries
    assert stores[0].verify() == []


def test_the_positions_of_common_words_are_not_read_for_two_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their pair's list says how often: the phrase is answered with every position gone."""
    monkeypatch.setattr(pairs, "OFTEN", 20)
    store = WhooshStore(tmp_path / "index", analyse=syllables_alone)
    made = Documents(1)
    with store.writer() as writing:
        for key in range(400):
            writing.replace(key, made.entries(key))
        writing.commit(1)
    with store.writer() as writing:
        writing.delete(1)
        writing.optimize()
        writing.commit(2)
    asked = SearchRequest(Phrase(("thu", "định")), limit=1000)
    before = store.engine().search(asked)
    assert before.total > 50
    (path,) = store._live().glob("*.positions")
    path.write_bytes(b"\xff" * path.stat().st_size)
    assert store.engine().search(asked) == before


def test_postings_of_a_phrase_are_those_of_its_pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pair's list stands in for those of both of its terms; a term that is in no pair has its own gone through."""
    monkeypatch.setattr(pairs, "OFTEN", 400)
    store = WhooshStore(tmp_path / "index", analyse=syllables_alone)
    made = Documents(1)
    with store.rebuild() as writing:
        for key in range(400):
            writing.replace(key, made.entries(key))
        writing.optimize()
        writing.commit(1)
    engine, fields = store.engine(), ("body",)

    def having(node: Node) -> int:
        return engine.search(SearchRequest(node, visible=frozenset(Visibility), limit=0)).total

    def postings(*terms: str) -> int:
        return engine.postings(SearchRequest(Phrase(terms, fields=fields)))

    (common,) = (segment.common["body_main"] for segment in segments_of(store))
    assert {"thu", "định"} < common
    assert "từ7" not in common
    pair, rare = having(Phrase(("thu", "định"), fields=fields)), having(Term("từ7", fields=fields))
    assert 0 < pair < having(Term("thu", fields=fields))
    assert postings("thu", "định") == pair
    assert postings("thu", "định", "từ7") == pair + rare > pair
    assert postings("từ7", "thu") == rare + having(Term("thu", fields=fields))
    engine.close()


@pytest.mark.parametrize(("size", "spool", "group", "piece"), [(10_000, 100, 700, 64), (200_000, 2**20, 1, 2**20)])
def test_what_is_written_in_pieces_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, spool: int, group: int, piece: int
) -> None:
    """With hardly any memory a batch becomes many segments and lists go to the disk; the answers are those of one batch."""
    made = {key: Documents(key).entries(key) for key in range(300)}
    whole, pieces = (WhooshStore(tmp_path / name, analyse=syllables_alone) for name in ("whole", "pieces"))
    stores = (whole, pieces, MemoryStore(syllables_alone))
    monkeypatch.setattr(pairs, "OFTEN", 100)
    for store in stores:
        if store is pieces:
            monkeypatch.setattr(gather, "_TASK", 1_000)
            monkeypatch.setattr(merging, "WIDTH", 1_000)
            monkeypatch.setattr(writer, "BATCH_BYTES", size)
            monkeypatch.setattr(build, "_IN_MEMORY", spool)
            monkeypatch.setattr(build, "_PIECE", piece)
            monkeypatch.setattr(batch, "_ROWS", 7)
            monkeypatch.setattr(inversion, "_GROUP", group)
            monkeypatch.setattr(merge, "_GROUP", group)
            monkeypatch.setattr(pairs, "_GROUP", group)
        with store.writer() as writing:
            for key, entries in made.items():
                writing.replace(key, entries)
            for key in range(0, 300, 7):
                writing.replace(key, made[key][:1])  # some of it in a segment that is written already
            for key in range(0, 300, 11):
                writing.delete(key)
            writing.commit(1)
    assert len(read_state(pieces._live()).segments) > len(read_state(whole._live()).segments) == 1
    assert check(stores, Documents(1), 60) > 0
    for store in (whole, pieces):
        with store.writer() as writing:
            writing.optimize()
            writing.commit(1)
    assert check(stores, Documents(2), 60) > 0
    assert (pieces.keys(), pieces.verify()) == (whole.keys(), [])
