"""`ancora down`: ends what `ancora up` started in this checkout, in order, and what a crashed run left."""

from __future__ import annotations

import asyncio

from deploy.local.paths import default_home
from deploy.local.process import wait_until_ended
from deploy.local.stack import STACK_ERRORS, EmbeddedStack
from deploy.local.supervision import Supervisor, end_leftovers, supervisor_pid_file
from services.cli.console import err, fail, out

_PATIENCE_S = 60.0
"""Seconds in which the supervising process ends everything; what is left then is ended without it."""


def run() -> None:
    """End the services, then the real parts; data stays."""
    try:
        asyncio.run(_end())
    except STACK_ERRORS as error:
        fail(str(error))
    out.print("Ancora is down.")


async def _end() -> None:
    home = default_home()
    running = supervisor_pid_file(home).process()
    if running is not None:
        err.print("ending, in order …")
        running.terminate()
        await asyncio.to_thread(wait_until_ended, [running], _PATIENCE_S)
    if home.run.exists():
        await asyncio.to_thread(end_leftovers, home)
        await Supervisor(home, []).stop()
        await EmbeddedStack(home).stop()
