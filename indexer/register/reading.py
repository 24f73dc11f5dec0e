"""A register read whole and checked before any of it is used: nothing is half-imported."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from analyzers.citations import number_key
from indexer.config import RegisterPreset
from indexer.model import METADATA_FIELDS, Kind, LegalMetadata, Visibility
from indexer.register import cells
from indexer.register.cells import BadCell
from indexer.register.presets import choose
from indexer.register.rows import DATE_FIELDS, FILES, IGNORED, SIGNER_WITH_POSITION, Register, RegisterRow
from indexer.register.table import broken, read_header, read_records
from indexer.register.tables import folded, wordings

MAX_PROBLEMS = 20
MAX_ROWS = 2_000_000
_MAX_WARNINGS = 200
_STATED_YEAR = re.compile(r"[^-]+-((?:19|20)\d\d)-")  # in a number key: 30-2020-ndcp


def read_register(path: Path, presets: Mapping[str, RegisterPreset], preset: str | None = None) -> Register:
    """Read the register at `path` by the preset named, or by the one whose columns fit (`presets` come before built-in ones).

    Raises BadRegister, with file, row, column and what the cell may be for the first 20 problems.
    """
    header = read_header(path)
    if not header:
        raise broken(path, "tệp không có dòng nào.")
    name, columns, values = choose(path, header, presets, preset)
    reader = _RowReader(columns, values)
    rows = []
    for number, record in read_records(path):
        rows.append(reader.read(number, record))
        if len(reader.problems) >= MAX_PROBLEMS or len(rows) > MAX_ROWS:
            break
    if reader.problems:
        listed = "\n".join(f"  {problem}" for problem in reader.problems[:MAX_PROBLEMS])
        raise broken(path, f"sửa các ô sau rồi nạp lại (chưa dòng nào được nạp):\n{listed}")
    if len(rows) > MAX_ROWS:
        raise broken(path, f"hơn {MAX_ROWS:,} dòng; chia nhỏ rồi nạp từng phần.")
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
        self._targets: dict[str, str | None] = {}  # by column as written
        self._doubts: Counter[str] = Counter()
        self._first: dict[str, int] = {}

    def read(self, number: int, record: Mapping[str, Any]) -> RegisterRow:
        stated: dict[str, Any] = {}
        file_names: tuple[str, ...] = ()
        for column, value in record.items():
            target = self._target(column)
            if target is None:
                self._problem(number, column, f"không có trong các cột đã khai báo ({', '.join(self._columns)})")
                continue
            if target == IGNORED or value is None or value == "":
                continue
            try:
                if target == FILES:
                    file_names += cells.files_of(value)
                else:
                    self._take(number, target, value, stated)
            except BadCell as bad:
                self._problem(number, column, f"{value!r:.60} {bad}")
        return self._row(number, file_names, stated)

    def _problem(self, number: int, column: str, reason: str) -> None:
        self.problems.append(f"dòng {number}, cột `{column[:60]}`: {reason}")

    def warnings(self) -> list[str]:
        """Return each doubt once, with how often and where it first arose."""
        return [f"{doubt}: {count} ô, đầu tiên ở dòng {self._first[doubt]}" for doubt, count in self._doubts.items()]

    def _target(self, column: str) -> str | None:
        if column not in self._targets:
            if len(self._targets) > 10_000:  # a hostile file may name a new column in each line
                return self._columns.get(folded(column))
            self._targets[column] = self._columns.get(folded(column))
        return self._targets[column]

    def _take(self, number: int, target: str, value: Any, stated: dict[str, Any]) -> None:
        """Read one cell into `stated`, under the names of RegisterRow and LegalMetadata."""
        text = "có" if value is True else "không" if value is False and target == "secrecy" else cells.text_of(value)
        if target in self._values:
            text = self._values[target].get(folded(text), text)
        if not text:
            return
        if target in DATE_FIELDS:
            stated[target] = cells.date_of(text)
            if stated[target] is None:
                self._doubt(number, f"`{text}` ở trường {target} được coi là ngày trống")
        elif target == SIGNER_WITH_POSITION:
            stated["signer"], stated["signer_position"] = cells.signer_of(text)
        elif target in _READERS:
            stated[target] = _READERS[target](text)
        elif target == "type":
            stated[target] = self._type(number, text)
        elif target == "status":
            stated[target] = self._status(number, text)
        else:
            stated[target] = text

    def _type(self, number: int, text: str) -> str | None:
        known = cells.type_of(text)
        if known is not None:
            return known
        if any(letter.isdigit() for letter in text):
            self._doubt(number, f"`{text[:60]}` không phải là loại văn bản, bỏ qua")
            return None
        self._doubt(number, f"loại văn bản `{text[:60]}` chưa biết, giữ nguyên")
        return text

    def _status(self, number: int, text: str) -> str | None:
        known = wordings("status").get(folded(text))
        if known is None:
            self._doubt(number, f"hiệu lực `{text[:60]}` chưa biết, bỏ qua")
        return known

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
        metadata = LegalMetadata(**{name: stated.pop(name) for name in METADATA_FIELDS if name in stated})
        return RegisterRow(number, file_names, metadata, **stated)


def _visibility(text: str) -> Visibility:
    return Visibility(_known_word("visibility", text))


def _kind(text: str) -> Kind:
    return Kind(_known_word("kind", text))


def _known_word(field: str, text: str) -> str:
    meant = wordings(field).get(folded(text))
    if meant is None:
        raise BadCell(f"phải là một trong: {', '.join(wordings(field))}")
    return meant


def _secrecy(text: str) -> str | None:
    return None if folded(text) in wordings("secrecy") else text  # what is not known to be open is closed


_READERS: Mapping[str, Callable[[str], str | None]] = {
    "number": cells.number_of,
    "issuer": cells.issuer_of,
    "visibility": _visibility,
    "kind": _kind,
    "secrecy": _secrecy,
}


def _repeated(rows: list[RegisterRow]) -> list[str]:
    """Name each number that rows of one issuer and year share while they say different things of it."""
    first: dict[tuple[str, int | None, str], RegisterRow] = {}
    others: dict[tuple[str, int | None, str], list[RegisterRow]] = {}
    for row in rows:
        if row.metadata.number is None:
            continue
        key = number_key(row.metadata.number)
        identity = (key, year_of(row.metadata, key), folded(row.metadata.issuer or ""))
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
