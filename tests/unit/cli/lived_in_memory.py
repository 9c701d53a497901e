"""The three services that the caseload is lived in, on memory stores: commands by HTTP in process, reactions and timers at once.

Nothing is faked but the medium: application, identity, deciders, process managers and timers are the services' own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from contracts.errors import Refusal
from contracts.event import event_class
from services._runtime.clock import SystemClock
from services._runtime.handling import Commands, Timetable, no_timers
from services._runtime.projecting.feed_source import FeedSource
from services._runtime.projecting.memory import MemoryRows
from services._runtime.reactions import ProcessManager, delivered
from services._runtime.scheduling import Scheduler
from services._runtime.store.keyring import MemoryKeyring
from services._runtime.store.memory import MemoryEventStore, MemorySequencer
from services._runtime.store.port import InboxEntry
from services._runtime.store.recording import Recorder
from services._runtime.web.application import create_app
from services._runtime.web.parts import Web
from services.cli.caseload.telling_apart import looked_up
from services.intake.adapters.aliases_in import alias_commands
from services.intake.adapters.disclosures_in import router as disclosures
from services.intake.adapters.documents_in import router as documents
from services.intake.adapters.duplicates_in import decisions, duplicate_searches
from services.intake.adapters.enrolling_in import enrolling
from services.intake.adapters.http_in import router as intake_router
from services.intake.adapters.joint_comparisons_in import comparison_commands
from services.intake.adapters.reads_in import records
from services.intake.adapters.referrals_in import referrals
from services.intake.adapters.transfers_in import transfers
from services.intake.app import timers as intake_timers
from services.intake.app.transfers import offered
from services.intake.projections.duplicates import LikenessFinder
from services.intake.projections.likenesses import LikenessFollower
from services.intake.projections.likenesses_memory import MemoryLikenesses
from services.pathways.adapters.methodology_files import read_governance, read_methodologies
from services.pathways.app import timers as pathway_timers
from services.pathways.app.decider import pathway_decider
from services.pathways.app.methodologies import versions_in_use
from services.pathways.app.process_managers import process_manager
from services.pathways.main import pathways_routers
from services.tutors.adapters import http_in as tutors_http
from services.tutors.app import timers as tutor_timers
from services.tutors.app.process_managers import PROCESS_MANAGERS
from services.tutors.projections.register_cuts import MemoryCuts
from tests.support.issuer import SigningIssuer
from tests.support.reading import ReadsInMemory

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fastapi import APIRouter
    from starlette.routing import Route

    from contracts.envelope import FeedEvent
    from services._runtime.scheduling import TimerHandler
    from services.cli.caseload.planned import PlannedCommand

_SECRET = b"the secret of the lived caseload, 32"
_AS_LONG_AS_A_TEST = 12 * 3600


@dataclass
class LivingService:
    """One service: its application, and what it has read of the others' feeds."""

    name: str
    store: MemoryEventStore
    commands: Commands
    client: httpx.AsyncClient
    sequencer: MemorySequencer
    scheduler: Scheduler
    manager: ProcessManager | None
    routes: Sequence[Route]
    read: dict[str, int] = field(default_factory=dict)


def _store(name: str) -> MemoryEventStore:
    return MemoryEventStore(name, clock=SystemClock(), demonstration=True)


Told = Callable[[str, str, bytes, httpx.Response], None]


class Refused(AssertionError):
    """A planned command was refused; the text names the command and the problem's code, no value."""


class World:
    """All three, and one issuer whom they believe."""

    def __init__(self, told: Told | None = None) -> None:
        """Begin with nothing recorded; `told` is told of each command that is carried out: service, address, body and answer."""
        self.told = told
        self.issuer = SigningIssuer()
        methodologies = read_methodologies()
        pathways = pathway_decider(methodologies)
        self.services = {
            "intake": self._intake(),
            "pathways": self._service(
                "pathways",
                pathways_routers(pathways, methodologies, MemoryRows()),
                timetable=pathway_timers.timetable,
                handlers=pathway_timers.timer_handlers(pathways),
                manager=process_manager(pathways, versions_in_use(methodologies, read_governance())),
            ),
            "tutors": self._service(
                "tutors",
                tutors_http.routers(MemoryRows(), MemoryCuts(MemoryEventStore("tutors"))),
                timetable=tutor_timers.timetable,
                handlers=tutor_timers.HANDLERS,
                manager=PROCESS_MANAGERS,
            ),
        }
        self.refused_reactions = Counter[str]()
        self._tokens: dict[str, str] = {}

    def _service(
        self,
        name: str,
        routers: Sequence[APIRouter],
        *,
        timetable: Timetable = no_timers,
        handlers: Mapping[str, TimerHandler] | None = None,
        manager: ProcessManager | None = None,
        kept: tuple[MemoryEventStore, MemoryKeyring] | None = None,
    ) -> LivingService:
        clock = SystemClock()
        store, keyring = kept or (_store(name), MemoryKeyring())
        commands = Commands(store, Recorder(keyring), timetable)
        web = Web(
            verifier=self.issuer.verifier(),
            clock=clock,
            commands=commands,
            secret=_SECRET,
            demonstration=True,
            reads=ReadsInMemory(name),
            offered=offered if name == "intake" else None,
        )
        app = create_app(name=name, summary="lived in memory", routers=routers, web=web)
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://{name}.test")
        scheduler = Scheduler(name, store, commands, handlers or {}, clock)
        return LivingService(name, store, commands, client, MemorySequencer(store), scheduler, manager, app.state.routes)

    def _intake(self) -> LivingService:
        """Return intake, where whoever enrols somebody sees who may be the same person."""
        store, keyring, index = _store("intake"), MemoryKeyring(), MemoryLikenesses()
        recorder = Recorder(keyring)
        finder = LikenessFinder(index, store, recorder, keyring)
        self._likenesses = LikenessFollower(index, FeedSource(store), store, recorder, keyring)
        told = (intake_router, enrolling(finder), alias_commands(finder), referrals, disclosures, documents, transfers)
        compared = (duplicate_searches(finder), decisions, comparison_commands(finder.reference), records)
        return self._service(
            "intake",
            [*told, *compared],
            timetable=intake_timers.timetable,
            handlers=intake_timers.TIMERS,
            kept=(store, keyring),
        )

    async def live(self, windows: Iterable[Sequence[PlannedCommand]]) -> None:
        """Send every command in order, each day's reactions and timers before the next; raises `Refused`."""
        for window in windows:
            for command in window:
                await self._send(command)
                await self._react()
            for service in self.services.values():
                while await service.scheduler.wake_due():
                    pass
            await self._react()

    async def _send(self, command: PlannedCommand) -> None:
        service = self.services[command.service]
        version = len(await service.store.load(command.stream))
        headers = {
            "Authorization": f"Bearer {self._token(command.login)}",
            "Idempotency-Key": command.key,
            "Ancora-Demonstration-Clock": command.moment.isoformat().replace("+00:00", "Z"),
            "Content-Type": "application/json",
            **({"If-Match": f'"{version}"'} if not command.creates else {}),
        }
        content = command.content(command.left_open.named)
        if command.left_open.looked_up:
            found = await looked_up(service.client, headers["Authorization"], command)
            assert found is not None, command.name
            content = found
        answer = await service.client.post(command.path, content=content, headers=headers)
        if answer.is_success and self.told is not None:
            path = next(route.path for route in service.routes if "POST" in (route.methods or ()) and route.path_regex.match(command.path))
            self.told(command.service, path, content, answer)
        if not answer.is_success:
            problem: dict[str, Any] = answer.json()
            raise Refused(f"{command.moment} {command.name}: {problem['type']} {problem['detail']} {problem.get('errors', '')}")

    async def _react(self) -> None:
        """Deliver every feed to whoever reads it, until nothing follows any more."""
        moved = True
        while moved:
            moved = False
            for service in self.services.values():
                while await service.sequencer.sequence():
                    moved = True
            while await self._likenesses.step():
                pass
            for service in self.services.values():
                for source in self.services.keys() & set(service.manager.sources) if service.manager else ():
                    moved = await self._deliver(service, source) or moved

    async def _deliver(self, service: LivingService, source: str) -> bool:
        events = await self.services[source].store.feed(after=service.read.get(source, 0), limit=1000)
        for event in events:
            await self._handle(service, event)
            service.read[source] = event.feed_position
        return bool(events)

    async def _handle(self, service: LivingService, event: FeedEvent) -> None:
        assert service.manager is not None
        envelope = event.recorded.envelope
        reaction = service.manager.reactions.get(event_class(envelope.type, envelope.schema_version))
        if reaction is None:
            return
        entry = InboxEntry(service.manager.name, envelope.event_id)
        try:
            await reaction(delivered(event, SystemClock().now()), service.commands, entry)
        except Refusal as refusal:
            self.refused_reactions[f"{service.name}: {envelope.type}: {refusal.code}"] += 1

    def _token(self, login: str) -> str:
        if login not in self._tokens:
            role, _, organisation = login.partition(".")
            self._tokens[login] = self.issuer.token(
                sub=login,
                exp=int(SystemClock().now().timestamp()) + _AS_LONG_AS_A_TEST,
                ancora_org=organisation,
                ancora_role=role.rstrip("-23"),
                ancora_clock="demonstration",
            )
        return self._tokens[login]

    def stored(self) -> Counter[str]:
        """Return how many events of each type are stored."""
        everything = (event for service in self.services.values() for event in service.store._events)
        return Counter(event.recorded.envelope.type for event in everything)
