"""Describes the metrics, from the one file in which they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services._runtime.observing.metrics import Metrics
from tests.docs.tables import code, row

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = """# Metrics

Every process answers `GET /metrics` in Prometheus's text format, whatever kinds of work it does, without a token; nothing in it is
about a person. Which service a sample is of is said by who scrapes it: the label `service` of `deploy/observability/prometheus.yml`.
What the database knows, each process of a service tells the same: take the `max` by service. What to do when one of them raises an
alarm: [Respond to alarms](../how-to/respond-to-alarms.md).

A histogram has the series `…_bucket`, `…_sum` and `…_count`. Besides these there are `process_resident_memory_bytes`,
`process_cpu_seconds_total` and the others that Prometheus's client gives of a process on Linux.
"""


def metrics_page() -> str:
    """Return the page."""
    return "\n".join((_HEAD, *_metrics()))


def _metrics() -> Iterator[str]:
    yield row("Metric", "Type", "Labels", "Meaning")
    yield row(*["---"] * 4)
    for metric in Metrics().described:
        yield row(code(metric.name), metric.kind, " ".join(map(code, metric.labels)), metric.meaning)
