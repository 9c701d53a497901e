"""An issuer in the test's own process: signs access tokens and serves discovery and keys over an in-memory transport."""

from __future__ import annotations

from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, Key

from services._runtime.clock import Clock, SystemClock
from services._runtime.web.id_tokens import IdTokens
from services._runtime.web.identity import TokenVerifier
from services._runtime.web.issuer_keys import IssuerKeys
from tests.support.purposes import usual_purpose

ISSUER = "https://issuer.test"
AUDIENCE = "ancora"
CLIENT_ID = "ancora-pages"


class SigningIssuer:
    """Signs with the newest of its keys; `requests` counts how often its keys were fetched; `down` makes it not answer."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        self.keys: list[Key] = []
        self.requests = 0
        self.down = False
        self.rotate()

    def rotate(self) -> None:
        """Sign with a new key from now on."""
        self.keys.append(ECKey.generate_key("P-256", parameters={"kid": f"key-{len(self.keys)}", "use": "sig"}))

    def claims(self, **changes: object) -> dict[str, Any]:
        """Return a case worker's claims, with changes; a change to None leaves the claim out."""
        now = int(self.clock.now().timestamp())
        claims: dict[str, object] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "worker-1",
            "iat": now,
            "exp": now + 600,
            "ancora_org": "ciac",
            "ancora_role": "case-worker",
            "ancora_purpose": usual_purpose(changes.get("ancora_role", "case-worker")),
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, **changes: object) -> str:
        """Return an access token signed with the newest key."""
        return self.signed({}, **changes)

    def signed(self, header: dict[str, Any], **changes: object) -> str:
        """Return a signed token with changes to its header, too."""
        key = self.keys[-1]
        return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": key.kid, **header}, self.claims(**changes), key)

    def verifier(self, clock: Clock | None = None) -> TokenVerifier:
        """Return a verifier that believes this issuer."""
        clock = clock or self.clock
        return TokenVerifier(self.known_keys(clock), AUDIENCE, clock)

    def id_token(self, **changes: object) -> str:
        """Return an ID token for the page's client, signed with the newest key."""
        ours = dict.fromkeys(("ancora_org", "ancora_role", "ancora_purpose"))
        return self.signed({"typ": "JWT"}, **({"aud": CLIENT_ID, **ours} | changes))

    def id_tokens(self, clock: Clock | None = None) -> IdTokens:
        """Return what reads them."""
        clock = clock or self.clock
        return IdTokens(self.known_keys(clock), CLIENT_ID, clock)

    def known_keys(self, clock: Clock) -> IssuerKeys:
        """Return its keys, as others come to know them."""
        client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        return IssuerKeys(ISSUER, client, clock)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("down")
        if request.url.path == "/.well-known/openid-configuration":
            return httpx.Response(200, json={"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys"})
        self.requests += 1
        return httpx.Response(200, json={"keys": [key.as_dict(private=False) for key in self.keys]})
