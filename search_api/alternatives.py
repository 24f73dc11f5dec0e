"""What else may be asked where nothing is found: without filters, quotation marks or a period, each with what it would find."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from pydantic import Field

from search_api.grammar import Side, leaves, parse
from search_api.lexing import QUOTES, Piece
from search_api.meaning import Understanding
from search_api.params import SearchParams
from search_api.wire import Wire

_SHOWN: Final = 3  # fields that are named
_QUOTED: Final = re.compile(r'(?<![-:])"([^"]*)"')  # not what is left out, nor a field's value
_FILTERS: Final = {"type": "loại", "issuer": "cơ quan", "year": "năm", "from_": "ngày ban hành", "to": "ngày ban hành"}


class Alternative(Wire):
    """What else may be asked where nothing is found."""

    text: str = Field(description="câu cho người đọc")
    total: int = Field(description="số kết quả khi hỏi như vậy")
    q: str = Field(description="câu hỏi khi đó")
    left_off: tuple[str, ...] = Field(description="tên các tham số lọc phải bỏ; các tham số khác giữ nguyên")


def alternatives(
    params: SearchParams, understanding: Understanding, count: Callable[[SearchParams], int]
) -> tuple[Alternative, ...]:
    """Return what gives results instead of a question that gives none; `count` tells how many a search has."""
    found = []
    for told, q, left_off in _tried(params, understanding):
        without = {name: SearchParams.model_fields[name].default for name in left_off}
        total = count(params.model_copy(update={**without, "q": q, "page": 1, "size": 1}))
        if total:
            wire_names = tuple(name.rstrip("_") for name in left_off)
            found.append(Alternative(text=f"{told} thì có {total} kết quả.", total=total, q=q, left_off=wire_names))
    return tuple(found)


def _without(asked: str, fields: Sequence[Piece]) -> str:
    """Return a question without its fields."""
    ends = (0, *(piece.end for piece in fields))
    starts = (*(piece.start for piece in fields), len(asked))
    return " ".join(" ".join(asked[end:start] for end, start in zip(ends, starts, strict=True)).split())


def _tried(params: SearchParams, understanding: Understanding) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield what to leave off in words, the question without it, and the filters without which it is asked."""
    filters = tuple(name for name in _FILTERS if getattr(params, name))
    if filters:
        what = ", ".join(dict.fromkeys(_FILTERS[name] for name in filters))
        yield f"Không lọc theo {what}", params.q, filters
    asked = params.q.translate(QUOTES)
    unquoted = " ".join(_QUOTED.sub(r" \1 ", asked).split())
    if unquoted != " ".join(asked.split()):
        yield "Bỏ dấu ngoặc kép", unquoted, ()
    tree = parse(asked).tree
    fields = [piece for piece in leaves(tree) if piece.asked]
    if fields and isinstance(tree, Side) and (rest := _without(asked, fields)):
        yield "Bỏ " + ", ".join(f"“{asked[piece.start : piece.end].strip()}”" for piece in fields[:_SHOWN]), rest, ()
    for step in understanding.steps:
        if step.code == "period" and step.terms[0] in params.q:
            (typed,) = step.terms
            yield f"Không giới hạn “{typed}”", " ".join(params.q.replace(typed, " ", 1).split()), ()
