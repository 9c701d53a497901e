"""Comparing with another organisation's record over HTTP, in memory and on PostgreSQL behind the second fence; the days, in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.personal import DataClass
from services._runtime.clock import SimulatedClock, SystemClock
from services._runtime.ids import new_id
from tests.integration.intake.test_duplicates import WHO, WHY, enrolling, looked_for, recorded
from tests.support.intake_worlds import Answer, IntakeWorld, intake_world

OURS: dict[str, Any] = {}
THEIRS: dict[str, Any] = {"sub": "worker-2", "ancora_org": "less"}
THIRD: dict[str, Any] = {"sub": "worker-3", "ancora_org": "ics"}
REQUEST, AGREEMENT, REFUSAL = (f"duplicate-comparison-{each}" for each in ("requests", "agreements", "refusals"))


@pytest.fixture
async def days() -> AsyncIterator[tuple[IntakeWorld, SimulatedClock]]:
    """Give intake in memory and the clock that it goes by."""
    clock = SimulatedClock(SystemClock().now())
    async with intake_world(None, clock) as world:
        yield world, clock


async def two_records(world: IntakeWorld) -> tuple[UUID, UUID]:
    """Return a person's record with us, and their second one, which another organisation enrolled undecided."""
    ours, theirs = await recorded(world), new_id()
    (candidate,) = await looked_for(world, **THEIRS)
    said = {"reference": candidate["reference"], "decision": "undecided", "reason": WHY}
    answer = await enrolling(world, theirs, said, **THEIRS)
    assert answer.status == 200, answer.content
    await world.catch_up()
    return ours, theirs


async def reference_on(world: IntakeWorld, record: UUID, **claims: Any) -> str:  # noqa: ANN401 - claims of a token
    """Return the reference of the one suspicion on a record."""
    (suspicion,) = (await world.get(f"/beneficiaries/{record}", **claims)).content["record"]["duplicates"]["suspicions"]
    return str(suspicion["reference"])


async def say(world: IntakeWorld, record: UUID, what: str, *, by: dict[str, Any], **body: object) -> Answer:
    """Send what an organisation says of the comparison, on its record at its present version."""
    version = len(await world.store.load(f"person-{record}"))
    reference = body.pop("reference", None) or await reference_on(world, record, **by)
    return await world.post(f"/beneficiaries/{record}/{what}", {"reference": reference, **body}, version=version, **by)


async def asked(world: IntakeWorld) -> tuple[UUID, UUID]:
    """Return two records of which the second's organisation has asked to compare them."""
    ours, theirs = await two_records(world)
    answer = await say(world, theirs, REQUEST, by=THEIRS)
    assert answer.status == 200, answer.content
    return ours, theirs


async def agreed(world: IntakeWorld) -> tuple[UUID, UUID]:
    """Return two records of which both organisations agreed to compare them."""
    ours, theirs = await asked(world)
    answer = await say(world, ours, AGREEMENT, by=OURS)
    assert answer.status == 200, answer.content
    return ours, theirs


async def comparison(world: IntakeWorld, record: UUID, *, by: dict[str, Any]) -> dict[str, Any]:
    """Return the comparison as an organisation sees it on its record."""
    answer = await world.get(f"/beneficiaries/{record}/duplicate-comparisons/{await reference_on(world, record, **by)}", **by)
    assert answer.status == 200, answer.content
    content: dict[str, Any] = answer.content
    return content


async def _closed(world: IntakeWorld, record: UUID, status: str, *, by: dict[str, Any], name: str) -> None:
    """Demand that an organisation sees where the comparison stands and nothing of who the other record's person is."""
    read = await comparison(world, record, by=by)
    assert (read["status"], read["explanation"]) == (status, None)
    assert name not in str((await world.get(f"/beneficiaries/{record}", **by)).content)


async def test_until_both_agree_neither_sees_anything(world: IntakeWorld) -> None:
    """I8: asking opens nothing, neither to who asks nor to who is asked; who was asked is told of a reference, a band, an organisation."""
    ours, theirs = await asked(world)
    await _closed(world, theirs, "requested", by=THEIRS, name="Mohammed Lamin")
    await _closed(world, ours, "requested", by=OURS, name="Muhammad Lamine")
    (suspicion,) = (await world.get(f"/beneficiaries/{ours}")).content["record"]["duplicates"]["suspicions"]
    assert (suspicion["organisation"], suspicion["band"], suspicion["other"], suspicion["fields"]) == ("less", "very-likely", None, None)
    assert str(theirs) not in str((await world.get(f"/beneficiaries/{ours}")).content)


async def test_no_receipt_tells_which_record_the_other_one_is(world: IntakeWorld) -> None:
    """I8: what was stored on it, the organisation that answers for it sees there; a repeated command is answered alike."""
    ours, theirs = await two_records(world)
    requested = await say(world, theirs, REQUEST, by=THEIRS)
    agreement = await say(world, ours, AGREEMENT, by=OURS)
    for answer, own, other in ((requested, theirs, ours), (agreement, ours, theirs)):
        assert (answer.status, answer.content["stream"], answer.content["related"]) == (200, f"person-{own}", [])
        assert str(other) not in str(answer.content)
    refused = await say(world, theirs, REQUEST, by=THEIRS)
    assert refused.content["type"].endswith(":comparison-runs")
    assert str(ours) not in str(refused.content)


async def test_after_both_agreed_both_see_who_is_recorded_and_how_each_field_compares(world: IntakeWorld) -> None:
    """I8: who they are, and nothing else of the other record; it tells what to do next."""
    ours, theirs = await agreed(world)
    for record, by, own, other in ((ours, OURS, "Mohammed Lamin", "Inventato"), (theirs, THEIRS, "Inventato", "Mohammed Lamin")):
        read = await comparison(world, record, by=by)
        told = read["explanation"]
        assert (read["status"], told["own"]["given_names"], told["other"]["given_names"]) == ("agreed", own, other)
        assert told["other"].keys() == {"sex", "given_names", "family_name", "birth_date", "birth_date_precision", "citizenship"}
        assert (told["fields"]["birth_date"], told["fields"]["given_names"], told["fields"]["tax_code"]) == ("match", "close", "blank")
        assert told["score"] > 0.9
        assert "transfer-requests" in told["afterwards"]
        assert "+39" not in str(read), "how they are reached is nobody else's"
        assert str(theirs if record == ours else ours) not in str(read)
    answer = await world.get(f"/beneficiaries/{ours}/duplicate-comparisons/{await reference_on(world, ours)}")
    assert answer.headers["etag"] == f'"{len(await world.store.load(f"person-{ours}"))}"', "the own record's, by which one decides"


async def test_each_read_of_a_comparison_is_recorded_with_both_persons(world: IntakeWorld) -> None:
    """I9: before it was agreed, the own record alone, and no class of it."""
    ours, theirs = await asked(world)
    await comparison(world, theirs, by=THEIRS)
    before = (await world.reads.recorded())[-1][1]
    assert (before.action, set(before.subjects), before.classes) == ("intake.read-comparison", {theirs}, ())
    await say(world, ours, AGREEMENT, by=OURS)
    await comparison(world, theirs, by=THEIRS)
    read = (await world.reads.recorded())[-1][1]
    assert (read.action, set(read.subjects), read.classes) == ("intake.read-comparison", {ours, theirs}, (DataClass.IDENTITY,))


async def test_a_declined_comparison_stays_closed_and_says_why(world: IntakeWorld) -> None:
    """I8: to both; whoever asked is told the reason, on their own record."""
    ours, theirs = await asked(world)
    declined = await say(world, ours, REFUSAL, by=OURS, reason=WHY)
    assert declined.status == 200, declined.content
    await _closed(world, theirs, "declined", by=THEIRS, name="Mohammed Lamin")
    await _closed(world, ours, "declined", by=OURS, name="Muhammad Lamine")
    (known,) = (await world.get(f"/beneficiaries/{theirs}", **THEIRS)).content["record"]["duplicates"]["comparisons"]
    assert (known["declined_because"], known["other"]) == (WHY, None)
    assert (await say(world, ours, AGREEMENT, by=OURS)).content["type"].endswith(":comparison-over")


@pytest.mark.parametrize("who", ["asked", "agreed"])
async def test_either_takes_its_agreement_back_and_both_records_are_closed_at_once(world: IntakeWorld, who: str) -> None:
    """I8: before the last day. The one that asked, or the one that agreed; they may ask anew."""
    ours, theirs = await agreed(world)
    assert (await comparison(world, ours, by=OURS))["explanation"] is not None
    record, by = (theirs, THEIRS) if who == "asked" else (ours, OURS)
    closed = await say(world, record, REFUSAL, by=by, reason=WHY)
    assert closed.status == 200, closed.content
    await _closed(world, theirs, "declined", by=THEIRS, name="Mohammed Lamin")
    await _closed(world, ours, "declined", by=OURS, name="Muhammad Lamine")
    assert (await say(world, record, REFUSAL, by=by, reason=WHY)).content["type"].endswith(":comparison-over")
    assert (await say(world, theirs, REQUEST, by=THEIRS)).status == 200
    assert (await say(world, ours, AGREEMENT, by=OURS)).status == 200
    assert (await comparison(world, theirs, by=THEIRS))["explanation"] is not None


async def test_a_request_is_taken_back(world: IntakeWorld) -> None:
    """By the organisation that asked, before it is answered."""
    ours, theirs = await asked(world)
    assert (await say(world, theirs, REFUSAL, by=THEIRS, reason=WHY)).status == 200
    assert (await say(world, ours, AGREEMENT, by=OURS)).content["type"].endswith(":comparison-over")


async def test_nobody_agrees_for_the_other_and_a_third_organisation_gets_nothing(world: IntakeWorld) -> None:
    """I8: the one that asked has no answer to give; to a third both records, and what is compared, are as if they were not there."""
    ours, theirs = await asked(world)
    mine = await reference_on(world, theirs, **THEIRS)
    assert (await say(world, theirs, AGREEMENT, by=THEIRS)).content["type"].endswith(":not-the-one-asked")
    await say(world, ours, AGREEMENT, by=OURS)
    for record, by in ((ours, THIRD), (theirs, THIRD), (ours, THEIRS), (theirs, OURS)):
        for reference in (mine, await reference_on(world, ours)):
            answer = await world.get(f"/beneficiaries/{record}/duplicate-comparisons/{reference}", **by)
            assert answer.content["type"] == "urn:ancora:problem:unknown", answer.content
        refused = await say(world, record, AGREEMENT, by=by, reference=mine)
        assert refused.content["type"] == "urn:ancora:problem:unknown", refused.content
    assert (await world.get(f"/beneficiaries/{ours}", **THEIRS)).status == 404
    assert (await world.get(f"/beneficiaries/{ours}/disclosed", **THEIRS)).status == 404


async def test_both_find_the_comparison_in_their_list_and_nobody_else_does(world: IntakeWorld) -> None:
    """Each under its own person and its own reference, nobody named."""
    ours, theirs = await asked(world)
    await world.catch_up()
    for record, by, other in ((ours, OURS, "less"), (theirs, THEIRS, "ciac")):
        (item,) = (await world.get("/duplicate-comparisons", **by)).content["items"]
        assert (item["beneficiary_id"], item["reference"]) == (str(record), await reference_on(world, record, **by))
        assert (item["other_organisation"], item["asked_by"], item["status"]) == (other, "less", "requested")
    assert (await world.get("/duplicate-comparisons", **THIRD)).content["items"] == []
    assert (await world.get("/duplicate-comparisons?since=2021-01-01", **OURS)).content["count"] == 1
    assert (await world.get("/duplicate-comparisons?until=2020-01-01", **OURS)).content["count"] == 0


async def test_each_may_dismiss_after_it_has_seen(world: IntakeWorld) -> None:
    """Also who was asked, and had suspected nobody before."""
    ours, theirs = await agreed(world)
    for record, by in ((ours, OURS), (theirs, THEIRS)):
        answer = await say(world, record, "duplicate-dismissals", by=by, reason=WHY)
        assert answer.status == 200, answer.content
    await world.catch_up()
    assert await looked_for(world, beneficiary_id=str(ours), **OURS) == []


async def test_one_person_goes_on_by_a_transfer_and_the_confirmation_that_there_is(world: IntakeWorld) -> None:
    """As the answer says: once both records are one organisation's, it confirms them as its own."""
    ours, theirs = await agreed(world)
    transfer = {"transfer_id": str(new_id()), "receiver": "ciac", "territory": "PR", "reason": WHY}
    version = len(await world.store.load(f"person-{theirs}"))
    assert (await world.post(f"/beneficiaries/{theirs}/transfer-requests", transfer, version=version, **THEIRS)).status == 200
    accepted = {"transfer_id": transfer["transfer_id"]}
    assert (await world.post(f"/beneficiaries/{theirs}/transfer-acceptance", accepted, version=version + 1, **OURS)).status == 200
    body = {"other_id": str(theirs), "survivor_id": str(ours), "reason": WHY}
    version = len(await world.store.load(f"person-{ours}"))
    confirmed = await world.post(f"/beneficiaries/{ours}/duplicate-confirmations", body, version=version, **OURS)
    assert confirmed.status == 200, confirmed.content


async def test_with_the_last_day_both_records_are_closed_again(days: tuple[IntakeWorld, SimulatedClock]) -> None:
    """I8: without anybody's doing; a request that nobody answered lapses the same way."""
    world, clock = days
    ours, theirs = await agreed(world)
    clock.move_to(clock.now() + timedelta(days=14))
    for record, by in ((ours, OURS), (theirs, THEIRS)):
        assert (await comparison(world, record, by=by))["explanation"] is not None
    clock.move_to(clock.now() + timedelta(days=1))
    await _closed(world, theirs, "over", by=THEIRS, name="Mohammed Lamin")
    await _closed(world, ours, "over", by=OURS, name="Muhammad Lamine")


async def test_a_request_that_nobody_answered_lapses(days: tuple[IntakeWorld, SimulatedClock]) -> None:
    """One may ask anew then."""
    world, clock = days
    ours, theirs = await asked(world)
    clock.move_to(clock.now() + timedelta(days=31))
    await _closed(world, theirs, "lapsed", by=THEIRS, name="Mohammed Lamin")
    assert (await say(world, ours, AGREEMENT, by=OURS)).content["type"].endswith(":comparison-over")
    assert (await say(world, theirs, REQUEST, by=THEIRS)).status == 200


async def test_whoever_gets_a_record_later_has_agreed_to_nothing(world: IntakeWorld) -> None:
    """I8: the other record stays closed to the organisation that took one of both over."""
    _, theirs = await agreed(world)
    transfer = {"transfer_id": str(new_id()), "receiver": "ics", "territory": "PR", "reason": WHY}
    version = len(await world.store.load(f"person-{theirs}"))
    await world.post(f"/beneficiaries/{theirs}/transfer-requests", transfer, version=version, **THEIRS)
    accepted = {"transfer_id": transfer["transfer_id"]}
    moved = await world.post(f"/beneficiaries/{theirs}/transfer-acceptance", accepted, version=version + 1, **THIRD)
    assert moved.status == 200, moved.content
    read = await comparison(world, theirs, by=THIRD)
    assert read["explanation"] is None


async def test_what_is_asked_for_without_a_suspicion_is_refused(world: IntakeWorld) -> None:
    """A reference that is nobody's, on a record like nobody's."""
    ours = await recorded(world, WHO)
    for what, code in ((REQUEST, "not-suspected"), (AGREEMENT, "unknown-comparison"), (REFUSAL, "unknown-comparison")):
        more = {"reason": WHY} if what == REFUSAL else {}
        answer = await say(world, ours, what, by=OURS, reference=str(new_id()), **more)
        assert answer.content["type"].endswith(f":{code}"), answer.content
