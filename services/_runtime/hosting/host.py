"""The process of a service: reads settings, makes the parts, does the kinds of work it is given, ends in order on SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

import structlog
import uvloop
from pydantic import ValidationError
from pydantic_settings import SettingsError

from services._runtime.hosting.ending import unended
from services._runtime.hosting.garbage import look_seldom
from services._runtime.hosting.parts import parts_of
from services._runtime.hosting.work import Worker
from services._runtime.observing.exporting import exported
from services._runtime.observing.logging import configure_logging
from services._runtime.observing.observer import Observer
from services._runtime.observing.places import places_of
from services._runtime.observing.redacting import tell_of_task
from services._runtime.settings import KINDS, RuntimeSettings, refused_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services._runtime.hosting.service import Service

log = structlog.get_logger(__name__)

_ENDING_S = 40.0
"""Seconds in which every work must have ended; half of it is longer than the bounds of all that they close."""


def host(service: Service) -> None:
    """Run the process until it is told to end; leaves with 1 where a kind of work fails, for whoever supervises to restart it."""
    parser = argparse.ArgumentParser(prog=f"python -m services.{service.name}.main", description=service.summary)
    parser.add_argument("--kinds", default=",".join(KINDS), help=f"kinds of work, comma-separated (default: all of {', '.join(KINDS)})")
    kinds = parser.parse_args().kinds.split(",")
    if unknown := set(kinds) - set(KINDS):
        parser.error(f"unknown kind {', '.join(sorted(unknown))}: choose from {', '.join(KINDS)}")
    try:
        settings = RuntimeSettings()
    except (ValidationError, SettingsError) as error:
        sys.exit(refused_settings(error))
    configure_logging(service.name, settings.log_level)
    sys.exit(uvloop.run(_run(service, settings, kinds)))


async def _run(service: Service, settings: RuntimeSettings, kinds: Sequence[str]) -> int:
    asyncio.get_running_loop().set_exception_handler(tell_of_task)
    ending = asyncio.Event()
    for sent in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sent, ending.set)
    async with (
        exported(service.name, settings) as traces,
        parts_of(service.name, settings, service.timetable, Observer(traces=traces)) as parts,
        Worker(service, parts, kinds) as worker,
    ):
        works = {asyncio.create_task(work(), name=kind): kind for kind, work in worker.works().items()}
        watching = asyncio.create_task(ending.wait(), name="ending")
        look_seldom()
        done, _ = await asyncio.wait({*works, watching}, return_when=asyncio.FIRST_COMPLETED)
        failed = [task for task in works if task in done]
        for task in failed:
            # The exception's text may quote data; its kind and place are enough to find it.
            error = None if task.cancelled() else task.exception()
            told = {} if error is None else {"error": type(error).__qualname__, "places": places_of(error)}
            log.error("work.failed", kind=works[task], **told)
        if hanging := await unended({*works, watching}, within_s=_ENDING_S):
            # Nothing is lost by it: every step of every work may be cut off at any point. Staying half dead would be worse.
            log.critical("work.hangs", kinds=sorted(task.get_name() for task in hanging))
            os._exit(1)
    return 1 if failed else 0
