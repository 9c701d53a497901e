"""Group activities and who came to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from contracts.activities import ActivityHeld, AttendanceRecorded
from contracts.errors import Invalid, Unknown
from services.pathways.app.activities import activity_decider
from services.pathways.domain.activity import (
    ActivityHeldAlready,
    ActivityOfSensitiveArea,
    AttendActivity,
    AttendanceTooLong,
    HoldActivity,
)
from services.pathways.domain.attendance import RecordAttendance
from services.pathways.domain.commands import SuspendPathway
from services.pathways.domain.course import Attendance
from services.pathways.domain.pathway import Open
from services.pathways.domain.refusals import (
    AlreadyRecorded,
    AttendanceRecordedAlready,
    NotInMethodology,
    NotRecorded,
    PathwayIsSuspended,
)
from services.pathways.projections.activity_list import ACTIVITY_LIST, ActivityRow
from tests.support.given import given
from tests.support.read_models import given as recorded
from tests.support.read_models import happened
from tests.unit.pathways.cases import IDS, METHODOLOGIES, OPEN, PATHWAYS, an_id, history

ACTIVITY = an_id("activity")
ACTIVITIES = given(activity_decider(METHODOLOGIES))
HOLD = HoldActivity(activity_id=ACTIVITY, organisation="ciac", territory="PR", kind="group-activity", minutes=120)
HELD = ActivityHeld(
    activity_id=ACTIVITY,
    organisation="ciac",
    territory="PR",
    kind="group-activity",
    dimension="socio-relational",
    minutes=120,
    methodology_version="1.0",
)
CAME = RecordAttendance(attendance_id=an_id("came"), activity_id=ACTIVITY, attended=True, minutes=90)
CORRECTED = RecordAttendance(attendance_id=an_id("corrected"), activity_id=ACTIVITY, attended=False, minutes=0, corrects=an_id("came"))


def test_an_activity_is_held_once_and_is_of_the_catalogue() -> None:
    """Nobody is named on it."""
    ACTIVITIES([]).when(HOLD).then([HELD])
    ACTIVITIES([HELD]).when(HOLD).refused(ActivityHeldAlready)
    ACTIVITIES([]).when(replace(HOLD, kind="massage")).refused(NotInMethodology)
    assert HELD.personal_fields == {}


def test_no_activity_is_of_a_sensitive_area() -> None:
    """I6: to have been at one would tell why; as a service on the person's pathway its kind is sealed."""
    ACTIVITIES([]).when(replace(HOLD, kind="psychological-support")).refused(ActivityOfSensitiveArea)


def test_whoever_came_came_to_an_activity_that_was_held_and_for_no_longer() -> None:
    """An attendance is decided on the activity's own stream, too."""
    ACTIVITIES([HELD]).when(AttendActivity(activity_id=ACTIVITY, minutes=120)).then([])
    ACTIVITIES([HELD]).when(AttendActivity(activity_id=ACTIVITY, minutes=121)).refused(AttendanceTooLong)
    ACTIVITIES([]).when(AttendActivity(activity_id=ACTIVITY, minutes=10)).refused(Unknown)


def test_an_attendance_is_recorded_once_for_an_activity() -> None:
    """Whether they were there, and for how long."""
    came = AttendanceRecorded(**IDS, attendance_id=CAME.attendance_id, activity_id=ACTIVITY, attended=True, minutes=90)
    PATHWAYS(history(OPEN)).when(CAME).then([came])
    PATHWAYS(history(OPEN, CAME)).when(replace(CAME, attendance_id=an_id("again"))).refused(AttendanceRecordedAlready)
    PATHWAYS(history(OPEN, CAME)).when(CAME).refused(AlreadyRecorded)
    PATHWAYS(history(OPEN, CAME)).when(replace(CAME, attendance_id=an_id("elsewhere"), activity_id=an_id("another"))).then_types(
        AttendanceRecorded
    )


def test_a_wrong_attendance_is_replaced_by_a_new_record_and_counts_no_longer() -> None:
    """Nothing is edited: the first record stays in the history."""
    state = PATHWAYS(history(OPEN, CAME, CORRECTED)).state()
    assert isinstance(state, Open)
    assert state.course.attendances == {CORRECTED.attendance_id: Attendance(ACTIVITY, attended=False, minutes=0)}
    late = replace(CORRECTED, attendance_id=an_id("late"))
    PATHWAYS(history(OPEN, CAME, CORRECTED)).when(late).refused(NotRecorded)
    PATHWAYS(history(OPEN, CAME)).when(replace(CORRECTED, activity_id=an_id("another"))).refused(NotRecorded)


def test_who_was_there_was_there_for_some_minutes_and_who_was_not_for_none() -> None:
    """A record that contradicts itself is none."""
    PATHWAYS(history(OPEN)).when(replace(CAME, minutes=0)).refused(Invalid)
    PATHWAYS(history(OPEN)).when(replace(CAME, attended=False)).refused(Invalid)


def test_a_pathway_that_rests_takes_no_attendance() -> None:
    """Whoever comes has come back: resume it first."""
    PATHWAYS(history(OPEN, SuspendPathway(reason_code="other"))).when(CAME).refused(PathwayIsSuspended)


def test_the_list_holds_each_activity_with_its_day() -> None:
    """A worker finds there what to record an attendance of."""
    row = recorded(happened(HELD, occurred_on=date(2021, 5, 4)), source="pathways").then(ACTIVITY_LIST).row(ACTIVITY)
    assert row == ActivityRow(ACTIVITY, "ciac", "PR", "group-activity", 120, date(2021, 5, 4))
