"""Schemas changed at random: in ways that nobody would notice, and in ways that somebody must."""

from __future__ import annotations

import copy
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

    from contracts.describing import Json


def rewritten(node: Any, dice: random.Random, keyword: str = "") -> Any:  # noqa: ANN401 - any JSON
    """Return a schema that means the same: in another order, in other words, a list of one code said as that code."""
    if isinstance(node, list):
        kept = [rewritten(one, dice) for one in node]
        return dice.sample(kept, len(kept)) if keyword in ("enum", "required", "anyOf") else kept
    if not isinstance(node, dict):
        return node
    names = dice.sample(list(node), len(node))
    written = {name: rewritten(node[name], dice, name) for name in names}
    if keyword not in ("properties", "$defs", "x-sealed"):
        written |= {"description": "in other words"} if "type" in node or "$ref" in node else {}
        if len(written.get("enum", ())) == 1:
            written["const"] = written.pop("enum")[0]
    return written


def changed_somewhere(schema: Json, dice: random.Random) -> Json:
    """Return a copy with one change that a reader or a stored event would notice."""
    changed = copy.deepcopy(schema)
    changes = list(_possible_changes(changed))
    dice.choice(changes)()
    return changed


def _possible_changes(schema: Json) -> Iterator[Callable[[], object]]:
    """Give every way to change a schema: of its event's fields, of what these hold, and of the values inside them."""
    yield lambda: schema["properties"].update(another={"type": "integer"})
    yield lambda: schema.update(additionalProperties=True)
    for holder in (schema, schema.get("x-sealed", {}), *schema["$defs"].values(), *schema.get("x-sealed", {}).get("$defs", {}).values()):
        for name, field in holder.get("properties", {}).items():
            yield from _changes_of_field(holder, name, field)
        if "enum" in holder:
            yield from _changes_of_list(holder["enum"])


def _changes_of_field(holder: Json, name: str, field: Json) -> Iterator[Callable[[], object]]:
    yield lambda: holder["properties"].pop(name)
    yield lambda: holder["properties"].update({f"{name}_too": holder["properties"].pop(name)})
    yield lambda: field.update(default="something else")
    if "required" in holder:
        required = holder["required"]
        yield lambda: required.remove(name) if name in required else required.append(name)
    for mark in ("x-data-class", "x-subject"):
        if mark in field:
            yield partial(field.update, {mark: "another"})
    for value in (field, *field.get("anyOf", ())):
        yield from _changes_of_value(value)


def _changes_of_value(value: Json) -> Iterator[Callable[[], object]]:
    if value.get("type") == "null":
        return
    if "type" in value:
        yield lambda: value.update(type="number")
        yield lambda: value.update(maxLength=7)
    for keyword in ("format", "pattern"):
        if keyword in value:
            yield partial(value.pop, keyword)
            yield partial(value.update, {keyword: "another"})
    if "enum" in value:
        yield from _changes_of_list(value["enum"])


def _changes_of_list(codes: list[Any]) -> Iterator[Callable[[], object]]:
    yield lambda: codes.append("another")
    yield codes.pop
