"""Structured logs: one JSON object a line on standard error, with time, level, service and correlation; never a personal value."""

from __future__ import annotations

import logging
import sys

import structlog

_THIRD_PARTIES = ("aiokafka", "faststream", "uvicorn", "httpx", "alembic")


def configure_logging(service: str, level: str) -> None:
    """Send this process's logs, ours and the libraries', to standard error as JSON lines."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in _THIRD_PARTIES:
        logging.getLogger(name).setLevel("WARNING" if level != "debug" else "DEBUG")
    structlog.contextvars.bind_contextvars(service=service)
