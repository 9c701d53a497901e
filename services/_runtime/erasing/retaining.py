"""When the time ends for which personal data are kept, a timer starts the same process as a request; a person still approves."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from contracts.erasure_codes import RequestedBy
from services._runtime.clock import ROME, day_of
from services._runtime.erasing.commands import RequestErasure
from services._runtime.handling import Step
from services._runtime.ids import derived_id
from services._runtime.store.port import Timer

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.envelope import Envelope
    from services._runtime.decider import Context, Decider
    from services._runtime.handling import Commands
    from services._runtime.opening import Opened
    from services._runtime.scheduling import TimerHandler

RETENTION_ENDS = "retention-ends"


def retention_timer(envelope: Envelope, kept_until: date) -> Timer:
    """Return the timer that falls due as the day after `kept_until` begins in Rome; one for each event that sets it."""
    moment = datetime.combine(kept_until + timedelta(days=1), time(), tzinfo=ROME).astimezone(UTC)
    return Timer(derived_id(RETENTION_ENDS, envelope.event_id), RETENTION_ENDS, envelope.stream_id, moment, envelope.clock)


def requesting_erasure(decider: Decider[Any, Any, Any], kept_until: Callable[[Opened[Any]], date | None]) -> TimerHandler:
    """Return what the timer does: ask for the erasure, where `kept_until` says that the time has passed by what is recorded now.

    None from `kept_until` stands for data that are needed still.
    """

    async def request(timer: Timer, commands: Commands, context: Context) -> None:
        subject_id = UUID(timer.stream_id.removeprefix(f"{decider.category}-"))
        last = kept_until(await commands.read(decider, subject_id))
        if last is None or day_of(context.now) <= last:
            return  # taken into care again, or ended later: another timer stands for that
        told = RequestErasure(subject_id=subject_id, by=RequestedBy.RETENTION, actor=context.actor)
        await commands.execute(Step(decider, subject_id, told), context=context, settles=(timer.timer_id,))

    return request
