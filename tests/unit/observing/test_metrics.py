"""Metrics: what their names and labels say, and what parts count."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx
import pytest
from fastapi import FastAPI

from services._runtime.ids import made_at, new_event_id, new_id
from services._runtime.messaging.memory import MemoryBroker
from services._runtime.messaging.parking_memory import MemoryParking
from services._runtime.messaging.publishing import Undelivered
from services._runtime.messaging.relay import Relay
from services._runtime.messaging.relay_cursors import MemoryRelayCursor
from services._runtime.observing.metrics import LABELS, Described, Metrics
from services._runtime.observing.observer import Observer
from services._runtime.store.memory import MemoryEventStore, MemorySequencer
from services._runtime.web.metrics_in import metrics_router
from tests.runtime.messaging.reacting import NAME, NotAllowed, Reacting
from tests.runtime.messaging.worlds import SOURCE, Feed, Registered, record_of
from tests.runtime.web.records import running
from tests.support.observed import exposed, sample
from tests.support.recorded import opening

if TYPE_CHECKING:
    from services._runtime.reactions import Delivered

_UNITS = r"(_seconds|_events|_records|_clients|_position|_generation|_epoch|_holes|_total|_info|_leading|_stopped|_reachable)$"


@pytest.mark.parametrize("metric", Metrics().described, ids=lambda metric: metric.name)
def test_a_metric_says_its_unit_and_its_meaning_and_no_label_counts_persons(metric: Described) -> None:
    """I6: the labels that there may be are on one list, none is of an id, and a counter is told by its name."""
    assert re.fullmatch(r"ancora_[a-z_]+", metric.name)
    assert re.search(_UNITS, metric.name)
    assert metric.name.endswith("_total") == (metric.kind == "counter")
    assert metric.meaning.endswith(".")
    assert set(metric.labels) <= set(LABELS)


def test_no_label_is_of_a_person_a_stream_an_actor_or_an_event() -> None:
    assert not [label for label in LABELS if re.search(r"id$|person|stream|subject|actor|organi|key|correlation|path|name", label)]


def test_two_processes_in_one_do_not_collide() -> None:
    first, second = Metrics(), Metrics()
    first.relay.events.inc()
    assert sample(Observer(metrics=second), "ancora_relayed_events_total") == 0


async def test_a_scrape_answers_without_a_token_after_bringing_metrics_level() -> None:
    observer = Observer()

    async def level() -> None:
        observer.metrics.feed.position.set(7)

    app = FastAPI()
    app.include_router(metrics_router(observer.metrics, level))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://intake.test") as client:
        answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "ancora_feed_position 7.0" in answer.text
    assert "process_resident_memory_bytes" in answer.text
    assert re.search(r'ancora_build_info\{python="3\.\d+\.\d+",version="\d+\.\d+\.\d+"\} 1\.0', answer.text)


async def test_requests_are_counted_by_template_and_commands_by_what_became_of_them() -> None:
    observer = Observer()
    async with running(demonstration=False, observer=observer) as setup:
        address = await setup.record()
        once = setup.headers(version=1, key="once")
        for _ in range(2):
            await setup.client.post(f"{address}/notes", json={"text": "a note"}, headers=once)
        for text, version in (("impossible", 2), ("a note", 1)):
            await setup.client.post(f"{address}/notes", json={"text": text}, headers=setup.headers(version=version))
        await setup.client.post(f"/records/{new_id()}/notes", json={"text": "a note"}, headers=setup.headers(version=1))
        await setup.client.post(f"{address}/notes", json={"text": "a note"}, headers=setup.headers(version=2, ancora_org="arci"))
        await setup.client.get("/nowhere")
        await setup.client.request("BREW", address)
    outcomes = ("stored", "repeated", "invalid", "conflict", "unknown", "not-permitted")
    counted = {one: sample(observer, "ancora_commands_total", aggregate="person", outcome=one) for one in outcomes}
    assert counted == {"stored": 2, "repeated": 1, "invalid": 1, "conflict": 1, "unknown": 1, "not-permitted": 1}
    requests = "ancora_http_request_duration_seconds_count"
    assert sample(observer, requests, method="POST", route="/records/{record_id}/notes", status="422") == 1
    assert sample(observer, requests, method="GET", route="(none)", status="404") == 1
    assert 'method="other"' in exposed(observer)
    assert "BREW" not in exposed(observer)
    assert sample(observer, "ancora_append_duration_seconds_count") == 2


async def test_deliveries_are_counted_by_outcome() -> None:
    """Handled, handled before, of a type that nobody waits for, refused, and what is parked."""
    observer = Observer()
    reacting, feed = Reacting(MemoryEventStore("pathways"), MemoryParking(), observer), Feed()
    delivery = reacting.delivery({"t": SOURCE})
    handled, refused, poison = feed.add(), feed.add(), feed.add()
    indifferent = feed.add(event=Registered(beneficiary_id=new_id(), municipality="034027"))

    async def trouble(arrived: Delivered) -> None:
        if arrived.envelope.event_id == refused.recorded.envelope.event_id:
            raise NotAllowed
        if arrived.envelope.event_id == poison.recorded.envelope.event_id:
            raise KeyError

    reacting.trouble = trouble
    for event in (handled, handled, indifferent, refused, poison):
        await delivery.settle(record_of(event, offset=event.feed_position))
    counted = {
        outcome: sample(observer, "ancora_consumer_records_total", consumer=NAME, outcome=outcome)
        for outcome in ("handled", "passed", "refused", "parked", "retried")
    }
    assert counted == {"handled": 1, "passed": 2, "refused": 1, "parked": 1, "retried": None}


async def test_the_relay_counts_what_was_acknowledged() -> None:
    """What was not is no event relayed, and tried again."""

    class Refusing(MemoryBroker):
        async def publish(self, topic: str, batch: object) -> None:  # noqa: ARG002 - as the port has it
            raise Undelivered("refused")

    observer, store, cursor = Observer(), MemoryEventStore("intake"), MemoryRelayCursor()
    await store.append(opening(f"person-{new_id()}", 5))
    await MemorySequencer(store).sequence()
    with pytest.raises(Undelivered):
        await Relay(store, cursor, Refusing(), "t", observer=observer).catch_up()
    await Relay(store, cursor, MemoryBroker(), "t", batch=2, observer=observer).catch_up()
    assert sample(observer, "ancora_relayed_events_total") == 5
    assert sample(observer, "ancora_relay_batches_total") == 3


def test_an_event_s_age_is_read_off_its_id() -> None:
    """Whatever clock the event is on: the demonstration's events are years old when they are stored."""
    first, second = new_event_id(), new_event_id()
    assert 0 <= made_at(second) - made_at(first) < 5
    assert made_at(first) > 1_700_000_000
