"""Changes of a contract in place, each with the words of the gate: an event's fields as published, and as somebody made them."""

from __future__ import annotations

import itertools
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, create_model

from contracts.describing import Json, wire_schema
from contracts.event import Event
from contracts.personal import DataClass, Personal

_VERSIONS = itertools.count(1)
NOTES, HEALTH = Personal(DataClass.NOTES), Personal(DataClass.HEALTH)
Count = Annotated[int, Field(ge=1, le=10)]


class _Place(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["home", "office"]


class _PlaceWithRoom(_Place):
    room: int


class Kind(StrEnum):
    HOME = "home"
    OFFICE = "office"


def published(**fields: Any) -> Json:  # noqa: ANN401 - field definitions as pydantic takes them
    """Return the schema of an event with these fields besides the two persons' ids, as the code would publish it."""
    of = {"type": "tests.gate.visit_noted", "version": next(_VERSIONS)}
    event: type[Event] = create_model(
        "VisitNoted", __base__=Event, __cls_kwargs__=of, beneficiary_id=(UUID, ...), tutor_id=(UUID, ...), **fields
    )
    return wire_schema(event)


CHANGES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("a field removed", {"hours": (int, ...)}, {}, "`hours` was removed: stored events have it and would be refused"),
    ("a field renamed", {"hours": (int, ...)}, {"lasted": (int, ...)}, "`hours` was renamed to `lasted`: stored events have the old name"),
    ("a field added", {}, {"hours": (int, 0)}, "`hours` was added: a reader of before refuses a field that it does not know"),
    ("a required field added", {}, {"hours": (int, ...)}, "does not know, and stored events lack it"),
    ("made required", {"hours": (int, 0)}, {"hours": (int, ...)}, "`hours` is required now: stored events may lack it"),
    ("made optional", {"hours": (int, ...)}, {"hours": (int, 0)}, "`hours` may be absent now: a reader of before needs it"),
    ("another default", {"hours": (int, 0)}, {"hours": (int, 1)}, "`hours` means 1 where it is absent, and meant 0"),
    (
        "another type",
        {"hours": (int, ...)},
        {"hours": (str, ...)},
        "`hours` was of type integer and is of type string: stored events would",
    ),
    ("null no longer", {"hours": (int | None, ...)}, {"hours": (int, ...)}, "`hours` may be null no longer: stored events may have it so"),
    ("null now", {"hours": (int, ...)}, {"hours": (int | None, ...)}, "`hours` may be null now: a reader of before would refuse"),
    ("narrowed", {"hours": (int, ...)}, {"hours": (Count, ...)}, "`hours` is held tighter (minimum none → 1): stored events would not be"),
    (
        "widened",
        {"hours": (Count, ...)},
        {"hours": (int, ...)},
        "`hours` is held looser (maximum 10 → none): a reader of before would refuse",
    ),
    ("a choice of types", {"at": (int | str, ...)}, {"at": (int | date, ...)}, "`at` may be another choice of things"),
    ("a code taken away", {"at": (Literal["a", "b"], ...)}, {"at": (Literal["a", "c"], ...)}, '`at` lost the value "b": stored events'),
    (
        "a code added",
        {"at": (Literal["a"], ...)},
        {"at": (Literal["a", "b"], ...)},
        '`at` got the value "b": a reader of before refuses it',
    ),
    ("a list closed", {"at": (str, ...)}, {"at": (Kind, ...)}, "`at` is held to a closed list now: stored events"),
    ("a list opened", {"at": (Kind, ...)}, {"at": (str, ...)}, "`at` is open now: a reader of before would refuse"),
    ("a form given", {"at": (str, ...)}, {"at": (date, ...)}, '`at` is held to format "date" now: stored events'),
    ("a form dropped", {"at": (date, ...)}, {"at": (str, ...)}, '`at` is no longer held to format "date": a reader of before'),
    ("another form", {"at": (date, ...)}, {"at": (UUID, ...)}, '`at` is held to another format ("date" → "uuid"): stored events'),
    ("inside a list", {"at": (list[int], ...)}, {"at": (list[str], ...)}, "`at[]` was of type integer and is of type string"),
    ("inside a mapping", {"at": (dict[str, int], ...)}, {"at": (dict[str, str], ...)}, "`at{}` was of type integer and is of type string"),
    ("inside a value", {"at": (_Place, ...)}, {"at": (_PlaceWithRoom, ...)}, "`at.room` was added"),
    ("inside values", {"at": (list[_Place], ...)}, {"at": (list[_PlaceWithRoom], ...)}, "`at[].room` was added"),
    (
        "now sealed",
        {"at": (str | None, None)},
        {"at": (Annotated[str | None, NOTES], None)},
        "`at` was clear and is sealed now: in stored events",
    ),
    (
        "now clear",
        {"at": (Annotated[str | None, NOTES], None)},
        {"at": (str | None, None)},
        "`at` was sealed and is clear now: what was promised",
    ),
    (
        "another data class",
        {"at": (Annotated[str | None, NOTES], None)},
        {"at": (Annotated[str | None, HEALTH], None)},
        "`at` was sealed as notes and is sealed as health now: stored values would outlive the health key",
    ),
    (
        "another subject",
        {"at": (Annotated[str | None, Personal(DataClass.NOTES)], None)},
        {"at": (Annotated[str | None, Personal(DataClass.NOTES, subject="tutor_id")], None)},
        "`at` was sealed for `beneficiary_id` and is sealed for `tutor_id` now",
    ),
    (
        "a sealed field of another shape",
        {"at": (Annotated[Kind | None, NOTES], None)},
        {"at": (Annotated[Literal["home"] | None, NOTES], None)},
        '`at` lost the value "office": stored events that hold it',
    ),
]
