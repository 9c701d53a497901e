"""Traces that go on where an event goes on: from the request to the append, Kafka, the reactions and the read models.

The context is nowhere but in the envelope: the trace's id is the correlation, and the id of an event's span is derived from the
event's. So whoever holds an event — store, Kafka, journal — knows the span that its own is a child of. Which traces are recorded
depends on their ids alone, so that every process decides the same.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING

from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    INVALID_SPAN,
    NonRecordingSpan,
    NoOpTracer,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    get_current_span,
    set_span_in_context,
    use_span,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from uuid import UUID

    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.sdk.trace.id_generator import IdGenerator
    from opentelemetry.trace import Span, Tracer
    from opentelemetry.util.types import AttributeValue

    from contracts.envelope import Envelope

_RANDOM_BITS = 56
"""The last bits of a trace's id are random in every kind of UUID that we make: what W3C Trace Context asks of samplers, too."""

_RANDOM = (1 << _RANDOM_BITS) - 1


def span_id_of(event_id: UUID) -> int:
    """Return the id of an event's span: the first 8 bytes of the SHA-256 of the event's id, and never 0."""
    return int.from_bytes(sha256(event_id.bytes).digest()[:8], "big") or 1


def context_of(envelope: Envelope) -> SpanContext:
    """Return the span of an event, as whoever goes on with it names it as the parent."""
    return remote(envelope.correlation, span_id_of(envelope.event_id))


def remote(trace: UUID, span_id: int) -> SpanContext:
    """Return the span of this id in a trace, wherever it was made."""
    return SpanContext(trace.int, span_id, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))


class Traces:
    """Makes the spans of one process; none without a processor, and then at no cost. To be used in the loop's own thread.

    A span holds types, kinds, places and ids of events; never a value of an event, nor the text of an error, which may quote one.
    """

    def __init__(self, service: str = "", processor: SpanProcessor | None = None, *, ratio: float = 1.0) -> None:
        """Give spans of `service` to `processor`, of so many of all traces: between 0 and 1."""
        self._bound = 0 if processor is None else round(ratio * (1 << _RANDOM_BITS))
        self._ids = _Ids()
        self._tracer = NoOpTracer() if processor is None else _tracer(service, processor, self._ids)

    @property
    def on(self) -> bool:
        """Tell whether any trace may be recorded: what is done a thousand times a second asks this first, once."""
        return self._bound > 0

    def records(self, trace: UUID) -> bool:
        """Tell whether the trace of this id is recorded. One whose id has no random part is none."""
        return 0 < trace.int & _RANDOM <= self._bound

    def traceparent(self, envelope: Envelope) -> str | None:
        """Return the header (W3C Trace Context) that tells everybody which span an event is; None where its trace is not recorded."""
        if not self.records(envelope.correlation):
            return None
        return f"00-{envelope.correlation.hex}-{span_id_of(envelope.event_id):016x}-01"

    @contextmanager
    def span(
        self, name: str, trace: UUID, *, parent: SpanContext | None = None, kind: SpanKind = SpanKind.INTERNAL, **attributes: AttributeValue
    ) -> Iterator[Span]:
        """Make the body a span of a trace, and the current one; an error that leaves the body is told by its kind.

        Without a `parent` it is the trace's first. Where the trace is not recorded the span that is given takes no note.
        """
        if not self.records(trace):
            yield INVALID_SPAN
            return
        span = self._started(name, trace, parent, kind=kind, attributes=attributes)
        with use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
            try:
                yield span
            except BaseException as error:
                span.set_status(StatusCode.ERROR, type(error).__qualname__)
                raise

    def stored(self, envelopes: Iterable[Envelope], *, began_ns: int) -> None:
        """Record that events were stored from `began_ns` to now. These are the events' own spans, children of the current one."""
        if not self.on:
            return
        current = get_current_span().get_span_context()
        for envelope in envelopes:
            trace = envelope.correlation
            if self.records(trace):
                parent = current if current.trace_id == trace.int else None
                attributes = _attributes(envelope)
                span = self._started(
                    f"store {envelope.type}",
                    trace,
                    parent,
                    kind=SpanKind.PRODUCER,
                    attributes=attributes,
                    span_id=span_id_of(envelope.event_id),
                    began_ns=began_ns,
                )
                span.end()

    def passed(self, what: str, envelopes: Iterable[Envelope], kind: SpanKind, *, began_ns: int, **attributes: AttributeValue) -> None:
        """Record that `what` was done with each of many events, together, from `began_ns` to now: a child of the event's span."""
        if not self.on:
            return
        ended_ns = time.time_ns()
        for envelope in envelopes:
            if self.records(envelope.correlation):
                said = {**_attributes(envelope), **attributes}
                span = self._started(what, envelope.correlation, context_of(envelope), kind=kind, attributes=said, began_ns=began_ns)
                span.end(ended_ns)

    def _started(
        self,
        name: str,
        trace: UUID,
        parent: SpanContext | None,
        *,
        kind: SpanKind,
        attributes: Mapping[str, AttributeValue],
        span_id: int = 0,
        began_ns: int | None = None,
    ) -> Span:
        context = Context() if parent is None else set_span_in_context(NonRecordingSpan(parent), Context())
        self._ids.next_trace, self._ids.next_span = trace.int, span_id
        try:
            return self._tracer.start_span(name, context, kind, attributes, start_time=began_ns)
        finally:
            self._ids.next_trace, self._ids.next_span = 0, 0


class _Ids(RandomIdGenerator):
    """Gives the ids that were set for the next span, and random ones where none were."""

    next_trace = 0
    next_span = 0

    def generate_trace_id(self) -> int:
        return self.next_trace or super().generate_trace_id()

    def generate_span_id(self) -> int:
        return self.next_span or super().generate_span_id()


def _tracer(service: str, processor: SpanProcessor, ids: IdGenerator) -> Tracer:
    # Always on: what is started is recorded, for whether a trace is was asked before, so that the others cost nothing.
    resource = Resource.create({"service.namespace": "ancora", "service.name": service})
    provider = TracerProvider(sampler=ALWAYS_ON, resource=resource, id_generator=ids, shutdown_on_exit=False)
    provider.add_span_processor(processor)
    return provider.get_tracer("ancora")


def _attributes(envelope: Envelope) -> dict[str, str]:
    return {"ancora.event.type": envelope.type, "ancora.event.id": str(envelope.event_id)}
