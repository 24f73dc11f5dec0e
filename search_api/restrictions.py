"""What fields of a question ask of a document, as query nodes that only exclude: number, title, type, issuer, year, signer."""

from collections.abc import Sequence
from typing import Final

from analyzers.citations import cut_key, number_key
from indexer.engine.query import Constant, Keyword, Layer, Node, OneOf, Or, Phrase, Range, Term
from search_api.asked_fields import ONE_EACH, Asked, Field
from search_api.lexing import Piece, Sign
from search_api.meaning import Mark, Step
from search_api.units import Reading
from search_api.wording import terms_of

_TITLES: Final = ("title", "context")  # of a document, and of the one that a provision belongs to
_TOLD: Final = 10  # values of a field, in the terms of a step


def read_fields(pieces: Sequence[Piece], reading: Reading) -> None:
    """Read the fields that stand side by side in a question, or in a part of one."""
    together: dict[tuple[Field, int], list[Asked]] = {}
    for place, piece in enumerate(pieces):
        asked = piece.asked
        if asked is None or (asked.field is Field.TITLE and not terms_of(str(asked.value), reading.layer)):
            continue
        if piece.sign is Sign.WITHOUT:
            for one in (asked, *asked.others):
                reading.excluded.append(_node(one, reading.layer_of(str(one.value))))
                reading.steps.append(Step("exclude", f"Bỏ văn bản {_words(one)}.", (str(one.value),)))
        else:
            several = together.setdefault((asked.field, -1 if asked.field in ONE_EACH else place), [])
            several += (asked, *asked.others)
    for (field, _), several in together.items():
        nodes = tuple(dict.fromkeys(_node(asked, reading.layer_of(str(asked.value))) for asked in several))
        node = nodes[0] if len(nodes) == 1 else Or(nodes)
        reading.bound.append(node if field is Field.TITLE else Constant(node, 0.0))
        told = " hoặc ".join(dict.fromkeys(map(_words, several)))
        reading.steps.append(Step(f"only_{field}", f"{reading.only} {told}.", tuple(_terms(several))))
        if field is Field.TITLE:
            for value in (str(asked.value) for asked in several):
                layer = reading.layer_of(value)
                reading.marks.append(Mark(terms_of(value, layer), layer))


def _terms(several: Sequence[Asked]) -> list[str]:
    """Return what is asked for, each once; of many bodies the first ones."""
    shown = [asked.groups or (asked.shown if asked.field is Field.SIGNER else str(asked.value),) for asked in several]
    return list(dict.fromkeys(term for terms in shown for term in terms))[:_TOLD]


def _node(asked: Asked, layer: Layer) -> Node:
    value = asked.value
    match asked.field:
        case Field.NUMBER:
            return Or((Keyword("number", number_key(str(value))), Keyword("number", cut_key(str(value)))))
        case Field.SIGNER:
            return Keyword("signer", str(value))
        case Field.TITLE:
            terms = terms_of(str(value), layer)
            return Term(terms[0], layer, _TITLES) if len(terms) == 1 else Phrase(terms, layer, fields=_TITLES)
        case Field.YEAR:
            return Range("year", int(value), asked.last)
        case Field.TYPE:
            return OneOf("type", (value,))
        case Field.ISSUER:
            return OneOf("issuer", asked.groups)


def _words(asked: Asked) -> str:
    """Return what is asked of a document, as the end of a sentence."""
    value, shown = asked.value, asked.shown
    match asked.field:
        case Field.NUMBER:
            return f"mang số “{shown}”"
        case Field.SIGNER:
            return f"do “{shown}” ký"
        case Field.TITLE:
            return f"có “{shown}” trong trích yếu"
        case Field.YEAR:
            return f"ban hành năm {shown}" if asked.last == value else f"ban hành {shown}"
        case Field.TYPE:
            return f"loại “{shown}”"
        case Field.ISSUER:
            told = f"của “{value}”" if value == shown else f"của “{value}” (có tên “{shown}”)"
            others = asked.groups[1:]
            if others and all("; " in group for group in others):
                return f"{told}, kể cả văn bản ban hành chung với cơ quan khác"
            return f"{told} và {len(others)} cơ quan khác có tên như vậy" if others else told
