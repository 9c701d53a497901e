"""The plan: what it needs, who agrees to it, and when it is reviewed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from contracts.pathways import PathwayReviewed, PlanDeclined, PlanProposed, PlanRevised, ReviewOverdue
from contracts.plans import PlanAgreed
from services.pathways.domain.commands import DeclinePlan, MarkReviewOverdue, ReviewPathway, SuspendPathway
from services.pathways.domain.pathway import Open
from services.pathways.domain.refusals import (
    AlreadyRecorded,
    BaselineMissing,
    NoAgreedPlan,
    PathwayIsSuspended,
    PlanAwaitsAnswer,
    PlanNotProposed,
    PlanNotUnderstood,
    ReviewNotDue,
    ReviewTooSoon,
    SecondMemberNeeded,
)
from tests.unit.pathways.cases import (
    AGREE,
    AGREED,
    AUTHOR,
    BASELINE,
    FIRST_REVIEW,
    IDS,
    NEEDS,
    NETWORK,
    OPEN,
    PATHWAYS,
    PROPOSE,
    SECOND,
    SITUATIONS,
    an_id,
    history,
    situations,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.pathways.domain.commands import PathwayCommand

DECLINE = DeclinePlan(plan_version=1, reason="too far from his school")
REVIEW = ReviewPathway(review_id=an_id("review"), on=date(2021, 6, 1), notes="going well")
OVERDUE = MarkReviewOverdue(due=FIRST_REVIEW)


def test_a_plan_is_proposed_on_a_whole_baseline() -> None:
    """With situations, network and needs recorded, a plan may be proposed."""
    PATHWAYS(history(*BASELINE)).when(PROPOSE).then(
        [PlanProposed(**IDS, plan_version=1, author=AUTHOR, wants_tutor=True, language="fr", summary="a home and a job")]
    )


@pytest.mark.parametrize(
    ("recorded", "missing"),
    [
        ((SITUATIONS, NETWORK), ("needs-and-resources",)),
        ((SITUATIONS, NEEDS), ("network",)),
        ((NETWORK, NEEDS), tuple(f"situation:{area}" for area in ("housing", "work", "income", "language", "schooling"))),
        (
            (situations({"housing": "hosted", "work": "casual"}), NETWORK, NEEDS),
            tuple(f"situation:{a}" for a in ("income", "language", "schooling")),
        ),
        ((SITUATIONS, NETWORK, replace(NEEDS, moment="follow-up")), ("needs-and-resources",)),
    ],
)
def test_without_its_baseline_no_plan_is_proposed(recorded: Sequence[PathwayCommand], missing: tuple[str, ...]) -> None:
    """The refusal says what is still to be recorded; a follow-up is no baseline."""
    refusal = PATHWAYS(history(OPEN, *recorded)).when(PROPOSE).refused(BaselineMissing)
    assert isinstance(refusal, BaselineMissing)
    assert refusal.missing == missing


def test_the_beneficiarys_own_needs_are_baseline_enough() -> None:
    """Either respondent's assessment lets the plan begin."""
    own = replace(NEEDS, respondent="beneficiary")
    PATHWAYS(history(OPEN, SITUATIONS, NETWORK, own)).when(PROPOSE).then_types(PlanProposed)


def test_one_proposal_at_a_time_lies_before_the_person() -> None:
    """A second proposal waits for the answer to the first."""
    PATHWAYS(history(*BASELINE, PROPOSE)).when(PROPOSE).refused(PlanAwaitsAnswer)


def test_a_plan_is_agreed_by_the_person_and_a_second_member() -> None:
    """The agreement carries the tutor's wish and the day of the first review."""
    PATHWAYS(history(*BASELINE, PROPOSE)).when(AGREE).then(
        [
            PlanAgreed(
                **IDS,
                episode=1,
                plan_version=1,
                wants_tutor=True,
                confirmation="team-member",
                second_member=SECOND,
                mediated=False,
                review_due=FIRST_REVIEW,
                language="fr",
            )
        ]
    )


def test_the_author_cannot_confirm_the_agreement() -> None:
    """Four eyes on every plan."""
    PATHWAYS(history(*BASELINE, PROPOSE)).when(replace(AGREE, second_member=AUTHOR)).refused(SecondMemberNeeded)


def test_nobody_agrees_to_what_they_cannot_read() -> None:
    """Either the person reads the language, or a mediator is recorded."""
    events = history(*BASELINE, PROPOSE)
    unread = replace(AGREE, reads_language=False)
    PATHWAYS(events).when(unread).refused(PlanNotUnderstood)
    (agreed,) = PATHWAYS(events).when(replace(unread, mediator="S. Diallo")).then_types(PlanAgreed)
    assert isinstance(agreed, PlanAgreed)
    assert (agreed.mediated, agreed.mediator) == (True, "S. Diallo")


def test_only_the_version_that_lies_before_the_person_is_answered() -> None:
    """Neither another version, nor one already answered, nor none."""
    proposed = history(*BASELINE, PROPOSE)
    for command in (replace(AGREE, plan_version=2), replace(DECLINE, plan_version=2)):
        PATHWAYS(proposed).when(command).refused(PlanNotProposed)
    for command in (AGREE, DECLINE):
        PATHWAYS(history(*AGREED)).when(command).refused(PlanNotProposed)
        PATHWAYS(history(*BASELINE, PROPOSE, DECLINE)).when(command).refused(PlanNotProposed)
        PATHWAYS(history(*BASELINE)).when(command).refused(PlanNotProposed)


def test_a_declined_plan_is_followed_by_a_new_one() -> None:
    """A refusal of the first plan leads to its second version, still a proposal."""
    declined = PlanDeclined(**IDS, plan_version=1, reason="too far from his school")
    PATHWAYS(history(*BASELINE, PROPOSE)).when(DECLINE).then([declined])
    (event,) = PATHWAYS(history(*BASELINE, PROPOSE, DECLINE)).when(PROPOSE).then_types(PlanProposed)
    assert isinstance(event, PlanProposed)
    assert event.plan_version == 2


def test_a_revision_leaves_the_agreed_plan_running_until_it_is_agreed_itself() -> None:
    """An agreed plan is revised; declined or not yet answered, the revision changes nothing."""
    revised = history(*AGREED, replace(PROPOSE, author=SECOND, wants_tutor=False))
    assert isinstance(revised[-1], PlanRevised)
    assert revised[-1].plan_version == 2
    state = PATHWAYS(revised).state()
    assert isinstance(state, Open)
    assert state.course.running_plan is not None
    assert state.course.running_plan.version == 1
    declined = PATHWAYS(revised).when(replace(DECLINE, plan_version=2)).then_types(PlanDeclined)
    (again,) = PATHWAYS([*revised, *declined]).when(PROPOSE).then_types(PlanRevised)
    assert isinstance(again, PlanRevised)
    assert again.plan_version == 3


def test_a_revision_does_not_put_off_the_review() -> None:
    """The review that is awaited stays due on its day."""
    events = history(*AGREED, replace(PROPOSE, author=SECOND))
    agree = replace(AGREE, plan_version=2, second_member=AUTHOR, on=date(2021, 5, 30))
    (agreed,) = PATHWAYS(events).when(agree).then_types(PlanAgreed)
    assert isinstance(agreed, PlanAgreed)
    assert agreed.review_due == FIRST_REVIEW


def test_a_review_is_answered_by_the_next_one_an_interval_later() -> None:
    """Ninety days after the day on which it was held."""
    PATHWAYS(history(*AGREED)).when(REVIEW).then(
        [
            PathwayReviewed(
                **IDS,
                review_id=an_id("review"),
                plan_version=1,
                was_due=FIRST_REVIEW,
                review_due=date(2021, 8, 30),
                notes="going well",
            )
        ]
    )


def test_only_an_agreed_plan_is_reviewed_and_each_review_once() -> None:
    """No plan, no review; no review twice; none for a cycle before."""
    PATHWAYS(history(*BASELINE, PROPOSE)).when(REVIEW).refused(NoAgreedPlan)
    PATHWAYS(history(*AGREED, REVIEW)).when(replace(REVIEW, on=date(2021, 8, 1))).refused(AlreadyRecorded)
    PATHWAYS(history(*AGREED, REVIEW)).when(replace(REVIEW, review_id=an_id("late"), on=date(2021, 5, 1))).refused(ReviewTooSoon)


def test_a_review_is_overdue_once_and_a_late_review_settles_it() -> None:
    """Time's command is decided like any other."""
    PATHWAYS(history(*AGREED)).when(OVERDUE).then([ReviewOverdue(**IDS, was_due=FIRST_REVIEW)])
    PATHWAYS(history(*AGREED, OVERDUE)).when(OVERDUE).refused(ReviewNotDue)
    state = PATHWAYS(history(*AGREED, OVERDUE, replace(REVIEW, on=date(2021, 7, 1)))).state()
    assert isinstance(state, Open)
    assert not state.course.review_overdue


def test_a_review_that_was_held_or_is_awaited_no_longer_is_not_overdue() -> None:
    """The decider checks again whatever the timer says."""
    PATHWAYS(history(*AGREED, REVIEW)).when(OVERDUE).refused(ReviewNotDue)
    PATHWAYS(history(*AGREED, SuspendPathway(reason_code="other"))).when(OVERDUE).refused(PathwayIsSuspended)
