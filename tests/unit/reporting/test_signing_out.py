"""How a session of the page ends: by time, by its person, by the issuer; and by nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from services._runtime.web.callers import SESSION
from services._runtime.web.sessions import IDLE, LONGEST, RENEWED_AFTER
from tests.support.issuer import CLIENT_ID, ISSUER, SigningIssuer
from tests.support.signing_in import BASE, FIGURES, OURS, clock, visitor

if TYPE_CHECKING:
    from services._runtime.clock import SimulatedClock
    from tests.support.signing_in import Visitor

__all__ = ["clock", "visitor"]

EVENT = "http://schemas.openid.net/event/backchannel-logout"


async def test_signing_in_again_gives_another_session_and_ends_the_one_before(visitor: Visitor) -> None:
    """A secret that was planted before a sign-in is worth nothing after it."""
    await visitor.sign_in("c")
    first = visitor.secret
    await visitor.sign_in("d")
    assert visitor.secret != first
    async with visitor.another(first) as copy:
        assert (await copy.get("/live")).status_code == 401


async def test_a_session_ends_when_nobody_uses_it_and_at_the_latest_after_a_working_day(visitor: Visitor, clock: SimulatedClock) -> None:
    await visitor.sign_in()
    began = clock.now()
    while clock.now() - began < LONGEST - IDLE:
        clock.move_to(clock.now() + IDLE - timedelta(seconds=1))
        assert await visitor.sees_figures()
    clock.move_to(began + LONGEST)
    assert not await visitor.sees_figures()
    assert SESSION not in visitor.http.cookies
    await visitor.sign_in("d")
    clock.move_to(clock.now() + IDLE)
    assert (await visitor.http.get("/live")).status_code == 401


async def test_the_secret_is_replaced_from_time_to_time_and_the_old_one_is_good_no_more(visitor: Visitor, clock: SimulatedClock) -> None:
    """Only for what was asked already is it good a while; a copy that comes later ends the session."""
    await visitor.sign_in()
    first = visitor.secret
    clock.move_to(clock.now() + RENEWED_AFTER)
    assert await visitor.sees_figures()
    assert visitor.secret != first
    async with visitor.another(first) as copy:
        assert (await copy.get("/live")).status_code == 200
        assert await visitor.sees_figures()
        clock.move_to(clock.now() + timedelta(seconds=61))
        assert (await copy.get("/live")).status_code == 401
    assert not await visitor.sees_figures()


async def test_a_session_that_was_signed_out_is_refused_wherever_its_secret_is(visitor: Visitor) -> None:
    """I8: revoked here, not only forgotten by the browser; and the browser goes on to end the issuer's session."""
    await visitor.sign_in()
    secret = visitor.secret
    out = await visitor.http.post("/sign-out", headers=OURS)
    assert out.headers["refresh"] == (
        f"0; url={ISSUER}/leave?client_id={CLIENT_ID}&post_logout_redirect_uri=https%3A%2F%2Freporting.test%2F"
    )
    assert out.headers["clear-site-data"] == '"cache", "storage"'
    assert SESSION not in visitor.http.cookies
    async with visitor.another(secret) as copy:
        assert FIGURES not in (await copy.get("/")).text
        assert (await copy.get("/live")).status_code == 401


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "none"}, {"Origin": "null"}], ids=str)
async def test_another_sites_page_signs_nobody_out(visitor: Visitor, headers: dict[str, str]) -> None:
    await visitor.sign_in()
    assert (await visitor.http.post("/sign-out", headers=headers)).status_code == 403
    assert await visitor.sees_figures()


async def test_an_origin_of_our_own_is_enough_for_browsers_that_say_no_more(visitor: Visitor) -> None:
    await visitor.sign_in()
    assert (await visitor.http.post("/sign-out", headers={"Origin": BASE})).status_code == 200


def logout_token(issuer: SigningIssuer, changes: dict[str, object], *, typ: str = "logout+jwt") -> str:
    events: dict[str, object] = {EVENT: {}, "revoke_offline_access": True}
    ours = dict.fromkeys(("ancora_org", "ancora_role", "ancora_purpose"))
    usual = {"aud": CLIENT_ID, "events": events, "jti": "1", "sid": "theirs-1"}
    return issuer.signed({"typ": typ}, **{**usual, **ours, **changes})


@pytest.mark.parametrize("changes", [{}, {"sub": None}, {"sid": None}], ids=str)
async def test_the_issuer_ends_the_sessions_of_one_of_its_own_or_of_a_person(visitor: Visitor, changes: dict[str, object]) -> None:
    """Sent again it ends nothing more, and says so alike."""
    await visitor.sign_in()
    for _ in range(2):
        told = await visitor.http.post("/back-channel-logout", data={"logout_token": logout_token(visitor.issuer.tokens, changes)})
        assert (told.status_code, told.headers["cache-control"]) == (200, "no-store")
    assert not await visitor.sees_figures()


@pytest.mark.parametrize("changes", [{"sid": "theirs-2"}, {"sub": "worker-2", "sid": None}, {"sub": "worker-2"}], ids=str)
async def test_sessions_that_the_issuer_did_not_name_go_on(visitor: Visitor, changes: dict[str, object]) -> None:
    await visitor.sign_in()
    answer = await visitor.http.post("/back-channel-logout", data={"logout_token": logout_token(visitor.issuer.tokens, changes)})
    assert answer.status_code == 200
    assert await visitor.sees_figures()


async def test_a_logout_token_that_is_none_ends_nothing(visitor: Visitor) -> None:
    """Signed by another, for another client, an ID token, an access token, one without the event, one that names nobody."""
    await visitor.sign_in()
    issuer = visitor.issuer.tokens
    wrong = [
        "nonsense",
        logout_token(SigningIssuer(issuer.clock), {}),
        logout_token(issuer, {"aud": "another-client"}),
        logout_token(issuer, {"iss": "https://evil.test"}),
        logout_token(issuer, {"exp": 1}),
        logout_token(issuer, {"nonce": "n"}),
        logout_token(issuer, {"events": {}}),
        logout_token(issuer, {"events": {EVENT: True}}),
        logout_token(issuer, {"sub": None, "sid": None}),
        logout_token(issuer, {}, typ="at+jwt"),
        issuer.id_token(nonce="n", sid="theirs-1"),
    ]
    for token in wrong:
        assert (await visitor.http.post("/back-channel-logout", data={"logout_token": token})).status_code == 400, token
    assert (await visitor.http.post("/back-channel-logout")).status_code == 422
    assert await visitor.sees_figures()
