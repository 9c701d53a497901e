"""A pathway whose record is another one's person: nothing new on it, while what was begun can be ended; as before once they are split."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from contracts.duplicates import DuplicateConfirmed, DuplicateSplit
from contracts.errors import Refusal, Unknown
from contracts.joining import PathwayJoined, PathwayParted
from contracts.pathways import PathwayOpened
from contracts.plans import PlanAgreed
from contracts.upcasters import decode
from services._runtime.errors import NotYet
from services._runtime.reactions import delivered
from services._runtime.store.port import InboxEntry
from services.pathways.adapters.views import pathway_view
from services.pathways.app.process_managers import commands_of
from services.pathways.domain import commands as c
from services.pathways.domain import support_commands as s
from services.pathways.domain.attendance import RecordAttendance
from services.pathways.domain.concerns import CloseConcern, RaiseConcern
from services.pathways.domain.following import RecordedElsewhere
from services.pathways.domain.pathway import Closed, NotOpened, Open, Suspended
from services.pathways.projections.pathway_list import PATHWAY_LIST
from tests.support.read_models import feed_of
from tests.support.read_models import given as given_facts
from tests.unit.pathways.cases import (
    AGREE,
    AGREED,
    BASELINE,
    BENEFICIARY,
    CERTIFICATE,
    FIRST_REVIEW,
    IDS,
    NEEDS,
    NETWORK,
    OPEN,
    PATHWAY,
    PATHWAY_ID,
    PATHWAYS,
    PROPOSE,
    an_id,
    history,
    situations,
)
from tests.unit.pathways.test_any_history import any_command, lived, runs
from tests.unit.pathways.test_closed_pathway import COMMANDS
from tests.unit.pathways.test_confirming import ACCEPT, CONFIRM, RUN, RUNS
from tests.unit.pathways.test_handing_over import HAND, transferred
from tests.unit.pathways.test_process_managers import ASSIGNED, ENROLLED, EXITED, FIRST, NOW, READMITTED, SECOND, Service
from tests.unit.pathways.test_timers import LAST_MOMENT, Life

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contracts.envelope import FeedEvent
    from contracts.event import Event
    from services.pathways.domain.course import Course

SURVIVOR = an_id("survivor")
JOIN = c.JoinPathway(survivor_id=SURVIVOR, decided=7)
PART = c.PartPathway(survivor_id=SURVIVOR, decided=9)
JOINED = PathwayJoined(**IDS, survivor_id=SURVIVOR, decided=7)
PARTED = PathwayParted(**IDS, survivor_id=SURVIVOR, decided=9, review_due=None, plan_runs_from=None)
SUSPEND = c.SuspendPathway(reason_code="other")
CLOSE = c.ClosePathway(outcome="pathway-completed", destination="own-home")

REACH = c.ReachMilestone(milestone_id=an_id("milestone"), milestone="italian-a1", evidence=CERTIFICATE)
GOAL = c.SetGoal(goal_id=an_id("goal"), area="housing", description="a home")
STEP = c.PlanAction(action_id=an_id("action"), goal_id=an_id("goal"), responsible="team", description="look for one")
GRANT = s.GrantSupport(grant_id=an_id("grant"), kind="rent", amount_cents=500, budget_line="b-1")
PAY = s.PaySupport(payment_id=an_id("payment"), grant_id=an_id("grant"), amount_cents=200)
START = c.StartTutorSupport(assignment_id=an_id("assignment"), tutor_id=an_id("tutor"))
RAISE = RaiseConcern(concern_id=an_id("concern"), kind="other", description="words")
BEGUN = (*AGREED, REACH, GOAL, STEP, GRANT, PAY, START, RAISE, replace(PROPOSE, wants_tutor=False))
"""A pathway on which everything is begun: a revision of the plan lies before the person."""

NEW = [
    OPEN,
    situations({"housing": "reception"}, "change", date(2021, 4, 1)),
    replace(NETWORK, map_id=an_id("later map"), moment="follow-up"),
    replace(NEEDS, assessment_id=an_id("later needs"), moment="follow-up"),
    replace(GOAL, goal_id=an_id("another goal")),
    replace(STEP, action_id=an_id("another action")),
    c.CompleteAction(action_id=an_id("action")),
    PROPOSE,
    replace(AGREE, plan_version=2),
    replace(ACCEPT, plan_version=2),
    replace(CONFIRM, plan_version=2),
    RUN,
    c.ReviewPathway(review_id=an_id("review"), on=date(2021, 6, 1)),
    c.MarkReviewOverdue(due=FIRST_REVIEW),
    replace(REACH, milestone_id=an_id("another milestone"), milestone="italian-a2"),
    s.DeliverService(service_id=an_id("service"), kind="legal-advice", minutes=30, mediated=False),
    replace(GRANT, grant_id=an_id("another grant")),
    RecordAttendance(attendance_id=an_id("attendance"), activity_id=an_id("activity"), attended=True, minutes=60),
    c.LoseContact(),
    c.RegainContact(),
    c.AddNote(note_id=an_id("note"), text="words"),
    c.AssignTeam(team_id=an_id("team")),
    replace(RAISE, concern_id=an_id("another concern")),
    SUSPEND,
]
ENDING = [
    HAND,
    CLOSE,
    c.DeclinePlan(plan_version=2),
    c.DropGoal(goal_id=an_id("goal")),
    c.RetractMilestone(milestone_id=an_id("milestone"), reason_code="wrong-person"),
    replace(PAY, payment_id=an_id("the rest"), amount_cents=300),
    s.ReturnSupport(return_id=an_id("return"), grant_id=an_id("grant"), amount_cents=200),
    replace(START, assignment_id=an_id("assigned before it was known")),
    c.EndTutorSupport(assignment_id=an_id("assignment"), reason="concluded"),
    CloseConcern(concern_id=an_id("concern"), outcome="resolved"),
]


def test_every_command_is_new_or_ends_something() -> None:
    """So that no command is born of which nobody said whether another record takes it."""
    looked_at = {type(one) for one in (*NEW, *ENDING)}
    assert looked_at | {c.JoinPathway, c.PartPathway, c.ResumePathway} == set(COMMANDS)


def name(command: object) -> str:
    """Return what a case is called."""
    return type(command).__name__


@pytest.mark.parametrize("command", NEW, ids=name)
def test_nothing_new_is_recorded_on_a_pathway_whose_record_another_goes_on_for(command: c.PathwayCommand) -> None:
    """Whoever tries is told which record goes on, and what to do if the two are two persons."""
    refusal = PATHWAYS(history(*BEGUN, JOIN)).when(command).refused(RecordedElsewhere)
    assert str(SURVIVOR) in str(refusal)
    assert refusal.code == "recorded-elsewhere"


@pytest.mark.parametrize("command", ENDING, ids=name)
def test_what_was_begun_can_be_ended_there(command: c.PathwayCommand) -> None:
    """A promise is kept and what was paid comes back; it is as it would have been without the other record."""
    alone = PATHWAY.decide(command, PATHWAYS(history(*BEGUN)).state())
    PATHWAYS(history(*BEGUN, JOIN)).when(command).then(alone)
    assert alone


def test_a_pathway_that_rests_can_be_resumed_to_pay_what_was_promised_on_it() -> None:
    """Otherwise a promise of before the rest could never be kept. Nothing else begins by it."""
    resume = c.ResumePathway(on=date(2021, 5, 1))
    rest = replace(PAY, payment_id=an_id("the rest"), amount_cents=300)
    PATHWAYS(history(*BEGUN, SUSPEND, JOIN)).when(c.AddNote(note_id=an_id("note"), text="words")).refused(RecordedElsewhere)
    assert PATHWAY.decide(rest, PATHWAYS(history(*BEGUN, SUSPEND, JOIN, resume)).state())
    PATHWAYS(history(*BEGUN, SUSPEND, JOIN, resume)).when(PROPOSE).refused(RecordedElsewhere)


@pytest.mark.parametrize("before", [[OPEN], [OPEN, SUSPEND], [OPEN, CLOSE]], ids=["open", "suspended", "closed"])
def test_whatever_a_pathway_is_at_it_follows(before: list[c.PathwayCommand]) -> None:
    """Also a closed one: it tells of the other record."""
    joined = PATHWAYS(history(*before)).when(JOIN).then([JOINED])
    parted = PATHWAYS(history(*before, JOIN)).when(PART).then([PARTED])
    for state, goes_on_under, decided in ((joined, SURVIVOR, 7), (parted, None, 9)):
        assert isinstance(state, Open | Suspended | Closed)
        assert (state.course.goes_on_under, state.course.decided) == (goes_on_under, decided)


def test_what_was_followed_or_overtaken_before_changes_nothing() -> None:
    """I4: intake's version of the decision counts, not the order of arrival."""
    for overtaken in (JOIN, replace(JOIN, decided=6), replace(PART, decided=7)):
        PATHWAYS(history(OPEN, JOIN)).when(overtaken).then([])
    PATHWAYS(history(OPEN, PART)).when(JOIN).then([])
    PATHWAYS(history(OPEN, JOIN, PART)).when(JOIN).then([])
    PATHWAYS(history(OPEN, JOIN, PART)).when(replace(JOIN, decided=10)).then([JOINED.model_copy(update={"decided": 10})])


def test_a_pathway_that_never_opened_is_not_joined() -> None:
    """It is retried until the enrolment has come."""
    for command in (JOIN, PART):
        PATHWAYS([]).when(command).refused(Unknown)


@settings(max_examples=100, deadline=None)
@given(runs, any_command)
def test_a_split_leaves_no_trace_but_in_the_history(run: Sequence[c.PathwayCommand], command: c.PathwayCommand) -> None:
    """Joined and parted again, a pathway takes what it would have taken, and refuses what it would have refused."""

    def answer(*told: c.PathwayCommand) -> list[Event] | str:
        state, _ = lived([*run, *told])
        try:
            return list(PATHWAY.decide(command, state))
        except Refusal as refusal:
            return refusal.code

    if not isinstance(lived(run)[0], NotOpened) and not isinstance(command, c.MarkReviewOverdue):
        assert answer(JOIN, PART) == answer()


async def test_a_review_is_not_overdue_while_another_record_goes_on_and_is_once_they_are_split() -> None:
    """The timer wakes in vain; another one is set by the split."""
    life = Life()
    await life.live(*AGREED, JOIN)
    assert await life.overdue(LAST_MOMENT + timedelta(days=1)) == []
    await life.live(PART)
    assert await life.overdue(LAST_MOMENT + timedelta(days=2)) == [FIRST_REVIEW]
    await life.live(replace(JOIN, decided=10), replace(PART, decided=11))
    assert await life.overdue(LAST_MOMENT + timedelta(days=3)) == [FIRST_REVIEW, FIRST_REVIEW], "a review that stands over is told again"


async def test_an_accepted_plan_does_not_run_while_another_record_goes_on_and_does_once_they_are_split() -> None:
    """It is as if nobody had confirmed it in time, from its own day on."""
    life = Life()
    await life.live(*BASELINE, PROPOSE, ACCEPT, JOIN)
    ran = LAST_MOMENT + timedelta(days=1)
    assert ran.date() > RUNS
    await life.overdue(ran)
    await life.live(PART)
    assert not [one for one in (await life.commands.read(PATHWAY, PATHWAY_ID)).events if isinstance(one, PlanAgreed)]
    await life.overdue(ran + timedelta(seconds=1))
    (agreed,) = [one for one in (await life.commands.read(PATHWAY, PATHWAY_ID)).events if isinstance(one, PlanAgreed)]
    assert agreed.confirmation == "none-in-time"


async def test_the_view_and_the_list_tell_which_record_goes_on() -> None:
    """Until they are split; an overdue review bothers nobody meanwhile."""
    life = Life()
    await life.live(*AGREED)
    await life.overdue(LAST_MOMENT + timedelta(days=1))
    for command, goes_on_under in ((JOIN, SURVIVOR), (PART, None)):
        await life.live(command)
        opened = await life.commands.read(PATHWAY, PATHWAY_ID)
        view = pathway_view(opened)
        row = given_facts(*opened.events, source="pathways").then(PATHWAY_LIST).row(PATHWAY_ID)
        assert row is not None
        assert view.goes_on_under == row.goes_on_under == goes_on_under
        assert not view.review_overdue
        assert not row.review_overdue


def decided(event: type[DuplicateConfirmed | DuplicateSplit], *, survivor: bool = False, episode: int = 1) -> Event:
    """Return what intake decided of this person's record and another."""
    return event(beneficiary_id=BENEFICIARY, other_id=SURVIVOR, survivor_id=BENEFICIARY if survivor else SURVIVOR, episode=episode)


CONFIRMED, SPLIT = decided(DuplicateConfirmed), decided(DuplicateSplit)


async def test_the_pathways_of_every_episode_follow() -> None:
    """And each tells what it awaits again."""
    service = Service()
    for event in feed_of(
        "intake", [ENROLLED, EXITED, READMITTED, *(decided(one, episode=2) for one in (DuplicateConfirmed, DuplicateSplit))]
    ):
        assert await service.receive(event) == "done"
    for pathway in (FIRST, SECOND):
        *_, joined, parted = await service.recorded(pathway)
        assert isinstance(joined, PathwayJoined)
        assert isinstance(parted, PathwayParted)
        assert (joined.decided, parted.decided, parted.review_due) == (4, 5, None)


async def test_nothing_changes_for_the_record_that_goes_on() -> None:
    """The decision stands on its stream, too."""
    service = Service()
    for event in feed_of("intake", [ENROLLED, *(decided(one, survivor=True) for one in (DuplicateConfirmed, DuplicateSplit))]):
        await service.receive(event)
    assert [type(event) for event in await service.recorded(FIRST)] == [PathwayOpened]


def test_of_decisions_that_did_not_tell_of_episodes_the_first_pathway_follows() -> None:
    """I11: everybody has that one, and the event before could not tell of others."""
    for event in (CONFIRMED, SPLIT):
        fields = json.loads(event.model_dump_json())
        before = decode(event.type_name, 2, json.dumps({key: value for key, value in fields.items() if key != "episode"}).encode())
        assert [pathway for pathway, _ in commands_of(before, 7)] == [FIRST]


async def test_running_again_from_the_first_event_changes_nothing() -> None:
    """I4: also a pathway that opened after the split stays as it is."""
    service = Service()
    feed = feed_of("intake", [ENROLLED, CONFIRMED, SPLIT, EXITED, READMITTED])
    for event in feed:
        await service.receive(event)
    before = [await service.recorded(pathway) for pathway in (FIRST, SECOND)]
    for event in feed[1:3]:
        came = delivered(event, NOW)
        await service.manager.reactions[type(came.event)](came, service.commands, InboxEntry("again", came.envelope.event_id))
    assert [await service.recorded(pathway) for pathway in (FIRST, SECOND)] == before


LIVES = {
    "split in the end": [ENROLLED, transferred(), CONFIRMED, SPLIT, EXITED],
    "joined in the end": [ENROLLED, CONFIRMED, SPLIT, CONFIRMED, EXITED],
}


@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES)
async def test_every_order_of_delivery_ends_the_same(life: list[Event]) -> None:
    """I4: all 720 of them; what comes before its cause is tried again, a tutor is told of as soon as they stand there."""
    joined = life[3] is CONFIRMED
    feed = [*feed_of("intake", life), *feed_of("tutors", [ASSIGNED])]
    for order in permutations(range(len(feed))):
        service, waiting = Service(), [feed[each] for each in order]
        while waiting:
            event = waiting.pop(0)
            if not await _arrives(service, event):
                waiting.append(event)
        state = (await service.commands.read(PATHWAY, FIRST)).state
        assert isinstance(state, Closed), order
        course: Course = state.course
        assert (course.goes_on_under, course.decided) == (SURVIVOR if joined else None, 4), order
        assert course.organisation == ("ciac" if joined else "cidas"), order
        assert not [each for each in course.assignments.values() if not each.ended], order


async def _arrives(service: Service, event: FeedEvent) -> bool:
    """Deliver; False where its cause has not come yet."""
    try:
        await service.receive(event)
    except NotYet:
        return False
    return True
