"""The page: rendered here, right without a script on reload, live where scripts run. It loads nothing from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.staticfiles import StaticFiles

from services._runtime.access.deciding import POLICIES
from services._runtime.web.callers import SESSION, identified
from services._runtime.web.problems import Problem
from services.reporting.adapters.cartogram import tiles
from services.reporting.adapters.http_in import FIGURES
from services.reporting.adapters.sign_in import forget, keep
from services.reporting.adapters.words import LANGUAGES, Language, Words, preferred

if TYPE_CHECKING:
    from services._runtime.web.identity import Caller
    from services._runtime.web.sessions import Sessions
    from services.reporting.adapters.figures import Reports

_PACKAGE = "services.reporting"
_SHOWN = 12
_LANGUAGE_COOKIE = "ancora_language"
_A_YEAR = 365 * 24 * 3600

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Vary": "Accept-Language, Cookie",
}

Lang = Annotated[Language | None, Query(description="language of the page")]


@dataclass(frozen=True, slots=True)
class Pages:
    """Renders the page for one caller in one language."""

    reports: Reports
    _templates: Environment

    async def whole(self, words: Words, caller: Caller | None, *, failed: bool) -> str:
        """Return the page: with figures for a caller whose role sees them, else what Ancora is and how to sign in."""
        shown = caller is not None and POLICIES.permit_somewhere(caller, "reporting.read-figures")
        template = self._templates.get_template("page.html" if shown else "welcome.html")
        view = await self._view() if shown else {}
        return template.render(**self._always(words), **view, languages=LANGUAGES, caller=caller, failed=failed)

    async def live(self, words: Words) -> str:
        """Return the part of the page that changes."""
        return self._templates.get_template("live.html").render(**self._always(words), **await self._view())

    def _always(self, words: Words) -> dict[str, object]:
        consortium = self.reports.consortium
        return {"t": words, "consortium": consortium, "names": {partner.code: partner.name for partner in consortium.partners}}

    async def _view(self) -> dict[str, object]:
        overview = await self.reports.overview(_SHOWN)
        figures = overview.figures
        return {"figures": figures, "tiles": tiles(figures.provinces), "latest": overview.latest, "at": overview.positions}


def pages_router(reports: Reports, sessions: Sessions) -> APIRouter:
    """Return the routes / and /live, and /static, under which our style, our script and the vendored parts are served."""
    router = APIRouter(include_in_schema=False)
    templates = Environment(
        loader=PackageLoader(_PACKAGE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    pages = Pages(reports, templates)
    assets = StaticFiles(directory=str(files(_PACKAGE) / "static"))

    @router.get("/")
    async def page(request: Request, lang: Lang = None) -> Response:
        caller = await _caller(request)
        failed = request.query_params.get("sign-in") == "failed"
        answer = HTMLResponse(await pages.whole(_words(request, lang), caller, failed=failed), headers=HEADERS)
        if lang is not None:
            answer.set_cookie(_LANGUAGE_COOKIE, lang, max_age=_A_YEAR, httponly=True, samesite="lax", secure=request.url.scheme == "https")
        if caller is None and SESSION in request.cookies:
            forget(answer, SESSION)
        await keep(sessions, request, answer)
        return answer

    @router.get("/live", dependencies=[FIGURES])
    async def live(request: Request, lang: Lang = None) -> Response:
        answer = HTMLResponse(await pages.live(_words(request, lang)), headers=HEADERS)
        await keep(sessions, request, answer)
        return answer

    @router.get("/static/{path:path}")
    async def static(request: Request, path: str) -> Response:
        return await assets.get_response(path, request.scope)

    return router


async def _caller(request: Request) -> Caller | None:
    try:
        return await identified(request)
    except Problem as problem:
        if problem.code == "unauthenticated":
            return None
        raise


def _words(request: Request, lang: Language | None) -> Words:
    kept = request.cookies.get(_LANGUAGE_COOKIE)
    if lang is None and kept in LANGUAGES:
        return Words("en" if kept == "en" else "it")
    return Words(lang or preferred(request.headers.get("accept-language", "")))
