"""What is known about registers' words, from `data/*.tsv`."""

from functools import cache

from analyzers.normalise import nfc
from analyzers.tables import rows


def folded(text: str) -> str:
    """Return the form in which words of a register are compared: one letter case, single spaces."""
    return " ".join(nfc(text).casefold().split())


@cache
def wordings(field: str) -> dict[str, str]:
    """Return what each known wording of `field` (folded) means."""
    return {folded(row[1]): row[2] for row in rows("indexer.register", "wordings.tsv") if row[0] == field}


@cache
def position_words() -> dict[str, bool]:
    """Return the words that may precede a signer's name (folded), and whether a place's name may follow each."""
    return {folded(row[0]): row[1] == "1" for row in rows("indexer.register", "positions.tsv")}
