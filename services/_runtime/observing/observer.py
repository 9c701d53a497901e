"""What the parts of a process tell its operators through: its metrics and its traces."""

from __future__ import annotations

from dataclasses import dataclass, field

from services._runtime.observing.metrics import Metrics
from services._runtime.observing.tracing import Traces


@dataclass(frozen=True, slots=True)
class Observer:
    """One process's metrics and traces. A part that is given none has its own, which nobody looks at."""

    metrics: Metrics = field(default_factory=Metrics)
    traces: Traces = field(default_factory=Traces)
