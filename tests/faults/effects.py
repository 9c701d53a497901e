"""Effects of one service's events in another: each of them once, none of them missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    import asyncpg

_DOUBLED = """
select causation, type, stream_id, count(*) from store.events where causation is not null group by 1, 2, 3 having count(*) > 1
"""
_CAUSES = "select event_id from store.events where type = $1 and ($2 = '' or position(convert_to($2, 'UTF8') in data) > 0)"
_EFFECTS = "select causation, count(*) from store.events where type = $1 and causation is not null group by 1"

REACTIONS = (
    ("intake", "intake.beneficiary_enrolled", "", "pathways", "pathways.pathway_opened"),
    ("intake", "intake.beneficiary_exited", "", "pathways", "pathways.pathway_closed"),
    ("pathways", "pathways.plan_agreed", '"wants_tutor":true', "tutors", "tutors.tutor_requested"),
    ("tutors", "tutors.tutor_assigned", "", "pathways", "pathways.tutor_support_started"),
)
"""Cause (and what its data must hold), and the one effect that each such event has in another service."""


async def doubled(connection: asyncpg.Connection, service: str) -> list[str]:
    """I4: no event has the same effect twice on one stream."""
    rows = await connection.fetch(_DOUBLED)
    return [f"I4 {service}: {row[3]} times {row[1]} on {row[2]} because of {row[0]}" for row in rows]


async def missing(connections: Mapping[str, asyncpg.Connection]) -> list[str]:
    """Every cause has its effect, once."""
    found = []
    for source, cause, holding, service, effect in REACTIONS:
        causes: set[UUID] = {row[0] for row in await connections[source].fetch(_CAUSES, cause, holding)}
        effects: dict[UUID, int] = {row[0]: row[1] for row in await connections[service].fetch(_EFFECTS, effect)}
        found += [f"I4 {cause} {one} has {effects.get(one, 0)} times {effect}" for one in causes if effects.get(one, 0) != 1]
    return found
