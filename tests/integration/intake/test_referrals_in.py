"""Referrals over HTTP, in memory and on PostgreSQL; the days that pass, in memory."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from contracts.erasure_codes import Holder
from contracts.personal import DataClass
from contracts.referrals import ReferralDataErased, ReferralUnanswered
from services._runtime.clock import SimulatedClock, SystemClock, day_of
from services._runtime.decider import Context
from services._runtime.erasing.destroying import ACKNOWLEDGEMENT
from services._runtime.handling import Step
from services._runtime.ids import new_id
from services._runtime.scheduling import Scheduler
from services.intake.app.deciders import PERSON
from services.intake.app.referrals import REFERRAL
from services.intake.app.timers import TIMERS
from services.intake.domain.commands import ReadmitBeneficiary
from tests.integration.intake.test_http_in import ENROLMENT
from tests.support.intake_worlds import Answer, IntakeWorld, intake_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PARMA: dict[str, Any] = {"sub": "office-1", "ancora_role": "municipality", "ancora_org": "comune-parma"}
FIDENZA: dict[str, Any] = {"sub": "office-2", "ancora_role": "municipality", "ancora_org": "comune-fidenza"}
BOLOGNA: dict[str, Any] = {"sub": "worker-9", "ancora_org": "arca-di-noe"}
WHO = {"given_names": "Selam", "family_name": "Prova", "languages": ["ti"], "phone": "+39 000 000000"}
WHY = "Inventato: cerca casa da settembre."
NOTICE = {"notice_version": "2021-1", "language": "ti", "how": "orally", "mediator": True}


@pytest.fixture
async def days() -> AsyncIterator[tuple[IntakeWorld, SimulatedClock]]:
    """Give intake in memory and the clock that it goes by."""
    clock = SimulatedClock(SystemClock().now())
    async with intake_world(None, clock) as world:
        yield world, clock


async def _referred(world: IntakeWorld, **claims: object) -> UUID:
    referral = new_id()
    told = {"by": "municipality", "organisation": "ciac", "person": WHO, "reason": WHY}
    answer = await world.post(f"/referrals/{referral}", told, **(claims or PARMA))
    assert answer.status == 201, answer.content
    return referral


def _same(one: Answer, other: Answer) -> bool:
    return {**one.content, "instance": "", "trace_id": ""} == {**other.content, "instance": "", "trace_id": ""}


async def test_a_municipality_refers_and_an_organisation_accepts(world: IntakeWorld) -> None:
    """The whole way: referred, read, accepted; then the notice, and the record names where it comes from."""
    referral = await _referred(world)
    read = await world.get(f"/referrals/{referral}")
    assert (read.status, read.content["person"]["family_name"], read.content["why"]) == (200, "Prova", WHY)
    assert read.content["beneficiary_id"] is None, "nobody knows the id before there is a record"
    accepted = await world.post(f"/referrals/{referral}/acceptance", {}, version=1)
    assert accepted.status == 200, accepted.content
    (begun,) = accepted.content["related"]
    person = UUID(begun["stream"].removeprefix("person-"))
    assert (await world.get(f"/referrals/{referral}")).content["beneficiary_id"] == str(person)
    assert (await world.get(f"/beneficiaries/{person}")).content["status"] == "referred"
    await world.tell(person, "privacy-notices", NOTICE)
    told = await world.get(f"/beneficiaries/{person}")
    assert (told.content["status"], told.content["referral_id"]) == ("informed", str(referral))


async def test_its_sender_sees_how_far_it_is_and_nothing_of_the_person_once_accepted(world: IntakeWorld) -> None:
    """I8: what was sent may be read again until the organisation takes the person; from then on they are in its care alone."""
    referral = await _referred(world)
    assert (await world.get(f"/referrals/{referral}", **PARMA)).content["person"]["family_name"] == "Prova"
    await world.post(f"/referrals/{referral}/acceptance", {}, version=1)
    told = await world.get(f"/referrals/{referral}", **PARMA)
    assert (told.content["status"], told.content["beneficiary_id"], told.content["person"], told.content["why"]) == (
        *("accepted", None),
        *(None, None),
    )
    await world.catch_up()
    (own,) = (await world.get("/referrals", **PARMA)).content["items"]
    assert (own["status"], own["beneficiary_id"]) == ("accepted", None)
    (theirs,) = (await world.get("/referrals?status=accepted")).content["items"]
    assert theirs["beneficiary_id"] is not None
    assert (await world.get("/referrals?status=declined")).content["items"] == []


async def test_another_municipality_or_organisation_gets_what_it_would_get_of_none(world: IntakeWorld) -> None:
    """I8: Fidenza is in the same province; neither reads, lists, nor answers it, and an id that is taken tells nothing."""
    referral = await _referred(world)
    await world.catch_up()
    for stranger in (FIDENZA, BOLOGNA):
        refused, missing = await world.get(f"/referrals/{referral}", **stranger), await world.get(f"/referrals/{new_id()}", **stranger)
        assert (refused.status, missing.status) == (404, 404)
        assert _same(refused, missing)
        assert (await world.get("/referrals", **stranger)).content["items"] == []
    for answer, body in (("acceptance", {}), ("refusal", {"reason": "other"})):
        assert (await world.post(f"/referrals/{referral}/{answer}", body, version=1, **BOLOGNA)).status == 404
        assert (await world.post(f"/referrals/{referral}/{answer}", body, version=1, **PARMA)).status == 403
    told = {"by": "municipality", "organisation": "ciac", "person": WHO, "reason": WHY}
    assert (await world.post(f"/referrals/{referral}", told, **FIDENZA)).status == 404
    again = await world.post(f"/referrals/{referral}", told, **PARMA)
    assert (again.status, again.content["type"]) == (409, "urn:ancora:problem:referral-exists")


async def test_a_refusal_says_why_to_both(world: IntakeWorld) -> None:
    """As a code in the list, and in words where it is opened."""
    referral = await _referred(world)
    declined = await world.post(f"/referrals/{referral}/refusal", {"reason": "no-capacity", "words": "Inventato: pieno."}, version=1)
    assert declined.status == 200, declined.content
    for party in ({}, PARMA):
        told = (await world.get(f"/referrals/{referral}", **party)).content
        assert (told["status"], told["reason"], told["words"]) == ("declined", "no-capacity", "Inventato: pieno.")
    late = await world.post(f"/referrals/{referral}/acceptance", {}, version=2)
    assert (late.status, late.content["type"]) == (409, "urn:ancora:problem:referral-answered")


async def test_a_municipality_refers_to_nobody_outside_its_province(world: IntakeWorld) -> None:
    """And is told so."""
    told = {"by": "municipality", "organisation": "less", "person": WHO, "reason": WHY}
    answer = await world.post(f"/referrals/{new_id()}", told, **PARMA)
    assert (answer.status, answer.content["type"]) == (409, "urn:ancora:problem:outside-territory")


async def test_what_is_said_of_the_person_is_sealed_and_its_reads_are_recorded(world: IntakeWorld) -> None:
    """I6, I9: the feed names nobody; who read which classes stands in the record, under the id the person will have."""
    referral = await _referred(world)
    await world.get(f"/referrals/{referral}")
    await world.post(f"/referrals/{referral}/acceptance", {}, version=1)
    await world.get(f"/referrals/{referral}", **PARMA)
    await world.catch_up()
    wire = b"".join(event.recorded.data for event in await world.store.feed(after=0, limit=100)).decode()
    assert "municipality" in wire
    assert not any(word in wire for word in ("Inventato", "Prova", "Selam", "+39"))
    first, second = [record for _, record in await world.reads.recorded()]
    assert set(first.classes) == {DataClass.IDENTITY, DataClass.CONTACT, DataClass.NOTES}
    assert (second.classes, second.subjects) == ((), first.subjects)


async def test_time_notices_what_is_unanswered_and_forgets_what_was_declined(days: tuple[IntakeWorld, SimulatedClock]) -> None:
    """I7: fifteen days for an answer; thirty after a refusal what was said is unreadable, here and once a backup is put back."""
    world, clock = days
    referral = await _referred(world)
    scheduler = Scheduler("intake", world.store, world.commands, TIMERS, clock)
    clock.move_to(clock.now() + timedelta(days=15))
    assert await scheduler.wake_due() == 0
    clock.move_to(clock.now() + timedelta(days=1))
    assert await scheduler.wake_due() == 1
    assert isinstance((await world.commands.read(REFERRAL, referral)).events[-1], ReferralUnanswered)
    assert (await world.get(f"/referrals/{referral}")).content["status"] == "unanswered"
    await world.post(f"/referrals/{referral}/refusal", {"reason": "person-unwilling"}, version=2)
    clock.move_to(clock.now() + timedelta(days=30))
    assert await scheduler.wake_due() == 0
    assert (await world.get(f"/referrals/{referral}")).content["person"]["family_name"] == "Prova"
    clock.move_to(clock.now() + timedelta(days=1))
    assert await scheduler.wake_due() == 1
    opened = await world.commands.read(REFERRAL, referral)
    assert isinstance(opened.events[-1], ReferralDataErased)
    told = (await world.get(f"/referrals/{referral}")).content
    assert (told["status"], told["person"]["family_name"], told["why"]) == ("declined", None, None)
    said = (await world.commands.read(ACKNOWLEDGEMENT, opened.events[-1].beneficiary_id)).state.event
    assert said is not None
    assert said.type_name == f"{Holder.INTAKE}.erasure_acknowledged"


async def test_an_answered_referral_is_not_noticed_and_an_accepted_one_is_kept(days: tuple[IntakeWorld, SimulatedClock]) -> None:
    """What it says is the beginning of the person's record."""
    world, clock = days
    referral = await _referred(world)
    await world.post(f"/referrals/{referral}/acceptance", {}, version=1)
    clock.move_to(clock.now() + timedelta(days=60))
    assert await Scheduler("intake", world.store, world.commands, TIMERS, clock).wake_due() == 0
    assert (await world.get(f"/referrals/{referral}")).content["person"]["family_name"] == "Prova"


async def test_what_was_said_moves_on_with_whoever_answers_for_the_person(world: IntakeWorld) -> None:
    """I8: once another organisation took them into care again, who received the referral is told that it accepted it, and no more."""
    referral = await _referred(world)
    accepted = await world.post(f"/referrals/{referral}/acceptance", {}, version=1)
    person = UUID(accepted.content["related"][0]["stream"].removeprefix("person-"))
    await world.tell(person, "privacy-notices", NOTICE)
    await world.tell(person, "enrolment", ENROLMENT)
    assert (await world.get(f"/referrals/{referral}")).content["person"]["family_name"] == "Prova"
    await world.tell(person, "exit", {"reason": "moved-away", "destination": "own-home"})
    elsewhere = ReadmitBeneficiary(beneficiary_id=person, organisation="arca-di-noe", territory="BO", municipality=None)
    now = world.issuer.clock.now()
    context = Context(
        actor="worker-9",
        organisation="arca-di-noe",
        role="case-worker",
        purpose="care",
        correlation=new_id(),
        now=now,
        occurred_on=day_of(now),
    )
    await world.commands.execute(Step(PERSON, person, elsewhere), context=context)
    told = await world.get(f"/referrals/{referral}")
    assert (told.status, told.headers["etag"], told.content["status"], told.content["person"]) == (200, '"2"', "accepted", None)


async def test_an_erasure_of_the_person_reaches_the_referral(world: IntakeWorld) -> None:
    """I7: it was sealed under the id that became theirs."""
    referral = await _referred(world)
    accepted = await world.post(f"/referrals/{referral}/acceptance", {}, version=1)
    person = UUID(accepted.content["related"][0]["stream"].removeprefix("person-"))
    await world.commands.destruction.destroy(person)
    told = (await world.get(f"/referrals/{referral}")).content
    assert (told["status"], told["person"]["family_name"], told["why"]) == ("accepted", None, None)
