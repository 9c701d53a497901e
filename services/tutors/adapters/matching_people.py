"""Who takes part in a matching run: the open requests of a territory and the organisation's tutors, as their own streams tell them.

Lists say who there is; what they are like, and what they may do at this moment, is opened record by record, for the caller's eyes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from contracts.errors import Refusal
from contracts.tutor_codes import EndReason
from services.tutors.app.deciders import ASSIGNMENT, REQUEST, TUTOR
from services.tutors.domain.assignment_state import Ended
from services.tutors.domain.matching import Candidate, Seeker, candidate_of
from services.tutors.domain.tutor_request_state import Open
from services.tutors.domain.tutor_state import Registered, Suspended
from services.tutors.projections.assignments import ASSIGNMENTS, AssignmentStatus, assignments_of
from services.tutors.projections.tutor_requests import TUTOR_REQUESTS, RequestRow, RequestStatus, requests_of
from services.tutors.projections.tutors import TUTORS, TutorRow, TutorStatus, tutors_of

if TYPE_CHECKING:
    from datetime import date

    from services._runtime.decider import Decider
    from services._runtime.opening import Opened
    from services._runtime.projecting.port import Reader

    OpenEach = Callable[[Decider[Any, Any, Any], Sequence[UUID]], Coroutine[Any, Any, list[Opened[Any]]]]

MOST_REQUESTS, MOST_TUTORS = 500, 1000
_ASKED_TO_PART = (EndReason.BENEFICIARY_ASKED, EndReason.TUTOR_ASKED)


class TooMany(Refusal):
    """There are more people than one run takes."""

    code = "matching-too-large"


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who takes part, in the order that decides between equals; who is in talks does not; `versions` are the requests'."""

    seekers: Sequence[Seeker]
    candidates: Sequence[Candidate]
    in_talks: Sequence[UUID]
    versions: Mapping[UUID, int]


async def people_of(reader: Reader, open_each: OpenEach, *, organisation: str, territory: str, day: date) -> People:
    """Return who takes part in a run for an organisation in a territory; raises `TooMany`."""
    waiting, tutors = await _listed(reader, organisation, territory)
    requests = {
        one.state.wish.request_id: one
        for one in await open_each(REQUEST, [row.request_id for row in waiting])
        if isinstance(one.state, Open)
    }
    standing = {key: one.state.talks.standing for key, one in requests.items() if one.state.talks.standing is not None}
    in_talks = Counter(match.tutor_id for match in standing.values())
    states = [one.state.held for one in await open_each(TUTOR, [row.tutor_id for row in tutors])]
    candidates = [
        candidate_of(state, territory, day, in_talks=in_talks[state.facts.profile.tutor_id])
        for state in states
        if isinstance(state, Registered | Suspended)
    ]
    free = [row for row in waiting if row.request_id in requests and row.request_id not in standing]
    known, parted = await before(reader, open_each, organisation, [row.beneficiary_id for row in free])
    return People(
        seekers=[
            Seeker(
                request_id=row.request_id,
                beneficiary_id=row.beneficiary_id,
                talks=requests[row.request_id].state.talks,
                waits_since=row.since,
                known=known.get(row.beneficiary_id, frozenset()),
                parted=parted.get(row.beneficiary_id, frozenset()),
            )
            for row in free
        ],
        candidates=sorted(candidates, key=lambda each: each.tutor_id),
        in_talks=sorted(standing),
        versions={key: one.version for key, one in requests.items()},
    )


async def _listed(reader: Reader, organisation: str, territory: str) -> tuple[tuple[RequestRow, ...], list[TutorRow]]:
    most = MOST_REQUESTS + 1
    open_here = {"status": RequestStatus.OPEN, "territory": territory}
    waiting = (await reader.rows(TUTOR_REQUESTS, requests_of(organisation, open_here, after=None, limit=most))).value
    tutors = (await reader.rows(TUTORS, tutors_of(organisation, after=None, limit=MOST_TUTORS + 1))).value
    if len(waiting) > MOST_REQUESTS or len(tutors) > MOST_TUTORS:
        raise TooMany(f"a run takes {MOST_REQUESTS} open requests and {MOST_TUTORS} tutors at most: propose some by hand first")
    return waiting, [row for row in tutors if row.status is not TutorStatus.RETIRED]


Pairs = Mapping[UUID, frozenset[UUID]]


async def before(reader: Reader, open_each: OpenEach, organisation: str, persons: Sequence[UUID]) -> tuple[Pairs, Pairs]:
    """Return which tutors stood beside these people before: those whom neither asked to leave, and those whom one did."""
    filters: dict[str, object] = {"status": AssignmentStatus.ENDED, "beneficiary_id": list(persons)}
    wanted = assignments_of({"organisation": organisation}, filters, after=None, limit=10 * MOST_TUTORS)
    rows = (await reader.rows(ASSIGNMENTS, wanted)).value if persons else ()
    ended = [one.state for one in await open_each(ASSIGNMENT, [row.assignment_id for row in rows])]
    known, parted = dict[UUID, frozenset[UUID]](), dict[UUID, frozenset[UUID]]()
    for state in ended:
        if isinstance(state, Ended):
            of = parted if state.reason in _ASKED_TO_PART else known
            support = state.support
            of[support.beneficiary_id] = of.get(support.beneficiary_id, frozenset()) | {support.tutor_id}
    return known, parted
