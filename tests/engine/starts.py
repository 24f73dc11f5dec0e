"""First and later starts, each in a process of its own, for a process compiles a kernel once."""

import json
import os
import random
import sys
from pathlib import Path
from typing import Any

# Beside the program's own code: a process with read-only code has no test code in it.
import numpy as np

from analyzers import kernels as text_kernels
from indexer.engine.fields import Scope
from indexer.engine.port import Entry, SearchRequest, Sort
from indexer.engine.query import And, Fuzzy, Layer, Near, Node, OneOf, Or, Phrase, Prefix, Range, Term, Wildcard
from indexer.engine.whooshdb import kernels, pairs
from indexer.engine.whooshdb.compiled import prepare
from indexer.engine.whooshdb.store import WhooshStore
from indexer.engine.whooshdb.warming import warm
from indexer.model import Visibility


def compiled() -> dict[str, list[Any]]:
    """Return the signatures that each kernel has code for in this process."""
    return {kernel.__name__: list(kernel.signatures) for kernel in kernels.KERNELS}


def compile_nothing_after_warming(folder: Path) -> None:
    """Warm, then write and ask a larger index of another kind: no kernel meets a type that it has not met."""
    from engine.asking import Asking, Words
    from engine.building import documents, real_articles, spelt, syllables_alone

    warm(folder / "data" / "index")
    before = compiled()
    assert all(before.values()), before
    pairs.OFTEN = 64
    articles = real_articles(None, 1500)
    made = documents(articles, seed=3)
    store = WhooshStore(folder / "index", analyse=syllables_alone)
    keys, change = list(made), 0
    while keys:
        batch, keys = keys[: 3 * change + 1], keys[3 * change + 1 :]
        change += 1
        with store.writer() as writer:
            for key in batch:
                columns = {"site": f"trang {key}"} if change > 20 else {}
                writer.replace(key, [Entry(**{**_fields(each), "columns": {**each.columns, **columns}}) for each in made[key]])
            writer.delete(batch[0])
            writer.commit(change)
    texts = [list(spelt(article["text"], Layer.MAIN)) for article in articles]
    words = Words([text for text in texts if len(text) > 8])
    asking = Asking(1, dict.fromkeys(Layer, words))
    engine = store.engine()
    for _ in range(150):
        engine.search(asking.request())
    with store.rebuild() as writer:
        writer.replace(1, made[1])
        writer.commit(change + 1)
    with store.writer() as writer:
        writer.optimize()
        writer.purge([1])
        writer.commit(change + 2)
    for _ in range(20):
        engine.search(asking.request())
    assert store.verify() == []
    assert compiled() == before


def _fields(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in Entry.__slots__}


def use_small_kernels(folder: Path) -> None:
    """Compile, or find, two kernels below `folder`."""
    del os.environ["NUMBA_CACHE_DIR"]
    prepare(folder)
    codes, chosen, bitmap = np.array([1, 2, 1], np.uint8), np.array([0, 1, 0], np.uint8), np.zeros(4, np.uint64)
    kernels.select(codes, chosen, bitmap)
    assert bitmap.tolist() == [0b101, 0, 0, 0]
    counts = np.zeros(3, np.int64)
    kernels.count(bitmap, codes, counts)
    assert counts.tolist() == [0, 2, 0]


def index_and_search(data: Path) -> None:
    """Write and ask a few entries, and print what was compiled and what was found in the cache."""
    store = WhooshStore(data / "index", workers=2)
    chance = random.Random(1)
    with store.writer() as writer:
        for key in range(1, 30):
            texts = {"title": f"đất đai {key}", "body": "thu hồi đất để thực hiện quy hoạch sử dụng đất " * chance.randint(1, 9)}
            columns = {"visibility": Visibility.PUBLIC, "type": f"loại {key % 3}", "year": 2000 + key}
            writer.replace(key, [Entry(key, str(key), Scope.DOCUMENTS, texts=texts, columns=columns)])
        writer.commit(1)
    engine = store.engine()
    nodes: tuple[Node, ...] = (Term("đất"), Phrase(("thu", "hồi")), Near(("đất", "hồi"), 3), Prefix("đ"))
    nodes += (Wildcard("đ?t"), Fuzzy("đấtt"), And((Term("đất"), Or((Term("hồi"), Range("year", 2010, 2020))))))
    for node in nodes:
        request = SearchRequest(node, filters=(OneOf("type", ("loại 1",)),), sort=Sort.RELEVANCE, facets=("type", "year"))
        assert engine.search(request).total, node
    stats = {kernel.__name__: kernel.stats for kernel in (*kernels.KERNELS, *text_kernels.KERNELS)}
    counted = {name: [sum(each.cache_misses.values()), sum(each.cache_hits.values())] for name, each in stats.items()}
    sys.stdout.write(json.dumps(counted))


if __name__ == "__main__":
    index_and_search(Path(sys.argv[1]))
