"""What one tutor noted of a person is hidden from the next, until a coordinator opens it with a reason."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from contracts.assignments import EarlierNotesOpened
from services._runtime.ids import derived_id
from services.tutors.app.deciders import ASSIGNMENT
from services.tutors.domain.assignment import AssignmentRuns, NotALaterAssignment, NotesAlreadyOpened
from services.tutors.domain.assignment_commands import OpenEarlierNotes
from services.tutors.domain.assignment_state import Ended, Support
from tests.support.given import given
from tests.unit.tutors.cases import (
    ASSIGNED,
    ASSIGNMENT_ID,
    BENEFICIARY_ID,
    OTHER_ASSIGNMENT,
    REQUEST_ID,
    after,
)
from tests.unit.tutors.match_cases import OTHER_TUTOR
from tests.unit.tutors.test_reassigning import ENDED

if TYPE_CHECKING:
    from contracts.errors import Refusal
    from contracts.event import Event


given_assignment = given(ASSIGNMENT)

LATER = Support(
    assignment_id=OTHER_ASSIGNMENT,
    request_id=REQUEST_ID,
    tutor_id=OTHER_TUTOR,
    beneficiary_id=BENEFICIARY_ID,
    pathway_id=ASSIGNED.pathway_id,
    episode=1,
    organisation="ciac",
    territory="PR",
    municipality="034027",
    starts_on=after(20),
)
OPEN_NOTES = OpenEarlierNotes(opened_to=LATER, reason="Perché si conoscano meglio.")
OPENED = EarlierNotesOpened(
    assignment_id=ASSIGNMENT_ID,
    beneficiary_id=BENEFICIARY_ID,
    opened_to=OTHER_ASSIGNMENT,
    tutor_id=OTHER_TUTOR,
    reason="Perché si conoscano meglio.",
)


def test_a_coordinator_opens_earlier_notes_with_a_reason() -> None:
    state = given_assignment([ASSIGNED, ENDED]).when(OPEN_NOTES).then([OPENED])
    assert isinstance(state, Ended)
    assert state.opened_to == {OTHER_ASSIGNMENT}


@pytest.mark.parametrize(
    ("events", "command", "refusal"),
    [
        ([ASSIGNED], OPEN_NOTES, AssignmentRuns),
        (
            [ASSIGNED, ENDED],
            replace(OPEN_NOTES, opened_to=replace(LATER, request_id=derived_id("case", "another's request"))),
            NotALaterAssignment,
        ),
        ([ASSIGNED, ENDED], replace(OPEN_NOTES, opened_to=None), NotALaterAssignment),
        ([ASSIGNED, ENDED, OPENED], OPEN_NOTES, NotesAlreadyOpened),
    ],
    ids=["it runs", "another person's", "of none that runs", "again"],
)
def test_notes_are_opened_once_and_only_to_whoever_comes_after(
    events: list[Event], command: OpenEarlierNotes, refusal: type[Refusal]
) -> None:
    given_assignment(events).when(command).refused(refusal)
