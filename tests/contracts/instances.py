"""Values that a JSON Schema of ours allows, for property tests: made from the schema alone, without the code that reads them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from contracts.describing import Json

_MOST = 3
_FAR = 2**31
_ANY_WORD = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def instances(schema: Json) -> SearchStrategy[Any]:
    """Return the strategy of what a schema allows; raises LookupError or NotImplementedError for what ours do not contain."""
    return _of(schema, schema)


def sealed_instances(schema: Json) -> SearchStrategy[Json]:
    """Return the strategy of what an event's sealed fields hold when they were opened: each may lack, as where its key is gone."""
    fields = schema.get("x-sealed", {}).get("properties", {})
    return st.fixed_dictionaries({}, optional={name: _of(field, schema) for name, field in fields.items()})


def _of(schema: Json, root: Json) -> SearchStrategy[Any]:
    if "$ref" in schema:
        return _of(_referred(schema["$ref"], root), root)
    if "anyOf" in schema:
        return st.one_of([_of(one, root) for one in schema["anyOf"]])
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum", [schema.get("const")]))
    return _OF_TYPE[schema["type"]](schema, root)


def _integer(schema: Json, _root: Json) -> SearchStrategy[int]:
    least, most = schema.get("minimum", -_FAR), schema.get("maximum", _FAR)
    return st.integers(max(least, schema.get("exclusiveMinimum", -_FAR) + 1), min(most, schema.get("exclusiveMaximum", _FAR) - 1))


def _list(schema: Json, root: Json) -> SearchStrategy[list[Any]]:
    return st.lists(_of(schema["items"], root), min_size=schema.get("minItems", 0), max_size=schema.get("maxItems", _MOST))


def _text(schema: Json, _root: Json) -> SearchStrategy[str]:
    match schema.get("format"):
        case "uuid":
            return st.uuids().map(str)
        case "date":
            return st.dates(date(1900, 1, 1)).map(date.isoformat)
        case "date-time":
            return st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat)
        case None if "pattern" in schema:
            # Readers disagree on whether `$` allows a line's end behind it; what is written has none.
            return st.from_regex(schema["pattern"].removeprefix("^").removesuffix("$"), fullmatch=True)
        case None:
            least = schema.get("minLength", 0)
            return _ANY_WORD.filter(lambda text: len(text) >= least)
        case other:
            raise NotImplementedError(other)


def _object(schema: Json, root: Json) -> SearchStrategy[Json]:
    if isinstance(schema.get("additionalProperties"), dict):
        return st.dictionaries(_ANY_WORD, _of(schema["additionalProperties"], root), max_size=_MOST)
    if "patternProperties" in schema:
        (pattern, value), *_ = schema["patternProperties"].items()
        return st.dictionaries(_text({"pattern": pattern}, root), _of(value, root), max_size=_MOST)
    fields = {name: _of(field, root) for name, field in schema["properties"].items()}
    required = schema.get("required", [])
    return st.fixed_dictionaries(
        {name: fields[name] for name in required}, optional={name: field for name, field in fields.items() if name not in required}
    )


_OF_TYPE = {
    "string": _text,
    "integer": _integer,
    "boolean": lambda _schema, _root: st.booleans(),
    "null": lambda _schema, _root: st.none(),
    "array": _list,
    "object": _object,
}


def _referred(pointer: str, root: Json) -> Json:
    found: Any = root
    for step in pointer.removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def as_bytes(value: Json) -> bytes:
    """Return a value as an event's body."""
    return json.dumps(value, ensure_ascii=False).encode()
