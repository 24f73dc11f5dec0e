"""One evaluation: the corpus through catalogue and index, each question through the path that the API takes, scored."""

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analyzers.accents import fold
from indexer.catalogue import Declaration, FoundFile, WritableCatalogue
from indexer.config import Options
from indexer.datafolder import DataFolder
from indexer.engine.memory import MemoryStore
from indexer.engine.port import IndexStore, SearchEngine
from indexer.engine.whooshdb.store import WhooshStore
from indexer.engine.whooshdb.warming import warm
from indexer.publish import rebuild
from search_api.evaluation.collection import Collection, Item
from search_api.evaluation.metrics import Figure, score, summarise
from search_api.params import MAX_QUERY, SearchParams
from search_api.search import find

DEPTH = 100  # of a ranking
_BATCH = 500  # documents in one transaction
_SOURCE = Declaration(Path("/corpus"), "corpus", publishable=True)

Answers = dict[str, list[str]]
"""Question → corpus ids, best first."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of one run; times in milliseconds from a question's text to its ranked ids and exact total."""

    questions: int
    figures: dict[str, Figure]
    p50: float
    p95: float


@contextmanager
def index_of(
    items: Iterator[Item], folder: Path, engine: str, options: Options
) -> Iterator[tuple[SearchEngine, dict[int, tuple[str, ...]]]]:
    """Build a catalogue and an index of a corpus in `folder`; give the engine, and by document key its corpus ids."""
    with closing(WritableCatalogue.open(folder / "catalogue.sqlite")) as catalogue:
        ids = fill(catalogue, items)
        store: IndexStore = MemoryStore()
        if engine != "memory":
            data = DataFolder(options.data)
            warm(data.index if data.path.is_dir() else folder / "index")  # its time is no question's
            store = WhooshStore(folder / "index", workers=options.workers)
        rebuild(catalogue, store)
        with closing(store.engine()) as opened:
            yield opened, ids


def fill(catalogue: WritableCatalogue, items: Iterator[Item]) -> dict[int, tuple[str, ...]]:
    """Put documents into the catalogue as the pipeline does, some hundreds in a transaction; return their corpus ids by key."""
    ids: dict[int, tuple[str, ...]] = {}
    batch: list[Item] = []
    for item in items:
        batch.append(item)
        if len(batch) == _BATCH:
            ids |= _put(catalogue, batch, len(ids))
            batch = []
    return ids | _put(catalogue, batch, len(ids))


def _put(catalogue: WritableCatalogue, batch: Sequence[Item], first: int) -> dict[int, tuple[str, ...]]:
    ids = {}
    with catalogue.transaction() as change:
        for number, item in enumerate(batch, first):
            text = f"{number}\n{item.understood.canonical.text}".encode()
            found = FoundFile(_SOURCE.path / str(number), len(text), 1, hashlib.sha256(text).hexdigest())
            ids[change.put(found, _SOURCE, item.understood, item.understood.metadata, {})] = item.ids
    return ids


def ask(
    collection: Collection, engine: SearchEngine, ids: dict[int, tuple[str, ...]], *, folded: bool
) -> tuple[Answers, list[float]]:
    """Ask every question, without its accents when `folded`; return the rankings, and the milliseconds of each."""
    answers: Answers = {}
    taken: list[float] = []
    for question in collection.questions:
        text = fold(question.text) if folded else question.text
        params = SearchParams(q=text[:MAX_QUERY], scope=collection.scope, size=DEPTH)
        begun = time.perf_counter()
        _, result = find(engine, params)
        taken.append((time.perf_counter() - begun) * 1000)
        answers[question.id] = [ids[hit.key][max(0, hit.ordinal - 1)] for hit in result.hits]
    return answers, taken


def evaluate(collection: Collection, answers: Answers, taken: Sequence[float]) -> Evaluation:
    """Score rankings of all questions; one without an answer counts as none found."""
    scores = [score(answers.get(question.id, ()), question.relevant) for question in collection.questions]
    p50, p95 = np.quantile(taken, (0.5, 0.95))
    return Evaluation(len(scores), summarise(scores), float(p50), float(p95))


def write_run(path: Path, answers: Answers) -> None:
    """Write rankings as lines of question, corpus id and rank, 1 being the best."""
    with path.open("w", encoding="utf-8") as lines:
        for question, ranking in answers.items():
            lines.writelines(f"{question}\t{found}\t{rank}\n" for rank, found in enumerate(ranking, 1))
