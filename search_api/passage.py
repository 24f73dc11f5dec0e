"""A passage around matches: the window that shows most, cut where a reader would cut it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.model import Provision

WINDOW = 220  # characters that the matches of one passage span at most
SHORTEST, LONGEST = 200, 300  # of a passage, where the text allows
_LEAD = 100  # how far before its first match a passage may begin
_NEARLY = 0.75  # the share of a window's marks that whole sentences must show to be preferred
_PAIR = 0.5  # what two marks side by side add, as a share of their weight
_SIDE_BY_SIDE = 3  # characters between them at most
_HEAD = 5_000  # characters among which the title stands
_SENT_TO, _ADDRESSEES = "Nơi nhận", 1_500  # what a list of addressees begins with; characters of it
_ASIDE = 0.5  # what a passage of the letterhead, the recitals or the addressees is worth beside another
_BREAK = re.compile(r"(?:[.!?][”\"')]?\s|\n)\s*(?=\S)")
_ITEM = re.compile(r"[a-zđ]{1,2}[.)]\s")
_SHORT_FORM = re.compile(r"(?:^|[\W\d_])(?:[0-9]{1,4}[a-zđ]?|[A-ZĐ][A-Za-z]{0,2}|[a-zđ])$")  # 1. Điều 2a. TP. KT. a.
# Words that end no line but one that is full: của | Chính phủ, năm | 2025.
OPEN_END = re.compile(r"\s(?:của|số|năm|ngày|tháng|và|hoặc|các|theo|tại|về|với|tỉnh|Điều|khoản|điểm)$")
_CLAUSE = re.compile(r"[,;:]\s+")
_SPACE = re.compile(r"\s+")


_Column = NDArray[np.int64]


class Matches(NamedTuple):
    """Marks found in the canonical text, a row each in order of where they begin; offsets are those of the text.

    A match of `parts` words shows those from word `first` on, each by itself; one of 0 parts is shown whole.
    """

    marks: _Column
    starts: _Column
    ends: _Column
    firsts: _Column
    parts: _Column
    word_starts: _Column
    word_ends: _Column

    def span(self, rows: slice) -> tuple[int, int]:
        """Return where the first of these rows begins and the last to end does."""
        return int(self.starts[rows][0]), int(self.ends[rows].max())

    def within(self, low: int, high: int) -> "Matches":
        """Return the rows that lie in [low, high)."""
        rows = (self.starts >= low) & (self.ends <= high)
        return Matches._make((*(column[rows] for column in self[:5]), *self[5:]))

    def without(self, rows: slice) -> "Matches":
        """Return the other rows."""
        return Matches._make((*(np.delete(column, rows) for column in self[:5]), *self[5:]))

    def spans(self, low: int, high: int) -> list[tuple[int, int]]:
        """Return what to mark in `text[low:high]`: no two overlap, and a word within a number is marked with it."""
        rows = np.flatnonzero((self.starts >= low) & (self.starts < high)).tolist()
        spans: set[tuple[int, int]] = set()
        for row in rows:
            first, count = int(self.firsts[row]), int(self.parts[row])
            words = slice(first, first + count)
            spans.update(zip(self.word_starts[words].tolist(), self.word_ends[words].tolist(), strict=True))
            if not count:
                spans.add((int(self.starts[row]), int(self.ends[row])))
        shown: list[tuple[int, int]] = []
        for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
            if end <= high and (not shown or start >= shown[-1][1]):
                shown.append((start, end))
        return shown


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage: `text` begins at offset `start` of the canonical text; `highlights` are [start, end) pairs in `text`."""

    text: str
    start: int
    highlights: tuple[tuple[int, int], ...]
    provision: Provision | None = None


def best_window(matches: Matches, weights: NDArray[np.float64], places: "Places") -> slice:
    """Return the rows within WINDOW that show the greatest weight of distinct marks; the earliest of equals, at least one row.

    Marks that follow each other in the question and in the text add to it; `places` says where a window must end and what it is
    worth.
    """
    count = len(matches.marks)
    limits = np.minimum(matches.starts + WINDOW, places.ends(matches.starts))
    scores, reach = np.zeros(count), matches.ends.copy()
    gaps = matches.starts[1:] - matches.ends[:-1]
    beside = (np.diff(matches.marks) == 1) & (gaps >= 0) & (gaps <= _SIDE_BY_SIDE)
    for mark in np.unique(matches.marks).tolist():
        of_mark = matches.marks == mark
        pairs = np.flatnonzero(beside & of_mark[1:])
        alone = np.flatnonzero(of_mark)
        for rows, ends, worth in (
            (alone, matches.ends[alone], weights[mark]),
            (pairs, matches.ends[pairs + 1], weights[mark] * _PAIR),
        ):
            if worth and len(rows):
                following = np.searchsorted(rows, np.arange(count))  # the next occurrence from each row on
                end = np.append(ends, np.iinfo(np.int64).max)[following]
                shown = end <= limits
                scores += worth * shown
                reach = np.where(shown, np.maximum(reach, end), reach)
    scores *= places.worth(matches.starts)
    first = int(np.argmax(scores > scores.max() - 1e-9))
    return slice(first, max(first + 1, int(np.searchsorted(matches.starts, reach[first]))))


def narrowed(text: str, matches: Matches, window: slice, weights: NDArray[np.float64], places: "Places") -> tuple[int, int]:
    """Return where `window` begins and ends, without what would cut its sentences, if what is left shows nearly as much."""
    first, last = matches.span(window)
    low, high = max(0, first - LONGEST), min(len(text), last + LONGEST, int(places.ends(matches.starts[window][:1])[0]))
    begins = sentence_starts(text, low, high)
    rows = [*zip(matches.starts[window].tolist(), matches.ends[window].tolist(), matches.marks[window].tolist(), strict=True)]
    worth = _worth(rows, weights)
    best, found = _NEARLY * worth, (first, last)
    for begin in (begin for begin in begins if begin <= last):
        end = max((stop for stop in (*begins, high) if begin < stop <= begin + LONGEST), default=0)
        inside = [row for row in rows if row[0] >= begin and row[1] <= end]
        if inside and _worth(inside, weights) > best:
            best, found = _worth(inside, weights), (inside[0][0], max(row[1] for row in inside))
    return found


def _worth(rows: Sequence[tuple[int, int, int]], weights: NDArray[np.float64]) -> float:
    return sum(float(weights[mark]) for mark in {mark for _, _, mark in rows})


class Places:
    """A text's articles, and what says little of it: its letterhead and recitals, and whom it is sent to."""

    def __init__(self, text: str, provisions: Sequence[Provision], title: str = "") -> None:
        borders = sorted({border for provision in provisions for border in (provision.start, provision.end)})
        self._borders = np.array([*borders, max(len(text), 1)], np.int64)
        self.opening = opening(text, provisions, title)
        self._sent = _addressees(text)

    def ends(self, starts: _Column) -> _Column:
        """Return where the article, or what stands between two, ends in which each of these offsets lies."""
        return self._borders[np.minimum(np.searchsorted(self._borders, starts, "right"), len(self._borders) - 1)]

    def worth(self, starts: _Column) -> NDArray[np.float64]:
        """Return what a passage that begins at each of these offsets is worth beside another one."""
        start, end = self._sent
        return np.where((starts < self.opening) | ((starts >= start) & (starts < end)), _ASIDE, 1.0)


def _addressees(text: str) -> tuple[int, int]:
    """Return the span of the last list of addressees."""
    start = text.rfind(_SENT_TO)
    return (start, start + _ADDRESSEES) if start >= 0 else (0, 0)


def opening(text: str, provisions: Sequence[Provision], title: str) -> int:
    """Return where a document's own words begin, past letterhead and title: at its first article, else after the title.

    0 when the text has no article and does not show the title near its beginning, or nothing after it.
    """
    if provisions:
        return min(provision.start for provision in provisions)
    words = title.split()
    found = re.compile(r"\s+".join(map(re.escape, words))).search(text, 0, _HEAD) if words else None
    return found.end() if found and text[found.end() :].strip() else 0


def cut(text: str, window: tuple[int, int], low: int, high: int, provisions: Sequence[Provision], matches: Matches) -> Snippet:
    """Return the passage of `text[low:high]` around `window`, its beginning and end, with every match in it marked.

    It is of whole sentences where those fit LONGEST, and reaches into no other article than the one that it begins in.
    """
    first, last = window
    named = next((provision for provision in provisions if provision.start <= first < provision.end), None)
    if named and last <= named.end:  # what is said of one article is not mixed with the next
        low, high = max(low, named.start), min(high, named.end)
    elif not named:
        high = min([high, *(provision.start for provision in provisions if provision.start >= last)])
    start, end = _whole_sentences(text, first, last, low, high)
    start, end = _trim(text, start, end)
    highlights = tuple((begin - start, stop - start) for begin, stop in matches.spans(start, end))
    return Snippet(text[start:end], start, highlights, named)


def _whole_sentences(text: str, first: int, last: int, low: int, high: int) -> tuple[int, int]:
    """Return a passage around `first` and `last`: their sentences and those beside them that fit, or a part of long ones."""
    earliest, latest = max(low, first - LONGEST), min(high, last + LONGEST)
    begins = sentence_starts(text, earliest, latest)
    if earliest == low:
        begins.insert(0, low)
    ends = [*(begin for begin in begins if begin > low), *([high] if latest == high else [])]
    start = max((begin for begin in begins if begin <= first), default=None)
    end = min((stop for stop in ends if stop >= last), default=None)
    if start is None or end is None or end - start > LONGEST:
        return _part(text, first, last, start, end, low, high)
    for stop in ends:  # what follows explains what stands here
        if end - start < SHORTEST and end < stop <= start + LONGEST:
            end = stop
    for begin in reversed(begins):
        if end - start < SHORTEST and end - LONGEST <= begin < start:
            start = begin
    if end - start < SHORTEST // 2 and end < high:  # a heading says little without what it stands above
        end = _stop(text, min(start + SHORTEST, high), min(start + LONGEST, high))
    return start, end


def _part(text: str, first: int, last: int, start: int | None, end: int | None, low: int, high: int) -> tuple[int, int]:
    """Return what is shown of sentences too long to be shown whole: from their beginning, up to their end, or from within."""
    if start is None or last - start > LONGEST:
        if end is not None and end - first <= LONGEST:
            return _begin(text, max(low, end - LONGEST), first), end
        start = _begin(text, max(low, first - _LEAD), first)
    limit = max(start + LONGEST, last)
    return start, high if limit >= high else _stop(text, max(start + SHORTEST, last), limit)


def sentence_starts(text: str, low: int, high: int) -> list[int]:
    """Return where sentences, items and headings begin in `text[low:high]`, but for one that begins at `low`.

    A line end parts nothing where the sentence goes on in small letters, as in a page's lines.
    """
    starts = []
    for found in _BREAK.finditer(text, low, high):
        if "\n" in found[0]:
            goes_on = text[found.end()].islower() or OPEN_END.search(text, max(low, found.start() - 8), found.start())
            if not goes_on or _ITEM.match(text, found.end()):
                starts.append(found.end())
        elif not _SHORT_FORM.search(text, max(low, found.start() - 6), found.start()):
            starts.append(found.end())
    return starts


def _begin(text: str, earliest: int, first: int) -> int:
    """Return where a clause begins between the two, else a word."""
    clauses = [found.end() for found in _CLAUSE.finditer(text, earliest, first)]
    if clauses:
        return clauses[0]
    space = _SPACE.search(text, earliest, first)
    return space.end() if space else earliest


def _stop(text: str, shortest: int, limit: int) -> int:
    """Return where a clause ends between the two, else a word; the last one that does."""
    clauses = [found.start() + 1 for found in _CLAUSE.finditer(text, shortest - 1, limit)]
    if clauses:
        return clauses[-1]
    spaces = [found.start() for found in _SPACE.finditer(text, shortest, limit + 1)]
    return spaces[-1] if spaces else limit


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    passage = text[start:end]
    return start + len(passage) - len(passage.lstrip()), end - (len(passage) - len(passage.rstrip()))
