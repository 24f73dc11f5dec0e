"""VNI for Windows (fonts VNI-*): a letter, then its marks as a second character."""

import re

from analyzers.tables import rows


def _pairs() -> dict[str, str]:
    """Every spelling: small, capital, and a capital letter with a small mark (Uû in Uûy)."""
    table: dict[str, str] = {}
    for sequence, letter, _ in rows("indexer.decoding", "vni.tsv"):
        table[sequence] = letter
        table[sequence.upper()] = letter.upper()
        table[sequence[0].upper() + sequence[1:]] = letter.upper()
        table[sequence[0] + sequence[1:].upper()] = letter
    return table


_TABLE = _pairs()
# two-character sequences first: "öù" is ứ, not ư + ù
_SEQUENCES = re.compile("|".join(re.escape(sequence) for sequence in sorted(_TABLE, key=len, reverse=True)))


def from_vni(text: str) -> str:
    """Return `text`, VNI bytes shown as Windows-1252, in Unicode; characters outside the table stay.

    >>> from_vni("Quyeát ñònh"), from_vni("UÛY BAN NHAÂN DAÂN"), from_vni("ñöôïc höùng")
    ('Quyết định', 'ỦY BAN NHÂN DÂN', 'được hứng')
    """
    return _SEQUENCES.sub(lambda match: _TABLE[match[0]], text)
