"""Documents that expire, over HTTP and with the days that pass."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from contracts.documents import DocumentExpiring
from services._runtime.clock import SimulatedClock, SystemClock, day_of
from services._runtime.ids import new_id
from services._runtime.scheduling import Scheduler
from services.intake.app.deciders import PERSON
from services.intake.app.timers import TIMERS
from tests.integration.intake.test_http_in import enrolled
from tests.support.intake_worlds import IntakeWorld, intake_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def days() -> AsyncIterator[tuple[IntakeWorld, SimulatedClock]]:
    """Give intake in memory and the clock that it goes by."""
    clock = SimulatedClock(SystemClock().now())
    async with intake_world(None, clock) as world:
        yield world, clock


async def _recorded(world: IntakeWorld, person: UUID, document: UUID, expires_on: date) -> None:
    told = {"document_id": str(document), "kind": "residence-permit", "number": "I0000000", "expires_on": str(expires_on)}
    await world.tell(person, "documents", told)


async def _reminders(world: IntakeWorld, clock: SimulatedClock, person: UUID, until: date) -> list[tuple[UUID, int]]:
    """Let every day pass up to one, and return what was told of the person's documents altogether."""
    scheduler = Scheduler("intake", world.store, world.commands, TIMERS, clock)
    while day_of(clock.now()) < until:
        clock.move_to(clock.now() + timedelta(days=1))
        await scheduler.wake_due()
    events = (await world.commands.read(PERSON, person)).events
    return [(event.document_id, event.days_ahead) for event in events if isinstance(event, DocumentExpiring)]


async def test_a_document_is_reminded_of_three_times_and_no_day_of_expiry_travels(days: tuple[IntakeWorld, SimulatedClock]) -> None:
    """I6: the feed tells how many days ahead, and seals the day itself."""
    world, clock = days
    person, document, last = await enrolled(world), new_id(), day_of(clock.now()) + timedelta(days=120)
    await _recorded(world, person, document, last)
    assert await _reminders(world, clock, person, last + timedelta(days=2)) == [(document, 90), (document, 30), (document, 7)]
    await world.catch_up()
    wire = b"".join(event.recorded.data for event in await world.store.feed(after=0, limit=100)).decode()
    assert '"days_ahead":90' in wire
    assert str(last) not in wire


async def test_a_replaced_document_is_not_reminded_of(days: tuple[IntakeWorld, SimulatedClock]) -> None:
    """The renewed one is, in its own time."""
    world, clock = days
    person, document, last = await enrolled(world), new_id(), day_of(clock.now()) + timedelta(days=60)
    await _recorded(world, person, document, last)
    await _recorded(world, person, document, last + timedelta(days=365))
    assert await _reminders(world, clock, person, last + timedelta(days=1)) == []
    assert await _reminders(world, clock, person, last + timedelta(days=300)) == [(document, 90)]


async def test_who_left_care_is_not_reminded(days: tuple[IntakeWorld, SimulatedClock]) -> None:
    """Nobody would see to it."""
    world, clock = days
    person, last = await enrolled(world), day_of(clock.now()) + timedelta(days=60)
    await _recorded(world, person, new_id(), last)
    await world.tell(person, "exit", {"reason": "moved-away", "destination": "own-home"})
    assert await _reminders(world, clock, person, last) == []


async def test_who_was_erased_is_not_reminded(days: tuple[IntakeWorld, SimulatedClock]) -> None:
    """I7: the timer stays, and finds nothing that could be read."""
    world, clock = days
    person, last = await enrolled(world), day_of(clock.now()) + timedelta(days=60)
    await _recorded(world, person, new_id(), last)
    await world.commands.destruction.destroy(person)
    assert await _reminders(world, clock, person, last) == []


async def test_late_timers_give_the_reminder_that_fits_the_day(days: tuple[IntakeWorld, SimulatedClock]) -> None:
    """A scheduler that stood still for two months gives one reminder, not two."""
    world, clock = days
    person, document, last = await enrolled(world), new_id(), day_of(clock.now()) + timedelta(days=100)
    await _recorded(world, person, document, last)
    clock.move_to(clock.now() + timedelta(days=85))
    assert await Scheduler("intake", world.store, world.commands, TIMERS, clock).wake_due() == 2
    assert await _reminders(world, clock, person, last) == [(document, 30), (document, 7)]


async def test_a_renewal_is_recorded_and_replaced_by_the_renewed_document(world: IntakeWorld) -> None:
    """It is pending in between, and an unknown document's is refused."""
    person, document = await enrolled(world), new_id()
    last = day_of(world.issuer.clock.now()) + timedelta(days=20)
    await _recorded(world, person, document, last)
    asked = await world.tell(person, f"documents/{document}/renewal-requests", {"receipt_on": "2021-03-01", "receipt_number": "R1"})
    assert [event["type"] for event in asked.content["events"]] == ["intake.document_renewal_requested"]
    record = (await world.get(f"/beneficiaries/{person}")).content["record"]
    assert [(each["document_id"], each["receipt_number"]) for each in record["renewals"]] == [(str(document), "R1")]
    unknown = await world.post(f"/beneficiaries/{person}/documents/{new_id()}/renewal-requests", {}, version=4)
    assert (unknown.status, unknown.content["type"]) == (409, "urn:ancora:problem:unknown-document")
    await _recorded(world, person, document, last + timedelta(days=700))
    assert (await world.get(f"/beneficiaries/{person}")).content["record"]["renewals"] == []
