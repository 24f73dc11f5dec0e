"""Operators, fields and wildcards of questions: what they find, and what they leave alone."""

import doctest
import re
from importlib import import_module

import pytest
from casefiles import by_name, cases
from engine.building import fill
from hypothesis import given
from hypothesis import strategies as st

from analyzers.citations import number_keys
from analyzers.normalise import nfc
from indexer.engine.fields import NUMBER_COLUMNS, Scope
from indexer.engine.memory import MemoryStore
from indexer.engine.port import Entry, SearchEngine, SearchRequest
from indexer.legal.name_keys import name_keys
from search_api.bodies import bodies_of
from search_api.grammar import MAX_OPERATORS, Side, leaves, parse
from search_api.lexing import Kind, Sign, reserved
from search_api.plan import PUBLIC
from search_api.understand import understand

PATH = "/api/v1/search"
# The pieces of a question as they were before there were operators: the reference for questions without any.
_PIECE = re.compile(r'(?:(?<!\S)(?P<not>-|NOT\s+)(?=[\w"]))?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))')
_OPERATOR = re.compile(r"AND|OR|VÀ|HOẶC|KHÔNG|[+|?*()]|:")
_TYPED = (
    *(
        "AND",
        "OR",
        "NOT",
        "VÀ",
        "HOẶC",
        "KHÔNG",
        "(",
        ")",
        "|",
        "+",
        "-",
        "-(",
        '"',
        "*",
        "?",
        ":",
        "đất",
        "rừng",
        "quy*h",
        "th?ng",
    ),
    *("số:", "loại:", "cơ quan:", "năm:", "người ký:", "title:", "30/2020", "nghị định", "Bộ Tài chính", "2020", "Nguyễn Văn An"),
)


def _entry(key: int, written: str) -> Entry:
    """Read a document of a case: its text, then in square brackets its title, number, signer and columns."""
    body, _, rest = written.partition(" [")
    values = dict(value.split("=") for value in re.split(r"; (?=\w+=)", rest.strip("]")) if value)
    number, signer, title = (values.pop(name, "") for name in ("number", "signer", "title"))
    columns = {name: int(value) if name in NUMBER_COLUMNS else value for name, value in values.items()}
    return Entry(
        key,
        str(key),
        Scope.DOCUMENTS,
        texts={"title": title, "body": body},
        keywords={"number": number_keys(number, None) if number else (), "signer": name_keys(signer) if signer else ()},
        columns={"visibility": "public", **columns},
    )


def _engine(*written: str) -> SearchEngine:
    store = MemoryStore()
    fill(store, *(_entry(key, each) for key, each in enumerate(written, 1)))
    return store.engine()


_ENGINE = _engine("đất rừng [title=đất; year=2020]")


@pytest.mark.parametrize("case", cases("operators"), ids=by_name)
def test_questions_find_and_leave_out(case):
    """Each case finds its documents and no others, and tells the steps taken."""
    documents = [*case["finds"], *case["leaves"]]
    engine = _engine(*documents)
    understood = understand(case["q"], bodies=bodies_of(engine, PUBLIC))
    hits = engine.search(SearchRequest(understood.node)).hits
    assert sorted(documents[hit.key - 1] for hit in hits) == sorted(case["finds"])
    assert [step.code for step in understood.steps] == case["steps"]
    assert all((step.text[0].isupper() or step.text[0] == "“") and step.text.endswith(".") for step in understood.steps)


_QUESTIONS = st.tuples(st.lists(st.sampled_from(_TYPED) | st.text(max_size=4), max_size=40), st.sampled_from(["", " "]))


@given(_QUESTIONS.map(lambda made: made[1].join(made[0])))
def test_any_question_is_understood(q):
    """Whatever is typed is no error, and nothing is marked where nothing is sought."""
    understood = understand(q)
    assert understood.browsing == (not understood.marks)
    assert _ENGINE.search(SearchRequest(understood.node)).total <= 1
    assert all(0 <= start <= end <= len(q) for start, end in reserved(q))


@given(st.text(max_size=60) | st.text(alphabet='"- NOTandkhông/0129.QĐđấtx', max_size=60))
def test_a_question_without_operators_is_cut_as_before(q):
    """Its pieces are words, phrases and what is excluded, side by side."""
    text = nfc(q)
    if _OPERATOR.search(text) or "\ue000" in text:
        return
    parsed = parse(text)
    assert isinstance(parsed.tree, Side)
    assert (parsed.refused, parsed.no_values) == (None, ())
    expected = [(piece["phrase"] or piece["word"] or "", piece["not"] is not None) for piece in _PIECE.finditer(text)]
    assert [(piece.text, piece.sign is Sign.WITHOUT) for piece in leaves(parsed.tree)] == expected


@pytest.mark.parametrize(
    "q", ["(" * 5_000, "a OR " * 5_000, "a AND b " * 200, "năm:2020 " * 1_000, "-(" * 3_000 + "a" + ")" * 3_000]
)
def test_long_questions_with_operators_stay_small(q):
    """Too many operators are words, of which a bounded number is used."""
    understood = understand(q)
    assert len(str(understood.node)) < 100_000
    assert len(list(leaves(parse(q).tree))) <= len(q)


@pytest.mark.parametrize("q", ["ſố:1", "tıtle:a", "ſo: 30/2020", "NGƯỜI Kı:a"])
def test_letters_that_only_fold_to_those_of_a_field_are_words(q):
    """A pattern without case takes ſ for s and ı for i; no field is named so."""
    assert understand(q).marks


def test_operators_are_counted():
    """As many as are allowed are read, one more is not."""
    allowed = " OR ".join(["a"] * (MAX_OPERATORS + 1))
    assert parse(allowed).refused is None
    assert parse(f"{allowed} OR a").refused


def test_operators_and_fields_are_not_mended():
    """What is no word of a text is left alone where misspelt words are looked for."""
    q = 'đất AND quy*h NOT rừng loại: nghị định "a OR b" KHÔNG biển'
    assert [q[start:end].strip() for start, end in reserved(q)] == ["AND", "quy*h", "NOT", "loại: nghị định", "KHÔNG"]


def test_numbers_stay_with_their_pieces():
    """A number sign stands for its number in phrases, fields and excluded pieces, in order."""
    pieces = list(leaves(parse('-\ue000 "theo \ue000" số:\ue000 AND \ue000', ("1/A", "2/B", "3/C", "4/D")).tree))
    assert [(piece.kind, piece.spelt()) for piece in pieces] == [
        (Kind.NUMBER, "1/A"),
        (Kind.PHRASE, "theo 2/B"),
        (Kind.FIELD, "số:3/C"),
        (Kind.NUMBER, "4/D"),
    ]


def test_a_signer_is_found_through_the_api(desk):
    """Documents that somebody signed, and a plain word where nobody of that name did."""
    answer = desk.client.simulate_get(PATH, params={"q": "người ký: Nguyễn Văn An"}).json
    assert [hit["id"] for hit in answer["hits"]] == [desk.ids["land plan"]]
    answer = desk.client.simulate_get(PATH, params={"q": "người ký: Trần Thị Bình"}).json
    assert answer["total"] == 0
    assert "no_signer" in [step["step"] for step in answer["interpretation"]]


def test_what_no_document_is_of_is_told(desk):
    """A known body without documents, with what is found without that field."""
    answer = desk.client.simulate_get(PATH, params={"q": "cơ quan: Bộ Ngoại giao đất"}).json
    assert answer["total"] == 0
    assert "no_issuer" in [step["step"] for step in answer["interpretation"]]
    (instead,) = answer["alternatives"]
    assert instead["q"] == "đất"
    assert instead["total"] == desk.client.simulate_get(PATH, params={"q": "đất"}).json["total"] > 0


def test_fields_hold_for_provisions(desk):
    """The title asked for is that of the document that an article is part of."""
    answer = desk.client.simulate_get(PATH, params={"q": 'đất title:"quy hoạch"', "scope": "provisions"}).json
    assert {hit["id"] for hit in answer["hits"]} == {desk.ids["land plan"]}


def test_words_that_fit_a_pattern_are_marked(desk):
    """What a wildcard stands for is shown in passages."""
    answer = desk.client.simulate_get(PATH, params={"q": "ho?ch"}).json
    snippet = answer["hits"][0]["snippets"][0]
    marked = {snippet["text"][start:end].lower() for start, end in snippet["highlights"]}
    assert marked == {"hoạch"}


@pytest.mark.parametrize("name", ["search_api.word_patterns", "indexer.legal.name_keys", "indexer.legal.typed_body"])
def test_examples_hold(name):
    """The examples in docstrings are true."""
    result = doctest.testmod(import_module(name))
    assert result.attempted
    assert not result.failed
