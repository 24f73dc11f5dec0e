"""The documents of a benchmark: token texts made once, outside of any timing, and facet codes from a seed.

Tokens are the project's own syllables in the main layer's spelling. They hold letters, digits and marks only, so every engine
cuts the joined text at single spaces into the same terms.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from search_api.evaluation.collection import records
from search_api.evaluation.peers import tokens_of

# Facet columns and how many values each has: the sizes of the portal's own lists of types, issuers, states, years and sources.
# Years, which the service always counts, are a column of numbers in every engine that tells numbers from texts.
FACETS: Mapping[str, int] = {"type": 12, "issuer": 300, "status": 5, "year": 40, "source": 20}
FILTER = ("type", 0)  # the most frequent type, near a third of the documents


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents 1..`count`: the originals, then copies of them with shuffled words, which keep every df and tf."""

    originals: Sequence[str]  # tokens joined by one space
    count: int
    codes: Mapping[str, Sequence[int]]  # facet column → each document's value; every document has one
    seed: int

    def texts(self) -> Iterator[str]:
        """Yield every document's text, the same on each call."""
        yield from self.originals[: self.count]
        chance = np.random.default_rng(self.seed)
        for number in range(len(self.originals), self.count):
            words = np.array(self.originals[number % len(self.originals)].split(), dtype=object)
            yield " ".join(words[chance.permutation(len(words))])

    def documents(self) -> Iterator[tuple[int, str, dict[str, int]]]:
        """Yield key, text and facet codes of every document."""
        for row, text in enumerate(self.texts()):
            yield row + 1, text, {name: codes[row] for name, codes in self.codes.items()}

    def resized(self, count: int) -> "Corpus":
        """Return a corpus of `count` documents: a random choice of the originals, or all of them and shuffled copies."""
        texts = self.originals
        if count < len(texts):
            texts = random.Random(self.seed).sample(texts, count)
        return make_corpus(texts, count, self.seed)


def make_corpus(texts: Sequence[str], count: int, seed: int) -> Corpus:
    """Return `texts` as a corpus of `count` documents; the value of rank r in a facet is as frequent as 1/r."""
    chance = random.Random(seed)
    codes = {
        name: chance.choices(range(size), [1 / rank for rank in range(1, size + 1)], k=count) for name, size in FACETS.items()
    }
    return Corpus(texts, count, codes, seed)


def read_corpus(path: Path, limit: int | None, seed: int) -> Corpus:
    """Read the first `limit` records of a JSON Lines file: the tokens of title and text together."""
    texts = []
    for record in islice(records(path), limit):
        tokens = tokens_of(f"{record.get('title') or ''}\n{record['text']}")
        if tokens:
            texts.append(" ".join(tokens))
    return make_corpus(texts, len(texts), seed)
