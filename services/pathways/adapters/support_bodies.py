"""Request bodies of services, material support and attendances: their form, and the command that each asks for."""

from __future__ import annotations

from typing import Annotated

from pydantic import UUID4, Field, StrictInt

from services._runtime.web.bodies import Code, CommandBody, Flag, Prose
from services.pathways.adapters.measuring_bodies import EvidenceBody
from services.pathways.domain import support_commands as asked
from services.pathways.domain.attendance import RecordAttendance

Minutes = Annotated[StrictInt, Field(ge=1, le=1440)]
Cents = Annotated[StrictInt, Field(ge=1, le=100_000_000, description="euro cents")]


class ServiceBody(CommandBody):
    """A service given to the person."""

    service_id: UUID4
    kind: Code
    minutes: Minutes
    mediated: Flag
    programme: Code | None = None
    notes: Prose | None = None

    def command(self) -> asked.DeliverService:
        """Return the command."""
        return asked.DeliverService(
            service_id=self.service_id,
            kind=self.kind,
            minutes=self.minutes,
            mediated=self.mediated,
            programme=self.programme,
            notes=self.notes,
        )


class SupportBody(CommandBody):
    """Material support, granted against a budget line."""

    grant_id: UUID4
    kind: Code
    amount_cents: Cents
    budget_line: Code
    programme: Code | None = None

    def command(self) -> asked.GrantSupport:
        """Return the command."""
        return asked.GrantSupport(
            grant_id=self.grant_id,
            kind=self.kind,
            amount_cents=self.amount_cents,
            budget_line=self.budget_line,
            programme=self.programme,
        )


class PaymentBody(CommandBody):
    """A payment of granted support."""

    payment_id: UUID4
    grant_id: UUID4
    amount_cents: Cents
    receipt: EvidenceBody | None = None

    def command(self) -> asked.PaySupport:
        """Return the command."""
        return asked.PaySupport(
            payment_id=self.payment_id,
            grant_id=self.grant_id,
            amount_cents=self.amount_cents,
            receipt=None if self.receipt is None else self.receipt.evidence(),
        )


class ReturnBody(CommandBody):
    """Paid support that came back."""

    return_id: UUID4
    grant_id: UUID4
    amount_cents: Cents
    receipt: EvidenceBody | None = None

    def command(self) -> asked.ReturnSupport:
        """Return the command."""
        return asked.ReturnSupport(
            return_id=self.return_id,
            grant_id=self.grant_id,
            amount_cents=self.amount_cents,
            receipt=None if self.receipt is None else self.receipt.evidence(),
        )


class AttendanceBody(CommandBody):
    """Whether the person was at an activity of the caller's organisation."""

    attendance_id: UUID4
    activity_id: UUID4
    attended: Flag
    minutes: Annotated[StrictInt, Field(ge=0, le=1440, description="for how long they were there; 0 where they were not")]
    corrects: Annotated[UUID4 | None, Field(description="the wrong record that this one replaces")] = None

    def command(self) -> RecordAttendance:
        """Return the command."""
        return RecordAttendance(
            attendance_id=self.attendance_id,
            activity_id=self.activity_id,
            attended=self.attended,
            minutes=self.minutes,
            corrects=self.corrects,
        )
