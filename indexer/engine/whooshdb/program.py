"""A query as a program for `kernels.programs`: operations on slots, and the leaves that they name.

A program belongs to the query alone; what a leaf has in a segment is found when the segment is evaluated.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from indexer.engine.query import And, Boost, Constant, Near, Node, Not, Nothing, Or, Phrase, Term, leaves_of, words_of
from indexer.engine.whooshdb.kernels import programs as op

_MANY = 7  # words, from which on finding out who may be among the best saves more than it costs
Leaf = tuple[Node, float]
"""A node without children, and what its scores are multiplied by. A plain tuple: most of a short query's time is Python's own."""


@dataclass(slots=True)
class Program:
    """Operations (code, slot, operand, flag; one after the other), leaves and constants by number, and the number of slots."""

    steps: list[int] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    constants: list[float] = field(default_factory=list)
    slots: int = 1


def write_program(query: Node, scoring: bool, frequency: Callable[[Node], int], idf: Callable[[Node], float]) -> Program:
    """Return the program of `query`; `frequency` says how many entries a leaf has, roughly: And begins with the rarest."""
    program = Program()
    writer = _Writer(program, frequency, idf)
    if not scoring or not writer.ranking(query):
        writer.group(query, 0, scoring)
    return program


def terms_of(query: Node) -> Iterator[Term]:
    """Yield the terms that `query` is made of; those of phrases are no terms of their own."""
    return (leaf for leaf in leaves_of(query) if isinstance(leaf, Term))


class _Writer:
    def __init__(self, program: Program, frequency: Callable[[Node], int], idf: Callable[[Node], float]) -> None:
        self._program = program
        self._frequency = frequency
        self._idf = idf

    def ranking(self, query: Node) -> bool:
        """Write what finds the matches and then which words rank them, so that most need no score; False unless many words do."""
        ranked: Node = query
        others: tuple[Node, ...] = ()
        while isinstance(ranked, And) and ranked.children:
            first, *rest = ranked.children
            ranked, others = first, (*rest, *others)
        if not isinstance(ranked, Or) or len(words := words_of(ranked, self._idf)) < _MANY:
            return False
        slots = []
        self.group(ranked, 0, False)
        for node in others:
            slots.append(self._filled(node, True))
            self._step(op.KEEP_SLOT, 0, slots[-1])
        self._add(op.RANK_LEAF, 0, words)
        for slot in slots:
            self._step(op.RANK_SLOT, 0, slot)
        return True

    def _add(self, code: int, slot: int, words: tuple[Node, ...]) -> None:
        for word in words:
            leaf = _leaf(word)
            assert leaf is not None
            self._step(code, slot, self._number(leaf), 1)

    def group(self, node: Node, slot: int, scoring: bool) -> None:
        """Write what fills `slot` with the matches of `node`; without `scoring` its scores may be anything."""
        match node:
            case Or(children, minimum) if scoring and (words := words_of(node, self._idf)):
                if minimum > 0 and not any(isinstance(child, Or) for child in children):
                    self._or(words, minimum, slot, True)
                else:
                    self.group(node, slot, False)
                    self._add(op.SCORE_LEAF, slot, words)
            case Or(children, minimum) if minimum <= 0:
                self.group(Or((Not(Nothing()), *children)), slot, scoring)  # every entry matches
            case Or(children, minimum):
                self._or(children, minimum, slot, scoring)
            case And(children):
                self._and(children, slot, scoring)
            case Not(child):
                self.group(child, slot, False)
                self._step(op.INVERT, slot)
            case Boost(child, factor) if _leaf(node) is None:
                self.group(child, slot, scoring)
                self._step(op.SCALE, slot, self._constant(factor))
            case Constant(child, score):
                self.group(child, slot, False)
                self._step(op.FLATTEN, slot, self._constant(score))
            case _:
                self._or((node,), 1, slot, scoring)

    def _or(self, children: tuple[Node, ...], minimum: int, slot: int, scoring: bool) -> None:
        steps, leaves, flag = self._program.steps, self._program.leaves, int(scoring)
        of_leaf, of_slot = (op.ADD_LEAF, op.ADD_SLOT) if minimum == 1 else (op.COUNT_LEAF, op.COUNT_SLOT)
        steps += (op.OPEN_NONE, slot, 0, int(minimum > 1))
        for child in children:
            if isinstance(child, Term):  # most are
                steps += (of_leaf, slot, len(leaves), flag)
                leaves.append((child, 1.0))
            else:
                self._child(child, slot, scoring, (of_leaf, of_slot))
        if minimum > 1:
            self._step(op.AT_LEAST, slot, min(minimum, len(children) + 1))

    def _child(self, child: Node, slot: int, scoring: bool, codes: tuple[int, int]) -> None:
        if leaf := _leaf(child):
            self._step(codes[0], slot, self._number(leaf), int(scoring))
        else:
            self._step(codes[1], slot, self._filled(child, scoring))

    def _and(self, children: tuple[Node, ...], slot: int, scoring: bool) -> None:
        """Find the entries first, the rarest leaf before the others; then score those alone, in query order."""
        leaves = {place: self._number(leaf) for place, child in enumerate(children) if (leaf := _leaf(child))}
        self._step(op.OPEN_ALL, slot)
        for place in sorted(leaves, key=lambda place: self._frequency(self._program.leaves[leaves[place]][0])):
            self._step(op.KEEP_LEAF, slot, leaves[place])
        slots = {}
        for place, child in enumerate(children):
            if place not in leaves:
                slots[place] = self._filled(child, scoring)
                self._step(op.KEEP_SLOT, slot, slots[place])
        for place in range(len(children)) if scoring else ():
            if place in leaves:
                self._step(op.SCORE_LEAF, slot, leaves[place], 1)
            else:
                self._step(op.SCORE_SLOT, slot, slots[place])

    def _filled(self, node: Node, scoring: bool) -> int:
        slot = self._program.slots
        self._program.slots += 1
        self.group(node, slot, scoring)
        return slot

    def _number(self, leaf: Leaf) -> int:
        self._program.leaves.append(leaf)
        return len(self._program.leaves) - 1

    def _constant(self, value: float) -> int:
        self._program.constants.append(value)
        return len(self._program.constants) - 1

    def _step(self, code: int, slot: int, operand: int = 0, flag: int = 0) -> None:
        self._program.steps += (code, slot, operand, flag)


def _leaf(node: Node) -> Leaf | None:
    """Return a node without children, perhaps boosted once, as a leaf."""
    match node:
        case And() | Or() | Not() | Constant():
            return None
        case Phrase((), _) | Near((), _):
            return Nothing(), 1.0
        case Phrase((term,), layer, fields=fields) | Near((term,), layer=layer, fields=fields):
            return Term(term, layer, fields), 1.0
        case Boost(child, factor):
            leaf = None if isinstance(child, Boost) else _leaf(child)
            return leaf and (leaf[0], factor)
        case _:
            return node, 1.0
