"""The team: who forms it, who is in it and for how long. Members may be of other organisations than the one that formed it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, ClassVar, TypeAlias, assert_never

from contracts.errors import Invalid, Refusal, Unknown
from contracts.teams import TeamFormed, TeamMemberJoined, TeamMemberLeft, TeamMemberTrained

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class FormTeam:
    """Begin a team."""

    team_id: UUID
    organisation: str
    territory: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinTeam:
    """Take somebody into the team, from the day `since` on."""

    member: str
    organisation: str
    profession: str
    since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveTeam:
    """End a membership: `until` is the first day without it."""

    member: str
    until: date


@dataclass(frozen=True, slots=True)
class TakePathway:
    """Be there for a pathway: nothing is recorded of it here."""

    team_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainMember:
    """Record that a member was trained in a version of the methodology, `on` a day on which they were in the team."""

    member: str
    methodology_version: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class HaveNoSecond:
    """Have no other member than the author of a plan, on a day: nothing is recorded of it here."""

    author: str
    on: date


TeamCommand: TypeAlias = FormTeam | JoinTeam | LeaveTeam | TakePathway | TrainMember | HaveNoSecond
TeamEvent: TypeAlias = TeamFormed | TeamMemberJoined | TeamMemberLeft | TeamMemberTrained


class TeamFormedAlready(Refusal):
    """The team exists."""

    code: ClassVar[str] = "team-formed-already"


class MemberAlready(Refusal):
    """Whoever is to join is in the team."""

    code: ClassVar[str] = "team-member-already"


class NoMember(Refusal):
    """Whoever is to leave is not in the team."""

    code: ClassVar[str] = "team-member-not-there"


class TrainedAlready(Refusal):
    """The member knows this version."""

    code: ClassVar[str] = "team-member-trained-already"


class SecondMemberThere(Refusal):
    """Somebody of the team can confirm the plan."""

    code: ClassVar[str] = "second-member-there"


@dataclass(frozen=True, slots=True)
class Unformed:
    """Nothing is recorded under this id."""


@dataclass(frozen=True, slots=True)
class Membership:
    """One membership; `until` is None while it goes on, else the first day without it."""

    organisation: str
    profession: str
    since: date
    until: date | None = None

    def holds(self, day: date) -> bool:
        """Tell whether it holds on a day."""
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Formed:
    """The team exists; `members` holds everybody's memberships, the latest last."""

    team_id: UUID
    organisation: str
    territory: str
    members: Mapping[str, tuple[Membership, ...]] = field(default_factory=dict)
    trained: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The versions of the methodology in which each member was trained."""

    def includes(self, member: str, organisation: str, day: date) -> bool:
        """Tell whether somebody is in the team for an organisation on a day."""
        return any(one.organisation == organisation and one.holds(day) for one in self.members.get(member, ()))

    def on(self, day: date) -> dict[str, Membership]:
        """Return who is in the team on a day, and as what."""
        return {member: one for member, several in self.members.items() for one in several if one.holds(day)}

    def professions(self, day: date) -> frozenset[str]:
        """Return the professions that are in the team on a day: a multidisciplinary one has two at least."""
        return frozenset(one.profession for one in self.on(day).values())


TeamState: TypeAlias = Unformed | Formed


def decide(command: TeamCommand, state: TeamState) -> list[TeamEvent]:
    """Return what the command leads to; raises a `Refusal`. Pure."""
    match state:
        case Unformed():
            if isinstance(command, TakePathway):
                # The words that are said of another organisation's team.
                raise Unknown("no team is recorded under this id: check it, or create it first")
            if not isinstance(command, FormTeam):
                raise Unknown("no team is recorded under this id: form it first, or check the id")
            return [TeamFormed(team_id=command.team_id, organisation=command.organisation, territory=command.territory)]
        case Formed():
            return _decide_formed(command, state)
        case _:
            assert_never(state)


def _decide_formed(command: TeamCommand, team: Formed) -> list[TeamEvent]:
    match command:
        case FormTeam():
            raise TeamFormedAlready("the team exists: take members into it")
        case TakePathway():
            return []
        case JoinTeam(member=member, since=since):
            if (last := _last(team, member)) is not None and (last.until is None or since < last.until):
                raise MemberAlready("they are in the team on that day: end that membership first")
            joined = TeamMemberJoined(
                team_id=team.team_id, member=member, organisation=command.organisation, profession=command.profession, since=since
            )
            return [joined]
        case LeaveTeam(member=member, until=until):
            return [_left(team, member, until)]
        case TrainMember():
            return [_trained(command, team)]
        case HaveNoSecond(author=author, on=on):
            if set(team.on(on)) - {author}:
                raise SecondMemberThere("the team has another member: they confirm the plan")
            return []
        case _:
            assert_never(command)


def evolve(state: TeamState, event: TeamEvent) -> TeamState:
    """Return the team after the event."""
    match event, state:
        case TeamFormed(), _:
            return Formed(event.team_id, event.organisation, event.territory)
        case TeamMemberJoined(), Formed():
            joined = Membership(event.organisation, event.profession, event.since)
            return replace(state, members={**state.members, event.member: (*state.members.get(event.member, ()), joined)})
        case TeamMemberLeft(), Formed():
            *earlier, last = state.members[event.member]
            return replace(state, members={**state.members, event.member: (*earlier, replace(last, until=event.until))})
        case TeamMemberTrained(member=member, methodology_version=version), Formed():
            return replace(state, trained={**state.trained, member: state.trained.get(member, frozenset()) | {version}})
        case _:
            raise ValueError(f"{event.type_name} on a stream that does not begin with a team")


def _left(team: Formed, member: str, until: date) -> TeamMemberLeft:
    if (last := _last(team, member)) is None or last.until is not None:
        raise NoMember("they are not in the team")
    if until < last.since:
        raise Invalid("a membership does not end before it began")
    return TeamMemberLeft(team_id=team.team_id, member=member, since=last.since, until=until)


def _trained(command: TrainMember, team: Formed) -> TeamMemberTrained:
    if command.member not in team.on(command.on):
        raise NoMember("they are not in the team on that day")
    if command.methodology_version in team.trained.get(command.member, frozenset()):
        raise TrainedAlready("they were trained in this version already")
    return TeamMemberTrained(team_id=team.team_id, member=command.member, methodology_version=command.methodology_version)


def _last(team: Formed, member: str) -> Membership | None:
    return next(reversed(team.members.get(member, ())), None)
