"""Every role with every purpose, against the expectation: in the policies, at every endpoint, in issuers. Invariant I8."""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from contracts.purpose_codes import MEANINGS, Purpose
from deploy.local.development_issuer import people
from deploy.local.keycloak.realm import FILE as REALM
from services._runtime.access.deciding import POLICIES, Whose
from services._runtime.access.roles import Role
from services._runtime.ids import new_id
from services.cli.services import services
from services.intake.domain.disclosure import PURPOSES as DISCLOSABLE_FOR
from tests.support.endpoints import StandIn
from tests.support.purposes import PURPOSES
from tests.unit.access.expectation import expectation, in_memory
from tests.unit.access.test_every_endpoint import OURS, Walked

if TYPE_CHECKING:
    from collections.abc import Collection

_UNKNOWN = "curiosity"
_NAMED = (*Purpose, _UNKNOWN)
_POLICY = "purpose: nobody acts for a purpose that is not their role's"


def test_every_role_acts_for_something_and_every_purpose_is_somebodys_and_is_explained() -> None:
    """A role that acts for nothing is refused everything; a purpose that nobody has authorises nothing."""
    assert PURPOSES.keys() == set(Role)
    assert {one for purposes in PURPOSES.values() for one in purposes} == set(Purpose) == MEANINGS.keys()
    assert all(text for meaning in MEANINGS.values() for text in meaning)


@pytest.mark.parametrize("role", Role)
def test_a_role_is_permitted_everything_for_its_purposes_and_nothing_for_any_other(role: Role) -> None:
    """Each action of each endpoint; what is refused names the policy that refuses it."""
    actions = {action for one in in_memory() for endpoint in one.endpoints() for action in endpoint.actions}
    usual = StandIn(role, person=new_id())
    for purpose, action in product(_NAMED, sorted(actions)):
        decision = POLICIES.decide(StandIn(role, purpose=purpose, person=usual.person), action, Whose.own(usual))
        if purpose in PURPOSES[role]:
            assert decision == POLICIES.decide(usual, action, Whose.own(usual)), (purpose, action)
        else:
            assert (decision.permitted, decision.by, decision.forbidden) == (False, (_POLICY,), True), (purpose, action)
        assert POLICIES.purposes(usual, action) == tuple(one for one in Purpose if one in PURPOSES[role])


def test_for_another_purpose_no_class_of_data_is_told() -> None:
    """I8: the way by which records are opened asks the same policies."""
    own = Whose(organisation=OURS)
    assert POLICIES.tell(StandIn(Role.CASE_WORKER), "intake.read", own)
    assert not POLICIES.tell(StandIn(Role.CASE_WORKER, purpose=Purpose.RESEARCH), "intake.read", own)


@pytest.mark.parametrize("name", services())
async def test_every_endpoint_refuses_a_purpose_that_is_not_the_roles(name: str) -> None:
    """I8: on one's own record, in words that say which purposes would be right; commands too, whose body is not looked at."""
    walked = Walked(name)
    for endpoint in walked.service.endpoints():
        if not endpoint.actions or endpoint.route.path == "/stream":
            continue
        role = next(iter(expectation()[name, endpoint.name].roles))
        for purpose in _others(PURPOSES[role]):
            answer = await walked.call(endpoint, role, new_id(), ancora_purpose=purpose)
            assert (answer.status_code, answer.json()["type"]) == (403, "urn:ancora:problem:purpose-not-permitted"), endpoint.name
            assert answer.json()["detail"].endswith(f"one of: {', '.join(one for one in Purpose if one in PURPOSES[role])}.")
            assert _UNKNOWN not in answer.text


async def test_a_refusal_for_its_purpose_is_recorded_with_whom_was_refused() -> None:
    """I9: like every refusal of what would tell of persons; the record says for which purpose it was asked."""
    walked = Walked("intake")
    (listing,) = (one for one in walked.service.endpoints() if one.name == "GET /beneficiaries")
    await walked.call(listing, Role.CASE_WORKER, new_id(), ancora_purpose=_UNKNOWN, sub="curious")
    ((envelope, record),) = await walked.service.reads.recorded()
    assert (envelope.actor, envelope.purpose) == ("curious", _UNKNOWN)
    assert (record.role, record.outcome, record.status) == ("case-worker", "refused", 403)


def test_the_development_issuer_gives_a_role_its_own_purposes_and_no_other() -> None:
    """What it signs, the services take."""
    assert {Role(role): purposes for role, purposes in people.PURPOSES.items()} == {
        Role(role): PURPOSES[Role(role)] for role in people.ROLES
    }


def test_the_committed_realm_takes_the_purpose_from_the_account_and_knows_the_list() -> None:
    """The one account in it acts for its role's purpose."""
    realm: dict[str, Any] = json.loads(REALM.read_text(encoding="utf-8"))
    (profile,) = realm["components"]["org.keycloak.userprofile.UserProfileProvider"]
    attributes = json.loads(profile["config"]["kc.user.profile.config"][0])["attributes"]
    (known,) = [one["validations"]["options"]["options"] for one in attributes if one["name"] == "ancora_purpose"]
    assert known == list(Purpose)
    (account,) = realm["users"]
    assert account["attributes"]["ancora_purpose"] == [PURPOSES[Role(account["clientRoles"]["ancora"][0])][0]]


def test_what_is_disclosed_is_disclosed_for_what_its_readers_act_for() -> None:
    """An authorisation for a purpose of nobody's would open nothing, and look as if it did."""
    readers = expectation()["intake", "GET /beneficiaries/{beneficiary_id}/disclosed"].roles
    assert {purpose for role in readers for purpose in PURPOSES[role]} == set(DISCLOSABLE_FOR)


def _others(own: Collection[Purpose]) -> tuple[str, ...]:
    """Return a purpose that is another role's, and one that is nobody's."""
    return next(one for one in Purpose if one not in own), _UNKNOWN
