"""An operator's own file of abbreviations: read when it changes while the service runs; what is wrong in it is told and left out.

Its lines are those of data/abbreviations.tsv: short form, long form, source, with tabs between; # begins a comment.
"""

import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from indexer.engine.query import Layer
from search_api.abbreviations import LONGEST, Abbreviations, built_in, with_own
from search_api.wording import terms_of

log = logging.getLogger(__name__)

_LARGEST: Final = 1 << 20  # bytes
_MOST: Final = 5_000  # abbreviations
_LONGEST_LINE: Final = 500  # characters
_SHOWN: Final = 5  # bad lines that are told one by one


class OwnFile(NamedTuple):
    """The pairs of short and long forms that a file has, and in Vietnamese what of it is not used, and why."""

    pairs: tuple[tuple[str, str], ...]
    wrong: tuple[str, ...]


def read_own(path: Path) -> OwnFile:
    """Read a file of abbreviations; one that cannot be read has none, and says so."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        return OwnFile((), (f"không đọc được ({error.strerror})",))
    except UnicodeDecodeError:
        return OwnFile((), ("không phải chữ mã hóa UTF-8",))
    if len(content) > _LARGEST:
        return OwnFile((), (f"lớn hơn {_LARGEST >> 20} MB",))
    pairs: list[tuple[str, str]] = []
    wrong: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if fault := _fault(line):
            wrong.append(f"dòng {number}: {fault}")
        elif len(pairs) == _MOST:
            wrong.append(f"từ dòng {number}: quá {_MOST} từ viết tắt")
            break
        else:
            short, long, *_ = line.split("\t")
            pairs.append((short.strip(), long.strip()))
    return OwnFile(tuple(pairs), tuple(wrong))


def _fault(line: str) -> str | None:
    """Return what is wrong with a line that is neither empty nor a comment."""
    cells = line.split("\t")
    if len(line) > _LONGEST_LINE:
        return f"dài quá {_LONGEST_LINE} ký tự"
    if len(cells) not in (2, 3):
        return "phải có ba cột cách nhau bằng dấu tab: từ viết tắt, viết đầy đủ, nguồn"
    for name, cell in zip(("từ viết tắt", "dạng viết đầy đủ"), cells, strict=False):
        count = len(terms_of(cell, Layer.FOLDED))
        if not 1 <= count <= LONGEST:
            return f"{name} phải có từ 1 đến {LONGEST} từ"
    if terms_of(cells[0], Layer.MAIN) == terms_of(cells[1], Layer.MAIN):
        return "hai dạng là một"
    return None


class AbbreviationFile:
    """The abbreviations of a file as it is now. Safe to call from many threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._read: tuple[tuple[int, int] | None, Abbreviations] | None = None

    def current(self) -> Abbreviations:
        """Return those of the program and of the file; the file is read again when its time or size is another."""
        stamp = self._stamp()
        read = self._read
        if read is None or read[0] != stamp:
            with self._lock:
                if self._read is None or self._read[0] != stamp:
                    self._read = (stamp, self._load())
                read = self._read
        return read[1]

    def _stamp(self) -> tuple[int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size

    def _load(self) -> Abbreviations:
        own = read_own(self._path)
        for told in told_of(own):
            log.warning("Tệp từ viết tắt %s: %s", self._path, told)
        log.info("Tệp từ viết tắt %s: %d từ", self._path, len(own.pairs))
        return with_own(own.pairs) if own.pairs else built_in()


def told_of(own: OwnFile) -> Iterator[str]:
    """Yield what is wrong, a few things one by one."""
    yield from own.wrong[:_SHOWN]
    if len(own.wrong) > _SHOWN:
        yield f"còn {len(own.wrong) - _SHOWN} dòng khác không dùng được"
