"""The pathways service's interface over memory or over a real PostgreSQL: one suite for both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, cast
from uuid import UUID

import httpx

from contracts.duplicates import DuplicateConfirmed, DuplicateSplit
from contracts.event import Event
from contracts.intake import BeneficiaryEnrolled, BeneficiaryExited
from contracts.intake_codes import Destination, ExitReason, Sex
from contracts.transfers import TransferAccepted
from services._runtime.clock import SystemClock
from services._runtime.handling import Commands
from services._runtime.ids import new_event_id, new_id
from services._runtime.projecting.feed_source import FeedSource
from services._runtime.projecting.fenced import FencedRows
from services._runtime.projecting.memory import MemoryRows
from services._runtime.projecting.postgres import PostgresRows
from services._runtime.projecting.runner import Runner
from services._runtime.reactions import delivered
from services._runtime.store.connecting import open_pool
from services._runtime.store.fence import Fence
from services._runtime.store.key_encryption import KeyEncryptionKey
from services._runtime.store.keyring import Keyring, MemoryKeyring
from services._runtime.store.leadership import Leadership
from services._runtime.store.memory import MemoryEventStore, MemorySequencer
from services._runtime.store.port import EventStore, InboxEntry, Sequencer
from services._runtime.store.postgres import PostgresEventStore
from services._runtime.store.postgres_keyring import PostgresKeyring
from services._runtime.store.postgres_sequencer import PostgresSequencer
from services._runtime.store.postgres_waking import PostgresWakes
from services._runtime.store.recording import Recorder
from services._runtime.web.application import create_app
from services._runtime.web.parts import Web
from services.pathways.adapters.methodology_files import read_governance, read_methodologies
from services.pathways.app.decider import pathway_decider
from services.pathways.app.methodologies import versions_in_use
from services.pathways.app.process_managers import pathway_id_of, process_manager
from services.pathways.app.teams import joined
from services.pathways.app.timers import timetable
from services.pathways.main import MODELS, pathways_routers
from tests.support.database import Cluster
from tests.support.issuer import SigningIssuer
from tests.support.read_models import feed_of, happened
from tests.support.reading import ReadsInMemory

SECRET = b"the secret of the pathways tests, 32 b"
METHODOLOGIES = read_methodologies()
PATHWAYS = pathway_decider(METHODOLOGIES)
MANAGER = process_manager(PATHWAYS, versions_in_use(METHODOLOGIES, read_governance()))

Parts = tuple[EventStore, Keyring, Sequencer, MemoryRows | PostgresRows, Fence | None]


@dataclass(frozen=True)
class Answer:
    """An answer, taken apart."""

    status: int
    content: Any
    headers: httpx.Headers


@dataclass(frozen=True)
class PathwaysWorld:
    """The service as a client sees it, and its store."""

    client: httpx.AsyncClient
    issuer: SigningIssuer
    store: EventStore
    commands: Commands
    catch_up: Callable[[], Awaitable[None]]
    """Sequence what was stored and bring the list level with it."""

    async def post(
        self, path: str, body: dict[str, Any], *, version: int | None = None, key: str | None = None, **claims: object
    ) -> Answer:
        """Send a command, with a new key if none is given, as the case worker that `claims` change."""
        headers = {"Authorization": f"Bearer {self.issuer.token(**claims)}", "Idempotency-Key": key or str(new_id())}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        answer = await self.client.post(path, json=body, headers=headers)
        return Answer(answer.status_code, answer.json(), answer.headers)

    async def get(self, path: str, **claims: object) -> Answer:
        """Read, as the case worker that `claims` change."""
        answer = await self.client.get(path, headers={"Authorization": f"Bearer {self.issuer.token(**claims)}"})
        return Answer(answer.status_code, answer.json(), answer.headers)

    async def ask(self, pathway: UUID, command: str, body: dict[str, Any], **claims: object) -> Answer:
        """Send a command to a pathway at its present version."""
        version = len(await self.store.load(f"pathway-{pathway}"))
        return await self.post(f"/pathways/{pathway}/{command}", body, version=version, key=None, **claims)

    async def tell(self, pathway: UUID, command: str, body: dict[str, Any], **claims: object) -> Answer:
        """Send a command to a pathway at its present version, and demand that it is carried out."""
        answer = await self.ask(pathway, command, body, **claims)
        assert answer.status == 200, answer.content
        return answer

    async def enrolled(self, person: UUID, organisation: str = "ciac") -> UUID:
        """Let intake's enrolment arrive; return the pathway that opened."""
        await self._receive(
            BeneficiaryEnrolled(
                beneficiary_id=person, episode=1, organisation=organisation, territory="PR", municipality="034027", sex=Sex.MALE
            )
        )
        return pathway_id_of(person, 1)

    async def exited(self, person: UUID) -> None:
        """Let intake's exit arrive."""
        reason, destination = ExitReason.PATHWAY_COMPLETED, Destination.OWN_HOME
        await self._receive(BeneficiaryExited(beneficiary_id=person, episode=1, reason=reason, destination=destination))

    async def transferred(self, person: UUID, organisation: str, *, version: int, sender: str = "ciac") -> None:
        """Let intake's acceptance of a transfer arrive, which stands at this version of the person's stream."""
        accepted = TransferAccepted(
            beneficiary_id=person,
            transfer_id=new_id(),
            episode=1,
            organisation=organisation,
            territory="FE",
            sender=sender,
            admissions=(),
        )
        await self._receive(accepted, stream_version=version, responsible_organisation=organisation)

    async def decided(self, event: type[DuplicateConfirmed | DuplicateSplit], person: UUID, survivor: UUID, *, version: int) -> None:
        """Let intake's decision about two records arrive, which stands at this version of the stream of the one that does not go on."""
        await self._receive(event(beneficiary_id=person, other_id=survivor, survivor_id=survivor, episode=1), stream_version=version)

    async def _receive(self, event: Event, **envelope: object) -> None:
        (fed,) = feed_of("intake", [happened(event, event_id=new_event_id(), occurred_on=date(2021, 3, 1), **envelope)])
        came = delivered(fed, SystemClock().now())
        await MANAGER.reactions[type(event)](came, self.commands, InboxEntry(MANAGER.name, came.envelope.event_id))


@asynccontextmanager
async def pathways_world(cluster: Cluster | None) -> AsyncIterator[PathwaysWorld]:
    """Give the service on the cluster's PostgreSQL, or in memory where there is none."""
    clock, issuer = SystemClock(), SigningIssuer()
    async with AsyncExitStack() as stack:
        store, keyring, sequencer, rows, fence = await _on_postgres(stack, cluster) if cluster else _in_memory(clock)
        runner = Runner(MODELS, FeedSource(store), rows)

        async def catch_up() -> None:
            while await sequencer.sequence():
                pass
            while await runner.step():
                pass

        commands = Commands(store, Recorder(keyring), timetable)
        web = Web(
            verifier=issuer.verifier(),
            clock=clock,
            commands=commands,
            secret=SECRET,
            load=fence.load if fence else None,
            joined=partial(joined, store),
            reads=ReadsInMemory("pathways"),
        )
        routers = pathways_routers(PATHWAYS, METHODOLOGIES, FencedRows(fence) if fence else cast("MemoryRows", rows))
        app = create_app(name="pathways", summary="Pathways for tests", routers=routers, web=web)
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://pathways.test")
        yield PathwaysWorld(await stack.enter_async_context(client), issuer, store, commands, catch_up)


def _in_memory(clock: SystemClock) -> Parts:
    store = MemoryEventStore("pathways", clock=clock)
    return store, MemoryKeyring(), MemorySequencer(store), MemoryRows(), None


async def _on_postgres(stack: AsyncExitStack, cluster: Cluster) -> Parts:
    database = await stack.enter_async_context(cluster.fresh("pathways"))
    keys = await stack.enter_async_context(cluster.fresh("keys"))
    pool = await stack.enter_async_context(await open_pool(database.dsn))
    answers_pool = await stack.enter_async_context(await open_pool(database.answers_dsn))
    keys_pool = await stack.enter_async_context(await open_pool(cluster.seen_by("pathways", keys.name).dsn))
    wakes = await stack.enter_async_context(PostgresWakes(database.dsn))
    lease = await stack.enter_async_context(Leadership(database.dsn, "sequence", holder="test").led())
    store = PostgresEventStore(pool, "pathways", wakes)
    keyring = PostgresKeyring(keys_pool, "pathways", KeyEncryptionKey(bytes(range(32))))
    return store, keyring, PostgresSequencer(lease, wakes), PostgresRows(pool), Fence(answers_pool, SystemClock())
