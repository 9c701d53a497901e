"""A pathway as its own organisation reads it: where it stands, and everything that is recorded on it, sealed words opened."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.envelope import Precision, timestamp
from contracts.errors import Unknown
from contracts.pathways import NoteAdded
from contracts.safeguarding import ConcernClosed, ConcernHandedOver, ConcernRaised
from services.pathways.adapters.distance_views import DistanceView, NetworkView, distance_view, network_view
from services.pathways.domain.course import AgreedPlan, DeclinedPlan, NoPlan, ProposedPlan
from services.pathways.domain.distance import Dated, distances, growth
from services.pathways.domain.pathway import Closed, NotOpened, Open, Suspended

if TYPE_CHECKING:
    from contracts.event import Event
    from services._runtime.opening import Opened
    from services._runtime.store.port import StreamEvent
    from services.pathways.domain.course import Course, Grant, Plan
    from services.pathways.domain.pathway import PathwayState

CONCERNS = (ConcernRaised, ConcernClosed, ConcernHandedOver)
"""What is told to the care team alone, at an address of its own: more people read a pathway than may know of a concern."""


class PlanView(BaseModel):
    """Where the plan stands. `running_version` is the agreed version that runs, also while a revision lies before the person."""

    status: Literal["none", "proposed", "declined", "agreed"]
    version: int
    running_version: int | None
    wants_tutor: bool | None
    runs_from: Annotated[date | None, Field(description="the day from which an accepted plan runs, if nobody confirms it")] = None
    confirmed: Annotated[bool | None, Field(description="whether anybody but its author looked at the plan that runs")] = None


class GoalView(BaseModel):
    """A goal. `area` is null where it was sensitive and its key is gone."""

    goal_id: UUID
    area: str | None
    dropped: bool


class ActionView(BaseModel):
    """A planned step."""

    action_id: UUID
    done: bool


class MilestoneView(BaseModel):
    """A milestone that stands. `milestone` is null where it was sensitive and its key is gone."""

    milestone_id: UUID
    milestone: str | None


class GrantView(BaseModel):
    """Granted support, how much of it was paid, and how much of that came back."""

    grant_id: UUID
    kind: str
    amount_cents: int
    paid_cents: int
    returned_cents: int


class AttendanceView(BaseModel):
    """Whether the person was at an activity. What was corrected is not among them."""

    attendance_id: UUID
    activity_id: UUID
    attended: bool
    minutes: int


class TutorView(BaseModel):
    """A tutor who stands beside the person now."""

    assignment_id: UUID
    tutor_id: UUID


class FactView(BaseModel):
    """One recorded fact, in order. `fields` are those of the event's contract but for the two ids."""

    version: int
    type: str
    occurred_on: date
    precision: Precision
    recorded_at: str
    actor: str
    fields: dict[str, Any]


class PathwayView(BaseModel):
    """A pathway as it is now."""

    pathway_id: UUID
    beneficiary_id: UUID
    episode: int
    status: Literal["open", "suspended", "closed"]
    outcome: str | None = Field(description="the exit's reason, once it is closed")
    organisation: str
    territory: str
    municipality: str | None
    goes_on_under: UUID | None = Field(description="the record of the same person that goes on: nothing new is recorded here")
    methodology_version: str
    plan: PlanView
    review_due: date | None
    review_overdue: bool
    contact_lost: bool
    goals: list[GoalView]
    actions: list[ActionView]
    milestones: list[MilestoneView]
    tutors: list[TutorView]
    grants: list[GrantView]
    attendances: list[AttendanceView]
    distances: list[DistanceView] = Field(description="within one instrument, version and respondent; what stays shut is left out")
    network: NetworkView | None = Field(description="null without a baseline and a later map")
    history: list[FactView]
    withheld_notes: int = Field(description="notes that an earlier organisation wrote: they are not in the history")


def pathway_view(opened: Opened[PathwayState]) -> PathwayView:
    """Return what a caller of the responsible organisation reads; raises `Unknown` for a pathway that never opened."""
    status: Literal["open", "suspended", "closed"]
    match opened.state:
        case NotOpened():
            raise Unknown
        case Open(course):
            status, outcome = "open", None
        case Suspended(course):
            status, outcome = "suspended", None
        case Closed(course, outcome):
            status = "closed"
    now = opened.stored[-1].recorded.envelope.responsible_organisation
    told = [one for one in zip(opened.events, opened.stored, strict=True) if not isinstance(one[0], CONCERNS)]
    shown = [(event, stored) for event, stored in told if not _withheld(event, stored, now)]
    facts = [fact_view(event, stored) for event, stored in shown]
    dated = [Dated(event, stored.recorded.envelope.occurred_on) for event, stored in shown]
    return PathwayView(
        **_standing(course),
        status=status,
        outcome=outcome,
        distances=[distance_view(one) for one in distances(dated)],
        network=network_view(growth(dated)),
        history=facts,
        withheld_notes=len(told) - len(shown),
    )


def _withheld(event: Event, stored: StreamEvent, now: str | None) -> bool:
    """Tell whether it is a note of another organisation than the one that is responsible now, as its envelope says."""
    return isinstance(event, NoteAdded) and stored.recorded.envelope.responsible_organisation != now


def _standing(course: Course) -> dict[str, Any]:
    """Return where the pathway stands, by the names of `PathwayView`."""
    return {
        "pathway_id": course.pathway_id,
        "beneficiary_id": course.beneficiary_id,
        "episode": course.episode,
        "organisation": course.organisation,
        "territory": course.territory,
        "municipality": course.municipality,
        "goes_on_under": course.goes_on_under,
        "methodology_version": course.methodology,
        "plan": plan_view(course.plan, course.running_plan),
        "review_due": course.review_due,
        "review_overdue": course.review_overdue,
        "contact_lost": course.contact_lost,
        "goals": [GoalView(goal_id=key, area=goal.area, dropped=goal.dropped) for key, goal in course.goals.items()],
        "actions": [ActionView(action_id=key, done=done) for key, done in course.actions.items()],
        "milestones": [MilestoneView(milestone_id=key, milestone=held.code) for key, held in course.held.items()],
        "tutors": [TutorView(assignment_id=key, tutor_id=one.tutor_id) for key, one in course.assignments.items() if not one.ended],
        "grants": [_grant(key, grant) for key, grant in course.grants.items()],
        "attendances": [
            AttendanceView(attendance_id=key, activity_id=one.activity_id, attended=one.attended, minutes=one.minutes)
            for key, one in course.attendances.items()
        ],
    }


def _grant(grant_id: UUID, grant: Grant) -> GrantView:
    return GrantView(
        grant_id=grant_id,
        kind=grant.kind,
        amount_cents=grant.amount_cents,
        paid_cents=grant.paid_cents,
        returned_cents=grant.returned_cents,
    )


def plan_view(plan: Plan, running: AgreedPlan | None) -> PlanView:
    """Return where the plan stands."""
    version, confirmed = (None, None) if running is None else (running.version, running.confirmed)
    view = PlanView(status="none", version=plan.version, running_version=version, wants_tutor=None, confirmed=confirmed)
    match plan:
        case NoPlan():
            return view
        case ProposedPlan(wants_tutor=wants, accepted=accepted):
            runs_from = None if accepted is None else accepted.runs_from
            return view.model_copy(update={"status": "proposed", "wants_tutor": wants, "runs_from": runs_from})
        case DeclinedPlan():
            return view.model_copy(update={"status": "declined", "wants_tutor": None if running is None else running.wants_tutor})
        case AgreedPlan(wants_tutor=wants):
            return view.model_copy(update={"status": "agreed", "wants_tutor": wants})


def fact_view(event: Event, stored: StreamEvent) -> FactView:
    """Return one fact with its opened fields; fields whose key is gone are null."""
    envelope = stored.recorded.envelope
    return FactView(
        version=envelope.stream_version,
        type=event.type_name,
        occurred_on=envelope.occurred_on,
        precision=envelope.precision,
        recorded_at=timestamp(envelope.recorded_at),
        actor=envelope.actor,
        fields=event.model_dump(mode="json", exclude={"pathway_id", "beneficiary_id"}),
    )
