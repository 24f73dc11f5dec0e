"""What one generation of the index consists of: a small file beside Whoosh's table of contents.

Whoosh's table of contents `_MAIN_<n>.toc` is a pickle. It is written, so that any Whoosh can open the index, and never read here:
`state-<n>.json` says the same in JSON, with the catalogue's change number, the analysis version and a checksum of every
file. It is on the disk before the table of contents appears, whose rename makes both visible at once.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from analyzers.profiles import ANALYSIS_VERSION
from indexer.engine.whooshdb.schema import table_fingerprint
from indexer.engine.whooshdb.storage import FileRecord, read_record, record
from indexer.errors import IndexDamaged, IndexOutdated

INDEX_NAME = "MAIN"  # Whoosh's default
LARGEST_SEGMENT = 256 << 16  # entries: a chunk of 256 has a number of 16 bits
_FORMAT = 1
_TOC = re.compile(rf"_{INDEX_NAME}_([0-9]+)\.toc")


@dataclass(frozen=True, slots=True)
class SegmentRecord:
    """A segment: Whoosh's id for it, its number of entries, and which of them are deleted, ascending."""

    id: str
    entries: int
    deleted: tuple[int, ...]

    @property
    def name(self) -> str:
        """What the segment's file names start with, before a dot."""
        return f"{INDEX_NAME}_{self.id}"


@dataclass(frozen=True, slots=True)
class State:
    """One committed generation. `files` are the segments' files by name, `toc` the table of contents."""

    generation: int
    change: int
    analysis: int
    table: str
    segments: tuple[SegmentRecord, ...]
    files: Mapping[str, FileRecord]
    toc: FileRecord

    def require_current(self) -> None:
        """Raise IndexOutdated when this program analyses text, lays out fields, or fills them in another way."""
        if self.analysis != ANALYSIS_VERSION:
            raise IndexOutdated(
                f"Chỉ mục được tạo bởi phiên bản phân tích {self.analysis}, chương trình dùng {ANALYSIS_VERSION}: "
                "chạy `congbao reindex`."
            )
        if self.table != table_fingerprint():
            raise IndexOutdated("Chỉ mục được tạo với các trường khác với các trường của chương trình: chạy `congbao reindex`.")


def toc_name(generation: int) -> str:
    """Return the name that Whoosh gives a generation's table of contents."""
    return f"_{INDEX_NAME}_{generation}.toc"


def state_name(generation: int) -> str:
    """Return the name of a generation's state file."""
    return f"state-{generation}.json"


def damaged(path: Path, what: str) -> IndexDamaged:
    """Return the error for a file that is not as it was written."""
    return IndexDamaged(f"Tệp chỉ mục `{path}` {what}: chạy `congbao reindex`.")


def newest_generation(folder: Path) -> int:
    """Return the newest generation in `folder`. Raises IndexDamaged where there is none, FileNotFoundError without the folder."""
    numbers = [int(match[1]) for path in folder.iterdir() if (match := _TOC.fullmatch(path.name))]
    if not numbers:
        raise damaged(folder / toc_name(0), "hoặc tệp thay nó bị thiếu")
    return max(numbers)


def read_state(folder: Path) -> State:
    """Read the newest generation's state.

    Raises IndexDamaged, naming the file, when one of the two small files is not as written, IndexOutdated for another format,
    and FileNotFoundError when one is missing, perhaps because a commit has just replaced it.
    """
    generation = newest_generation(folder)
    path = folder / state_name(generation)
    digest, _, body = path.read_bytes().partition(b"\n")
    if record(body).sha256 != digest.decode("ascii", "replace"):
        raise damaged(path, "đã bị thay đổi")
    try:
        values = json.loads(body)
        if values.pop("format") != _FORMAT:
            raise IndexOutdated("Chỉ mục có định dạng khác với định dạng của chương trình: chạy `congbao reindex`.")
        state = State(**_typed(values))
    except (ValueError, KeyError, TypeError) as error:  # its digest fits, but no such program wrote it
        raise damaged(path, "không đọc được") from error
    toc = folder / toc_name(generation)
    if state.generation != generation or read_record(toc) != state.toc:
        raise damaged(toc, "đã bị thay đổi")
    return state


def dump_state(state: State) -> bytes:
    """Return the content of the state file: a digest, then JSON."""
    values = {each.name: getattr(state, each.name) for each in fields(state)}  # asdict would copy each deleted number
    body = json.dumps({"format": _FORMAT, **values}, separators=(",", ":"), default=asdict).encode()
    return record(body).sha256.encode() + b"\n" + body


def check_sizes(folder: Path, state: State) -> None:
    """Raise IndexDamaged for a file that is missing or of another length; cheap enough for every opening."""
    for name, expected in state.files.items():
        path = folder / name
        try:
            size = path.stat().st_size
        except FileNotFoundError as error:
            raise damaged(path, "bị thiếu") from error
        if size != expected.size:
            raise damaged(path, "không còn đúng độ dài")


def check_content(folder: Path, files: Mapping[str, FileRecord]) -> list[str]:
    """Read files whole and return a sentence for each that is not as it was written."""
    problems = []
    for name, expected in files.items():
        path = folder / name
        try:
            found = read_record(path)
        except FileNotFoundError:
            problems.append(str(damaged(path, "bị thiếu")))
            continue
        if found != expected:
            problems.append(str(damaged(path, "đã bị thay đổi")))
    return problems


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    values["segments"] = tuple(SegmentRecord(row["id"], row["entries"], tuple(row["deleted"])) for row in values["segments"])
    for segment in values["segments"]:
        if not 0 < segment.entries <= LARGEST_SEGMENT or any(not 0 <= each < segment.entries for each in segment.deleted):
            raise ValueError("entries that no segment has")
    values["files"] = {name: FileRecord(**row) for name, row in values["files"].items()}
    values["toc"] = FileRecord(**values["toc"])
    return values
