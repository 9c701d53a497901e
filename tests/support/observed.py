"""What parts told their observers: spans kept in memory, and the lines of a log."""

from __future__ import annotations

import io
import json
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import structlog
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import generate_latest

from services._runtime.observing.logging import configure_logging
from services._runtime.observing.observer import Observer
from services._runtime.observing.tracing import Traces

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from opentelemetry.sdk.trace import ReadableSpan


class Spans:
    """Every span that was made through the observers that were given out here."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()

    def observer(self, service: str, *, ratio: float = 1.0) -> Observer:
        """Return an observer of a process of `service`, which records so many of all traces."""
        return Observer(traces=Traces(service, SimpleSpanProcessor(self._exporter), ratio=ratio))

    def all(self) -> tuple[ReadableSpan, ...]:
        """Return the spans that have ended."""
        return self._exporter.get_finished_spans()

    def of(self, trace: UUID) -> list[ReadableSpan]:
        """Return those of one trace."""
        return [span for span in self.all() if span.context is not None and span.context.trace_id == trace.int]

    def edges(self, trace: UUID) -> set[tuple[str, str, str | None]]:
        """Return the trace as (service, span's name, its parent's name); a parent that was not made here is "elsewhere"."""
        spans = self.of(trace)
        names = {span.context.span_id: span.name for span in spans if span.context is not None}
        return {
            (
                str(span.resource.attributes["service.name"]),
                span.name,
                None if span.parent is None else names.get(span.parent.span_id, "elsewhere"),
            )
            for span in spans
        }


def exposed(observer: Observer) -> str:
    """Return what a scrape of the observer's metrics would be answered."""
    return generate_latest(observer.metrics.registry).decode()


def sample(observer: Observer, name: str, **labels: str) -> float | None:
    """Return a metric's value under these labels, or None where it has none."""
    return observer.metrics.registry.get_sample_value(name, labels)


@contextmanager
def logged(service: str = "intake") -> Iterator[list[dict[str, Any]]]:
    """Give the list into which, at the end, the lines are put that are logged meanwhile, as a process of `service` logs them."""
    lines: list[dict[str, Any]] = []
    root, sink = logging.getLogger(), io.StringIO()
    before, level = root.handlers[:], root.level
    configure_logging(service, "info")
    # A logger that kept its processors would go on with these in the tests that follow.
    structlog.configure(cache_logger_on_first_use=False)
    (handler,) = root.handlers
    handler.setStream(sink)  # type: ignore[attr-defined] # a StreamHandler
    try:
        yield lines
    finally:
        lines += [json.loads(line) for line in sink.getvalue().splitlines()]
        root.handlers[:], root.level = before, level
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()
