"""The OpenAPI 3.1 description, generated from the models that read requests and write answers."""

import json
from typing import Any, NamedTuple

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from search_api import params, render
from search_api.errors import PROBLEM_TYPE
from search_api.originals import CONTENT_TYPES
from search_api.resources.answers import VERSION

_REF = "#/components/schemas/{model}"
_ID = {
    "name": "id",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "description": "mã của văn bản, như trong `hits[].id`",
}


class _Operation(NamedTuple):
    path: str
    summary: str
    parameters: type[params.Params]
    answer: type[BaseModel] | None  # None: a file
    problems: tuple[int, ...]  # statuses besides 200, 304 and 500


_OPERATIONS: tuple[_Operation, ...] = (
    _Operation("/api/v1/search", "Tìm văn bản hoặc điều", params.SearchParams, render.SearchAnswer, (400, 414, 503)),
    _Operation("/api/v1/suggest", "Gợi ý trong lúc gõ", params.TextParams, render.SuggestAnswer, (400, 414, 503)),
    _Operation(
        "/api/v1/documents/{id}",
        "Một văn bản: thông tin, nội dung, các điều, hiệu lực, văn bản liên quan",
        params.Params,
        render.DocumentAnswer,
        (400, 404, 503),
    ),
    _Operation(
        "/api/v1/documents/{id}/relations",
        "Quan hệ của một văn bản với văn bản khác, theo loại và chiều",
        params.RelationsParams,
        render.RelationsAnswer,
        (400, 404, 503),
    ),
    _Operation(
        "/api/v1/documents/{id}/similar",
        "Văn bản tương tự một văn bản, và vì sao",
        params.Params,
        render.SimilarAnswer,
        (400, 404, 503),
    ),
    _Operation("/api/v1/documents/{id}/file", "Bản gốc của văn bản", params.Params, None, (400, 404, 503)),
    _Operation("/healthz", "Tiến trình còn trả lời", params.Params, render.Health, (400,)),
    _Operation("/readyz", "Chỉ mục và cơ sở dữ liệu sẵn sàng", params.Params, render.Readiness, (400, 503)),
)
_STATUSES = {
    400: "Tham số không đúng; `parameter` nêu tên tham số",
    404: "Không có văn bản, hoặc văn bản không công khai",
    414: "Địa chỉ quá dài",
    500: "Lỗi của hệ thống",
    503: "Chỉ mục hoặc cơ sở dữ liệu chưa sẵn sàng",
}


def openapi_document() -> str:
    """Return the description as JSON text."""
    models: list[type[BaseModel]] = [operation.answer for operation in _OPERATIONS if operation.answer] + [render.Problem]
    _, definitions = models_json_schema([(model, "serialization") for model in models], ref_template=_REF)
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "Tìm kiếm công báo",
            "version": VERSION,
            "description": "Tìm toàn văn văn bản pháp luật. Vị trí trong chữ tính bằng ký tự Unicode (code point).",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": {operation.path: {"get": _described(operation)} for operation in _OPERATIONS},
        "components": {"schemas": definitions["$defs"]},
    }
    return json.dumps(document, ensure_ascii=False)


def _described(operation: _Operation) -> dict[str, Any]:
    path, summary = operation.path, operation.summary
    responses: dict[str, Any] = {"200": {"description": summary, "content": _content(operation.answer)}}
    if path not in {"/healthz", "/readyz"}:
        responses["304"] = {"description": "Không đổi so với ETag trong If-None-Match"}
    problem = {PROBLEM_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}}
    responses |= {str(status): {"description": _STATUSES[status], "content": problem} for status in (*operation.problems, 500)}
    return {
        "operationId": path.removeprefix("/api/v1/").replace("/{id}", "").strip("/").replace("/", "_"),
        "summary": summary,
        "parameters": [*([_ID] if "{id}" in path else []), *_parameters(operation.parameters)],
        "responses": responses,
    }


def _content(answer: type[BaseModel] | None) -> dict[str, Any]:
    if answer is not None:
        return {"application/json": {"schema": {"$ref": _REF.format(model=answer.__name__)}}}
    return {media_type: {} for media_type in (*CONTENT_TYPES.values(), "application/octet-stream")}


def _parameters(model: type[params.Params]) -> list[dict[str, Any]]:
    """Return a model's fields as query parameters; enumerations are written out, for few readers follow references here."""
    schema = model.model_json_schema()
    named = {f"#/$defs/{name}": definition for name, definition in schema.get("$defs", {}).items()}
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "description": found.pop("description"),
            "schema": _plain(found, named),
            **({"style": "form", "explode": True} if found.get("type") == "array" else {}),
        }
        for name, found in schema["properties"].items()
    ]


def _plain(schema: dict[str, Any], named: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a schema without titles, without the null that means "not given", and without references."""
    plain = {key: value for key, value in schema.items() if key not in {"title", "anyOf", "$ref"} and value is not None}
    choices = [choice for choice in schema.get("anyOf", []) if choice != {"type": "null"}]
    for part in choices + ([named[schema["$ref"]]] if "$ref" in schema else []):
        plain |= _plain({key: value for key, value in part.items() if key != "description"}, named)
    return plain
