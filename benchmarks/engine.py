"""This engine beside tantivy, SQLite FTS5 and stock Whoosh: the same tokens, the same queries, one thread, in turn.

Both sides are timed from a built query object to ids, scores and the exact total of a single segment; no text is stored, no
answer kept. Ours remembers where the lists of terms are that were asked for, and `sets` are timed after every query was asked
once; tantivy looks its terms up each time. `cold` has the same sets beside the first peer, with that memory emptied before
each query. `reranked` are questions with our second look, beside the peers' plain answers to them: the totals must agree, the
order does not. `ratios.<peer>` in the JSON is ours / peer: the worse of the p50 and the p95 ratio of each of `sets`, `size`
(bytes of the index), and `index_time`, the worse of two ratios: until everything can be searched, and until it is one segment,
for which tantivy's binding needs commits and merges that it would do without. What the query sets are is in
benchmarks/queries.py, how times are taken in benchmarks/timing.py, how each engine is asked in benchmarks/peers/.

Each peer is timed in turn with ours alone: with all of them in one turn, what a slow one leaves in the processor's caches
doubled the times of short queries, and a ratio would depend on who else is asked. Tantivy is timed once more without its
count.

Exit code 1 when an engine finds another total or other facet counts than ours.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.corpus import FACETS, FILTER, Corpus, read_corpus
from benchmarks.memory import memory_of
from benchmarks.peers import OURS, PEERS, Built, Peer, make_peer, size_of
from benchmarks.queries import RERANKED, Query, Sampler, choose_queries
from benchmarks.timing import Timings, time_set

Json = dict[str, Any]
NO_COUNT = "tantivy_no_count"
_HEADS = ("our p50", "p95", "p99", "their p50", "p95", "p99", "p50 ratio", "p95 ratio")  # milliseconds, ours / theirs
_BASIS = "the worse ratio of `index_seconds` (token texts to one merged segment) and `searchable_seconds` (before the merge)"


def main() -> int:
    """Measure, print and return the exit code."""
    arguments = _parser().parse_args()
    peers = [name for name in arguments.peers.split(",") if name]
    known = PEERS.keys() - {OURS, NO_COUNT}
    if not peers or set(peers) - known:
        print(f"--peers names some of {', '.join(sorted(known))}", file=sys.stderr)
        return 2
    tell(f"reading {arguments.docs.name}")
    corpus = read_corpus(arguments.docs, arguments.limit, arguments.seed)
    with tempfile.TemporaryDirectory() as place:
        figures = measure(corpus, [OURS, *peers], arguments, Path(place))
    figures["corpus"] = {"file": arguments.docs.name, **figures["corpus"]}
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(report(figures))
    return 1 if figures["mismatches"] else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--docs", type=Path, required=True, help="FILE.jsonl or FILE.jsonl.zst with `text` and perhaps `title`")
    parser.add_argument("--limit", type=int, help="the first N documents alone")
    parser.add_argument("--peers", default="tantivy,sqlite,whoosh", help="who to compare with, separated by commas")
    parser.add_argument("--queries", type=Path, help="FILE.jsonl with `set` and `text`, instead of sampled queries")
    parser.add_argument("--count", type=int, default=200, help="sampled queries in a set")
    parser.add_argument("--passes", type=int, default=3, help="times that each query is timed; the best counts")
    parser.add_argument("--builds", type=int, default=1, help="times that each index is built; the fastest counts")
    parser.add_argument("--patience", type=float, default=60, help="seconds in which a slow peer may answer one set")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the figures here")
    return parser


def measure(corpus: Corpus, names: Sequence[str], arguments: argparse.Namespace, place: Path) -> Json:
    """Build every engine's index under `place`, ask the queries and return the figures; the first of `names` is ours."""
    sampler = Sampler(corpus, arguments.seed)
    sets = choose_queries(sampler, arguments.count, arguments.queries)
    built = {name: _build(name, place / name, corpus, arguments.builds) for name in names}
    engines = open_engines(names, place)
    again = [Query(RERANKED, query.words) for query in sets["question"]]
    cold_pair = {name: engines[name] for name in names[:2]}
    timings: dict[str, dict[str, Timings]] = {}
    cold: dict[str, dict[str, Timings]] = {}
    for name, queries in {**sets, RERANKED: again}.items():
        tell(f"asking {name} ({len(queries)})")
        timings[name] = time_pairs(engines, queries, arguments)
        if name != RERANKED:
            cold[name] = time_pairs(cold_pair, queries, arguments, cold=True)
    looked = timings.pop(RERANKED)
    some = [query for queries in sets.values() for query in queries[:50]]
    described = {name: _describe(name, built[name], place / name, some) for name in names}
    return {
        "corpus": {"documents": corpus.count, "tokens": _tokens(corpus), "vocabulary": len(sampler.vocabulary)},
        "protocol": _protocol(arguments),
        "engines": described,
        "sets": {name: _set_figures(queries, timings[name]) for name, queries in sets.items()},
        "cold": {name: _set_figures(queries, cold[name]) for name, queries in sets.items()},
        RERANKED: _set_figures(again, looked),
        "ratios": {name: _ratios(name, timings, described) for name in names[1:]},
        "mismatches": [
            asdict(each) for pairs in (*timings.values(), looked) for found in pairs.values() for each in found.mismatches
        ],
    }


def time_pairs(
    engines: Mapping[str, Peer], queries: Sequence[Query], arguments: argparse.Namespace, *, cold: bool = False
) -> dict[str, Timings]:
    """Time one query set: each peer in turn with ours."""
    pairs = {peer: {OURS: engines[OURS], peer: engine} for peer, engine in engines.items() if peer != OURS}
    return {
        peer: time_set(pair, queries, arguments.passes, arguments.patience, random.Random(arguments.seed), cold=cold)
        for peer, pair in pairs.items()
    }


def open_engines(names: Sequence[str], place: Path) -> dict[str, Peer]:
    """Open the built engines in the order of `names`; tantivy a second time, to be asked without a count."""
    folders = {name: place / name for name in names} | ({NO_COUNT: place / "tantivy"} if "tantivy" in names else {})
    engines = {name: make_peer(name) for name in folders}
    for name, engine in engines.items():
        engine.open(folders[name])
    return engines


def _build(name: str, folder: Path, corpus: Corpus, times: int) -> Built:
    tell(f"indexing {corpus.count} documents: {name}")
    built = []
    for _ in range(times):
        shutil.rmtree(folder, ignore_errors=True)
        built.append(make_peer(name).build(folder, corpus))
    return min(built, key=lambda each: each.merged)


def _describe(name: str, built: Built, folder: Path, queries: Sequence[Query]) -> Json:
    tell(f"memory: {name}")
    return {
        "index_seconds": round(built.merged, 3),
        "searchable_seconds": round(built.searchable, 3),
        "how": built.how,
        "bytes": size_of(folder),
        "memory": memory_of(name, folder, queries),
    }


def _set_figures(queries: Sequence[Query], pairs: Mapping[str, Timings]) -> Json:
    return {"queries": len(queries), "pairs": {peer: _pair_figures(peer, found) for peer, found in pairs.items()}}


def _pair_figures(peer: str, found: Timings) -> Json:
    answered = len(found.milliseconds[peer])
    ours, theirs = _rounded(found.percentiles(OURS, answered)), _rounded(found.percentiles(peer))
    return {"queries": answered, "ours_ms": ours, "peer_ms": theirs, "ratio": _rounded(found.ratio(OURS, peer))}


def _ratios(peer: str, timings: Mapping[str, Mapping[str, Timings]], engines: Json) -> dict[str, float]:
    """Return the worse of the p50 and p95 ratio of each set, and the ratios of size and of index time."""
    found = {name: pairs[peer].ratio(OURS, peer) for name, pairs in timings.items()}
    sets = {name: max(ratio["p50"], ratio["p95"]) for name, ratio in found.items()}
    ours, theirs = engines[OURS], engines[peer]
    time = max(ours[name] / theirs[name] for name in ("index_seconds", "searchable_seconds"))
    return _rounded(sets | {"size": ours["bytes"] / theirs["bytes"], "index_time": time})


def _protocol(arguments: argparse.Namespace) -> Json:
    return {
        "seed": arguments.seed,
        "builds": arguments.builds,
        "passes": arguments.passes,
        "statistic": "the best of the passes of each query, then percentiles over queries",
        "patience_seconds": arguments.patience,
        "index_time": _BASIS,
        "filter": {"column": FILTER[0], "code": FILTER[1]},
        "facets": dict(FACETS),
        "queries": arguments.queries.name if arguments.queries else "sampled",
    }


def _tokens(corpus: Corpus) -> int:
    return sum(text.count(" ") + 1 for text in corpus.texts())


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in values.items()}


def report(figures: Json) -> str:
    """Return the figures as a page for people."""
    corpus = figures["corpus"]
    lines = [f"{corpus['documents']:,} documents, {corpus['tokens']:,} tokens, {corpus['vocabulary']:,} terms", ""]
    lines.append(f"{'engine':18}{'index s':>9}{'unmerged':>9}{'MB':>9}{'anon MB':>9}{'mapped':>9}")
    for name, engine in figures["engines"].items():
        held = engine["memory"]
        lines.append(
            f"{name:18}{engine['index_seconds']:9.2f}{engine['searchable_seconds']:9.2f}{engine['bytes'] / 1e6:9.1f}"
            f"{held.get('anonymous_mb', 0):9.1f}{held.get('mapped_mb', 0):9.1f}"
        )
    lines += ["", f"{'set':17}{'beside':18}{'queries':>8}" + "".join(f"{head:>10}" for head in _HEADS)]
    sets = figures["sets"] | {RERANKED: figures[RERANKED]} | {f"{name}, cold": found for name, found in figures["cold"].items()}
    for name, figures_of_set in sets.items():
        for peer, pair in figures_of_set["pairs"].items():
            values = [*pair["ours_ms"].values(), *pair["peer_ms"].values(), pair["ratio"]["p50"], pair["ratio"]["p95"]]
            lines.append(f"{name:17}{peer:18}{pair['queries']:8}" + "".join(f"{value:10.3f}" for value in values))
    for peer, ratios in figures["ratios"].items():
        lines += ["", f"ours / {peer}: " + ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items())]
    lines += ["", f"answers that differ: {len(figures['mismatches'])}"]
    lines += [f"  {each['peer']}, {each['what']}: {each['query']}" for each in figures["mismatches"][:20]]
    return "\n".join(lines)


def tell(what: str) -> None:
    """Say on standard error what is being done."""
    print(f"… {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
