"""What every answer carries, health and status, and the description of the interface."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from services._runtime.clock import SystemClock
from services._runtime.ids import new_id
from services._runtime.web.application import Check, Report, create_app
from services._runtime.web.parts import Web
from services._runtime.web.problems import Problem
from services._runtime.web.queries import cursor_of, key_of
from tests.runtime.web.records import Setup, router
from tests.support.issuer import SigningIssuer
from tests.support.reading import ReadsInMemory


async def test_a_correlation_id_is_echoed_taken_from_the_trace_or_made(setup: Setup) -> None:
    """Whatever else was sent there is not echoed."""
    given = "6f1c1e9e-1b7e-4f6e-9a53-2f0a8c7b1d11"
    assert (await setup.client.get("/health/live", headers={"X-Correlation-Id": given})).headers["x-correlation-id"] == given
    trace = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    echoed = (await setup.client.get("/health/live", headers=trace)).headers["x-correlation-id"]
    assert UUID(echoed).hex == "0af7651916cd43dd8448eb211c80319c"
    made = (await setup.client.get("/health/live", headers={"X-Correlation-Id": "<script>"})).headers["x-correlation-id"]
    assert UUID(made).version == 4


async def test_every_answer_carries_the_security_headers(setup: Setup) -> None:
    """Also the answers that are problems."""
    for path in ("/health/live", "/nowhere", "/broken"):
        headers = (await setup.client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["content-security-policy"].startswith("default-src 'none'")


async def test_the_framework_s_documentation_pages_are_off(setup: Setup) -> None:
    """They would load from elsewhere."""
    for path in ("/docs", "/redoc"):
        assert (await setup.client.get(path)).status_code == 404


def _application(ready: Mapping[str, Check] | None = None, report: Report | None = None) -> FastAPI:
    clock = SystemClock()
    web = Web(verifier=SigningIssuer().verifier(), clock=clock, reads=ReadsInMemory("intake"))
    return create_app(name="records", summary="Records for tests", routers=[router], web=web, ready=ready, report=report)


async def test_readiness_is_every_check_and_a_check_that_fails_is_not_ready() -> None:
    """A check that raises is a part that is not there."""

    async def holds() -> bool:
        return True

    async def fails() -> bool:
        raise OSError("no database")

    app = _application(ready={"database": fails, "consumer": holds})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://records.test") as client:
        answer = await client.get("/health/ready")
        assert (answer.status_code, answer.json()) == (503, {"ready": False, "checks": {"database": False, "consumer": True}})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(_application()), base_url="http://records.test") as client:
        assert (await client.get("/health/ready")).status_code == 200


async def test_status_is_a_problem_document_that_says_there_is_none_with_the_service_s_own_members() -> None:
    """The form that the national rules name."""

    async def report() -> dict[str, object]:
        return {"feed_position": 7}

    async with httpx.AsyncClient(transport=httpx.ASGITransport(_application(report=report)), base_url="http://records.test") as client:
        answer = await client.get("/status")
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["status"], answer.json()["feed_position"]) == (200, 7)


async def test_the_description_has_problems_formats_and_the_headers_that_commands_need(setup: Setup) -> None:
    """The default document has none of these."""
    document: dict[str, Any] = (await setup.client.get("/openapi.json")).json()
    assert document["info"]["x-summary"]
    assert document["info"]["contact"]
    assert "/status" in document["paths"]
    assert "HTTPValidationError" not in document["components"]["schemas"]
    note = document["paths"]["/records/{record_id}/notes"]["post"]
    required = {each["name"]: each["required"] for each in note["parameters"] if each["in"] == "header"}
    assert required == {"Idempotency-Key": True, "If-Match": False}
    for status in ("400", "401", "403", "409", "412", "413", "422", "428"):
        assert list(note["responses"][status]["content"]) == ["application/problem+json"]
    assert note["security"]
    assert _numbers_without_format(document) == []


def _numbers_without_format(node: object) -> list[object]:
    if isinstance(node, dict):
        bare = [node] if node.get("type") in ("integer", "number") and "format" not in node else []
        return bare + [found for child in node.values() for found in _numbers_without_format(child)]
    return [found for child in node for found in _numbers_without_format(child)] if isinstance(node, list) else []


def test_a_cursor_gives_its_key_back_and_a_made_up_one_is_a_problem() -> None:
    """A cursor is the caller's to send back, not to write."""
    person, moment = new_id(), datetime(2021, 3, 5, 9, 30, tzinfo=UTC)
    assert key_of(cursor_of(moment, 7), datetime, int) == (moment, 7)
    assert key_of(cursor_of(date(2021, 3, 5), person), date, UUID) == (date(2021, 3, 5), person)
    for written in ("2021-02-30", "no day"):
        with pytest.raises(Problem):
            key_of(cursor_of(written, person), date, UUID)
    for bad in ("", "%%%", "e30", cursor_of(1, 2), cursor_of(1), "é"):
        with pytest.raises(Problem):
            key_of(bad, date, int)


@pytest.mark.parametrize(
    ("written", "part"),
    [
        ((2**63,), int),
        ((-(2**80),), int),
        ((True,), int),
        (("2021-03-01T09:30:00",), datetime),
        (("0001-01-01T00:00:00+14:00",), datetime),
        (("9999-12-31T23:59:59-14:00",), datetime),
        (("a\0b",), UUID),
        ((), int),
    ],
    ids=["too large", "too small", "no number", "without its offset", "before the first", "after the last", "no UUID", "nothing"],
)
def test_a_cursor_of_what_no_store_can_hold_is_made_up(written: tuple[Any, ...], part: type[int | datetime | UUID]) -> None:
    """A store would choke on it, and the failure would be taken for ours."""
    with pytest.raises(Problem):
        key_of(cursor_of(*written), part)


def test_an_application_that_takes_commands_needs_a_secret(setup: Setup) -> None:
    """A short key would let bodies be guessed."""
    with pytest.raises(ValueError, match="32 bytes"):
        Web(verifier=SigningIssuer().verifier(), clock=SystemClock(), commands=object(), secret=b"short")  # type: ignore[arg-type]  # any commands
