"""The group activity: held once, by an organisation, of a kind of the methodology's catalogue. Nobody is named on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeAlias, assert_never

from contracts.activities import ActivityHeld
from contracts.errors import Invalid, Refusal, Unknown

if TYPE_CHECKING:
    from uuid import UUID

    from services.pathways.domain.methodology import Methodology


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldActivity:
    """Record an activity that took place."""

    activity_id: UUID
    organisation: str
    territory: str
    kind: str
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendActivity:
    """Be there for an attendance of so many minutes: nothing is recorded of it here."""

    activity_id: UUID
    minutes: int


ActivityCommand: TypeAlias = HoldActivity | AttendActivity


class ActivityHeldAlready(Refusal):
    """The activity is recorded."""

    code: ClassVar[str] = "activity-held-already"


class ActivityOfSensitiveArea(Invalid):
    """To have been at such an activity would tell what the person needs it for."""

    code: ClassVar[str] = "activity-of-sensitive-area"


class AttendanceTooLong(Invalid):
    """Nobody was at an activity for longer than it lasted."""

    code: ClassVar[str] = "attendance-too-long"


@dataclass(frozen=True, slots=True)
class NotHeld:
    """Nothing is recorded under this id."""


@dataclass(frozen=True, slots=True)
class Held:
    """The activity took place."""

    activity_id: UUID
    organisation: str
    territory: str
    kind: str
    minutes: int


ActivityState: TypeAlias = NotHeld | Held


def decide(command: ActivityCommand, state: ActivityState, methodology: Methodology) -> list[ActivityHeld]:
    """Return what the command leads to; raises a `Refusal`. Pure."""
    match command:
        case HoldActivity():
            if isinstance(state, Held):
                raise ActivityHeldAlready("the activity is recorded: record who came")
            return [_held(command, methodology)]
        case AttendActivity(minutes=minutes):
            if isinstance(state, NotHeld):
                # The words that are said of another organisation's activity.
                raise Unknown("no activity is recorded under this id: check it, or create it first")
            if minutes > state.minutes:
                raise AttendanceTooLong(f"the activity lasted {state.minutes} minutes")
            return []
        case _:
            assert_never(command)


def evolve(_state: ActivityState, event: ActivityHeld) -> ActivityState:
    """Return the activity after the event."""
    return Held(event.activity_id, event.organisation, event.territory, event.kind, event.minutes)


def _held(command: HoldActivity, methodology: Methodology) -> ActivityHeld:
    kind = methodology.service_kind(command.kind)
    area = methodology.area(kind.area)
    if area.sensitive:
        raise ActivityOfSensitiveArea("record it as a service on each person's pathway, where its kind is sealed")
    return ActivityHeld(
        activity_id=command.activity_id,
        organisation=command.organisation,
        territory=command.territory,
        kind=kind.code,
        dimension=area.dimension,
        minutes=command.minutes,
        methodology_version=methodology.version,
    )
