"""The team's decider: who forms it, who is in it and for how long."""

from __future__ import annotations

from datetime import date

import pytest

from contracts.errors import Invalid, Unknown
from contracts.teams import TeamAssigned, TeamFormed, TeamMemberJoined, TeamMemberLeft, TeamMemberTrained
from services.pathways.app.teams import TEAM
from services.pathways.domain.commands import AssignTeam
from services.pathways.domain.refusals import TeamAssignedAlready
from services.pathways.domain.team import (
    Formed,
    FormTeam,
    HaveNoSecond,
    JoinTeam,
    LeaveTeam,
    MemberAlready,
    NoMember,
    SecondMemberThere,
    TakePathway,
    TeamFormedAlready,
    TrainedAlready,
    TrainMember,
)
from tests.support.given import given
from tests.unit.pathways.cases import IDS, OPEN, PATHWAY, PATHWAYS, an_id

TEAM_ID = an_id("team")
TEAMS = given(TEAM)
FORM = FormTeam(team_id=TEAM_ID, organisation="ciac", territory="PR")
FORMED = TeamFormed(team_id=TEAM_ID, organisation="ciac", territory="PR")
MARCH, APRIL, MAY = date(2021, 3, 1), date(2021, 4, 1), date(2021, 5, 1)
JOIN = JoinTeam(member="social-worker-7", organisation="comune-parma", profession="social-worker", since=MARCH)
JOINED = TeamMemberJoined(team_id=TEAM_ID, member="social-worker-7", organisation="comune-parma", profession="social-worker", since=MARCH)
LEFT = TeamMemberLeft(team_id=TEAM_ID, member="social-worker-7", since=MARCH, until=APRIL)


def test_a_team_is_formed_once() -> None:
    TEAMS([]).when(FORM).then([FORMED])
    TEAMS([FORMED]).when(FORM).refused(TeamFormedAlready)


def test_nobody_joins_or_leaves_a_team_that_is_not_there() -> None:
    for command in (JOIN, LeaveTeam(member="social-worker-7", until=APRIL), TakePathway(team_id=TEAM_ID)):
        TEAMS([]).when(command).refused(Unknown)


def test_a_member_of_another_organisation_is_in_the_team_from_the_first_day_until_the_day_it_ends() -> None:
    """I8: the days that decide what they see."""
    state = TEAMS([FORMED]).when(JOIN).then([JOINED])
    assert isinstance(state, Formed)
    assert [state.includes("social-worker-7", "comune-parma", day) for day in (date(2021, 2, 28), MARCH, MAY)] == [False, True, True]
    assert not state.includes("social-worker-7", "comune-fidenza", MARCH), "for another organisation they are somebody else"
    state = TEAMS([FORMED, JOINED]).when(LeaveTeam(member="social-worker-7", until=APRIL)).then([LEFT])
    assert isinstance(state, Formed)
    assert [state.includes("social-worker-7", "comune-parma", day) for day in (MARCH, date(2021, 3, 31), APRIL)] == [True, True, False]


def test_memberships_of_one_person_do_not_overlap() -> None:
    TEAMS([FORMED, JOINED]).when(JOIN).refused(MemberAlready)
    TEAMS([FORMED, JOINED, LEFT]).when(JoinTeam(member="social-worker-7", organisation="ciac", profession="x", since=MARCH)).refused(
        MemberAlready
    )
    again = JoinTeam(member="social-worker-7", organisation="comune-parma", profession="social-worker", since=MAY)
    state = TEAMS([FORMED, JOINED, LEFT]).when(again).then([JOINED.model_copy(update={"since": MAY})])
    assert isinstance(state, Formed)
    assert [state.includes("social-worker-7", "comune-parma", day) for day in (MARCH, APRIL, MAY)] == [True, False, True]


def test_who_is_not_in_a_team_does_not_leave_it_and_nobody_leaves_before_they_came() -> None:
    leave = LeaveTeam(member="social-worker-7", until=APRIL)
    TEAMS([FORMED]).when(leave).refused(NoMember)
    TEAMS([FORMED, JOINED, LEFT]).when(leave).refused(NoMember)
    TEAMS([FORMED, JOINED]).when(LeaveTeam(member="social-worker-7", until=date(2021, 2, 1))).refused(Invalid)


def test_a_pathway_is_one_teams_at_a_time() -> None:
    opened = PATHWAY.decide(OPEN, PATHWAY.initial)
    assigned = TeamAssigned(**IDS, team_id=TEAM_ID)
    PATHWAYS(opened).when(AssignTeam(team_id=TEAM_ID)).then([assigned])
    PATHWAYS([*opened, assigned]).when(AssignTeam(team_id=TEAM_ID)).refused(TeamAssignedAlready)
    other = an_id("other team")
    PATHWAYS([*opened, assigned]).when(AssignTeam(team_id=other)).then([TeamAssigned(**IDS, team_id=other)])


@pytest.mark.parametrize("command", [FORM, JOIN])
def test_deciding_changes_nothing(command: FormTeam | JoinTeam) -> None:
    """Pure: the same twice."""
    state = TEAM.evolve(TEAM.initial, FORMED) if isinstance(command, JoinTeam) else TEAM.initial
    assert TEAM.decide(command, state) == TEAM.decide(command, state)


def test_a_member_is_trained_in_a_version_of_the_methodology_once_and_while_they_are_in_the_team() -> None:
    """A team that works with a version knows who learnt it."""
    train = TrainMember(member="social-worker-7", methodology_version="1.0", on=APRIL)
    trained = TeamMemberTrained(team_id=TEAM_ID, member="social-worker-7", methodology_version="1.0")
    state = TEAMS([FORMED, JOINED]).when(train).then([trained])
    assert isinstance(state, Formed)
    assert state.trained == {"social-worker-7": {"1.0"}}
    TEAMS([FORMED, JOINED, trained]).when(train).refused(TrainedAlready)
    TEAMS([FORMED]).when(train).refused(NoMember)
    TEAMS([FORMED, JOINED, LEFT]).when(train).refused(NoMember)


def test_a_team_with_another_member_has_a_second_pair_of_eyes_and_needs_no_contact() -> None:
    """The first fallback is for teams of one."""
    author = JOINED.model_copy(update={"member": "author"})
    ask = HaveNoSecond(author="author", on=APRIL)
    TEAMS([FORMED, author]).when(ask).then([])
    TEAMS([FORMED, author, JOINED]).when(ask).refused(SecondMemberThere)
    TEAMS([FORMED, author, JOINED, LEFT]).when(ask).then([])
    TEAMS([]).when(ask).refused(Unknown)


def test_a_teams_professions_are_those_of_a_day() -> None:
    """Fewer than two is a warning and no refusal."""
    psychologist = JOINED.model_copy(update={"member": "psychologist-1", "profession": "psychologist", "since": APRIL})
    state = TEAMS([FORMED, JOINED, psychologist, LEFT]).state()
    assert isinstance(state, Formed)
    assert [len(state.professions(day)) for day in (MARCH, date(2021, 3, 31), APRIL)] == [1, 1, 1]
