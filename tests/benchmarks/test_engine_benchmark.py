"""The engine benchmark runs, compares answers before times, and writes what is promised of it."""

import json
import random
import sys
from itertools import accumulate
from pathlib import Path

import pytest

from benchmarks import engine
from benchmarks.corpus import make_corpus, read_corpus
from benchmarks.peers import Answer
from benchmarks.queries import SETS, Query, Sampler, choose_queries
from benchmarks.timing import time_set

pytest.importorskip("tantivy")
WORDS = ["Điều", "khoản", "quy", "định", "phủ", "nghị", "Luật", *(f"{a}{b}{c}" for a in "bdklt" for b in "aeiou" for c in "mnt")]


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """Two hundred records of made-up words, some frequent and some rare, with a line separator that ends no record."""
    chance, weights = random.Random(7), list(accumulate(1 / rank for rank in range(1, len(WORDS) + 1)))
    file = tmp_path / "docs.jsonl"
    records = [
        {"title": f"Số {n}", "text": "\u2028".join(chance.choices(WORDS, cum_weights=weights, k=chance.randint(8, 60)))}
        for n in range(200)
    ]
    file.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return file


def test_the_report_has_every_figure(docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Engines agree on every answer, and each peer has a ratio for each set, for the size and for the index time."""
    out = tmp_path / "out.json"
    options = [
        "--docs",
        str(docs),
        "--peers",
        "tantivy,sqlite",
        "--count",
        "8",
        "--passes",
        "1",
        "--builds",
        "2",
        "--json",
        str(out),
    ]
    monkeypatch.setattr(sys, "argv", ["benchmarks.engine", *options])
    assert engine.main() == 0
    figures = json.loads(out.read_text(encoding="utf-8"))
    assert figures["mismatches"] == []
    assert figures["corpus"]["documents"] == 200
    for peer in ("tantivy", "sqlite"):
        assert set(figures["ratios"][peer]) == {*SETS, "size", "index_time"}
        assert all(ratio > 0 for ratio in figures["ratios"][peer].values())
    for name in SETS:
        assert figures["sets"][name]["queries"] > 0
        assert set(figures["sets"][name]["pairs"]) == {"tantivy", "tantivy_no_count", "sqlite"}
        for pair in figures["sets"][name]["pairs"].values():
            assert pair["queries"] == figures["sets"][name]["queries"]
            assert set(pair["ours_ms"]) == set(pair["peer_ms"]) == set(pair["ratio"]) == {"p50", "p95", "p99"}
        assert set(figures["cold"][name]["pairs"]) == {"tantivy"}
    assert set(figures["reranked"]["pairs"]) == {"tantivy", "tantivy_no_count", "sqlite"}
    for described in figures["engines"].values():
        assert described["bytes"] > 0
        assert min(described["index_seconds"], described["searchable_seconds"]) > 0


def test_the_same_seed_gives_the_same_queries(docs: Path) -> None:
    """Sampling depends on nothing but corpus and seed; no query comes twice."""
    corpus = read_corpus(docs, 100, 1)
    first, second = (choose_queries(Sampler(corpus, 3), 20, None) for _ in range(2))
    assert first == second
    assert choose_queries(Sampler(corpus, 4), 20, None) != first
    for queries in first.values():
        assert len(set(queries)) == len(queries)


def test_queries_can_come_from_a_file(docs: Path, tmp_path: Path) -> None:
    """Texts are cut as documents are; a set that the file names is not sampled as well, and no set is invented."""
    file = tmp_path / "queries.jsonl"
    lines = [{"set": "phrase", "text": "Điều ĐIỀU khoản"}, {"text": "Khoản, khoản hoà"}, {"set": "prefix", "text": "quy định"}]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    sampler = Sampler(read_corpus(docs, None, 1), 1)
    chosen = choose_queries(sampler, 5, file)
    assert chosen["phrase"] == [Query("phrase", ("điều", "điều", "khoản"))]
    assert chosen["question"] == [Query("question", ("khoản", "hòa"))]
    assert chosen["prefix"] == [Query("prefix", ("qui",))]
    assert len(chosen["rare"]) == 5
    file.write_text('{"set": "fuzzy", "text": "a"}\n', encoding="utf-8")
    with pytest.raises(ValueError, match="fuzzy"):
        choose_queries(sampler, 5, file)


def test_copies_keep_the_words_and_change_their_order() -> None:
    """A corpus larger than its file repeats it with shuffled words, the same each time."""
    original = " ".join(f"w{n}" for n in range(40))
    larger = make_corpus([original], 1, 1).resized(3)
    texts = list(larger.texts())
    assert texts == list(larger.texts())
    assert texts[0] == original
    assert len(set(texts)) == 3
    assert {tuple(sorted(text.split())) for text in texts} == {tuple(sorted(original.split()))}


class _Liar:
    """An engine whose totals are one off."""

    def __init__(self, total: int) -> None:
        self._total = total

    def prepare(self, query: Query) -> Query:
        return query

    def ask(self, _prepared: Query) -> int:
        return self._total

    def read(self, answer: int) -> Answer:
        return Answer(answer, 0)


def test_a_disagreement_is_told() -> None:
    """Times of engines that answer differently are no comparison."""
    timings = time_set({"ours": _Liar(1), "peer": _Liar(2)}, [Query("single", ("a",))] * 2, 1, 60, random.Random(1))
    assert [(each.what, each.ours, each.theirs) for each in timings.mismatches] == [("total", 1, 2)] * 2
