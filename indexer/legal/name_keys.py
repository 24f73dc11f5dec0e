"""Forms under which a person's name is looked up: whole, and without the words before the last ones; with accents and without."""

import re
from typing import Final

from analyzers.accents import fold
from analyzers.normalise import normalise

_WORD: Final = re.compile(r"[^\W\d_]+")
_BETWEEN_PERSONS: Final = re.compile(r"[;,/]")
_MOST_WORDS: Final = 10  # of a name with a rank and titles before it
_MOST_PERSONS: Final = 8


def name_keys(names: str) -> tuple[str, ...]:
    """Return every key of the persons named, ";" or "," between them; the first one is of the whole first name as it is written.

    A rank before a name is passed over when the name alone is asked for, and so are all words but the given name.

    >>> name_keys("NGUYỄN Văn An")
    ('nguyễn văn an', 'nguyen van an', 'văn an', 'van an', 'an')
    """
    found: dict[str, None] = {}
    for name in _BETWEEN_PERSONS.split(names, _MOST_PERSONS)[:_MOST_PERSONS]:
        words = [normalise(word) for word in _WORD.findall(name)][-_MOST_WORDS:]
        for first in range(len(words)):
            whole = " ".join(words[first:])
            found |= {whole: None, fold(whole): None}
    return tuple(found)
