"""I6: a canary in every field that a caller can fill, in every command of every service, and in every way a process can die."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import defaultdict
from itertools import product
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from contracts.topics import SERVICES
from deploy.local.paths import CHECKOUT
from services._runtime.access.roles import Role
from services._runtime.ids import new_id
from services.cli.services import services
from tests.support.bodies import smallest
from tests.support.dying import CANARY
from tests.support.endpoints import InMemory
from tests.support.issuer import SigningIssuer
from tests.support.observed import Spans, exposed, logged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from uuid import UUID

    from tests.support.endpoints import Endpoint


_TABLE = "text/csv"
"""What is sent as bytes: a file that enrols many."""


@pytest.mark.parametrize("service", SERVICES)
async def test_what_is_sent_in_any_field_of_any_command_is_in_no_log_metric_or_span(service: str) -> None:
    """I6: accepted, refused by its form or by the facts, on a record that is there or is not, as the answers' statuses show."""
    spans, issuer = Spans(), SigningIssuer()
    observer = spans.observer(service)
    whole = InMemory(services()[service], issuer.verifier(), observer)
    document = whole.app.openapi()
    seen: set[int] = set()
    ids: defaultdict[str, UUID] = defaultdict(new_id)
    with logged(service) as lines:
        transport = httpx.ASGITransport(whole.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://canaries.test") as client:
            for endpoint in whole.endpoints():
                for body, version in product(_bodies(endpoint, document), ({}, {"If-Match": '"1"'}, {"If-Match": '"9"'})):
                    headers = version | {"Authorization": f"Bearer {issuer.token(sub=CANARY, ancora_role=_role(endpoint))}"}
                    answer = await client.request(
                        endpoint.method,
                        _path(endpoint, ids),
                        headers=headers
                        | {"Idempotency-Key": str(new_id())}
                        | ({"Content-Type": _TABLE} if isinstance(body, bytes) else {}),
                        **({"content": body} if isinstance(body, bytes) else {"json": body}),
                        params={CANARY: CANARY},
                    )
                    seen.add(answer.status_code)
    told = exposed(observer) + "".join(span.to_json() for span in spans.all()) + json.dumps(lines)
    assert {line["event"] for line in lines} >= {"request"}
    # Not permitted, not there; reporting takes no command but those about parked records.
    assert {403, 404} <= seen, seen
    if service != "reporting":
        # Accepted, of a wrong form, without the version that it was decided on.
        assert seen & {200, 201}, seen
        assert {422, 428} <= seen, seen
    assert CANARY.lower() not in told.lower()


def test_a_process_that_dies_over_a_person_says_how_and_where_and_not_over_whom() -> None:
    """I6: libraries' lines and tracebacks, forgotten tasks, threads, finalisers, warnings, and the last words of all."""
    command = [sys.executable, "-m", "tests.support.dying"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert CANARY not in done.stdout + done.stderr
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.returncode == 1
    assert {"process.failed", "thread.failed", "finaliser.failed", "loop.failed", "warning"} <= {line["event"] for line in lines}
    assert {"it failed", "it failed: LookupError", "LookupError", "sent 'list' and 'bytes'"} <= {line["event"] for line in lines}
    failed = [line for line in lines if line["event"].endswith(".failed")]
    assert {line["error"] for line in failed} == {"Quoting"}
    assert all(any(place.startswith("dying.py:") for place in line["places"]) for line in failed)


def _bodies(endpoint: Endpoint, document: dict[str, Any]) -> Iterator[Any]:
    """Yield a body with canaries wherever a text is free, and for each field one with a canary in its place."""
    if endpoint.method == "GET":
        yield None
        return
    described = document["paths"].get(endpoint.route.path, {}).get(endpoint.method.lower(), {}).get("requestBody")
    if described is None:
        yield {CANARY: CANARY}
        return
    if _TABLE in described["content"]:
        yield f"riga;nome;cognome\n{CANARY};{CANARY};{CANARY}\n".encode()
        yield f"{CANARY};{CANARY}\n{CANARY};{CANARY}\n".encode()
        return
    schema = described["content"]["application/json"]["schema"]
    right = smallest(schema, document)
    yield _with_texts(right)
    for place in _places(right):
        yield _replaced(right, place)
    properties = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"] if "$ref" in schema else {}
    for field in properties:
        yield {**right, field: CANARY}
        yield {**right, field: {CANARY: [CANARY]}}


def _with_texts(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    match value:
        case dict():
            return {name: _with_texts(inner) for name, inner in value.items()}
        case list():
            return [_with_texts(inner) for inner in value]
        case str() if set(value) == {"x"}:
            return CANARY
        case _:
            return value


def _places(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:  # noqa: ANN401 - as above
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in members:
        yield (*at, name)
        yield from _places(inner, (*at, name))


def _replaced(value: Any, place: tuple[str | int, ...]) -> Any:  # noqa: ANN401 - as above
    if not place:
        return CANARY
    copy = value.copy()
    copy[place[0]] = _replaced(copy[place[0]], place[1:])
    return copy


def _path(endpoint: Endpoint, ids: Mapping[str, UUID]) -> str:
    """Return where it is, on the one record of each kind: what the first command opens the others find."""
    return re.sub(r"\{(\w+)(:path)?\}", lambda found: CANARY if found[2] else str(ids[found[1]]), endpoint.route.path)


def _role(endpoint: Endpoint) -> str:
    path = endpoint.route.path
    if path.startswith("/enrolment-file"):
        return Role.TEAM_COORDINATOR.value
    return (Role.TUTOR_COORDINATOR if path.startswith(("/tutor", "/assignment")) else Role.CASE_WORKER).value
