"""How much was recorded: events per day, type and province. Nobody is named, and no id of anything is kept."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from services._runtime.access.confidential import CONFIDENTIAL
from services._runtime.clock import day_of
from services._runtime.projecting.model import Fact, Key, ReadModel
from services._runtime.projecting.port import Query, Read, Reader
from services.reporting.projections.person_reads import RECORDS_OF_READS

UNTOLD = CONFIDENTIAL.union(RECORDS_OF_READS)


@dataclass(frozen=True, slots=True)
class DayActivity:
    """Events of a type that were recorded on a day (in Rome) in a province; an empty territory stands for none."""

    day: date
    type: str
    territory: str
    events: int


def keys_of(fact: Fact) -> list[Key]:
    """Touch the row of the event's day, type and province; that somebody read is no activity, and a concern is not told."""
    return [] if fact.envelope.type in UNTOLD else [(day_of(fact.envelope.recorded_at), fact.envelope.type, fact.envelope.territory or "")]


def evolve(row: DayActivity | None, fact: Fact, _key: Key) -> DayActivity:
    """Count the event."""
    envelope = fact.envelope
    row = row or DayActivity(day_of(envelope.recorded_at), envelope.type, envelope.territory or "", 0)
    return replace(row, events=row.events + 1)


ACTIVITY = ReadModel(
    name="activity", version=1, row=DayActivity, key=("day", "type", "territory"), reads=None, keys_of=keys_of, evolve=evolve
)


async def recent_days(reader: Reader, days: int) -> Read[tuple[DayActivity, ...]]:
    """Return the rows of the last `days` days up to the latest day on which anything was recorded."""
    async with reader.snapshot() as moment:
        last = await moment.rows(ACTIVITY, Query(descending=True, limit=1))
        if not last.value:
            return Read(last.position, ())
        wanted = [last.value[0].day - timedelta(days=back) for back in range(days)]
        return await moment.rows(ACTIVITY, Query(where={"day": wanted}, descending=True))
