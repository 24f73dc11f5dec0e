"""Offices of signers (chức vụ): what they are called, alone or before the body in which they are held."""

from indexer.legal.tables import rows
from indexer.legal.wording import syllables

POSITIONS = {syllables(name): name for kind, name, _ in rows("positions") if kind == "position"}
_LONGEST = max(len(position) for position in POSITIONS)


def leading_office(text: str) -> int:
    """Return how many syllables of `text` are an office with which it begins, 0 where none is.

    >>> leading_office("PHÓ CHỦ TỊCH"), leading_office("BỘ TRƯỞNG BỘ NỘI VỤ"), leading_office("BỘ NỘI VỤ")
    (3, 2, 0)
    """
    words = syllables(text[:80])
    return next((count for count in range(min(_LONGEST, len(words)), 0, -1) if words[:count] in POSITIONS), 0)
