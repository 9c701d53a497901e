"""What the figures were taken on, and what else the machine did meanwhile: without it a figure says nothing."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

_LOOK_S = 1.0


@dataclass(frozen=True, slots=True)
class Load:
    """How busy the machine is: the average number of running processes over a minute, and the share of its cores in use now."""

    average: float
    busy_percent: float

    def text(self) -> str:
        """Return it for a person."""
        return f"load {self.average:.2f}, cores {self.busy_percent:.0f} % busy"


def load() -> Load:
    """Look for a second. Nothing is being measured then, so what is seen is the others'."""
    return Load(round(os.getloadavg()[0], 2), psutil.cpu_percent(_LOOK_S))


def machine() -> dict[str, object]:
    """Return what the machine is."""
    return {"cores": os.cpu_count(), "processor": _processor(), "memory_gib": round(psutil.virtual_memory().total / (1 << 30), 1)}


def loads(before: Load, after: Load) -> dict[str, object]:
    """Return both looks as JSON."""
    return {"before": asdict(before), "after": asdict(after)}


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return "unknown"
