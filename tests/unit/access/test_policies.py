"""The policies against the expectation, and against the endpoints. Invariant I8."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from contracts.personal import DataClass
from services._runtime.access.deciding import FOLDER, POLICIES, Policies, PoliciesBroken, Whose, municipality_of
from services._runtime.access.roles import Role
from services._runtime.ids import new_id
from tests.support.endpoints import Endpoint, StandIn, stand_ins
from tests.support.purposes import FILE
from tests.unit.access.expectation import expectation, in_memory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.access.expectation import Relation

ENDPOINTS = [
    pytest.param(one.service.name, endpoint, id=f"{one.service.name} {endpoint.name}")
    for one in in_memory()
    for endpoint in one.endpoints()
]
SCHEMA = (FOLDER / "schema.cedarschema").read_text(encoding="utf-8")


def test_every_endpoint_stands_in_the_expectation_and_nothing_else_does() -> None:
    """An endpoint that nobody thought about is born closed to everybody but its author's imagination."""
    there = {(one.service.name, endpoint.name) for one in in_memory() for endpoint in one.endpoints()}
    assert not there - expectation().keys(), f"say in {FILE.name} who may call these"
    assert not expectation().keys() - there, f"these stand in {FILE.name} and are no endpoints"


def test_what_needs_no_token_says_why_and_everything_else_demands_an_action() -> None:
    """No endpoint is open by oversight."""
    for one in in_memory():
        for endpoint in one.endpoints():
            expected = expectation()[one.service.name, endpoint.name]
            assert bool(endpoint.actions) != bool(expected.without_token), endpoint.name
            assert bool(endpoint.actions) == bool(expected.roles), endpoint.name


def test_the_schema_has_every_action_of_every_endpoint_and_no_other() -> None:
    """A policy about an action that no endpoint has would permit nothing and look as if it did."""
    demanded = {action for one in in_memory() for endpoint in one.endpoints() for action in endpoint.actions}
    words = {word for line in SCHEMA.splitlines() if not line.strip().startswith("//") for word in line.split('"')[1::2]}
    assert words == demanded | {f"disclose.{one}" for one in DataClass}


@pytest.mark.parametrize(("service", "endpoint"), ENDPOINTS)
def test_policies_permit_each_role_what_is_expected_and_nothing_else(service: str, endpoint: Endpoint) -> None:
    """Own and other organisation, province, municipality and person, for each."""
    for caller in stand_ins():
        relation = expectation()[service, endpoint.name].roles.get(caller.role)
        for whose in _records(caller):
            for action in endpoint.actions:
                decision = POLICIES.decide(caller, action, whose)
                assert decision.permitted == _expected(relation, caller, whose), (caller.role, action, whose)
                assert bool(decision.by) == decision.permitted, "a permission has a name"


def _records(caller: StandIn) -> Iterator[Whose]:
    """Yield the caller's own record, and such as differ from it in one thing, in two, or in all."""
    own = Whose(organisation=caller.organisation, territory="PR", municipality="034027", person=caller.person)
    yield own
    yield replace(own, territory="BG", municipality="016024")
    yield replace(own, municipality="034014")
    yield replace(own, organisation="another")
    yield replace(own, organisation=None)
    yield replace(own, person=new_id())
    yield replace(own, organisation="another", person=new_id())
    yield replace(own, organisation="another", joined=True)
    yield Whose()
    yield Whose(joined=True)
    yield replace(own, organisation="another", offered=True)
    yield Whose(offered=True)


def _expected(relation: Relation | None, caller: StandIn, whose: Whose) -> bool:  # noqa: PLR0911 - one answer for each relation
    match relation:
        case "own-organisation":
            return whose.organisation == caller.organisation
        case "own-organisation-or-team" | "own-organisation-or-sender" | "own-organisation-or-compared":
            return whose.organisation == caller.organisation or whose.joined
        case "own-assignments" | "authorised":
            return whose.joined
        case "own-organisation-or-receiver":
            return whose.organisation == caller.organisation or whose.offered
        case "own-municipality":
            return whose.municipality is not None and whose.municipality == municipality_of(caller)
        case "own-person":
            return whose.person is not None and whose.person == caller.person
        case _:
            return relation in ("anybody", "nobody")


def test_a_person_of_another_role_is_not_taken_for_a_beneficiary() -> None:
    """Who is in care and works here as a tutor acts as the one or the other, as their token says."""
    person = new_id()
    assert POLICIES.decide(StandIn(Role.BENEFICIARY, person=person), "reporting.read-timeline", Whose(person=person)).permitted
    for role in (Role.TUTOR, Role.MUNICIPALITY, Role.ADMINISTRATOR):
        assert not POLICIES.decide(StandIn(role, person=person), "reporting.read-timeline", Whose(person=person)).permitted


def test_who_may_not_is_told_whose_role_may() -> None:
    """In their own organisation: a municipality takes nobody into care, whoever asks there."""
    asks = StandIn(Role.CASE_WORKER)
    assert POLICIES.roles_that_may(asks, "tutors.match") == [Role.TUTOR_COORDINATOR]
    assert POLICIES.roles_that_may(asks, "intake.enrol") == [Role.CASE_WORKER, Role.TEAM_COORDINATOR]


@pytest.mark.parametrize(
    "broken",
    [
        'permit (principal, action == Action::"intake.no-such-action", resource);',
        "permit (principal, action, resource) when { resource.organization == principal.organisation };",
        "permit (principal, action, resource) when { resource.organisation == principal.organisation };",
        "permit (principal, action",
    ],
    ids=["an action that nobody has", "an attribute misspelt", "an attribute that may be absent", "no policy at all"],
)
def test_policies_that_do_not_fit_the_schema_stop_the_process_that_reads_them(broken: str) -> None:
    """A policy that errs at run time would permit less than it says, unseen."""
    with pytest.raises(PoliciesBroken):
        Policies(broken, SCHEMA)


def test_an_action_that_the_schema_lacks_is_an_error_and_no_refusal() -> None:
    """A refusal would look like a decision."""
    with pytest.raises(PoliciesBroken):
        POLICIES.decide(StandIn(Role.CASE_WORKER), "intake.no-such-action", Whose())


def test_every_policy_has_a_name_that_an_auditor_can_read() -> None:
    """It is told with every decision."""
    for file in sorted(FOLDER.glob("*.cedar")):
        lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line and not line.startswith("//")]
        named = [line for line in lines if line.startswith('@id("')]
        assert len(named) == sum(line.startswith(("permit", "forbid")) for line in lines), file.name
        assert len(set(named)) == len(named), file.name


def test_whatever_takes_a_body_says_what_a_broken_one_is_answered() -> None:
    """A search has a body as much as a command."""
    for one in in_memory():
        for path, operations in one.app.openapi()["paths"].items():
            for operation in operations.values():
                if "requestBody" in operation and "security" in operation:
                    assert {"400", "413", "415"} <= operation["responses"].keys(), path
