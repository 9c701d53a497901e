"""Each bad input is an RFC 9457 problem that says what to do; nothing is stored, and no value that was sent comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import structlog
from starlette.types import Message, Receive, Scope, Send

from services._runtime.ids import new_id
from services._runtime.web.limits import MAX_BODY_BYTES, BodyLimit
from tests.runtime.web.records import Setup, problem

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b'{"text": "a"',
        b"[" * 100_000,
        b'{"text": "\xff\xfe"}',
        b'{"weight": ' + b"1" * 5000 + b', "text": "a"}',
        b'{"text": "a", "text": "b"',
    ],
    ids=["open", "empty", "cut", "deep", "not-utf-8", "huge-number", "twice"],
)
async def test_a_body_that_is_not_json_stores_nothing(setup: Setup, body: bytes) -> None:
    """Cut, deep, huge or in no encoding: a 400, never a 500."""
    record = await setup.record()
    answer = await setup.client.post(f"{record}/notes", content=body, headers=setup.headers(version=1) | JSON)
    problem(answer, 422 if body == b"" else 400, "validation" if body == b"" else "malformed-json")
    assert await setup.stored() == 1


@pytest.mark.parametrize(
    ("body", "field", "expected"),
    [
        ('{"text": "a", "colour": "Rossi"}', "body.colour", "no such field"),
        ('{"text": "a", "Mario Rossi": 1}', "body.…", "no such field"),
        ("{}", "body.text", "a value: the field is required"),
        ('{"text": 5}', "body.text", "a text"),
        ('{"text": "  "}', "body.text", "a text of at least 1 characters"),
        ('{"text": "Rossi\\u0000"}', "body.text", "a text without control characters"),
        ('{"text": "Rossi\\ud800"}', "body.text", "a text of valid Unicode"),
        ('{"text": "a", "weight": "Rossi"}', "body.weight", "a whole number"),
        ('{"text": "a", "weight": "5"}', "body.weight", "a whole number"),
        ('{"text": "a", "weight": true}', "body.weight", "a whole number"),
        ('{"text": "a", "weight": NaN}', "body.weight", "a whole number"),
        ('{"text": "a", "weight": -1}', "body.weight", "a number of at least 0"),
        ('{"text": "a", "occurred_on": "Rossi"}', "body.occurred_on", "a day as YYYY-MM-DD"),
        ('{"text": "a", "occurred_on": "2021-02-30"}', "body.occurred_on", "a day as YYYY-MM-DD"),
        ('{"text": "a", "occurred_on": 1614556800}', "body.occurred_on", "a day as YYYY-MM-DD"),
        ('{"text": "a", "precision": "Rossi"}', "body.precision", "one of 'day', 'month' or 'year'"),
        ('["Rossi"]', "body", "an object"),
        ("null", "body", "an object"),
    ],
)
async def test_a_body_of_another_form_names_field_and_expectation_and_no_value(setup: Setup, body: str, field: str, expected: str) -> None:
    """I6: nothing that was sent as a value comes back."""
    record = await setup.record()
    answer = await setup.client.post(f"{record}/notes", content=body.encode(), headers=setup.headers(version=1) | JSON)
    content = problem(answer, 422, "validation")
    assert content["errors"] == [{"field": field, "expected": expected}]
    assert "Rossi" not in answer.text
    assert await setup.stored() == 1


async def test_a_body_of_another_media_type_is_a_415(setup: Setup) -> None:
    """JSON is sent as JSON."""
    record = await setup.record()
    for media_type in ("text/plain", "application/x-www-form-urlencoded"):
        for body in (b'{"text": "a"}', b"text=a", b"\xff" * 9):
            headers = setup.headers(version=1) | {"Content-Type": media_type}
            problem(await setup.client.post(f"{record}/notes", content=body, headers=headers), 415, "media-type")
    assert await setup.stored() == 1


async def test_an_oversized_body_is_a_413_whatever_its_announced_length(setup: Setup) -> None:
    """A body that comes in pieces announces none."""

    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"text": "'
        for _ in range(MAX_BODY_BYTES // 1024):
            yield b"a" * 1024
        yield b'"}'

    record = await setup.record()
    headers = setup.headers(version=1) | JSON
    announced = b'{"text": "' + b"a" * MAX_BODY_BYTES + b'"}'
    problem(await setup.client.post(f"{record}/notes", content=announced, headers=headers), 413, "body-too-large")
    problem(await setup.client.post(f"{record}/notes", content=chunks(), headers=headers), 413, "body-too-large")
    assert await setup.stored() == 1


async def test_half_a_body_of_a_client_that_left_reaches_nobody() -> None:
    """A command is carried out whole or not at all."""
    reached: list[Scope] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        reached.append(scope)

    messages: list[Message] = [{"type": "http.disconnect"}, {"type": "http.request", "body": b"{}", "more_body": True}]

    async def receive() -> Message:
        return messages.pop()

    async def send(message: Message) -> None:
        raise AssertionError(message["type"])

    await BodyLimit(app)({"type": "http", "headers": []}, receive, send)
    assert reached == []


async def test_an_id_that_is_no_uuid_4_is_told_without_repeating_it(setup: Setup) -> None:
    """I6: what stands in a path may be a name."""
    for bad in ("mario-rossi", "c232ab00-9414-11ec-b3c8-9f6bdeced846"):
        answer = await setup.client.post(f"/records/{bad}", json={}, headers=setup.headers())
        content = problem(answer, 422, "validation")
        assert content["errors"] in (
            [{"field": "path.record_id", "expected": "a UUID"}],
            [{"field": "path.record_id", "expected": "a UUID of version 4"}],
        )
        assert bad not in answer.text
    assert await setup.stored() == 0


async def test_unknown_addresses_and_methods_are_problems(setup: Setup) -> None:
    """Also the answers of the framework."""
    problem(await setup.client.get("/mario-rossi"), 404, "not-found")
    problem(await setup.client.get("/records/"), 404, "not-found")
    answer = await setup.client.delete(f"/records/{new_id()}", headers=setup.headers())
    problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, POST", "all methods of the address, whichever routes they belong to"


async def test_an_unexpected_error_tells_no_details_to_caller_or_log(setup: Setup) -> None:
    """I6: the text of an exception may quote a person."""
    with structlog.testing.capture_logs() as logs:
        answer = await setup.client.get("/broken?name=Mario+Rossi")
    problem(answer, 500, "internal")
    assert "Rossi" not in answer.text
    assert "Rossi" not in str(logs)
    [failed] = [line for line in logs if line["event"] == "request.failed"]
    assert failed["error"] == "ValueError"
    assert any("broken" in place for place in failed["places"])


async def test_a_part_that_is_away_is_a_503_to_repeat(setup: Setup) -> None:
    """What goes away by itself is told apart from what is broken."""
    answer = await setup.client.get("/busy")
    problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "1"


async def test_the_log_of_requests_holds_templates_never_paths_or_queries(setup: Setup) -> None:
    """I6: URLs that a client made up may hold anything."""
    with structlog.testing.capture_logs() as logs:
        await setup.client.get("/mario-rossi?born=1990")
        await setup.client.get(f"/records/{new_id()}?name=mario", headers=setup.headers())
    assert [(line["route"], line["status"]) for line in logs if line["event"] == "request"] == [
        ("(none)", 404),
        ("/records/{record_id}", 404),
    ]
    assert "mario" not in str(logs)
