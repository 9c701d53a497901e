"""Versions of a plan beside each other: each as it was, and what it changes of the one that ran."""

from __future__ import annotations

from dataclasses import replace

from services.pathways.adapters.plan_views import plan_versions_view
from services.pathways.domain.commands import CompleteAction, DeclinePlan, DropGoal, PlanAction, SetGoal
from services.pathways.domain.plan_changes import PlanChanges, changes_of
from services.pathways.domain.plan_sheet import plan_sheets
from tests.unit.pathways.cases import AGREE, PATHWAY_ID, PROPOSE, an_id
from tests.unit.pathways.test_plan_sheet import CV, PLANNED, VISIT, told

CHOIR = SetGoal(goal_id=an_id("choir"), area="leisure", description="il coro")
AUDITION = PlanAction(action_id=an_id("audition"), goal_id=an_id("choir"), responsible="beneficiary", description="la prova")
REVISED = (
    *PLANNED,
    AGREE,
    CompleteAction(action_id=an_id("visit")),
    DropGoal(goal_id=an_id("work")),
    CHOIR,
    AUDITION,
    replace(PROPOSE, wants_tutor=not PROPOSE.wants_tutor, summary="il coro"),
)


def test_the_first_version_changes_nothing() -> None:
    assert changes_of(plan_sheets(told(*PLANNED)), 1) is None


def test_a_revision_tells_what_came_what_went_and_what_was_done() -> None:
    """The goals of both are those that stood when each was proposed."""
    changes = changes_of(plan_sheets(told(*REVISED)), 2)
    assert isinstance(changes, PlanChanges)
    assert (changes.since, changes.summary, changes.wants_tutor) == (1, True, True)
    assert [goal.goal_id for goal in changes.goals_added] == [CHOIR.goal_id]
    assert [(goal.goal_id, list(goal.steps)) for goal in changes.goals_dropped] == [(an_id("work"), [CV.action_id])]
    assert [step.action_id for step in changes.steps_added] == [AUDITION.action_id]
    assert [step.action_id for step in changes.steps_done] == [VISIT.action_id]


def test_a_version_is_compared_with_the_one_that_ran_not_with_one_that_was_declined() -> None:
    """What was declined never held; where none ran, the one before is what was looked at last."""
    again = changes_of(plan_sheets(told(*REVISED, DeclinePlan(plan_version=2), PROPOSE)), 3)
    assert again is not None
    assert (again.since, again.wants_tutor, [goal.goal_id for goal in again.goals_added]) == (1, False, [CHOIR.goal_id])
    other = changes_of(plan_sheets(told(*PLANNED, DeclinePlan(plan_version=1), CHOIR, PROPOSE)), 2)
    assert other is not None
    assert (other.since, other.summary, [goal.goal_id for goal in other.goals_added]) == (1, False, [CHOIR.goal_id])


def test_whether_words_changed_that_stay_shut_is_not_told() -> None:
    """I8: nor the words; which goals came and went is told by their ids."""
    shut = plan_versions_view(PATHWAY_ID, plan_sheets(told(*REVISED, without=frozenset({"notes", "health"}))))
    changes = shut.items[1].changes
    assert changes is not None
    assert changes.summary is None
    assert [(goal.goal_id, goal.description) for goal in changes.goals_added] == [(CHOIR.goal_id, None)]


def test_a_version_stays_as_it_was_whatever_comes_after() -> None:
    """Only how it was answered is added."""
    first, second = plan_versions_view(PATHWAY_ID, plan_sheets(told(*REVISED))).items
    (alone,) = plan_versions_view(PATHWAY_ID, plan_sheets(told(*PLANNED, AGREE))).items
    assert (first, first.standing) == (alone, "agreed")
    assert (second.version, second.standing, second.answered_on) == (2, "proposed", None)
    declined = plan_versions_view(PATHWAY_ID, plan_sheets(told(*REVISED, DeclinePlan(plan_version=2)))).items[1]
    assert (declined.standing, declined.goals) == ("declined", second.goals)
