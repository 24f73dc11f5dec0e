"""A question's operators as a small tree: NOT binds closest, then AND, then OR, and words side by side belong together.

Brackets group where an operator is used beside them; elsewhere they are punctuation, as in "Luật Đất đai (sửa đổi)". What is not
well formed is read as plain words.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from search_api.bodies import NO_BODIES, Bodies
from search_api.lexing import Kind, Piece, Sign, cut

MAX_DEPTH: Final = 8  # brackets within brackets
MAX_OPERATORS: Final = 32  # and opening brackets
_OPERATORS: Final = (Kind.AND, Kind.OR)
_NOT: Final = "NOT"


@dataclass(frozen=True, slots=True)
class Group:
    """What stands in brackets, with the sign before them."""

    inner: "Tree"
    sign: Sign


@dataclass(frozen=True, slots=True)
class Side:
    """Pieces and groups side by side, as in a question without operators."""

    items: tuple[Piece | Group, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """What is joined by AND."""

    parts: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """What is joined by OR."""

    parts: tuple["Tree", ...]


Tree = Side | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class Parsed:
    """A question's tree, why its operators could not be read as such, if so, and what `lexing.Pieces` tells of it."""

    tree: Tree
    refused: str | None
    no_values: tuple[str, ...]
    stressed: bool


class _Refused(Exception):
    """Carries in Vietnamese why operators are not well formed."""


def parse(text: str, numbers: tuple[str, ...] = (), bodies: Bodies = NO_BODIES) -> Parsed:
    """Read a question in which lexing.NUMBER_SIGN stands for each of `numbers`; fields may name one of `bodies`."""
    found = cut(text, numbers, bodies, operators=True)
    if any(piece.kind in _OPERATORS or (piece.kind is Kind.OPEN and piece.sign) or _is_not(piece) for piece in found.pieces):
        try:
            _check(found.pieces)
            return Parsed(_any_of(deque(found.pieces)), None, found.no_values, found.stressed)
        except _Refused as refusal:
            plain = cut(text, numbers, bodies, operators=False)
            words = tuple(piece for piece in plain.pieces if piece.kind is not Kind.WORD or piece.text not in ("AND", "OR", _NOT))
            return Parsed(Side(words or plain.pieces), str(refusal), plain.no_values, plain.stressed)
    plain = cut(text, numbers, bodies, operators=False)
    return Parsed(Side(plain.pieces), None, plain.no_values, plain.stressed)


def _is_not(piece: Piece) -> bool:
    """Say whether a NOT has nothing behind it: otherwise it is the sign of that."""
    return piece.kind is Kind.WORD and piece.text == _NOT and not piece.sign


def _check(pieces: Sequence[Piece]) -> None:
    """Raise _Refused for a NOT that leaves nothing out, for brackets that are not in pairs, or too many or too deep."""
    if any(map(_is_not, pieces)):
        raise _Refused(f"sau {_NOT} không có từ nào")
    depth = 0
    for piece in pieces:
        depth += (piece.kind is Kind.OPEN) - (piece.kind is Kind.CLOSE)
        if depth < 0:
            raise _Refused("có dấu ngoặc đóng mà không có dấu mở")
        if depth > MAX_DEPTH:
            raise _Refused(f"ngoặc lồng nhau quá {MAX_DEPTH} lớp")
    if depth:
        raise _Refused("có dấu ngoặc mở mà không có dấu đóng")
    if sum(piece.kind in (*_OPERATORS, Kind.OPEN) for piece in pieces) > MAX_OPERATORS:
        raise _Refused(f"có hơn {MAX_OPERATORS} toán tử và dấu ngoặc")


def _any_of(rest: deque[Piece]) -> Tree:
    parts = [_all_of(rest)]
    while rest and rest[0].kind is Kind.OR:
        rest.popleft()
        parts.append(_all_of(rest))
    return AnyOf(tuple(parts)) if len(parts) > 1 else parts[0]


def _all_of(rest: deque[Piece]) -> Tree:
    parts = [_side(rest)]
    while rest and rest[0].kind is Kind.AND:
        rest.popleft()
        parts.append(_side(rest))
    return AllOf(tuple(parts)) if len(parts) > 1 else parts[0]


def _side(rest: deque[Piece]) -> Tree:
    items: list[Piece | Group] = []
    while rest and rest[0].kind not in (*_OPERATORS, Kind.CLOSE):
        piece = rest.popleft()
        if piece.kind is Kind.OPEN:
            items.append(Group(_any_of(rest), piece.sign))
            rest.popleft()  # the bracket that closes it
        else:
            items.append(piece)
    if not items:
        raise _Refused("thiếu từ ở một bên của toán tử hoặc trong ngoặc")
    return Side(tuple(items))


def leaves(tree: Tree) -> Iterator[Piece]:
    """Yield the pieces of a tree in order."""
    waiting: list[Tree | Piece | Group] = [tree]
    while waiting:
        match waiting.pop():
            case Piece() as piece:
                yield piece
            case Group(inner):
                waiting.append(inner)
            case Side(items):
                waiting += reversed(items)
            case AllOf(parts) | AnyOf(parts):
                waiting += reversed(parts)


def shown(tree: Tree | Piece | Group) -> str:
    """Return a tree as a reader would type it, with the Vietnamese operators."""
    match tree:
        case Piece(Kind.PHRASE):
            return f'{tree.sign}"{tree.spelt()}"'
        case Piece():
            return f"{tree.sign}{tree.spelt()}"
        case Group(inner, sign):
            return f"{sign}({shown(inner)})"
        case Side(items):
            return " ".join(map(shown, items))
        case AllOf(parts):
            return " VÀ ".join(map(shown, parts))
        case AnyOf(parts):
            return " HOẶC ".join(map(shown, parts))
