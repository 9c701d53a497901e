"""A process that comes to grief in every way it can, each time over an error that quotes a person: `python -m tests.support.dying`."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
import warnings

from services._runtime.observing.logging import configure_logging
from services._runtime.observing.redacting import tell_of_task

CANARY = "Selam-Prova"


class Quoting(ValueError):
    """An error whose text quotes a person, as pydantic's, PostgreSQL's and our own may."""

    def __init__(self) -> None:
        super().__init__(f"not a day: {CANARY}")


class Ends:
    """Something whose end fails."""

    def __del__(self) -> None:
        raise Quoting


async def _forgotten() -> None:
    """Leave a task that failed to nobody, with what it was about in its name."""

    async def failing() -> None:
        raise Quoting

    asyncio.get_running_loop().set_exception_handler(tell_of_task)
    task = asyncio.create_task(failing(), name=CANARY)
    await asyncio.wait([task])
    del task
    gc.collect()


def _look_up() -> None:
    raise LookupError(CANARY) from Quoting()


def _library() -> None:
    """Log as libraries do: the error as an argument, as the message, with its traceback, and things by their repr."""
    told = logging.getLogger("library")
    try:
        _look_up()
    except LookupError as error:
        told.exception("it failed")
        told.error("it failed: %s", error)
        told.error(error)
        told.warning("sent %r and %r", [CANARY], CANARY.encode())
        told.warning("%(what)s", {"what": [CANARY]})
        told.debug("in detail %s", CANARY)


def _thread() -> None:
    raise Quoting


def main() -> None:
    """Fail."""
    configure_logging("intake", "debug")
    _library()
    warnings.warn(CANARY, stacklevel=1)
    thread = threading.Thread(target=_thread, name=CANARY)
    thread.start()
    thread.join()
    Ends()
    asyncio.run(_forgotten())
    raise Quoting


if __name__ == "__main__":
    main()
