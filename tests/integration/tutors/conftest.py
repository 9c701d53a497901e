"""The tutors service over HTTP, on memory and on PostgreSQL: one suite for both."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, cast

import httpx
import pytest

from services._runtime.clock import SystemClock
from services._runtime.handling import Commands
from services._runtime.projecting.fenced import FencedRows
from services._runtime.projecting.memory import MemoryRows
from services._runtime.projecting.postgres import PostgresRows
from services._runtime.store.connecting import open_pool
from services._runtime.store.fence import Fence
from services._runtime.store.keyring import MemoryKeyring
from services._runtime.store.leadership import Leadership
from services._runtime.store.memory import MemoryEventStore, MemorySequencer
from services._runtime.store.postgres import PostgresEventStore
from services._runtime.store.postgres_sequencer import PostgresSequencer
from services._runtime.store.postgres_waking import PostgresWakes
from services._runtime.store.recording import Recorder
from services._runtime.web.application import create_app
from services._runtime.web.parts import Web
from services.tutors.adapters.http_in import routers
from services.tutors.app.own_assignments import stands_beside
from services.tutors.app.timers import timetable
from services.tutors.projections.register_cuts import FencedCuts, MemoryCuts
from tests.integration.tutors.api import Api
from tests.support.issuer import SigningIssuer
from tests.support.reading import ReadsInMemory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services._runtime.store.port import EventStore, Sequencer
    from tests.support.database import Cluster

SECRET = b"a secret of thirty-two bytes or so"


def _api(store: EventStore, sequencer: Sequencer, rows: MemoryRows | PostgresRows, fence: Fence | None = None) -> Api:
    issuer, clock, reads = SigningIssuer(), SystemClock(), ReadsInMemory("tutors")
    commands = Commands(store, Recorder(MemoryKeyring()), timetable)
    reads = ReadsInMemory("tutors")
    web = Web(
        verifier=issuer.verifier(),
        clock=clock,
        commands=commands,
        secret=SECRET,
        demonstration=True,
        load=fence.load if fence else None,
        joined=partial(stands_beside, store),
        reads=reads,
    )
    answers = FencedRows(fence) if fence else cast("MemoryRows", rows)
    cuts = FencedCuts(fence) if fence else MemoryCuts(store)
    app = create_app(name="tutors", summary="Tutors for tests", routers=routers(answers, cuts), web=web)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tutors.test")
    return Api(client, issuer, store, sequencer, commands, rows, reads)


async def _on_postgres(cluster: Cluster, stack: AsyncExitStack) -> Api:
    database = await stack.enter_async_context(cluster.fresh("tutors", demonstration=True))
    pool = await open_pool(database.dsn)
    stack.push_async_callback(pool.close)
    answers = await open_pool(database.answers_dsn)
    stack.push_async_callback(answers.close)
    wakes = await stack.enter_async_context(PostgresWakes(database.dsn))
    lease = await Leadership(database.dsn, "sequence", holder="test", silence=timedelta(0)).take()
    assert lease is not None
    stack.push_async_callback(lease.release)
    return _api(
        PostgresEventStore(pool, "tutors", wakes), PostgresSequencer(lease, wakes), PostgresRows(pool), Fence(answers, SystemClock())
    )


@pytest.fixture(params=["memory", "postgres"])
def server(request: pytest.FixtureRequest) -> Cluster | None:
    """Give each implementation's server in turn; memory has none, so that its tests start nothing."""
    if request.param == "memory":
        return None
    found: Cluster = request.getfixturevalue("cluster")
    return found


@pytest.fixture
async def api(server: Cluster | None) -> AsyncIterator[Api]:
    """Give the service on each implementation in turn."""
    async with AsyncExitStack() as stack:
        if server is None:
            store = MemoryEventStore("tutors", demonstration=True)
            made = _api(store, MemorySequencer(store), MemoryRows())
        else:
            made = await _on_postgres(server, stack)
        stack.push_async_callback(made.client.aclose)
        yield made
