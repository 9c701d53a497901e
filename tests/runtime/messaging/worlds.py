"""What the tests of messaging are made of: feeds that no service emitted, and each port's implementations side by side."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast
from uuid import UUID

from contracts.cloudevents import to_headers
from contracts.envelope import NO_DIGEST, FeedEvent, RecordedEvent, chain, digest
from contracts.intake import BeneficiaryReadmitted, ResidenceRegistered
from services._runtime.ids import new_id
from services._runtime.messaging.journal import Journal, JournalWriter
from services._runtime.messaging.parking import Parking
from services._runtime.messaging.records import Record
from services._runtime.store.port import EventStore
from tests.support.recorded import new_events

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

    from asyncpg import Connection, Pool

    from contracts.event import Event

SOURCE = "intake"
Readmitted = BeneficiaryReadmitted
Registered = ResidenceRegistered


@dataclass(frozen=True, slots=True)
class ParkingWorld:
    """A store and a parking of one kind; `elsewhere` gives the parking as another process sees it."""

    store: EventStore
    parking: Parking
    elsewhere: Callable[[], Parking]

    async def reasons(self) -> list[str]:
        """Return the reasons of what is parked, in order."""
        return [kept.reason for kept in await self.parking.page(after=0, limit=1000)]


@dataclass(frozen=True, slots=True)
class JournalWorld:
    """A journal of one kind, with two writers between which nobody decides who leads."""

    journal: Journal
    writer: JournalWriter
    other: JournalWriter
    pool: Pool | None


async def eventually(look: Callable[[], Awaitable[int]], expected: int, *, patience_s: float = 20) -> None:
    """Wait until `look` gives at least `expected`, and assert that it is not more."""
    with suppress(TimeoutError):
        async with asyncio.timeout(patience_s):
            while await look() < expected:  # noqa: ASYNC110 - what is looked at lies in another system, which sets no event here
                await asyncio.sleep(0.02)
    assert await look() == expected


def readmitted(person: UUID, episode: int = 2) -> BeneficiaryReadmitted:
    """Return an event about a person."""
    return BeneficiaryReadmitted(beneficiary_id=person, episode=episode, organisation="ciac", territory="PR")


class Feed:
    """The feed of a service that exists only here."""

    def __init__(self, source: str = SOURCE, generation: int = 1) -> None:
        """Start before the first event."""
        self.source = source
        self.events: list[FeedEvent] = []
        self._generation = generation
        self._link = NO_DIGEST

    def add(self, person: UUID | None = None, event: Event | None = None) -> FeedEvent:
        """Return the next event of the feed: about `person`, under whose key it stands."""
        who = person or new_id()
        return self.add_recorded(recorded_of(who, event or readmitted(who)))

    def add_recorded(self, recorded: RecordedEvent) -> FeedEvent:
        """Give a recorded event the next place."""
        position = len(self.events) + 1
        self._link = chain(self._link, self._generation, position, recorded.digest)
        event = FeedEvent(recorded=recorded, source=self.source, generation=self._generation, feed_position=position, chain=self._link)
        self.events.append(event)
        return event

    def fill(self, count: int, people: int = 5) -> list[FeedEvent]:
        """Return the next `count` events, about a few people in turn."""
        persons = [new_id() for _ in range(people)]
        return [self.add(persons[n % people]) for n in range(count)]


def recorded_of(person: UUID, event: Event) -> RecordedEvent:
    """Return the event recorded under a person's key, without anything sealed."""
    template = new_events(f"person-{person}", data=event.model_dump_json(exclude=set(event.personal_fields)).encode())[0].recorded
    envelope = replace(template.envelope, type=event.type_name, schema_version=event.schema_version, partition_key=str(person))
    return replace(template, envelope=envelope, digest=digest(envelope, template.data, template.commitment))


def record_of(event: FeedEvent, *, topic: str = "t", partition: int = 0, offset: int = 0) -> Record:
    """Return the record that carries an event, as it would lie in Kafka."""
    key = event.recorded.envelope.partition_key.encode()
    return Record(topic, partition, offset, key, tuple(to_headers(event)), event.recorded.data)


def altered(event: FeedEvent) -> FeedEvent:
    """Return another event for the same place, whose own digest and chain link are right."""
    data = event.recorded.data.replace(b"PR", b"RE")
    assert data != event.recorded.data
    own = digest(event.recorded.envelope, data, event.recorded.commitment)
    return replace(event, recorded=replace(event.recorded, data=data, digest=own))


def transactions_of(pool: Pool) -> Callable[[], AbstractAsyncContextManager[Connection]]:
    """Return transactions that no lead fences."""

    @asynccontextmanager
    async def transaction() -> AsyncIterator[Connection]:
        async with pool.acquire() as connection, connection.transaction():
            # A connection of a pool is a proxy, which does all that a connection does.
            yield cast("Connection", connection)

    return transaction
