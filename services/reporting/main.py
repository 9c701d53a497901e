"""The reporting service, put together: what its host runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from contracts.reference import consortium
from contracts.topics import FEEDS, topic_of
from services._runtime.hosting.host import host
from services._runtime.hosting.service import Service
from services._runtime.messaging.ingester import Ingester
from services._runtime.messaging.journal_postgres import PostgresJournal, PostgresJournalWriter
from services._runtime.projecting.journal_source import JournalSource
from services._runtime.web.id_tokens import IdTokens
from services._runtime.web.issuer_keys import IssuerKeys
from services._runtime.web.sessions import Sessions
from services._runtime.web.sessions_postgres import PostgresSessionRows
from services.reporting.adapters.figures import Reports
from services.reporting.adapters.http_in import reports_router
from services.reporting.adapters.issuer_out import Client, IssuerClient
from services.reporting.adapters.pages_in import pages_router
from services.reporting.adapters.person_reads_in import person_reads_router
from services.reporting.adapters.sign_in import SignIn, sign_in_router
from services.reporting.adapters.stream_out import stream_router
from services.reporting.app.process_managers import PROCESS_MANAGERS
from services.reporting.projections import MODELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import APIRouter

    from services._runtime.hosting.parts import Parts
    from services._runtime.store.leadership import Lease


def reporting_service() -> Service:
    """Return the service: the page, figures and timelines over HTTP; read models over the journal of all services."""
    return Service(
        name="reporting",
        summary="Figures against the targets, timelines and activity, live and as of a position of the journal.",
        routers=_routers,
        process_manager=PROCESS_MANAGERS,
        models=MODELS,
        source=_source,
        ingester=_ingester,
        sessions=_sessions,
    )


def _ingester(parts: Parts, lease: Lease) -> Ingester:
    writer = PostgresJournalWriter(lease.transaction, parts.wakes, consumer="reporting.ingester")
    return Ingester(parts.settings.kafka, {topic_of(feed): feed for feed in FEEDS}, writer, observer=parts.observer)


def _source(parts: Parts) -> JournalSource:
    return JournalSource(PostgresJournal(parts.pool, parts.wakes))


def _routers(parts: Parts) -> Sequence[APIRouter]:
    reports = Reports(parts.rows, _source(parts), consortium())
    stream = stream_router(reports, parts.shown, parts.closing, clients=parts.observer.metrics.http.stream_clients)
    signing_in = _sign_in(parts)
    pages, reads = pages_router(reports, signing_in.sessions), person_reads_router(parts.answers)
    return reports_router(reports, parts.answers), reads, stream, pages, sign_in_router(signing_in)


def _sessions(parts: Parts) -> Sessions:
    return Sessions(PostgresSessionRows(parts.pool), parts.clock)


def _sign_in(parts: Parts) -> SignIn:
    settings, http = parts.settings, httpx.AsyncClient(timeout=5)
    id_tokens = IdTokens(IssuerKeys(settings.issuer, http, parts.clock), settings.client_id, parts.clock)
    return SignIn(IssuerClient(settings.issuer, http, Client(settings.client_id, settings.client_secret)), id_tokens, _sessions(parts))


if __name__ == "__main__":
    host(reporting_service())
