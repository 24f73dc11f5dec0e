"""One evaluation: the corpus through catalogue and index, each question through the path that the API takes, scored.

Peers are asked the same questions beside it, over the same corpus.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analyzers.accents import fold
from indexer.catalogue import Declaration, FoundFile, WritableCatalogue
from indexer.config import Options
from indexer.datafolder import DataFolder
from indexer.engine.fields import Scope
from indexer.engine.memory import MemoryStore
from indexer.engine.port import Generation, IndexStore, SearchEngine, SearchRequest, SearchResult
from indexer.engine.query import Layer, Pattern
from indexer.engine.whooshdb.store import WhooshStore
from indexer.engine.whooshdb.warming import warm
from indexer.publish import rebuild
from search_api.evaluation.collection import Collection, Item
from search_api.evaluation.metrics import NAMES, Figure, score, summarise
from search_api.evaluation.peers import Peer, rows_of
from search_api.params import MAX_QUERY, SearchParams
from search_api.search import find

DEPTH = 100  # of a ranking
_BATCH = 500  # documents in one transaction
_SOURCE = Declaration(Path("/corpus"), "corpus", publishable=True)

Ranker = Callable[[str], list[str]]
"""From a question's text to corpus ids, best first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One system's rankings, by question, and the milliseconds that each took."""

    answers: dict[str, list[str]]
    taken: list[float]


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of one system; times in milliseconds from a question's text to its ranked ids, with ours to its exact total."""

    figures: dict[str, Figure]
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class Beside(Measured):
    """The figures of a peer, and by how much ours are higher; an interval on one side of 0 tells that this is no chance."""

    ahead: dict[str, Figure]


@dataclass(frozen=True, slots=True)
class Evaluation(Measured):
    """The figures of one run; `postings` are what the engine had to go through for a question, see `SearchEngine.postings`."""

    questions: int
    postings_mean: float
    postings_p95: float
    peers: dict[str, Beside]


class Listened:
    """An engine that keeps the requests which a question makes of it. Implements SearchEngine."""

    def __init__(self, engine: SearchEngine) -> None:
        self._engine = engine
        self.requests: list[SearchRequest] = []

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer as the engine does."""
        self.requests.append(request)
        return self._engine.search(request)

    def terms_alike(self, pattern: Pattern, scope: Scope = Scope.DOCUMENTS) -> tuple[tuple[str, int], ...]:
        """Answer as the engine does."""
        return self._engine.terms_alike(pattern, scope)

    def frequencies(self, terms: Sequence[str], scope: Scope = Scope.DOCUMENTS, layer: Layer = Layer.MAIN) -> tuple[int, ...]:
        """Answer as the engine does."""
        return self._engine.frequencies(terms, scope, layer)

    def spellings(self, folded: str, scope: Scope = Scope.DOCUMENTS) -> tuple[tuple[str, int], ...]:
        """Answer as the engine does."""
        return self._engine.spellings(folded, scope)

    def side_by_side(self, pairs: Sequence[tuple[str, str]]) -> tuple[int, ...]:
        """Answer as the engine does."""
        return self._engine.side_by_side(pairs)

    def postings(self, request: SearchRequest) -> int:
        """Answer as the engine does."""
        return self._engine.postings(request)

    def generation(self) -> Generation:
        """Answer as the engine does."""
        return self._engine.generation()

    def close(self) -> None:
        """Do nothing: whoever opened the engine closes it."""


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


def ranker(
    engine: SearchEngine, ids: dict[int, tuple[str, ...]], scope: Scope, *, collapse: bool = False, prior: bool = False
) -> Ranker:
    """Return what answers a question as the API does, without the text of hits.

    Judgements are of single entries, and of what was in force when they were made: copies are not collapsed, nor is what is in
    force preferred, unless it is asked for.
    """

    def rank(text: str) -> list[str]:
        _, result = find(engine, SearchParams(q=text, scope=scope, size=DEPTH, collapse=collapse, prior=prior))
        return [ids[hit.key][max(0, hit.ordinal - 1)] for hit in result.hits]

    return rank


def ask(collection: Collection, rank: Ranker, *, folded: bool) -> Asked:
    """Ask every question, without its accents when `folded`."""
    asked = Asked({}, [])
    for question in collection.questions:
        text = (fold(question.text) if folded else question.text)[:MAX_QUERY]
        begun = time.perf_counter()
        asked.answers[question.id] = rank(text)
        asked.taken.append((time.perf_counter() - begun) * 1000)
    return asked


def ask_ours(
    collection: Collection,
    engine: SearchEngine,
    ids: dict[int, tuple[str, ...]],
    *,
    folded: bool,
    collapse: bool = False,
    prior: bool = False,
) -> tuple[Asked, list[int]]:
    """Ask every question of an engine; return also the postings that all requests of each have to go through."""
    listened = Listened(engine)
    rank = ranker(listened, ids, collection.scope, collapse=collapse, prior=prior)
    made: list[list[SearchRequest]] = []

    def keeping(text: str) -> list[str]:
        listened.requests = []
        made.append(listened.requests)
        return rank(text)

    asked = ask(collection, keeping, folded=folded)
    return asked, [sum(map(engine.postings, requests)) for requests in made]  # counted when no question is timed any more


def ask_peer(collection: Collection, peer: Peer, folder: Path, *, folded: bool) -> Asked:
    """Have a peer index the corpus in `folder`, and ask it every question."""
    peer.build(folder, rows_of(collection.items(), collection.scope))
    return ask(collection, lambda text: peer.ask(text, DEPTH), folded=folded)


def evaluate(collection: Collection, ours: Asked, postings: Sequence[int], peers: dict[str, Asked]) -> Evaluation:
    """Score rankings of all questions; one without an answer counts as none found."""
    own = _scores(collection, ours)
    beside = {}
    for name, asked in peers.items():
        theirs = _scores(collection, asked)
        ahead = summarise(own - theirs)
        beside[name] = Beside(summarise(theirs), *_times(asked), ahead)
    mean, p95 = float(np.mean(postings)), float(np.quantile(postings, 0.95))
    return Evaluation(summarise(own), *_times(ours), len(own), mean, p95, beside)


def _scores(collection: Collection, asked: Asked) -> npt.NDArray[np.float64]:
    """Return a row for each question with the values of NAMES."""
    scores = [score(asked.answers.get(question.id, ()), question.relevant) for question in collection.questions]
    return np.array(scores, np.float64).reshape(-1, len(NAMES))


def _times(asked: Asked) -> tuple[float, float]:
    p50, p95 = np.quantile(asked.taken, (0.5, 0.95))
    return float(p50), float(p95)


def write_run(path: Path, answers: dict[str, list[str]]) -> None:
    """Write rankings as lines of question, corpus id and rank, 1 being the best."""
    with path.open("w", encoding="utf-8") as lines:
        for question, ranking in answers.items():
            lines.writelines(f"{question}\t{found}\t{rank}\n" for rank, found in enumerate(ranking, 1))
