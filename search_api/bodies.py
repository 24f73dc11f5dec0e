"""Issuing bodies of the collection: cơ quan: Sở Y tế is every department of that name whose documents a reader may see.

The tables of indexer/legal/data know the bodies of the state and how they are called; a collection has others beside them, and
joint issuers, each of which is a name of its own.
"""

from dataclasses import dataclass
from typing import Final

from analyzers.accents import fold
from analyzers.tokenise import syllables
from indexer.engine.port import SearchEngine, SearchRequest
from indexer.engine.query import All
from indexer.legal.typed_body import spelt_beginnings
from indexer.model import Visibility
from search_api.remembering import remembered

_FEWEST: Final = 2  # words that several names may begin with


@dataclass(frozen=True, slots=True)
class Named:
    """What a reader calls one or more bodies, which ends at `end` of a text, and the names of their groups of documents."""

    shown: str
    end: int
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Bodies:
    """The names under which documents are grouped by who issued them, the most frequent first, with the words of each."""

    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def with_joint(self, group: str) -> tuple[str, ...]:
        """Return a body's group, and those of the documents that it issued together with others."""
        return (group, *(name for name, _ in self.groups if "; " in name and group in name.split("; ")))

    def leading(self, text: str, *, whole: bool) -> Named | None:
        """Return the bodies whose names begin with the words that `text` begins with, the most of them possible; all if `whole`.

        A name that is just these words goes before longer ones.
        """
        for end, spelt in spelt_beginnings(text):
            if whole and any(map(str.isalnum, text[end:])):
                break
            typed = _words(spelt)
            begun = [(name, words) for name, words in self.groups if words[: len(typed)] == typed]
            found = [name for name, words in begun if words == typed] or [name for name, _ in begun if len(typed) >= _FEWEST]
            if typed and found:
                return Named(" ".join(text[:end].split()), end, tuple(found))
        return None


NO_BODIES: Final = Bodies()


def bodies_of(engine: SearchEngine, visible: frozenset[Visibility]) -> Bodies:
    """Return the bodies of the documents that a reader may see. Raises what the engine raises."""
    known = remembered(engine, "bodies")
    if visible not in known:
        counted = engine.search(SearchRequest(All(), visible=visible, limit=0, facets=("issuer",))).facets["issuer"]
        known[visible] = Bodies(tuple((str(name), _words(str(name))) for name, _ in counted))
    found: Bodies = known[visible]
    return found


def _words(name: str) -> tuple[str, ...]:
    return tuple(fold(word).casefold() for word in syllables(name).texts)
