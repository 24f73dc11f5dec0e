"""A CSV or JSON Lines file as records of raw cells, one at a time and in bounded memory.

CSV is RFC 4180 with comma, semicolon or tab; JSON Lines ends a line at LF alone, as its texts hold U+2028 and form feeds.
"""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from indexer.errors import BadRegister

MAX_BYTES = 512 << 20  # four registers of 300,000 rows
MAX_LINE = 1 << 20  # characters; the longest real row has 2,500
_FOREIGN_STARTS = (
    (b"\xff\xfe", "mã hóa UTF-16"),
    (b"\xfe\xff", "mã hóa UTF-16"),
    (b"PK\x03\x04", "tệp Excel hoặc tệp nén"),
    (b"\xd0\xcf\x11\xe0", "tệp Excel"),
    (b"\x1f\x8b", "tệp nén"),
    (b"\x28\xb5\x2f\xfd", "tệp nén"),
)

Record = tuple[int, dict[str, Any]]  # the row's number and its cells by column


def read_start(path: Path) -> tuple[tuple[str, ...], str]:
    """Return the columns of a CSV file, or those of the first record of a JSON Lines file, and that record's text.

    Both are empty for an empty file. Raises BadRegister.
    """
    with _opened(path) as (handle, is_json):
        if is_json:
            _, first = next(_json_records(path, handle), (0, {}))
            return tuple(first), " ".join(map(str, first.values()))
        rows = _csv_rows(path, handle)
        header = tuple(next(rows, (0, []))[1])
        return header, " ".join(next(rows, (0, []))[1])


def read_records(path: Path) -> Iterator[Record]:
    """Yield each record of the file; empty ones are passed over. Raises BadRegister where the file's form is broken."""
    with _opened(path) as (handle, is_json):
        yield from _json_records(path, handle) if is_json else _csv_records(path, handle)


def broken(path: Path, reason: str) -> BadRegister:
    """Return the error that says why nothing of the file was taken."""
    message = f"Không nạp sổ đăng ký `{path}`: {reason}"
    # a column's name may hold what would move a terminal's cursor, or half a character
    return BadRegister("".join(letter if letter.isprintable() or letter == "\n" else repr(letter)[1:-1] for letter in message))


@contextmanager
def _opened(path: Path) -> Iterator[tuple[TextIO, bool]]:
    try:
        if not path.is_file():
            raise broken(path, "không có tệp này, hoặc nó không phải là tệp thường.")
        if path.stat().st_size > MAX_BYTES:
            raise broken(path, f"tệp lớn hơn {MAX_BYTES >> 20} MB; chia nhỏ rồi nạp từng phần.")
        with path.open("rb") as raw:
            start = raw.read(4096)
        for mark, what in _FOREIGN_STARTS:
            if start.startswith(mark):
                raise broken(path, f"đây là {what}; lưu lại dưới dạng CSV UTF-8.")
        first = start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        if first == b"[":
            raise broken(path, "đây là một mảng JSON; cần JSON Lines: mỗi dòng một đối tượng.")
        with path.open(encoding="utf-8-sig", newline="\n" if first == b"{" else "") as handle:
            yield handle, first == b"{"
    except OSError as error:
        raise broken(path, f"không đọc được tệp ({error.strerror}).") from error


def _lines(path: Path, handle: TextIO) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        try:
            line = handle.readline(MAX_LINE)
        except UnicodeDecodeError as error:
            raise broken(path, f"gần dòng {number}: không phải UTF-8; lưu lại dưới dạng CSV UTF-8.") from error
        if not line:
            return
        if len(line) == MAX_LINE:
            raise broken(path, f"dòng {number} dài hơn {MAX_LINE:,} ký tự.")
        if "\0" in line:
            raise broken(path, f"dòng {number} có ký tự NUL; tệp bị hỏng hoặc không phải là văn bản.")
        yield line


def _csv_rows(path: Path, handle: TextIO) -> Iterator[tuple[int, list[str]]]:
    lines = _lines(path, handle)
    first = next(lines, "")
    reader = csv.reader(_chain(first, lines), delimiter=_separator(first), strict=True)
    try:
        for number, cells in enumerate(reader, start=1):
            if any(cells):
                yield number, cells
    except csv.Error as error:
        reason = "dấu nháy kép không khép lại hoặc đặt sai chỗ, hoặc một ô quá dài"
        raise broken(path, f"gần dòng {reader.line_num} của tệp: {reason}.") from error


def _csv_records(path: Path, handle: TextIO) -> Iterator[Record]:
    rows = _csv_rows(path, handle)
    _, header = next(rows, (0, []))
    for number, cells in rows:
        if len(cells) != len(header):
            raise broken(
                path, f"dòng {number} có {len(cells)} ô, dòng tiêu đề có {len(header)}; kiểm tra dấu phân cách và dấu nháy kép."
            )
        yield number, dict(zip(header, cells, strict=True))


def _chain(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _separator(header: str) -> str:
    """Return the separator that the header line uses most outside quotes, a comma where it uses none."""
    bare = "".join(header.split('"')[::2])
    return max(",;\t", key=bare.count)


def _json_records(path: Path, handle: TextIO) -> Iterator[Record]:
    for number, line in enumerate(_lines(path, handle), start=1):
        if not line.strip():
            continue
        try:
            record = _DECODER.decode(line)
        except (json.JSONDecodeError, RecursionError) as error:
            place = f" (sai từ ký tự thứ {error.pos + 1})" if isinstance(error, json.JSONDecodeError) else ""
            raise broken(path, f"dòng {number} không phải là JSON hợp lệ{place}.") from error
        except ValueError as error:  # what the decoder refuses in our words
            raise broken(path, f"dòng {number} không phải là JSON hợp lệ ({error}).") from error
        if not isinstance(record, dict):
            raise broken(path, f"dòng {number} phải là một đối tượng JSON ({{...}}).")
        yield number, record


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise ValueError("một cột được ghi hai lần")
    return record


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} không phải là giá trị JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_unrepeated, parse_constant=_refuse_constant)
