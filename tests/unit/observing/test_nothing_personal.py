"""I6: whatever a caller, an event or an error says of a person, operators do not read it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from contracts.cloudevents import to_headers
from services._runtime.ids import new_id
from services._runtime.messaging.parking_memory import MemoryParking
from services._runtime.messaging.records import Record
from services._runtime.store.memory import MemoryEventStore
from tests.runtime.messaging.reacting import NotAllowed, Reacting
from tests.runtime.messaging.worlds import SOURCE, Feed, record_of
from tests.runtime.web.records import running
from tests.support.observed import Spans, exposed, logged

if TYPE_CHECKING:
    from services._runtime.observing.observer import Observer
    from services._runtime.reactions import Delivered
    from tests.runtime.web.records import Setup

CANARY = "Selam-Prova"


@pytest.fixture
def spans() -> Spans:
    """Give what keeps the spans."""
    return Spans()


@pytest.fixture
def observer(spans: Spans) -> Observer:
    """Give an observer that records every trace."""
    return spans.observer("intake")


async def test_what_callers_send_is_in_no_metric_span_or_log(observer: Observer, spans: Spans) -> None:
    """I6, wherever they put it: path, query, method, headers, token, body; and the ids of records are nowhere but in the answers."""
    with logged() as lines:
        async with running(demonstration=False, observer=observer) as setup:
            address = await _plant(setup)
    told = exposed(observer) + "".join(span.to_json() for span in spans.all()) + json.dumps(lines)
    assert "ancora_commands_total" in told
    assert "POST /records/{record_id}/notes" in told
    assert {line["event"] for line in lines} == {"request", "request.failed"}
    assert CANARY.lower() not in told.lower()
    assert address.rpartition("/")[2] not in told


async def test_what_events_and_errors_say_is_in_no_metric_span_or_log(observer: Observer, spans: Spans) -> None:
    """I6: poison that quotes a person, a refusal, and a record that is anybody's."""

    async def quote(_arrived: Delivered) -> None:
        raise ValueError(CANARY)

    async def refuse(_arrived: Delivered) -> None:
        raise NotAllowed(CANARY)

    reacting, feed = Reacting(MemoryEventStore("pathways"), MemoryParking(), observer), Feed()
    delivery = reacting.delivery({"t": SOURCE})
    poison, refused = feed.add(), feed.add()
    with logged("pathways") as lines:
        for event, trouble in ((poison, quote), (refused, refuse)):
            reacting.trouble = trouble
            await delivery.settle(record_of(event, offset=event.feed_position))
        headers = tuple((name, CANARY.encode() if name == "ce_type" else value) for name, value in to_headers(feed.add()))
        await delivery.settle(Record("t", 0, 9, CANARY.encode(), headers, CANARY.encode()))
        await delivery.settle(replace(record_of(feed.add()), headers=((CANARY, CANARY.encode()),)))
    told = exposed(observer) + "".join(span.to_json() for span in spans.all()) + json.dumps(lines)
    assert 'ancora_consumer_records_total{consumer="pathways.process-managers",outcome="parked"} 3.0' in told
    assert "react to intake.beneficiary_readmitted" in told
    assert CANARY not in told
    assert poison.recorded.envelope.partition_key not in told
    assert {line["event"] for line in lines} == {"consumer.failed", "consumer.parked", "consumer.refused"}


async def _plant(setup: Setup) -> str:
    """Send requests that hold the canary in every place that a caller chooses; return the address of a record."""
    client, address = setup.client, await setup.record()
    headers = setup.headers(version=1, sub=CANARY, key=CANARY)
    for text in (CANARY, "impossible", CANARY):
        await client.post(f"{address}/notes?{CANARY}={CANARY}", json={"text": text, CANARY: CANARY}, headers=headers)
        await client.post(f"{address}/notes", json={"text": f"{text} {CANARY}"}, headers=headers)
    await client.post(f"/records/{new_id()}/notes", json={"text": CANARY}, headers=setup.headers(version=1))
    marked = {"X-Correlation-Id": CANARY, "traceparent": CANARY, "User-Agent": CANARY, "If-Match": CANARY}
    for method, path in (("GET", f"/{CANARY}"), (CANARY.upper(), f"{address}"), ("GET", f"/records/{CANARY}"), ("GET", "/broken")):
        await client.request(method, path, headers={**setup.headers(), **marked}, params={"name": CANARY})
    return address
