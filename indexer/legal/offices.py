"""Offices of signers (chức vụ): what they are called, alone or before the body in which they are held."""

import re
from collections.abc import Iterator
from functools import lru_cache

from analyzers.tables import rows
from indexer.legal.naming import head_length, write_out
from indexer.legal.wording import in_capitals, syllables

POSITIONS = {syllables(name): name for kind, name, _ in rows("indexer.legal", "positions.tsv") if kind == "position"}
_LONGEST = max(len(position) for position in POSITIONS)

_LETTERS = [re.findall(r"\w", name) for kind, name, _ in rows("indexer.legal", "positions.tsv") if kind == "authority"]
# TM. KT. TL. TUQ. Q., with a slash or spaces between their letters too: "K/T CHỦ TỊCH", "tm . ubnd thành phố"
AUTHORITY = re.compile("(?:" + "|".join(" ?[./]? ?".join(letters) for letters in _LETTERS) + r") ?[./] ?\.?", re.IGNORECASE)
# The first syllables of all offices, as an alternative of a regular expression
FIRST_WORDS = "|".join(sorted({re.escape(name.split()[0]) for name in POSITIONS.values()}))


def leading_offices(text: str) -> Iterator[int]:
    """Yield how many syllables of `text` are an office with which it begins, the longest one first.

    >>> list(leading_offices("CHỦ TỊCH HỘI ĐỒNG NHÂN DÂN")), list(leading_offices("BỘ NỘI VỤ"))
    ([4, 2], [])
    """
    words = syllables(text[:80])
    return (count for count in range(min(_LONGEST, len(words)), 0, -1) if words[:count] in POSITIONS)


def leading_office(text: str) -> int:
    """Return how many syllables of `text` are the longest office with which it begins, 0 where none is.

    >>> leading_office("PHÓ CHỦ TỊCH"), leading_office("BỘ TRƯỞNG BỘ NỘI VỤ"), leading_office("BỘ NỘI VỤ")
    (3, 2, 0)
    """
    return next(leading_offices(text), 0)


@lru_cache(maxsize=4_096)  # overlapping blocks ask for the same cells again
def read_office(text: str) -> tuple[bool, str | None] | None:
    """Read a line that is an office from its first word to its last: whether it acts for another one, and which it is.

    >>> read_office("KT. BỘ TRƯỞNG BỘ CÔNG AN"), read_office("CHỦ TỊCH HỘI ĐỒNG NHÂN DÂN TỈNH"), read_office("BỘ NỘI VỤ")
    ((True, 'Bộ trưởng'), (False, 'Chủ tịch'), None)
    """
    if text.endswith((".", ";", ":", ",")):
        return None
    authority = AUTHORITY.match(text)
    rest = text[authority.end() :].strip() if authority else text
    words = syllables(rest)
    counts = list(leading_offices(rest))
    whole = next((count for count in counts if count == len(words) or _begins_body(words[count:])), None)
    if authority:
        count = counts[0] if counts and whole is None else whole or 0
        return (True, POSITIONS.get(words[:count])) if count or _begins_body(words) else None
    if whole is None or (whole < len(words) and not in_capitals(text)):
        return None  # in small letters "Bộ trưởng Bộ Nội vụ" would be any line of a text
    return False, POSITIONS[words[:whole]]


def _begins_body(words: tuple[str, ...]) -> bool:
    return head_length(write_out(" ".join(words))) > 0
