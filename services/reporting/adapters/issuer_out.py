"""The issuer as reporting's pages use it: authorization code with PKCE (RFC 7636), endpoints from its discovery document."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import httpx
from pydantic import BaseModel, SecretStr, ValidationError

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
    end_session_endpoint: str | None = None


class Tokens(BaseModel):
    """What the issuer gave for a code."""

    access_token: str
    id_token: str


@dataclass(frozen=True, slots=True)
class Client:
    """Who the pages are to the issuer."""

    client_id: str = CLIENT_ID
    secret: SecretStr | None = None

    @property
    def authentication(self) -> httpx.BasicAuth | None:
        """Return how it proves that (RFC 6749, 2.3.1); None where it has nothing to prove it with."""
        if self.secret is None:
            return None
        return httpx.BasicAuth(quote(self.client_id, safe=""), quote(self.secret.get_secret_value(), safe=""))


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-in under way: what only the browser that began it knows."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def begin(cls) -> Self:
        """Return a new one, unguessable."""
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))

    @property
    def challenge(self) -> str:
        """Return the S256 challenge of the verifier."""
        return urlsafe_b64encode(sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


class IssuerClient:
    """Speaks to one issuer; its endpoints are asked for once."""

    def __init__(self, issuer: str, http: httpx.AsyncClient, client: Client | None = None) -> None:
        self.issuer = issuer
        self.client = client or Client()
        self._http = http
        self._known: _Configuration | None = None

    async def authorization_url(self, attempt: Attempt, redirect_uri: str) -> str:
        """Return where the browser is sent to sign in; raises `Retryable` while the issuer does not answer."""
        parameters = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid",
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        return _with_query((await self._configuration()).authorization_endpoint, parameters)

    async def redeem(self, code: str, attempt: Attempt, redirect_uri: str) -> Tokens:
        """Exchange a code for tokens; raises `SignInFailed`, or `Retryable` while the issuer does not answer."""
        form = {
            "grant_type": "authorization_code",
            "client_id": self.client.client_id,
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": attempt.verifier,
        }
        endpoint = (await self._configuration()).token_endpoint
        try:
            answer = await self._http.post(endpoint, data=form, auth=self.client.authentication or httpx.USE_CLIENT_DEFAULT)
            if answer.is_client_error:
                raise SignInFailed("the issuer refused the code")
            return Tokens.model_validate_json(answer.raise_for_status().content)
        except (httpx.HTTPError, ValidationError) as error:
            raise Retryable(f"the issuer does not answer ({type(error).__name__})") from error

    async def end_session_url(self, back_to: str) -> str | None:
        """Return where the browser is sent to end the issuer's session too, and from there `back_to`; None where it has no such place.

        Raises `Retryable` while the issuer does not answer.
        """
        endpoint = (await self._configuration()).end_session_endpoint
        if endpoint is None:
            return None
        return _with_query(endpoint, {"client_id": self.client.client_id, "post_logout_redirect_uri": back_to})

    async def _configuration(self) -> _Configuration:
        if self._known is None:
            try:
                answer = await self._http.get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
                found = _Configuration.model_validate_json(answer.raise_for_status().content)
            except (httpx.HTTPError, ValidationError) as error:
                raise Retryable(f"the issuer does not answer ({type(error).__name__})") from error
            if found.issuer.rstrip("/") != self.issuer.rstrip("/"):
                raise RuntimeFault("the discovery document is another issuer's")
            self._known = found
        return self._known


def _with_query(endpoint: str, parameters: dict[str, str]) -> str:
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(parameters)}"
