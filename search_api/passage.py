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
_PAIR = 0.5  # what two marks side by side add, as a share of their weight
_SIDE_BY_SIDE = 3  # characters between them at most
_HEAD = 5_000  # characters among which the title stands
_SENTENCE = re.compile(r"(?:(?<!\d)[.;:!?]\s+|\n\s*)(?=\S)")  # not after 1. or Điều 2.
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


def best_window(matches: Matches, weights: NDArray[np.float64]) -> slice:
    """Return the rows within WINDOW that show the greatest weight of distinct marks; the earliest of equals, at least one row.

    Marks that follow each other in the question and in the text add to it.
    """
    count = len(matches.marks)
    limits = matches.starts + WINDOW
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
    first = int(np.argmax(scores > scores.max() - 1e-9))
    return slice(first, max(first + 1, int(np.searchsorted(matches.starts, reach[first]))))


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
    """Return the passage of `text[low:high]` around `window`, its beginning and end, with every match in it marked."""
    first, last = window
    named = next((provision for provision in provisions if provision.start <= first < provision.end), None)
    if named and last <= named.end:  # what is said of one article is not mixed with the next
        low, high = max(low, named.start), min(high, named.end)
    start = _start(text, first, low)
    end = _end(text, max(start, last), start, high)
    start, end = _trim(text, start, end)
    highlights = tuple((begin - start, stop - start) for begin, stop in matches.spans(start, end))
    return Snippet(text[start:end], start, highlights, named)


def _start(text: str, first: int, low: int) -> int:
    """Return where a sentence or line begins shortly before `first`, else a word."""
    earliest = max(low, first - _LEAD)
    if earliest == low:
        return low
    sentences = [found.end() for found in _SENTENCE.finditer(text, earliest, first) if found.end() <= first]
    if sentences:
        return sentences[0]
    space = _SPACE.search(text, earliest, first)
    return space.end() if space else earliest


def _end(text: str, last: int, start: int, high: int) -> int:
    """Return where a sentence ends after `last` within the length wanted, else a word."""
    limit = max(start + LONGEST, last)
    if limit >= high:
        return high
    shortest = max(start + SHORTEST, last)
    sentence = _SENTENCE.search(text, shortest, limit)
    if sentence:
        return sentence.start() + 1
    space = text.rfind(" ", shortest, limit + 1)
    return space if space > shortest else limit


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    passage = text[start:end]
    return start + len(passage) - len(passage.lstrip()), end - (len(passage) - len(passage.rstrip()))
