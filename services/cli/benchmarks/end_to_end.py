"""Command → visible over SSE, at a steady pace, against a raw commit and a raw produce-to-consume at the same pace.

Ours are the services as `ancora up` runs them: a command over HTTP, its event committed, sequenced, relayed, ingested, folded into every
read model, and told by reporting's stream. A command's time runs from the moment at which it was due, so that what waits for its turn
counts, to the first event of the stream whose id is not below the position of the command's event in the journal. The floor's time runs
from the same moments over one INSERT of an event and one acknowledged record of its data to the consumer that has it. The reader asks for
events as often as there are any (`pace=0.01`): a page, which asks for one a second, sees a change that much later.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from contextlib import asynccontextmanager, suppress
from statistics import quantiles
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from aiohttp import ClientSession, ClientTimeout, TCPConnector
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from contracts.topics import PARTITIONS
from deploy.local.supervision import Supervisor
from services._runtime.ids import new_id
from services._runtime.messaging.kafka import SETTINGS
from services._runtime.provisioning import database_of
from services._runtime.store.connecting import open_pool
from services.cli.benchmarks.making import enrolments
from services.cli.benchmarks.measuring import Bar, Result, UnequalWork, compared
from services.cli.benchmarks.store_append import inserting, prepare_floor, row_of
from services.cli.deployment import ISSUER
from services.cli.up import commands

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence

    from asyncpg import Record

    from services.cli.benchmarks.counts import Counts
    from services.cli.benchmarks.ground import Database, Ground
    from services.cli.deployment import Deployment

P50, P99 = Bar(at_most=10), Bar(at_most=15)

_WORKER, _READER = "case-worker.ciac", "lead-partner.ciac"
_ARRIVING_S = 30.0
_LOOK_S = 0.05
_ENDLESS = ClientTimeout(total=None)
_BODY = {"notice_version": "2021-1", "language": "ti", "how": "orally", "mediator": True}
_POSITIONS = "select event_id, position from messaging.journal where event_id = any($1)"

Latencies = list[float]
Told = TypeVar("Told")


class NotAllSeen(Exception):
    """Commands were not answered or did not become visible in time, so that what was seen of the others would flatter."""


async def measure(ground: Ground, counts: Counts) -> list[Result]:
    """Measure both; the first commands of each turn only warm up."""
    halves: list[tuple[float, float]] = []
    tails: list[tuple[float, float]] = []
    # Made before the services connect to what it is a copy of.
    async with ground.database("intake") as database, _served(ground.deployment):
        await prepare_floor(database)
        for _ in range(counts.paced_repeats):
            ours, floor = await _ours(ground.deployment, counts), await _floor(ground, database, counts)
            if len(ours) != len(floor):
                raise UnequalWork(f"ours saw {len(ours)}, the floor {len(floor)}")
            (half, tail), (floor_half, floor_tail) = _at(ours), _at(floor)
            halves.append((half, floor_half))
            tails.append((tail, floor_tail))
    return [compared("end_to_end_p50", "ms", P50, halves), compared("end_to_end_p99", "ms", P99, tails)]


@asynccontextmanager
async def _served(deployment: Deployment) -> AsyncIterator[None]:
    """Run the services and the issuer, each in its process."""
    supervisor = Supervisor(deployment.home, commands(deployment))
    await supervisor.start()
    try:
        yield
    finally:
        await supervisor.stop()


async def _ours(deployment: Deployment, counts: Counts) -> Latencies:
    """Send commands at the pace and read the stream meanwhile; return the seconds that each took to become visible."""
    async with ClientSession(connector=TCPConnector(limit=32), raise_for_status=True) as client:
        worker, reader = [await _token(client, deployment, login) for login in (_WORKER, _READER)]
        seen: list[tuple[int, float]] = []
        reading = asyncio.create_task(_read(client, deployment, reader, seen))

        async def tell(_number: int) -> UUID:
            path = f"{deployment.url('intake')}/beneficiaries/{new_id()}/privacy-notices"
            headers = {"Authorization": f"Bearer {worker}", "Idempotency-Key": str(new_id())}
            async with client.post(path, json=_BODY, headers=headers) as answer:
                return UUID((await answer.json())["events"][0]["id"])

        try:
            due = await _paced(tell, counts)
            positions = await _positions(deployment, [event_id for event_id, _ in due])
            await _until(lambda: bool(seen) and seen[-1][0] >= max(positions.values()))
        finally:
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading
    return _visible([(positions[event_id], moment) for event_id, moment in due], seen)[counts.paced_warm_up :]


async def _floor(ground: Ground, database: Database, counts: Counts) -> Latencies:
    """Commit a row and produce a record at the pace, and consume meanwhile; return the seconds from the row to the record."""
    topic, clock = await ground.topic(), asyncio.get_running_loop()
    appends = await enrolments(counts.paced_warm_up + counts.paced)
    arrived: dict[int, float] = {}
    consumer = AIOKafkaConsumer(bootstrap_servers=ground.kafka, enable_auto_commit=False, auto_offset_reset="earliest")
    async with (
        AIOKafkaProducer(bootstrap_servers=ground.kafka, **SETTINGS) as producer,
        consumer,
        await open_pool(database.dsn, size=10) as pool,
    ):
        consumer.assign([TopicPartition(topic, number) for number in range(PARTITIONS)])
        insert = inserting(pool)

        async def consume() -> None:
            async for record in consumer:
                arrived[int(record.key)] = clock.time()

        async def tell(number: int) -> int:
            ((event,),) = (stream.events for stream in appends[number].streams)
            await insert(row_of(appends[number]))
            await producer.send_and_wait(topic, event.recorded.data, key=str(number).encode())
            return number

        consuming = asyncio.create_task(consume())
        try:
            due = await _paced(tell, counts)
            await _until(lambda: len(arrived) == len(due))
        finally:
            consuming.cancel()
            await asyncio.wait([consuming])
    return [arrived[number] - moment for number, moment in due][counts.paced_warm_up :]


async def _paced(tell: Callable[[int], Coroutine[None, None, Told]], counts: Counts) -> list[tuple[Told, float]]:
    """Tell one after the other at the pace, whether or not those before are through; return what each gave and when it was due."""
    clock = asyncio.get_running_loop()
    began = clock.time() + 1 / counts.pace
    moments = [began + number / counts.pace for number in range(counts.paced_warm_up + counts.paced)]
    tasks: list[asyncio.Task[Told]] = []
    async with asyncio.TaskGroup() as group:
        for number, moment in enumerate(moments):
            await asyncio.sleep(moment - clock.time())
            tasks.append(group.create_task(tell(number)))
    return [(task.result(), moment) for task, moment in zip(tasks, moments, strict=True)]


async def _token(client: ClientSession, deployment: Deployment, login: str) -> str:
    asked = {"grant_type": "client_credentials", "client_id": login}
    async with client.post(f"{deployment.url(ISSUER)}/token", data=asked) as answer:
        return str((await answer.json())["access_token"])


async def _read(client: ClientSession, deployment: Deployment, token: str, seen: list[tuple[int, float]]) -> None:
    """Follow the stream and note each event's id and moment."""
    clock = asyncio.get_running_loop()
    headers, url = {"Authorization": f"Bearer {token}"}, f"{deployment.url('reporting')}/stream?pace=0.01"
    async with client.get(url, headers=headers, timeout=_ENDLESS) as answer:
        async for line in answer.content:
            if line.startswith(b"id: "):
                seen.append((int(line[4:]), clock.time()))  # noqa: PERF401 - read while it grows


async def _positions(deployment: Deployment, events: Sequence[UUID]) -> dict[UUID, int]:
    """Return where in the journal the events are, once all are there."""
    database = database_of("reporting")
    async with await open_pool(deployment.admin(database), size=1) as pool:
        found: list[Record] = []
        async with _bounded():
            while len(found) < len(events):
                await asyncio.sleep(_LOOK_S)
                found = await pool.fetch(_POSITIONS, events)
        return {row["event_id"]: row["position"] for row in found}


async def _until(all_there: Callable[[], bool]) -> None:
    """Wait until it is so; raises `NotAllSeen`."""
    async with _bounded():
        while not all_there():  # noqa: ASYNC110 - what is looked at lies in other processes
            await asyncio.sleep(_LOOK_S)


@asynccontextmanager
async def _bounded() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(_ARRIVING_S):
            yield
    except TimeoutError:
        raise NotAllSeen(f"not everything arrived within {_ARRIVING_S:g} s after the last command") from None


def _visible(due: Iterable[tuple[int, float]], seen: Sequence[tuple[int, float]]) -> Latencies:
    """Return how long after its moment each position was reached by the stream."""
    ids = [position for position, _ in seen]
    return [seen[bisect_left(ids, position)][1] - moment for position, moment in due]


def _at(latencies: Latencies) -> tuple[float, float]:
    """Return the latencies' 50th and 99th percentile in milliseconds."""
    percentiles = quantiles(latencies, n=100, method="inclusive")
    return percentiles[49] * 1000, percentiles[98] * 1000
