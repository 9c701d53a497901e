"""Two organisations look together whether a record of each is one person's, given/when/then: each of both records for itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.duplicate_codes import ScoreBand
from contracts.duplicate_comparisons import (
    DuplicateComparisonAgreed,
    DuplicateComparisonDeclined,
    DuplicateComparisonRequested,
)
from contracts.duplicates import DuplicateDismissed, DuplicateSuspected
from contracts.intake import PersonEvent
from contracts.transfers import TransferAccepted
from services._runtime.ids import new_id
from services.intake.app.deciders import CARE
from services.intake.domain.beneficiary import NotEnrolled
from services.intake.domain.duplicate_commands import DismissDuplicate
from services.intake.domain.duplicate_decisions import NotSuspected, RecordedElsewhere
from services.intake.domain.duplicates import Standing
from services.intake.domain.joint_commands import AgreeToCompare, AskToCompare, BeAskedToCompare, DeclineToCompare
from services.intake.domain.joint_comparison import ComparisonOver, ComparisonRuns, NotTheOneAsked, OwnRecords, UnknownComparison, found
from services.intake.domain.joint_state import JointStatus
from services.intake.domain.person import Exited, InCare, Record
from services.intake.projections.comparisons import COMPARISONS
from tests.support.given import given
from tests.support.read_models import given as given_facts
from tests.unit.intake.examples import ENROLLED, EXITED, NOTICE, ON, PERSON_ID
from tests.unit.intake.test_duplicates import merged

OURS, THEIRS = ENROLLED.organisation, "ics"
OTHER_ID, REFERENCE = new_id(), new_id()
WHY = "Inventato: la persona non lo desidera."
IN_CARE: list[PersonEvent] = [NOTICE, ENROLLED]
SUSPECTED = DuplicateSuspected(
    beneficiary_id=PERSON_ID, reference=REFERENCE, organisation=THEIRS, band=ScoreBand.LIKELY, matcher="2026-1", other=OTHER_ID
)
DISMISSED = DuplicateDismissed(beneficiary_id=PERSON_ID, reference=REFERENCE, other=OTHER_ID, reason=WHY)
ASK = AskToCompare(reference=REFERENCE, organisation=THEIRS, on=ON)
BE_ASKED = BeAskedToCompare(reference=REFERENCE, organisation=THEIRS, other=OTHER_ID, band=ScoreBand.LIKELY, matcher="2026-1", on=ON)
ASKED = DuplicateComparisonRequested(
    beneficiary_id=PERSON_ID,
    reference=REFERENCE,
    organisation=THEIRS,
    asked_by=OURS,
    band=ScoreBand.LIKELY,
    matcher="2026-1",
    lapses_on=ON + timedelta(days=30),
    policy_version="2020-06",
    other=OTHER_ID,
)
WAS_ASKED = ASKED.model_copy(update={"asked_by": THEIRS})
AGREED = DuplicateComparisonAgreed(
    beneficiary_id=PERSON_ID,
    reference=REFERENCE,
    organisation=THEIRS,
    shown_until=ON + timedelta(days=14),
    policy_version="2020-06",
)
DECLINED = DuplicateComparisonDeclined(beneficiary_id=PERSON_ID, reference=REFERENCE, reason=WHY)
MOVED = TransferAccepted(
    beneficiary_id=PERSON_ID, transfer_id=new_id(), episode=1, organisation="less", territory="NA", sender=OURS, admissions=()
)
given_person = given(CARE)


def agree(by: str, days: int = 0) -> AgreeToCompare:
    """Return the agreement of an organisation, so many days after the request."""
    return AgreeToCompare(other=OTHER_ID, by=by, on=ON + timedelta(days))


def decline(days: int = 0) -> DeclineToCompare:
    """Return the refusal, so many days after the request."""
    return DeclineToCompare(other=OTHER_ID, reason=WHY, on=ON + timedelta(days))


@pytest.mark.parametrize("history", [[*IN_CARE, SUSPECTED], [*IN_CARE, SUSPECTED, EXITED]], ids=["in care", "after the exit"])
def test_who_suspects_another_organisations_record_asks_to_compare(history: list[PersonEvent]) -> None:
    """Nothing of who either person is is in the request: the other's id is sealed, and the rest is a reference, a band, organisations."""
    given_person(history).when(ASK).then([ASKED])
    assert ASKED.personal_fields.keys() == {"other"}


def test_only_an_open_suspicion_is_compared() -> None:
    """What was decided needs no comparison; what cannot be read any more can have none."""
    erased = SUSPECTED.model_copy(update={"other": None})
    for history in (IN_CARE, [*IN_CARE, SUSPECTED, DISMISSED], [*IN_CARE, erased]):
        given_person(history).when(ASK).refused(NotSuspected)
    given_person([*IN_CARE, SUSPECTED, merged()]).when(ASK).refused(RecordedElsewhere)
    given_person([NOTICE]).when(ASK).refused(NotEnrolled)


def test_records_of_one_organisation_need_nobodys_agreement() -> None:
    """They are dismissed or confirmed as they are."""
    given_person([*IN_CARE, SUSPECTED]).when(replace(ASK, organisation=OURS)).refused(OwnRecords)
    given_person(IN_CARE).when(replace(BE_ASKED, organisation=OURS)).refused(OwnRecords)


def test_whose_record_is_asked_about_suspects_from_then_on() -> None:
    """So that they can dismiss it; what was suspected before stays as it was found."""
    given_person(IN_CARE).when(BE_ASKED).then([WAS_ASKED])
    (suspicion,) = record_of([*IN_CARE, WAS_ASKED]).duplicates.suspicions
    assert (suspicion.reference, suspicion.other, suspicion.organisation) == (REFERENCE, OTHER_ID, THEIRS)
    assert (suspicion.score, suspicion.fields, suspicion.standing) == (None, None, Standing.OPEN)
    given_person([*IN_CARE, WAS_ASKED]).when(DismissDuplicate(reference=REFERENCE, reason=WHY)).then([DISMISSED])
    assert len(record_of([*IN_CARE, SUSPECTED, WAS_ASKED]).duplicates.suspicions) == 1


def test_who_told_the_two_apart_is_not_asked_again() -> None:
    """Whoever asks may take the other's word, and dismiss too."""
    given_person([*IN_CARE, SUSPECTED, DISMISSED]).when(BE_ASKED).refused(NotSuspected)


def test_a_record_in_whose_place_another_goes_on_does_not_tell_which() -> None:
    """I8: whoever asks is of another organisation, and learns no id of its records."""
    refusal = given_person([*IN_CARE, merged(survivor := new_id(), survivor)]).when(BE_ASKED).refused(NotSuspected)
    assert str(survivor) not in str(refusal)
    given_person([*IN_CARE, WAS_ASKED, merged(survivor, survivor)]).when(decline()).then([DECLINED])


@pytest.mark.parametrize("asked", [ASKED, WAS_ASKED], ids=["of who asked", "of who was asked"])
def test_one_comparison_of_two_records_runs_at_a_time(asked: PersonEvent) -> None:
    """From either side; after it was declined, has lapsed or is over, one may ask anew."""
    suspected = [*IN_CARE, SUSPECTED, asked]
    for command in (ASK, BE_ASKED):
        given_person(suspected).when(command).refused(ComparisonRuns)
        given_person([*suspected, AGREED]).when(command).refused(ComparisonRuns)
        given_person([*suspected, DECLINED]).when(command).then_types(DuplicateComparisonRequested)
        given_person(suspected).when(replace(command, on=ON + timedelta(days=31))).then_types(DuplicateComparisonRequested)
        given_person([*suspected, AGREED]).when(replace(command, on=ON + timedelta(days=15))).then_types(DuplicateComparisonRequested)


def test_who_was_asked_agrees_and_both_records_say_so() -> None:
    """Each names the organisation that may see who its person is, and until when."""
    given_person([*IN_CARE, WAS_ASKED]).when(agree(OURS)).then([AGREED])
    given_person([*IN_CARE, SUSPECTED, ASKED]).when(agree(THEIRS)).then([AGREED])
    last = AGREED.model_copy(update={"shown_until": ON + timedelta(days=44)})
    given_person([*IN_CARE, WAS_ASKED]).when(agree(OURS, days=30)).then([last])


def test_who_was_asked_declines_with_a_reason_and_both_records_say_so() -> None:
    """The reason is sealed on each."""
    given_person([*IN_CARE, WAS_ASKED]).when(decline()).then([DECLINED])
    given_person([*IN_CARE, SUSPECTED, ASKED]).when(decline()).then([DECLINED])
    (comparison,) = record_of([*IN_CARE, WAS_ASKED, DECLINED]).duplicates.comparisons
    assert (comparison.status(ON), comparison.declined_because) == (JointStatus.DECLINED, WHY)


@pytest.mark.parametrize("history", [[SUSPECTED, ASKED], [WAS_ASKED], [WAS_ASKED, AGREED], [WAS_ASKED, AGREED, MOVED]])
def test_who_agreed_may_think_better_of_it(history: list[PersonEvent]) -> None:
    """I8: by asking or by answering, or whoever answers for the record since; both records are closed from then on."""
    given_person([*IN_CARE, *history]).when(decline(days=14)).then([DECLINED])
    (comparison,) = record_of([*IN_CARE, *history, DECLINED]).duplicates.comparisons
    assert comparison.status(ON + timedelta(days=14)) is JointStatus.DECLINED


def test_whoever_asked_does_not_agree_for_the_other() -> None:
    """Else one organisation would open another's record by itself. Invariant I8."""
    given_person([*IN_CARE, SUSPECTED, ASKED]).when(agree(OURS)).refused(NotTheOneAsked)
    given_person([*IN_CARE, WAS_ASKED]).when(agree(THEIRS)).refused(NotTheOneAsked)


def test_what_was_answered_or_has_lapsed_is_not_agreed_to() -> None:
    """Nor what nobody asked for."""
    for after in (AGREED, DECLINED):
        given_person([*IN_CARE, WAS_ASKED, after]).when(agree(OURS)).refused(ComparisonOver)
    given_person([*IN_CARE, WAS_ASKED]).when(agree(OURS, days=31)).refused(ComparisonOver)
    given_person([*IN_CARE, SUSPECTED]).when(agree(OURS)).refused(UnknownComparison)


def test_what_is_closed_is_not_declined() -> None:
    """It was declined, lapsed, or its days are over; or nobody asked."""
    given_person([*IN_CARE, WAS_ASKED, DECLINED]).when(decline()).refused(ComparisonOver)
    given_person([*IN_CARE, WAS_ASKED]).when(decline(days=31)).refused(ComparisonOver)
    given_person([*IN_CARE, WAS_ASKED, AGREED]).when(decline(days=15)).refused(ComparisonOver)
    given_person([*IN_CARE, SUSPECTED]).when(decline()).refused(UnknownComparison)


def test_whoever_answers_for_a_record_that_moved_has_not_agreed() -> None:
    """I8: neither side opens to an organisation that the other did not mean; they ask anew."""
    given_person([*IN_CARE, SUSPECTED, ASKED, MOVED]).when(agree(THEIRS)).refused(ComparisonOver)
    given_person([*IN_CARE, SUSPECTED, ASKED]).when(agree("less")).refused(ComparisonOver)
    given_person([*IN_CARE, WAS_ASKED, MOVED]).when(agree(OURS)).refused(ComparisonOver)


def test_time_ends_a_comparison_without_anybodys_doing() -> None:
    """The last days count."""
    for history, days, status in (
        ([WAS_ASKED], 30, JointStatus.REQUESTED),
        ([WAS_ASKED], 31, JointStatus.LAPSED),
        ([WAS_ASKED, AGREED], 14, JointStatus.AGREED),
        ([WAS_ASKED, AGREED], 15, JointStatus.OVER),
    ):
        record = record_of([*IN_CARE, *history])
        assert found(REFERENCE, record).status(ON + timedelta(days)) is status
    with pytest.raises(UnknownComparison):
        found(new_id(), record_of(IN_CARE))


def test_a_new_request_takes_the_place_of_the_one_before() -> None:
    """Of each pair the last one stands."""
    again = WAS_ASKED.model_copy(update={"lapses_on": ON + timedelta(days=60)})
    (comparison,) = record_of([*IN_CARE, WAS_ASKED, DECLINED, again]).duplicates.comparisons
    assert comparison.status(ON + timedelta(days=50)) is JointStatus.REQUESTED


def test_the_list_tells_of_each_person_the_latest_and_follows_the_organisation() -> None:
    """It names nobody, and moves with whoever answers for the person."""
    assert given_facts(*IN_CARE).then(COMPARISONS).rows == {}
    asked = (*IN_CARE, WAS_ASKED)
    row = given_facts(*asked).then(COMPARISONS).row(PERSON_ID)
    assert row is not None
    assert (row.other_organisation, row.asked_by, row.status(ON)) == (THEIRS, THEIRS, JointStatus.REQUESTED)
    agreed = given_facts(*asked, AGREED).then(COMPARISONS).row(PERSON_ID)
    assert agreed is not None
    assert (agreed.status(ON), agreed.shown_until) == (JointStatus.AGREED, AGREED.shown_until)
    declined = given_facts(*asked, DECLINED).then(COMPARISONS).row(PERSON_ID)
    assert declined is not None
    assert declined.status(ON) is JointStatus.DECLINED
    moved = given_facts(*asked, MOVED).then(COMPARISONS).row(PERSON_ID)
    assert moved is not None
    assert moved.organisation == "less"


def record_of(history: list[PersonEvent]) -> Record:
    """Return the record after a history."""
    state = CARE.initial
    for event in history:
        state = CARE.evolve(state, event)
    assert isinstance(state, InCare | Exited)
    return state.record
