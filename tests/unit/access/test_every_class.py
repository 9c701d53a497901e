"""Every endpoint that reads, as every role, in every relation: of which classes of personal data it tells. Invariant I8."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

import pytest

from contracts.personal import EVERY, DataClass
from services._runtime.access.deciding import POLICIES, Whose
from services._runtime.access.roles import Role
from services._runtime.ids import new_id
from services._runtime.store.keyring import MemoryKeyring
from services._runtime.web.disclosing import WITHHELD
from services.cli.services import services
from tests.integration.intake.test_http_in import enrolled
from tests.support.endpoints import organisation_of, stand_ins
from tests.support.intake_worlds import intake_world
from tests.unit.access import canaries
from tests.unit.access.canaries import CANARIES, RECORDS
from tests.unit.access.expectation import Telling, expectation, in_memory
from tests.unit.access.test_every_endpoint import OPENING, THEIRS, Walked
from tests.unit.access.test_every_read_is_recorded import tells_of_persons
from tests.unit.tutors.cases import ASSIGNED

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    import httpx

    from services._runtime.store.keyring import Key
    from tests.support.endpoints import Endpoint

_PARAMETER = re.compile(r"\{(\w+)")
_CALLER = "worker-1"
RELATIONS: tuple[Telling, ...] = get_args(Telling)


class WatchedKeyring(MemoryKeyring):
    """A keyring that says of which classes it gave keys."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self.gave: set[DataClass] = set()

    async def by_id(self, key_ids: Collection[UUID], classes: Collection[DataClass] = EVERY) -> dict[UUID, Key]:
        """See `Keyring.by_id`."""
        found = await super().by_id(key_ids, classes)
        self.gave |= {key.data_class for key in found.values()}
        return found


class Planted(Walked):
    """One service whose records hold canaries, in each relation to a caller."""

    def __init__(self, name: str) -> None:
        """Make it."""
        self.keyring = WatchedKeyring()
        super().__init__(name, self.keyring)

    async def plant(self, parameter: str, role: Role, relation: Telling) -> tuple[UUID, dict[str, object]]:
        """Record what holds canaries, in this relation to somebody of the role; return its id, and what their token says beside."""
        made, person = new_id(), new_id()
        own = organisation_of(role) if relation == "own-organisation" else THEIRS
        if parameter == "emergency_id":
            told = await self.record(new_id(), THEIRS, *RECORDS["beneficiary_id"])
            opened = canaries.emergency(made, told, organisation_of(role), _CALLER)
            return await self.record(made, organisation_of(role), "emergency", [opened]), {}
        category, events = RECORDS.get(parameter) or OPENING[parameter]
        if relation == "team" and category == "pathway":
            team = new_id()
            await self.record(team, THEIRS, "team", canaries.team_of(team, THEIRS, _CALLER, organisation_of(role)))
            events = [*events, canaries.assigned_to(team)]
        if relation == "own-organisation" and category == "person":
            others = [*events, *canaries.compared_with(new_id(), made, own)]
            other = await self.record(new_id(), THEIRS, category, others)
            events = [*events, *canaries.compared_with(made, other, THEIRS)]
        if relation == "authorised" and category == "person":
            events = [*events, canaries.disclosed_to(organisation_of(role))]
        if relation == "own-assignments" and category == "assignment":
            events = [ASSIGNED.model_copy(update={"tutor_id": person}), *events[1:]]
        made = person if relation == "own-person" else made
        by = organisation_of(role) if relation == "sender" else own
        return await self.record(made, own, category, events, by=by), {"ancora_person": str(person)}


def test_every_class_is_planted_somewhere() -> None:
    """A class that nothing holds would be told to nobody, whatever the policies say."""
    assert canaries.planted() == EVERY


@pytest.mark.parametrize("name", services())
async def test_every_role_is_told_the_classes_that_are_expected_and_no_key_of_another_is_touched(name: str) -> None:
    """I8, field by field: the canaries in the answer, the header, the record of the read and the keys agree with the expectation."""
    walked, told_of, expected_records = Planted(name), set[DataClass](), list[frozenset[DataClass]]()
    for endpoint in walked.service.endpoints():
        parameter = next(iter(_PARAMETER.findall(endpoint.route.path)), "")
        if not tells_of_persons(name, endpoint) or endpoint.method != "GET":
            continue
        for role in Role:
            for relation in RELATIONS:
                known = parameter in RECORDS or parameter in OPENING or parameter == "emergency_id"
                at, claims = await walked.plant(parameter, role, relation) if known else (new_id(), {})
                walked.keyring.gave.clear()
                answer = await walked.call(endpoint, role, at, **claims)
                expected = _expected(name, endpoint, role, relation)
                where = (endpoint.name, role, relation, answer.text)
                assert _seen(answer) == walked.keyring.gave == expected, where
                assert _classes_of_anybody(name, endpoint) - expected <= _withheld(answer) or answer.status_code != 200, where
                assert not _withheld(answer) & expected, where
                expected_records.append(expected)
                told_of |= expected
    assert [frozenset(record.classes) for _, record in await walked.service.reads.recorded()] == expected_records
    assert told_of == {one for endpoint in walked.service.endpoints() for one in _classes_of_anybody(name, endpoint)}


async def test_a_search_tells_names_and_nothing_else() -> None:
    """The one read that answers out of a list in clear."""
    for role in Role:
        async with intake_world(None) as world:
            await enrolled(world)
            await world.catch_up()
            answer = await world.post("/beneficiary-searches", {"name": "prova"}, ancora_role=role.value)
            expected = expectation()["intake", "POST /beneficiary-searches"].told.get((role, "own-organisation"), frozenset())
            assert (answer.status == 200 and bool(answer.content["items"])) == (expected == {DataClass.IDENTITY})
            ((_, record),) = await world.reads.recorded()
            assert set(record.classes) == expected


def test_a_role_that_no_endpoint_tells_anything_is_told_nothing_by_the_policies() -> None:
    """Closed by default: not only because no endpoint asks, but of whatever record and by whatever action."""
    told = {role for expected in expectation().values() for role, _ in expected.told}
    actions = {action for one in in_memory() for endpoint in one.endpoints() for action in endpoint.actions}
    silent = [one for one in stand_ins() if one.role not in told]
    assert {one.role for one in silent} >= {Role.AUDITOR, Role.FUNDER_CONTROLLER, Role.RESEARCHER, Role.ADMINISTRATOR}
    for caller in silent:
        for action in actions:
            assert POLICIES.tell(caller, action, Whose.own(caller)) == frozenset(), (caller.role, action)


def test_an_endpoint_that_opens_sealed_values_says_so_in_its_description_and_no_other_does() -> None:
    """Whoever reads null must be able to know that it need not mean that nothing is recorded."""
    for one in in_memory():
        document = one.app.openapi()
        for endpoint in one.endpoints():
            if not endpoint.route.include_in_schema:
                continue
            described = document["paths"][endpoint.route.path][endpoint.method.lower()]["responses"]
            answered = next(answer for status, answer in described.items() if status.startswith("2"))
            assert (WITHHELD in answered.get("headers", {})) == bool(expectation()[one.service.name, endpoint.name].told), endpoint.name


def _expected(name: str, endpoint: Endpoint, role: Role, relation: Telling) -> frozenset[DataClass]:
    told = expectation()[name, endpoint.name].told if _PARAMETER.search(endpoint.route.path) else {}
    return told.get((role, "anybody")) or told.get((role, relation), frozenset())


def _classes_of_anybody(name: str, endpoint: Endpoint) -> frozenset[DataClass]:
    if not _PARAMETER.search(endpoint.route.path):
        return frozenset()
    return frozenset().union(*expectation()[name, endpoint.name].told.values())


def _seen(answer: httpx.Response) -> set[DataClass]:
    return {one for one, canary in CANARIES.items() if canary in answer.text}


def _withheld(answer: httpx.Response) -> set[DataClass]:
    return {DataClass(one) for one in answer.headers.get(WITHHELD, "").split(",") if one}
