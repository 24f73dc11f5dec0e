"""What is remembered of the index generation that answers: looked up once, however many questions ask."""

from typing import Any, Final
from weakref import WeakKeyDictionary

from indexer.engine.port import Generation, SearchEngine

_MOST: Final = 50_000  # entries, of all that is remembered
_REMEMBERED: WeakKeyDictionary[SearchEngine, tuple[Generation, dict[tuple[Any, ...], dict[Any, Any]]]] = WeakKeyDictionary()


def remembered(engine: SearchEngine, *what: Any) -> dict[Any, Any]:
    """Return the dictionary in which something is remembered of the generation that answers."""
    now = engine.generation()
    generation, known = _REMEMBERED.get(engine, (None, {}))
    if generation != now or sum(map(len, known.values())) > _MOST:
        known = {}
        _REMEMBERED[engine] = (now, known)
    return known.setdefault(what, {})
