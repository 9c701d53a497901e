"""A pathway from opening to exit, over HTTP, in memory and on PostgreSQL."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from services._runtime.ids import new_id

if TYPE_CHECKING:
    from uuid import UUID

from tests.integration.pathways.test_budget_and_activities import opened_line
from tests.integration.pathways.world import PathwaysWorld

Body = dict[str, Any]
SECOND = "worker-2"
EVIDENCE = {"kind": "certificate", "holder": "CPIA Parma", "place": "faldone segreto 7", "date": "2021-04-02"}


def situations(moment: str = "baseline", **values: str) -> Body:
    """Return a body of situations, by default one of each area."""
    values = values or {"housing": "reception", "work": "seeking", "income": "none", "language": "a1", "schooling": "primary"}
    items = [{"situation_id": str(new_id()), "area": area, "value": value, "since": "2021-01-01"} for area, value in values.items()]
    return {"moment": moment, "situations": items}


def network() -> Body:
    """Return a body with a small network."""
    return {
        "map_id": str(new_id()),
        "moment": "baseline",
        "ties": [{"connection": "bridge", "kind": "neighbour", "strength": "weak", "count": 2}],
    }


def needs(respondent: str = "worker") -> Body:
    """Return a body with scores, a sensitive one among them."""
    return {
        "assessment_id": str(new_id()),
        "instrument": "needs-and-resources",
        "instrument_version": "1.0",
        "respondent": respondent,
        "moment": "baseline",
        "scores": {"work": 2, "health": 1},
        "notes": "racconta del ginocchio",
    }


def proposal(**changes: object) -> Body:
    """Return a body with a plan."""
    return {"wants_tutor": True, "language": "fr", "summary": "una casa e un lavoro", **changes}


AGREEMENT: Body = {"plan_version": 1, "language": "fr", "reads_language": True, "occurred_on": "2021-03-10"}


def milestone(code: str = "italian-a2") -> Body:
    """Return a body with a milestone."""
    return {"milestone_id": str(new_id()), "milestone": code, "evidence": EVIDENCE, "occurred_on": "2021-04-02"}


async def with_baseline(world: PathwaysWorld, person: UUID) -> UUID:
    """Let a person be enrolled, and record the baseline."""
    pathway = await world.enrolled(person)
    for command, body in (("situations", situations()), ("network-maps", network()), ("assessments", needs())):
        await world.tell(pathway, command, body)
    return pathway


async def with_plan(world: PathwaysWorld, person: UUID) -> UUID:
    """Go on to an agreed plan."""
    pathway = await with_baseline(world, person)
    await world.tell(pathway, "plan-proposals", proposal())
    await world.tell(pathway, "plan-agreements", AGREEMENT, sub=SECOND)
    return pathway


async def test_a_pathway_is_lived_from_baseline_to_milestone_and_read_back(world: PathwaysWorld) -> None:
    """The slice: what was told is read back by the organisation, sealed words opened."""
    person = new_id()
    pathway = await with_plan(world, person)
    reached = milestone()
    answer = await world.tell(pathway, "milestones", reached)
    assert [event["type"] for event in answer.content["events"]] == ["pathways.milestone_reached"]
    read = await world.get(f"/pathways/{pathway}")
    assert (read.status, read.headers["etag"]) == (200, f'"{answer.content["version"]}"')
    view = read.content
    assert (view["beneficiary_id"], view["status"], view["methodology_version"]) == (str(person), "open", "1.0")
    assert view["plan"].items() >= {"status": "agreed", "version": 1, "running_version": 1, "wants_tutor": True, "confirmed": True}.items()
    assert view["review_due"] == "2021-06-08"
    assert view["milestones"] == [{"milestone_id": reached["milestone_id"], "milestone": "italian-a2"}]
    last = view["history"][-1]
    assert (last["type"], last["occurred_on"], last["actor"]) == ("pathways.milestone_reached", "2021-04-02", "worker-1")
    assert last["fields"]["evidence"]["place"] == "faldone segreto 7"
    assessed = next(fact for fact in view["history"] if fact["type"] == "pathways.needs_assessed")["fields"]
    assert (assessed["scores"], assessed["sensitive_scores"]) == ({"work": 2}, {"health": 1})


async def test_every_command_of_a_pathway_is_taken(world: PathwaysWorld) -> None:
    """One of each, in an order that the facts allow."""
    pathway = await with_plan(world, new_id())
    await opened_line(world)
    goal, action, grant, reached = str(new_id()), str(new_id()), str(new_id()), milestone("peer-group")
    told: list[tuple[str, Body]] = [
        ("goals", {"goal_id": goal, "area": "work", "description": "un lavoro"}),
        ("actions", {"action_id": action, "goal_id": goal, "responsible": "team", "description": "curriculum", "due_on": "2021-05-01"}),
        ("actions-done", {"action_id": action, "notes": "fatto"}),
        ("goal-drops", {"goal_id": goal, "reason": "ha trovato altro"}),
        ("milestones", reached),
        ("milestone-retractions", {"milestone_id": reached["milestone_id"], "reason_code": "wrong-day", "reason": "era maggio"}),
        ("services", {"service_id": str(new_id()), "kind": "language-course", "minutes": 90, "mediated": False, "programme": "ancora-2.0"}),
        ("support", {"grant_id": grant, "kind": "rent", "amount_cents": 40_000, "budget_line": "b-1", "programme": "ancora-2.0"}),
        ("support-payments", {"payment_id": str(new_id()), "grant_id": grant, "amount_cents": 15_000, "receipt": EVIDENCE}),
        ("support-returns", {"return_id": str(new_id()), "grant_id": grant, "amount_cents": 5_000, "receipt": EVIDENCE}),
        ("reviews", {"review_id": str(new_id()), "notes": "procede", "occurred_on": "2021-06-01"}),
        ("plan-proposals", proposal(wants_tutor=False)),
        ("plan-refusals", {"plan_version": 2, "reason": "vuole il tutor"}),
        ("contact-lost", {"notes": "numero cambiato"}),
        ("suspension", {"reason_code": "unreachable"}),
        ("notes", {"note_id": str(new_id()), "text": "ha scritto il fratello"}),
        ("contact-regained", {}),
        ("resumption", {"occurred_on": "2021-09-01"}),
        ("situations", situations("change", work="casual")),
    ]
    for command, body in told:
        await world.tell(pathway, command, body)
    view = (await world.get(f"/pathways/{pathway}")).content
    assert view["status"] == "open"
    assert view["plan"].items() >= {"status": "declined", "version": 2, "running_version": 1, "wants_tutor": True}.items()
    assert view["review_due"] == "2021-11-30"
    assert view["milestones"] == []
    assert view["goals"] == [{"goal_id": goal, "area": "work", "dropped": True}]
    assert view["actions"] == [{"action_id": action, "done": True}]
    assert view["grants"] == [{"grant_id": grant, "kind": "rent", "amount_cents": 40_000, "paid_cents": 15_000, "returned_cents": 5_000}]
    envelopes = [event.recorded.envelope for event in await world.store.load(f"pathway-{pathway}")]
    assert {e.type: e.programme for e in envelopes}["pathways.service_delivered"] == "ancora-2.0"
    assert {e.municipality for e in envelopes} == {"034027"}


async def test_nothing_sealed_is_in_what_the_feed_carries(world: PathwaysWorld) -> None:
    """I6: words, evidence, language, and every code of a sensitive area are in no event's bytes."""
    pathway = await with_plan(world, new_id())
    goal = str(new_id())
    await world.tell(pathway, "goals", {"goal_id": goal, "area": "health", "description": "camminare senza dolore"})
    action = {"action_id": str(new_id()), "goal_id": goal, "responsible": "team", "description": "fisioterapia"}
    await world.tell(pathway, "actions", action)
    await world.tell(pathway, "milestones", milestone("general-practitioner-chosen"))
    await world.tell(pathway, "milestones", milestone("safe-contact-named"))
    service = {"service_id": str(new_id()), "kind": "psychological-support", "minutes": 50, "mediated": True, "notes": "primo colloquio"}
    await world.tell(pathway, "services", service)
    await world.tell(pathway, "notes", {"note_id": str(new_id()), "text": "nota riservata"})
    await world.catch_up()
    feed = await world.store.feed(after=0, limit=1000)
    wire = b"\n".join(event.recorded.data for event in feed).decode()
    sealed = ["ginocchio", "CPIA", "faldone", "una casa", "camminare", "fisioterapia", "colloquio", "riservata", '"fr"', "health", "safety"]
    sealed += ["general-practitioner-chosen", "safe-contact-named", "psychological-support"]
    assert [word for word in sealed if word in wire] == []
    assert len(feed) == len(await world.store.load(f"pathway-{pathway}"))
    view = json.dumps((await world.get(f"/pathways/{pathway}")).content, ensure_ascii=False)
    assert [word for word in sealed if word not in view] == []


async def test_the_author_of_a_plan_cannot_confirm_it(world: PathwaysWorld) -> None:
    """A second member is one with another pseudonym in a verified token."""
    pathway = await with_baseline(world, new_id())
    await world.tell(pathway, "plan-proposals", proposal())
    refused = await world.ask(pathway, "plan-agreements", AGREEMENT)
    assert (refused.status, refused.content["type"]) == (409, "urn:ancora:problem:second-member-needed")


async def test_a_plan_without_baseline_is_refused_with_what_is_missing(world: PathwaysWorld) -> None:
    """The problem says what to do."""
    pathway = await world.enrolled(new_id())
    refused = await world.ask(pathway, "plan-proposals", proposal())
    assert (refused.status, refused.content["type"]) == (409, "urn:ancora:problem:baseline-missing")
    assert "network" in refused.content["detail"]


async def test_the_exit_closes_the_pathway_to_everything(world: PathwaysWorld) -> None:
    """After it a note, too, is refused; reading goes on."""
    person = new_id()
    pathway = await with_plan(world, person)
    await world.exited(person)
    refused = await world.ask(pathway, "notes", {"note_id": str(new_id()), "text": "tardi"})
    assert (refused.status, refused.content["type"]) == (409, "urn:ancora:problem:pathway-closed-already")
    view = (await world.get(f"/pathways/{pathway}")).content
    assert (view["status"], view["outcome"], view["review_due"]) == ("closed", "pathway-completed", None)


@pytest.mark.parametrize(
    ("command", "body", "problem"),
    [
        ("situations", situations("baseline", housing="castle"), "not-in-methodology"),
        ("situations", situations("someday", housing="hosted"), "validation"),
        ("situations", {"moment": "baseline", "situations": []}, "validation"),
        ("network-maps", network() | {"names": ["Karim"]}, "validation"),
        (
            "network-maps",
            network() | {"ties": [{"connection": "bond", "kind": "Karim il vicino", "strength": "weak", "count": 1}]},
            "validation",
        ),
        ("assessments", needs() | {"scores": {"work": 9}}, "score-out-of-scale"),
        ("assessments", needs() | {"scores": {"work": "2"}}, "validation"),
        ("assessments", needs("neighbour"), "validation"),
        ("milestones", {key: value for key, value in milestone().items() if key != "evidence"}, "validation"),
        ("milestones", milestone() | {"occurred_on": "2999-01-01"}, "validation"),
        ("milestones", milestone("Karim"), "validation"),
        ("support", {"grant_id": str(new_id()), "kind": "rent", "amount_cents": 0, "budget_line": "b-1"}, "validation"),
        ("plan-proposals", proposal(language="francese, credo"), "validation"),
        ("notes", {"note_id": str(new_id()), "text": "  "}, "validation"),
        ("goals", {"goal_id": "goal-1", "area": "work", "description": "x"}, "validation"),
    ],
)
async def test_bad_input_is_refused_and_nothing_is_stored(world: PathwaysWorld, command: str, body: Body, problem: str) -> None:
    """Each is a 422 that repeats no value."""
    pathway = await world.enrolled(new_id())
    refused = await world.ask(pathway, command, body)
    assert (refused.status, refused.content["type"]) == (422, f"urn:ancora:problem:{problem}"), refused.content
    assert "Karim" not in json.dumps(refused.content)
    assert len(await world.store.load(f"pathway-{pathway}")) == 1


async def test_a_pathway_is_its_organisations_alone(world: PathwaysWorld) -> None:
    """Another organisation neither reads, nor lists, nor writes it; a role without the right neither."""
    pathway = await world.enrolled(new_id())
    await world.catch_up()
    note = {"note_id": str(new_id()), "text": "x"}
    assert (await world.get(f"/pathways/{pathway}", ancora_org="ics")).status == 404
    assert (await world.ask(pathway, "notes", note, ancora_org="ics")).status == 404
    assert (await world.get("/pathways", ancora_org="ics")).content["items"] == []
    assert (await world.get(f"/pathways/{pathway}", ancora_role="tutor-coordinator")).status == 403
    assert (await world.ask(pathway, "notes", note, ancora_role="municipality")).status == 403


async def test_unknown_pathways_and_stale_versions_are_told_apart(world: PathwaysWorld) -> None:
    """404 for what never opened, 412 with what came since, 428 without a version."""
    note = {"note_id": str(new_id()), "text": "x"}
    unknown = new_id()
    assert (await world.get(f"/pathways/{unknown}")).status == 404
    assert (await world.post(f"/pathways/{unknown}/notes", note, version=1)).status == 404
    pathway = await with_baseline(world, new_id())
    stale = await world.post(f"/pathways/{pathway}/notes", note, version=1)
    assert (stale.status, stale.content["current_version"]) == (412, 8)
    assert [event["type"] for event in stale.content["unseen"]][-1] == "pathways.needs_assessed"
    assert (await world.post(f"/pathways/{pathway}/notes", note)).status == 428


async def test_a_repeated_key_gives_the_first_answer(world: PathwaysWorld) -> None:
    """Same body, same receipt and nothing new; another body is refused."""
    pathway = await world.enrolled(new_id())
    note = {"note_id": str(new_id()), "text": "x"}
    first = await world.post(f"/pathways/{pathway}/notes", note, version=1, key="once")
    again = await world.post(f"/pathways/{pathway}/notes", note, version=1, key="once")
    assert (first.status, again.status) == (200, 200)
    assert first.content == again.content
    other = await world.post(f"/pathways/{pathway}/notes", note | {"text": "y"}, version=2, key="once")
    assert other.status == 422
    assert len(await world.store.load(f"pathway-{pathway}")) == 2


async def test_pathways_are_listed_by_person_and_in_pages(world: PathwaysWorld) -> None:
    """The list follows the records; a cursor leads through it."""
    people = [new_id() for _ in range(3)]
    opened = sorted([str(await world.enrolled(person)) for person in people])
    await world.catch_up()
    page = (await world.get("/pathways?limit=2")).content
    rest = (await world.get(f"/pathways?limit=2&cursor={page['next_cursor']}")).content
    assert [item["pathway_id"] for item in (*page["items"], *rest["items"])] == opened
    assert rest["next_cursor"] is None
    (one,) = (await world.get(f"/pathways?beneficiary-id={people[0]}")).content["items"]
    assert (one["beneficiary_id"], one["status"], one["plan"]) == (str(people[0]), "open", "none")
    for cursor in ("nonsense", "WyJub25zZW5zZSJd"):
        assert (await world.get(f"/pathways?cursor={cursor}")).content["type"] == "urn:ancora:problem:validation"


async def test_the_methodology_is_served_with_its_anchors_in_both_languages(world: PathwaysWorld) -> None:
    """The current version by default; an unknown one is a 404."""
    current = (await world.get("/methodology")).content
    assert current == (await world.get("/methodology?version=1.0")).content
    housing = next(area for area in current["areas"] if area["code"] == "housing")
    assert housing["anchors"][0] == {
        "it": "Questa notte non ha un posto letto assicurato.",
        "en": "Has no bed that is certain for tonight.",
    }
    assert (await world.get("/methodology?version=0.1")).status == 404
    assert (await world.get("/methodology", ancora_role="administrator")).status == 403
