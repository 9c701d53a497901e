"""Destruction and its acknowledgement in every service, in memory, cut off between any two steps. Invariant I7."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from contracts.erasure import ErasureApproved, ErasureCompleted, PersonalDataErased
from contracts.erasure_codes import Holder, RequestedBy
from contracts.event import event_class
from contracts.personal import DataClass
from services._runtime.clock import SimulatedClock, day_of
from services._runtime.decider import Context
from services._runtime.erasing.again import erase_again
from services._runtime.erasing.commands import ApproveErasure, RequestErasure
from services._runtime.erasing.destroying import ACKNOWLEDGEMENT
from services._runtime.erasing.process import Done, NotAsked, Waiting
from services._runtime.errors import Retryable
from services._runtime.handling import Commands, Step
from services._runtime.ids import new_id
from services._runtime.reactions import delivered
from services._runtime.scheduling import Scheduler
from services._runtime.store.destroying import Destruction
from services._runtime.store.keyring import MemoryKeyring, SubjectErased
from services._runtime.store.memory import MemoryEventStore, MemorySequencer
from services._runtime.store.port import InboxEntry
from services._runtime.store.recording import Recorder
from services.cli.services import services
from services.intake.app.deciders import PERSON
from services.intake.app.retention import TIMERS, timetable
from tests.unit.intake.examples import ENROL, EXIT, GIVE_NOTICE, PERSON_ID, READMIT

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from contracts.envelope import FeedEvent
    from services._runtime.reactions import ProcessManager
    from services._runtime.store.port import Append

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SUBJECT = str(PERSON_ID)


class Killed(Retryable):
    """The process died here."""


@dataclass
class Dying:
    """Says before which step the process dies; once, for the next one is another."""

    before: str | None = None

    def step(self, name: str) -> None:
        """Die here, if it is time to."""
        if self.before == name:
            self.before = None
            raise Killed


@dataclass
class DyingKeyring(MemoryKeyring):
    """Keys of a process that dies."""

    dying: Dying

    def __post_init__(self) -> None:
        MemoryKeyring.__init__(self)

    async def destroy(self, subject: str) -> frozenset[UUID]:
        """See `Keyring.destroy`."""
        self.dying.step("keys")
        return await super().destroy(subject)


class DyingStore(MemoryEventStore):
    """The store of a process that dies."""

    def __init__(self, service: str, dying: Dying, clock: SimulatedClock) -> None:
        """Die as `dying` says."""
        super().__init__(service, clock=clock)
        self.dying = dying

    async def erase(self, key_ids: Collection[UUID]) -> None:
        """See `EventStore.erase`."""
        self.dying.step("sealed")
        await super().erase(key_ids)

    async def append(self, append: Append) -> None:
        """See `EventStore.append`."""
        self.dying.step("acknowledgement")
        await super().append(append)


@dataclass
class Part:
    """One service in memory."""

    name: str
    clock: SimulatedClock
    manager: ProcessManager
    dying: Dying = field(default_factory=Dying)
    read: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.keyring = DyingKeyring(self.dying)
        self.store = DyingStore(self.name, self.dying, self.clock)
        recorder = Recorder(self.keyring)
        self.commands = Commands(
            self.store, recorder, timetable, destruction=Destruction(self.store, recorder, key_backups=timedelta(days=30))
        )
        self.sequencer = MemorySequencer(self.store)

    async def handle(self, event: FeedEvent) -> None:
        """Handle a delivery as a consumer does: the inbox first, then the reaction; one that dies is delivered again."""
        envelope = event.recorded.envelope
        reaction = self.manager.reactions.get(event_class(envelope.type, envelope.schema_version))
        entry = InboxEntry(self.manager.name, envelope.event_id)
        if reaction is None or await self.store.handled(entry.consumer, entry.event_id):
            return
        try:
            await reaction(delivered(event, self.clock.now()), self.commands, entry)
        except Killed:
            await self.handle(event)


class World:
    """The four services; a message goes from each to whoever reads it."""

    def __init__(self) -> None:
        """Begin with nothing recorded."""
        self.clock = SimulatedClock(NOW)
        managers = {name: service.process_manager for name, service in services().items()}
        self.parts = {name: Part(name, self.clock, manager) for name, manager in managers.items() if manager is not None}
        self.intake = self.parts["intake"]

    def context(self, actor: str = "worker-1") -> Context:
        """Return the context of somebody who acts now."""
        now = self.clock.now()
        return Context(
            actor=actor,
            organisation="ciac",
            role="case-worker",
            purpose="integration",
            correlation=new_id(),
            now=now,
            occurred_on=day_of(now),
        )

    async def tell(self, *commands: object, actor: str = "worker-1") -> None:
        """Carry commands out on the person, each at a moment of its own."""
        for command in commands:
            self.clock.move_to(self.clock.now() + timedelta(seconds=1))
            await self.intake.commands.execute(Step(PERSON, PERSON_ID, command), context=self.context(actor))

    async def react(self) -> None:
        """Deliver every feed to whoever reads it, until nothing follows any more."""
        moved = True
        while moved:
            self.clock.move_to(self.clock.now() + timedelta(seconds=1))
            moved = any([await part.sequencer.sequence() for part in self.parts.values()])
            for part in self.parts.values():
                for source in part.manager.sources:
                    for event in await self.parts[source].store.feed(after=part.read.get(source, 0), limit=1000):
                        await part.handle(event)
                        part.read[source] = event.feed_position
                        moved = True

    async def types(self, part: Part, stream: str) -> list[str]:
        """Return the types of a stream's events."""
        return [event.recorded.envelope.type for event in await part.store.load(stream)]


async def with_keys_everywhere() -> World:
    """Return a world in which every service has sealed something of a person who has left."""
    world = World()
    await world.tell(GIVE_NOTICE, ENROL, EXIT)
    for part in world.parts.values():
        await part.keyring.keys([(SUBJECT, DataClass.NOTES)])
    await world.tell(RequestErasure(subject_id=PERSON_ID, by=RequestedBy.PERSON, actor="worker-1"))
    return world


APPROVE = ApproveErasure(subject_id=PERSON_ID, actor="officer-1", on=NOW.date())


async def test_every_service_destroys_and_acknowledges_once_and_then_it_is_complete() -> None:
    """No service says so before its keys are gone, and nothing sealed is left."""
    world = await with_keys_everywhere()
    await world.tell(APPROVE, actor="officer-1")
    await world.react()

    opened = await world.intake.commands.read(PERSON, PERSON_ID)
    assert opened.state.erasure == Done(day_of(world.clock.now()) + timedelta(days=30))
    types = [type(event) for event in opened.events]
    assert types.count(PersonalDataErased) == len(Holder)
    assert types.count(ErasureCompleted) == 1
    assert types[-1] is ErasureCompleted
    for part in world.parts.values():
        assert await world.types(part, ACKNOWLEDGEMENT.stream(PERSON_ID)) == [f"{part.name}.erasure_acknowledged"]
        assert all(event.sealed == () for event in part.store._events)
        with pytest.raises(SubjectErased):
            await part.keyring.keys([(SUBJECT, DataClass.IDENTITY)])
    assert all(getattr(event, name) is None for event in opened.events for name in event.personal_fields)


@pytest.mark.parametrize("service", [holder.value for holder in Holder])
@pytest.mark.parametrize("before", ["keys", "sealed", "acknowledgement"])
async def test_a_process_that_dies_between_two_steps_begins_anew_and_ends_the_same(service: str, before: str) -> None:
    """Keys, ciphertexts, acknowledgement: cut off before any of them, nothing is said too early and nothing is left undone."""
    world = await with_keys_everywhere()
    await world.tell(APPROVE, actor="officer-1")
    dying = world.parts[service]
    dying.dying.before = before
    await world.react()

    assert dying.dying.before is None, "it died"
    opened = await world.intake.commands.read(PERSON, PERSON_ID)
    assert isinstance(opened.state.erasure, Done)
    for part in world.parts.values():
        assert await world.types(part, ACKNOWLEDGEMENT.stream(PERSON_ID)) == [f"{part.name}.erasure_acknowledged"]
        assert all(event.sealed == () for event in part.store._events)


async def test_a_service_whose_keys_stand_says_nothing() -> None:
    """Killed after the approval was delivered and before anything else: there is no acknowledgement without destruction."""
    world = await with_keys_everywhere()
    await world.tell(APPROVE, actor="officer-1")
    await world.intake.sequencer.sequence()
    pathways = world.parts["pathways"]
    (approval,) = [
        event for event in await world.intake.store.feed(after=0, limit=100) if event.recorded.envelope.type == ErasureApproved.type_name
    ]
    pathways.dying.before = "keys"
    reaction = pathways.manager.reactions[ErasureApproved]
    with pytest.raises(Killed):
        await reaction(delivered(approval, world.clock.now()), pathways.commands, InboxEntry(pathways.manager.name, new_id()))
    assert await pathways.store.load(ACKNOWLEDGEMENT.stream(PERSON_ID)) == []


async def test_what_a_restored_backup_brings_back_is_erased_again() -> None:
    """Keys and ciphertexts of before the erasure, put back while nothing ran: the service's own acknowledgement is enough to know."""
    world = await with_keys_everywhere()
    await world.tell(APPROVE, actor="officer-1")
    await world.react()
    intake = world.intake
    back = MemoryKeyring()
    await back.keys([(SUBJECT, DataClass.NOTES), ("another", DataClass.NOTES)])
    restored = Commands(intake.store, Recorder(back))

    assert await erase_again(restored) == 1

    with pytest.raises(SubjectErased):
        await back.keys([(SUBJECT, DataClass.NOTES)])
    assert await back.keys([("another", DataClass.NOTES)])
    assert await erase_again(restored) == 1


async def test_the_end_of_retention_asks_and_somebody_still_approves() -> None:
    """Five years after the year in which care ended; a timer that finds the person in care again does nothing."""
    world = World()
    scheduler = Scheduler("intake", world.intake.store, world.intake.commands, TIMERS, world.clock)
    await world.tell(GIVE_NOTICE, ENROL, EXIT)
    world.clock.move_to(datetime(2031, 12, 31, 12, tzinfo=UTC))
    await _until_none_is_due(scheduler)
    assert isinstance((await world.intake.commands.read(PERSON, PERSON_ID)).state.erasure, NotAsked)
    world.clock.move_to(datetime(2032, 1, 1, 12, tzinfo=UTC))
    await _until_none_is_due(scheduler)
    assert (await world.intake.commands.read(PERSON, PERSON_ID)).state.erasure == Waiting("ancora.intake")
    await world.tell(ApproveErasure(subject_id=PERSON_ID, actor="officer-1", on=day_of(world.clock.now())), actor="officer-1")
    await world.react()
    assert isinstance((await world.intake.commands.read(PERSON, PERSON_ID)).state.erasure, Done)


async def test_who_was_readmitted_is_not_asked_about_when_the_old_time_ends() -> None:
    """The timer of the first exit stands, and looks again."""
    world = World()
    scheduler = Scheduler("intake", world.intake.store, world.intake.commands, TIMERS, world.clock)
    await world.tell(GIVE_NOTICE, ENROL, EXIT, READMIT)
    world.clock.move_to(datetime(2032, 1, 2, 12, tzinfo=UTC))
    await _until_none_is_due(scheduler)
    assert isinstance((await world.intake.commands.read(PERSON, PERSON_ID)).state.erasure, NotAsked)


async def _until_none_is_due(scheduler: Scheduler) -> None:
    while await scheduler.wake_due():
        pass
