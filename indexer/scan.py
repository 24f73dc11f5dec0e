"""Finding files: every regular file below the given paths, in a stable order, and what stands in the way of the others."""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.catalogue import FoundFile

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Unfit:
    """Something on disk that is no file to read: a link, a device, a folder without permission, a name in no encoding."""

    found: FoundFile
    code: str
    reason: str


def find_files(paths: Iterable[Path], apart: Path | None = None) -> Iterator[FoundFile | Unfit]:
    """Yield what lies at and below `paths` (absolute), each once, folders in order of name; nothing below `apart`.

    Names that start with a dot are the system's and are passed over. Links are not followed: one could lead anywhere.
    """
    seen: set[Path] = set()
    for path in paths:
        for found in _below(path, apart):
            place = found.path if isinstance(found, FoundFile) else found.found.path
            if place not in seen:
                seen.add(place)
                yield found


def _below(path: Path, apart: Path | None) -> Iterator[FoundFile | Unfit]:
    waiting = [path]
    while waiting:
        here = waiting.pop()
        if here == apart:
            continue
        try:
            status = here.lstat()
            if stat.S_ISDIR(status.st_mode):
                children = sorted(entry.name for entry in os.scandir(here) if not entry.name.startswith("."))
                waiting.extend(here / name for name in reversed(children))
                continue
        except (FileNotFoundError, NotADirectoryError):  # gone since it was named or listed; the ledger knows what lay there
            continue
        except OSError as error:
            yield _unfit(here, "permission", f"Không mở được: {error.strerror}. Kiểm tra quyền đọc.")
            continue
        yield _judge(here, status)


def _judge(path: Path, status: os.stat_result) -> FoundFile | Unfit:
    if stat.S_ISLNK(status.st_mode):
        return _unfit(path, "link", "Là liên kết tới nơi khác: hãy chép chính tệp đó vào nguồn.")
    if not stat.S_ISREG(status.st_mode):
        return _unfit(path, "unsupported", "Không phải tệp thường (thiết bị, ống dẫn hoặc ổ cắm).")
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        return _unfit(path, "name", "Tên tệp không phải UTF-8: đổi tên rồi chạy lại.")
    return FoundFile(path, status.st_size, status.st_mtime_ns)


def _unfit(path: Path, code: str, reason: str) -> Unfit:
    printable = Path(os.fsencode(path).decode("utf-8", "backslashreplace"))
    return Unfit(FoundFile(printable, 0, 0), code, reason)


def with_hash(found: FoundFile) -> FoundFile:
    """Return `found` with the SHA-256 of its bytes. Raises OSError."""
    digest = hashlib.sha256()
    with found.path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return replace(found, sha256=digest.hexdigest())
