"""The assignment's decisions: a tutor beside a person from a day to a day, with every meeting, correction and silence between."""

from __future__ import annotations

from datetime import date
from typing import assert_never

from contracts.assignments import (
    AssignmentEnded,
    ConnectionIntroduced,
    EarlierNotesOpened,
    MeetingCorrected,
    MeetingLogged,
    SilenceNoticed,
    TutorAssigned,
)
from contracts.errors import Invalid, Refusal, Unknown
from contracts.handing_over import AssignmentHandedOver
from services.tutors.domain import pausing
from services.tutors.domain.assignment_commands import (
    AssignmentCommand,
    AssignTutor,
    CorrectMeeting,
    EndAssignment,
    HandAssignmentOver,
    IntroduceConnection,
    LogMeeting,
    NoticeSilence,
    OpenEarlierNotes,
)
from services.tutors.domain.assignment_state import (
    AssignmentEvent,
    AssignmentState,
    AssignmentUnknown,
    Ended,
    NotAssigned,
    Running,
    earliest_end,
    last_contact,
)
from services.tutors.domain.follow_up_commands import PauseSilence, ResumeSilence
from services.tutors.domain.policies import contact_policy


class AssignmentAlreadyBegun(Refusal):
    """The id is taken: choose another one."""

    code = "assignment-already-begun"


class AssignmentRuns(Refusal):
    """The assignment runs: its notes are its own tutor's."""

    code = "assignment-runs"


class NotALaterAssignment(Refusal):
    """The other assignment is not one of the same request that runs now."""

    code = "not-a-later-assignment"


class NotesAlreadyOpened(Refusal):
    """The notes are open to that assignment's tutor already."""

    code = "notes-already-opened"


class AssignmentHasEnded(Refusal):
    """The assignment ended, and the time in which late entries may come has passed."""

    code = "assignment-has-ended"


class OutsideAssignment(Refusal):
    """The day is not one on which the tutor stood beside the person, or it has not come yet."""

    code = "outside-assignment"


class MeetingAlreadyLogged(Refusal):
    """A meeting is logged under this id: correct it instead."""

    code = "meeting-already-logged"


class MeetingUnknown(Unknown):
    """No meeting of this assignment is logged under this id."""

    code = "meeting-unknown"


class ConnectionAlreadyIntroduced(Refusal):
    """An introduction is recorded under this id."""

    code = "connection-already-introduced"


def decide(command: AssignmentCommand, state: AssignmentState) -> list[AssignmentEvent]:
    """Return what follows from a command to an assignment; raises a `Refusal`."""
    match state:
        case NotAssigned():
            if isinstance(command, AssignTutor):
                return [_assign(command)]
            raise AssignmentUnknown("no assignment is recorded under this id: check it")
        case Running() | Ended():
            return _decide_begun(command, state)
        case _:
            assert_never(state)


def _decide_begun(command: AssignmentCommand, state: Running | Ended) -> list[AssignmentEvent]:  # noqa: C901, PLR0911 - a case per command
    match command:
        case AssignTutor():
            raise AssignmentAlreadyBegun("this id is taken: choose another one")
        case LogMeeting():
            return [_log(command, state)]
        case CorrectMeeting():
            return [_correct(command, state)]
        case IntroduceConnection():
            return [_introduce(command, state)]
        case NoticeSilence():
            return _notice(command, state)
        case PauseSilence():
            return [pausing.pause(command, state)]
        case ResumeSilence():
            return [pausing.resume(command, state)]
        case EndAssignment():
            return [_end(command, state)]
        case HandAssignmentOver():
            return _hand_over(command, state)
        case OpenEarlierNotes():
            return [_open_notes(command, state)]
        case _:
            assert_never(command)


def _assign(command: AssignTutor) -> TutorAssigned:
    return TutorAssigned(
        assignment_id=command.assignment_id,
        request_id=command.request_id,
        tutor_id=command.tutor_id,
        beneficiary_id=command.beneficiary_id,
        pathway_id=command.pathway_id,
        episode=command.episode,
        organisation=command.organisation,
        territory=command.territory,
        municipality=command.municipality,
        starts_on=command.starts_on,
        continues=command.continues,
    )


def _check_inside(state: Running | Ended, day: date, today: date) -> None:
    last = state.ended_on if isinstance(state, Ended) else today
    if day > today:
        raise OutsideAssignment(f"{day} has not come yet")
    if not state.support.starts_on <= day <= last:
        raise OutsideAssignment(f"{day} is not a day of the assignment, which runs from {state.support.starts_on} to {last}")


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


def _log(command: LogMeeting, state: Running | Ended) -> MeetingLogged:
    _check_duration(command)
    late = _check_entry(state, command.held_on, command.today)
    if any(m.meeting_id == command.meeting_id for m in state.meetings):
        raise MeetingAlreadyLogged("a meeting is logged under this id: correct it instead")
    return MeetingLogged(
        assignment_id=state.support.assignment_id,
        beneficiary_id=state.support.beneficiary_id,
        meeting_id=command.meeting_id,
        held_on=command.held_on,
        duration_minutes=command.duration_minutes,
        kind=command.kind,
        took_place=command.took_place,
        late_entry=late,
        notes=command.notes,
    )


def _correct(command: CorrectMeeting, state: Running | Ended) -> MeetingCorrected:
    """Return the correction. It has no time limit: a wrong entry found years later is still put right."""
    _check_duration(command)
    _check_inside(state, command.held_on, command.today)
    if all(m.meeting_id != command.meeting_id for m in state.meetings):
        raise MeetingUnknown("no meeting of this assignment is logged under this id")
    return MeetingCorrected(
        assignment_id=state.support.assignment_id,
        beneficiary_id=state.support.beneficiary_id,
        meeting_id=command.meeting_id,
        held_on=command.held_on,
        duration_minutes=command.duration_minutes,
        kind=command.kind,
        took_place=command.took_place,
        notes=command.notes,
        reason=command.reason,
    )


def _introduce(command: IntroduceConnection, state: Running | Ended) -> ConnectionIntroduced:
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


def _notice(command: NoticeSilence, state: Running | Ended) -> list[AssignmentEvent]:
    """Return the silence, or nothing where there was contact meanwhile, it is told already, or the clocks stand still."""
    if isinstance(state, Ended) or state.pause(command.on) is not None:
        return []
    since = last_contact(state, command.kind, command.on)
    policy = contact_policy(since)
    days = (command.on - since).days
    if days < policy.days(command.kind) or (command.kind, since) in state.noticed:
        return []
    return [
        SilenceNoticed(
            assignment_id=state.support.assignment_id,
            beneficiary_id=state.support.beneficiary_id,
            tutor_id=state.support.tutor_id,
            kind=command.kind,
            since=since,
            days=days,
            policy_version=policy.version,
        )
    ]


def _end(command: EndAssignment, state: Running | Ended) -> AssignmentEnded:
    support = state.support
    if isinstance(state, Ended):
        raise AssignmentHasEnded(f"the assignment ended on {state.ended_on} already")
    if command.ended_on < (earliest := earliest_end(state, command.ended_on)):
        raise OutsideAssignment(f"the assignment cannot end before {earliest}: it began, or something is recorded, on that day")
    return AssignmentEnded(
        assignment_id=support.assignment_id,
        request_id=support.request_id,
        tutor_id=support.tutor_id,
        beneficiary_id=support.beneficiary_id,
        pathway_id=support.pathway_id,
        episode=support.episode,
        ended_on=command.ended_on,
        reason=command.reason,
        relationship_continues=command.relationship_continues,
        notes=command.notes,
        continued_by=command.continued_by,
    )


def _open_notes(command: OpenEarlierNotes, state: Running | Ended) -> EarlierNotesOpened:
    support = state.support
    if isinstance(state, Running):
        raise AssignmentRuns("the assignment runs: its notes are opened to whoever comes after its end")
    if (later := command.opened_to) is None or later.request_id != support.request_id:
        raise NotALaterAssignment("notes are opened to the tutor who stands beside the same person now: name that assignment")
    if later.assignment_id in state.opened_to:
        raise NotesAlreadyOpened("the notes are open to that tutor already")
    return EarlierNotesOpened(
        assignment_id=support.assignment_id,
        beneficiary_id=support.beneficiary_id,
        opened_to=later.assignment_id,
        tutor_id=later.tutor_id,
        reason=command.reason,
    )


def _hand_over(command: HandAssignmentOver, state: Running | Ended) -> list[AssignmentEvent]:
    """Return the handing over of an assignment that runs; nothing where it has ended, or this was overtaken."""
    to, support = command.to, state.support
    if isinstance(state, Ended) or to.responsibility <= support.responsibility:
        return []
    return [
        AssignmentHandedOver(
            assignment_id=support.assignment_id,
            beneficiary_id=support.beneficiary_id,
            transfer_id=to.transfer_id,
            organisation=to.organisation,
            territory=to.territory,
            municipality=to.municipality,
            sender=to.sender,
            responsibility=to.responsibility,
        )
    ]
