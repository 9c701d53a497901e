"""The intake service's interface over memory or over a real PostgreSQL: one suite for both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, cast
from uuid import UUID

import httpx

from services._runtime.clock import Clock, SystemClock
from services._runtime.handling import Commands
from services._runtime.ids import new_id
from services._runtime.projecting.feed_source import FeedSource
from services._runtime.projecting.fenced import FencedRows
from services._runtime.projecting.memory import MemoryRows
from services._runtime.projecting.postgres import PostgresRows
from services._runtime.projecting.runner import Runner
from services._runtime.store.connecting import open_pool
from services._runtime.store.fence import Fence
from services._runtime.store.key_encryption import KeyEncryptionKey
from services._runtime.store.keyring import Keyring, MemoryKeyring
from services._runtime.store.leadership import Leadership
from services._runtime.store.memory import MemoryEventStore, MemorySequencer
from services._runtime.store.port import EventStore, Sequencer
from services._runtime.store.postgres import PostgresEventStore
from services._runtime.store.postgres_keyring import PostgresKeyring
from services._runtime.store.postgres_sequencer import PostgresSequencer
from services._runtime.store.postgres_waking import PostgresWakes
from services._runtime.store.recording import Recorder
from services._runtime.web.application import create_app
from services._runtime.web.parts import Web
from services._runtime.web.rates import Rates
from services.intake.adapters.aliases_in import alias_commands
from services.intake.adapters.bulk_transfers_in import bulk_transfers
from services.intake.adapters.disclosures_in import router as disclosure_router
from services.intake.adapters.documents_in import router as document_router
from services.intake.adapters.duplicates_in import decisions, duplicate_searches
from services.intake.adapters.emergency_in import emergencies, emergency_list
from services.intake.adapters.enrolling_in import enrolling
from services.intake.adapters.enrolment_files_in import enrolment_files
from services.intake.adapters.http_in import router
from services.intake.adapters.joint_comparisons_in import comparison_commands, comparison_list, comparisons
from services.intake.adapters.reads_in import lists, records
from services.intake.adapters.referrals_in import referral_list, referrals
from services.intake.adapters.search_in import searches
from services.intake.adapters.transfers_in import transfer_list, transfers
from services.intake.app.parties import joined
from services.intake.app.timers import timetable
from services.intake.app.transfers import offered
from services.intake.projections.caseload import CASELOAD
from services.intake.projections.comparisons import COMPARISONS
from services.intake.projections.duplicates import LikenessFinder
from services.intake.projections.emergencies import EMERGENCIES
from services.intake.projections.likenesses import LikenessFollower, LikenessIndex
from services.intake.projections.likenesses_memory import MemoryLikenesses
from services.intake.projections.likenesses_postgres import PostgresLikenesses
from services.intake.projections.names import NameFollower, NameIndex
from services.intake.projections.names_memory import MemoryNames
from services.intake.projections.names_postgres import FencedNames, PostgresNames
from services.intake.projections.referrals import REFERRALS
from services.intake.projections.transfers import TRANSFERS
from tests.support.database import Cluster
from tests.support.issuer import SigningIssuer
from tests.support.reading import ReadsInMemory

SECRET = b"the secret of intake's tests, 32 bytes"


@dataclass(frozen=True)
class Answer:
    """An answer, taken apart."""

    status: int
    content: Any
    headers: httpx.Headers


@dataclass(frozen=True)
class IntakeWorld:
    """Intake, as a client sees it, and its store."""

    client: httpx.AsyncClient
    issuer: SigningIssuer
    store: EventStore
    keyring: Keyring
    names: NameIndex
    likenesses: LikenessIndex
    catch_up: Callable[[], Awaitable[None]]
    """Sequence what was stored and bring the lists level with it."""
    commands: Commands
    reads: ReadsInMemory

    async def post(self, path: str, body: dict[str, Any], *, version: int | None = None, **claims: object) -> Answer:
        """Send a command with a new key, as the case worker that `claims` change."""
        headers = {"Authorization": f"Bearer {self.issuer.token(**claims)}", "Idempotency-Key": str(new_id())}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        answer = await self.client.post(path, json=body, headers=headers)
        return Answer(answer.status_code, answer.json(), answer.headers)

    async def get(self, path: str, **claims: object) -> Answer:
        """Read, as the case worker that `claims` change."""
        answer = await self.client.get(path, headers={"Authorization": f"Bearer {self.issuer.token(**claims)}"})
        return Answer(answer.status_code, answer.json(), answer.headers)

    async def tell(self, person: UUID, command: str, body: dict[str, Any]) -> Answer:
        """Send a command to a person's record at its present version, and demand that it is carried out."""
        version = len(await self.store.load(f"person-{person}"))
        answer = await self.post(f"/beneficiaries/{person}/{command}", body, version=version or None)
        assert answer.status in (200, 201), answer.content
        return answer


@asynccontextmanager
async def intake_world(cluster: Cluster | None, clock: Clock | None = None, *, rates: Rates | None = None) -> AsyncIterator[IntakeWorld]:
    """Give intake on the cluster's PostgreSQL, or in memory where there is none; there by any clock, which the machine's is by default."""
    clock = clock or SystemClock()
    issuer = SigningIssuer(clock)
    async with AsyncExitStack() as stack:
        store, keyring, sequencer, rows, names, likenesses, fence = await _on_postgres(stack, cluster) if cluster else _in_memory(clock)
        runner = Runner([CASELOAD, COMPARISONS, EMERGENCIES, REFERRALS, TRANSFERS], FeedSource(store), rows)
        recorder = Recorder(keyring)
        followers = (
            NameFollower(names, FeedSource(store), store, recorder),
            LikenessFollower(likenesses, FeedSource(store), store, recorder, keyring),
        )

        async def catch_up() -> None:
            while await sequencer.sequence():
                pass
            while await runner.step():
                pass
            for follower in followers:
                while await follower.step():
                    pass

        commands = Commands(store, Recorder(keyring), timetable)
        reads = ReadsInMemory("intake")
        web = Web(
            verifier=issuer.verifier(),
            clock=clock,
            commands=commands,
            secret=SECRET,
            load=fence.load if fence else None,
            reads=reads,
            rates=rates,
            joined=partial(joined, store),
            offered=offered,
        )
        answers = FencedRows(fence) if fence else cast("MemoryRows", rows)
        found = FencedNames(fence) if fence else cast("MemoryNames", names)
        finder = LikenessFinder(likenesses, store, recorder, keyring)
        routers = [
            router,
            enrolling(finder),
            alias_commands(finder),
            decisions,
            duplicate_searches(finder),
            records,
            lists(answers),
            searches(found),
        ]
        routers += [emergencies, emergency_list(answers), referrals, referral_list(answers), disclosure_router, document_router]
        routers += [transfers, transfer_list(answers), bulk_transfers(answers), enrolment_files(finder)]
        routers += [comparison_commands(finder.reference), comparisons, comparison_list(answers)]
        app = create_app(name="intake", summary="Intake for tests", routers=routers, web=web)
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://intake.test")
        yield IntakeWorld(await stack.enter_async_context(client), issuer, store, keyring, names, likenesses, catch_up, commands, reads)


_Made = tuple[EventStore, Keyring, Sequencer, MemoryRows | PostgresRows, NameIndex, LikenessIndex, Fence | None]


def _in_memory(clock: Clock) -> _Made:
    store = MemoryEventStore("intake", clock=clock)
    return store, MemoryKeyring(), MemorySequencer(store), MemoryRows(), MemoryNames(), MemoryLikenesses(), None


async def _on_postgres(stack: AsyncExitStack, cluster: Cluster) -> _Made:
    database = await stack.enter_async_context(cluster.fresh("intake"))
    keys = await stack.enter_async_context(cluster.fresh("keys"))
    pool = await stack.enter_async_context(await open_pool(database.dsn))
    answers_pool = await stack.enter_async_context(await open_pool(database.answers_dsn))
    keys_pool = await stack.enter_async_context(await open_pool(keys.dsn))
    wakes = await stack.enter_async_context(PostgresWakes(database.dsn))
    lease = await stack.enter_async_context(Leadership(database.dsn, "sequence", holder="test").led())
    store = PostgresEventStore(pool, "intake", wakes)
    keyring = PostgresKeyring(keys_pool, "intake", KeyEncryptionKey(bytes(range(32))))
    names, likenesses = PostgresNames(pool), PostgresLikenesses(pool)
    return store, keyring, PostgresSequencer(lease, wakes), PostgresRows(pool), names, likenesses, Fence(answers_pool, SystemClock())
