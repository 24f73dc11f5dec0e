"""The query sets, sampled from the corpus by document frequency with a seed, or read from a file.

N is the number of documents sampled from, df a term's share of them. *Common* words have df > 10 %, *middling* ones 1 to 10 %,
*rare* ones stand in 3 documents or more and in at most 0.05 % of N (10 documents where that is fewer). Where a corpus is too
small to have a band, the nearest words are taken. No query occurs twice in a set; where the text does not give enough, the set
is smaller.

| set | words | asked as |
|---|---|---|
| `single` | one word; common, middling and rare in turn | term |
| `and` | 2 to 5 distinct words of one document, none rarer than middling, at least one common | all of them |
| `or_common` | 2 to 6 common words | any of them |
| `rare` | 2 to 6 rare words | any of them |
| `question` | the distinct words of a run of 8 to 20 words of a document | any of them |
| `phrase` | a run of 2 to 4 words of a document with at least two common ones | adjacent, in order |
| `facets` | a common word, half of them with another of the document as in `and` | all of them, one type (a third), five facets |
| `prefix` | the first 2 to 4 characters of a word of 3 documents or more; at least two words begin so | prefix |

`reranked` are the questions once more, for figures of their own: ours answers with the second look of docs/scoring.md at its
best 100, a peer, which has none, plainly.

`--queries FILE.jsonl` has an object a line, `set` (a name above) and `text`; without `set` it is a question. Texts are cut
into words as documents are. In `facets` all words of the text are wanted, filter and facets are the fixed ones; a `prefix` is
the first word, a `single` too. A set that the file names is taken from it alone; the others are sampled.
"""

import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.corpus import Corpus
from search_api.evaluation.collection import records
from search_api.evaluation.peers import tokens_of

RERANKED = "reranked"
SETS = ("single", "and", "or_common", "rare", "question", "phrase", "facets", "prefix")
SHAPES = dict(zip((*SETS, RERANKED), ("term", "and", "or", "or", "or", "phrase", "and", "prefix", "or"), strict=True))
_ATTEMPTS = 50  # at each query wanted


@dataclass(frozen=True, slots=True)
class Query:
    """One question to every engine; `words` are terms, or a single prefix."""

    set: str
    words: tuple[str, ...]

    @property
    def shape(self) -> str:
        """How the words are asked: term, and, or, phrase or prefix."""
        shape = SHAPES[self.set]
        return "term" if len(self.words) == 1 and shape != "prefix" else shape

    @property
    def filtered(self) -> bool:
        """Whether the filter and the facets come with it."""
        return self.set == "facets"

    @property
    def looked_at_again(self) -> bool:
        """Whether our engine gives the best entries its second look."""
        return self.set == RERANKED


class Sampler:
    """Draws queries from the originals of a corpus; the same seed and corpus give the same queries."""

    def __init__(self, corpus: Corpus, seed: int) -> None:
        self._chance = random.Random(seed)
        self._texts = corpus.originals[: corpus.count]
        frequencies: Counter[str] = Counter()
        for text in self._texts:
            frequencies.update(set(text.split()))
        n = len(self._texts)
        self.vocabulary = sorted(frequencies)
        self._common = _band(frequencies, n / 10 + 1, n)
        self._middling = _band(frequencies, n / 100, n / 10)
        self._rare = _band(frequencies, 3, max(n / 2000, 10))
        self._repeated = _band(frequencies, 3, n)
        self._are_common, self._are_frequent = set(self._common), {*self._common, *self._middling}

    def sample(self, name: str, count: int) -> list[Query]:
        """Return up to `count` distinct queries of one set."""
        draw: Callable[[], Sequence[str] | None] = getattr(self, f"_draw_{name}")
        found: dict[tuple[str, ...], None] = {}
        for _ in range(count * _ATTEMPTS):
            words = draw()
            if words:
                found[tuple(words)] = None
            if len(found) == count:
                break
        return [Query(name, words) for words in found]

    def _draw_single(self) -> Sequence[str]:
        return [self._chance.choice(self._chance.choice((self._common, self._middling, self._rare)))]

    def _draw_and(self) -> Sequence[str] | None:
        return self._together(self._chance.randint(2, 5))

    def _draw_or_common(self) -> Sequence[str]:
        return self._some(self._common)

    def _draw_rare(self) -> Sequence[str]:
        return self._some(self._rare)

    def _draw_question(self) -> Sequence[str] | None:
        return list(dict.fromkeys(self._run(self._chance.randint(8, 20))))

    def _draw_phrase(self) -> Sequence[str] | None:
        run = self._run(self._chance.randint(2, 4))
        return run if sum(word in self._are_common for word in run) >= 2 else None

    def _draw_facets(self) -> Sequence[str] | None:
        return self._together(self._chance.randint(1, 2))

    def _draw_prefix(self) -> Sequence[str] | None:
        word, length = self._chance.choice(self._repeated), self._chance.randint(2, 4)
        prefix = word[:length]
        first = bisect_left(self.vocabulary, prefix)
        several = self.vocabulary[first : first + 2]
        return [prefix] if len(several) == 2 and all(other.startswith(prefix) for other in several) else None

    def _some(self, band: Sequence[str]) -> Sequence[str]:
        return sorted(self._chance.sample(band, min(len(band), self._chance.randint(2, 6))))

    def _together(self, count: int) -> Sequence[str] | None:
        words = sorted({word for word in self._chance.choice(self._texts).split() if word in self._are_frequent})
        common = [word for word in words if word in self._are_common]
        if not common or len(words) < count:
            return None
        first = self._chance.choice(common)
        return [first, *self._chance.sample([word for word in words if word != first], count - 1)]

    def _run(self, length: int) -> list[str]:
        words = self._chance.choice(self._texts).split()
        start = self._chance.randrange(len(words) - length + 1) if len(words) >= length else 0
        return words[start : start + length] if len(words) >= length else []


def _band(frequencies: Counter[str], low: float, high: float) -> list[str]:
    found = sorted(word for word, df in frequencies.items() if low <= df <= high)
    if len(found) >= 6:
        return found
    nearest = sorted(frequencies, key=lambda word: (abs(frequencies[word] - low), word))
    return sorted(nearest[:6])


def choose_queries(sampler: Sampler, count: int, file: Path | None) -> dict[str, list[Query]]:
    """Return every set's queries: those of the file, the others sampled. Raises ValueError for a set that does not exist."""
    given: dict[str, list[Query]] = {}
    for query in dict.fromkeys(_read(file)) if file else ():
        given.setdefault(query.set, []).append(query)
    return {name: given.get(name) or sampler.sample(name, count) for name in SETS}


def _read(file: Path) -> Iterator[Query]:
    for number, record in enumerate(records(file), 1):
        name, words = record.get("set", "question"), tokens_of(record["text"])
        if name not in SETS:
            raise ValueError(f"{file}:{number}: no query set {name!r}; there are {', '.join(SETS)}")
        if name in {"single", "prefix"}:
            words = words[:1]
        elif name != "phrase":
            words = list(dict.fromkeys(words))
        if words:
            yield Query(name, tuple(words))
