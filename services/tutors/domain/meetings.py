"""What is entered of an assignment: meetings, their corrections, introductions; each of a day on which the tutor stood there."""

from __future__ import annotations

from datetime import date
from typing import Any, assert_never

from contracts.assignments import (
    ConnectionIntroduced,
    MeetingCorrected,
    MeetingLogged,
)
from contracts.errors import Invalid, Refusal, Unknown
from services.tutors.domain.assignment_commands import (
    CorrectMeeting,
    IntroduceConnection,
    LogMeeting,
)
from services.tutors.domain.assignment_state import Ended, Running
from services.tutors.domain.policies import contact_policy


class OutsideAssignment(Refusal):
    """The day is not one on which the tutor stood beside the person, or it has not come yet."""

    code = "outside-assignment"


class AssignmentHasEnded(Refusal):
    """The assignment ended, and the time in which late entries may come has passed."""

    code = "assignment-has-ended"


class MeetingAlreadyLogged(Refusal):
    """A meeting is logged under this id: correct it instead."""

    code = "meeting-already-logged"


class MeetingUnknown(Unknown):
    """No meeting of this assignment is logged under this id."""

    code = "meeting-unknown"


class ConnectionAlreadyIntroduced(Refusal):
    """An introduction is recorded under this id."""

    code = "connection-already-introduced"


class VolunteerNotThere(Unknown):
    """The volunteer does not stand beside this person, or did not on that day."""

    code = "volunteer-not-there"


def _check_volunteers(command: LogMeeting | CorrectMeeting, state: Running | Ended) -> None:
    there = {one.volunteer_id for one in state.volunteers if one.there(command.held_on)}
    if len(set(command.volunteers)) < len(command.volunteers):
        raise Invalid("each volunteer who was there is named once")
    if not there.issuperset(command.volunteers):
        raise VolunteerNotThere("a volunteer who is named does not stand beside this person on that day: let them join first")


def _check_inside(state: Running | Ended, day: date, today: date) -> None:
    if day > today:
        raise OutsideAssignment("that day has not come yet")
    start, end = state.support.starts_on, state.ended_on if isinstance(state, Ended) else None
    if day < start or (end is not None and end < day):
        raise OutsideAssignment(f"that day is none of the assignment, which runs from {start}" + (f" to {end}" if end else ""))


def _check_entry(state: Running | Ended, day: date, today: date) -> bool:
    """Tell whether an entry is a late one; raises where its day or its lateness does not allow it."""
    _check_inside(state, day, today)
    match state:
        case Running():
            return False
        case Ended(ended_on=end):
            grace = contact_policy(end).late_entry_days
            if (today - end).days > grace:
                raise AssignmentHasEnded(f"the assignment ended on {end}: entries of days inside it came until {grace} days after")
            return True
        case _:
            assert_never(state)


def _check_duration(command: LogMeeting | CorrectMeeting) -> None:
    if command.took_place != (command.duration_minutes > 0):
        raise Invalid("a meeting that took place lasted at least a minute, one that did not lasted none")


def log(command: LogMeeting, state: Running | Ended) -> MeetingLogged:
    """Return the meeting; raises where its day, its length or its id cannot be."""
    _check_duration(command)
    late = _check_entry(state, command.held_on, command.today)
    _check_volunteers(command, state)
    if any(m.meeting_id == command.meeting_id for m in state.meetings):
        raise MeetingAlreadyLogged("a meeting is logged under this id: correct it instead")
    return MeetingLogged(**_said(command, state), late_entry=late)


def correct(command: CorrectMeeting, state: Running | Ended) -> MeetingCorrected:
    """Return the correction. It has no time limit: a wrong entry found years later is still put right."""
    _check_duration(command)
    _check_inside(state, command.held_on, command.today)
    _check_volunteers(command, state)
    if all(m.meeting_id != command.meeting_id for m in state.meetings):
        raise MeetingUnknown("no meeting of this assignment is logged under this id")
    return MeetingCorrected(**_said(command, state), reason=command.reason)


def _said(command: LogMeeting | CorrectMeeting, state: Running | Ended) -> dict[str, Any]:
    """Return what an entry says of a meeting, by the names of `MeetingLogged` and `MeetingCorrected`."""
    return {
        "assignment_id": state.support.assignment_id,
        "beneficiary_id": state.support.beneficiary_id,
        "meeting_id": command.meeting_id,
        "held_on": command.held_on,
        "duration_minutes": command.duration_minutes,
        "kind": command.kind,
        "took_place": command.took_place,
        "volunteers": command.volunteers,
        "notes": command.notes,
    }


def introduce(command: IntroduceConnection, state: Running | Ended) -> ConnectionIntroduced:
    """Return the introduction; raises where its day or its id cannot be."""
    late = _check_entry(state, command.introduced_on, command.today)
    if any(each.connection_id == command.connection_id for each in state.connections):
        raise ConnectionAlreadyIntroduced("an introduction is recorded under this id")
    return ConnectionIntroduced(
        assignment_id=state.support.assignment_id,
        beneficiary_id=state.support.beneficiary_id,
        connection_id=command.connection_id,
        kind=command.kind,
        introduced_on=command.introduced_on,
        late_entry=late,
        notes=command.notes,
    )
