"""A question's words as terms of a layer of the index, without the model that finds longer words in texts."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from analyzers.profiles import Profile, analyse
from analyzers.tokens import Token, TokenKind
from indexer.engine.query import Layer

PROFILES: Final[Mapping[Layer, Profile]] = {Layer.MAIN: Profile.QUERY, Layer.FOLDED: Profile.FOLDED}


_QUOTED: Final = re.compile(r'"[^"]*"')


def without_quotations(text: str) -> str:
    """Return a question with quotation marks in place of every character of what stands in them, so that offsets stay.

    >>> without_quotations('đất "ở"').count('"')
    3
    """
    return _QUOTED.sub(lambda quoted: '"' * len(quoted.group()), text)


@lru_cache(maxsize=64)  # a question is read more than once
def syllable_tokens(text: str, layer: Layer) -> tuple[Token, ...]:
    """Return the syllables of `text`, each a term at its place."""
    return tuple(token for token in analyse(text, PROFILES[layer]) if token.kind is TokenKind.SYLLABLE)


def terms_of(text: str, layer: Layer) -> tuple[str, ...]:
    """Return the terms of `text` in order."""
    return tuple(token.text for token in syllable_tokens(text, layer))
