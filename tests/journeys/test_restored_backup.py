"""I12 on a whole Ancora: a backup that is older than what happened since, a broker that lost everything, a whole server put back."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from psycopg.sql import SQL, Identifier

from deploy.local.paths import Home
from services._runtime.provisioning import database_of, role_of
from services._runtime.store.leadership import Leadership
from services.cli.continuity import StoresBehind, require_whole_stores
from services.cli.deployment import Deployment
from services.cli.services import services as every_service
from services.reporting.projections import MODELS
from tests.journeys.callers import Callers, PersonsWay
from tests.support.backups import back_up, drop, parts_alone, restore
from tests.support.whole import ROOT, Ancora, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HASHES = {
    "journal": "select md5(string_agg(md5(row(position, source, generation, feed_position, digest, headers, value)::text), ''"
    " order by position)) from messaging.journal",
    "territory_progress": "select md5(string_agg(md5(r::text), '' order by r::text)) from read_model.territory_progress r",
    "person_timeline": "select md5(string_agg(md5(r::text), '' order by r::text)) from read_model.person_timeline r",
}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ancora]:
    """Give an Ancora of this module's own, which its tests damage one after the other."""
    whole = Ancora(Home(tmp_path_factory.mktemp("restored")))
    whole.provide_jars(ROOT / "build" / "test-stack" / "jars")
    try:
        whole.start()
        yield whole
    finally:
        whole.run("down")


@pytest.mark.timeout(900)
def test_a_store_behind_what_was_seen_of_it_comes_back_and_refills_a_broker_that_lost_everything(own: Ancora, tmp_path: Path) -> None:
    """Nothing that the world knows is taken back; personal fields since the backup are gone, and that is said.

    Kafka again holds every event of both generations; journal and read models are, by hash, what they were.
    """
    with Callers(own) as callers:
        before = PersonsWay(callers).enrolled()
        before.pathway()
        backup = back_up(own, "intake", tmp_path)
        before.admitted()
        since = PersonsWay(callers).enrolled()
        since.pathway()
        known = callers.get("intake", since.record).json()
    eventually(lambda: _journalled(own) == sum(own.events().values()))
    before_it = _hashes(own)
    with parts_alone(own):
        restore(own, "intake", backup)

    refused = own.run("up", "--detach", "--no-demo")
    assert refused.returncode == 1
    said = refused.stdout + refused.stderr
    assert "the store of intake knows less than was seen of it: its feed ends at generation 1 position 2" in said
    assert "./ancora reopen intake" in said

    reopened = own.run("reopen", "intake")
    assert reopened.returncode == 0, reopened.stderr
    assert "intake: generation 2 of its feed begins" in reopened.stdout
    assert "events came back from the journal" in reopened.stdout
    assert "2 intake.notice_given" not in reopened.stdout
    assert "Lost for good: the personal fields of " in reopened.stdout
    assert "Selam" not in reopened.stdout + reopened.stderr

    # As if that were not enough, the broker loses everything as well.
    shutil.rmtree(own.home.kafka / "data")
    own.start()
    assert "created again" in (own.home.logs / "up.log").read_text()
    assert own.verify() == (0, [])
    assert _hashes(own) == before_it

    with Callers(own) as callers:
        again = _again(callers, since)
        unreadable = callers.get("intake", since.record).json()
        assert (known["record"]["identity"]["given_names"], unreadable["record"]["identity"]["given_names"]) == ("Selam", None)
        assert unreadable["version"] == known["version"]
        assert callers.get("intake", before.record).json()["record"]["identity"]["given_names"] == "Selam"
        # What is gone is asked for once more, as anything that was never known is.
        again.tell("/identity-corrections", {"identity": known["record"]["identity"], "reason": "recorded again after a restore"})
        again.admitted()
        PersonsWay(callers).enrolled().admitted().pathway()
    eventually(lambda: _journalled(own) == sum(own.events().values()))
    with own.superuser("reporting") as connection:
        journalled = "select max(feed_position) from messaging.journal where source = 'intake' and generation = 2"
        assert (connection.execute(journalled).fetchone() or [0])[0] >= 10


@pytest.mark.timeout(900)
def test_where_the_whole_server_was_put_back_only_kafka_knows_better(own: Ancora, tmp_path: Path) -> None:
    """Stores and journal are as old as each other; what was relayed comes back all the same, in every service.

    A journal without any backup is read anew; rows of reports that are lost are made anew from it.
    """
    services = ("intake", "pathways", "reporting")
    backups = {service: back_up(own, service, tmp_path) for service in services}
    with Callers(own) as callers:
        way = PersonsWay(callers).enrolled().admitted()
        way.with_baseline()
    eventually(lambda: _journalled(own) == sum(own.events().values()))
    known = {service: _ids(own, service) for service in services}
    with parts_alone(own):
        for service, backup in backups.items():
            restore(own, service, backup)
        with pytest.raises(StoresBehind, match=r"`./ancora reopen intake` and `./ancora reopen pathways`"):
            asyncio.run(require_whole_stores(own.dsn_of_parts.format(database="postgres"), own.kafka))
        # For the journal there is not even a backup: it is read anew from Kafka.
        drop(own, "reporting")
        assert "intake is running somewhere (sequence is led): end it first" in asyncio.run(_reopened_while_led(own)).stderr
        reopened = own.run("reopen", "all", "--json")
        assert reopened.returncode == 0, reopened.stderr
        told = {one["source"]: one for one in json.loads(reopened.stdout)}
        assert {one["type"] for one in told["pathways"]["adopted"]} >= {"pathways.pathway_opened", "pathways.needs_assessed"}
        assert told["pathways"]["handled"] == 1
        assert (told["reporting"]["generation"], told["reporting"]["adopted"]) == (2, [])

    own.start()
    with Callers(own) as callers:
        assert {service: _ids(own, service) for service in services} == known
        _again(callers, way).tell("/exit", {"reason": "pathway-completed", "destination": "own-home"})
    with own.superuser("reporting") as connection:
        for model in MODELS:
            connection.execute(SQL("delete from read_model.{}").format(Identifier(model.name)))
    rebuilt = own.run("rebuild", "all")
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert rebuilt.stdout.count(" is read now, at position ") == sum(len(service.models) for service in every_service().values())
    shown = own.status()["services"][0]
    assert (shown["name"], shown["events"], shown["relay_lag"]) == ("intake", own.events()["intake"], 0)
    assert own.verify() == (0, [])


def test_a_service_that_runs_is_not_reopened(own: Ancora) -> None:
    """It would write where the past is being put in order."""
    done = own.run("reopen", "intake")
    assert done.returncode == 1
    assert "./ancora down" in done.stderr


async def _reopened_while_led(ancora: Ancora) -> subprocess.CompletedProcess[str]:
    """Reopen all while a process on some other machine, as it were, sequences intake's events."""
    deployment = Deployment(ancora.home, ancora.dsn_of_parts.format(database="postgres"), ancora.kafka, embedded=True)
    async with Leadership(deployment.dsn(database_of("intake"), role_of("intake")), "sequence", holder="elsewhere").led():
        return await asyncio.to_thread(ancora.run, "reopen", "all")


def _again(callers: Callers, way: PersonsWay) -> PersonsWay:
    """Return the same person's way for callers who have signed in anew."""
    same = PersonsWay(callers)
    same.person, same.record = way.person, way.record
    return same


def _ids(ancora: Ancora, service: str) -> set[object]:
    """Return the ids of all events that a service has stored."""
    with ancora.superuser(service) as connection:
        return {row[0] for row in connection.execute("select event_id from store.events")}


def _journalled(ancora: Ancora) -> int:
    with ancora.superuser("reporting") as connection:
        return int((connection.execute("select count(*) from messaging.journal where source not like '%.access'").fetchone() or [0])[0])


def _hashes(ancora: Ancora) -> dict[str, object]:
    with ancora.superuser("reporting") as connection:
        return {name: connection.execute(query).fetchone() for name, query in _HASHES.items()}
