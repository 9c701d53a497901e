"""What is given to the person: a tutor's support, as the tutors service told it; services, activities; support within its grant."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, assert_never

from contracts.activities import AttendanceRecorded
from contracts.budget import SupportReturned
from contracts.pathway_values import Reserved
from contracts.pathways import ServiceDelivered, SupportGranted, SupportPaid, TutorSupportEnded, TutorSupportStarted
from services.pathways.domain.attendance import RecordAttendance, decide_attendance, evolve_attendance
from services.pathways.domain.commands import EndTutorSupport, StartTutorSupport
from services.pathways.domain.course import Assignment, Grant
from services.pathways.domain.refusals import AlreadyRecorded, GrantExceeded, GrantOfAnother, NotRecorded, ReturnExceeded
from services.pathways.domain.support_commands import DeliverService, GrantSupport, PaySupport, ReturnSupport

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from services.pathways.domain.commands import Support, Tutoring
    from services.pathways.domain.course import Course
    from services.pathways.domain.methodology import Methodology

Tutored: TypeAlias = TutorSupportStarted | TutorSupportEnded
Supported: TypeAlias = ServiceDelivered | SupportGranted | SupportPaid | SupportReturned | AttendanceRecorded


def decide_tutoring(command: Tutoring, course: Course) -> list[Tutored]:
    """Return the tutor's support as it began or ended."""
    key = command.assignment_id
    match command:
        case StartTutorSupport():
            if key in course.assignments:
                raise AlreadyRecorded
            return [TutorSupportStarted(**course.of, assignment_id=key, tutor_id=command.tutor_id)]
        case EndTutorSupport():
            assignment = course.assignments.get(key)
            if assignment is None or assignment.ended:
                raise NotRecorded("running assignment")
            return [TutorSupportEnded(**course.of, assignment_id=key, tutor_id=assignment.tutor_id, reason=command.reason)]
        case _:
            assert_never(command)


def end_all_support(course: Course) -> list[Tutored]:
    """Return the ends of all support that still runs, for a pathway that closes."""
    return [
        TutorSupportEnded(**course.of, assignment_id=key, tutor_id=assignment.tutor_id, reason="pathway-closed")
        for key, assignment in course.assignments.items()
        if not assignment.ended
    ]


def evolve_tutored(course: Course, event: Tutored) -> Course:
    """Return the course with the assignment as it stands now."""
    ended = isinstance(event, TutorSupportEnded)
    return replace(course, assignments={**course.assignments, event.assignment_id: Assignment(event.tutor_id, ended)})


def decide_support(command: Support, course: Course, methodology: Methodology) -> Sequence[Supported]:
    """Return what was delivered, granted or paid."""
    match command:
        case DeliverService():
            return [_deliver(command, course, methodology)]
        case GrantSupport():
            return [_grant(command, course, methodology)]
        case PaySupport():
            return [_pay(command, course)]
        case ReturnSupport():
            return [_return(command, course)]
        case RecordAttendance():
            return decide_attendance(command, course)
        case _:
            assert_never(command)


def evolve_supported(course: Course, event: Supported) -> Course:
    """Return the course with the service, grant or payment in it."""
    match event:
        case ServiceDelivered():
            return replace(course, ids=course.ids | {event.service_id})
        case SupportGranted():
            grant = Grant(event.kind, event.amount_cents, event.budget_line, event.programme, course.organisation)
            return replace(course, ids=course.ids | {event.grant_id}, grants={**course.grants, event.grant_id: grant})
        case SupportPaid():
            grant = course.grants[event.grant_id]
            paid = replace(grant, paid_cents=grant.paid_cents + event.amount_cents)
            return replace(course, ids=course.ids | {event.payment_id}, grants={**course.grants, event.grant_id: paid})
        case SupportReturned():
            grant = course.grants[event.grant_id]
            returned = replace(grant, returned_cents=grant.returned_cents + event.amount_cents)
            return replace(course, ids=course.ids | {event.return_id}, grants={**course.grants, event.grant_id: returned})
        case AttendanceRecorded():
            return evolve_attendance(course, event)
        case _:
            assert_never(event)


def _deliver(command: DeliverService, course: Course, methodology: Methodology) -> ServiceDelivered:
    course.check_new(command.service_id)
    kind = methodology.service_kind(command.kind)
    area = methodology.area(kind.area)
    return ServiceDelivered(
        **course.of,
        service_id=command.service_id,
        dimension=area.dimension,
        kind=None if area.sensitive else kind.code,
        minutes=command.minutes,
        mediated=command.mediated,
        programme=command.programme,
        reserved=Reserved(area=area.code, code=kind.code, text=command.notes) if area.sensitive else None,
        notes=None if area.sensitive else command.notes,
    )


def _grant(command: GrantSupport, course: Course, methodology: Methodology) -> SupportGranted:
    course.check_new(command.grant_id)
    return SupportGranted(
        **course.of,
        grant_id=command.grant_id,
        kind=methodology.support_kind(command.kind).code,
        amount_cents=command.amount_cents,
        budget_line=command.budget_line,
        programme=command.programme,
    )


def _pay(command: PaySupport, course: Course) -> SupportPaid:
    course.check_new(command.payment_id)
    grant = _own_grant(course, command.grant_id)
    left = grant.amount_cents - grant.paid_cents
    if command.amount_cents > left:
        raise GrantExceeded(left)
    return SupportPaid(
        **course.of,
        payment_id=command.payment_id,
        grant_id=command.grant_id,
        kind=grant.kind,
        amount_cents=command.amount_cents,
        budget_line=grant.budget_line,
        programme=grant.programme,
        receipt=command.receipt,
    )


def _return(command: ReturnSupport, course: Course) -> SupportReturned:
    course.check_new(command.return_id)
    grant = _own_grant(course, command.grant_id)
    left = grant.paid_cents - grant.returned_cents
    if command.amount_cents > left:
        raise ReturnExceeded(left)
    return SupportReturned(
        **course.of,
        return_id=command.return_id,
        grant_id=command.grant_id,
        kind=grant.kind,
        amount_cents=command.amount_cents,
        budget_line=grant.budget_line,
        programme=grant.programme,
        receipt=command.receipt,
    )


def _own_grant(course: Course, grant_id: UUID) -> Grant:
    grant = course.grants.get(grant_id)
    if grant is None:
        raise NotRecorded("grant")
    if grant.organisation != course.organisation:
        raise GrantOfAnother
    return grant
