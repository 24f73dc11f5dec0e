"""Random requests, in the mix that the service sees and beyond it: every node, nested, in both layers and scopes."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engine.building import ISSUERS, TYPES

from indexer.engine.fields import KEY, Scope, text_fields
from indexer.engine.port import Rerank, SearchRequest, Sort
from indexer.engine.query import (
    All,
    And,
    Boost,
    Constant,
    Fuzzy,
    Keyword,
    Layer,
    Near,
    Node,
    Not,
    Nothing,
    OneOf,
    Or,
    Phrase,
    Prefix,
    Range,
    Term,
    Wildcard,
)
from indexer.model import Visibility

_RIGHTS = (frozenset({Visibility.PUBLIC}),) * 6 + (frozenset(Visibility),) * 3 + (frozenset({Visibility.INTERNAL}),)


@dataclass(frozen=True)
class Words:
    """What can be asked for in one layer: stretches of text, and their words that are frequent and those that are rare."""

    texts: Sequence[Sequence[str]]  # each of more than 8 terms, in order
    common: Sequence[str] = field(init=False)
    rare: Sequence[str] = field(init=False)

    def __post_init__(self) -> None:
        counts = Counter(word for text in self.texts for word in text).most_common()
        object.__setattr__(self, "common", [word for word, _ in counts[:30]])
        object.__setattr__(self, "rare", [word for word, count in counts if count <= 2] or self.common)


class Asking:
    """An endless supply of requests, the same for one seed."""

    def __init__(self, seed: int, words: dict[Layer, Words]) -> None:
        self.chance = random.Random(seed)
        self.words = words

    def request(self) -> SearchRequest:
        """Make one request."""
        chance = self.chance
        self.layer = chance.choice((Layer.MAIN, Layer.MAIN, Layer.FOLDED))
        self.scope = chance.choice((Scope.DOCUMENTS, Scope.DOCUMENTS, Scope.PROVISIONS))
        return SearchRequest(
            self.question() if chance.random() < 0.3 else self.node(2),
            self.scope,
            filters=tuple(self.filter() for _ in range(chance.choice((0, 0, 1, 2)))),
            visible=chance.choice(_RIGHTS),
            sort=chance.choice((Sort.RELEVANCE,) * 4 + (Sort.NEWEST, Sort.OLDEST)),
            offset=chance.choice((0, 0, 3, 30)),
            limit=chance.choice((1, 10, 1000)),
            facets=("type", "issuer", "year") if chance.random() < 0.5 else (),
            rerank=self.second_look() if chance.random() < 0.4 else None,
            collapse=chance.random() < 0.5,
        )

    def question(self) -> Node:
        """Make a query by many words, some of them in several forms; now and then other nodes add to what they score."""
        chance = self.chance
        units = tuple(self.unit() for _ in range(chance.choice((2, 6, 8, 15, 40))))
        asked: Node = Or(units, chance.choice((1, 1, 2, 3, 5, 0)))
        for _ in range(chance.choice((0, 0, 1, 2))):
            adding = (Constant(All(), 0.0), Constant(self.value(), chance.choice((3.0, 0.5, -2.0))), self.text())
            asked = And((asked, Or(adding)))
        return asked

    def unit(self) -> Node:
        """Make a word, or an Or of its forms, perhaps of none."""
        kind = self.chance.random()
        if kind < 0.7:
            return Term(self.word(), self.layer)
        if kind < 0.8:
            return Boost(Term(self.word(), self.layer), self.chance.choice((0.35, 2.0, 0.0, -1.0)))
        if kind < 0.9:
            return Phrase(self.stretch()[:2], self.layer)
        return Or(tuple(Boost(self.unit(), 0.5) for _ in range(self.chance.choice((0, 1, 2)))))

    def second_look(self) -> Rerank:
        """Make a second look by a stretch of text, or by words that need not stand together."""
        terms = self.stretch() if self.chance.random() < 0.5 else [self.word() for _ in range(self.chance.randint(1, 20))]
        others = {self.word() for _ in range(self.chance.choice((0, 0, 3)))} - set(terms)
        pairs = tuple((self.chance.choice(terms), other) for other in sorted(others))
        return Rerank(tuple(terms), self.layer, self.chance.choice((1, 5, 100)), pairs)

    def node(self, depth: int) -> Node:
        """Make a query of at most `depth` levels above its leaves, most of which are text."""
        kind = self.chance.random() if depth else 1.0
        children = tuple(self.node(depth - 1) for _ in range(self.chance.randint(1, 4))) if kind < 0.63 else ()
        if kind < 0.2:
            return And(children)
        if kind < 0.5:
            return Or(children, self.chance.choice((1, 1, 1, 1, 2, 2, 3, 0)))
        if kind < 0.55:
            return And((*children, Not(self.text())))
        if kind < 0.6:
            return Boost(Or(children), self.chance.choice((0.5, 3.0, 1 / 3)))
        if kind < 0.63:
            return Constant(Or(children), 0.25)
        return self.text() if self.chance.random() < 0.9 else self.value()

    def text(self) -> Node:
        """Make a term (the most common), a phrase, terms near each other or a pattern."""
        fields = tuple(each.name for each in text_fields(self.scope) if self.chance.random() < 0.4)
        kind = self.chance.random()
        if kind < 0.5:
            return Term(self.word(), self.layer, fields)
        if kind < 0.7:
            terms = self.stretch()[:: self.chance.choice((1, 1, 2))]
            return Phrase(terms, self.layer, self.chance.choice((0, 0, 0, 1, 5)), fields)
        if kind < 0.85:
            terms = list(dict.fromkeys(self.stretch()))
            self.chance.shuffle(terms)
            return Near(tuple(terms), self.chance.randint(1, 12), self.layer, fields)
        if kind < 0.9:
            return Prefix(self.word()[:2], self.layer, fields)
        if kind < 0.95:
            return Wildcard(self.pattern(), self.layer, fields)
        return Fuzzy(self.misspelt(), self.chance.choice((1, 1, 2)), self.chance.choice((0, 1)), self.layer, fields)

    def word(self) -> str:
        """Choose as texts do, or among the most frequent words, or among the rare ones."""
        words = self.words[self.layer]
        kind = self.chance.random()
        return self.chance.choice(self.chance.choice(words.texts) if kind < 0.6 else words.common if kind < 0.8 else words.rare)

    def stretch(self) -> tuple[str, ...]:
        """Take up to four neighbours from a text, now and then two of the most frequent words."""
        words = self.words[self.layer]
        if self.chance.random() < 0.2:
            return tuple(self.chance.choices(words.common, k=2))
        text = self.chance.choice(words.texts)
        start = self.chance.randrange(len(text) - 5)
        return tuple(text[start : start + self.chance.randint(1, 4)])

    def pattern(self) -> str:
        """Put a star or a question mark into a word."""
        word = self.word()
        cut = self.chance.randrange(len(word))
        return self.chance.choice(
            (f"{word[:cut]}*", f"*{word[cut:]}", f"{word[:1]}*{word[-1:]}", f"{word[:cut]}?{word[cut + 1 :]}")
        )

    def misspelt(self) -> str:
        """Write a word with one slip, or as it is."""
        word = self.word()
        cut = self.chance.randrange(len(word))
        exchanged = word[:cut] + word[cut : cut + 2][::-1] + word[cut + 2 :]
        return self.chance.choice((word, word[:cut] + word[cut + 1 :], f"{word[:cut]}n{word[cut:]}", exchanged))

    def value(self) -> Node:
        """Make a leaf that looks at no text."""
        return self.chance.choice(
            (Keyword("number", str(self.chance.randint(1, 300))), Keyword("signer", "an"), All(), Nothing(), self.filter())
        )

    def filter(self) -> Node:
        """Make a filter as facets and date ranges give, now and then a word."""
        year = self.chance.choice((2019, 2020, 2021))
        return self.chance.choice(
            (
                OneOf("type", tuple(kind for kind in self.chance.sample(TYPES, 2) if kind)),
                OneOf("issuer", (self.chance.choice(ISSUERS),)),
                OneOf("year", (year, year + 1)),
                OneOf(KEY, tuple(self.chance.sample(range(1, 200), 40))),
                Range("year", year, None),
                Range("issued_date", year * 10_000, (year + 1) * 10_000),
                Range("ended", None, year * 10_000),
                OneOf("copy", (2**62 + 1, 2**62 + 2)),
                Not(OneOf("type", (TYPES[0],))),
                Not(Range("year", None, year)),
                Term(self.word(), self.layer),
            )
        )


def kinds(node: Node) -> Iterator[type]:
    """Yield the class of `node` and of all that it is made of."""
    yield type(node)
    for child in getattr(node, "children", ()) or filter(None, [getattr(node, "child", None)]):
        yield from kinds(child)
