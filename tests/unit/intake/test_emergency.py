"""An emergency access, given/when/then: what opens it, whom it opens to and until when, and who reviews it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contracts.emergency import EmergencyAccessOpened, EmergencyAccessReviewed, EmergencyReviewOverdue
from contracts.emergency_codes import EmergencyGround, ReviewOutcome
from contracts.errors import Unknown
from contracts.intake import NoticeGiven
from contracts.intake_codes import NoticeChannel
from services._runtime.ids import new_id
from services.intake.app.deciders import EMERGENCY, PERSON
from services.intake.domain.commands import BeFoundInEmergency
from services.intake.domain.emergency import (
    AlreadyOpened,
    AlreadyReviewed,
    EmergencyOver,
    MarkReviewOverdue,
    OpenEmergencyAccess,
    OwnAccess,
    OwnPerson,
    ReviewEmergencyAccess,
    opens,
)
from services.intake.projections.emergencies import EMERGENCIES, ReviewStatus
from tests.support.given import given
from tests.support.read_models import given as given_facts
from tests.unit.intake.examples import ENROLLED, EXITED, PERSON_ID

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
EMERGENCY_ID = new_id()
OPEN = OpenEmergencyAccess(
    emergency_id=EMERGENCY_ID,
    beneficiary_id=PERSON_ID,
    organisation="another",
    opened_by="worker-2",
    ground=EmergencyGround.HOSPITAL,
    words="Inventato: portata in ospedale.",
    at=AT,
)
OPENED = EmergencyAccessOpened(
    emergency_id=EMERGENCY_ID,
    beneficiary_id=PERSON_ID,
    organisation="another",
    opened_by="worker-2",
    ground=EmergencyGround.HOSPITAL,
    until=AT + timedelta(minutes=60),
    review_due=AT + timedelta(hours=72),
    words="Inventato: portata in ospedale.",
)
REVIEW = ReviewEmergencyAccess(reviewed_by="officer-1", outcome=ReviewOutcome.JUSTIFIED, words=None)
REVIEWED = EmergencyAccessReviewed(
    emergency_id=EMERGENCY_ID, beneficiary_id=PERSON_ID, reviewed_by="officer-1", outcome=ReviewOutcome.JUSTIFIED
)
OVERDUE = EmergencyReviewOverdue(emergency_id=EMERGENCY_ID, beneficiary_id=PERSON_ID)
NOTICE = NoticeGiven(beneficiary_id=PERSON_ID, organisation="ciac", notice_version="2021-1", how=NoticeChannel.ORALLY, mediator=True)


def test_it_opens_for_sixty_minutes_and_its_review_is_due_within_72_hours() -> None:
    """Who opens it says why, in words."""
    given(EMERGENCY)([]).when(OPEN).then([OPENED])


def test_it_is_opened_once() -> None:
    """An hour is not made longer by asking again."""
    given(EMERGENCY)([OPENED]).when(replace(OPEN, at=AT + timedelta(minutes=59))).refused(AlreadyOpened)


def test_it_opens_to_whoever_opened_it_until_the_hour_has_passed() -> None:
    """I8: to nobody else, who is told what they would be told of none."""
    state = given(EMERGENCY)([OPENED]).state()
    assert opens(state, caller="worker-2", at=OPENED.until - timedelta(microseconds=1)) == PERSON_ID
    with pytest.raises(EmergencyOver):
        opens(state, caller="worker-2", at=OPENED.until)
    for closed, caller in ((state, "worker-3"), (EMERGENCY.initial, "worker-2")):
        with pytest.raises(Unknown) as told:
            opens(closed, caller=caller, at=AT)
        assert str(told.value) == str(Unknown())


def test_the_officer_reviews_it_once() -> None:
    """What was found is not changed afterwards, nor is it overdue any more."""
    given(EMERGENCY)([OPENED]).when(REVIEW).then([REVIEWED])
    given(EMERGENCY)([OPENED, OVERDUE]).when(REVIEW).then([REVIEWED])
    given(EMERGENCY)([OPENED, REVIEWED]).when(REVIEW).refused(AlreadyReviewed)
    given(EMERGENCY)([OPENED, REVIEWED]).when(MarkReviewOverdue()).refused(AlreadyReviewed)
    given(EMERGENCY)([]).when(REVIEW).refused(Unknown)


def test_nobody_reviews_what_they_opened_themselves() -> None:
    """An officer, too, may have opened one."""
    given(EMERGENCY)([OPENED]).when(replace(REVIEW, reviewed_by="worker-2")).refused(OwnAccess)


def test_a_review_that_is_late_is_told_once() -> None:
    """A timer may wake twice."""
    given(EMERGENCY)([OPENED]).when(MarkReviewOverdue()).then([OVERDUE])
    given(EMERGENCY)([OPENED, OVERDUE]).when(MarkReviewOverdue()).then([])


def test_only_a_person_whom_another_organisation_looks_after_is_found() -> None:
    """Nothing is recorded of the person; who looks after them has no emergency to declare."""
    theirs, own = BeFoundInEmergency(organisation="another"), BeFoundInEmergency(organisation="ciac")
    for events in ([NOTICE], [NOTICE, ENROLLED], [NOTICE, ENROLLED, EXITED]):
        given(PERSON)(events).when(theirs).then([])
        given(PERSON)(events).when(own).refused(OwnPerson)
    given(PERSON)([]).when(theirs).refused(Unknown)


def test_the_queue_shows_what_waits_for_its_review() -> None:
    """By pseudonyms; the words are opened one by one."""
    for events, review in (([OPENED], "due"), ([OPENED, OVERDUE], "overdue"), ([OPENED, OVERDUE, REVIEWED], "done")):
        row = given_facts(*events).then(EMERGENCIES).row(EMERGENCY_ID)
        assert row is not None
        assert (row.review, row.opened_by, row.until) == (ReviewStatus(review), "worker-2", OPENED.until)
        assert "Inventato" not in repr(row)
