"""Which passages of a text show best why it was found, and which of their words to mark.

A text is folded by an exchange that keeps its length, one compiled pattern finds candidate words in it, and each distinct
spelling among them is analysed once to see what it really is. A spelling analyses alike wherever it stands, so that every
span given is the source of a token that the engine matched; all offsets are those of the canonical text.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import log
from typing import NamedTuple

from analyzers.accents import fold
from analyzers.normalise import INVISIBLE
from analyzers.profiles import Profile, analyse
from analyzers.tokenise import syllables
from analyzers.tokens import TokenKind
from indexer.engine.query import Layer
from indexer.model import Provision
from search_api.passage import Match, Snippet, best_window, cut
from search_api.understand import Mark, MarkKind

_PIECE = 1 << 16  # characters folded at a time
_LONGEST_WORD = 256  # characters without a space after which a piece ends within them
_LONGEST_GAP = 64  # characters between two words of a phrase, a table's dotted line for one
_ENOUGH = 20_000  # matches after which a text is not read further
_REMEMBERED = 50_000  # spellings; hostile texts hold more
_DATE_BEFORE, _DATE_AFTER = 45, 12  # characters around a year in which the rest of its date stands
_WORD_CHARACTER = re.compile(r"[^\W_]")
_SPACE = re.compile(r"\s")
_UNPRINTED = re.compile(f"[\u0300-\u036f{INVISIBLE}]")  # free combining marks and characters of no width
_PROFILES = ((Layer.MAIN, Profile.QUERY), (Layer.FOLDED, Profile.FOLDED))

_Meaning = tuple[str, Layer]  # a term and the layer that it is one of


class _Word(NamedTuple):
    start: int
    end: int
    meanings: frozenset[_Meaning]


class Highlighter:
    """Finds the marks of one question in any number of texts."""

    def __init__(self, marks: Sequence[Mark]) -> None:
        self._marks = tuple(marks)
        self._openings: dict[_Meaning, list[int]] = {}  # first term → marks that begin with it
        self._prefixes: list[int] = []
        self._dates: dict[str, int] = {}
        for place, mark in enumerate(self._marks):
            if mark.kind is MarkKind.PREFIX:
                self._prefixes.append(place)
            elif mark.kind is MarkKind.DATE:
                self._dates[mark.terms[0]] = place
            else:
                self._openings.setdefault((mark.terms[0], mark.layer), []).append(place)
        self._longest = max((len(mark.terms) for mark in self._marks), default=1)
        self._years = {(day[:4], Layer.MAIN) for day in self._dates}
        self._wanted = self._years | {(term, mark.layer) for mark in self._marks for term in mark.terms}
        self._pattern = self._compile()
        self._meanings: dict[str, frozenset[_Meaning]] = {}

    def _compile(self) -> re.Pattern[str] | None:
        """Compile what candidates look like in folded text; None without marks."""
        forms: dict[str, None] = {}
        for mark in self._marks:
            if mark.kind is MarkKind.DATE:
                forms[mark.terms[0][:4]] = None  # the year; day and month are written in several ways
            elif mark.kind is MarkKind.PREFIX:
                forms.update(dict.fromkeys(re.escape(fold(term)) + r"[^\W_]*" for term in mark.terms))
            else:
                forms.update(dict.fromkeys(_form(term) for term in mark.terms))
        return re.compile(rf"(?:{'|'.join(forms)})(?![^\W_])") if forms else None

    def snippets(
        self, text: str, provisions: Sequence[Provision], low: int = 0, high: int | None = None, otherwise: int | None = None
    ) -> tuple[Snippet, ...]:
        """Return one or two passages of `text[low:high]`, the best first.

        When nothing is found there it is the passage from `otherwise` on, or the beginning.
        """
        high = len(text) if high is None else high
        matches = list(self.matches(text, low, high))
        if not matches:
            return (cut(text, [], low if otherwise is None else otherwise, high, provisions),)
        counts = Counter(match.mark for match in matches)
        weights = {mark: 1 / (1 + log(count)) for mark, count in counts.items()}  # what is rare here says more
        first = best_window(matches, weights)
        shown = {match.mark for match in first}
        windows = [first]
        if missing := {mark: 0.0 if mark in shown else weight for mark, weight in weights.items()}:
            second = best_window([match for match in matches if match not in first], missing)
            windows += [second] if any(missing[match.mark] for match in second) else []
        return tuple(cut(text, window, low, high, provisions, matches) for window in windows)

    def matches(self, text: str, low: int = 0, high: int | None = None) -> Iterator[Match]:
        """Yield what is found in `text[low:high]`, in order of where it begins, up to a bound that keeps hostile texts cheap."""
        found = 0
        waiting: list[_Word] = []
        for word in self._words(text, low, len(text) if high is None else high):
            waiting.append(word)
            if len(waiting) == self._longest:
                for match in self._beginning(text, waiting):
                    yield match
                    found += 1
                del waiting[0]
                if found >= _ENOUGH:
                    return
        while waiting:
            yield from self._beginning(text, waiting)
            del waiting[0]

    def _words(self, text: str, low: int, high: int) -> Iterator[_Word]:
        """Yield the words of `text[low:high]` that are, or may begin or continue, a mark."""
        begin = low
        while begin < high and self._pattern:
            end = min(high, begin + _PIECE)
            space = _SPACE.search(text, end, min(high, end + _LONGEST_WORD))
            end = space.start() if space else min(high, end + _LONGEST_WORD)
            for start, stop in _candidates(text[begin:end], self._pattern):
                if meanings := self._meaning(text[begin + start : begin + stop]):
                    yield _Word(begin + start, begin + stop, meanings)
            begin = end

    def _meaning(self, spelling: str) -> frozenset[_Meaning]:
        """Return the terms, of those looked for, that a spelling stands for in either layer."""
        if spelling not in self._meanings:
            if len(self._meanings) >= _REMEMBERED:
                self._meanings.clear()
            found = {(token.text, layer) for layer, profile in _PROFILES for token in analyse(spelling, profile)}
            self._meanings[spelling] = frozenset(meaning for meaning in found if self._is_wanted(meaning))
        return self._meanings[spelling]

    def _is_wanted(self, meaning: _Meaning) -> bool:
        begun = (self._marks[place] for place in self._prefixes)
        return meaning in self._wanted or any(meaning[1] is mark.layer and meaning[0].startswith(mark.terms) for mark in begun)

    def _beginning(self, text: str, words: list[_Word]) -> Iterator[Match]:
        """Yield the marks that begin with `words[0]`, the words that follow it being candidates too."""
        first = words[0]
        for place in dict.fromkeys(place for meaning in first.meanings for place in self._openings.get(meaning, ())):
            mark = self._marks[place]
            if len(mark.terms) == 1 or _stands(text, mark, words):
                spans = tuple((word.start, word.end) for word in words[: len(mark.terms)])
                yield Match(place, ((spans[0][0], spans[-1][1]),) if mark.kind is MarkKind.NUMBER else spans)
        for place in self._prefixes:
            mark = self._marks[place]
            if any(layer is mark.layer and term.startswith(mark.terms) for term, layer in first.meanings):
                yield Match(place, ((first.start, first.end),))
        if not self._years.isdisjoint(first.meanings):
            yield from self._date_around(text, first)

    def _date_around(self, text: str, year: _Word) -> Iterator[Match]:
        low, high = max(0, year.start - _DATE_BEFORE), min(len(text), year.end + _DATE_AFTER)
        if low and (space := _SPACE.search(text, low, year.start)):  # a figure cut in two would be another date
            low = space.end()
        for token in analyse(text[low:high], Profile.QUERY):
            start, end = low + token.start, low + token.end
            if token.kind is TokenKind.DATE and token.text in self._dates and start <= year.start < end:
                yield Match(self._dates[token.text], ((start, end),))


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


def _stands(text: str, mark: Mark, words: list[_Word]) -> bool:
    """Say whether the terms of `mark` are the words one after another, with nothing spoken between them."""
    if len(words) < len(mark.terms):
        return False
    row = words[: len(mark.terms)]
    if any((term, mark.layer) not in word.meanings for term, word in zip(mark.terms, row, strict=True)):
        return False
    return all(
        after.start - before.end <= _LONGEST_GAP and not _WORD_CHARACTER.search(text, before.end, after.start)
        for before, after in pairwise(row)
    )
