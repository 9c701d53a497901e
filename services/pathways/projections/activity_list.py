"""The list of group activities: what was held where, by whom, for how long. Nobody is named."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast
from uuid import UUID

from contracts.activities import ActivityHeld
from services._runtime.projecting.lists import narrowed
from services._runtime.projecting.model import Fact, Key, ReadModel
from services._runtime.projecting.port import Query

READS = (ActivityHeld,)


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """One activity as a list shows it."""

    activity_id: UUID
    organisation: str
    territory: str
    kind: str
    minutes: int
    held_on: date


def keys_of(fact: Fact) -> list[Key]:
    """Return the activity that the fact is about."""
    return [(fact.event.activity_id,)] if isinstance(fact.event, READS) else []


def evolve(_row: ActivityRow | None, fact: Fact, _key: Key) -> ActivityRow:
    """Return the row of the activity: it happened, and stays as it is."""
    held = cast("ActivityHeld", fact.event)
    return ActivityRow(held.activity_id, held.organisation, held.territory, held.kind, held.minutes, fact.envelope.occurred_on)


ACTIVITY_LIST = ReadModel(
    name="activity_list", version=1, row=ActivityRow, key=("activity_id",), reads=READS, keys_of=keys_of, evolve=evolve
)


def activities_of(
    organisation: str,
    filters: Mapping[str, object],
    *,
    since: date | None = None,
    until: date | None = None,
    after: Key | None,
    limit: int,
) -> Query:
    """Return the query for a page of the activities of an organisation, by id; filters are columns and values, None means any."""
    return narrowed(Query(where={"organisation": organisation}, after=after, limit=limit), filters, day="held_on", since=since, until=until)
