"""The requests for a tutor: who waits, since when, where. Somebody who never asked is not listed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from contracts.handing_over import RequestHandedOver
from contracts.joining import RequestJoined, RequestParted
from contracts.tutor_requests import RequestMet, RequestPrecluded, RequestReopened, RequestWithdrawn, TutorRequested
from services._runtime.projecting.lists import narrowed
from services._runtime.projecting.model import Fact, Key, ReadModel
from services._runtime.projecting.port import Query


class RequestStatus(StrEnum):
    """What a request is at."""

    OPEN = "open"
    MET = "met"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request. `since` is the day it came to its status; assignment and tutor are there while it is met.

    A decision of intake may come before anybody asks: its row remembers it, and is listed once it is `asked`.
    """

    request_id: UUID
    beneficiary_id: UUID
    pathway_id: UUID
    episode: int
    organisation: str
    territory: str
    municipality: str | None
    status: RequestStatus
    since: date
    assignment_id: UUID | None
    tutor_id: UUID | None
    goes_on_under: UUID | None = None
    """The record of the same person that goes on in this one's place."""
    asked: bool = True


READS = (
    TutorRequested,
    RequestMet,
    RequestReopened,
    RequestWithdrawn,
    RequestPrecluded,
    RequestHandedOver,
    RequestJoined,
    RequestParted,
)


def keys_of(fact: Fact) -> list[Key]:
    """Return the request that the event is about."""
    return [(fact.event.request_id,)] if isinstance(fact.event, READS) else []


def evolve(row: RequestRow | None, fact: Fact, _key: Key) -> RequestRow | None:  # noqa: PLR0911 - a case per event
    """Return the request after an event of its stream."""
    since = fact.envelope.occurred_on
    match fact.event, row:
        case TutorRequested() as event, _:
            return replace(_row(event, since), goes_on_under=row.goes_on_under if row else None)
        case RequestPrecluded(), _:
            return row
        case RequestHandedOver() as to, _:
            return row and replace(row, organisation=to.organisation, territory=to.territory, municipality=to.municipality)
        case (RequestJoined() | RequestParted()) as event, _:
            survivor = event.survivor_id if isinstance(event, RequestJoined) else None
            return replace(row or replace(_row(event, since), asked=False), goes_on_under=survivor)
        case RequestMet() as event, RequestRow(asked=True):
            met = replace(row, status=RequestStatus.MET, assignment_id=event.assignment_id, tutor_id=event.tutor_id)
            # Where another tutor takes over, the person had one all the time.
            return met if row.status is RequestStatus.MET else replace(met, since=since)
        case RequestReopened(), RequestRow(asked=True):
            return replace(row, status=RequestStatus.OPEN, since=since, assignment_id=None, tutor_id=None)
        case RequestWithdrawn(), RequestRow(asked=True):
            return replace(row, status=RequestStatus.WITHDRAWN, since=since, assignment_id=None, tutor_id=None)
        case event, _:
            raise ValueError(f"{event.type_name} on a stream that does not begin with a request")


def _row(event: TutorRequested | RequestJoined | RequestParted, since: date) -> RequestRow:
    return RequestRow(
        request_id=event.request_id,
        beneficiary_id=event.beneficiary_id,
        pathway_id=event.pathway_id,
        episode=event.episode,
        organisation=event.organisation,
        territory=event.territory,
        municipality=event.municipality,
        status=RequestStatus.OPEN,
        since=since,
        assignment_id=None,
        tutor_id=None,
    )


TUTOR_REQUESTS = ReadModel(
    name="tutor_requests", version=3, row=RequestRow, key=("request_id",), reads=READS, keys_of=keys_of, evolve=evolve
)


def requests_of(
    organisation: str,
    filters: Mapping[str, object],
    *,
    since: date | None = None,
    until: date | None = None,
    after: Key | None,
    limit: int,
) -> Query:
    """Return the query for a page of an organisation's requests, the longest waiting first; filters are columns and values, None means any.

    `since` and `until` are days since which a request is at its status.
    """
    query = Query(where={"organisation": organisation, "asked": True}, order=("since", "request_id"), after=after, limit=limit)
    return narrowed(query, filters, day="since", since=since, until=until)
