"""A document's validity, given/when/then: when it is reminded of, when it is not, and its renewal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from contracts.documents import DocumentExpiring, DocumentRenewalRequested
from contracts.event import Event
from contracts.intake import DocumentRecorded
from contracts.intake_codes import DocumentKind
from services._runtime.ids import new_id
from services.intake.app.deciders import CARE
from services.intake.domain.beneficiary import NotEnrolled
from services.intake.domain.document_commands import RemindOfExpiry, RequestRenewal
from services.intake.domain.documents import RenewalPending, UnknownDocument, reminder_days
from services.intake.domain.person import InCare
from tests.support.given import given
from tests.unit.intake.examples import DOCUMENT_ID, ENROLLED, EXITED, NOTICE, PERSON_ID, READMITTED

LAST = date(2022, 3, 31)
PERMIT = DocumentRecorded(beneficiary_id=PERSON_ID, document_id=DOCUMENT_ID, kind=DocumentKind.RESIDENCE_PERMIT, expires_on=LAST)
RENEWED = PERMIT.model_copy(update={"expires_on": date(2024, 3, 31)})
RENEW = RequestRenewal(beneficiary_id=PERSON_ID, document_id=DOCUMENT_ID, receipt_on=date(2022, 1, 10), receipt_number="R1")
PENDING = DocumentRenewalRequested(beneficiary_id=PERSON_ID, document_id=DOCUMENT_ID, receipt_on=date(2022, 1, 10), receipt_number="R1")
IN_CARE: list[Event] = [NOTICE, ENROLLED, PERMIT]
given_person = given(CARE)


def _remind(left: int) -> RemindOfExpiry:
    return RemindOfExpiry(beneficiary_id=PERSON_ID, on=LAST - timedelta(days=left))


def _told(ahead: int) -> DocumentExpiring:
    return DocumentExpiring(beneficiary_id=PERSON_ID, document_id=DOCUMENT_ID, days_ahead=ahead)


@pytest.mark.parametrize(("left", "ahead"), [(90, 90), (89, 90), (31, 90), (30, 30), (8, 30), (7, 7), (1, 7), (0, 7)])
def test_it_is_reminded_of_ninety_thirty_and_seven_days_ahead(left: int, ahead: int) -> None:
    """A reminder that comes late is the one that fits the day on which it comes."""
    given_person(IN_CARE).when(_remind(left)).then([_told(ahead)])


@pytest.mark.parametrize("left", [91, 400, -1])
def test_it_is_not_reminded_of_earlier_or_once_it_has_expired(left: int) -> None:
    """There is nothing to be done, or nothing more."""
    given_person(IN_CARE).when(_remind(left)).then([])


def test_each_reminder_is_given_once() -> None:
    """However many timers wake on a day."""
    given_person([*IN_CARE, _told(90)]).when(_remind(60)).then([])
    given_person([*IN_CARE, _told(90)]).when(_remind(30)).then([_told(30)])
    given_person([*IN_CARE, _told(90), _told(30)]).when(_remind(29)).then([])


def test_a_replaced_document_is_not_reminded_of_and_the_new_one_is_anew() -> None:
    """The renewed one takes its place, with reminders of its own."""
    given_person([*IN_CARE, _told(90), RENEWED]).when(_remind(30)).then([])
    later = RemindOfExpiry(beneficiary_id=PERSON_ID, on=date(2024, 1, 1))
    given_person([*IN_CARE, _told(90), RENEWED]).when(later).then([_told(90)])


def test_nobody_is_reminded_of_who_left_care_or_was_never_in_it() -> None:
    """Care has ended; where it begins again, the documents are looked at again."""
    given_person([*IN_CARE, EXITED]).when(_remind(30)).then([])
    given_person([*IN_CARE, EXITED, READMITTED]).when(_remind(30)).then([_told(30)])
    for history in ([], [NOTICE]):
        given_person(history).when(_remind(30)).then([])


def test_a_document_without_a_last_day_or_whose_day_cannot_be_read_is_not_reminded_of() -> None:
    """I7: after an erasure nothing of it can be."""
    given_person([NOTICE, ENROLLED, PERMIT.model_copy(update={"expires_on": None})]).when(_remind(30)).then([])


def test_of_several_documents_each_is_looked_at() -> None:
    """One timer's day may be the day of another document's reminder, too."""
    card = PERMIT.model_copy(update={"document_id": new_id(), "expires_on": LAST + timedelta(days=60)})
    expected = [_told(30), _told(90).model_copy(update={"document_id": card.document_id})]
    given_person([*IN_CARE, card]).when(_remind(30)).then(expected)


def test_a_renewal_is_pending_until_the_renewed_document_is_recorded() -> None:
    """While it is, nobody is reminded to ask for it."""
    state = given_person(IN_CARE).when(RENEW).then([PENDING])
    assert isinstance(state, InCare)
    assert state.record.renewals == (PENDING,)
    given_person([*IN_CARE, PENDING]).when(_remind(30)).then([])
    renewed = given_person([*IN_CARE, PENDING, RENEWED]).state()
    assert isinstance(renewed, InCare)
    assert (renewed.record.renewals, renewed.record.documents) == ((), (RENEWED,))


def test_a_renewal_is_asked_for_once_and_of_a_document_that_is_there() -> None:
    """After the renewed one it may be asked for again."""
    given_person([*IN_CARE, PENDING]).when(RENEW).refused(RenewalPending)
    given_person([*IN_CARE, PENDING, RENEWED]).when(RENEW).then([PENDING])
    given_person(IN_CARE).when(replace(RENEW, document_id=new_id())).refused(UnknownDocument)
    given_person([NOTICE]).when(RENEW).refused(NotEnrolled)


def test_reminders_are_due_ninety_thirty_and_seven_days_before_the_last() -> None:
    """As versioned data; before the first version the first holds."""
    for on in (date(2019, 1, 1), date(2021, 1, 1)):
        assert [(LAST - day).days for day in reminder_days(LAST, on)] == [90, 30, 7]
