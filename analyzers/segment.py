"""Words: which neighbouring syllables underthesea's model joins, with exact offsets.

underthesea returns bare strings that it has normalised, and its tokenizer's pattern for addresses needs exponential time on
hostile text. So only its trained model is used: units are cut by a pattern of this project, each knows how many of this
project's syllables begin in it, and words are runs of syllables by number. Offsets are then right by construction. The whole
text is one sequence, as it is for `underthesea.word_tokenize`, so the words are the same. The model ships in the package;
nothing asks the network.
"""

import sys
from collections.abc import Iterator
from functools import cache
from itertools import accumulate, chain, pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from analyzers.normalise import repair
from analyzers.remember import Remembered
from analyzers.tokenise import Syllables, syllables
from analyzers.units import units

if TYPE_CHECKING:
    from analyzers.tagger import WordTagger

# A unit in 64 bits: the tagger's number, whether it is exactly one syllable of letters, how many syllables begin in it.
_NUMBER_SHIFT: Final = 31
_WHOLE: Final = 2**30
_COUNT: Final = _WHOLE - 1

Places = NDArray[np.int64]


def find_words(text: str) -> tuple[Places, Places]:
    """Return the first and the last syllable of each word, as indexes into the syllables of `text`, in order.

    Only words of at least two syllables, all of letters and with nothing but white space between them: not `0,7 mét`.
    """
    coded = _coded_text(text)
    if not len(coded):
        return coded, coded
    whole, counts = (coded & _WHOLE) != 0, coded & _COUNT
    begins = _beginnings(coded)
    sizes = np.diff(begins, append=len(coded))
    chosen = (sizes > 1) & np.logical_and.reduceat(whole, begins)
    firsts = (np.cumsum(counts) - counts)[begins[chosen]]
    return firsts, firsts + sizes[chosen] - 1


def word_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Return the words of at least two syllables in `text` as (start, end) offsets, in order."""
    found = syllables(text)
    firsts, lasts = find_words(text)
    return tuple((found.starts[first], found.ends[last]) for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True))


def tokens(text: str) -> list[str]:
    """Return words, signs and all else as `underthesea.word_tokenize(text)` does: normalised, with spaces inside words.

    >>> tokens("Ủy ban nhân dân Tp. Huế, ngày 31/12/2022.")
    ['Ủy ban nhân dân', 'Tp.', 'Huế', ',', 'ngày', '31/12/2022', '.']
    """
    chunks = text.split()
    if not chunks:
        return []
    pieces = list(map(_remembered_units.__getitem__, chunks))
    pieces[-1] = _spelt(chunks[-1], last=_ends_with_stop(text))
    spelt = list(chain.from_iterable(pieces))
    begins = [*_beginnings(_coded_text(text)).tolist(), len(spelt)]
    return [" ".join(spelt[begin:end]) for begin, end in pairwise(begins)]


def _beginnings(coded: Places) -> Places:
    """Return the units that begin a word."""
    joins = _tagger().joins(coded >> _NUMBER_SHIFT)
    joins[:1] = False  # there is no word before the first unit
    return np.flatnonzero(~joins)


def _coded_text(text: str) -> Places:
    chunks = text.split()
    coded = list(map(_remembered_codes.__getitem__, chunks))
    if _ends_with_stop(text):
        coded[-1] = _coded(chunks[-1], last=True)
    return np.frombuffer(b"".join(coded), np.int64)


def _ends_with_stop(text: str) -> bool:
    """Say whether the last chunk is one that `units` cuts differently for being the last."""
    return text.endswith((".", ".\n"))


def _coded(chunk: str, *, last: bool = False) -> bytes:
    """Return the units of `chunk`, each as one number of 64 bits."""
    pieces, found = _cut(chunk, last=last)
    tagger = _tagger()
    return b"".join(
        (tagger.number(tagger.spell(unit)) << _NUMBER_SHIFT | within).to_bytes(8, sys.byteorder)
        for unit, within in zip(pieces, _within(pieces, found), strict=True)
    )


def _spelt(chunk: str, *, last: bool = False) -> list[str]:
    """Return the units of `chunk` as the model sees them."""
    return list(map(_tagger().spell, _cut(chunk, last=last)[0]))


def _cut(chunk: str, *, last: bool = False) -> tuple[list[str], Syllables]:
    """Return the units of `chunk`, and as many syllables as it has, by their offsets in the units put together."""
    spelt = repair(chunk)  # without what is not printed: the model would take it for a sign
    found, source = syllables(spelt), syllables(chunk).texts
    if len(found.texts) == len(source):
        return units(spelt, last=last), found
    pieces = [repair(syllable) for syllable in source]  # hostile: more marks in a row than a syllable has room for
    ends = list(accumulate(map(len, pieces)))
    return pieces, Syllables(pieces, [0, *ends[:-1]], ends)


def _within(pieces: list[str], found: Syllables) -> Iterator[int]:
    """Yield for each unit how many syllables begin in it, with _WHOLE where it is one syllable of letters."""
    end = at = 0
    for unit in pieces:
        start, first = end, at
        end += len(unit)
        while at < len(found.starts) and found.starts[at] < end:
            at += 1
        whole = at == first + 1 and found.starts[first] == start and found.ends[first] == end and unit.isalpha()
        yield at - first | (_WHOLE if whole else 0)


_remembered_codes: Final = Remembered(_coded)
_remembered_units: Final = Remembered(_spelt)


@cache
def _tagger() -> "WordTagger":
    """Load the model, and numba with it, when the first words are asked for, once for the process."""
    from analyzers.tagger import WordTagger

    return WordTagger()
