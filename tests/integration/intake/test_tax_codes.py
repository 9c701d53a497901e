"""A codice fiscale is one person's: over HTTP, in memory and on PostgreSQL."""

from __future__ import annotations

import asyncio

from services._runtime.ids import new_id
from tests.integration.intake.test_http_in import ENROLMENT, NOTICE, enrolled
from tests.support.intake_worlds import IntakeWorld

CODE = "RSSMRA80A01H501U"
BY_OMOCODIA = "RSSMRA80A01H50MM"
"""The same code with its last digit replaced by a letter, as the Agenzia does where two persons would have one code."""
PROVISIONAL = "00000010009"


async def test_of_two_enrolments_with_the_same_code_at_once_exactly_one_is_carried_out(world: IntakeWorld) -> None:
    """Whichever form the code is written in; the refusal says nothing of who has it."""
    persons = [new_id() for _ in range(6)]
    for person in persons:
        await world.tell(person, "privacy-notices", NOTICE)
    codes = [CODE, BY_OMOCODIA, CODE.lower()] * 2

    answers = await asyncio.gather(
        *(
            world.post(f"/beneficiaries/{person}/enrolment", ENROLMENT | {"tax_code": code}, version=1)
            for person, code in zip(persons, codes, strict=True)
        )
    )

    assert sorted(answer.status for answer in answers) == [200, 409, 409, 409, 409, 409]
    refused = [answer.content for answer in answers if answer.status == 409]
    assert {told["type"] for told in refused} == {"urn:ancora:problem:tax-code-taken"}
    winner = persons[[answer.status for answer in answers].index(200)]
    assert all(str(winner) not in str(told) and CODE not in str(told) for told in refused)


async def test_the_refusal_is_the_same_whether_the_other_person_is_of_ones_own_organisation_or_not(world: IntakeWorld) -> None:
    """I8: nothing is said of another organisation's persons but that the code is taken."""
    await enrolled(world, tax_code=CODE)
    told = []
    for organisation in ("ciac", "elsewhere"):
        person = new_id()
        await world.post(f"/beneficiaries/{person}/privacy-notices", NOTICE, ancora_org=organisation)
        body = ENROLMENT | {"tax_code": CODE}
        answer = await world.post(f"/beneficiaries/{person}/enrolment", body, version=1, ancora_org=organisation)
        told.append((answer.status, {name: answer.content[name] for name in ("type", "title", "detail")}))
    assert told[0] == told[1]
    assert told[0][0] == 409


async def test_a_provisional_code_is_unique_and_free_again_once_the_definitive_one_is_known(world: IntakeWorld) -> None:
    """The reservation moves with the record: what the person no longer has, another may have."""
    first = await enrolled(world, tax_code=PROVISIONAL)
    second = await enrolled(world)
    taken = await world.post(f"/beneficiaries/{second}/tax-code", {"tax_code": PROVISIONAL}, version=2)
    assert (taken.status, taken.content["type"]) == (409, "urn:ancora:problem:tax-code-taken")

    await world.tell(first, "tax-code", {"tax_code": CODE})
    await world.tell(second, "tax-code", {"tax_code": PROVISIONAL})

    also = await world.post(f"/beneficiaries/{second}/tax-code", {"tax_code": BY_OMOCODIA}, version=3)
    assert also.content["type"] == "urn:ancora:problem:tax-code-taken"


async def test_who_has_left_care_keeps_their_code(world: IntakeWorld) -> None:
    """A person who comes back is found, not enrolled anew under another id."""
    person = await enrolled(world, tax_code=CODE)
    await world.tell(person, "exit", {"reason": "moved-away", "destination": "own-home", "occurred_on": "2021-06-01"})
    other = new_id()
    await world.tell(other, "privacy-notices", NOTICE)
    answer = await world.post(f"/beneficiaries/{other}/enrolment", ENROLMENT | {"tax_code": CODE}, version=1)
    assert answer.status == 409
