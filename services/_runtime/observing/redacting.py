"""What keeps errors' texts out of logs: an error's text may quote whatever was being worked on, its kind and place never do.

Whoever logs says what may be read. This is for everybody else: libraries, the event loop, the interpreter's own last words.
"""

from __future__ import annotations

import logging
import sys
import threading
import warnings
from typing import TYPE_CHECKING

import structlog

from services._runtime.observing.places import places_of

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Any, TextIO

log = structlog.get_logger(__name__)

_PLAIN = (str, int, float, type(None))


def without_texts(_logger: object, _method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Replace what a line carries of an exception by its kind and places; no traceback, whose last line is the exception's text."""
    told = line.pop("exc_info", None)
    line.pop("stack_info", None)
    if told is True:
        told = sys.exc_info()
    error = told[1] if isinstance(told, tuple) else told
    if isinstance(error, BaseException):
        line.setdefault("error", type(error).__qualname__)
        line.setdefault("places", places_of(error))
    return line


class PlainArguments(logging.Filter):
    """Lets a library's line name what it is about, and nothing that was in it: errors by their kind, anything else by its class.

    An error of the system — a lost connection, a refused certificate — keeps its text, which is the system's own.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Make the line's arguments plain; every line passes."""
        if isinstance(record.msg, BaseException):
            record.msg = _plain(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(_plain(argument) for argument in record.args)
        elif record.args:
            record.args = {name: _plain(argument) for name, argument in record.args.items()}
        return True


def tell_of_task(_loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
    """Be the event loop's last resort: its own would write the task, and with it what the task raised."""
    _tell("loop.failed", context.get("exception"))


def keep_last_words() -> None:
    """Have the interpreter's last words — of a dying process, a thread, a finaliser, a warning — be lines without texts."""
    sys.excepthook = _of_process
    sys.unraisablehook = lambda unraisable: _tell("finaliser.failed", unraisable.exc_value)
    threading.excepthook = lambda failed: _tell("thread.failed", failed.exc_value)
    warnings.showwarning = _of_warning


def _of_process(_kind: type[BaseException], error: BaseException, _traceback: TracebackType | None) -> None:
    _tell("process.failed", error)


def _of_warning(
    message: Warning | str,  # noqa: ARG001 - may quote a value
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,  # noqa: ARG001 - lines go where all lines go
    line: str | None = None,  # noqa: ARG001 - of the program's text
) -> None:
    log.warning("warning", category=category.__qualname__, place=f"{filename.rpartition('/')[2]}:{lineno}")


def _tell(event: str, error: BaseException | None) -> None:
    system = {"reason": str(error)} if isinstance(error, OSError) else {}
    told = {} if error is None else {"error": type(error).__qualname__, "places": places_of(error), **system}
    log.error(event, **told)


def _plain(argument: object) -> object:
    if isinstance(argument, OSError):
        return f"{type(argument).__qualname__}: {argument}"
    return argument if type(argument) in _PLAIN else type(argument).__qualname__
