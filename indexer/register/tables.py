"""What is known about registers' words: `data/*.tsv`, one row a line, tab between cells, "#" opens a comment line."""

from functools import cache
from importlib.resources import files

from analyzers.normalise import nfc


def folded(text: str) -> str:
    """Return the form in which words of a register are compared: one letter case, single spaces."""
    return " ".join(nfc(text).casefold().split())


@cache
def wordings(field: str) -> dict[str, str]:
    """Return what each known wording of `field` (folded) means."""
    return {folded(row[1]): row[2] for row in _rows("wordings") if row[0] == field}


@cache
def position_words() -> dict[str, bool]:
    """Return the words that may precede a signer's name (folded), and whether a place's name may follow each."""
    return {folded(row[0]): row[1] == "1" for row in _rows("positions")}


def _rows(name: str) -> list[list[str]]:
    text = files("indexer.register").joinpath("data", f"{name}.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.split("\n") if line and not line.startswith("#")]
