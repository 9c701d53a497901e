"""What must hold before services start: no store knows less of itself than the world has seen.

Kafka is asked beside the journal, for where a whole PostgreSQL was restored the journal knows as little as the stores.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from contracts.cloudevents import NotOurs
from contracts.topics import FEEDS, topic_of
from services._runtime.messaging.records import event_of
from services._runtime.provisioning import database_of
from services.cli.errors import DeploymentError
from services.cli.verification.topics import present_ends, reading, records_up_to

if TYPE_CHECKING:
    from collections.abc import Collection

_LAST = 10
"""Records of each partition that are looked at: a relay sends in feed order, so that the newest of ours is among them."""

_PRESENT = """
select g.generation, coalesce((select max(f.feed_position) from store.feed f where f.generation = g.generation), 0)
from store.generation g order by g.generation desc limit 1
"""
_ENDED = "select generation, last_position from store.generation where last_position is not null"
_JOURNALLED = "select source, generation, max(feed_position) from messaging.journal group by 1, 2"
_NOTE_ENDED = "insert into messaging.ended (source, generation, feed_end) values ($1, $2, $3) on conflict do nothing"

Known = dict[tuple[str, int], int]
"""By (source, generation): the last feed position that is known outside the store."""


@dataclass(frozen=True, slots=True)
class Behind:
    """A store that has lost what was seen of it: where its feed ends in its present generation, and what was seen since."""

    feed: str
    generation: int
    held: int
    seen: tuple[int, int]


class StoresBehind(DeploymentError):
    """Stores were restored from an older backup; the text says which, and what to do."""

    def __init__(self, found: Collection[Behind]) -> None:
        """Say it."""
        lines = [
            f"the store of {one.feed} knows less than was seen of it: its feed ends at generation {one.generation} position {one.held},"
            f" and generation {one.seen[0]} position {one.seen[1]} is known outside. Was it restored from a backup?"
            for one in found
        ]
        advice = " and ".join(f"`./ancora reopen {one.feed}`" for one in found)
        super().__init__("\n".join([*lines, f"Nothing is started, for new events would take the places of those. Run {advice} first."]))


async def require_whole_stores(admin_dsn: str, kafka: str) -> None:
    """Raise `StoresBehind` where a store knows less of itself than journal and Kafka do."""
    known = await _known(admin_dsn, kafka)
    behind: list[Behind] = []
    for feed in FEEDS:
        ((present, held),) = await _asked(admin_dsn, feed, _PRESENT)
        newest = max(((generation, end) for (source, generation), end in known.items() if source == feed), default=(0, 0))
        if newest > (present, held):
            behind.append(Behind(feed, present, held, newest))
    if behind:
        raise StoresBehind(behind)


async def note_ended(admin_dsn: str) -> None:
    """Note beside the journal which generations of the feeds have ended, also where the journal is older than that."""
    ended = [(feed, *row) for feed in FEEDS for row in await _asked(admin_dsn, feed, _ENDED)]
    connection = await asyncpg.connect(database_dsn(admin_dsn, database_of("reporting")))
    try:
        await connection.executemany(_NOTE_ENDED, ended)
    finally:
        await connection.close()


async def created_again(admin_dsn: str, created: Collection[str]) -> list[str]:
    """Return those of the topics just created to which a relay has sent before: the broker lost them."""
    sent_before = "select from store.relay where topic_id is not null"
    return [topic_of(feed) for feed in FEEDS if topic_of(feed) in created and await _asked(admin_dsn, feed, sent_before)]


def database_dsn(admin_dsn: str, database: str) -> str:
    """Return the administrator's connection string to a database."""
    return urlunsplit(urlsplit(admin_dsn)._replace(path=f"/{database}"))


async def _known(admin_dsn: str, kafka: str) -> Known:
    seen: Known = defaultdict(int)
    for source, generation, position in await _asked(admin_dsn, "reporting", _JOURNALLED):
        seen[source, generation] = position
    sources = {topic_of(feed): feed for feed in FEEDS}
    ends = await present_ends(kafka)
    async with reading(kafka) as consumer:
        async for record in records_up_to(consumer, kafka, ends, last=_LAST):
            try:
                event = event_of(record, sources[record.topic])
            except NotOurs:
                continue
            feed = (event.source, event.generation)
            seen[feed] = max(seen[feed], event.feed_position)
    return seen


async def _asked(admin_dsn: str, feed: str, query: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(database_dsn(admin_dsn, database_of(feed)))
    try:
        return await connection.fetch(query)
    finally:
        await connection.close()
