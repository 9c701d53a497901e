"""Log files that processes append to, kept from filling the disk without the processes' help."""

import os
import shutil
from pathlib import Path

LARGEST_LOG = 20 * 1024 * 1024
"""Bytes after which a log begins anew; one earlier part is kept beside it, so that a process has twice that at most."""


def bound(log: Path, largest: int = LARGEST_LOG) -> None:
    """Where the log has grown beyond `largest` bytes, move what it holds to `<log>.1`, in place of what was there, and empty it.

    Whoever writes must have opened it for appending, and goes on at its new end. What is written between copying and emptying
    is lost. Where there is no room for the copy, all of it is: a full disk would stop those who write as well.
    """
    if not log.exists() or log.stat().st_size <= largest:
        return
    earlier = log.with_name(f"{log.name}.1")
    try:
        shutil.copyfile(log, earlier)
    except OSError:
        earlier.unlink(missing_ok=True)
    os.truncate(log, 0)
