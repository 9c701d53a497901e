"""What probes and operators ask: alive, ready, and the state of the service in the form the national rules name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import structlog
from fastapi import APIRouter
from starlette.responses import JSONResponse

from services._runtime.web.problems import MEDIA_TYPE

if TYPE_CHECKING:
    from services._runtime.web.application import Check, Report

log = structlog.get_logger(__name__)

_OPERATIONAL = {"type": "about:blank", "title": "Operational", "status": 200, "detail": "The service answers."}


class _Told(JSONResponse):
    """The national rules give the state of a service the form of a problem."""

    media_type = MEDIA_TYPE


def health_router(ready: Mapping[str, Check], report: Report | None) -> APIRouter:
    """Return the routes /status, /health/live and /health/ready."""
    router = APIRouter(tags=["health"])

    @router.get("/health/live", summary="Is the process alive?", operation_id="live")
    async def live() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/health/ready", summary="Can it do its work?", operation_id="ready")
    async def ready_now() -> JSONResponse:
        checks = {name: await _holds(name, check) for name, check in ready.items()}
        return JSONResponse({"ready": all(checks.values()), "checks": checks}, 200 if all(checks.values()) else 503)

    @router.get("/status", summary="The state of the service", operation_id="status", response_class=_Told)
    async def status() -> _Told:
        members = await report() if report is not None else {}
        return _Told({**_OPERATIONAL, **members})

    return router


async def _holds(name: str, check: Check) -> bool:
    try:
        return await check()
    except Exception as error:  # noqa: BLE001 - a check that cannot be made does not hold
        log.warning("readiness.failed", check=name, error=type(error).__qualname__)
        return False
