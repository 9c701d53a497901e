"""The latest events of each province: what happened where, never to whom."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services._runtime.access.confidential import CONFIDENTIAL
from services._runtime.projecting.model import Fact, Key, ReadModel
from services._runtime.projecting.port import Read, Reader
from services.reporting.projections.person_reads import RECORDS_OF_READS

KEPT = 50
"""Events that are kept for each province."""


UNTOLD = CONFIDENTIAL.union(RECORDS_OF_READS)


@dataclass(frozen=True, slots=True)
class LatestEvent:
    """An event without its stream and without anything about a person."""

    recorded_at: datetime
    event_id: UUID
    type: str
    occurred_on: date
    territory: str
    organisation: str | None


@dataclass(frozen=True, slots=True)
class LatestActivity:
    """The latest events recorded in a province, newest first; an empty territory stands for none."""

    territory: str
    latest: tuple[LatestEvent, ...]


def keys_of(fact: Fact) -> list[Key]:
    """Touch the province's row; that somebody read is no activity, and a concern is not told."""
    return [] if fact.envelope.type in UNTOLD else [(fact.envelope.territory or "",)]


def evolve(row: LatestActivity | None, fact: Fact, key: Key) -> LatestActivity:
    """Put the event in its place by the moment it was recorded, so that the order of arrival does not matter."""
    envelope = fact.envelope
    territory = str(key[0])
    row = row or LatestActivity(territory, ())
    one = LatestEvent(
        envelope.recorded_at, envelope.event_id, envelope.type, envelope.occurred_on, territory, envelope.responsible_organisation
    )
    return replace(row, latest=_newest((*row.latest, one), KEPT))


LATEST_ACTIVITY = ReadModel(
    name="latest_activity", version=1, row=LatestActivity, key=("territory",), reads=None, keys_of=keys_of, evolve=evolve
)


async def latest(reader: Reader, limit: int) -> Read[tuple[LatestEvent, ...]]:
    """Return the latest events of all provinces, newest first, at most `limit` (exact up to `KEPT`)."""
    found = await reader.rows(LATEST_ACTIVITY)
    return Read(found.position, _newest(tuple(one for row in found.value for one in row.latest), limit))


def _newest(events: tuple[LatestEvent, ...], limit: int) -> tuple[LatestEvent, ...]:
    return tuple(sorted(events, key=lambda one: (one.recorded_at, one.event_id), reverse=True)[:limit])
