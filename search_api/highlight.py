"""Which passages of a text show best why it was found, and which of their words to mark.

Legal text repeats its chunks (what stands between white space), so each different one is looked at once: folding them by an
exchange that keeps length, one compiled pattern finds candidate words, and each spelling among these is analysed once to see what
it really is. A spelling analyses alike wherever it stands, so that every span given is the source of a token that the engine
matched; all offsets are those of the canonical text. From there on a text is arrays, a row for each word or match.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analyzers.accents import fold
from analyzers.chunks import find_chunks
from analyzers.normalise import INVISIBLE
from analyzers.profiles import Profile, analyse
from analyzers.tokenise import syllables
from analyzers.tokens import TokenKind
from indexer.engine.patterns import matcher
from indexer.engine.query import Layer, Wildcard
from indexer.model import Provision
from search_api.meaning import Mark, MarkKind
from search_api.passage import Matches, Places, Snippet, best_window, cut, narrowed
from search_api.wording import PROFILES

_PIECE = 1 << 18  # characters looked at at a time
_LONGEST_WORD = 256  # characters without a space after which a piece ends within them
_LONGEST_GAP = 64  # characters between two words of a phrase, a table's dotted line for one
_ENOUGH = 20_000  # words looked for after which a text is not read further
_REMEMBERED = 50_000  # chunks, and spellings; hostile texts hold more
_DATE_BEFORE, _DATE_AFTER = 45, 12  # characters around a year in which the rest of its date stands
_WORD_CHARACTER = re.compile(r"[^\W_]")
_SPACE = re.compile(r"\s")
_UNPRINTED = re.compile(f"[\u0300-\u036f{INVISIBLE}]")  # free combining marks and characters of no width

_MANY_WORDS = (MarkKind.PREFIX, MarkKind.PATTERN)
_OPEN = re.compile(r"[*?]")

_Meaning = tuple[str, Layer]  # a term and the layer that it is one of
_Places = NDArray[np.int64]


class _Words(NamedTuple):
    """Words of a text that are, or may begin or continue, a mark: where they stand and which of `Highlighter._kinds` they are."""

    starts: _Places
    ends: _Places
    kinds: _Places


class Highlighter:
    """Finds the marks of one question in any number of texts."""

    def __init__(self, marks: Sequence[Mark]) -> None:
        self._marks = tuple(marks)
        self._dates = {mark.terms[0]: place for place, mark in enumerate(self._marks) if mark.kind is MarkKind.DATE}
        self._years = {(day[:4], Layer.MAIN) for day in self._dates}
        self._prefixes = tuple(mark for mark in self._marks if mark.kind in _MANY_WORDS)
        self._wanted = self._years | {(term, mark.layer) for mark in self._marks for term in mark.terms}
        self._pattern = self._compile()
        self._kinds: dict[frozenset[_Meaning], int] = {}  # what words may mean, numbered
        self._spellings: dict[str, int | None] = {}
        self._chunks: dict[str, list[tuple[int, int, int]]] = {}  # start, end and kind of the words in each

    def _compile(self) -> re.Pattern[str] | None:
        """Compile what candidates look like in folded text; None without marks."""
        forms: dict[str, None] = {}
        for mark in self._marks:
            if mark.kind is MarkKind.DATE:
                forms[mark.terms[0][:4]] = None  # the year; day and month are written in several ways
            elif mark.kind is MarkKind.PREFIX:
                forms.update(dict.fromkeys(re.escape(fold(term)) + r"[^\W_]*" for term in mark.terms))
            elif mark.kind is MarkKind.PATTERN:
                forms.update(dict.fromkeys(re.escape(fold(_OPEN.split(term)[0])) + r"[^\W_]*" for term in mark.terms))
            else:
                forms.update(dict.fromkeys(_form(term) for term in mark.terms))
        return re.compile(rf"(?:{'|'.join(forms)})(?![^\W_])") if forms else None

    def snippets(
        self, text: str, provisions: Sequence[Provision], low: int = 0, high: int | None = None, title: str = ""
    ) -> tuple[Snippet, ...]:
        """Return one or two passages of `text[low:high]`, the best first.

        When nothing is found there it is the one with which it begins; a whole text's is the one past its letterhead and `title`.
        """
        high = len(text) if high is None else high
        return self.passages(text, provisions, self.matches(text, low, high), low, high, title)

    def passages(
        self, text: str, provisions: Sequence[Provision], matches: Matches, low: int, high: int, title: str = "", most: int = 2
    ) -> tuple[Snippet, ...]:
        """Return up to `most` passages of `text[low:high]`, in which `matches` were found, as `snippets` does."""
        places = Places(text, provisions, title)
        if not len(matches.marks):
            start = low if low or high < len(text) else places.opening
            return (cut(text, (start, start), start, high, provisions, matches),)
        counts = np.bincount(matches.marks, minlength=len(self._marks))
        weights = np.where(counts > 0, 1 / (1 + np.log(np.maximum(counts, 1))), 0.0)  # what is rare here says more
        first = best_window(matches, weights, places)
        windows = [narrowed(text, matches, first, weights, places)]
        weights[matches.marks[first]] = 0.0
        if most > 1 and weights.any():
            rest = matches.without(first)
            second = best_window(rest, weights, places)
            if places.worth(rest.starts[second])[0] == 1:  # what only letterhead and addressees have is not worth a second one
                windows.append(narrowed(text, rest, second, weights, places))
        return tuple(cut(text, window, low, high, provisions, matches) for window in windows)

    def matches(self, text: str, low: int = 0, high: int | None = None) -> Matches:
        """Return what is found in `text[low:high]`, in order of where it begins, up to a bound that keeps hostile texts cheap."""
        words = self._words(text, low, len(text) if high is None else high)
        kinds = list(self._kinds)
        found: list[tuple[int, _Places, int]] = []  # a mark, the words with which its matches begin, and how many are its own
        dates: list[tuple[int, int, int]] = []
        for place, mark in enumerate(self._marks):
            if mark.kind is MarkKind.DATE:
                continue
            if mark.kind in _MANY_WORDS:
                found.append((place, np.flatnonzero(_holds(kinds, mark)[words.kinds]), 1))
            else:
                found.append((place, _rows(text, mark, words, kinds), len(mark.terms)))
        if self._years:
            is_year = np.array([not self._years.isdisjoint(kind) for kind in kinds], bool)
            for index in np.flatnonzero(is_year[words.kinds]).tolist():
                dates += self._dates_around(text, int(words.starts[index]), int(words.ends[index]))
        return _matches(self._marks, words, found, dates)

    def _words(self, text: str, low: int, high: int) -> _Words:
        """Return the words of `text[low:high]` that are looked for."""
        pieces: list[_Words] = []
        begin, count = low, 0
        while begin < high and self._pattern and count < _ENOUGH:
            end = min(high, begin + _PIECE)
            space = _SPACE.search(text, end, min(high, end + _LONGEST_WORD))
            end = space.start() if space else min(high, end + _LONGEST_WORD)
            pieces.append(self._words_of_piece(text[begin:end], begin))
            count += len(pieces[-1].starts)
            begin = end
        if not pieces:
            return _Words(*(np.zeros(0, np.int64) for _ in range(3)))
        return _Words(*(np.concatenate(column)[:_ENOUGH] for column in zip(*pieces, strict=True)))

    def _words_of_piece(self, piece: str, offset: int) -> _Words:
        chunks, numbers, starts, _ = find_chunks([piece])
        held = self._held(chunks)
        counts = np.array([len(words) for words in held], np.int64)
        flat = np.array([word for words in held for word in words], np.int64).reshape(-1, 3)
        firsts = np.cumsum(counts) - counts
        places = np.flatnonzero(counts[numbers]) if len(flat) else np.zeros(0, np.int64)
        owners = numbers[places]
        repeats = counts[owners]
        within = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
        rows = flat[np.repeat(firsts[owners], repeats) + within]
        at = np.repeat(starts[places], repeats) + offset
        return _Words(at + rows[:, 0], at + rows[:, 1], rows[:, 2])

    def _held(self, chunks: Sequence[str]) -> list[list[tuple[int, int, int]]]:
        """Return the words in each of these chunks."""
        if len(self._chunks) > _REMEMBERED:
            self._chunks.clear()
        new = [chunk for chunk in chunks if chunk not in self._chunks]
        if new:
            begins = [0, *accumulate(len(chunk) + 1 for chunk in new)]
            self._chunks.update((chunk, []) for chunk in new)
            joined = "\n".join(new)
            assert self._pattern is not None
            for start, end in _candidates(joined, self._pattern):
                if (kind := self._kind(joined[start:end])) is not None:
                    place = bisect_right(begins, start) - 1
                    self._chunks[new[place]].append((start - begins[place], end - begins[place], kind))
        return [self._chunks[chunk] for chunk in chunks]

    def _kind(self, spelling: str) -> int | None:
        """Return the number of what a spelling stands for, of the terms looked for in either layer; None for nothing."""
        if spelling not in self._spellings:
            if len(self._spellings) >= _REMEMBERED:
                self._spellings.clear()
            found = {(token.text, layer) for layer, profile in PROFILES.items() for token in analyse(spelling, profile)}
            meanings = frozenset(meaning for meaning in found if self._is_wanted(meaning))
            self._spellings[spelling] = self._kinds.setdefault(meanings, len(self._kinds)) if meanings else None
        return self._spellings[spelling]

    def _is_wanted(self, meaning: _Meaning) -> bool:
        return meaning in self._wanted or any(_fits(mark, meaning) for mark in self._prefixes)

    def _dates_around(self, text: str, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Yield mark, start and end of the dates that are looked for and whose year stands at `text[start:end]`."""
        low, high = max(0, start - _DATE_BEFORE), min(len(text), end + _DATE_AFTER)
        if low and (space := _SPACE.search(text, low, start)):  # a figure cut in two would be another date
            low = space.end()
        for token in analyse(text[low:high], Profile.QUERY):
            if token.kind is TokenKind.DATE and token.text in self._dates and low + token.start <= start < low + token.end:
                yield self._dates[token.text], low + token.start, low + token.end


def _fits(mark: Mark, meaning: _Meaning) -> bool:
    if mark.kind is MarkKind.PATTERN:
        return meaning[1] is mark.layer and any(matcher(Wildcard(term))(meaning[0]) for term in mark.terms)
    return meaning[1] is mark.layer and meaning[0].startswith(mark.terms)


def _holds(kinds: Sequence[frozenset[_Meaning]], mark: Mark) -> NDArray[np.bool_]:
    """Say of each kind of word whether it is one of those that a prefix or a pattern stands for."""
    return np.array([any(_fits(mark, meaning) for meaning in kind) for kind in kinds], bool)


def _rows(text: str, mark: Mark, words: _Words, kinds: Sequence[frozenset[_Meaning]]) -> _Places:
    """Return the words from which on the terms of `mark` follow one another, with nothing spoken between them."""
    last = len(words.kinds) - len(mark.terms) + 1
    found: _Places = np.arange(max(0, last))
    for place, term in enumerate(mark.terms):
        is_term = np.array([(term, mark.layer) in kind for kind in kinds], bool)
        found = found[is_term[words.kinds[found + place]]]
    for place in range(1, len(mark.terms)):
        before, after = words.ends[found + place - 1].tolist(), words.starts[found + place].tolist()
        close = [
            start - end <= _LONGEST_GAP and not _WORD_CHARACTER.search(text, end, start)
            for end, start in zip(before, after, strict=True)
        ]
        found = found[np.array(close, bool)]
    return found


def _matches(
    marks: Sequence[Mark], words: _Words, found: Sequence[tuple[int, _Places, int]], dates: Sequence[tuple[int, int, int]]
) -> Matches:
    """Put the matches of all marks in order of where they begin."""
    columns: list[tuple[Any, ...]] = [
        (
            np.full(len(firsts), place),
            words.starts[firsts],
            words.ends[firsts + count - 1],
            firsts,
            np.full(len(firsts), 0 if marks[place].kind is MarkKind.NUMBER else count),
        )
        for place, firsts, count in found
    ]
    columns += [(*(np.array([value]) for value in date), np.zeros(1, np.int64), np.zeros(1, np.int64)) for date in dates]
    if not columns:
        columns = [(np.zeros(0, np.int64),) * 5]
    row = [np.concatenate(column) for column in zip(*columns, strict=True)]
    order = np.lexsort((row[0], row[1]))
    return Matches._make((*(column[order] for column in row), words.starts, words.ends))


def _candidates(piece: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Yield the spans of words that may be looked for, and of all words around unprinted characters."""
    folded = fold(piece).lower()  # both keep the length
    begin = 0
    for unprinted in _UNPRINTED.finditer(piece):
        if unprinted.start() >= begin:
            before = max(piece.rfind(space, begin, unprinted.start()) for space in " \n\t")
            after = _SPACE.search(piece, unprinted.end(), unprinted.end() + _LONGEST_WORD)
            start, end = max(begin, before), after.start() if after else min(len(piece), unprinted.end() + _LONGEST_WORD)
            yield from _whole_words(folded, pattern, begin, start)
            found = syllables(piece[start:end])
            yield from ((start + first, start + last) for first, last in zip(found.starts, found.ends, strict=True))
            begin = end
    yield from _whole_words(folded, pattern, begin, len(folded))


def _whole_words(folded: str, pattern: re.Pattern[str], begin: int, end: int) -> Iterator[tuple[int, int]]:
    for found in pattern.finditer(folded, begin, end):
        start = found.start()
        if start == begin or not _WORD_CHARACTER.match(folded, start - 1):  # three times as fast here as in the pattern
            yield start, found.end()


def _form(term: str) -> str:
    """Return the pattern of what `term` may look like folded; analysis writes i for a final y."""
    plain = fold(term)
    return re.escape(plain[:-1]) + "[iy]" if plain[-1] in "iy" else re.escape(plain)
