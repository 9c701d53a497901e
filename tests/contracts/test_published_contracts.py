"""The contracts as published: frozen, readable for ever, and silent about persons."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from contracts import cloudevents
from contracts.describing import asyncapi, name_of, wire_schema
from contracts.envelope import NO_DIGEST, ClockKind, Envelope, FeedEvent, Precision, RecordedEvent, chain, digest
from contracts.event import Event
from contracts.gate.catalogue import ASYNCAPI, catalogue_breaks, committed, event_breaks, of_code
from contracts.gate.lock import rewritten, unlocked
from contracts.gate.reading import unread
from contracts.upcasters import UPCASTERS, decode
from tests.contracts.generate import rendered
from tests.contracts.publishing import EVENTS, EXAMPLES, FOLDER, ROOT, SEALED_EXAMPLES, earlier_locks, locked_in

ENVELOPE = Envelope(
    event_id=UUID("01930000-0000-7000-8000-000000000001"),
    type="intake.beneficiary_enrolled",
    schema_version=1,
    stream_id="person-6f1c2a34-0000-4000-8000-000000000001",
    stream_version=2,
    programme=None,
    actor="3f0d5c1e-0000-4000-8000-000000000002",
    actor_organisation="ciac",
    responsible_organisation="ciac",
    territory="PR",
    municipality="034027",
    purpose="integration",
    correlation=UUID("6f1c2a34-0000-4000-8000-000000000003"),
    causation=None,
    occurred_on=date(2020, 7, 1),
    precision=Precision.DAY,
    recorded_at=datetime(2020, 7, 1, 9, 30, 0, 42, tzinfo=UTC),
    clock=ClockKind.DEMONSTRATION,
    partition_key="6f1c2a34-0000-4000-8000-000000000001",
    previous_digest=NO_DIGEST,
)
DATA = b'{"beneficiary_id":"6f1c2a34-0000-4000-8000-000000000001"}'


def refuse(reasons: Iterable[str]) -> None:
    """Fail with the reasons, if there are any, and with nothing else."""
    told = "\n".join(reasons)
    if told:
        pytest.fail(told, pytrace=False)


def test_the_digest_of_format_1_never_changes() -> None:
    """I10: a committed vector; whoever changes the canonical bytes breaks every proof that was ever given."""
    assert digest(ENVELOPE, DATA, b"").hex() == "d9d4eb8f63344a5c8073e223e01ec0ceef377d931f7e92cc3b6fd9bf572f6e1c"
    assert chain(NO_DIGEST, 1, 1, digest(ENVELOPE, DATA, b"")).hex() == "c7671d66780e2b1e7866e8f938619c03a4652bc437eb05df08700d96c7c07e73"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("stream_version", 3),
        ("actor", "somebody-else"),
        ("territory", None),
        ("occurred_on", date(2020, 7, 2)),
        ("clock", ClockKind.SYSTEM),
        ("previous_digest", b"\x01" * 32),
    ],
)
def test_every_part_of_the_envelope_is_under_the_digest(field: str, value: object) -> None:
    """I10: a changed envelope has another digest."""
    changed = Envelope(**{name: getattr(ENVELOPE, name) for name in Envelope.__slots__} | {field: value})

    assert digest(changed, DATA, b"") != digest(ENVELOPE, DATA, b"")


def test_an_event_comes_off_the_wire_as_it_went_on() -> None:
    """I11: headers and body give back the very envelope, data and links."""
    recorded = RecordedEvent(envelope=ENVELOPE, data=DATA, commitment=b"\x02" * 32, digest=digest(ENVELOPE, DATA, b"\x02" * 32))
    event = FeedEvent(recorded=recorded, source="intake", generation=1, feed_position=7, chain=b"\x03" * 32)

    assert cloudevents.from_record(cloudevents.to_headers(event), DATA) == event


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("ce_specversion", b"1.0")],
        [("ce_specversion", b"\xff\xfe")],
        [("ce_specversion", b"1.0"), ("ce_source", b"/elsewhere/x/1"), ("ce_type", b"a.b.v1")],
    ],
)
def test_a_record_that_is_not_ours_is_told_apart_and_never_quoted(headers: list[tuple[str, bytes]]) -> None:
    """I6: whatever somebody put into a topic, the error does not repeat it."""
    with pytest.raises(cloudevents.NotOurs) as refused:
        cloudevents.from_record(headers, b"Amina")

    assert "Amina" not in str(refused.value)
    assert "elsewhere" not in str(refused.value)


@pytest.mark.parametrize("event", EVENTS, ids=name_of)
def test_a_published_version_keeps_its_shape(event: type[Event]) -> None:
    """I11: no contract breaks silently. Whoever changes one reads here which stored event or reader would not survive."""
    file = FOLDER / f"{name_of(event)}.json"
    refuse([] if file.exists() else [f"{name_of(event)} is not published yet: run `make schemas` and commit what it writes."])
    refuse(event_breaks(name_of(event), json.loads(file.read_text()), wire_schema(event)))
    assert file.read_text() == rendered(wire_schema(event)), "only words differ: run `make schemas` and commit"


def test_everything_that_is_published_survives_the_code() -> None:
    """I11: no version, header or topic has vanished or moved, and upcasters lead from each version to the newest."""
    refuse(catalogue_breaks(committed(FOLDER), of_code(EVENTS), UPCASTERS))
    assert {file.stem for file in EXAMPLES.glob("*.json")} == {name_of(event) for event in EVENTS}
    assert {file.stem for file in SEALED_EXAMPLES.glob("*.json")} == {name_of(event) for event in EVENTS if event.personal_fields}


def test_no_published_schema_was_edited() -> None:
    """I11: code and schema edited together differ from the lock, and a lock edited with them differs from the one in git."""
    locked = locked_in(FOLDER)
    refuse(unlocked(locked, committed(FOLDER).parts))
    refuse([reason for lock in earlier_locks(ROOT).values() for reason in rewritten(lock, locked)])
    assert locked.keys() == of_code(EVENTS).parts.keys(), "something new is not locked yet: run `make schemas` and commit"


@pytest.mark.parametrize("event", EVENTS, ids=name_of)
def test_an_event_as_it_was_once_stored_is_still_readable(event: type[Event]) -> None:
    """I11: the committed bytes of each version decode today, through all upcasters, into the newest version."""
    file = EXAMPLES / f"{name_of(event)}.json"
    assert file.exists(), f"{name_of(event)} has no example: store one as `clear_data` gives it, and leave it as it is from then on"
    refuse(filter(None, [unread(event, file.read_bytes())]))

    read = decode(event.type_name, event.schema_version, file.read_bytes())

    assert read.type_name == event.type_name
    assert (event.type_name, read.schema_version) not in UPCASTERS


@pytest.mark.parametrize("event", EVENTS, ids=name_of)
def test_what_is_personal_may_be_absent_and_names_its_owner(event: type[Event]) -> None:
    """I6, I7: a personal field is optional, defaults to None, and its subject is a required field of the event."""
    for name, mark in event.personal_fields.items():
        assert not event.model_fields[name].is_required()
        assert event.model_fields[name].default is None
        assert event.model_fields[mark.subject].is_required()


_CLEAR_TEXT = {
    "organisation", "territory", "municipality", "programme", "policy_version", "notice_version", "methodology_version", "course",
    "runts", "instrument", "instrument_version", "author", "second_member", "agreed_by", "proposed_by", "budget_line", "kept_by",
    "requested_by",
}  # fmt: skip
"""Clear fields that hold a code of reference data, a version, or a pseudonym. Everything else that is a free string must be personal."""


@pytest.mark.parametrize("event", EVENTS, ids=name_of)
def test_no_free_text_travels(event: type[Event]) -> None:
    """I6: a clear field is an id, a number, a day, a boolean, a code of a closed list, or one of the named codes; so is all within it."""
    schema = wire_schema(event)
    for name, field in schema["properties"].items():
        assert not _free(field) or name in _CLEAR_TEXT, f"{name_of(event)}.{name} is free text in clear"
    for kind, part in schema["$defs"].items():
        assert not _free(part), f"{name_of(event)} has free text in clear inside its {kind}"


def _free(field: object) -> bool:
    """Tell whether a schema leaves a text open anywhere inside; what it refers to is looked at where it is defined."""
    if isinstance(field, list):
        return any(_free(one) for one in field)
    if not isinstance(field, dict):
        return False
    closed = {"format", "enum", "const", "pattern"} & field.keys()
    return (field.get("type") == "string" and not closed) or any(_free(part) for part in field.values())


def test_the_asyncapi_document_is_the_contracts() -> None:
    """I11: what integrators read is generated from what we run."""
    assert (FOLDER / ASYNCAPI).read_text() == rendered(asyncapi(EVENTS)), "run `make schemas` and commit"


def test_contracts_import_nothing_but_pydantic_and_the_standard_library() -> None:
    """An integrator installs contracts alone."""
    allowed = {"pydantic", "contracts", *sys.stdlib_module_names}
    for file in (FOLDER.parent).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert {name.partition(".")[0] for name in names} <= allowed, file


def test_whoever_decodes_knows_every_published_event() -> None:
    """I11: a process that imports nothing but the decoder reads every service's events."""
    known = "from contracts.upcasters import decode; from contracts.event import published_events; print(len(published_events()))"

    printed = subprocess.run([sys.executable, "-c", known], check=True, capture_output=True, text=True).stdout

    assert int(printed) == len(EVENTS)
