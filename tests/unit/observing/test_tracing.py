"""Traces: ids, which are recorded, what a span says, and what records carry."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from opentelemetry.trace import SpanKind

from contracts.cloudevents import from_record, to_headers
from services._runtime.ids import new_event_id, new_id
from services._runtime.observing.tracing import Traces, span_id_of
from services._runtime.projecting.memory import MemoryRows
from services._runtime.projecting.runner import Runner
from services.reporting.projections import MODELS
from tests.runtime.messaging.worlds import Feed
from tests.runtime.web.records import running
from tests.support.observed import Spans
from tests.support.read_models import ListSource

if TYPE_CHECKING:
    from contracts.envelope import Envelope


@pytest.fixture
def spans() -> Spans:
    """Give what keeps the spans."""
    return Spans()


def test_an_event_s_span_is_found_from_the_event_alone() -> None:
    """The first 8 bytes of the SHA-256 of its id: whoever holds the event, in any language, can name its span."""
    assert f"{span_id_of(UUID('00000000-0000-0000-0000-000000000000')):016x}" == "374708fff7719dd5"
    assert all(0 < span_id_of(new_event_id()) < 1 << 64 for _ in range(1000))


def test_a_record_of_a_recorded_trace_carries_its_traceparent_and_one_without_is_read_as_well(spans: Spans) -> None:
    event = Feed().add()
    told = spans.observer("intake").traces.traceparent(event.recorded.envelope)
    envelope = event.recorded.envelope
    assert told == f"00-{envelope.correlation.hex}-{span_id_of(envelope.event_id):016x}-01"
    for traceparent in (told, Traces().traceparent(envelope)):
        headers = to_headers(event, traceparent=traceparent)
        assert ("traceparent" in dict(headers)) == (traceparent is not None)
        assert from_record(headers, event.recorded.data) == event


def test_every_process_records_the_same_share_of_all_traces(spans: Spans) -> None:
    """By the id alone, whoever asks: ids that differ only in what a UUID fixes are treated as others are."""
    ids = [new_id() for _ in range(4000)]
    tenth, half = (spans.observer("intake", ratio=ratio).traces for ratio in (0.1, 0.5))
    chosen = {trace for trace in ids if tenth.records(trace)}
    assert 250 < len(chosen) < 550
    assert 1700 < sum(half.records(trace) for trace in ids) < 2300
    assert all(half.records(trace) for trace in chosen)
    assert chosen == {trace for trace in ids if spans.observer("reporting", ratio=0.1).traces.records(trace)}
    assert not any(spans.observer("intake", ratio=0).traces.records(trace) for trace in ids)
    assert not spans.observer("intake", ratio=1).traces.records(UUID(int=0)), "no trace has this id"


def test_without_a_collector_nothing_is_recorded_and_no_envelope_is_even_looked_at() -> None:
    def looked_at() -> Envelope:
        raise AssertionError

    off = Traces()
    off.passed("relay", (looked_at() for _ in range(3)), SpanKind.PRODUCER, began_ns=0)
    off.stored((looked_at() for _ in range(3)), began_ns=0)
    with off.span("react", new_id()) as span:
        assert not span.is_recording()


def test_an_error_is_told_by_its_kind(spans: Spans) -> None:
    """I6: its text may quote a person."""
    with pytest.raises(ValueError, match="Mario"), spans.observer("intake").traces.span("react", new_id()):
        raise ValueError("Mario Rossi")
    (span,) = spans.all()
    assert (span.status.description, span.events) == ("ValueError", ())


async def test_a_request_goes_on_the_caller_s_trace_and_probes_make_no_spans(spans: Spans) -> None:
    """Unless the caller gave another correlation: the trace is the correlation's."""
    trace = new_id()
    async with running(demonstration=False, observer=spans.observer("intake")) as setup:
        for header, path in (("00-{}-b7ad6b7169203331-00", "/busy"), ("00-{}-0000000000000000-01", "/broken")):
            await setup.client.get(path, headers={"traceparent": header.format(trace.hex)})
        await setup.client.get("/whoami", headers={"traceparent": f"00-{new_id().hex}-b7ad6b7169203331-01", "X-Correlation-Id": str(trace)})
        for path in ("/health/live", "/health/ready", "/metrics"):
            await setup.client.get(path)
    assert spans.edges(trace) == {
        ("intake", "GET /busy", "elsewhere"),
        ("intake", "GET /broken", None),
        ("intake", "GET /whoami", None),
    }
    assert len(spans.all()) == 3


async def test_a_new_version_of_a_read_model_replays_without_spans(spans: Spans) -> None:
    """What it folds happened long ago; what readers see is told when it happens."""
    source, rows, traces = ListSource(Feed().fill(4)), MemoryRows(), spans.observer("reporting").traces
    for models in (MODELS, [replace(model, version=model.version + 1) for model in MODELS]):
        runner = Runner(models, source, rows, traces=traces)
        while await runner.step():
            pass
        assert len(spans.all()) == 4
    assert {build.version for build in await rows.builds()} == {model.version + 1 for model in MODELS}
