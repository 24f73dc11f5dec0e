"""A text's tokens as columns, for the index: the same terms and positions as `profiles.analyse`, without a Token for each.

Syllables are looked up by the chunk, what stands between white space: no syllable crosses it, and legal text repeats its chunks.
Offsets are worked out only for the few wholes (numbers, dates, provisions).
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import chain as joined
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analyzers.filters import Spelling, Whole
from analyzers.profiles import CHAINS, Profile
from analyzers.remember import Remembered
from analyzers.segment import find_words
from analyzers.tokenise import syllables

_SPACES: Final = np.array([chr(code).isspace() for code in range(0x3002)])  # U+3000 is the last one; all above counts as U+3001


class Columns(NamedTuple):
    """The tokens of a text in the order of `analyse`: `terms[i]` stands at `positions[i]`; `length` counts the syllables."""

    length: int
    terms: Sequence[str]
    positions: Sequence[int]


def columns(text: str, profile: Profile) -> Columns:
    """Return the tokens of `text` as columns."""
    chain = CHAINS[profile]
    chunks = text.split()
    spelt = list(map(_SPELT[profile].__getitem__, chunks))
    terms = list(joined.from_iterable(spelt))
    length = len(terms)
    firsts, words = _words(text, terms) if chain.words else (np.empty(0, np.int64), [])
    wholes = [whole for finder in chain.finders for whole in finder(text)]
    if not words and not wholes:
        return Columns(length, terms, range(length))
    places = list(_placed(wholes, text, chunks, [len(piece) for piece in spelt])) if wholes else []
    positions = np.concatenate([np.arange(length), firsts, np.array(places, np.int64)])
    order = np.argsort(positions, kind="stable")  # what begins at one syllable stays in the order of kinds
    everything = [*terms, *words, *(whole.text for whole in wholes)]
    return Columns(length, list(map(everything.__getitem__, order.tolist())), array("i", positions[order].astype("i").tobytes()))


def _spelt_by(spelling: Spelling) -> Remembered[tuple[str, ...]]:
    return Remembered(lambda chunk: tuple(map(spelling, syllables(chunk).texts)))


_SPELT: Final = {profile: _spelt_by(chain.spelling) for profile, chain in CHAINS.items()}


def _words(text: str, terms: list[str]) -> tuple[NDArray[np.int64], list[str]]:
    """Return the first syllable of each of underthesea's words, and the words: sử_dụng."""
    firsts, lasts = find_words(text)
    behind = (lasts + 1).tolist()
    return firsts, ["_".join(terms[first:end]) for first, end in zip(firsts.tolist(), behind, strict=True)]


def _placed(wholes: list[Whole], text: str, chunks: list[str], counts: list[int]) -> Iterator[int]:
    """Yield the position of the syllable that each whole begins in."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    space = _SPACES[np.minimum(codes, len(_SPACES) - 1)]
    starts = np.flatnonzero(~space & np.concatenate([[True], space[:-1]]))  # of the chunks
    before = np.cumsum(counts) - counts  # syllables before each chunk
    inside = np.searchsorted(starts, [whole.start for whole in wholes], side="right") - 1
    within = {chunk: syllables(chunks[chunk]).starts for chunk in set(inside.tolist())}
    for whole, chunk in zip(wholes, inside.tolist(), strict=True):
        yield int(before[chunk]) + bisect_right(within[chunk], whole.start - int(starts[chunk])) - 1
