"""One published version against its shape in the code. Readers know closed shapes only, so every difference breaks somebody.

An event is written under the same name and version by old and new code, and each must read the other's: whatever is taken
away ends the stored events, whatever is added ends the readers of before. A sentence says which of them, and why.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contracts.describing import DATA_CLASS, SEALED, SUBJECT, Json
from contracts.gate.shape import shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_STORED = "stored events would not be read any more"
_READER = "a reader of before would refuse new events"

_AT_LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_AT_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_INSIDE = {"items": "[]", "additionalProperties": "{}", "propertyNames": "{} (its names)"}
_NULL: Json = {"type": "null"}


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of an event or of a value inside it: `sealed` is its data class and subject, None where it is clear."""

    shape: Json
    required: bool
    default: str | None
    sealed: tuple[str, str] | None


def breaks(was: Json, now: Json, what: str = "") -> list[str]:
    """Return why stored events or readers of the schema `was` would not survive `now`; empty where all would.

    `what` is the name of what the schemas describe, where it is not an event.
    """
    before, after = shape_of(was), shape_of(now)
    if before == after:
        return []
    return list(_value(what, before, after)) or ["it changed in a way for which there is no word: the shapes differ"]


def _fields(shape: Json) -> dict[str, _Field]:
    required = shape.get("required", ())
    clear = {name: _field(one, required=name in required, sealed=None) for name, one in shape.get("properties", {}).items()}
    sealed = {
        name: _field(one, required=False, sealed=(str(one.get(DATA_CLASS)), str(one.get(SUBJECT))))
        for name, one in shape.get(SEALED, {}).items()
    }
    return clear | sealed


def _field(shape: Json, *, required: bool, sealed: tuple[str, str] | None) -> _Field:
    default = json.dumps(shape["default"]) if "default" in shape else None
    kept = {word: value for word, value in shape.items() if word not in ("default", DATA_CLASS, SUBJECT)}
    return _Field(kept, required, default, sealed)


def _compare_fields(path: str, was: Mapping[str, _Field], now: Mapping[str, _Field]) -> Iterator[str]:
    gone, new = [name for name in was if name not in now], [name for name in now if name not in was]
    for name in gone:
        known_as = next((other for other in new if now[other] == was[name]), None)
        if known_as is None:
            yield f"`{_at(path, name)}` was removed: stored events have it and would be refused, readers of before miss it"
        else:
            new.remove(known_as)
            yield f"`{_at(path, name)}` was renamed to `{known_as}`: stored events have the old name, readers of before look for it"
    for name in new:
        lacking = ", and stored events lack it" if now[name].required else ""
        yield f"`{_at(path, name)}` was added: a reader of before refuses a field that it does not know{lacking}"
    for name in (name for name in was if name in now):
        yield from _compare_field(_at(path, name), was[name], now[name])


def _compare_field(path: str, was: _Field, now: _Field) -> Iterator[str]:
    yield from _compare_seals(path, was.sealed, now.sealed)
    if now.required and not was.required:
        yield f"{_named(path)} is required now: stored events may lack it"
    elif was.required and not now.required and now.sealed is None:
        yield f"{_named(path)} may be absent now: a reader of before needs it"
    elif was.default != now.default and was.sealed == now.sealed:
        yield f"{_named(path)} means {now.default} where it is absent, and meant {was.default}: stored events would say another thing"
    yield from _value(path, was.shape, now.shape)


def _compare_seals(path: str, was: tuple[str, str] | None, now: tuple[str, str] | None) -> Iterator[str]:
    field = _named(path)
    if was is None or now is None:
        if now is not None:
            yield f"{field} was clear and is sealed now: in stored events it lies open under the digest, and readers of before miss it"
        if was is not None:
            yield f"{field} was sealed and is clear now: what was promised never to leave its service would travel, and outlive erasure"
        return
    (data_class, subject), (other_class, other_subject) = was, now
    if data_class != other_class:
        yield f"{field} was sealed as {data_class} and is sealed as {other_class} now: stored values would outlive the {other_class} key"
    if subject != other_subject:
        yield f"{field} was sealed for `{subject}` and is sealed for `{other_subject}` now: stored values would outlive that key"


def _value(path: str, was: Json, now: Json) -> Iterator[str]:
    """Compare two shapes of one value: first whether it may be null, then what else it may be."""
    (before, may_be_null), (after, may_be_null_now) = _alternatives(was), _alternatives(now)
    if may_be_null and not may_be_null_now:
        yield f"{_named(path)} may be null no longer: stored events may have it so"
    if may_be_null_now and not may_be_null:
        yield f"{_named(path)} may be null now: {_READER}"
    if len(before) == len(after) == 1:
        yield from _one(path, before[0], after[0])
    elif before != after:
        yield f"{_named(path)} may be another choice of things: {_STORED} or {_READER}"


def _alternatives(shape: Json) -> tuple[list[Json], bool]:
    if shape.keys() != {"anyOf"}:
        return [shape], False
    return [one for one in shape["anyOf"] if one != _NULL], _NULL in shape["anyOf"]


def _one(path: str, was: Json, now: Json) -> Iterator[str]:
    if was.get("type") != now.get("type"):
        yield f"{_named(path)} was of type {was.get('type', 'any')} and is of type {now.get('type', 'any')}: {_STORED}, {_READER}"
        return
    yield from _compare_fields(path, _fields(was), _fields(now))
    for keyword in sorted((was.keys() | now.keys()) - {"type", "properties", "required", SEALED}):
        if was.get(keyword) != now.get(keyword):
            yield from _keyword(path, keyword, was.get(keyword), now.get(keyword))


def _keyword(path: str, keyword: str, was: Any, now: Any) -> Iterator[str]:  # noqa: ANN401 - a keyword's value is any JSON
    if keyword == "enum":
        yield from _compare_lists(path, was, now)
    elif keyword in _INSIDE and isinstance(was, dict) and isinstance(now, dict):
        yield from _value(f"{path}{_INSIDE[keyword]}", was, now)
    elif keyword in _AT_LEAST or keyword in _AT_MOST:
        tighter = now is not None and (was is None or (now > was if keyword in _AT_LEAST else now < was))
        how, who = ("tighter", _STORED) if tighter else ("looser", _READER)
        yield f"{_named(path)} is held {how} ({keyword} {_said(was)} → {_said(now)}): {who}"
    elif was is None:
        yield f"{_named(path)} is held to {keyword} {_said(now)} now: {_STORED}"
    elif now is None:
        yield f"{_named(path)} is no longer held to {keyword} {_said(was)}: {_READER}"
    else:
        yield f"{_named(path)} is held to another {keyword} ({_said(was)} → {_said(now)}): {_STORED}, {_READER}"


def _compare_lists(path: str, was: list[Any] | None, now: list[Any] | None) -> Iterator[str]:
    if was is None or now is None:
        yield f"{_named(path)} is {'held to a closed list' if was is None else 'open'} now: {_STORED if was is None else _READER}"
        return
    for value in (one for one in was if one not in now):
        yield f"{_named(path)} lost the value {_said(value)}: stored events that hold it would not be read any more"
    for value in (one for one in now if one not in was):
        yield f"{_named(path)} got the value {_said(value)}: a reader of before refuses it, for its list is closed"


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _named(path: str) -> str:
    return f"`{path}`" if path else "the event itself"


def _said(value: object) -> str:
    return "none" if value is None else json.dumps(value, ensure_ascii=False)
