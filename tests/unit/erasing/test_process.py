"""The erasure of a beneficiary's and of a tutor's personal data, decided: given, when, then. Invariant I7."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from contracts.erasure import (
    ErasureApproved,
    ErasureCompleted,
    ErasureDeferred,
    ErasureRequested,
    PersonalDataErased,
    TutorErasureApproved,
    TutorErasureRequested,
)
from contracts.erasure_codes import DeferralGround, Holder, RequestedBy
from contracts.errors import Invalid, Unknown
from contracts.tutor_codes import RetirementReason
from contracts.tutors import TutorRetired
from services._runtime.erasing.commands import ApproveErasure, DeferErasure, NoteErased, RequestErasure
from services._runtime.erasing.process import (
    Done,
    ErasureAlreadyRequested,
    ErasureIsDeferred,
    ErasureNotRequested,
    LegalHold,
    SecondPersonNeeded,
    StillNeeded,
)
from services._runtime.ids import new_event_id
from services._runtime.store.keyring import SubjectErased
from services.intake.app.deciders import PERSON
from services.intake.domain.commands import AddNote, ReadmitBeneficiary
from services.tutors.app.deciders import TUTOR
from services.tutors.domain.tutor_commands import FreeCapacity
from tests.support.given import given
from tests.unit.intake.examples import ENROLLED, EXITED, GIVE_NOTICE, NOTICE, ON, PERSON_ID
from tests.unit.tutors.cases import ASSIGNMENT_ID, REGISTERED, TUTOR_ID

if TYPE_CHECKING:
    from contracts.event import Event

LATER = ON + timedelta(days=90)
REQUEST = RequestErasure(subject_id=PERSON_ID, by=RequestedBy.PERSON, actor="worker-1", reason="Lo chiede.")
APPROVE = ApproveErasure(subject_id=PERSON_ID, actor="officer-1", on=ON)
DEFER = DeferErasure(subject_id=PERSON_ID, ground=DeferralGround.LEGAL_CLAIMS, until=LATER, on=ON, reason="Una causa.")

REQUESTED = ErasureRequested(beneficiary_id=PERSON_ID, by=RequestedBy.PERSON, requested_by="worker-1", reason="Lo chiede.")
DEFERRED = ErasureDeferred(beneficiary_id=PERSON_ID, ground=DeferralGround.LEGAL_CLAIMS, until=LATER, reason="Una causa.")
APPROVED = ErasureApproved(beneficiary_id=PERSON_ID)
LEFT: list[Event] = [NOTICE, ENROLLED, EXITED]
ACKNOWLEDGEMENT = new_event_id()

person, tutor = given(PERSON), given(TUTOR)


def erased(service: Holder, expires: date = LATER) -> PersonalDataErased:
    """Return that a service has acknowledged."""
    return PersonalDataErased(beneficiary_id=PERSON_ID, service=service, acknowledgement=ACKNOWLEDGEMENT, key_backups_expire_on=expires)


def noted(service: Holder, expires: date = LATER) -> NoteErased:
    """Return the command that says so."""
    return NoteErased(subject_id=PERSON_ID, service=service, acknowledgement=ACKNOWLEDGEMENT, key_backups_expire_on=expires)


@pytest.mark.parametrize("history", [[NOTICE], [NOTICE, ENROLLED], LEFT], ids=["informed", "in care", "left"])
def test_anybody_of_whom_something_is_recorded_may_ask(history: list[Event]) -> None:
    """Care that goes on is no reason not to ask."""
    person(history).when(REQUEST).then([REQUESTED])


def test_there_is_nothing_to_erase_of_somebody_unknown() -> None:
    for command in (REQUEST, DEFER, APPROVE, noted(Holder.INTAKE)):
        person([]).when(command).refused(Unknown)


def test_a_request_twice_is_one_request() -> None:
    person([*LEFT, REQUESTED]).when(REQUEST).refused(ErasureAlreadyRequested)
    person([*LEFT, REQUESTED, DEFERRED]).when(REQUEST).refused(ErasureAlreadyRequested)


def test_a_second_person_approves_and_whoever_asked_does_not() -> None:
    """I7: nobody destroys alone."""
    asked = person([*LEFT, REQUESTED])
    asked.when(APPROVE).then([APPROVED])
    asked.when(ApproveErasure(subject_id=PERSON_ID, actor="worker-1", on=ON)).refused(SecondPersonNeeded)
    deferred = person([*LEFT, REQUESTED, DEFERRED])
    deferred.when(ApproveErasure(subject_id=PERSON_ID, actor="worker-1", on=LATER + timedelta(days=1))).refused(SecondPersonNeeded)


def test_nothing_is_approved_or_deferred_that_nobody_asked_for() -> None:
    person(LEFT).when(APPROVE).refused(ErasureNotRequested)
    person(LEFT).when(DEFER).refused(ErasureNotRequested)
    person(LEFT).when(noted(Holder.INTAKE)).refused(ErasureNotRequested)


def test_a_deferral_has_a_ground_and_a_day_and_ends_with_it() -> None:
    """Up to and including its last day nothing is approved; a newer deferral counts."""
    person([*LEFT, REQUESTED]).when(DEFER).then([DEFERRED])
    deferred = person([*LEFT, REQUESTED, DEFERRED])
    deferred.when(ApproveErasure(subject_id=PERSON_ID, actor="officer-1", on=LATER)).refused(ErasureIsDeferred)
    deferred.when(ApproveErasure(subject_id=PERSON_ID, actor="officer-1", on=LATER + timedelta(days=1))).then([APPROVED])
    person([*LEFT, REQUESTED]).when(DeferErasure(subject_id=PERSON_ID, ground=DEFER.ground, until=ON, on=ON)).refused(Invalid)
    sooner = DEFERRED.model_copy(update={"until": ON + timedelta(days=2)})
    again = person([*LEFT, REQUESTED, DEFERRED, sooner])
    again.when(ApproveErasure(subject_id=PERSON_ID, actor="officer-1", on=ON + timedelta(days=3))).then([APPROVED])


def test_nobody_is_erased_while_care_goes_on() -> None:
    """GDPR art. 17(1)(a): the data are necessary still."""
    person([NOTICE, ENROLLED, REQUESTED]).when(APPROVE).refused(StillNeeded)
    person([NOTICE, REQUESTED]).when(APPROVE).then([APPROVED])


def test_after_the_approval_nothing_more_is_recorded_of_the_person() -> None:
    """I7: neither care, nor facts, nor a new request; what is erased cannot be edited."""
    gone = person([*LEFT, REQUESTED, APPROVED])
    readmit = ReadmitBeneficiary(beneficiary_id=PERSON_ID, organisation="ciac", territory="PR", municipality=None)
    for command in (GIVE_NOTICE, readmit, AddNote(beneficiary_id=PERSON_ID, text="Una nota."), REQUEST, DEFER, APPROVE):
        gone.when(command).refused(SubjectErased)


def test_it_is_complete_when_every_service_has_acknowledged_and_not_before() -> None:
    """I7: the certificate names the last day on which any key of the person is in a backup."""
    history: list[Event] = [*LEFT, REQUESTED, APPROVED]
    for service, expires in zip(list(Holder)[:-1], (LATER, LATER + timedelta(days=9), LATER), strict=True):
        person(history).when(noted(service, expires)).then([erased(service, expires)])
        history.append(erased(service, expires))
        person(history).when(noted(service, expires)).then([])
    last = list(Holder)[-1]
    completed = ErasureCompleted(beneficiary_id=PERSON_ID, key_backups_expire_on=LATER + timedelta(days=9))
    state = person(history).when(noted(last)).then([erased(last), completed])
    assert state.erasure == Done(LATER + timedelta(days=9))
    for service in Holder:
        person([*history, erased(last), completed]).when(noted(service)).then([])
    person([*history, erased(last), completed]).when(REQUEST).refused(SubjectErased)


def test_a_tutor_is_erased_when_off_the_register_and_the_law_holds_the_entries_no_longer() -> None:
    """D.Lgs. 117/2017 art. 17: the register's entries stay as long as the law demands them."""
    asked = TutorErasureRequested(tutor_id=TUTOR_ID, by=RequestedBy.PERSON, requested_by="worker-1")
    retired = TutorRetired(tutor_id=TUTOR_ID, reason=RetirementReason.MOVED)
    approve = ApproveErasure(subject_id=TUTOR_ID, actor="officer-1", on=ON, held_until=ON)
    tutor([REGISTERED, asked]).when(approve).refused(StillNeeded)
    tutor([REGISTERED, retired, asked]).when(approve).refused(LegalHold, on_record=[ON])
    free = ApproveErasure(subject_id=TUTOR_ID, actor="officer-1", on=ON, held_until=ON - timedelta(days=1))
    tutor([REGISTERED, retired, asked]).when(free).then([TutorErasureApproved(tutor_id=TUTOR_ID)])
    gone = tutor([REGISTERED, retired, asked, TutorErasureApproved(tutor_id=TUTOR_ID)])
    gone.when(FreeCapacity(assignment_id=ASSIGNMENT_ID)).refused(SubjectErased)
