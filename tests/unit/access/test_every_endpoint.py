"""Every endpoint over HTTP, as every role, on records of one's own, on others' and on none. Invariant I8."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import pytest

from contracts.activities import ActivityHeld
from contracts.teams import TeamFormed
from services._runtime.access.roles import Role
from services._runtime.clock import SystemClock, day_of
from services._runtime.decider import Context, Placement
from services._runtime.ids import new_id
from services._runtime.store.port import Append, StreamAppend
from services._runtime.store.recording import Head
from services.cli.services import services
from services.intake.app.deciders import HOUSEHOLD, PERSON
from services.intake.domain.commands import FormHousehold
from tests.support.bodies import smallest
from tests.support.endpoints import PERSONS, Endpoint, InMemory, organisation_of
from tests.support.issuer import SigningIssuer
from tests.unit.access.expectation import expectation
from tests.unit.intake.examples import GIVE_NOTICE, HOUSEHOLD_ID, RECEIVED
from tests.unit.pathways.cases import OPEN, PATHWAY
from tests.unit.tutors.cases import ASSIGNED, REGISTERED, REQUESTED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contracts.event import Event
    from services._runtime.store.keyring import MemoryKeyring

OURS, THEIRS = "ciac", "another"
_PARAMETER = re.compile(r"\{(\w+)")
_FORM = FormHousehold(household_id=HOUSEHOLD_ID, organisation=OURS, territory="PR")
ACTIVITY = ActivityHeld(
    activity_id=HOUSEHOLD_ID,
    organisation=OURS,
    territory="PR",
    kind="group-activity",
    dimension="socio-relational",
    minutes=120,
    methodology_version="1.0",
)

OPENING: Mapping[str, tuple[str, Sequence[Event]]] = {
    "beneficiary_id": ("person", PERSON.decide(GIVE_NOTICE, PERSON.initial)),
    "referral_id": ("referral", [RECEIVED]),
    "household_id": ("household", HOUSEHOLD.decide(_FORM, HOUSEHOLD.initial)),
    "pathway_id": ("pathway", PATHWAY.decide(OPEN, PATHWAY.initial)),
    "team_id": ("team", [TeamFormed(team_id=HOUSEHOLD_ID, organisation=OURS, territory="PR")]),
    "activity_id": ("activity", [ACTIVITY]),
    "tutor_id": ("tutor", [REGISTERED]),
    "request_id": ("request", [REQUESTED]),
    "assignment_id": ("assignment", [ASSIGNED]),
}
"""The parameter of a path → the streams that it names, and the events with which one begins."""


class Walked:
    """One service with a record of ours and one of theirs of each kind, and a client."""

    def __init__(self, name: str, keyring: MemoryKeyring | None = None) -> None:
        """Make it."""
        self.issuer = SigningIssuer()
        self.service = InMemory(services()[name], self.issuer.verifier(), keyring=keyring)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.service.app), base_url="http://walked.test")
        self.document: dict[str, Any] = self.service.app.openapi()

    async def put(self, parameter: str, organisation: str) -> UUID:
        """Record what opens a record of this organisation; return its id."""
        return await self.record(new_id(), organisation, *OPENING[parameter])

    async def record(self, made: UUID, organisation: str, category: str, events: Sequence[Event], *, by: str | None = None) -> UUID:
        """Record events of a category as a record of this organisation under this id, by somebody of another or of this; return the id."""
        now = SystemClock().now()
        context = Context(
            actor="worker-1",
            organisation=by or organisation,
            role="case-worker",
            purpose="care",
            correlation=made,
            now=now,
            occurred_on=day_of(now),
        )
        head, placement = Head(f"{category}-{made}"), Placement(responsible_organisation=organisation, territory="PR")
        stored = await self.service.recorder.record(events, head, context=context, placement=placement, partition_key=str(made))
        await self.service.store.append(Append((StreamAppend(head.stream_id, 0, stored),)))
        return made

    async def call(self, endpoint: Endpoint, role: Role, at: UUID, **claims: object) -> httpx.Response:
        """Call an endpoint with what it demands of a caller, at the record with this id."""
        parameters = _PARAMETER.findall(endpoint.route.path)
        path = endpoint.route.path.format(**dict.fromkeys(parameters, at))
        person: dict[str, object] = {"ancora_person": str(new_id())} if role in PERSONS else {}
        headers = {
            "Authorization": f"Bearer {self.issuer.token(ancora_role=role.value, ancora_org=organisation_of(role), **person | claims)}",
            "Idempotency-Key": str(new_id()),
            "If-Match": '"1"',
        }
        return await self.client.request(endpoint.method, path, headers=headers, json=await self._body(endpoint))

    async def _body(self, endpoint: Endpoint) -> Any:  # noqa: ANN401 - any JSON value
        if endpoint.method == "GET":
            return None
        described = self.document["paths"][endpoint.route.path][endpoint.method.lower()]
        content = described.get("requestBody", {}).get("content", {}).get("application/json", {})
        body = dict(content["example"]) if "example" in content else smallest(content.get("schema", {}), self.document)
        for named in ("team_id", "activity_id"):
            if isinstance(body, dict) and named in body:
                body[named] = str(await self.put(named, OURS))
        return body


@pytest.mark.parametrize("name", services())
async def test_a_role_that_may_nowhere_is_told_so_and_one_that_may_somewhere_is_not(name: str) -> None:
    """403 is about the role, before any record is looked at; without a token everything that has an action is 401."""
    walked = Walked(name)
    for endpoint in walked.service.endpoints():
        if not endpoint.actions or endpoint.route.path == "/stream":
            continue
        expected = expectation()[name, endpoint.name].roles
        for role in Role:
            answer = await walked.call(endpoint, role, new_id())
            assert (answer.status_code == 403) == (role not in expected), (endpoint.name, role, answer.text)
        path = _PARAMETER.sub(str(new_id()), endpoint.route.path).replace("}", "")
        assert (await walked.client.request(endpoint.method, path)).status_code == 401, endpoint.name


@pytest.mark.parametrize("name", ["intake", "pathways", "tutors"])
async def test_anothers_record_and_none_are_answered_in_the_same_words(name: str) -> None:
    """Whoever tries ids learns nothing; one's own record is answered otherwise, so that this is not what everybody gets."""
    walked, looked_at = Walked(name), 0
    for endpoint in walked.service.endpoints():
        parameter = next(iter(_PARAMETER.findall(endpoint.route.path)), "")
        if parameter not in OPENING:
            continue
        (role, relation), nowhere = next(iter(expectation()[name, endpoint.name].roles.items())), new_id()
        if relation in ("anybody", "authorised"):
            continue  # nobody's record is another's there; and what is authorised, tests/integration/intake/test_disclosures_in.py asks
        ours, theirs = await walked.put(parameter, OURS), await walked.put(parameter, THEIRS)
        before = await _stored(walked, parameter, theirs)
        found = await walked.call(endpoint, role, ours)
        refused, missing = await walked.call(endpoint, role, theirs), await walked.call(endpoint, role, nowhere)
        assert refused.status_code == 404, (endpoint.name, refused.text)
        assert refused.json()["type"] == "urn:ancora:problem:unknown", endpoint.name
        assert await _stored(walked, parameter, theirs) == before, endpoint.name
        if missing.status_code == 404:
            assert _said(refused) == _said(missing), endpoint.name
            assert refused.headers.keys() == missing.headers.keys(), endpoint.name
        assert found.json().get("type") not in ("urn:ancora:problem:unknown", "urn:ancora:problem:validation"), (endpoint.name, found.text)
        looked_at += 1
    assert looked_at > 10


async def test_a_person_asks_for_their_own_erasure_and_for_nobody_elses() -> None:
    """The path names whose the record is; whichever organisation is responsible, it is the person's own."""
    walked = Walked("intake")
    mine, others = await walked.put("beneficiary_id", THEIRS), await walked.put("beneficiary_id", OURS)
    token = walked.issuer.token(ancora_role=Role.BENEFICIARY.value, ancora_org=OURS, ancora_person=str(mine))
    for record, asked, read in ((mine, 200, 200), (others, 404, 404)):
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(new_id()), "If-Match": '"1"'}
        answer = await walked.client.post(f"/beneficiaries/{record}/erasure-requests", headers=headers, json={"by": "the-organisation"})
        assert answer.status_code == asked, answer.text
        told = await walked.client.get(f"/beneficiaries/{record}/erasure", headers=headers)
        assert told.status_code == read, told.text
        assert read == 404 or told.json()["requested_by"] == "the-person"


async def test_no_key_is_touched_for_what_may_not_be_read() -> None:
    """Nothing of the record is opened, so that neither time nor a log tells that there was one."""
    walked = Walked("tutors")
    theirs = await walked.put("tutor_id", THEIRS)
    (read,) = (one for one in walked.service.endpoints() if one.name == "GET /tutors/{tutor_id}")
    opened = walked.service.recorder.read

    async def none_opened(stored: Sequence[object], _classes: object) -> object:
        assert not stored
        return await opened([])

    walked.service.recorder.read = none_opened  # type: ignore[assignment, method-assign] # watched, not replaced
    assert (await walked.call(read, Role.TUTOR_COORDINATOR, theirs)).status_code == 404


async def _stored(walked: Walked, parameter: str, of: UUID) -> int:
    return len(await walked.service.store.load(f"{OPENING[parameter][0]}-{of}"))


def _said(answer: httpx.Response) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name not in ("instance", "trace_id")}
