"""The list of pathways: one row each, by person or organisation. Holds nothing personal; words and names are opened one by one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from contracts.event import Event
from contracts.handing_over import PathwayHandedOver
from contracts.joining import PathwayJoined, PathwayParted
from contracts.pathways import (
    ContactLost,
    ContactRegained,
    MilestoneReached,
    MilestoneRetracted,
    PathwayClosed,
    PathwayOpened,
    PathwayResumed,
    PathwayReviewed,
    PathwaySuspended,
    PlanDeclined,
    PlanProposed,
    PlanRevised,
    ReviewOverdue,
    TutorSupportEnded,
    TutorSupportStarted,
)
from contracts.plans import PlanAgreed
from contracts.teams import TeamAssigned
from services._runtime.projecting.lists import narrowed
from services._runtime.projecting.model import Fact, Key, ReadModel
from services._runtime.projecting.port import Query

READS = (
    PathwayOpened,
    PlanProposed,
    PlanRevised,
    PlanDeclined,
    PlanAgreed,
    PathwayReviewed,
    ReviewOverdue,
    MilestoneReached,
    MilestoneRetracted,
    TutorSupportStarted,
    TutorSupportEnded,
    ContactLost,
    ContactRegained,
    PathwaySuspended,
    PathwayResumed,
    PathwayClosed,
    TeamAssigned,
    PathwayHandedOver,
    PathwayJoined,
    PathwayParted,
)


class ListedStatus(StrEnum):
    """Whether a pathway runs."""

    OPEN = "open"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class ListedPlan(StrEnum):
    """Where the plan stands. A revision that is proposed or declined leaves the agreed plan running."""

    NONE = "none"
    PROPOSED = "proposed"
    DECLINED = "declined"
    AGREED = "agreed"
    REVISION_PROPOSED = "revision-proposed"


@dataclass(frozen=True, slots=True)
class PathwayRow:
    """One pathway as a list shows it."""

    pathway_id: UUID
    beneficiary_id: UUID
    episode: int
    organisation: str
    territory: str
    municipality: str | None
    opened_on: date
    status: ListedStatus = ListedStatus.OPEN
    plan: ListedPlan = ListedPlan.NONE
    review_due: date | None = None
    review_overdue: bool = False
    milestones: int = 0
    tutors: int = 0
    contact_lost: bool = False
    team_id: UUID | None = None
    goes_on_under: UUID | None = None
    """The record of the same person that goes on in this one's place."""


class NotOpenedYet(ValueError):
    """A fact of a pathway that the feed never opened: the feed is damaged."""


def keys_of(fact: Fact) -> list[Key]:
    """Return the pathway that the fact is about."""
    return [(fact.event.pathway_id,)] if isinstance(fact.event, READS) else []


def evolve(row: PathwayRow | None, fact: Fact, _key: Key) -> PathwayRow:  # noqa: C901, PLR0911 - one case per kind of fact
    """Return the row after the fact; raises `NotOpenedYet` where there is none to change."""
    event = fact.event
    if isinstance(event, PathwayOpened):
        return _opened(event, fact.envelope.occurred_on)
    if row is None:
        raise NotOpenedYet(event.type_name)
    match event:
        case PathwaySuspended():
            return replace(row, status=ListedStatus.SUSPENDED, review_due=None, review_overdue=False)
        case PathwayResumed(review_due=due):
            return replace(row, status=ListedStatus.OPEN, review_due=due)
        case PathwayClosed():
            return replace(row, status=ListedStatus.CLOSED, review_due=None, review_overdue=False)
        case TeamAssigned(team_id=team):
            return replace(row, team_id=team)
        case PathwayHandedOver() | PathwayJoined() | PathwayParted():
            return _followed(row, event)
        case ContactLost() | ContactRegained():
            return replace(row, contact_lost=isinstance(event, ContactLost))
        case MilestoneReached() | MilestoneRetracted():
            return replace(row, milestones=row.milestones + (1 if isinstance(event, MilestoneReached) else -1))
        case TutorSupportStarted() | TutorSupportEnded():
            return replace(row, tutors=row.tutors + (1 if isinstance(event, TutorSupportStarted) else -1))
        case _:
            return _planned(row, event)


def _followed(row: PathwayRow, event: PathwayHandedOver | PathwayJoined | PathwayParted) -> PathwayRow:
    match event:
        case PathwayHandedOver(organisation=organisation, territory=territory, municipality=municipality):
            return replace(row, organisation=organisation, territory=territory, municipality=municipality, team_id=None)
        case PathwayJoined(survivor_id=survivor):
            return replace(row, goes_on_under=survivor, review_overdue=False)
        case PathwayParted():
            return replace(row, goes_on_under=None)


def _planned(row: PathwayRow, event: Event) -> PathwayRow:  # noqa: PLR0911 - one case per kind of fact
    match event:
        case PlanProposed():
            return replace(row, plan=ListedPlan.PROPOSED)
        case PlanRevised():
            return replace(row, plan=ListedPlan.REVISION_PROPOSED)
        case PlanDeclined():
            revision = row.plan is ListedPlan.REVISION_PROPOSED
            return replace(row, plan=ListedPlan.AGREED if revision else ListedPlan.DECLINED)
        case PlanAgreed(review_due=due):
            return replace(row, plan=ListedPlan.AGREED, review_due=due)
        case PathwayReviewed(review_due=due):
            return replace(row, review_due=due, review_overdue=False)
        case ReviewOverdue():
            return replace(row, review_overdue=True)
        case _:
            return row


def _opened(event: PathwayOpened, opened_on: date) -> PathwayRow:
    return PathwayRow(
        pathway_id=event.pathway_id,
        beneficiary_id=event.beneficiary_id,
        episode=event.episode,
        organisation=event.organisation,
        territory=event.territory,
        municipality=event.municipality,
        opened_on=opened_on,
    )


PATHWAY_LIST = ReadModel(name="pathway_list", version=4, row=PathwayRow, key=("pathway_id",), reads=READS, keys_of=keys_of, evolve=evolve)


def pathways_of(
    organisation: str,
    filters: Mapping[str, object] | None = None,
    *,
    teams: tuple[UUID, ...] = (),
    since: date | None = None,
    until: date | None = None,
    after: Key | None = None,
    limit: int = 50,
) -> Query:
    """Return the query for a page of the pathways of an organisation and of teams, by id; filters are columns and values, None means any.

    `since` and `until` are days on which a pathway was opened.
    """
    query = Query(either=({"organisation": organisation}, {"team_id": teams}), after=after, limit=limit)
    return narrowed(query, filters or {}, day="opened_on", since=since, until=until)
