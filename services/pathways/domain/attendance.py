"""Who came to a group activity, as it stands on the person's pathway: once for each activity, replaced where it was wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from contracts.activities import AttendanceRecorded
from contracts.errors import Invalid
from services.pathways.domain.course import Attendance
from services.pathways.domain.refusals import AttendanceRecordedAlready, NotRecorded

if TYPE_CHECKING:
    from uuid import UUID

    from services.pathways.domain.course import Course


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAttendance:
    """Record that the person was at an activity, or was expected and was not."""

    attendance_id: UUID
    activity_id: UUID
    attended: bool
    minutes: int
    corrects: UUID | None = None


def decide_attendance(command: RecordAttendance, course: Course) -> list[AttendanceRecorded]:
    """Return the attendance. That the activity took place, and for how long, is decided on its own stream in the same append."""
    course.check_new(command.attendance_id)
    if command.attended != (command.minutes > 0):
        raise Invalid("who was there was there for some minutes, and who was not for none")
    standing = _standing(course, command.activity_id)
    if command.corrects is None and standing is not None:
        raise AttendanceRecordedAlready(standing)
    if command.corrects is not None and command.corrects != standing:
        raise NotRecorded("attendance of this activity")
    return [
        AttendanceRecorded(
            **course.of,
            attendance_id=command.attendance_id,
            activity_id=command.activity_id,
            attended=command.attended,
            minutes=command.minutes,
            corrects=command.corrects,
        )
    ]


def evolve_attendance(course: Course, event: AttendanceRecorded) -> Course:
    """Return the course with the attendance, in the place of the one that it corrects."""
    attendances = {key: one for key, one in course.attendances.items() if key != event.corrects}
    attendances[event.attendance_id] = Attendance(event.activity_id, event.attended, event.minutes)
    return replace(course, ids=course.ids | {event.attendance_id}, attendances=attendances)


def _standing(course: Course, activity_id: UUID) -> UUID | None:
    return next((key for key, one in course.attendances.items() if one.activity_id == activity_id), None)
