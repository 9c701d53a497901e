"""Signing in to the page: to the issuer and back, the access token then in a cookie that no script can read."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from secrets import compare_digest
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services._runtime.web.parts import bearer_token
from services.reporting.adapters.issuer_out import Attempt, SignInFailed

if TYPE_CHECKING:
    from services.reporting.adapters.issuer_out import IssuerClient

SESSION = "ancora_session"
ATTEMPT = "ancora_sign_in"
_ATTEMPT_SECONDS = 600
_CALLBACK = "/sign-in/callback"


def session_token(request: Request) -> str | None:
    """Return the request's access token: of the Authorization header, else of the page's session."""
    return bearer_token(request) or request.cookies.get(SESSION)


def sign_in_router(issuer: IssuerClient, public_url: str | None = None) -> APIRouter:
    """Return the routes /sign-in, /sign-in/callback and /sign-out. `public_url` is where browsers find us, if not where they ask."""
    router = APIRouter(include_in_schema=False)

    @router.get("/sign-in")
    async def sign_in(request: Request) -> Response:
        attempt = Attempt.begin()
        answer = RedirectResponse(await issuer.authorization_url(attempt, _callback(request, public_url)), 303)
        _set(request, answer, ATTEMPT, _packed(attempt), seconds=_ATTEMPT_SECONDS, path="/sign-in")
        return answer

    @router.get(_CALLBACK)
    async def callback(request: Request, code: str = "", state: str = "", iss: str | None = None) -> Response:
        attempt = _unpacked(request.cookies.get(ATTEMPT, ""))
        # A state that is not this browser's would sign it in as somebody else (RFC 6749, 10.12); `iss` is RFC 9207's.
        ours = attempt is not None and compare_digest(state.encode(), attempt.state.encode())
        if attempt is None or not ours or not code or iss not in (None, issuer.issuer):
            return _left(RedirectResponse("/?sign-in=failed", 303))
        try:
            tokens = await issuer.redeem(code, attempt, _callback(request, public_url))
        except SignInFailed:
            return _left(RedirectResponse("/?sign-in=failed", 303))
        answer = _left(RedirectResponse("/", 303))
        _set(request, answer, SESSION, tokens.access_token, seconds=tokens.expires_in)
        return answer

    @router.post("/sign-out")
    async def sign_out() -> Response:
        answer = RedirectResponse("/", 303)
        answer.delete_cookie(SESSION)
        return answer

    return router


def _callback(request: Request, public_url: str | None) -> str:
    return (public_url or str(request.base_url)).rstrip("/") + _CALLBACK


def _left(answer: RedirectResponse) -> RedirectResponse:
    answer.delete_cookie(ATTEMPT, path="/sign-in")
    return answer


def _set(request: Request, answer: Response, name: str, value: str, *, seconds: int, path: str = "/") -> None:
    secure = request.url.scheme == "https"
    answer.set_cookie(name, value, max_age=seconds, path=path, httponly=True, samesite="lax", secure=secure)


def _packed(attempt: Attempt) -> str:
    return urlsafe_b64encode(f"{attempt.state} {attempt.verifier}".encode()).decode()


def _unpacked(cookie: str) -> Attempt | None:
    try:
        state, verifier = urlsafe_b64decode(cookie).decode().split(" ")
    except ValueError:
        return None
    return Attempt(state, verifier)
