"""Matching over HTTP: the best solution for a territory, for a person to look at, and the proposal of one of its pairs."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import fastapi
from fastapi import APIRouter, Depends, Request
from pydantic import UUID4

from contracts.personal import DataClass
from services._runtime.clock import day_of
from services._runtime.errors import Retryable
from services._runtime.web.commands import Call, ReceiptBody, command
from services._runtime.web.disclosing import disclosure_of
from services._runtime.web.queries import OPENING, Query, query
from services.tutors.adapters.matching_answers import RunAnswer, run_answer
from services.tutors.adapters.matching_bodies import Proposing
from services.tutors.adapters.matching_people import before, people_of
from services.tutors.app.deciders import REQUEST, TUTOR
from services.tutors.app.proposing import run
from services.tutors.app.steps import proposing
from services.tutors.domain.matching_commands import ProposeMatch
from services.tutors.domain.matching_policies import matching_policy
from services.tutors.domain.traits import UNSAID
from services.tutors.domain.tutor_request_state import NotRequested, Unasked
from services.tutors.domain.tutor_state import Unregistered
from services.tutors.domain.weighing import Weighed, weigh

if TYPE_CHECKING:
    from services._runtime.projecting.port import Answers
    from services.tutors.domain.matching_policies import MatchingPolicy
    from services.tutors.domain.tutor_request_state import RequestState
    from services.tutors.domain.tutor_state import TutorState

_COMPARED = (DataClass.IDENTITY, DataClass.CONTACT)
"""What both sides are like, and where they live."""

MOST_SECONDS = 20.0
"""How long a run may take, its turn included."""

Territory = Annotated[str, fastapi.Query(pattern=r"^[A-Z]{2}$", description="a province's code")]


class Busy(Retryable):
    """Other runs take so long that this one's turn did not come, or this one did."""


def matching(answers: Answers) -> APIRouter:
    """Return the routes of matching; who there is, is read from `answers`."""
    router = APIRouter(tags=["matching"])
    _add_run(router, answers)
    _add_propose(router, answers)
    return router


def _add_run(router: APIRouter, answers: Answers) -> None:
    turn = asyncio.Semaphore(1)

    @router.get("/match-proposals", summary="Match a territory", responses=OPENING)
    async def match_territory(request: Request, territory: Territory, asked: Annotated[Query, Depends(query("tutors.match"))]) -> RunAnswer:
        """Return the best solution for all open requests of the territory at once, with its reasons. Nothing is stored by it."""
        caller, day = asked.caller, day_of(asked.now)
        disclosure_of(request).tell(())  # where nobody is found, nobody is told of
        opening = partial(asked.open_each, holding=_COMPARED)
        people = await people_of(answers.to(caller), opening, organisation=caller.organisation, territory=territory, day=day)
        policy = matching_policy(day)
        try:
            async with asyncio.timeout(MOST_SECONDS), turn:
                found = await asyncio.to_thread(run, policy, people.seekers, people.candidates, day)
        except TimeoutError:
            raise Busy("a matching run took too long") from None
        return run_answer(territory, day, policy, people, found)


def _add_propose(router: APIRouter, answers: Answers) -> None:
    @router.post("/tutor-requests/{request_id}/match-proposals", summary="Propose a match")
    async def propose(
        request_id: UUID4,
        body: Proposing,
        call: Annotated[Call, Depends(command("tutors.propose-match"))],
        now: Annotated[Query, Depends(query("tutors.propose-match", recorded=False))],
    ) -> ReceiptBody:
        """Propose a tutor for an open request. Refused where the tutor could not be assigned, or a decline of the pair still holds."""
        request = (await call.read(REQUEST, request_id)).state
        tutor = (await call.read(TUTOR, body.tutor_id)).state.held
        day = call.day(body)
        known = frozenset[UUID]()
        if not isinstance(request, NotRequested):
            person = request.wish.beneficiary_id
            pairs, _ = await before(answers.to(call.caller), partial(now.open_each, holding=()), call.caller.organisation, [person])
            known = pairs.get(person, frozenset())
        told = ProposeMatch(
            match_id=body.match_id,
            tutor_id=body.tutor_id,
            on=day,
            availability=0 if isinstance(tutor, Unregistered) else tutor.facts.availability_changes,
            weighed=_weighed(matching_policy(day), request, tutor, stood_beside=body.tutor_id in known),
        )
        return await call.execute(body, *proposing(request_id, request, told, version=call.expected_version))


def _weighed(policy: MatchingPolicy, request: RequestState, tutor: TutorState, *, stood_beside: bool) -> Weighed:
    wishes = UNSAID if isinstance(request, NotRequested | Unasked) else request.talks.wishes
    offer = UNSAID if isinstance(tutor, Unregistered) else tutor.facts.traits
    return weigh(policy, wishes, offer, stood_beside=stood_beside)
