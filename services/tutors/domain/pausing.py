"""Pauses of the clocks of silence: for a reason, for a bounded time, one at a time; afterwards all three begin anew."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from contracts.errors import Invalid, Refusal
from contracts.tutor_follow_up import SilencePaused, SilenceResumed
from services.tutors.domain.assignment_state import Ended, Running
from services.tutors.domain.policies import contact_policy

if TYPE_CHECKING:
    from services.tutors.domain.follow_up_commands import PauseSilence, ResumeSilence


_DAY = timedelta(days=1)


class NothingToPause(Refusal):
    """The assignment has ended, or did not run yet: no clock runs for it."""

    code = "nothing-to-pause"


class AlreadyPaused(Refusal):
    """The clocks stand still on some of these days already."""

    code = "silence-already-paused"


class PauseTooLong(Refusal):
    """Longer than the contact policy lets the clocks stand still at a stretch."""

    code = "pause-too-long"


class NotPaused(Refusal):
    """The clocks run on that day: there is no pause to end."""

    code = "silence-not-paused"


def pause(command: PauseSilence, state: Running | Ended) -> SilencePaused:
    """Return the pause; raises the refusal that says what stands against it."""
    first, last = command.paused_from, command.paused_until
    if last < first:
        raise Invalid("a pause ends on the day it begins, or later")
    if isinstance(state, Ended) or first < state.support.starts_on:
        raise NothingToPause("the assignment does not run on that day: no clock runs for it")
    policy = contact_policy(first)
    if any(one.paused_from - _DAY <= last and first <= one.paused_until + _DAY for one in state.pauses):
        raise AlreadyPaused("the clocks stand still on some of these days, or right beside them: let them run in between")
    if (last - first).days >= policy.longest_pause_days:
        raise PauseTooLong(f"the clocks stand still for {policy.longest_pause_days} days at most: ask again after the person then")
    return SilencePaused(
        assignment_id=state.support.assignment_id,
        beneficiary_id=state.support.beneficiary_id,
        paused_from=first,
        paused_until=last,
        reason=command.reason,
        policy_version=policy.version,
        notes=command.notes,
    )


def resume(command: ResumeSilence, state: Running | Ended) -> SilenceResumed:
    """Return the early end of the pause that covers the day."""
    if isinstance(state, Ended) or (running := state.pause(command.resumed_on)) is None:
        raise NotPaused("the clocks run on that day: there is no pause to end")
    if command.resumed_on <= running.paused_from:
        raise Invalid("a pause lasts at least a day: it is ended on a later one")
    return SilenceResumed(
        assignment_id=state.support.assignment_id, beneficiary_id=state.support.beneficiary_id, resumed_on=command.resumed_on
    )
