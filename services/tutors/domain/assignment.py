"""The assignment's decisions: a tutor beside a person from a day to a day, with every meeting, correction and silence between."""

from __future__ import annotations

from typing import assert_never

from contracts.assignments import (
    AssignmentEnded,
    EarlierNotesOpened,
    SilenceNoticed,
    TutorAssigned,
)
from contracts.errors import Refusal
from contracts.handing_over import AssignmentHandedOver
from services.tutors.domain import meetings, pausing, volunteering
from services.tutors.domain.assignment_commands import (
    AssignmentCommand,
    AssignTutor,
    AssignVolunteer,
    CorrectMeeting,
    EndAssignment,
    HandAssignmentOver,
    IntroduceConnection,
    LogMeeting,
    LoseVolunteer,
    NoticeSilence,
    OpenEarlierNotes,
    WithdrawVolunteer,
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
from services.tutors.domain.meetings import AssignmentHasEnded, OutsideAssignment
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


def _decide_begun(command: AssignmentCommand, state: Running | Ended) -> list[AssignmentEvent]:  # noqa: C901, PLR0911, PLR0912 - a case per command
    match command:
        case AssignTutor():
            raise AssignmentAlreadyBegun("this id is taken: choose another one")
        case LogMeeting():
            return [meetings.log(command, state)]
        case CorrectMeeting():
            return [meetings.correct(command, state)]
        case IntroduceConnection():
            return [meetings.introduce(command, state)]
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
        case AssignVolunteer():
            return [volunteering.assign(command, state)]
        case WithdrawVolunteer():
            return [volunteering.withdraw(command, state)]
        case LoseVolunteer():
            return volunteering.lose(command, state)
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
