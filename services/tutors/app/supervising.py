"""Who follows a tutor while whoever is named for it is away: worked out anew, tutor by tutor, when an absence begins and when it ends."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import structlog

from contracts.errors import Refusal
from contracts.tutor_follow_up_codes import SupervisorReason
from services._runtime.clock import day_of
from services._runtime.handling import Step
from services._runtime.ids import derived_id
from services._runtime.store.port import Request
from services.tutors.app.deciders import SUPERVISOR, TUTOR, supervisor_of
from services.tutors.domain.follow_up_commands import (
    ChangeSupervisor,
    EntrustTutor,
    HandBackTutor,
    RecordAbsence,
    StandIn,
)
from services.tutors.domain.supervisor import NotEnrolled, Supervising, SupervisorUnknown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from services._runtime.decider import Context
    from services._runtime.handling import Commands
    from services._runtime.store.port import Timer

log = structlog.get_logger(__name__)


def entrusting(tutor_id: UUID, regular: str | None, supervisor: str, *, organisation: str, on: date, version: int) -> tuple[Step, ...]:
    """Return the steps by which a person names the supervisor of a tutor: SupervisorChanged, TutorEntrusted, TutorHandedBack.

    `regular` is who was named before. Whoever is named must be there on that day.
    """
    change = ChangeSupervisor(supervisor=supervisor, since=on, reason=SupervisorReason.NAMED)
    named = Step(SUPERVISOR, supervisor_of(organisation, supervisor), EntrustTutor(tutor_id=tutor_id, on=on))
    steps = (Step(TUTOR, tutor_id, change, version), named)
    if regular is None or regular == supervisor:
        return steps
    return (*steps, Step(SUPERVISOR, supervisor_of(organisation, regular), HandBackTutor(tutor_id=tutor_id)))


def leaving(supervisor: str, command: RecordAbsence, *, organisation: str) -> tuple[Step, ...]:
    """Return the steps that record an absence: SupervisorAbsenceRecorded, SubstituteNamed. Whoever stands in must be there all the time."""
    stand_in = StandIn(
        absence_id=command.absence_id, instead_of=supervisor, absent_from=command.absent_from, absent_until=command.absent_until
    )
    away = Step(SUPERVISOR, supervisor_of(organisation, supervisor), command)
    if command.substitute == supervisor:
        return (away,)
    return (away, Step(SUPERVISOR, supervisor_of(organisation, command.substitute), stand_in))


async def reassign(timer: Timer, commands: Commands, context: Context) -> None:
    """Have everybody whose supervisor comes or goes followed by somebody who is there; one tutor's refusal is none of the others'."""
    today = day_of(context.now)
    whoever = (await commands.read(SUPERVISOR, SUPERVISOR.aggregate(timer.stream_id))).state
    if isinstance(whoever, NotEnrolled):
        return
    for one in await _affected(commands, whoever, today):
        present = await _present(commands, one, today)
        reason = SupervisorReason.RETURN if present == one.supervisor else SupervisorReason.ABSENCE
        change = ChangeSupervisor(supervisor=present, since=today, reason=reason, regular=one.supervisor)
        for tutor_id in sorted(one.tutors):
            await _change(tutor_id, change, timer, commands, context)


async def _affected(commands: Commands, whoever: Supervising, day: date) -> Sequence[Supervising]:
    """Return whose tutors may have to be followed by another: the supervisor's own, and of all those for whom they stand in on a day."""
    names = {whoever.supervisor: whoever}
    waiting = [whoever]
    while waiting:
        for absence in waiting.pop().stands_in:
            if absence.covers(day) and absence.supervisor not in names:
                names[absence.supervisor] = await _supervisor(commands, whoever.organisation, absence.supervisor)
                waiting.append(names[absence.supervisor])
    return tuple(names.values())


async def _present(commands: Commands, one: Supervising, day: date) -> str:
    """Return who follows a supervisor's tutors on a day: themselves, or whoever stands in, or whoever stands in for these."""
    while (absence := one.away(day)) is not None:
        one = await _supervisor(commands, one.organisation, absence.substitute)
    return one.supervisor


async def _supervisor(commands: Commands, organisation: str, name: str) -> Supervising:
    state = (await commands.read(SUPERVISOR, supervisor_of(organisation, name))).state
    if isinstance(state, NotEnrolled):
        raise SupervisorUnknown("nobody of this pseudonym follows tutors of the organisation")
    return state


async def _change(tutor_id: UUID, change: ChangeSupervisor, timer: Timer, commands: Commands, context: Context) -> None:
    asked = derived_id("absence", timer.timer_id, tutor_id)
    request = Request(client=context.actor, key=str(asked), body_hmac=sha256(asked.bytes).digest())
    try:
        await commands.execute(Step(TUTOR, tutor_id, change), context=context, request=request)
    except Refusal as refusal:
        # Somebody named another meanwhile, or the tutor left the register: there is nothing to do for this one.
        log.info("supervision.unchanged", stream=TUTOR.stream(tutor_id), code=refusal.code)
