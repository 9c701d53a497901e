"""Request bodies of goals, the plan, milestones and keeping in touch: their form, and the command that each asks for."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import UUID4, Field, StrictInt, StringConstraints

from contracts.pathway_values import Responsible, SuspensionReason
from services._runtime.web.bodies import Code, CommandBody, Day, Flag, Line, Prose
from services.pathways.adapters.measuring_bodies import EvidenceBody
from services.pathways.domain import commands

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$"), Field(description="BCP 47, such as fr")]
PlanVersion = Annotated[StrictInt, Field(ge=1, le=1_000, description="the version that lies before the person")]


class GoalBody(CommandBody):
    """A goal in an area."""

    goal_id: UUID4
    area: Code
    description: Prose

    def command(self) -> commands.SetGoal:
        """Return the command."""
        return commands.SetGoal(goal_id=self.goal_id, area=self.area, description=self.description)


class GoalDropBody(CommandBody):
    """A goal that is pursued no longer."""

    goal_id: UUID4
    reason: Prose | None = None

    def command(self) -> commands.DropGoal:
        """Return the command."""
        return commands.DropGoal(goal_id=self.goal_id, reason=self.reason)


class ActionBody(CommandBody):
    """A step towards a goal."""

    action_id: UUID4
    goal_id: UUID4
    responsible: Responsible
    description: Prose
    due_on: Day | None = None

    def command(self) -> commands.PlanAction:
        """Return the command."""
        return commands.PlanAction(
            action_id=self.action_id,
            goal_id=self.goal_id,
            responsible=self.responsible,
            description=self.description,
            due_on=self.due_on,
        )


class ActionDoneBody(CommandBody):
    """A step that was taken."""

    action_id: UUID4
    notes: Prose | None = None

    def command(self) -> commands.CompleteAction:
        """Return the command."""
        return commands.CompleteAction(action_id=self.action_id, notes=self.notes)


class PlanProposalBody(CommandBody):
    """A plan, or a revision of the agreed one. The caller is its author."""

    wants_tutor: Annotated[Flag, Field(description="whether the person wants a territorial tutor")]
    language: Language
    summary: Prose

    def command(self, author: str) -> commands.ProposePlan:
        """Return the command."""
        return commands.ProposePlan(author=author, wants_tutor=self.wants_tutor, language=self.language, summary=self.summary)


class PlanAgreementBody(CommandBody):
    """The person's agreement. The caller confirms it, and is another than the author."""

    plan_version: PlanVersion
    language: Language
    reads_language: Annotated[Flag, Field(description="whether the person reads that language; else a mediator is needed")]
    mediator: Annotated[Line | None, Field(description="who interpreted")] = None

    def command(self, second_member: str, on: date) -> commands.AgreePlan:
        """Return the command."""
        return commands.AgreePlan(
            plan_version=self.plan_version,
            second_member=second_member,
            on=on,
            language=self.language,
            reads_language=self.reads_language,
            mediator=self.mediator,
        )


class PlanRefusalBody(CommandBody):
    """The person declined the plan."""

    plan_version: PlanVersion
    reason: Prose | None = None

    def command(self) -> commands.DeclinePlan:
        """Return the command."""
        return commands.DeclinePlan(plan_version=self.plan_version, reason=self.reason)


class ReviewBody(CommandBody):
    """A review of the agreed plan."""

    review_id: UUID4
    notes: Prose | None = None

    def command(self, on: date) -> commands.ReviewPathway:
        """Return the command."""
        return commands.ReviewPathway(review_id=self.review_id, on=on, notes=self.notes)


class MilestoneBody(CommandBody):
    """A milestone of the catalogue. `occurred_on` is the day on which it was reached."""

    milestone_id: UUID4
    milestone: Code
    evidence: EvidenceBody

    def command(self) -> commands.ReachMilestone:
        """Return the command."""
        return commands.ReachMilestone(milestone_id=self.milestone_id, milestone=self.milestone, evidence=self.evidence.evidence())


class MilestoneRetractionBody(CommandBody):
    """A milestone that was not reached after all."""

    milestone_id: UUID4
    reason_code: Literal["entered-by-mistake", "wrong-person", "evidence-not-valid", "wrong-day"]
    reason: Prose | None = None

    def command(self) -> commands.RetractMilestone:
        """Return the command."""
        return commands.RetractMilestone(milestone_id=self.milestone_id, reason_code=self.reason_code, reason=self.reason)


class ContactBody(CommandBody):
    """Contact with the person, lost or regained."""

    notes: Prose | None = None


class NoteBody(CommandBody):
    """A note in the person's file."""

    note_id: UUID4
    text: Prose

    def command(self) -> commands.AddNote:
        """Return the command."""
        return commands.AddNote(note_id=self.note_id, text=self.text)


class SuspensionBody(CommandBody):
    """Why the pathway rests."""

    reason_code: SuspensionReason
    reason: Prose | None = None

    def command(self) -> commands.SuspendPathway:
        """Return the command."""
        return commands.SuspendPathway(reason_code=self.reason_code, reason=self.reason)


class ResumptionBody(CommandBody):
    """The pathway goes on."""
