"""What waits for a person, over HTTP: who may see and do what, and what nobody sees."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest

from services._runtime.access.roles import Role
from services._runtime.clock import SystemClock
from services._runtime.ids import new_id
from services._runtime.messaging.parking_memory import MemoryParking
from services._runtime.messaging.records import Record
from services._runtime.messaging.tending import Tending
from services._runtime.store.memory import MemoryEventStore
from services._runtime.web.application import create_app
from services._runtime.web.parked_in import parked_router
from services._runtime.web.parts import Web
from tests.runtime.messaging.reacting import NAME, Bug, Reacting
from tests.runtime.messaging.worlds import Feed, record_of
from tests.runtime.web.records import SECRET, problem
from tests.support.issuer import SigningIssuer
from tests.support.reading import ReadsInMemory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from contracts.envelope import FeedEvent
    from services._runtime.reactions import Delivered

FOREIGN = Record("t", 0, 7, b"Amina Rossi", (("note", b"Amina"), ("note", None)), b'{"name":"Amina Rossi"}')


@dataclass
class Service:
    """A service with a process manager that fails while it is told to, and clients of its API."""

    reacting: Reacting
    issuer: SigningIssuer
    client: httpx.AsyncClient
    broken: bool = True

    async def deliver(self, *records: FeedEvent | Record) -> None:
        """Deliver records to its process manager."""
        delivery = self.reacting.delivery({"t": "intake"}, patience_s=0.1)
        for one in records:
            await delivery.settle(one if isinstance(one, Record) else record_of(one, offset=one.feed_position))

    def headers(self, role: str = "administrator", **given: str) -> dict[str, str]:
        """Return the headers of somebody with a role."""
        token = self.issuer.token(ancora_role=role, sub="admin-1")
        return {"Authorization": f"Bearer {token}", "Idempotency-Key": str(new_id())} | given

    async def get(self, path: str) -> httpx.Response:
        """Read as an administrator."""
        return await self.client.get(path, headers=self.headers())

    async def post(self, path: str, body: object, **given: str) -> httpx.Response:
        """Command as an administrator."""
        headers = {name.replace("_", "-"): value for name, value in given.items()}
        return await self.client.post(path, json=body, headers=self.headers(**headers))


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    """Give a service whose reactions fail."""
    store, parking, issuer = MemoryEventStore("intake"), MemoryParking(), SigningIssuer()
    reacting = Reacting(store, parking)
    tending = Tending("intake", parking, reacting.commands, reacting.delivery({"t": "intake"}, patience_s=0.1))
    web = Web(verifier=issuer.verifier(), clock=SystemClock(), commands=reacting.commands, secret=SECRET, reads=ReadsInMemory("intake"))
    app = create_app(name="intake", summary="For tests", routers=[parked_router(parking, tending)], web=web)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://intake.test") as client:
        made = Service(reacting, issuer, client)

        async def fail(_arrived: Delivered) -> None:
            if made.broken:
                raise Bug

        reacting.trouble = fail
        yield made


@pytest.mark.parametrize("role", [role.value for role in Role if role is not Role.ADMINISTRATOR])
async def test_nobody_but_administrators_sees_or_does_anything(service: Service, role: str) -> None:
    """I8, coarsely: the actor comes from the verified token, whatever a header says."""
    headers = service.headers(role, **{"X-Actor": "administrator", "Ancora-Role": "administrator"})
    for path in ("/parked", "/parked/1"):
        problem(await service.client.get(path, headers=headers), 403, "forbidden")
        problem(await service.client.get(path), 401, "unauthenticated")
    for path, body in (("/parked/1/retry", {"reason": "code-mended"}), ("/parked/1/discard", {"reason": "duplicate"})):
        problem(await service.client.post(path, json=body, headers=headers), 403, "forbidden")
        problem(await service.client.post(path, json=body), 401, "unauthenticated")


async def test_what_is_parked_is_listed_page_by_page_and_shown_without_a_value(service: Service) -> None:
    """I6: names of headers and sizes of a foreign record, id and place of an event; nothing of what they hold, and no key."""
    feed, person = Feed(), new_id()
    await service.deliver(feed.add(person), feed.add(person), FOREIGN)
    first = (await service.client.get("/parked?limit=2", headers=service.headers())).json()
    second = (await service.get(f"/parked?cursor={first['next_cursor']}")).json()
    poison, waiting, foreign = first["items"] + second["items"]
    assert second["next_cursor"] is None
    assert (poison["event_type"], poison["feed_position"], poison["reason"]) == (
        "intake.beneficiary_readmitted",
        1,
        f"{Bug.__module__}.Bug",
    )
    assert (poison["waiting_behind"], waiting["front"], foreign["event_id"]) == (1, poison["id"], None)
    shown = (await service.get(f"/parked/{foreign['id']}")).json()
    assert (shown["headers"], shown["value_bytes"], shown["key_bytes"]) == (["note", "note"], len(FOREIGN.value or b""), 11)
    everything = json.dumps([first, second, shown, (await service.get(f"/parked/{poison['id']}")).json()])
    assert "Amina" not in everything
    assert str(person) not in everything


async def test_a_retry_is_answered_with_its_receipt_and_what_is_left(service: Service) -> None:
    """Failing again is an answer too; a repeated request gets the first one."""
    feed, person = Feed(), new_id()
    await service.deliver(feed.add(person), feed.add(person))
    body = {"reason": "code-mended"}
    failing = await service.post("/parked/1/retry", body)
    assert failing.status_code == 200, failing.text
    assert (failing.json()["outcome"], failing.json()["code"]) == ("still-failing", f"{Bug.__module__}.Bug")
    assert (failing.json()["left"], failing.json()["front"]) == (2, 1)
    problem(await service.post("/parked/2/retry", body), 409, "parked-behind-another")
    service.broken = False
    done = await service.post("/parked/1/retry", body, Idempotency_Key="one")
    assert (done.json()["outcome"], done.json()["left"], done.json()["front"]) == ("handled", 0, None)
    (event,) = done.json()["events"]
    assert (event["type"], event["version"], done.json()["version"]) == ("intake.parked_record_retried", 2, 2)
    assert (await service.post("/parked/1/retry", body, Idempotency_Key="one")).json()["events"] == [event]
    problem(await service.post("/parked/1/retry", {"reason": "cause-arrived"}, Idempotency_Key="one"), 422, "idempotency-key-reused")
    problem(await service.post("/parked/1/retry", body), 404, "unknown")
    stored = await service.reacting.store.load(done.json()["stream"])
    assert [one.recorded.envelope.actor for one in stored] == ["admin-1", "admin-1"]


async def test_a_discard_is_answered_with_its_receipt(service: Service) -> None:
    """And the event counts as handled from then on."""
    event = Feed().add()
    await service.deliver(event, FOREIGN)
    problem(await service.post("/parked/2/retry", {"reason": "code-mended"}), 409, "parked-not-retryable")
    for parked, reason in ((1, "test-record"), (2, "foreign-record")):
        answer = await service.post(f"/parked/{parked}/discard", {"reason": reason})
        assert (answer.status_code, answer.json()["outcome"]) == (200, "discarded")
    assert await service.reacting.store.handled(NAME, event.recorded.envelope.event_id)
    assert (await service.get("/parked")).json() == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("body", [{}, {"reason": "because Amina said so"}, {"reason": "duplicate", "why": "x"}])
async def test_a_reason_is_one_of_the_codes(service: Service, body: dict[str, str]) -> None:
    """I6: what is said in words would be personal, and nobody's in particular."""
    answer = await service.post("/parked/1/discard", body)
    problem(answer, 422, "validation")
    assert "Amina" not in answer.text


async def test_what_is_not_there_is_unknown(service: Service) -> None:
    """Whatever the number."""
    for number in ("1", str(2**63 - 1)):
        problem(await service.get(f"/parked/{number}"), 404, "unknown")
    for number in ("0", "-1", "x", str(2**63)):
        problem(await service.get(f"/parked/{number}"), 422, "validation")
