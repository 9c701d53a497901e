"""The follow-up of tutors over HTTP: expenses, supervisors and their absences, pauses, volunteers, for one's own organisation alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services._runtime.ids import new_id
from services._runtime.scheduling import Scheduler
from services.tutors.app.timers import HANDLERS

if TYPE_CHECKING:
    from tests.integration.tutors.api import Api

RECEIPT = {"kind": "receipt", "holder": "Ufficio di Parma", "date": "2021-03-04", "sha256": "ab" * 32}


def expense(**changes: object) -> dict[str, Any]:
    """Return the body of a documented expense."""
    return {
        "expense_id": str(new_id()),
        "kind": "public_transport",
        "proof": "documented",
        "amount_cents": 640,
        "receipt": RECEIPT,
        **changes,
    }


def self_declared(**changes: object) -> dict[str, Any]:
    """Return the body of an expense without a receipt."""
    return expense(proof="self_declared", receipt=None, **changes)


async def refused(api: Api, path: str, body: dict[str, Any], version: int | None = None) -> str:
    """Send a command that must be refused; return why."""
    answer = await api.post(path, body, version=version)
    assert answer.status_code in {404, 409, 422}, answer.text
    code: str = answer.json()["type"].rpartition(":")[2]
    return code


async def test_expenses_are_documented_or_self_declared_under_a_resolution(api: Api) -> None:
    path, version = await api.approved()
    version = await api.done(f"{path}/expenses", expense(notes="Per il treno."), version)
    assert await refused(api, f"{path}/expenses", self_declared(), version) == "resolution-missing"
    resolution = f"/expense-resolutions/{new_id()}"
    adopted = {"body": "board", "kinds": ["public_transport"], "minutes": "2021-04", "occurred_on": api.day(-30)}
    register = await api.done(resolution, adopted)
    version = await api.done(f"{path}/expenses", self_declared(), version)
    assert await refused(api, f"{path}/expenses", self_declared(), version) == "expense-above-day"
    assert await refused(api, f"{path}/expenses", self_declared(kind="flat"), version) == "validation"
    assert await refused(api, f"{path}/expenses", self_declared(kind="meals"), version) == "resolution-missing"
    assert await refused(api, f"{path}/expenses", self_declared(occurred_on=api.day(-31)), version) == "resolution-missing"

    read = await api.get("/expense-resolutions")
    assert read.headers["etag"] == f'"{register}"'
    assert [one["minutes"] for one in read.json()["resolutions"]] == ["2021-04"]
    await api.done(f"{resolution}/revocation", {"occurred_on": api.day(-1)}, register)
    assert await refused(api, f"{path}/expenses", self_declared(), version) == "resolution-missing"

    told = (await api.get(path)).json()["follow_up"]["expenses"]
    assert [(one["proof"], one["amount_cents"]) for one in told] == [("documented", 640), ("self_declared", 640)]
    assert (told[0]["receipt"]["holder"], told[0]["notes"]) == ("Ufficio di Parma", "Per il treno.")
    await api.done(f"{path}/expense-withdrawals", {"expense_id": told[1]["expense_id"], "reason": "Doppio."}, version)
    assert [one["withdrawn"] for one in (await api.get(path)).json()["follow_up"]["expenses"]] == [False, True]


async def test_receipts_reasons_and_names_are_sealed_before_they_are_stored(api: Api) -> None:
    """I6: what leaves the store for Kafka holds no holder of a receipt, no word, no volunteer's name."""
    path, version = await api.approved(kind="group")
    body = expense(notes="Per il treno di Anna.")
    version = await api.done(f"{path}/expenses", body, version)
    version = await api.done(f"{path}/expense-withdrawals", {"expense_id": body["expense_id"], "reason": "Doppio di Anna."}, version)
    await api.done(f"{path}/volunteers", {"volunteer_id": str(new_id()), "name": "Prova Volontaria", "birth_date": "1980-05-06"}, version)
    await api.project()
    wire = b"".join(event.recorded.data for event in await api.store.feed(after=0, limit=100))
    for value in (b"Ufficio", b"Anna", b"Volontaria", b"1980"):
        assert value not in wire
    assert b'"amount_cents":640' in wire


async def test_an_absence_passes_tutors_to_whoever_stands_in(api: Api) -> None:
    path, version = await api.approved()
    for name in ("coordinator-1", "coordinator-2"):
        assert (await api.post("/supervisors", {"supervisor": name})).status_code == 201
    assert (await api.post("/supervisors", {"supervisor": "coordinator-1"})).status_code == 409
    assert await refused(api, f"{path}/supervisor", {"supervisor": "coordinator-3"}, version) == "supervisor-unknown"
    await api.done(f"{path}/supervisor", {"supervisor": "coordinator-1"}, version)

    absence = {"supervisor": "coordinator-1", "absent_from": api.day(0), "absent_until": api.day(3), "substitute": "coordinator-2"}
    by_themselves = {**absence, "substitute": "coordinator-1"}
    assert await refused(api, f"/supervisor-absences/{new_id()}", by_themselves) == "invalid"
    await api.done(f"/supervisor-absences/{new_id()}", absence)
    back = {"supervisor": "coordinator-2", "absent_from": api.day(2), "absent_until": api.day(4), "substitute": "coordinator-1"}
    assert await refused(api, f"/supervisor-absences/{new_id()}", back) == "substitute-away"
    assert await Scheduler("tutors", api.store, api.commands, HANDLERS, api.clock).wake_due() >= 1
    await api.project()
    (item,) = (await api.get("/supervised-tutors?supervisor=coordinator-2")).json()["items"]
    assert (item["tutor_id"], item["regular"], item["reason"]) == (path.rpartition("/")[2], "coordinator-1", "absence")
    assert (await api.get("/supervised-tutors?supervisor=coordinator-1")).json()["items"] == []
    (told,) = (await api.get("/supervisor-absences")).json()["items"]
    assert (told["supervisor"], told["substitute"], told["absent_until"]) == ("coordinator-1", "coordinator-2", api.day(3))
    assert (await api.get(path)).json()["follow_up"]["supervisor"] == "coordinator-2"


async def test_another_organisation_sees_and_moves_nothing(api: Api) -> None:
    """I8: supervisors, absences, resolutions and expenses are those of the organisation that keeps the register."""
    path, version = await api.approved()
    await api.done("/supervisors", {"supervisor": "coordinator-1"})
    version = await api.done(f"{path}/supervisor", {"supervisor": "coordinator-1"}, version)
    await api.done(f"/expense-resolutions/{new_id()}", {"body": "board", "kinds": ["meals"], "minutes": "2021-04"})
    await api.project()
    other: dict[str, Any] = {"ancora_org": "another"}
    assert (await api.get("/supervised-tutors", **other)).json()["items"] == []
    assert (await api.get("/expense-resolutions", **other)).status_code == 404
    for body, what in (
        (expense(), "expenses"),
        ({"supervisor": "coordinator-1"}, "supervisor"),
        ({"section": "occasional"}, "register-section"),
    ):
        assert (await api.post(f"{path}/{what}", body, version=version, **other)).status_code == 404
    absence = {"supervisor": "coordinator-1", "absent_from": api.day(0), "absent_until": api.day(3), "substitute": "coordinator-1"}
    assert (await api.post(f"/supervisor-absences/{new_id()}", absence, **other)).status_code == 404


async def test_the_clocks_of_silence_are_paused_and_resumed(api: Api) -> None:
    _, _, _, assignment = await api.assigned()
    pause = {"paused_from": api.day(-3), "paused_until": api.day(10), "reason": "beneficiary_away", "notes": "Dalla sorella."}
    version = await api.done(f"{assignment}/silence-pauses", pause, 1)
    assert await refused(api, f"{assignment}/silence-pauses", pause, version) == "silence-already-paused"
    await api.done(f"{assignment}/silence-resumptions", {}, version)
    (told,) = (await api.get(assignment)).json()["pauses"]
    assert (told["paused_until"], told["notes"]) == (api.day(-1), "Dalla sorella.")


async def test_an_association_names_volunteers_who_come_and_go(api: Api) -> None:
    path = await api.registered(kind="association", volunteers=["Prova Prima"], runts="12345")
    volunteer = {"volunteer_id": str(new_id()), "name": "Prova Volontaria", "section": "occasional", "occurred_on": api.day(-20)}
    version = await api.done(f"{path}/volunteers", volunteer, 1)
    version = await api.done(f"{path}/volunteer-departures", {"volunteer_id": volunteer["volunteer_id"]}, version)
    version = await api.done(f"{path}/register-section", {"section": "occasional"}, version)
    told = (await api.get(path)).json()["follow_up"]
    assert told["section"] == "occasional"
    assert [(one["name"], one["until"]) for one in told["volunteers"]] == [("Prova Volontaria", api.day(0))]
