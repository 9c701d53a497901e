"""A transfer's commands and events, plainly invented: from CIAC in Parma to C.I.D.A.S. in Ferrara."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from contracts.duplicates import CountedAdmission
from contracts.transfers import (
    TransferAccepted,
    TransferDeclined,
    TransferLapsed,
    TransferRequested,
    TransferRevoked,
)
from services.intake.domain.transfer import AcceptTransfer, DeclineTransfer, LapseTransfer, RequestTransfer, RevokeTransfer
from tests.unit.intake.examples import ON, PERSON_ID

TRANSFER_ID = UUID("7f0c6a52-8f2b-4e0e-9c1d-0a4f1f6f00f1")
SECOND_ID = UUID("7f0c6a52-8f2b-4e0e-9c1d-0a4f1f6f00f2")
SENDER, RECEIVER, OTHER = "ciac", "cidas", "arca-di-noe"
LAST = ON + timedelta(days=30)
WHY = "Inventato: ha trovato lavoro a Ferrara."
WHY_NOT = "Inventato: nessun posto libero."

REQUEST = RequestTransfer(transfer_id=TRANSFER_ID, by=SENDER, receiver=RECEIVER, territory="FE", municipality="038008", reason=WHY, on=ON)
ACCEPT = AcceptTransfer(transfer_id=TRANSFER_ID, by=RECEIVER, on=ON)
DECLINE = DeclineTransfer(transfer_id=TRANSFER_ID, by=RECEIVER, reason=WHY_NOT)
REVOKE = RevokeTransfer(transfer_id=TRANSFER_ID, by=SENDER)
LAPSE = LapseTransfer(on=LAST + timedelta(days=1))

REQUESTED = TransferRequested(
    beneficiary_id=PERSON_ID,
    transfer_id=TRANSFER_ID,
    receiver=RECEIVER,
    territory="FE",
    lapses_on=LAST,
    policy_version="2020-06",
    other_municipality="038008",
    reason=WHY,
)


def accepted(*admissions: CountedAdmission) -> TransferAccepted:
    """Return the acceptance of somebody who was admitted so."""
    return TransferAccepted(
        beneficiary_id=PERSON_ID,
        transfer_id=TRANSFER_ID,
        episode=1,
        organisation=RECEIVER,
        territory="FE",
        sender=SENDER,
        admissions=admissions,
        other_municipality="038008",
    )


ACCEPTED = accepted()
DECLINED = TransferDeclined(beneficiary_id=PERSON_ID, transfer_id=TRANSFER_ID, reason=WHY_NOT)
REVOKED = TransferRevoked(beneficiary_id=PERSON_ID, transfer_id=TRANSFER_ID)
LAPSED = TransferLapsed(beneficiary_id=PERSON_ID, transfer_id=TRANSFER_ID)
