"""The issuer as reporting's pages use it: authorization code with PKCE (RFC 7636), endpoints from its discovery document."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httpx
from pydantic import BaseModel, ValidationError

from services._runtime.errors import Retryable, RuntimeFault

if TYPE_CHECKING:
    from typing import Self

CLIENT_ID = "ancora-pages"


class SignInFailed(RuntimeFault):
    """The issuer did not exchange the code: it is spent, expired, or another's."""


class _Configuration(BaseModel):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str


class Tokens(BaseModel):
    """What the issuer gave: an access token, good for so many seconds."""

    access_token: str
    expires_in: int = 300


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-in under way: what only the browser that began it knows."""

    state: str
    verifier: str

    @classmethod
    def begin(cls) -> Self:
        """Return a new one, unguessable."""
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(48))

    @property
    def challenge(self) -> str:
        """Return the S256 challenge of the verifier."""
        return urlsafe_b64encode(sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


class IssuerClient:
    """Speaks to one issuer; its endpoints are asked for once."""

    def __init__(self, issuer: str, client: httpx.AsyncClient) -> None:
        self.issuer = issuer
        self._client = client
        self._known: _Configuration | None = None

    async def authorization_url(self, attempt: Attempt, redirect_uri: str) -> str:
        """Return where the browser is sent to sign in; raises `Retryable` while the issuer does not answer."""
        parameters = {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": redirect_uri,
            "scope": "openid",
            "state": attempt.state,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        return f"{(await self._configuration()).authorization_endpoint}?{urlencode(parameters)}"

    async def redeem(self, code: str, attempt: Attempt, redirect_uri: str) -> Tokens:
        """Exchange a code for an access token; raises `SignInFailed`, or `Retryable` while the issuer does not answer."""
        form = {
            "grant_type": "authorization_code",
            "client_id": CLIENT_ID,
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": attempt.verifier,
        }
        endpoint = (await self._configuration()).token_endpoint
        try:
            answer = await self._client.post(endpoint, data=form)
            if answer.is_client_error:
                raise SignInFailed("the issuer refused the code")
            return Tokens.model_validate_json(answer.raise_for_status().content)
        except (httpx.HTTPError, ValidationError) as error:
            raise Retryable(f"the issuer does not answer ({type(error).__name__})") from error

    async def _configuration(self) -> _Configuration:
        if self._known is None:
            try:
                answer = await self._client.get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
                found = _Configuration.model_validate_json(answer.raise_for_status().content)
            except (httpx.HTTPError, ValidationError) as error:
                raise Retryable(f"the issuer does not answer ({type(error).__name__})") from error
            if found.issuer.rstrip("/") != self.issuer.rstrip("/"):
                raise RuntimeFault("the discovery document is another issuer's")
            self._known = found
        return self._known
