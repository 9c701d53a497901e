"""The journal in PostgreSQL: rows by COPY, the positions in Kafka moved in the same transaction, both or neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg

from contracts.cloudevents import from_record
from services._runtime.messaging.journal import (
    Feed,
    FeedHead,
    Ingestion,
    JournalEntry,
    Partition,
    Place,
    PositionMoved,
    TopicPosition,
)
from services._runtime.messaging.parking import Parked
from services._runtime.messaging.parking_postgres import park_all
from services._runtime.messaging.records import Record, pack_headers, unpack_headers
from services._runtime.store.connecting import retryable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping

    from asyncpg import Connection, Pool

    from contracts.envelope import FeedEvent
    from services._runtime.messaging.relay_cursors import Transaction
    from services._runtime.store.waking import Wakes

JOURNAL_COLUMNS = (
    "position",
    "source",
    "generation",
    "feed_position",
    "event_id",
    "type",
    "key",
    "headers",
    "value",
    "digest",
    "topic",
    "partition",
    "kafka_offset",
)
READ = "select position, headers, value from messaging.journal where position > $1 order by position limit $2"
_HEAD = "select coalesce(max(position), 0) from messaging.journal"
_FEED = """
select headers, value from messaging.journal
where source = $1 and generation = $2 and feed_position > $3 order by feed_position limit $4
"""
_FEED_ENDS = "select generation, max(feed_position) from messaging.journal where source = $1 group by generation order by generation"
_FEED_HEADS = """
select j.source, j.generation, j.feed_position, j.headers, j.value
from messaging.journal j
join (select source, generation, max(feed_position) as feed_position from messaging.journal group by 1, 2) heads
    using (source, generation, feed_position)
"""
_DIGESTS = """
select j.source, j.generation, j.feed_position, j.digest
from unnest($1::text[], $2::integer[], $3::bigint[]) as wanted (source, generation, feed_position)
join messaging.journal j using (source, generation, feed_position)
"""
_BEGIN = """
insert into messaging.ingested (topic, partition, topic_id, next_offset)
select * from unnest($1::text[], $2::integer[], $3::text[], $4::bigint[]) on conflict do nothing
"""
# Exactly where the batch started from: "at most" would let a batch that was rolled back elsewhere be skipped.
_MOVE = """
update messaging.ingested i set topic_id = m.to_id, next_offset = m.to_offset
from unnest($1::text[], $2::integer[], $3::text[], $4::bigint[], $5::text[], $6::bigint[])
    as m (topic, partition, from_id, from_offset, to_id, to_offset)
where i.topic = m.topic and i.partition = m.partition and i.topic_id = m.from_id and i.next_offset = m.from_offset
"""


class PostgresJournal:
    """The journal as readers see it. What may succeed when tried again raises `Retryable`."""

    def __init__(self, pool: Pool, wakes: Wakes) -> None:
        """Read through `pool`; `wakes` is what the writer rings (channel "journal")."""
        self._pool = pool
        self._wakes = wakes

    async def read(self, after: int, limit: int) -> list[JournalEntry]:
        """See `Journal.read`."""
        return [JournalEntry(row[0], from_record(unpack_headers(row[1]), row[2])) for row in await self._fetch(READ, after, limit)]

    async def head(self) -> int:
        """See `Journal.head`."""
        ((head,),) = await self._fetch(_HEAD)
        return int(head)

    async def feed(self, source: str, *, generation: int, after: int, limit: int) -> list[FeedEvent]:
        """See `Journal.feed`."""
        return [from_record(unpack_headers(row[0]), row[1]) for row in await self._fetch(_FEED, source, generation, after, limit)]

    async def feed_ends(self, source: str) -> dict[int, int]:
        """See `Journal.feed_ends`."""
        return {row[0]: row[1] for row in await self._fetch(_FEED_ENDS, source)}

    def wakes(self) -> AsyncIterator[None]:
        """See `Journal.wakes`."""
        return self._wakes.listen()

    async def _fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        with retryable():
            return await self._pool.fetch(query, *arguments)


class PostgresJournalWriter:
    """The journal as the ingester sees it. `transaction` is `Lease.transaction` of the ingester's lead."""

    def __init__(self, transaction: Transaction, wakes: Wakes, *, consumer: str) -> None:
        """Write through `transaction`, ring `wakes` after commits, park records that are not ours as `consumer`."""
        self._transaction = transaction
        self._wakes = wakes
        self._consumer = consumer

    async def positions(self) -> dict[Partition, TopicPosition]:
        """See `JournalWriter.positions`."""
        async with self._transaction() as connection:
            rows = await connection.fetch("select topic, partition, topic_id, next_offset from messaging.ingested")
        return {(row[0], row[1]): TopicPosition(row[2], row[3]) for row in rows}

    async def heads(self) -> dict[Feed, FeedHead]:
        """See `JournalWriter.heads`."""
        async with self._transaction() as connection:
            rows = await connection.fetch(_FEED_HEADS)
        return {(row[0], row[1]): FeedHead(row[2], from_record(unpack_headers(row[3]), row[4]).chain) for row in rows}

    async def ended(self) -> dict[Feed, int]:
        """See `JournalWriter.ended`."""
        async with self._transaction() as connection:
            rows = await connection.fetch("select source, generation, feed_end from messaging.ended")
        return {(row[0], row[1]): row[2] for row in rows}

    async def digests(self, places: Collection[Place]) -> dict[Place, bytes]:
        """See `JournalWriter.digests`."""
        if not places:
            return {}
        async with self._transaction() as connection:
            rows = await connection.fetch(_DIGESTS, *(list(column) for column in zip(*places, strict=True)))
        return {(row[0], row[1], row[2]): row[3] for row in rows}

    async def write(self, ingestion: Ingestion) -> None:
        """See `JournalWriter.write`."""
        try:
            async with self._transaction() as connection:
                await _move(connection, ingestion.moves)
                await park_all(connection, (Parked(self._consumer, record, reason) for record, reason in ingestion.foreign))
                head = int(await connection.fetchval(_HEAD))
                rows = [journal_row(head + n, record, event) for n, (record, event) in enumerate(ingestion.entries, 1)]
                await connection.copy_records_to_table("journal", schema_name="messaging", columns=JOURNAL_COLUMNS, records=rows)
        except asyncpg.UniqueViolationError as error:
            # Two without a leader between them: they write other partitions to the same positions, or the same events.
            raise PositionMoved("another ingester wrote at the same time") from error
        self._wakes.ring()


async def _move(connection: Connection, moves: Mapping[Partition, tuple[TopicPosition | None, TopicPosition]]) -> None:
    begun = [(*at, to.topic_id, to.next_offset) for at, (before, to) in moves.items() if before is None]
    moved = [
        (*at, before.topic_id, before.next_offset, to.topic_id, to.next_offset) for at, (before, to) in moves.items() if before is not None
    ]
    for statement, rows in ((_BEGIN, begun), (_MOVE, moved)):
        if not rows:
            continue
        told: str = await connection.execute(statement, *(list(column) for column in zip(*rows, strict=True)))
        if int(told.rpartition(" ")[2]) != len(rows):
            raise PositionMoved("a partition is no longer where the batch started from")


def journal_row(position: int, record: Record, event: FeedEvent) -> tuple[object, ...]:
    """Return the values of `JOURNAL_COLUMNS` for an event and the record that brought it."""
    envelope = event.recorded.envelope
    return (
        position,
        event.source,
        event.generation,
        event.feed_position,
        envelope.event_id,
        envelope.type,
        record.key,
        pack_headers(record.headers),
        record.value,
        event.recorded.digest,
        record.topic,
        record.partition,
        record.offset,
    )
