"""The pathway: not opened, open, suspended, closed. What each of them takes, and where each event leads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, assert_never

from contracts.activities import AttendanceRecorded
from contracts.budget import SupportReturned
from contracts.errors import Unknown
from contracts.handing_over import PathwayHandedOver
from contracts.joining import PathwayJoined, PathwayParted
from contracts.pathways import (
    ActionDone,
    ActionPlanned,
    ContactLost,
    ContactRegained,
    GoalDropped,
    GoalSet,
    MilestoneReached,
    MilestoneRetracted,
    NeedsAssessed,
    NetworkMapped,
    NoteAdded,
    PathwayClosed,
    PathwayOpened,
    PathwayResumed,
    PathwayReviewed,
    PathwaySuspended,
    PlanDeclined,
    PlanProposed,
    PlanRevised,
    ReviewOverdue,
    ServiceDelivered,
    SituationRecorded,
    SupportGranted,
    SupportPaid,
    TutorSupportEnded,
    TutorSupportStarted,
)
from contracts.plans import PlanAccepted, PlanAgreed
from contracts.safeguarding import ConcernClosed, ConcernHandedOver, ConcernRaised
from contracts.teams import TeamAssigned
from services.pathways.domain.aims import Aimed, decide_aim, evolve_aimed
from services.pathways.domain.attendance import RecordAttendance
from services.pathways.domain.commands import (
    AddNote,
    AgreePlan,
    AssessNeeds,
    AssignTeam,
    ClosePathway,
    CompleteAction,
    DeclinePlan,
    DropGoal,
    EndTutorSupport,
    JoinPathway,
    LoseContact,
    MapNetwork,
    MarkReviewOverdue,
    OpenPathway,
    PartPathway,
    PathwayCommand,
    PlanAction,
    ProposePlan,
    ReachMilestone,
    RecordSituations,
    RegainContact,
    ResumePathway,
    RetractMilestone,
    ReviewPathway,
    SetGoal,
    StartTutorSupport,
    SuspendPathway,
)
from services.pathways.domain.concerns import CloseConcern, RaiseConcern, hand_over_concerns
from services.pathways.domain.confirming import AcceptPlan, ConfirmPlan, RunPlan
from services.pathways.domain.course import Course
from services.pathways.domain.following import Followed, decide_following, demand_its_place, evolve_followed
from services.pathways.domain.handing_over import HandOver
from services.pathways.domain.keeping import Kept, decide_keeping, evolve_kept
from services.pathways.domain.measuring import Measured, decide_measure, evolve_measured
from services.pathways.domain.milestones import Marked, decide_mark, evolve_marked
from services.pathways.domain.plan import Planned, decide_plan, evolve_planned, next_review
from services.pathways.domain.refusals import PathwayClosedAlready, PathwayIsSuspended, PathwayNotSuspended, PathwayOpenedAlready
from services.pathways.domain.support import (
    Supported,
    Tutored,
    decide_support,
    decide_tutoring,
    end_all_support,
    evolve_supported,
    evolve_tutored,
)
from services.pathways.domain.support_commands import DeliverService, GrantSupport, PaySupport, ReturnSupport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.pathways.domain.methodology import Methodologies, Methodology


@dataclass(frozen=True, slots=True)
class NotOpened:
    """Nothing is recorded."""


@dataclass(frozen=True, slots=True)
class Open:
    """The pathway runs."""

    course: Course


@dataclass(frozen=True, slots=True)
class Suspended:
    """The pathway rests."""

    course: Course


@dataclass(frozen=True, slots=True)
class Closed:
    """The pathway ended; nothing more is recorded on it but who answers for it, and which record goes on."""

    course: Course
    outcome: str


PathwayState: TypeAlias = NotOpened | Open | Suspended | Closed
Recorded: TypeAlias = Measured | Aimed | Planned | Marked | Tutored | Supported | Kept | Followed
"""What changes the course and leaves the state's case as it is."""
PathwayEvent: TypeAlias = PathwayOpened | PathwaySuspended | PathwayResumed | PathwayClosed | Recorded


class ImpossibleHistory(Exception):
    """A stream holds an event that could not have followed: the store is damaged, no decider wrote this."""


def decide(command: PathwayCommand, state: PathwayState, methodologies: Methodologies) -> Sequence[PathwayEvent]:
    """Return what the command leads to; raises a `Refusal`. Pure."""
    match state:
        case NotOpened():
            return [_open(command, methodologies.current)]
        case Open(course) | Suspended(course):
            demand_its_place(command, course)
            decided = _decide_open if isinstance(state, Open) else _decide_suspended
            return decided(command, course, methodologies[course.methodology])
        case Closed(course):
            if isinstance(command, HandOver | JoinPathway | PartPathway):
                return decide_following(command, course)
            raise PathwayClosedAlready
        case _:
            assert_never(state)


def evolve(state: PathwayState, event: PathwayEvent) -> PathwayState:
    """Return where the event leads. Pure; raises `ImpossibleHistory` where no decider could have written the event."""
    match state:
        case NotOpened() if isinstance(event, PathwayOpened):
            return Open(_course(event))
        case Open() | Suspended() if not isinstance(event, PathwayOpened):
            return _evolve_begun(state, event)
        case Closed(course) if isinstance(event, PathwayHandedOver | PathwayJoined | PathwayParted):
            return replace(state, course=_advance(course, event))
        case _:
            raise ImpossibleHistory(event.type_name)


def _evolve_begun(
    state: Open | Suspended, event: PathwaySuspended | PathwayResumed | PathwayClosed | Recorded
) -> Open | Suspended | Closed:
    match event:
        case PathwaySuspended():
            return Suspended(replace(state.course, review_due=None, review_overdue=False))
        case PathwayResumed(review_due=review_due):
            return Open(replace(state.course, review_due=review_due))
        case PathwayClosed(outcome=outcome):
            return Closed(replace(state.course, review_due=None, review_overdue=False), outcome)
        case _:
            return replace(state, course=_advance(state.course, event))


def _decide_open(  # noqa: C901, PLR0911, PLR0912 - one case per group of commands, so that a missing one fails the type checker
    command: PathwayCommand, course: Course, methodology: Methodology
) -> Sequence[PathwayEvent]:
    match command:
        case OpenPathway():
            raise PathwayOpenedAlready
        case RecordSituations() | MapNetwork() | AssessNeeds():
            return decide_measure(command, course, methodology)
        case SetGoal() | DropGoal() | PlanAction() | CompleteAction():
            return decide_aim(command, course, methodology)
        case ProposePlan() | DeclinePlan() | AgreePlan() | AcceptPlan() | ConfirmPlan() | RunPlan() | ReviewPathway() | MarkReviewOverdue():
            return decide_plan(command, course, methodology)
        case ReachMilestone() | RetractMilestone():
            return decide_mark(command, course, methodology)
        case DeliverService() | GrantSupport() | PaySupport() | ReturnSupport() | RecordAttendance():
            return decide_support(command, course, methodology)
        case StartTutorSupport() | EndTutorSupport():
            return decide_tutoring(command, course)
        case LoseContact() | RegainContact() | AddNote() | AssignTeam() | RaiseConcern() | CloseConcern():
            return decide_keeping(command, course)
        case SuspendPathway(reason_code=code, reason=reason):
            return [PathwaySuspended(**course.of, reason_code=code, review_due=course.review_due, reason=reason)]
        case ResumePathway():
            raise PathwayNotSuspended
        case ClosePathway():
            return _close(command, course)
        case HandOver() | JoinPathway() | PartPathway():
            return decide_following(command, course)
        case _:
            assert_never(command)


def _decide_suspended(command: PathwayCommand, course: Course, methodology: Methodology) -> Sequence[PathwayEvent]:
    match command:
        case OpenPathway():
            raise PathwayOpenedAlready
        case ResumePathway(on=on):
            due = next_review(on, methodology) if course.running_plan else None
            return [PathwayResumed(**course.of, review_due=due)]
        case LoseContact() | RegainContact() | AddNote() | AssignTeam() | RaiseConcern() | CloseConcern():
            return decide_keeping(command, course)
        case StartTutorSupport() | EndTutorSupport():
            # The tutors service tells what has happened there, whether or not the pathway rests.
            return decide_tutoring(command, course)
        case ClosePathway():
            return _close(command, course)
        case HandOver() | JoinPathway() | PartPathway():
            return decide_following(command, course)
        case _:
            raise PathwayIsSuspended


def _open(command: PathwayCommand, methodology_version: str) -> PathwayOpened:
    match command:
        case OpenPathway():
            return PathwayOpened(
                pathway_id=command.pathway_id,
                beneficiary_id=command.beneficiary_id,
                episode=command.episode,
                organisation=command.organisation,
                territory=command.territory,
                municipality=command.municipality,
                methodology_version=command.methodology_version or methodology_version,
            )
        case _:
            raise Unknown("no pathway is recorded under this id: check it; a pathway opens by the person's enrolment")


def _close(command: ClosePathway, course: Course) -> Sequence[PathwayEvent]:
    closed = PathwayClosed(
        **course.of,
        episode=course.episode,
        outcome=command.outcome,
        destination=command.destination,
        review_due=course.review_due,
    )
    return [*end_all_support(course), *hand_over_concerns(course), closed]


def _course(opened: PathwayOpened) -> Course:
    return Course(
        pathway_id=opened.pathway_id,
        beneficiary_id=opened.beneficiary_id,
        episode=opened.episode,
        organisation=opened.organisation,
        territory=opened.territory,
        municipality=opened.municipality,
        methodology=opened.methodology_version,
    )


def _advance(course: Course, event: Recorded) -> Course:  # noqa: PLR0911 - one case per group of events, as above
    match event:
        case SituationRecorded() | NetworkMapped() | NeedsAssessed():
            return evolve_measured(course, event)
        case GoalSet() | GoalDropped() | ActionPlanned() | ActionDone():
            return evolve_aimed(course, event)
        case PlanProposed() | PlanRevised() | PlanDeclined() | PlanAccepted() | PlanAgreed() | PathwayReviewed() | ReviewOverdue():
            return evolve_planned(course, event)
        case MilestoneReached() | MilestoneRetracted():
            return evolve_marked(course, event)
        case TutorSupportStarted() | TutorSupportEnded():
            return evolve_tutored(course, event)
        case ServiceDelivered() | SupportGranted() | SupportPaid() | SupportReturned() | AttendanceRecorded():
            return evolve_supported(course, event)
        case ContactLost() | ContactRegained() | NoteAdded() | TeamAssigned() | ConcernRaised() | ConcernClosed() | ConcernHandedOver():
            return evolve_kept(course, event)
        case PathwayHandedOver() | PathwayJoined() | PathwayParted():
            return evolve_followed(course, event)
        case _:
            assert_never(event)
