"""A household that is transferred together: asked for and answered person by person, and one household again at the receiver's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services._runtime.ids import new_id
from tests.integration.intake.test_bulk_transfers_in import COORDINATOR, TARGET, ask, codes
from tests.integration.intake.test_http_in import IDENTITY, enrolled
from tests.integration.intake.test_transfers_in import RECEIVER

if TYPE_CHECKING:
    from uuid import UUID

    from tests.support.intake_worlds import IntakeWorld

OTHERS = (("Omar", "Altro", "1975-05-06"), ("Hana", "Terza", "2015-02-03"))


async def a_household(world: IntakeWorld) -> tuple[UUID, list[UUID]]:
    """Enrol three persons, two of whom are a household; return it, and them."""
    household = new_id()
    assert (await world.post(f"/households/{household}", {"territory": "PR"})).status == 201
    persons = [await enrolled(world)]
    for given, family, born in OTHERS:
        who = IDENTITY | {"given_names": given, "family_name": family, "birth_date": born, "birth_date_precision": "day"}
        persons.append(await enrolled(world, identity=who))
    for person, relation in zip(persons[:2], ("head", "partner"), strict=True):
        await world.tell(person, "household", {"household_id": str(household), "relation": relation})
    await world.catch_up()
    return household, persons


async def accepted(world: IntakeWorld, person: UUID, transfer_id: str, **claims: object) -> dict[str, Any]:
    """Let the receiver take a person over; return the receipt."""
    version = len(await world.store.load(f"person-{person}"))
    body = {"transfer_id": transfer_id}
    answer = await world.post(f"/beneficiaries/{person}/transfer-acceptance", body, version=version, **RECEIVER | claims)
    assert answer.status == 200, answer.content
    receipt: dict[str, Any] = answer.content
    return receipt


async def test_a_household_is_asked_for_by_its_id_and_answered_person_by_person(world: IntakeWorld) -> None:
    """Its members and nobody else; the caseload lists them by it."""
    household, (head, partner, outside) = await a_household(world)
    listed = (await world.get(f"/beneficiaries?household_id={household}")).content
    assert ({one["beneficiary_id"] for one in listed["items"]}, listed["count"]) == ({str(head), str(partner)}, 2)
    preview = await world.post("/transfer-previews", TARGET | {"household_id": str(household)}, **COORDINATOR)
    told = await ask(world, "household-1", None, household_id=str(household))
    for items in (preview.content["items"], told["items"]):
        assert {one["beneficiary_id"] for one in items} == {str(head), str(partner)}
        assert codes(items) == [None, None]
    assert len(await world.store.load(f"person-{outside}")) == 2
    both = TARGET | {"household_id": str(household), "beneficiary_ids": [str(head)]}
    assert (await world.post("/transfer-previews", both, **COORDINATOR)).status == 422
    theirs = await world.post("/transfer-previews", TARGET | {"household_id": str(household)}, **COORDINATOR | {"ancora_org": "caritas"})
    assert theirs.content["items"] == [], "I8: of another organisation's household nobody is told"


async def test_members_who_are_taken_over_are_one_household_again_at_the_receivers(world: IntakeWorld) -> None:
    """The first forms it, the second joins; what each is in it stays; the one they left stays with whoever formed it."""
    household, (head, partner, _) = await a_household(world)
    told = await ask(world, "household-1", None, household_id=str(household))
    transfers = {one["beneficiary_id"]: one["transfer_id"] for one in told["items"]}
    first = await accepted(world, head, transfers[str(head)])
    second = await accepted(world, partner, transfers[str(partner)])
    assert [event["type"] for event in first["events"]] == ["intake.transfer_accepted", "intake.household_linked"]
    assert [event["type"] for stream in first["related"] for event in stream["events"]] == ["intake.household_formed"]
    assert second["related"] == []
    records = [(await world.get(f"/beneficiaries/{each}", **RECEIVER)).content["record"]["household"] for each in (head, partner)]
    assert [one["relation"] for one in records] == ["head", "partner"]
    (theirs,) = {one["household_id"] for one in records}
    assert theirs != str(household)
    formed = await world.get(f"/households/{theirs}", **RECEIVER)
    assert (formed.content["organisation"], formed.content["territory"]) == ("cidas", "FE")
    assert (await world.get(f"/households/{household}", **RECEIVER)).status == 404
    assert (await world.get(f"/households/{household}")).status == 200


async def test_only_the_receivers_answer_forms_a_household(world: IntakeWorld) -> None:
    """A third organisation's answer, or one to no transfer, leaves nothing behind."""
    household, (head, _, _) = await a_household(world)
    told = await ask(world, "household-1", [head])
    body = {"transfer_id": told["items"][0]["transfer_id"]}
    before = await world.store.streams("household")
    for claims in ({"ancora_org": "caritas"}, {}):
        answer = await world.post(f"/beneficiaries/{head}/transfer-acceptance", body, version=4, **claims)
        assert answer.status in (403, 404, 409), answer.content
    assert await world.store.streams("household") == before == [f"household-{household}"]
