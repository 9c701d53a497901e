"""Structured logs: one JSON object a line on standard error, with time, level, service and correlation.

Never a personal value, nor any error's text.

Where a span is recorded its ids are in the line, so that whoever reads the one finds the other.
"""

from __future__ import annotations

import logging
import sys

import structlog
from opentelemetry.trace import format_span_id, format_trace_id, get_current_span

from services._runtime.observing.redacting import PlainArguments, keep_last_words, without_texts

_OURS = "services"
"""The logger whose lines have the level that was asked for. Libraries say warnings only: in detail they would say what they carry."""


def configure_logging(service: str, level: str) -> None:
    """Send this process's logs, ours and the libraries', to standard error as JSON lines."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        _add_span,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_texts,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(PlainArguments())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(handlers=[handler], level="WARNING", force=True)
    logging.getLogger(_OURS).setLevel(level.upper())
    keep_last_words()
    structlog.contextvars.bind_contextvars(service=service)


def _add_span(_logger: object, _method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    span = get_current_span()
    if span.is_recording():
        context = span.get_span_context()
        line["trace_id"], line["span_id"] = format_trace_id(context.trace_id), format_span_id(context.span_id)
    return line
