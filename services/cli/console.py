"""How the command speaks: plain lines that say what happens, errors that say what to do, exit codes with a meaning."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, NoReturn

import structlog
import typer
from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Callable

OK, FAILED, MISUSED = 0, 1, 2
"""Exit codes: done; not done, or a check found something; called wrongly."""

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def keep_logs_apart() -> None:
    """Have the machinery log to standard error and warnings only, where a command does a service's work: its output is its own."""
    # Whatever standard error is when a line is logged: who runs a command within a program of theirs may put another in its place.
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING), logger_factory=lambda *_: structlog.PrintLogger(sys.stderr)
    )


def fail(message: str, code: int = FAILED) -> NoReturn:
    """Say why on standard error and leave with `code`."""
    err.print(message, style="red", markup=False)
    raise typer.Exit(code)


def part_progress() -> Callable[[str, str], None]:
    """Return what tells a part's state, one line each time it changes."""
    last: dict[str, str] = {}

    def tell(part: str, state: str) -> None:
        if last.get(part) != state:
            last[part] = state
            err.print(f"  {part:<12} {state}", markup=False)
            sys.stderr.flush()

    return tell
