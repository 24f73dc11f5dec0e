"""From one file to an understood document: extract → decode → header → secrecy mark → structure. Runs in worker processes."""

from pathlib import Path

from indexer.config import Limits
from indexer.decoding import decode
from indexer.extract import extract
from indexer.legal.header import read_header
from indexer.legal.secrecy import Mark, find_mark
from indexer.legal.structure import read_provisions
from indexer.model import Understood


def inspect(path: Path, limits: Limits) -> tuple[Understood, Mark | None]:
    """Read one file and say whether it bears a secrecy mark. Raises UnreadableFile."""
    raw = extract(path, limits)
    canonical = decode(raw)
    metadata, evidence = read_header(canonical)
    understood = Understood(canonical, metadata, read_provisions(canonical), raw.format, evidence)
    return understood, find_mark(canonical, metadata.number)


def read_document(path: Path, limits: Limits) -> Understood | Mark:
    """Read one file behind the secrecy gate: of a marked document only the mark leaves the worker. Raises UnreadableFile."""
    understood, mark = inspect(path, limits)
    return mark or understood
