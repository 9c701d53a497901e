"""Describes the endpoints: method, path, what each does, who may call it, from the very routers that the services run."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from fastapi.routing import APIRoute

from contracts.purpose_codes import MEANINGS
from services._runtime.access.deciding import POLICIES
from services._runtime.web.problems import KINDS
from services.cli.services import services
from tests.docs.tables import code, row
from tests.support.endpoints import InMemory, actions_of, stand_ins

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fastapi import APIRouter

_ANY = "reporting.read-figures"
"""An action: purposes are asked of each alike."""

_HEAD = """# Endpoints

Each service describes itself in full at `/openapi.json`; this is the overview. A caller needs an access token of the issuer
(`Authorization: Bearer …`) who is permitted to take the action on the record: [access.yaml](access.yaml) says which role in which
relation to it, and for which [purposes](#purposes). Who has which role is in the token, never in a header or a body. A record that is
not for the caller is answered as if there were none (404); 403 says that their role may it on no record at all.

- A `POST`, but for a search, is a command and needs `Idempotency-Key`: the same key with the same body gives the same answer
  and stores nothing again; with another body, 422.
- A command on an existing record needs `If-Match: "<version>"`, the `ETag` of the last read or receipt: without it 428, with an old
  one 412, which lists what the caller has not seen.
- The answer to a command is a receipt: `{"stream", "version", "events": [{"id", "type", "version", "recorded_at", "digest"}],
  "related"}`; 201 where the record is new, else 200.
- `occurred_on` (a day in Italy, today if absent) and `precision` (`day`, `month`, `year`) may stand in every command's body,
  but for those under `/parked`. Unknown fields are refused; a body has at most 256 KiB, a file with a table 1 MiB.
- Lists take `limit` and `cursor`, and answer `{"items", "next_cursor"}`. Those of intake, pathways and tutors take filters as well, which
  hold together (`status`, `territory`, `since`, `until` and what else /openapi.json names; which day is meant stands there), and answer
  with the `count` of what all pages hold and `Ancora-As-Of-Position`. Reporting's answers name their `as_of_position`.
- What waits for a person is under `/parked`, on every service: [Handle parked records](../how-to/handle-parked-records.md).
- A read tells of those classes of personal data that stand under `told` in [access.yaml](access.yaml) for the caller's role and
  relation. Fields of other classes are null, and `Ancora-Withheld: evidence,health` names these, whether anything is recorded of them
  or not. Without that header null means that nothing is recorded, or that it was erased.
- Without a token: `GET /health/live`, `/health/ready`, `/status`, `/metrics`, `/openapi.json` on every service.
- Reporting's page: `GET /` (`?lang=it|en`), its live part `GET /live`, and `/sign-in`, `/sign-in/callback`, `/sign-out`.
"""

_PROBLEMS = """Whatever goes wrong is an RFC 9457 problem (`application/problem+json`) with `type`, `title`, `status`, `detail`
(what to do), `instance` and `trace_id`, and repeats no value of the request. `type` is `urn:ancora:problem:<code>`; a refusal of
the domain has its own code, such as `tutor-not-insured`, and one of the statuses 404, 409, 422.
"""


def http_page() -> str:
    """Return the page."""
    return "\n".join((_HEAD, *_services(), *_every_service(), *_purposes(), *_problems()))


def _services() -> Iterator[str]:
    for name, service in services().items():
        yield f"## {name.capitalize()}\n\n{service.summary}\n"
        yield from _table(InMemory(service).own_routers)


def _every_service() -> Iterator[str]:
    yield "## Every service\n\nRecords that could not be handled, and what is done about them.\n"
    yield from _table([InMemory(next(iter(services().values()))).parked])


def _table(routers: Iterable[APIRouter]) -> Iterator[str]:
    yield row("", "Path", "What it does", "Roles")
    yield row(*["---"] * 4)
    for route in (route for router in routers for route in router.routes):
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in sorted(route.methods or ()):
                yield row(method, code(route.path), _says(route), _roles(route))
    yield ""


def _says(route: APIRoute) -> str:
    return route.summary or inspect.cleandoc(route.endpoint.__doc__ or route.name).partition("\n")[0]


def _roles(route: APIRoute) -> str:
    actions = set(actions_of(route.dependant))
    if not actions:
        return "no token needed"
    return ", ".join(one.role.value for one in stand_ins() if all(POLICIES.permit_somewhere(one, action) for action in actions))


def _purposes() -> Iterator[str]:
    yield "## Purposes\n\n`ancora_purpose` of a token is one of these; for another one a role may nothing: 403 `purpose-not-permitted`.\n"
    yield row("Purpose", "Italiano", "English", "Roles")
    yield row(*["---"] * 4)
    for purpose, meaning in MEANINGS.items():
        yield row(code(purpose), *meaning, ", ".join(one.role for one in stand_ins() if purpose in POLICIES.purposes(one, _ANY)))
    yield ""


def _problems() -> Iterator[str]:
    yield "## Problems\n"
    yield _PROBLEMS
    yield row("Code", "Status", "Title")
    yield row(*["---"] * 3)
    for name, kind in KINDS.items():
        yield row(code(name), str(kind.status), kind.title)
