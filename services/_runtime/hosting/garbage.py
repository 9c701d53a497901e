"""When Python looks for garbage in cycles: seldom, for events come and go by the thousand and hardly ever form one."""

from __future__ import annotations

import gc

_YOUNG = 100_000
"""Containers made and not yet freed before the young ones are walked through; by default 700, and one batch has a hundred times as many."""


def look_seldom() -> None:
    """Walk through memory less often, and never again through what is there now: modules, classes, and what else stays.

    To be called once, when a process is ready to work. What is part of no cycle is freed at once, as ever.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 10, 10)
