"""The list of transfers: who asked whom, where it stands, and which version an answer is decided on."""

from __future__ import annotations

import pytest

from contracts.event import Event
from contracts.intake import NoteAdded
from services.intake.domain.transfer_state import TransferStatus
from services.intake.projections.transfers import TRANSFERS, TransferRow
from tests.support.read_models import given
from tests.unit.intake.examples import ENROLLED, NOTICE, PERSON_ID
from tests.unit.intake.transfers import ACCEPTED, DECLINED, LAPSED, LAST, REQUESTED, REVOKED, SECOND_ID, TRANSFER_ID, WHY

NOTE = NoteAdded(beneficiary_id=PERSON_ID, text="nota")
BEFORE = (NOTICE, ENROLLED, NOTE)


def row_after(*events: Event) -> TransferRow | None:
    """Return the person's row after these events."""
    row: TransferRow | None = given(*events).then(TRANSFERS).row(PERSON_ID)
    return row


def test_who_was_never_to_move_has_no_row() -> None:
    """The list is no caseload."""
    assert row_after(*BEFORE) is None


def test_while_it_waits_its_version_is_the_records_so_that_it_can_be_answered() -> None:
    """What the sender records meanwhile counts; no word of it shows."""
    row = row_after(*BEFORE, REQUESTED)
    assert row is not None
    assert (row.transfer_id, row.organisation, row.receiver, row.territory) == (TRANSFER_ID, "ciac", "cidas", "FE")
    assert (row.status, row.lapses_on, row.answered_on, row.version) == (TransferStatus.REQUESTED, LAST, None, 4)
    assert WHY not in repr(row)
    row = row_after(*BEFORE, REQUESTED, NOTE)
    assert row is not None
    assert (row.status, row.version) == (TransferStatus.REQUESTED, 5)


@pytest.mark.parametrize(("answer", "status"), [(ACCEPTED, "accepted"), (DECLINED, "declined"), (REVOKED, "revoked"), (LAPSED, "lapsed")])
def test_once_it_is_over_its_row_stands_still(answer: Event, status: str) -> None:
    """I8: whoever is not responsible learns nothing by it of what is recorded since."""
    row = row_after(*BEFORE, REQUESTED, answer)
    assert row is not None
    assert (row.status, row.organisation, row.version) == (TransferStatus(status), "ciac", 5)
    assert row.answered_on is not None
    assert row_after(*BEFORE, REQUESTED, answer, NOTE, NOTE) == row


def test_a_newer_transfer_takes_the_place_of_an_older_one() -> None:
    """I8: after the person has moved on, the first sender is in no row of theirs any more."""
    onward = REQUESTED.model_copy(update={"transfer_id": SECOND_ID, "receiver": "arca-di-noe"})
    row = row_after(*BEFORE, REQUESTED, DECLINED, onward)
    assert row is not None
    assert (row.transfer_id, row.receiver, row.status) == (SECOND_ID, "arca-di-noe", TransferStatus.REQUESTED)
