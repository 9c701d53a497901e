"""The dependency that admits a caller to an action: token, policies, and the demonstration clock where it is allowed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import Request, Security
from fastapi.security import HTTPBearer

from services._runtime.access.deciding import POLICIES, Whose
from services._runtime.access.permission import permitted
from services._runtime.clock import day_of
from services._runtime.decider import Placement
from services._runtime.web.bodies import FIRST_DAY, LAST_DAY
from services._runtime.web.disclosing import disclosure_of
from services._runtime.web.identity import Caller, unauthenticated
from services._runtime.web.parts import bearer_token, web_of
from services._runtime.web.problems import Problem

if TYPE_CHECKING:
    from contracts.personal import DataClass
    from services._runtime.access.permission import Beside, May, Reach
    from services._runtime.store.port import StreamEvent
    from services._runtime.web.parts import Web
    from services._runtime.web.rates import Rates

BEARER = HTTPBearer(bearerFormat="JWT", scheme_name="access-token", description="An access token of the issuer", auto_error=False)
"""Describes the scheme in the OpenAPI document; a page's session does as well, see `identified`."""

SESSION = "__Host-ancora_session"
"""The cookie of a session: of this host alone, sent over TLS (or on this machine) only."""

_READS = ("GET", "HEAD", "OPTIONS")

DEMONSTRATION_HEADER = "Ancora-Demonstration-Clock"


def allow(action: str, *, recorded: bool = True) -> Callable[..., Any]:
    """Return the dependency that gives an endpoint its `Caller`, if their role may take the action.

    `recorded` is false only where no answer tells of a person, neither by name nor by pseudonym: figures, methods, machinery.
    """

    async def caller(request: Request, _token: Annotated[object, Security(BEARER)]) -> Caller:
        return await admitted(request, action, recorded=recorded)

    return caller


async def admitted(request: Request, action: str, *, recorded: bool) -> Caller:
    """Return the request's caller; raises `unauthenticated`, `too-many-requests`, `forbidden`: on no record at all may they do it.

    Or not for the purpose that their token names: `purpose-not-permitted`.

    On which records they may take it is decided where a record is known. `recorded`: whatever is answered from here on, it is recorded.
    """
    web = web_of(request)
    caller = await identified(request)
    if caller is None:
        raise unauthenticated("Send an access token: Authorization: Bearer <token>.")
    if (rates := _rates_for(web, caller)) is not None:
        rates.request(caller.sub)
    if recorded:
        disclosure_of(request).begin(caller, action)
    _demand(caller, action)
    return _at_its_moment(caller, request.headers.get(DEMONSTRATION_HEADER), web)


def _demand(caller: Caller, action: str) -> None:
    """Demand that there could be a record on which the caller may take the action; raises `forbidden`, or `purpose-not-permitted`."""
    decision = POLICIES.decide(caller, action, Whose.own(caller))
    if decision.forbidden:
        known = ", ".join(POLICIES.purposes(caller, action))
        detail = f"The role {caller.role} does not act for the purpose that the token names. Get one that names one of: {known}."
        raise Problem("forbidden", detail, code="purpose-not-permitted")
    if not decision.permitted:
        raise Problem("forbidden", f"The role {caller.role} may not do {action}. {_who_may(caller, action)}")


def _who_may(caller: Caller, action: str) -> str:
    roles = ", ".join(POLICIES.roles_that_may(caller, action))
    return f"Ask someone of your organisation whose role may: {roles}." if roles else "Nobody of your organisation may."


async def identified(request: Request) -> Caller | None:
    """Return who calls: whom the token of the Authorization header names, else whose session it is; None where there is neither.

    Raises `unauthenticated` for a token that is no good, and `forbidden` where another site's page makes a browser write here.
    """
    web = web_of(request)
    if (token := bearer_token(request)) is not None:
        return await web.verifier.verify(token)
    secret = request.cookies.get(SESSION)
    if web.sessions is None or secret is None:
        return None
    if request.method not in _READS and not from_our_pages(request):
        raise Problem("forbidden", "A session writes only from our own pages. Programs send an access token.")
    return await web.sessions.caller(secret)


def from_our_pages(request: Request) -> bool:
    """Tell whether the browser says that a page of this very origin asks; one that says nothing of it is not believed."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("origin") == str(request.base_url).rstrip("/")


def permitting(caller: Caller, action: str, person: UUID | None = None) -> May:
    """Return what tells on which records the caller may take the action; `person` is whose they are, where that is known."""
    return lambda placement: POLICIES.decide(caller, action, replace(Whose.placed(placement), person=person)).permitted


def person_in(request: Request, parameter: str | None) -> UUID | None:
    """Return the person whom a parameter of the path names; None where it names none."""
    try:
        return None if parameter is None else UUID(request.path_params[parameter])
    except ValueError:
        return None  # the endpoint refuses its form


def permitting_beside(web: Web, caller: Caller, action: str) -> Beside | None:
    """Return what tells whether the caller may take the action on a record to which they are a party, or that is offered to them.

    None where neither permits anything.
    """
    joined, offered = web.joined, web.offered
    if not any(POLICIES.decide(caller, action, whose).permitted for whose in (Whose(joined=True), Whose(offered=True))):
        return None

    async def beside(stored: Sequence[StreamEvent]) -> bool:
        day = day_of(caller.now or web.clock.now())
        is_in = joined is not None and await joined(stored, caller, day, action)
        if not stored:
            return False
        waits = offered is not None and offered(stored, caller)
        placement = Placement.after(stored[-1].recorded.envelope)
        return POLICIES.decide(caller, action, Whose.placed(placement, joined=is_in, offered=waits)).permitted

    return beside


def reaching(web: Web, caller: Caller, action: str, person: UUID | None = None) -> Reach:
    """Return what tells whether the caller may take the action on a record, and of which classes of personal data they are told then."""
    may, beside = permitting(caller, action, person), permitting_beside(web, caller, action)

    async def reach(stored: Sequence[StreamEvent]) -> frozenset[DataClass] | None:
        by_placement = bool(stored) and permitted(stored, may)
        if not by_placement and (beside is None or not await beside(stored)):
            return None
        whose = Whose.placed(Placement.after(stored[-1].recorded.envelope), joined=not by_placement)
        return POLICIES.tell(caller, action, replace(whose, person=person))

    return reach


def count_record(web: Web, caller: Caller, record: UUID) -> None:
    """Count a record that the caller is about to read; raises `too-many-requests`."""
    if (rates := _rates_for(web, caller)) is not None:
        rates.record(caller.sub, record)


def _rates_for(web: Web, caller: Caller) -> Rates | None:
    """Return what bounds this caller; the demonstration, where it is allowed, lives years in minutes, on invented records."""
    return None if caller.demonstration and web.demonstration else web.rates


def _at_its_moment(caller: Caller, moment: str | None, web: Web) -> Caller:
    if moment is None:
        return caller
    if not (caller.demonstration and web.demonstration):
        raise Problem("forbidden", f"{DEMONSTRATION_HEADER} is for the demonstration's tokens, where the demonstration is allowed.")
    try:
        now = datetime.fromisoformat(moment)
    except ValueError:
        now = None
    if now is None or now.tzinfo is None or not FIRST_DAY < now.date() < LAST_DAY or len(moment) < len("2021-01-01T00:00:00Z"):
        raise Problem("header-malformed", f"Send {DEMONSTRATION_HEADER} as a moment of RFC 3339 in UTC, such as 2021-03-05T09:30:00Z.")
    return replace(caller, now=now.astimezone(UTC))
