"""Which words tell a document from others: by how often a bounded sample of it has them, and how few documents do.

Words of several syllables are those that the index knows: it was made with
the model that finds them, and no model is needed here.
Words with figures tell nothing, and could be of somebody's papers; the text sampled is the masked one.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import log
from typing import NamedTuple

from analyzers.normalise import term
from analyzers.tokenise import syllables
from indexer.engine.port import SearchEngine
from indexer.model import Provision

MOST = 25  # words
_PIECES, _PIECE = 8, 1_000  # stretches of a long text, and their characters
_HEADINGS = 60  # of articles
_LONGEST_TITLE = 500  # characters
_LONGEST_WORD = 3  # syllables
_LOOKED_UP = 600  # candidates, the most frequent ones
_TITLE, _HEADING = 4.0, 2.0  # what an occurrence there counts for
_SATURATION = 3.0  # occurrences at which a word's weight is half of what it can be
_FEW, _COMMON = 10, 0.25  # documents, and share of all, that may have a word that tells anything
_SYLLABLE = 0.35  # what a word of one syllable, which has many meanings, weighs beside a longer one


class Word(NamedTuple):
    """A term of the main layer, how a text writes it, how often the sample has it (0 to 1), and what it tells in all."""

    term: str
    shown: str
    often: float
    weight: float


def telling_words(engine: SearchEngine, title: str, text: str, provisions: Sequence[Provision]) -> list[Word]:
    """Return up to MOST words that tell a document from others, the most telling first. Raises what the engine raises."""
    counts, spellings = _counted(title, text, provisions)
    candidates = sorted(counts, key=lambda word: (-counts[word] * (1 + word.count("_")), word))[:_LOOKED_UP]
    total = max(1, engine.generation().documents)
    words = []
    for word, frequency in zip(candidates, engine.frequencies(candidates), strict=True):
        if 1 < frequency <= max(_FEW, total * _COMMON):  # what one document has is this one's own
            often = counts[word] / (counts[word] + _SATURATION)
            idf = log(1 + (total - frequency + 0.5) / (frequency + 0.5))
            words.append(Word(word, spellings[word], often, often * idf * (1.0 if "_" in word else _SYLLABLE)))
    words.sort(key=lambda word: (-word.weight, word.term))
    return words[:MOST]


def _counted(title: str, text: str, provisions: Sequence[Provision]) -> tuple[dict[str, float], dict[str, str]]:
    """Count the words that may be in the sample, with the first spelling of each; title and headings count for several."""
    counts: dict[str, float] = defaultdict(float)
    spellings: dict[str, str] = {}
    for weight, piece in _sample(title, text, provisions):
        found = syllables(piece)
        terms = [term(syllable) for syllable in found.texts]
        for place, end in enumerate(found.ends):
            word, start = terms[place], found.starts[place]
            counts[word] += weight
            spellings.setdefault(word, piece[start:end])
            following = place + 1
            while following < len(terms) and following - place < _LONGEST_WORD and piece[end : found.starts[following]].isspace():
                word = f"{word}_{terms[following]}"
                counts[word] += weight
                end = found.ends[following]
                spellings.setdefault(word, piece[start:end])
                following += 1
    kept = {word: count for word, count in counts.items() if count > 1 and not any(map(str.isdigit, word))}
    return kept, {word: " ".join(spellings[word].lower().split()) for word in kept}


def _sample(title: str, text: str, provisions: Sequence[Provision]) -> Iterator[tuple[float, str]]:
    """Yield pieces with what an occurrence in them counts for; their number and length are bounded."""
    yield _TITLE, title[:_LONGEST_TITLE]
    step = -(-len(provisions) // _HEADINGS) or 1
    for provision in provisions[::step]:
        yield _HEADING, provision.heading[:_LONGEST_TITLE]
    if len(text) <= _PIECES * _PIECE:
        yield 1.0, text
        return
    for place in range(_PIECES):
        start = (len(text) - _PIECE) * place // (_PIECES - 1)
        yield 1.0, text[start : start + _PIECE]
