"""What a request may ask: each endpoint's parameters as one model, read strictly from the query string.

The models make both the checks here and the parameters in `/openapi.json`; a field's description is the sentence that an
error shows, so that the two never disagree.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Collection, Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Self, TypeVar
from urllib.parse import unquote_to_bytes

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from indexer.engine.fields import Scope
from indexer.engine.port import Sort
from indexer.errors import BadQuery
from indexer.legal.identity import group_name
from indexer.legal.typed_body import whole_body
from indexer.model import RelationKind
from search_api.hints import type_named

MAX_QUERY = 1000  # characters
MAX_DEPTH = 10_000  # hits that paging reaches; beyond it a narrower question is wanted
MAX_SIZE = 100
MAX_VALUES = 50  # of one repeated parameter

_ISO = re.compile(r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?")  # 2022-03-23, 2022-03, 2022
_DAY_FIRST = re.compile(r"(?:(?P<day>[0-9]{1,2})[/.-])?(?P<month>[0-9]{1,2})[/.-](?P<year>[0-9]{4})")  # 23/3/2022, 3/2022


def _first_day(value: object) -> date:
    year, month, day = _date_parts(value)
    return date(year, month or 1, day or 1)


def _last_day(value: object) -> date:
    year, month, day = _date_parts(value)
    month = month or 12
    return date(year, month, day or monthrange(year, month)[1])


def _date_parts(value: object) -> tuple[int, int | None, int | None]:
    text = str(value).strip()
    found = _ISO.fullmatch(text) or _DAY_FIRST.fullmatch(text)
    if not found:
        raise ValueError("no form of a date")
    year, month, day = (int(found[name]) if found[name] else None for name in ("year", "month", "day"))
    if month is not None and not 1 <= month <= 12:
        raise ValueError("no month")
    return year or 0, month, day


def _whole_number(value: object) -> int:
    text = str(value).strip()
    if not re.fullmatch(r"[0-9]{1,9}", text):  # int() would take 1_000 and other scripts' digits
        raise ValueError("not a whole number")
    return int(text)


def _truth(value: object) -> bool:
    if str(value).strip().lower() not in {"true", "false"}:
        raise ValueError("neither true nor false")
    return str(value).strip().lower() == "true"


_DAY_SCHEMA = WithJsonSchema({"type": "string", "examples": ["2022-03-23", "23/03/2022", "03/2022", "2022"]})
FirstDay = Annotated[date, BeforeValidator(_first_day), _DAY_SCHEMA]
LastDay = Annotated[date, BeforeValidator(_last_day), _DAY_SCHEMA]
Count = Annotated[int, Field(ge=1), BeforeValidator(_whole_number)]
Size = Annotated[int, Field(ge=1, le=MAX_SIZE), BeforeValidator(_whole_number)]
Year = Annotated[int, Field(ge=1900, le=2200), BeforeValidator(_whole_number)]
Flag = Annotated[bool, BeforeValidator(_truth)]
Value = Annotated[str, Field(min_length=1, max_length=300)]


def _bodies(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return what each named body's documents are grouped under, once."""
    known = (whole_body(name) or (group_name(name, None),) for name in names)
    return tuple(dict.fromkeys(group for group, *_ in known))


def _types(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(type_named, names)))


Types = Annotated[tuple[Value, ...], AfterValidator(_types)]
Issuers = Annotated[tuple[Value, ...], AfterValidator(_bodies)]


class Params(BaseModel):
    """The parameters of an endpoint that takes none; base of the others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TextParams(Params):
    """The words of the reader, for endpoints that need nothing else."""

    q: str = Field("", max_length=MAX_QUERY, description=f"đoạn chữ dài nhất {MAX_QUERY} ký tự")


class SearchParams(TextParams):
    """Everything that a search may be asked."""

    type: Types = Field(
        (),
        max_length=MAX_VALUES,
        description=f"loại văn bản như trong `facets`, có dấu hay không, lặp lại được tới {MAX_VALUES} lần",
    )
    issuer: Issuers = Field(
        (),
        max_length=MAX_VALUES,
        description=f"cơ quan ban hành như trong `facets` hoặc theo một tên gọi của nó, lặp lại được tới {MAX_VALUES} lần",
    )
    year: tuple[Year, ...] = Field(
        (), max_length=MAX_VALUES, description=f"năm ban hành từ 1900 đến 2200, lặp lại được tới {MAX_VALUES} lần"
    )
    from_: FirstDay | None = Field(
        None,
        alias="from",
        description="ngày ban hành sớm nhất, một ngày có thật dạng 2022-03-23 hoặc 23/03/2022, hoặc một tháng (03/2022), một năm",
    )
    to: LastDay | None = Field(
        None,
        description="ngày ban hành muộn nhất, một ngày có thật dạng 2022-03-23 hoặc 23/03/2022, hoặc một tháng (03/2022), "
        "một năm; không trước ngày của `from`",
    )
    sort: Sort | None = Field(
        None, description="relevance, newest hoặc oldest; khi không nêu: relevance nếu có từ cần tìm, newest nếu không"
    )
    page: Count = Field(1, description=f"số trang từ 1, sao cho page × size không quá {MAX_DEPTH}")
    size: Size = Field(10, description=f"số kết quả một trang, từ 1 đến {MAX_SIZE}")
    scope: Scope = Field(Scope.DOCUMENTS, description="documents (cả văn bản) hoặc provisions (từng điều)")
    collapse: Flag = Field(True, description="true (các bản có cùng nội dung là một kết quả) hoặc false (mỗi bản một kết quả)")
    prior: Flag = Field(
        True,
        description="true (khi khớp gần như nhau, văn bản còn hiệu lực và mới hơn đứng trước) hoặc false (chỉ theo độ khớp)",
    )
    as_typed: Flag = Field(False, description="true (tìm các từ đúng như đã gõ) hoặc false (sửa từ gõ sai, thêm dấu bị bỏ)")

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.from_ and self.to and self.to < self.from_:
            raise BadQuery("to", _refusal(type(self), "to"))
        if self.page * self.size > MAX_DEPTH:
            raise BadQuery("page", f"{_refusal(type(self), 'page')} Hãy thêm từ hoặc bộ lọc để thu hẹp kết quả.")
        return self


class Direction(StrEnum):
    """Who does what a relation's kind says: the document asked about, or the other one."""

    OUT = "out"
    IN = "in"


class RelationsParams(Params):
    """Which of a document's relations are asked for."""

    kind: RelationKind = Field(description=f"một loại quan hệ trong: {', '.join(RelationKind)}")
    direction: Direction = Field(
        description="out (văn bản này tác động tới văn bản kia) hoặc in (văn bản kia tác động tới văn bản này)"
    )
    page: Count = Field(1, description="số trang, một số nguyên từ 1")
    size: Size = Field(20, description=f"số quan hệ một trang, từ 1 đến {MAX_SIZE}")


P = TypeVar("P", bound=Params)


def read_page_params(query_string: str) -> tuple[SearchParams, dict[str, str]]:
    """Read what the search page is asked, and by name what was typed in a box for a day and is none: the rest still counts."""
    wrong: dict[str, str] = {}
    while True:
        try:
            return read_params(SearchParams, query_string, foreign=True, without=wrong), wrong
        except BadQuery as error:
            if error.parameter not in {"from", "to"} or error.parameter in wrong:
                raise
            wrong[error.parameter] = _split(query_string)[error.parameter][0]


def read_params(model: type[P], query_string: str, foreign: bool = False, without: Collection[str] = ()) -> P:
    """Read a raw query string (percent-encoded UTF-8) into `model`; empty values count as not given. Raises BadQuery.

    With `foreign`, parameters of others are passed over: social networks add theirs (fbclid=...) to a page's address; so are
    those in `without`.
    """
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    values: dict[str, Any] = {}
    for name, texts in _split(query_string).items():
        if name in without or (name not in fields and foreign):
            continue
        if name not in fields:
            allowed = f"các tham số dùng được là {', '.join(fields)}" if fields else "địa chỉ này không nhận tham số nào"
            raise BadQuery(name, f"Tham số `{name}` không có: {allowed}.")
        stated = list(dict.fromkeys(text for text in texts if text.strip()))
        if fields[name].default == ():
            values[name] = stated
        elif len(stated) > 1:
            raise BadQuery(name, f"Tham số `{name}` chỉ được nêu một lần.")
        elif stated:
            values[name] = stated[0]
    return check_params(model, values)


def check_params(model: type[P], values: Mapping[str, Any]) -> P:
    """Check values by their names on the wire. Raises BadQuery, naming the parameter and what it may be."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        raise BadQuery(name, _refusal(model, name)) from error


def _refusal(model: type[Params], name: str) -> str:
    described = {field.alias or key: field.description for key, field in model.model_fields.items()}
    return f"Tham số `{name}` không đúng: phải là {described[name]}."


def _split(query_string: str) -> dict[str, list[str]]:
    """Return name → values in order, NFC. Falcon's own reading would replace bytes that are no UTF-8 in silence."""
    given: dict[str, list[str]] = {}
    for pair in query_string.split("&"):
        if pair:
            raw_name, _, raw_value = pair.partition("=")
            name = _decode(raw_name, "?")
            given.setdefault(name, []).append(_decode(raw_value, name))
    return given


def _decode(raw: str, name: str) -> str:
    try:  # WSGI hands bytes over as Latin-1
        text = unquote_to_bytes(raw.replace("+", " ").encode("latin-1")).decode("utf-8")
    except UnicodeError as error:
        raise BadQuery(name, f"Tham số `{name}` không đúng: phải là chữ mã hóa UTF-8.") from error
    if "\0" in text:
        raise BadQuery(name, f"Tham số `{name}` không đúng: không được chứa ký tự NUL.")
    return unicodedata.normalize("NFC", text)
