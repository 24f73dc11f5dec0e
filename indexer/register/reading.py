"""A register read whole and checked before any of it is used: nothing is half-imported."""

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from analyzers.citations import number_key
from indexer.config import RegisterPreset
from indexer.model import METADATA_FIELDS, LegalMetadata
from indexer.register import cells
from indexer.register.cells import BadCell, Reading
from indexer.register.presets import choose
from indexer.register.rows import FILES, IGNORED, TARGETS, Register, RegisterRow
from indexer.register.table import broken, read_records, read_start
from indexer.register.tables import folded

MAX_PROBLEMS = 20
MAX_ROWS = 2_000_000
_NOTHING: tuple[Any, ...] = ("", None)
_OTHERS = frozenset(TARGETS) - set(METADATA_FIELDS)
_MAX_WARNINGS = 200
_REPEATING = frozenset(TARGETS) - {"number", "title", FILES}  # columns with few different values
_MAX_SHARED = 200  # characters of a cell whose reading is kept
_STATED_YEAR = re.compile(r"[^-]+-((?:19|20)\d\d)-")  # in a number key: 30-2020-ndcp


def read_register(path: Path, presets: Mapping[str, RegisterPreset], preset: str | None = None) -> Register:
    """Read the register at `path` by the preset named, or by the one whose columns fit (`presets` come before built-in ones).

    Raises BadRegister, with file, row, column and what the cell may be for the first 20 problems.
    """
    header, sample = read_start(path)
    if not header:
        raise broken(path, "tệp không có dòng nào.")
    name, columns, values = choose(path, header, sample, presets, preset)
    reader = _RowReader(columns, values)
    rows = []
    for number, record in read_records(path):
        rows.append(reader.read(number, record))
        if len(reader.problems) >= MAX_PROBLEMS or len(rows) > MAX_ROWS:
            break
    if reader.problems:
        listed = "\n".join(f"  {problem}" for problem in reader.problems)
        raise broken(path, f"sửa các ô sau rồi nạp lại (chưa dòng nào được nạp):\n{listed}")
    if len(rows) > MAX_ROWS:
        raise broken(path, f"hơn {MAX_ROWS:,} dòng; chia nhỏ rồi nạp từng phần.")
    if not any(row.number_key or row.file_names for row in rows):
        raise broken(path, "không dòng nào có số ký hiệu (number) hoặc tên tệp (files), nên không khớp được với tệp nào.")
    return Register(path, name, tuple(rows), _capped([*reader.warnings(), *_repeated(rows)]))


def year_of(metadata: LegalMetadata, key: str) -> int | None:
    """Return the year that a document's number key states, else that of its date."""
    if stated := _STATED_YEAR.match(key):
        return int(stated[1])
    return metadata.issued_date.year if metadata.issued_date else None


class _RowReader:
    """Turns records into rows; gathers what is wrong with them and what is doubtful."""

    def __init__(self, columns: Mapping[str, str], values: Mapping[str, Mapping[str, str]]) -> None:
        self.problems: list[str] = []
        self._columns, self._values = columns, values
        self._targets: dict[str, str] = {}  # by column as written
        self._doubts: Counter[str] = Counter()
        self._first: dict[str, int] = {}
        self._shared = lru_cache(maxsize=16384)(self._read)  # 300,000 rows hold a few thousand dates and issuers

    def read(self, number: int, record: Mapping[str, Any]) -> RegisterRow:
        """Return the row that `record` states; what is wrong with it is added to `problems`."""
        stated: dict[str, Any] = {}
        file_names: tuple[str, ...] = ()
        for column, value in record.items():
            target = self._targets[column] if column in self._targets else self._target(column)
            if target is None:
                self._problem(number, column, f"không có trong các cột đã khai báo ({', '.join(self._columns)})")
            elif target != IGNORED and value not in _NOTHING:
                try:
                    if target == FILES:
                        file_names += cells.files_of(value)
                        continue
                    shared = target in _REPEATING and isinstance(value, str) and len(value) <= _MAX_SHARED
                    reading = self._shared(target, value) if shared else self._read(target, value)
                except BadCell as bad:
                    self._problem(number, column, f"{value!r:.60} {bad}")
                    continue
                before = len(stated)
                stated.update(reading.stated)
                if len(stated) != before + len(reading.stated):
                    self._problem(number, column, "nói điều mà một cột khác của dòng này đã nói")
                if reading.doubt:
                    self._doubt(number, reading.doubt)
        return self._row(number, file_names, stated)

    def warnings(self) -> list[str]:
        """Return each doubt once, with how often and where it first arose."""
        return [f"{doubt}: {count} ô, đầu tiên ở dòng {self._first[doubt]}" for doubt, count in self._doubts.items()]

    def _target(self, column: str) -> str | None:
        target = self._columns.get(folded(column))
        if target is not None:
            self._targets[column] = target
        return target

    def _problem(self, number: int, column: str, reason: str) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(f"dòng {number}, cột `{column[:60]}`: {reason}")

    def _read(self, target: str, value: Any) -> Reading:
        if target == "secrecy" and isinstance(value, bool):
            value = "có" if value else "không"
        text = cells.text_of(value)
        if target in self._values:
            text = self._values[target].get(folded(text), text)
        return cells.read_cell(target, text) if text else Reading(())

    def _doubt(self, number: int, doubt: str) -> None:
        if doubt in self._doubts or len(self._doubts) < _MAX_WARNINGS:
            self._doubts[doubt] += 1
            self._first.setdefault(doubt, number)

    def _row(self, number: int, file_names: tuple[str, ...], stated: dict[str, Any]) -> RegisterRow:
        printed = stated.get("number")
        if printed is not None and stated.get("symbol") is None:
            stated["symbol"] = cells.symbol_of(printed)
        if stated.get("title") is not None:
            stated["title"] = cells.title_of(stated["title"], printed)
        if printed is None and not file_names:
            self._doubt(number, "dòng không có số ký hiệu và tên tệp, không khớp được với tệp nào")
        others = {name: stated.pop(name) for name in _OTHERS & stated.keys()}
        key = number_key(printed) if printed is not None else None
        return RegisterRow(number, file_names, LegalMetadata(**stated), key, **others)


def _repeated(rows: list[RegisterRow]) -> list[str]:
    """Name each number that rows of one issuer and year share while they say different things of it."""
    first: dict[tuple[str, int | None, str], RegisterRow] = {}
    others: dict[tuple[str, int | None, str], list[RegisterRow]] = {}
    for row in rows:
        if row.number_key is None:
            continue
        identity = (row.number_key, year_of(row.metadata, row.number_key), folded(row.metadata.issuer or ""))
        before = first.setdefault(identity, row)
        if before is not row and not before.says_as(row):
            others.setdefault(identity, []).append(row)
    return [_repetition(first[identity], rest) for identity, rest in others.items()]


def _repetition(first: RegisterRow, rest: list[RegisterRow]) -> str:
    differing = [
        name for name in METADATA_FIELDS if any(getattr(row.metadata, name) != getattr(first.metadata, name) for row in rest)
    ]
    places = ", ".join(str(row.row) for row in (first, *rest[:5])) + (" ..." if len(rest) > 5 else "")
    return f"số `{first.metadata.number}` có nhiều dòng khác nhau (dòng {places}) ở: {', '.join(differing) or 'quyền xem'}"


def _capped(warnings: list[str]) -> tuple[str, ...]:
    more = len(warnings) - _MAX_WARNINGS
    return (*warnings[:_MAX_WARNINGS], f"và {more} cảnh báo nữa") if more > 0 else tuple(warnings)
