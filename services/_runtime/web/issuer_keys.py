"""The issuer's public keys: found by OIDC discovery, fetched when first needed, kept, and fetched again for an unknown key id."""

from __future__ import annotations

import asyncio
import json
from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING, Any

import httpx
from joserfc.jwk import KeySet

from services._runtime.web.problems import Problem

if TYPE_CHECKING:
    from services._runtime.clock import Clock

_REFETCH_AFTER_S = 5.0
_KEEP_S = 600.0
_TIMEOUT_S = 5.0


class IssuerKeys:
    """The key set of one issuer. An unknown key id makes it fetch again, at most once in five seconds, and ten minutes' age does too.

    So a key that the issuer withdrew is believed for ten minutes more at most, where the issuer answers.
    """

    def __init__(self, issuer: str, client: httpx.AsyncClient, clock: Clock) -> None:
        self.issuer = issuer
        self._client = client
        self._clock = clock
        self._keys = KeySet([])
        self._ids: frozenset[str | None] = frozenset()
        self._thumbprints: frozenset[str] = frozenset()
        self._fetched: float | None = None
        self._lock = asyncio.Lock()

    @property
    def known(self) -> frozenset[str] | None:
        """Return which keys are believed now, by their thumbprints; None where it is time to ask the issuer again."""
        if self._fetched is None or self._clock.now().timestamp() - self._fetched > _KEEP_S:
            return None
        return self._thumbprints

    async def for_token(self, token: str) -> KeySet:
        """Return the key set to verify the token with; raises the `unavailable` problem where there is none to be had.

        Raises ValueError where the token's header cannot be read.
        """
        key_id = _key_id(token)
        if self._wanting(key_id):
            async with self._lock:
                if self._wanting(key_id):
                    await self._fetch()
        return self._keys

    def _wanting(self, key_id: str | None) -> bool:
        if self._fetched is None:
            return True
        age = self._clock.now().timestamp() - self._fetched
        return age > _KEEP_S or (key_id not in self._ids and age > _REFETCH_AFTER_S)

    async def _fetch(self) -> None:
        try:
            found = await self._get(await self._keys_address())
            signing = [key for key in found["keys"] if key.get("use", "sig") == "sig"]
            self._keys = KeySet.import_key_set({"keys": signing})
            self._ids = frozenset(key.kid for key in self._keys)
            self._thumbprints = frozenset(key.thumbprint() for key in self._keys)
            self._fetched = self._clock.now().timestamp()
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError):
            if self._fetched is None:
                raise Problem(
                    "unavailable",
                    "The issuer of access tokens does not answer. Repeat the request in a moment.",
                    headers={"Retry-After": "2"},
                ) from None
            self._fetched = self._clock.now().timestamp()  # keep the keys we have; ask again when they are next wanting

    async def _keys_address(self) -> str:
        discovered = await self._get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if discovered["issuer"] != self.issuer:
            raise ValueError("the discovery document is of another issuer")
        return str(discovered["jwks_uri"])

    async def _get(self, url: str) -> Any:  # noqa: ANN401 - JSON of another system, checked where it is read
        answer = await self._client.get(url, timeout=_TIMEOUT_S)
        answer.raise_for_status()
        return answer.json()


def _key_id(token: str) -> str | None:
    header = token.partition(".")[0]
    padded = header + "=" * (-len(header) % 4)
    fields = json.loads(urlsafe_b64decode(padded))
    key_id = fields.get("kid")
    return key_id if isinstance(key_id, str) else None
