"""What other services' events do to pathways, on the store in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from contracts.assignments import AssignmentEnded, TutorAssigned
from contracts.envelope import ClockKind
from contracts.errors import Refusal
from contracts.intake import BeneficiaryEnrolled, BeneficiaryExited, BeneficiaryReadmitted
from contracts.intake_codes import Destination, ExitReason, Sex
from contracts.pathways import PathwayClosed, PathwayOpened, TutorSupportEnded, TutorSupportStarted
from contracts.tutor_codes import EndReason
from contracts.tutor_requests import TutorRequested
from services._runtime.clock import SimulatedClock
from services._runtime.errors import NotYet
from services._runtime.handling import Commands
from services._runtime.reactions import delivered
from services._runtime.store.keyring import MemoryKeyring
from services._runtime.store.memory import MemoryEventStore
from services._runtime.store.port import AlreadyHandled, InboxEntry
from services._runtime.store.recording import Recorder
from services.pathways.adapters.methodology_files import read_governance
from services.pathways.app.methodologies import versions_in_use
from services.pathways.app.process_managers import NAME, NothingAsked, command_of, pathway_id_of, process_manager
from services.pathways.app.timers import timetable
from services.pathways.domain.refusals import PathwayClosedAlready, PathwayOpenedAlready
from tests.support.read_models import feed_of, happened
from tests.unit.pathways.cases import ASSIGNMENT, BENEFICIARY, METHODOLOGIES, PATHWAY, TUTOR, an_id

if TYPE_CHECKING:
    from uuid import UUID

    from contracts.envelope import FeedEvent
    from contracts.event import Event

VERSION_ON = versions_in_use(METHODOLOGIES, read_governance())
NOW = datetime(2021, 3, 2, 10, tzinfo=UTC)
FIRST, SECOND = pathway_id_of(BENEFICIARY, 1), pathway_id_of(BENEFICIARY, 2)

ENROLLED = BeneficiaryEnrolled(
    beneficiary_id=BENEFICIARY, episode=1, organisation="ciac", territory="PR", municipality="034027", sex=Sex.FEMALE
)
EXITED = BeneficiaryExited(beneficiary_id=BENEFICIARY, episode=1, reason=ExitReason.PATHWAY_COMPLETED, destination=Destination.OWN_HOME)
READMITTED = BeneficiaryReadmitted(beneficiary_id=BENEFICIARY, episode=2, organisation="ciac", territory="PR")
ASSIGNED = TutorAssigned(
    assignment_id=ASSIGNMENT,
    request_id=an_id("request"),
    tutor_id=TUTOR,
    beneficiary_id=BENEFICIARY,
    pathway_id=FIRST,
    episode=1,
    organisation="ciac",
    territory="PR",
    starts_on=date(2021, 4, 1),
)
ENDED = AssignmentEnded(
    assignment_id=ASSIGNMENT,
    request_id=an_id("request"),
    tutor_id=TUTOR,
    beneficiary_id=BENEFICIARY,
    pathway_id=FIRST,
    episode=1,
    ended_on=date(2021, 9, 1),
    reason=EndReason.BENEFICIARY_EXITED,
)


class Service:
    """The pathways service without its media."""

    def __init__(self) -> None:
        """Start with an empty store."""
        self.store = MemoryEventStore("pathways", clock=SimulatedClock(NOW))
        self.commands = Commands(self.store, Recorder(MemoryKeyring()), timetable)
        self.manager = process_manager(PATHWAY, VERSION_ON)

    async def receive(self, event: FeedEvent) -> str:
        """Hand an event to its reaction as a consumer does: the inbox first, a refusal is its outcome."""
        came = delivered(event, NOW)
        entry = InboxEntry(self.manager.name, came.envelope.event_id)
        if await self.store.handled(entry.consumer, entry.event_id):
            return "repeated"
        try:
            await self.manager.reactions[type(came.event)](came, self.commands, entry)
        except Refusal as refusal:
            await self.store.record_outcome(replace(entry, refused=refusal.code))
            return refusal.code
        return "done"

    async def recorded(self, pathway_id: UUID) -> list[Event]:
        """Return what the pathway's stream holds."""
        return (await self.commands.read(PATHWAY, pathway_id)).events


@pytest.fixture
def service() -> Service:
    """Give a service with nothing recorded."""
    return Service()


def of_intake(*events: Event) -> list[FeedEvent]:
    """Return intake's feed of these events, each on its own day of care."""
    return feed_of("intake", [happened(event, occurred_on=date(2021, 2, day)) for day, event in enumerate(events, start=20)])


async def test_an_enrolment_opens_the_pathway_of_its_episode_where_the_person_is(service: Service) -> None:
    """The pathway belongs to the enrolment's organisation and day, and is caused by it."""
    (enrolled,) = of_intake(ENROLLED)
    await service.receive(enrolled)
    opened = await service.commands.read(PATHWAY, FIRST)
    assert opened.events == [
        PathwayOpened(
            pathway_id=FIRST,
            beneficiary_id=BENEFICIARY,
            episode=1,
            organisation="ciac",
            territory="PR",
            municipality="034027",
            methodology_version="1.0",
        )
    ]
    envelope = opened.stored[0].recorded.envelope
    assert (envelope.actor, envelope.occurred_on) == ("ancora.pathways", date(2021, 2, 20))
    assert envelope.causation == enrolled.recorded.envelope.event_id
    assert envelope.partition_key == str(BENEFICIARY)
    assert envelope.recorded_at > enrolled.recorded.envelope.recorded_at
    assert envelope.clock is ClockKind.SYSTEM


async def test_a_readmission_opens_another_pathway(service: Service) -> None:
    """Each episode of care has its own."""
    for event in of_intake(ENROLLED, EXITED, READMITTED):
        await service.receive(event)
    assert [type(event) for event in await service.recorded(FIRST)] == [PathwayOpened, PathwayClosed]
    assert [type(event) for event in await service.recorded(SECOND)] == [PathwayOpened]


async def test_a_repeated_delivery_has_no_second_effect(service: Service) -> None:
    """I4: the inbox stops the same event; the derived id stops the same fact under another event id."""
    feed = of_intake(ENROLLED, ENROLLED, EXITED)
    outcomes = [await service.receive(event) for event in (feed[0], feed[0], feed[1], feed[1], feed[2], feed[2], feed[0])]
    assert outcomes == ["done", "repeated", PathwayOpenedAlready.code, "repeated", "done", "repeated", "repeated"]
    assert [type(event) for event in await service.recorded(FIRST)] == [PathwayOpened, PathwayClosed]


async def test_two_consumers_at_once_do_not_both_apply_a_delivery(service: Service) -> None:
    """I4: where both passed the look into the inbox, the append lets one of them through."""
    enrolled, exited = of_intake(ENROLLED, EXITED)
    await service.receive(enrolled)
    came = delivered(exited, NOW)
    entry = InboxEntry(NAME, came.envelope.event_id)
    await service.store.record_outcome(entry)
    with pytest.raises(AlreadyHandled):
        await service.manager.reactions[BeneficiaryExited](came, service.commands, entry)
    assert [type(event) for event in await service.recorded(FIRST)] == [PathwayOpened]


@pytest.mark.parametrize("effect", [EXITED, ASSIGNED, ENDED])
async def test_an_effect_before_its_cause_waits(service: Service, effect: Event) -> None:
    """What comes before the pathway opened is tried again later, and then applies."""
    enrolled, early = of_intake(ENROLLED, effect)
    with pytest.raises(NotYet):
        await service.receive(early)
    assert await service.recorded(FIRST) == []
    assert not await service.store.handled(NAME, early.recorded.envelope.event_id)
    await service.receive(enrolled)
    if effect is not ENDED:
        await service.receive(early)
        assert len(await service.recorded(FIRST)) == 2


async def test_a_tutors_support_is_noted_from_assignment_to_its_end(service: Service) -> None:
    """The tutors service tells, the pathway notes."""
    for event in (*of_intake(ENROLLED), *feed_of("tutors", [ASSIGNED, ENDED])):
        await service.receive(event)
    ids = {"pathway_id": FIRST, "beneficiary_id": BENEFICIARY, "assignment_id": ASSIGNMENT, "tutor_id": TUTOR}
    expected: list[Event] = [
        TutorSupportStarted.model_validate(ids),
        TutorSupportEnded.model_validate({**ids, "reason": "beneficiary_exited"}),
    ]
    assert (await service.recorded(FIRST))[1:] == expected


async def test_support_that_comes_after_the_exit_is_refused(service: Service) -> None:
    """A late assignment is an outcome in the inbox, not a fact of a closed pathway."""
    for event in of_intake(ENROLLED, EXITED):
        await service.receive(event)
    (late,) = feed_of("tutors", [ASSIGNED])
    assert await service.receive(late) == PathwayClosedAlready.code
    assert await service.receive(late) == "repeated"
    assert [type(event) for event in await service.recorded(FIRST)] == [PathwayOpened, PathwayClosed]


async def test_the_exit_closes_the_pathway_with_reason_and_destination(service: Service) -> None:
    """Support that still ran ends with it."""
    for event in (*of_intake(ENROLLED), *feed_of("tutors", [ASSIGNED]), *of_intake(ENROLLED, EXITED)[1:]):
        await service.receive(event)
    _, _, ended, closed = await service.recorded(FIRST)
    assert isinstance(ended, TutorSupportEnded)
    assert isinstance(closed, PathwayClosed)
    assert (closed.outcome, closed.destination) == ("pathway-completed", "own-home")


def test_an_event_without_a_reaction_is_a_mistake_in_the_wiring() -> None:
    """The process manager names what it reacts to; anything else never reaches it."""
    requested = TutorRequested(
        request_id=an_id("request"), beneficiary_id=BENEFICIARY, pathway_id=FIRST, episode=1, organisation="ciac", territory="PR"
    )
    with pytest.raises(NothingAsked):
        command_of(requested)
    assert TutorRequested not in process_manager(PATHWAY, VERSION_ON).reactions
