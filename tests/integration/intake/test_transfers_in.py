"""Transfers over HTTP, in memory and on PostgreSQL behind the second fence; the days that pass, in memory."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from contracts.transfers import TransferAccepted, TransferLapsed
from services._runtime.clock import SimulatedClock, SystemClock
from services._runtime.ids import new_id
from services._runtime.scheduling import Scheduler
from services.intake.app.deciders import PERSON
from services.intake.app.timers import TIMERS
from tests.integration.intake.test_http_in import enrolled
from tests.support.intake_worlds import Answer, IntakeWorld, intake_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

RECEIVER: dict[str, Any] = {"sub": "worker-9", "ancora_org": "cidas"}
THIRD: dict[str, Any] = {"sub": "worker-3", "ancora_org": "arca-di-noe"}
WHY = "Inventato: ha trovato lavoro a Ferrara."


@pytest.fixture
async def days() -> AsyncIterator[tuple[IntakeWorld, SimulatedClock]]:
    """Give intake in memory and the clock that it goes by."""
    clock = SimulatedClock(SystemClock().now())
    async with intake_world(None, clock) as world:
        yield world, clock


async def asked(world: IntakeWorld, person: UUID, **changes: object) -> UUID:
    """Ask C.I.D.A.S. to take a person over; return the transfer's id."""
    transfer = new_id()
    body = {"transfer_id": str(transfer), "receiver": "cidas", "territory": "FE", "municipality": "038008", "reason": WHY}
    await world.tell(person, "transfer-requests", body | changes)
    return transfer


async def version(world: IntakeWorld, person: UUID) -> int:
    """Return the version of a person's stream."""
    return len(await world.store.load(f"person-{person}"))


async def answer(world: IntakeWorld, person: UUID, what: str, transfer: UUID, *, at: int | None = None, **caller: object) -> Answer:
    """Answer or revoke a transfer, at the record's present version where none is told."""
    body = {"transfer_id": str(transfer)} | ({"reason": "Inventato: nessun posto."} if what == "transfer-refusal" else {})
    return await world.post(f"/beneficiaries/{person}/{what}", body, version=at or await version(world, person), **caller)


async def listed(world: IntakeWorld, path: str, **caller: object) -> list[dict[str, Any]]:
    """Return the items of a list that has caught up."""
    await world.catch_up()
    items: list[dict[str, Any]] = (await world.get(path, **caller)).content["items"]
    return items


async def test_a_person_passes_from_one_organisation_to_another(world: IntakeWorld) -> None:
    """I8: until the acceptance the receiver has one row and nothing else; from then on the sender has that row and nothing else."""
    person, bystander = await enrolled(world), await enrolled(world)
    transfer = await asked(world, person)
    (row,) = await listed(world, "/transfers?direction=incoming&status=requested", **RECEIVER)
    assert (row["beneficiary_id"], row["organisation"], row["territory"]) == (str(person), "ciac", "FE")
    assert row.keys() == {
        "beneficiary_id", "transfer_id", "organisation", "receiver", "territory", "status", "requested_on", "lapses_on", "answered_on",
        "version",
    }  # fmt: skip
    assert (await world.get(f"/beneficiaries/{person}", **RECEIVER)).status == 404, "seeing the row is not reading the record"
    assert await listed(world, "/beneficiaries", **RECEIVER) == []

    taken = await answer(world, person, "transfer-acceptance", transfer, at=row["version"], **RECEIVER)
    assert (taken.status, [each["type"] for each in taken.content["events"]]) == (200, ["intake.transfer_accepted"])
    read = await world.get(f"/beneficiaries/{person}", **RECEIVER)
    assert (read.status, read.content["record"]["organisation"], read.content["record"]["territory"]) == (200, "cidas", "FE")
    assert read.content["record"]["identity"]["family_name"] == "Prova"
    assert read.content["record"]["other_municipality"] == "038008"

    assert (await world.get(f"/beneficiaries/{person}")).status == 404
    assert (await world.post(f"/beneficiaries/{person}/notes", {"text": "nota"}, version=4)).status == 404
    assert [each["beneficiary_id"] for each in await listed(world, "/beneficiaries")] == [str(bystander)]
    assert [each["beneficiary_id"] for each in await listed(world, "/beneficiaries", **RECEIVER)] == [str(person)]
    found = await world.post("/beneficiary-searches", {"name": "selam prova"}, **RECEIVER)
    assert [each["beneficiary_id"] for each in found.content["items"]] == [str(person)]
    found = await world.post("/beneficiary-searches", {"name": "selam prova"})
    assert [each["beneficiary_id"] for each in found.content["items"]] == [str(bystander)]
    assert [each["status"] for each in await listed(world, "/transfers?direction=outgoing")] == ["accepted"]


async def test_whom_it_does_not_concern_sees_no_transfer_and_answers_none(world: IntakeWorld) -> None:
    """I8: neither a third organisation nor a municipality; in the words for a record that is not there."""
    person = await enrolled(world)
    transfer = await asked(world, person)
    for stranger in (THIRD, {"ancora_org": "comune-parma", "ancora_role": "case-worker"}):
        assert await listed(world, "/transfers", **stranger) == []
        for what in ("transfer-acceptance", "transfer-refusal", "transfer-revocation"):
            refused, missing = [await answer(world, each, what, transfer, at=3, **stranger) for each in (person, new_id())]
            assert (refused.status, missing.status) == (404, 404)
            assert refused.content["type"] == missing.content["type"] == "urn:ancora:problem:unknown"
    assert await version(world, person) == 3


async def test_only_the_receiver_answers_and_only_the_sender_revokes(world: IntakeWorld) -> None:
    """Each is told who may."""
    person = await enrolled(world)
    transfer = await asked(world, person)
    for what in ("transfer-acceptance", "transfer-refusal"):
        told = await answer(world, person, what, transfer)
        assert (told.status, told.content["type"]) == (409, "urn:ancora:problem:not-the-receiver")
    assert (await answer(world, person, "transfer-revocation", transfer, **RECEIVER)).status == 404
    for what in ("notes", "exit", "transfer-requests"):
        body = {"text": "nota", "reason": "other", "destination": "unknown"}
        assert (await world.post(f"/beneficiaries/{person}/{what}", body, version=3, **RECEIVER)).status in (404, 422)


async def test_a_refusal_says_why_and_leaves_everything_where_it_is(world: IntakeWorld) -> None:
    """The sender reads the reason; the receiver has no more to do with the person."""
    person = await enrolled(world)
    transfer = await asked(world, person)
    assert (await answer(world, person, "transfer-refusal", transfer, **RECEIVER)).status == 200
    read = await world.get(f"/beneficiaries/{person}")
    assert (read.status, read.content["record"]["transfers"][0]["refused_because"]) == (200, "Inventato: nessun posto.")
    late = await answer(world, person, "transfer-acceptance", transfer, **RECEIVER)
    assert late.status == 404, "a declined transfer is accepted never"
    assert [row["status"] for row in await listed(world, "/transfers", **RECEIVER)] == ["declined"]


async def test_a_repeated_answer_has_no_second_effect(world: IntakeWorld) -> None:
    """I4: the same key is answered the same, also when the record has become the caller's meanwhile."""
    person = await enrolled(world)
    transfer = await asked(world, person)
    headers = {"Authorization": f"Bearer {world.issuer.token(**RECEIVER)}", "Idempotency-Key": "once", "If-Match": '"3"'}
    path, body = f"/beneficiaries/{person}/transfer-acceptance", {"transfer_id": str(transfer)}
    first, again = [await world.client.post(path, json=body, headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert await version(world, person) == 4


@pytest.mark.parametrize("rival", ["transfer-revocation", "transfer-refusal"])
async def test_an_acceptance_and_its_rival_at_once_one_wins_and_the_other_is_told_what_it_had_not_seen(
    world: IntakeWorld, rival: str
) -> None:
    """Responsibility is one fact: never both, never neither."""
    person = await enrolled(world)
    transfer = await asked(world, person)
    other = {"sub": "worker-8", "ancora_org": "cidas"} if rival == "transfer-refusal" else {}
    answers = await asyncio.gather(
        answer(world, person, "transfer-acceptance", transfer, at=3, **RECEIVER), answer(world, person, rival, transfer, at=3, **other)
    )
    won = next(each for each in answers if each.status == 200)
    (lost,) = (each for each in answers if each is not won)
    if lost.status == 404:
        # By the time it was looked at, the record was not the caller's to answer any more.
        assert lost.content["type"] == "urn:ancora:problem:unknown"
    else:
        assert lost.content["type"] == "urn:ancora:problem:stale-version"
        assert [each["type"] for each in lost.content["unseen"]] == [won.content["events"][0]["type"]]
    events = [each.recorded.envelope.type for each in await world.store.load(f"person-{person}")]
    assert len(events) == 4
    assert await _answering(world, person) == (["cidas"] if "accepted" in events[-1] else ["ciac"])


async def _answering(world: IntakeWorld, person: UUID) -> list[str]:
    """Return the organisations that the record is opened to."""
    return [code for code in ("ciac", "cidas") if (await world.get(f"/beneficiaries/{person}", ancora_org=code)).status == 200]


async def test_of_what_the_receiver_has_not_seen_it_is_told_no_more_than_the_transfer(world: IntakeWorld) -> None:
    """I8: what the sender records meanwhile makes the version stale, and is not theirs to know."""
    person = await enrolled(world)
    transfer = await asked(world, person)
    await world.tell(person, "vulnerabilities", {"needs": ["torture-or-violence"], "words": "inventato"})
    stale = await answer(world, person, "transfer-acceptance", transfer, at=3, **RECEIVER)
    assert (stale.status, stale.content["type"]) == (412, "urn:ancora:problem:stale-version")
    assert (stale.content["unseen"], stale.content["current_version"]) == ([], 4)
    assert (await answer(world, person, "transfer-acceptance", transfer, at=4, **RECEIVER)).status == 200


async def test_notes_of_an_earlier_organisation_are_withheld_and_counted(world: IntakeWorld) -> None:
    """Everything else is history that the receiver sees; whoever has the person back finds their own notes again."""
    person = await enrolled(world)
    for text in ("prima", "seconda"):
        await world.tell(person, "notes", {"text": text})
    transfer = await asked(world, person)
    await answer(world, person, "transfer-acceptance", transfer, **RECEIVER)
    at = await version(world, person)
    assert (await world.post(f"/beneficiaries/{person}/notes", {"text": "terza"}, version=at, **RECEIVER)).status == 200
    read = await world.get(f"/beneficiaries/{person}", **RECEIVER)
    assert [note["text"] for note in read.content["record"]["notes"]] == ["terza"]
    assert (read.content["withheld_notes"], read.content["record"]["identity"]["family_name"]) == (2, "Prova")

    back = {"transfer_id": str(new_id()), "receiver": "ciac", "territory": "PR", "reason": "Inventato: torna a Parma."}
    path = f"/beneficiaries/{person}/transfer-requests"
    assert (await world.post(path, back, version=await version(world, person), **RECEIVER)).status == 200
    assert (await answer(world, person, "transfer-acceptance", UUID(back["transfer_id"]))).status == 200
    read = await world.get(f"/beneficiaries/{person}")
    assert ([note["text"] for note in read.content["record"]["notes"]], read.content["withheld_notes"]) == (["prima", "seconda"], 1)


async def test_an_authorisation_opens_no_notes_but_those_of_the_responsible_organisation(world: IntakeWorld) -> None:
    """I8: nobody lets others read what they are not shown themselves."""
    person = await enrolled(world)
    await world.tell(person, "notes", {"text": "prima"})
    await answer(world, person, "transfer-acceptance", await asked(world, person), **RECEIVER)
    told = {"recipient": THIRD["ancora_org"], "purpose": "integration", "classes": ["notes"], "legal_basis": "public-task"}
    body = told | {"authorisation_id": str(new_id()), "expires_on": "2198-01-01"}
    for path, said in (("disclosures", body), ("notes", {"text": "seconda"})):
        done = await world.post(f"/beneficiaries/{person}/{path}", said, version=await version(world, person), **RECEIVER)
        assert done.status == 200, done.content
    read = await world.get(f"/beneficiaries/{person}/disclosed", **THIRD)
    assert [note["text"] for note in read.content["notes"]] == ["seconda"]


async def test_an_emergency_shows_what_the_responsible_organisation_would_see(world: IntakeWorld) -> None:
    """Nobody comes by an earlier organisation's notes by way of an emergency."""
    person, emergency = await enrolled(world), new_id()
    await world.tell(person, "notes", {"text": "prima"})
    await answer(world, person, "transfer-acceptance", await asked(world, person), **RECEIVER)
    lately = {"auth_time": int(world.issuer.clock.now().timestamp()) - 10}
    body = {"beneficiary_id": str(person), "ground": "hospital", "words": "Inventato."}
    assert (await world.post(f"/emergency-accesses/{emergency}", body, **THIRD | lately)).status == 201
    read = await world.get(f"/emergency-accesses/{emergency}/beneficiary", **THIRD)
    assert (read.content["record"]["notes"], read.content["withheld_notes"]) == ([], 1)


async def test_reasons_and_places_are_sealed(world: IntakeWorld) -> None:
    """I6: the feed has who asked whom, and no word of why."""
    person = await enrolled(world)
    await answer(world, person, "transfer-refusal", await asked(world, person), **RECEIVER)
    await answer(world, person, "transfer-acceptance", await asked(world, person), **RECEIVER)
    await world.catch_up()
    wire = b"".join(event.recorded.data for event in await world.store.feed(after=0, limit=100)).decode()
    assert "cidas" in wire
    for private in ("Inventato", "038008"):
        assert private not in wire


async def test_a_transfer_that_nobody_answers_lapses_and_no_late_timer_touches_the_next(
    days: tuple[IntakeWorld, SimulatedClock],
) -> None:
    """OpenCRVS: "a rejected action ran later all the same". What time does is an event too."""
    world, clock = days
    person = await enrolled(world)
    transfer = await asked(world, person)
    scheduler = Scheduler("intake", world.store, world.commands, TIMERS, clock)
    clock.move_to(clock.now() + timedelta(days=30))
    assert await scheduler.wake_due() == 0
    clock.move_to(clock.now() + timedelta(days=1))
    late = await answer(world, person, "transfer-acceptance", transfer, **RECEIVER)
    assert (late.status, late.content["type"]) == (409, "urn:ancora:problem:transfer-over"), "whether or not the timer has come"
    assert await scheduler.wake_due() == 1
    events = (await world.commands.read(PERSON, person)).events
    assert isinstance(events[-1], TransferLapsed)
    assert (await answer(world, person, "transfer-acceptance", transfer, **RECEIVER)).status == 404
    again = await asked(world, person)
    assert await scheduler.wake_due() == 0
    assert (await answer(world, person, "transfer-acceptance", again, **RECEIVER)).status == 200
    clock.move_to(clock.now() + timedelta(days=40))
    assert await scheduler.wake_due() == 0, "an answer settles its timer"
    assert isinstance((await world.commands.read(PERSON, person)).events[-1], TransferAccepted)
