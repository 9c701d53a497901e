"""Whatever is commanded, in whatever order: the decider's own histories fold, and its promises hold in each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from hypothesis import given as for_all
from hypothesis import strategies as st

from contracts.aliases import AliasRecorded, AliasRetracted
from contracts.disclosures import DisclosureAuthorised, DisclosureWithdrawn
from contracts.errors import Refusal
from contracts.intake import BeneficiaryEnrolled, BeneficiaryExited, BeneficiaryReadmitted, NoticeGiven, PersonEvent, ProgrammeAdmitted
from contracts.intake_codes import LeaveReason, ProtectionStatus
from services.intake.app.deciders import CARE
from services.intake.domain.commands import (
    AdmitToProgramme,
    LeaveProgramme,
    PersonCommand,
    RecordProtectionStatus,
    RecordReceptionExit,
)
from services.intake.domain.person import Exited, InCare
from tests.unit.intake.examples import ADMIT, ENROL, EXIT, GIVE_NOTICE, PERSON_ID, PROGRAMME, READMIT
from tests.unit.intake.test_aliases import ALIAS_ID, RECORD, RETRACT
from tests.unit.intake.test_disclosure import AUTHORISE, WITHDRAW
from tests.unit.intake.test_facts import TOLD

ALIAS_IDS = (ALIAS_ID, *(UUID(int=number) for number in range(3)))
days = st.dates(date(2020, 6, 1), date(2022, 5, 31))
commands: st.SearchStrategy[PersonCommand] = st.one_of(
    st.sampled_from([GIVE_NOTICE, ENROL, EXIT, READMIT, replace(ENROL, territory="XX")]),
    days.map(lambda day: replace(ADMIT, reference_date=day)),
    days.map(lambda day: AdmitToProgramme(beneficiary_id=PERSON_ID, programme=PROGRAMME, reference_date=day, derogation="grounds")),
    days.map(lambda day: RecordReceptionExit(beneficiary_id=PERSON_ID, exited_on=day)),
    st.sampled_from(ProtectionStatus).map(lambda status: RecordProtectionStatus(beneficiary_id=PERSON_ID, status=status, granted_on=None)),
    st.just(LeaveProgramme(beneficiary_id=PERSON_ID, programme=PROGRAMME, reason=LeaveReason.WITHDREW)),
    st.sampled_from([command for command, _ in TOLD]),
    st.sampled_from([AUTHORISE, WITHDRAW]),
    st.builds(
        replace,
        st.just(RECORD),
        alias_id=st.sampled_from(ALIAS_IDS),
        given_names=st.sampled_from(["Selam", "Altra", "ALTRA", "ሰላም", None]),
        family_name=st.sampled_from(["Prova", "Esempio", None]),
    ),
    st.sampled_from(ALIAS_IDS).map(lambda alias_id: replace(RETRACT, alias_id=alias_id)),
)
OUTLIVES_CARE = (NoticeGiven, DisclosureAuthorised, DisclosureWithdrawn)


def history_of(told: list[PersonCommand]) -> list[PersonEvent]:
    """Return the events of a person who was told all this, refusals left out; folding them again must give the same state."""
    state, history = CARE.initial, list[PersonEvent]()
    for command in told:
        try:
            decided = CARE.decide(command, state)
        except Refusal:
            continue
        for event in decided:
            state = CARE.evolve(state, event)
        history += decided
    folded = CARE.initial
    for event in history:
        folded = CARE.evolve(folded, event)
    assert folded == state
    return history


@for_all(st.lists(commands, max_size=40))
def test_a_person_counts_at_most_once_for_a_programme(told: list[PersonCommand]) -> None:
    """Targets count admissions, so an admission may not come twice."""
    assert sum(isinstance(event, ProgrammeAdmitted) for event in history_of(told)) <= 1


@for_all(st.lists(commands, max_size=40))
def test_a_history_begins_with_a_notice_and_care_alternates(told: list[PersonCommand]) -> None:
    """Enrolled, exited, readmitted, exited …; episodes count up by one."""
    history = history_of(told)
    assert not history or isinstance(history[0], NoticeGiven)
    turns = [event for event in history if isinstance(event, BeneficiaryEnrolled | BeneficiaryReadmitted | BeneficiaryExited)]
    for number, turn in enumerate(turns):
        begins = isinstance(turn, BeneficiaryEnrolled if number == 0 else BeneficiaryReadmitted)
        assert begins if number % 2 == 0 else isinstance(turn, BeneficiaryExited)
        assert turn.episode == number // 2 + 1


@for_all(st.lists(commands, max_size=40))
def test_after_an_exit_nothing_changes_but_by_a_readmission(told: list[PersonCommand]) -> None:
    """HOPE: "a withdrawn person could still be edited". Until the readmission the record stays as it was, but for what outlives care."""
    left = False
    for event in history_of(told):
        assert not left or isinstance(event, (BeneficiaryReadmitted, *OUTLIVES_CARE)), event.type_name
        left = isinstance(event, BeneficiaryExited) or (left and not isinstance(event, BeneficiaryReadmitted))


@for_all(st.lists(commands, max_size=40))
def test_every_event_is_the_person_s_own_and_placed_with_the_responsible_organisation(told: list[PersonCommand]) -> None:
    """The partition key never changes, and from the first event on somebody is responsible."""
    state = CARE.initial
    for event in history_of(told):
        state = CARE.evolve(state, event)
        assert event.beneficiary_id == PERSON_ID
        assert CARE.partition(state) == PERSON_ID
        assert CARE.place(state).responsible_organisation == "ciac"


@for_all(st.lists(commands, max_size=40))
def test_nobody_outside_care_is_in_a_programme(told: list[PersonCommand]) -> None:
    """Exit takes the person out of every programme."""
    state = CARE.initial
    for event in history_of(told):
        state = CARE.evolve(state, event)
        if isinstance(state, Exited):
            assert state.record.current == ()
        if isinstance(state, InCare):
            assert set(state.record.current) <= set(state.record.admitted)


@for_all(st.lists(commands, max_size=40))
def test_a_person_has_the_names_that_were_recorded_and_not_taken_back(told: list[PersonCommand]) -> None:
    """Each under an id of its own, and taken back once."""
    state, names = CARE.initial, list[UUID]()
    for event in history_of(told):
        state = CARE.evolve(state, event)
        if isinstance(event, AliasRecorded):
            assert event.alias_id not in names
            names.append(event.alias_id)
        if isinstance(event, AliasRetracted):
            names.remove(event.alias_id)
        if isinstance(state, InCare | Exited):
            assert [each.alias_id for each in state.record.aliases] == names
