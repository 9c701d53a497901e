"""How much memory each process of a world holds: its proportional share, so that what is shared counts once."""

from __future__ import annotations

import time
from collections import defaultdict
from statistics import median
from typing import TYPE_CHECKING

import psutil

from tests.faults.world import PROCESSES

if TYPE_CHECKING:
    from tests.faults.world import World

_MIB = 1 << 20
_STARTING_S = 10.0
"""A process younger than this is still loading its code, and tells nothing."""

Samples = list[tuple[float, dict[str, float]]]
"""(Seconds since the beginning, MiB by process)."""


def look(world: World) -> dict[str, float]:
    """Return MiB by process as it is now; who is dead at the moment is absent. PostgreSQL's processes count together."""
    found = {name: world.process(name) for name in PROCESSES} | {
        "kafka": world.broker.pid_file.process(),
        "postgres": world.server.pid_file.process(),
    }
    grown = {name: process for name, process in found.items() if process is not None and _age_s(process) > _STARTING_S}
    sizes = {name: _family_mib(process) for name, process in grown.items()}
    return {name: size for name, size in sizes.items() if size > 0}


def quarters(samples: Samples) -> dict[str, dict[str, float]]:
    """Return, by process, the medians of the first and the last quarter of the time, the growth between them, and the most."""
    end = samples[-1][0] if samples else 0.0
    by_process: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for at_s, sizes in samples:
        for name, size in sizes.items():
            by_process[name].append((at_s, size))
    told = {}
    for name, seen in sorted(by_process.items()):
        first = [size for at_s, size in seen if at_s <= end / 4] or [seen[0][1]]
        last = [size for at_s, size in seen if at_s >= end * 3 / 4] or [seen[-1][1]]
        told[name] = {
            "first quarter MiB": round(median(first), 1),
            "last quarter MiB": round(median(last), 1),
            "last by first": round(median(last) / median(first), 3),
            "most MiB": round(max(size for _, size in seen), 1),
        }
    return told


def _age_s(process: psutil.Process) -> float:
    try:
        return time.time() - process.create_time()
    except psutil.NoSuchProcess:
        return 0.0


def _family_mib(process: psutil.Process) -> float:
    try:
        members = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    return sum(_pss(member) for member in members) / _MIB


def _pss(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0
