"""Which register row speaks of which file, and what holds where both state a field.

A file's name decides first, then number with date or year and issuer. What fits several rows that differ fits none of them, and
a row of the file's name whose number is not the one that the document states is not its row: a wrong number is worse than none.
"""

import functools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from analyzers.citations import number_key
from analyzers.normalise import nfc, normalise
from indexer.legal.naming import write_out
from indexer.model import METADATA_FIELDS, LegalMetadata, Visibility
from indexer.register.cells import decoded
from indexer.register.reading import year_of
from indexer.register.rows import Register, RegisterRow
from indexer.register.tables import folded

_SHOWN = 10  # rows named in a warning


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """A file that several differing rows may speak of, by their row numbers, or whose number those of its name contradict."""

    path: Path
    rows: tuple[int, ...]
    other_number: bool = False

    def __str__(self) -> str:
        places = ", ".join(map(str, self.rows[:10])) + (" ..." if len(self.rows) > 10 else "")
        if self.other_number:  # which one is not told: the document may be kept in quarantine
            return f"`{self.path}` ghi số khác với dòng cùng tên tệp của sổ đăng ký ({places}) nên không lấy dòng đó."
        return f"`{self.path}` khớp với nhiều dòng khác nhau của sổ đăng ký ({places}) nên không lấy dòng nào."


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A field that the document and the register state differently; the register's value holds."""

    field: str
    extracted: str | date
    registered: str | date


class RegisterIndex:
    """Finds the row that speaks of a file. `ambiguous` has the files whose rows are in doubt, `unmet` tells of rows left over."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self.ambiguous: list[Ambiguity] = []
        self._met: set[int] = set()  # row numbers of those that speak, or may speak, of a file
        self._by_name: dict[str, list[int]] = {}
        self._by_number: dict[str, list[int]] = {}
        for place, row in enumerate(register.rows):
            for name in row.file_names:
                self._by_name.setdefault(_name_key(name), []).append(place)
            if row.number_key is not None:
                self._by_number.setdefault(row.number_key, []).append(place)

    def find(self, path: Path, extracted: LegalMetadata, archives: Iterable[Path] = ()) -> RegisterRow | None:
        """Return the row that speaks of the file at `path`, None where there is none or where several differ.

        A row that may speak of it, or of one of the `archives` that it lies in, and restricts who sees it always counts: where
        no row can be told apart, what comes back states nothing but the strictest secrecy and visibility among them.
        """
        of_this_name = self._named(path)
        self._met.update(row.row for row in of_this_name)
        named = [row for row in of_this_name if not _contradicts(row, extracted)]
        if of_this_name and not named:
            self.ambiguous.append(Ambiguity(path, tuple(row.row for row in of_this_name), other_number=True))
        same_number = self._numbered(extracted)
        self._met.update(row.row for row in same_number)
        numbered = [row for row in same_number if _speaks_of(row.metadata, extracted)]
        candidates = named or numbered
        if named and numbered:
            both = {row.row for row in numbered}
            candidates = [row for row in named if row.row in both] or named
        chosen = _agreed(_nearest(candidates, extracted))
        if candidates and chosen is None:
            self.ambiguous.append(Ambiguity(path, tuple(row.row for row in candidates)))
        own = _at_least_as_closed(chosen, [*of_this_name, *same_number])
        around = [row for archive in archives for row in self._named(archive)]
        return _at_least_as_closed(own, around) if own else _of_archive(around)

    def meet(self, path: Path) -> None:
        """Note that there is a file, also where nobody had to ask for its row."""
        self._met.update(row.row for row in self._named(path))

    def unmet(self) -> tuple[str, ...]:
        """Return a sentence on the rows that no file was found for so far; none where every row has one.

        A number is not told where the row is marked secret.
        """
        rows = [row for row in self.register.rows if row.row not in self._met]
        first = [row.metadata.number if row.metadata.number and not row.secrecy else f"dòng {row.row}" for row in rows[:_SHOWN]]
        more = " ..." if len(rows) > _SHOWN else ""
        told = f"{len(rows)} dòng của sổ văn bản không khớp với tệp nào: {', '.join(first)}{more}"
        return (told,) if rows else ()

    def _named(self, path: Path) -> list[RegisterRow]:
        keys = {_name_key(path.name), _name_key(decoded(path.name))}
        return self._rows({place for key in keys for place in self._by_name.get(key, ())})

    def _numbered(self, extracted: LegalMetadata) -> list[RegisterRow]:
        """Return the rows that bear this number and may speak of the document."""
        if extracted.number is None:
            return []
        rows = self._rows(self._by_number.get(number_key(extracted.number), ()))
        return [row for row in rows if _may_speak_of(row.metadata, extracted)]

    def _rows(self, places: Iterable[int]) -> list[RegisterRow]:
        return [self.register.rows[place] for place in sorted(places)]


def match(register: Register) -> RegisterIndex:
    """Return the index by which files find their rows."""
    return RegisterIndex(register)


def merge(extracted: LegalMetadata, registered: LegalMetadata) -> tuple[LegalMetadata, tuple[Disagreement, ...]]:
    """Return what holds of a document and where its register says otherwise: what the register states wins.

    Where both state the same, a register without capitals gives way to the document's own spelling.
    """
    values: dict[str, str | date] = {}
    disagreements = []
    for name in METADATA_FIELDS:
        stated, printed = getattr(registered, name), getattr(extracted, name)
        if stated is None:
            continue
        if printed is None or not _alike(name, printed, stated):
            values[name] = stated
            if printed is not None:
                disagreements.append(Disagreement(name, printed, stated))
        elif not (isinstance(stated, str) and stated.islower()):
            values[name] = stated
    return replace(extracted, **values), tuple(disagreements)  # type: ignore[arg-type]  # mypy cannot see each name's type


def may_be_one(one: str | None, other: str | None) -> bool:
    """Tell whether two issuers, or types, may be the same: one's words are all among the other's, or one is not known."""
    if one is None or other is None:
        return True
    here, there = set(_words(one)), set(_words(other))
    return here <= there or there <= here


def _contradicts(row: RegisterRow, extracted: LegalMetadata) -> bool:
    """Tell whether the row and the document each state a number, and not the same one."""
    return None not in (row.number_key, extracted.number) and row.number_key != number_key(extracted.number or "")


def _may_speak_of(registered: LegalMetadata, extracted: LegalMetadata) -> bool:
    """Tell whether two documents of one number may be one: neither their years nor their issuers are known to differ."""
    years = {_year(registered), _year(extracted)} - {None}
    return len(years) < 2 and may_be_one(registered.issuer, extracted.issuer)


def _speaks_of(registered: LegalMetadata, extracted: LegalMetadata) -> bool:
    """Tell whether two documents of one number that may be one are taken as one: both are known to be of the same year.

    Laws and resolutions were numbered apart, so that 48/2010/QH12 is one of each: where the days differ, the types must not.
    """
    if _year(registered) is None or _year(registered) != _year(extracted):
        return False
    days = {registered.issued_date, extracted.issued_date} - {None}
    return len(days) < 2 or may_be_one(registered.type, extracted.type)


def _year(metadata: LegalMetadata) -> int | None:
    return year_of(metadata, number_key(metadata.number or ""))


def _nearest(candidates: list[RegisterRow], extracted: LegalMetadata) -> list[RegisterRow]:
    """Keep the rows of the very day, then of the very issuer, then of the type (a Bộ luật is a Luật), as long as any is left."""
    for name in ("issued_date", "issuer", "type"):
        stated = getattr(extracted, name)
        like = may_be_one if name == "type" else functools.partial(_alike, name)
        pairs = ((row, getattr(row.metadata, name)) for row in candidates)
        candidates = [row for row, other in pairs if None not in (stated, other) and like(stated, other)] or candidates
    return candidates


def _agreed(candidates: list[RegisterRow]) -> RegisterRow | None:
    first = candidates[0] if candidates else None
    return first if first and all(row.says_as(first) for row in candidates) else None


def _at_least_as_closed(chosen: RegisterRow | None, possible: list[RegisterRow]) -> RegisterRow | None:
    secrecy = next((row.secrecy for row in possible if row.secrecy), None)
    visibility = Visibility.INTERNAL if any(row.visibility is Visibility.INTERNAL for row in possible) else None
    if chosen is not None:
        return replace(chosen, secrecy=chosen.secrecy or secrecy, visibility=visibility or chosen.visibility)
    if secrecy is None and visibility is None:
        return None
    return RegisterRow(possible[0].row, (), LegalMetadata(), secrecy=secrecy, visibility=visibility)


def _of_archive(around: list[RegisterRow]) -> RegisterRow | None:
    """Return what the rows of archives say of a member that has none: who may see it, and nothing else."""
    row = _at_least_as_closed(None, around)
    if row is None and any(stated.visibility for stated in around):
        row = RegisterRow(around[0].row, (), LegalMetadata(), visibility=Visibility.PUBLIC)
    return replace(row, of_archive=True) if row else None


def _alike(name: str, one: str | date, other: str | date) -> bool:
    if not isinstance(one, str) or not isinstance(other, str):
        return one == other
    if name == "number":
        return number_key(one) == number_key(other)
    return _words(one) == _words(other)


def _words(text: str) -> list[str]:
    """Return the words of `text` in one spelling, with abbreviations of bodies written out and marks left out."""
    bare = (word.strip("\"'“”‘’.,;:()-–") for word in folded(write_out(text)).split())
    return [normalise(word) for word in bare if word]


def _name_key(name: str) -> str:
    return nfc(nfc(name).casefold())
