"""Persons are found by name within their organisation, in memory and on PostgreSQL; what holds names is purged, and built anew."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from contracts.personal import EVERY, DataClass
from services._runtime.ids import new_id
from services._runtime.projecting.feed_source import FeedSource
from services._runtime.store.connecting import open_pool
from services._runtime.store.keyring import Key
from services._runtime.store.recording import Recorder
from services.intake.domain.name_words import words_of
from services.intake.projections.names import NameFollower, Spelt
from services.intake.projections.names_memory import MemoryNames
from services.intake.projections.names_postgres import PostgresNames
from tests.integration.intake.test_http_in import IDENTITY, enrolled
from tests.support.backups import dump, script_of
from tests.support.database import Cluster
from tests.support.intake_worlds import IntakeWorld, intake_world
from tests.support.own_server import own_server

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path


async def named(world: IntakeWorld, given: str, family: str) -> UUID:
    """Enrol a person of this name."""
    return await enrolled(world, identity=IDENTITY | {"given_names": given, "family_name": family})


async def found(world: IntakeWorld, name: str, **claims: str) -> list[str]:
    """Return the ids that a search finds."""
    answer = await world.post("/beneficiary-searches", {"name": name}, version=None, **claims)
    assert answer.status == 200, answer.content
    return [item["beneficiary_id"] for item in answer.content["items"]]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Nguyễn", "nguyen"),
        ("D'Angelo", "dangelo"),
        ("D\u2019Angelo", "D'ANGELO"),
        ("Łukasz Øster", "lukasz oster"),
        ("Müller-Strauß", "muller strauss"),
        ("Əliyev", "aliyev"),
        ("I\u017fmail İnce", "ismail ince"),
        ("\uff26atou", "fatou"),
    ],
)
def test_words_are_compared_without_accents_case_and_apostrophes(written: str, asked: str) -> None:
    assert words_of(written) == words_of(asked)


def test_words_of_other_scripts_are_compared_as_they_are_written() -> None:
    assert words_of("أحمد ሰላም") == {"احمد", "ሰላም"}
    assert words_of(" - _ ' ") == frozenset()


async def test_a_person_is_found_by_beginnings_of_their_names_in_any_order(world: IntakeWorld) -> None:
    """Whoever sits at the desk types what they heard."""
    selam, other = await named(world, "Selam Māryam", "D'Provà"), await named(world, "Selam", "Altra")
    await world.catch_up()
    for asked in ("selam maryam dprova", "DPROV", "mar sel", "d'provà"):
        assert await found(world, asked) == [str(selam)], asked
    assert await found(world, "selam") == [str(other), str(selam)]
    assert await found(world, "selam nobody") == []
    answer = await world.post("/beneficiary-searches", {"name": "dprova"})
    assert answer.content == {
        "items": [{"beneficiary_id": str(selam), "given_names": "Selam Māryam", "family_name": "D'Provà", "found_by": []}],
        "more": False,
    }


async def test_another_organisations_persons_are_not_found(world: IntakeWorld) -> None:
    """I8: filtered where it is looked for."""
    await named(world, "Selam", "Prova")
    await world.catch_up()
    assert await found(world, "prova", ancora_org="another") == []
    refused = await world.post("/beneficiary-searches", {"name": "prova"}, ancora_role="tutor-coordinator")
    assert refused.status == 403


async def test_a_corrected_name_takes_the_place_of_the_one_before(world: IntakeWorld) -> None:
    """Nobody is found by a name that was wrong."""
    person = await named(world, "Salem", "Prova")
    await world.catch_up()
    corrected = {"identity": IDENTITY | {"given_names": "Selam", "family_name": "Esempio"}, "reason": "as on the document"}
    await world.tell(person, "identity-corrections", corrected)
    await world.catch_up()
    assert await found(world, "prova") == []
    assert await found(world, "selam esempio") == [str(person)]


@pytest.mark.parametrize("name", ["", " ", "'", "a b c d e f g h i", 7, None])
async def test_what_holds_no_word_or_too_many_is_refused(world: IntakeWorld, name: object) -> None:
    """Nobody lists everybody by searching for nothing."""
    answer = await world.post("/beneficiary-searches", {"name": name})
    assert answer.status == 422


async def test_what_is_forgotten_is_found_no_more_and_does_not_come_back(world: IntakeWorld) -> None:
    """I7: an erasure purges it, and whoever builds it anew finds nothing that opens."""
    person = await named(world, "Selam", "Prova")
    await world.catch_up()
    assert await world.names.forget(person)
    assert not await world.names.forget(person)
    assert await found(world, "prova") == []


async def test_who_is_forgotten_takes_nobody_else_along_for_long(world: IntakeWorld) -> None:
    """I7, I12: what is built anew holds everybody else."""
    gone, there = await named(world, "Selam", "Prova"), await named(world, "Selam", "Resta")
    await world.catch_up()
    await world.keyring.destroy(str(gone))
    assert await world.names.forget(gone)
    await world.catch_up()
    assert await found(world, "selam") == [str(there)]


async def test_a_person_whose_key_is_gone_is_not_named(world: IntakeWorld) -> None:
    """I7: built anew after an erasure, the list holds who can still be read, and nobody else."""
    gone, there = await named(world, "Selam", "Prova"), await named(world, "Selam", "Resta")
    await world.catch_up()
    keyring = _Without(world.keyring, str(gone))
    index = MemoryNames()
    follower = NameFollower(index, FeedSource(world.store), world.store, Recorder(keyring))
    while await follower.step():
        pass
    assert [one.beneficiary_id for one in await index.find("ciac", ["selam"], limit=9)] == [there]


async def test_after_a_crash_of_the_server_the_names_are_gone_and_built_anew_from_the_store() -> None:
    """I12: unlogged tables are empty after a crash, on a standby and in a backup; that is seen, and made good."""
    async with intake_world(None) as world, own_server() as server:
        persons = [await named(world, "Selam", f"Prova{number}") for number in range(3)]
        await world.catch_up()
        cluster = Cluster(server.admin_dsn)
        await cluster.prepare()
        async with cluster.fresh("intake") as database:
            assert await _names_in(database.dsn, world) == persons
            await server.crash_and_restart()
            async with await open_pool(database.dsn) as pool:
                assert (await PostgresNames(pool).find("ciac", ["selam"], limit=9), await PostgresNames(pool).position()) == ([], 0)
            assert await _names_in(database.dsn, world) == persons


async def _names_in(dsn: str, world: IntakeWorld) -> list[UUID]:
    """Bring the names of a database level with a feed; return whom it finds."""
    async with await open_pool(dsn) as pool:
        index = PostgresNames(pool)
        follower = NameFollower(index, FeedSource(world.store), world.store, Recorder(world.keyring))
        while await follower.step():
            pass
        return [one.beneficiary_id for one in await index.find("ciac", ["selam"], limit=9)]


async def test_no_backup_holds_a_name_and_a_restored_database_builds_them_anew(cluster: Cluster, tmp_path: Path) -> None:
    """I6, I12: the tables are in the backup, so that a restored database has them, and what was in them is not."""
    async with intake_world(None) as world, cluster.fresh("intake") as database:
        persons = [await named(world, "Selam", "Provaprova")]
        await world.catch_up()
        assert await _names_in(database.dsn, world) == persons

        await asyncio.to_thread(dump, database.superuser_dsn, tmp_path / "intake.dump")

        backup = await asyncio.to_thread(script_of, tmp_path / "intake.dump")
        assert "UNLOGGED TABLE private.name_word" in backup
        assert "provaprova" not in backup.casefold()


async def test_names_that_were_kept_by_another_rule_are_built_anew(cluster: Cluster) -> None:
    """I12: an older version kept less of them, such as no other name."""
    async with intake_world(None) as world, cluster.fresh("intake") as database:
        persons = [await named(world, "Selam", "Prova")]
        await world.tell(persons[0], "aliases", {"alias_id": str(new_id()), "kind": "also-known-as", "given_names": "Ruta"})
        await world.catch_up()
        assert await _names_in(database.dsn, world) == persons
        async with await open_pool(database.dsn) as pool:
            await pool.execute("update private.person set other_names = '{}'")
            assert await _names_in(database.dsn, world) == persons
            assert [one.others for one in await PostgresNames(pool).find("ciac", ["ruta"], limit=9)] == [()]
            await pool.execute("update private.progress set rule = rule - 1")
            assert await _names_in(database.dsn, world) == persons
            assert [one.others for one in await PostgresNames(pool).find("ciac", ["ruta"], limit=9)] == [(Spelt("Ruta", None),)]


async def test_only_one_process_writes_at_a_time_and_a_purge_waits_for_it(world: IntakeWorld) -> None:
    """I7: who read a name before its erasure writes it before the purge, never after."""
    person = await named(world, "Selam", "Prova")
    await world.catch_up()
    async with world.names.writing():
        forgetting = asyncio.create_task(world.names.forget(person))
        await asyncio.sleep(0.2)
        assert not forgetting.done()
    assert await forgetting
    assert await found(world, "prova") == []


class _Without:
    """A keyring in which a person's keys were destroyed."""

    def __init__(self, keyring: object, subject: str) -> None:
        self._keyring = keyring
        self._subject = subject

    async def keys(self, wanted: Collection[tuple[str, DataClass]]) -> dict[tuple[str, DataClass], Key]:
        """Make none."""
        raise AssertionError(wanted)

    async def by_id(self, key_ids: Collection[UUID], classes: Collection[DataClass] = EVERY) -> dict[UUID, Key]:
        """Return the keys of others."""
        found: dict[UUID, Key] = await self._keyring.by_id(key_ids, classes)  # type: ignore[attr-defined]
        return {key_id: key for key_id, key in found.items() if key.subject != self._subject}

    async def destroy(self, subject: str) -> frozenset[UUID]:
        """Destroy none."""
        raise AssertionError(subject)

    def blinded(self, kind: str, value: str) -> bytes:
        """Return nothing of use."""
        raise AssertionError(kind, value)
