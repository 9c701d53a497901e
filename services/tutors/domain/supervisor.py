"""The supervisor: which tutors are theirs to follow, when they are away and who follows these meanwhile.

A tutor never waits for somebody who is away: whoever stands in is there on every day of the absence, and whoever stands in for
others hands these on, too, when away in their turn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never
from uuid import UUID

from contracts.errors import Invalid, Refusal, Unknown
from contracts.tutor_follow_up import SubstituteNamed, SupervisorAbsenceRecorded, SupervisorEnrolled, TutorEntrusted, TutorHandedBack
from services.tutors.domain.follow_up_commands import (
    EnrolSupervisor,
    EntrustTutor,
    HandBackTutor,
    RecordAbsence,
    StandIn,
    SupervisorCommand,
)

SupervisorEvent = SupervisorEnrolled | TutorEntrusted | TutorHandedBack | SupervisorAbsenceRecorded | SubstituteNamed


class SupervisorUnknown(Unknown):
    """Nobody of this pseudonym follows tutors of the organisation."""

    code = "supervisor-unknown"


class SupervisorAlreadyEnrolled(Refusal):
    """They follow tutors of the organisation already."""

    code = "supervisor-already-enrolled"


class SupervisorAway(Refusal):
    """They are away on that day: name somebody who is there."""

    code = "supervisor-away"


class SubstituteAway(Refusal):
    """Whoever was to stand in is away on some of these days: name another, or cut the absence in two."""

    code = "substitute-away"


class AbsenceAlreadyRecorded(Refusal):
    """An absence is recorded under this id, or on some of these days."""

    code = "absence-already-recorded"


class TutorAlreadyEntrusted(Refusal):
    """The tutor is theirs to follow already."""

    code = "tutor-already-entrusted"


class TutorNotEntrusted(Refusal):
    """The tutor is not theirs to follow."""

    code = "tutor-not-entrusted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Days on which `supervisor` is away, both included, and who stands in."""

    absence_id: UUID
    supervisor: str
    absent_from: date
    absent_until: date
    substitute: str

    def covers(self, day: date) -> bool:
        """Tell whether it covers a day."""
        return self.absent_from <= day <= self.absent_until

    def meets(self, first: date, last: date) -> bool:
        """Tell whether it covers any of the days from `first` to `last`."""
        return self.absent_from <= last and first <= self.absent_until


@dataclass(frozen=True, slots=True)
class NotEnrolled:
    """Nobody follows tutors under this pseudonym."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervising:
    """`tutors` are theirs to follow; `stands_in` are the absences of others in which they do so for these."""

    organisation: str
    supervisor: str
    tutors: frozenset[UUID] = frozenset()
    absences: tuple[Absence, ...] = ()
    stands_in: tuple[Absence, ...] = ()

    def away(self, day: date) -> Absence | None:
        """Return the absence that covers a day, or None where they are there."""
        return next((one for one in self.absences if one.covers(day)), None)


SupervisorState = NotEnrolled | Supervising


def decide(command: SupervisorCommand, state: SupervisorState) -> list[SupervisorEvent]:
    """Return what follows from a command to a supervisor; raises a `Refusal`."""
    match state:
        case NotEnrolled():
            if isinstance(command, EnrolSupervisor):
                return [SupervisorEnrolled(organisation=command.organisation, supervisor=command.supervisor)]
            raise SupervisorUnknown("nobody of this pseudonym follows tutors of the organisation: enrol them first, or check it")
        case Supervising():
            return [_decide(command, state)]
        case _:
            assert_never(state)


def _decide(command: SupervisorCommand, state: Supervising) -> SupervisorEvent:
    match command:
        case EnrolSupervisor():
            raise SupervisorAlreadyEnrolled("they follow tutors of the organisation already")
        case EntrustTutor():
            return _entrust(command, state)
        case HandBackTutor():
            if command.tutor_id not in state.tutors:
                raise TutorNotEntrusted("the tutor is not theirs to follow")
            return TutorHandedBack(organisation=state.organisation, supervisor=state.supervisor, tutor_id=command.tutor_id)
        case RecordAbsence():
            return _leave(command, state)
        case StandIn():
            return _stand_in(command, state)
        case _:
            assert_never(command)


def _entrust(command: EntrustTutor, state: Supervising) -> TutorEntrusted:
    if command.tutor_id in state.tutors:
        raise TutorAlreadyEntrusted("the tutor is theirs to follow already")
    if (absence := state.away(command.on)) is not None:
        raise SupervisorAway(f"they are away until {absence.absent_until}: name somebody who is there")
    return TutorEntrusted(organisation=state.organisation, supervisor=state.supervisor, tutor_id=command.tutor_id)


def _leave(command: RecordAbsence, state: Supervising) -> SupervisorAbsenceRecorded:
    first, last = command.absent_from, command.absent_until
    if last < first:
        raise Invalid("an absence ends on the day it begins, or later")
    if last < command.today:
        raise Invalid("an absence that is over changes nothing: record one that lasts")
    if command.substitute == state.supervisor:
        raise Invalid("whoever is away cannot stand in for themselves: name somebody who is there")
    if any(one.absence_id == command.absence_id or one.meets(first, last) for one in state.absences):
        raise AbsenceAlreadyRecorded("an absence is recorded under this id, or on some of these days")
    return SupervisorAbsenceRecorded(
        organisation=state.organisation,
        supervisor=state.supervisor,
        absence_id=command.absence_id,
        absent_from=first,
        absent_until=last,
        substitute=command.substitute,
    )


def _stand_in(command: StandIn, state: Supervising) -> SubstituteNamed:
    for absence in state.absences:
        if absence.meets(command.absent_from, command.absent_until):
            raise SubstituteAway(
                f"whoever was to stand in is away from {absence.absent_from} to {absence.absent_until}: name another, "
                "or cut the absence in two"
            )
    return SubstituteNamed(
        organisation=state.organisation,
        supervisor=state.supervisor,
        absence_id=command.absence_id,
        instead_of=command.instead_of,
        absent_from=command.absent_from,
        absent_until=command.absent_until,
    )


def evolve(state: SupervisorState, event: SupervisorEvent) -> SupervisorState:
    """Return the supervisor after an event of their stream."""
    match event, state:
        case SupervisorEnrolled(), _:
            return Supervising(organisation=event.organisation, supervisor=event.supervisor)
        case TutorEntrusted(), Supervising():
            return replace(state, tutors=state.tutors | {event.tutor_id})
        case TutorHandedBack(), Supervising():
            return replace(state, tutors=state.tutors - {event.tutor_id})
        case SupervisorAbsenceRecorded(), Supervising():
            return replace(state, absences=(*state.absences, _absence(event, event.supervisor, event.substitute)))
        case SubstituteNamed(), Supervising():
            return replace(state, stands_in=(*state.stands_in, _absence(event, event.instead_of, event.supervisor)))
        case _:
            raise SupervisorUnknown("the stream does not begin with an enrolment")


def _absence(event: SupervisorAbsenceRecorded | SubstituteNamed, supervisor: str, substitute: str) -> Absence:
    return Absence(
        absence_id=event.absence_id,
        supervisor=supervisor,
        absent_from=event.absent_from,
        absent_until=event.absent_until,
        substitute=substitute,
    )
