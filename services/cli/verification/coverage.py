"""Whether a caseload brought forth every event there is: what nobody ever records is a promise that nobody ever tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts import access, emergency, erasure, operations
from contracts.event import published_events

if TYPE_CHECKING:
    from collections.abc import Collection

    from asyncpg.pool import PoolConnectionProxy

    from services.cli.verification.findings import Findings

_PUBLISHED = "contracts."
_APART = frozenset(module.__name__ for module in (access, emergency, erasure, operations))
"""Contracts of what no caseload tells: reads, emergencies, erasures, what could not be handled."""
_TYPES = "select distinct type from messaging.journal where position <= $1"


def covered_types() -> list[str]:
    """Return the types of event that a caseload must bring forth, by name."""
    told = (event for event in published_events() if event.__module__.startswith(_PUBLISHED) and event.__module__ not in _APART)
    return sorted({event.type_name for event in told})


def uncovered(found: Collection[str]) -> list[str]:
    """Return which types are missing among those that were found."""
    return [name for name in covered_types() if name not in found]


async def check_coverage(connection: PoolConnectionProxy, head: int, findings: Findings) -> None:
    """Look for each type of event in the journal up to `head`; one that is nowhere is a finding."""
    found = {row["type"] for row in await connection.fetch(_TYPES, head)}
    for name in uncovered(found):
        findings.add("coverage.type", name, "at least one event", "none in the journal")
    findings.checked["types of event"] = len(covered_types())
