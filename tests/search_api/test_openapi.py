"""The published description, checked with the answers that it describes."""

import re
from typing import Any

import pytest

_KNOWN = {
    *("$ref", "type", "properties", "required", "additionalProperties", "items", "prefixItems", "minItems", "maxItems"),
    *("anyOf", "pattern", "format", "title", "description", "default"),
}
_TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def _faults(value: Any, schema: dict[str, Any], document: dict[str, Any], place: str = "$") -> list[str]:
    """Return what is wrong with `value` by the part of JSON Schema that the description uses."""
    assert set(schema) <= _KNOWN, f"{place}: the check does not know {set(schema) - _KNOWN}"
    if "$ref" in schema:
        return _faults(value, document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], document, place)
    if "anyOf" in schema:
        tries = [_faults(value, choice, document, place) for choice in schema["anyOf"]]
        return [] if [] in tries else tries[0]
    if "type" in schema and not isinstance(value, _TYPES[schema["type"]]):
        return [f"{place} is no {schema['type']}"]
    found = [f"{place} lacks {name}" for name in schema.get("required", []) if name not in value]
    if isinstance(value, dict):
        extra, known = schema.get("additionalProperties", True), schema.get("properties", {})
        for name, part in value.items():
            if name not in known and extra is False:
                found.append(f"{place} must not have {name}")
            found += _faults(part, known.get(name, extra if isinstance(extra, dict) else {}), document, f"{place}.{name}")
    if isinstance(value, list):
        heads = schema.get("prefixItems", [])
        found += [f"{place} has a wrong length"] * (
            not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value))
        )
        for number, part in enumerate(value):
            found += _faults(
                part, heads[number] if number < len(heads) else schema.get("items", {}), document, f"{place}[{number}]"
            )
    if "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{place} does not fit {schema['pattern']}")
    return found


@pytest.fixture(scope="module")
def document(desk):
    """The description as published."""
    return desk.client.simulate_get("/openapi.json").json


def test_the_description_is_complete(document):
    """Version 3.1, every route of the API, every reference resolves, every parameter and answer says what it is."""
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {
        *("/api/v1/search", "/api/v1/suggest", "/api/v1/documents/{id}", "/api/v1/documents/{id}/file"),
        *("/api/v1/documents/{id}/relations", "/api/v1/documents/{id}/similar", "/healthz", "/readyz"),
    }
    references = set(re.findall(r'"\$ref": "#/components/schemas/(\w+)"', str(document).replace("'", '"')))
    assert references <= set(document["components"]["schemas"])
    operations = [path["get"] for path in document["paths"].values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(parameter["description"] for operation in operations for parameter in operation["parameters"])


def test_the_search_parameters_are_those_that_are_read(document):
    """Names, bounds and choices come from the model that validates."""
    described = {item["name"]: item["schema"] for item in document["paths"]["/api/v1/search"]["get"]["parameters"]}
    assert list(described) == [
        *("q", "type", "issuer", "year", "from", "to", "sort", "page", "size", "scope", "collapse", "prior", "as_typed"),
    ]
    assert (described["size"]["minimum"], described["size"]["maximum"], described["size"]["default"]) == (1, 100, 10)
    assert described["scope"]["enum"] == ["documents", "provisions"]
    asked = document["paths"]["/api/v1/documents/{id}/relations"]["get"]["parameters"]
    assert [item["name"] for item in asked if item["required"]] == ["id", "kind", "direction"]
    assert described["year"]["items"] == {"type": "integer", "minimum": 1900, "maximum": 2200}


@pytest.mark.parametrize(
    ("path", "address", "status"),
    [
        ("/api/v1/search", "/api/v1/search?q=quy+hoach", 200),
        ("/api/v1/search", "/api/v1/search?q=dieu&scope=provisions", 200),
        ("/api/v1/search", "/api/v1/search?page=0", 400),
        ("/api/v1/search", "/api/v1/search?q=" + "a" * 40_000, 414),
        ("/api/v1/suggest", "/api/v1/suggest?q=quy", 200),
        ("/api/v1/documents/{id}", "/api/v1/documents/{known}", 200),
        ("/api/v1/documents/{id}", "/api/v1/documents/khong-co", 404),
        ("/api/v1/documents/{id}/relations", "/api/v1/documents/{known}/relations?kind=cites&direction=in", 200),
        ("/api/v1/documents/{id}/relations", "/api/v1/documents/{known}/relations?kind=cites", 400),
        ("/api/v1/documents/{id}/file", "/api/v1/documents/khong-co/file", 404),
        ("/healthz", "/healthz", 200),
        ("/readyz", "/readyz", 200),
    ],
)
def test_answers_are_as_described(desk, document, path, address, status):
    """Status, media type and every field of the answer are in the description."""
    answer = desk.client.simulate_get(address.format(known=desk.ids["land plan"]))
    assert answer.status_code == status
    described = document["paths"][path]["get"]["responses"][str(status)]["content"]
    media_type = answer.headers["content-type"].split(";")[0]
    assert _faults(answer.json, described[media_type]["schema"], document) == []


def test_the_check_finds_faults(document):
    """An answer with a missing, a foreign and a mistyped field is not let through."""
    schema = {"$ref": "#/components/schemas/Page"}
    assert len(_faults({"number": "1", "size": 1, "more": 0}, schema, document)) == 3
