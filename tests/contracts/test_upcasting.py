"""What happens to old bytes when an event gets a new version, tried on an event that only this test publishes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from contracts.describing import Json
from contracts.event import Event, UnknownEventType
from contracts.gate.reading import unread
from contracts.personal import DataClass, Personal
from contracts.upcasters import UPCASTERS, decode

NAME = "tests.visit_noted"
PERSON = UUID("6f1c2a34-0d5e-4b7f-9a10-000000000001")
OLD_BYTES = f'{{"beneficiary_id":"{PERSON}","hours":2}}'.encode()


class _VisitNotedOnce(Event, type=NAME, version=1):
    """As it was published first: in hours."""

    beneficiary_id: UUID
    hours: int
    remarks: Annotated[str | None, Personal(DataClass.NOTES)] = None


class _VisitNotedThen(Event, type=NAME, version=2):
    """As it was published next: in minutes."""

    beneficiary_id: UUID
    minutes: int
    remarks: Annotated[str | None, Personal(DataClass.NOTES)] = None


class _VisitNoted(Event, type=NAME, version=3):
    """As it is now: the sealed words have another name, and the kind of the visit is told."""

    beneficiary_id: UUID
    minutes: int
    kind: str
    words: Annotated[str | None, Personal(DataClass.NOTES)] = None


def _in_minutes(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name != "hours"} | {"minutes": fields["hours"] * 60}


def _with_kind(fields: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in fields.items() if name != "remarks"}
    return kept | {"kind": "unknown", "words": fields.get("remarks")}


@pytest.fixture(autouse=True)
def upcasters() -> Iterator[None]:
    """Publish the way from each version to the next, for the length of a test."""
    added = {(NAME, 1): _in_minutes, (NAME, 2): _with_kind}
    UPCASTERS.update(added)
    yield
    for key in added:
        del UPCASTERS[key]


def test_old_bytes_are_read_as_the_newest_version_through_every_upcaster() -> None:
    """I11: an event of version 1 arrives as version 3, one step after the other."""
    assert decode(NAME, 1, OLD_BYTES) == _VisitNoted(beneficiary_id=PERSON, minutes=120, kind="unknown")


def test_an_upcaster_begins_where_the_event_was_written() -> None:
    """I11: an event of version 2 does not pass the way from version 1."""
    data = _VisitNotedThen(beneficiary_id=PERSON, minutes=45).model_dump_json(exclude={"remarks"}).encode()

    assert decode(NAME, 2, data) == _VisitNoted(beneficiary_id=PERSON, minutes=45, kind="unknown")


def test_opened_personal_fields_pass_the_upcasters_too() -> None:
    """I11: what was sealed under an old name is read under the new one."""
    read = decode(NAME, 1, OLD_BYTES, {"remarks": "a word"})

    assert read == _VisitNoted(beneficiary_id=PERSON, minutes=120, kind="unknown", words="a word")


def test_the_newest_version_passes_no_upcaster() -> None:
    """What is written today is read as it stands."""
    event = _VisitNoted(beneficiary_id=PERSON, minutes=5, kind="at-home")

    assert decode(NAME, 3, json.dumps({"beneficiary_id": str(PERSON), "minutes": 5, "kind": "at-home"}).encode()) == event


def test_a_version_that_nobody_published_is_told() -> None:
    """I11: what cannot be read is an error, never a guess."""
    with pytest.raises(UnknownEventType):
        decode(NAME, 4, OLD_BYTES)


def test_without_its_upcaster_an_old_version_is_what_it_was() -> None:
    """The bytes themselves are never touched: each published version still reads its own."""
    assert _VisitNotedOnce.model_validate_json(OLD_BYTES).hours == 2
    with pytest.raises(ValidationError):
        _VisitNoted.model_validate_json(OLD_BYTES)


def test_what_is_read_has_no_complaint() -> None:
    """I11: the gate's own reading agrees, with opened personal fields and without."""
    assert unread(_VisitNotedOnce, OLD_BYTES) is None
    assert unread(_VisitNotedOnce, OLD_BYTES, {"remarks": "a word"}) is None


@pytest.mark.parametrize(
    ("upcaster", "sentence"),
    [
        (lambda fields: {"beneficiary_id": fields["beneficiary_id"], "minutes": 60 // fields["hours"]}, "fails with ZeroDivisionError on"),
        (lambda fields: fields | {"minutes": 0}, "for its upcaster leads to something else: `hours` (extra_forbidden)"),
    ],
    ids=["fails", "leads to something else"],
)
def test_an_upcaster_that_does_not_take_every_event_is_told(upcaster: Callable[[Json], Json], sentence: str) -> None:
    """I11: an upcaster is total: whatever its version allowed arrives in the next."""
    UPCASTERS[NAME, 1] = upcaster

    told = unread(_VisitNotedOnce, OLD_BYTES.replace(b"2}", b"0}"))

    assert told is not None
    assert told.startswith(f"{NAME}.v1: ")
    assert sentence in told


def test_a_class_that_refuses_its_own_stored_bytes_is_told() -> None:
    """I11: without a value of the event, which may be anybody's."""
    told = unread(_VisitNoted, b'{"beneficiary_id":"Amina","minutes":2,"kind":"at-home"}')

    assert told is not None
    assert "its class refuses it: `beneficiary_id` (uuid_parsing)" in told
    assert "Amina" not in told
