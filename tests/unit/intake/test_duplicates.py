"""Two records that may be one person's, given/when/then: suspected, dismissed, confirmed, split again; histories stay whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from contracts.duplicate_codes import Agreement, ScoreBand
from contracts.duplicates import (
    CountedAdmission,
    DuplicateConfirmed,
    DuplicateDismissed,
    DuplicateEvent,
    DuplicateSplit,
    DuplicateSuspected,
    FieldsCompared,
)
from contracts.errors import Invalid, Refusal
from contracts.event import Event
from contracts.intake import BeneficiaryExited, IdentityCorrected, NoteAdded, PersonEvent, ProgrammeLeft
from contracts.intake_codes import LeaveReason
from services._runtime.ids import new_id
from services.intake.app.deciders import CARE, PERSON
from services.intake.domain.beneficiary import AlreadyAdmitted, NotEnrolled
from services.intake.domain.commands import AddNote, BeFoundInEmergency, ConfirmTaxCode, CorrectIdentity, LeaveProgramme
from services.intake.domain.duplicate_commands import (
    Candidate,
    ConfirmDuplicate,
    Considered,
    Decision,
    DismissDuplicate,
    OtherRecord,
    SplitDuplicate,
)
from services.intake.domain.duplicate_decisions import (
    DuplicatesOfItsOwn,
    DuplicateUndecided,
    LatestFirst,
    NotSuspected,
    NotTheSamePerson,
    RecordedElsewhere,
    SamePersonAlready,
    UnknownReference,
)
from services.intake.domain.duplicates import Standing
from services.intake.domain.person import InCare
from services.reporting.projections.territory_progress import TERRITORY_PROGRESS
from tests.support.given import given
from tests.support.read_models import given as given_facts
from tests.support.read_models import happened
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

if TYPE_CHECKING:
    from services.intake.domain.commands import PersonCommand

OTHER_ID, THIRD_ID, REFERENCE = new_id(), new_id(), new_id()
FIELDS = FieldsCompared(
    given_names=Agreement.CLOSE,
    family_name=Agreement.MATCH,
    birth_date=Agreement.MATCH,
    sex=Agreement.MATCH,
    citizenship=Agreement.BLANK,
    tax_code=Agreement.BLANK,
)
CANDIDATE = Candidate(
    reference=REFERENCE, other=OTHER_ID, organisation="ciac", band=ScoreBand.LIKELY, score=0.91, fields=FIELDS, matcher="2026-1"
)
SUSPECTED = DuplicateSuspected(
    beneficiary_id=PERSON_ID,
    reference=REFERENCE,
    organisation="ciac",
    band=ScoreBand.LIKELY,
    matcher="2026-1",
    other=OTHER_ID,
    score_permille=910,
    fields=FIELDS,
)
WHY = "Inventato: viste insieme allo sportello."
DISMISSED = DuplicateDismissed(beneficiary_id=PERSON_ID, reference=REFERENCE, other=OTHER_ID, reason=WHY)
TWO = Considered(reference=REFERENCE, decision=Decision.TWO_PERSONS, reason=WHY)
OPEN = Considered(reference=REFERENCE, decision=Decision.UNDECIDED, reason=WHY)
IN_CARE = [NOTICE, ENROLLED]
LEAVE = LeaveProgramme(beneficiary_id=PERSON_ID, programme=PROGRAMME, reason=LeaveReason.WITHDREW)
ADMITTED_TWICE = CountedAdmission(programme=PROGRAMME, territory="PR", international_protection=True, current=True)


def merging(survivor: UUID = OTHER_ID, other: UUID = OTHER_ID, admitted: tuple[str, ...] = ()) -> ConfirmDuplicate:
    """Return the command by which two become one."""
    record = OtherRecord(beneficiary_id=other, admitted=admitted)
    return ConfirmDuplicate(other=record, survivor_id=survivor, reason=WHY)


def merged(survivor: UUID = OTHER_ID, other: UUID = OTHER_ID, **told: Any) -> DuplicateConfirmed:  # noqa: ANN401 - any field of the event
    """Return the event by which two became one."""
    return DuplicateConfirmed(beneficiary_id=PERSON_ID, other_id=other, survivor_id=survivor, episode=1, reason=WHY, **told)


SPLIT = SplitDuplicate(other_id=OTHER_ID, reason=WHY)
WAS_SPLIT = DuplicateSplit(beneficiary_id=PERSON_ID, other_id=OTHER_ID, survivor_id=OTHER_ID, episode=1, reason=WHY)


def test_who_enrols_a_person_like_another_says_what_they_think_or_is_refused() -> None:
    """Nothing is half done: either the enrolment and what was found are stored, or neither."""
    enrol = replace(ENROL, candidates=(CANDIDATE,))
    refusal = given(PERSON)([NOTICE]).when(enrol).refused(DuplicateUndecided)
    assert isinstance(refusal, DuplicateUndecided)
    assert refusal.candidates == (CANDIDATE,)
    remarked = SUSPECTED.model_copy(update={"remarks": WHY})
    given(PERSON)([NOTICE]).when(replace(enrol, considered=(TWO,))).then([ENROLLED, remarked, DISMISSED])
    given(PERSON)([NOTICE]).when(replace(enrol, considered=(OPEN,))).then([ENROLLED, remarked])


def test_an_enrolment_like_nobody_is_as_it_always_was() -> None:
    given(PERSON)([NOTICE]).when(ENROL).then([ENROLLED])


def test_who_is_no_more_than_possible_holds_nobody_up() -> None:
    """It is shown, and recorded where something was said of it."""
    possible = replace(CANDIDATE, band=ScoreBand.POSSIBLE)
    given(PERSON)([NOTICE]).when(replace(ENROL, candidates=(possible,))).then([ENROLLED])
    given(PERSON)([NOTICE]).when(replace(ENROL, candidates=(possible,), considered=(TWO,))).then_types(
        type(ENROLLED), DuplicateSuspected, DuplicateDismissed
    )


def test_what_is_said_must_be_said_of_a_candidate() -> None:
    given(PERSON)([NOTICE]).when(replace(ENROL, considered=(TWO,))).refused(UnknownReference)


def test_a_suspicion_is_dismissed_once() -> None:
    given(PERSON)([*IN_CARE, SUSPECTED]).when(DismissDuplicate(reference=REFERENCE, reason=WHY)).then([DISMISSED])
    for history in (IN_CARE, [*IN_CARE, SUSPECTED, DISMISSED], [*IN_CARE, SUSPECTED, merged(PERSON_ID)]):
        given(PERSON)(history).when(DismissDuplicate(reference=REFERENCE, reason=WHY)).refused(NotSuspected)
    given(PERSON)([NOTICE]).when(DismissDuplicate(reference=REFERENCE, reason=WHY)).refused(NotEnrolled)


def test_a_corrected_identity_makes_suspect_whoever_it_is_like() -> None:
    """Correcting is not held up: a mistake must be mended at once."""
    correct = CorrectIdentity(beneficiary_id=PERSON_ID, identity=WHO, reason=WHY, on=ON, candidates=(CANDIDATE,))
    given(PERSON)(IN_CARE).when(correct).then_types(IdentityCorrected, DuplicateSuspected)
    possible = replace(CANDIDATE, band=ScoreBand.POSSIBLE)
    given(PERSON)(IN_CARE).when(replace(correct, candidates=(possible,))).then_types(IdentityCorrected)


def test_a_dismissed_duplicate_is_not_suspected_again() -> None:
    """Whoever looked at both need not do so at each correction; nor is what is open, one, or was split, suspected once more."""
    correct = CorrectIdentity(beneficiary_id=PERSON_ID, identity=WHO, reason=WHY, on=ON, candidates=(CANDIDATE,))
    for history in ([SUSPECTED], [SUSPECTED, DISMISSED], [merged(PERSON_ID)], [SUSPECTED, merged(), WAS_SPLIT]):
        given(PERSON)([*IN_CARE, *history]).when(correct).then_types(IdentityCorrected)


def test_a_confirmed_duplicate_says_which_record_goes_on_on_both_streams() -> None:
    """The record that goes on knows the programmes of the other, too; the one that does not keeps everything it holds."""
    given(PERSON)([*IN_CARE, SUSPECTED]).when(merging(admitted=(PROGRAMME,))).then([merged()])
    state = given(PERSON)(IN_CARE).when(merging(PERSON_ID, admitted=(PROGRAMME,))).then([merged(PERSON_ID, also_admitted=(PROGRAMME,))])
    assert isinstance(state.held, InCare)
    assert state.held.record.duplicates.same[0].other == OTHER_ID
    given(PERSON)([*IN_CARE, EXITED]).when(merging()).then([merged()])


def test_nothing_new_is_recorded_on_a_record_in_whose_place_another_goes_on() -> None:
    """The refusal says where to go. Its care may be ended, and what was decided undone."""
    history = [*IN_CARE, merged()]
    commands: tuple[PersonCommand, ...] = (
        AddNote(beneficiary_id=PERSON_ID, text="note"),
        ConfirmTaxCode(beneficiary_id=PERSON_ID, tax_code="12345678903"),
        ADMIT,
        GIVE_NOTICE,
        LEAVE,
        DismissDuplicate(reference=REFERENCE, reason=WHY),
        CorrectIdentity(beneficiary_id=PERSON_ID, identity=WHO, reason=WHY, on=ON),
    )
    for command in commands:
        refusal = given(PERSON)(history).when(command).refused(RecordedElsewhere)
        assert str(OTHER_ID) in str(refusal)
    given(PERSON)(history).when(EXIT).then_types(BeneficiaryExited)
    given(PERSON)([*history, EXITED]).when(READMIT).refused(RecordedElsewhere)
    given(PERSON)(history).when(BeFoundInEmergency(organisation="another")).then([])


def test_two_records_are_joined_once_and_in_one_step() -> None:
    given(PERSON)([*IN_CARE, merged(PERSON_ID)]).when(merging()).refused(SamePersonAlready)
    given(PERSON)([*IN_CARE, merged()]).when(merging(THIRD_ID, THIRD_ID)).refused(RecordedElsewhere)
    given(PERSON)([*IN_CARE, merged(PERSON_ID)]).when(merging(THIRD_ID, THIRD_ID)).refused(DuplicatesOfItsOwn)
    given(PERSON)([*IN_CARE, merged(PERSON_ID)]).when(merging(PERSON_ID, THIRD_ID)).then_types(DuplicateConfirmed)
    given(PERSON)(IN_CARE).when(merging(THIRD_ID)).refused(Invalid)
    given(PERSON)(IN_CARE).when(merging(PERSON_ID, PERSON_ID)).refused(Invalid)
    given(PERSON)([NOTICE]).when(merging()).refused(NotEnrolled)


def test_a_split_makes_both_work_again_as_before() -> None:
    given(PERSON)([*IN_CARE, SUSPECTED, merged()]).when(SPLIT).then([WAS_SPLIT])
    given(PERSON)([*IN_CARE, merged(PERSON_ID)]).when(SPLIT).then([WAS_SPLIT.model_copy(update={"survivor_id": PERSON_ID})])
    given(PERSON)(IN_CARE).when(SPLIT).refused(NotTheSamePerson)
    given(PERSON)([*IN_CARE, merged(), WAS_SPLIT]).when(SPLIT).refused(NotTheSamePerson)
    after = given(PERSON)([*IN_CARE, SUSPECTED, merged(), WAS_SPLIT])
    after.when(AddNote(beneficiary_id=PERSON_ID, text="note")).then_types(NoteAdded)
    state = after.state().held
    assert isinstance(state, InCare)
    assert state.record.duplicates.suspicions[0].standing is Standing.SPLIT


def test_of_several_records_of_one_person_the_latest_is_split_first() -> None:
    history = [*IN_CARE, merged(PERSON_ID), merged(PERSON_ID, THIRD_ID)]
    refusal = given(PERSON)(history).when(SPLIT).refused(LatestFirst)
    assert str(THIRD_ID) in str(refusal)
    given(PERSON)(history).when(SplitDuplicate(other_id=THIRD_ID, reason=WHY)).then_types(DuplicateSplit)


def test_two_people_in_one_programme_can_be_merged_and_count_once() -> None:
    """DHIS2 refuses to merge two who are enrolled in one programme. Here the second admission counts no more, until they are split."""
    admitted = [*IN_CARE, REFUGEE, OUT_OF_RECEPTION, *given(PERSON)([*IN_CARE, REFUGEE, OUT_OF_RECEPTION]).when(ADMIT)._decide()]
    told = merged(counted_twice=(ADMITTED_TWICE,))
    given(PERSON)(admitted).when(merging(admitted=(PROGRAMME,))).then([told])
    given(PERSON)(admitted).when(merging(admitted=("another-programme",))).then([merged()])
    again = given(PERSON)([*admitted, told]).when(SPLIT).then_types(DuplicateSplit)
    assert again[0].counts_again == (ADMITTED_TWICE,)  # type: ignore[attr-defined]
    of_both = [happened(admitted[-1]), happened(admitted[-1])]
    for events, counted in ((of_both, 2), ([*of_both, told], 1), ([*of_both, told, again[0]], 2)):
        row = given_facts(*events).then(TERRITORY_PROGRESS).row(PROGRAMME, "PR")
        assert row is not None
        assert (row.admitted, row.counted) == (counted, counted)


def test_whoever_goes_on_under_the_other_record_has_not_left_the_programme_by_the_exit_of_this_one() -> None:
    """Of a person's two records one is ended, or both part again: in the programme they are once, and have left it once or never."""
    admitted = [*IN_CARE, REFUGEE, OUT_OF_RECEPTION, *given(PERSON)([*IN_CARE, REFUGEE, OUT_OF_RECEPTION]).when(ADMIT)._decide()]
    told = merged(counted_twice=(ADMITTED_TWICE,))
    given(PERSON)([*admitted, told]).when(EXIT).then([EXITED])
    (again,) = given(PERSON)([*admitted, told, EXITED]).when(SPLIT).then_types(DuplicateSplit)
    (left,) = given(PERSON)(admitted).when(LEAVE).then_types(ProgrammeLeft)
    gone = merged(counted_twice=(ADMITTED_TWICE.model_copy(update={"current": False}),))
    given(PERSON)([*admitted, left]).when(merging(admitted=(PROGRAMME,))).then([gone])
    for events, figures in (([told], (1, 0)), ([told, again], (2, 1)), ([left, gone], (1, 0))):
        row = given_facts(*[happened(admitted[-1])] * 2, *events).then(TERRITORY_PROGRESS).row(PROGRAMME, "PR")
        assert row is not None
        assert (row.admitted, row.left) == figures


def test_who_was_admitted_under_the_other_record_is_not_admitted_again() -> None:
    """A person counts once for a programme, whichever record says so."""
    history = [*IN_CARE, REFUGEE, OUT_OF_RECEPTION, merged(PERSON_ID, also_admitted=(PROGRAMME,))]
    given(PERSON)(history).when(ADMIT).refused(AlreadyAdmitted)


@pytest.mark.parametrize(
    "history",
    [IN_CARE, [*IN_CARE, EXITED], [*IN_CARE, REFUGEE, OUT_OF_RECEPTION], [*IN_CARE, NoteAdded(beneficiary_id=PERSON_ID, text="note")]],
)
def test_no_event_is_lost_by_a_merge_and_a_split_restores(history: list[PersonEvent]) -> None:
    """rdv-insertion: "a merge lost appointment history". Nothing is moved here: what was recorded stays where it was recorded."""
    before = given(CARE)(history).state()
    after = given(CARE)([*history, merged(), WAS_SPLIT]).state()
    assert replace(after, record=replace(after.record, duplicates=before.record.duplicates)) == before  # type: ignore[arg-type, union-attr]


notes = st.text("abc ", min_size=1, max_size=5).map(lambda text: AddNote(beneficiary_id=PERSON_ID, text=text))
others = st.sampled_from([OTHER_ID, THIRD_ID])
told_of_duplicates: st.SearchStrategy[PersonCommand] = st.one_of(
    st.builds(lambda other, goes_on: merging(PERSON_ID if goes_on else other, other), others, st.booleans()),
    others.map(lambda other: SplitDuplicate(other_id=other, reason=WHY)),
    st.sampled_from([EXIT, READMIT]),
    notes,
)


@for_all(st.lists(told_of_duplicates, max_size=30))
def test_whatever_is_joined_and_split_each_fact_stays_and_all_undone_restores(commands: list[PersonCommand]) -> None:
    """Histories never lose an event: with what was said of duplicates left out, the record is what it would have been without them."""
    state, history = given(CARE)(IN_CARE).state(), list[Event](IN_CARE)
    for command in [*commands, *(SplitDuplicate(other_id=other, reason=WHY) for other in (OTHER_ID, THIRD_ID, OTHER_ID))]:
        try:
            decided = CARE.decide(command, state)
        except Refusal:
            continue
        for event in decided:
            state = CARE.evolve(state, event)
        history += decided
    without = given(CARE)([event for event in history if not isinstance(event, get_args(DuplicateEvent))]).state()
    record, alone = state.record, without.record  # type: ignore[union-attr]
    assert replace(record, duplicates=alone.duplicates) == alone
    assert record.duplicates.same == ()
    assert type(state) is type(without)
