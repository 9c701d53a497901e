"""Signing in to the page and out of it: to the issuer and back, then a session here, of which the browser has a secret only."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from secrets import compare_digest
from typing import TYPE_CHECKING, Annotated

import structlog
from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services._runtime.errors import Retryable
from services._runtime.web.callers import SESSION, from_our_pages
from services._runtime.web.id_tokens import TokenRefused
from services._runtime.web.parts import web_of
from services._runtime.web.problems import Problem
from services._runtime.web.sessions import LONGEST
from services.reporting.adapters.issuer_out import Attempt, SignInFailed

if TYPE_CHECKING:
    from services._runtime.web.id_tokens import IdTokens
    from services._runtime.web.sessions import Sessions
    from services.reporting.adapters.issuer_out import IssuerClient

ATTEMPT = "__Host-ancora_sign_in"
_ATTEMPT_SECONDS = 600
_CALLBACK = "/sign-in/callback"
_NOT_KEPT = {"Cache-Control": "no-store"}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SignIn:
    """What signing in needs: the issuer, what reads its tokens about people, and the sessions."""

    issuer: IssuerClient
    id_tokens: IdTokens
    sessions: Sessions

    async def answered(self, request: Request, code: str, state: str, iss: str | None) -> str | None:
        """Return the secret of a new session for the issuer's answer; None where it is none to this browser's question."""
        attempt = _unpacked(request.cookies.get(ATTEMPT, ""))
        # A state that is not this browser's would sign it in as somebody else (RFC 6749, 10.12); `iss` is RFC 9207's.
        ours = attempt is not None and compare_digest(state.encode(), attempt.state.encode())
        if attempt is None or not ours or not code or iss not in (None, self.issuer.issuer):
            return None
        try:
            tokens = await self.issuer.redeem(code, attempt, _own(request) + _CALLBACK)
            signed_in = await self.id_tokens.signed_in(tokens.id_token, attempt.nonce)
            caller = await web_of(request).verifier.verify(tokens.access_token)
        except (SignInFailed, TokenRefused):
            return None
        except Problem as problem:
            if problem.code != "unauthenticated":
                raise
            return None
        if caller.sub != signed_in.sub or caller.demonstration:
            return None
        return await self.sessions.begin(caller, signed_in.sid)


def sign_in_router(parts: SignIn) -> APIRouter:
    """Return the routes /sign-in, /sign-in/callback, /sign-out and /back-channel-logout."""
    router = APIRouter(include_in_schema=False)

    @router.get("/sign-in")
    async def sign_in(request: Request) -> Response:
        attempt = Attempt.begin()
        answer = RedirectResponse(await parts.issuer.authorization_url(attempt, _own(request) + _CALLBACK), 303)
        _set(answer, ATTEMPT, _packed(attempt), seconds=_ATTEMPT_SECONDS)
        return answer

    @router.get(_CALLBACK)
    async def callback(request: Request, code: str = "", state: str = "", iss: str | None = None) -> Response:
        secret = await parts.answered(request, code, state, iss)
        # Where people go from here is ours to say: an address that a request names is not looked at.
        answer = RedirectResponse("/?sign-in=failed" if secret is None else "/", 303)
        forget(answer, ATTEMPT)
        if secret is None:
            log.warning("sign_in.refused")
            return answer
        if (before := request.cookies.get(SESSION)) is not None:
            await parts.sessions.end(before)
        _set(answer, SESSION, secret, seconds=int(LONGEST.total_seconds()))
        log.info("sign_in.done")
        return answer

    @router.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        if not from_our_pages(request):
            raise Problem("forbidden", "Only our own page signs a browser out.")
        if (secret := request.cookies.get(SESSION)) is not None:
            await parts.sessions.end(secret)
        answer = await _to_the_issuer(parts.issuer, _own(request))
        answer.headers["Clear-Site-Data"] = '"cache", "storage"'
        forget(answer, SESSION)
        log.info("sign_out.done")
        return answer

    _add_back_channel(router, parts)
    return router


def _add_back_channel(router: APIRouter, parts: SignIn) -> None:
    @router.post("/back-channel-logout")
    async def back_channel_logout(logout_token: Annotated[str, Form(max_length=16_384)]) -> Response:
        """End the sessions that the issuer names (OIDC Back-Channel Logout 1.0). Sent again, it ends nothing more."""
        try:
            told = await parts.id_tokens.signed_out(logout_token)
        except TokenRefused:
            log.warning("back_channel_logout.refused")
            return Response(status_code=400, headers=_NOT_KEPT)
        await parts.sessions.end_of(sub=told.sub, issuer_session=told.sid)
        log.info("back_channel_logout.done")
        return Response(headers=_NOT_KEPT)


async def keep(sessions: Sessions, request: Request, answer: Response) -> None:
    """Give the browser a new secret with this answer, where that of its session is old."""
    if (secret := request.cookies.get(SESSION)) is not None and (fresh := await sessions.renewed(secret)) is not None:
        _set(answer, SESSION, fresh, seconds=int(LONGEST.total_seconds()))


def forget(answer: Response, name: str) -> None:
    """Have the browser forget one of our cookies."""
    answer.delete_cookie(name, secure=True, httponly=True, samesite="lax")


async def _to_the_issuer(issuer: IssuerClient, home: str) -> Response:
    """Return what sends the browser to end the issuer's session, or home where there is none or the issuer does not answer.

    By `Refresh` and no redirect: the page's policy lets a form lead to this origin only, and counts where it is redirected to.
    """
    try:
        leaving = await issuer.end_session_url(f"{home}/")
    except Retryable:
        leaving = None
    if leaving is None:
        return RedirectResponse("/", 303)
    return HTMLResponse("<!doctype html><title>Ancora</title>", headers={"Refresh": f"0; url={leaving}", **_NOT_KEPT})


def _own(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _set(answer: Response, name: str, value: str, *, seconds: int) -> None:
    answer.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=True)


def _packed(attempt: Attempt) -> str:
    return urlsafe_b64encode(f"{attempt.state} {attempt.nonce} {attempt.verifier}".encode()).decode()


def _unpacked(cookie: str) -> Attempt | None:
    try:
        state, nonce, verifier = urlsafe_b64decode(cookie).decode().split(" ")
    except ValueError:
        return None
    return Attempt(state, nonce, verifier)
