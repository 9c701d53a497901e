"""A smallest valid value for a JSON schema of our own documents: enough to get past validation, wherever that is not what is tested."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services._runtime.ids import new_id

_FORMATS: Mapping[str, Callable[[], str]] = {
    "date": lambda: "2026-01-01",
    "date-time": lambda: "2026-01-01T00:00:00Z",
    "uuid": lambda: str(new_id()),
    "uuid4": lambda: str(new_id()),
}


def smallest(schema: dict[str, Any], document: dict[str, Any], *, name: str = "") -> Any:  # noqa: ANN401 - any JSON value
    """Return a value that has what `schema` demands and nothing else; `document` is the OpenAPI document that it refers to."""
    if "$ref" in schema:
        return smallest(document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document, name=name)
    for told in ("const", "default"):
        if told in schema and schema[told] is not None:
            return schema[told]
    if examples := schema.get("examples"):
        return examples[0]
    if "enum" in schema:
        return schema["enum"][0]
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return smallest(next(one for one in schema[several] if one.get("type") != "null"), document, name=name)
    return _of_type(schema, document, name)


def _of_type(schema: dict[str, Any], document: dict[str, Any], name: str) -> Any:  # noqa: ANN401 - as above
    match schema.get("type"):
        case "object":
            members, others = schema.get("properties", {}), list(schema.get("patternProperties", {}).values())
            made = {member: smallest(members[member], document, name=member) for member in schema.get("required", ())}
            return {"x": smallest(others[0], document)} if schema.get("minProperties") and others else made
        case "array":
            return [smallest(schema["items"], document, name=name) for _ in range(schema.get("minItems", 0))]
        case "string":
            if (of_format := _FORMATS.get(schema.get("format", ""))) is not None:
                return of_format()
            return _TEXTS.get(name) or "x" * max(1, schema.get("minLength", 1))
        case other:
            lowest = int(schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1))
            return {"boolean": True, "integer": lowest, "number": lowest}.get(str(other))


_TEXTS = {
    "territory": "PR",
    "municipality": "034027",
    "programme": "ancora-2.0",
    "language": "it",
    "citizenship": "ERI",
    "sha256": "ab" * 32,
    "tax_code": "RSSMRA80A01G337I",
}
"""Texts of a form that a schema tells by a pattern only."""
