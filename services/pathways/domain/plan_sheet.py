"""Each version of a plan, for ever as it was: what stood on the pathway when it was proposed, and how it was answered.

The digest of the proposing event commits to everything before it on the pathway, so that a paper is matched with it for ever.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

from contracts.errors import Unknown
from contracts.pathways import ActionDone, ActionPlanned, GoalDropped, GoalSet, PlanDeclined, PlanProposed, PlanRevised, SituationRecorded
from contracts.plans import PlanAccepted, PlanAgreed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from contracts.event import Event
    from contracts.pathway_values import Responsible

Standing = Literal["proposed", "accepted", "agreed", "unconfirmed", "declined"]
Proposal: TypeAlias = PlanProposed | PlanRevised


class NoPlanToPrint(Unknown):
    """Nothing lies before the person that could be signed."""

    code: ClassVar[str] = "no-plan-to-print"

    def __init__(self) -> None:
        super().__init__("no such version of the plan is proposed or agreed: propose one, or leave `plan-version` out for the newest")


@dataclass(frozen=True, slots=True)
class Told:
    """One event of the pathway, opened for the reader; the day on which it happened, and its digest."""

    event: Event
    occurred_on: date
    digest: str


@dataclass(frozen=True, slots=True)
class SheetStep:
    """A step. `words` is None where they stay shut."""

    action_id: UUID
    words: str | None
    responsible: Responsible
    due_on: date | None
    done: bool = False


@dataclass(frozen=True, slots=True)
class SheetGoal:
    """A goal and its steps. `area` and `words` are None where they stay shut: the dimension is told in any case."""

    goal_id: UUID
    dimension: str
    area: str | None
    words: str | None
    steps: Mapping[UUID, SheetStep] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSheet:
    """One version of the plan.

    `language` is the one in which it was agreed, else proposed; None where it stays shut. `answered_on` is the day of the person's answer.
    """

    version: int
    standing: Standing
    author: str
    proposed_on: date
    digest: str
    language: str | None
    summary: str | None
    wants_tutor: bool
    situations: Sequence[SituationRecorded]
    goals: Sequence[SheetGoal]
    answered_on: date | None = None
    runs_from: date | None = None
    review_due: date | None = None
    second_member: str | None = None
    mediated: bool | None = None
    mediator: str | None = None

    @property
    def ran(self) -> bool:
        """Whether the person agreed to it and it ran."""
        return self.standing in {"agreed", "unconfirmed"}

    @property
    def whole(self) -> bool:
        """Whether nothing of it stays shut: only a whole plan is signed."""
        return None not in self._words()

    def _words(self) -> Iterator[str | None]:
        yield from (self.language, self.summary)
        for goal in self.goals:
            yield from (goal.area, goal.words)
            yield from (step.words for step in goal.steps.values())
        if self.mediated:
            yield self.mediator


def plan_sheet(told: Sequence[Told], version: int | None = None) -> PlanSheet:
    """Return a version of the plan, the newest that was not declined if none is named; raises `NoPlanToPrint`."""
    found = [sheet for sheet in plan_sheets(told) if sheet.standing != "declined" and version in (None, sheet.version)]
    if not found:
        raise NoPlanToPrint
    return found[-1]


def plan_sheets(told: Sequence[Told]) -> list[PlanSheet]:
    """Return every version of the plan, in order."""
    sheets: list[PlanSheet] = []
    for position, one in enumerate(told):
        if isinstance(one.event, PlanProposed | PlanRevised):
            sheets.append(_proposed(one.event, one, told[:position]))
        elif sheets:
            # A version is answered before the next one is proposed.
            sheets[-1] = _answered(sheets[-1], one)
    return sheets


def _proposed(event: Proposal, told: Told, before: Sequence[Told]) -> PlanSheet:
    events = [one.event for one in before]
    return PlanSheet(
        version=event.plan_version,
        standing="proposed",
        author=event.author,
        proposed_on=told.occurred_on,
        digest=told.digest,
        language=event.language,
        summary=event.summary,
        wants_tutor=event.wants_tutor,
        situations=_situations(events),
        goals=_goals(events),
    )


def _answered(sheet: PlanSheet, told: Told) -> PlanSheet:
    match told.event:
        case PlanDeclined(plan_version=sheet.version):
            return replace(sheet, standing="declined", answered_on=told.occurred_on)
        case PlanAccepted(plan_version=sheet.version) as accepted:
            return replace(
                sheet,
                standing="accepted",
                answered_on=told.occurred_on,
                runs_from=accepted.runs_from,
                language=accepted.language,
                mediated=accepted.mediated,
                mediator=accepted.mediator,
            )
        case PlanAgreed(plan_version=sheet.version) as agreed:
            return replace(
                sheet,
                standing="unconfirmed" if agreed.confirmation == "none-in-time" else "agreed",
                answered_on=sheet.answered_on or told.occurred_on,
                review_due=agreed.review_due,
                second_member=agreed.second_member,
                language=agreed.language,
                mediated=agreed.mediated,
                mediator=agreed.mediator,
            )
        case _:
            return sheet


def _situations(events: Sequence[Event]) -> list[SituationRecorded]:
    """Return how the person stood: of each area what was recorded last, without what was corrected."""
    recorded = [event for event in events if isinstance(event, SituationRecorded)]
    corrected = {event.corrects for event in recorded}
    latest: dict[str, SituationRecorded] = {}
    for event in recorded:
        if event.situation_id not in corrected and (event.area not in latest or event.since >= latest[event.area].since):
            latest[event.area] = event
    return list(latest.values())


def _goals(events: Sequence[Event]) -> list[SheetGoal]:
    """Return the goals that stood, each with its steps."""
    goals: dict[UUID, SheetGoal] = {}
    goal_of: dict[UUID, UUID] = {}
    for event in events:
        match event:
            case GoalSet(reserved=reserved):
                area, words = (reserved.area, reserved.text) if reserved else (event.area, event.description)
                goals[event.goal_id] = SheetGoal(event.goal_id, event.dimension, area, words)
            case GoalDropped(goal_id=goal_id):
                del goals[goal_id]
            case ActionPlanned(reserved=reserved, action_id=action_id):
                goal_of[action_id] = event.goal_id
                words = reserved.text if reserved else event.description
                _put(goals, event.goal_id, action_id, SheetStep(action_id, words, event.responsible, event.due_on))
            case ActionDone(action_id=action_id) if goal_of[action_id] in goals:
                goal_id = goal_of[action_id]
                _put(goals, goal_id, action_id, replace(goals[goal_id].steps[action_id], done=True))
            case _:
                pass
    return list(goals.values())


def _put(goals: dict[UUID, SheetGoal], goal_id: UUID, action_id: UUID, step: SheetStep) -> None:
    goals[goal_id] = replace(goals[goal_id], steps={**goals[goal_id].steps, action_id: step})
