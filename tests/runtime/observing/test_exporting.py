"""Spans reach a collector over OTLP; one that is away holds up nobody, least of all the end of a process."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from pydantic import SecretStr

from services._runtime.ids import new_id
from services._runtime.observing.exporting import exported
from services._runtime.settings import RuntimeSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def _collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """Give the address of a collector, and what is sent to it: path and body."""
    received: list[tuple[str, bytes]] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", received
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def _settings(folder: Path, otlp: str) -> RuntimeSettings:
    nothing = SecretStr("postgresql://127.0.0.1/nothing")
    return RuntimeSettings(
        database=nothing,
        answers_database=nothing,
        access_database=nothing,
        keys_database=nothing,
        kek_file=folder,
        kafka="127.0.0.1:9",
        issuer="https://i.test",
        port=1,
        otlp=otlp,
        traces=1,
    )


async def test_what_was_recorded_is_sent_before_the_process_ends(tmp_path: Path) -> None:
    trace = new_id()
    with _collector() as (otlp, received):
        async with exported("intake", _settings(tmp_path, otlp)) as traces:
            with traces.span("GET /busy", trace):
                pass
    ((path, body),) = received
    assert path == "/v1/traces"
    (resource,) = ExportTraceServiceRequest.FromString(body).resource_spans
    (span,) = resource.scope_spans[0].spans
    assert (span.name, span.trace_id) == ("GET /busy", trace.bytes)
    assert {"service.name": "intake", "service.namespace": "ancora"}.items() <= {
        each.key: each.value.string_value for each in resource.resource.attributes
    }.items()


async def test_a_collector_that_is_away_does_not_hold_up_the_end(tmp_path: Path) -> None:
    async with asyncio.timeout(5):
        async with exported("intake", _settings(tmp_path, "http://127.0.0.1:9")) as traces:
            with traces.span("GET /busy", new_id()):
                pass
        async with exported("intake", _settings(tmp_path, "")) as traces:
            assert not traces.on
