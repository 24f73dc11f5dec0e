"""Latency against corpus size, ours and a peer's, as a table and as a plot.

Up to the size of `--docs` a corpus is a random choice of its documents; beyond, all of them and copies whose words are
shuffled, so that df and tf grow in proportion. Each size has its own index, and queries sampled from its own originals by the
same rules and seed.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from benchmarks.corpus import Corpus, read_corpus
from benchmarks.engine import tell
from benchmarks.peers import OURS, make_peer
from benchmarks.queries import SETS, Sampler
from benchmarks.timing import time_set

REPOSITORY = Path(__file__).resolve().parent.parent
SIZES = "10000,50000,117691,1000000"
_COLOURS = ("#0072b2", "#d55e00", "#009e73")  # told apart by colour-blind readers, too
_NAMES = {
    "single": "one word",
    "and": "AND of 2 to 5",
    "or_common": "OR of 2 to 6 common",
    "rare": "OR of 2 to 6 rare",
    "question": "questions",
    "phrase": "phrases",
    "facets": "filter and 5 facets",
    "prefix": "prefixes",
}
Latency = dict[str, dict[str, float]]  # engine → p50, p95, p99 in milliseconds
Scale = dict[int, dict[str, Latency]]  # documents → query set → latency


def main() -> None:
    """Measure every size, print the table, write the plot."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--docs", type=Path, required=True, help="FILE.jsonl or FILE.jsonl.zst")
    parser.add_argument("--sizes", default=SIZES, help="numbers of documents, separated by commas")
    parser.add_argument("--peer", default="tantivy")
    parser.add_argument("--count", type=int, default=200, help="queries in a set")
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plot", type=Path, default=REPOSITORY / "docs" / "latency.svg")
    parser.add_argument("--json", type=Path, help="write the figures here")
    arguments = parser.parse_args()
    tell(f"reading {arguments.docs.name}")
    corpus = read_corpus(arguments.docs, None, arguments.seed)
    scale = {size: measure(corpus.resized(size), arguments) for size in map(int, arguments.sizes.split(","))}
    if arguments.json:
        arguments.json.write_text(json.dumps(scale, indent=2) + "\n", encoding="utf-8")
    print(table(scale))
    draw(scale, arguments.plot)


def measure(corpus: Corpus, arguments: argparse.Namespace) -> dict[str, Latency]:
    """Return the latency of every query set on a corpus of one size."""
    names = (OURS, arguments.peer)
    sampler = Sampler(corpus, arguments.seed)
    found: dict[str, Latency] = {}
    with tempfile.TemporaryDirectory() as place:
        engines = {name: make_peer(name) for name in names}
        for name, engine in engines.items():
            tell(f"indexing {corpus.count} documents: {name}")
            engine.build(Path(place) / name, corpus)
            engine.open(Path(place) / name)
        for name in SETS:
            queries = sampler.sample(name, arguments.count)
            timings = time_set(engines, queries, arguments.passes, float("inf"), random.Random(arguments.seed))
            if timings.mismatches:
                raise RuntimeError(f"{len(timings.mismatches)} answers differ: run benchmarks.engine")
            found[name] = {engine: _rounded(timings.percentiles(engine)) for engine in names}
    return found


def table(scale: Scale) -> str:
    """Return the figures, a row for each set and size."""
    lines = [f"{'set':11}{'documents':>11}  {'engine':12}{'p50 ms':>10}{'p95 ms':>10}{'p99 ms':>10}"]
    for name in SETS:
        for size, sets in scale.items():
            for engine, found in sets[name].items():
                values = "".join(f"{found[each]:10.3f}" for each in ("p50", "p95", "p99"))
                lines.append(f"{name:11}{size:11,}  {engine:12}{values}")
    return "\n".join(lines)


def draw(scale: Scale, file: Path) -> None:
    """Write the plot: a panel for each set, p50 drawn through and p95 dashed, both axes logarithmic."""
    with rc_context({"svg.hashsalt": "congbao", "svg.fonttype": "none", "font.size": 9}):  # the same figures, the same file
        figure = Figure(figsize=(12, 6), layout="constrained")
        panels = figure.subplots(2, 4, sharex=True)
        for panel, name in zip(panels.flat, SETS, strict=True):
            _panel(panel, name, scale)
        figure.supxlabel("documents")
        figure.supylabel("milliseconds")
        figure.legend(*panels.flat[0].get_legend_handles_labels(), loc="outside upper center", ncols=4, frameon=False)
        figure.savefig(file, format="svg", metadata={"Date": None})


def _panel(panel: Any, name: str, scale: Scale) -> None:
    sizes: Sequence[int] = sorted(scale)
    engines: Mapping[str, Any] = scale[sizes[0]][name]
    for engine, colour in zip(engines, _COLOURS, strict=False):
        for percentile, style in (("p50", "-"), ("p95", "--")):
            values = [scale[size][name][engine][percentile] for size in sizes]
            panel.plot(sizes, values, style, color=colour, marker="o", markersize=3, label=f"{engine} {percentile}")
    panel.set(title=_NAMES[name], xscale="log", yscale="log")
    panel.minorticks_off()  # half of the file
    panel.grid(visible=True, which="major", linewidth=0.4, alpha=0.5)


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in values.items()}


if __name__ == "__main__":
    main()
