"""Domain knowledge as plain files: `data/*.tsv` of a package, one row a line, tab between cells, "#" opens a comment line."""

from importlib.resources import files


def rows(package: str, name: str) -> tuple[tuple[str, ...], ...]:
    """Return the rows of `package`'s data/`name` in file order, each a tuple of its cells, the last one its source."""
    lines = files(package).joinpath("data", name).read_text(encoding="utf-8").split("\n")
    return tuple(tuple(line.split("\t")) for line in lines if line and not line.startswith("#"))
