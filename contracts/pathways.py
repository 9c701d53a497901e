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
from contracts.fields import AssignmentId, BeneficiaryId, Episode, PathwayId, TutorId
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
    pathway_id: PathwayId
    beneficiary_id: BeneficiaryId


class PathwayOpened(_OfPathway, Event, type="pathways.pathway_opened"):
    """An inclusion path began for a person, under one version of the methodology which it keeps to its end."""

    episode: int = Field(ge=1, description="1 for the first enrolment, 2 after a readmission, and so on")
    organisation: Code = Field(description="the organisation responsible for the person")
    territory: str = Field(description="province code, such as PR")
    municipality: str | None = Field(description="ISTAT code, where it is one of the consortium's municipalities")
    methodology_version: str = Field(description="version of the shared methodology to which the pathway keeps")


class SituationRecorded(_OfPathway, Event, type="pathways.situation_recorded"):
    """How the person stood in one respect (housing, work, income, language, schooling) from a day on, by the catalogue.

    A baseline that was not taken is never recovered; a loss shows as a later situation, not as a retracted milestone.
    """

    situation_id: UUID = Field(description="the record, if it is to be corrected")
    area: Code = Field(description="situation area of the methodology, never a sensitive one")
    value: Code = Field(description="catalogue value, such as reception or b1")
    moment: SituationMoment = Field(description="at the start, at a change, or at the exit")
    since: date = Field(description="first day on which it held")
    until: date | None = Field(description="last day on which it held; None while it holds")
    corrects: UUID | None = Field(default=None, description="the situation that was wrongly recorded and that this one replaces")


class NetworkMapped(_OfPathway, Event, type="pathways.network_mapped"):
    """How many bonds, bridges and links the person has, by kind and strength: the social capital that tutors are for."""

    map_id: UUID = Field(description="the map, if it is to be corrected")
    moment: AssessmentMoment = Field(description="when in the pathway it was taken")
    bonds: Count = Field(description="ties to people alike: family, friends of the same origin")
    bridges: Count = Field(description="ties to people unlike: neighbours, colleagues, volunteers")
    links: Count = Field(description="ties to institutions: school, employer, offices")
    ties: tuple[Tie, ...] = Field(description="how many ties of each kind and strength; nobody is named")
    corrects: UUID | None = Field(default=None, description="the wrong record that this one replaces")


class NeedsAssessed(_OfPathway, Event, type="pathways.needs_assessed"):
    """An instrument was answered, by the worker or by the person. Scores of sensitive areas are sealed apart."""

    assessment_id: UUID = Field(description="the assessment, if it is to be corrected")
    instrument: Code = Field(description="code of the instrument, from the methodology")
    instrument_version: str = Field(description="version of its questions")
    respondent: Respondent = Field(description="who answered")
    moment: AssessmentMoment = Field(description="when in the pathway it was taken")
    scores: dict[Code, int] = Field(description="by area or item, outside sensitive areas")
    corrects: UUID | None = Field(default=None, description="the wrong record that this one replaces")
    sensitive_scores: Annotated[dict[Code, int] | None, Personal(DataClass.HEALTH)] = Field(
        default=None, description="by area or item, within sensitive areas"
    )
    notes: Words = Field(default=None, description="what the figures do not say, in words")


class GoalSet(_OfPathway, Event, type="pathways.goal_set"):
    """The person and the team set a goal in one area. Words of a sensitive goal are in `reserved`."""

    goal_id: UUID = Field(description="the goal")
    dimension: Dimension = Field(description="the dimension of inclusion to which it belongs")
    area: Code | None = Field(description="None where the area is sensitive")
    description: Words = Field(default=None, description="the goal in words, outside sensitive areas")
    reserved: Sealed = None


class GoalDropped(_OfPathway, Event, type="pathways.goal_dropped"):
    """A goal is pursued no longer."""

    goal_id: UUID = Field(description="the goal")
    reason: Words = Field(default=None, description="why, in words")


class ActionPlanned(_OfPathway, Event, type="pathways.action_planned"):
    """A step towards a goal, with who takes it and by when. Its area is its goal's."""

    action_id: UUID = Field(description="the action")
    goal_id: UUID = Field(description="the goal")
    responsible: Responsible = Field(description="who takes the step")
    due_on: date | None = Field(description="by when; None where no day was agreed")
    description: Words = Field(default=None, description="the step in words, outside sensitive areas")
    reserved: Sealed = None


class ActionDone(_OfPathway, Event, type="pathways.action_done"):
    """A planned action was carried out."""

    action_id: UUID = Field(description="the action")
    notes: Words = Field(default=None, description="how it went, in words")


class PlanProposed(_OfPathway, Event, type="pathways.plan_proposed"):
    """The team put a first plan, or a new one after a refusal, before the person."""

    plan_version: int = Field(ge=1, description="which version of the plan: 1, 2, 3 …")
    author: Pseudonym = Field(description="pseudonym of the team member who wrote it; may not be the second member of the agreement")
    wants_tutor: bool = Field(description="whether the person wants a territorial tutor")
    language: Language = None
    summary: Words = Field(default=None, description="the plan in words")


class PlanRevised(_OfPathway, Event, type="pathways.plan_revised"):
    """A new version of an agreed plan was put before the person; the agreed one runs until this is agreed."""

    plan_version: int = Field(ge=2, description="which version of the plan: 2, 3 …")
    author: Pseudonym = Field(description="pseudonym of the team member who wrote it")
    wants_tutor: bool = Field(description="whether the person wants a territorial tutor")
    language: Language = None
    summary: Words = Field(default=None, description="the plan in words")


class PlanDeclined(_OfPathway, Event, type="pathways.plan_declined"):
    """The person declined the proposed version."""

    plan_version: int = Field(description="which version of the plan: 1, 2, 3 …")
    reason: Words = Field(default=None, description="why, in words")


class PlanAgreedOnce(_OfPathway, Event, type="pathways.plan_agreed"):
    """As it was published first: always with a second team member."""

    episode: Episode
    plan_version: int = Field(description="which version of the plan: 1, 2, 3 …")
    wants_tutor: bool = Field(description="whether the person wants a territorial tutor")
    second_member: Pseudonym = Field(description="pseudonym of the confirming member, another than the author")
    mediated: bool = Field(description="whether a mediator interpreted; if not, the person reads the language")
    review_due: date = Field(description="day by which the plan is to be reviewed")
    language: Language = None
    mediator: Mediator = None


class PathwayReviewed(_OfPathway, Event, type="pathways.pathway_reviewed"):
    """The agreed plan was reviewed with the person."""

    review_id: UUID = Field(description="the review")
    plan_version: int = Field(description="which version of the plan: 1, 2, 3 …")
    was_due: date = Field(description="the day by which it was to take place")
    review_due: date = Field(description="day by which the next review is due")
    notes: Words = Field(default=None, description="what was said, in words")


class ReviewOverdue(_OfPathway, Event, type="pathways.review_overdue"):
    """The day of a review passed without one. Recorded by time itself."""

    was_due: date = Field(description="the day by which it was to take place")


class MilestoneReached(_OfPathway, Event, type="pathways.milestone_reached"):
    """The person reached a milestone of the catalogue on the envelope's `occurred_on`. Retracted if wrong, never edited."""

    milestone_id: UUID = Field(description="the record, if it is to be retracted")
    dimension: Dimension = Field(description="the dimension of inclusion to which it belongs")
    area: Code | None = Field(description="None where the area is sensitive")
    milestone: Code | None = Field(description="catalogue code; None where the area is sensitive")
    evidence: SealedEvidence = Field(default=None, description="where the proof is kept")
    reserved: Sealed = None


class MilestoneRetracted(_OfPathway, Event, type="pathways.milestone_retracted"):
    """A recorded milestone had not been reached after all; it counts no longer, from the first day on."""

    milestone_id: UUID = Field(description="the record, if it is to be retracted")
    reason_code: Literal["entered-by-mistake", "wrong-person", "evidence-not-valid", "wrong-day"] = Field(description="what was wrong")
    reason: Words = Field(default=None, description="what was wrong, in words")


class PathwaySuspended(_OfPathway, Event, type="pathways.pathway_suspended"):
    """The pathway rests: no review is awaited until it is resumed."""

    reason_code: SuspensionReason = Field(description="why it rests")
    review_due: date | None = Field(description="the review that is awaited no longer, where one was")
    reason: Words = Field(default=None, description="why it rests, in words")


class PathwayResumed(_OfPathway, Event, type="pathways.pathway_resumed"):
    """The pathway goes on."""

    review_due: date | None = Field(description="day by which the plan is to be reviewed, where one was agreed")


class TutorSupportStarted(_OfPathway, Event, type="pathways.tutor_support_started"):
    """A territorial tutor stands beside the person: noted from the tutors service's assignment."""

    assignment_id: AssignmentId
    tutor_id: TutorId


class TutorSupportEnded(_OfPathway, Event, type="pathways.tutor_support_ended"):
    """A tutor's assignment ended, or the pathway closed while it ran."""

    assignment_id: AssignmentId
    tutor_id: TutorId
    reason: Code = Field(description="the assignment's reason, or pathway-closed")


class ServiceDelivered(_OfPathway, Event, type="pathways.service_delivered"):
    """A service was given to the person, under a programme where one pays for it."""

    service_id: UUID = Field(description="the service given")
    dimension: Dimension = Field(description="the dimension of inclusion to which it belongs")
    kind: Code | None = Field(description="catalogue code; None where its area is sensitive")
    minutes: int = Field(ge=1, le=1440, description="its length in minutes")
    mediated: bool = Field(description="whether a mediator interpreted")
    programme: Code | None = Field(description="code of the programme that pays, where one does")
    reserved: Sealed = None
    notes: Words = Field(default=None, description="how it went, in words")


class SupportGranted(_OfPathway, Event, type="pathways.support_granted"):
    """Material support was granted against a budget line."""

    grant_id: UUID = Field(description="the grant, to which payments refer")
    kind: Code = Field(description="code of the support, from the methodology")
    amount_cents: Cents
    budget_line: Code = Field(description="code of the budget line that pays")
    programme: Code | None = Field(description="code of the programme that pays, where one does")


class SupportPaid(_OfPathway, Event, type="pathways.support_paid"):
    """Part or all of a grant was paid."""

    payment_id: UUID = Field(description="the payment")
    grant_id: UUID = Field(description="the grant, to which payments refer")
    kind: Code = Field(description="code of the support, from the methodology")
    amount_cents: Cents
    budget_line: Code = Field(description="code of the budget line that pays")
    programme: Code | None = Field(description="code of the programme that pays, where one does")
    receipt: SealedEvidence = Field(default=None, description="where its receipt is kept")


class ContactLost(_OfPathway, Event, type="pathways.contact_lost"):
    """The person could not be reached any more."""

    notes: Words = Field(default=None, description="what was tried, in words")


class ContactRegained(_OfPathway, Event, type="pathways.contact_regained"):
    """The person was reached again."""

    notes: Words = Field(default=None, description="how, in words")


class NoteAdded(_OfPathway, Event, type="pathways.note_added"):
    """A note in the person's file; on the wire nothing but that there is one."""

    note_id: UUID = Field(description="the note")
    text: Words = Field(default=None, description="the note's words")


class PathwayClosed(_OfPathway, Event, type="pathways.pathway_closed"):
    """The pathway ended with the person's exit from care; nothing is recorded on it any more."""

    episode: Episode
    outcome: Code = Field(description="the exit's reason")
    destination: Code | None = Field(description="where the person went, by intake's list")
    review_due: date | None = Field(description="the review that is awaited no longer, where one was")
