"""What one version of the plan changes of another: which goals and steps came, went and were done; the plan in words, the tutor's wish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from services.pathways.domain.plan_sheet import PlanSheet, SheetGoal, SheetStep


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChanges:
    """What a version changes of version `since`. `summary` is None where the words of either stay shut."""

    since: int
    summary: bool | None
    wants_tutor: bool
    goals_added: Sequence[SheetGoal]
    goals_dropped: Sequence[SheetGoal]
    steps_added: Sequence[SheetStep]
    steps_done: Sequence[SheetStep]


def changes_of(sheets: Sequence[PlanSheet], version: int) -> PlanChanges | None:
    """Return what a version changes of the one that ran when it was proposed, else of the one before it; None for the first."""
    after = next(sheet for sheet in sheets if sheet.version == version)
    earlier = [sheet for sheet in sheets if sheet.version < version]
    if not earlier:
        return None
    before = next((sheet for sheet in reversed(earlier) if sheet.ran), earlier[-1])
    had, has = {goal.goal_id: goal for goal in before.goals}, {goal.goal_id: goal for goal in after.goals}
    was, steps = _steps(before), _steps(after)
    return PlanChanges(
        since=before.version,
        summary=None if before.summary is None or after.summary is None else before.summary != after.summary,
        wants_tutor=before.wants_tutor != after.wants_tutor,
        goals_added=[goal for key, goal in has.items() if key not in had],
        goals_dropped=[goal for key, goal in had.items() if key not in has],
        steps_added=[step for key, step in steps.items() if key not in was],
        steps_done=[step for key, step in steps.items() if step.done and not (key in was and was[key].done)],
    )


def _steps(sheet: PlanSheet) -> dict[UUID, SheetStep]:
    return {key: step for goal in sheet.goals for key, step in goal.steps.items()}
