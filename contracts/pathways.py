"""Published events of the pathways service: one stream per pathway, a person's inclusion path in one episode of care.

What may be clear here is a code of the methodology, a number, a day or a random id; the pattern of `Code` keeps free text out.
Sensitive areas (health, safety) are never told on the wire: where a fact belongs to one, its clear `area` and code are None and
`reserved` holds them, sealed as health data are. The dimension stays clear, because figures need it; the methodology places at
least two sensitive areas in a dimension that has one, so that it does not tell which. No flag says more than that absence.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.event import Event
from contracts.pathway_values import (
    AssessmentMoment,
    Cents,
    Code,
    Count,
    Dimension,
    Language,
    Mediator,
    Pseudonym,
    Respondent,
    Responsible,
    Sealed,
    SealedEvidence,
    SituationMoment,
    SuspensionReason,
    Tie,
    Words,
)
from contracts.personal import DataClass, Personal


class _OfPathway(BaseModel):
    pathway_id: UUID = Field(description="derived from beneficiary and episode, random to anyone else")
    beneficiary_id: UUID


class PathwayOpened(_OfPathway, Event, type="pathways.pathway_opened"):
    """An inclusion path began for a person, under one version of the methodology which it keeps to its end."""

    episode: int = Field(ge=1, description="1 for the first enrolment, 2 after a readmission, and so on")
    organisation: Code = Field(description="the organisation responsible for the person")
    territory: str = Field(description="province code, such as PR")
    municipality: str | None = Field(description="ISTAT code, where it is one of the consortium's municipalities")
    methodology_version: str


class SituationRecorded(_OfPathway, Event, type="pathways.situation_recorded"):
    """How the person stood in one respect (housing, work, income, language, schooling) from a day on, by the catalogue.

    A baseline that was not taken is never recovered; a loss shows as a later situation, not as a retracted milestone.
    """

    situation_id: UUID
    area: Code = Field(description="situation area of the methodology, never a sensitive one")
    value: Code = Field(description="catalogue value, such as reception or b1")
    moment: SituationMoment
    since: date
    until: date | None = Field(description="last day on which it held; None while it holds")
    corrects: UUID | None = Field(default=None, description="the situation that was wrongly recorded and that this one replaces")


class NetworkMapped(_OfPathway, Event, type="pathways.network_mapped"):
    """How many bonds, bridges and links the person has, by kind and strength: the social capital that tutors are for."""

    map_id: UUID
    moment: AssessmentMoment
    bonds: Count = Field(description="ties to people alike: family, friends of the same origin")
    bridges: Count = Field(description="ties to people unlike: neighbours, colleagues, volunteers")
    links: Count = Field(description="ties to institutions: school, employer, offices")
    ties: tuple[Tie, ...]
    corrects: UUID | None = None


class NeedsAssessed(_OfPathway, Event, type="pathways.needs_assessed"):
    """An instrument was answered, by the worker or by the person. Scores of sensitive areas are sealed apart."""

    assessment_id: UUID
    instrument: Code
    instrument_version: str
    respondent: Respondent
    moment: AssessmentMoment
    scores: dict[Code, int] = Field(description="by area or item, outside sensitive areas")
    corrects: UUID | None = None
    sensitive_scores: Annotated[dict[Code, int] | None, Personal(DataClass.HEALTH)] = None
    notes: Words = None


class GoalSet(_OfPathway, Event, type="pathways.goal_set"):
    """The person and the team set a goal in one area. Words of a sensitive goal are in `reserved`."""

    goal_id: UUID
    dimension: Dimension
    area: Code | None = Field(description="None where the area is sensitive")
    description: Words = None
    reserved: Sealed = None


class GoalDropped(_OfPathway, Event, type="pathways.goal_dropped"):
    """A goal is pursued no longer."""

    goal_id: UUID
    reason: Words = None


class ActionPlanned(_OfPathway, Event, type="pathways.action_planned"):
    """A step towards a goal, with who takes it and by when. Its area is its goal's."""

    action_id: UUID
    goal_id: UUID
    responsible: Responsible
    due_on: date | None
    description: Words = None
    reserved: Sealed = None


class ActionDone(_OfPathway, Event, type="pathways.action_done"):
    """A planned action was carried out."""

    action_id: UUID
    notes: Words = None


class PlanProposed(_OfPathway, Event, type="pathways.plan_proposed"):
    """The team put a first plan, or a new one after a refusal, before the person."""

    plan_version: int = Field(ge=1)
    author: Pseudonym = Field(description="pseudonym of the team member who wrote it; may not be the second member of the agreement")
    wants_tutor: bool
    language: Language = None
    summary: Words = None


class PlanRevised(_OfPathway, Event, type="pathways.plan_revised"):
    """A new version of an agreed plan was put before the person; the agreed one runs until this is agreed."""

    plan_version: int = Field(ge=2)
    author: Pseudonym
    wants_tutor: bool
    language: Language = None
    summary: Words = None


class PlanDeclined(_OfPathway, Event, type="pathways.plan_declined"):
    """The person declined the proposed version."""

    plan_version: int
    reason: Words = None


class PlanAgreed(_OfPathway, Event, type="pathways.plan_agreed"):
    """The person agreed to the plan, in a language they read or with a mediator, and a second team member confirmed it."""

    episode: int
    plan_version: int
    wants_tutor: bool
    second_member: Pseudonym = Field(description="pseudonym of the confirming member, another than the author")
    mediated: bool = Field(description="whether a mediator interpreted; if not, the person reads the language")
    review_due: date = Field(description="day by which the plan is to be reviewed")
    language: Language = None
    mediator: Mediator = None


class PathwayReviewed(_OfPathway, Event, type="pathways.pathway_reviewed"):
    """The agreed plan was reviewed with the person."""

    review_id: UUID
    plan_version: int
    was_due: date
    review_due: date = Field(description="day by which the next review is due")
    notes: Words = None


class ReviewOverdue(_OfPathway, Event, type="pathways.review_overdue"):
    """The day of a review passed without one. Recorded by time itself."""

    was_due: date


class MilestoneReached(_OfPathway, Event, type="pathways.milestone_reached"):
    """The person reached a milestone of the catalogue on the envelope's `occurred_on`. Retracted if wrong, never edited."""

    milestone_id: UUID
    dimension: Dimension
    area: Code | None = Field(description="None where the area is sensitive")
    milestone: Code | None = Field(description="catalogue code; None where the area is sensitive")
    evidence: SealedEvidence = None
    reserved: Sealed = None


class MilestoneRetracted(_OfPathway, Event, type="pathways.milestone_retracted"):
    """A recorded milestone had not been reached after all; it counts no longer, from the first day on."""

    milestone_id: UUID
    reason_code: Literal["entered-by-mistake", "wrong-person", "evidence-not-valid", "wrong-day"]
    reason: Words = None


class PathwaySuspended(_OfPathway, Event, type="pathways.pathway_suspended"):
    """The pathway rests: no review is awaited until it is resumed."""

    reason_code: SuspensionReason
    review_due: date | None = Field(description="the review that is awaited no longer, where one was")
    reason: Words = None


class PathwayResumed(_OfPathway, Event, type="pathways.pathway_resumed"):
    """The pathway goes on."""

    review_due: date | None = Field(description="day by which the plan is to be reviewed, where one was agreed")


class TutorSupportStarted(_OfPathway, Event, type="pathways.tutor_support_started"):
    """A territorial tutor stands beside the person: noted from the tutors service's assignment."""

    assignment_id: UUID
    tutor_id: UUID


class TutorSupportEnded(_OfPathway, Event, type="pathways.tutor_support_ended"):
    """A tutor's assignment ended, or the pathway closed while it ran."""

    assignment_id: UUID
    tutor_id: UUID
    reason: Code = Field(description="the assignment's reason, or pathway-closed")


class ServiceDelivered(_OfPathway, Event, type="pathways.service_delivered"):
    """A service was given to the person, under a programme where one pays for it."""

    service_id: UUID
    dimension: Dimension
    kind: Code | None = Field(description="catalogue code; None where its area is sensitive")
    minutes: int = Field(ge=1, le=1440)
    mediated: bool
    programme: Code | None
    reserved: Sealed = None
    notes: Words = None


class SupportGranted(_OfPathway, Event, type="pathways.support_granted"):
    """Material support was granted against a budget line."""

    grant_id: UUID
    kind: Code
    amount_cents: Cents
    budget_line: Code
    programme: Code | None


class SupportPaid(_OfPathway, Event, type="pathways.support_paid"):
    """Part or all of a grant was paid."""

    payment_id: UUID
    grant_id: UUID
    kind: Code
    amount_cents: Cents
    budget_line: Code
    programme: Code | None
    receipt: SealedEvidence = None


class ContactLost(_OfPathway, Event, type="pathways.contact_lost"):
    """The person could not be reached any more."""

    notes: Words = None


class ContactRegained(_OfPathway, Event, type="pathways.contact_regained"):
    """The person was reached again."""

    notes: Words = None


class NoteAdded(_OfPathway, Event, type="pathways.note_added"):
    """A note in the person's file; on the wire nothing but that there is one."""

    note_id: UUID
    text: Words = None


class PathwayClosed(_OfPathway, Event, type="pathways.pathway_closed"):
    """The pathway ended with the person's exit from care; nothing is recorded on it any more."""

    episode: int
    outcome: Code = Field(description="the exit's reason")
    destination: Code | None = Field(description="where the person went, by intake's list")
    review_due: date | None = Field(description="the review that is awaited no longer, where one was")
