"""What the issuer tells a client of ours about people: ID tokens, by which they sign in, and logout tokens, by which it ends that."""

from __future__ import annotations

from dataclasses import dataclass
from secrets import compare_digest
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from services._runtime.errors import RuntimeFault
from services._runtime.web.identity import UNBELIEVED, claims_of

if TYPE_CHECKING:
    from services._runtime.clock import Clock
    from services._runtime.web.issuer_keys import IssuerKeys

_ID_TYPES = ("jwt", "")
_LOGOUT_TYPES = ("logout+jwt", "jwt", "")
_EVENT = "http://schemas.openid.net/event/backchannel-logout"

_Text = Annotated[str, StringConstraints(min_length=1, max_length=255)]


class TokenRefused(RuntimeFault):
    """A token that is not the issuer's, not for this client, not of this kind, or not of this sign-in."""


class SignedIn(BaseModel):
    """Who signed in, and what the issuer calls its session."""

    sub: _Text
    nonce: _Text
    azp: _Text | None = None
    sid: _Text | None = None


class SignedOut(BaseModel):
    """Whose sessions, or which session of its own, the issuer ended; at least one of the two (OIDC Back-Channel Logout 1.0, 2.4)."""

    sub: _Text | None = None
    sid: _Text | None = None
    jti: _Text
    events: dict[str, object]
    nonce: Annotated[None, Field(description="none: this tells a logout token from an ID token")] = None

    @model_validator(mode="after")
    def _says_what_it_must(self) -> Self:
        # Other members may stand beside it: Keycloak says of what kind its revocation is.
        if not isinstance(self.events.get(_EVENT), dict) or (self.sub is None and self.sid is None):
            raise ValueError("no logout token")
        return self


@dataclass(frozen=True, slots=True)
class IdTokens:
    """Reads such tokens of one issuer for one client. `clock` is the machine's."""

    keys: IssuerKeys
    client_id: str
    clock: Clock

    async def signed_in(self, token: str, nonce: str) -> SignedIn:
        """Return who signed in; raises `TokenRefused`, or the `unavailable` problem while the issuer's keys cannot be had.

        `nonce` is what this browser's sign-in asked for: a token of any other is somebody else's, or one that was used before.
        """
        try:
            told = SignedIn.model_validate(await self._claims(token, _ID_TYPES))
        except UNBELIEVED as error:
            raise TokenRefused("the ID token is not to be believed") from error
        if not compare_digest(told.nonce.encode(), nonce.encode()) or told.azp not in (None, self.client_id):
            raise TokenRefused("the ID token is of another sign-in")
        return told

    async def signed_out(self, token: str) -> SignedOut:
        """Return whom a logout token signs out; raises as `signed_in`."""
        try:
            return SignedOut.model_validate(await self._claims(token, _LOGOUT_TYPES))
        except UNBELIEVED as error:
            raise TokenRefused("the logout token is not to be believed") from error

    async def _claims(self, token: str, types: tuple[str, ...]) -> dict[str, Any]:
        return await claims_of(token, self.keys, audience=self.client_id, types=types, now=int(self.clock.now().timestamp()))
