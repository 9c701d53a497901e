"""What a worker looks up before they say it: who is recorded already and is told apart, or with whose record one is compared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uuid import UUID

    import httpx

    from services.cli.caseload.planned import PlannedCommand

_WHY = "Fratelli: visti insieme, con due documenti."


async def looked_up(client: httpx.AsyncClient, authorization: str, command: PlannedCommand) -> bytes | None:
    """Return a command's body with what must be looked up first; None as long as that is not found.

    The same body each time: the reference to a record is always the same for one organisation.
    """
    body, left_open = json.loads(command.body), command.left_open
    if left_open.apart_from is not None:
        body = await _told_apart(client, authorization, body, left_open.apart_from)
    if left_open.compared is not None:
        body = await _compared(client, authorization, body, command.path.rpartition("/")[0], left_open.compared)
    return None if body is None else json.dumps(body).encode()


async def _told_apart(client: httpx.AsyncClient, authorization: str, body: dict[str, Any], other: UUID) -> dict[str, Any] | None:
    """Return an enrolment's body with what is said of the record `other`: that they are two."""
    answer = await client.post("/duplicate-searches", json={"identity": body["identity"]}, headers={"authorization": authorization})
    answer.raise_for_status()
    for candidate in answer.json()["candidates"]:
        if candidate["own"] is not None and candidate["own"]["beneficiary_id"] == str(other):
            said = {"reference": candidate["reference"], "decision": "two-persons", "reason": _WHY}
            return body | {"duplicates_considered": [said]}
    return None


async def _compared(
    client: httpx.AsyncClient, authorization: str, body: dict[str, Any], record: str, organisation: str
) -> dict[str, Any] | None:
    """Return the body with the reference by which an organisation's record is suspected to be the same person's."""
    answer = await client.get(record, headers={"authorization": authorization})
    answer.raise_for_status()
    suspected = [one for one in answer.json()["record"]["duplicates"]["suspicions"] if one["organisation"] == organisation]
    likeliest = next(iter(sorted(suspected, key=lambda one: one["band"] != "very-likely")), None)
    return None if likeliest is None else body | {"reference": likeliest["reference"]}
