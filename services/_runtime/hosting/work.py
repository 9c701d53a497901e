"""The kinds of work that a process does for its service, each until it is cancelled; a leader that lost the lead stands again."""

from __future__ import annotations

import asyncio
import os
import socket
from functools import partial
from typing import TYPE_CHECKING, Self

import httpx
import structlog

from contracts.topics import topic_of
from services._runtime.erasing.again import erase_again
from services._runtime.hosting.reporting import Report
from services._runtime.hosting.scraping import Scrape
from services._runtime.hosting.serving import server_of
from services._runtime.messaging.consuming import Consumer
from services._runtime.messaging.delivering import PATIENCE_S, Delivery
from services._runtime.messaging.kafka import KafkaPublisher
from services._runtime.messaging.parking_postgres import PostgresParking
from services._runtime.messaging.relay import Relay
from services._runtime.messaging.relay_cursors import PostgresRelayCursor
from services._runtime.messaging.tending import Tending
from services._runtime.messaging.transient import TRANSIENT
from services._runtime.projecting.runner import Runner
from services._runtime.scheduling import Scheduler
from services._runtime.store.leadership import Leadership
from services._runtime.store.port import NotLeader
from services._runtime.store.postgres_sequencer import PostgresSequencer
from services._runtime.web.application import create_app
from services._runtime.web.examples import with_examples
from services._runtime.web.identity import TokenVerifier
from services._runtime.web.issuer_keys import IssuerKeys
from services._runtime.web.parked_in import parked_router
from services._runtime.web.parts import Web
from services._runtime.web.rates import Rates

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from types import TracebackType

    from fastapi import FastAPI

    from services._runtime.hosting.parts import Feed, Parts
    from services._runtime.hosting.service import Service, Work
    from services._runtime.messaging.ingester import Ingester
    from services._runtime.messaging.progress import PartitionProgress
    from services._runtime.reactions import ProcessManager
    from services._runtime.store.leadership import Lease

log = structlog.get_logger(__name__)

_AGAIN_S = 1.0
"""Seconds until a leader stands again whose work failed of what passes."""

_SEQUENCED = 1000
"""Events that are sequenced at most at a time."""

_RETRY_PATIENCE_S = 3.0
"""How long a reaction that a person retries waits for its cause: they watch."""


class Worker:
    """One process at work for one service. Use as an asynchronous context manager; then run each of `works()`."""

    def __init__(self, service: Service, parts: Parts, kinds: Sequence[str]) -> None:
        """Do these kinds of work, as far as the service has them."""
        self._service = service
        self._parts = parts
        self._kinds = kinds
        self._holder = f"{service.name}@{socket.gethostname()}:{os.getpid()}"
        self._issuer_client = httpx.AsyncClient()
        self._runner = Runner(service.models, service.source(parts), parts.rows, shown=parts.shown, traces=parts.observer.traces)
        self._parking = PostgresParking(parts.pool)
        self._consumer = self._consumer_of(service)
        self._tending = self._tending_of(service)
        self._ingester: Ingester | None = None

    async def __aenter__(self) -> Self:
        """Begin."""
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close what was opened here."""
        await self._issuer_client.aclose()

    def works(self) -> dict[str, Work]:
        """Return the work of each kind that this process does; each runs until it is cancelled or fails."""
        all_works: dict[str, Work | None] = {
            # A process without the API serves what probes and operators ask, and nothing else.
            ("api" if "api" in self._kinds else "health"): self._serve,
            "tend": self._tending.run,
            "sequence": lambda: self._every("sequence", self._sequence),
            "relay": lambda: self._every("relay", self._relay),
            "consume": None if self._consumer is None else lambda: self._consume(self._consumer),
            "ingest": None if self._service.ingester is None else lambda: self._led("ingest", self._ingest),
            "project": self._runner.run if self._service.models else None,
            "follow": None if self._service.follow is None else self._service.follow(self._parts),
            "schedule": (lambda: self._led("schedule", self._schedule)) if self._service.timers else None,
        }
        together = {"sequence": "relay", "api": "tend", "project": "follow"}
        wanted = {"health", *self._kinds, *(also for kind, also in together.items() if kind in self._kinds)}
        return {kind: work for kind, work in all_works.items() if kind in wanted and work is not None}

    def application(self) -> FastAPI:
        """Return the service's application."""
        parts, settings = self._parts, self._parts.settings
        kinds = tuple(kind for kind in self.works() if kind != "health")
        report = Report(parts, kinds, self._runner, self._parking, self._progress)
        level = Scrape(parts, self._runner, self._parking, self._progress, lambda: self._ingester)
        app = create_app(
            name=self._service.name,
            summary=self._service.summary,
            routers=(*self._service.routers(parts), parked_router(self._parking, self._tending)) if "api" in kinds else (),
            web=Web(
                verifier=TokenVerifier(IssuerKeys(settings.issuer, self._issuer_client, parts.clock), settings.audience, parts.clock),
                clock=parts.clock,
                commands=parts.commands,
                load=parts.fence.load,
                reads=parts.reads,
                joined=None if self._service.joined is None else partial(self._service.joined, parts.store),
                offered=self._service.offered,
                secret=parts.secret,
                demonstration=settings.demonstration == "allowed",
                sessions=None if self._service.sessions is None else self._service.sessions(parts),
                rates=Rates(requests=settings.requests_a_second, records=settings.records_an_hour),
            ),
            ready={"database": report.database_answers, "consumer": report.consumer_progresses},
            report=report.status,
            observer=parts.observer,
            level=level.bring_level,
        )
        with_examples(app, self._service.examples)
        return app

    async def _serve(self) -> None:
        settings = self._parts.settings
        server = server_of(self.application(), settings)
        serving = asyncio.create_task(server.serve())
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            server.should_exit = True
            self._parts.closing.set()
            await serving
            raise

    async def _every(self, kind: str, work: Callable[[Feed, Lease], Awaitable[None]]) -> None:
        """Do leader's work for each of the feeds whenever this process leads it there."""
        async with asyncio.TaskGroup() as group:
            for feed in self._parts.feeds:
                group.create_task(self._led(kind, partial(work, feed), feed))

    async def _led(self, kind: str, work: Callable[[Lease], Awaitable[None]], feed: Feed | None = None) -> None:
        """Do leader's work whenever this process leads it, for its own feed or another."""
        led = feed or self._parts.feeds[0]
        leadership = Leadership(led.dsn, kind, holder=self._holder)
        leading = self._parts.observer.metrics.leading.here.labels(kind + led.store.service.removeprefix(self._service.name))
        while True:
            async with leadership.led() as lease:
                try:
                    with leading.track_inprogress():
                        await work(lease)
                except NotLeader:
                    continue
                except TRANSIENT as error:
                    # The process goes on: what else it does may work, and the next lead may come when this works again.
                    log.warning("leader.failed", kind=kind, reason=type(error).__name__, pause_s=_AGAIN_S)
            await asyncio.sleep(_AGAIN_S)

    async def _sequence(self, feed: Feed, lease: Lease) -> None:
        sequencer = PostgresSequencer(lease, feed.grown)
        async for _ in feed.store.wakes():
            moved = _SEQUENCED
            while moved == _SEQUENCED:
                moved = await sequencer.sequence(limit=_SEQUENCED)
                self._parts.observer.metrics.feed.sequenced.inc(moved)

    async def _relay(self, feed: Feed, lease: Lease) -> None:
        parts = self._parts
        cursor = PostgresRelayCursor(feed.pool, lease.transaction)
        publisher = KafkaPublisher(parts.settings.kafka, traces=parts.observer.traces)
        await Relay(feed.store, cursor, publisher, topic_of(feed.store.service), observer=parts.observer).run()

    async def _consume(self, consumer: Consumer | None) -> None:
        if consumer is None:
            raise TypeError("the service consumes nothing")
        # Whatever was restored while nothing ran: what is erased stays erased.
        await erase_again(self._parts.commands)
        await consumer.run()

    async def _ingest(self, lease: Lease) -> None:
        if self._service.ingester is None:
            raise TypeError("the service keeps no journal")
        self._ingester = self._service.ingester(self._parts, lease)
        try:
            await self._ingester.run()
        finally:
            self._ingester = None

    def _progress(self) -> tuple[PartitionProgress, ...]:
        consumed = () if self._consumer is None else self._consumer.progress()
        return (*consumed, *(() if self._ingester is None else self._ingester.status().partitions))

    async def _schedule(self, _lease: Lease) -> None:
        parts = self._parts
        timers = self._service.timers
        await Scheduler(self._service.name, parts.store, parts.commands, timers, parts.clock, observer=parts.observer).run()

    def _consumer_of(self, service: Service) -> Consumer | None:
        manager = service.process_manager
        if manager is None:
            return None
        topics = tuple(topic_of(source) for source in manager.sources)
        return Consumer(self._parts.settings.kafka, topics, self._delivery(manager), self._parking)

    def _tending_of(self, service: Service) -> Tending:
        manager = service.process_manager
        delivery = None if manager is None else self._delivery(manager, patience_s=_RETRY_PATIENCE_S)
        return Tending(service.name, self._parking, self._parts.commands, delivery)

    def _delivery(self, manager: ProcessManager, *, patience_s: float = PATIENCE_S) -> Delivery:
        parts, sources = self._parts, {topic_of(source): source for source in manager.sources}
        return Delivery(manager, parts.commands, self._parking, parts.clock, sources, patience_s=patience_s, observer=parts.observer)
