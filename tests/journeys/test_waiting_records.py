"""Records that wait for a person, through the `ancora` command: what is nobody's event, and what really failed.

They leave foreign records in Kafka, which `verify` names from then on: this module comes after the one that counts them.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from services._runtime.ids import new_id
from tests.journeys.callers import WORKER, Callers, PersonsWay
from tests.support.kafka import kafka_at
from tests.support.whole import eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.whole import Ancora

TOPIC = "ancora.intake"
RAISED = "asyncpg.exceptions.RaiseError"
_BREAK = """
create function store.break_down() returns trigger language plpgsql as $$
begin
    raise exception 'broken on purpose';
end $$;
create trigger broken before insert on store.events for each row
when (new.type = 'pathways.pathway_opened') execute function store.break_down()
"""


@pytest.fixture
def clear(ancora: Ancora) -> Ancora:
    """Have an Ancora in which nothing is parked: whatever is left of other tests is discarded."""
    for one in parked(ancora):
        done = ancora.run("parked", "discard", one["service"], str(one["id"]), "--reason", "test-record")
        assert done.returncode == 0, done.stderr
    assert parked(ancora) == []
    return ancora


@contextmanager
def no_pathway_opens(ancora: Ancora) -> Iterator[None]:
    """Have PostgreSQL refuse the events that open pathways."""
    with ancora.superuser("pathways") as connection:
        connection.execute(_BREAK)
        try:
            yield
        finally:
            connection.execute("drop trigger broken on store.events; drop function store.break_down()")


def parked(ancora: Ancora) -> list[dict[str, Any]]:
    """Return what `ancora parked list --json` says."""
    done = ancora.run("parked", "list", "--json")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["parked"]
    return found


def counting(count: int) -> Callable[[list[dict[str, Any]]], bool]:
    """Tell whether as many were found."""
    return lambda found: len(found) == count


def recorded(ancora: Ancora, service: str, kind: str) -> list[dict[str, Any]]:
    """Return the events that a service recorded about parked records, as the journal has them."""
    query = "select convert_from(value, 'utf-8')::json from messaging.journal where type = %s order by position"
    with ancora.superuser("reporting") as connection:
        return [row[0] for row in connection.execute(query, [f"{service}.parked_record_{kind}"]).fetchall()]


def discards(ancora: Ancora, service: str, place: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the discards that a service recorded of a record in this place."""
    return [event for event in recorded(ancora, service, "discarded") if event.items() >= place.items()]


async def test_a_foreign_record_is_parked_alone_shown_without_its_value_and_discarded(clear: Ancora) -> None:
    """I4, I6: by each consumer of its topic; a retry is refused in words; neighbours under the very same key go on."""
    with Callers(clear) as callers:
        way = PersonsWay(callers)
        async with kafka_at(clear.kafka) as kafka:
            await kafka.put(TOPIC, [(str(way.person).encode(), (("note", b"Amina Rossi"),), b"Amina Rossi")])
        way.enrolled().pathway()
    found = eventually(lambda: parked(clear), enough=counting(5))
    assert {(one["service"], one["consumer"]) for one in found} == {
        ("intake", "intake.process-managers"),
        ("pathways", "pathways.process-managers"),
        ("tutors", "tutors.process-managers"),
        ("reporting", "reporting.ingester"),
        ("reporting", "reporting.process-managers"),
    }
    for one in found:
        service, number = str(one["service"]), str(one["id"])
        shown = clear.run("parked", "show", service, number)
        assert (shown.returncode, "note" in shown.stdout, "Amina" in shown.stdout) == (0, True, False), shown.stderr
        refused = clear.run("parked", "retry", service, number, "--reason", "code-mended")
        assert (refused.returncode, "discard it" in refused.stderr, "Traceback" in refused.stderr) == (1, True, False)
        done = clear.run("parked", "discard", service, number, "--reason", "foreign-record")
        assert (done.returncode, done.stdout.strip()) == (0, f"{service} {number}: discarded")
    place = {name: found[0][name] for name in ("topic", "partition", "offset")}
    for one in found:
        parked_by = sum(other["service"] == one["service"] for other in found)
        said = eventually(partial(discards, clear, str(one["service"]), place), enough=counting(parked_by))
        assert [(each["reason"], each["event_id"]) for each in said] == [("foreign-record", None)] * parked_by
    assert clear.run("parked", "list").stdout.strip() == "Nothing is parked."


def test_what_failed_is_retried_and_what_waited_behind_it_is_applied_in_order(clear: Ancora, callers: Callers) -> None:
    """I3, I4: an enrolment whose pathway cannot open, an exit behind it; then the fault is mended, and a person says so."""
    way, neighbour = PersonsWay(callers), PersonsWay(callers).enrolled()
    neighbour.pathway()
    with no_pathway_opens(clear):
        way.enrolled().tell("/exit", {"reason": "moved-away", "destination": "unknown"})
        front, behind = eventually(lambda: parked(clear), enough=counting(2))
        assert (front["reason"], front["event_type"], front["waiting_behind"]) == (RAISED, "intake.beneficiary_enrolled", 1)
        assert (behind["front"], behind["event_type"]) == (front["id"], "intake.beneficiary_exited")
        status = clear.run("status")
        assert "pathways.process-managers has parked 2, which hold back 1 keys, the oldest 0:0" in status.stdout
        words = ("parked", "retry", "pathways", str(front["id"]), "--reason", "fault-passed")
        failing = clear.run(*words)
        assert (failing.returncode, f"still-failing ({RAISED})" in failing.stdout) == (1, True), failing.stderr
        early = clear.run("parked", "retry", "pathways", str(behind["id"]), "--reason", "fault-passed")
        assert (early.returncode, f"behind {front['id']}" in early.stderr) == (1, True)
    done = clear.run(*words)
    assert (done.returncode, done.stdout.strip()) == (0, f"pathways {front['id']}: handled"), done.stderr
    assert parked(clear) == []
    opened = eventually(lambda: [e for e in way.timeline() if e["type"].startswith("pathways.")], enough=counting(2))
    assert {e["type"] for e in opened} == {"pathways.pathway_opened", "pathways.pathway_closed"}
    tries = eventually(
        lambda: [e for e in recorded(clear, "pathways", "retried") if e["event_id"] == front["event_id"]], enough=counting(2)
    )
    assert [(one["outcome"], one["failure"]) for one in tries] == [("still-failing", RAISED), ("handled", None)]
    _, findings = clear.verify()
    assert {one["check"].partition(".")[0] for one in findings} <= {"kafka"}


def test_only_an_administrator_may_and_what_is_asked_wrongly_is_told_in_words(clear: Ancora, callers: Callers) -> None:
    """I8, coarsely: by the token alone. 1: refused; 2: asked wrongly."""
    worker = {"ANCORA_TOKEN": callers.token(WORKER)}
    refused = clear.run("parked", "list", **worker)
    assert (refused.returncode, "case-worker may not" in refused.stderr) == (1, True), refused.stderr
    for words, code, said in (
        (("show", "pathways", "999999"), 1, "nothing is parked under this id"),
        (("retry", "pathways", "999999", "--reason", "code-mended"), 1, "nothing is parked under this id"),
        (("retry", "pathways", "1"), 2, "--reason"),
        (("discard", "pathways", "1", "--reason", "because"), 2, "not-needed"),
        (("show", "kitchen", "1"), 2, "tutors"),
    ):
        done = clear.run("parked", *words)
        assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (code, True, False), (words, done.stderr)
    answer = callers.post("pathways", "/parked/1/discard", {"reason": "duplicate"}, Idempotency_Key=str(new_id()))
    assert answer.status_code == 403
