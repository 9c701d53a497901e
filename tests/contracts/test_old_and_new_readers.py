"""I11, tried and not only compared: whoever has the published schemas reads what is written now, and we read what was written then."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from contracts.describing import name_of
from contracts.event import Event
from contracts.gate.reading import unread
from services._runtime.store.sealing import clear_data
from tests.contracts.instances import as_bytes, instances, sealed_instances
from tests.contracts.publishing import EVENTS, EXAMPLES, FOLDER, SEALED_EXAMPLES

QUICKLY = settings(max_examples=10, suppress_health_check=list(HealthCheck))


@cache
def published(event: type[Event]) -> dict[str, Any]:
    """Return the schema that a reader of before has."""
    schema: dict[str, Any] = json.loads((FOLDER / f"{name_of(event)}.json").read_text())
    return schema


@cache
def reader_of_before(event: type[Event]) -> Draft202012Validator:
    """Return a reader that knows nothing but the published schema."""
    Draft202012Validator.check_schema(published(event))
    return Draft202012Validator(published(event), format_checker=FormatChecker())


def refused(event: type[Event], data: bytes) -> list[str]:
    """Return what a reader of before does not accept."""
    return [error.message for error in reader_of_before(event).iter_errors(json.loads(data))]


def sealed_reader(event: type[Event]) -> Draft202012Validator:
    """Return a reader of opened sealed fields that knows nothing but the published schema."""
    schema = published(event)
    fields = schema.get("x-sealed", {"properties": {}})["properties"]
    return Draft202012Validator(
        {"properties": fields, "additionalProperties": False, "x-sealed": schema.get("x-sealed", {})}, format_checker=FormatChecker()
    )


@pytest.mark.parametrize("event", EVENTS, ids=name_of)
def test_an_example_is_accepted_by_a_reader_that_has_only_the_published_schema(event: type[Event]) -> None:
    """I11: the committed bytes of every version, old or new."""
    assert not refused(event, (EXAMPLES / f"{name_of(event)}.json").read_bytes())


@pytest.mark.parametrize("event", [event for event in EVENTS if event.personal_fields], ids=name_of)
def test_an_example_with_its_sealed_fields_opened_is_still_readable(event: type[Event]) -> None:
    """I11: what was sealed then is read now by whoever has the key; the examples are invented persons'."""
    file = SEALED_EXAMPLES / f"{name_of(event)}.json"
    assert file.exists(), f"{name_of(event)} has sealed fields and no invented example of them in {SEALED_EXAMPLES.name}/"
    opened = json.loads(file.read_text())

    assert opened.keys() == event.personal_fields.keys()
    assert not [error.message for error in sealed_reader(event).iter_errors(opened)]
    assert unread(event, (EXAMPLES / f"{name_of(event)}.json").read_bytes(), opened) is None


@pytest.mark.parametrize("event", EVENTS, ids=name_of)
def test_whatever_a_published_version_allows_is_read_today(event: type[Event]) -> None:
    """I11: new readers accept old events, through all upcasters, whether or not the sealed fields could be opened."""

    @QUICKLY
    @given(data=instances(published(event)), sealed=sealed_instances(published(event)))
    def holds(data: dict[str, Any], sealed: dict[str, Any]) -> None:
        assert unread(event, as_bytes(data), sealed) is None
        assert unread(event, as_bytes(data)) is None

    holds()


@pytest.mark.parametrize("event", EVENTS, ids=name_of)
def test_whatever_is_written_today_is_accepted_by_a_reader_of_before(event: type[Event]) -> None:
    """I11, I6: old readers accept new events; nothing of what is sealed is in the bytes that travel."""

    @QUICKLY
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        fields = data.draw(instances(published(event))) | data.draw(sealed_instances(published(event)))
        written = clear_data(event.model_validate_json(as_bytes(fields)))

        assert not refused(event, written)
        assert not json.loads(written).keys() & event.personal_fields.keys()

    holds()


def test_a_reader_of_before_is_no_rubber_stamp() -> None:
    """What the published schema does not allow, the validator of these tests refuses: an unknown field, code or form."""
    enrolled = next(event for event in EVENTS if name_of(event) == "intake.beneficiary_enrolled.v1")
    example = json.loads((EXAMPLES / f"{name_of(enrolled)}.json").read_text())

    for change in ({"given_names": "Amina"}, {"sex": "unknown"}, {"beneficiary_id": "one"}, {"episode": "first"}):
        assert refused(enrolled, as_bytes(example | change))
