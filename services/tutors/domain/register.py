"""An organisation's register: for which kinds of expense, and when, its body resolved that a volunteer's own declaration suffices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never
from uuid import UUID

from contracts.errors import Invalid, Refusal, Unknown
from contracts.tutor_follow_up import ResolutionAdopted, ResolutionRevoked
from contracts.tutor_follow_up_codes import ExpenseKind, ResolvingBody
from services.tutors.domain.expenses import ResolutionMissing
from services.tutors.domain.follow_up_commands import AdoptResolution, RegisterCommand, RelyOnResolution, RevokeResolution

RegisterEvent = ResolutionAdopted | ResolutionRevoked


class ResolutionAlreadyAdopted(Refusal):
    """A resolution is recorded under this id."""

    code = "resolution-already-adopted"


class ResolutionUnknown(Unknown):
    """No resolution that holds is recorded under this id."""

    code = "resolution-unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """One resolution; `revoked_on` is the first day on which it does not hold, None while it does."""

    resolution_id: UUID
    body: ResolvingBody
    adopted_on: date
    kinds: tuple[ExpenseKind, ...]
    minutes: str
    sha256: str | None
    revoked_on: date | None = None

    def holds(self, kind: ExpenseKind, day: date) -> bool:
        """Tell whether it holds for a kind of expense on a day."""
        return kind in self.kinds and self.adopted_on <= day and (self.revoked_on is None or day < self.revoked_on)


@dataclass(frozen=True, slots=True)
class Register:
    """What the organisation resolved, oldest record first. Without an organisation nothing is recorded yet."""

    organisation: str | None = None
    resolutions: tuple[Resolution, ...] = ()

    def resolution(self, kind: ExpenseKind, day: date) -> UUID | None:
        """Return the resolution that holds for a kind of expense on a day, or None."""
        return next((one.resolution_id for one in reversed(self.resolutions) if one.holds(kind, day)), None)


def decide(command: RegisterCommand, state: Register) -> list[RegisterEvent]:
    """Return what follows from a command to a register; raises a `Refusal`."""
    match command:
        case AdoptResolution():
            return [_adopt(command, state)]
        case RevokeResolution():
            return [_revoke(command, state)]
        case RelyOnResolution():
            if state.resolution(command.kind, command.on) is None:
                raise ResolutionMissing("no resolution stands for this kind on that day: attach a receipt, or record one first")
            return []
        case _:
            assert_never(command)


def evolve(state: Register, event: RegisterEvent) -> Register:
    """Return the register after an event of its stream."""
    match event:
        case ResolutionAdopted():
            adopted = Resolution(
                resolution_id=event.resolution_id,
                body=event.body,
                adopted_on=event.adopted_on,
                kinds=event.kinds,
                minutes=event.minutes,
                sha256=event.sha256,
            )
            return Register(event.organisation, (*state.resolutions, adopted))
        case ResolutionRevoked():
            revoked = (
                replace(one, revoked_on=event.revoked_on) if one.resolution_id == event.resolution_id else one for one in state.resolutions
            )
            return replace(state, resolutions=tuple(revoked))
        case _:
            assert_never(event)


def _adopt(command: AdoptResolution, state: Register) -> ResolutionAdopted:
    if any(one.resolution_id == command.resolution_id for one in state.resolutions):
        raise ResolutionAlreadyAdopted("a resolution is recorded under this id: choose another one")
    if not command.kinds or len(set(command.kinds)) < len(command.kinds):
        raise Invalid("a resolution names the kinds of expense for which it holds, each once")
    return ResolutionAdopted(
        organisation=command.organisation,
        resolution_id=command.resolution_id,
        body=command.body,
        adopted_on=command.adopted_on,
        kinds=command.kinds,
        minutes=command.minutes,
        sha256=command.sha256,
    )


def _revoke(command: RevokeResolution, state: Register) -> ResolutionRevoked:
    standing = next((one for one in state.resolutions if one.resolution_id == command.resolution_id and one.revoked_on is None), None)
    if standing is None or state.organisation is None:
        raise ResolutionUnknown("no resolution that holds is recorded under this id")
    if command.revoked_on < standing.adopted_on:
        raise Invalid("a resolution is not revoked before it was adopted")
    return ResolutionRevoked(organisation=state.organisation, resolution_id=command.resolution_id, revoked_on=command.revoked_on)
