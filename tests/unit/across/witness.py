"""Sees every event of the three services as it is stored, and knows what may never follow what."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from uuid import UUID

from contracts.assignments import AssignmentEnded, MeetingLogged, TutorAssigned
from contracts.disclosures import DisclosureAuthorised, DisclosureWithdrawn
from contracts.duplicates import DuplicateConfirmed, DuplicateDismissed, DuplicateSplit
from contracts.event import Event
from contracts.handing_over import PathwayHandedOver, RequestHandedOver
from contracts.intake import BeneficiaryEnrolled, BeneficiaryExited, BeneficiaryReadmitted, NoticeGiven
from contracts.joining import PathwayJoined, PathwayParted, RequestJoined, RequestParted
from contracts.pathways import (
    ContactLost,
    ContactRegained,
    MilestoneReached,
    MilestoneRetracted,
    NoteAdded,
    PathwayClosed,
    PathwayResumed,
    PathwaySuspended,
    PlanDeclined,
    PlanProposed,
    PlanRevised,
    TutorSupportEnded,
    TutorSupportStarted,
)
from contracts.plans import PlanAgreed
from contracts.transfers import TransferAccepted
from contracts.tutor_requests import RequestPrecluded, RequestReopened, RequestWithdrawn, TutorRequested
from contracts.tutors import CapacityTaken
from contracts.upcasters import decode
from services.tutors.app.deciders import SERVING
from services.tutors.domain.tutor_state import Registered

if TYPE_CHECKING:
    from contracts.envelope import Envelope, FeedEvent
    from services.tutors.domain.tutor_state import TutorState

AFTER_AN_EXIT = (
    NoticeGiven,
    DisclosureAuthorised,
    DisclosureWithdrawn,
    DuplicateConfirmed,
    DuplicateDismissed,
    DuplicateSplit,
    BeneficiaryReadmitted,
)
"""What outlives care, and the return to it; erasure is not lived here."""
WHILE_SUSPENDED = (
    NoteAdded,
    ContactLost,
    ContactRegained,
    TutorSupportStarted,
    TutorSupportEnded,
    PathwayHandedOver,
    PathwayJoined,
    PathwayParted,
    PathwayResumed,
    PathwayClosed,
)
CLOSED = (PathwayHandedOver, PathwayJoined, PathwayParted)
ELSEWHERE = (
    *CLOSED,
    PathwayClosed,
    PathwayResumed,
    PlanDeclined,
    MilestoneRetracted,
    TutorSupportStarted,
    TutorSupportEnded,
)
"""What a pathway takes in whose record's place another one goes on: what only ends or takes back, and what tutors tells."""
UNSOUGHT = (RequestJoined, RequestParted, RequestHandedOver, TutorRequested, RequestReopened, RequestWithdrawn, RequestPrecluded)
"""What a request takes then: no match, and no tutor."""


class Witness:
    """What was seen so far. Each `see` fails where an event may not follow the ones before it."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self.responsible: dict[UUID, str] = {}
        self._left: set[UUID] = set()
        self._resting: set[str] = set()
        self._closed: set[str] = set()
        self._elsewhere: set[str] = set()
        self._proposed: dict[str, PlanProposed | PlanRevised] = {}
        self._agreed: dict[str, set[int]] = defaultdict(set)
        self._milestones: set[tuple[str, UUID]] = set()
        self._tutors: dict[str, TutorState] = defaultdict(lambda: SERVING.initial)
        self._tutor_of: dict[UUID, UUID] = {}
        self._ended: set[UUID] = set()
        self._meetings: dict[UUID, UUID] = {}

    def see(self, fed: FeedEvent) -> None:
        """Take one event, of whichever service, in the order of its feed."""
        envelope = fed.recorded.envelope
        event = decode(envelope.type, envelope.schema_version, fed.recorded.data)
        match envelope.stream_id.partition("-")[0]:
            case "person":
                self._person(event, envelope)
            case "pathway":
                self._pathway(event, envelope.stream_id)
            case "tutor":
                self._tutor(event, envelope)
            case "assignment":
                self._assignment(event)
            case "request":
                self._request(event, envelope.stream_id)
            case _:
                pass

    def _person(self, event: Event, envelope: Envelope) -> None:
        """One organisation is responsible at any instant, and changes by a transfer alone; after an exit the record rests."""
        key, organisation = UUID(envelope.partition_key), envelope.responsible_organisation
        assert organisation is not None
        if isinstance(event, TransferAccepted):
            assert self.responsible[key] == event.sender != organisation
            self.responsible[key] = organisation
        assert self.responsible.setdefault(key, organisation) == organisation
        assert key not in self._left or isinstance(event, AFTER_AN_EXIT), f"{event.type_name} after the exit"
        match event:
            case BeneficiaryExited():
                self._left.add(key)
            case BeneficiaryEnrolled() | BeneficiaryReadmitted():
                self._left.discard(key)
            case _:
                pass

    def _pathway(self, event: Event, stream: str) -> None:
        """A closed pathway takes nothing; a version of the plan is said once, agreed once, and as it was said; milestones stay."""
        assert stream not in self._closed or isinstance(event, CLOSED), f"{event.type_name} on a closed pathway"
        assert stream not in self._resting or isinstance(event, WHILE_SUSPENDED), f"{event.type_name} on a suspended pathway"
        assert stream not in self._elsewhere or isinstance(event, ELSEWHERE), f"{event.type_name} although another record goes on"
        match event:
            case PathwayJoined():
                self._elsewhere.add(stream)
            case PathwayParted():
                self._elsewhere.discard(stream)
            case PathwayClosed():
                self._closed.add(stream)
            case PathwaySuspended():
                self._resting.add(stream)
            case PathwayResumed():
                self._resting.remove(stream)
            case PlanProposed() | PlanRevised():
                before = self._proposed.get(stream)
                assert event.plan_version == (1 if before is None else before.plan_version + 1)
                self._proposed[stream] = event
            case PlanAgreed():
                said = self._proposed[stream]
                assert (event.plan_version, event.wants_tutor) == (said.plan_version, said.wants_tutor)
                assert event.second_member != said.author
                assert event.plan_version not in self._agreed[stream]
                self._agreed[stream].add(event.plan_version)
            case MilestoneReached():
                assert (stream, event.milestone_id) not in self._milestones, "a milestone is never edited"
                self._milestones.add((stream, event.milestone_id))
            case MilestoneRetracted():
                assert (stream, event.milestone_id) in self._milestones
            case _:
                pass

    def _request(self, event: Event, stream: str) -> None:
        """Nobody is sought where another record goes on: what is wanted there is withdrawn as it is said."""
        assert stream not in self._elsewhere or isinstance(event, UNSOUGHT), f"{event.type_name} although another record goes on"
        match event:
            case RequestJoined():
                self._elsewhere.add(stream)
            case RequestParted():
                self._elsewhere.discard(stream)
            case _:
                pass

    def _tutor(self, event: Event, envelope: Envelope) -> None:
        """Nobody is given to a tutor who is full, not approved, or not insured on the day."""
        before = self._tutors[envelope.stream_id]
        if isinstance(event, CapacityTaken):
            assert isinstance(before, Registered)
            assert before.approval is not None
            assert before.facts.insured_until(envelope.occurred_on) is not None
            assert len(before.facts.taken) < before.facts.capacity
        after = SERVING.evolve(before, event)  # type: ignore[arg-type] # of a tutor's stream
        self._tutors[envelope.stream_id] = after
        facts = getattr(after, "facts", None)
        assert facts is None or len(facts.taken) <= facts.capacity

    def _assignment(self, event: Event) -> None:
        """A meeting is one tutor's, and its assignment's."""
        match event:
            case TutorAssigned():
                assert event.assignment_id not in self._tutor_of
                self._tutor_of[event.assignment_id] = event.tutor_id
            case MeetingLogged():
                assert event.meeting_id not in self._meetings, "credited twice"
                self._meetings[event.meeting_id] = self._tutor_of[event.assignment_id]
                assert event.late_entry == (event.assignment_id in self._ended)
            case AssignmentEnded():
                assert event.tutor_id == self._tutor_of[event.assignment_id]
                self._ended.add(event.assignment_id)
            case _:
                pass
