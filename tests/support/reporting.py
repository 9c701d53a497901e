"""Reporting over rows in memory: its application with everything but the database and Kafka, and a journal to append to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
from fastapi import FastAPI

from contracts.event import Event
from contracts.reference import consortium
from services._runtime.observing.observer import Observer
from services._runtime.projecting.memory import MemoryRows
from services._runtime.projecting.runner import Runner
from services._runtime.store.waking import MemoryWakes
from services._runtime.web.application import create_app
from services._runtime.web.id_tokens import IdTokens
from services._runtime.web.identity import TokenVerifier
from services._runtime.web.parts import Web
from services._runtime.web.sessions import SessionRows, Sessions
from services._runtime.web.sessions_memory import MemorySessionRows
from services.reporting.adapters.figures import Reports
from services.reporting.adapters.http_in import reports_router
from services.reporting.adapters.issuer_out import IssuerClient
from services.reporting.adapters.pages_in import pages_router
from services.reporting.adapters.sign_in import SignIn, sign_in_router
from services.reporting.adapters.stream_out import stream_router
from services.reporting.projections import MODELS
from tests.support.issuer import ISSUER, SigningIssuer
from tests.support.read_models import Happened, ListSource, feed_of
from tests.support.reading import ReadsInMemory

if TYPE_CHECKING:
    from services._runtime.clock import Clock


@dataclass
class Reporting:
    """The service's parts, its journal a list. `append` says that something happened and folds it."""

    issuer: SigningIssuer = field(default_factory=SigningIssuer)
    rows: MemoryRows = field(default_factory=MemoryRows)
    journal: ListSource = field(default_factory=ListSource)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    happened: list[Happened | Event] = field(default_factory=list)
    observer: Observer = field(default_factory=Observer)
    session_rows: SessionRows = field(default_factory=MemorySessionRows)

    def __post_init__(self) -> None:
        self.shown = MemoryWakes()
        self.runner = Runner(MODELS, self.journal, self.rows, shown=self.shown)
        self.reports = Reports(self.rows, self.journal, consortium())
        self.sessions = Sessions(self.session_rows, self.issuer.clock)

    async def append(self, events: Sequence[Happened | Event]) -> None:
        """Append to the journal and bring the read models level with it."""
        self.happened += events
        self.journal.events = feed_of("intake", self.happened)
        while await self.runner.step():
            pass

    def application(
        self, *, issuer: IssuerClient | None = None, verifier: TokenVerifier | None = None, id_tokens: IdTokens | None = None
    ) -> FastAPI:
        """Return the application; by default it believes the test's own issuer."""
        clock: Clock = self.issuer.clock
        routers = [
            reports_router(self.reports, self.rows),
            stream_router(self.reports, self.shown, self.closing, clients=self.observer.metrics.http.stream_clients),
            pages_router(self.reports, self.sessions),
            sign_in_router(
                SignIn(issuer or IssuerClient(ISSUER, httpx.AsyncClient()), id_tokens or self.issuer.id_tokens(), self.sessions)
            ),
        ]
        web = Web(verifier=verifier or self.issuer.verifier(), clock=clock, sessions=self.sessions, reads=ReadsInMemory("reporting"))
        return create_app(
            name="reporting", summary="Figures, timelines and activity of the programme.", routers=routers, web=web, observer=self.observer
        )

    def client(self, **claims: object) -> httpx.AsyncClient:
        """Return a client of the application, with a token of these claims; `sub=None` sends none."""
        headers = {} if claims.get("sub", "") is None else {"Authorization": f"Bearer {self.issuer.token(**claims)}"}
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.application()), base_url="http://reporting.test", headers=headers)
