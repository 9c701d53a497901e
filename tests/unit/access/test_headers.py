"""Every answer of every endpoint tells the browser to trust nothing that is not ours, whatever the answer is."""

from __future__ import annotations

import re

import httpx
import pytest

from contracts.topics import SERVICES
from services._runtime.ids import new_id
from services.cli.services import services
from services.reporting.adapters.pages_in import POLICY
from tests.support.endpoints import InMemory
from tests.support.issuer import SigningIssuer

EXPECTED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}
CLOSED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"


@pytest.mark.parametrize("service", SERVICES)
async def test_every_answer_of_every_endpoint_has_the_security_headers(service: str) -> None:
    """With a token and without; what is there, what is not, what fails; pages have a policy of their own that is as strict."""
    issuer = SigningIssuer()
    whole = InMemory(services()[service], issuer.verifier())
    transport = httpx.ASGITransport(whole.app, raise_app_exceptions=False)
    asked = [(endpoint.method, re.sub(r"\{\w+(:path)?\}", str(new_id()), endpoint.route.path)) for endpoint in whole.endpoints()]
    statuses = set()
    async with httpx.AsyncClient(transport=transport, base_url="http://headers.test") as client:
        for method, path in [
            *asked,
            ("GET", "/nowhere"),
            ("GET", "/openapi.json"),
            ("TRACE", "/"),
            ("OPTIONS", "/"),
            ("DELETE", "/status"),
        ]:
            for headers in ({}, {"Authorization": f"Bearer {issuer.token()}"}):
                answer = await client.request(method, path, headers=headers)
                statuses.add(answer.status_code)
                kept = {"cache-control": answer.headers["cache-control"]} if answer.headers["cache-control"] == "private, no-cache" else {}
                assert {name: answer.headers.get(name) for name in EXPECTED} == EXPECTED | kept, f"{method} {path}"
                page = answer.headers.get("content-type", "").startswith("text/html")
                assert answer.headers["content-security-policy"] == (POLICY if page else CLOSED), f"{method} {path}"
                assert not {"server", "x-powered-by", "access-control-allow-origin"} & answer.headers.keys()
                assert method != "TRACE" or answer.status_code in (404, 405)
    assert {200, 401, 404, 405} <= statuses


def test_the_page_s_policy_lets_nothing_in_but_what_is_ours() -> None:
    """No inline script, no inline style, nothing evaluated, no frame, no plugin, no other origin."""
    directives = dict(part.strip().split(" ", 1) for part in POLICY.split(";"))
    assert {name: value for name, value in directives.items() if value not in ("'none'", "'self'")} == {}
    assert {"default-src", "base-uri", "frame-ancestors"} <= {name for name, value in directives.items() if value == "'none'"}
    assert "object-src" not in directives
