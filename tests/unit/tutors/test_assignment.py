"""The rules of an assignment, rule by rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from contracts.assignments import AssignmentEnded, ConnectionIntroduced, MeetingCorrected, MeetingLogged, SilenceNoticed
from contracts.errors import Invalid, Refusal
from contracts.tutor_codes import ConnectionKind, EndReason, MeetingKind, SilenceKind
from services.tutors.app.deciders import ASSIGNMENT
from services.tutors.domain.assignment import AssignmentAlreadyBegun
from services.tutors.domain.assignment_commands import (
    AssignmentCommand,
    AssignTutor,
    CorrectMeeting,
    EndAssignment,
    IntroduceConnection,
    LogMeeting,
    NoticeSilence,
)
from services.tutors.domain.assignment_state import AssignmentEvent, AssignmentUnknown, Ended, Running
from services.tutors.domain.meetings import (
    AssignmentHasEnded,
    ConnectionAlreadyIntroduced,
    MeetingAlreadyLogged,
    MeetingUnknown,
    OutsideAssignment,
)
from services.tutors.domain.policies import contact_policy
from tests.support.given import given
from tests.unit.tutors.cases import (
    ASSIGNED,
    ASSIGNMENT_ID,
    BENEFICIARY_ID,
    MEET,
    MEETING_ID,
    PATHWAY_ID,
    REQUEST_ID,
    RUNNING,
    TODAY,
    TUTOR_ID,
    after,
    meeting_on,
    met,
)

given_assignment = given(ASSIGNMENT)

ASSIGN = AssignTutor(
    assignment_id=ASSIGNMENT_ID,
    request_id=REQUEST_ID,
    tutor_id=TUTOR_ID,
    beneficiary_id=BENEFICIARY_ID,
    pathway_id=PATHWAY_ID,
    episode=1,
    organisation="ciac",
    territory="PR",
    municipality="034027",
    starts_on=TODAY,
)
END = EndAssignment(ended_on=after(60), reason=EndReason.CONCLUDED, relationship_continues=True)
ENDED = AssignmentEnded(
    assignment_id=ASSIGNMENT_ID,
    request_id=REQUEST_ID,
    tutor_id=TUTOR_ID,
    beneficiary_id=BENEFICIARY_ID,
    pathway_id=PATHWAY_ID,
    episode=1,
    ended_on=after(60),
    reason=EndReason.CONCLUDED,
    relationship_continues=True,
)
OVER: list[AssignmentEvent] = [ASSIGNED, ENDED]
SECOND_MEETING = UUID("88888888-8888-4888-8888-888888888888")
CONNECTION_ID = UUID("99999999-9999-4999-8999-999999999999")
INTRODUCE = IntroduceConnection(connection_id=CONNECTION_ID, kind=ConnectionKind.ASSOCIATION, introduced_on=after(4), today=after(4))
CORRECT = CorrectMeeting(
    meeting_id=MEETING_ID,
    held_on=after(2),
    today=after(6),
    duration_minutes=60,
    kind=MeetingKind.ACCOMPANIMENT,
    took_place=True,
    reason="Era martedì.",
)
CORRECTED = MeetingCorrected(
    assignment_id=ASSIGNMENT_ID,
    beneficiary_id=BENEFICIARY_ID,
    meeting_id=MEETING_ID,
    held_on=after(2),
    duration_minutes=60,
    kind=MeetingKind.ACCOMPANIMENT,
    took_place=True,
    reason="Era martedì.",
)
GRACE = contact_policy(TODAY).late_entry_days


def silence(kind: SilenceKind, since: date, days: int) -> SilenceNoticed:
    return SilenceNoticed(
        assignment_id=ASSIGNMENT_ID,
        beneficiary_id=BENEFICIARY_ID,
        tutor_id=TUTOR_ID,
        kind=kind,
        since=since,
        days=days,
        policy_version="2020-06",
    )


def test_a_tutor_is_put_beside_a_person() -> None:
    given_assignment([]).when(ASSIGN).then([ASSIGNED])


@pytest.mark.parametrize("events", [RUNNING, OVER], ids=["running", "ended"])
def test_an_assignment_begins_once(events: list[AssignmentEvent]) -> None:
    given_assignment(events).when(ASSIGN).refused(AssignmentAlreadyBegun)


@pytest.mark.parametrize(
    "command", [MEET, CORRECT, INTRODUCE, NoticeSilence(kind=SilenceKind.CONTACT, on=TODAY), END], ids=lambda c: type(c).__name__
)
def test_nothing_is_recorded_about_an_unknown_assignment(command: AssignmentCommand) -> None:
    given_assignment([]).when(command).refused(AssignmentUnknown)


def test_a_meeting_is_logged_with_its_notes() -> None:
    expected = met(after(3)).model_copy(update={"notes": "Al mercato."})
    given_assignment(RUNNING).when(MEET).then([expected])


def test_a_meeting_that_did_not_take_place_is_logged_without_minutes() -> None:
    command = replace(MEET, took_place=False, duration_minutes=0)
    (event,) = given_assignment(RUNNING).when(command).then_types(MeetingLogged)
    assert isinstance(event, MeetingLogged)
    assert not event.took_place


@pytest.mark.parametrize(
    "command",
    [replace(MEET, duration_minutes=0), replace(MEET, took_place=False), replace(CORRECT, duration_minutes=0)],
    ids=["no minutes", "minutes of nothing", "corrected to no minutes"],
)
def test_minutes_and_taking_place_agree(command: AssignmentCommand) -> None:
    given_assignment([ASSIGNED, met(after(3))]).when(command).refused(Invalid)


@pytest.mark.parametrize("day", [after(-1), after(6)], ids=["before the start", "tomorrow"])
def test_a_meeting_lies_between_the_start_and_today(day: date) -> None:
    given_assignment(RUNNING).when(meeting_on(day, today=after(5))).refused(OutsideAssignment)
    given_assignment([ASSIGNED, met(after(3))]).when(replace(CORRECT, held_on=day, today=after(5))).refused(OutsideAssignment)
    given_assignment(RUNNING).when(replace(INTRODUCE, introduced_on=day, today=after(5))).refused(OutsideAssignment)


def test_a_meeting_is_logged_once_and_corrected_afterwards() -> None:
    given_assignment([ASSIGNED, met(after(3))]).when(MEET).refused(MeetingAlreadyLogged)
    state = given_assignment([ASSIGNED, met(after(3))]).when(CORRECT).then([CORRECTED])
    assert isinstance(state, Running)
    assert [(m.held_on, m.duration_minutes) for m in state.meetings] == [(after(2), 60)]
    given_assignment(RUNNING).when(CORRECT).refused(MeetingUnknown)


def test_a_connection_is_recorded_once() -> None:
    introduced = ConnectionIntroduced(
        assignment_id=ASSIGNMENT_ID,
        beneficiary_id=BENEFICIARY_ID,
        connection_id=CONNECTION_ID,
        kind=ConnectionKind.ASSOCIATION,
        introduced_on=after(4),
    )
    given_assignment(RUNNING).when(INTRODUCE).then([introduced])
    given_assignment([ASSIGNED, introduced]).when(INTRODUCE).refused(ConnectionAlreadyIntroduced)


def test_a_late_entry_of_a_day_inside_the_assignment_is_taken_and_marked() -> None:
    last_moment = after(60 + GRACE)
    (event,) = given_assignment(OVER).when(meeting_on(after(60), today=last_moment)).then_types(MeetingLogged)
    assert isinstance(event, MeetingLogged)
    assert event.late_entry
    (connection,) = given_assignment(OVER).when(replace(INTRODUCE, today=last_moment)).then_types(ConnectionIntroduced)
    assert isinstance(connection, ConnectionIntroduced)
    assert connection.late_entry


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (meeting_on(after(61), today=after(62)), OutsideAssignment),
        (meeting_on(after(60), today=after(61 + GRACE)), AssignmentHasEnded),
        (replace(INTRODUCE, today=after(61 + GRACE)), AssignmentHasEnded),
        (END, AssignmentHasEnded),
    ],
    ids=["after the end", "too late", "introduction too late", "end twice"],
)
def test_after_the_end_and_its_grace_nothing_new_comes(command: LogMeeting, refusal: type[Refusal]) -> None:
    given_assignment(OVER).when(command).refused(refusal)


def test_a_correction_has_no_time_limit() -> None:
    events: list[AssignmentEvent] = [ASSIGNED, met(after(3)), ENDED]
    given_assignment(events).when(replace(CORRECT, today=after(900))).then([CORRECTED])
    given_assignment(events).when(replace(CORRECT, held_on=after(61), today=after(900))).refused(OutsideAssignment)


@pytest.mark.parametrize(("kind", "days"), [(SilenceKind.CONTACT, 14), (SilenceKind.MEETING, 45), (SilenceKind.ESCALATION, 60)], ids=str)
def test_silence_is_noticed_when_its_days_have_passed_and_not_before(kind: SilenceKind, days: int) -> None:
    events: list[AssignmentEvent] = [ASSIGNED, met(after(3))]
    given_assignment(events).when(NoticeSilence(kind=kind, on=after(3 + days - 1))).then([])
    given_assignment(events).when(NoticeSilence(kind=kind, on=after(3 + days))).then([silence(kind, after(3), days)])
    given_assignment(RUNNING).when(NoticeSilence(kind=kind, on=after(days))).then([silence(kind, TODAY, days)])


def test_a_silence_is_told_once_until_there_is_contact_again() -> None:
    told = silence(SilenceKind.CONTACT, TODAY, 14)
    ask = NoticeSilence(kind=SilenceKind.CONTACT, on=after(30))
    given_assignment([ASSIGNED, told]).when(ask).then([])
    given_assignment([ASSIGNED, told, met(after(15), SECOND_MEETING)]).when(ask).then([silence(SilenceKind.CONTACT, after(15), 15)])


def test_a_call_is_a_contact_but_no_meeting_in_person() -> None:
    events: list[AssignmentEvent] = [ASSIGNED, met(after(40), kind=MeetingKind.REMOTE)]
    given_assignment(events).when(NoticeSilence(kind=SilenceKind.CONTACT, on=after(45))).then([])
    given_assignment(events).when(NoticeSilence(kind=SilenceKind.MEETING, on=after(45))).then([silence(SilenceKind.MEETING, TODAY, 45)])


def test_an_attempted_meeting_counts_for_contact_and_not_for_meeting_nor_escalation() -> None:
    attempted = met(after(58)).model_copy(update={"took_place": False, "duration_minutes": 0})
    events: list[AssignmentEvent] = [ASSIGNED, attempted]
    given_assignment(events).when(NoticeSilence(kind=SilenceKind.CONTACT, on=after(60))).then([])
    for kind in (SilenceKind.MEETING, SilenceKind.ESCALATION):
        given_assignment(events).when(NoticeSilence(kind=kind, on=after(60))).then([silence(kind, TODAY, 60)])


def test_silence_after_the_end_is_nobodys() -> None:
    given_assignment(OVER).when(NoticeSilence(kind=SilenceKind.ESCALATION, on=after(200))).then([])


def test_an_assignment_ends_and_keeps_its_meetings() -> None:
    state = given_assignment([ASSIGNED, met(after(3))]).when(END).then([ENDED])
    assert isinstance(state, Running | Ended)
    whole = given_assignment([ASSIGNED, met(after(3)), ENDED]).state()
    assert isinstance(whole, Ended)
    assert [m.meeting_id for m in whole.meetings] == [MEETING_ID]


def test_an_assignment_does_not_end_before_it_began_or_last_met() -> None:
    given_assignment(RUNNING).when(replace(END, ended_on=after(-1))).refused(OutsideAssignment)
    given_assignment([ASSIGNED, met(after(61))]).when(END).refused(OutsideAssignment)
    introduced = ConnectionIntroduced(
        assignment_id=ASSIGNMENT_ID,
        beneficiary_id=BENEFICIARY_ID,
        connection_id=CONNECTION_ID,
        kind=ConnectionKind.NEIGHBOUR,
        introduced_on=after(61),
    )
    given_assignment([ASSIGNED, introduced]).when(END).refused(OutsideAssignment)


def test_a_stream_that_does_not_begin_with_an_assignment_is_not_folded() -> None:
    with pytest.raises(AssignmentUnknown):
        given_assignment([ENDED]).state()


def test_facts_of_an_assignment_belong_to_the_person() -> None:
    for events in (RUNNING, OVER):
        state = given_assignment(events).state()
        assert ASSIGNMENT.partition(state) == BENEFICIARY_ID
        assert ASSIGNMENT.place(state).municipality == "034027"
