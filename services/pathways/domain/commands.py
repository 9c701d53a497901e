"""What can be asked of a pathway: imperative, frozen, complete. Time and people arrive in the command, as days and pseudonyms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from services.pathways.domain.attendance import RecordAttendance
from services.pathways.domain.concerns import CloseConcern, RaiseConcern
from services.pathways.domain.confirming import AcceptPlan, ConfirmPlan, RunPlan
from services.pathways.domain.handing_over import HandOver
from services.pathways.domain.support_commands import DeliverService, GrantSupport, PaySupport, ReturnSupport

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from uuid import UUID

    from contracts.pathway_values import (
        AssessmentMoment,
        Evidence,
        Respondent,
        Responsible,
        SituationMoment,
        SuspensionReason,
        Tie,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPathway:
    """Open the pathway of one episode of care."""

    pathway_id: UUID
    beneficiary_id: UUID
    episode: int
    organisation: str
    territory: str
    municipality: str | None = None
    methodology_version: str | None = None
    """The version that is in use on the day of the opening; None means the one of the first day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One respect in which the person stands, for `RecordSituations`."""

    situation_id: UUID
    area: str
    value: str
    since: date
    until: date | None = None
    corrects: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSituations:
    """Record how the person stands, in one or several respects at once."""

    moment: SituationMoment
    situations: tuple[Situation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapNetwork:
    """Record the person's connections, counted by kind and strength."""

    map_id: UUID
    moment: AssessmentMoment
    ties: tuple[Tie, ...]
    corrects: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessNeeds:
    """Record one respondent's answers to an instrument; `scores` by area or item."""

    assessment_id: UUID
    instrument: str
    instrument_version: str
    respondent: Respondent
    moment: AssessmentMoment
    scores: Mapping[str, int]
    notes: str | None = None
    corrects: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetGoal:
    """Set a goal in an area."""

    goal_id: UUID
    area: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DropGoal:
    """Pursue a goal no longer."""

    goal_id: UUID
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAction:
    """Plan a step towards a goal."""

    action_id: UUID
    goal_id: UUID
    responsible: Responsible
    description: str
    due_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteAction:
    """Record that a planned step was taken."""

    action_id: UUID
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposePlan:
    """Put a plan, or a revision of the agreed one, before the person. `author` is the pseudonym of who commands."""

    author: str
    wants_tutor: bool
    language: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclinePlan:
    """Record that the person declined the proposed version."""

    plan_version: int
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreePlan:
    """Record the person's agreement, confirmed by `second_member`: the pseudonym of who commands. `on` is the day of it."""

    plan_version: int
    second_member: str
    on: date
    language: str
    reads_language: bool
    mediator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPathway:
    """Record a review of the agreed plan, held `on` a day."""

    review_id: UUID
    on: date
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkReviewOverdue:
    """Time's own command: the day `due` of a review has passed."""

    due: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachMilestone:
    """Record a milestone of the catalogue, with the reference of its evidence."""

    milestone_id: UUID
    milestone: str
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class RetractMilestone:
    """Take a wrongly recorded milestone back."""

    milestone_id: UUID
    reason_code: Literal["entered-by-mistake", "wrong-person", "evidence-not-valid", "wrong-day"]
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTutorSupport:
    """Note that a tutor was assigned."""

    assignment_id: UUID
    tutor_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EndTutorSupport:
    """Note that a tutor's assignment ended."""

    assignment_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoseContact:
    """Record that the person cannot be reached."""

    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegainContact:
    """Record that the person was reached again."""

    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNote:
    """Add a note to the person's file."""

    note_id: UUID
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendPathway:
    """Let the pathway rest."""

    reason_code: SuspensionReason
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumePathway:
    """Go on, from the day `on`."""

    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePathway:
    """End the pathway with the person's exit."""

    outcome: str
    destination: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignTeam:
    """Give the pathway to a team."""

    team_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinPathway:
    """Note that another record of the same person goes on; `decided` is intake's version of that decision."""

    survivor_id: UUID
    decided: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPathway:
    """Note that the two records are two persons' after all; `decided` is intake's version of that decision."""

    survivor_id: UUID
    decided: int


Measure: TypeAlias = RecordSituations | MapNetwork | AssessNeeds
Aim: TypeAlias = SetGoal | DropGoal | PlanAction | CompleteAction
Planning: TypeAlias = ProposePlan | DeclinePlan | AgreePlan | AcceptPlan | ConfirmPlan | RunPlan | ReviewPathway | MarkReviewOverdue
Mark: TypeAlias = ReachMilestone | RetractMilestone
Tutoring: TypeAlias = StartTutorSupport | EndTutorSupport
Support: TypeAlias = DeliverService | GrantSupport | PaySupport | ReturnSupport | RecordAttendance
Keeping: TypeAlias = LoseContact | RegainContact | AddNote | AssignTeam | RaiseConcern | CloseConcern
Following: TypeAlias = HandOver | JoinPathway | PartPathway
"""What intake decides of the person's record, and every pathway of it follows, closed or not."""
PathwayCommand: TypeAlias = (
    OpenPathway | Measure | Aim | Planning | Mark | Tutoring | Support | Keeping | SuspendPathway | ResumePathway | ClosePathway | Following
)
