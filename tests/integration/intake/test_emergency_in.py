"""Emergency access over HTTP, in memory and on PostgreSQL; the hours that pass, in memory."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from contracts.emergency import EmergencyReviewOverdue
from services._runtime.clock import SimulatedClock, SystemClock
from services._runtime.ids import new_id
from services._runtime.scheduling import Scheduler
from services.intake.app.deciders import EMERGENCY
from services.intake.app.timers import TIMERS
from tests.integration.intake.test_http_in import enrolled
from tests.support.intake_worlds import Answer, IntakeWorld, intake_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

STRANGER = {"sub": "worker-2", "ancora_org": "another"}
OFFICER = {"sub": "officer-1", "ancora_role": "data-protection-officer"}
WORDS = "Inventato: portata in ospedale di notte."


@pytest.fixture
async def hours() -> AsyncIterator[tuple[IntakeWorld, SimulatedClock]]:
    """Give intake in memory and the clock that it goes by."""
    clock = SimulatedClock(SystemClock().now())
    async with intake_world(None, clock) as world:
        yield world, clock


async def _opened(world: IntakeWorld, person: UUID, emergency: UUID, **claims: object) -> Answer:
    body = {"beneficiary_id": str(person), "ground": "hospital", "words": WORDS}
    return await world.post(f"/emergency-accesses/{emergency}", body, version=None, **{"auth_time": _ago(world, 10)} | STRANGER | claims)


def _ago(world: IntakeWorld, seconds: int) -> int:
    return int(world.issuer.clock.now().timestamp()) - seconds


async def test_a_stranger_reads_the_one_record_by_it_and_the_officer_reviews_it(world: IntakeWorld) -> None:
    """The whole way: refused on any day, opened in the emergency, told to the officer at once, reviewed."""
    person, other, emergency = await enrolled(world), await enrolled(world), new_id()
    assert (await world.get(f"/beneficiaries/{person}", **STRANGER)).status == 404
    opened = await _opened(world, person, emergency)
    assert (opened.status, opened.content["events"][0]["type"]) == (201, "intake.emergency_access_opened")
    read = await world.get(f"/emergency-accesses/{emergency}/beneficiary", **STRANGER)
    assert (read.status, read.content["record"]["identity"]["family_name"]) == (200, "Prova")
    for reached in (person, other):
        assert (await world.get(f"/beneficiaries/{reached}", **STRANGER)).status == 404, "it opens that door and no other"
    await world.catch_up()
    queue = await world.get("/emergency-accesses?review=due", **OFFICER)
    assert [one["emergency_id"] for one in queue.content["items"]] == [str(emergency)]
    told = await world.get(f"/emergency-accesses/{emergency}", **OFFICER)
    assert (told.content["opened"]["words"], told.content["review"]) == (WORDS, None)
    review = {"outcome": "justified", "words": "Inventato: confermata dal reparto."}
    assert (await world.post(f"/emergency-accesses/{emergency}/review", review, version=1, **OFFICER)).status == 200
    await world.catch_up()
    assert (await world.get("/emergency-accesses?review=due", **OFFICER)).content["items"] == []


async def test_another_caller_gets_by_it_what_they_would_get_by_none(world: IntakeWorld) -> None:
    """I8: a colleague of whoever opened it, too, opens one of their own, and answers for it."""
    person, emergency = await enrolled(world), new_id()
    await _opened(world, person, emergency)
    for colleague in ({"sub": "worker-3", "ancora_org": "another"}, {}):
        refused = await world.get(f"/emergency-accesses/{emergency}/beneficiary", **colleague)
        missing = await world.get(f"/emergency-accesses/{new_id()}/beneficiary", **colleague)
        assert (refused.status, missing.status) == (404, 404)
        assert {**refused.content, "instance": "", "trace_id": ""} == {**missing.content, "instance": "", "trace_id": ""}


async def test_who_did_not_sign_in_lately_is_asked_to(world: IntakeWorld) -> None:
    """A screen that was left open opens nothing; RFC 9470 tells the client what to do."""
    person = await enrolled(world)
    for signed_in in (_ago(world, 301), None):
        emergency = new_id()
        answer = await _opened(world, person, emergency, auth_time=signed_in)
        assert (answer.status, answer.content["type"]) == (401, "urn:ancora:problem:step-up-needed")
        assert 'error="insufficient_user_authentication", max_age="300"' in answer.headers["www-authenticate"]
        assert not await world.store.load(f"emergency-{emergency}")


async def test_nothing_is_opened_of_whom_one_looks_after_or_of_nobody(world: IntakeWorld) -> None:
    """Half an emergency is none: both records are looked at in one append."""
    person, emergency = await enrolled(world), new_id()
    own = await _opened(world, person, emergency, sub="worker-1", ancora_org="ciac")
    assert (own.status, own.content["type"]) == (409, "urn:ancora:problem:own-person")
    assert (await _opened(world, new_id(), emergency)).status == 404
    assert not await world.store.load(f"emergency-{emergency}")


async def test_what_was_said_in_words_is_sealed(world: IntakeWorld) -> None:
    """I6: the feed has the kind of emergency, and no word of it."""
    person, emergency = await enrolled(world), new_id()
    await _opened(world, person, emergency)
    await world.catch_up()
    wire = b"".join(event.recorded.data for event in await world.store.feed(after=0, limit=100)).decode()
    assert "hospital" in wire
    assert "Inventato" not in wire


async def test_the_record_closes_after_the_hour_and_the_review_is_overdue_after_three_days(
    hours: tuple[IntakeWorld, SimulatedClock],
) -> None:
    """What time does is an event too, and stands in the officer's queue."""
    world, clock = hours
    person, emergency = await enrolled(world), new_id()
    await _opened(world, person, emergency)
    clock.move_to(clock.now() + timedelta(minutes=60))
    late = await world.get(f"/emergency-accesses/{emergency}/beneficiary", **STRANGER)
    assert (late.status, late.content["type"]) == (409, "urn:ancora:problem:emergency-access-over")
    scheduler = Scheduler("intake", world.store, world.commands, TIMERS, clock)
    clock.move_to(clock.now() + timedelta(hours=70))
    assert await scheduler.wake_due() == 0
    clock.move_to(clock.now() + timedelta(hours=2))
    assert await scheduler.wake_due() == 1
    events = (await world.commands.read(EMERGENCY, emergency)).events
    assert isinstance(events[-1], EmergencyReviewOverdue)
    await world.catch_up()
    queue = await world.get("/emergency-accesses?review=overdue", **OFFICER)
    assert [one["emergency_id"] for one in queue.content["items"]] == [str(emergency)]
