"""The service's own lists, folded from its facts."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from contracts.assignments import AssignmentEnded, ConnectionIntroduced, MeetingCorrected, SilenceNoticed
from contracts.tutor_codes import ConnectionKind, EndReason, LapseReason, RetirementReason, SilenceKind, SuspensionReason, WithdrawalReason
from contracts.tutor_requests import RequestMet, RequestPrecluded, RequestReopened, RequestWithdrawn
from contracts.tutors import AvailabilityChanged, CapacityFreed, CapacityTaken, TutorApprovalLapsed, TutorRetired, TutorSuspended
from services._runtime.projecting.memory import MemoryRows
from services._runtime.projecting.runner import Runner
from services.tutors.projections.assignments import ASSIGNMENTS, AssignmentRow, AssignmentStatus, assignments_of
from services.tutors.projections.tutor_requests import TUTOR_REQUESTS, RequestRow, RequestStatus, requests_of
from services.tutors.projections.tutors import TUTORS, TutorRow, TutorStatus, tutors_of
from tests.support.read_models import ListSource, feed_of, given, happened
from tests.unit.tutors.cases import (
    ASSIGNABLE,
    ASSIGNED,
    ASSIGNMENT_ID,
    BENEFICIARY_ID,
    MEETING_ID,
    OTHER_ASSIGNMENT,
    PATHWAY_ID,
    REGISTERED,
    REQUEST_ID,
    REQUESTED,
    TUTOR_ID,
    YEAR_END,
    after,
    met,
)
from tests.unit.tutors.test_handing_over import HANDED
from tests.unit.tutors.test_joined import JOINED, PARTED, SURVIVOR

if TYPE_CHECKING:
    from contracts.event import Event
    from services._runtime.projecting.model import ReadModel

TAKEN = CapacityTaken(tutor_id=TUTOR_ID, assignment_id=ASSIGNMENT_ID)
FREED = CapacityFreed(tutor_id=TUTOR_ID, assignment_id=ASSIGNMENT_ID)
MET = RequestMet(request_id=REQUEST_ID, beneficiary_id=BENEFICIARY_ID, assignment_id=ASSIGNMENT_ID, tutor_id=TUTOR_ID)
ENDED = AssignmentEnded(
    assignment_id=ASSIGNMENT_ID,
    request_id=REQUEST_ID,
    tutor_id=TUTOR_ID,
    beneficiary_id=BENEFICIARY_ID,
    pathway_id=PATHWAY_ID,
    episode=1,
    ended_on=after(60),
    reason=EndReason.CONCLUDED,
)
SILENT = SilenceNoticed(
    assignment_id=ASSIGNMENT_ID,
    beneficiary_id=BENEFICIARY_ID,
    tutor_id=TUTOR_ID,
    kind=SilenceKind.CONTACT,
    since=after(3),
    days=14,
    policy_version="2020-06",
)


def tutor_row(*events: Event) -> TutorRow:
    row = given(*events, source="tutors").then(TUTORS).row(TUTOR_ID)
    assert row is not None
    return row


def assignment_row(*events: Event) -> AssignmentRow:
    row = given(*events, source="tutors").then(ASSIGNMENTS).row(ASSIGNMENT_ID)
    assert row is not None
    return row


def request_row(*events: Event) -> RequestRow | None:
    return given(*events, source="tutors").then(TUTOR_REQUESTS).row(REQUEST_ID)


def test_a_registered_tutor_is_listed_without_a_name() -> None:
    row = tutor_row(REGISTERED)
    assert (row.status, row.capacity, row.taken, row.interviewed) == (TutorStatus.REGISTERED, 1, 0, False)
    assert not hasattr(row, "name")


def test_an_approved_tutor_shows_until_when_and_how_many_places_are_taken() -> None:
    row = tutor_row(*ASSIGNABLE, TAKEN)
    assert (row.status, row.approval_valid_until, row.insured_until, row.taken) == (TutorStatus.APPROVED, YEAR_END, YEAR_END, 1)
    assert (row.interviewed, row.trainings, row.vetting_valid_until) == (True, 1, YEAR_END)
    assert tutor_row(*ASSIGNABLE, TAKEN, FREED).taken == 0


def test_what_ends_an_approval_shows_in_the_list() -> None:
    lapsed = TutorApprovalLapsed(tutor_id=TUTOR_ID, reason=LapseReason.VETTING_EXPIRED, lapsed_on=date(2022, 1, 1))
    suspended = TutorSuspended(tutor_id=TUTOR_ID, reason=SuspensionReason.TUTOR_ASKED)
    retired = TutorRetired(tutor_id=TUTOR_ID, reason=RetirementReason.MOVED)
    statuses = [tutor_row(*ASSIGNABLE, event).status for event in (lapsed, suspended, retired)]
    assert statuses == [TutorStatus.REGISTERED, TutorStatus.SUSPENDED, TutorStatus.RETIRED]
    assert all(tutor_row(*ASSIGNABLE, event).approval_valid_until is None for event in (lapsed, suspended, retired))


def test_availability_shows_in_the_list() -> None:
    row = tutor_row(*ASSIGNABLE, AvailabilityChanged(tutor_id=TUTOR_ID, capacity=4, available=False))
    assert (row.capacity, row.available) == (4, False)


def test_a_request_is_listed_from_its_opening_to_its_withdrawal() -> None:
    reopened = RequestReopened(request_id=REQUEST_ID, beneficiary_id=BENEFICIARY_ID, assignment_id=ASSIGNMENT_ID)
    withdrawn = RequestWithdrawn(request_id=REQUEST_ID, beneficiary_id=BENEFICIARY_ID, reason=WithdrawalReason.NO_LONGER_WANTED)
    rows = [request_row(*events) for events in ([REQUESTED], [REQUESTED, MET], [REQUESTED, MET, reopened], [REQUESTED, withdrawn])]
    assert [row.status for row in rows if row] == [RequestStatus.OPEN, RequestStatus.MET, RequestStatus.OPEN, RequestStatus.WITHDRAWN]
    assert [row.assignment_id for row in rows if row] == [None, ASSIGNMENT_ID, None, None]


def test_a_request_waits_since_the_day_it_came_to_its_status() -> None:
    rows = given(happened(REQUESTED, occurred_on=after(0)), happened(MET, occurred_on=after(9)), source="tutors").then(TUTOR_REQUESTS)
    row = rows.row(REQUEST_ID)
    assert row is not None
    assert row.since == after(9)


def test_who_exited_without_asking_is_not_listed() -> None:
    precluded = RequestPrecluded(
        request_id=REQUEST_ID, beneficiary_id=BENEFICIARY_ID, pathway_id=PATHWAY_ID, episode=1, organisation="ciac", territory="PR"
    )
    assert request_row(precluded) is None


def test_a_request_tells_which_record_goes_on_also_where_that_was_decided_before_anybody_asked() -> None:
    """It is listed once somebody asks; a transfer meanwhile takes it along."""
    rows = [request_row(*events) for events in ([REQUESTED, JOINED], [JOINED, REQUESTED], [REQUESTED, JOINED, PARTED], [PARTED, REQUESTED])]
    assert [(row.goes_on_under, row.asked) for row in rows if row] == [(SURVIVOR, True), (SURVIVOR, True), (None, True), (None, True)]
    row = request_row(JOINED, HANDED)
    assert row is not None
    assert (row.asked, row.organisation, row.goes_on_under) == (False, "cidas", SURVIVOR)


def test_an_assignment_counts_the_meetings_that_took_place_as_last_corrected() -> None:
    second = met(after(10), OTHER_ASSIGNMENT)
    corrected = MeetingCorrected(**{**met(after(4)).model_dump(exclude={"late_entry"}), "duration_minutes": 30})
    missed = MeetingCorrected(**{**second.model_dump(exclude={"late_entry"}), "duration_minutes": 0, "took_place": False})
    row = assignment_row(ASSIGNED, met(after(3), MEETING_ID), second, corrected)
    assert (len(row.took_place), sum(mark.minutes for mark in row.took_place), row.last_contact) == (2, 120, after(10))
    row = assignment_row(ASSIGNED, met(after(3), MEETING_ID), second, corrected, missed)
    assert (len(row.took_place), row.last_contact) == (1, after(4))


def test_a_silence_shows_until_they_meet_again() -> None:
    assert assignment_row(ASSIGNED, met(after(3)), SILENT).silent_since == after(3)
    assert assignment_row(ASSIGNED, met(after(3)), SILENT, met(after(20), OTHER_ASSIGNMENT)).silent_since is None
    assert assignment_row(ASSIGNED, met(after(3)), SILENT, met(after(2), OTHER_ASSIGNMENT)).silent_since == after(3)


def test_an_ended_assignment_keeps_its_meetings_and_connections() -> None:
    introduced = ConnectionIntroduced(
        assignment_id=ASSIGNMENT_ID,
        beneficiary_id=BENEFICIARY_ID,
        connection_id=OTHER_ASSIGNMENT,
        kind=ConnectionKind.EMPLOYER,
        introduced_on=after(5),
    )
    row = assignment_row(ASSIGNED, met(after(3)), introduced, SILENT, ENDED)
    assert (row.status, row.ended_on, len(row.meetings), row.connections) == (AssignmentStatus.ENDED, after(60), 1, 1)
    assert row.silent_since is None


@pytest.mark.parametrize(
    ("model", "event"), [(TUTORS, TAKEN), (TUTOR_REQUESTS, MET), (ASSIGNMENTS, ENDED)], ids=["tutors", "requests", "assignments"]
)
def test_a_stream_without_its_beginning_stops_the_list(model: ReadModel[Any], event: Event) -> None:
    with pytest.raises(AssertionError, match="cannot fold"):
        given(event, source="tutors").then(model)


async def test_lists_are_filtered_by_organisation_and_paged() -> None:
    """I8: a list never holds another organisation's rows."""
    elsewhere = REGISTERED.model_copy(update={"tutor_id": OTHER_ASSIGNMENT, "organisation": "cidas"})
    source = ListSource(
        feed_of("tutors", [*ASSIGNABLE, elsewhere, REQUESTED, JOINED.model_copy(update={"request_id": OTHER_ASSIGNMENT}), ASSIGNED])
    )
    rows = MemoryRows()
    runner = Runner([TUTORS, TUTOR_REQUESTS, ASSIGNMENTS], source, rows)
    while await runner.step():
        pass
    tutors = await rows.rows(TUTORS, tutors_of("ciac", after=None, limit=10))
    assert ([row.tutor_id for row in tutors.value], tutors.position) == ([TUTOR_ID], await source.head())
    assert (await rows.rows(TUTORS, tutors_of("ciac", {"status": TutorStatus.SUSPENDED}, after=None, limit=10))).value == ()
    assert (await rows.rows(TUTORS, tutors_of("ciac", after=(TUTOR_ID,), limit=10))).value == ()
    requests = await rows.rows(TUTOR_REQUESTS, requests_of("ciac", {"status": RequestStatus.OPEN, "territory": "PR"}, after=None, limit=10))
    assert [row.request_id for row in requests.value] == [REQUEST_ID]
    of_nobody = requests_of("ciac", {"beneficiary_id": OTHER_ASSIGNMENT}, after=None, limit=10)
    assert (await rows.rows(TUTOR_REQUESTS, of_nobody)).value == ()
    assert (await rows.rows(TUTOR_REQUESTS, requests_of("cidas", {}, after=None, limit=10))).value == ()
    assignments = await rows.rows(
        ASSIGNMENTS, assignments_of({"organisation": "ciac"}, {"tutor_id": TUTOR_ID, "status": None}, after=None, limit=10)
    )
    assert [row.assignment_id for row in assignments.value] == [ASSIGNMENT_ID]
