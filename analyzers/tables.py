"""Domain knowledge that ships as plain files: `data/*.tsv`, one row a line, tab between cells, "#" opens a comment line."""

from importlib.resources import files


def rows(name: str) -> tuple[tuple[str, ...], ...]:
    """Return the rows of `data/<name>.tsv` in file order, each a tuple of its cells."""
    text = files("analyzers").joinpath("data", f"{name}.tsv").read_text(encoding="utf-8")
    return tuple(tuple(line.split("\t")) for line in text.split("\n") if line and not line.startswith("#"))
