"""The load: persons who are enrolled, admitted, given a pathway and a tutor, and leave, several at a time, while parts die."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from services._runtime.ids import new_id
from tests.faults.calling import Caller, GaveUp, Refused
from tests.journeys.callers import COORDINATOR, EVIDENCE, SECOND, WORKER, days_ago
from tests.support.identities import unlike_anybody

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from random import Random
    from uuid import UUID

    from tests.faults.told import Record
    from tests.support.whole import Ancora

_ONCE_MORE_S = 0.1
_REACTION_S = 120.0
_TRIES = 6


class Person:
    """One person's way through the services; `live` ends early where somebody gave up."""

    def __init__(self, caller: Caller, dice: Random) -> None:
        """Begin with an id that nobody has."""
        self._caller = caller
        self._dice = dice
        self._person: UUID = new_id()
        self._record = f"/beneficiaries/{self._person}"

    async def live(self) -> bool:
        """Live from the notice to the exit, or to where somebody gave up (False)."""
        lived = True
        try:
            await self._live()
        except* GaveUp:
            lived = False
        return lived

    async def _live(self) -> None:
        await self._intake()
        async with asyncio.TaskGroup() as both:
            registering, opening = both.create_task(self._tutor()), both.create_task(self._pathway())
        tutor, pathway = registering.result(), opening.result()
        request = await self._awaited(self._open_request)
        agreed = dict.fromkeys(("first_meeting_on", "tutor_accepted_on", "beneficiary_accepted_on"), days_ago(0))
        assignment = {"tutor_id": str(tutor), "assignment_id": str(new_id()), "agreed_outside_matching": agreed}
        await self._tell("tutors", request, "/assignment", assignment, COORDINATOR)
        await self._awaited(lambda: self._supported(pathway))
        reached = {"milestone_id": str(new_id()), "milestone": "italian-a2", "evidence": EVIDENCE}
        await self._tell("pathways", pathway, "/milestones", reached)
        await self._tell("intake", self._record, "/exit", {"reason": "pathway-completed", "destination": "own-home"})

    async def _intake(self) -> None:
        for command, body in (
            ("/privacy-notices", {"notice_version": "2021-1", "language": "ti", "how": "orally", "mediator": True}),
            ("/enrolment", {"territory": "PR", "municipality": "034027", "identity": unlike_anybody()}),
            ("/protection-status", {"status": "refugee", "granted_on": days_ago(300)}),
            ("/reception-exit", {"occurred_on": days_ago(60)}),
            ("/admissions", {"programme": "ancora-2.0"}),
        ):
            await self._tell("intake", self._record, command, body)

    async def _tutor(self) -> UUID:
        tutor = new_id()
        registration = {"kind": "citizen", "territory": "PR", "municipality": "034027", "capacity": 1, "paid_staff": False}
        personal = {"name": "Prova Esempio", "languages": ["it", "ar"], "email": "prova@example.org"}
        for command, body in (
            ("", registration | personal),
            ("/interviews", {"occurred_on": days_ago(40)}),
            ("/trainings", {"course": "tutors-basic", "hours": 12, "occurred_on": days_ago(30)}),
            ("/vettings", {"outcome": "passed", "valid_until": days_ago(-300), "occurred_on": days_ago(20)}),
            ("/insurances", {"valid_from": days_ago(20), "valid_until": days_ago(-300)}),
            ("/approval", {}),
        ):
            await self._tell("tutors", f"/tutors/{tutor}", command, body, COORDINATOR)
        return tutor

    async def _pathway(self) -> str:
        pathway: str = await self._awaited(self._listed_pathway)
        values = {"housing": "reception", "work": "seeking", "income": "none", "language": "a1", "schooling": "primary"}
        situations = [{"situation_id": str(new_id()), "area": area, "value": one, "since": days_ago(30)} for area, one in values.items()]
        ties = [{"connection": "bridge", "kind": "neighbour", "strength": "weak", "count": 2}]
        scores = {"work": 2, "health": 1}
        needs = {"instrument": "needs-and-resources", "instrument_version": "1.0", "respondent": "worker", "scores": scores}
        for command, body, login in (
            ("/situations", {"moment": "baseline", "situations": situations}, WORKER),
            ("/network-maps", {"map_id": str(new_id()), "moment": "baseline", "ties": ties}, WORKER),
            ("/assessments", {"assessment_id": str(new_id()), "moment": "baseline", **needs}, WORKER),
            ("/plan-proposals", {"wants_tutor": True, "language": "fr", "summary": "una casa e un lavoro"}, WORKER),
            ("/plan-agreements", {"plan_version": 1, "language": "fr", "reads_language": True}, SECOND),
        ):
            await self._tell("pathways", pathway, command, body, login)
        return pathway

    async def _listed_pathway(self) -> str | None:
        items = (await self._caller.get("pathways", f"/pathways?beneficiary-id={self._person}", WORKER)).json()["items"]
        return f"/pathways/{items[0]['pathway_id']}" if items else None

    async def _open_request(self) -> str | None:
        answer = await self._caller.get("tutors", "/tutor-requests?status=open&limit=200", COORDINATOR)
        mine = [item["request_id"] for item in answer.json()["items"] if item["beneficiary_id"] == str(self._person)]
        return f"/tutor-requests/{mine[0]}" if mine else None

    async def _supported(self, pathway: str) -> bool:
        return bool((await self._caller.get("pathways", pathway, WORKER)).json()["tutors"])

    async def _tell(self, service: str, record: str, command: str, body: dict[str, Any], login: str = WORKER) -> None:
        """Send a command at the record's present version; where it changed meanwhile, look again and send another."""
        for _ in range(_TRIES):
            now = await self._caller.get(service, record, login)
            version = int(now.headers["etag"].strip('"')) if now.status_code == 200 else 0
            try:
                await self._caller.tell(service, record + command, body, login=login, version=version, dice=self._dice)
            except Refused as refused:
                if not str(refused).endswith((":stale-version", ":if-match-missing")):
                    raise
            else:
                return
        raise GaveUp(f"{service}{command} is overtaken again and again")

    async def _awaited(self, look: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401 - what is looked for
        """Look until another service's reaction has arrived."""
        deadline = asyncio.get_running_loop().time() + _REACTION_S
        while not (seen := await look()):
            if asyncio.get_running_loop().time() > deadline:
                raise GaveUp("a reaction did not arrive")
            await asyncio.sleep(_ONCE_MORE_S)
        return seen


async def live_until(ancora: Ancora, record: Record, ended: asyncio.Event, dice: Random, *, at_once: int) -> int:
    """Have so many persons live at a time until `ended` is set; return how many lives were lived to their end."""
    caller = Caller(ancora, record)

    async def one_after_another() -> int:
        lived = 0
        while True:
            lived += await Person(caller, dice).live()
            if ended.is_set():
                return lived

    try:
        return sum(await asyncio.gather(*(one_after_another() for _ in range(at_once))))
    finally:
        await caller.close()
