"""What the `ancora` command promises of a running whole: it survives deaths, repeats and rebuilds, and ends and resumes in order."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.topics import PARTITIONS
from tests.journeys.callers import Callers, PersonsWay
from tests.support.whole import eventually

if TYPE_CHECKING:
    from tests.support.whole import Ancora

MODELS = ("territory_progress", "person_timeline", "activity", "latest_activity", "person_reads")
_HASH = "select md5(string_agg(line::text, '' order by line::text)) from ({}) lines"
_ACTIVE = "select to_jsonb(r) - 'build' as line from read_model.{} r join projecting.model m on m.name = '{}' and r.build = m.active_build"
NOTE = {"text": "Ha scritto il fratello"}


def rows(ancora: Ancora) -> dict[str, str]:
    """Return a hash of the journal and of each read model's rows that are read now, whatever build they are of."""
    with ancora.superuser("reporting") as connection:
        queries = {"journal": _HASH.format("select to_jsonb(j) as line from messaging.journal j")}
        queries |= {name: _HASH.format(_ACTIVE.format(name, name)) for name in MODELS}
        return {name: str(connection.execute(query.encode()).fetchone()) for name, query in queries.items()}


def service(ancora: Ancora, name: str) -> dict[str, Any]:
    """Return one service's part of the status."""
    (one,) = (each for each in ancora.status()["services"] if each["name"] == name)
    return dict(one)


async def all_ingested(ancora: Ancora, topic: str) -> bool:
    """Tell whether the journal's position in a topic is its end."""
    consumer = AIOKafkaConsumer(bootstrap_servers=ancora.kafka)
    await consumer.start()
    try:
        ends = await consumer.end_offsets([TopicPartition(topic, number) for number in range(PARTITIONS)])
    finally:
        await consumer.stop()
    with ancora.superuser("reporting") as connection:
        stored = connection.execute("select partition, next_offset from messaging.ingested where topic = %s", [topic]).fetchall()
    return {part.partition: end for part, end in ends.items() if end} == {part: offset for part, offset in stored if offset}


def test_up_says_that_it_runs_already(ancora: Ancora) -> None:
    """And changes nothing."""
    before = ancora.processes()
    done = ancora.run("up", "--detach", "--no-demo")
    assert (done.returncode, "already running" in done.stderr) == (1, True)
    assert ancora.processes() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rebuild", "no_such_model"], "territory_progress"),
        (["republish", "no-such-service"], "pathways"),
        (["no-such-command"], "no-such-command"),
    ],
)
def test_what_is_asked_wrongly_is_told_what_there_is(ancora: Ancora, words: list[str], said: str) -> None:
    """Exit code 2, and a text that helps."""
    done = ancora.run(*words)
    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (2, True, False), done.stderr


@pytest.mark.parametrize("words", [["verify", "--json"], ["rebuild", "activity"], ["republish", "intake"]])
def test_a_part_that_does_not_answer_is_told_in_words(ancora: Ancora, words: list[str]) -> None:
    """A refused connection is no traceback."""
    nowhere = {"ANCORA_POSTGRES": "postgresql://nobody@127.0.0.1:1/postgres", "ANCORA_KAFKA": "127.0.0.1:1"}
    done = ancora.run(*words, **nowhere, ANCORA_ISSUER="http://127.0.0.1:1")
    assert (done.returncode, "Traceback" in done.stderr, "does not answer" in done.stderr) == (1, False, True), done.stderr


def restarts(status: dict[str, Any]) -> dict[str, int]:
    """Return how often each service was started again so far."""
    return {one["name"]: one["restarts"] for one in status["services"]}


def test_services_killed_hard_come_back_and_nothing_acknowledged_is_lost(ancora: Ancora, callers: Callers) -> None:
    """I1, I2: what was answered is stored and reaches the report, whoever dies the moment after."""
    way = PersonsWay(callers).enrolled()
    way.tell("/notes", NOTE)
    before = restarts(ancora.status())
    killed = [ancora.processes()[f"service-{name}"] for name in ("intake", "reporting")]
    for process in killed:
        process.send_signal(signal.SIGKILL)
    back = eventually(
        lambda: [one for one in [ancora.status()] if all(each["state"] == "running" for each in one["services"])], within_s=60
    )
    again = {name: count - before[name] for name, count in restarts(back[0]).items()}
    assert again == {"intake": 1, "pathways": 0, "tutors": 0, "reporting": 1}
    seen = eventually(lambda: [one["type"] for one in way.timeline() if one["type"] == "intake.note_added"])
    assert len(seen) == 1
    way.tell("/notes", NOTE)
    eventually(lambda: sum(one["type"] == "intake.note_added" for one in way.timeline()) == 2)


async def test_a_feed_sent_again_changes_nothing(ancora: Ancora, callers: Callers) -> None:
    """I4, I12: every consumer drops what it has, and no event is recorded because of a repeat."""
    way = PersonsWay(callers).enrolled()
    way.pathway()
    eventually(lambda: "pathways.pathway_opened" in {one["type"] for one in way.timeline()})
    events, before = ancora.events(), rows(ancora)
    done = ancora.run("republish", "intake")
    assert (done.returncode, f"{events['intake']} events were sent again" in done.stdout) == (0, True), done.stderr
    async with asyncio.timeout(30):
        while not await all_ingested(ancora, "ancora.intake"):  # noqa: ASYNC110 - another process ingests: no event of ours tells
            await asyncio.sleep(0.2)
    eventually(lambda: max(one["progress_age_s"] for one in service(ancora, "pathways")["partitions"]) < 5)
    assert (rows(ancora), ancora.events()) == (before, events)
    assert service(ancora, "pathways")["parked"] == 0


def test_a_read_model_built_anew_is_the_same(ancora: Ancora, callers: Callers) -> None:
    """I5: a read model equals its replay, row by row."""
    PersonsWay(callers).enrolled().admitted()
    eventually(lambda: ancora.status()["models"][-1]["lag"] == 0)
    before = rows(ancora)
    done = ancora.run("rebuild", "territory_progress")
    assert (done.returncode, "is read now" in done.stdout) == (0, True), done.stderr
    assert rows(ancora) == before


def test_down_ends_every_process_and_up_goes_on_with_the_data(ancora: Ancora, callers: Callers) -> None:
    """In order: what was recorded is there again, and new events follow on."""
    way = PersonsWay(callers).enrolled().admitted()
    eventually(lambda: "intake.programme_admitted" in {one["type"] for one in way.timeline()})
    events, before, running = ancora.events(), rows(ancora), ancora.processes()
    assert {"supervisor", "service-intake", "service-issuer"} <= set(running)
    done = ancora.run("down")
    assert (done.returncode, "is down" in done.stdout) == (0, True)
    gone, alive = psutil.wait_procs(running.values(), timeout=5)
    assert (len(gone), alive, ancora.processes()) == (len(running), [], {})
    for words in (["status"], ["verify"]):
        refused = ancora.run(*words)
        assert (refused.returncode, "./ancora up" in refused.stderr) == (1, True)
    assert ancora.run("down").returncode == 0
    ancora.start()
    assert (ancora.events(), rows(ancora)) == (events, before)
    way.tell("/notes", NOTE)
    eventually(lambda: "intake.note_added" in {one["type"] for one in way.timeline()})
