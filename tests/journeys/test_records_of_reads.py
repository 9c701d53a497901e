"""Who saw a person's file, on the real parts: every answer is there, also after kill -9, and none leaves unrecorded. Invariant I9."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx

from services._runtime.ids import new_id
from tests.journeys.callers import WORKER, Callers, PersonsWay
from tests.support.whole import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.whole import Ancora

OFFICER, STRANGER = "data-protection-officer.ciac", "case-worker.ics"
_RECORDED = "select correlation from store.events where correlation = any(%s)"


def test_the_officer_is_told_who_saw_a_file_in_whichever_service(ancora: Ancora) -> None:
    """I9: one entry for each answer, refusals too; all of it verified like everything else."""
    with Callers(ancora) as callers:
        way = PersonsWay(callers).enrolled()
        way.with_baseline()
        eventually(lambda: callers.get("reporting", f"/persons/{way.person}/timeline").status_code == 200)
        assert callers.get("intake", way.record).status_code == 200
        assert callers.get("intake", way.record, STRANGER).status_code == 404

        def told() -> dict[tuple[str, str, str], dict[str, Any]]:
            answer = callers.get("reporting", f"/persons/{way.person}/reads?limit=200", OFFICER)
            assert answer.status_code == 200, answer.text
            return {(one["organisation"], one["action"], one["outcome"]): one for one in reversed(answer.json()["items"])}

        wanted = {
            ("ics", "intake.read", "refused"),
            ("ciac", "intake.read", "answered"),
            ("ciac", "pathways.read", "answered"),
            ("ciac", "reporting.read-timeline", "answered"),
        }
        eventually(told, enough=lambda seen: wanted <= seen.keys())
        newest = eventually(lambda: told()["ciac", "intake.read", "answered"], enough=lambda read: "identity" in read["classes"])
        assert (newest["role"], newest["classes"]) == ("case-worker", ["contact", "identity"])
        assert newest["reader"]
        assert ancora.verify() == (0, [])


def test_where_reads_cannot_be_recorded_nothing_is_read_and_commands_go_on(ancora: Ancora) -> None:
    """I9: the answer waits for the record, or there is none."""
    with Callers(ancora) as callers:
        way = PersonsWay(callers).enrolled()
        with _no_records(ancora):
            refused = callers.get("intake", way.record)
            assert (refused.status_code, refused.json()["type"]) == (503, "urn:ancora:problem:unavailable")
            assert "Selam" not in refused.text
            version = len(way_events(ancora, way))
            noted = callers.post("intake", f"{way.record}/notes", {"text": "Una nota."}, If_Match=f'"{version}"')
            assert noted.status_code == 200, noted.text
        answer = eventually(lambda: callers.get("intake", way.record), enough=lambda one: one.status_code == 200)
        assert "Selam" in answer.text


def way_events(ancora: Ancora, way: PersonsWay) -> list[Any]:
    """Return the events of a person's record."""
    with ancora.superuser("intake") as connection:
        return connection.execute("select 1 from store.events where stream_id = %s", [f"person-{way.person}"]).fetchall()


@contextmanager
def _no_records(ancora: Ancora) -> Iterator[None]:
    """Let nobody into the database of intake's records of reads."""
    with ancora.superuser("keys") as connection:
        connection.execute("alter database ancora_intake_access connection limit 0")
        try:
            connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'ancora_intake_access'")
            yield
        finally:
            connection.execute("alter database ancora_intake_access connection limit -1")


def test_whatever_was_answered_before_a_kill_is_recorded(ancora: Ancora) -> None:
    """I9: a process that dies at any moment has answered nothing that is not stored."""
    with Callers(ancora) as callers:
        way = PersonsWay(callers).enrolled()
        token, address = callers.token(WORKER), f"{ancora.url('intake')}{way.record}"
        answered, ending = list[str](), threading.Event()

        def read() -> None:
            with httpx.Client(timeout=10) as client:
                while not ending.is_set():
                    correlation = str(new_id())
                    headers = {"Authorization": f"Bearer {token}", "X-Correlation-Id": correlation}
                    try:
                        # The first byte counts, not the whole answer.
                        with client.stream("GET", address, headers=headers) as answer:
                            if answer.status_code == 200:
                                answered.append(correlation)
                    except httpx.TransportError:
                        ending.wait(0.1)

        readers = [threading.Thread(target=read) for _ in range(8)]
        for reader in readers:
            reader.start()
        for goal in (150, 300):
            eventually(lambda goal=goal: len(answered) >= goal, within_s=60)  # type: ignore[misc] # bound here
            ancora.processes()["service-intake"].kill()
        eventually(lambda: len(answered) >= 400, within_s=60)
        ending.set()
        for reader in readers:
            reader.join()
        with ancora.superuser("intake_access") as connection:
            recorded = {str(row[0]) for row in connection.execute(_RECORDED, [answered]).fetchall()}
        assert set(answered) - recorded == set()
        assert eventually(lambda: ancora.verify() == (0, []), within_s=60)
