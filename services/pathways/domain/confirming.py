"""Who confirms a plan when the team has no second member: the lead's methodology contact, or, after ten working days, nobody.

A plan waits for nobody for ever: what runs without a second pair of eyes is flagged instead of being held back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, assert_never

from contracts.plans import PlanAccepted, PlanAgreed
from services.pathways.domain.course import Acceptance, ProposedPlan
from services.pathways.domain.refusals import (
    PlanAcceptedAlready,
    PlanNotAccepted,
    PlanNotDue,
    PlanNotProposed,
    PlanNotUnderstood,
    SecondMemberNeeded,
)

if TYPE_CHECKING:
    from datetime import date

    from services.pathways.domain.course import Course


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptPlan:
    """Record the person's agreement where nobody of the team can confirm it. `runs_from` is ten working days after `on`."""

    plan_version: int
    on: date
    runs_from: date
    language: str
    reads_language: bool
    mediator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPlan:
    """Confirm an accepted plan from outside of the team, as the lead's methodology contact with this pseudonym."""

    plan_version: int
    contact: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """Time's own command: the day from which an accepted plan runs has come, and it is `on`."""

    runs_from: date
    on: date


Confirming: TypeAlias = AcceptPlan | ConfirmPlan | RunPlan


def decide_confirming(command: Confirming, course: Course, interval_end: date) -> list[PlanAccepted | PlanAgreed]:
    """Return the acceptance, or the agreement that follows it; `interval_end` is when a plan of that day is to be reviewed."""
    match command:
        case AcceptPlan():
            return [_accept(command, course)]
        case ConfirmPlan():
            plan = _proposed(course, command.plan_version)
            if plan.accepted is None:
                raise PlanNotAccepted
            if command.contact == plan.author:
                raise SecondMemberNeeded
            return [_agreed(course, plan, plan.accepted, command.contact, interval_end)]
        case RunPlan(runs_from=runs_from):
            if not isinstance(course.plan, ProposedPlan) or course.plan.accepted is None or course.plan.accepted.runs_from != runs_from:
                raise PlanNotDue
            return [_agreed(course, course.plan, course.plan.accepted, None, interval_end)]
        case _:
            assert_never(command)


def evolve_accepted(course: Course, event: PlanAccepted) -> Course:
    """Return the course with the person's agreement, which awaits its confirmation."""
    acceptance = Acceptance(event.mediated, event.runs_from, event.language, event.mediator)
    return replace(course, plan=replace(_proposed(course, event.plan_version), accepted=acceptance))


def _accept(command: AcceptPlan, course: Course) -> PlanAccepted:
    plan = _proposed(course, command.plan_version)
    if plan.accepted is not None and command.on < plan.accepted.runs_from:
        raise PlanAcceptedAlready(plan.accepted.runs_from)
    if not command.reads_language and command.mediator is None:
        raise PlanNotUnderstood
    return PlanAccepted(
        **course.of,
        plan_version=plan.version,
        mediated=command.mediator is not None,
        runs_from=command.runs_from,
        language=command.language,
        mediator=command.mediator,
    )


def _agreed(course: Course, plan: ProposedPlan, accepted: Acceptance, contact: str | None, interval_end: date) -> PlanAgreed:
    return PlanAgreed(
        **course.of,
        episode=course.episode,
        plan_version=plan.version,
        wants_tutor=plan.wants_tutor,
        confirmation="none-in-time" if contact is None else "methodology-contact",
        second_member=contact,
        mediated=accepted.mediated,
        review_due=course.review_due or interval_end,
        language=accepted.language,
        mediator=accepted.mediator,
    )


def _proposed(course: Course, version: int) -> ProposedPlan:
    match course.plan:
        case ProposedPlan(version=proposed) if proposed == version:
            return course.plan
        case _:
            raise PlanNotProposed
