"""What every engine promises; run on each of them."""

import math
import threading
from collections.abc import Callable

import pytest
from casefiles import by_name, cases
from engine.building import entry, fill

from indexer.engine.analysis import field_terms
from indexer.engine.fields import IDF_POWER, K1, KEY, B, Scope
from indexer.engine.port import MOST_PLACES, Generation, IndexStore, Place, Rerank, SearchRequest, SearchResult, Sort
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
    Nothing,
    OneOf,
    Or,
    Phrase,
    Prefix,
    Range,
    Term,
    Wildcard,
)
from indexer.errors import DataFolderBusy, IndexMissing
from indexer.model import Visibility

MakeStore = Callable[[], IndexStore]
EVERYONE = frozenset(Visibility)


def found(store: IndexStore, query: Node, **request: object) -> list[int]:
    """Return the keys that match, in the order of the hits."""
    return [hit.key for hit in ask(store, query, **request).hits]


def ask(store: IndexStore, query: Node, **request: object) -> SearchResult:
    """Search once with a fresh engine."""
    engine = store.engine()
    try:
        return engine.search(SearchRequest(query, **request))
    finally:
        engine.close()


def idf(count: int, frequency: int) -> float:
    """Return docs/scoring.md's idf."""
    return math.log(1 + (count - frequency + 0.5) / (frequency + 0.5)) ** IDF_POWER


def bm25(wtf: float, ratio: float) -> float:
    """Return docs/scoring.md's score without idf."""
    return wtf * (K1 + 1) / (wtf + K1 * (1 - B + B * ratio))


# Writing and reading


def test_there_is_no_index_before_the_first_write(store: IndexStore) -> None:
    """Opening says that the index is missing; what replays changes starts from 0."""
    with pytest.raises(IndexMissing):
        store.engine()
    assert (store.change(), list(store.keys()), store.verify()) == (0, [], [])


def test_a_writer_leaves_an_empty_index(store: IndexStore) -> None:
    """Opening for writing makes an index that finds nothing, for any request."""
    with store.writer():
        pass
    words = (Term("đất"), Phrase(("a", "b")), Near(("a", "b"), 2), Prefix(""), Wildcard("*"), Fuzzy("a"))
    for query in (*words, All(), Not(All()), And(()), Keyword("number", "1")):
        for sort in Sort:
            assert ask(store, query, sort=sort, facets=("type", "year")) == SearchResult(0, (), {"type": (), "year": ()})
    assert store.engine().generation() == Generation(0, 0, 0)


def test_nothing_is_visible_before_commit_and_all_after(store: IndexStore) -> None:
    """An engine opened earlier sees the batch as a whole, at once after commit returns."""
    fill(store, entry(1, body="đất"))
    engine = store.engine()
    with store.writer() as writer:
        writer.replace(2, [entry(2, body="đất")])
        writer.delete(1)
        assert [hit.key for hit in engine.search(SearchRequest(Term("đất"))).hits] == [1]
        writer.commit(9)
        assert [hit.key for hit in engine.search(SearchRequest(Term("đất"))).hits] == [2]
        assert engine.generation() == Generation(9, 1, 0)
    engine.close()


def test_leaving_without_commit_discards(store: IndexStore) -> None:
    """So does an exception; the next writer starts from the committed state."""
    fill(store, entry(1, body="đất"))
    with store.writer() as writer:
        writer.replace(2, [entry(2, body="đất")])
        writer.delete(1)

    with pytest.raises(ZeroDivisionError), store.writer() as writer:  # noqa: PT012  what is left by an exception is the case
        writer.replace(3, [entry(3, body="đất")])
        writer.commit(1 // 0)
    assert (found(store, Term("đất")), store.change(), list(store.keys()), store.verify()) == ([1], 1, [1], [])
    fill(store, entry(4, body="đất"), change=2)
    assert found(store, Term("đất")) == [1, 4]


def test_replace_takes_the_place_of_all_that_was_there(store: IndexStore) -> None:
    """Also of what the same batch added, and of provisions that are no more."""
    fill(store, entry(1, body="cũ"), entry(1, Scope.PROVISIONS, 1, text="cũ"), entry(1, Scope.PROVISIONS, 2, text="cũ"))
    with store.writer() as writer:
        writer.replace(1, [entry(1, body="giữa")])
        writer.replace(1, [entry(1, body="mới"), entry(1, Scope.PROVISIONS, 1, text="mới")])
        writer.replace(2, [entry(2, body="mới")])
        writer.delete(2)
        writer.replace(3, [entry(3, body="mới")])
        writer.replace(3, [])
        writer.commit(2)
    assert [found(store, Term(text)) for text in ("cũ", "giữa", "mới")] == [[], [], [1]]
    assert [hit.anchor for hit in ask(store, All(), scope=Scope.PROVISIONS).hits] == ["dieu-1"]
    assert store.engine().generation() == Generation(2, 1, 1)
    assert list(store.keys()) == [1]


def test_deleting_what_is_not_there_is_no_error(store: IndexStore) -> None:
    """A replayed change may delete twice."""
    fill(store, entry(1, body="đất"))
    with store.writer() as writer:
        writer.delete(1)
        writer.delete(1)
        writer.delete(77)
        writer.commit(2)
    assert found(store, All()) == []


def test_change_numbers(store: IndexStore) -> None:
    """The last committed number is kept, through batches that change nothing and several commits of one writer."""
    with store.writer() as writer:
        writer.commit(3)
        assert store.change() == 3
        writer.replace(1, [entry(1, body="đất")])
        writer.commit(4)
        writer.replace(2, [entry(2, body="đất")])
        writer.commit(5)
        writer.replace(3, [entry(3, body="đất")])
    assert (store.change(), list(store.keys())) == (5, [1, 2])
    fill(store, change=8)
    assert (store.change(), store.engine().generation()) == (8, Generation(8, 2, 0))


def test_a_generation_tells_nothing_of_what_is_hidden(store: IndexStore) -> None:
    """Its numbers, which anyone may ask for, are those of public entries, before and after one is hidden."""
    article = entry(2, Scope.PROVISIONS, 1, text="đất")
    fill(store, entry(1, body="đất", visibility="internal"), entry(2, body="đất"), article)
    engine = store.engine()
    assert engine.generation() == Generation(1, 1, 1)
    fill(store, entry(2, body="đất", visibility="internal"), change=2)
    assert engine.generation() == Generation(2, 0, 0)
    engine.close()


def test_only_one_writer(store: IndexStore) -> None:
    """A second one is told so at once; afterwards the way is free."""
    with store.writer(), pytest.raises(DataFolderBusy), store.writer():
        pass
    with store.rebuild(), pytest.raises(DataFolderBusy), store.writer():
        pass
    fill(store, entry(1, body="đất"))


def test_a_rebuild_replaces_the_index_at_its_commit(store: IndexStore) -> None:
    """Until then, and when it never comes, the old one answers; afterwards an open engine follows."""
    fill(store, entry(1, body="cũ"), entry(2, body="cũ"), change=5)
    engine = store.engine()
    with store.rebuild() as writer:
        writer.replace(1, [entry(1, body="dở")])
    with store.rebuild() as writer:
        writer.replace(3, [entry(3, body="mới")])
        assert engine.search(SearchRequest(All())).total == 2
        writer.commit(6)
        assert [hit.key for hit in engine.search(SearchRequest(All())).hits] == [3]
        writer.replace(4, [entry(4, body="mới")])
        writer.commit(7)
        writer.replace(5, [entry(5, body="dở")])
    assert (list(store.keys()), store.change(), store.verify()) == ([3, 4], 7, [])
    fill(store, entry(6, body="mới"), change=8)
    assert engine.generation() == Generation(8, 3, 0)
    engine.close()


def test_a_rebuild_needs_no_index(store: IndexStore) -> None:
    """The first index may be built this way."""
    with store.rebuild() as writer:
        writer.replace(1, [entry(1, body="đất")])
        writer.commit(2)
    assert (found(store, Term("đất")), store.change()) == ([1], 2)


def test_optimizing_changes_no_answer(store: IndexStore) -> None:
    """The same hits and scores before and after, and what was replaced stays replaced."""
    for change in (1, 2, 3):
        fill(store, *(entry(key, body=f"đất {'rừng ' * key} {change}") for key in range(change, 5)), change=change)
    query = Or((Term("rừng"), Term("đất"), Term("3")))
    before = ask(store, query)
    with store.writer() as writer:
        writer.optimize()
        writer.commit(4)
    assert ask(store, query) == before
    assert (store.change(), list(store.keys()), store.verify()) == (4, [1, 2, 3, 4], [])


def test_purged_documents_are_gone(store: IndexStore) -> None:
    """Whichever commits or the same batch wrote them; one that is put again afterwards is there."""
    fill(store, entry(1, body="đất"), entry(2, body="đất"), entry(3, body="đất"))
    fill(store, entry(2, body="rừng"), entry(4, body="rừng"), change=2)
    with store.writer() as writer:
        writer.replace(4, [entry(4, body="biển")])
        writer.replace(5, [entry(5, body="biển")])
        writer.purge({2, 3, 4, 5, 77})
        writer.replace(3, [entry(3, body="núi")])
        writer.commit(3)
    assert (list(store.keys()), store.change(), store.verify()) == ([1, 3], 3, [])
    assert [found(store, Term(word)) for word in ("đất", "rừng", "biển", "núi")] == [[1], [], [], [3]]


@pytest.mark.parametrize(
    "bad",
    [
        [entry(2, body="đất")],
        [entry(1, body="đất"), entry(1, body="đất")],
        [entry(1, text="of another scope")],
        [entry(1, colour="red")],
        [entry(1, year="2020")],
        [entry(1, year=-1)],
        [entry(1, issued_date=2**40)],
        [entry(1, type=7)],
        [entry(1, visibility="")],
        [entry(1, visibility="secret")],
        [entry(1, body="đất"), entry(1, ordinal=1, body="\ud800")],
        [entry(1, number=("\udfff",))],
    ],
    ids=lambda bad: str(bad[0].columns)[:40],
)
def test_a_bad_entry_is_refused_and_leaves_no_trace(store: IndexStore, bad: list) -> None:
    """The batch goes on with what it had; the document keeps its old entries."""
    fill(store, entry(1, body="cũ đất"))
    with store.writer() as writer:
        writer.replace(3, [entry(3, body="đất")])
        with pytest.raises(ValueError, match="document 1"):
            writer.replace(1, bad)
        writer.replace(4, [entry(4, body="đất")])
        writer.commit(2)
    assert (found(store, Term("cũ")), sorted(found(store, Term("đất")))) == ([1], [1, 3, 4])


# What matches


def test_terms_search_the_scope_or_the_fields_named(store: IndexStore) -> None:
    """A field of the other scope is not searched."""
    fill(
        store,
        entry(1, title="đất", body="rừng"),
        entry(2, title="rừng", body="đất"),
        entry(2, Scope.PROVISIONS, 1, heading="đất", context="x", text="x"),
        entry(2, Scope.PROVISIONS, 2, heading="x", context="x", text="đất"),
    )
    assert sorted(found(store, Term("đất"))) == [1, 2]
    assert found(store, Term("đất", fields=("title",))) == [1]
    assert found(store, Term("đất", fields=("heading",))) == []
    assert found(store, Prefix("đ", fields=("heading",))) == []
    hits = ask(store, Term("đất"), scope=Scope.PROVISIONS).hits
    assert [(hit.key, hit.ordinal, hit.anchor) for hit in hits] == [(2, 1, "dieu-1"), (2, 2, "dieu-2")]
    only = ask(store, Phrase(("đất",), fields=("text", "body")), scope=Scope.PROVISIONS).hits
    assert [hit.ordinal for hit in only] == [2]


def test_layers_are_apart(store: IndexStore) -> None:
    """Accents count in the main layer and not in the folded one; tone placement counts in neither."""
    fill(store, entry(1, body="hoà đường"), entry(2, body="hóa dương"))
    assert [found(store, Term(text)) for text in ("hòa", "hoa", "đường", "duong")] == [[1], [], [1], []]
    assert [found(store, Term(text, Layer.FOLDED)) for text in ("hoa", "hòa", "duong")] == [[1, 2], [], [1, 2]]


@pytest.mark.parametrize("case", cases("phrases"), ids=by_name)
def test_occurrences_of_a_phrase(store: IndexStore, case: dict) -> None:
    """Each case's number of occurrences is what the phrase scores as."""
    assert_tf(store, Phrase(tuple(case["terms"]), slop=case["slop"]), case["text"], case["expect"])


@pytest.mark.parametrize("case", cases("near"), ids=by_name)
def test_minimal_windows_of_terms_near_each_other(store: IndexStore, case: dict) -> None:
    """Each case's number of windows is what its terms score as, in any order."""
    for terms in (case["terms"], case["terms"][::-1]):
        assert_tf(store, Near(tuple(terms), case["within"]), case["text"], case["expect"])


def assert_tf(store: IndexStore, query: Node, text: str, expect: int) -> None:
    """Read the term frequency back from the score of the only entry with `text`; 0 when it does not match."""
    fill(store, entry(1, body=text, number=("x",)), entry(2, body="dụng đất rừng a sử"))
    result = ask(store, query, filters=(Keyword("number", "x"),))
    if not expect:
        assert result.total == 0
        return
    both = ask(store, query).total
    length = len(text.split())
    assert result.hits[0].score == pytest.approx(idf(2, both) * bm25(expect, length / ((length + 5) / 2)))


def test_phrases_and_near_terms_lie_in_one_field(store: IndexStore) -> None:
    """The end of the title and the start of the body don't make one."""
    fill(store, entry(1, title="sử", body="dụng"), entry(2, title="sử dụng"))
    assert found(store, Phrase(("sử", "dụng"), slop=50)) == [2]
    assert found(store, Near(("dụng", "sử"), 50)) == [2]


def test_near_terms_may_stand_at_one_position(store: IndexStore) -> None:
    """A word stands where its first syllable does."""
    fill(store, entry(1, body="người sử dụng đất"))
    assert found(store, Near(("sử_dụng", "sử"), 1)) == [1]
    assert found(store, Near(("sử_dụng", "đất"), 2)) == []
    assert found(store, Near(("sử_dụng", "đất"), 3)) == [1]


def test_near_terms_score_as_a_term_over_the_fields(store: IndexStore) -> None:
    """Windows are weighted by field, their df counts matching entries, and one term near itself is that term."""
    fill(
        store,
        entry(1, title="a b", body="b x a b"),  # windows 1 and 2: wtf 10·1 + 2, wlen 10·2 + 4
        entry(2, title="x", body="a x x x b"),  # none; wlen 10·1 + 5
        entry(3, title="x", body="b a"),  # 1; wlen 10·1 + 2
    )
    hits = ask(store, Near(("a", "b"), 3)).hits
    assert [hit.key for hit in hits] == [1, 3]
    avg = (24 + 15 + 12) / 3
    assert hits[0].score == pytest.approx(idf(3, 2) * bm25(12, 24 / avg), rel=1e-12)
    assert hits[1].score == pytest.approx(idf(3, 2) * bm25(1, 12 / avg), rel=1e-12)
    assert [hit.key for hit in ask(store, Near(("a", "b"), 3, fields=("title",))).hits] == [1]
    for layer in Layer:
        assert ask(store, Near(("a",), 7, layer)) == ask(store, Term("a", layer))


def test_what_is_no_unicode_matches_nothing(store: IndexStore) -> None:
    """Half a character is no error of the index: no entry has it."""
    fill(store, entry(1, body="đất"), entry(2))
    half = "\ud800"
    nodes = (Term(half), Phrase(("đất", half)), Near((half, "đất"), 2), Prefix(half), Wildcard(f"{half}*"), Fuzzy(half))
    assert [ask(store, node).total for node in nodes] == [0] * 6


def test_prefixes(store: IndexStore) -> None:
    """A prefix is cut anywhere between code points, and is no pattern."""
    fill(store, entry(1, body="đường"), entry(2, body="đất"), entry(3, body="duong 中文"), entry(4))
    assert [found(store, Prefix(text)) for text in ("đ", "đư", "d", "", "*", "中", "đường", "đườngs")] == [
        [1, 2], [1], [3], [1, 2, 3], [], [3], [1], [],
    ]  # fmt: skip
    assert found(store, Prefix("d", Layer.FOLDED)) == [1, 2, 3]
    assert ask(store, Prefix("đ")).hits[0].score == 1.0


def test_wildcards(store: IndexStore) -> None:
    """A pattern is fitted by whole terms of any kind; only * and ? are special, ? is one code point, and neither joins words."""
    fill(store, entry(1, body="đường"), entry(2, body="đất 12/2022/QĐ-UBND"), entry(3, body="duong 𝔘 sử dụng đất"), entry(4))
    for pattern, keys in (
        ("*", [1, 2, 3]),
        ("đ*", [1, 2, 3]),
        ("đ*g", [1]),
        ("đ*ờ*n*g", [1]),
        ("*ườ*", [1]),
        ("đường*", [1]),
        ("đườn", []),
        ("?ất", [2, 3]),
        ("đ?t", [2, 3]),
        ("đ??t", []),
        ("?", [3]),
        ("12/*/qđ-*", [2]),
        ("*-ubnd", [2]),
        ("sử_dụng", [3]),
        ("sử?dụng", []),
        ("s*g", []),
        ("s*_*g", [3]),
        ("****", [1, 2, 3]),
        ("", []),
        ("[đ]ất", []),
        ("đ.t", []),
        ("đất|đường", []),
        ("\\?ất", []),
        ("*a*a*a*a*a*a*a*a*a*a*b", []),
    ):
        assert (pattern, found(store, Wildcard(pattern))) == (pattern, keys)
    assert found(store, Wildcard("d?ng", Layer.FOLDED)) == [3]
    assert found(store, Wildcard("d*ng", Layer.FOLDED)) == [1, 3]
    assert found(store, Wildcard("*", fields=("title",))) == []
    assert {hit.score for hit in ask(store, Wildcard("đ*")).hits} == {1.0}


def test_fuzzy_terms(store: IndexStore) -> None:
    """Insertions, deletions, substitutions and exchanged neighbours count 1 each, in code points; the prefix must be equal."""
    fill(store, entry(1, body="chuyển"), entry(2, body="chuyên"), entry(3, body="hcuyển 𝔘𝔘"), entry(4, body="12/2022/QĐ"))
    for query, keys in (
        (Fuzzy("chuyển"), [1, 2, 3]),
        (Fuzzy("chuyển", prefix=1), [1, 2]),
        (Fuzzy("chuyn"), [1, 2]),
        (Fuzzy("chuyểnn"), [1]),
        (Fuzzy("chuyểnn", 2), [1, 2, 3]),
        (Fuzzy("chuyểnnn"), []),
        (Fuzzy("xhuyển", prefix=1), []),
        (Fuzzy("xhuyển"), [1]),
        (Fuzzy("12/2202/qđ"), [4]),
        (Fuzzy("𝔘"), [3]),
        (Fuzzy("", 1), []),
        (Fuzzy("", 2), [3, 4]),
        (Fuzzy("", 2, 1), []),
        (Fuzzy("chuyển", fields=("title",)), []),
        (Fuzzy("chuyen", layer=Layer.FOLDED), [1, 2, 3]),
    ):
        assert (query, found(store, query)) == (query, keys)
    assert {hit.score for hit in ask(store, Fuzzy("chuyển", 2)).hits} == {1.0}


@pytest.mark.parametrize("term", ["đ", "Ω", "𝔘", "x" * 5000, "12/2022/qđ-ubnd", "2022", "ﬁ", "中文", "ก"])
def test_terms_of_any_script_are_found_again(store: IndexStore, term: str) -> None:
    """What the analysis makes of a text is what finds it."""
    fill(store, entry(1, body=term), entry(2, body="khác"))
    for layer in Layer:
        terms = field_terms(term, layer).terms
        assert terms
        assert all(found(store, Term(each, layer)) == [1] for each in terms)


def test_terms_alike_are_those_of_public_entries(store: IndexStore) -> None:
    """With their df in the scope, the most frequent first; deleted and internal entries add nothing."""
    fill(
        store,
        entry(1, body="đất đai đấu"),
        entry(2, title="đất", body="đất đấu"),
        entry(3, body="đất đắt", visibility="internal"),
    )
    fill(store, entry(4, body="đất đò"), entry(5, Scope.PROVISIONS, 1, text="đấu"), change=2)
    fill(store, entry(4, body="gì khác"), change=3)
    engine = store.engine()
    assert engine.terms_alike(Fuzzy("đất")) == (("đất", 2), ("đấu", 2))
    assert engine.terms_alike(Prefix("đ")) == (("đất", 2), ("đấu", 2), ("đai", 1), ("đất_đai", 1))
    assert engine.terms_alike(Wildcard("đ?i")) == (("đai", 1),)
    assert engine.terms_alike(Prefix("đ", fields=("title",))) == (("đất", 1),)
    assert engine.terms_alike(Prefix("da", Layer.FOLDED)) == (("dat", 2), ("dau", 2), ("dai", 1))
    assert engine.terms_alike(Prefix("đ"), Scope.PROVISIONS) == (("đấu", 1),)
    assert engine.terms_alike(Prefix("\ud800")) == ()
    engine.close()


def test_spellings_are_those_of_public_syllables(store: IndexStore) -> None:
    """By what they fold to; words, numbers, and what is deleted or internal are none."""
    fill(
        store,
        entry(1, title="đường", body="con đường dương 12 đường_bộ"),
        entry(2, body="dưỡng đường", visibility="public"),
        entry(3, body="dường", visibility="internal"),
        entry(4, body="dượng"),
        entry(5, Scope.PROVISIONS, 1, text="duong"),
    )
    fill(store, entry(4, body="khác"), change=2)
    engine = store.engine()
    assert engine.spellings("duong") == (("đường", 2), ("dương", 1), ("dưỡng", 1))
    assert engine.spellings("duong", Scope.PROVISIONS) == (("duong", 1),)
    assert engine.spellings("đường") == engine.spellings("12") == engine.spellings("khong co") == engine.spellings("\ud800") == ()
    engine.close()


def test_side_by_side_counts_public_neighbours(store: IndexStore) -> None:
    """In titles, headings and articles, not in whole texts, which hold the articles again, nor across fields; merges keep it."""
    for change in range(1, 11):
        fill(
            store,
            entry(2 * change, title="đất đai và đất đai", body="nhà nước"),
            entry(2 * change, Scope.PROVISIONS, 1, heading="đất", text="đai đất đai 12 đất"),
            change=change,
        )
    fill(store, entry(99, title="đất đai", visibility="internal"), change=11)
    engine = store.engine()
    pairs = [("đất", "đai"), ("đai", "đất"), ("đai", "và"), ("nhà", "nước"), ("đai", "đai"), ("đai", "12"), ("x", "\ud800")]
    assert engine.side_by_side(pairs) == (30, 10, 10, 0, 0, 0, 0)
    assert engine.side_by_side([("đất", ""), ("đai", ""), ("nước", ""), ("", "")]) == (50, 40, 0, 100)
    assert engine.side_by_side([]) == ()
    engine.close()


def test_postings_are_those_of_the_lists_that_leaves_have(store: IndexStore) -> None:
    """Term by term in each field searched, whoever may see the entries; a phrase that lacks a word needs none, nor do columns.

    What only one engine has (lists for pairs, keywords of both scopes in one list, deleted entries) is left out here.
    """
    fill(
        store,
        entry(1, title="thu hồi", body="thu hồi đất", number=("1/qd",), year=2020),
        entry(2, body="thu phí, thu lệ phí", visibility="internal"),
        entry(3, Scope.PROVISIONS, 1, text="thu hồi"),
    )
    engine = store.engine()

    def postings(query: Node, *filters: Node, scope: Scope = Scope.DOCUMENTS) -> int:
        return engine.postings(SearchRequest(query, scope, filters))

    assert postings(Term("thu")) == 3  # a title, two bodies
    assert postings(Term("thu", fields=("title",))) == postings(Term("thu"), scope=Scope.PROVISIONS) == 1
    assert postings(Phrase(("thu", "hồi"))) == postings(Near(("thu", "hồi"), 5)) == 2 + 3  # in titles, in bodies
    assert postings(Phrase(("thu", "phí"))) == 2 + 1  # no title has the second
    assert postings(Phrase(())) == postings(Term("không")) == postings(All()) == 0
    assert postings(Wildcard("t*u")) == postings(Fuzzy("thu")) == 3
    assert postings(Prefix("thu")) == 3 + postings(Term("thu_hồi"))  # the word beside its syllables
    assert postings(Keyword("number", "1/qd")) == 1
    assert postings(Or((Term("thu"), Not(Constant(And((Term("phí"), Term("thu"))), 1.0)))), OneOf("year", (2020,))) == 3 + 1 + 3
    assert postings(Term("phí"), Term("thu")) == 1 + 3
    engine.close()


def test_frequencies_are_those_of_public_entries(store: IndexStore) -> None:
    """Each term's df over all of the scope's fields, in the order asked, words and repeated terms too."""
    fill(
        store,
        entry(1, title="đất", body="đất đai đấu"),
        entry(2, body="đấu", visibility="internal"),
        entry(3, Scope.PROVISIONS, 1, heading="đấu", text="đất"),
    )
    fill(store, entry(4, title="đất", body="đất đai"), entry(5, body="đất"), change=2)
    fill(store, entry(5, body="gì khác"), change=3)
    engine = store.engine()
    assert engine.frequencies(("đấu", "đất", "đất_đai", "đất", "\ud800", "")) == (1, 2, 2, 2, 0, 0)
    assert engine.frequencies(("dat", "đất"), layer=Layer.FOLDED) == (2, 0)
    assert engine.frequencies(("đấu", "đai"), Scope.PROVISIONS) == (1, 0)
    assert engine.frequencies(()) == ()
    engine.close()


def test_entries_of_some_documents(store: IndexStore) -> None:
    """A key stands for the document and all of its provisions, however large it is."""
    largest = 2**63 - 1
    fill(
        store,
        entry(7, body="đất"),
        entry(7, Scope.PROVISIONS, 1, text="đất"),
        entry(7, Scope.PROVISIONS, 2, text="đất"),
        entry(largest - 1, Scope.PROVISIONS, 1, text="đất"),
        entry(largest, Scope.PROVISIONS, 1, text="đất"),
    )
    only = (OneOf(KEY, (largest, 7)),)
    assert found(store, Term("đất"), filters=only) == [7]
    assert found(store, Term("đất"), scope=Scope.PROVISIONS, filters=only) == [7, 7, largest]


def test_keywords_are_whole(store: IndexStore) -> None:
    """An entry may have several; an empty one counts as none."""
    fill(store, entry(1, number=("30/2020/nđ-cp", "30/2020", "")), entry(2, number=("30/2020",)), entry(3))
    for value, keys in (("30/2020", [1, 2]), ("30/2020/nđ-cp", [1]), ("30", []), ("", []), ("30/2020 ", [])):
        assert found(store, Keyword("number", value)) == keys
        assert found(store, Keyword("signer", value)) == []


def test_columns(store: IndexStore) -> None:
    """Values are compared whole and by type; an empty one is none."""
    fill(
        store,
        entry(1, type="Quyết định", year=2019, issued_date=20190101),
        entry(2, type="", year=2020),
        entry(3, year=0),
        entry(4, type="Quyết"),
    )
    for query, keys in (
        (OneOf("type", ("Quyết định", "Khác")), [1]),
        (OneOf("type", ("",)), []),
        (OneOf("type", (2019,)), []),
        (OneOf("type", ()), []),
        (OneOf("year", (2020, 2019)), [1, 2]),
        (OneOf("year", ("2020",)), []),
        (OneOf("year", (-1, 2**80)), []),
        (OneOf("year", (0,)), [3]),
        (OneOf(KEY, (4, 2, 9, -1, 2**80)), [2, 4]),
        (OneOf(KEY, ("2",)), []),
        (Range("year", 2019, 2020), [1, 2]),
        (Range("year", None, 2019), [1, 3]),
        (Range("year", 2020), [2]),
        (Range("year"), [1, 2, 3]),
        (Range("year", 2021, 2019), []),
        (Range("year", -(10**30), 10**30), [1, 2, 3]),
        (Range("issued_date", 20190102), []),
        (Not(Range("year")), [4]),
        (Not(OneOf("type", ("Quyết định",))), [2, 3, 4]),
    ):
        assert (query, found(store, query)) == (query, keys)


def test_names_outside_the_field_table_are_refused() -> None:
    """A misspelt name can't search nothing in silence."""
    for make in (
        lambda: Term("x", fields=("titel",)),
        lambda: Keyword("type", "x"),
        lambda: OneOf("number", ("x",)),
        lambda: Range("type", 1),
        lambda: Wildcard("x", fields=("titel",)),
        lambda: Fuzzy("x", fields=("titel",)),
        lambda: Near(("x",), 2, fields=("titel",)),
        lambda: SearchRequest(facets=("colour",)),
        lambda: SearchRequest(offset=-1),
    ):
        with pytest.raises(ValueError, match=r"table|negative"):
            make()


@pytest.mark.parametrize(
    "make",
    [
        lambda: Fuzzy("x", 0),
        lambda: Fuzzy("x", 3),
        lambda: Fuzzy("x", prefix=2),
        lambda: Near(("a", "b", "a"), 5),
        lambda: Near(("a", "b"), 0),
    ],
)
def test_numbers_outside_what_is_defined_are_refused(make: Callable[[], Node]) -> None:
    """A node that no engine could answer can't be made."""
    with pytest.raises(ValueError, match=r"distance|prefix|repeated|within"):
        make()


def test_boolean_nodes(store: IndexStore) -> None:
    """Nodes without children, thresholds and double negation do what the page says."""
    fill(store, entry(1, body="a b"), entry(2, body="b c"), entry(3, body="c d a"))
    a, b, c = Term("a"), Term("b"), Term("c")
    for query, keys in (
        (And((a, b)), [1]),
        (And(()), [1, 2, 3]),
        (And((a, Not(b))), [3]),
        (And((a, Nothing())), []),
        (Or((a, b)), [1, 2, 3]),
        (Or((a, b, c), 2), [1, 2, 3]),
        (Or((a, b, c), 3), []),
        (Or(()), []),
        (Or((), 0), [1, 2, 3]),
        (Or((a,), 0), [1, 2, 3]),
        (Not(Not(b)), [1, 2]),
        (Not(Or((a, b))), []),
        (Nothing(), []),
    ):
        assert (query, sorted(found(store, query))) == (query, keys)


# Scores


def test_the_formula_by_hand(store: IndexStore) -> None:
    """Three public entries: weights, lengths, df and N as counted by eye."""
    fill(
        store,
        entry(1, title="đất", body="đất rừng đất"),  # wtf 10·1 + 2, wlen 10·1 + 3 = 13
        entry(2, title="rừng núi", body="đất"),  # wtf 1, wlen 10·2 + 1 = 21
        entry(3, title="sông", body="núi biển"),  # wlen 10·1 + 2 = 12
    )
    hits, avg = ask(store, Term("đất")).hits, (13 + 21 + 12) / 3
    assert [hit.key for hit in hits] == [1, 2]
    assert hits[0].score == pytest.approx(idf(3, 2) * bm25(12, 13 / avg), rel=1e-12)
    assert hits[1].score == pytest.approx(idf(3, 2) * bm25(1, 21 / avg), rel=1e-12)
    narrowed = ask(store, Term("đất", fields=("body",))).hits  # lengths 3, 1 and 2
    assert [hit.key for hit in narrowed] == [2, 1]
    assert narrowed[0].score == pytest.approx(idf(3, 2) * bm25(1, 1 / 2), rel=1e-12)
    assert narrowed[1].score == pytest.approx(idf(3, 2) * bm25(2, 3 / 2), rel=1e-12)
    assert ask(store, Term("biển")).hits[0].score == pytest.approx(idf(3, 1) * bm25(1, 12 / avg), rel=1e-12)


def test_scores_of_the_other_nodes(store: IndexStore) -> None:
    """Sums in order, factors, constants; what restricts without a score gives 0 or 1."""
    fill(store, entry(1, body="a b", number=("n",), year=2020), entry(2, body="b"))
    a, b = (ask(store, Term(text)).hits[-1 if text == "b" else 0].score for text in "ab")
    for query, score in (
        (All(), 1.0),
        (Keyword("number", "n"), 1.0),
        (Range("year", 2020), 1.0),
        (And((Not(Term("c")), Keyword("number", "n"))), 1.0),
        (And(()), 0.0),
        (Constant(Term("a"), 7.5), 7.5),
        (Boost(Term("a"), 3.0), a * 3.0),
        (Boost(Boost(Keyword("number", "n"), 0.5), 0.5), 0.25),
        (And((Term("a"), Term("b"), Keyword("number", "n"))), a + b + 1.0),
        (Or((Term("a"), Term("c"), Term("b"))), a + b),
        (Boost(Or((Term("a"), Term("b"))), -1.0), -(a + b)),
    ):
        scores = {hit.key: hit.score for hit in ask(store, query).hits}
        assert (query, scores[1]) == (query, pytest.approx(score, rel=1e-12))


def test_length_counts_syllables_alone(store: IndexStore) -> None:
    """Whole numbers, dates and words lie over syllables: two texts of five syllables are equally long."""
    fill(store, entry(1, body="x 12/2022/QĐ-UBND"), entry(2, body="x a b c d"))
    first, second = ask(store, Term("x")).hits
    assert (first.key, first.score) == (1, second.score)


def test_statistics_of_an_index_without_public_entries(store: IndexStore) -> None:
    """N = 0 and avg = 0: the formula still holds, and the public sees nothing."""
    fill(store, entry(1, body="đất", visibility="internal"))
    assert found(store, Term("đất")) == []
    hit = ask(store, Term("đất"), visible=EVERYONE).hits[0]
    assert hit.score == pytest.approx(math.log(2) ** IDF_POWER * bm25(1, 1.0), rel=1e-12)


def test_a_term_that_only_hidden_entries_have(store: IndexStore) -> None:
    """Its df is 0."""
    fill(store, entry(1, body="đất"), entry(2, body="rừng", visibility="internal"))
    hit = ask(store, Term("rừng"), visible=EVERYONE).hits[0]
    assert hit.score == pytest.approx(idf(1, 0) * bm25(1, 1.0), rel=1e-12)


def test_deleted_entries_leave_the_statistics_at_once(store: IndexStore) -> None:
    """A masked entry counts in no df, N or average."""
    kept = [entry(key, body="đất " + "rừng " * key) for key in (1, 2, 3)]
    fill(store, *kept, *(entry(key, body="đất núi " * key) for key in range(4, 8)))
    with store.writer() as writer:
        for key in range(4, 8):
            writer.delete(key)
        writer.commit(2)
    after = ask(store, Or((Term("đất"), Term("rừng"))))
    with store.rebuild() as writer:
        for each in kept:
            writer.replace(each.key, [each])
        writer.commit(3)
    assert ask(store, Or((Term("đất"), Term("rừng")))) == after


# Rights


def test_internal_entries_influence_nothing_that_the_public_sees(make_store: MakeStore) -> None:
    """Totals, scores, facets and prefixes are those of an index that never held them; staff see the same scores."""
    public = [entry(key, title="đất đai", body="quy hoạch " * key, type="Quyết định", year=2020 + key) for key in (1, 2, 3)]
    hidden = [
        entry(key, title="mật đất", body="quy hoạch đất " * 9, type="Mật", year=1999, visibility="internal") for key in (7, 8)
    ]
    with_hidden, without = make_store(), make_store()
    fill(with_hidden, *public, *hidden)
    fill(without, *public)
    for query in (
        Term("đất"),
        Term("mật"),
        Prefix("m"),
        Wildcard("m*t"),
        Fuzzy("mặt"),
        Near(("hoạch", "đất"), 4),
        Phrase(("quy", "hoạch")),
        Phrase(("hoạch", "quy")),
        Or((Term("quy"), Term("mật"), Term("đai"))),
        Not(Term("mật")),
        All(),
        OneOf("type", ("Mật",)),
    ):
        for sort in Sort:
            asked = {"sort": sort, "facets": ("type", "year", "visibility")}
            answer = ask(with_hidden, query, **asked)
            assert answer == ask(without, query, **asked)
            staff = ask(with_hidden, query, visible=EVERYONE, **asked)
            assert [hit for hit in staff.hits if hit.key < 7] == list(answer.hits)
    assert found(with_hidden, Term("mật"), visible=frozenset({Visibility.INTERNAL})) == [7, 8]
    assert found(with_hidden, All(), visible=frozenset()) == []


# What is answered


def test_filters_restrict_and_do_not_score(store: IndexStore) -> None:
    """Every filter must match; scores stay those of the query alone."""
    fill(
        store, entry(1, body="đất", type="A", year=2020), entry(2, body="đất", type="A", year=2021), entry(3, body="x", type="A")
    )
    plain = {hit.key: hit.score for hit in ask(store, Term("đất")).hits}
    result = ask(store, Term("đất"), filters=(OneOf("type", ("A",)), Range("year", 2021), Not(Term("x"))))
    assert [(hit.key, hit.score) for hit in result.hits] == [(2, plain[2])]
    assert found(store, Term("đất"), filters=(Term("x"),)) == []


def test_facets_count_all_matches(store: IndexStore) -> None:
    """Most frequent first, then by value; entries without a value are not counted; the page's size doesn't matter."""
    rows = [("B", 2020), ("A", 2021), ("C", None), ("C", 2021), ("", 2019), (None, 0)]
    fill(store, *(entry(key, body="đất", type=kind, year=year) for key, (kind, year) in enumerate(rows, 1)))
    fill(store, entry(9, body="đất", type="C", year=2019), entry(10, body="x", type="C"), change=2)
    facets = ask(store, Term("đất"), limit=1, facets=("type", "year", "status")).facets
    assert facets == {
        "type": (("C", 3), ("A", 1), ("B", 1)),
        "year": ((2019, 2), (2021, 2), (0, 1), (2020, 1)),
        "status": (),
    }


def test_pages(store: IndexStore) -> None:
    """Pages cut one order into pieces; beyond the end there is nothing; the total is always exact."""
    fill(store, *(entry(key, body="đất " * (key % 3 + 1)) for key in range(1, 21)))
    everything = ask(store, Term("đất"), limit=100).hits
    assert len(everything) == 20
    for limit in (1, 3, 7, 20):
        pages = [ask(store, Term("đất"), offset=offset, limit=limit) for offset in range(0, 20, limit)]
        assert [hit for page in pages for hit in page.hits] == list(everything)
        assert {page.total for page in pages} == {20}
    for offset, limit in ((20, 10), (10**12, 10), (0, 0), (5, 0)):
        assert ask(store, Term("đất"), offset=offset, limit=limit) == SearchResult(20, ())
    assert ask(store, Term("đất"), offset=19, limit=10**12).hits == everything[19:]


def test_equal_scores_come_by_key_and_ordinal(store: IndexStore) -> None:
    """Whatever the order of writing was, and across commits."""
    for key in (5, 3, 9, 1):
        fill(store, *(entry(key, Scope.PROVISIONS, ordinal, text="đất") for ordinal in (2, 1, 3)), change=key)
    hits = ask(store, Term("đất"), scope=Scope.PROVISIONS, limit=100).hits
    assert [(hit.key, hit.ordinal) for hit in hits] == [(key, ordinal) for key in (1, 3, 5, 9) for ordinal in (1, 2, 3)]


def test_sort_by_date(store: IndexStore) -> None:
    """Missing dates come last both ways, ties by key, and scores are 0."""
    dates = {1: 20200101, 2: None, 3: 20220101, 4: 20200101, 5: None, 6: 19450902}
    fill(store, *(entry(key, body="đất", issued_date=date) for key, date in dates.items()))
    assert found(store, Term("đất"), sort=Sort.NEWEST) == [3, 1, 4, 6, 2, 5]
    assert found(store, Term("đất"), sort=Sort.OLDEST) == [6, 1, 4, 3, 2, 5]
    assert found(store, Term("đất"), sort=Sort.OLDEST, offset=3, limit=2) == [3, 2]
    assert {hit.score for hit in ask(store, Term("đất"), sort=Sort.NEWEST).hits} == {0.0}


def test_large_keys_and_dates(store: IndexStore) -> None:
    """The catalogue's largest key, and the largest number a column takes."""
    fill(store, entry(2**63 - 1, body="đất", year=2**31 - 1), entry(2**53 + 1, body="đất", year=1), entry(2**53, body="đất"))
    assert found(store, Term("đất")) == [2**53, 2**53 + 1, 2**63 - 1]
    assert list(store.keys()) == [2**53, 2**53 + 1, 2**63 - 1]
    assert found(store, OneOf("year", (2**31 - 1,))) == [2**63 - 1]


def test_readers_never_see_half_a_commit(store: IndexStore) -> None:
    """While one thread commits, others search: each answer is one generation's, and generations don't go back."""
    count, commits = 6, 20
    fill(store, *(entry(key, body="đất", year=0) for key in range(1, count + 1)), change=0)
    engine = store.engine()
    stop = threading.Event()
    problems: list[object] = []

    def read() -> None:
        newest = 0
        while not stop.is_set():
            result = engine.search(SearchRequest(Term("đất"), facets=("year",)))
            years = result.facets["year"]
            if result.total != count or len(years) != 1 or len(result.hits) != count or years[0][0] < newest:
                problems.append(result)
                return
            newest = int(years[0][0])
            stop.wait(0.001)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for change in range(1, commits + 1):
        fill(store, *(entry(key, body="đất", year=change) for key in range(1, count + 1)), change=change)
    stop.set()
    for thread in threads:
        thread.join()
    assert problems == []
    assert engine.search(SearchRequest(Term("đất"), facets=("year",))).facets["year"] == ((commits, count),)
    engine.close()


# Copies


def test_copies_are_one_hit_with_its_other_places(store: IndexStore) -> None:
    """The best of those that match stands for all; without asking, or without a copy, each entry is a hit."""
    digest = 2**62 - 1
    fill(
        store,
        entry(1, body="đất ở xa", copy=digest),
        entry(2, body="đất", copy=digest),
        entry(3, body="đất ở", copy=5),
        entry(4, body="đất ở rất xa"),
        entry(5, body="đất ở rất xa"),
        entry(6, body="rừng", copy=digest),
    )
    answer = ask(store, Term("đất"), collapse=True, facets=("copy",))
    assert [(hit.key, hit.copies, hit.places) for hit in answer.hits] == [
        (2, 1, (Place(1, "id-1"),)),
        (3, 0, ()),
        (4, 0, ()),
        (5, 0, ()),
    ]
    assert (answer.total, answer.facets) == (4, {"copy": ((digest, 2), (5, 1))})
    plain = ask(store, Term("đất"))
    assert ([hit.key for hit in plain.hits], plain.total) == ([2, 3, 1, 4, 5], 5)
    assert all(hit.copies == 0 and hit.places == () for hit in plain.hits)


def test_copies_that_a_reader_may_not_see_are_no_places(store: IndexStore) -> None:
    """A hidden or filtered copy is neither hit nor place nor counted, and a deleted one neither."""
    fill(
        store,
        entry(1, visibility="internal", body="đất", copy=7),
        entry(2, body="đất", copy=7, year=2020),
        entry(3, body="đất", copy=7, year=2021),
        entry(4, body="đất", copy=7, year=2021),
    )
    with store.writer() as writer:
        writer.delete(4)
        writer.commit(2)

    def told(**request: object) -> list[tuple[int, list[int], int, int]]:
        answer = ask(store, Term("đất"), collapse=True, **request)
        return [(hit.key, [place.key for place in hit.places], hit.copies, answer.total) for hit in answer.hits]

    assert told() == [(2, [3], 1, 1)]
    assert told(visible=EVERYONE) == [(1, [2, 3], 2, 1)]
    assert told(filters=(OneOf("year", (2021,)),)) == [(3, [], 0, 1)]
    assert told(limit=0) == []


def test_each_scope_has_its_own_copies(store: IndexStore) -> None:
    """A provision is no copy of a document, whatever the digests say; places name the provision."""
    fill(
        store,
        entry(1, body="đất", copy=7),
        entry(1, Scope.PROVISIONS, 1, text="đất", copy=7),
        entry(1, Scope.PROVISIONS, 2, text="đất", copy=8),
        entry(2, Scope.PROVISIONS, 3, text="đất", copy=7),
    )
    assert ask(store, Term("đất"), collapse=True).hits[0].copies == 0
    hits = ask(store, Term("đất"), scope=Scope.PROVISIONS, collapse=True).hits
    assert [(hit.anchor, hit.places) for hit in hits] == [("dieu-1", (Place(2, "id-2", 3, "dieu-3"),)), ("dieu-2", ())]


@pytest.mark.parametrize("sort", Sort)
def test_paging_works_over_what_is_collapsed(store: IndexStore, sort: Sort) -> None:
    """However many copies stand before it, each page is full, and all pages together have each group once."""
    kinds = (7, 7, 7, 8, None)  # 90 copies of one, 30 of another, and 30 that are copies of none
    entries = [entry(key, body="đất", copy=kinds[key % 5], issued_date=20_200_000 + key // 2) for key in range(1, 151)]
    fill(store, *entries)
    everything = ask(store, Term("đất"), sort=sort, limit=1000).hits
    first = {entries[hit.key - 1].columns["copy"] or -hit.key: hit.key for hit in reversed(everything)}
    expected = [hit.key for hit in everything if hit.key in first.values()]
    pages = [ask(store, Term("đất"), sort=sort, collapse=True, offset=offset, limit=5) for offset in range(0, 40, 5)]
    assert [hit.key for page in pages for hit in page.hits] == expected
    assert {page.total for page in pages} == {len(expected)} == {32}
    (most,) = (hit for page in pages for hit in page.hits if hit.copies == 89)
    others = [key for key in range(1, 151) if kinds[key % 5] == 7 and key != most.key]
    assert [place.key for place in most.places] == others[:MOST_PLACES]


def test_the_second_look_comes_before_collapsing(store: IndexStore) -> None:
    """What is looked at is chosen among entries, copies with them, and the best after it stands for the others."""
    far, near = "đất " + "xa " * 30 + "đai", "đất đai " + "xa " * 60
    fill(store, entry(1, body=far, copy=7), entry(2, body=near, copy=7), entry(3, body=far))
    query, rerank = Or((Term("đất"), Term("đai"))), Rerank(("đất", "đai"))
    assert found(store, query, collapse=True) == [1, 3]
    assert found(store, query, collapse=True, rerank=rerank) == [2, 3]
