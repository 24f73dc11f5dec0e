"""Finding the document that one knows: hit@1 and MRR@10 by kind of question, with tantivy and SQLite FTS5 given the same fields.

    python -m benchmarks.known_item --docs docs.jsonl.zst [--docs more.jsonl] --peers tantivy,sqlite --json OUT

The records become documents as in `congbao eval`. All are indexed, those with a number and a title are asked for
(benchmarks/known_queries.py). The project answers as the API does, without the text of hits.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

import numpy as np

from benchmarks.engine import tell
from benchmarks.known_queries import Asked, Inventory, Known, make_questions
from benchmarks.laws import as_stated
from indexer.config import Options
from indexer.engine.fields import Scope
from search_api.evaluation.collection import Item, items, records
from search_api.evaluation.metrics import score
from search_api.evaluation.peers import PEERS, make_peer, rows_of
from search_api.evaluation.run import index_of
from search_api.params import SearchParams
from search_api.search import find

_DEPTH = 10
Answer = Callable[[str], list[str]]


class Documents:
    """The documents of some files of JSON Lines; `known` are those that came by and have a number."""

    def __init__(self, paths: Sequence[Path], limit: int | None) -> None:
        self._paths, self._limit = paths, limit
        self.known: list[Known] = []

    def items(self) -> Iterator[Item]:
        """Yield every document; ids number them."""
        self.known.clear()
        found = chain.from_iterable(islice(records(path), self._limit) for path in self._paths)
        for item in items({**as_stated((place, record)), "_id": place} for place, record in enumerate(found)):
            about = item.understood.metadata
            if about.number:
                year = about.issued_date.year if about.issued_date else None
                self.known.append(Known(item.ids[0], about.number, about.type or "", year, about.title or ""))
            yield item


def main() -> int:
    """Measure and print; `--json` for programs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--docs", type=Path, required=True, action="append", help="FILE.jsonl or FILE.jsonl.zst; may be repeated")
    parser.add_argument("--limit", type=int, help="the first N records of each file alone")
    parser.add_argument("--peers", default="tantivy,sqlite", help=f"of {', '.join(PEERS)}, by commas")
    parser.add_argument("--questions", type=int, default=1125)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--misses", type=Path, help="write our questions that are not answered first, one JSON object a line")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    documents = Documents(options.docs, options.limit)
    report: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "congbao").mkdir()
        with index_of(documents.items(), Path(folder, "congbao"), "whoosh", Options()) as (engine, ids):
            questions = make_questions(Inventory(documents.known), options.questions, options.seed)

            def ours(text: str) -> list[str]:
                result = find(engine, SearchParams(q=text, size=_DEPTH, collapse=False, prior=False))[1]
                return [ids[hit.key][0] for hit in result.hits]

            report["congbao"] = _measure("congbao", questions, ours, options.misses)
        for name in filter(None, options.peers.split(",")):
            peer = make_peer(name)
            peer.build(Path(folder, name), rows_of(documents.items(), Scope.DOCUMENTS))
            report[name] = _measure(name, questions, lambda text, peer=peer: peer.ask(text, _DEPTH))
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0


def _measure(name: str, questions: Sequence[Asked], answer: Answer, misses: Path | None = None) -> dict[str, object]:
    """Ask everything once and return figures by kind, latency in milliseconds over all."""
    scores: dict[str, list[tuple[float, ...]]] = defaultdict(list)
    taken, missed = [], []
    for question in questions:
        begun = time.perf_counter()
        found = answer(question.text)
        taken.append((time.perf_counter() - begun) * 1000)
        scores[question.kind].append(score(found, dict.fromkeys(question.relevant, 1)))
        if not question.relevant.intersection(found[:1]):
            missed.append({"kind": question.kind, "text": question.text, "wanted": sorted(question.relevant), "found": found[:3]})
    figures: dict[str, object] = {}
    for kind, values in scores.items():
        reciprocal, _, first, ten, _ = np.array(values).mean(axis=0).round(4).tolist()
        figures[kind] = {"questions": len(values), "hit@1": first, "hit@10": ten, "mrr@10": reciprocal}
        tell(f"{name} {kind}: hit@1 {first:.3f}, hit@10 {ten:.3f}, {len(values)} questions")
    p50, p95 = np.quantile(taken, (0.5, 0.95)).round(2).tolist()
    tell(f"{name}: p50 {p50} ms, p95 {p95} ms")
    if misses:
        misses.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in missed), encoding="utf-8")
    return {"kinds": figures, "p50_ms": p50, "p95_ms": p95}


if __name__ == "__main__":
    sys.exit(main())
