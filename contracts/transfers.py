"""What intake publishes when a person is to pass from one organisation to another: all of it on the person's own stream.

Responsibility moves with `TransferAccepted` and with nothing else; its envelope, and each later one, is the receiver's.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.duplicates import CountedAdmission
from contracts.event import Event
from contracts.fields import BeneficiaryId, Episode, Municipality, Organisation, Territory
from contracts.pathway_values import Code
from contracts.personal import DataClass, Personal

TransferId = Annotated[UUID, Field(description="the transfer: random, says nothing")]
ElsewhereText = Annotated[str | None, Personal(DataClass.CONTACT)]
Words = Annotated[str | None, Personal(DataClass.NOTES)]


class _OfTransfer(BaseModel):
    beneficiary_id: BeneficiaryId
    transfer_id: TransferId


class TransferRequested(_OfTransfer, Event, type="intake.transfer_requested"):
    """The responsible organisation asks another to answer for the person; until that accepts, nothing moves."""

    receiver: Code = Field(description="code of the organisation that is asked")
    territory: Territory
    municipality: Municipality = None
    lapses_on: date = Field(description="the last day on which it can be accepted")
    policy_version: str = Field(description="version of the policy that says for how long it stands")
    other_municipality: ElsewhereText = Field(default=None, description="where they will live, if not in one of the four municipalities")
    reason: Words = Field(default=None, description="why the person is to move, in words")


class TransferAccepted(_OfTransfer, Event, type="intake.transfer_accepted"):
    """The receiver answers for the person from now on, alone; the person is in its territory."""

    episode: Episode
    organisation: Organisation
    territory: Territory
    municipality: Municipality = None
    sender: Code = Field(description="code of the organisation that was responsible until now")
    admissions: tuple[CountedAdmission, ...] = Field(
        description="the programmes to which the person was ever admitted, each with the province in which it counted"
    )
    other_municipality: ElsewhereText = Field(default=None, description="where they live, if not in one of the four municipalities")


class TransferDeclined(_OfTransfer, Event, type="intake.transfer_declined"):
    """The receiver does not take the person; whoever asked stays responsible."""

    reason: Words = Field(default=None, description="why not, in words")


class TransferRevoked(_OfTransfer, Event, type="intake.transfer_revoked"):
    """Whoever asked takes the request back, or the person's care ended while it waited."""


class TransferLapsed(_OfTransfer, Event, type="intake.transfer_lapsed"):
    """Nobody answered in time; whoever asked stays responsible."""


TransferEvent = TransferRequested | TransferAccepted | TransferDeclined | TransferRevoked | TransferLapsed
"""Every event of a transfer."""
