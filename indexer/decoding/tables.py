"""The decoding tables: small tab-separated files beside this package, one row per fact with its source."""

from pathlib import Path

_FOLDER = Path(__file__).with_name("data")


def rows(name: str) -> list[list[str]]:
    """Return the cells of data/`name`, lines that open with "#" left out."""
    lines = (_FOLDER / name).read_text(encoding="utf-8").split("\n")
    return [line.split("\t") for line in lines if line and not line.startswith("#")]
