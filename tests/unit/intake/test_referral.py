"""A referral, given/when/then: who may refer whom to whom, how it is answered, and what becomes of the person's record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from contracts.errors import Unknown
from contracts.event import Event
from contracts.referral_codes import DeclineReason, Referrer
from contracts.referrals import ReferralAccepted, ReferralDataErased, ReferralDeclined, ReferralUnanswered
from services.intake.app.deciders import PERSON
from services.intake.app.referrals import REFERRAL
from services.intake.domain.beneficiary import AlreadyRecorded, NotEnrolled, NoticeMissing
from services.intake.domain.commands import BeginByReferral
from services.intake.domain.person import InCare
from services.intake.domain.referral import (
    AcceptReferral,
    AlreadyAnswered,
    AlreadyReceived,
    DeclineReferral,
    MarkReferralUnanswered,
    NotDeclined,
    NoteReferralErased,
    OutsideTerritory,
    ReceiveReferral,
    ReferredPerson,
    UnknownOrganisation,
    WrongReferrer,
)
from services.intake.domain.referral_terms import answer_due, kept_after_decline
from services.intake.projections.caseload import CASELOAD, CareStatus
from services.intake.projections.referrals import REFERRALS, ReferralStatus
from tests.support.given import given
from tests.support.read_models import given as given_facts
from tests.unit.intake.examples import ENROL, ENROLLED, GIVE_NOTICE, NOTICE, PERSON_ID, READMIT, RECEIVED, REFERRAL_ID, REFERRED

RECEIVE = ReceiveReferral(
    referral_id=REFERRAL_ID,
    beneficiary_id=PERSON_ID,
    by=Referrer.MUNICIPALITY,
    sender="comune-parma",
    organisation="ciac",
    person=ReferredPerson(given_names="Selam", family_name="Prova", languages=("ti",), phone="+39 000 000000"),
    reason="Inventato: cerca casa.",
)
BEGIN = BeginByReferral(beneficiary_id=PERSON_ID, referral_id=REFERRAL_ID, organisation="ciac", territory="PR")
DECLINE = DeclineReferral(reason=DeclineReason.NO_CAPACITY, words="Inventato: nessun posto.")
ERASE = NoteReferralErased(key_backups_expire_on=date(2026, 5, 5))
ACCEPTED = ReferralAccepted(referral_id=REFERRAL_ID, beneficiary_id=PERSON_ID)
DECLINED = ReferralDeclined(
    referral_id=REFERRAL_ID, beneficiary_id=PERSON_ID, reason=DeclineReason.NO_CAPACITY, words="Inventato: nessun posto."
)
UNANSWERED = ReferralUnanswered(referral_id=REFERRAL_ID, beneficiary_id=PERSON_ID)
ERASED = ReferralDataErased(referral_id=REFERRAL_ID, beneficiary_id=PERSON_ID, key_backups_expire_on=date(2026, 5, 5))


def test_a_municipality_refers_to_an_organisation_of_its_province() -> None:
    """Both municipalities of the province may; the province is the organisation's."""
    given(REFERRAL)([]).when(RECEIVE).then([RECEIVED])
    fidenza = replace(RECEIVE, sender="comune-fidenza")
    given(REFERRAL)([]).when(fidenza).then([RECEIVED.model_copy(update={"sender": "comune-fidenza"})])


@pytest.mark.parametrize(
    ("sender", "organisation"), [("comune-parma", "arca-di-noe"), ("comune-bergamo", "ciac"), ("comune-napoli", "ciac")]
)
def test_a_municipality_refers_to_nobody_elsewhere(sender: str, organisation: str) -> None:
    """Its territory is its province."""
    given(REFERRAL)([]).when(replace(RECEIVE, sender=sender, organisation=organisation)).refused(OutsideTerritory)


def test_only_organisations_that_take_people_into_care_are_referred_to() -> None:
    """Neither an unknown one, nor the research institute, nor a municipality."""
    for organisation in ("nobody", "iprs", "comune-parma"):
        given(REFERRAL)([]).when(replace(RECEIVE, organisation=organisation)).refused(UnknownOrganisation)


def test_an_organisation_refers_to_another_wherever_it_is() -> None:
    """People move."""
    told = replace(RECEIVE, by=Referrer.ORGANISATION, sender="ciac", organisation="less")
    (event,) = given(REFERRAL)([]).when(told).then_types(type(RECEIVED))
    assert (event.model_dump()["sender"], event.model_dump()["territory"]) == ("ciac", "NA")


@pytest.mark.parametrize("by", [Referrer.RECEPTION_CENTRE, Referrer.THE_PERSON])
def test_what_a_reception_centre_or_the_person_says_is_entered_by_who_receives_it(by: Referrer) -> None:
    """They have no account here."""
    given(REFERRAL)([]).when(replace(RECEIVE, by=by, sender="ciac")).then([RECEIVED.model_copy(update={"by": by, "sender": "ciac"})])
    given(REFERRAL)([]).when(replace(RECEIVE, by=by, sender="less")).refused(WrongReferrer)


@pytest.mark.parametrize(
    ("by", "sender"),
    [
        (Referrer.MUNICIPALITY, "ciac"),
        (Referrer.ORGANISATION, "comune-parma"),
        (Referrer.ORGANISATION, "ciac"),
        (Referrer.THE_PERSON, "comune-parma"),
    ],
)
def test_nobody_refers_as_somebody_else(by: Referrer, sender: str) -> None:
    """Who enters it is known by their token."""
    given(REFERRAL)([]).when(replace(RECEIVE, by=by, sender=sender)).refused(WrongReferrer)


def test_a_referral_is_entered_once_and_answered_once() -> None:
    """What was answered stays answered."""
    given(REFERRAL)([RECEIVED]).when(RECEIVE).refused(AlreadyReceived)
    histories: tuple[list[Event], ...] = ([RECEIVED, ACCEPTED], [RECEIVED, DECLINED], [RECEIVED, UNANSWERED, DECLINED, ERASED])
    for answered in histories:
        for command in (AcceptReferral(), DECLINE, MarkReferralUnanswered()):
            given(REFERRAL)(answered).when(command).refused(AlreadyAnswered)
        given(REFERRAL)(answered).when(RECEIVE).refused(AlreadyReceived)
    for command in (AcceptReferral(), DECLINE, MarkReferralUnanswered()):
        given(REFERRAL)([]).when(command).refused(Unknown)


def test_who_is_no_party_to_a_referral_is_told_nothing_of_it() -> None:
    """I8: an id that is taken is answered to strangers like one that nobody knows."""
    stranger = replace(RECEIVE, by=Referrer.ORGANISATION, sender="less")
    histories: tuple[list[Event], ...] = ([RECEIVED], [RECEIVED, ACCEPTED], [RECEIVED, DECLINED])
    for events in histories:
        given(REFERRAL)(events).when(stranger).refused(Unknown)


def test_it_is_accepted_or_declined_with_a_reason_late_as_well() -> None:
    """A late answer is an answer."""
    histories: tuple[list[Event], ...] = ([RECEIVED], [RECEIVED, UNANSWERED])
    for waiting in histories:
        given(REFERRAL)(waiting).when(AcceptReferral()).then([ACCEPTED])
        given(REFERRAL)(waiting).when(DECLINE).then([DECLINED])


def test_a_late_answer_is_told_once() -> None:
    """A timer may wake twice."""
    given(REFERRAL)([RECEIVED]).when(MarkReferralUnanswered()).then([UNANSWERED])
    given(REFERRAL)([RECEIVED, UNANSWERED]).when(MarkReferralUnanswered()).then([])


def test_only_what_was_declined_is_forgotten_and_once() -> None:
    """I7: an accepted referral goes with the person's record."""
    given(REFERRAL)([RECEIVED, DECLINED]).when(ERASE).then([ERASED])
    given(REFERRAL)([RECEIVED, DECLINED, ERASED]).when(ERASE).then([])
    histories: tuple[list[Event], ...] = ([], [RECEIVED], [RECEIVED, ACCEPTED])
    for other in histories:
        given(REFERRAL)(other).when(ERASE).refused(NotDeclined)


def test_an_accepted_referral_begins_a_record_on_which_notice_and_enrolment_follow() -> None:
    """The referral stays named as where the record comes from; the notice is still needed."""
    given(PERSON)([]).when(BEGIN).then([REFERRED])
    given(PERSON)([REFERRED]).when(ENROL).refused(NoticeMissing)
    given(PERSON)([REFERRED]).when(READMIT).refused(NotEnrolled)
    given(PERSON)([REFERRED]).when(GIVE_NOTICE).then([NOTICE])
    state = given(PERSON)([REFERRED, NOTICE]).when(ENROL).then([ENROLLED])
    assert isinstance(state.held, InCare)
    assert state.held.record.referral_id == REFERRAL_ID


def test_a_record_begins_once() -> None:
    """A referral begins no second record of somebody who has one."""
    for begun in ([REFERRED], [NOTICE], [NOTICE, ENROLLED]):
        given(PERSON)(begun).when(BEGIN).refused(AlreadyRecorded)


def test_the_terms_are_fifteen_days_for_an_answer_and_thirty_for_a_declined_one() -> None:
    """The consortium's own decision, as versioned data; before the first version the first holds."""
    for day in (date(2019, 1, 1), date(2021, 3, 1)):
        assert (answer_due(day) - day, kept_after_decline(day) - day) == (timedelta(days=15), timedelta(days=30))


def test_the_list_shows_how_far_a_referral_is_and_names_nobody() -> None:
    """By pseudonyms; what was said is opened one by one."""
    for events, status, reason in (
        ([RECEIVED], "received", None),
        ([RECEIVED, UNANSWERED], "unanswered", None),
        ([RECEIVED, UNANSWERED, ACCEPTED], "accepted", None),
        ([RECEIVED, DECLINED, ERASED], "declined", DeclineReason.NO_CAPACITY),
    ):
        row = given_facts(*events).then(REFERRALS).row(REFERRAL_ID)
        assert row is not None
        assert (row.status, row.reason, row.sender, row.organisation) == (ReferralStatus(status), reason, "comune-parma", "ciac")
        assert (row.answered_on is None) == (status in ("received", "unanswered"))
        assert "Prova" not in repr(row)


def test_the_caseload_shows_who_is_referred() -> None:
    """Until the notice is given."""
    for events, status in (([REFERRED], "referred"), ([REFERRED, NOTICE], "informed"), ([REFERRED, NOTICE, ENROLLED], "in-care")):
        row = given_facts(*events).then(CASELOAD).row(PERSON_ID)
        assert row is not None
        assert (row.status, row.organisation) == (CareStatus(status), "ciac")
