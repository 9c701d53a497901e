"""The process of an erasure as a decider: requested, perhaps deferred, approved by a second person, destroyed everywhere, completed.

Both services that conduct erasures use it, each with events of its own; what else stands against it they say by `Standing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum, auto
from typing import Any, assert_never

from contracts.erasure import (
    AnyApproved,
    AnyCompleted,
    AnyDeferred,
    AnyErased,
    AnyRequested,
    ErasureApproved,
    ErasureCompleted,
    ErasureDeferred,
    ErasureEvent,
    ErasureRequested,
    PersonalDataErased,
    TutorDataErased,
    TutorErasureApproved,
    TutorErasureCompleted,
    TutorErasureDeferred,
    TutorErasureRequested,
)
from contracts.erasure_codes import DeferralGround, Holder, SubjectKind
from contracts.errors import Invalid, Refusal, Unknown
from services._runtime.erasing.commands import ApproveErasure, DeferErasure, ErasureCommand, NoteErased, RequestErasure
from services._runtime.store.keyring import SubjectErased


class Standing(Enum):
    """What the rest of the record says about erasing it."""

    UNKNOWN = auto()
    """Nothing is recorded."""
    NEEDED = auto()
    """The data are needed for what they were collected for."""
    FREE = auto()
    """Nothing needs them any more."""


@dataclass(frozen=True, slots=True)
class NotAsked:
    """Nobody has asked for it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """It was asked for, and waits for approval; where it was deferred, not before the day after `until`."""

    requested_by: str
    ground: DeferralGround | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class UnderWay:
    """It was approved: nothing more is recorded, and services destroy. `erased` are those that have acknowledged."""

    erased: frozenset[Holder] = frozenset()
    key_backups_expire_on: date = date.min


@dataclass(frozen=True, slots=True)
class Done:
    """Every service has acknowledged."""

    key_backups_expire_on: date


Erasure = NotAsked | Waiting | UnderWay | Done
NOT_ASKED = NotAsked()


class ErasureNotRequested(Refusal):
    """There is no request that could be deferred or approved."""

    code = "erasure-not-requested"


class ErasureAlreadyRequested(Refusal):
    """A request waits already."""

    code = "erasure-already-requested"


class SecondPersonNeeded(Refusal):
    """Whoever entered the request cannot approve it."""

    code = "second-person-needed"


class ErasureIsDeferred(Refusal):
    """The deferral's last day has not passed."""

    code = "erasure-is-deferred"


class StillNeeded(Refusal):
    """The data are needed for what they were collected for."""

    code = "data-still-needed"


class LegalHold(Refusal):
    """A law demands that the data are kept for longer."""

    code = "legal-hold"


@dataclass(frozen=True, slots=True)
class Events:
    """The classes in which one kind of erasure speaks, and the field that holds whose it is."""

    subject: str
    requested: type[AnyRequested]
    deferred: type[AnyDeferred]
    approved: type[AnyApproved]
    erased: type[AnyErased]
    completed: type[AnyCompleted]


EVENTS: Mapping[SubjectKind, Events] = {
    SubjectKind.BENEFICIARY: Events(
        "beneficiary_id", ErasureRequested, ErasureDeferred, ErasureApproved, PersonalDataErased, ErasureCompleted
    ),
    SubjectKind.TUTOR: Events(
        "tutor_id", TutorErasureRequested, TutorErasureDeferred, TutorErasureApproved, TutorDataErased, TutorErasureCompleted
    ),
}


def decide(command: ErasureCommand, state: Erasure, standing: Standing, events: Events) -> list[ErasureEvent]:
    """Return what follows from a command to an erasure; raises a `Refusal`."""
    if standing is Standing.UNKNOWN:
        raise Unknown
    named: dict[str, Any] = {events.subject: command.subject_id}
    match command:
        case RequestErasure():
            return [_request(command, state, events, named)]
        case DeferErasure():
            return [_defer(command, state, events, named)]
        case ApproveErasure():
            _approve(command, state, standing)
            return [events.approved(**named)]
        case NoteErased():
            return _note(command, state, events, named)
        case _:
            assert_never(command)


def _request(command: RequestErasure, state: Erasure, events: Events, named: dict[str, Any]) -> AnyRequested:
    match state:
        case NotAsked():
            return events.requested(**named, by=command.by, requested_by=command.actor, reason=command.reason)
        case Waiting():
            raise ErasureAlreadyRequested("a request waits already: approve it, or defer it")
        case UnderWay() | Done():
            raise SubjectErased
        case _:
            assert_never(state)


def _defer(command: DeferErasure, state: Erasure, events: Events, named: dict[str, Any]) -> AnyDeferred:
    _waiting(state)
    if command.until <= command.on:
        raise Invalid("an erasure is deferred to a day that is still to come")
    return events.deferred(**named, ground=command.ground, until=command.until, reason=command.reason)


def _approve(command: ApproveErasure, state: Erasure, standing: Standing) -> None:
    waiting = _waiting(state)
    if command.actor == waiting.requested_by:
        raise SecondPersonNeeded("whoever entered the request cannot approve it: a second person does")
    if waiting.until is not None and command.on <= waiting.until:
        raise ErasureIsDeferred(f"it is deferred up to {waiting.until}: approve it after that day")
    if standing is Standing.NEEDED:
        raise StillNeeded("the data are needed for what they were collected for: end that first, or defer the erasure")
    if command.held_until is not None and command.on <= command.held_until:
        raise LegalHold(f"a law demands that the entries are kept up to {command.held_until}: approve it after that day")


def _note(command: NoteErased, state: Erasure, events: Events, named: dict[str, Any]) -> list[ErasureEvent]:
    match state:
        case UnderWay() if command.service not in state.erased:
            expires = command.key_backups_expire_on
            erased = events.erased(**named, service=command.service, acknowledgement=command.acknowledgement, key_backups_expire_on=expires)
            if {*state.erased, command.service} != set(Holder):
                return [erased]
            return [erased, events.completed(**named, key_backups_expire_on=max(expires, state.key_backups_expire_on))]
        case UnderWay() | Done():
            return []
        case NotAsked() | Waiting():
            raise ErasureNotRequested("no erasure was approved that could be acknowledged")
        case _:
            assert_never(state)


def _waiting(state: Erasure) -> Waiting:
    match state:
        case Waiting():
            return state
        case NotAsked():
            raise ErasureNotRequested("nobody has asked for an erasure: enter the request first")
        case UnderWay() | Done():
            raise SubjectErased
        case _:
            assert_never(state)


def evolve(state: Erasure, event: ErasureEvent) -> Erasure:
    """Return the erasure after one of its events."""
    match event:
        case ErasureRequested() | TutorErasureRequested():
            return Waiting(event.requested_by)
        case ErasureDeferred() | TutorErasureDeferred():
            return replace(_waiting(state), ground=event.ground, until=event.until)
        case ErasureApproved() | TutorErasureApproved():
            return UnderWay()
        case PersonalDataErased() | TutorDataErased():
            before = state if isinstance(state, UnderWay) else UnderWay()
            expires = max(before.key_backups_expire_on, event.key_backups_expire_on)
            return UnderWay(before.erased | {event.service}, expires)
        case ErasureCompleted() | TutorErasureCompleted():
            return Done(event.key_backups_expire_on)
        case _:
            assert_never(event)
