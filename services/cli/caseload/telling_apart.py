"""What a worker does who enrols somebody very like another person: looks at who is recorded already, and says that they are two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uuid import UUID

    import httpx

_WHY = "Fratelli: visti insieme, con due documenti."


async def told_apart(client: httpx.AsyncClient, authorization: str, body: dict[str, Any], other: UUID) -> dict[str, Any] | None:
    """Return an enrolment's body with what is said of the record `other`; None as long as that is not found.

    The same body each time: the search's reference to a record is always the same for one organisation.
    """
    answer = await client.post("/duplicate-searches", json={"identity": body["identity"]}, headers={"authorization": authorization})
    answer.raise_for_status()
    for candidate in answer.json()["candidates"]:
        if candidate["own"] is not None and candidate["own"]["beneficiary_id"] == str(other):
            said = {"reference": candidate["reference"], "decision": "two-persons", "reason": _WHY}
            return body | {"duplicates_considered": [said]}
    return None
