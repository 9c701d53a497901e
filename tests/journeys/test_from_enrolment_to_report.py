"""The thin slice as people live it: over HTTP only, on real Kafka and PostgreSQL, at the real time; also on a system that is given."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from services._runtime.ids import new_id
from tests.journeys.callers import COORDINATOR, EVIDENCE, SECOND, Callers, PersonsWay, days_ago
from tests.support.whole import Ancora, eventually

if TYPE_CHECKING:
    from uuid import UUID

REPORTER = "reporting-consumer.ciac"


def admissions(callers: Callers) -> dict[str, int]:
    """Return the admissions that reporting counts, by target and by province."""
    progress = callers.get("reporting", "/territory-progress", REPORTER).json()
    targets = {target["code"]: target["counted"] for target in progress["targets"]}
    return targets | {one["territory"]: one["admitted"] for one in progress["territories"]}


def approved_tutor(callers: Callers) -> UUID:
    """Register a tutor with one place, and take every step up to the approval."""
    tutor = new_id()
    registration = {"kind": "citizen", "territory": "PR", "municipality": "034027", "capacity": 1, "paid_staff": False}
    personal = {"name": "Prova Esempio", "languages": ["it", "ar"], "email": "prova@example.org"}
    for command, body in (
        ("", registration | personal),
        ("/interviews", {"occurred_on": days_ago(40)}),
        ("/trainings", {"course": "tutors-basic", "hours": 12, "occurred_on": days_ago(30)}),
        ("/vettings", {"outcome": "passed", "valid_until": days_ago(-300), "occurred_on": days_ago(20)}),
        ("/insurances", {"valid_from": days_ago(20), "valid_until": days_ago(-300)}),
        ("/approval", {}),
    ):
        callers.tell("tutors", f"/tutors/{tutor}", command, body, COORDINATOR)
    return tutor


def open_request(callers: Callers, person: UUID) -> str:
    """Return the address of the person's request, which appears by itself once the plan wants a tutor."""

    def look() -> list[str]:
        items = callers.get("tutors", "/tutor-requests?status=open&limit=200", COORDINATOR).json()["items"]
        return [f"/tutor-requests/{item['request_id']}" for item in items if item["beneficiary_id"] == str(person)]

    (request,) = eventually(look)
    return request


def types_of(timeline: list[dict[str, Any]]) -> set[str]:
    """Return the types of a timeline's events."""
    return {entry["type"] for entry in timeline}


def test_an_enrolment_reaches_the_report_and_an_exit_concludes_everything(callers: Callers) -> None:
    """The whole slice: every service takes its part by itself, and reporting shows it with causes."""
    before = admissions(callers)
    way = PersonsWay(callers).enrolled().admitted()
    pathway = way.with_baseline()
    callers.tell("pathways", pathway, "/plan-proposals", {"wants_tutor": True, "language": "fr", "summary": "una casa e un lavoro"})
    callers.tell("pathways", pathway, "/plan-agreements", {"plan_version": 1, "language": "fr", "reads_language": True}, SECOND)

    tutor, request, assignment = approved_tutor(callers), open_request(callers, way.person), new_id()
    callers.tell("tutors", request, "/match-proposals", {"match_id": str(new_id()), "tutor_id": str(tutor)}, COORDINATOR)
    for by in ("tutor", "beneficiary"):
        callers.tell("tutors", request, "/match-acceptance", {"by": by, "first_meeting_on": days_ago(0)}, COORDINATOR)
    callers.tell("tutors", request, "/assignment", {"tutor_id": str(tutor), "assignment_id": str(assignment)}, COORDINATOR)
    supported = eventually(lambda: callers.get("pathways", pathway).json()["tutors"])
    assert supported == [{"assignment_id": str(assignment), "tutor_id": str(tutor)}]
    reached = {"milestone_id": str(new_id()), "milestone": "italian-a2", "evidence": EVIDENCE}
    assert callers.tell("pathways", pathway, "/milestones", reached) == ["pathways.milestone_reached"]

    timeline = eventually(lambda: [each for each in [way.timeline()] if "pathways.milestone_reached" in types_of(each)])[0]
    after = eventually(lambda: [each for each in [admissions(callers)] if each != before])[0]
    assert {key: after[key] - before.get(key, 0) for key in ("national", "parma", "PR")} == {"national": 1, "parma": 1, "PR": 1}
    causes = {entry["type"]: entry["cause"]["type"] for entry in timeline if entry["cause"]}
    assert causes["pathways.pathway_opened"] == "intake.beneficiary_enrolled"
    assert causes["tutors.tutor_requested"] == "pathways.plan_agreed"
    assert causes["pathways.tutor_support_started"] == "tutors.tutor_assigned"
    activity = callers.get("reporting", "/activity?limit=20", REPORTER).json()
    assert "pathways.milestone_reached" in {event["type"] for event in activity["latest"]}

    way.tell("/exit", {"reason": "pathway-completed", "destination": "own-home"})
    closed = eventually(lambda: [one for one in [callers.get("pathways", pathway).json()] if one["status"] == "closed"])[0]
    assert closed["outcome"] == "pathway-completed"
    ended = f"/assignments/{assignment}"
    eventually(lambda: callers.get("tutors", ended, COORDINATOR).json()["status"] == "ended")
    assert callers.get("tutors", f"/tutors/{tutor}", COORDINATOR).json()["assignments"] == []
    eventually(lambda: callers.get("pathways", pathway).json()["tutors"] == [])
    final = {"pathways.pathway_closed", "tutors.assignment_ended", "intake.programme_left", "intake.beneficiary_exited"}
    eventually(lambda: final <= types_of(way.timeline()))


def test_status_says_how_every_service_and_read_model_is(whole: Ancora, callers: Callers) -> None:
    """The agreed shape, with figures of what runs."""
    PersonsWay(callers).enrolled().pathway()
    report = whole.status()
    services = {service["name"]: service for service in report["services"]}
    assert set(services) == {"intake", "pathways", "tutors", "reporting"}
    for service in services.values():
        assert {"name", "kinds", "restarts", "events", "feed_position", "relay_lag", "partitions", "parked"} <= set(service)
        assert "api" in service["kinds"]
        assert (service["parked"], service["relay_lag"] >= 0) == (0, True)
    assert services["intake"]["events"] >= 2
    assert {partition["topic"] for partition in services["reporting"]["partitions"]} >= {"ancora.intake", "ancora.pathways"}
    assert len(services["pathways"]["partitions"]) == 24
    assert all(0 <= partition["progress_age_s"] < 60 for one in services.values() for partition in one["partitions"])
    models = {model["name"]: model for model in report["models"]}
    assert {"territory_progress", "person_timeline", "activity", "caseload"} <= set(models)
    for model in models.values():
        assert {"name", "version", "position", "lag"} <= set(model)
        assert model["stopped"] is None


def test_verify_finds_everything_as_it_was_recorded_while_work_goes_on(whole: Ancora, callers: Callers) -> None:
    """I2, I5: store, feed, Kafka, journal and read models agree to the byte; what is on its way is no finding."""
    before = whole.events()
    with ThreadPoolExecutor(1) as beside:
        verified = beside.submit(whole.verify)
        while not verified.done():
            PersonsWay(callers).enrolled().with_baseline()
    assert verified.result() == (0, [])
    assert whole.events()["intake"] >= before["intake"] + 4
