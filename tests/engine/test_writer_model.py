"""Random sequences of writer operations: after each commit the Whoosh store answers as the reference does."""

import shutil
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path

import hypothesis.strategies as st
from engine.building import entry
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from indexer.engine.fields import Scope
from indexer.engine.memory import MemoryStore
from indexer.engine.port import Entry, IndexStore, IndexWriter, SearchEngine, SearchRequest, Sort
from indexer.engine.query import All, And, Fuzzy, Keyword, Layer, Near, Not, OneOf, Or, Phrase, Prefix, Range, Term, Wildcard
from indexer.engine.whooshdb.store import WhooshStore
from indexer.model import Visibility

KEYS = st.integers(1, 5)
TEXTS = st.lists(st.sampled_from(["đất", "đai", "a", "quy", "hoạch", "12/2022/QĐ-UBND", "."]), max_size=8).map(" ".join)
COLUMNS = st.fixed_dictionaries(
    {
        "visibility": st.sampled_from(["public", "internal"]),
        "type": st.sampled_from(["A", "B", None]),
        "year": st.sampled_from([2020, 2021, None]),
        "issued_date": st.sampled_from([20200101, 20210505, None]),
        "number": st.sampled_from([(), ("1",), ("1", "2")]),
    }
)
QUERIES = (
    All(),
    Term("đất"),
    Or((Term("đất"), Term("đai"), Term("qđ"), Keyword("number", "1"))),
    And((Term("a"), Not(Term("quy", fields=("title", "heading"))))),
    Phrase(("quy", "hoạch")),
    Phrase(("a", "a"), slop=2),
    Near(("đai", "a", "đất"), 4),
    Near(("hoach", "quy"), 2, Layer.FOLDED, ("title", "text")),
    Or((Wildcard("?ấ*"), Wildcard("12/*"), Fuzzy("qyu", prefix=1), Fuzzy("đấtt")), 2),
    Or((Prefix("đ"), Range("year", 2021), Term("dat", Layer.FOLDED))),
    Not(OneOf("type", ("A",))),
)


class Writing(RuleBasedStateMachine):
    """Two stores that are told the same."""

    @initialize()
    def start(self) -> None:
        """Make both stores, without an index."""
        self.folder = Path(tempfile.mkdtemp())
        self.stores: list[IndexStore] = [WhooshStore(self.folder / "index"), MemoryStore()]
        self.engines: list[SearchEngine] = []
        self.opened: list[AbstractContextManager[IndexWriter]] = []
        self.writers: list[IndexWriter] = []
        self.change = 0

    def teardown(self) -> None:
        """Leave no file behind."""
        self.close()
        for engine in self.engines:
            engine.close()
        shutil.rmtree(self.folder)

    def close(self) -> None:
        """Leave the writers."""
        for opened in self.opened:
            opened.__exit__(None, None, None)
        self.opened, self.writers = [], []

    @precondition(lambda self: not self.opened)
    @rule(anew=st.booleans())
    def open(self, anew: bool) -> None:
        """Open writers, some for building anew."""
        self.opened = [store.rebuild() if anew else store.writer() for store in self.stores]
        self.writers = [opened.__enter__() for opened in self.opened]

    @precondition(lambda self: self.writers)
    @rule(key=KEYS, texts=st.lists(TEXTS, min_size=4, max_size=4), columns=COLUMNS, provisions=st.integers(0, 2))
    def replace(self, key: int, texts: list[str], columns: dict, provisions: int) -> None:
        """Replace a document and its provisions."""
        parts = {"heading": texts[2], "context": texts[0], "text": texts[3], **columns}
        entries: list[Entry] = [entry(key, title=texts[0], body=texts[1], **columns)]
        entries += [entry(key, Scope.PROVISIONS, ordinal, **parts) for ordinal in range(1, provisions + 1)]
        for writer in self.writers:
            writer.replace(key, entries)

    @precondition(lambda self: self.writers)
    @rule(key=KEYS)
    def delete(self, key: int) -> None:
        """Delete a document, there or not."""
        for writer in self.writers:
            writer.delete(key)

    @precondition(lambda self: self.writers)
    @rule(keys=st.sets(KEYS, max_size=2))
    def purge(self, keys: set[int]) -> None:
        """Purge documents, there or not, written in this batch or not."""
        for writer in self.writers:
            writer.purge(keys)

    @precondition(lambda self: self.writers)
    @rule()
    def commit(self) -> None:
        """Commit; the writers stay open."""
        self.change += 1
        for writer in self.writers:
            writer.commit(self.change)

    @precondition(lambda self: self.opened)
    @rule()
    def leave(self) -> None:
        """Leave the writers, discarding what they did not commit."""
        self.close()

    @precondition(lambda self: self.change)
    @rule()
    def reopen(self) -> None:
        """Open engines, after closing those that were open."""
        for engine in self.engines:
            engine.close()
        self.engines = [store.engine() for store in self.stores]

    @invariant()
    def answers_agree(self) -> None:
        """Both tell the same change and keys; open engines give the same answers."""
        whoosh, memory = self.stores
        assert (whoosh.change(), list(whoosh.keys())) == (memory.change(), list(memory.keys()))
        if not self.engines:
            return
        assert self.engines[0].generation() == self.engines[1].generation()
        for query in QUERIES:
            for scope in Scope:
                for visible, sort in ((frozenset(Visibility), Sort.RELEVANCE), (frozenset({Visibility.PUBLIC}), Sort.NEWEST)):
                    asked = SearchRequest(query, scope, visible=visible, sort=sort, facets=("type", "year"))
                    assert self.engines[0].search(asked) == self.engines[1].search(asked)


Writing.TestCase.settings = settings(max_examples=14, stateful_step_count=25, suppress_health_check=[HealthCheck.too_slow])
TestWriting = Writing.TestCase
