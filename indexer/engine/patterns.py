"""Which terms of an index's dictionary a Prefix, Wildcard or Fuzzy stands for, as docs/scoring.md says; for every engine."""

import re
from collections.abc import Callable

from indexer.engine.query import Fuzzy, Pattern, Prefix, Wildcard


def matcher(node: Pattern) -> Callable[[str], bool]:
    """Return the test that a term must pass.

    >>> [term for term in ("đất", "đai", "đấu") if matcher(Wildcard("đ?t"))(term)]
    ['đất']
    """
    match node:
        case Prefix(text):
            return lambda term: term.startswith(text)
        case Wildcard(pattern):
            fits = _wildcard(pattern).fullmatch
            return lambda term: fits(term) is not None
        case Fuzzy(text, distance, prefix):
            start = text[:prefix]
            return lambda term: abs(len(term) - len(text)) <= distance and term[:prefix] == start and within(distance, text, term)


def within(distance: int, text: str, term: str) -> bool:
    """Say whether at most `distance` (0, 1, 2) steps lie between the two.

    >>> within(1, "cho", "hco"), within(2, "ca", "abc")
    (True, False)
    """
    start = 0
    for ours, theirs in zip(text, term, strict=False):  # what both begin with needs no step
        if ours != theirs:
            break
        start += 1
    text, term = text[start:], term[start:]
    return text == term or (
        distance > 0
        and (
            within(distance - 1, text[1:], term[1:])
            or within(distance - 1, text[1:], term)
            or within(distance - 1, text, term[1:])
            or (text[:2] == term[1::-1] and within(distance - 1, text[2:], term[2:]))
        )
    )


def _wildcard(pattern: str) -> re.Pattern[str]:
    # A piece between two stars is taken where it first fits, and for good (an atomic group): time is that of one search.
    first, *rest = (re.escape(piece).replace(r"\?", "[^_]") for piece in pattern.split("*"))
    for piece in rest[:-1]:
        first += f"(?>[^_]*?{piece})"
    return re.compile(f"{first}[^_]*{rest[-1]}" if rest else first)
