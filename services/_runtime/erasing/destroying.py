"""What every service does when an erasure is approved: destroy, delete, acknowledge; and how its conductor collects what they say.

Each step is the same when repeated, and the inbox is written with the acknowledgement: a process that dies between any two of them
begins anew with the same delivery, and nothing says that data are erased before they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contracts.erasure import (
    ACKNOWLEDGED,
    AnyAcknowledged,
    ErasureApproved,
    IntakeAcknowledged,
    PathwaysAcknowledged,
    ReportingAcknowledged,
    TutorErasureApproved,
    TutorsAcknowledged,
)
from contracts.erasure_codes import Holder, SubjectKind
from services._runtime.decider import Decider, Placement
from services._runtime.erasing.commands import NoteErased
from services._runtime.handling import Step

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from contracts.event import Event
    from services._runtime.handling import Commands
    from services._runtime.reactions import Delivered, Reaction
    from services._runtime.store.port import InboxEntry


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Say that it is done; once is enough."""

    event: AnyAcknowledged


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What this service has said of somebody's erasure so far."""

    event: AnyAcknowledged | None = None


def _acknowledge(command: Acknowledge, state: Acknowledgement) -> list[AnyAcknowledged]:
    return [] if state.event is not None else [command.event]


def _whose(state: Acknowledgement) -> UUID | None:
    return None if state.event is None else state.event.subject_id


ACKNOWLEDGEMENT: Decider[Acknowledge, Acknowledgement, AnyAcknowledged] = Decider(
    category="erasure",
    initial=Acknowledgement(),
    decide=_acknowledge,
    evolve=lambda _state, event: Acknowledgement(event),
    place=lambda _state: Placement(),
    partition=_whose,
)
"""A stream per person and service, keyed by the person, so that it keeps its order with all else of theirs."""


def destroying(service: str) -> Mapping[type[Event], Reaction]:
    """Return the reactions by which a service takes its part in every erasure, whoever conducts it."""
    holder = Holder(service)

    async def destroy(delivered: Delivered, commands: Commands, inbox: InboxEntry) -> None:
        """Destroy the keys of whoever is erased, delete what they sealed, and acknowledge."""
        subject_id, kind = _subject_of(delivered.event)
        await commands.destruction.destroy(subject_id)
        context = delivered.context(f"ancora.{service}")
        expires = context.occurred_on + commands.destruction.key_backups
        said = ACKNOWLEDGED[holder](subject_id=subject_id, kind=kind, key_backups_expire_on=expires)
        await commands.execute(Step(ACKNOWLEDGEMENT, subject_id, Acknowledge(said)), context=context, inbox=inbox)

    return dict.fromkeys((ErasureApproved, TutorErasureApproved), destroy)


def collecting(service: str, kind: SubjectKind, decider: Decider[Any, Any, Any]) -> Mapping[type[Event], Reaction]:
    """Return the reactions by which whoever conducts erasures of this kind learns that a service has done its part."""

    async def collect(delivered: Delivered, commands: Commands, inbox: InboxEntry) -> None:
        """Note that a service has acknowledged an erasure; with the last of them it is complete."""
        event = delivered.event
        if not isinstance(event, AnyAcknowledged) or event.kind is not kind:
            return
        envelope = delivered.envelope
        told = NoteErased(
            subject_id=event.subject_id,
            service=Holder(delivered.source),
            acknowledgement=envelope.event_id,
            key_backups_expire_on=event.key_backups_expire_on,
        )
        context = delivered.context(f"ancora.{service}")
        await commands.execute(Step(decider, event.subject_id, told), context=context, inbox=inbox)

    return dict.fromkeys((IntakeAcknowledged, PathwaysAcknowledged, TutorsAcknowledged, ReportingAcknowledged), collect)


def _subject_of(event: Event) -> tuple[UUID, SubjectKind]:
    match event:
        case ErasureApproved():
            return event.beneficiary_id, SubjectKind.BENEFICIARY
        case TutorErasureApproved():
            return event.tutor_id, SubjectKind.TUTOR
        case _:
            raise TypeError(event.type_name)
