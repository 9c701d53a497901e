"""A transfer, given/when/then: what is asked, who answers, what becomes of responsibility, and what can never be taken back up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from contracts.duplicates import CountedAdmission, DuplicateConfirmed
from contracts.errors import Refusal
from contracts.event import Event
from contracts.intake import NoteAdded, ProgrammeAdmitted, ProgrammeLeft
from contracts.intake_codes import AgeBand, EligibilityOutcome, LeaveReason, Sex
from contracts.reference import consortium
from contracts.transfers import TransferAccepted
from services._runtime.decider import Placement
from services.intake.app.deciders import CARE
from services.intake.domain.beneficiary import CareEnded, NotEnrolled
from services.intake.domain.commands import AddNote
from services.intake.domain.duplicate_decisions import RecordedElsewhere
from services.intake.domain.person import InCare
from services.intake.domain.places import UnknownTerritory
from services.intake.domain.transfer import (
    ImpossibleReceiver,
    NotResponsible,
    NotTheReceiver,
    TransferCommand,
    TransferExists,
    TransferOver,
    TransferPending,
    TransferStands,
    UnknownTransfer,
)
from services.intake.domain.transfer_policies import TRANSFER_POLICIES, TransferPolicy, transfer_policy
from services.intake.domain.transfer_state import TransferStatus
from tests.support.given import given
from tests.unit.intake.examples import ENROLLED, EXIT, EXITED, NOTICE, ON, PERSON_ID, READMIT
from tests.unit.intake.transfers import (
    ACCEPT,
    ACCEPTED,
    DECLINE,
    DECLINED,
    LAPSE,
    LAPSED,
    LAST,
    OTHER,
    RECEIVER,
    REQUEST,
    REQUESTED,
    REVOKE,
    REVOKED,
    SECOND_ID,
    SENDER,
    TRANSFER_ID,
    WHY_NOT,
    accepted,
)

IN_CARE: list[Event] = [NOTICE, ENROLLED]
WAITING: list[Event] = [*IN_CARE, REQUESTED]
ADMITTED = ProgrammeAdmitted(
    beneficiary_id=PERSON_ID,
    programme="ancora-2.0",
    policy_version="1",
    reference_date=ON,
    outcome=EligibilityOutcome.ELIGIBLE,
    sex=Sex.FEMALE,
    age_band=AgeBand.FROM_18_TO_60,
    international_protection=True,
)
OVER: dict[TransferStatus, Event] = {
    TransferStatus.DECLINED: DECLINED,
    TransferStatus.REVOKED: REVOKED,
    TransferStatus.LAPSED: LAPSED,
    TransferStatus.ACCEPTED: ACCEPTED,
}


def responsible(*events: Event) -> str | None:
    """Return who answers for the person after these events, as the envelope of the next one would say."""
    return CARE.place(given(CARE)(events).state()).responsible_organisation


def test_the_responsible_organisation_asks_and_stays_responsible() -> None:
    """The municipality is none of the four: it is sealed."""
    given(CARE)(IN_CARE).when(REQUEST).then([REQUESTED])
    assert responsible(*WAITING) == SENDER


def test_a_municipality_of_the_four_travels() -> None:
    """As at an enrolment."""
    moving = replace(REQUEST, territory="BG", municipality="016024", receiver="solco-citta-aperta")
    (asked,) = CARE.decide(moving, given(CARE)(IN_CARE).state())
    assert asked.model_dump(include={"municipality", "other_municipality"}) == {"municipality": "016024", "other_municipality": None}


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"by": RECEIVER}, NotResponsible),
        ({"receiver": SENDER}, ImpossibleReceiver),
        ({"receiver": "nobody-knows-it"}, ImpossibleReceiver),
        ({"receiver": "comune-parma"}, ImpossibleReceiver),
        ({"receiver": "iprs"}, ImpossibleReceiver),
        ({"territory": "RM"}, UnknownTerritory),
    ],
)
def test_it_goes_from_who_is_responsible_to_another_organisation_that_takes_into_care(
    change: dict[str, str], refusal: type[Refusal]
) -> None:
    """A municipality refers and receives what it may; the research institute takes nobody into care."""
    given(CARE)(IN_CARE).when(replace(REQUEST, **change)).refused(refusal)  # type: ignore[arg-type] # texts for texts


def test_every_third_sector_organisation_can_receive() -> None:
    """All fifteen but the sender itself."""
    caring = [one.code for one in consortium().organisations if one.kind == "third_sector" and one.code != SENDER]
    assert len(caring) == 14
    for code in caring:
        given(CARE)(IN_CARE).when(replace(REQUEST, receiver=code)).then([REQUESTED.model_copy(update={"receiver": code})])


@pytest.mark.parametrize(("events", "refusal"), [([], NotEnrolled), ([NOTICE], NotEnrolled), ([*IN_CARE, EXITED], CareEnded)])
def test_only_somebody_in_care_is_transferred(events: list[Event], refusal: type[Refusal]) -> None:
    """Who has left is readmitted; who was never enrolled has nobody who answers for their care."""
    given(CARE)(events).when(REQUEST).refused(refusal)


def test_one_transfer_waits_at_a_time() -> None:
    """Two receivers could both accept otherwise."""
    given(CARE)(WAITING).when(replace(REQUEST, transfer_id=SECOND_ID, receiver=OTHER)).refused(TransferPending)


@pytest.mark.parametrize("answer", [DECLINED, REVOKED, LAPSED])
def test_after_one_that_came_to_nothing_another_is_asked_for_under_its_own_id(answer: Event) -> None:
    """An id is used once."""
    again = replace(REQUEST, transfer_id=SECOND_ID)
    given(CARE)([*WAITING, answer]).when(again).then([REQUESTED.model_copy(update={"transfer_id": SECOND_ID})])
    given(CARE)([*WAITING, answer]).when(REQUEST).refused(TransferExists)


def test_on_acceptance_the_receiver_is_responsible_alone_and_the_person_is_in_its_territory() -> None:
    """The acceptance itself is already the receiver's."""
    state = given(CARE)(WAITING).when(ACCEPT).then([ACCEPTED])
    assert CARE.place(state) == Placement(responsible_organisation=RECEIVER, territory="FE", municipality=None)
    assert isinstance(state, InCare)
    assert (state.record.other_municipality, state.record.episode) == ("038008", 1)


def test_an_acceptance_tells_what_the_figures_of_both_provinces_need() -> None:
    """Admissions move with the person: whether they count, and whether the person is in the programme still."""
    other = ADMITTED.model_copy(update={"programme": "another", "international_protection": False})
    left = ProgrammeLeft(beneficiary_id=PERSON_ID, programme="ancora-2.0", reason=LeaveReason.WITHDREW)
    moved = [
        CountedAdmission(programme="ancora-2.0", territory="PR", international_protection=True, current=False),
        CountedAdmission(programme="another", territory="PR", international_protection=False, current=True),
    ]
    given(CARE)([*IN_CARE, ADMITTED, other, left, REQUESTED]).when(ACCEPT).then([accepted(*moved)])


def test_an_admission_moves_from_where_it_counted_also_after_a_readmission_elsewhere_and_a_second_transfer() -> None:
    """Nobody counts in two provinces, nor less than nothing in one."""
    elsewhere = CARE.decide(READMIT, given(CARE)([*IN_CARE, ADMITTED, EXITED]).state())
    moved = CARE.decide(ACCEPT, given(CARE)([*IN_CARE, ADMITTED, EXITED, *elsewhere, REQUESTED]).state())
    assert isinstance(moved[0], TransferAccepted)
    assert [(each.programme, each.territory) for each in moved[0].admissions] == [("ancora-2.0", "PR")]
    back = replace(REQUEST, transfer_id=SECOND_ID, by=RECEIVER, receiver=SENDER, territory="PR")
    history = [*IN_CARE, ADMITTED, EXITED, *elsewhere, REQUESTED, *moved]
    asked = CARE.decide(back, given(CARE)(history).state())
    (again,) = CARE.decide(replace(ACCEPT, transfer_id=SECOND_ID, by=SENDER), given(CARE)([*history, *asked]).state())
    assert isinstance(again, TransferAccepted)
    assert [(each.programme, each.territory) for each in again.admissions] == [("ancora-2.0", "FE")]


def test_a_record_in_whose_place_another_goes_on_is_not_transferred_and_what_waits_can_only_come_to_nothing() -> None:
    """The record that goes on is; a transfer that waits when two records are found to be one person's is never accepted."""
    joined = DuplicateConfirmed(beneficiary_id=PERSON_ID, other_id=SECOND_ID, survivor_id=SECOND_ID, episode=1)
    given(CARE)([*IN_CARE, joined]).when(REQUEST).refused(RecordedElsewhere)
    given(CARE)([*WAITING, joined]).when(ACCEPT).refused(RecordedElsewhere)
    for command, event in ((DECLINE, DECLINED), (REVOKE, REVOKED), (LAPSE, LAPSED)):
        given(CARE)([*WAITING, joined]).when(command).then([event])


@pytest.mark.parametrize("by", [SENDER, OTHER])
def test_only_the_named_receiver_accepts_or_declines(by: str) -> None:
    """Neither the sender nor a third."""
    given(CARE)(WAITING).when(replace(ACCEPT, by=by)).refused(NotTheReceiver)
    given(CARE)(WAITING).when(replace(DECLINE, by=by)).refused(NotTheReceiver)


@pytest.mark.parametrize("by", [RECEIVER, OTHER])
def test_only_the_sender_revokes(by: str) -> None:
    """The receiver declines instead, and says why."""
    given(CARE)(WAITING).when(replace(REVOKE, by=by)).refused(NotResponsible)


@pytest.mark.parametrize(("command", "event"), [(DECLINE, DECLINED), (REVOKE, REVOKED), (LAPSE, LAPSED)])
def test_declined_revoked_or_lapsed_leaves_everything_where_it_was(command: TransferCommand, event: Event) -> None:
    """The sender was responsible all along."""
    state = given(CARE)(WAITING).when(command).then([event])
    assert CARE.place(state) == CARE.place(given(CARE)(IN_CARE).state())


def test_a_refusal_is_kept_in_words() -> None:
    """Whoever asked reads why."""
    state = given(CARE)([*WAITING, DECLINED]).state()
    assert isinstance(state, InCare)
    assert [(each.status, each.refused_because) for each in state.record.transfers] == [(TransferStatus.DECLINED, WHY_NOT)]


@pytest.mark.parametrize("status", list(OVER))
@pytest.mark.parametrize("command", [ACCEPT, DECLINE, REVOKE, LAPSE], ids=lambda one: type(one).__name__)
def test_a_rejected_action_never_runs_later(status: TransferStatus, command: TransferCommand) -> None:
    """OpenCRVS: "a rejected action ran later all the same". Nothing changes what is over: no late answer, no late timer, no repeat."""
    given(CARE)([*WAITING, OVER[status]]).when(command).refused(TransferOver)


def test_an_old_answer_does_not_fit_a_newer_transfer() -> None:
    """I8: what was declined is not accepted by way of the request that came after it."""
    second = REQUESTED.model_copy(update={"transfer_id": SECOND_ID, "receiver": OTHER})
    given(CARE)([*WAITING, DECLINED, second]).when(ACCEPT).refused(TransferOver)
    given(CARE)([*WAITING, DECLINED, second]).when(replace(ACCEPT, transfer_id=SECOND_ID)).refused(NotTheReceiver)
    given(CARE)(WAITING).when(replace(ACCEPT, transfer_id=SECOND_ID)).refused(UnknownTransfer)


def test_it_can_be_accepted_on_its_last_day_and_not_after_whether_or_not_a_timer_has_come() -> None:
    """A scheduler that stands still keeps no request alive."""
    given(CARE)(WAITING).when(replace(ACCEPT, on=LAST)).then([ACCEPTED])
    given(CARE)(WAITING).when(replace(ACCEPT, on=LAST + timedelta(days=1))).refused(TransferOver)


def test_a_timer_that_comes_early_lapses_nothing() -> None:
    """The decider looks again."""
    given(CARE)(WAITING).when(replace(LAPSE, on=LAST)).refused(TransferStands)
    given(CARE)(IN_CARE).when(LAPSE).refused(TransferOver)


def test_an_exit_revokes_what_waits_and_is_not_held_up_by_it() -> None:
    """The exit has happened; whom the receiver was asked to take over is there no more."""
    given(CARE)(WAITING).when(EXIT).then([REVOKED, EXITED])
    for command in (ACCEPT, DECLINE, REVOKE, LAPSE):
        given(CARE)([*WAITING, REVOKED, EXITED]).when(command).refused(CareEnded)
    back = CARE.decide(READMIT, given(CARE)([*WAITING, REVOKED, EXITED]).state())
    given(CARE)([*WAITING, REVOKED, EXITED, *back]).when(ACCEPT).refused(TransferOver)


def test_a_person_moves_on_and_back() -> None:
    """Each time the organisation that is responsible asks."""
    onward = replace(REQUEST, transfer_id=SECOND_ID, by=RECEIVER, receiver=SENDER, territory="PR", municipality="034027")
    asked = CARE.decide(onward, given(CARE)([*WAITING, ACCEPTED]).state())
    back = given(CARE)([*WAITING, ACCEPTED, *asked]).when(replace(ACCEPT, transfer_id=SECOND_ID, by=SENDER)).then_types(type(ACCEPTED))
    assert responsible(*WAITING, ACCEPTED, *asked, *back) == SENDER
    given(CARE)([*WAITING, ACCEPTED]).when(replace(REQUEST, transfer_id=SECOND_ID)).refused(NotResponsible)


def test_what_is_recorded_while_it_waits_is_the_senders() -> None:
    """Care does not wait for an answer."""
    note = (
        given(CARE)(WAITING).when(AddNote(beneficiary_id=PERSON_ID, text="nota")).then([NoteAdded(beneficiary_id=PERSON_ID, text="nota")])
    )
    assert CARE.place(note).responsible_organisation == SENDER


def test_how_long_a_request_stands_is_data_of_a_version() -> None:
    """Days before the first version are under the first."""
    assert transfer_policy(ON).lapses_on(ON) == LAST
    assert transfer_policy(date(2019, 1, 1)) is TRANSFER_POLICIES[0]
    assert TransferPolicy(version="x", in_force_from=ON, stands_days=1).lapses_on(ON) == ON + timedelta(days=1)
    assert TRANSFER_ID != SECOND_ID
