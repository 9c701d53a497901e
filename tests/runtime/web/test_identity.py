"""Only a verified token says who calls: every other one is a 401, and a role that may not is a 403."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from services._runtime.clock import SimulatedClock
from services._runtime.ids import new_id
from services._runtime.web.problems import Problem
from tests.runtime.web.records import Setup, problem
from tests.support.issuer import SigningIssuer

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


async def _refused(issuer: SigningIssuer, token: str) -> Problem:
    with pytest.raises(Problem) as caught:
        await issuer.verifier().verify(token)
    assert caught.value.code == "unauthenticated"
    return caught.value


async def test_a_good_token_gives_the_caller(setup: Setup) -> None:
    """Subject and role are the token's."""
    answer = await setup.client.get("/whoami", headers={"Authorization": f"Bearer {setup.issuer.token(ancora_role='auditor')}"})
    assert answer.json() == {"sub": "worker-1", "role": "auditor"}


async def test_no_token_and_other_schemes_are_a_401_with_a_challenge(setup: Setup) -> None:
    """The challenge says which scheme."""
    for headers in ({}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer "}):
        answer = await setup.client.get("/whoami", headers=headers)
        problem(answer, 401, "unauthenticated")
        assert answer.headers["www-authenticate"] == 'Bearer realm="ancora"'
    answer = await setup.client.post(f"/records/{new_id()}", json={}, headers={"Authorization": "Bearer nonsense"})
    problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == 'Bearer realm="ancora", error="invalid_token"'
    assert await setup.stored() == 0


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.test"},
        {"iss": None},
        {"aud": "other"},
        {"aud": None},
        {"exp": int(NOW.timestamp()) - 11},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": int(NOW.timestamp()) + 60},
        {"iat": None},
        {"nbf": int(NOW.timestamp()) + 60},
        {"sub": None},
        {"sub": ""},
        {"sub": "mario rossi"},
        {"ancora_org": None},
        {"ancora_org": "CIAC & friends"},
        {"ancora_role": "king"},
        {"ancora_role": None},
        {"ancora_purpose": None},
        {"ancora_clock": "mine"},
    ],
    ids=str,
)
async def test_a_claim_that_is_missing_or_wrong_refuses_the_token(claims: dict[str, object]) -> None:
    """Each claim alone is enough to refuse."""
    issuer = SigningIssuer(SimulatedClock(NOW))
    await _refused(issuer, issuer.token(**claims))


async def test_a_token_of_another_type_is_refused() -> None:
    """An identity token is no access token."""
    issuer = SigningIssuer()
    for kind in ("JWT", "id+jwt", ""):
        await _refused(issuer, issuer.signed({"typ": kind}))


async def test_a_token_signed_by_nobody_or_by_a_stranger_is_refused() -> None:
    """Nor does nonsense crash the reader."""
    issuer = SigningIssuer()
    stranger = SigningIssuer()
    await _refused(issuer, stranger.token())
    head, body, _ = issuer.token().split(".")
    await _refused(issuer, f"{_part({'alg': 'none', 'typ': 'at+jwt'})}.{body}.")
    await _refused(issuer, f"{head}.{body}.{'A' * 86}")
    for nonsense in ("a", "a.b", "a.b.c", "....", "\ud800", "e30.e30.e30", "bnVsbA.e30.e30", "W10.e30.e30", "x" * 10_000):
        await _refused(issuer, nonsense)


async def test_the_public_key_used_as_a_shared_secret_is_refused() -> None:
    """The algorithm is ours to choose, not the token's."""
    issuer = SigningIssuer()
    key = issuer.keys[-1]
    assert isinstance(key, ECKey)
    public = key.as_pem(private=False)
    head, body = (_part(each) for each in ({"alg": "HS256", "typ": "at+jwt", "kid": "key-0"}, issuer.claims()))
    signature = urlsafe_b64encode(hmac.digest(public, f"{head}.{body}".encode(), "sha256")).rstrip(b"=").decode()
    await _refused(issuer, f"{head}.{body}.{signature}")


def _part(content: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


KEYS: dict[str, Key] = {
    "ES256": ECKey.generate_key("P-256", parameters={"kid": "k"}),
    "EdDSA": OKPKey.generate_key("Ed25519", parameters={"kid": "k"}),
    "Ed25519": OKPKey.generate_key("Ed25519", parameters={"kid": "k"}),
    "RS256": RSAKey.generate_key(2048, parameters={"kid": "k"}),
}


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("algorithm", KEYS)
async def test_the_allowed_algorithms_are_verified(algorithm: str) -> None:
    """Each with a key of its kind."""
    issuer = SigningIssuer()
    issuer.keys.append(KEYS[algorithm])
    token = jwt.encode({"alg": algorithm, "typ": "at+jwt", "kid": "k"}, issuer.claims(), KEYS[algorithm], algorithms=[algorithm])
    assert (await issuer.verifier().verify(token)).sub == "worker-1"


async def test_an_unknown_key_id_fetches_the_keys_again_but_not_at_every_request() -> None:
    """Made-up key ids cannot make us ask the issuer all the time."""
    clock = SimulatedClock(NOW)
    issuer = SigningIssuer(clock)
    verifier = issuer.verifier()
    await verifier.verify(issuer.token())
    issuer.rotate()
    rotated = issuer.token()
    with pytest.raises(Problem):
        await verifier.verify(rotated)
    assert issuer.requests == 1
    clock.move_to(NOW + timedelta(seconds=6))
    assert (await verifier.verify(rotated)).sub == "worker-1"
    for number in range(10):
        with pytest.raises(Problem):
            await verifier.verify(issuer.signed({"kid": f"made-up-{number}"}))
    assert issuer.requests == 2


async def test_a_withdrawn_key_signs_nobody_in_any_more() -> None:
    """Also where its tokens were verified before: at once where another key is seen, after ten minutes in any case."""
    clock = SimulatedClock(NOW)
    issuer = SigningIssuer(clock)
    verifier, idle = issuer.verifier(), issuer.verifier()
    old = issuer.token(exp=int(NOW.timestamp()) + 7200)
    for each in (verifier, idle):
        assert (await each.verify(old)).sub == "worker-1"
    issuer.rotate()
    del issuer.keys[0]
    clock.move_to(NOW + timedelta(seconds=6))
    assert (await idle.verify(old)).sub == "worker-1"
    assert (await verifier.verify(issuer.token())).sub == "worker-1"
    for each, moment in ((verifier, clock.now()), (idle, NOW + timedelta(seconds=601))):
        clock.move_to(moment)
        with pytest.raises(Problem) as caught:
            await each.verify(old)
        assert caught.value.code == "unauthenticated"


async def test_clocks_may_differ_by_ten_seconds_and_no_more() -> None:
    """The issuer's and ours, either way."""
    issuer = SigningIssuer(SimulatedClock(NOW))
    now = int(NOW.timestamp())
    for claims in ({"exp": now - 9}, {"iat": now + 10}, {"nbf": now + 10}):
        assert (await issuer.verifier().verify(issuer.token(**claims))).sub == "worker-1"
    for claims in ({"exp": now - 11}, {"iat": now + 11}, {"nbf": now + 11}):
        await _refused(issuer, issuer.token(**claims))


async def test_a_verified_token_ends_when_it_expires_although_it_is_remembered() -> None:
    """Remembering saves the signature check only."""
    clock = SimulatedClock(NOW)
    issuer = SigningIssuer(clock)
    verifier, token = issuer.verifier(), issuer.token()
    await verifier.verify(token)
    await verifier.verify(token)
    clock.move_to(NOW + timedelta(seconds=611))
    with pytest.raises(Problem) as caught:
        await verifier.verify(token)
    assert "expired" in caught.value.detail


async def test_an_issuer_that_does_not_answer_is_a_503_until_its_keys_were_had() -> None:
    """From then on its keys are kept."""
    clock = SimulatedClock(NOW)
    issuer = SigningIssuer(clock)
    verifier = issuer.verifier()
    issuer.down = True
    with pytest.raises(Problem) as caught:
        await verifier.verify(issuer.token())
    assert caught.value.kind.status == 503
    issuer.down = False
    await verifier.verify(issuer.token())
    issuer.down = True
    clock.move_to(NOW + timedelta(hours=2))
    assert (await verifier.verify(issuer.token())).sub == "worker-1"


async def test_a_role_that_may_not_is_refused_although_its_token_is_good(setup: Setup) -> None:
    """I8, coarsely: the role decides before the record is looked at."""
    for role in ("auditor", "municipality", "administrator", "tutor-coordinator"):
        problem(await setup.client.post(f"/records/{new_id()}", json={}, headers=setup.headers(ancora_role=role)), 403, "forbidden")
    assert await setup.stored() == 0
