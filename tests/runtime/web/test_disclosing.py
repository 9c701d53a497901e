"""No answer about persons leaves before it is recorded; what cannot be recorded is not answered. Invariant I9."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, Depends, Request

from services._runtime.clock import SystemClock
from services._runtime.errors import Retryable
from services._runtime.web.application import create_app
from services._runtime.web.callers import allow
from services._runtime.web.disclosing import disclosure_of, network_of
from services._runtime.web.identity import Caller
from services._runtime.web.parts import Web
from tests.support.issuer import SigningIssuer
from tests.support.reading import ReadsInMemory

if TYPE_CHECKING:
    from fastapi import FastAPI

    from services._runtime.store.reads import Read, Reads

PERSON = UUID("6a1f1a3e-0000-4000-8000-000000000001")
PLANTED = "Zqsecret"
router = APIRouter()
Lister = Annotated[Caller, Depends(allow("intake.list"))]


@router.get("/told")
async def told(_caller: Lister, request: Request) -> dict[str, str]:
    """Answer with something of a person."""
    disclosure_of(request).tell([PERSON])
    return {"secret": PLANTED}


@router.get("/untold")
async def untold(_caller: Lister) -> dict[str, str]:
    """Answer with something of a person, and do not say of whom."""
    return {"secret": PLANTED}


class Gated(ReadsInMemory):
    """A record of reads that stores nothing before its gate opens."""

    def __init__(self) -> None:
        super().__init__("intake")
        self.asked = asyncio.Event()
        self.gate = asyncio.Event()

    async def record(self, read: Read) -> None:
        """Wait at the gate."""
        self.asked.set()
        await self.gate.wait()
        await super().record(read)


class Failing(ReadsInMemory):
    """A record of reads that stores nothing."""

    def __init__(self, error: Exception) -> None:
        super().__init__("intake")
        self._error = error

    async def record(self, _read: Read) -> None:
        """Fail."""
        raise self._error


def _application(issuer: SigningIssuer, reads: Reads | None) -> FastAPI:
    web = Web(verifier=issuer.verifier(), clock=SystemClock(), reads=reads)
    return create_app(name="records", summary="Records for tests", routers=[router], web=web)


async def _get(path: str, reads: Reads | None, **claims: object) -> httpx.Response:
    issuer = SigningIssuer()
    transport = httpx.ASGITransport(_application(issuer, reads), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://records.test") as client:
        return await client.get(path, headers={"Authorization": f"Bearer {issuer.token(**claims)}"})


async def test_not_a_byte_leaves_before_the_record_is_stored() -> None:
    """I9: the order is the promise; a crash between the two leaves a record without an answer, never the other way."""
    issuer, reads, sent = SigningIssuer(), Gated(), list[MutableMapping[str, Any]]()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/told",
        "raw_path": b"/told",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"authorization", f"Bearer {issuer.token()}".encode())],
        "client": ("192.0.2.77", 1234),
        "server": ("records.test", 80),
    }

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    answering = asyncio.create_task(_application(issuer, reads)(scope, receive, send))
    await asyncio.wait_for(reads.asked.wait(), 5)
    await asyncio.sleep(0.05)
    assert sent == []
    reads.gate.set()
    await asyncio.wait_for(answering, 5)

    assert [message["type"] for message in sent][:2] == ["http.response.start", "http.response.body"]
    ((envelope, record),) = await reads.recorded()
    assert (envelope.actor, envelope.actor_organisation, envelope.purpose) == ("worker-1", "ciac", "integration")
    assert (record.role, record.action, record.subjects, record.classes) == ("case-worker", "intake.list", (PERSON,), ())
    assert (record.outcome, record.status, record.origin) == ("answered", 200, "192.0.2.0/24")


@pytest.mark.parametrize(("error", "status"), [(Retryable("away"), 503), (RuntimeError("Mario Rossi"), 500)])
async def test_what_cannot_be_recorded_is_not_answered(error: Exception, status: int) -> None:
    """I9: a record that cannot be stored takes the answer with it; where it may be stored later, the caller is told so."""
    answer = await _get("/told", Failing(error))
    assert answer.status_code == status
    assert PLANTED not in answer.text
    assert "Rossi" not in answer.text


async def test_an_answer_that_does_not_say_whom_it_tells_of_does_not_leave() -> None:
    """I9: whoever adds an endpoint and forgets it finds out at the first call."""
    reads = ReadsInMemory("intake")
    answer = await _get("/untold", reads)
    assert (answer.status_code, PLANTED in answer.text) == (500, False)
    assert await reads.recorded() == []


async def test_an_application_without_a_record_of_reads_tells_of_nobody() -> None:
    """I9: nothing works by its absence."""
    answer = await _get("/told", None)
    assert (answer.status_code, PLANTED in answer.text) == (500, False)


async def test_a_refusal_is_recorded_with_whoever_was_refused() -> None:
    """I9: whoever tries is seen."""
    reads = ReadsInMemory("intake")
    assert (await _get("/told", reads, ancora_role="researcher", sub="curious")).status_code == 403
    ((envelope, record),) = await reads.recorded()
    assert (envelope.actor, record.role, record.outcome, record.status) == ("curious", "researcher", "refused", 403)
    assert record.subjects == ()


async def test_a_caller_whom_nobody_knows_reads_nothing_and_is_no_record() -> None:
    """There is nobody to name; it is in the log and the figures of requests."""
    reads = ReadsInMemory("intake")
    assert (await _get("/told", reads, aud="another")).status_code == 401
    assert await reads.recorded() == []


@pytest.mark.parametrize(
    ("client", "network"),
    [
        (("192.0.2.77", 1), "192.0.2.0/24"),
        (("2001:db8:1:2:3::4", 1), "2001:db8:1::/48"),
        (("a-name", 1), ""),
        (None, ""),
    ],
)
def test_the_origin_is_a_network_never_a_machine(client: tuple[str, int] | None, network: str) -> None:
    """Who works from home has an address that is theirs."""
    assert network_of(client) == network
