"""Many who record on one person at once, over HTTP, in memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from services._runtime.ids import new_id
from tests.integration.intake.test_http_in import IDENTITY, enrolled

if TYPE_CHECKING:
    from tests.support.intake_worlds import IntakeWorld


def rivals() -> dict[str, dict[str, Any]]:
    """Return commands that each would be carried out, if it came first."""
    return {
        "exit": {"reason": "moved-away", "destination": "own-home"},
        "notes": {"text": "came by"},
        "contact": {"contact": {"languages": ["ti"]}},
        "identity-corrections": {"identity": IDENTITY | {"family_name": "Provetta"}, "reason": "misspelt"},
        "residence": {"municipality": "034014"},
        "transfer-requests": {"transfer_id": str(new_id()), "receiver": "cidas", "territory": "FE", "reason": "moves"},
    }


async def test_of_many_commands_on_one_person_at_once_one_wins_and_every_other_is_told_of_it(world: IntakeWorld) -> None:
    """All decided on the same version: one receipt, five times 412 with what each had not seen, and one more step of history."""
    person, told = await enrolled(world), rivals()
    answers = await asyncio.gather(*(world.post(f"/beneficiaries/{person}/{name}", body, version=2) for name, body in told.items()))
    (won,) = [answer for answer in answers if answer.status == 200]
    stored = [event["type"] for event in won.content["events"]]
    for lost in answers:
        if lost is not won:
            assert (lost.status, lost.content["type"]) == (412, "urn:ancora:problem:stale-version")
            assert lost.content["current_version"] == won.content["version"]
            assert [event["type"] for event in lost.content["unseen"]] == stored
    assert [event.recorded.envelope.type for event in (await world.store.load(f"person-{person}"))[2:]] == stored
