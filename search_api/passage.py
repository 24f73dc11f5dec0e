"""A passage around matches: the window that shows most, cut where a reader would cut it."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from indexer.model import Provision

WINDOW = 220  # characters that the matches of one passage span at most
SHORTEST, LONGEST = 200, 300  # of a passage, where the text allows
_LEAD = 100  # how far before its first match a passage may begin
_PAIR = 0.5  # what two marks side by side add, as a share of their weight
_SIDE_BY_SIDE = 3  # characters between them at most
_HEAD = 5_000  # characters among which the title stands
_SENTENCE = re.compile(r"(?:(?<!\d)[.;:!?]\s+|\n\s*)(?=\S)")  # not after 1. or Điều 2.
_SPACE = re.compile(r"\s+")


class Match(NamedTuple):
    """A mark found in the canonical text: which one, and the spans to show in order."""

    mark: int
    spans: tuple[tuple[int, int], ...]

    @property
    def start(self) -> int:
        """Where it begins."""
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.spans[-1][1]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage: `text` begins at offset `start` of the canonical text; `highlights` are [start, end) pairs in `text`."""

    text: str
    start: int
    highlights: tuple[tuple[int, int], ...]
    provision: Provision | None = None


def best_window(matches: Sequence[Match], weights: Mapping[int, float]) -> Sequence[Match]:
    """Return the run of `matches` within WINDOW that shows the greatest weight of distinct marks; the earliest of equals.

    Marks that follow each other in the question and in the text add to it. At least one match is returned for one given.
    """
    shown: Counter[tuple[int, bool]] = Counter()  # (mark, alone or after the one before it in the question)
    best, place, left, score = -1.0, slice(0, 0), 0, 0.0

    def change(index: int, pair: bool, step: int) -> float:
        match = matches[index]
        if pair and not _follows(matches[index - 1], match):
            return 0.0
        key = (match.mark, pair)
        before = shown[key] > 0
        shown[key] += step
        worth = weights[match.mark] * (_PAIR if pair else 1.0)
        return worth * ((shown[key] > 0) - before)

    for right, match in enumerate(matches):
        score += change(right, False, 1)
        if right > left:
            score += change(right, True, 1)
        while left < right and match.end - matches[left].start > WINDOW:
            score += change(left, False, -1) + change(left + 1, True, -1)
            left += 1
        if score > best + 1e-9:
            best, place = score, slice(left, right + 1)
    return matches[place]


def _follows(before: Match, match: Match) -> bool:
    return match.mark == before.mark + 1 and 0 <= match.start - before.end <= _SIDE_BY_SIDE


def opening(text: str, provisions: Sequence[Provision], title: str) -> int:
    """Return where a document's own words begin, past letterhead and title: at its first article, else after the title.

    0 when the text has no article and does not show the title near its beginning, or nothing after it.
    """
    if provisions:
        return min(provision.start for provision in provisions)
    words = title.split()
    found = re.compile(r"\s+".join(map(re.escape, words))).search(text, 0, _HEAD) if words else None
    return found.end() if found and text[found.end() :].strip() else 0


def cut(
    text: str,
    window: Sequence[Match],
    low: int,
    high: int,
    provisions: Sequence[Provision],
    matches: Sequence[Match] = (),
) -> Snippet:
    """Return the passage of `text[low:high]` around `window` with every match in it marked; its beginning without a window."""
    first, last = (window[0].start, max(match.end for match in window)) if window else (low, low)
    named = next((provision for provision in provisions if provision.start <= first < provision.end), None)
    if named and last <= named.end:  # what is said of one article is not mixed with the next
        low, high = max(low, named.start), min(high, named.end)
    start = _start(text, first, low)
    end = _end(text, max(start, last), start, high)
    start, end = _trim(text, start, end)
    spans = sorted({span for match in matches for span in match.spans if start <= span[0] and span[1] <= end})
    highlights: list[tuple[int, int]] = []
    for begin, stop in spans:
        if not highlights or begin - start >= highlights[-1][1]:  # a word within a number is marked with it
            highlights.append((begin - start, stop - start))
    return Snippet(text[start:end], start, tuple(highlights), named)


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
