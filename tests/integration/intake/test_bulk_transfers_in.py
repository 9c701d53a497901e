"""A whole caseload asked for at once, over HTTP, in memory and on PostgreSQL.

Peers of ours: rdv-insertion, where bulk moves between organisations needed scripts.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services._runtime.ids import new_id
from tests.integration.intake.test_http_in import IDENTITY, enrolled
from tests.integration.intake.test_transfers_in import RECEIVER, THIRD, asked, listed, version
from tests.support.intake_worlds import IntakeWorld

COORDINATOR: dict[str, Any] = {"sub": "coordinator-1", "ancora_role": "team-coordinator"}
TARGET = {"receiver": "cidas", "territory": "FE", "reason": "Inventato: il servizio passa a C.I.D.A.S."}


async def ask(world: IntakeWorld, key: str, persons: list[UUID] | None, **changes: object) -> dict[str, Any]:
    """Ask for these persons, or for the whole caseload, under a key."""
    headers = {"Authorization": f"Bearer {world.issuer.token(**COORDINATOR)}", "Idempotency-Key": key}
    body = TARGET | ({} if persons is None else {"beneficiary_ids": [str(each) for each in persons]}) | changes
    told = await world.client.post("/bulk-transfers", json=body, headers=headers)
    assert told.status_code == 200, told.text
    answered: dict[str, Any] = told.json()
    return answered


def codes(items: list[dict[str, Any]]) -> list[str | None]:
    """Return why each was refused, None where it was not."""
    return [each["code"] for each in items]


async def test_a_caseload_moves_without_a_script(world: IntakeWorld) -> None:
    """rdv-insertion: looked at first, then asked for, person by person, each refused one with its reason."""
    first, waiting, second = [await enrolled(world) for _ in range(3)]
    await asked(world, waiting)
    informed, nobody, theirs = new_id(), new_id(), new_id()
    await world.tell(informed, "privacy-notices", {"notice_version": "2021-1", "language": "ti", "how": "orally", "mediator": True})
    notice = {"notice_version": "2021-1", "language": "ti", "how": "orally", "mediator": True}
    await world.post(f"/beneficiaries/{theirs}/privacy-notices", notice, **THIRD)
    persons = [first, waiting, informed, nobody, theirs, second]
    expected = [None, "transfer-pending", "not-enrolled", "unknown", "unknown", None]

    body = TARGET | {"beneficiary_ids": [str(each) for each in persons]}
    preview = await world.post("/transfer-previews", body, **COORDINATOR)
    assert (preview.status, codes(preview.content["items"])) == (200, expected)
    assert (preview.content["moving"], preview.content["refused"]) == (2, 4)
    assert [await version(world, each) for each in persons] == [2, 3, 1, 0, 1, 2], "a preview stores nothing"

    told = await ask(world, "bulk-1", persons)
    assert (codes(told["items"]), told["requested"], told["refused"]) == (expected, 2, 4)
    of_nobody, of_theirs = told["items"][3:5]
    assert of_nobody["detail"] == of_theirs["detail"], "I8: in the same words"
    rows = await listed(world, "/transfers?direction=incoming", **RECEIVER)
    assert {row["beneficiary_id"] for row in rows} == {str(first), str(waiting), str(second)}
    versions = {row["beneficiary_id"]: row["version"] for row in rows}
    assert [each["version"] for each in told["items"] if not each["refused"]] == [versions[str(first)], versions[str(second)]]


async def test_the_same_request_again_goes_on_where_it_ended_and_asks_for_nobody_twice(world: IntakeWorld) -> None:
    """I4: each person is an append of its own, whose key follows from the request's."""
    first, second = [await enrolled(world) for _ in range(2)]
    before = await ask(world, "bulk-1", None)
    after = await ask(world, "bulk-1", None)
    assert before == after
    assert [await version(world, each) for each in (first, second)] == [2, 2], "the list of the caseload has not caught up: nobody is in it"
    await world.catch_up()
    told, again = await ask(world, "bulk-1", None), await ask(world, "bulk-1", None)
    assert told == again
    assert told["requested"] == 2
    assert [await version(world, each) for each in (first, second)] == [3, 3]
    late = await enrolled(
        world, identity=IDENTITY | {"sex": "male", "given_names": "Omar", "family_name": "Altro", "birth_date": "1975-05-06"}
    )
    await world.catch_up()
    resumed = await ask(world, "bulk-1", None)
    assert (resumed["requested"], await version(world, late)) == (3, 3)
    assert [await version(world, each) for each in (first, second)] == [3, 3]


async def test_whom_nobody_can_take_over_is_refused_in_the_preview_too(world: IntakeWorld) -> None:
    """What the decider refuses, both say in the same words."""
    person = await enrolled(world)
    for changes, code in (({"receiver": "comune-parma"}, "impossible-receiver"), ({"territory": "RM"}, "unknown-territory")):
        told = await ask(world, str(new_id()), [person], **changes)
        preview = await world.post("/transfer-previews", TARGET | changes | {"beneficiary_ids": [str(person)]}, **COORDINATOR)
        assert codes(told["items"]) == codes(preview.content["items"]) == [code]
        assert told["items"][0]["detail"] == preview.content["items"][0]["detail"]


async def test_a_caseload_is_moved_by_a_coordinator(world: IntakeWorld) -> None:
    """A case worker moves one person at a time."""
    for path in ("/transfer-previews", "/bulk-transfers"):
        assert (await world.post(path, TARGET)).status == 403
    assert await ask(world, "empty", []) == {"items": [], "requested": 0, "refused": 0}
