"""Authorization requests and the codes they end in: authorization code with PKCE (S256), redirects to loopback only."""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from deploy.local.development_issuer.people import Person

_CODE_SECONDS = 300
_LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
_CHALLENGE_LENGTH = 43  # of a SHA-256 in base64url


class RequestRefused(Exception):
    """A request that breaks the protocol: an error code of RFC 6749 and what to do about it."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


@dataclass(frozen=True)
class AuthorizationRequest:
    """A checked authorization request."""

    client_id: str
    redirect_uri: str
    challenge: str
    state: str | None
    nonce: str | None

    def redirect(self, **answer: str) -> str:
        """Give the address to send the browser to, with the answer and the client's state."""
        fields = answer if self.state is None else answer | {"state": self.state}
        return f"{self.redirect_uri}{'&' if '?' in self.redirect_uri else '?'}{urlencode(fields)}"


@dataclass(frozen=True)
class SignedIn:
    """Who signed in, for which request; what a code stands for."""

    request: AuthorizationRequest
    person: Person
    until: float


class Codes:
    """Codes that were given out: each is good once, for five minutes."""

    def __init__(self) -> None:
        self._given: dict[str, SignedIn] = {}

    def give(self, request: AuthorizationRequest, person: Person) -> str:
        """Make a code for a person who signed in."""
        now = time.monotonic()
        self._given = {code: signed_in for code, signed_in in self._given.items() if signed_in.until > now}
        code = secrets.token_urlsafe(32)
        self._given[code] = SignedIn(request, person, now + _CODE_SECONDS)
        return code

    def redeem(self, form: Mapping[str, str]) -> SignedIn:
        """Take back the code of a token request; raises RequestRefused if it is spent, expired or another's."""
        signed_in = self._given.pop(form.get("code", ""), None)
        if signed_in is None or signed_in.until < time.monotonic():
            raise RequestRefused("invalid_grant", "the code is unknown, spent or older than five minutes: sign in again")
        request = signed_in.request
        if (form.get("client_id"), form.get("redirect_uri")) != (request.client_id, request.redirect_uri):
            raise RequestRefused("invalid_grant", "client_id and redirect_uri must be those of the authorization request")
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if not hmac.compare_digest(base64.urlsafe_b64encode(verifier).rstrip(b"=").decode(), request.challenge):
            raise RequestRefused("invalid_grant", "code_verifier does not match the code_challenge")
        return signed_in


def check_redirect(parameters: Mapping[str, str]) -> str:
    """Give the redirect address; raises RequestRefused where it leaves this machine, and then nothing may be sent there."""
    address = parameters.get("redirect_uri", "")
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or parts.hostname not in _LOOPBACK_HOSTS or parts.fragment or "@" in parts.netloc:
        raise RequestRefused("invalid_request", "redirect_uri must be an http address on the loopback interface, without a fragment")
    return address


def check_request(parameters: Mapping[str, str]) -> AuthorizationRequest:
    """Check an authorization request; raises RequestRefused."""
    redirect_uri = check_redirect(parameters)
    if parameters.get("response_type") != "code":
        raise RequestRefused("unsupported_response_type", "response_type must be code")
    if not parameters.get("client_id"):
        raise RequestRefused("invalid_request", "client_id is missing")
    challenge = parameters.get("code_challenge", "")
    if parameters.get("code_challenge_method") != "S256" or len(challenge) != _CHALLENGE_LENGTH:
        raise RequestRefused("invalid_request", "PKCE is required: code_challenge with code_challenge_method=S256")
    return AuthorizationRequest(parameters["client_id"], redirect_uri, challenge, parameters.get("state"), parameters.get("nonce"))
