"""The tutors service in memory: its commands, timers and reactions over the memory store, on a clock that tests move."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from contracts.errors import Refusal
from contracts.intake import BeneficiaryExited
from contracts.intake_codes import Destination, ExitReason
from contracts.plans import PlanAgreed
from contracts.tutor_codes import EndReason
from services._runtime.clock import SimulatedClock, day_of
from services._runtime.decider import Context, Decider
from services._runtime.handling import Commands, Receipt, Step
from services._runtime.ids import derived_id, new_id
from services._runtime.reactions import Delivered, delivered
from services._runtime.scheduling import Scheduler
from services._runtime.store.keyring import MemoryKeyring
from services._runtime.store.memory import MemoryEventStore
from services._runtime.store.port import AlreadyHandled, InboxEntry
from services._runtime.store.recording import Recorder
from services.tutors.app.deciders import ASSIGNMENT, REQUEST, TUTOR
from services.tutors.app.process_managers import PROCESS_MANAGERS, request_id_of
from services.tutors.app.steps import assigning, ending, match_id_of, reassigning
from services.tutors.app.timers import HANDLERS, timetable
from services.tutors.domain.assignment_commands import EndAssignment
from services.tutors.domain.assignment_state import AssignmentState, NotAssigned
from services.tutors.domain.matching_commands import AgreedOutside
from services.tutors.domain.request_commands import MeetRequest
from services.tutors.domain.tutor_request_state import RequestState
from services.tutors.domain.tutor_state import Facts, Unregistered
from tests.support.read_models import feed_of, happened
from tests.unit.tutors.cases import ASSIGNABLE, ASSIGNMENT_ID, BENEFICIARY_ID, TODAY, TUTOR_ID

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from contracts.event import Event
    from services._runtime.store.port import Append, StreamEvent
    from services.tutors.domain.tutor_state import TutorEvent


class YieldingStore(MemoryEventStore):
    """A store that lets others go first before each load and append, as a database over a network does."""

    async def load(self, stream_id: str, *, after: int = 0) -> list[StreamEvent]:
        """See `EventStore.load`."""
        await asyncio.sleep(0)
        return await super().load(stream_id, after=after)

    async def append(self, append: Append) -> None:
        """See `EventStore.append`."""
        await asyncio.sleep(0)
        await super().append(append)


def noon(day: date) -> datetime:
    """Return noon in UTC of a day."""
    return datetime.combine(day, time(12), UTC)


def pathway_of(beneficiary_id: UUID, episode: int = 1) -> UUID:
    """Return the id that pathways gives a person's pathway."""
    return derived_id("pathway", beneficiary_id, episode)


def plan_agreed(beneficiary_id: UUID = BENEFICIARY_ID, *, episode: int = 1, version: int = 1, wants_tutor: bool = True) -> PlanAgreed:
    """Return an agreed plan of a person."""
    return PlanAgreed(
        pathway_id=pathway_of(beneficiary_id, episode),
        beneficiary_id=beneficiary_id,
        episode=episode,
        plan_version=version,
        wants_tutor=wants_tutor,
        confirmation="team-member",
        second_member="worker-2",
        mediated=False,
        review_due=TODAY + timedelta(days=90),
    )


def exited(beneficiary_id: UUID = BENEFICIARY_ID, *, episode: int = 1) -> BeneficiaryExited:
    """Return a person's exit."""
    return BeneficiaryExited(
        beneficiary_id=beneficiary_id, episode=episode, reason=next(iter(ExitReason)), destination=next(iter(Destination))
    )


def came(event: Event, now: datetime, **envelope: Any) -> Delivered:  # noqa: ANN401 - any field of the envelope
    """Return another service's event as it is delivered now, recorded a second ago about a person in Parma."""
    said = {
        "recorded_at": now - timedelta(seconds=1),
        "event_id": new_id(),
        "occurred_on": day_of(now),
        "municipality": "034027",
        **envelope,
    }
    (fed,) = feed_of(event.type_name.partition(".")[0], [happened(event, **said)])
    return delivered(fed, now)


class Service:
    """The service. `clock` stands at noon of `TODAY` until moved."""

    def __init__(self, store: MemoryEventStore | None = None) -> None:
        """Begin with nothing recorded."""
        self.clock = SimulatedClock(noon(TODAY))
        self.store = store or MemoryEventStore("tutors", clock=self.clock)
        self.commands = Commands(self.store, Recorder(MemoryKeyring()), timetable)
        self.scheduler = Scheduler("tutors", self.store, self.commands, HANDLERS, self.clock)

    def context(self) -> Context:
        """Return the context of a coordinator who acts now."""
        now = self.clock.now()
        return Context(
            actor="coordinator-1",
            organisation="ciac",
            role="tutor-coordinator",
            purpose="integration",
            correlation=new_id(),
            now=now,
            occurred_on=day_of(now),
        )

    async def tell(self, decider: Decider[Any, Any, Any], aggregate_id: UUID, command: object) -> Receipt:
        """Carry out one command."""
        return await self.commands.execute(Step(decider, aggregate_id, command), context=self.context())

    async def request(self, request_id: UUID | None = None) -> RequestState:
        """Return the state of a request, by default that of the person's first episode."""
        return (await self.commands.read(REQUEST, request_id or REQUEST_OF_PERSON)).state

    async def assignment(self, assignment_id: UUID = ASSIGNMENT_ID) -> AssignmentState:
        """Return the state of an assignment."""
        return (await self.commands.read(ASSIGNMENT, assignment_id)).state

    async def facts(self, tutor_id: UUID = TUTOR_ID) -> Facts:
        """Return what is known of a registered tutor."""
        state = (await self.commands.read(TUTOR, tutor_id)).state.held
        assert not isinstance(state, Unregistered)
        return state.facts

    async def happened(self, decider: Decider[Any, Any, Any], aggregate_id: UUID, events: Sequence[Event]) -> None:
        """Store events as they are: what a test takes as given."""
        given: Decider[Any, Any, Any] = Decider(
            decider.category, decider.initial, lambda _c, _s: events, decider.evolve, decider.place, decider.partition
        )
        await self.commands.execute(Step(given, aggregate_id, object()), context=self.context())

    async def tutor(self, tutor_id: UUID = TUTOR_ID, events: Sequence[TutorEvent] = ASSIGNABLE) -> None:
        """Have an approved tutor."""
        await self.happened(TUTOR, tutor_id, [event.model_copy(update={"tutor_id": tutor_id}) for event in events])

    def told(self, assignment_id: UUID, tutor_id: UUID = TUTOR_ID) -> MeetRequest:
        """Return what a body tells where the two agreed outside the matching, today."""
        today = day_of(self.clock.now())
        agreed = AgreedOutside(
            match_id=match_id_of(assignment_id), first_meeting_on=today, tutor_accepted_on=today, beneficiary_accepted_on=today
        )
        return MeetRequest(assignment_id=assignment_id, tutor_id=tutor_id, starts_on=today, agreed=agreed)

    async def assign(self, request_id: UUID, assignment_id: UUID, tutor_id: UUID = TUTOR_ID) -> Receipt:
        """Assign as the endpoint does."""
        opened = await self.commands.read(REQUEST, request_id)
        steps = assigning(request_id, opened.state, self.told(assignment_id, tutor_id), version=opened.version)
        return await self.commands.execute(*steps, context=self.context())

    async def reassign(self, assignment_id: UUID, to: MeetRequest) -> Receipt:
        """Hand an assignment over as the endpoint does, today."""
        opened = await self.commands.read(ASSIGNMENT, assignment_id)
        assert not isinstance(opened.state, NotAssigned)
        request = (await self.commands.read(REQUEST, opened.state.support.request_id)).state
        end = EndAssignment(ended_on=to.starts_on, reason=EndReason.TUTOR_UNAVAILABLE)
        steps = reassigning(assignment_id, opened.state, request, to, end, version=opened.version)
        return await self.commands.execute(*steps, context=self.context())

    async def end(self, assignment_id: UUID, command: EndAssignment, *, still_wanted: bool) -> Receipt:
        """End as the endpoint does."""
        opened = await self.commands.read(ASSIGNMENT, assignment_id)
        steps = ending(assignment_id, opened.state, command, version=opened.version, still_wanted=still_wanted)
        return await self.commands.execute(*steps, context=self.context())

    def came(self, event: Event, **envelope: Any) -> Delivered:  # noqa: ANN401 - any field of the envelope
        """Return another service's event as it is delivered now."""
        return came(event, self.clock.now(), **envelope)

    async def deliver(self, one: Delivered) -> str | None:
        """Handle a delivery as a consumer does: at most once in effect, a refusal is an outcome. Return the refusal's code."""
        entry = InboxEntry(PROCESS_MANAGERS.name, one.envelope.event_id)
        if await self.store.handled(entry.consumer, entry.event_id):
            return None
        refused = None
        try:
            await PROCESS_MANAGERS.reactions[type(one.event)](one, self.commands, entry)
        except AlreadyHandled:
            return None
        except Refusal as refusal:
            refused = refusal.code
        await self.store.record_outcome(InboxEntry(entry.consumer, entry.event_id, refused))
        return refused

    async def wait_until(self, day: date) -> None:
        """Move the clock to noon of a day and let time do its work."""
        self.clock.move_to(noon(day))
        while await self.scheduler.wake_due():
            pass

    async def types(self, decider: Decider[Any, Any, Any], aggregate_id: UUID) -> list[str]:
        """Return the names of a stream's events, without the service's."""
        stored = await self.store.load(decider.stream(aggregate_id))
        return [event.recorded.envelope.type.partition(".")[2] for event in stored]

    async def stored(self) -> int:
        """Return how many events are stored."""
        return len(self.store._events)


REQUEST_OF_PERSON = request_id_of(pathway_of(BENEFICIARY_ID))
