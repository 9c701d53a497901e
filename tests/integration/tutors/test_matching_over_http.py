"""Matching as a coordinator meets it: the best solution for a territory, proposals, two answers, an assignment or a refusal."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from contracts.personal import DataClass
from services._runtime.ids import new_id
from tests.integration.tutors.api import assigning
from tests.integration.tutors.test_assignments_over_http import problem

if TYPE_CHECKING:
    from tests.integration.tutors.api import Api

PARTIES = ("tutor", "beneficiary")


def id_of(address: str) -> str:
    """Return the id in an address."""
    return address.rpartition("/")[2]


def proposing(tutor: str, **changes: object) -> dict[str, Any]:
    """Return the body that proposes the tutor at an address."""
    return {"match_id": str(new_id()), "tutor_id": id_of(tutor), **changes}


def accepting(api: Api, by: str, met: int = 0) -> dict[str, Any]:
    """Return the body by which one of the two accepts, after a first meeting so many days from today."""
    return {"by": by, "first_meeting_on": api.day(met)}


async def agreed(api: Api, request: str, tutor: str, version: int = 1) -> int:
    """Have a match that both accepted; return the request's version."""
    version = await api.done(f"{request}/match-proposals", proposing(tutor), version)
    for by in PARTIES:
        version = await api.done(f"{request}/match-acceptance", accepting(api, by), version)
    return version


async def matched(api: Api, territory: str = "PR", **claims: object) -> dict[str, Any]:
    """Return a run, on lists that are up to date."""
    await api.project()
    answer = await api.get(f"/match-proposals?territory={territory}", **claims)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_match_goes_from_the_proposal_to_the_assignment(api: Api) -> None:
    tutor, _ = await api.approved()
    person, request = await api.requested()
    version = await agreed(api, request, tutor)
    standing = (await api.get(request)).json()["match"]
    assert (standing["tutor_id"], standing["tutor_accepted_on"], standing["beneficiary_accepted_on"]) == (id_of(tutor), *[api.day(0)] * 2)
    assignment = f"/assignments/{new_id()}"
    await api.done(f"{request}/assignment", assigning(tutor, assignment), version)
    found = (await api.get(assignment)).json()
    assert (found["status"], found["beneficiary_id"], found["tutor_id"]) == ("running", str(person), id_of(tutor))
    assert (await api.get(request)).json()["match"] is None


async def test_without_both_acceptances_nobody_is_assigned(api: Api) -> None:
    tutor, _ = await api.approved()
    _, request = await api.requested()
    body = assigning(tutor, f"/assignments/{new_id()}")
    assert problem(await api.post(f"{request}/assignment", body, version=1)) == "match-not-accepted"
    version = await api.done(f"{request}/match-proposals", proposing(tutor), 1)
    version = await api.done(f"{request}/match-acceptance", accepting(api, "tutor"), version)
    assert problem(await api.post(f"{request}/assignment", body, version=version)) == "match-not-accepted"


async def test_a_rejected_action_does_not_run_later_all_the_same(api: Api) -> None:
    """What was accepted before it was declined is told again as it was, and leads to nothing: I4."""
    tutor, _ = await api.approved()
    _, request = await api.requested()
    version = await api.done(f"{request}/match-proposals", proposing(tutor), 1)
    version = await api.done(f"{request}/match-acceptance", accepting(api, "tutor"), version)
    told, key = accepting(api, "beneficiary"), str(new_id())
    first = await api.post(f"{request}/match-acceptance", told, version=version, key=key)
    refusal = {"by": "beneficiary", "reason": "not_wanted", "notes": "Ci ha ripensato."}
    declined = await api.done(f"{request}/match-refusal", refusal, version + 1)

    again = await api.post(f"{request}/match-acceptance", told, version=version, key=key)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert problem(await api.post(f"{request}/match-acceptance", told, version=version)) == "stale-version"
    assert problem(await api.post(f"{request}/match-acceptance", told, version=declined)) == "no-match-standing"
    for body in (assigning(tutor, f"/assignments/{new_id()}"), assigning(tutor, f"/assignments/{new_id()}", api.day(0))):
        assert problem(await api.post(f"{request}/assignment", body, version=declined)) in {"match-not-accepted", "match-declined-before"}
    assert problem(await api.post(f"{request}/match-proposals", proposing(tutor), version=declined)) == "match-declined-before"
    other, _ = await api.approved()
    version = await api.done(f"{request}/match-proposals", proposing(other), declined)
    again = await api.post(f"{request}/match-acceptance", told, version=declined - 2, key=key)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert (await api.get(request)).json()["match"]["beneficiary_accepted_on"] is None
    assert (await api.get(tutor)).json()["assignments"] == []


async def test_a_decline_for_want_of_time_holds_until_the_tutor_says_anew_what_they_can_take_on(api: Api) -> None:
    tutor, tutor_version = await api.approved()
    _, request = await api.requested()
    version = await api.done(f"{request}/match-proposals", proposing(tutor), 1)
    version = await api.done(f"{request}/match-refusal", {"by": "tutor", "reason": "no_time"}, version)
    assert [one["filter"] for one in (await matched(api))["unmatched"][0]["excluded"]] == ["match-declined-before"]
    assert problem(await api.post(f"{request}/match-proposals", proposing(tutor), version=version)) == "match-declined-before"
    await api.done(f"{tutor}/availability", {"capacity": 2, "available": True}, tutor_version)
    assert [one["tutor_id"] for one in (await matched(api))["proposals"]] == [id_of(tutor)]
    await api.done(f"{request}/match-proposals", proposing(tutor), version)


@pytest.mark.parametrize("obstacle", ["full", "elsewhere", "not approved", "unknown", "another organisation's"])
async def test_nobody_is_proposed_who_could_not_be_assigned(api: Api, obstacle: str) -> None:
    """I8: nor a tutor of another organisation, who is answered like one who is not there."""
    _, request = await api.requested()
    tutor, version = await (api.approved(territory="BO", municipality=None) if obstacle == "elsewhere" else api.approved())
    match obstacle:
        case "full":
            await api.done(f"{tutor}/availability", {"capacity": 0, "available": True}, version)
        case "not approved":
            tutor = await api.registered()
        case "unknown":
            tutor = f"/tutors/{new_id()}"
        case "another organisation's":
            tutor = f"/tutors/{new_id()}"
            body = {"kind": "citizen", "territory": "PR", "capacity": 1, "paid_staff": False, "name": "Altra Prova"}
            assert (await api.post(tutor, body, ancora_org="cidas")).status_code == 201
    expected = {"full": "tutor-at-capacity", "elsewhere": "tutor-elsewhere", "not approved": "tutor-not-approved"}
    answer = await api.post(f"{request}/match-proposals", proposing(tutor), version=1)
    assert problem(answer).endswith(expected.get(obstacle, "unknown"))
    assert (await api.get(request)).json()["match"] is None


async def test_the_two_meet_first_when_the_tutor_is_insured(api: Api) -> None:
    tutor, _ = await api.approved(insured=-5)
    _, request = await api.requested()
    outside = assigning(tutor, f"/assignments/{new_id()}", api.day(-4)) | {"occurred_on": api.day(-4)}
    assert problem(await api.post(f"{request}/assignment", outside, version=1)) == "tutor-not-insured"
    version = await api.done(f"{request}/match-proposals", proposing(tutor, occurred_on=api.day(-9)), 1)
    uncovered = await api.post(f"{request}/match-acceptance", accepting(api, "tutor", -4), version=version)
    assert problem(uncovered) == "tutor-not-insured"
    await api.done(f"{request}/match-acceptance", accepting(api, "tutor", -5), version)


async def test_a_proposal_that_is_repeated_is_made_once(api: Api) -> None:
    """I4."""
    tutor, _ = await api.approved()
    _, request = await api.requested()
    body, key = proposing(tutor), str(new_id())
    first = await api.post(f"{request}/match-proposals", body, version=1, key=key)
    again = await api.post(f"{request}/match-proposals", body, version=1, key=key)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert [event["type"] for event in first.json()["events"]] == ["tutors.match_proposed"]
    assert first.json()["related"] == []


async def test_of_two_coordinators_who_assign_the_last_place_at_once_one_wins(api: Api) -> None:
    tutor, _ = await api.approved()
    requests = [(await api.requested())[1] for _ in range(2)]
    versions = [await agreed(api, request, tutor) for request in requests]
    bodies = [assigning(tutor, f"/assignments/{new_id()}") for _ in requests]
    attempts = zip(requests, bodies, versions, ("coordinator-1", "coordinator-2"), strict=True)
    answers = await asyncio.gather(
        *(api.post(f"{request}/assignment", body, version=version, sub=who) for request, body, version, who in attempts)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert problem(next(answer for answer in answers if answer.status_code == 409)) == "tutor-at-capacity"
    assert len((await api.get(tutor)).json()["assignments"]) == 1


async def test_a_territory_is_matched_as_a_whole_with_reasons_in_words_and_nothing_is_stored(api: Api) -> None:
    near, near_version = await api.approved()
    far, _ = await api.approved(municipality="034014", languages=("it",))
    await api.registered()
    await api.approved(territory="BO", municipality=None)
    people = [await api.requested() for _ in range(3)]
    wish = {"languages": ["ar"], "interests": ["sport"], "times": ["weekend"], "municipality": "034027", "wanted_gender": "female"}
    await api.done(f"{people[0][1]}/wish", wish, 1)
    assert (await api.get(people[0][1])).json()["wishes"] == {"gender": None, **wish}
    offer = {"interests": ["sport"], "times": ["weekend"], "gender": "female"}
    await api.done(f"{near}/offer", offer, near_version)

    found = await matched(api)
    proposals = {one["request_id"]: one for one in found["proposals"]}
    best = proposals[id_of(people[0][1])]
    assert (best["tutor_id"], best["version"], best["beneficiary_id"]) == (id_of(near), 2, str(people[0][0]))
    words = {one["part"]: (one["fit"], one["it"], one["en"]) for one in best["reasons"]}
    assert words["languages"] == (80, "una lingua in comune", "one language in common")
    assert words["distance"] == (100, "stesso comune", "same municipality")
    assert best["score"] == sum(one["points"] for one in best["reasons"])
    assert sorted(one["tutor_id"] for one in found["proposals"]) == sorted([id_of(near), id_of(far)])
    (waiting,) = found["unmatched"]
    filters = {one["filter"]: one["tutors"] for one in waiting["excluded"]}
    assert (filters, waiting["fitting"]) == ({"tutor-elsewhere": 1, "tutor-not-approved": 1}, 2)
    assert found["tutors"] == 4
    assert await matched(api) == found
    assert (await api.get(people[0][1])).json()["match"] is None


async def test_a_match_that_stands_takes_its_request_and_its_place_out_of_the_next_run(api: Api) -> None:
    tutor, _ = await api.approved()
    requests = [(await api.requested())[1] for _ in range(2)]
    await api.done(f"{requests[0]}/match-proposals", proposing(tutor), 1)
    found = await matched(api)
    assert (found["in_talks"], found["proposals"]) == ([id_of(requests[0])], [])
    assert [one["filter"] for one in found["unmatched"][0]["excluded"]] == ["tutor-in-talks"]


@pytest.mark.parametrize(("reason", "again"), [("tutor_unavailable", True), ("beneficiary_asked", False)])
async def test_who_stood_beside_a_person_is_proposed_again_unless_one_of_the_two_asked_to_end_it(
    api: Api, reason: str, again: bool
) -> None:
    _, tutor, request, assignment = await api.assigned()
    await api.done(f"{assignment}/end", {"reason": reason, "still_wanted": True}, 1)
    found = await matched(api)
    if again:
        (proposal,) = found["proposals"]
        assert proposal["tutor_id"] == id_of(tutor)
        assert {one["part"]: one["fit"] for one in proposal["reasons"]}["continuity"] == 100
        answer = await api.post(f"{request}/match-proposals", proposing(tutor), version=proposal["version"])
        assert answer.status_code == 200
    else:
        assert [one["filter"] for one in found["unmatched"][0]["excluded"]] == ["parted-before"]


async def test_another_organisation_is_matched_apart(api: Api) -> None:
    """I8: neither its people nor its tutors appear."""
    await api.approved()
    await api.requested()
    found = await matched(api, ancora_org="cidas")
    assert (found["tutors"], found["proposals"], found["unmatched"], found["in_talks"]) == (0, [], [], [])


async def test_a_run_is_recorded_as_a_read_of_all_whom_it_weighed(api: Api) -> None:
    """I9."""
    tutor, _ = await api.approved()
    person, request = await api.requested()
    await api.done(f"{request}/wish", {"languages": ["ar"], "municipality": "034027"}, 1)
    await matched(api)
    _, read = (await api.reads.recorded())[-1]
    assert read.action == "tutors.match"
    assert {str(one) for one in read.subjects} == {str(person), id_of(tutor)}
    assert {DataClass.IDENTITY, DataClass.CONTACT} <= set(read.classes)


async def test_a_run_that_finds_nobody_answers_so(api: Api) -> None:
    found = await matched(api, "BO")
    assert (found["proposals"], found["unmatched"]) == ([], [])
    assert (await api.get("/match-proposals")).status_code == 422
