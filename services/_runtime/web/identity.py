"""Who calls: a verified access token (RFC 9068) of one OIDC issuer. Nothing about a caller comes from anywhere else."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from pydantic import BaseModel, Field, StringConstraints, ValidationError

from services._runtime.access.roles import Role
from services._runtime.web.problems import Problem

if TYPE_CHECKING:
    from typing import Any

    from services._runtime.clock import Clock
    from services._runtime.web.issuer_keys import IssuerKeys

ALGORITHMS = ("ES256", "EdDSA", "Ed25519", "RS256")
_TYPES = ("at+jwt", "application/at+jwt")
_LEEWAY_S = 10
_CACHED = 4096
_LATEST = 32_503_680_000
"""The year 3000, in seconds since 1970: what comes later is no moment."""

_Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, for which organisation, in which role and for what purpose, as their token says.

    `person` is the person in care who they are, where they are one. `authenticated_at` is when they last proved who they are, where
    the issuer says so.
    `demonstration` tells whether the token allows the demonstration clock; `now` is that clock's moment where this request sets it.
    """

    sub: str
    organisation: str
    role: Role
    purpose: str
    person: UUID | None = None
    demonstration: bool = False
    now: datetime | None = None
    authenticated_at: datetime | None = None


class _Claims(BaseModel):
    sub: Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[\x21-\x7e]+$")]
    ancora_org: _Code
    ancora_role: Role
    ancora_purpose: _Code
    ancora_person: UUID | None = None
    ancora_clock: Literal["demonstration"] | None = None
    auth_time: Annotated[int, Field(ge=0, le=_LATEST)] | None = None


@dataclass(frozen=True, slots=True)
class _Verified:
    """A token that was verified, and with which keys known: with others it is verified again, for its own may be withdrawn."""

    caller: Caller
    expires: float
    keys: frozenset[str] | None


class TokenVerifier:
    """Verifies access tokens: signature by the issuer's keys, fixed algorithms, type, issuer, audience, times, our claims.

    `clock` is the machine's: tokens expire in real time even where the demonstration clock is allowed.
    """

    def __init__(self, keys: IssuerKeys, audience: str, clock: Clock) -> None:
        self._keys = keys
        self._audience = audience
        self._clock = clock
        self._verified: OrderedDict[bytes, _Verified] = OrderedDict()

    async def verify(self, token: str) -> Caller:
        """Return the token's caller; raises the `unauthenticated` problem, or `unavailable` while the issuer's keys cannot be had."""
        fingerprint = sha256(token.encode("utf-8", "replace")).digest()
        now = self._clock.now().timestamp()
        known = self._verified.get(fingerprint)
        if known is not None and now < known.expires and known.keys == self._keys.known:
            return known.caller
        caller, expires = await self._read(token, int(now))
        self._verified[fingerprint] = _Verified(caller, expires, self._keys.known)
        if len(self._verified) > _CACHED:
            self._verified.popitem(last=False)
        return caller

    async def _read(self, token: str, now: int) -> tuple[Caller, float]:
        try:
            claims = await claims_of(token, self._keys, audience=self._audience, types=_TYPES, now=now)
            return _caller(claims), float(claims["exp"])
        except WrongType:
            raise unauthenticated("Send an access token (typ at+jwt), not another kind of token.", error="invalid_token") from None
        except ExpiredTokenError:
            raise unauthenticated("The access token has expired. Fetch a new one.", error="invalid_token") from None
        except UNBELIEVED:
            # What exactly is wrong with a token is told to nobody who might be trying.
            detail = "The access token is not one of the issuer's for this audience, or lacks our claims. Fetch a new one."
            raise unauthenticated(detail, error="invalid_token") from None


class WrongType(ValueError):
    """The token is of a kind that is not taken here."""


UNBELIEVED = (JoseError, ValidationError, ValueError, TypeError, AttributeError)
"""What `claims_of`, and a model of the claims, raise for a token that is not to be believed."""


async def claims_of(token: str, keys: IssuerKeys, *, audience: str, types: tuple[str, ...], now: int) -> dict[str, Any]:
    """Return what a token says that the issuer signed, for this audience, of one of these types (in small letters), and still good.

    Raises one of `UNBELIEVED`, or the `unavailable` problem while the issuer's keys cannot be had.
    """
    decoded = jwt.decode(token, await keys.for_token(token), algorithms=ALGORITHMS)
    if decoded.header.get("typ", "").lower() not in types:
        raise WrongType
    registry = jwt.JWTClaimsRegistry(
        now=now,
        leeway=_LEEWAY_S,
        iss={"essential": True, "value": keys.issuer},
        aud={"essential": True, "value": audience},
        exp={"essential": True},
        iat={"essential": True},
    )
    registry.validate(decoded.claims)
    return decoded.claims


def _caller(claims: dict[str, Any]) -> Caller:
    ours = _Claims.model_validate(claims)
    return Caller(
        ours.sub,
        ours.ancora_org,
        ours.ancora_role,
        ours.ancora_purpose,
        person=ours.ancora_person,
        demonstration=ours.ancora_clock is not None,
        authenticated_at=None if ours.auth_time is None else datetime.fromtimestamp(ours.auth_time, UTC),
    )


def stepped_up(caller: Caller, now: datetime, max_age: timedelta) -> None:
    """Demand that the caller proved who they are lately; raises the `unauthenticated` problem with its challenge (RFC 9470)."""
    if caller.authenticated_at is None or now - caller.authenticated_at > max_age:
        seconds = int(max_age.total_seconds())
        challenge = f'Bearer realm="ancora", error="insufficient_user_authentication", max_age="{seconds}"'
        detail = f"Sign in again, and send the new token within {seconds} seconds: this needs certainty that it is you."
        raise Problem("unauthenticated", detail, code="step-up-needed", headers={"WWW-Authenticate": challenge})


def unauthenticated(detail: str, *, error: str | None = None) -> Problem:
    """Return the 401 problem with its WWW-Authenticate challenge (RFC 6750)."""
    challenge = 'Bearer realm="ancora"' + (f', error="{error}"' if error else "")
    return Problem("unauthenticated", detail, headers={"WWW-Authenticate": challenge})
