"""Each class of bad input to each command that the real services describe: a clear problem, and nothing stored anywhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest

from contracts.topics import SERVICES
from services._runtime.ids import new_id
from services._runtime.web.queries import cursor_of
from tests.journeys.callers import COORDINATOR, LEADER, Callers, PersonsWay
from tests.support.issuer import SigningIssuer

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.support.whole import Ancora

ROSSI = "Rossi"
VERSION = {"If-Match": '"1"'}
WHO = {"intake": LEADER, "pathways": LEADER, "tutors": COORDINATOR}
LEAD = "lead-partner.ciac"
_OF_THE_LEAD = re.compile(r"/budget-lines|/methodologies/[^/]+/proposal$|.*/plan-confirmations$")
"""What only the lead partner may: ceilings, another version of the methodology, the plan of a team without a second member."""
_ASKED_ELSEWHERE = (
    "/parked/",
    "/emergency-accesses/",
    "/beneficiary-searches",
    "/duplicate-searches",
    "/transfer-previews",
    "/enrolment-file",
)
_READERS = (LEADER, COORDINATOR, LEAD, "auditor.ciac", "administrator.ciac", "data-protection-officer.ciac", "municipality.comune-parma")
_EXTREMES = ("\0", "a\0b", "%", str(-(2**63) - 1), str(2**63), "0001-01-01", "9999-12-31", "true", "nan")
_CURSORS = (
    cursor_of(2**63),
    *(cursor_of(moment, new_id()) for moment in ("2021-03-01T09:30:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00")),
    *(cursor_of(day, new_id()) for day in (date.min, date.max)),
)
_BY_CALLERS = "select (select count(*) from store.request), (select count(*) from store.events where causation is null)"


@dataclass(frozen=True)
class Command:
    """A command's endpoint as its service describes it."""

    service: str
    login: str
    path: str
    by_id: bool
    fields: frozenset[str]
    required: frozenset[str]
    demands_version: bool

    def at(self, record: object) -> str:
        """Return the address of the command on a record."""
        return re.sub(r"\{[^}]+\}", str(record), self.path)


def commands_of(callers: Callers, service: str) -> list[Command]:
    """Return all commands that a running service takes from these callers.

    An administrator's, `test_waiting_records` asks wrongly; those of an emergency, which are an officer's or want a sign-in of the last
    minutes, `test_emergency_in`. A search is a question, not a command; any file at all, `test_any_file` sends.
    """
    document = callers.get(service, "/openapi.json").json()
    found = []
    for path, operations in document["paths"].items():
        if "post" not in operations or path.startswith(_ASKED_ELSEWHERE):
            continue
        reference = operations["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        body = document["components"]["schemas"][reference.rpartition("/")[2]]
        required = frozenset(body.get("required", ()))
        # Creating a record, or adding to one that need not exist, is what a version is not demanded for.
        login = LEAD if _OF_THE_LEAD.match(path) else WHO[service]
        demands = callers.post(service, re.sub(r"\{[^}]+\}", str(new_id()), path), {}, login=login).status_code == 428
        by_id = any(one["in"] == "path" and "uuid" in one["schema"].get("format", "") for one in operations["post"].get("parameters", ()))
        found.append(Command(service, login, path, by_id, frozenset(body["properties"]), required, demands))
    return found


def stored_by_callers(ancora: Ancora) -> dict[str, Any]:
    """Return what callers have stored in each service so far: process managers may still be busy with what others did before."""
    found = {}
    for service in SERVICES:
        with ancora.superuser(service) as connection:
            found[service] = connection.execute(_BY_CALLERS).fetchone()
    return found


def demand(answer: httpx.Response, status: int, code: str, of: Command) -> dict[str, Any]:
    """Demand an RFC 9457 problem with this status and code, which repeats no value; return it."""
    where = f"{of.service} {of.path}: {answer.status_code} {answer.text}"
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), where
    content: dict[str, Any] = answer.json()
    assert (content["type"], content["status"], bool(content["detail"])) == (f"urn:ancora:problem:{code}", status, True), where
    assert ROSSI not in answer.text, where
    return content


def _sender(callers: Callers, of: Command) -> Callable[..., httpx.Response]:
    """Return what sends a body as the command, to a new record, with all that is not the body as it should be."""

    def send(body: object, media_type: str = "") -> httpx.Response:
        headers = (VERSION if of.demands_version else {}) | ({"Content-Type": media_type} if media_type else {})
        return callers.post(of.service, of.at(new_id()), body, login=of.login, **headers)

    return send


@pytest.mark.parametrize("service", WHO)
def test_no_command_takes_a_body_of_another_form(ancora: Ancora, callers: Callers, service: str) -> None:
    """Broken JSON, no JSON, a body too large, an unknown field, wrong types, too little: each is told, by field where there is one."""
    before = stored_by_callers(ancora)
    found = commands_of(callers, service)
    assert len(found) > 10
    for one in found:
        send = _sender(callers, one)
        demand(send(b'{"notes": "Rossi"', "application/json"), 400, "malformed-json", one)
        demand(send(b"notes=Rossi", "application/x-www-form-urlencoded"), 415, "media-type", one)
        demand(send({"notes": ROSSI * 60_000}), 413, "body-too-large", one)
        unknown = demand(send({"colour": ROSSI}), 422, "validation", one)
        assert {"field": "body.colour", "expected": "no such field"} in unknown["errors"]
        demand(send([ROSSI]), 422, "validation", one)
        wrong = demand(send({field: [[{ROSSI: ROSSI}]] for field in one.fields}), 422, "validation", one)
        assert {re.split(r"[.\[]", each["field"])[1] for each in wrong["errors"]} == one.fields
        if one.required:
            missing = demand(send({}), 422, "validation", one)
            assert {each["field"] for each in missing["errors"]} == {f"body.{field}" for field in one.required}
        else:
            demand(send({}), 404, "unknown", one)
    assert stored_by_callers(ancora) == before


@pytest.mark.parametrize("service", WHO)
def test_no_command_is_taken_from_strangers_for_no_record_or_without_a_key(ancora: Ancora, callers: Callers, service: str) -> None:
    """Wrong ids, no key, no version, and tokens of nobody, of another issuer, of a role that may not."""
    before, foreign = stored_by_callers(ancora), SigningIssuer().token()
    for one in commands_of(callers, service):
        login = one.login
        for record in ("rossi", "0", "00000000-0000-1000-8000-000000000000") if one.by_id else ():
            wrong = demand(callers.post(service, one.at(record), {}, login=login, **VERSION), 422, "validation", one)
            assert any(each["field"].startswith("path.") for each in wrong["errors"])
        record = one.at(new_id())
        for key in ("", "Rossi Rossi", "R" * 256):
            demand(
                callers.post(service, record, {}, login=login, **VERSION, **{"Idempotency-Key": key}), 400, "idempotency-key-missing", one
            )
        if one.demands_version:
            demand(callers.post(service, record, {}, login=login), 428, "if-match-missing", one)
            demand(callers.post(service, record, {}, login=login, **{"If-Match": ROSSI}), 400, "header-malformed", one)
        for authorization in ("", f"Bearer {foreign}", f"Bearer {ROSSI}"):
            demand(callers.post(service, record, {}, Authorization=authorization, **VERSION), 401, "unauthenticated", one)
        demand(callers.post(service, record, {}, login="auditor.ciac", **VERSION), 403, "forbidden", one)
    assert stored_by_callers(ancora) == before


@pytest.mark.parametrize("service", SERVICES)
def test_no_question_leads_to_a_failure(callers: Callers, service: str) -> None:
    """Texts that PostgreSQL cannot hold, numbers that it cannot count, days with none before or after, in each part of each address."""
    asked = 0
    for path, operations in callers.get(service, "/openapi.json").json()["paths"].items():
        if "get" not in operations or path == "/stream":
            continue
        right = re.sub(r"\{[^}]+\}", str(new_id()), path)
        login = next(one for one in _READERS if callers.get(service, right, one).status_code != 403)
        named = [one["name"] for one in operations["get"].get("parameters", ()) if one["in"] == "query"]
        addresses = [f"{right}?{urlencode({name: value})}" for name in named for value in (*_EXTREMES, *_CURSORS)]
        if right != path:
            addresses += [re.sub(r"\{[^}]+\}", quote(value, safe=""), path) for value in _EXTREMES]
        for address in addresses:
            assert callers.get(service, address, login).status_code in (200, 400, 404, 422), (service, login, address)
            asked += 1
    assert asked > 50


def test_another_organisation_tells_nothing_about_a_pathway_or_a_tutor(ancora: Ancora, callers: Callers) -> None:
    """I8: with a token of our issuer and the right role, on records that exist."""
    pathway, tutor = PersonsWay(callers).enrolled().pathway(), f"/tutors/{new_id()}"
    callers.tell(
        "tutors", tutor, "", {"kind": "citizen", "territory": "PR", "capacity": 1, "paid_staff": False, "name": "Prova"}, COORDINATOR
    )
    before = stored_by_callers(ancora)
    for service, record, command, body, login in (
        ("pathways", pathway, "/contact-lost", {"notes": ROSSI}, "case-worker.ics"),
        ("tutors", tutor, "/interviews", {"notes": ROSSI}, "tutor-coordinator.ics"),
    ):
        refused = callers.post(service, f"{record}{command}", body, login=login, **VERSION)
        assert (refused.status_code, refused.json()["type"]) == (404, "urn:ancora:problem:unknown"), refused.text
        assert ROSSI not in refused.text
        assert callers.get(service, record, login).status_code == 404
    assert stored_by_callers(ancora) == before
