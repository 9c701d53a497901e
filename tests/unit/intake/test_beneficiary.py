"""What a person's state allows: notice, enrolment, admission, exit, readmission."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from contracts.errors import Invalid
from contracts.intake import (
    BeneficiaryEnrolled,
    BeneficiaryReadmitted,
    EligibilityAssessed,
    NoticeGiven,
    ProgrammeAdmitted,
    ProgrammeLeft,
    ProtectionStatusRecorded,
)
from contracts.intake_codes import AgeBand, EligibilityOutcome, LeaveReason, ProtectionStatus, Sex
from contracts.reference import consortium
from services.intake.app.deciders import CARE
from services.intake.domain.beneficiary import (
    AlreadyAdmitted,
    AlreadyEnrolled,
    BirthDateMissing,
    CareEnded,
    NotEnrolled,
    NotExited,
    NoticeMissing,
    NotInProgramme,
)
from services.intake.domain.commands import AddNote, LeaveProgramme, PersonCommand
from services.intake.domain.eligibility import UnknownProgramme
from services.intake.domain.facts import ImpossibleBirthDate
from services.intake.domain.person import Exited, ImpossibleHistory, InCare, evolve
from services.intake.domain.places import UnknownTerritory
from services.intake.domain.tax_code import InvalidTaxCode
from tests.support.given import given
from tests.unit.intake.examples import (
    ADMIT,
    ENROL,
    ENROLLED,
    EXIT,
    EXITED,
    GIVE_NOTICE,
    NOTICE,
    ON,
    OUT_OF_RECEPTION,
    PERSON_ID,
    PROGRAMME,
    READMIT,
    REFUGEE,
    WHO,
)

given_person = given(CARE)
NOTE = AddNote(beneficiary_id=PERSON_ID, text="came by")
ASSESSED = EligibilityAssessed(
    beneficiary_id=PERSON_ID,
    programme=PROGRAMME,
    policy_version="ancora-2.0/1",
    reference_date=ON,
    outcome=EligibilityOutcome.ELIGIBLE,
)
ADMITTED = ProgrammeAdmitted(
    beneficiary_id=PERSON_ID,
    programme=PROGRAMME,
    policy_version="ancora-2.0/1",
    reference_date=ON,
    outcome=EligibilityOutcome.ELIGIBLE,
    sex=Sex.FEMALE,
    age_band=AgeBand.FROM_18_TO_60,
    international_protection=True,
)
LEFT = ProgrammeLeft(beneficiary_id=PERSON_ID, programme=PROGRAMME, reason=LeaveReason.EXIT)


def test_a_notice_opens_the_record() -> None:
    """It carries the organisation that is responsible from then on."""
    given_person([]).when(GIVE_NOTICE).then([NOTICE])


def test_a_newer_notice_may_be_given_at_any_time_and_does_not_move_the_record() -> None:
    """The organisation stays the responsible one."""
    other = replace(GIVE_NOTICE, organisation="ics")
    for history in ([NOTICE], [NOTICE, ENROLLED], [NOTICE, ENROLLED, EXITED]):
        given_person(history).when(other).then([NOTICE])


def test_enrolment_follows_the_notice() -> None:
    """Everything told is in the event; the municipality is one of the four, so it travels."""
    given_person([NOTICE]).when(ENROL).then([ENROLLED])


def test_enrolment_without_a_notice_is_refused() -> None:
    """The law comes first."""
    given_person([]).when(ENROL).refused(NoticeMissing)


def test_who_is_or_was_in_care_is_not_enrolled_again() -> None:
    """A second enrolment would double the person."""
    given_person([NOTICE, ENROLLED]).when(ENROL).refused(AlreadyEnrolled)
    given_person([NOTICE, ENROLLED, EXITED]).when(ENROL).refused(AlreadyEnrolled)


def test_a_municipality_that_is_no_partner_is_sealed() -> None:
    """I6: only the four partners' codes travel."""
    [enrolled] = given_person([NOTICE]).when(replace(ENROL, municipality="034032")).then_types(BeneficiaryEnrolled)
    assert isinstance(enrolled, BeneficiaryEnrolled)
    assert (enrolled.municipality, enrolled.other_municipality) == (None, "034032")
    assert "other_municipality" in enrolled.personal_fields


def test_an_enrolment_that_contradicts_itself_is_refused() -> None:
    """A province without a partner, a birth in the future or long ago, a code whose check letter does not fit."""
    given_person([NOTICE]).when(replace(ENROL, territory="XX")).refused(UnknownTerritory)
    given_person([NOTICE]).when(replace(ENROL, tax_code="RSSMRA80A01H501A")).refused(InvalidTaxCode)
    for born in (date(2021, 6, 16), date(1880, 1, 1)):
        wrong = replace(ENROL, identity=replace(WHO, birth_date=born))
        given_person([NOTICE]).when(wrong).refused(ImpossibleBirthDate)


def test_a_refugee_out_of_reception_is_assessed_and_admitted_at_once() -> None:
    """The admission carries what the funder's figures need for ever."""
    given_person([NOTICE, ENROLLED, REFUGEE, OUT_OF_RECEPTION]).when(ADMIT).then([ASSESSED, ADMITTED])


def test_an_assessment_that_does_not_admit_is_recorded_all_the_same() -> None:
    """Pending evidence and not eligible are outcomes, not refusals: care goes on."""
    pending = ASSESSED.model_copy(update={"outcome": EligibilityOutcome.PENDING_EVIDENCE})
    given_person([NOTICE, ENROLLED]).when(ADMIT).then([pending])
    special = ProtectionStatusRecorded(beneficiary_id=PERSON_ID, international_protection=False, status=ProtectionStatus.SPECIAL)
    refused = ASSESSED.model_copy(update={"outcome": EligibilityOutcome.NOT_ELIGIBLE})
    given_person([NOTICE, ENROLLED, special, OUT_OF_RECEPTION]).when(ADMIT).then([refused])


def test_a_derogation_admits_and_keeps_its_grounds() -> None:
    """The grounds are words, so they are sealed."""
    late = replace(ADMIT, reference_date=date(2023, 1, 1), derogation="Left late, ill for a year")
    assessed, admitted = (
        given_person([NOTICE, ENROLLED, REFUGEE, OUT_OF_RECEPTION]).when(late).then_types(EligibilityAssessed, ProgrammeAdmitted)
    )
    assert isinstance(assessed, EligibilityAssessed)
    assert assessed.grounds == "Left late, ill for a year"
    assert isinstance(admitted, ProgrammeAdmitted)
    assert admitted.outcome is EligibilityOutcome.BY_DEROGATION


def test_nobody_is_admitted_twice_even_after_leaving() -> None:
    """Unique persons are counted."""
    history = [NOTICE, ENROLLED, REFUGEE, OUT_OF_RECEPTION, ASSESSED, ADMITTED]
    given_person(history).when(ADMIT).refused(AlreadyAdmitted)
    given_person([*history, LEFT]).when(ADMIT).refused(AlreadyAdmitted)


def test_a_person_is_in_two_programmes_leaves_one_and_is_carried_on_in_the_other() -> None:
    """Care goes on under the same record: no exit, no readmission; each programme counts its own admission once."""
    (following,) = consortium().successors
    carry_on = replace(ADMIT, programme=following.code, reference_date=following.start)
    history = [NOTICE, ENROLLED, REFUGEE, ASSESSED, ADMITTED]
    assessed, admitted = given_person(history).when(carry_on).then_types(EligibilityAssessed, ProgrammeAdmitted)
    assert isinstance(admitted, ProgrammeAdmitted)
    assert (admitted.programme, admitted.policy_version) == (following.code, f"{following.code}/1")
    both = [*history, assessed, admitted]
    leave = LeaveProgramme(beneficiary_id=PERSON_ID, programme=PROGRAMME, reason=LeaveReason.OTHER_PROGRAMME)
    (left,) = given_person(both).when(leave).then_types(ProgrammeLeft)
    carried = [*both, left]
    for again in (ADMIT, carry_on):
        given_person(carried).when(again).refused(AlreadyAdmitted)
    given_person(carried).when(leave).refused(NotInProgramme)
    of_both = LEFT.model_copy(update={"programme": following.code})
    given_person(both).when(EXIT).then([LEFT, of_both, EXITED])
    given_person(carried).when(EXIT).then([of_both, EXITED])


def test_admission_needs_care_a_known_programme_and_a_birth_date() -> None:
    """Each refusal says what to do first."""
    given_person([NOTICE]).when(ADMIT).refused(NotEnrolled)
    given_person([NOTICE, ENROLLED, EXITED]).when(ADMIT).refused(CareEnded)
    given_person([NOTICE, ENROLLED]).when(replace(ADMIT, programme="ancora-9")).refused(UnknownProgramme)
    unborn = ENROLLED.model_copy(update={"birth_date": None})
    given_person([NOTICE, unborn, REFUGEE, OUT_OF_RECEPTION]).when(ADMIT).refused(BirthDateMissing)
    later = ENROLLED.model_copy(update={"birth_date": date(2021, 7, 1)})
    given_person([NOTICE, later, REFUGEE, OUT_OF_RECEPTION]).when(ADMIT).refused(Invalid)


def test_a_programme_is_left_once() -> None:
    """Only who is in it can leave it."""
    leave = LeaveProgramme(beneficiary_id=PERSON_ID, programme=PROGRAMME, reason=LeaveReason.WITHDREW)
    withdrawn = LEFT.model_copy(update={"reason": LeaveReason.WITHDREW})
    history = [NOTICE, ENROLLED, ADMITTED]
    given_person(history).when(leave).then([withdrawn])
    given_person([*history, withdrawn]).when(leave).refused(NotInProgramme)
    given_person([NOTICE, ENROLLED]).when(leave).refused(NotInProgramme)


def test_exit_ends_care_and_the_programmes() -> None:
    """One decision, in one append."""
    state = given_person([NOTICE, ENROLLED, ADMITTED]).when(EXIT).then([LEFT, EXITED])
    assert isinstance(state, Exited)
    assert (state.record.current, state.record.admitted) == ((), (PROGRAMME,))


def test_only_who_is_in_care_can_exit() -> None:
    """Not the uninformed, not the merely informed, not who has left."""
    given_person([]).when(EXIT).refused(NotEnrolled)
    given_person([NOTICE]).when(EXIT).refused(NotEnrolled)
    given_person([NOTICE, ENROLLED, EXITED]).when(EXIT).refused(CareEnded)


def test_readmission_is_the_next_episode() -> None:
    """Territory and municipality are said anew."""
    readmitted = BeneficiaryReadmitted(beneficiary_id=PERSON_ID, episode=2, organisation="ciac", territory="BO")
    state = given_person([NOTICE, ENROLLED, EXITED]).when(READMIT).then([readmitted])
    assert isinstance(state, InCare)
    assert (state.record.episode, state.record.territory, state.record.municipality) == (2, "BO", None)


def test_only_who_has_left_is_readmitted() -> None:
    """Anybody else is told what to do instead."""
    given_person([NOTICE, ENROLLED]).when(READMIT).refused(NotExited)
    given_person([NOTICE]).when(READMIT).refused(NotEnrolled)
    given_person([NOTICE, ENROLLED, EXITED]).when(replace(READMIT, territory="XX")).refused(UnknownTerritory)


@pytest.mark.parametrize("command", [ADMIT, EXIT, NOTE])
def test_nothing_is_recorded_of_who_is_not_enrolled(command: PersonCommand) -> None:
    """Facts follow the enrolment."""
    given_person([]).when(command).refused(NotEnrolled)
    given_person([NOTICE]).when(command).refused(NotEnrolled)


def test_a_history_that_no_decider_wrote_is_not_folded() -> None:
    """An impossible stream is a fault, never a silent state."""
    for history in ([ENROLLED], [NOTICE, EXITED], [NOTICE, ENROLLED, ENROLLED], [NOTICE, ENROLLED, EXITED, EXITED]):
        with pytest.raises(ImpossibleHistory):
            given_person(history).state()


def test_an_erased_person_still_folds() -> None:
    """I7: with all personal fields gone, what is left is a legal history."""
    erased = [event.model_copy(update=dict.fromkeys(event.personal_fields)) for event in (NOTICE, ENROLLED, REFUGEE, ADMITTED)]
    state = given_person(erased).state()
    assert isinstance(state, InCare)
    assert (state.record.identity.given_names, state.record.admitted) == (None, (PROGRAMME,))
    assert isinstance(evolve(state, NoticeGiven.model_validate(NOTICE.model_dump())), InCare)
