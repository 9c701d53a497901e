"""An erasure over HTTP, the same wherever one is conducted: the bodies of its commands, and the certificate of what was done."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.erasure import (
    ErasureApproved,
    ErasureCompleted,
    ErasureDeferred,
    ErasureRequested,
    PersonalDataErased,
    TutorDataErased,
    TutorErasureApproved,
    TutorErasureCompleted,
    TutorErasureDeferred,
    TutorErasureRequested,
)
from contracts.erasure_codes import DeferralGround, Holder, RequestedBy
from services._runtime.access.roles import Role
from services._runtime.erasing.commands import ApproveErasure, DeferErasure, RequestErasure
from services._runtime.web.bodies import CommandBody, Day, Prose
from services._runtime.web.commands import StoredEvent, stored_event

if TYPE_CHECKING:
    from services._runtime.erasing.erasable import Erasable
    from services._runtime.opening import Opened
    from services._runtime.web.commands import Call


class ErasureRequest(CommandBody):
    """The request that the personal data be erased."""

    by: Annotated[Literal["the-person", "the-organisation"], Field(description="who wants it; for a person's own call always they")] = (
        "the-person"
    )
    reason: Prose | None = None


class ErasureDeferral(CommandBody):
    """The decision to keep the data for a time."""

    ground: Annotated[DeferralGround, Field(description="the legal ground, of GDPR art. 17(3)")]
    until: Annotated[Day, Field(description="the last day on which the data are kept for it")]
    reason: Prose | None = None


class ErasureApproval(CommandBody):
    """The approval by a second person. Nothing can bring the data back."""


class Destruction(BaseModel):
    """A service in which the data are unreadable, since when, and the event by which it acknowledged."""

    service: Holder
    on: date
    acknowledgement: UUID


class ErasureAnswer(BaseModel):
    """How far an erasure is; once `completed`, its certificate. It holds no personal data, and each event's digest proves it."""

    subject_id: UUID
    status: Literal["not-requested", "requested", "deferred", "under-way", "completed"] = "not-requested"
    requested_on: date | None = None
    requested_by: RequestedBy | None = None
    deferred_on: DeferralGround | None = Field(default=None, description="the legal ground of the last deferral")
    deferred_until: date | None = None
    approved_on: date | None = None
    services: list[Destruction] = []
    completed_on: date | None = None
    key_backups_expire_on: date | None = Field(default=None, description="when the last backup of a destroyed key expires")
    events: list[StoredEvent] = []


def requesting(subject_id: UUID, body: ErasureRequest, call: Call) -> RequestErasure:
    """Return the command of a request."""
    by = RequestedBy.PERSON if call.caller.role is Role.BENEFICIARY else RequestedBy(body.by)
    return RequestErasure(subject_id=subject_id, by=by, actor=call.caller.sub, reason=body.reason)


def deferring(subject_id: UUID, body: ErasureDeferral, call: Call) -> DeferErasure:
    """Return the command of a deferral."""
    return DeferErasure(subject_id=subject_id, ground=body.ground, until=body.until, on=call.day(body), reason=body.reason)


def approving(subject_id: UUID, body: ErasureApproval, call: Call, *, held_until: date | None = None) -> ApproveErasure:
    """Return the command of an approval; `held_until` is the last day for which a law demands the data."""
    return ApproveErasure(subject_id=subject_id, actor=call.caller.sub, on=call.day(body), held_until=held_until)


def erasure_answer(subject_id: UUID, opened: Opened[Erasable[Any]]) -> ErasureAnswer:
    """Return how far the erasure of an opened record is."""
    told: dict[str, Any] = {"services": [], "events": []}
    for event, stored in zip(opened.events, opened.stored, strict=True):
        on = stored.recorded.envelope.occurred_on
        match event:
            case ErasureRequested() | TutorErasureRequested():
                told |= {"status": "requested", "requested_on": on, "requested_by": event.by}
            case ErasureDeferred() | TutorErasureDeferred():
                told |= {"status": "deferred", "deferred_on": event.ground, "deferred_until": event.until}
            case ErasureApproved() | TutorErasureApproved():
                told |= {"status": "under-way", "approved_on": on}
            case PersonalDataErased() | TutorDataErased():
                told["services"].append(Destruction(service=event.service, on=on, acknowledgement=event.acknowledgement))
            case ErasureCompleted() | TutorErasureCompleted():
                told |= {"status": "completed", "completed_on": on, "key_backups_expire_on": event.key_backups_expire_on}
            case _:
                continue
        told["events"].append(stored_event(stored))
    return ErasureAnswer(subject_id=subject_id, **told)
