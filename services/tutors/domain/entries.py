"""What stands in an assignment, and how each part is read from its events: meetings, introductions, pauses, volunteers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from contracts.assignments import (
    ConnectionIntroduced,
    MeetingCorrected,
    MeetingLogged,
    VolunteerWithdrawn,
)
from contracts.tutor_codes import ConnectionKind, MeetingKind
from contracts.tutor_follow_up import SilencePaused
from contracts.tutor_follow_up_codes import PauseReason

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """One meeting as last corrected. Its notes are None once their key is destroyed."""

    meeting_id: UUID
    held_on: date
    duration_minutes: int
    kind: MeetingKind
    took_place: bool
    volunteers: tuple[UUID, ...] = ()
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One introduction."""

    connection_id: UUID
    kind: ConnectionKind
    introduced_on: date
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Days on which the clocks of silence stand still, both included. Its words are None once their key is destroyed."""

    paused_from: date
    paused_until: date
    reason: PauseReason
    notes: str | None = None

    def covers(self, day: date) -> bool:
        """Tell whether the clocks stand still on a day."""
        return self.paused_from <= day <= self.paused_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A volunteer of the group or association beside the person; `until` is None while they are, else the first day without them."""

    volunteer_id: UUID
    since: date
    until: date | None = None

    def there(self, day: date) -> bool:
        """Tell whether they stood there on a day."""
        return self.since <= day and (self.until is None or day < self.until)


def meeting_of(event: MeetingLogged | MeetingCorrected) -> Meeting:
    """Return a meeting as it was entered last."""
    return Meeting(
        meeting_id=event.meeting_id,
        held_on=event.held_on,
        duration_minutes=event.duration_minutes,
        kind=event.kind,
        took_place=event.took_place,
        volunteers=event.volunteers,
        notes=event.notes,
    )


def connection_of(event: ConnectionIntroduced) -> Connection:
    """Return an introduction."""
    return Connection(connection_id=event.connection_id, kind=event.kind, introduced_on=event.introduced_on, notes=event.notes)


def pause_of(event: SilencePaused) -> Pause:
    """Return a pause."""
    return Pause(paused_from=event.paused_from, paused_until=event.paused_until, reason=event.reason, notes=event.notes)


def resumed(pause: Pause, day: date) -> Pause:
    """Return a pause that ends before a day, where it covers that day."""
    return replace(pause, paused_until=day - _DAY) if pause.covers(day) else pause


def withdrawn(one: Beside, event: VolunteerWithdrawn) -> Beside:
    """Return a volunteer as they stand there after one was withdrawn."""
    return replace(one, until=event.until) if (one.volunteer_id, one.until) == (event.volunteer_id, None) else one
