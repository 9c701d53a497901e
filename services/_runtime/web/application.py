"""An application of one service: its routers, and around them identity, limits, problems, tracing, health and description."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Route

from contracts.errors import Refusal
from services._runtime.errors import EventTooLarge, Retryable
from services._runtime.observing.observer import Observer
from services._runtime.outcomes import KeyReused
from services._runtime.store.port import ConcurrencyError
from services._runtime.web.description import describe
from services._runtime.web.disclosing import Disclosing
from services._runtime.web.health import health_router
from services._runtime.web.limits import BodyLimit, TimeLimit
from services._runtime.web.metrics_in import Level, metrics_router
from services._runtime.web.parts import Web, correlation_of
from services._runtime.web.problems import Problem, problem_of
from services._runtime.web.tracing import Tracing
from services._runtime.web.validation import problem_of_form

if TYPE_CHECKING:
    from fastapi import APIRouter


Check = Callable[[], Awaitable[bool]]
Report = Callable[[], Awaitable[Mapping[str, object]]]

_ANSWERED = (Problem, Refusal, ConcurrencyError, KeyReused, EventTooLarge, Retryable, HTTPException)


def create_app(
    *,
    name: str,
    summary: str,
    routers: Sequence[APIRouter],
    web: Web,
    ready: Mapping[str, Check] | None = None,
    report: Report | None = None,
    observer: Observer | None = None,
    level: Level | None = None,
) -> FastAPI:
    """Return the application of service `name`.

    `ready` are named checks, all of which must hold for /health/ready; `report` gives further members of /status; `observer` is told
    of each request, and /metrics are its metrics, after `level` has brought those level that are known elsewhere.
    Documentation pages are off, for they would load from elsewhere.
    """
    app = FastAPI(
        title=f"Ancora: {name}",
        summary=summary,
        version="1",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    app.state.web = web
    told = observer or Observer()
    for router in (*routers, health_router(ready or {}, report), metrics_router(told.metrics, level)):
        app.include_router(router)
    app.state.routes = [route for router in routers for route in router.routes if isinstance(route, Route)]
    for error in _ANSWERED:
        app.add_exception_handler(error, _answer)
    app.add_exception_handler(RequestValidationError, _answer_form)
    app.add_middleware(Disclosing, reads=web.reads)
    app.add_middleware(TimeLimit)
    app.add_middleware(BodyLimit)
    app.add_middleware(Tracing, observer=told)
    describe(app)
    return app


async def _answer(request: Request, error: Exception) -> Response:
    answer = problem_of(error).response(correlation_of(request))
    if answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        # The framework names the methods of the first route of this address only.
        found = {method for route in request.app.state.routes if route.path_regex.match(request.url.path) for method in route.methods or ()}
        answer.headers["Allow"] = ", ".join(sorted(found)) or answer.headers["Allow"]
    return answer


async def _answer_form(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise TypeError(type(error))
    subtype = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    problem = problem_of_form(error.errors(), json_sent=subtype == "application/json" or subtype.endswith("+json"))
    return problem.response(correlation_of(request))
