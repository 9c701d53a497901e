"""Properties of every legal history, whatever commands it came from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.errors import Refusal
from contracts.pathways import (
    ContactLost,
    ContactRegained,
    MilestoneReached,
    MilestoneRetracted,
    NoteAdded,
    PathwayResumed,
    PathwaySuspended,
    PlanDeclined,
    PlanProposed,
    PlanRevised,
    SupportGranted,
    SupportPaid,
    TutorSupportEnded,
    TutorSupportStarted,
)
from contracts.plans import PlanAgreed
from services.pathways.domain import commands as c
from services.pathways.domain import support_commands as given_things
from services.pathways.domain.pathway import Closed, NotOpened
from services.pathways.domain.refusals import PathwayClosedAlready
from tests.unit.pathways.cases import (
    AGREED,
    BASELINE,
    CERTIFICATE,
    FIRST_REVIEW,
    METHODOLOGIES,
    NEEDS,
    NETWORK,
    OPEN,
    PATHWAY,
    PROPOSE,
    SITUATIONS,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.pathways.domain.commands import PathwayCommand
    from services.pathways.domain.pathway import PathwayEvent, PathwayState

CODES = METHODOLOGIES["1.0"]


def pool(kind: int) -> st.SearchStrategy[UUID]:
    """Return few ids of one kind, so that commands meet what is there; one of them is of every kind, so that kinds clash."""
    return st.sampled_from([UUID(int=kind * 10), UUID(int=kind * 10 + 1), UUID(int=kind * 10 + 2), UUID(int=1)])


goals, actions, reviews, reached, assigned, served, granted, paid, noted = (pool(kind) for kind in range(1, 10))
days = st.integers(0, 700).map(lambda number: date(2020, 6, 1) + timedelta(days=number))
people = st.sampled_from(["worker-1", "worker-2"])
milestones = st.sampled_from([milestone.code for milestone in CODES.milestones[:3] + CODES.milestones[-5:]])
areas = st.sampled_from([area.code for area in CODES.areas])
cents = st.integers(1, 50)

any_command: st.SearchStrategy[PathwayCommand] = st.one_of(
    st.sampled_from([OPEN, SITUATIONS, NETWORK, NEEDS]),
    st.builds(c.SetGoal, goal_id=goals, area=areas, description=st.just("words")),
    st.builds(c.DropGoal, goal_id=goals),
    st.builds(c.PlanAction, action_id=actions, goal_id=goals, responsible=st.just("team"), description=st.just("words")),
    st.builds(c.CompleteAction, action_id=actions),
    st.builds(c.ProposePlan, author=people, wants_tutor=st.booleans(), language=st.just("fr"), summary=st.just("words")),
    st.builds(c.DeclinePlan, plan_version=st.integers(1, 3)),
    st.builds(
        c.AgreePlan, plan_version=st.integers(1, 3), second_member=people, on=days, language=st.just("fr"), reads_language=st.booleans()
    ),
    st.builds(c.ReviewPathway, review_id=reviews, on=days),
    st.builds(c.MarkReviewOverdue, due=st.one_of(days, st.just(FIRST_REVIEW))),
    st.builds(c.ReachMilestone, milestone_id=reached, milestone=milestones, evidence=st.just(CERTIFICATE)),
    st.builds(c.RetractMilestone, milestone_id=reached, reason_code=st.just("wrong-day")),
    st.builds(c.StartTutorSupport, assignment_id=assigned, tutor_id=assigned),
    st.builds(c.EndTutorSupport, assignment_id=assigned, reason=st.just("concluded")),
    st.builds(
        given_things.DeliverService,
        service_id=served,
        kind=st.sampled_from([k.code for k in CODES.service_kinds]),
        minutes=cents,
        mediated=st.booleans(),
    ),
    st.builds(given_things.GrantSupport, grant_id=granted, kind=st.just("rent"), amount_cents=cents, budget_line=st.just("b-1")),
    st.builds(given_things.PaySupport, payment_id=paid, grant_id=granted, amount_cents=cents),
    st.builds(c.LoseContact),
    st.builds(c.RegainContact),
    st.builds(c.AddNote, note_id=noted, text=st.just("words")),
    st.builds(c.SuspendPathway, reason_code=st.just("other")),
    st.builds(c.ResumePathway, on=days),
)
close = c.ClosePathway(outcome="withdrew", destination="unknown")
equipped = (
    *AGREED,
    c.ReachMilestone(milestone_id=UUID(int=40), milestone="italian-a1", evidence=CERTIFICATE),
    given_things.GrantSupport(grant_id=UUID(int=70), kind="rent", amount_cents=60, budget_line="b-1"),
    c.StartTutorSupport(assignment_id=UUID(int=50), tutor_id=UUID(int=51)),
)
WHILE_IT_RESTS = (NoteAdded, ContactLost, ContactRegained, TutorSupportStarted, TutorSupportEnded, PathwayResumed)
begun = st.sampled_from([(), (OPEN,), BASELINE, (*BASELINE, PROPOSE), equipped, equipped])
runs = st.tuples(begun, st.lists(any_command, min_size=12, max_size=40)).map(lambda parts: [*parts[0], *parts[1]])
"""Commands after several beginnings, so that plans are reached as often as empty pathways."""


def lived(wanted: Sequence[PathwayCommand]) -> tuple[PathwayState, list[PathwayEvent]]:
    """Return where the commands lead and what they recorded; a refused one changes nothing."""
    events: list[PathwayEvent] = []
    state: PathwayState = NotOpened()
    for command in wanted:
        try:
            decided = PATHWAY.decide(command, state)
        except Refusal:
            continue
        for event in decided:
            state = PATHWAY.evolve(state, event)
        events += decided
    return state, events


@settings(max_examples=150)
@given(runs)
def test_every_decided_event_evolves_and_the_fold_gives_the_same_state(run: list[PathwayCommand]) -> None:
    """Evolving what was decided never raises, and reading the history again leads to the same state."""
    state, events = lived(run)
    again: PathwayState = NotOpened()
    for event in events:
        again = PATHWAY.evolve(again, type(event).model_validate_json(event.model_dump_json()))
    assert again == state


@settings(max_examples=150)
@given(runs)
def test_milestones_held_are_those_reached_and_not_retracted(run: list[PathwayCommand]) -> None:
    """Held = reached - retracted, and no code is held twice."""
    state, events = lived(run)
    recorded = {event.milestone_id for event in events if isinstance(event, MilestoneReached)}
    retracted = {event.milestone_id for event in events if isinstance(event, MilestoneRetracted)}
    held = {} if isinstance(state, NotOpened) else state.course.held
    assert set(held) == recorded - retracted
    assert retracted <= recorded
    codes = [milestone.code for milestone in held.values()]
    assert len(codes) == len(set(codes))


@settings(max_examples=100)
@given(runs, any_command)
def test_a_closed_pathway_takes_nothing(run: list[PathwayCommand], command: PathwayCommand) -> None:
    """Whatever came before, after the exit every command is refused, the exit itself included."""
    state, _ = lived(run)
    if isinstance(state, NotOpened):
        return
    for event in PATHWAY.decide(close, state):
        state = PATHWAY.evolve(state, event)
    assert isinstance(state, Closed)
    assert all(assignment.ended for assignment in state.course.assignments.values())
    for refused in (command, close):
        with pytest.raises(PathwayClosedAlready):
            PATHWAY.decide(refused, state)


@settings(max_examples=150)
@given(runs)
def test_every_agreement_answers_the_last_proposal_and_has_two_people(run: list[PathwayCommand]) -> None:
    """No plan is agreed that was not proposed last, nor by its author."""
    _, events = lived(run)
    proposal: PlanProposed | PlanRevised | None = None
    for event in events:
        match event:
            case PlanProposed() | PlanRevised():
                proposal = event
            case PlanAgreed():
                assert proposal is not None
                assert (event.plan_version, event.wants_tutor) == (proposal.plan_version, proposal.wants_tutor)
                assert event.second_member != proposal.author


@settings(max_examples=150)
@given(runs)
def test_a_version_of_the_plan_is_said_once_and_never_again(run: list[PathwayCommand]) -> None:
    """Versions count up by one; each is agreed or declined at most once, and while the next one is not said yet."""
    _, events = lived(run)
    said, answered = 0, 0
    for event in events:
        match event:
            case PlanProposed() | PlanRevised():
                said += 1
                assert event.plan_version == said
            case PlanAgreed() | PlanDeclined():
                assert answered < event.plan_version == said
                answered = said


@settings(max_examples=150)
@given(runs)
def test_a_milestone_is_retracted_and_never_edited(run: list[PathwayCommand]) -> None:
    """An id is reached once and retracted once, after that."""
    _, events = lived(run)
    reached = [event.milestone_id for event in events if isinstance(event, MilestoneReached)]
    retracted = [event.milestone_id for event in events if isinstance(event, MilestoneRetracted)]
    assert len(set(reached)) == len(reached)
    assert len(set(retracted)) == len(retracted)


@settings(max_examples=150)
@given(runs)
def test_a_suspended_pathway_takes_only_notes_and_facts_of_contact(run: list[PathwayCommand]) -> None:
    """And what the tutors service tells of a tutor, until it is resumed."""
    _, events = lived(run)
    rests = False
    for event in events:
        assert not rests or isinstance(event, WHILE_IT_RESTS), event.type_name
        rests = isinstance(event, PathwaySuspended) or (rests and not isinstance(event, PathwayResumed))


@settings(max_examples=100)
@given(runs)
def test_no_grant_is_overpaid(run: list[PathwayCommand]) -> None:
    """The payments of a grant never exceed it."""
    _, events = lived(run)
    grants = {event.grant_id: event.amount_cents for event in events if isinstance(event, SupportGranted)}
    for grant_id, amount in grants.items():
        assert sum(e.amount_cents for e in events if isinstance(e, SupportPaid) and e.grant_id == grant_id) <= amount


SENSITIVE = {area.code for area in CODES.areas if area.sensitive}
TELLING = SENSITIVE | {entry.code for entry in (*CODES.milestones, *CODES.service_kinds) if entry.area in SENSITIVE}


@settings(max_examples=150)
@given(runs, st.sampled_from(sorted(SENSITIVE)), st.integers(1, 5))
def test_no_clear_field_tells_a_sensitive_area(run: list[PathwayCommand], area: str, score: int) -> None:
    """I6: what is left of an event without its sealed fields holds no code of health or safety, and no words."""
    assessed = replace(NEEDS, assessment_id=UUID(int=99), moment="follow-up", scores={area: score, "work": 2})
    _, events = lived([*run, assessed])
    for event in events:
        clear = event.model_dump_json(exclude=set(event.personal_fields))
        assert not [code for code in TELLING if f'"{code}"' in clear]
        assert "words" not in clear
