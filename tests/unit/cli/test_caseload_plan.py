"""The plan of the demonstration: repeatable, in order, within the rules that the services hold, and about nobody."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

import pytest

from contracts.reference import consortium
from services._runtime.ids import derived_id
from services.cli.caseload.planned import Plan, PlannedCommand
from services.cli.caseload.planning import plan
from services.cli.caseload.script import END, START

PERSONS = 60
ALL = 420


@pytest.fixture(scope="module")
def small() -> Plan:
    return plan(2020, PERSONS)


@pytest.fixture(scope="module")
def whole() -> Plan:
    return plan(2020, ALL)


def said(command: PlannedCommand) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(command.body)
    return body


def actions(of: Plan, service: str, action: str) -> list[PlannedCommand]:
    return [each for each in of.commands if each.service == service and each.path.rsplit("/", 1)[-1] == action]


def occurred(command: PlannedCommand) -> date:
    return date.fromisoformat(said(command).get("occurred_on", command.moment.date().isoformat()))


def record_of(command: PlannedCommand) -> str:
    return command.path.split("/")[2]


def request_of(person: str) -> str:
    return str(derived_id("tutor-request", derived_id("pathway", person, 1)))


def test_the_same_seed_gives_the_same_plan_and_another_seed_another(small: Plan) -> None:
    assert plan(2020, PERSONS) == small
    assert plan(2020, PERSONS).fingerprint() == small.fingerprint()
    assert plan(2021, PERSONS).fingerprint() != small.fingerprint()


def test_commands_are_sorted_by_moment_and_lie_in_the_two_years(whole: Plan) -> None:
    moments = [each.moment for each in whole.commands]
    assert moments == sorted(moments)
    assert moments[0].date() >= START
    assert moments[-1].date() <= END
    assert [each for _, window in whole.windows() for each in window] == list(whole.commands)


def test_every_command_has_its_own_key_and_moments_of_a_stream_only_grow(whole: Plan) -> None:
    assert len({each.key for each in whole.commands}) == len(whole.commands)
    last: dict[str, PlannedCommand] = {}
    for each in whole.commands:
        before = last.get(each.stream)
        assert before is None or before.moment < each.moment
        begins = (before is None and each.path.count("/") <= 2) or each.stream.startswith("office-") or each.path.endswith("/proposal")
        assert each.creates == begins or each.path.endswith("privacy-notices")
        last[each.stream] = each


def test_a_lane_holds_the_commands_of_a_day_that_follow_each_other(whole: Plan) -> None:
    lanes = defaultdict[str, set[int]](set)
    for each in whole.commands:
        lanes[each.stream].add(each.lane)
    assert all(len(of_stream) == 1 for of_stream in lanes.values())


def test_nothing_is_recorded_before_it_happened(whole: Plan) -> None:
    assert all(occurred(each) <= each.moment.date() for each in whole.commands)
    assert sum(1 for each in whole.commands if each.moment.date() - occurred(each) >= timedelta(days=14)) > 200


def test_organisations_act_in_their_own_provinces_by_logins_that_exist(whole: Plan) -> None:
    seats = {each.code: each.province for each in consortium().organisations}
    roles = Counter(each.login.split(".")[0] for each in whole.commands)
    assert set(roles) == {
        "case-worker",
        "case-worker-2",
        "case-worker-3",
        "team-coordinator",
        "tutor-coordinator",
        "municipality",
        "lead-partner",
        "researcher",
    }
    # A transfer names the receiver's province.
    own = [each for each in whole.commands if "territory" in said(each) and not each.path.endswith("/transfer-requests")]
    territories = {(each.login.split(".")[1], said(each)["territory"]) for each in own}
    assert territories == {(code, province) for code, province in seats.items() if province is not None}
    towns = {each.istat: each.province for each in consortium().municipalities}
    for each in actions(whole, "intake", "enrolment"):
        assert towns.get(said(each).get("municipality", "none"), said(each)["territory"]) == said(each)["territory"]


def test_the_plan_is_agreed_by_another_than_its_author(whole: Plan) -> None:
    authors: dict[str, str] = {}
    agreed = 0
    for each in whole.commands:
        if each.path.endswith("/plan-proposals"):
            authors[each.stream] = each.login
        if each.path.endswith("/plan-agreements"):
            agreed += 1
            assert each.login != authors[each.stream]
    assert agreed > ALL * 0.9


def test_meetings_lie_inside_their_assignments(whole: Plan) -> None:
    taken_over = actions(whole, "tutors", "reassignment")
    begins = {said(each)["assignment_id"]: occurred(each) for each in [*actions(whole, "tutors", "assignment"), *taken_over]}
    ends = {record_of(each): occurred(each) for each in [*actions(whole, "tutors", "end"), *taken_over]}
    assert taken_over
    entries = [*actions(whole, "tutors", "meetings"), *actions(whole, "tutors", "connections")]
    for each in entries:
        key = record_of(each)
        assert begins[key] <= occurred(each) <= ends.get(key, END)
        assert each.moment.date() <= ends.get(key, END) + timedelta(days=30)
    assert len(entries) > 2000


def test_a_tutor_never_holds_more_than_was_offered_and_is_approved_first(whole: Plan) -> None:
    """I6 as the plan sees it: a place is held from the assignment to its end, or to the person's exit."""
    offered = {record_of(each): said(each)["capacity"] for each in whole.commands if each.path.startswith("/tutors/") and each.creates}
    approved = {record_of(each): each.moment for each in reversed(actions(whole, "tutors", "approval"))}
    exits = {each.key: request_of(record_of(each)) for each in actions(whole, "intake", "exit")}
    tutor_of, running = dict[str, str](), dict[str, str]()
    for each in whole.commands:
        if each.path.endswith(("/assignment", "/reassignment")):
            tutor, assignment = said(each)["tutor_id"], said(each)["assignment_id"]
            tutor_of[assignment] = tutor
            assert approved[tutor] < each.moment
            request = next((one for one, held in running.items() if held == record_of(each)), record_of(each))
            running[request] = assignment
            assert sum(1 for other in running.values() if tutor_of[other] == tutor) <= offered[tutor]
        elif each.path.endswith("/end"):
            running = {request: held for request, held in running.items() if held != record_of(each)}
        elif each.key in exits:
            running.pop(exits[each.key], None)
    assert len(tutor_of) > 200


def test_so_many_are_admitted_that_one_target_is_reached_and_one_is_not(whole: Plan) -> None:
    statuses = {record_of(each): said(each)["status"] for each in actions(whole, "intake", "protection-status")}
    provinces = {record_of(each): said(each)["territory"] for each in actions(whole, "intake", "enrolment")}
    left = {record_of(each): occurred(each) for each in actions(whole, "intake", "reception-exit")}
    admitted = set()
    for each in actions(whole, "intake", "admissions"):
        key = record_of(each)
        recent = key in left and left[key] <= occurred(each) <= left[key] + timedelta(days=540)
        of_the_project = said(each)["programme"] == consortium().project.code
        if of_the_project and statuses.get(key) in ("refugee", "subsidiary-protection") and (recent or "derogation" in said(each)):
            admitted.add(key)
    in_parma = sum(1 for key in admitted if provinces[key] == "PR")
    targets = {target.code: target.at_least for target in consortium().targets}
    assert in_parma >= targets["parma"]
    assert targets["national"] * 0.95 < len(admitted) < targets["national"]


def test_there_are_as_many_persons_as_asked_for_down_to_one() -> None:
    for persons in (1, 2, 8):
        assert len(actions(plan(5, persons), "intake", "enrolment")) == persons


def test_the_next_version_of_the_methodology_is_published_and_each_pathway_keeps_its_own(whole: Plan) -> None:
    endorsed = [each for each in whole.commands if each.path == "/methodologies/1.1/endorsements"]
    assert len({each.login.split(".")[1] for each in endorsed}) == len(endorsed) > 11
    versions = defaultdict[str, set[str]](set)
    for each in actions(whole, "pathways", "assessments"):
        if said(each)["instrument"] == "needs-and-resources":
            versions[each.stream].add(said(each)["instrument_version"])
    assert all(len(of_pathway) == 1 for of_pathway in versions.values())
    counted = Counter(version for of_pathway in versions.values() for version in of_pathway)
    assert counted["1.0"] > counted["1.1"] > ALL * 0.1
    reached = [each for each in actions(whole, "pathways", "milestones") if said(each)["milestone"] == "online-procedure-completed"]
    assert reached
    assert {version for each in reached for version in versions[each.stream]} == {"1.1"}


def test_some_go_on_in_the_next_programme_on_the_same_pathway(whole: Plan) -> None:
    """The programme changes, care does not: nobody is enrolled or readmitted for it."""
    (following,) = consortium().successors
    carried = {record_of(each): each.moment for each in actions(whole, "intake", "admissions") if said(each)["programme"] == following.code}
    assert all(following.start <= moment.date() <= following.end for moment in carried.values())
    left = {record_of(each) for each in actions(whole, "intake", "programme-leaves")} & carried.keys()
    assert ALL * 0.05 < len(left) < len(carried)
    pathways = {f"pathway-{derived_id('pathway', person, 1)}": moment for person, moment in carried.items()}
    lived = [each for each in whole.commands if each.stream in pathways]
    before = {each.stream for each in lived if each.moment < pathways[each.stream]}
    after = {each.stream for each in lived if each.moment > pathways[each.stream]}
    assert before == pathways.keys()
    assert len(after) > len(carried) / 2
