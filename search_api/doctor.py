"""What `congbao doctor` says of the files that the service reads, beside what `indexer/doctor.py` says of the machine."""

from collections.abc import Iterator
from pathlib import Path

from indexer.doctor import Check, State
from search_api.own_abbreviations import read_own, told_of


def examine_own(path: Path | None) -> Iterator[Check]:
    """Yield what is to be said of an operator's abbreviations, where a file of them is named."""
    if path is None:
        return
    own = read_own(path)
    wrong = "; ".join(told_of(own))
    told = f"{path}: {len(own.pairs)} từ dùng được" + (f"; không dùng được: {wrong}" if wrong else "")
    yield Check("Từ viết tắt riêng", State.RISKY if wrong else State.FINE, told)
