"""A schema's shape: what a reader or a stored event would notice of it, each thing said in one way, and no words."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from contracts.describing import SEALED, Json

_WORDS = frozenset({"$schema", "$id", "$comment", "$defs", "title", "description", "examples", "deprecated"})
_MAPS = frozenset({"properties", "patternProperties"})
_ONE = frozenset({"items", "additionalProperties", "propertyNames", "contains", "not"})
_SETS_OF_SCHEMAS = frozenset({"anyOf", "oneOf", "allOf"})
_SETS = frozenset({"enum", "required"})


def shape_of(schema: Json) -> Json:
    """Return the shape: references filled in, lists that are sets sorted, `const` as a list of one, annotations left out."""
    return _shape(schema, schema)


def fingerprint(schema: Json) -> str:
    """Return SHA-256 of a schema's shape in hexadecimal: two schemas that mean the same have the same one."""
    return sha256(_text(shape_of(schema)).encode()).hexdigest()


def _shape(node: Json, root: Json) -> Json:
    if "$ref" in node:
        node = _referred(str(node["$ref"]), root) | {name: value for name, value in node.items() if name != "$ref"}
        return _shape(node, root)
    shape: Json = {}
    for keyword, value in node.items():
        if keyword in _WORDS or (keyword == "additionalProperties" and value is True):
            continue
        if keyword == "const":
            shape["enum"] = [value]
        else:
            shape[keyword] = _part(keyword, value, root)
    return shape


def _part(keyword: str, value: Any, root: Json) -> Any:  # noqa: ANN401 - a keyword's value is any JSON
    if keyword == SEALED:
        return {name: _shape(field, root) for name, field in value["properties"].items()}
    if keyword in _MAPS:
        return {name: _shape(field, root) for name, field in value.items()}
    if keyword in _ONE and isinstance(value, dict):
        return _shape(value, root)
    if keyword in _SETS_OF_SCHEMAS:
        return sorted((_shape(one, root) for one in value), key=_text)
    if keyword == "prefixItems":
        return [_shape(one, root) for one in value]
    return sorted(value, key=_text) if keyword in _SETS else value


def _referred(pointer: str, root: Json) -> Json:
    found: Any = root
    for step in pointer.removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
