"""Takes from a lived caseload the first request of each kind that a service accepted, and what it answered."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from services.cli.caseload.planning import plan
from tests.unit.cli.lived_in_memory import World

if TYPE_CHECKING:
    import httpx

SEED, PERSONS = 2020, 150
"""The caseload in which everything happens to somebody: the coverage of events is tried with the same."""

Examples = dict[str, dict[str, dict[str, Any]]]

_EVENT_ID, _RECORDED_AT, _DIGEST = "01890a5d-ac96-774b-bcce-b302099a8057", "2021-03-01T09:30:00.000000Z", "5f" * 32


@dataclass
class Harvest:
    """Service → address → its example, as long as the caseload is lived."""

    found: Examples = field(default_factory=dict)

    def take(self, service: str, path: str, sent: bytes, answer: httpx.Response) -> None:
        """Keep a request and its answer, where it is the first of its kind."""
        kept = self.found.setdefault(service, {})
        if path not in kept:
            kept[path] = {"status": answer.status_code, "body": json.loads(sent), "answer": steady(answer.json())}


def steady(receipt: dict[str, Any]) -> dict[str, Any]:
    """Return a receipt with what differs each time (an event's id, moment and digest) put in the same words."""
    shown = {"id": _EVENT_ID, "recorded_at": _RECORDED_AT, "digest": _DIGEST}
    told = receipt | {"events": [event | shown for event in receipt["events"]]}
    return told | {"related": [steady(one) for one in receipt["related"]]} if "related" in receipt else told


async def harvested() -> tuple[Harvest, World]:
    """Return what was found in the whole caseload, and the world in which it was lived."""
    harvest = Harvest()
    world = World(harvest.take)
    await world.live(window for _, window in plan(SEED, PERSONS).windows())
    return harvest, world
