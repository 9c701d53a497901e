"""The issuer's signing key and the tokens it signs: access tokens after RFC 9068, ID tokens after OpenID Connect."""

import hashlib
import hmac
import json
import secrets
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import ECKey

from deploy.local.development_issuer.people import REGISTERED, Person
from deploy.local.paths import write_whole

ALGORITHM = "ES256"
DEFAULT_SECONDS = 3600
LONGEST_SECONDS = 12 * 3600


@dataclass(frozen=True)
class IssuerSecrets:
    """What must survive a restart, so that tokens and pseudonyms stay valid: the signing key and the pseudonyms' key."""

    signing: ECKey
    pseudonyms: bytes

    @classmethod
    def in_folder(cls, folder: Path) -> "IssuerSecrets":
        """Read them from a folder; made on first use, readable by their owner only."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = folder / "development-issuer.json"
        if not file.exists():
            key = ECKey.generate_key("P-256", auto_kid=True)
            write_whole(file, json.dumps({"signing": key.as_dict(private=True), "pseudonyms": secrets.token_hex(32)}))
        kept = json.loads(file.read_text(encoding="utf-8"))
        return cls(ECKey.import_key(kept["signing"]), bytes.fromhex(kept["pseudonyms"]))

    def pseudonym(self, login: str) -> uuid.UUID:
        """Give a person's stable, random-looking subject."""
        digest = hmac.digest(self.pseudonyms, login.encode(), hashlib.sha256)
        return uuid.UUID(bytes=digest[:16], version=4)

    def registered(self, person: Person) -> uuid.UUID | None:
        """Give the id under which somebody is to be registered, if tokens are to fit; None for a role that stands in no register."""
        return self.pseudonym(f"{person.login} in the register") if person.role in REGISTERED else None


@dataclass(frozen=True)
class Grant:
    """What one access token is to say."""

    person: Person
    client_id: str
    purpose: str
    seconds: int = DEFAULT_SECONDS
    demonstration: bool = False
    registered: uuid.UUID | None = None
    """Under which id they stand in the register, where that is another than their own."""


@dataclass(frozen=True)
class Signer:
    """Signs tokens in the name of one issuer for one audience."""

    issuer: str
    audience: str
    secrets: IssuerSecrets

    def access_token(self, grant: Grant) -> str:
        """Sign an access token; with `ancora_clock` its bearer may say what time it is, for the demonstration."""
        claims = self._claims(grant.person, self.audience, grant.seconds) | {
            "client_id": grant.client_id,
            "jti": secrets.token_urlsafe(16),
            # Here, to name oneself is to prove who one is.
            "auth_time": int(time.time()),
            "ancora_org": grant.person.organisation,
            "ancora_role": grant.person.role,
            "ancora_purpose": grant.purpose,
            "ancora_dev": True,
        }
        if (registered := grant.registered or self.secrets.registered(grant.person)) is not None:
            claims["ancora_person"] = str(registered)
        if grant.demonstration:
            claims["ancora_clock"] = "demonstration"
        return self._sign("at+jwt", claims)

    def id_token(self, grant: Grant, nonce: str | None) -> str:
        """Sign the ID token that tells the client who signed in."""
        claims = self._claims(grant.person, grant.client_id, grant.seconds) | {"preferred_username": grant.person.login}
        if nonce is not None:
            claims["nonce"] = nonce
        return self._sign("JWT", claims)

    def public_keys(self) -> dict[str, object]:
        """Give the JWK set that verifies both."""
        return {"keys": [self.secrets.signing.as_dict(private=False, use="sig", alg=ALGORITHM)]}

    def _claims(self, person: Person, audience: str, seconds: int) -> dict[str, object]:
        now = int(time.time())
        return {"iss": self.issuer, "aud": audience, "sub": str(self.secrets.pseudonym(person.login)), "iat": now, "exp": now + seconds}

    def _sign(self, kind: str, claims: dict[str, object]) -> str:
        header = {"alg": ALGORITHM, "typ": kind, "kid": self.secrets.signing.kid}
        return jwt.encode(header, claims, self.secrets.signing)
