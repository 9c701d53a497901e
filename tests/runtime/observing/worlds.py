"""Three services put together on a real Kafka and PostgreSQL, each with an observer of its own, their topics a test's own."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from services._runtime.clock import SystemClock
from services._runtime.handling import Commands
from services._runtime.messaging.consuming import Consumer
from services._runtime.messaging.delivering import Delivery
from services._runtime.messaging.ingester import Ingester
from services._runtime.messaging.journal_postgres import PostgresJournal, PostgresJournalWriter
from services._runtime.messaging.kafka import KafkaPublisher
from services._runtime.messaging.parking_postgres import PostgresParking
from services._runtime.messaging.relay import Relay
from services._runtime.messaging.relay_cursors import PostgresRelayCursor
from services._runtime.projecting.journal_source import JournalSource
from services._runtime.projecting.postgres import PostgresRows
from services._runtime.projecting.runner import Runner
from services._runtime.store.connecting import open_pool
from services._runtime.store.key_encryption import KeyEncryptionKey
from services._runtime.store.leadership import Leadership
from services._runtime.store.postgres import PostgresEventStore
from services._runtime.store.postgres_keyring import PostgresKeyring
from services._runtime.store.postgres_sequencer import PostgresSequencer
from services._runtime.store.postgres_waking import PostgresWakes
from services._runtime.store.recording import Recorder
from services._runtime.web.application import create_app
from services._runtime.web.parts import Web
from services.intake.adapters.enrolling_in import enrolling
from services.intake.adapters.http_in import router
from services.pathways.adapters.methodology_files import read_governance, read_methodologies
from services.pathways.app.decider import pathway_decider
from services.pathways.app.methodologies import versions_in_use
from services.pathways.app.process_managers import process_manager
from services.reporting.projections import MODELS
from tests.runtime.messaging.worlds import transactions_of
from tests.support.issuer import SigningIssuer
from tests.support.likenesses import NobodyLike
from tests.support.reading import ReadsInMemory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from asyncpg import Pool

    from services._runtime.observing.observer import Observer
    from tests.support.database import Cluster
    from tests.support.kafka import Kafka
    from tests.support.observed import Spans

_SECRET = b"the secret of the tests of tracing, 32 bytes"


@dataclass(frozen=True)
class Running:
    """What a caller has, and what tells how far the journal's readers are."""

    client: httpx.AsyncClient
    issuer: SigningIssuer
    runner: Runner


@dataclass(frozen=True)
class _Part:
    pool: Pool
    wakes: PostgresWakes
    store: PostgresEventStore
    sequencer: PostgresSequencer
    commands: Commands
    topic: str
    observer: Observer


@asynccontextmanager
async def from_request_to_report(cluster: Cluster, kafka: Kafka, spans: Spans) -> AsyncIterator[Running]:
    """Give intake over HTTP, pathways that reacts to it, and reporting that reads both, all at work."""
    async with AsyncExitStack() as stack:
        intake = await _part(stack, cluster, kafka, "intake", spans.observer("intake"))
        pathways = await _part(stack, cluster, kafka, "pathways", spans.observer("pathways"))
        reporting = await _part(stack, cluster, kafka, "reporting", spans.observer("reporting"))
        sources = {intake.topic: "intake", pathways.topic: "pathways"}
        writer = PostgresJournalWriter(transactions_of(reporting.pool), reporting.wakes, consumer="ingester")
        journal = JournalSource(PostgresJournal(reporting.pool, reporting.wakes))
        runner = Runner(MODELS, journal, PostgresRows(reporting.pool), traces=reporting.observer.traces)
        issuer = SigningIssuer()
        web = Web(verifier=issuer.verifier(), clock=SystemClock(), commands=intake.commands, secret=_SECRET, reads=ReadsInMemory("intake"))
        app = create_app(
            name="intake", summary="Intake for tests", routers=[router, enrolling(NobodyLike())], web=web, observer=intake.observer
        )
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://intake.test")
        await stack.enter_async_context(client)
        for work in (
            *(_relay(kafka, part) for part in (intake, pathways)),
            *(_sequence(part) for part in (intake, pathways)),
            _consumer(kafka, pathways, intake.topic).run(),
            Ingester(kafka.bootstrap, sources, writer, observer=reporting.observer).run(),
            runner.run(),
        ):
            _at_work(stack, work)
        yield Running(client, issuer, runner)


async def _part(stack: AsyncExitStack, cluster: Cluster, kafka: Kafka, service: str, observer: Observer) -> _Part:
    database = await stack.enter_async_context(cluster.fresh(service))
    keys = await stack.enter_async_context(cluster.fresh("keys"))
    pool = await stack.enter_async_context(await open_pool(database.dsn))
    keys_pool = await stack.enter_async_context(await open_pool(keys.dsn))
    wakes = await stack.enter_async_context(PostgresWakes(database.dsn))
    lease = await stack.enter_async_context(Leadership(database.dsn, "sequence", holder="test").led())
    store = PostgresEventStore(pool, service, wakes)
    keyring = PostgresKeyring(keys_pool, "intake", KeyEncryptionKey(bytes(range(32))))
    commands = Commands(store, Recorder(keyring), observer=observer)
    return _Part(pool, wakes, store, PostgresSequencer(lease, wakes), commands, await kafka.topic(), observer)


def _relay(kafka: Kafka, part: _Part) -> Coroutine[object, object, None]:
    publisher = KafkaPublisher(kafka.bootstrap, traces=part.observer.traces)
    cursor = PostgresRelayCursor(part.pool, transactions_of(part.pool))
    return Relay(part.store, cursor, publisher, part.topic, observer=part.observer).run()


async def _sequence(part: _Part) -> None:
    async for _ in part.store.wakes():
        while await part.sequencer.sequence():
            pass


def _consumer(kafka: Kafka, part: _Part, topic: str) -> Consumer:
    methodologies = read_methodologies()
    manager = process_manager(pathway_decider(methodologies), versions_in_use(methodologies, read_governance()))
    parking = PostgresParking(part.pool)
    delivery = Delivery(manager, part.commands, parking, SystemClock(), {topic: "intake"}, observer=part.observer)
    return Consumer(kafka.bootstrap, (topic,), delivery, parking)


def _at_work(stack: AsyncExitStack, work: Coroutine[object, object, None]) -> None:
    task = asyncio.create_task(work)

    async def end() -> None:
        task.cancel()
        await asyncio.wait([task])

    stack.push_async_callback(end)
