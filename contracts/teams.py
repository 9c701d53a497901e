"""Published events of the pathways service about multidisciplinary teams: one stream per team, which may cross organisations.

Members are named by the pseudonym by which events name their actor, and nothing else of them is told.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from contracts.event import Event
from contracts.fields import BeneficiaryId, PathwayId, Territory
from contracts.pathway_values import Code

TeamId = Annotated[UUID, Field(description="the team: random, says nothing")]
Member = Annotated[
    str, StringConstraints(pattern=r"^[\x21-\x7e]{1,128}$"), Field(description="the member, by the pseudonym by which events name them")
]
Since = Annotated[date, Field(description="the first day of the membership")]


class _OfTeam(BaseModel):
    team_id: TeamId


class TeamFormed(_OfTeam, Event, type="pathways.team_formed"):
    """A team began its work in a province; the organisation that formed it says who is in it."""

    organisation: Code = Field(description="the organisation that forms it")
    territory: Territory


class TeamMemberJoined(_OfTeam, Event, type="pathways.team_member_joined"):
    """Somebody joined a team, of this organisation or of another; they see its pathways from that day on."""

    member: Member
    organisation: Code = Field(description="the organisation for which they are in the team")
    profession: Code = Field(description="what they are by profession, such as social-worker")
    since: Since


class TeamMemberLeft(_OfTeam, Event, type="pathways.team_member_left"):
    """A membership ended; from that day on the member sees the team's pathways no longer."""

    member: Member
    since: Since
    until: date = Field(description="the first day on which they are a member no more")


class TeamMemberTrained(_OfTeam, Event, type="pathways.team_member_trained"):
    """A member learnt to work with a version of the shared methodology, on the envelope's `occurred_on`."""

    member: Member
    methodology_version: Code = Field(description="the version of the methodology")


class TeamAssigned(Event, type="pathways.team_assigned"):
    """A pathway was given to a team, in the place of the one that had it."""

    pathway_id: PathwayId
    beneficiary_id: BeneficiaryId
    team_id: TeamId
