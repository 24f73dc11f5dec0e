"""The segments as stock Whoosh reads them: its codec interface over the same files.

This project searches without it. It makes the index one that any Whoosh opens, and is the oracle that says independently which
entries match; so it decodes whole lists with the plainest code there is. Only this project writes: what Whoosh would write with
raises NotImplementedError.
"""

# mypy: allow-untyped-calls, disable-error-code="abstract,misc"
# Whoosh has no types, and marks as abstract what it never calls to read.
# ruff: noqa: ARG002  Whoosh fixes the signatures

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.codec import base
from whoosh.matching import ListMatcher
from whoosh.reading import TermNotFound

from indexer.engine.whooshdb.arrayfile import Array
from indexer.engine.whooshdb.kernels.lists import decode, decode_positions
from indexer.engine.whooshdb.schema import CODES, TEXT_NAMES, TEXTS
from indexer.engine.whooshdb.segments import Segment
from indexer.engine.whooshdb.state import SegmentRecord, damaged


class ArrayCodec(base.Codec):
    """Reads the segments of this project; pickled by name into the table of contents."""

    def per_document_reader(self, storage: Any, segment: Any) -> "_Columns":
        """Return the columns."""
        return _Columns(_opened(storage, segment), segment)

    def terms_reader(self, storage: Any, segment: Any) -> "_Terms":
        """Return the dictionary and the lists."""
        return _Terms(_opened(storage, segment))


class ArraySegment(base.Segment):
    """A segment in Whoosh's table of contents."""

    def __init__(self, indexname: str, record: SegmentRecord) -> None:
        super().__init__(indexname)
        self.segid = record.id
        self._entries = record.entries
        self._deleted = set(record.deleted)

    def codec(self) -> ArrayCodec:
        """Return what reads it."""
        return ArrayCodec()

    def doc_count_all(self) -> int:
        """Return the number of entries, deleted ones among them."""
        return self._entries

    def deleted_count(self) -> int:
        """Return the number of deleted entries."""
        return len(self._deleted)

    def deleted_docs(self) -> set[int]:
        """Return the deleted entries."""
        return self._deleted

    def is_deleted(self, docnum: int) -> bool:
        """Say whether an entry is deleted."""
        return docnum in self._deleted

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        """Refuse."""
        raise NotImplementedError("this index is written by congbao alone")

    def should_assemble(self) -> bool:
        """Say that the files stay apart."""
        return False


def _opened(storage: Any, segment: ArraySegment) -> Segment:
    record = SegmentRecord(segment.segid, segment.doc_count_all(), tuple(sorted(segment.deleted_docs())))
    return Segment(Path(storage.folder), record)


class _Columns(base.PerDocumentReader):
    def __init__(self, opened: Segment, segment: ArraySegment) -> None:
        self._opened = opened
        self._segment = segment

    def close(self) -> None:
        pass

    def doc_count(self) -> int:
        return self._segment.doc_count_all() - self._segment.deleted_count()

    def doc_count_all(self) -> int:
        return self._segment.doc_count_all()

    def has_deletions(self) -> bool:
        return bool(self._segment.deleted_count())

    def is_deleted(self, docnum: int) -> bool:
        return self._segment.is_deleted(docnum)

    def deleted_docs(self) -> set[int]:
        return self._segment.deleted_docs()

    def supports_columns(self) -> bool:
        return True

    def has_column(self, fieldname: str) -> bool:
        return fieldname in self.list_columns()

    def list_columns(self) -> list[str]:
        return [*self._opened.numbers, *CODES, *TEXTS]

    def column_reader(self, fieldname: str, column: Any) -> Any:
        if fieldname in CODES:
            codes = self._opened.codes[fieldname]
            return [codes.values[code].encode() for code in codes.codes.tolist()]
        if fieldname in TEXTS:
            return [self._opened.texts[fieldname][row].encode() for row in range(self._opened.entries)]
        return self._opened.numbers[fieldname].tolist()


class _Terms(base.TermsReader):
    def __init__(self, opened: Segment) -> None:
        self._opened = opened

    def close(self) -> None:
        pass

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return self._row(*term) is not None

    def indexed_field_names(self) -> list[str]:
        return list(self._opened.dictionaries)

    def terms(self) -> Iterator[tuple[str, bytes]]:
        for name in sorted(self._opened.dictionaries):
            for term in self._opened.dictionaries[name].texts():
                yield name, term

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        yield from (term for term in self.terms() if term >= (fieldname, prefix))

    def items(self) -> Iterator[tuple[tuple[str, bytes], "_Info"]]:
        yield from ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], "_Info"]]:
        yield from ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, termbytes: bytes) -> "_Info":
        entries, often, _ = self._list(fieldname, termbytes)
        return _Info(entries, often)

    def frequency(self, fieldname: str, termbytes: bytes) -> int:
        return int(self._list(fieldname, termbytes)[1].sum())

    def doc_frequency(self, fieldname: str, termbytes: bytes) -> int:
        return len(self._list(fieldname, termbytes)[0])

    def matcher(self, fieldname: str, termbytes: bytes, format_: Any, scorer: Any = None) -> ListMatcher:
        try:
            entries, often, positions = self._list(fieldname, termbytes)
        except KeyError as error:
            raise TermNotFound(f"{fieldname}:{termbytes!r}") from error
        ends = np.cumsum(often)
        values = [positions[end - times : end].astype("<u4").tobytes() for end, times in zip(ends, often, strict=True)]
        return ListMatcher(
            entries.tolist(), [float(times) for times in often], values, format_, scorer, term=(fieldname, termbytes),
            terminfo=_Info(entries, often),
        )  # fmt: skip

    def _row(self, fieldname: str, term: bytes) -> int | None:
        dictionary = self._opened.dictionaries.get(fieldname)
        return dictionary.row(term) if dictionary else None

    def _list(self, fieldname: str, term: bytes) -> tuple[Array, Array, Array]:
        row = self._row(fieldname, term)
        if row is None:
            raise KeyError(fieldname, term)
        segment, dictionary = self._opened, self._opened.dictionaries[fieldname]
        posting = dictionary.span(range(row, row + 1))
        words = segment.words[posting.first_word : posting.end_word]
        entries, often = np.empty(posting.entries, np.int64), np.zeros(posting.entries, np.int64)
        whole = decode(words, segment.records, posting.record, entries, often) == posting.entries
        positions = np.empty(int(dictionary.terms.occurrences[row]) if fieldname in TEXT_NAMES else 0, np.int64)
        if fieldname in TEXT_NAMES:
            whole = whole and decode_positions(segment.positions, posting.position, often, positions) >= 0
        if not whole:
            raise damaged(segment.records_path, "không đọc được")
        return entries, often, positions


class _Info:
    """What Whoosh asks of a term."""

    def __init__(self, entries: Array, often: Array) -> None:
        self._entries = entries
        self._often = often

    def weight(self) -> float:
        return float(self._often.sum())

    def doc_frequency(self) -> int:
        return len(self._entries)

    def min_length(self) -> int:
        return 0

    def max_length(self) -> int:
        return 0

    def max_weight(self) -> float:
        return float(self._often.max())

    def min_id(self) -> int:
        return int(self._entries[0])

    def max_id(self) -> int:
        return int(self._entries[-1])
