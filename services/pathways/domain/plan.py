"""The plan: proposed on a baseline, agreed by the person and a second member of the team, reviewed while it runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias, assert_never

from contracts.pathways import PathwayReviewed, PlanDeclined, PlanProposed, PlanRevised, ReviewOverdue
from contracts.plans import PlanAccepted, PlanAgreed
from services.pathways.domain.commands import AgreePlan, DeclinePlan, MarkReviewOverdue, ProposePlan, ReviewPathway
from services.pathways.domain.confirming import AcceptPlan, ConfirmPlan, RunPlan, decide_confirming, evolve_accepted
from services.pathways.domain.course import AgreedPlan, DeclinedPlan, ProposedPlan
from services.pathways.domain.measuring import missing_baseline
from services.pathways.domain.refusals import (
    BaselineMissing,
    NoAgreedPlan,
    PlanAwaitsAnswer,
    PlanNotProposed,
    PlanNotUnderstood,
    ReviewNotDue,
    ReviewTooSoon,
    SecondMemberNeeded,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from services.pathways.domain.commands import Planning
    from services.pathways.domain.course import Course
    from services.pathways.domain.methodology import Methodology

Planned: TypeAlias = PlanProposed | PlanRevised | PlanDeclined | PlanAccepted | PlanAgreed | PathwayReviewed | ReviewOverdue


def decide_plan(command: Planning, course: Course, methodology: Methodology) -> Sequence[Planned]:
    """Return what a command does to the plan."""
    match command:
        case ProposePlan():
            return [_propose(command, course, methodology)]
        case DeclinePlan():
            _awaiting(course, command.plan_version)
            return [PlanDeclined(**course.of, plan_version=command.plan_version, reason=command.reason)]
        case AgreePlan():
            return [_agree(command, course, methodology)]
        case AcceptPlan() | ConfirmPlan() | RunPlan():
            return decide_confirming(command, course, next_review(command.on, methodology))
        case ReviewPathway():
            return [_review(command, course, methodology)]
        case MarkReviewOverdue(due=due):
            if course.review_due != due or course.review_overdue:
                raise ReviewNotDue
            return [ReviewOverdue(**course.of, was_due=due)]
        case _:
            assert_never(command)


def evolve_planned(course: Course, event: Planned) -> Course:
    """Return the course with the plan as it stands now."""
    match event:
        case PlanProposed() | PlanRevised():
            plan = ProposedPlan(event.plan_version, event.author, event.wants_tutor, course.running_plan)
            return replace(course, plan=plan)
        case PlanDeclined():
            return replace(course, plan=DeclinedPlan(event.plan_version, course.running_plan))
        case PlanAgreed():
            agreed = AgreedPlan(event.plan_version, event.wants_tutor, confirmed=event.confirmation != "none-in-time")
            return replace(course, plan=agreed, review_due=event.review_due)
        case PlanAccepted():
            return evolve_accepted(course, event)
        case PathwayReviewed():
            ids = course.ids | {event.review_id}
            return replace(course, ids=ids, review_due=event.review_due, review_overdue=False)
        case ReviewOverdue():
            return replace(course, review_overdue=True)
        case _:
            assert_never(event)


def next_review(on: date, methodology: Methodology) -> date:
    """Return the day by which a plan is to be reviewed that was agreed, reviewed or resumed `on`."""
    return on + timedelta(days=methodology.review_interval_days)


def _propose(command: ProposePlan, course: Course, methodology: Methodology) -> PlanProposed | PlanRevised:
    if isinstance(course.plan, ProposedPlan):
        raise PlanAwaitsAnswer(course.plan.version)
    if missing := missing_baseline(course, methodology):
        raise BaselineMissing(missing)
    event = PlanProposed if course.running_plan is None else PlanRevised
    return event(
        **course.of,
        plan_version=course.plan.version + 1,
        author=command.author,
        wants_tutor=command.wants_tutor,
        language=command.language,
        summary=command.summary,
    )


def _awaiting(course: Course, version: int) -> ProposedPlan:
    match course.plan:
        case ProposedPlan(version=proposed) if proposed == version:
            return course.plan
        case _:
            raise PlanNotProposed


def _agree(command: AgreePlan, course: Course, methodology: Methodology) -> PlanAgreed:
    plan = _awaiting(course, command.plan_version)
    if command.second_member == plan.author:
        raise SecondMemberNeeded
    if not command.reads_language and command.mediator is None:
        raise PlanNotUnderstood
    return PlanAgreed(
        **course.of,
        episode=course.episode,
        plan_version=plan.version,
        wants_tutor=plan.wants_tutor,
        confirmation="team-member",
        second_member=command.second_member,
        mediated=command.mediator is not None,
        # A revision does not put off the review that is awaited already.
        review_due=course.review_due or next_review(command.on, methodology),
        language=command.language,
        mediator=command.mediator,
    )


def _review(command: ReviewPathway, course: Course, methodology: Methodology) -> PathwayReviewed:
    course.check_new(command.review_id)
    if course.running_plan is None or course.review_due is None:
        raise NoAgreedPlan
    due = next_review(command.on, methodology)
    if due <= course.review_due:
        raise ReviewTooSoon
    return PathwayReviewed(
        **course.of,
        review_id=command.review_id,
        plan_version=course.running_plan.version,
        was_due=course.review_due,
        review_due=due,
        notes=command.notes,
    )
