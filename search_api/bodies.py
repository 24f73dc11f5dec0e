"""Issuing bodies of the collection: cơ quan: Sở Y tế is every department of that name whose documents a reader may see.

The tables of indexer/legal/data know the bodies of the state and how they are called; a collection has others beside them, and
joint issuers, each of which is a name of its own.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from analyzers.accents import fold, has_accents
from analyzers.normalise import settle_tone
from analyzers.tokenise import syllables
from indexer.engine.port import SearchEngine, SearchRequest
from indexer.engine.query import All
from indexer.legal.typed_body import spelt_beginnings
from indexer.model import Visibility
from search_api.remembering import remembered

_FEWEST: Final = 2  # words that several names may begin with, where a question goes on behind them
_UNIT: Final = re.compile(r"\W*(?:tỉnh|thành phố|tp|huyện|quận|thị xã|thị trấn|xã|phường|đặc khu)\b", re.IGNORECASE)
_FOLDED_UNITS: Final = frozenset(("tinh", "pho", "huyen", "quan", "xa", "tran", "phuong", "khu"))
_WORD: Final = re.compile(r"[^\W_]")

_Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """What a reader calls one or more bodies, which ends at `end` of a text, and the names of their groups of documents."""

    shown: str
    end: int
    groups: tuple[str, ...]


class Bodies:
    """The names under which documents are grouped by who issued them, the most frequent first."""

    def __init__(self, groups: Iterable[str] = ()) -> None:
        self._groups = dict.fromkeys(groups)
        # By a body's first word, folded: its group, its words, and these folded
        self._by_first: dict[str, list[tuple[str, _Words, _Words]]] = defaultdict(list)
        self._joint: dict[str, list[str]] = defaultdict(list)
        for group in self._groups:
            bodies = group.split("; ")
            for body in bodies:
                words = _words(body)
                folded = tuple(map(fold, words))
                if words:
                    self._by_first[folded[0]].append((group, words, folded))
                if len(bodies) > 1:
                    self._joint[body].append(group)

    def __contains__(self, group: str) -> bool:
        """Say whether there are documents of this group, or of one that the body is part of."""
        return group in self._groups or group in self._joint

    def with_joint(self, groups: Iterable[str]) -> tuple[str, ...]:
        """Return these bodies' groups, and those of the documents that they issued together with others."""
        return tuple(dict.fromkeys(name for group in groups for name in (group, *self._joint.get(group, ()))))

    def leading(self, text: str, *, whole: bool) -> Named | None:
        """Return the bodies whose names begin with the words that `text` begins with, the most of them possible; all if `whole`.

        A name that is just these words goes before longer ones. Accents that are typed are meant. Of a place that is named and
        has none of these bodies it is none.
        """
        name = " ".join(text.split())
        if whole and name in self._groups:
            return Named(name, len(text), self.with_joint((name,)))
        for end, spelt in spelt_beginnings(text):
            more = _WORD.search(text, end) is not None
            if (whole and more) or _UNIT.match(text, end):
                return None
            typed, accents = _words(spelt), has_accents(text[:end])
            folded = tuple(map(fold, typed))
            if not typed or (more and not accents and folded[-1] in _FOLDED_UNITS):
                continue
            begun = [
                (group, words)
                for group, words, plain in self._by_first.get(folded[0], ())
                if (words if accents else plain)[: len(typed)] == (typed if accents else folded)
            ]
            found = [group for group, words in begun if len(words) == len(typed)]
            if not found and (len(typed) >= _FEWEST or not more):
                found = [group for group, _ in begun]
            if found:
                return Named(" ".join(text[:end].split()), end, tuple(dict.fromkeys(found)))
        return None


NO_BODIES: Final = Bodies()


def bodies_of(engine: SearchEngine, visible: frozenset[Visibility]) -> Bodies:
    """Return the bodies of the documents that a reader may see. Raises what the engine raises."""
    known = remembered(engine, "bodies")
    if visible not in known:
        counted = engine.search(SearchRequest(All(), visible=visible, limit=0, facets=("issuer",))).facets["issuer"]
        known[visible] = Bodies(str(name) for name, _ in counted)
    found: Bodies = known[visible]
    return found


def _words(name: str) -> _Words:
    return tuple(settle_tone(word.casefold()) for word in syllables(name).texts)
