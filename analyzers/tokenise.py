"""Syllables: runs of letters and digits with their offsets, found by one pattern.

Vietnamese writes a space between syllables, so this needs no dictionary and no context: what lies between two spaces gives
the same syllables wherever it stands, which lets highlighting analyse a slice.
"""

import re
from itertools import accumulate
from typing import Final, NamedTuple

from analyzers.normalise import INVISIBLE

_MARK: Final = r"\u0300-\u036f"  # combining marks of text that is not NFC
_LETTER: Final = r"[^\W_]"
# A soft hyphen or zero-width character belongs to the syllable only between its letters: đ<SHY>ược, not đất<ZWSP>.
# Bounds keep one token of hostile text small (a megabyte of "a" becomes many); possessive, so that nothing is tried twice.
SYLLABLE: Final = rf"{_LETTER}{{1,64}}+(?:(?:[{_MARK}]{{1,8}}+|[{INVISIBLE}]{{1,8}}+(?={_LETTER})){_LETTER}{{0,64}}+){{0,16}}+"
_SYLLABLE: Final = re.compile(f"({SYLLABLE})")


class Syllables(NamedTuple):
    """A text's syllables as parallel columns: source spelling, first offset, offset after the last."""

    texts: list[str]
    starts: list[int]
    ends: list[int]


def syllables(text: str) -> Syllables:
    """Return the syllables of `text` in order; `text[starts[i]:ends[i]] == texts[i]`.

    >>> syllables("Số: 12/QĐ").texts
    ['Số', '12', 'QĐ']
    """
    pieces = _SYLLABLE.split(text)  # gap, syllable, gap, ..., gap
    ends = list(accumulate(map(len, pieces)))
    return Syllables(pieces[1::2], ends[0:-1:2], ends[1::2])
