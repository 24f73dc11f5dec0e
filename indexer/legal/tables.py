"""The legal tables: tab-separated files in `data`, one fact a row with its source in the last cell."""

from pathlib import Path

_FOLDER = Path(__file__).with_name("data")


def rows(name: str) -> list[list[str]]:
    """Return the cells of data/`name`.tsv; lines that open with "#" are left out."""
    lines = (_FOLDER / f"{name}.tsv").read_text(encoding="utf-8").split("\n")
    return [line.split("\t") for line in lines if line and not line.startswith("#")]
