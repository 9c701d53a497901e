"""An emergency access: somebody who does not answer for a person may read their record, for an hour, and an officer asks why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID

from contracts.emergency import EmergencyAccessOpened, EmergencyAccessReviewed, EmergencyEvent, EmergencyReviewOverdue
from contracts.emergency_codes import EmergencyGround, ReviewOutcome
from contracts.errors import Refusal, Unknown
from services.intake.domain.commands import BeFoundInEmergency
from services.intake.domain.person import Exited, InCare, Informed, Person, Unrecorded

LASTS = timedelta(minutes=60)
"""How long an emergency access opens the record."""

REVIEWED_WITHIN = timedelta(hours=72)
"""Within which the officer must review it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEmergencyAccess:
    """Open one person's record to one caller of `organisation`, at the moment `at`."""

    emergency_id: UUID
    beneficiary_id: UUID
    organisation: str
    opened_by: str
    ground: EmergencyGround
    words: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEmergencyAccess:
    """Say whether it was justified; `reviewed_by` is the officer."""

    reviewed_by: str
    outcome: ReviewOutcome
    words: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkReviewOverdue:
    """The time for the review has passed."""


EmergencyCommand = OpenEmergencyAccess | ReviewEmergencyAccess | MarkReviewOverdue


@dataclass(frozen=True, slots=True)
class NeverOpened:
    """Nothing is recorded under this id."""


@dataclass(frozen=True, slots=True)
class Opened:
    """It was opened; `review` once the officer has looked."""

    opened: EmergencyAccessOpened
    overdue: bool = False
    review: EmergencyAccessReviewed | None = None


EmergencyAccess = NeverOpened | Opened


class AlreadyOpened(Refusal):
    """An emergency access is opened once; another emergency is another one."""

    code = "emergency-access-exists"


class OwnPerson(Refusal):
    """The caller's organisation answers for the person: no emergency is needed to read their record."""

    code = "own-person"


class OwnAccess(Refusal):
    """Nobody reviews what they did themselves."""

    code = "own-emergency-access"


class AlreadyReviewed(Refusal):
    """The officer has said what they found."""

    code = "emergency-access-reviewed"


class EmergencyOver(Refusal):
    """The hour has passed."""

    code = "emergency-access-over"


def found(command: BeFoundInEmergency, state: Person) -> None:
    """Demand that there is such a person, and that another organisation answers for them; raises a `Refusal`."""
    match state:
        case Unrecorded():
            raise Unknown
        case Informed(notices):
            organisation = notices[0].organisation
        case InCare(record) | Exited(record):
            organisation = record.organisation
        case _:
            assert_never(state)
    if organisation == command.organisation:
        raise OwnPerson("your organisation answers for this person: read the record as on any day")


def decide(command: EmergencyCommand, state: EmergencyAccess) -> list[EmergencyEvent]:
    """Return the events that the command leads to; raises a `Refusal`."""
    match command:
        case OpenEmergencyAccess():
            if isinstance(state, Opened):
                raise AlreadyOpened("this emergency access was opened before: open another one under an id of its own")
            return [_opened(command)]
        case ReviewEmergencyAccess() | MarkReviewOverdue():
            if isinstance(state, NeverOpened):
                raise Unknown
            return _reviewed(command, state)
        case _:
            assert_never(command)


def _opened(command: OpenEmergencyAccess) -> EmergencyAccessOpened:
    return EmergencyAccessOpened(
        emergency_id=command.emergency_id,
        beneficiary_id=command.beneficiary_id,
        organisation=command.organisation,
        opened_by=command.opened_by,
        ground=command.ground,
        until=command.at + LASTS,
        review_due=command.at + REVIEWED_WITHIN,
        words=command.words,
    )


def _reviewed(command: ReviewEmergencyAccess | MarkReviewOverdue, state: Opened) -> list[EmergencyEvent]:
    access_id, beneficiary_id = state.opened.emergency_id, state.opened.beneficiary_id
    if state.review is not None:
        raise AlreadyReviewed("it was reviewed before: what an officer found is not changed afterwards")
    if isinstance(command, MarkReviewOverdue):
        return [] if state.overdue else [EmergencyReviewOverdue(emergency_id=access_id, beneficiary_id=beneficiary_id)]
    if command.reviewed_by == state.opened.opened_by:
        raise OwnAccess("you opened it yourself: another officer must review it")
    return [
        EmergencyAccessReviewed(
            emergency_id=access_id,
            beneficiary_id=beneficiary_id,
            reviewed_by=command.reviewed_by,
            outcome=command.outcome,
            words=command.words,
        )
    ]


def evolve(state: EmergencyAccess, event: EmergencyEvent) -> EmergencyAccess:
    """Return the emergency access after the event."""
    match event, state:
        case EmergencyAccessOpened(), _:
            return Opened(event)
        case EmergencyAccessReviewed(), Opened():
            return replace(state, review=event)
        case EmergencyReviewOverdue(), Opened():
            return replace(state, overdue=True)
        case _:
            raise TypeError(f"{event.type_name} before the emergency access was opened")


def opens(state: EmergencyAccess, *, caller: str, at: datetime) -> UUID:
    """Return whose record the emergency access opens to a caller at a moment.

    Raises `Unknown` for anybody but who opened it, as for none; `EmergencyOver` once the hour has passed.
    """
    if isinstance(state, NeverOpened) or state.opened.opened_by != caller:
        raise Unknown
    if at >= state.opened.until:
        raise EmergencyOver("the hour has passed: where the emergency lasts, open another emergency access")
    return state.opened.beneficiary_id
