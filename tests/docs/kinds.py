"""Says a JSON Schema of ours as a reader of a table wants it: `uuid`, `day or null`, `one of …`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from contracts.pathway_values import Code
from tests.docs.tables import code

if TYPE_CHECKING:
    from contracts.describing import Json

_CODE = TypeAdapter(Code).json_schema()["pattern"]
_FORMATS = {"date": "day"}
_TYPES = {"integer": "whole number", "boolean": "yes or no", "string": "text"}


def kind_of(schema: Json, definitions: Json) -> str:
    """Return what a value is, in a few words; a value with fields of its own goes by its name."""
    if "anyOf" in schema:
        return " or ".join(kind_of(one, definitions) for one in schema["anyOf"])
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return kind_of(definitions[name], definitions) if "enum" in definitions[name] else code(name)
    if "enum" in schema or "const" in schema:
        return "one of " + ", ".join(code(str(one)) for one in schema.get("enum", [schema.get("const")]))
    if schema["type"] == "array":
        return f"list of {kind_of(schema['items'], definitions)}"
    if schema["type"] == "object":
        values = next(iter(schema.get("patternProperties", {}).values()), None) or schema["additionalProperties"]
        return f"mapping from code to {kind_of(values, definitions)}"
    return _plain(schema)


def _plain(schema: Json) -> str:
    if "format" in schema:
        form = str(schema["format"])
        return _FORMATS.get(form, form)
    if "pattern" in schema:
        return "code" if schema["pattern"] == _CODE else f"text of the form {code(schema['pattern'])}"
    kind = str(schema["type"])
    return _TYPES.get(kind, kind) + _bounds(schema)


def _bounds(schema: Json) -> str:
    least = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1 if "exclusiveMinimum" in schema else None)
    return "".join(f" {word} {bound:,}" for word, bound in (("from", least), ("to", schema.get("maximum"))) if bound is not None)
