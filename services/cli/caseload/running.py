"""Lives a plan against running services: a window is one simulated day, in which families and tutors go about side by side."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from services.cli.caseload import kept_progress
from services.cli.caseload.kept_progress import KeptProgress, UnreadableProgress
from services.cli.caseload.planning import plan
from services.cli.caseload.sending import LIMITS, TIMEOUT, Sender

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date
    from pathlib import Path

    from services.cli.caseload.planned import Plan, PlannedCommand

_AT_ONCE = 16
_SAVED_EVERY_S = 3.0
_OTHER = "another caseload is here (of another seed, number or version): nothing was sent; `./ancora up --reset` begins afresh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a run did. `sent` commands were sent now; `resumed_after` is the simulated day up to which all was done before."""

    persons: int
    commands: int
    sent: int
    seconds: float
    resumed_after: date | None
    notice: str | None

    def text(self) -> str:
        """Return it as a sentence for a person."""
        whole = f"{self.persons} persons, {self.commands:,} commands"
        if self.sent == 0:
            return self.notice or f"{whole}: all of it is there already, nothing was sent"
        again = "" if self.resumed_after is None else f", resumed after {self.resumed_after}"
        notice = "" if self.notice is None else f" ({self.notice})"
        return f"{whole}, {self.sent:,} sent in {self.seconds:.0f} s{again}{notice}"


async def run_demonstration(
    *,
    intake_url: str,
    pathways_url: str,
    tutors_url: str,
    issuer_url: str,
    seed: int,
    persons: int,
    progress: Callable[[int, int], None],
    state_folder: Path,
) -> Summary:
    """Live the caseload of `seed` for so many persons; `progress` is told how many commands are done, of how many.

    Cut off and called again it goes on; when all is done, or another caseload was begun here, it does nothing.
    Raises `DemonstrationError`.
    """
    began = time.monotonic()
    planned = await asyncio.to_thread(plan, seed, persons)
    kept, notice = _known(state_folder, planned.fingerprint())
    resumed_after, sent = None if kept is None else kept.day, 0
    if kept is not None:
        async with AsyncExitStack() as stack:
            intake, pathways, tutors, issuer = [
                await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=TIMEOUT, limits=LIMITS, trust_env=False))
                for url in (intake_url, pathways_url, tutors_url, issuer_url)
            ]
            sender = Sender({"intake": intake, "pathways": pathways, "tutors": tutors}, issuer, kept.versions)
            sent = await _live(planned, sender, kept, progress, state_folder)
    return Summary(
        persons=persons,
        commands=len(planned.commands),
        sent=sent,
        seconds=time.monotonic() - began,
        resumed_after=resumed_after,
        notice=notice,
    )


def _known(folder: Path, fingerprint: str) -> tuple[KeptProgress | None, str | None]:
    """Return the progress on the plan and what to tell about it; no progress where another plan was lived here.

    A second caseload cannot be lived in the same data: for the timers its two years have passed, so approvals would expire at once.
    """
    try:
        kept = kept_progress.load(folder)
    except UnreadableProgress:
        return KeptProgress(fingerprint), "the record of an earlier run cannot be read: every command is sent again, which does no harm"
    if kept is None or kept.day is None:
        return KeptProgress(fingerprint), None
    if kept.fingerprint != fingerprint:
        return None, _OTHER
    return kept, None


async def _live(planned: Plan, sender: Sender, kept: KeptProgress, progress: Callable[[int, int], None], folder: Path) -> int:
    """Live day after day from where it was left; return how many commands were sent."""
    total, done, sent, saved = len(planned.commands), 0, 0, time.monotonic()
    left_at = kept.day
    try:
        for day, window in planned.windows():
            if left_at is None or day > left_at:
                await _live_window(window, sender)
                kept.done_until = day.isoformat()
                sent += len(window)
            done += len(window)
            progress(done, total)
            if sent and time.monotonic() - saved > _SAVED_EVERY_S:
                kept_progress.save(folder, kept)
                saved = time.monotonic()
    finally:
        if sent:
            kept_progress.save(folder, kept)
    return sent


async def _live_window(window: Iterable[PlannedCommand], sender: Sender) -> None:
    """Send a day's commands: each lane in its order, so many lanes at once."""
    lanes: defaultdict[int, list[PlannedCommand]] = defaultdict(list)
    for command in window:
        lanes[command.lane].append(command)
    waiting = iter(lanes.values())

    async def work() -> None:
        for commands in waiting:
            for command in commands:
                await sender.send(command)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(_AT_ONCE, len(lanes))):
                group.create_task(work())
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
