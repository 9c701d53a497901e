"""Disclosure over HTTP, in memory and on PostgreSQL behind the second fence; the days that pass, in memory."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from contracts.personal import DataClass
from services._runtime.clock import SimulatedClock, SystemClock, day_of
from services._runtime.ids import new_id
from tests.integration.intake.test_http_in import enrolled
from tests.support.intake_worlds import Answer, IntakeWorld, intake_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PARMA: dict[str, Any] = {
    "sub": "office-1",
    "ancora_role": "municipality",
    "ancora_org": "comune-parma",
    "ancora_purpose": "housing",
}


@pytest.fixture
async def days() -> AsyncIterator[tuple[IntakeWorld, SimulatedClock]]:
    """Give intake in memory and the clock that it goes by."""
    clock = SimulatedClock(SystemClock().now())
    async with intake_world(None, clock) as world:
        yield world, clock


async def _person(world: IntakeWorld) -> UUID:
    """Enrol somebody of whom something of each class is recorded."""
    person = await enrolled(world)
    await world.tell(person, "protection-status", {"status": "refugee", "granted_on": "2020-05-05"})
    await world.tell(person, "vulnerabilities", {"needs": ["torture-or-violence"], "words": "Inventato: dal medico."})
    await world.tell(person, "notes", {"text": "Inventato: preferisce la mattina."})
    return person


async def _authorised(world: IntakeWorld, person: UUID, *classes: str, **changes: object) -> UUID:
    authorisation = new_id()
    told = {
        "authorisation_id": str(authorisation),
        "recipient": "comune-parma",
        "purpose": "housing",
        "classes": classes or ("identity", "contact"),
        "legal_basis": "public-task",
        "expires_on": str(day_of(world.issuer.clock.now()) + timedelta(days=30)),
    }
    await world.tell(person, "disclosures", told | changes)
    return authorisation


async def _nothing(world: IntakeWorld, person: UUID, **claims: Any) -> None:  # noqa: ANN401 - claims of a token
    """Demand that the caller is told what they would be told of a person who is not there."""
    refused, missing = await world.get(f"/beneficiaries/{person}/disclosed", **claims), await _missing(world, **claims)
    assert (refused.status, missing.status) == (404, 404)
    assert {**refused.content, "instance": "", "trace_id": ""} == {**missing.content, "instance": "", "trace_id": ""}
    assert refused.headers.keys() == missing.headers.keys()


async def _missing(world: IntakeWorld, **claims: Any) -> Answer:  # noqa: ANN401 - claims of a token
    return await world.get(f"/beneficiaries/{new_id()}/disclosed", **claims)


async def test_a_recipient_reads_exactly_the_authorised_classes(world: IntakeWorld) -> None:
    """I8: the record itself stays shut, and whatever is of another class is in no part of the answer."""
    person = await _person(world)
    await _nothing(world, person, **PARMA)
    await _authorised(world, person, "identity", "contact")
    read = await world.get(f"/beneficiaries/{person}/disclosed", **PARMA)
    assert (read.status, read.content["classes"]) == (200, ["contact", "identity"])
    assert (read.content["identity"]["family_name"], read.content["contact"]["phone"]) == ("Prova", "+39 000 000000")
    assert [read.content[other] for other in ("protection", "vulnerability", "notes")] == [None] * 3
    assert "Inventato" not in str(read.content)
    assert (await world.get(f"/beneficiaries/{person}", **PARMA)).status == 403
    listed = await world.get(f"/beneficiaries/{person}")
    assert listed.content["record"]["disclosures"][0]["recipient"] == "comune-parma"


async def test_a_name_is_not_told_with_the_protection_alone(world: IntakeWorld) -> None:
    """Each class for itself."""
    person = await _person(world)
    await _authorised(world, person, "protection", "notes")
    read = await world.get(f"/beneficiaries/{person}/disclosed", **PARMA)
    assert (read.content["protection"]["status"], read.content["notes"][0]["text"]) == ("refugee", "Inventato: preferisce la mattina.")
    assert "Prova" not in str(read.content)
    assert (read.content["identity"], read.content["contact"], read.content["documents"]) == (None, None, None)


async def test_for_another_purpose_or_recipient_it_opens_nothing(world: IntakeWorld) -> None:
    """I8: what was authorised for housing is not read for the school, nor by another municipality or organisation."""
    person = await _person(world)
    await _authorised(world, person)
    for other in (
        {"ancora_purpose": "school"},
        {"ancora_org": "comune-fidenza"},
        {"ancora_role": "case-worker", "ancora_org": "less"},
    ):
        await _nothing(world, person, **(PARMA | other))
    assert (await world.get(f"/beneficiaries/{person}/disclosed", **(PARMA | {"ancora_role": "case-worker"}))).status == 200
    assert (await world.get(f"/beneficiaries/{person}/disclosed", **(PARMA | {"ancora_role": "auditor"}))).status == 403


async def test_a_withdrawn_authorisation_opens_nothing_any_more(world: IntakeWorld) -> None:
    """I8: from that moment on; another one, for another purpose, goes on."""
    person = await _person(world)
    authorisation = await _authorised(world, person)
    await _authorised(world, person, "contact", purpose="school")
    await world.tell(person, f"disclosures/{authorisation}/withdrawal", {})
    await _nothing(world, person, **PARMA)
    assert (await world.get(f"/beneficiaries/{person}/disclosed", **(PARMA | {"ancora_purpose": "school"}))).status == 200


async def test_the_person_withdraws_it_themselves(world: IntakeWorld) -> None:
    """And nobody else's."""
    person, other = await _person(world), await _person(world)
    for whose in (person, other):
        await _authorised(world, whose)
    told = (await world.get(f"/beneficiaries/{person}")).content["record"]["disclosures"][0]["authorisation_id"]
    claims: dict[str, Any] = {"ancora_role": "beneficiary", "ancora_org": "ciac", "ancora_person": str(person)}
    withdrawn = await world.post(f"/beneficiaries/{person}/disclosures/{told}/withdrawal", {}, version=6, **claims)
    assert withdrawn.status == 200, withdrawn.content
    assert (await world.post(f"/beneficiaries/{other}/disclosures/{told}/withdrawal", {}, version=6, **claims)).status == 404
    await _nothing(world, person, **PARMA)
    assert (await world.get(f"/beneficiaries/{other}/disclosed", **PARMA)).status == 200
    facts = (await world.get(f"/beneficiaries/{person}")).content["record"]["disclosures"]
    assert facts[-1]["by"] == "the-person"


async def test_it_ends_with_its_last_day(days: tuple[IntakeWorld, SimulatedClock]) -> None:
    """I8: an expired one is answered like none, without anybody's doing."""
    world, clock = days
    person = await _person(world)
    await _authorised(world, person)
    clock.move_to(clock.now() + timedelta(days=30))
    assert (await world.get(f"/beneficiaries/{person}/disclosed", **PARMA)).status == 200
    clock.move_to(clock.now() + timedelta(days=1))
    await _nothing(world, person, **PARMA)


async def test_each_read_is_recorded_with_the_classes_that_it_opened(world: IntakeWorld) -> None:
    """I9: a refused one too, with whom it asked for."""
    person = await _person(world)
    await _authorised(world, person, "identity", "vulnerability")
    await world.get(f"/beneficiaries/{person}/disclosed", **PARMA)
    await world.get(f"/beneficiaries/{person}/disclosed", **(PARMA | {"ancora_purpose": "school"}))
    read, refused = [record for _, record in await world.reads.recorded()]
    assert (read.action, read.subjects) == ("intake.read-disclosed", (person,))
    assert set(read.classes) == {DataClass.IDENTITY, DataClass.VULNERABILITY}
    assert (refused.status, refused.subjects, refused.classes) == (404, (person,), ())
