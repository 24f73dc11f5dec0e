"""Similar documents: does the other one of a pair that the law ties together stand among the ten?

    python -m benchmarks.similar --docs docs.jsonl.zst --limit 2500 --peers tantivy --json OUT

Pairs are documents of which one amends, replaces, repeals, guides or details the other, as the extractor reads it, and two that
guide or detail the same third one; each is asked for from both sides. What ties them is hidden from the ranking: the number or
name of the pair's other, or of the third, is taken from what a document cites, and that one names the other counts for nothing.
Peers, with the same documents: tantivy's more-like-this over title and text (at most 25 terms), and BM25 of the whole title.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import combinations, islice
from pathlib import Path

import tantivy

from benchmarks.corpus import tokens_of
from benchmarks.engine import tell
from benchmarks.laws import as_stated
from indexer.catalogue import Catalogue
from indexer.catalogue.relations import Cited
from indexer.config import Options
from indexer.engine.port import SearchEngine
from indexer.model import RelationKind, Visibility
from indexer.read import understand
from search_api.evaluation.collection import Item, items, records
from search_api.evaluation.peers import TantivyPeer
from search_api.evaluation.run import index_of
from search_api.similar import MOST, ranked
from search_api.telling import telling_words

_KINDS = (RelationKind.AMENDS, RelationKind.REPLACES, RelationKind.REPEALS, RelationKind.GUIDES, RelationKind.DETAILS)
_SAME = "same law"
_MOST_OF_ONE_LAW = 8  # documents that guide it, of more a choice
Pair = tuple[int, int, Cited]
"""Two documents, and what ties them as the first one's text names it."""
Ask = Callable[[int, Cited], list[int]]


def main() -> int:
    """Measure and print; `--json` for programs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--docs", type=Path, required=True, help="FILE.jsonl or FILE.jsonl.zst of whole documents")
    parser.add_argument("--limit", type=int, help="the first N records alone")
    parser.add_argument("--peers", default="tantivy", help="tantivy, or nothing")
    parser.add_argument("--pairs", type=int, default=300, help="of each kind at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "congbao")
        place.mkdir()
        tell("reading and indexing")
        with (
            index_of(_items(options.docs, options.limit), place, "whoosh", Options()) as (engine, _),
            closing(Catalogue.open(place / "catalogue.sqlite")) as catalogue,
        ):
            report = measure(catalogue, engine, options, Path(folder, "peers"))
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0


def measure(catalogue: Catalogue, engine: SearchEngine, options: argparse.Namespace, folder: Path) -> dict[str, object]:
    """Ask from both sides of every pair and return the figures by engine and kind; peers are built in `folder`."""
    pairs = _pairs(catalogue, random.Random(options.seed), options.pairs)
    report: dict[str, object] = {"congbao": _measured("congbao", pairs, lambda key, tie: _ours(catalogue, engine, key, tie))}
    if options.peers:
        alike, titles = _peers(catalogue, folder)
        report["more-like-this"] = _measured("tantivy more-like-this", pairs, alike)
        report["title"] = _measured("tantivy title", pairs, titles)
    return report


def _items(path: Path, limit: int | None) -> Iterator[Item]:
    """Yield the documents with the relations that the extractor reads."""
    for item in items(map(as_stated, enumerate(islice(records(path), limit)))):
        found = understand(item.understood.canonical, "text")
        yield replace(item, understood=replace(item.understood, relations=found.relations))


def _pairs(catalogue: Catalogue, chance: random.Random, most: int) -> Mapping[str, Sequence[Pair]]:
    """Return up to `most` pairs of each kind."""
    pairs: dict[str, dict[tuple[int, int], Cited]] = defaultdict(dict)
    guiding: dict[Cited, set[int]] = defaultdict(set)
    for key in catalogue.live_keys():
        named = {shown: cited for cited, shown in catalogue.cited_by([key]).get(key, {}).items()}
        for group in catalogue.relations_of(key, frozenset(Visibility), 1_000):
            if group.kind not in _KINDS or group.received:
                continue
            for stored in group.relations:
                target = stored.relation.target
                cited = named.get(target.number or f"{target.name} {target.year or ''}".strip())
                if cited and stored.own and stored.other:
                    pairs[group.kind].setdefault((key, stored.other), cited)
                if cited and stored.own and group.kind in {RelationKind.GUIDES, RelationKind.DETAILS}:
                    guiding[cited].add(key)
    for cited, keys in guiding.items():
        some = chance.sample(sorted(keys), min(len(keys), _MOST_OF_ONE_LAW))
        pairs[_SAME].update(dict.fromkeys(combinations(some, 2), cited))
    every = {kind: [(*pair, found[pair]) for pair in sorted(found)] for kind, found in sorted(pairs.items())}
    return {kind: chance.sample(found, min(most, len(found))) for kind, found in every.items()}


def _ours(catalogue: Catalogue, engine: SearchEngine, key: int, tie: Cited) -> list[int]:
    document = catalogue.get_many([key], masked=True)[key]
    text, provisions = catalogue.canonical(key, masked=True).text, catalogue.provisions(key, masked=True)
    title = document.metadata.title or ""
    words = telling_words(engine, title, text, provisions)
    cited = {one: shown for one, shown in catalogue.cited_by([key]).get(key, {}).items() if one != tie}
    return [one.key for one in ranked(engine, catalogue, key, title, words, cited, ties=False)[:MOST]]


def _measured(name: str, pairs: Mapping[str, Sequence[Pair]], ask: Ask) -> dict[str, object]:
    """Return the share of questions whose ten hold the pair's other, by kind, and the median time of one."""
    figures: dict[str, object] = {}
    taken: list[float] = []
    for kind, some in pairs.items():
        found = 0
        for one, other, tie in some:
            for key, wanted in ((one, other), (other, one)):
                begun = time.perf_counter()
                found += wanted in ask(key, tie)
                taken.append((time.perf_counter() - begun) * 1000)
        figures[kind] = {"questions": 2 * len(some), "hit@10": round(found / (2 * len(some)), 3)}
        tell(f"{name} {kind}: hit@10 {found / (2 * len(some)):.3f}, {2 * len(some)} questions")
    figures["p50_ms"] = round(sorted(taken)[len(taken) // 2], 2) if taken else None
    tell(f"{name}: p50 {figures['p50_ms']} ms")
    return figures


def _peers(catalogue: Catalogue, folder: Path) -> tuple[Ask, Ask]:
    """Return tantivy's more-like-this, and its BM25 of the whole title, over the same documents."""
    titles = {key: found.metadata.title or "" for key, found in catalogue.get_many(catalogue.live_keys(), masked=True).items()}
    texts = {key: catalogue.canonical(key, masked=True).text for key in titles}
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("key", stored=True, indexed=True)
    for name in ("title", "text"):
        builder.add_text_field(name, stored=True, tokenizer_name="whitespace")
    (folder / "alike").mkdir(parents=True)
    index = tantivy.Index(builder.build(), path=str(folder / "alike"))
    writer = index.writer(heap_size=200_000_000, num_threads=1)
    for key, title in titles.items():
        document = tantivy.Document()
        document.add_integer("key", key)
        document.add_text("title", " ".join(tokens_of(title)))
        document.add_text("text", " ".join(tokens_of(texts[key])))
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    by_title = TantivyPeer()
    by_title.build(folder / "fielded", ((str(key), {"title": titles[key], "text": texts[key]}) for key in titles))

    def like_this(key: int, _: Cited) -> list[int]:
        own = searcher.search(tantivy.Query.term_query(index.schema, "key", key), 1).hits[0][1]
        query = tantivy.Query.more_like_this_query(own, max_query_terms=25)
        found = [searcher.doc(address)["key"][0] for _, address in searcher.search(query, MOST + 1).hits]
        return [other for other in found if other != key][:MOST]

    def title_of(key: int, _: Cited) -> list[int]:
        found = [int(other) for other in by_title.ask(titles[key], MOST + 1)]
        return [other for other in found if other != key][:MOST]

    return like_this, title_of


if __name__ == "__main__":
    sys.exit(main())
