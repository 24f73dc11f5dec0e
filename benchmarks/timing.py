"""Asking several engines the same queries in turn, and what the times say.

A first, untimed pass over the set warms every engine and compares totals and facet counts. Then come the timed passes, each
over all queries, so that an engine meets a query again only after all others; the engines' order is drawn anew for each query.
A query's time is the best of its passes: what else the machine does at that moment only ever adds. So by itself a time is that of
a query whose terms were looked up before. With `cold` an engine forgets them before each query (which is not timed): the time
of a query whose words nobody has asked for. Files are in memory in either case. An engine that has used up
its share of `patience` in the first pass is asked no further queries of the set; its percentiles and ratios are over those it
answered, ours over the same ones.
"""

import gc
import random
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from benchmarks.peers import Answer, Peer
from benchmarks.queries import Query


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A query that two engines answer differently."""

    query: Query
    peer: str
    what: str  # total or a facet's name
    ours: object
    theirs: object


@dataclass(frozen=True, slots=True)
class Timings:
    """The times of one query set in milliseconds: by engine, of its first queries in the set's order."""

    milliseconds: Mapping[str, Sequence[float]]
    mismatches: Sequence[Mismatch] = field(default_factory=tuple)

    def percentiles(self, engine: str, count: int | None = None) -> dict[str, float]:
        """Return p50, p95 and p99 of an engine's first `count` queries."""
        values = self.milliseconds[engine][:count]
        if len(values) < 2:
            return dict.fromkeys(("p50", "p95", "p99"), values[0] if values else 0.0)
        cuts = statistics.quantiles(values, n=100, method="inclusive")
        return {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98]}

    def ratio(self, ours: str, peer: str) -> dict[str, float]:
        """Return ours / peer at each percentile, over the queries that the peer answered."""
        theirs = self.percentiles(peer)
        mine = self.percentiles(ours, len(self.milliseconds[peer]))
        return {name: mine[name] / theirs[name] if theirs[name] else 0.0 for name in theirs}


def time_set(
    engines: Mapping[str, Peer],
    queries: Sequence[Query],
    passes: int,
    patience: float,
    chance: random.Random,
    *,
    cold: bool = False,
) -> Timings:
    """Ask `queries` of all engines, the first of which is the one that the others are compared with."""
    prepared = {name: [engine.prepare(query) for query in queries] for name, engine in engines.items()}
    asked, mismatches = _first_pass(engines, queries, prepared, patience / (passes + 1))
    times: dict[str, list[list[float]]] = {name: [[] for _ in range(count)] for name, count in asked.items()}
    for _ in range(passes):
        with _no_collection():
            for place in range(len(queries)):
                for name in chance.sample(list(engines), len(engines)):
                    if place < asked[name]:
                        if cold:
                            engines[name].forget()
                        times[name][place].append(_timed(engines[name], prepared[name][place]))
    return Timings({name: [min(each) for each in found] for name, found in times.items()}, mismatches)


def _first_pass(
    engines: Mapping[str, Peer], queries: Sequence[Query], prepared: Mapping[str, Sequence[Any]], patience: float
) -> tuple[dict[str, int], list[Mismatch]]:
    """Return how many of the queries each engine is to be asked, and where it disagrees with the first."""
    (ours, engine), *peers = engines.items()
    answers = [engine.read(engine.ask(each)) for each in prepared[ours]]
    asked, mismatches = {ours: len(queries)}, []
    for name, peer in peers:
        begun, asked[name] = time.perf_counter(), 0
        for query, answer, each in zip(queries, answers, prepared[name], strict=True):
            if time.perf_counter() - begun > patience:
                break
            mismatches += _compare(query, name, answer, peer.read(peer.ask(each)))
            asked[name] += 1
    return asked, mismatches


def _compare(query: Query, peer: str, ours: Answer, theirs: Answer) -> Iterator[Mismatch]:
    if theirs.total is not None and theirs.total != ours.total:
        yield Mismatch(query, peer, "total", ours.total, theirs.total)
    if theirs.hits != ours.hits:
        yield Mismatch(query, peer, "hits", ours.hits, theirs.hits)
    for name, counts in theirs.facets.items():
        if counts != ours.facets[name]:
            yield Mismatch(query, peer, name, dict(ours.facets[name]), dict(counts))


def _timed(engine: Peer, prepared: Any) -> float:
    begun = time.perf_counter()
    engine.ask(prepared)
    return (time.perf_counter() - begun) * 1000


@contextmanager
def _no_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
