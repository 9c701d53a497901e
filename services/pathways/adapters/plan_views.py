"""The versions of a plan as they are answered over HTTP, each with what it changes."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.pathway_values import Responsible
from services.pathways.domain.plan_changes import PlanChanges, changes_of
from services.pathways.domain.plan_sheet import Standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.pathways.domain.plan_sheet import PlanSheet, SheetGoal, SheetStep


class StepOnPlan(BaseModel):
    """A step. `description` is null where it stays shut."""

    action_id: UUID
    description: str | None
    responsible: Responsible
    due_on: date | None
    done: bool


class GoalOnPlan(BaseModel):
    """A goal with its steps. `area` and `description` are null where they stay shut."""

    goal_id: UUID
    dimension: str
    area: str | None
    description: str | None
    actions: list[StepOnPlan]


class PlanChangesView(BaseModel):
    """What a version changes of version `since`."""

    since: int
    summary: bool | None = Field(description="whether the plan in words is another; null where the words of either stay shut")
    wants_tutor: bool = Field(description="whether the wish for a tutor is another")
    goals_added: list[GoalOnPlan]
    goals_dropped: list[GoalOnPlan]
    actions_added: list[StepOnPlan]
    actions_done: list[StepOnPlan]


class PlanVersionView(BaseModel):
    """One version of the plan, for ever as it was."""

    version: int
    standing: Standing
    author: str
    proposed_on: date
    answered_on: date | None
    language: str | None
    summary: str | None
    wants_tutor: bool
    goals: list[GoalOnPlan]
    changes: PlanChangesView | None = Field(
        description="since the version that ran when this one was proposed, else since the one before; null for the first"
    )


class PlanVersionsView(BaseModel):
    """Every version of a pathway's plan, in order."""

    pathway_id: UUID
    items: list[PlanVersionView]


def plan_versions_view(pathway_id: UUID, sheets: Sequence[PlanSheet]) -> PlanVersionsView:
    """Return the versions."""
    return PlanVersionsView(pathway_id=pathway_id, items=[_version(sheet, changes_of(sheets, sheet.version)) for sheet in sheets])


def _version(sheet: PlanSheet, changes: PlanChanges | None) -> PlanVersionView:
    return PlanVersionView(
        version=sheet.version,
        standing=sheet.standing,
        author=sheet.author,
        proposed_on=sheet.proposed_on,
        answered_on=sheet.answered_on,
        language=sheet.language,
        summary=sheet.summary,
        wants_tutor=sheet.wants_tutor,
        goals=[_goal(goal) for goal in sheet.goals],
        changes=None if changes is None else _changes(changes),
    )


def _changes(changes: PlanChanges) -> PlanChangesView:
    return PlanChangesView(
        since=changes.since,
        summary=changes.summary,
        wants_tutor=changes.wants_tutor,
        goals_added=[_goal(goal) for goal in changes.goals_added],
        goals_dropped=[_goal(goal) for goal in changes.goals_dropped],
        actions_added=[_step(step) for step in changes.steps_added],
        actions_done=[_step(step) for step in changes.steps_done],
    )


def _goal(goal: SheetGoal) -> GoalOnPlan:
    steps = [_step(step) for step in goal.steps.values()]
    return GoalOnPlan(goal_id=goal.goal_id, dimension=goal.dimension, area=goal.area, description=goal.words, actions=steps)


def _step(step: SheetStep) -> StepOnPlan:
    return StepOnPlan(action_id=step.action_id, description=step.words, responsible=step.responsible, due_on=step.due_on, done=step.done)
