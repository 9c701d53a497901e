"""Facts and commands that the tutors' tests start from: one tutor, one request, one assignment, all in Parma."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from contracts.assignments import MeetingLogged, TutorAssigned
from contracts.matching import Accepting, MatchAccepted, MatchProposed
from contracts.matching_codes import MatchOrigin, MatchParty
from contracts.tutor_codes import MeetingKind, TutorKind, VettingOutcome
from contracts.tutor_requests import TutorRequested
from contracts.tutors import InsuranceRecorded, TutorApproved, TutorInterviewed, TutorRegistered, TutorTrained, VettingRecorded
from services.tutors.domain.assignment_commands import LogMeeting
from services.tutors.domain.assignment_state import AssignmentEvent
from services.tutors.domain.tutor_commands import RegisterTutor
from services.tutors.domain.tutor_request_state import RequestEvent
from services.tutors.domain.tutor_state import TutorEvent

TUTOR_ID = UUID("11111111-1111-4111-8111-111111111111")
REQUEST_ID = UUID("22222222-2222-4222-8222-222222222222")
ASSIGNMENT_ID = UUID("33333333-3333-4333-8333-333333333333")
OTHER_ASSIGNMENT = UUID("44444444-4444-4444-8444-444444444444")
BENEFICIARY_ID = UUID("55555555-5555-4555-8555-555555555555")
PATHWAY_ID = UUID("66666666-6666-4666-8666-666666666666")
MEETING_ID = UUID("77777777-7777-4777-8777-777777777777")

TODAY = date(2021, 3, 1)
YEAR_END = date(2021, 12, 31)


def after(days: int) -> date:
    """Return the day so many days after `TODAY`."""
    return TODAY + timedelta(days=days)


REGISTER = RegisterTutor(
    tutor_id=TUTOR_ID,
    kind=TutorKind.CITIZEN,
    organisation="ciac",
    territory="PR",
    capacity=1,
    paid_staff=False,
    name="Prova Esempio",
)
REGISTERED = TutorRegistered(
    tutor_id=TUTOR_ID, kind=TutorKind.CITIZEN, organisation="ciac", territory="PR", capacity=1, name="Prova Esempio"
)
INTERVIEWED = TutorInterviewed(tutor_id=TUTOR_ID)
TRAINED = TutorTrained(tutor_id=TUTOR_ID, course="tutors-basic", hours=12)
VETTED = VettingRecorded(tutor_id=TUTOR_ID, outcome=VettingOutcome.PASSED, valid_until=YEAR_END)
INSURED = InsuranceRecorded(tutor_id=TUTOR_ID, valid_from=date(2021, 1, 1), valid_until=YEAR_END, kept_by="ciac")
APPROVED = TutorApproved(tutor_id=TUTOR_ID, approved_on=TODAY, valid_until=YEAR_END)
READY: list[TutorEvent] = [REGISTERED, INTERVIEWED, TRAINED, VETTED, INSURED]
"""Everything that an approval asks for."""
ASSIGNABLE: list[TutorEvent] = [*READY, APPROVED]

REQUESTED = TutorRequested(
    request_id=REQUEST_ID,
    beneficiary_id=BENEFICIARY_ID,
    pathway_id=PATHWAY_ID,
    episode=1,
    organisation="ciac",
    territory="PR",
    municipality="034027",
    plan_version=1,
)
OPEN: list[RequestEvent] = [REQUESTED]

MATCH_ID = UUID("88888888-8888-4888-8888-888888888888")
PROPOSED = MatchProposed(
    match_id=MATCH_ID,
    request_id=REQUEST_ID,
    beneficiary_id=BENEFICIARY_ID,
    tutor_id=TUTOR_ID,
    origin=MatchOrigin.MATCHING,
    proposed_on=TODAY,
    policy_version="2020-06",
    score=4250,
    continuity=0,
)


def accepted(by: Accepting, *, met_on: date = TODAY, on: date = TODAY) -> MatchAccepted:
    """Return the acceptance of the match that was proposed."""
    return MatchAccepted(
        match_id=MATCH_ID,
        request_id=REQUEST_ID,
        beneficiary_id=BENEFICIARY_ID,
        tutor_id=TUTOR_ID,
        by=by,
        first_meeting_on=met_on,
        accepted_on=on,
    )


AGREED: list[RequestEvent] = [REQUESTED, PROPOSED, accepted(MatchParty.TUTOR), accepted(MatchParty.BENEFICIARY)]
"""A request with a match that both accepted."""

ASSIGNED = TutorAssigned(
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
RUNNING: list[AssignmentEvent] = [ASSIGNED]

MEET = LogMeeting(
    meeting_id=MEETING_ID,
    held_on=after(3),
    today=after(5),
    duration_minutes=90,
    kind=MeetingKind.IN_PERSON,
    took_place=True,
    notes="Al mercato.",
)


def met(day: date, meeting_id: UUID = MEETING_ID, kind: MeetingKind = MeetingKind.IN_PERSON) -> MeetingLogged:
    """Return a meeting that took place on a day."""
    return MeetingLogged(
        assignment_id=ASSIGNMENT_ID,
        beneficiary_id=BENEFICIARY_ID,
        meeting_id=meeting_id,
        held_on=day,
        duration_minutes=90,
        kind=kind,
        took_place=True,
    )


def meeting_on(day: date, *, today: date | None = None) -> LogMeeting:
    """Return the command to log a meeting of a day, entered on that day or later."""
    return replace(MEET, held_on=day, today=today or day)
