"""Where an error was raised, for logs: files, lines and functions, never its text, which may quote anything."""

from __future__ import annotations

import traceback

_INNERMOST = 5


def places_of(error: BaseException) -> list[str]:
    """Return the innermost places of an error's traceback, as `file.py:12 function`, the innermost last."""
    frames = traceback.extract_tb(error.__traceback__)[-_INNERMOST:]
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
