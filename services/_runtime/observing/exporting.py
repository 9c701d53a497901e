"""Sends a process's spans to a collector, in the background; what the collector does not take is lost, and nothing waits for it."""

from __future__ import annotations

import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from services._runtime.observing.tracing import Traces

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services._runtime.settings import RuntimeSettings

_LAST_S = 2.0
"""Seconds that the last spans have to leave, when the process ends."""


@asynccontextmanager
async def exported(service: str, settings: RuntimeSettings) -> AsyncIterator[Traces]:
    """Give the traces of a process: exported where the settings name a collector, else none."""
    if not settings.otlp:
        yield Traces()
        return
    # Loaded only where it is used: it takes longer than all the rest of this folder.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - see above
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - see above

    processor = BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{settings.otlp.rstrip('/')}/v1/traces"))
    try:
        yield Traces(service, processor, ratio=settings.traces)
    finally:
        # It would wait for half a minute where the collector is away; a thread of ours that is a daemon may be left behind.
        ending = threading.Thread(target=processor.shutdown, daemon=True)
        ending.start()
        ending.join(_LAST_S)
