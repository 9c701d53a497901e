"""GET /metrics: what Prometheus reads, in its text format. Without a token, as probes are: nothing in it is about a person."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

if TYPE_CHECKING:
    from services._runtime.observing.metrics import Metrics

Level = Callable[[], Awaitable[None]]
"""Brings those metrics level that are known elsewhere, such as in the database. Never raises."""


def metrics_router(metrics: Metrics, level: Level | None) -> APIRouter:
    """Return the route /metrics."""
    router = APIRouter()

    @router.get("/metrics", include_in_schema=False)
    async def scrape() -> Response:
        if level is not None:
            await level()
        return Response(generate_latest(metrics.registry), headers={"content-type": CONTENT_TYPE_LATEST})

    return router
