"""Teams over HTTP: formed, joined, left, given a pathway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import UUID4, BaseModel, Field, StringConstraints

from contracts.errors import Unknown
from services._runtime.clock import day_of
from services._runtime.handling import Step
from services._runtime.web.bodies import Code, CommandBody, Day
from services._runtime.web.commands import Call, ReceiptBody, command
from services._runtime.web.queries import Query, query
from services.pathways.app.teams import TEAM
from services.pathways.domain.commands import AssignTeam
from services.pathways.domain.refusals import NotInMethodology
from services.pathways.domain.team import Formed, FormTeam, JoinTeam, LeaveTeam, Membership, TakePathway, TeamState, TrainMember

if TYPE_CHECKING:
    from datetime import date

    from services.pathways.app.decider import PathwayDecider
    from services.pathways.domain.methodology import Methodologies

Member = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,128}$"), Field(description="the pseudonym by which events name them")]


class TeamBody(CommandBody):
    """A team of the caller's organisation."""

    territory: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$"), Field(description="the province in which it works")]


class MemberBody(CommandBody):
    """Somebody who joins, of whichever organisation."""

    member: Member
    organisation: Code
    profession: Code
    since: Annotated[Day, Field(description="the first day of the membership")]


class DepartureBody(CommandBody):
    """Somebody who leaves."""

    member: Member
    until: Annotated[Day, Field(description="the first day on which they are a member no more")]


class TrainingBody(CommandBody):
    """A member who was trained, on `occurred_on`."""

    member: Member
    methodology_version: Annotated[Code, Field(description="the version of the methodology")]


class TeamAssignmentBody(CommandBody):
    """The team that takes a pathway over."""

    team_id: UUID4


class TeamView(BaseModel):
    """A team and everybody's memberships."""

    team_id: UUID
    organisation: str
    territory: str
    members: dict[str, tuple[Membership, ...]]
    trained: Annotated[dict[str, list[str]], Field(description="in which versions of the methodology each member was trained")]
    warnings: Annotated[
        list[Literal["fewer-than-two-professions"]],
        Field(description="what a multidisciplinary team lacks today; it blocks nothing"),
    ]


PROFESSIONS = 2
"""How many professions make a team multidisciplinary."""


def team_router(pathways: PathwayDecider, methodologies: Methodologies) -> APIRouter:
    """Return the endpoints."""
    router = APIRouter(tags=["teams"])

    @router.post("/teams/{team_id}", status_code=201)
    async def form_team(
        team_id: UUID4, body: TeamBody, call: Annotated[Call, Depends(command("pathways.form-team", needs="nothing"))]
    ) -> ReceiptBody:
        """Form a team of the caller's organisation."""
        asked = FormTeam(team_id=team_id, organisation=call.caller.organisation, territory=body.territory)
        return await call.execute(body, Step(TEAM, team_id, asked, call.expected_version))

    @router.post("/pathways/{pathway_id}/team")
    async def assign_team(
        pathway_id: UUID4, body: TeamAssignmentBody, call: Annotated[Call, Depends(command("pathways.assign-team"))]
    ) -> ReceiptBody:
        """Give a pathway to a team of the caller's organisation: its members see it, for the time of their membership."""
        there = Step(TEAM, body.team_id, TakePathway(team_id=body.team_id))
        return await call.execute(body, Step(pathways, pathway_id, AssignTeam(team_id=body.team_id), call.expected_version), there)

    _members(router, methodologies)
    return router


def _members(router: APIRouter, methodologies: Methodologies) -> None:
    @router.post("/teams/{team_id}/members")
    async def join_team(team_id: UUID4, body: MemberBody, call: Annotated[Call, Depends(command("pathways.join-team"))]) -> ReceiptBody:
        """Take somebody into the team."""
        asked = JoinTeam(member=body.member, organisation=body.organisation, profession=body.profession, since=body.since)
        return await call.execute(body, Step(TEAM, team_id, asked, call.expected_version))

    @router.post("/teams/{team_id}/departures")
    async def leave_team(
        team_id: UUID4, body: DepartureBody, call: Annotated[Call, Depends(command("pathways.leave-team"))]
    ) -> ReceiptBody:
        """End a membership."""
        asked = LeaveTeam(member=body.member, until=body.until)
        return await call.execute(body, Step(TEAM, team_id, asked, call.expected_version))

    @router.post("/teams/{team_id}/trainings")
    async def train_member(
        team_id: UUID4, body: TrainingBody, call: Annotated[Call, Depends(command("pathways.train-member"))]
    ) -> ReceiptBody:
        """Record that a member was trained in a version of the shared methodology."""
        trained = TrainMember(member=body.member, methodology_version=body.methodology_version, on=call.day(body))

        def asked(state: TeamState) -> TrainMember:
            if isinstance(state, Formed) and body.methodology_version not in methodologies.versions:
                raise NotInMethodology("version", body.methodology_version)
            return trained

        return await call.execute(body, Step(TEAM, team_id, asked, call.expected_version))

    @router.get("/teams/{team_id}")
    async def read_team(team_id: UUID4, asked: Annotated[Query, Depends(query("pathways.read-team"))]) -> TeamView:
        """Return a team of the caller's organisation; ETag is the version to decide on."""
        return _view((await asked.open(TEAM, team_id, holding=())).state, day_of(asked.now))


def _view(state: TeamState, on: date) -> TeamView:
    if not isinstance(state, Formed):
        raise Unknown
    return TeamView(
        team_id=state.team_id,
        organisation=state.organisation,
        territory=state.territory,
        members=dict(state.members),
        trained={member: sorted(versions) for member, versions in state.trained.items()},
        warnings=["fewer-than-two-professions"] if len(state.professions(on)) < PROFESSIONS else [],
    )
