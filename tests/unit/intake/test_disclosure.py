"""Disclosure, given/when/then: what is authorised, what is refused, and when an authorisation is in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from contracts.disclosure_codes import LegalBasis, WithdrawnBy
from contracts.disclosures import DisclosureAuthorised, DisclosureEvent, DisclosureWithdrawn
from contracts.errors import Invalid
from contracts.event import Event
from contracts.personal import DataClass
from contracts.purpose_codes import Purpose
from services._runtime.ids import new_id
from services.intake.app.deciders import CARE
from services.intake.domain.beneficiary import NotEnrolled
from services.intake.domain.disclosure import AlreadyAuthorised, NotAuthorised, OwnOrganisation, UnknownRecipient, in_force
from services.intake.domain.disclosure_commands import AuthoriseDisclosure, WithdrawDisclosure
from tests.support.given import given
from tests.unit.intake.examples import ENROLLED, EXITED, NOTICE, ON, PERSON_ID

AUTHORISATION_ID = new_id()
AUTHORISE = AuthoriseDisclosure(
    beneficiary_id=PERSON_ID,
    authorisation_id=AUTHORISATION_ID,
    recipient="comune-parma",
    purpose=Purpose.HOUSING,
    classes=(DataClass.IDENTITY, DataClass.CONTACT, DataClass.IDENTITY),
    legal_basis=LegalBasis.PUBLIC_TASK,
    expires_on=ON + timedelta(days=90),
    on=ON,
)
WITHDRAW = WithdrawDisclosure(beneficiary_id=PERSON_ID, authorisation_id=AUTHORISATION_ID, by=WithdrawnBy.THE_PERSON)
AUTHORISED = DisclosureAuthorised(
    beneficiary_id=PERSON_ID,
    authorisation_id=AUTHORISATION_ID,
    recipient="comune-parma",
    purpose="housing",
    classes=(DataClass.CONTACT, DataClass.IDENTITY),
    legal_basis=LegalBasis.PUBLIC_TASK,
    expires_on=ON + timedelta(days=90),
)
WITHDRAWN = DisclosureWithdrawn(beneficiary_id=PERSON_ID, authorisation_id=AUTHORISATION_ID, by=WithdrawnBy.THE_PERSON)
IN_CARE: list[Event] = [NOTICE, ENROLLED]
given_person = given(CARE)


@pytest.mark.parametrize("history", [IN_CARE, [*IN_CARE, EXITED]], ids=["in care", "after the exit"])
def test_a_partner_is_authorised_for_a_purpose_and_classes_until_a_day(history: list[Event]) -> None:
    """Each class once."""
    given_person(history).when(AUTHORISE).then([AUTHORISED])


def test_it_may_last_for_today_alone_and_not_end_before() -> None:
    """What has ended before it began authorises nothing."""
    given_person(IN_CARE).when(replace(AUTHORISE, expires_on=ON)).then([AUTHORISED.model_copy(update={"expires_on": ON})])
    given_person(IN_CARE).when(replace(AUTHORISE, expires_on=ON - timedelta(days=1))).refused(Invalid)


def test_only_other_partners_are_authorised() -> None:
    """Who answers for the person needs no authorisation; who is no partner has no token."""
    given_person(IN_CARE).when(replace(AUTHORISE, recipient="ciac")).refused(OwnOrganisation)
    given_person(IN_CARE).when(replace(AUTHORISE, recipient="nobody")).refused(UnknownRecipient)


@pytest.mark.parametrize("classes", [(), (DataClass.HEALTH,), (DataClass.IDENTITY, DataClass.JUDICIAL)])
def test_only_classes_of_which_something_is_held_are_authorised(classes: tuple[DataClass, ...]) -> None:
    """An authorisation that opens nothing would look as if it did."""
    given_person(IN_CARE).when(replace(AUTHORISE, classes=classes)).refused(Invalid)


def test_only_for_a_purpose_for_which_somebody_reads_is_anything_authorised() -> None:
    """Whoever audits or researches reads no disclosure: an authorisation for that would open nothing."""
    for purpose in (Purpose.AUDIT, Purpose.RESEARCH, Purpose.OWN_DATA):
        given_person(IN_CARE).when(replace(AUTHORISE, purpose=purpose)).refused(Invalid)


def test_what_was_authorised_for_a_purpose_of_no_list_stays_readable_and_is_withdrawn() -> None:
    """Purposes were free once; what is stored of them is neither changed nor lost."""
    free = AUTHORISED.model_copy(update={"purpose": "care"})
    given_person([*IN_CARE, free]).when(AUTHORISE).refused(AlreadyAuthorised)
    given_person([*IN_CARE, free]).when(replace(AUTHORISE, authorisation_id=new_id())).then_types(DisclosureAuthorised)
    given_person([*IN_CARE, free]).when(WITHDRAW).then([WITHDRAWN])


def test_one_is_in_force_for_a_recipient_and_purpose() -> None:
    """Another purpose or recipient is another one; so is the next, once the first was withdrawn or has expired."""
    other = replace(AUTHORISE, authorisation_id=new_id())
    given_person([*IN_CARE, AUTHORISED]).when(other).refused(AlreadyAuthorised)
    for apart in (replace(other, purpose=Purpose.SCHOOL), replace(other, recipient="less")):
        given_person([*IN_CARE, AUTHORISED]).when(apart).then_types(DisclosureAuthorised)
    given_person([*IN_CARE, AUTHORISED, WITHDRAWN]).when(other).then_types(DisclosureAuthorised)
    late = replace(other, on=AUTHORISED.expires_on + timedelta(days=1), expires_on=AUTHORISED.expires_on + timedelta(days=9))
    given_person([*IN_CARE, AUTHORISED]).when(late).then_types(DisclosureAuthorised)


def test_an_id_authorises_once() -> None:
    """A withdrawn authorisation does not come back."""
    given_person([*IN_CARE, AUTHORISED, WITHDRAWN]).when(AUTHORISE).refused(AlreadyAuthorised)


def test_it_is_withdrawn_once_and_only_where_it_was_given() -> None:
    """Whoever withdraws twice is told that there is nothing left."""
    given_person([*IN_CARE, AUTHORISED]).when(WITHDRAW).then([WITHDRAWN])
    given_person([*IN_CARE, AUTHORISED, EXITED]).when(WITHDRAW).then([WITHDRAWN])
    given_person([*IN_CARE, AUTHORISED, WITHDRAWN]).when(WITHDRAW).refused(NotAuthorised)
    given_person(IN_CARE).when(WITHDRAW).refused(NotAuthorised)


def test_nobody_is_disclosed_who_is_not_enrolled() -> None:
    """There is nothing to read of them."""
    for history in ([], [NOTICE]):
        given_person(history).when(AUTHORISE).refused(NotEnrolled)
        given_person(history).when(WITHDRAW).refused(NotEnrolled)


IDS = [new_id() for _ in range(3)]
AUTHORISATIONS = st.builds(
    lambda number, recipient, purpose, days: AUTHORISED.model_copy(
        update={
            "authorisation_id": IDS[number],
            "recipient": recipient,
            "purpose": purpose,
            "expires_on": date(2021, 6, 1) + timedelta(days),
        }
    ),
    st.integers(0, 2),
    st.sampled_from(["comune-parma", "less"]),
    st.sampled_from(["housing", "school"]),
    st.integers(0, 30),
)
WITHDRAWALS = st.integers(0, 2).map(lambda number: WITHDRAWN.model_copy(update={"authorisation_id": IDS[number]}))


@for_all(st.lists(st.one_of(AUTHORISATIONS, WITHDRAWALS), max_size=12), st.integers(0, 40))
def test_nothing_is_in_force_that_was_withdrawn_has_expired_or_is_for_others(told: list[DisclosureEvent], day: int) -> None:
    """I8: whatever happened, in whatever order."""
    on = date(2021, 6, 1) + timedelta(day)
    found = in_force(told, recipient="comune-parma", purpose="housing", on=on)
    if found is not None:
        assert (found.recipient, found.purpose) == ("comune-parma", "housing")
        assert on <= found.expires_on
        after = told[len(told) - 1 - told[::-1].index(found) :]
        assert not any(isinstance(event, DisclosureWithdrawn) and event.authorisation_id == found.authorisation_id for event in after)
