"""The tokens of many texts as columns, for the index: terms and positions as of `profiles.analyse`, without a Token for each.

Syllables are looked up by the chunk, what stands between white space: no syllable crosses it. Offsets are worked out only for the
few wholes (numbers, dates, provisions). Import this only where texts are indexed: numba takes half a second.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain as joined
from itertools import count
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analyzers.chunks import Chunks, find_chunks
from analyzers.filters import Spelling, Whole
from analyzers.profiles import CHAINS, Profile
from analyzers.remember import Remembered
from analyzers.segment import find_words
from analyzers.tokenise import syllables

Ints = NDArray[np.int64]


class Columns(NamedTuple):
    """The tokens of several texts, each one's in the order of `analyse`.

    Text i has the next counts[i] tokens, vocabulary[term] each, at `positions` in it; its length is lengths[i] syllables.
    """

    vocabulary: list[str]
    terms: NDArray[np.int32]
    positions: NDArray[np.int32]
    counts: Ints
    lengths: Ints


def columns(texts: Sequence[str], profile: Profile) -> Columns:
    """Return the tokens of `texts` as columns."""
    chain = CHAINS[profile]
    chunks = find_chunks(texts)
    numbers: dict[str, int] = defaultdict(count().__next__)
    terms, begins = _syllables(chunks, profile, numbers)
    ends = np.cumsum(chunks.counts)
    bounds = begins[np.concatenate(([0], ends))]  # of each text's syllables among all
    places, others = [np.arange(len(terms))], []  # which of all syllables a token begins at; tokens that are no syllables
    if chain.words:
        spelt = list(numbers)
        for text, begin, end in zip(texts, bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            firsts, words = _words(text, list(map(spelt.__getitem__, terms[begin:end].tolist())))
            places.append(firsts + begin)
            others += words
    for text, begin, end in zip(texts, (ends - chunks.counts).tolist(), ends.tolist(), strict=True):
        if wholes := [whole for finder in chain.finders for whole in finder(text)]:
            places.append(np.array(list(_placed(wholes, chunks, begin, end, begins)), np.int64))
            others += [whole.text for whole in wholes]
    place = np.concatenate(places)
    if others:
        order = np.argsort(place, kind="stable")  # what begins at one syllable stays in the order of kinds
        further = np.fromiter(map(numbers.__getitem__, others), np.int32, len(others))
        place, terms = place[order], np.concatenate((terms, further))[order]
    counts = np.diff(np.searchsorted(place, bounds))
    positions = (place - np.repeat(bounds[:-1], counts)).astype(np.int32)
    return Columns(list(numbers), terms, positions, counts, np.diff(bounds))


def chunk_columns(texts: Sequence[str]) -> Columns:
    """Return the chunks of `texts` as their tokens: for texts that are tokens already."""
    chunks, numbers, _, counts = find_chunks(texts)
    positions = np.arange(len(numbers)) - np.repeat(np.cumsum(counts) - counts, counts)
    return Columns(chunks, numbers, positions.astype(np.int32), counts, counts)


def _spelt_by(spelling: Spelling) -> Remembered[tuple[str, ...]]:
    return Remembered(lambda chunk: tuple(map(spelling, syllables(chunk).texts)))


_SPELT: Final = {profile: _spelt_by(chain.spelling) for profile, chain in CHAINS.items()}


def _syllables(chunks: Chunks, profile: Profile, numbers: dict[str, int]) -> tuple[NDArray[np.int32], Ints]:
    """Return the number of each syllable's term, and how many syllables stand before each chunk and behind the last."""
    spelt = list(map(_SPELT[profile].__getitem__, chunks.chunks))
    terms = np.fromiter(map(numbers.__getitem__, joined.from_iterable(spelt)), np.int32)
    sizes = np.fromiter(map(len, spelt), np.int64, len(spelt))
    size = sizes[chunks.numbers]
    begins = np.concatenate(([0], np.cumsum(size)))
    firsts = (np.cumsum(sizes) - sizes)[chunks.numbers]
    return terms[np.repeat(firsts - begins[:-1], size) + np.arange(begins[-1])], begins


def _words(text: str, terms: list[str]) -> tuple[Ints, list[str]]:
    """Return the first syllable of each of underthesea's words, and the words: sử_dụng."""
    firsts, lasts = find_words(text)
    behind = (lasts + 1).tolist()
    return firsts, ["_".join(terms[first:end]) for first, end in zip(firsts.tolist(), behind, strict=True)]


def _placed(wholes: list[Whole], chunks: Chunks, first: int, end: int, begins: Ints) -> Iterator[int]:
    """Yield which of all syllables each whole of a text begins in; first:end are the text's chunks."""
    inside = np.searchsorted(chunks.starts[first:end], [whole.start for whole in wholes], side="right") - 1 + first
    within = {chunk: syllables(chunks.chunks[chunks.numbers[chunk]]).starts for chunk in set(inside.tolist())}
    for whole, chunk in zip(wholes, inside.tolist(), strict=True):
        yield int(begins[chunk]) + bisect_right(within[chunk], whole.start - int(chunks.starts[chunk])) - 1
