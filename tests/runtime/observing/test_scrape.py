"""What a process answers to probes and to a scrape, whatever kinds of work it does."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
from pydantic import SecretStr

from services._runtime.hosting.parts import Parts, parts_of
from services._runtime.hosting.work import Worker
from services._runtime.ids import new_id
from services._runtime.messaging.parking import Parked
from services._runtime.messaging.parking_postgres import PostgresParking
from services._runtime.observing.observer import Observer
from services._runtime.settings import RuntimeSettings
from services.pathways.main import pathways_service
from tests.runtime.messaging.worlds import Feed, record_of
from tests.support.observed import sample
from tests.support.recorded import opening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.database import Cluster

NOBODY = "127.0.0.1:9"


@pytest.fixture
async def parts(cluster: Cluster, tmp_path: Path) -> AsyncIterator[Parts]:
    """Give the parts of a process of pathways, on databases of its own; its Kafka is away."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(cluster.fresh("pathways"))
        access = await stack.enter_async_context(cluster.fresh("pathways.access"))
        keys = await stack.enter_async_context(cluster.fresh("keys"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        settings = RuntimeSettings(
            database=SecretStr(database.dsn),
            answers_database=SecretStr(database.answers_dsn),
            access_database=SecretStr(access.dsn),
            keys_database=SecretStr(cluster.seen_by("pathways", keys.name).dsn),
            kek_file=tmp_path / "kek",
            kafka=NOBODY,
            issuer="https://issuer.test",
            port=port,
        )
        yield await stack.enter_async_context(parts_of("pathways", settings, pathways_service().timetable, Observer()))


async def test_a_scrape_knows_what_the_database_knows(parts: Parts) -> None:
    """Outbox and its age, feed, relay, what is parked, models, who leads."""
    parking = PostgresParking(parts.pool)
    event = Feed().add()
    await parking.park(Parked("pathways.process-managers", record_of(event), "a.Bug", event))
    for _ in range(3):
        await parts.store.append(opening(f"pathway-{new_id()}", 2))
    async with _asked(parts, "api", "project") as client:
        await client.get("/metrics")
        assert _samples(parts, "ancora_outbox_events", "ancora_feed_position", "ancora_relay_lag_events") == [6, 0, 0]
        assert 0 < (sample(parts.observer, "ancora_outbox_oldest_age_seconds") or 0) < 60
    async with _asked(parts, "sequence") as client:
        async with asyncio.timeout(20):
            while sample(parts.observer, "ancora_feed_position") != 6:
                await client.get("/metrics")
                await asyncio.sleep(0.05)
        assert _samples(parts, "ancora_outbox_events", "ancora_outbox_oldest_age_seconds", "ancora_relay_lag_events") == [0, 0, 6]
        assert sample(parts.observer, "ancora_sequenced_events_total") == 6
        assert sample(parts.observer, "ancora_leading", kind="sequence") == 1
        assert (sample(parts.observer, "ancora_leader_epoch", kind="sequence") or 0) >= 1
    assert sample(parts.observer, "ancora_leading", kind="sequence") == 0
    assert sample(parts.observer, "ancora_parked_records", consumer="pathways.process-managers") == 1
    assert sample(parts.observer, "ancora_read_model_stopped", model="pathway_list") in (0, None)


async def test_a_process_without_the_api_answers_probes_and_scrapes_and_nothing_else(parts: Parts) -> None:
    """An orchestrator and Prometheus ask every process the same."""
    async with _asked(parts, "schedule") as client:
        for path in ("/health/live", "/health/ready", "/status", "/metrics"):
            assert (await client.get(path)).status_code == 200
        assert (await client.get("/status")).json()["kinds"] == ["schedule"]
        assert (await client.get("/pathways")).status_code == 404


async def test_a_scrape_answers_while_the_database_is_away(parts: Parts) -> None:
    """What only the database knows is no number then, rather than an old one."""
    await parts.store.append(opening(f"pathway-{new_id()}"))
    async with _asked(parts, "api") as client:
        await client.get("/metrics")
        assert _samples(parts, "ancora_database_reachable", "ancora_outbox_events") == [1, 1]
        await parts.pool.close()
        answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert "ancora_database_reachable 0.0" in answer.text
    assert "ancora_outbox_events NaN" in answer.text
    assert "ancora_leader_epoch{" not in answer.text


def _samples(parts: Parts, *names: str) -> list[float | None]:
    return [sample(parts.observer, name) for name in names]


@asynccontextmanager
async def _asked(parts: Parts, *kinds: str) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of a process that does these kinds of work, all but the relay's; it ends after."""
    async with Worker(pathways_service(), parts, kinds) as worker:
        works = [asyncio.create_task(work()) for kind, work in worker.works().items() if kind != "relay"]
        url = f"http://127.0.0.1:{parts.settings.port}"
        async with httpx.AsyncClient(base_url=url, transport=httpx.AsyncHTTPTransport(retries=5)) as client:
            yield client
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)
