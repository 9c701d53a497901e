"""A plan whose team has no second member: the lead's contact confirms it, or it runs after ten working days and says so."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from contracts.errors import Unknown
from contracts.plans import PlanAccepted, PlanAgreed
from contracts.upcasters import decode
from services._runtime.opening import Opened
from services.pathways.adapters.confirming_in import WAIT, plan_to_confirm
from services.pathways.adapters.holiday_files import read_working_days
from services.pathways.domain.commands import ClosePathway, DeclinePlan, SuspendPathway
from services.pathways.domain.confirming import AcceptPlan, ConfirmPlan, RunPlan
from services.pathways.domain.course import AgreedPlan
from services.pathways.domain.pathway import Open
from services.pathways.domain.refusals import (
    PathwayClosedAlready,
    PathwayIsSuspended,
    PlanAcceptedAlready,
    PlanNotAccepted,
    PlanNotDue,
    PlanNotProposed,
    PlanNotUnderstood,
    SecondMemberNeeded,
)
from tests.unit.pathways.cases import (
    AGREE,
    AGREED,
    AUTHOR,
    BASELINE,
    FIRST_REVIEW,
    IDS,
    PATHWAY,
    PATHWAY_ID,
    PATHWAYS,
    PROPOSE,
    SECOND,
    history,
)
from tests.unit.pathways.test_timers import Life

CALENDAR = read_working_days()
ON = date(2021, 3, 10)
RUNS = CALENDAR.after(ON, WAIT)
ACCEPT = AcceptPlan(plan_version=1, on=ON, runs_from=RUNS, language="fr", reads_language=False, mediator="a mediator")
CONFIRM = ConfirmPlan(plan_version=1, contact="contact-1", on=ON)
RUN = RunPlan(runs_from=RUNS, on=RUNS)
PROPOSED = (*BASELINE, PROPOSE)
AGREED_ALIKE = PlanAgreed(
    **IDS,
    episode=1,
    plan_version=1,
    wants_tutor=True,
    confirmation="methodology-contact",
    second_member="contact-1",
    mediated=True,
    review_due=FIRST_REVIEW,
    language="fr",
    mediator="a mediator",
)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (date(2021, 3, 10), date(2021, 3, 24)),
        (date(2021, 3, 29), date(2021, 4, 13)),
        (date(2022, 12, 20), date(2023, 1, 4)),
        (date(2024, 9, 27), date(2024, 10, 11)),
        (date(2027, 9, 27), date(2027, 10, 12)),
    ],
    ids=["weekends", "the Monday after Easter", "Christmas and New Year", "4 October 2024, a working day", "4 October 2027, a holiday"],
)
def test_ten_working_days_are_counted_over_weekends_and_the_holidays_of_the_law(since: date, until: date) -> None:
    """Holidays are data: a law that changes them changes no code."""
    assert CALENDAR.after(since, 10) == until


def test_a_calendar_is_asked_about_no_year_that_it_does_not_know() -> None:
    """It guesses nothing."""
    with pytest.raises(KeyError):
        CALENDAR.after(date(2050, 1, 3), 1)


def test_the_persons_agreement_is_recorded_and_awaits_its_confirmation() -> None:
    """In a language they read or with a mediator, as any agreement; the plan does not run yet."""
    accepted = PlanAccepted(**IDS, plan_version=1, mediated=True, runs_from=RUNS, language="fr", mediator="a mediator")
    state = PATHWAYS(history(*PROPOSED)).when(ACCEPT).then([accepted])
    assert isinstance(state, Open)
    assert state.course.running_plan is None
    PATHWAYS(history(*PROPOSED)).when(replace(ACCEPT, mediator=None)).refused(PlanNotUnderstood)
    PATHWAYS(history(*BASELINE)).when(ACCEPT).refused(PlanNotProposed)
    PATHWAYS(history(*PROPOSED, ACCEPT)).when(ACCEPT).refused(PlanAcceptedAlready)


def test_the_contact_confirms_what_the_person_accepted() -> None:
    """The agreement says that it was no team member."""
    PATHWAYS(history(*PROPOSED, ACCEPT)).when(CONFIRM).then([AGREED_ALIKE])
    PATHWAYS(history(*PROPOSED)).when(CONFIRM).refused(PlanNotAccepted)
    PATHWAYS(history(*PROPOSED, ACCEPT)).when(replace(CONFIRM, contact=AUTHOR)).refused(SecondMemberNeeded)
    PATHWAYS(history(*AGREED)).when(CONFIRM).refused(PlanNotProposed)


def test_after_ten_working_days_the_plan_runs_flagged() -> None:
    """A plan waits for nobody for ever, and does not hide that nobody looked at it."""
    unconfirmed = AGREED_ALIKE.model_copy(update={"confirmation": "none-in-time", "second_member": None, "review_due": date(2021, 6, 22)})
    state = PATHWAYS(history(*PROPOSED, ACCEPT)).when(RUN).then([unconfirmed])
    assert isinstance(state, Open)
    assert state.course.running_plan == AgreedPlan(1, wants_tutor=True, confirmed=False)
    PATHWAYS(history(*PROPOSED, ACCEPT)).when(replace(RUN, runs_from=date(2021, 3, 25))).refused(PlanNotDue)


def test_a_second_member_who_joins_meanwhile_confirms_as_ever_and_time_then_asks_in_vain() -> None:
    """The first fallback is not a way around the team."""
    (agreed,) = PATHWAYS(history(*PROPOSED, ACCEPT)).when(AGREE).then_types(PlanAgreed)
    assert isinstance(agreed, PlanAgreed)
    assert (agreed.confirmation, agreed.second_member) == ("team-member", SECOND)
    for after in ((AGREE,), (CONFIRM,), (DeclinePlan(plan_version=1),)):
        PATHWAYS(history(*PROPOSED, ACCEPT, *after)).when(RUN).refused(PlanNotDue)


def test_a_pathway_that_rests_lets_no_plan_run_and_one_that_closed_none_either() -> None:
    """Resumed, the person agrees once more: what they said then may no longer hold."""
    suspended = history(*PROPOSED, ACCEPT, SuspendPathway(reason_code="other"))
    PATHWAYS(suspended).when(RUN).refused(PathwayIsSuspended)
    PATHWAYS(history(*PROPOSED, ACCEPT, ClosePathway(outcome="withdrew"))).when(RUN).refused(PathwayClosedAlready)
    later = replace(ACCEPT, on=RUNS, runs_from=CALENDAR.after(RUNS, WAIT))
    PATHWAYS(history(*PROPOSED, ACCEPT)).when(later).then_types(PlanAccepted)


async def test_a_timer_lets_the_plan_run_on_its_day() -> None:
    """What time does is an event too: not a second before the day begins in Rome, and once."""
    life, dawn = Life(), datetime(2021, 3, 23, 23, tzinfo=UTC)
    await life.live(*PROPOSED, ACCEPT)
    agreements = []
    for moment in (dawn - timedelta(seconds=1), dawn, dawn + timedelta(days=30)):
        await life.overdue(moment)
        events = (await life.commands.read(PATHWAY, PATHWAY_ID)).events
        agreements.append([event.confirmation for event in events if isinstance(event, PlanAgreed)])
    assert agreements == [[], ["none-in-time"], ["none-in-time"]]


def test_the_contact_reads_a_plan_without_the_person_and_no_other() -> None:
    """I6, I8: what is told is what travels; no words, no language, no score of a sensitive area, and nothing of any other pathway."""
    events = history(*PROPOSED, ACCEPT)
    told = plan_to_confirm(Opened(PATHWAYS(events).state(), len(events), list(events)))
    assert told.plan_version == 1
    seen = told.model_dump_json()
    assert '"housing":2' in seen
    assert not [word for word in ("knee", "a home and", '"fr"', "a mediator", "health", str(IDS["beneficiary_id"])) if word in seen]
    for others in (PROPOSED, AGREED, (*PROPOSED, ACCEPT, CONFIRM)):
        events = history(*others)
        with pytest.raises(Unknown):
            plan_to_confirm(Opened(PATHWAYS(events).state(), len(events), list(events)))


def test_an_agreement_of_before_was_a_team_members() -> None:
    """I11: nobody else could confirm then."""
    stored = AGREED_ALIKE.model_dump(mode="json", exclude={"confirmation", "language", "mediator"}) | {"second_member": "worker-2"}
    read = decode("pathways.plan_agreed", 1, json.dumps(stored).encode())
    assert isinstance(read, PlanAgreed)
    assert (read.confirmation, read.second_member) == ("team-member", "worker-2")
