"""Evaluations: collections are read as they are written, figures follow their definitions, rankings come from the search."""

import json
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zstandard
from typer.testing import CliRunner

from indexer.config import Options
from indexer.engine.fields import Scope
from indexer.engine.query import Fuzzy
from indexer.errors import BadConfiguration
from search_api.cli import app
from search_api.evaluation.collection import Collection, items
from search_api.evaluation.metrics import NAMES, score, summarise
from search_api.evaluation.peers import PEERS, make_peer, rows_of
from search_api.evaluation.run import Listened, index_of
from search_api.params import SearchParams
from search_api.search import find

ARTICLES = [
    {
        "_id": "a#1",
        "law_id": "45/2013/QH13",
        "article_id": "1",
        "title": "Phạm vi",
        "text": "Luật này quy định về đất đai.\u2028Đất.",
        "law_title": "Luật Đất đai",
    },
    {
        "_id": "a#2",
        "law_id": "45/2013/QH13",
        "article_id": "62",
        "title": "Thu hồi đất",
        "text": "Nhà nước thu hồi đất để phát triển.",
    },
    {
        "_id": "b#1",
        "law_id": "Luật Hôn nhân và gia đình",
        "article_id": "8",
        "text": "Điều kiện kết hôn\n\nNam từ đủ 20 tuổi trở lên.",
    },
]
DOCUMENTS = [
    {
        "_id": 7,
        "number": "12/2022/QĐ-UBND",
        "title": "Về việc thu hồi đất",
        "issued_date": "2022-03-23T00:00:00",
        "text": "Thu hồi đất của hợp tác xã.",
    },
    {"_id": 8, "number": None, "type": "Chỉ thị", "issued_date": None, "text": "Phòng cháy mùa khô.\f"},
]
QUERIES = [
    {"_id": "q1", "text": "điều kiện kết hôn"},
    {"_id": "q2", "text": "thu hồi đất phát triển"},
    {"_id": "q3", "text": "không ai đánh giá"},
]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a collection; returns its folder."""

    def collection(
        corpus: list[dict[str, Any]], qrels: str, queries: list[dict[str, Any]] = QUERIES, packed: bool = False
    ) -> Path:
        lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in corpus).encode()
        name = "corpus.jsonl.zst" if packed else "corpus.jsonl"
        (tmp_path / name).write_bytes(zstandard.compress(lines) if packed else lines)
        (tmp_path / "queries.jsonl").write_text("".join(json.dumps(record) + "\n" for record in queries), encoding="utf-8")
        (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + qrels, encoding="utf-8")
        return tmp_path

    return collection


@pytest.mark.parametrize("packed", [False, True])
def test_articles_become_provisions_of_their_laws(write: Callable[..., Path], packed: bool) -> None:
    """A law is one document, numbered or named; a heading is the title, or a first line that stands apart."""
    collection = Collection(write(ARTICLES, "q1\tb#1\t1\nq2\ta#2\t1\nq2\ta#1\t0\n", packed=packed))
    first, second = collection.items()
    assert collection.scope is Scope.PROVISIONS
    assert [(question.id, question.relevant) for question in collection.questions] == [("q1", {"b#1": 1}), ("q2", {"a#2": 1})]
    assert (first.understood.metadata.number, first.understood.metadata.title, first.ids) == (
        "45/2013/QH13",
        "Luật Đất đai",
        ("a#1", "a#2"),
    )
    assert (second.understood.metadata.number, second.understood.metadata.title) == (None, "Luật Hôn nhân và gia đình")
    assert [provision.heading for provision in second.understood.provisions] == ["Điều kiện kết hôn"]
    text = first.understood.canonical.text
    assert [text[one.start : one.end] for one in first.understood.provisions] == [
        "Điều 1. Phạm vi\nLuật này quy định về đất đai.\u2028Đất.\n",
        "Điều 62. Thu hồi đất\nNhà nước thu hồi đất để phát triển.\n",
    ]


def test_whole_documents_keep_what_is_stated(write: Callable[..., Path]) -> None:
    """Metadata come from the record; fields may be missing, null or date-times, ids numbers."""
    collection = Collection(write(DOCUMENTS, "q2\t7\t1\n"))
    first, second = collection.items()
    assert collection.scope is Scope.DOCUMENTS
    assert (first.ids, str(first.understood.metadata.issued_date), first.understood.metadata.type) == (
        ("7",),
        "2022-03-23",
        "Quyết định",
    )
    assert (second.understood.metadata.type, second.understood.metadata.issued_date) == ("Chỉ thị", None)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda folder: (folder / "corpus.jsonl").unlink(), "corpus.jsonl"),
        (lambda folder: (folder / "queries.jsonl").unlink(), "queries.jsonl"),
        (lambda folder: (folder / "qrels.tsv").unlink(), "qrels.tsv"),
        (lambda folder: (folder / "queries.jsonl").write_text("{}\n", encoding="utf-8"), "dòng 1 thiếu _id, text"),
        (lambda folder: (folder / "corpus.jsonl").write_text('{"_id": 1, "law_id": "a"}\n{"_id": "z"}\n'), "`z` thiếu law_id"),
        (lambda folder: (folder / "qrels.tsv").write_text("h\nq1\tb#1\n", encoding="utf-8"), "dòng 2"),
        (lambda folder: (folder / "qrels.tsv").write_text("h\nq9\tb#1\t1\n", encoding="utf-8"), "đánh giá"),
    ],
)
def test_what_is_missing_or_malformed_is_named(write: Callable[..., Path], damage: Callable[[Path], object], says: str) -> None:
    """The error says which file, and which line of it."""
    folder = write(ARTICLES, "q1\tb#1\t1\n")
    damage(folder)
    with pytest.raises(BadConfiguration, match=says):
        list(Collection(folder).items())


def test_figures_are_those_of_their_definitions() -> None:
    """Each by hand: two relevant ids at ranks 2 and 12, one never found."""
    ranking = [f"x{place}" for place in range(1, 101)]
    found = dict(zip(NAMES, score(ranking, {"x2": 1, "x12": 1, "y": 1}), strict=True))
    ideal = 1 + 1 / math.log2(3) + 1 / 2
    assert found == {"mrr@10": 0.5, "ndcg@10": 1 / math.log2(3) / ideal, "hit@1": 0.0, "hit@10": 1.0, "recall@100": 2 / 3}
    assert score([], {"y": 1}) == (0.0, 0.0, 0.0, 0.0, 0.0)
    figure = summarise(np.array([[1.0] * 5, [0.0] * 5]))["hit@1"]
    assert figure.low <= figure.mean == 0.5 <= figure.high


@pytest.mark.parametrize("engine", ["whoosh", "memory"])
def test_a_collection_is_answered(write: Callable[..., Path], tmp_path: Path, engine: str) -> None:
    """The run lists corpus ids by rank; figures, times and the number of questions are reported; without accents, too."""
    folder, run = write(ARTICLES, "q1\tb#1\t1\nq2\ta#2\t1\n"), tmp_path / "run.tsv"
    done = CliRunner().invoke(app, ["eval", str(folder), "--run", str(run), "--engine", engine, "--fold", "--json"])
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    lines = [line.split("\t") for line in run.read_text(encoding="utf-8").splitlines()]
    assert report["questions"] == 2
    assert report["figures"]["hit@1"]["mean"] == 1.0
    assert 0 < report["p50"] <= report["p95"]
    assert ["q1", "b#1", "1"] in lines
    assert ["q2", "a#2", "1"] in lines
    assert 0 < report["postings_mean"] <= report["postings_p95"]


def test_postings_are_those_of_all_requests_that_a_question_makes(tmp_path: Path) -> None:
    """What mends its words asks the engine, too; whoever listens changes no answer."""
    with index_of(items(DOCUMENTS), tmp_path, "memory", Options()) as (engine, _):
        listened, params = Listened(engine), SearchParams(q="thu hồi đất hợp táx xã", prior=False)
        understanding, result = find(listened, params)
        assert result.total == 1
        assert (understanding, result) == find(engine, params)
        assert len(listened.requests) > 1
        assert understanding.node in [request.query for request in listened.requests]
        assert sum(map(listened.postings, listened.requests)) > engine.postings(listened.requests[-1]) > 0
        assert listened.terms_alike(Fuzzy("tác")) == engine.terms_alike(Fuzzy("tác")) != ()
        assert listened.generation() == engine.generation()


@pytest.mark.parametrize("name", PEERS)
@pytest.mark.parametrize(("records", "scope"), [(ARTICLES, Scope.PROVISIONS), (DOCUMENTS, Scope.DOCUMENTS)])
def test_a_peer_gets_the_fields_and_answers(name: str, records: list[dict[str, Any]], scope: Scope, tmp_path: Path) -> None:
    """What has more of the words comes first, whichever field they are in; what has none is no answer; accents are as typed."""
    if name != "sqlite":
        pytest.importorskip(name, reason=f"{name} is one of the development tools: `make setup`")
    peer = make_peer(name)
    peer.build(tmp_path / name, rows_of(items(records), scope))
    if scope is Scope.PROVISIONS:
        asked = {"điều kiện kết hôn": "b#1", "Luật ĐẤT ĐAI, phạm vi": "a#1", "phát triển": "a#2", "QH13": "a#1"}
    else:
        asked = {"quyết định 12/2022": "7", "thu hồi hợp tác xã": "7", "chỉ thị mùa khô": "8"}
    for question, wanted in asked.items():
        assert peer.ask(question, 10)[0] == wanted, question
    assert len(peer.ask("đất khô hôn", 1)) == 1
    for nothing in ('"', "", "ket hon", "-- OR *"):
        assert peer.ask(nothing, 10) == []


def test_peers_are_measured_beside_ours(write: Callable[..., Path]) -> None:
    """The report has each peer's figures, and by how much ours are higher; also for people."""
    folder = write(ARTICLES, "q1\tb#1\t1\nq2\ta#2\t1\n")
    told = ["eval", str(folder), "--engine", "memory", "--peer", "sqlite", "--peer", "sqlite", "--fold"]
    done = CliRunner().invoke(app, [*told, "--json"])
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert list(report["peers"]) == ["sqlite"]
    beside = report["peers"]["sqlite"]
    assert beside["figures"].keys() == beside["ahead"].keys() == set(NAMES)
    for name in NAMES:
        ours, theirs = report["figures"][name]["mean"], beside["figures"][name]["mean"]
        assert beside["ahead"][name]["mean"] == pytest.approx(ours - theirs)
    assert beside["figures"]["hit@1"]["mean"] == 0.5  # its index has accents; of the questions without any only `thu` is there
    assert 0 < beside["p50"] <= beside["p95"]
    table = CliRunner().invoke(app, told).stdout
    assert all(word in table for word in ("sqlite", "congbao hơn", "mrr@10", "2 câu hỏi", "Mục phải duyệt"))


def test_a_peer_that_is_not_installed_is_said_before_anything_is_indexed(
    write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the library and what to do."""
    monkeypatch.setitem(sys.modules, "tantivy", None)
    done = CliRunner().invoke(app, ["eval", str(write([{"_id": "1"}], "")), "--peer", "tantivy"])
    assert isinstance(done.exception, BadConfiguration)
    assert "tantivy" in str(done.exception)
    assert "make setup" in str(done.exception)


def test_copies_are_one_answer_on_demand(write: Callable[..., Path], tmp_path: Path) -> None:
    """Judgements are of single articles, so each copy is an answer unless `--collapse` asks otherwise; so is the prior."""
    text = " ".join(f"Thửa đất số {number} của tờ bản đồ địa chính." for number in range(20))
    corpus = [{"_id": name, "law_id": name, "law_title": f"Luật {name}", "title": "Thửa đất", "text": text} for name in "ab"]
    folder, run = write(corpus, "q1\ta\t1\n", [{"_id": "q1", "text": "thửa đất"}]), tmp_path / "run.tsv"
    for options, expected in (([], 2), (["--prior"], 2), (["--collapse"], 1)):
        done = CliRunner().invoke(app, ["eval", str(folder), "--run", str(run), "--engine", "memory", *options])
        assert done.exit_code == 0, done.output
        assert len(run.read_text(encoding="utf-8").splitlines()) == expected
