"""Who was in which team, for which organisation, from when until when: what the lists and the second fence ask."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from contracts.teams import TeamMemberJoined, TeamMemberLeft
from services._runtime.projecting.model import Fact, Key, ReadModel
from services._runtime.projecting.port import Query, Reader

READS = (TeamMemberJoined, TeamMemberLeft)


@dataclass(frozen=True, slots=True)
class MembershipRow:
    """One membership; `until` is the first day without it."""

    team_id: UUID
    member: str
    since: date
    organisation: str
    until: date | None = None

    def holds(self, day: date) -> bool:
        """Tell whether it holds on a day."""
        return self.since <= day and (self.until is None or day < self.until)


def keys_of(fact: Fact) -> list[Key]:
    """Return the membership that the fact is about."""
    event = fact.event
    return [(event.team_id, event.member, event.since)] if isinstance(event, READS) else []


def evolve(row: MembershipRow | None, fact: Fact, _key: Key) -> MembershipRow:
    """Return the membership after the fact."""
    match fact.event, row:
        case TeamMemberJoined() as joined, _:
            return MembershipRow(joined.team_id, joined.member, joined.since, joined.organisation)
        case TeamMemberLeft(until=until), MembershipRow():
            return replace(row, until=until)
        case event, _:
            raise ValueError(f"{event.type_name} of a membership that never began")


TEAM_MEMBERSHIPS = ReadModel(
    name="team_memberships", version=1, row=MembershipRow, key=("team_id", "member", "since"), reads=READS, keys_of=keys_of, evolve=evolve
)


async def teams_of(reader: Reader, member: str, organisation: str, day: date) -> tuple[UUID, ...]:
    """Return the teams in which somebody is for an organisation on a day."""
    found = await reader.rows(TEAM_MEMBERSHIPS, Query(where={"member": member, "organisation": organisation}))
    return tuple(row.team_id for row in found.value if row.holds(day))
