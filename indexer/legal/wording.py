"""How header words are compared: in small letters, with tones where the older school writes them, spaces apart or left out."""

import re
from functools import lru_cache

from analyzers.normalise import normalise
from indexer.legal.cells import Passage

_SYLLABLE = re.compile(r"[^\W_]{1,40}")
_compared = lru_cache(maxsize=16_384)(normalise)  # the same few thousand syllables come again and again
_SPLIT_DIGITS = re.compile(
    r"(?<=\d) (?=\d)|(?<=[\d/]) (?=[/-])|(?<=/) (?=[^\W_])|(?<=QH) (?=1?\d(?!\d))"
    r"|(?<=[/ ]Q) (?=H ?1?\d(?!\d))|(?<=[/ ]Q H) (?=1?\d(?!\d))"
)  # "78 /202 5 /TT-BCA", "75/2006/QH 11", "32/2013 / Q H 13"

# The last word of a line that cannot end a title or a name: "một số điều của" goes on in the next line.
_GOES_ON = frozenset(
    syllable
    for line in (
        "của và về các những tại do thuộc giữa với cho theo bởi từ đến trong",
        "trên ngoài là để bằng hoặc một được đối",
    )
    for syllable in line.split()
)


def syllables(text: str) -> tuple[str, ...]:
    """Return the syllables of `text` as they are compared.

    >>> syllables("BỘ VĂN HOÁ - Thông tin")
    ('bộ', 'văn', 'hóa', 'thông', 'tin')
    """
    return tuple(_compared(match.group()) for match in _SYLLABLE.finditer(text))


def tight(text: str) -> str:
    """Return the syllables of `text` without spaces: letter-spaced "Q U Ố C  H Ộ I" gives what "Quốc hội" does."""
    return "".join(syllables(text))


def tighten_digits(passage: Passage) -> Passage:
    """Return `passage` without the spaces that split figures: "78 /202 5 /TT-BCA" gives "78/2025/TT-BCA"."""
    return passage.without(_SPLIT_DIGITS)


def goes_on(text: str) -> bool:
    """Say whether a line cannot be the last of what it says: it ends in "của", a comma or a hyphen."""
    words = syllables(text)
    if words[-2:] == ("về", "việc"):  # not "tiền lương thử việc"
        return True
    return text.rstrip().endswith((",", "-", "–", "(")) or (bool(words) and words[-1] in _GOES_ON)


def capital_share(text: str) -> float:
    """Return the share of capitals among the letters of `text`, 0 where it has none."""
    letters = [letter for letter in text if letter.isalpha()]
    return sum(letter.isupper() for letter in letters) / len(letters) if letters else 0.0


def in_capitals(text: str) -> bool:
    """Say whether `text` is set in capitals; single small letters in it (ĐIỂM đ) do not count."""
    return capital_share(text) > 0.7
