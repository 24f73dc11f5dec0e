"""Offices of signers (chức vụ): what they are called, alone or before the body in which they are held."""

import re

from analyzers.tables import rows
from indexer.legal.wording import syllables

POSITIONS = {syllables(name): name for kind, name, _ in rows("indexer.legal", "positions.tsv") if kind == "position"}
_LONGEST = max(len(position) for position in POSITIONS)

_LETTERS = [re.findall(r"\w", name) for kind, name, _ in rows("indexer.legal", "positions.tsv") if kind == "authority"]
# TM. KT. TL. TUQ. Q., with a slash or spaces between their letters too: "K/T CHỦ TỊCH", "tm . ubnd thành phố"
AUTHORITY = re.compile("(?:" + "|".join(" ?[./]? ?".join(letters) for letters in _LETTERS) + r") ?[./] ?\.?", re.IGNORECASE)
# The first syllables of all offices, as an alternative of a regular expression
FIRST_WORDS = "|".join(sorted({re.escape(name.split()[0]) for name in POSITIONS.values()}))


def leading_office(text: str) -> int:
    """Return how many syllables of `text` are an office with which it begins, 0 where none is.

    >>> leading_office("PHÓ CHỦ TỊCH"), leading_office("BỘ TRƯỞNG BỘ NỘI VỤ"), leading_office("BỘ NỘI VỤ")
    (3, 2, 0)
    """
    words = syllables(text[:80])
    return next((count for count in range(min(_LONGEST, len(words)), 0, -1) if words[:count] in POSITIONS), 0)
