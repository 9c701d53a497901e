"""What the database knows of a service's feed and relay: right in whichever process it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from asyncpg import Pool

_FIGURES = """
with ends as (
    select g.generation,
        coalesce(g.last_position, (select max(feed_position) from store.feed f where f.generation = g.generation), 0) as feed_end
    from store.generation g
)
select max(generation), (array_agg(feed_end order by generation desc))[1], sum(feed_end)::bigint, (select count(*) from store.outbox),
    (select e.event_id from store.outbox o join store.events e using (position) order by o.position limit 1),
    (select coalesce(sum(case when e.generation = r.generation then greatest(0, e.feed_end - r.cursor) else e.feed_end end), 0)::bigint
     from ends e, store.relay r where e.generation >= r.generation)
from ends
"""


@dataclass(frozen=True, slots=True)
class FeedFigures:
    """The present generation and its last feed position; how many events of all generations are fed, wait in the outbox, are not relayed.

    `oldest` is the id of the first event in the outbox.
    """

    generation: int
    feed_position: int
    fed: int
    outbox: int
    oldest: UUID | None
    relay_lag: int

    @property
    def relayed(self) -> int:
        """How many events of all generations were relayed, in their order."""
        return self.fed - self.relay_lag


async def feed_figures(pool: Pool) -> FeedFigures:
    """Return the figures of the service whose database this is; raises `LookupError` where it was not migrated."""
    row = await pool.fetchrow(_FIGURES)
    if row is None or row[0] is None:
        raise LookupError("the database has no generation: it was not migrated")
    return FeedFigures(*row)
