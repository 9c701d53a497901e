"""The pages of events say what the code says: every field, every reader, every version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from contracts.describing import name_of, wire_schema
from contracts.event import Event
from contracts.intake import BeneficiaryExited, HouseholdFormed, NoteAdded
from contracts.upcasters import UPCASTERS
from services.cli.services import services
from services.cli.verification.coverage import covered_types
from tests.contracts.publishing import EVENTS
from tests.docs.describe_event import event_page, history
from tests.docs.readers_of import readers
from tests.docs.streams import Stream, streams
from tests.docs.suites_of import suites_of

NAME = "tests.docs.visit_noted"


class _VisitNotedOnce(Event, type=NAME, version=1):
    beneficiary_id: UUID
    hours: int


class _VisitNoted(Event, type=NAME, version=2):
    beneficiary_id: UUID
    minutes: int


def _in_minutes(fields: dict[str, Any]) -> dict[str, Any]:
    """Count in minutes, not in hours."""
    return {"beneficiary_id": fields["beneficiary_id"], "minutes": fields["hours"] * 60}


@pytest.fixture
def upcaster() -> Iterator[None]:
    """Publish the way from the first version to the second, for the length of a test."""
    UPCASTERS[NAME, 1] = _in_minutes
    yield
    del UPCASTERS[NAME, 1]


@pytest.mark.parametrize("event", EVENTS, ids=name_of)
def test_every_field_says_what_it_means(event: type[Event]) -> None:
    """In the schema and on the page; the fields of values inside it too."""
    schema = wire_schema(event)
    holders = [schema, schema.get("x-sealed", {}), *schema["$defs"].values(), *schema.get("x-sealed", {}).get("$defs", {}).values()]
    unsaid = [name for holder in holders for name, field in holder.get("properties", {}).items() if not field.get("description")]

    assert not unsaid


def test_a_page_names_those_who_react_and_those_who_show() -> None:
    page = event_page([BeneficiaryExited])

    assert "| pathways | process manager `pathways.process-managers` |" in page
    assert "| tutors | process manager `tutors.process-managers` | Withdraw the open request, or end the running assignment" in page
    assert "| reporting | read model `activity` (every event) |" in page


def test_no_reaction_and_no_read_model_is_left_out() -> None:
    """Names are compared with those that the services' own definitions have."""
    known = {reader.name for reader in readers()}
    reactions = {event for service in services().values() if (one := service.process_manager) is not None for event in one.reactions}

    assert known == {one.name for service in services().values() for one in (service.process_manager, *service.models) if one is not None}
    assert all(any(reader.kind == "process manager" and reader.takes(event) for reader in readers()) for event in reactions)
    assert all(reader.does for reader in readers())


def test_every_event_that_a_caseload_tells_has_its_tests() -> None:
    """Deciders', read models' or services': a file that names its class, or a case that is made of it."""
    newest = {event.type_name: event for event in EVENTS}
    assert [name for name in covered_types() if not suites_of(newest[name])] == []


def test_a_page_names_the_tests_that_speak_of_the_event() -> None:
    assert "| [`tests/unit/intake/test_beneficiary.py`](../../../tests/unit/intake/test_beneficiary.py) |" in event_page(
        [BeneficiaryExited]
    )


def test_a_page_says_on_which_stream_and_by_which_key() -> None:
    """I3: as the deciders have it. What belongs to one person is keyed by the person, anything else by its stream."""
    assert streams()[NoteAdded.type_name] == Stream("person-<beneficiary_id>", "beneficiary_id")
    assert streams()[HouseholdFormed.type_name] == Stream("household-<household_id>", None)
    assert streams()["tutors.meeting_logged"] == Stream("assignment-<assignment_id>", "beneficiary_id")


def test_the_history_tells_what_changed_and_how_older_events_are_read(upcaster: None) -> None:
    """I11: version by version, in the gate's own words."""
    printed = "\n".join(history([_VisitNotedOnce, _VisitNoted]))

    assert "| first published |" in printed
    assert "| `hours` was renamed to `minutes` | `_in_minutes`: Count in minutes, not in hours. |" in printed


def test_what_is_sealed_says_under_whose_key_and_is_shown_only_of_an_invented_person() -> None:
    """I6: the example of the body has nothing of it."""
    page = event_page([NoteAdded])
    _, _, example = page.partition("## Example")
    body, _, sealed = example.partition("Sealed beside it:")

    assert "| `text` | text or null | the note's words | sealed: notes, key of `beneficiary_id` |" in page
    assert "invented" in body
    assert '"text"' not in body
    assert '"text": "An invented text."' in sealed
