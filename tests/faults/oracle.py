"""What must hold whatever died, by plain SQL and a plain Kafka client: compared with what clients were told, and place by place.

It goes on from seed to seed: what it has seen of feeds, topics and the journal is not read again.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from hashlib import sha256
from struct import pack
from typing import TYPE_CHECKING
from uuid import UUID

from contracts.topics import FEEDS, SERVICES
from services._runtime.hosting.parts import parts_of
from services.cli.services import services, settings_of
from services.cli.verification.findings import Findings
from services.cli.verification.models import check_models
from tests.faults.effects import doubled, missing
from tests.faults.topics import Arrived, read_on

if TYPE_CHECKING:
    import asyncpg

    from tests.faults.told import Record, Told
    from tests.faults.world import World

_FEED = """
select f.generation, f.feed_position, f.position, f.chain, e.event_id, e.digest, e.partition_key, e.stream_id, e.stream_version
from store.feed f join store.events e using (position) where f.feed_position > $1 order by f.generation, f.feed_position
"""
_UNFED = "select count(*) from store.events e where not exists (select from store.feed f where f.position = e.position)"
_STORED = "select event_id::text, type, stream_id, stream_version, encode(digest, 'hex') from store.events where event_id = any($1)"
_REQUESTS = "select key, streams, after, up_to from store.request where key = any($1)"
_OF_CLIENTS = """
select correlation, stream_id, array_agg(stream_version order by stream_version) from store.events
where correlation = any($1) and causation is null group by 1, 2
"""
_JOURNAL = "select position, source, feed_position, event_id, digest from messaging.journal where position > $1 order by position"
_INBOX = "select consumer, event_id from store.inbox group by 1, 2 having count(*) > 1"


@dataclass
class _Fed:
    """One feed as far as it was read: its end, and each event's place by its id."""

    head: int = 0
    chain: bytes = bytes(32)
    places: dict[UUID, tuple[int, bytes]] = field(default_factory=dict)
    by_key: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    versions: dict[str, int] = field(default_factory=dict)


class Oracle:
    """Looks at a quiet world; `findings` is empty where every promise was kept."""

    def __init__(self, world: World) -> None:
        """Look at `world`."""
        self._world = world
        self._feeds = {feed: _Fed() for feed in FEEDS}
        self._arrived = {feed: Arrived() for feed in FEEDS}
        self._journal_head = 0
        self._journalled = dict.fromkeys(FEEDS, 0)
        self.findings: list[str] = []

    async def check(self, record: Record, *, models: bool = True) -> list[str]:
        """Check everything since the last time; return what was found, in words."""
        self.findings = []
        connections = {feed: await self._world.superuser(feed) for feed in FEEDS}
        try:
            for feed, connection in connections.items():
                await self._check_feed(connection, feed)
            for service in SERVICES:
                connection = connections[service]
                commands = [told for told in record.commands if told.service == service]
                await self._check_told(connection, service, commands)
                self.findings += await doubled(connection, service)
                self.findings += [f"I4 {service}: the inbox has {row[1]} twice" for row in await connection.fetch(_INBOX)]
            self.findings += await missing(connections)
            await self._check_topics()
            await self._check_journal(connections["reporting"])
        finally:
            for connection in connections.values():
                connection.terminate()
        if models:
            await self._check_models()
        return self.findings

    @property
    def events(self) -> int:
        """Return how many events all feeds hold."""
        return sum(fed.head for fed in self._feeds.values())

    @property
    def repeats(self) -> int:
        """Return how many records on Kafka were not the first of their event."""
        return sum(arrived.repeats for arrived in self._arrived.values())

    async def _check_told(self, connection: asyncpg.Connection, service: str, commands: list[Told]) -> None:
        """I1, and I4 towards clients."""
        named = {event.event_id: event for told in commands for receipt in told.receipts for event in receipt}
        rows = await connection.fetch(_STORED, [UUID(event_id) for event_id in named])
        stored = {row[0]: tuple(row) for row in rows}
        requests = {row[0]: row for row in await connection.fetch(_REQUESTS, [told.key for told in commands])}
        by_client: dict[UUID, dict[str, list[int]]] = defaultdict(dict)
        for correlation, stream, versions in await connection.fetch(_OF_CLIENTS, [told.correlation for told in commands]):
            by_client[correlation][stream] = versions
        for told in commands:
            where = f"{service} command {told.key} ({told.statuses})"
            for receipt in told.receipts:
                for event in receipt:
                    said = (event.event_id, event.type, event.stream, event.version, event.digest)
                    if stored.get(event.event_id) != said:
                        self._found("I1", f"{where}: told {said}, stored {stored.get(event.event_id)}")
            if len(set(told.receipts)) > 1:
                self._found("I4", f"{where}: a repeat was answered otherwise")
            request = requests.get(told.key)
            wanted = {} if request is None else _versions(request)
            if by_client.get(told.correlation, {}) != wanted:
                self._found("I1", f"{where}: the request names {wanted}, stored is {by_client.get(told.correlation)}")
            if told.acknowledged and request is None:
                self._found("I1", f"{where}: acknowledged, and its request is not stored")
            if told.refused and request is not None:
                self._found("I1", f"{where}: refused, and stored")

    async def _check_feed(self, connection: asyncpg.Connection, service: str) -> None:
        """Dense, chained, version order within streams, and every event in it."""
        fed = self._feeds[service]
        for row in await connection.fetch(_FEED, fed.head):
            generation, feed_position, _, link, event_id, digest, key, stream, version = row
            fed.head += 1
            fed.chain = sha256(fed.chain + pack(">qq", generation, feed_position) + digest).digest()
            if (feed_position, link) != (fed.head, fed.chain):
                self._found("I3", f"{service} feed position {feed_position}: expected {fed.head}, or another chain")
            if version != fed.versions.get(stream, 0) + 1:
                self._found("I3", f"{service} feed position {feed_position}: version {version} of its stream out of order")
            fed.versions[stream] = version
            fed.places[event_id] = (feed_position, digest)
            fed.by_key[key].append(feed_position)
        if unfed := await connection.fetchval(_UNFED):
            self._found("I2", f"{service}: {unfed} events are in no feed")

    async def _check_topics(self) -> None:
        """I2 and I3: every event of the feed is there, and by key the first occurrences are the feed's own order."""
        await read_on(self._world.direct.kafka, self._arrived)
        for service, fed in self._feeds.items():
            arrived = self._arrived[service]
            self.findings += [f"I3 {service}: {strange}" for strange in arrived.strange]
            for key, positions in fed.by_key.items():
                if arrived.by_key.get(key, []) != positions:
                    self._found("I2/I3", f"{service} key {key}: fed {positions}, on Kafka first {arrived.by_key.get(key)}")
            if arrived.places != fed.places:
                differing = [str(one) for one in arrived.places.keys() ^ fed.places.keys()]
                self._found("I2", f"{service}: Kafka and feed differ in {differing[:5] or 'places or digests'}")

    async def _check_journal(self, connection: asyncpg.Connection) -> None:
        """Dense, each feed in order and once, the digests those of the store."""
        for position, source, feed_position, event_id, digest in await connection.fetch(_JOURNAL, self._journal_head):
            self._journal_head += 1
            self._journalled[source] += 1
            if (position, feed_position) != (self._journal_head, self._journalled[source]):
                self._found("I3", f"journal position {position} of {source} {feed_position}: expected {self._journalled[source]}")
            if self._feeds[source].places.get(event_id) != (feed_position, digest):
                self._found("I2", f"journal position {position}: not what {source} stored")
        for service, fed in self._feeds.items():
            if self._journalled[service] != fed.head:
                self._found("I2", f"the journal has {self._journalled[service]} of {fed.head} events of {service}")

    async def _check_models(self) -> None:
        """I5, with the code's own replay: what is compared are rows that several processes wrote while dying."""
        findings = Findings()
        for name, service in services().items():
            async with parts_of(name, settings_of(self._world.direct, name), service.timetable) as parts:
                await check_models(name, service.models, service.source(parts), parts.rows, findings)
        self.findings += [f"I5 {one.where}: {one.check}, expected {one.expected}, found {one.found}" for one in findings.found]

    def _found(self, invariant: str, what: str) -> None:
        self.findings.append(f"{invariant} {what}")


def _versions(request: asyncpg.Record) -> dict[str, list[int]]:
    """Return the versions that a request's row says it led to, by stream."""
    _, streams, after, up_to = request
    spans = zip(streams, after, up_to, strict=True)
    return {stream: list(range(low + 1, high + 1)) for stream, low, high in spans if high > low}
