"""The list of pathways: rows, and the query that pages through an organisation's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from services._runtime.projecting.memory import MemoryRows
from services._runtime.projecting.runner import Runner
from services.pathways.domain import commands as c
from services.pathways.projections.pathway_list import (
    PATHWAY_LIST,
    ListedPlan,
    ListedStatus,
    NotOpenedYet,
    PathwayRow,
    evolve,
    pathways_of,
)
from tests.support.read_models import ListSource, feed_of, given
from tests.unit.pathways.cases import (
    AGREE,
    AGREED,
    AGREED_ON,
    ASSIGNMENT,
    AUTHOR,
    BASELINE,
    BENEFICIARY,
    CERTIFICATE,
    FIRST_REVIEW,
    OPEN,
    PATHWAY_ID,
    PROPOSE,
    SECOND,
    TUTOR,
    an_id,
    history,
)

if TYPE_CHECKING:
    from services._runtime.projecting.model import Fact
    from services.pathways.domain.commands import PathwayCommand

SUSPEND = c.SuspendPathway(reason_code="other")
DECLINE = c.DeclinePlan(plan_version=1)
REVISE = replace(PROPOSE, author=SECOND)
REACH = c.ReachMilestone(milestone_id=an_id("m"), milestone="peer-group", evidence=CERTIFICATE)
START = c.StartTutorSupport(assignment_id=ASSIGNMENT, tutor_id=TUTOR)


def row_after(*commands: PathwayCommand) -> PathwayRow:
    """Return the row that the commands' events lead to."""
    row = given(*history(*commands), source="pathways").then(PATHWAY_LIST).row(PATHWAY_ID)
    assert row is not None
    return row


def test_a_pathway_is_listed_from_its_opening_on() -> None:
    """With its person, place and day, and nothing yet."""
    assert row_after(OPEN) == PathwayRow(
        pathway_id=PATHWAY_ID,
        beneficiary_id=BENEFICIARY,
        episode=1,
        organisation="ciac",
        territory="PR",
        municipality="034027",
        opened_on=date(2021, 3, 1),
    )


@pytest.mark.parametrize(
    ("commands", "plan"),
    [
        (BASELINE, ListedPlan.NONE),
        ((*BASELINE, PROPOSE), ListedPlan.PROPOSED),
        ((*BASELINE, PROPOSE, DECLINE), ListedPlan.DECLINED),
        (AGREED, ListedPlan.AGREED),
        ((*AGREED, REVISE), ListedPlan.REVISION_PROPOSED),
        ((*AGREED, REVISE, c.DeclinePlan(plan_version=2)), ListedPlan.AGREED),
        ((*AGREED, REVISE, replace(AGREE, plan_version=2, second_member=AUTHOR)), ListedPlan.AGREED),
    ],
)
def test_the_list_says_where_the_plan_stands(commands: tuple[PathwayCommand, ...], plan: ListedPlan) -> None:
    """A declined revision leaves the agreed plan."""
    assert row_after(*commands).plan is plan


def test_the_list_follows_reviews() -> None:
    """Due, overdue, and due again."""
    overdue = c.MarkReviewOverdue(due=FIRST_REVIEW)
    review = c.ReviewPathway(review_id=an_id("r"), on=date(2021, 6, 20))
    assert (row_after(*AGREED).review_due, row_after(*AGREED).review_overdue) == (FIRST_REVIEW, False)
    assert row_after(*AGREED, overdue).review_overdue
    assert not row_after(*AGREED, overdue, review).review_overdue
    assert row_after(*AGREED, overdue, review).review_due == date(2021, 9, 18)


def test_the_list_follows_rest_and_exit() -> None:
    """A pathway that rests or is closed awaits no review."""
    resting, closed = row_after(*AGREED, SUSPEND), row_after(*AGREED, c.ClosePathway(outcome="withdrew"))
    assert (resting.status, resting.review_due) == (ListedStatus.SUSPENDED, None)
    assert (closed.status, closed.review_due) == (ListedStatus.CLOSED, None)
    resumed = row_after(*AGREED, SUSPEND, c.ResumePathway(on=AGREED_ON))
    assert (resumed.status, resumed.review_due) == (ListedStatus.OPEN, FIRST_REVIEW)


def test_the_list_counts_milestones_that_stand_and_tutors_who_stand_beside() -> None:
    """Retracted and ended ones count no longer."""
    retract = c.RetractMilestone(milestone_id=an_id("m"), reason_code="wrong-day")
    end = c.EndTutorSupport(assignment_id=ASSIGNMENT, reason="concluded")
    assert (row_after(OPEN, REACH).milestones, row_after(OPEN, REACH, retract).milestones) == (1, 0)
    assert (row_after(OPEN, START).tutors, row_after(OPEN, START, end).tutors) == (1, 0)
    assert row_after(OPEN, START, c.ClosePathway(outcome="withdrew")).tutors == 0
    assert row_after(OPEN, c.LoseContact()).contact_lost
    assert not row_after(OPEN, c.LoseContact(), c.RegainContact()).contact_lost


def test_a_fact_of_a_pathway_that_never_opened_stops_the_list() -> None:
    """It never skips what it cannot fold."""
    facts: list[Fact] = []

    def keep(row: PathwayRow | None, fact: Fact, key: tuple[object, ...]) -> PathwayRow:
        facts.append(fact)
        return evolve(row, fact, key)

    given(*history(OPEN, REACH)).then(replace(PATHWAY_LIST, evolve=keep))
    with pytest.raises(NotOpenedYet):
        evolve(None, facts[-1], (PATHWAY_ID,))


async def test_an_organisation_pages_through_its_own_pathways() -> None:
    """Others' are not among them; one person's can be asked for."""
    opened = [
        replace(OPEN, pathway_id=an_id(f"p{n}"), beneficiary_id=an_id(f"b{n % 2}"), organisation="ciac" if n < 4 else "ics")
        for n in range(6)
    ]
    rows = MemoryRows()
    runner = Runner([PATHWAY_LIST], ListSource(feed_of("pathways", [e for o in opened for e in history(o)])), rows)
    while await runner.step():
        pass
    first = (await rows.rows(PATHWAY_LIST, pathways_of("ciac", limit=3))).value
    rest = (await rows.rows(PATHWAY_LIST, pathways_of("ciac", after=(first[-1].pathway_id,), limit=3))).value
    own = sorted(o.pathway_id for o in opened if o.organisation == "ciac")
    assert [row.pathway_id for row in (*first, *rest)] == own
    of_one = (await rows.rows(PATHWAY_LIST, pathways_of("ciac", {"beneficiary_id": an_id("b0")}))).value
    assert {row.pathway_id for row in of_one} == {an_id("p0"), an_id("p2")}
