"""The closed set of query nodes that every engine evaluates. docs/scoring.md says what each one matches and scores.

Terms are analysed text (lower case, tone placement settled, and folded in the folded layer): engines compare, they do
not analyse. A node that names a field or column outside the field table can't be made (ValueError).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from indexer.engine.fields import CODE_COLUMNS, KEY, KEYWORD_FIELDS, NUMBER_COLUMNS, TEXT_FIELDS

_TEXT_NAMES = tuple(field.name for field in TEXT_FIELDS)


class Layer(StrEnum):
    """Which spelling of a text field is searched."""

    MAIN = "main"  # as written, but for case and tone placement
    FOLDED = "folded"  # accents removed


@dataclass(frozen=True, slots=True)
class Term:
    """Entries with `text` in any of the scope's text fields, or in `fields` alone; scored by BM25F over those fields."""

    text: str
    layer: Layer = Layer.MAIN
    fields: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require_known(self.fields, _TEXT_NAMES)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Entries with `terms` in order in one field; scored as a term whose tf is the number of occurrences.

    With `slop`, up to that many further positions may lie between the first term and the last.
    """

    terms: tuple[str, ...]
    layer: Layer = Layer.MAIN
    slop: int = 0
    fields: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require_known(self.fields, _TEXT_NAMES)


@dataclass(frozen=True, slots=True)
class Near:
    """Entries with all `terms` in any order within `within` positions of one field; scored by the number of such places."""

    terms: tuple[str, ...]
    within: int
    layer: Layer = Layer.MAIN
    fields: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require_known(self.fields, _TEXT_NAMES)
        if len(set(self.terms)) != len(self.terms):
            raise ValueError("a term is repeated: one position would stand for both")
        if self.within < 1:
            raise ValueError("within can't be less than 1 position")


@dataclass(frozen=True, slots=True)
class Prefix:
    """Entries with a term that starts with `text`; every match scores 1."""

    text: str
    layer: Layer = Layer.MAIN
    fields: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require_known(self.fields, _TEXT_NAMES)


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Entries with a term that fits `pattern`: * is any code points or none, ? is one, neither `_`; every match scores 1."""

    pattern: str
    layer: Layer = Layer.MAIN
    fields: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require_known(self.fields, _TEXT_NAMES)


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Entries with a term that `distance` changes make of `text`, none in its first `prefix` code points; each scores 1."""

    text: str
    distance: int = 1  # code points inserted, deleted, substituted, or exchanged with their neighbour
    prefix: int = 0
    layer: Layer = Layer.MAIN
    fields: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require_known(self.fields, _TEXT_NAMES)
        if self.distance not in (1, 2):
            raise ValueError("distance is 1 or 2")
        if self.prefix not in (0, 1):
            raise ValueError("prefix is 0 or 1")


@dataclass(frozen=True, slots=True)
class Keyword:
    """Entries whose keyword field holds exactly `value`; every match scores 1."""

    field: str
    value: str

    def __post_init__(self) -> None:
        _require_known((self.field,), KEYWORD_FIELDS)


@dataclass(frozen=True, slots=True)
class OneOf:
    """Entries whose column, or catalogue key (KEY), is one of `values`; every match scores 1."""

    column: str
    values: tuple[str | int, ...]

    def __post_init__(self) -> None:
        _require_known((self.column,), (*CODE_COLUMNS, *NUMBER_COLUMNS, KEY))


@dataclass(frozen=True, slots=True)
class Range:
    """Entries whose number column lies in [low, high]; None is open, no value never matches. Every match scores 1."""

    column: str
    low: int | None = None
    high: int | None = None

    def __post_init__(self) -> None:
        _require_known((self.column,), NUMBER_COLUMNS)


@dataclass(frozen=True, slots=True)
class All:
    """Every entry of the scope; each scores 1."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """No entry."""


@dataclass(frozen=True, slots=True)
class And:
    """Entries that match every child; the sum of the children's scores, in order. No children: everything, scoring 0."""

    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Entries that match at least `minimum` children; the sum of the matching children's scores, in order, but see `words_of`."""

    children: tuple["Node", ...]
    minimum: int = 1


@dataclass(frozen=True, slots=True)
class Not:
    """Entries that do not match the child; each scores 0."""

    child: "Node"


@dataclass(frozen=True, slots=True)
class Boost:
    """The child's matches with their scores times `factor`."""

    child: "Node"
    factor: float


@dataclass(frozen=True, slots=True)
class Constant:
    """The child's matches, each scoring `score`."""

    child: "Node"
    score: float


Pattern = Prefix | Wildcard | Fuzzy  # a node that stands for many terms
Node = Term | Phrase | Near | Pattern | Keyword | OneOf | Range | All | Nothing | And | Or | Not | Boost | Constant


def leaves_of(query: Node) -> Iterator[Node]:
    """Yield the nodes without children that `query` is made of, each as often as it stands there."""
    waiting = [query]
    while waiting:
        match waiting.pop():
            case And(children) | Or(children):
                waiting += reversed(children)
            case Not(child) | Boost(child) | Constant(child):
                waiting.append(child)
            case leaf:
                yield leaf


def words_of(query: Or, idf: Callable[[Node], float]) -> tuple[Node, ...]:
    """Return the words that an Or is made of, in the order in which their scores are added; none if of other nodes, too.

    Words are terms, phrases and nears, perhaps boosted; a child may be some of them (an Or of its own). The one that can score
    most is added first.
    """
    words = [word for child in query.children for word in _words(child)]
    if len(words) < 2 or not all(map(_is_word, words)):
        return ()
    return tuple(sorted(words, key=lambda word: -word.factor * idf(word.child) if isinstance(word, Boost) else -idf(word)))


def _words(child: Node) -> tuple[Node, ...]:
    return child.children if isinstance(child, Or) and child.minimum == 1 else (child,)


def _is_word(node: Node) -> bool:
    word = node.child if isinstance(node, Boost) else node
    return isinstance(word, Term) or (isinstance(word, Phrase | Near) and bool(word.terms))


def _require_known(names: tuple[str, ...], known: tuple[str, ...]) -> None:
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"not in the field table: {', '.join(unknown)}")
